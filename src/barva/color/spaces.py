"""Color spaces: sRGB, linear light, CIE XYZ, CIELAB and YUV (illuminant D65, 2 degree observer).

| space | last axis | range |
|---|---|---|
| rgb | R, G, B, gamma-encoded sRGB | 0..1 |
| linear | R, G, B, proportional to light | 0..1 |
| xyz | X, Y, Z | 0..0.950, 0..1, 0..1.089 |
| lab | L, a, b | L 0..100, a about -86..98, b about -108..94 inside sRGB |
| yuv | Y, U, V | 0..1, -0.436..0.436, -0.615..0.615 |

Every function takes (..., 3) and returns a new array of the same shape. The exact ones keep the floating type that they
are given and never clip: values outside the range go through and come back. Integer code values have no range of their
own there, so `uint8` and `uint16` are refused with a `UsageError`; `lightness` and the `fast_` functions, which
are what the pipeline calls, read both directly.

The matrix is the six-digit form of BT.709's primaries that OpenCV and scikit-image use too, so that the exact and the
fast path speak of the same space; the white point is its row sums, so that white is L = 100, a = b = 0 exactly
and each gray has a = b = 0 exactly.

Sources: IEC 61966-2-1:1999 (sRGB), ITU-R BT.709-6 (primaries), CIE 15:2004 equations 8.3-8.11 (CIELAB).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.types import Float, Real

RGB_TO_XYZ: npt.NDArray[np.float64] = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
"""Linear RGB (column) to XYZ."""

WHITE: npt.NDArray[np.float64] = np.asarray(RGB_TO_XYZ.sum(axis=1))
"""(3,) XYZ of R = G = B = 1: D65 as the matrix has it."""

_RGB_TO_RELATIVE: npt.NDArray[np.float64] = np.asarray(RGB_TO_XYZ / WHITE[:, None])

RELATIVE_TO_RGB: npt.NDArray[np.float64] = np.asarray(np.linalg.inv(_RGB_TO_RELATIVE), np.float64)
"""(X/Xn, Y/Yn, Z/Zn) (column) to linear RGB; its rows sum to 1."""

DELTA = 6 / 29
"""CIELAB's cube root turns into a straight line below DELTA^3."""

_LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in luma, ITU-R BT.601
_U, _V = 0.492, 0.877


def _real(x: npt.ArrayLike) -> Real:
    """`x` as floats with three values on the last axis."""
    array = np.asarray(x)
    if array.ndim == 0 or array.shape[-1] != 3:
        raise UsageError(f"colors need three values on the last axis, not shape {array.shape}")
    return _float(array)


def _float(x: npt.ArrayLike) -> Real:
    array = np.asarray(x)
    if array.dtype.kind == "f":
        return array
    if array.dtype in (np.uint8, np.uint16) or array.dtype.kind not in "iu":
        raise UsageError(f"colors must be floats in their space's range, not {array.dtype} values")
    return array.astype(np.float64)  # [1, 1, 1] written by hand


def srgb_to_linear(rgb: npt.ArrayLike) -> Real:
    """Gamma-encoded sRGB to linear light, any shape (IEC 61966-2-1, 5.2); below 0 the straight part goes on.

    >>> float(srgb_to_linear(0.5).round(6))
    0.214041
    """
    v = _float(rgb)
    curved = ((np.maximum(v, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(v <= 0.04045, v / 12.92, curved).astype(v.dtype, copy=False)


def linear_to_srgb(linear: npt.ArrayLike) -> Real:
    """Linear light to gamma-encoded sRGB, any shape (IEC 61966-2-1, 5.3); below 0 the straight part goes on.

    >>> float(linear_to_srgb(0.214041).round(6))
    0.5
    """
    v = _float(linear)
    curved = 1.055 * np.maximum(v, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(v <= 0.0031308, 12.92 * v, curved).astype(v.dtype, copy=False)


def _mix(v: Real, matrix: npt.NDArray[np.float64]) -> Real:
    """`matrix @ v` for a matrix whose rows sum to 1, written so that grays stay gray to the last bit."""
    m = matrix.astype(v.dtype)
    first, middle, last = v[..., 0], v[..., 1], v[..., 2]
    d0, d2 = first - middle, last - middle
    return np.stack([middle + row[0] * d0 + row[2] * d2 for row in m], axis=-1)


def linear_to_xyz(linear: npt.ArrayLike) -> Real:
    """Linear RGB to XYZ, Y = 1 for white."""
    v = _real(linear)
    return _mix(v, _RGB_TO_RELATIVE) * WHITE.astype(v.dtype)


def xyz_to_linear(xyz: npt.ArrayLike) -> Real:
    """XYZ to linear RGB; outside 0..1 where sRGB cannot show the color."""
    v = _real(xyz)
    return _mix(v / WHITE.astype(v.dtype), RELATIVE_TO_RGB)


def _compress(t: Real) -> Real:
    """CIE 15:2004 equations 8.6-8.11: the cube root with a straight foot."""
    straight = t * (1 / (3 * DELTA**2)) + 4 / 29
    root = np.maximum(t, DELTA**3) ** t.dtype.type(1 / 3)  # np.cbrt takes three times as long in float32
    return np.where(t > DELTA**3, root, straight).astype(t.dtype, copy=False)


def _expand(f: Real) -> Real:
    """The inverse of `_compress`."""
    return np.where(f > DELTA, f * f * f, (f - 4 / 29) * (3 * DELTA**2)).astype(f.dtype, copy=False)


def _relative_to_lab(relative: Real) -> Real:
    f = _compress(relative)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _lab_to_relative(lab: Real) -> Real:
    y = (lab[..., 0] + 16) / 116
    return _expand(np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1))


def xyz_to_lab(xyz: npt.ArrayLike) -> Real:
    """XYZ to CIELAB (CIE 15:2004 equations 8.3-8.5)."""
    v = _real(xyz)
    return _relative_to_lab(v / WHITE.astype(v.dtype))


def lab_to_xyz(lab: npt.ArrayLike) -> Real:
    """CIELAB to XYZ."""
    v = _real(lab)
    return _lab_to_relative(v) * WHITE.astype(v.dtype)


def rgb_to_lab(rgb: npt.ArrayLike) -> Real:
    """sRGB in 0..1 to CIELAB, exactly.

    >>> rgb_to_lab([1.0, 1.0, 1.0]).tolist()
    [100.0, 0.0, 0.0]
    """
    return _relative_to_lab(_mix(srgb_to_linear(_real(rgb)), _RGB_TO_RELATIVE))


def lab_to_rgb(lab: npt.ArrayLike) -> Real:
    """CIELAB to sRGB, exactly and not clipped: outside 0..1 where sRGB cannot show the color (see `gamut.fit`)."""
    return linear_to_srgb(_mix(_lab_to_relative(_real(lab)), RELATIVE_TO_RGB))


def rgb_to_yuv(rgb: npt.ArrayLike) -> Real:
    """sRGB in 0..1 to YUV: Y = .299 R + .587 G + .114 B, U = .492 (B - Y), V = .877 (R - Y) (ITU-R BT.601).

    >>> rgb_to_yuv([1.0, 0.0, 0.0]).round(3).tolist()
    [0.299, -0.147, 0.615]
    """
    v = _real(rgb)
    r, g, b = v[..., 0], v[..., 1], v[..., 2]
    y = g + _LUMA[0] * (r - g) + _LUMA[2] * (b - g)  # the weights sum to 1; so written, grays are exact
    return np.stack([y, _U * (b - y), _V * (r - y)], axis=-1)


def yuv_to_rgb(yuv: npt.ArrayLike) -> Real:
    """YUV to sRGB, not clipped: the three lines of `rgb_to_yuv` solved."""
    v = _real(yuv)
    y = v[..., 0]
    b = y + v[..., 1] / _U
    r = y + v[..., 2] / _V
    g = y - (_LUMA[0] * (r - y) + _LUMA[2] * (b - y)) / _LUMA[1]
    return np.stack([r, g, b], axis=-1)


def depth_of(dtype: npt.DTypeLike) -> Literal[8, 16]:
    """Bits of a code value's type; `UsageError` for anything but `uint8` and `uint16`."""
    if np.dtype(dtype) == np.uint8:
        return 8
    if np.dtype(dtype) == np.uint16:
        return 16
    raise UsageError(f"code values are uint8 or uint16, not {np.dtype(dtype)}")


@lru_cache(maxsize=2)
def linear_table(depth: Literal[8, 16]) -> Float:
    """(2^depth,) linear light of each sRGB code value; read-only."""
    codes = np.arange(_size(depth)) / (_size(depth) - 1)
    return _frozen(srgb_to_linear(codes))


@lru_cache(maxsize=2)
def lightness_table(depth: Literal[8, 16]) -> Float:
    """(2^depth,) L of each gray code value; read-only. `lightness_table(8)[grey]` is the light of a gray picture.

    >>> lightness_table(8)[[0, 119, 255]].round(2).tolist()
    [0.0, 50.029998779296875, 100.0]
    """
    codes = np.arange(_size(depth)) / (_size(depth) - 1)
    return _frozen(116 * _compress(srgb_to_linear(codes)) - 16)


def _size(depth: int) -> int:
    if depth not in (8, 16):
        raise UsageError(f"depth is 8 or 16 bits, not {depth}")
    return 1 << depth


def _frozen(table: Real) -> Float:
    out = np.ascontiguousarray(table, dtype=np.float32)
    out.setflags(write=False)
    return out


def _linear(rgb: npt.NDArray[Any]) -> Float:
    """Linear light in float32 of floats in 0..1 or of code values (through a table)."""
    if rgb.ndim == 0 or rgb.shape[-1] != 3:
        raise UsageError(f"colors need three values on the last axis, not shape {rgb.shape}")
    if rgb.dtype == np.uint8 and rgb.size:
        import cv2  # cv2.LUT is twice as fast as indexing

        rows = np.ascontiguousarray(rgb).reshape(len(np.atleast_2d(rgb)), -1)
        return np.asarray(cv2.LUT(rows, linear_table(8)), dtype=np.float32).reshape(rgb.shape)
    if rgb.dtype == np.uint8:
        return np.empty(rgb.shape, np.float32)
    if rgb.dtype == np.uint16:
        return np.asarray(linear_table(16)[rgb])
    return srgb_to_linear(_real(rgb).astype(np.float32, copy=False)).astype(np.float32, copy=False)


def lightness(rgb: npt.NDArray[Any]) -> Float:
    """L (...,) in float32 of sRGB (..., 3): floats in 0..1, or `uint8` or `uint16` code values.

    As exact as float32 allows (about 1e-5), which 16 bits need; `fast_rgb_to_lab`'s L is not.
    """
    v = _linear(np.asarray(rgb))
    row = RGB_TO_XYZ[1].astype(np.float32)
    green = v[..., 1]
    y = green + row[0] * (v[..., 0] - green) + row[2] * (v[..., 2] - green)
    return np.asarray(116 * _compress(y) - 16, dtype=np.float32)


def fast_rgb_to_lab(rgb: npt.NDArray[Any]) -> Float:
    """sRGB (floats in 0..1, `uint8` or `uint16`) to CIELAB in float32 through OpenCV; clips to 0..1.

    Measured against `rgb_to_lab` on a million random colors: at most 0.005 in L and 0.04 in a and b. OpenCV's own
    gamma-encoded conversion is not used: it interpolates a coarse table and is up to 0.23 in L and 0.57 in a wrong.
    """
    import cv2

    linear = _linear(np.asarray(rgb))
    return _planes(linear, cv2.COLOR_LRGB2LAB)


def fast_lab_to_rgb(lab: npt.NDArray[Any]) -> Float:
    """CIELAB to sRGB in float32 through OpenCV, clipped to 0..1.

    Measured against `lab_to_rgb` on a million colors inside sRGB: at most 0.023 / 255 (dark tones), 2e-6 above 0.1.
    """
    import cv2

    return _planes(_real(lab).astype(np.float32, copy=False), cv2.COLOR_LAB2RGB)


def _planes(v: Float, code: int) -> Float:
    """cv2.cvtColor for any shape: it wants (rows, columns, 3)."""
    import cv2

    if not v.size:
        return v.copy()
    rows = np.ascontiguousarray(v).reshape(-1, v.shape[-2] if v.ndim > 1 else 1, 3)
    return np.asarray(cv2.cvtColor(rows, code), dtype=np.float32).reshape(v.shape)
