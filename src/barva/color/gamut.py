"""Fitting colors into sRGB by moving chroma, never light; and each picture's last step: light + chroma -> codes.

Clipping RGB instead moves L by 2.6 on average, and by up to 29, for random Lab colors (measured).

At fixed L and hue, `(L, t a, t b)` with t in 0..1 is the line from gray to the color. Along it Y stands still and X
and Z are cubes of straight lines (CIE 15:2004, equations 8.3-8.11 solved), so each linear RGB channel is a cubic of t:
no gamma is needed to find the t at which the first one leaves 0..1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from barva.color.spaces import DELTA, RELATIVE_TO_RGB, linear_to_srgb
from barva.errors import UsageError
from barva.types import Float

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

_CHUNK = 1 << 14  # pixels at a time: all intermediate arrays stay in the processor's second-level cache
_SLACK = 2e-7  # linear light; float32 noise of a color that lies exactly on sRGB's surface
_HALVINGS = 8  # of the interval in which the root is sought


def fit(lab: npt.NDArray[Any]) -> Float:
    """`lab` (..., 3) with the chroma of each color outside sRGB scaled by the largest t in 0..1 that fits.

    | | shape | range |
    |---|---|---|
    | in | (..., 3) | any L, a, b; L outside 0..100 counts as 0 or 100 |
    | out | (..., 3) float32 | inside sRGB to 1e-6 of linear light; L as it came, hue kept, colors inside untouched |
    """
    import cv2

    out = np.array(lab, dtype=np.float32, order="C")
    if out.ndim == 0 or out.shape[-1] != 3:
        raise UsageError(f"Lab needs three values on the last axis, not shape {out.shape}")
    flat = out.reshape(-1, 3)
    for start in range(0, len(flat), _CHUNK):
        part = flat[start : start + _CHUNK]
        at = _at_the_edge(cv2.cvtColor(part[:, None], cv2.COLOR_LAB2LRGB), 1)
        if at.size:
            part[at, 1:] *= _scale(part[at])[:, None]
    return out


def merge(lightness: npt.NDArray[Any], ab: npt.NDArray[Any], depth: Literal[8, 16]) -> Codes:
    """RGB code values (H, W, 3), `uint8` or `uint16`, of light (H, W) 0..100 and chroma (H, W, 2), fitted into sRGB.

    Each code c is a rounded one, so for all three channels moved together `L(c - 0.5) <= lightness <= L(c + 0.5)`,
    with a slack of 1e-3 (8 bits) or 3e-5 (16 bits, float32's own grain) in L. A gray picture's light, read with
    `lightness_table`, comes back as exactly the same codes when `ab` is 0. Works in cache-sized pieces without
    holding the GIL for long: call it on strips from several threads. Measured on one core: about 20 ns a pixel at 8 or
    16 bits, and 150 more for each pixel that has to be fitted.
    """
    import cv2

    if depth not in (8, 16):
        raise UsageError(f"depth is 8 or 16 bits, not {depth}")
    if lightness.ndim != 2 or ab.shape != (*lightness.shape, 2):
        raise UsageError(f"light (H, W) and chroma (H, W, 2) don't match: {lightness.shape} and {ab.shape}")
    light = np.ascontiguousarray(lightness, np.float32).reshape(-1, 1)
    chroma = np.ascontiguousarray(ab, np.float32).reshape(-1, 1, 2)
    out: Codes = np.empty((*lightness.shape, 3), np.uint8 if depth == 8 else np.uint16)
    flat = out.reshape(-1, 1, 3)
    encode, last = (_encode_8, _ROOTS - 1) if depth == 8 else (_encode_16, (1 << 16) - 1)
    if not out.size:
        return out
    size = min(_CHUNK, len(light))
    lab, linear = np.empty((size, 1, 3), np.float32), np.empty((size, 1, 3), np.float32)
    edges = []
    for start in range(0, len(light), _CHUNK):
        here = slice(start, min(start + _CHUNK, len(light)))
        n = here.stop - start
        cv2.mixChannels([light[here], chroma[here]], [lab[:n]], [0, 0, 1, 1, 2, 2])
        cv2.cvtColor(lab[:n], cv2.COLOR_LAB2LRGB, linear[:n])
        edges.append(_at_the_edge(encode(linear[:n], flat[here]), last) + start)
    _refit(light, chroma, np.concatenate(edges), encode, flat)
    return out


def _refit(light: Float, chroma: Float, edge: Any, encode: Callable[[Float, Any], Any], out: Any) -> None:
    """Writes the fitted color over each pixel (`edge`, indices) that was clipped."""
    import cv2

    for start in range(0, len(edge), _CHUNK):  # gathered from the whole strip: numpy's cost per call is shared
        at = edge[start : start + _CHUNK]
        lab: Float = np.concatenate([light[at, :, None], chroma[at]], axis=-1).astype(np.float32, copy=False)
        t = _scale(lab.reshape(-1, 3))
        changed = np.flatnonzero(t < 1)
        if changed.size:
            lab, at = lab[changed], at[changed]
            lab[..., 1:] *= t[changed, None, None]
            codes = np.empty(lab.shape, out.dtype)
            linear: Float = np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2LRGB), np.float32).reshape(lab.shape)
            encode(linear, codes)
            out[at] = codes


def _at_the_edge(values: Any, last: float) -> npt.NDArray[np.intp]:
    """Indices of the pixels of `values` (n, 1, 3) with a channel at 0 or `last`: OpenCV may have clipped them."""
    import cv2

    least, most = (1, last - 1) if np.issubdtype(values.dtype, np.integer) else (1e-9, last - 1e-6)
    inside = cv2.inRange(values, (least,) * 3, (most,) * 3)
    return np.flatnonzero(np.asarray(inside) == 0)


def _scale(lab: Float) -> Float:
    """t (n,) of each color (n, 3): 1 where it fits, 0 for black and white, else the root of `_excess`."""
    t = np.ones(len(lab), np.float32)
    tinted = (lab[:, 1] != 0) | (lab[:, 2] != 0)
    extreme = (lab[:, 0] <= 0) | (lab[:, 0] >= 100)
    t[tinted & extreme] = 0
    at = np.flatnonzero(tinted & ~extreme)
    at = at[_excess(lab[at])(1.0) > _SLACK]
    if at.size:
        t[at] = _root(_excess(lab[at]), at.size)
    return t


def _excess(lab: Float) -> Callable[[Any], Float]:
    """t -> how far the worst channel of (L, t a, t b) lies outside 0..1 in linear light; negative inside."""
    m = RELATIVE_TO_RGB.astype(np.float32)
    y: Float = np.asarray((lab[:, 0] + 16) / 116, np.float32)
    light = _cube(y)
    slope_x, slope_z = lab[:, 1] / 500, lab[:, 2] / -200

    def excess(t: Any) -> Float:
        x, z = _cube(y + t * slope_x) - light, _cube(y + t * slope_z) - light
        # rows of the matrix sum to 1, so each channel is Y plus a weighted distance from gray
        channels = [row[0] * x + row[2] * z + light for row in m]
        high = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
        low = np.minimum(np.minimum(channels[0], channels[1]), channels[2])
        return np.asarray(np.maximum(high - 1, -low), np.float32)

    return excess


def _cube(f: Float) -> Float:
    """f^3 with the straight foot below 6/29 (CIE 15:2004), without a branch: f^3 - tangent = (f - d)^2 (f + 2 d)."""
    d = np.float32(DELTA)
    over = np.maximum(f - d, 0)
    return np.asarray(over * over * (over + 3 * d) + (f - np.float32(4 / 29)) * (3 * d * d), np.float32)


def _root(excess: Callable[[Any], Float], n: int) -> Float:
    """The t (n,) in 0..1 where `excess` crosses 0 upwards, from the inside; excess(0) <= 0 < excess(1).

    All pixels at once and without a branch, which is four times faster than a bracketing method: eight halvings, one
    chord, one step back inside. Where two channels meet the larger of them bends upwards, so that the
    chord errs on the inside there: t is exact to 1e-6 nearly everywhere and never more than 0.004 short.
    """
    t, half = np.full(n, 0.5, np.float32), 0.5
    for _ in range(_HALVINGS - 1):
        half /= 2
        t -= np.copysign(half, excess(t))
    low, high = t - half, t + half
    f_low, f_high = excess(low), excess(high)
    slope = np.maximum((f_high - f_low) / (2 * half), 1e-6)
    t = np.clip(low - f_low / slope, low, high)
    t -= np.maximum(excess(t), 0) / slope
    return np.asarray(np.maximum(t, 0), np.float32)


_ROOTS = 1 << 18  # entries of the 8-bit table: half a step of it moves L by 4e-4 at most


@lru_cache(maxsize=1)
def _code_of_root() -> npt.NDArray[np.uint8]:
    """(_ROOTS,) 8-bit sRGB code of linear light r^2, r = index / (_ROOTS - 1): roots spend entries where eyes look."""
    root = np.arange(_ROOTS) / (_ROOTS - 1)
    return np.asarray(np.rint(linear_to_srgb(root * root) * 255), np.uint8)


def _encode_8(linear: Float, out: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Linear light in 0..1 to 8-bit codes; `linear` is spoilt. As fast as OpenCV's spline, and 30 times as exact.

    Returns integers that are 0 or the last table index where a channel lies on (or within 1e-5 of) sRGB's surface.
    """
    np.sqrt(linear, out=linear)
    linear *= _ROOTS - 1
    linear += 0.5
    index = linear.astype(np.int32)
    np.take(_code_of_root(), index, out=out, mode="clip")
    return index


def _encode_16(linear: Float, out: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Linear light in 0..1 to 16-bit codes; `linear` is spoilt. Returns the codes, as `_encode_8` its indices."""
    straight = linear <= np.float32(0.0031308)
    foot = linear * np.float32(12.92 * 65535) if straight.any() else None
    np.power(linear, np.float32(1 / 2.4), out=linear)
    linear *= np.float32(1.055 * 65535)
    linear -= np.float32(0.055 * 65535 - 0.5)
    if foot is not None:
        np.copyto(linear, foot + np.float32(0.5), where=straight)
    np.copyto(out, linear, casting="unsafe")
    return out
