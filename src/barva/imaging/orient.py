"""EXIF orientation (1 to 8) on arrays and on libvips images: of photos, and of films that players turn."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

P = TypeVar("P", bound=npt.NDArray[Any])


def swaps(orientation: int) -> bool:
    """Whether upright width is stored height."""
    return orientation >= 5


def upright(pixels: P, orientation: int) -> P:
    """(H, W) or (H, W, C) as stored to upright, contiguous. TIFF 6.0, tag 274: which corner row 0 and column 0 are."""
    if orientation <= 1 or orientation > 8:
        return pixels
    turned: Any = pixels
    if orientation >= 5:
        turned = turned.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    contiguous: Any = np.ascontiguousarray(turned)
    return cast(P, contiguous)


def as_stored(pixels: P, orientation: int) -> P:
    """The opposite of `upright`."""
    return upright(pixels, {6: 8, 8: 6}.get(orientation, orientation))


def upright_image(image: Any, orientation: int) -> Any:
    """The same for a libvips image opened for random access."""
    if orientation <= 1 or orientation > 8:
        return image
    if orientation >= 5:
        image = image.rot90().fliphor()  # the transpose
    if orientation in (2, 3, 6, 7):
        image = image.fliphor()
    if orientation in (3, 4, 7, 8):
        image = image.flipver()
    return image
