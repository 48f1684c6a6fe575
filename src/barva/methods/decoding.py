"""What networks are given, and from their raw answers to Lab chroma, in NumPy: what several methods share.

| answer | shape | what |
|---|---|---|
| logits | (Q, h, w) | over the chroma bins of `color.bins`: `decode` |
| "lab" | (2, h, w) | `ab / 110` |
| "yuv" | (2, h, w) | U and V of gamma-encoded R, G, B over `UV_MAX` |
| "rgb" | (3, h, w) | gamma-encoded R, G, B, -1..1 for 0..1 |

`training.colors` says the same in torch; a test compares the two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.color.bins import BINS
from barva.errors import WeightsError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma

Float = npt.NDArray[np.float32]

LUMA = (0.299, 0.587, 0.114)
U_SCALE, V_SCALE = 0.492, 0.877
"""Y = LUMA . (R, G, B), U = U_SCALE (B - Y), V = V_SCALE (R - Y) (source document 000, equations 1-3)."""

UV_MAX = (U_SCALE * (1 - LUMA[2]), V_SCALE * (1 - LUMA[0]))
"""The largest U (of blue) and V (of red): networks answer U and V over these, -1..1."""

_LENGTHS = np.hypot(BINS[:, 0], BINS[:, 1])

AB_MAX = 110.0
"""Networks answer a and b over this."""

NEWTON = 6
"""Steps of `uv_to_ab`: 4 leave 2e-4 Lab units on colors inside sRGB, 6 nothing that float32 shows."""


def network_input(light: Float, hints: HintMap | None) -> Float:
    """The input of networks that take hints, (4, H, W): light `L / 50 - 1`, hinted `ab / 110` times weight, and the
    weight."""
    x = np.zeros((4, *light.shape), np.float32)
    x[0] = light / 50 - 1
    if hints is not None:
        x[1:3] = hints.ab.transpose(2, 0, 1) / AB_MAX * hints.weight
        x[3] = hints.weight
    return x


def decode(logits: Float, temperature: float, lift: float = 0.0) -> Chroma:
    """Annealed mean (Zhang et al. 2016, equation 5) of (Q, h, w) logits, and the confidence: 1 minus the entropy of the
    distribution in units of log Q.

    A mean is duller than what it averages. `lift` gives chroma back where the distribution agrees on a hue: it is
    multiplied by `1 + lift r^2`, r the length of the mean over the mean length (directional statistics' resultant).
    """
    q, h, w = logits.shape
    z = logits.reshape(q, -1)
    z = z - z.max(axis=0)
    p = np.exp(z)
    total = p.sum(axis=0)
    # entropy = log(sum e^z) - sum(z e^z) / sum e^z
    entropy = np.log(total) - np.einsum("qn,qn->n", z, p) / total
    confidence = 1 - entropy / np.float32(np.log(q))
    ab = _anneal(z, temperature, lift)
    return Chroma(ab.reshape(h, w, 2), np.clip(confidence, 0, 1).reshape(h, w).astype(np.float32))


def mean(logits: Float) -> Float:
    """Chroma (h, w, 2) of the plain mean of (Q, h, w) logits: that of `decode` at temperature 1."""
    q, h, w = logits.shape
    z = logits.reshape(q, -1)
    return _anneal(z - z.max(axis=0), 1.0, 0.0).reshape(h, w, 2)


def _anneal(z: Float, temperature: float, lift: float) -> Float:
    """(N, 2) of logits (Q, N) whose largest is 0."""
    annealed = np.exp(z / np.float32(temperature))
    summed = annealed.sum(axis=0)
    ab = (BINS.T @ annealed) / summed
    if lift:
        length = (_LENGTHS @ annealed) / summed
        agreed = (ab**2).sum(axis=0) / np.maximum(length, 1e-3) ** 2
        ab = ab * (1 + np.float32(lift) * agreed)
    return np.asarray(ab.T, np.float32)


def to_ab(answer: Float, light: Float, space: str) -> Float:
    """Lab chroma (h, w, 2) of a regression `answer` (C, h, w) in `space`.

    `light` (H, W) is L 0..100 of the photo, H and W the same multiple of h and w. "rgb" names a lightness of its own;
    it is ignored, for the photo's light stays.
    """
    planes = np.ascontiguousarray(answer.transpose(1, 2, 0), np.float32)
    if space == "lab":
        return planes * np.float32(AB_MAX)
    if space == "yuv":
        return uv_to_ab(_mean_light(light, planes.shape[:2]), planes * np.array(UV_MAX, np.float32))
    if space == "rgb":
        return np.asarray(spaces.rgb_to_lab((planes + 1) / 2)[..., 1:], np.float32)
    raise WeightsError(
        "the weights card names the color space '{space}'; this version knows lab, yuv and rgb",
        code="weights.space",
        space=space,
    )


def _mean_light(light: Float, size: tuple[int, ...]) -> Float:
    (h, w), (rows, columns) = size, light.shape
    blocks = light.reshape(h, rows // h, w, columns // w)
    return np.asarray(blocks.mean((1, 3)), np.float32)


def uv_to_ab(light: Float, uv: Float) -> Float:
    """Lab chroma (h, w, 2) of the colors that have lightness `light` (h, w) and chroma U, V `uv` (h, w, 2).

    Y follows from the lightness: it solves m . linear(Y + d) = luminance(L), m the luminance row of BT.709, linear the
    sRGB curve, d = (R - Y, G - Y, B - Y), which U and V alone determine. The left side is convex and rises with Y,
    so that Newton's method from the right of the solution comes down to it without ever passing it.
    """
    b, r = uv[..., 0] / np.float32(U_SCALE), uv[..., 1] / np.float32(V_SCALE)
    g = -(LUMA[0] * r + LUMA[2] * b) / np.float32(LUMA[1])
    d = np.stack([r, g, b], axis=-1)
    m = spaces.RGB_TO_XYZ[1].astype(np.float32)
    luminance = spaces.lab_to_xyz(np.stack([light, 0 * light, 0 * light], axis=-1))[..., 1]
    y = spaces.linear_to_srgb(luminance) - d.min(axis=-1)
    for _ in range(NEWTON):
        v = y[..., None] + d
        y = y - (spaces.srgb_to_linear(v) @ m - luminance) / (_slope(v) @ m)
    return np.asarray(spaces.rgb_to_lab(y[..., None] + d)[..., 1:], np.float32)


def _slope(v: npt.NDArray[np.floating]) -> Float:
    """d linear / d v of the sRGB curve (IEC 61966-2-1, 5.2)."""
    curved = (2.4 / 1.055) * ((np.maximum(v, 0.04045) + 0.055) / 1.055) ** 1.4
    return np.where(v <= 0.04045, 1 / 12.92, curved).astype(np.float32)
