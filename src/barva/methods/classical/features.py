"""What the methods with a reference photo share: features of light, samples, regions.

Light is (H, W) float32, L 0..100. Borders are continued by their last pixel, so that pictures one pixel wide work too.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import PaintOptions, Reference
from barva.methods.classical.neighbors import nearest
from barva.runtime import encoder

Float = npt.NDArray[np.float32]
Index = npt.NDArray[np.intp]

_CELL = 8  # px, side of the places that the encoder tells apart
_KINDS = 16  # planes that are kept of what it sees


def references(options: PaintOptions, name: str, short: int) -> list[Reference]:
    """The options' references, shrunk to a short side of at most `short` px: features are of the same scale there.
    Errors: `UsageError` without any."""
    if not options.references:
        raise UsageError(
            "{method} takes its colors from a reference photo: give at least one", code="reference.wanted", method=name
        )
    return [_shrink(r, short) for r in options.references]


def _shrink(reference: Reference, short: int) -> Reference:
    h, w = reference.lab.shape[:2]
    scale = short / min(h, w)
    if scale >= 1:
        return reference
    size = max(1, round(w * scale)), max(1, round(h * scale))
    lab: Any = cv2.resize(np.ascontiguousarray(reference.lab), size, interpolation=cv2.INTER_AREA)
    labels: Any = reference.labels
    if labels is not None:
        labels = cv2.resize(labels.astype(np.float64), size, interpolation=cv2.INTER_NEAREST)
        labels = labels.reshape(size[::-1]).astype(np.int32)
    return Reference(np.asarray(lab, np.float32).reshape(*size[::-1], 3), labels)


def merge_hints(ab: Float, weight: Float, hints: HintMap | None) -> tuple[Float, Float]:
    """Chroma (H, W, 2) and weight (H, W) with the user's hints put over what a method found itself."""
    if hints is None:
        return ab, weight
    v = hints.weight[..., None]
    return ab + v * (hints.ab - ab), np.maximum(weight, hints.weight)


def encoder_features(
    light: Float, labs: list[Float], options: PaintOptions, weight: float, threads: int | None
) -> list[Float]:
    """What places show, as more features beside a method's own: planes whose squared distance is `weight`^2 times how
    unlike two places are (0..2) in the features of the encoder of `guided`.

    Args:
        light: (H, W) L 0..100 of the photo.
        labs: (h, w, 3) of each reference.
        options: with `matching` "objects"; without it there are no planes.
        weight: in units of the method's own features.
        threads: processor threads for the encoder.

    Returns:
        (H W, n) of the photo, then (h w, n) of each reference; n is 0 or `_KINDS`.
    """
    sizes = [light.shape, *(lab.shape[:2] for lab in labs)]
    if options.matching != "objects":
        return [np.zeros((size[0] * size[1], 0), np.float32) for size in sizes]
    lights = [light, *(np.ascontiguousarray(lab[..., 0]) for lab in labs)]
    grids = [(max(1, -(-size[0] // _CELL)), max(1, -(-size[1] // _CELL))) for size in sizes]
    directions = encoder.directions(lights, grids, threads)
    places = np.concatenate([x.reshape(-1, x.shape[-1]) for x in directions])
    _, vectors = np.linalg.eigh(places.T @ places)
    axes = vectors[:, -_KINDS:] * np.float32(weight)  # principal components keep most of the distances
    rows = []
    for x, size in zip(directions, sizes, strict=True):
        planes = [encoder.resize(plane, size).ravel() for plane in np.moveaxis(x @ axes, -1, 0)]
        rows.append(np.stack(planes, axis=-1))
    return rows


def remap_light(light: Float, target: Float) -> Float:
    """`light` with the mean and the deviation of `target` (Hertzmann et al. 2001; Welsh et al. 2002, section 3.1)."""
    deviation = float(light.std())
    scale = float(target.std()) / deviation if deviation > 1e-3 else 1.0
    return np.asarray((light - light.mean()) * np.float32(scale) + target.mean(), np.float32)


def mean(x: Float, side: int) -> Float:
    """Mean in the window of `side` x `side` px, (H, W) or (H, W, C)."""
    blurred: Any = cv2.blur(np.ascontiguousarray(x), (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32).reshape(x.shape)


def deviation(light: Float, side: int = 5) -> Float:
    """Standard deviation (H, W) in the window of `side` x `side` px."""
    x = light - light.mean()  # small numbers keep their digits when squared
    return np.asarray(np.sqrt(np.maximum(mean(x * x, side) - mean(x, side) ** 2, 0)), np.float32)


def frequencies(light: Float, side: int = 9, order: int = 5) -> Float:
    """(H, W, n) discrete cosine transform of each pixel's window, of the waves with u + v <= `order`.

    The first is the window's mean. Of the others only the magnitude is kept: the sign says where in the window a wave
    begins, and that changes from pixel to pixel within one texture.
    """
    i = np.arange(side)
    wave = [np.cos(np.pi * (i + 0.5) * n / side) * np.sqrt((1 if n == 0 else 2) / side) for n in range(order + 1)]
    planes = []
    for u in range(order + 1):
        for v in range(order + 1 - u):
            response: Any = cv2.sepFilter2D(
                np.ascontiguousarray(light), cv2.CV_32F, wave[v], wave[u], borderType=cv2.BORDER_REPLICATE
            )
            plane = np.asarray(response, np.float32).reshape(light.shape)
            planes.append(plane / side if u == v == 0 else np.abs(plane))
    return np.stack(planes, axis=-1)


def jittered_samples(size: tuple[int, ...], count: int, rng: np.random.Generator) -> Index:
    """(n,) flat indices of about `count` pixels of `size` (height, width), one at a random place in each cell of a
    grid."""
    height, width = size
    step = max(1.0, np.sqrt(height * width / count))
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    y = (np.arange(rows)[:, None] + rng.random((rows, columns))) * (height / rows)
    x = (np.arange(columns)[None] + rng.random((rows, columns))) * (width / columns)
    y, x = np.minimum(y.astype(np.intp), height - 1), np.minimum(x.astype(np.intp), width - 1)
    return np.unique(y * width + x)


def regions(lab: Float, count: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """(H, W) labels 0.. of at most `count` regions of like color: k-means in Lab, light counting half, then each pixel
    as most of its 5 x 5 window."""
    x = mean(lab * np.array([0.5, 1, 1], np.float32), 3).reshape(-1, 3)
    sample = x[rng.permutation(len(x))[:4000]]
    centers = sample[:1]
    while len(centers) < count:  # the farthest point next: k-means++ without its dice
        far = ((sample[:, None] - centers[None]) ** 2).sum(-1).min(axis=1)
        if far.max() < 1:
            break
        centers = np.concatenate([centers, sample[far.argmax()][None]])
    for _ in range(20):
        near = nearest(sample, centers)
        centers = np.stack([sample[near == k].mean(axis=0) if (near == k).any() else c for k, c in enumerate(centers)])
    labels = nearest(x, centers).reshape(lab.shape[:2])
    votes = np.stack([mean((labels == k).astype(np.float32), 5) for k in range(len(centers))])
    return np.unique(votes.argmax(axis=0), return_inverse=True)[1].reshape(labels.shape).astype(np.int32)
