"""Motion between frames, on light: dense optical flow both ways (DIS, Kroeger et al. 2016, arXiv 1603.03590), and how
far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from barva.types import Float

SHORT = 180
"""Short side, px, at which motion is looked for."""

LONGEST = 4
"""The long side is at most so many times the short one."""

SLACK = 1.0
"""Pixels by which there and back may miss, as a standard deviation: one more for each 20 px of motion."""

LIGHT = 0.12
"""Difference of equalized light, 0..1, that speaks against a match, as a standard deviation."""

_WIDE = 3.0  # px, the widest Gaussian that is worth its size
_EQUALIZED = 24.0  # a frame's light has this mean deviation, so that flickering brightness is no motion


@dataclass(frozen=True, eq=False)
class Step:
    """From one frame to the next, at the size of motion (h, w).

    `back` (h, w, 2): where each pixel of the later frame was, as x and y to add; `sure` (h, w) 0..1 of it. `ahead` and
    `sure_ahead`: the same from the earlier frame.
    """

    back: Float
    sure: Float
    ahead: Float
    sure_ahead: Float


def size_of(height: int, width: int) -> tuple[int, int]:
    """(h, w) at which motion is looked for: no side below 16."""
    scale = min(1.0, SHORT / min(height, width), LONGEST * SHORT / max(height, width))
    return max(16, round(height * scale)), max(16, round(width * scale))


def equalized(light: Float) -> Any:
    """Light (h, w) as uint8 of even brightness and contrast, so that flicker and fading are no motion."""
    plane = light - wide_blur(light, max(light.shape) / 8)
    spread = max(float(np.abs(plane).mean()), 1.0)
    return np.clip(128 + plane * (_EQUALIZED / spread), 0, 255).astype(np.uint8)


def step(before: Any, after: Any) -> Step:
    """The motion between two frames' equalized light (h, w) uint8."""
    library: Any = cv2  # its types leave this out
    search = library.DISOpticalFlow_create(library.DISOPTICAL_FLOW_PRESET_FAST)
    back = np.asarray(search.calc(after, before, None), np.float32)
    ahead = np.asarray(search.calc(before, after, None), np.float32)
    sure, sure_ahead = _trust(back, ahead, after, before), _trust(ahead, back, before, after)
    back, ahead = _filled(back, sure), _filled(ahead, sure_ahead)
    return Step(back, _trust(back, ahead, after, before), ahead, _trust(ahead, back, before, after))


def moved(plane: Any, flow: Float) -> Float:
    """`plane` (h, w) or (h, w, n) taken from where `flow` (h, w, 2) says each pixel was."""
    places = _places(*flow.shape[:2]) + flow
    plane = cv2.remap(plane, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(plane, np.float32)


@lru_cache(maxsize=4)
def _places(h: int, w: int) -> Float:
    """(h, w, 2): x and y of each pixel."""
    places = np.dstack(np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32)))
    places.flags.writeable = False
    return places


def wide_blur(planes: Any, sigma: float) -> Float:
    """Planes (h, w) or (h, w, n) blurred by a Gaussian of `sigma` px; a wide one at a smaller size: it is smooth."""
    (height, width), scale = planes.shape[:2], max(1.0, sigma / _WIDE)
    if scale > 1:
        size = max(1, round(width / scale)), max(1, round(height / scale))
        planes = cv2.resize(planes, size, interpolation=cv2.INTER_AREA)
    blurred: Any = cv2.GaussianBlur(planes, (0, 0), sigma / scale)
    if scale > 1:
        blurred = cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(blurred, np.float32)


def joined(near: Float, far: Float) -> Float:
    """Two motions one after the other: `near` leads to the frame that `far` starts from."""
    return near + moved(far, near)


def _filled(flow: Float, sure: Float) -> Float:
    """Motion of what is around where it is not sure: a smooth sky has none of its own to be seen, but moves along."""
    weight, (x, y) = sure + np.float32(1e-3), cv2.split(flow)
    spread = wide_blur(cv2.merge([x * weight, y * weight, weight]), min(flow.shape[:2]) / 16)
    share = 1 - sure
    around_x, around_y, total = cv2.split(spread)
    share_around = share / total
    return np.asarray(cv2.merge([x * sure + around_x * share_around, y * sure + around_y * share_around]), np.float32)


def _trust(flow: Float, other: Float, own: Any, their: Any) -> Float:
    """(h, w) 0..1: what leads back to where it came from, to the same light, inside the frame."""
    h, w = flow.shape[:2]
    x, y = cv2.split(flow)
    back_x, back_y, there = cv2.split(moved(cv2.merge([*cv2.split(other), their.astype(np.float32)]), flow))
    slack = cv2.magnitude(x, y) * np.float32(1 / 20) + np.float32(SLACK)
    miss = cv2.magnitude(x + back_x, y + back_y) / slack
    light = cv2.GaussianBlur(cv2.absdiff(own.astype(np.float32), there), (0, 0), 1.5) * np.float32(1 / 255 / LIGHT)
    to_x, to_y = cv2.split(_places(h, w) + flow)
    inside = (to_x > -1) & (to_x < w) & (to_y > -1) & (to_y < h)
    trust: Any = cv2.exp((miss * miss + light * light) * np.float32(-0.5))
    return np.asarray(trust * inside, np.float32)
