"""Palette: the answer's colors are kept near a set of colors, by hue and chroma; light has no say.

A palette color stands for the line from gray to it: shade and highlights of a red dress carry less red. Each pixel
goes towards a mean of what each color offers it, weighed by inverse distance (Shepard 1968), which has no borders.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.color import names
from barva.engine.prepare import references
from barva.errors import ReadError, UsageError
from barva.guidance.hintmap import HintMap
from barva.imaging import formats
from barva.methods.base import Chroma, Float

Colors = tuple[tuple[float, float], ...]
"""Chroma (a, b) of each color of a palette."""

STRENGTH = 0.85
"""How much of the way towards the palette a color goes."""

MOST = 8
"""Colors that a picture gives."""

_SATURATION = 1.5  # how soon a faint color gets its palette color's chroma
_NEAR = 25.0  # Lab units squared, below which distances don't tell palette colors apart
_SAMPLES = 20_000  # pixels of a picture that are clustered
_ENOUGH = 6.0  # mean distance, Lab units, of a picture's colors to its palette that needs no more colors
_APART = 10.0  # Lab units between colors of one palette taken from a picture
_BETWEEN = re.compile(r",(?![^()]*\))")  # commas outside brackets


def load_palette(source: Any) -> Colors:
    """A palette from a picture (path, bytes, Pillow image, array or `Photo`), colors as text (`"navy, #a33"`), or a
    sequence of such. `UsageError` for a gray picture or an unknown color, `ReadError`."""
    if isinstance(source, str):
        path = Path(source)
        if path.suffix.lower() in formats.suffixes():
            if not path.is_file():
                raise ReadError("{file} does not exist", code="file.missing", file=path)
            return palette_of_picture(path)
        return _from_names(_BETWEEN.split(source))
    if isinstance(source, tuple | list):
        if not all(isinstance(name, str) for name in source):
            raise UsageError("a palette is a picture, or colors as text", code="palette.kind")
        return _from_names(source)
    return palette_of_picture(source)


def _from_names(colors: Iterable[str]) -> Colors:
    chroma = []
    for text in colors:
        try:
            _, a, b = names.lab(text)
        except UsageError as error:
            raise UsageError("{place}: {problem}", code="at", place="palette", problem=error) from None
        chroma.append((a, b))
    if not chroma:
        raise UsageError("the palette is empty: at least one color is wanted", code="palette.empty")
    return tuple(dict.fromkeys(chroma))


def palette_of_picture(source: Any) -> Colors:
    """The main colors of a picture. `UsageError` for a gray one, `ReadError`."""
    if isinstance(source, Path) and source.is_dir():
        raise UsageError(
            "{folder} is a folder; a palette is a picture, or colors as text", code="palette.folder", folder=source
        )
    (reference,) = references.load_references([source])
    return cluster_colors(reference.lab[..., 1:], np.hypot(reference.lab[..., 1], reference.lab[..., 2]))


def cluster_colors(ab: Float, weight: Float) -> Colors:
    """At most `MOST` colors that stand for chroma `ab` (..., 2), each pixel counting with its weight (...): k-means
    with as few centers as leave pixels `_ENOUGH` from them on average, near ones joined."""
    flat, share = ab.reshape(-1, 2), weight.reshape(-1).astype(np.float64)
    sample = np.random.default_rng(0).choice(len(flat), _SAMPLES, p=share / share.sum())
    pixels = np.ascontiguousarray(flat[sample], np.float32)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    centers = pixels[:1]
    for count in range(1, MOST + 1):
        cv2.setRNGSeed(count)
        inertia, labels, centers = _kmeans(pixels, count, stop)
        if np.sqrt(inertia / len(pixels)) < _ENOUGH:
            break
    sizes = np.bincount(labels.ravel(), minlength=len(centers))
    main: list[tuple[float, float]] = []
    for n in np.argsort(-sizes, kind="stable"):  # the larger of two near ones stays
        a, b = float(centers[n, 0]), float(centers[n, 1])
        if all(np.hypot(a - c, b - d) >= _APART for c, d in main):
            main.append((a, b))
    return tuple(main)


def _kmeans(pixels: Float, count: int, stop: tuple[int, int, float]) -> tuple[float, Any, Any]:
    none: Any = None
    return cv2.kmeans(pixels, count, none, stop, 3, cv2.KMEANS_PP_CENTERS)


def pull_to_palette(chroma: Chroma, palette: Colors, hints: HintMap | None = None) -> Chroma:
    """`chroma` with its colors near the `palette`; the colors of `hints` belong to it."""
    if not palette:
        return chroma
    colors = (*palette, *_colors_of(hints))
    z = chroma.ab.astype(np.float32)
    total, weights = np.zeros_like(z), np.zeros((*z.shape[:2], 1), np.float32)
    for color in colors:
        nearest = _nearest_on_line(z, color)
        weight = 1 / (((z - nearest) ** 2).sum(-1, keepdims=True) + _NEAR) ** 2
        total += weight * nearest
        weights += weight
    return Chroma(np.asarray(z + STRENGTH * (total / weights - z), np.float32), chroma.confidence)


def _nearest_on_line(z: Float, color: tuple[float, float]) -> Float:
    """The point of the line from gray to `color` that suits chroma `z` (h, w, 2): its hue, and as much of its chroma as
    z has, faint colors gaining."""
    c = np.array(color, np.float32)
    length = float(np.hypot(*color))
    if length < 1e-3:
        return np.zeros_like(z)
    share = 1 - np.exp(-_SATURATION * np.hypot(z[..., 0], z[..., 1]) / length)
    return np.asarray(share[..., None] * c, np.float32)


def _colors_of(hints: HintMap | None) -> Colors:
    """The colors of hints."""
    if hints is None or not (hints.weight > 0).any():
        return ()
    ab, weight = hints.ab[hints.weight > 0], hints.weight[hints.weight > 0]
    plain = np.unique(np.rint(ab), axis=0)
    if len(plain) <= MOST:
        return tuple((float(a), float(b)) for a, b in plain)
    return cluster_colors(ab, weight)
