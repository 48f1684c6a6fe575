"""The bundled examples: the photos of `barva.photos`, without their colors."""

from __future__ import annotations

import io
from functools import lru_cache

from barva.photos import NAMES as NAMES
from barva.photos import photo
from barva.studio.sessions.store import MissingError


@lru_cache(maxsize=len(NAMES))
def png(name: str) -> bytes:
    """An example as a gray PNG file. MissingError."""
    if name not in NAMES:
        raise MissingError("there is no such example", code="missing.example")
    import numpy as np
    from PIL import Image

    from barva.color import spaces

    picture = photo(name)
    gray = np.searchsorted(spaces.lightness_table(8), spaces.lightness(picture)).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(gray).save(out, "PNG")
    return out.getvalue()
