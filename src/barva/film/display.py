"""How players show a film's frames: turned by the display matrix of the container or stream, for phones store frames on
their side; and stretched where pixels are not square, as on tapes and DVDs."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import cv2

from barva.film.planes import Codes

WIDEST = 4
"""A pixel is at most so many times as wide as high, or as high as wide; a file that says more is wrong."""


def display_matrix(frame: Any) -> tuple[int, ...]:
    """The nine numbers that a decoded frame comes with (ISO/IEC 14496-12: a b u c d v x y w); none where it has no such
    matrix."""
    stored = frame.side_data.get("DISPLAYMATRIX")
    return () if stored is None else struct.unpack("=9i", bytes(stored)[:36])


def orientation_of(matrix: Sequence[int]) -> int:
    """A display matrix as an EXIF orientation, 1 to 8: the nearest one, of a slanted picture.

    Examples:
        >>> orientation_of((0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30))  # a phone that was held upright
        6
    """
    if not matrix:
        return 1
    # a stored pixel (p, q) is shown at (a p + c q, b p + d q), rightwards and downwards
    (a, b, _), (c, d, _) = matrix[:3], matrix[3:6]
    if abs(b) + abs(c) > abs(a) + abs(d):
        return {(False, False): 5, (True, False): 6, (True, True): 7, (False, True): 8}[c < 0, b < 0]
    return {(False, False): 1, (True, False): 2, (True, True): 3, (False, True): 4}[a < 0, d < 0]


def square_size(height: int, width: int, aspect: Fraction | None) -> tuple[int, int]:
    """Rows and columns of a frame whose pixels are made square: stretched, so that nothing is lost.

    Args:
        height: Rows as stored.
        width: Columns as stored.
        aspect: Width of a pixel over its height; None where the file does not say.

    Examples:
        >>> square_size(576, 720, Fraction(64, 45))  # a wide film on a DVD
        (576, 1024)
        >>> square_size(480, 720, Fraction(8, 9))
        (540, 720)
    """
    if aspect is None or not Fraction(1, WIDEST) <= aspect <= WIDEST:
        return height, width
    return (height, round(width * aspect)) if aspect > 1 else (round(height / aspect), width)


def with_square_pixels(luma: Codes, aspect: Fraction | None) -> Codes:
    """A frame's codes (h, w), stretched by `square_size`."""
    rows, columns = square_size(luma.shape[0], luma.shape[1], aspect)
    if (rows, columns) == luma.shape:
        return luma
    stretched: Codes = cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    return stretched
