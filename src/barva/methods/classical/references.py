"""`references`: several photos of the same kind vote on each pixel's color, wherever their light came from."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.color import spaces
from barva.guidance.hintmap import HintMap
from barva.methods.base import Chroma, MethodCard, PaintOptions, SizeRule
from barva.methods.classical import features
from barva.methods.classical.affinity import PROGRAM
from barva.methods.classical.by_reference import ByReference
from barva.methods.classical.neighbors import several_nearest
from barva.methods.classical.solver import spread

Float = npt.NDArray[np.float32]

SHADING = 0.08
"""Steps of log luminance from pixel to pixel up to this are illumination (Horn 1974), larger ones are paint."""

_KINDS = 5.0  # what the encoder sees, in deviations of the other features
_SAMPLES = 1500  # pixels of each reference
_VOTES = 6  # of each reference on each pixel
_REGION = 8.0  # tried on the photos of benchmarks/references.py: 2, 8, 32
_DARK = 0.004  # luminance below which a pixel's color is noise: such colors are mixed with gray
_AGREED = 12.0  # Lab units by which votes may scatter before their mean counts half
_LEAST = 0.02  # weight of a color without any support


class References(ByReference):
    """After Liu et al. 2008: match in reflectance, transfer the color of reflectance, keep the photo's illumination.

    The paper computes reflectance from registered photos of one place; here each picture's own comes from its light
    (`reflectance`), so that any folder of like photos serves. Votes count by match; where they disagree, color
    comes from surer neighbors along the light. Hints of the user go over the votes. Errors: `UsageError` without
    a reference.
    """

    CARD: ClassVar = MethodCard(
        name="references",
        title="Intrinsic colorization from several references",
        summary="takes colors from several reference photos that vote; knows how sure it is; needs a reference",
        family="reference",
        size=SizeRule(short=192, multiple=1, longest=768),
        native_guidance=frozenset({"points", "references"}),
        needs=frozenset({"reference"}),
        propagates_hints=True,
        paper="after Liu et al. 2008, Intrinsic colorization (doi 10.1145/1409060.1409105)",
    )

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        photos = features.references(options, "references", self.CARD.size.short)
        rng = np.random.default_rng(options.seed)
        labs = [r.lab for r in photos]
        kinds = features.encoder_features(light, labs, options, _KINDS, self._threads)
        ab, confidence = votes(light, labs, rng, kinds)
        ab, weight = features.merge_hints(ab, np.maximum(confidence, _LEAST), hints)
        ab = spread(light, ab, weight, variances=PROGRAM, threads=self._threads)
        return Chroma(ab, confidence)


def votes(light: Float, labs: list[Float], rng: np.random.Generator, kinds: list[Float]) -> tuple[Float, Float]:
    """Chroma (H, W, 2) and confidence (H, W) for `light` from the pictures `labs` (h, w, 3), by their own features and
    those of `features.encoder_features`.

    Each reference's `_VOTES` nearest samples vote with `exp(-d^2 / 2 s^2)`, d the distance in `_features`, s its median
    over the best matches. How well a reference matches the region around counts `_REGION` times as much as one pixel,
    so that one that has nothing alike has no say. Colors are averaged as `chromaticity`.
    """
    target = _features(light, light)
    norm = np.maximum(target.std(axis=0), 1e-3)
    queries = np.concatenate([target / norm, kinds[0]], axis=1)
    distances, colors, around = [], [], []
    for lab, kind in zip(labs, kinds[1:], strict=True):
        at = features.jittered_samples(lab.shape[:2], _SAMPLES, rng)
        samples = np.concatenate([_features(lab[..., 0], light) / norm, kind], axis=1)[at]
        d, near = several_nearest(queries, samples, _VOTES)
        distances.append(d)
        best = (d[:, 0] ** 2).reshape(light.shape)
        around.append(np.repeat(features.mean(best, max(3, min(light.shape) // 4)).reshape(-1, 1), d.shape[1], axis=1))
        colors.append(chromaticity(lab).reshape(-1, 3)[at][near])
    d, c = np.concatenate(distances, axis=1), np.concatenate(colors, axis=1)
    s = max(float(np.median(d.min(axis=1))), 0.1)
    far = d**2 + _REGION * np.concatenate(around, axis=1)
    W = np.exp(-(far - far.min(axis=1, keepdims=True)) / (2 * s**2))
    W /= W.sum(axis=1, keepdims=True)
    mean = np.einsum("nk,nkc->nc", W, c)
    ab = relight(mean.astype(np.float32), light.reshape(-1))
    scatter = sum(W[:, i] * ((relight(c[:, i], light.reshape(-1)) - ab) ** 2).sum(axis=1) for i in range(c.shape[1]))
    confidence = np.exp(-((d.min(axis=1) / (4 * s)) ** 2)) / (1 + scatter / _AGREED**2)
    return ab.reshape(*light.shape, 2), np.asarray(confidence.reshape(light.shape), np.float32)


def _features(light: Float, like: Float) -> Float:
    """(H W, 6) what is alike in two photos of one thing under different light, in the luminance range of `like`."""
    r = features.remap_light(reflectance(light), reflectance(like))
    fine, coarse = (features.deviation(r, side) for side in (5, 15))
    waves = features.frequencies(features.remap_light(light, like), side=15, order=1)
    planes = [r, np.sqrt(fine), np.sqrt(coarse), *np.moveaxis(waves, -1, 0)]
    return np.stack([p.ravel() for p in planes], axis=-1).astype(np.float32)


def luminance(light: Float) -> Float:
    """Y 0..1 of L 0..100."""
    grey = np.zeros((*light.shape, 3), np.float32)
    grey[..., 0] = light
    return np.asarray(spaces.lab_to_xyz(grey)[..., 1], np.float32)


def reflectance(light: Float) -> Float:
    """Log reflectance (H, W) of L (H, W), by Retinex: gradients of log luminance as small as those of illumination are
    taken out, and the rest is integrated (Horn, "Determining lightness from an image", 1974).

    No light comes in over the border, so that the picture goes on mirrored: waves of the mirrored picture are the
    solutions of Poisson's equation.
    """
    y = np.log(luminance(light) + _DARK)
    h, w = y.shape
    divergence = np.zeros((h, w))
    for axis in (0, 1):
        g = np.diff(y, axis=axis)
        g = np.where(np.abs(g) > SHADING, g, 0)
        ends = [(1, 1) if n == axis else (0, 0) for n in (0, 1)]
        divergence += np.diff(np.pad(g, ends), axis=axis)
    mirrored = np.pad(divergence, ((0, h), (0, w)), mode="symmetric")
    eigen = 2 * np.cos(np.pi * np.arange(2 * h) / h)[:, None] + 2 * np.cos(np.pi * np.arange(w + 1) / w) - 4
    eigen[0, 0] = 1
    waves = np.fft.rfft2(mirrored) / eigen
    waves[0, 0] = 0
    return np.asarray(np.fft.irfft2(waves, mirrored.shape)[:h, :w] + y.mean(), np.float32)


def chromaticity(lab: Float) -> Float:
    """Linear R, G, B over luminance (..., 3): what is left of a color when the light on it changes. Gray is (1, 1, 1);
    near black it is mixed with gray."""
    linear = np.maximum(spaces.xyz_to_linear(spaces.lab_to_xyz(lab)), 0)
    Y = linear @ spaces.RGB_TO_XYZ[1].astype(linear.dtype)
    return np.asarray((linear + _DARK) / (Y + _DARK)[..., None], np.float32)


def relight(c: Float, light: Float) -> Float:
    """Chroma (..., 2) of chromaticity `c` (..., 3) in the photo's own light L (...): the inverse of `chromaticity`."""
    Y = luminance(light.reshape(1, -1)).reshape(light.shape)
    linear = np.maximum(c * (Y + _DARK)[..., None] - _DARK, 0)
    return np.asarray(spaces.xyz_to_lab(spaces.linear_to_xyz(linear))[..., 1:], np.float32)
