"""Four small color photos free of copyright, for `barva demo` and the studio (NOTICE.md has the sources)."""

from __future__ import annotations

from importlib import resources

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError

NAMES = ("astronaut", "coffee", "chelsea", "rocket")


def photo(name: str) -> npt.NDArray[np.uint8]:
    """One of the photos.

    Args:
        name: One of `NAMES`.

    Returns:
        (H, W, 3) uint8 sRGB, at most 512 px long.

    Raises:
        UsageError: There is no photo of that name.

    Examples:
        >>> photo("astronaut").shape
        (512, 512, 3)
    """
    if name not in NAMES:
        raise UsageError(f"there is no photo '{name}'; there are: {', '.join(NAMES)}")
    from PIL import Image

    with resources.files(__name__).joinpath(f"{name}.jpg").open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB"))
