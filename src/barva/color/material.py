"""How much chroma a surface of one color has at each light: less in dark folds, and less in highlights.

Measured on cars, buses, umbrellas, sofas and other things of one paint or cloth in photos with masks (152 objects):
chroma over light, relative to that at the object's own median light, fits `material_curve` with a mean error of 0.23;
a constant has 0.33, a chroma proportional to light 0.59. `benchmarks/material.py`.
"""

from __future__ import annotations

import numpy as np

from barva.types import Float

SHADE = 22.0
"""L at which the curve has risen to 1 - 1 / e from black."""

SHINE = 20.0
"""L below white at which it has risen to as much."""


def material_curve(light: Float) -> Float:
    """Chroma of one surface over light, up to a factor.

    Args:
        light: L 0..100, of any shape.

    Returns:
        0 at black and at white, nearly 1 in between; of the same shape.

    Examples:
        >>> material_curve(np.array([0, 50, 100], np.float32)).astype(float).round(2).tolist()
        [0.0, 0.82, 0.0]
    """
    x = np.clip(light, 0, 100)
    return np.asarray((1 - np.exp(-x / SHADE)) * (1 - np.exp((x - 100) / SHINE)), np.float32)


def relative_chroma(light: Float, own: float, most: float = 1.5) -> Float:
    """By what the chroma that a surface has at the light `own` changes at other lights.

    Args:
        light: L 0..100, of any shape.
        own: L 0..100 at which the chroma is known.
        most: The factor's limit; near black and white the known chroma says little about the rest.

    Returns:
        1 where `light` is `own`, 0 at black and white, at most `most`.
    """
    known = float(material_curve(np.array(min(max(own, 8.0), 95.0), np.float32)))
    return np.asarray(np.minimum(material_curve(light) / np.float32(known), most), np.float32)
