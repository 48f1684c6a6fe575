"""How players turn a film, by the display matrix of its container or stream: phones store frames on their side."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any


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
