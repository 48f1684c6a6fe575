"""Pictures that a request takes colors from, read: references, and the palette."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from barva.engine.prepare import references as reference_photos
from barva.engine.request import Request
from barva.engine.steer import palette as palettes
from barva.methods.base import MethodCard, Swatch


def request_from_sources(
    card: MethodCard, references: Iterable[Any] = (), swatches: Iterable[Swatch] = (), palette: Any = None
) -> Request:
    """A request for colors of photos, or near a palette.

    Args:
        card: of the method that is to take them.
        references: paths, folders, bytes, Pillow images, arrays or `Photo`s; or one of these.
        swatches: pairs of boxes.
        palette: as `palette.load_palette`; None for none.

    Raises:
        UsageError: the method takes no swatches, a picture has no colors, or a color is unknown.
        ReadError: a picture cannot be read.
    """
    colors = () if palette is None else palettes.load_palette(palette)
    pairs: Any = (swatches,) if isinstance(swatches, Swatch) else swatches
    request = Request(swatches=pairs).check_for(card)
    return replace(request, references=reference_photos.load_references(references), palette=colors)
