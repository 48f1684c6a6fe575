"""Is anything outside an object pushed towards the opposite of the color that the object was asked to have?

A part of `obedience.py`: each case colors an object with and without marks, and looks at a ring around it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import barva
from barva.archive.album import album
from barva.color import names, spaces
from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.request import Request
from barva.engine.session import Session
from barva.guidance.marks import Guidance, Mark, Point, Region, Stroke
from barva.scene.masks import Mask

RING = 1 / 128, 1 / 16
"""The ring's distances from the object, as shares of the short side."""

PUSHED = 8.0
"""Units of ab towards the opposite of the asked color from which a pixel counts as pushed."""

ALLOWED = 0.005
"""Share of a ring's pixels that may be pushed."""

COLORS = ("red", "yellow", "lime", "cyan", "blue", "magenta")
"""The most vivid colors there are; an object is asked for the one farthest from its automatic color."""

INTRODUCTION = """
## Outside the object

{count} objects as above, each asked for the farthest of six colors: {colors}. Measured in a ring about the object,
from 1/128 to 1/16 of the short side away, against the same picture without the mark. *Pushed* is the share of the
ring's pixels that went more than {pushed:.0f} units of ab towards the opposite of the asked color, *photos* how many
have more than {allowed:.1%} of them, *moved* the share that went as far in any direction. A point and a stroke have no
border, so that what they move may be part of the object's surroundings; a region's border moves by up to 1/64 of the
short side.

| method | marks | pushed | worst | photos | moved |
|---|---|--:|--:|--:|--:|
"""


def region(thing, color: str | None, **manner: float) -> Mark:
    return Region(Mask.of(thing.inside), color, **manner)


def feathered(thing, color: str) -> Mark:
    """The region with a border as soft as the ring's inner distance, and nothing outside itself."""
    soft = cv2.GaussianBlur(thing.inside.astype(np.float32), (0, 0), min(thing.inside.shape) * RING[0])
    return Region(Mask.of(np.clip(2 * soft - 1, 0, 1) * thing.inside), color)


def stroke(thing, color: str) -> Mark:
    """Across the object's middle, as far as the object goes on both sides of it."""
    x, y = thing.at
    out = np.flatnonzero(~thing.inside[y])
    left, right = max(out[out < x], default=-1) + 1, min(out[out > x], default=thing.inside.shape[1]) - 1
    return Stroke(((int(left + (x - left) / 3), y), (int(right - (right - x) / 3), y)), color)


HUES = """
## Hues of a recolored object

The same objects in their own colors, recolored to the farthest of the six. *Spread* is how many degrees lie between the
10th and the 90th percentile of the hues of pixels of chroma over {chroma:.0f}, without a seam of 1/64 of the short
side; means of the {count} objects whose own hues spread over at least {least:.0f} degrees.

| own spread | recolored | objects above half of their own | with `keep_hues` |
|--:|--:|--:|--:|
"""
COLORED, LEAST = 8.0, 20.0

MARKS: dict[str, Callable[..., Mark]] = {
    "region": region,
    "region, strength 0.5": lambda thing, color: region(thing, color, strength=0.5),
    "region, vividness 2": lambda thing, color: region(thing, color, vividness=2.0),
    "region, no color, vividness 2": lambda thing, _: region(thing, None, vividness=2.0),
    "feathered mask": feathered,
    "point": lambda thing, color: Point(thing.at, color),
    "point, strength 0.5": lambda thing, color: Point(thing.at, color, strength=0.5),
    "stroke": stroke,
}
STEERED = ("regression",)
"""Beside the methods that take points as an input: one that does not, and is steered."""

FOR_ALL = ("region", "region, strength 0.5", "point", "stroke")
"""What every method is asked; the first one is asked for all."""


def ab_of(pixels: np.ndarray) -> np.ndarray:
    return spaces.fast_rgb_to_lab(np.ascontiguousarray(pixels))[..., 1:]


def ring_of(inside: np.ndarray) -> np.ndarray:
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near, far = (share * min(inside.shape) for share in RING)
    return (away > max(near, 1)) & (away <= far)


def figures(before: np.ndarray, after: np.ndarray, inside: np.ndarray, color: str) -> list[float]:
    """Shares of the ring that were pushed and moved; `before` and `after` are RGB."""
    went = (ab_of(after) - ab_of(before))[ring_of(inside)]
    wanted = np.array(names.lab(color)[1:])
    along = went @ (wanted / np.linalg.norm(wanted))
    return [float((along < -PUSHED).mean()), float((np.linalg.norm(went, axis=-1) > PUSHED).mean())]


def farthest(before: np.ndarray, inside: np.ndarray) -> str:
    own = ab_of(before)[inside].mean(axis=0)
    return max(COLORS, key=lambda name: float(np.linalg.norm(np.array(names.lab(name)[1:]) - own)))


def measured(colorizer: Colorizer, thing, every: bool) -> dict[str, list[float]]:
    """The figures of each case for one object; `every` asks for all of them."""
    seen, memory = colorizer.analyze(np.ascontiguousarray(thing.light)), Memory()

    def painted(mark: Mark | None, request: Request) -> np.ndarray:
        return colorizer.answer(
            seen, replace(request, guidance=None if mark is None else Guidance((mark,))), memory
        ).array()

    plain = painted(None, Request())
    color = farthest(plain, thing.inside)
    cases = MARKS if every else {name: MARKS[name] for name in FOR_ALL}
    rows = {
        name: figures(plain, painted(mark(thing, color), Request()), thing.inside, color)
        for name, mark in cases.items()
    }
    if not every:
        return rows
    palette = replace(Request(), palette=tuple(names.lab(c)[1:] for c in ("teal", "crimson", "khaki")))
    rows["region and palette"] = figures(
        painted(None, palette), painted(region(thing, color), palette), thing.inside, color
    )
    rows["region, live preview"] = previewed(colorizer, thing, color)
    rows["recolor"] = figures(thing.rgb, barva.recolor(thing.rgb, region(thing, color)).array(), thing.inside, color)
    rows["region, carried in an album"] = carried(colorizer, thing, color)
    return rows


def previewed(colorizer: Colorizer, thing, color: str) -> list[float]:
    """In a session's preview of half the photo's width."""
    session = Session(colorizer, thing.light)
    before = session.preview(thing.light.size // 4)
    session.colorize(region(thing, color))
    after = session.preview(thing.light.size // 4)
    inside = cv2.resize(thing.inside.astype(np.uint8), after.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    return figures(before, after, inside, color)


def carried(colorizer: Colorizer, thing, color: str) -> list[float]:
    """On a second photo of the album, a detail of the first."""
    top, left = (round(n * 0.06) for n in thing.light.shape)
    detail = np.s_[top:-top, left:-left]
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        Image.fromarray(thing.light).save(photos / "a.png")
        Image.fromarray(thing.light[detail]).save(photos / "b.png")
        found = []
        for name, mark in (("without", None), ("with", Guidance((region(thing, color),)))):
            out = Path(folder, name)
            album(photos, out, guide=photos / "a.png", guidance=mark or Guidance(()), colorizer=colorizer)
            found.append(np.asarray(Image.open(out / "b.color.png").convert("RGB")))
    return figures(*found, thing.inside[detail], color)


def table(colorizers: dict[str, Colorizer], found: list) -> str:
    """The section of the report."""
    text = INTRODUCTION.format(count=len(found), colors=", ".join(COLORS), pushed=PUSHED, allowed=ALLOWED)
    for n, (name, colorizer) in enumerate(colorizers.items()):
        rows = [measured(colorizer, thing, every=n == 0) for thing in found]
        for case in rows[0]:
            pushed, moved = np.array([row[case] for row in rows]).T
            text += f"| `{name}` | {case} | {pushed.mean():.2%} | {pushed.max():.2%} "
            text += f"| {(pushed > ALLOWED).sum()} | {moved.mean():.2%} |\n"
    return text


def spread(pixels: np.ndarray, inside: np.ndarray) -> float:
    """Degrees between the 10th and the 90th percentile of the hues inside; 0 where nothing has a hue."""
    a, b = ab_of(pixels)[inside].astype(np.float64).T
    z = (a + 1j * b)[np.hypot(a, b) > COLORED]
    return float(np.ptp(np.percentile(np.angle(z / z.sum(), deg=True), (10, 90)))) if len(z) else 0.0


def hues(found: list) -> str:
    """The section on `recolor`."""
    rows = []
    for thing in found:
        side = 2 * round(min(thing.inside.shape) / 64) + 1
        core = cv2.erode(np.pad(thing.inside, 1).astype(np.uint8), np.ones((side, side), np.uint8))[1:-1, 1:-1] > 0
        own = spread(thing.rgb, core)
        if own >= LEAST:
            mark = region(thing, farthest(thing.rgb, thing.inside))
            after = (barva.recolor(thing.rgb, mark, keep_hues=keep).array() for keep in (False, True))
            rows.append([own, *(spread(pixels, core) for pixels in after)])
    own, near, kept = np.array(rows).T
    text = HUES.format(count=len(rows), chroma=COLORED, least=LEAST)
    return text + f"| {own.mean():.1f} | {near.mean():.1f} | {(near > own / 2).sum()} | {kept.mean():.1f} |\n"
