"""Is this a black-and-white photo, a toned print, or a color photo?

A toned print has one color for each lightness: a and b are functions of L (nearly), because the tone lies where the
silver lies. A color photo has many colors at the same lightness. So the measure is the spread of (a, b) around a
smooth curve over L, against what noise and JPEG leave on a print.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import Message

# From 39 historic photos (spread 0 to 1.8, the highest on a sepia of chroma 15) and color photos (all but
# 9 of 635 fall outside the limit).
_SPREAD, _SPREAD_PER_CHROMA = 1.5, 0.06
_CAST = 2.5  # median chroma below which a print counts as neutral: yellowed paper, a scanner's cast

# Hue ranges in degrees: brown and yellow, cyan and blue, purple and red; what is left (green) has no name of its own.
_HUES = (("sepia", 40, 115), ("toned", 115, 195), ("cyanotype", 195, 300), ("selenium", 300, 400))

_PRINTS = {
    "sepia": Message("a sepia print (hue {hue}°, chroma {chroma})", code="tone.sepia"),
    "toned": Message("a toned print (hue {hue}°, chroma {chroma})", code="tone.toned"),
    "cyanotype": Message("a cyanotype print (hue {hue}°, chroma {chroma})", code="tone.cyanotype"),
    "selenium": Message("a selenium print (hue {hue}°, chroma {chroma})", code="tone.selenium"),
}
_SIDE = 192  # enough to see colors, small enough that noise and chroma blocks average out


@dataclass(frozen=True)
class Tone:
    """`kind`: 'neutral', 'sepia', 'cyanotype', 'selenium', 'toned' (some other single tone) or 'color'.

    `hue` (degrees in Lab, 0 is red-purple, 90 yellow) and `chroma` are those of the middle tones; `spread` is the
    chroma left around the tone's curve (Lab units); `text` is a sentence for the report.
    """

    kind: str
    hue: float
    chroma: float
    spread: float
    text: Message


def measure(rgb: npt.NDArray[np.float32]) -> Tone:
    """The tone of a gamma-encoded sRGB picture, float32 (h, w, 3) in 0..1; a small copy (short side 256) is enough."""
    lab = _lab(rgb)
    L, ab = lab[:, 0], lab[:, 1:]
    residual = np.hypot(*(ab - _curve(L, ab)).T)
    # A stamp, a stain or a thumb at the edge must not decide: no residual counts for more than 20.
    spread = float(np.sqrt(np.mean(np.minimum(residual, 20.0) ** 2)))
    middle = (L > 20) & (L < 90)
    a, b = np.median(ab[middle] if np.count_nonzero(middle) > 0.05 * len(L) else ab, axis=0).tolist()
    return _name(math.degrees(math.atan2(b, a)) % 360, math.hypot(a, b), spread)


def _name(hue: float, chroma: float, spread: float) -> Tone:
    if spread > _SPREAD + _SPREAD_PER_CHROMA * chroma:
        text = Message("a color photo; only its light is used", code="tone.color")
        return Tone("color", hue, chroma, spread, text)
    if chroma < _CAST:
        neutral = Message("a neutral black-and-white photo", code="tone.neutral")
        cast = Message("a neutral black-and-white photo with a slight cast", code="tone.neutral-cast")
        return Tone("neutral", hue, chroma, spread, cast if chroma >= 1 else neutral)
    kind = next(name for name, start, end in _HUES if (hue - start) % 360 < (end - start) % 360)
    text = _PRINTS[kind].with_values(hue=f"{hue:.0f}", chroma=f"{chroma:.0f}")
    return Tone(kind, hue, chroma, spread, text)


def _curve(L: npt.NDArray[np.float32], ab: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(n, 2): what a and b should be at each L if the picture had a single tone.

    Medians over bins of L, smoothed and interpolated.
    """
    bins = np.clip((L / 4).astype(np.intp), 0, 24)
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins, minlength=25)
    groups = np.split(ab[order], np.cumsum(counts)[:-1])
    middles = np.array([np.median(g, axis=0) if len(g) else (0.0, 0.0) for g in groups], np.float32)
    # Each bin listens to its neighbors by their number of pixels, so that a few odd pixels make no curve of their own.
    weight = np.convolve(counts, (1, 2, 1), "same").astype(np.float32)
    sums = np.stack([np.convolve(middles[:, i] * counts, (1, 2, 1), "same") for i in (0, 1)], axis=1)
    smooth = sums[weight > 0] / weight[weight > 0][:, None]
    centers = (np.arange(25, dtype=np.float32) * 4 + 2)[weight > 0]
    return np.stack([np.interp(L, centers, smooth[:, i]) for i in (0, 1)], axis=1).astype(np.float32)


def _lab(rgb: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(n, 3) Lab of a small, slightly smoothed copy."""
    import cv2

    h, w = rgb.shape[:2]
    scale = min(1.0, _SIDE / min(h, w))
    small: Any = rgb
    if scale < 1:
        small = cv2.resize(rgb, (max(1, round(w * scale)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA)
    lab: Any = cv2.cvtColor(np.ascontiguousarray(small, np.float32), cv2.COLOR_RGB2LAB)
    lab = cv2.blur(lab, (3, 3))
    return np.asarray(lab, np.float32).reshape(-1, 3)
