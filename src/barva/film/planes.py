"""Luma and chroma as films code them (ITU-R BT.601, BT.709, BT.2020): luma to light, and chroma beside a luma that
stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.types import Float

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
"""Kr and Kb of each matrix: luma is `Kr R + (1 - Kr - Kb) G + Kb B`, of gamma-encoded channels."""

_TINY = np.float32(1e-6)


@dataclass(frozen=True)
class Coding:
    """How numbers stand for light.

    Args:
        matrix: One of `WEIGHTS`.
        full: Codes use their whole range; else 16..235 for luma and 16..240 for chroma, of 8 bits.
        bits: 8 or 10.
        half_width: Chroma planes have half the columns.
        half_height: Chroma planes have half the rows.
    """

    matrix: str = "bt709"
    full: bool = False
    bits: int = 8
    half_width: bool = True
    half_height: bool = True

    @property
    def pixel_format(self) -> str:
        """As FFmpeg calls it."""
        layout = {(True, True): "420", (True, False): "422", (False, False): "444", (False, True): "440"}
        return f"yuv{layout[self.half_width, self.half_height]}p{'' if self.bits == 8 else '10le'}"

    def chroma_size(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of the chroma planes of a frame."""
        return -(-height // 2) if self.half_height else height, -(-width // 2) if self.half_width else width

    @property
    def span(self) -> tuple[float, float]:
        """Luma codes of black and white."""
        unit = 1 << (self.bits - 8)
        return (0.0, float((1 << self.bits) - 1)) if self.full else (16.0 * unit, 235.0 * unit)

    @property
    def chroma_span(self) -> tuple[float, float]:
        """The chroma code of gray, and how many codes stand for 1."""
        unit = 1 << (self.bits - 8)
        return 128.0 * unit, float((1 << self.bits) - 1) if self.full else 224.0 * unit


@lru_cache(maxsize=8)
def light_table(coding: Coding) -> npt.NDArray[np.float32]:
    """L 0..100 of each luma code: that of the gray with this luma."""
    code = np.rint(gray_table(coding) * 65535).astype(np.uint16)
    table = np.asarray(spaces.lightness_table(16)[code], np.float32)
    table.flags.writeable = False
    return table


@lru_cache(maxsize=8)
def gray_table(coding: Coding) -> npt.NDArray[np.float32]:
    """The gamma-encoded gray 0..1 that each luma code stands for."""
    black, white = coding.span
    table = np.clip((np.arange(1 << coding.bits) - black) / (white - black), 0, 1).astype(np.float32)
    table.flags.writeable = False
    return np.asarray(table, np.float32)


def gray_of(luma: Codes, coding: Coding) -> Float:
    """The gamma-encoded gray (H, W) 0..1 that luma codes stand for."""
    return _values_in(luma, gray_table(coding))


def light_of(luma: Codes, coding: Coding) -> Float:
    """L (H, W) 0..100 of luma codes."""
    return _values_in(luma, light_table(coding))


def _values_in(luma: Codes, table: npt.NDArray[np.float32]) -> Float:
    """`table[luma]`; OpenCV is five times faster with 8 bits."""
    return np.asarray(table[luma] if luma.dtype == np.uint16 or not luma.size else cv2.LUT(luma, table), np.float32)


def chroma_planes(luma: Codes, ab: Float, coding: Coding) -> tuple[Codes, Codes]:
    """Cb and Cr that give a frame its color while its luma stays as it is.

    The color of light L and chroma ab is written as Y'CbCr; its own luma, which differs a little from the frame's where
    the color is strong, is dropped. What would leave RGB's range beside the frame's luma is drawn towards gray.

    Args:
        luma: (H, W) codes of the frame, or (h, w) its mean at the size of the chroma planes.
        ab: (h, w, 2) Lab chroma at that size.
        coding: How codes stand for light.

    Returns:
        Cb, Cr: (h, w) codes, uint8 or uint16.
    """
    rows, columns = ab.shape[:2]
    small: Any = luma
    if luma.shape != (rows, columns):
        small = np.asarray(cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_AREA)).reshape(rows, columns)
    y = gray_of(small, coding)
    a, b = cv2.split(ab)
    rgb = cv2.cvtColor(cv2.merge([light_of(small, coding), a, b]), cv2.COLOR_LAB2RGB)
    # differences of the channels from luma; the frame's luma takes the place of the color's own
    red, green, blue = cv2.split(cv2.transform(rgb, _differences(coding.matrix)))
    highest, lowest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    room = np.minimum((1 - y) / np.maximum(highest, _TINY), y / np.maximum(-lowest, _TINY))
    np.minimum(room, 1, out=room)
    gray, scale = coding.chroma_span
    top = (1 << coding.bits) - 1
    codes: list[Any] = []
    kr, kb = (np.float32(k) for k in WEIGHTS[coding.matrix])
    for difference, share in ((blue, kb), (red, kr)):
        plane: Any = room * difference
        plane *= np.float32(scale) / (2 * (1 - share))
        plane += np.float32(gray + 0.5)
        codes.append(np.clip(plane, 0, top, out=plane).astype(np.uint8 if coding.bits == 8 else np.uint16))
    return codes[0], codes[1]


@lru_cache(maxsize=4)
def _differences(matrix: str) -> npt.NDArray[np.float32]:
    """(3, 3): R, G and B to what each has more than luma."""
    kr, kb = WEIGHTS[matrix]
    return np.asarray(np.eye(3) - [[kr, 1 - kr - kb, kb]], np.float32)


def rgb_of(luma: Codes, cb: Codes, cr: Codes, coding: Coding) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8 sRGB of a frame, for measures and tests."""
    h, w = luma.shape
    black, white = coding.span
    gray, scale = coding.chroma_span
    y = (luma.astype(np.float32) - black) / (white - black)
    u, v = (np.asarray(cv2.resize((p.astype(np.float32) - gray) / scale, (w, h))) for p in (cb, cr))
    kr, kb = WEIGHTS[coding.matrix]
    r, b = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return np.asarray(np.rint(np.clip(np.dstack([r, g, b]), 0, 1) * 255), np.uint8)
