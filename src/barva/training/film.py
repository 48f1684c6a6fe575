"""Old photographs simulated on the input light, never on the target chroma.

| what | how |
|---|---|
| emulsion | panchromatic weights mixed with one of `EMULSIONS`: orthochromatic plates turn red lips black |
| development | gamma, log-normal around 1 |
| print | blacks lifted to 0..0.15, whites fallen to 0.85..1; a slow unevenness (fading, vignette) |
| lens, motion | Gaussian blur |
| grain | noise, strongest in the middle tones, of one to two pixels |
| wear | scratches along the film, dust |
| scan | JPEG of quality 30 to 90 |
"""

from __future__ import annotations

from typing import Any

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
"""Weights of gamma-encoded R, G, B in the light that each emulsion (or filter before a panchromatic one) records.

Three-band stand-ins for the spectral curves: orthochromatic plates (1880s-1920s) end at about 580 nm, blue-sensitive
ones (collodion, early gelatine) at about 500 nm; a K2 yellow filter cuts below 480 nm, a 25 red one below 590 nm.
"""

_CHANCES = (0.5, 0.25, 0.07, 0.1, 0.08)


def simulate(rgb: Float, rng: np.random.Generator) -> Float:
    """L (H, W) 0..100 of an old print of `rgb` (H, W, 3) sRGB 0..1: emulsion, development, print, wear, scan."""
    y = print_photo(expose(rgb, rng), rng)
    if rng.random() < 0.3:
        y = np.asarray(cv2.GaussianBlur(y, (0, 0), float(rng.uniform(0.3, 1.0))), np.float32)
    if rng.random() < 0.5:
        y = add_grain(y, rng)
    if rng.random() < 0.15:
        y = add_wear(y, rng)
    if rng.random() < 0.3:
        y = scan(y, rng)
    code = np.rint(np.clip(y, 0, 1) * 65535).astype(np.uint16)
    return spaces.lightness_table(16)[code]


def expose(rgb: Float, rng: np.random.Generator) -> Float:
    """What the emulsion records (H, W) 0..1, developed."""
    names = list(EMULSIONS)
    weights = np.array(EMULSIONS[names[int(rng.choice(len(names), p=_CHANCES))]])
    mix = rng.uniform(0.0, 1.0)
    y = rgb @ (mix * weights + (1 - mix) * np.array(EMULSIONS["panchromatic"])).astype(np.float32)
    return np.asarray(np.clip(y, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25))), np.float32)


def print_photo(y: Float, rng: np.random.Generator) -> Float:
    """The print, faded; in a third of them more on one side than on the other."""
    black, white = rng.uniform(0, 0.15), rng.uniform(0.85, 1.0)
    y = np.asarray(black + (white - black) * y, np.float32)
    if rng.random() < 0.33:
        corners = rng.uniform(-0.12, 0.12, (2, 2)).astype(np.float32)
        uneven: Any = cv2.resize(corners, (y.shape[1], y.shape[0]), interpolation=cv2.INTER_LINEAR)
        y = y + np.asarray(uneven, np.float32)
    return y


def add_grain(y: Float, rng: np.random.Generator) -> Float:
    """Grain: its clumps are one to two pixels wide, and it shows most in the middle tones."""
    noise = rng.standard_normal(y.shape, dtype=np.float32)
    if rng.random() < 0.5:
        noise = np.asarray(cv2.blur(noise, (2, 2)), np.float32) * 2
    tone = 0.4 + 2.4 * np.clip(y, 0, 1) * (1 - np.clip(y, 0, 1))
    return np.asarray(y + noise * tone * np.float32(rng.uniform(0, 0.04)), np.float32)


def add_wear(y: Float, rng: np.random.Generator) -> Float:
    """A few nearly upright scratches and specks of dust, black or white."""
    h, w = y.shape
    y = y.copy()
    for _ in range(int(rng.integers(1, 4))):
        x, lean = int(rng.integers(w)), int(rng.integers(-w // 8, w // 8 + 1))
        cv2.line(y, (x, 0), (x + lean, h - 1), float(rng.choice([0.05, 0.95])), 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 8))):
        spot = (int(rng.integers(w)), int(rng.integers(h)))
        cv2.circle(y, spot, int(rng.integers(0, max(1, min(h, w) // 64) + 1)), float(rng.choice([0.1, 0.95])), -1)
    return y


def scan(y: Float, rng: np.random.Generator) -> Float:
    """Through a JPEG file of quality 30 to 90."""
    code = np.rint(np.clip(y, 0, 1) * 255).astype(np.uint8)
    _, blob = cv2.imencode(".jpg", code, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 91))])
    back: Any = cv2.imdecode(blob, cv2.IMREAD_GRAYSCALE)
    return np.asarray(back, np.float32) / np.float32(255)
