"""Old photographs simulated on the input light, never on the target chroma.

A panchromatic film sees about what BT.601 weighs; orthochromatic plates hardly see red, blue-sensitive ones see
little but blue; yellow and red filters darken skies. Prints fade, lift their blacks, blur and grain.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import spaces

Float = npt.NDArray[np.float32]

EMULSIONS = {
    "panchromatic": (0.30, 0.59, 0.11),
    "orthochromatic": (0.05, 0.60, 0.35),
    "blue-sensitive": (0.00, 0.15, 0.85),
    "yellow filter": (0.42, 0.56, 0.02),
    "red filter": (0.85, 0.15, 0.00),
}
"""Weights of gamma-encoded R, G, B in the light that each emulsion (or filter before a panchromatic one) records."""


def simulate(rgb: Float, rng: np.random.Generator) -> Float:
    """L (H, W) 0..100 of an old print of `rgb` (H, W, 3) sRGB 0..1: emulsion, development, print, scan."""
    names = list(EMULSIONS)
    weights = np.array(EMULSIONS[names[int(rng.choice(5, p=(0.5, 0.25, 0.05, 0.12, 0.08)))]])
    mix = rng.uniform(0.0, 1.0)
    y = rgb @ (mix * weights + (1 - mix) * np.array(EMULSIONS["panchromatic"])).astype(np.float32)
    y = np.clip(y, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25)))
    black, white = rng.uniform(0, 0.15), rng.uniform(0.85, 1.0)
    y = black + (white - black) * y
    if rng.random() < 0.3:
        y = np.asarray(cv2.GaussianBlur(y, (0, 0), float(rng.uniform(0.3, 1.0))), np.float32)
    if rng.random() < 0.5:
        y = y + rng.normal(0, rng.uniform(0, 0.04), y.shape).astype(np.float32)
    code = np.rint(np.clip(y, 0, 1) * 65535).astype(np.uint16)
    return spaces.lightness_table(16)[code]
