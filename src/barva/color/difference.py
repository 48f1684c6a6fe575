"""Color differences between Lab colors: CIEDE2000 and the Euclidean one of 1976.

| quantity | shape | range |
|---|---|---|
| `lab1`, `lab2` | (..., 3), broadcast against each other | L 0..100 |
| difference | (...,), the wider floating type of the two | 0.. |
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.types import Real


def delta_e76(lab1: npt.ArrayLike, lab2: npt.ArrayLike) -> Real:
    """Euclidean distance in Lab (CIE 1976).

    >>> float(delta_e76([50.0, 3.0, 4.0], [50.0, 0.0, 0.0]))
    5.0
    """
    one, two = _pair(lab1, lab2)
    return np.asarray(np.sqrt(((one - two) ** 2).sum(axis=-1)))


def ciede2000(lab1: npt.ArrayLike, lab2: npt.ArrayLike) -> Real:
    """CIEDE2000 with kL = kC = kH = 1.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula: implementation notes, supplementary test data,
    and mathematical observations", Color Research and Application 30(1), 2005; equation numbers below are theirs.

    >>> round(float(ciede2000([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485])), 4)
    2.0425
    """
    one, two = _pair(lab1, lab2)
    L1, a1, b1 = one[..., 0], one[..., 1], one[..., 2]
    L2, a2, b2 = two[..., 0], two[..., 1], two[..., 2]
    # step 1: a' stretches the gray axis' neighborhood (2-7)
    G = 0.5 * (1 - _seventh((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    C1, h1 = _polar((1 + G) * a1, b1)
    C2, h2 = _polar((1 + G) * a2, b2)
    # step 2: the three differences (8-11)
    dL, dC = L2 - L1, C2 - C1
    both = C1 * C2 > 0
    dh = np.where(both, _wrap(h2 - h1), 0)
    dH = 2 * np.sqrt(C1 * C2) * np.sin(dh / 2)
    # step 3: weights at the mean color (12-21)
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    h = _mean_hue(h1, h2, both)
    T = 1 - 0.17 * np.cos(h - _rad(30)) + 0.24 * np.cos(2 * h)
    T += 0.32 * np.cos(3 * h + _rad(6)) - 0.20 * np.cos(4 * h - _rad(63))
    turn = 2 * _rad(30) * np.exp(-(((h - _rad(275)) / _rad(25)) ** 2))
    RT = -2 * _seventh(C) * np.sin(turn)
    SL = 1 + 0.015 * (L - 50) ** 2 / np.sqrt(20 + (L - 50) ** 2)
    l, c, d = dL / SL, dC / (1 + 0.045 * C), dH / (1 + 0.015 * C * T)  # noqa: E741
    return np.asarray(np.sqrt(np.maximum(l * l + c * c + d * d + RT * c * d, 0)))  # (22)


def _pair(lab1: npt.ArrayLike, lab2: npt.ArrayLike) -> tuple[Real, Real]:
    one, two = np.asarray(lab1), np.asarray(lab2)
    kind = np.result_type(one, two)
    if kind.kind != "f":
        kind = np.dtype(np.float64)
    for lab in (one, two):
        if lab.ndim == 0 or lab.shape[-1] != 3:
            raise UsageError(f"Lab needs three values on the last axis, not shape {lab.shape}")
    try:
        np.broadcast_shapes(one.shape, two.shape)
    except ValueError:
        raise UsageError(f"pictures of different sizes can't be compared: {one.shape} and {two.shape}") from None
    return one.astype(kind, copy=False), two.astype(kind, copy=False)


def _rad(degrees: float) -> float:
    return degrees * np.pi / 180


def _seventh(C: Real) -> Real:
    """sqrt(C^7 / (C^7 + 25^7)), written so that float32 doesn't overflow."""
    q = (C / 25) ** 7
    return np.asarray(np.sqrt(q / (q + 1)))


def _polar(a: Real, b: Real) -> tuple[Real, Real]:
    """Chroma, and hue in 0..2 pi."""
    h = np.arctan2(b, a)
    return np.hypot(a, b), np.where(h < 0, h + 2 * np.pi, h).astype(h.dtype, copy=False)


def _wrap(angle: Real) -> Real:
    """To -pi..pi (10)."""
    angle = np.where(angle > np.pi, angle - 2 * np.pi, angle)
    return np.where(angle < -np.pi, angle + 2 * np.pi, angle)


def _mean_hue(h1: Real, h2: Real, both: npt.NDArray[np.bool_]) -> Real:
    """The hue between, on the shorter way round (14); their sum where one is gray."""
    total = h1 + h2
    far = np.abs(h1 - h2) > np.pi
    around = np.where(total < 2 * np.pi, total + 2 * np.pi, total - 2 * np.pi)
    return np.where(both, np.where(far, around, total) / 2, total)
