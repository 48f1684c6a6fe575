"""The pictures of docs/how-to/guidance.md: every way of guiding, on freely licensed photos that scikit-image carries.

    python docs/pictures.py [NAME ...]       writes docs/pictures/NAME.jpg

Each is a row: the gray photo, what was said, what came out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import barva
from barva.evaluation.benchmark import grey_of
from barva.methods.base import Swatch

FOLDER = Path(__file__).resolve().parent / "pictures"
TILE = 300
Picture = Any


def photo(name: str) -> Picture:
    """(H, W, 3) uint8, reduced so that the pictures stay small."""
    import skimage.data

    full = getattr(skimage.data, name)()
    scale = 2 * TILE / full.shape[0]
    return cv2.resize(full, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def shown(grey: Picture, marks: list[barva.Mark]) -> Picture:
    """The gray photo with the marks drawn on it."""
    from barva.guidance.resolve import coverage

    out = np.repeat(grey[..., None], 3, axis=-1).astype(np.float32)
    size = grey.shape[:2]
    for mark in marks:
        color = barva_rgb(mark.color)
        cover = coverage(mark, size, size)[..., None]
        whole = isinstance(mark, barva.Region)
        rim = np.clip(cv2.dilate(cover, np.ones((7, 7)))[..., None] - cover, 0, 1)
        out = out * (1 - rim) + 255 * rim
        share = cover * (0.65 if whole else 1.0)
        out = out * (1 - share) + color * share
    return np.rint(out).astype(np.uint8)


def barva_rgb(text: str) -> Picture:
    """(3,) 0..255 of a color as it is written."""
    from barva.color import gamut, names

    L, a, b = names.lab(text)
    ab = np.array([[[a, b]]], np.float32)
    return gamut.merge(np.array([[L]], np.float32), ab, 8)[0, 0].astype(np.float32)


def row(*tiles: Picture) -> Picture:
    """Pictures side by side at one height, white between them."""
    made = []
    for tile in tiles:
        color = tile if tile.ndim == 3 else np.repeat(tile[..., None], 3, axis=-1)
        width = round(color.shape[1] * TILE / color.shape[0])
        made += [cv2.resize(color, (width, TILE), interpolation=cv2.INTER_AREA), np.full((TILE, 6, 3), 255, np.uint8)]
    return np.hstack(made[:-1])


def guided(name: str, marks: list[barva.Mark], **settings: Any) -> Picture:
    grey = grey_of(photo(name))
    return row(
        shown(grey, marks), barva.colorize(grey).array(), barva.colorize(grey, guidance=marks, **settings).array()
    )


def cup(full: Picture) -> Picture:
    """A mask of cup and saucer in `coffee`, as one cuts an object out: a frame around it, the rest by GrabCut."""
    h, w = full.shape[:2]
    mask, models = np.zeros((h, w), np.uint8), (np.zeros((1, 65)), np.zeros((1, 65)))
    frame = (round(0.11 * w), round(0.03 * h), round(0.71 * w), round(0.95 * h))
    cv2.setRNGSeed(0)
    cv2.grabCut(full[..., ::-1].copy(), mask, frame, *models, 5, cv2.GC_INIT_WITH_RECT)
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    return 255 * cv2.morphologyEx(inside, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))


def points() -> Picture:
    """Three clicks on the astronaut's suit and the flag."""
    return guided("astronaut", [
        barva.Point((0.62, 0.80), "orange", "share"), barva.Point((0.30, 0.83), "orange", "share"),
        barva.Point((0.04, 0.2), "navy", "share"),
    ])  # fmt: skip


def strokes() -> Picture:
    return guided("chelsea", [barva.Stroke(((0.30, 0.20), (0.45, 0.12), (0.62, 0.2)), "#c77a3a", None, "share")])


def regions() -> Picture:
    return guided("rocket", [barva.Region(barva.Box(0.0, 0.0, 1.0, 0.62), "#3a5f9c", "share")])


def masks() -> Picture:
    """The source documents' example: a mask that sets the colors and where they go."""
    grey = grey_of(photo("coffee"))
    marks = [barva.Region(barva.Mask.of(cup(photo("coffee"))), "teal")]
    return row(shown(grey, marks), barva.colorize(grey).array(), barva.colorize(grey, guidance=marks).array())


def references() -> Picture:
    """One half of a photo, in color, tells the other half's colors."""
    full = photo("chelsea")
    half = full.shape[1] // 2
    grey = grey_of(full)
    return row(grey, full[:, :half], barva.colorize(grey, references=[full[:, :half]], method="references").array())


def swatches() -> Picture:
    """A box of the gray cat takes its colors from a box of the coffee photo's table."""
    grey, other = grey_of(photo("chelsea")), photo("coffee")
    pairs = [Swatch((0.0, 0.75, 0.35, 1.0), (0.0, 0.0, 1.0, 1.0))]
    made = barva.Colorizer("welsh", references=[other], swatches=pairs)
    return row(grey, other, made.colorize(grey).array())


def strength() -> Picture:
    """The same region held not at all, by half, in full."""
    full = photo("coffee")
    grey, mask = grey_of(full), barva.Mask.of(cup(full))
    made = [barva.colorize(grey, guidance=barva.Region(mask, "teal", strength=s)).array() for s in (0.0, 0.5, 1.0)]
    return row(*made)


def variants() -> Picture:
    results = barva.Colorizer().variants(grey_of(photo("coffee")), 4, seed=1)
    return row(*(r.array() for r in results))


def confidence() -> Picture:
    grey = grey_of(photo("astronaut"))
    result = barva.colorize(grey)
    sure = cv2.resize(result.confidence, grey.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return row(grey, np.rint(255 * sure).astype(np.uint8), result.array())


def recolor() -> Picture:
    full = photo("coffee")
    region = barva.Region(barva.Mask.of(cup(full)), "navy")
    return row(full, shown(grey_of(full), [region]), barva.recolor(full, region).array())


def palette() -> Picture:
    grey = grey_of(photo("astronaut"))
    made = [
        barva.colorize(grey, palette=p).array() for p in (["#2a9d8f", "#264653", "#e9c46a"], ["#7b2d26", "#f0a868"])
    ]
    return row(barva.colorize(grey).array(), *made)


def objects() -> Picture:
    """What is found, and one point on the suit."""
    from barva.cli import overlay
    from barva.engine.prepare.objects import objects_of
    from barva.imaging.read import read

    grey = grey_of(photo("astronaut"))
    opened = read(grey)
    scene = objects_of(opened)
    point = barva.Point((180, 420), "#2f4f8f")
    drawn = overlay.draw(opened, scene, [thing.id for thing in scene.things[1:]])
    return row(drawn, shown(grey, [point]), barva.colorize(grey, guidance=point).array())


def words() -> Picture:
    """The same photo by words."""
    grey = grey_of(photo("chelsea"))
    by_words = [barva.colorize(grey, text=text).array() for text in ("make the cat orange", "зроби кота блакитним")]
    return row(barva.colorize(grey).array(), *by_words)


def samples() -> Picture:
    """The mean of `guided`, and four seeds of `diffusion`."""
    grey = grey_of(photo("coffee"))
    drawn = [barva.colorize(grey, method="diffusion", seed=seed).array() for seed in (1, 2, 3, 4)]
    return row(grey, barva.colorize(grey).array(), *drawn)


def resample() -> Picture:
    """The cup and its saucer drawn anew, given the rest."""
    from barva.engine.sampling import Redraw, Sampling

    full = photo("coffee")
    grey, mask = grey_of(full), barva.Mask.of(cup(full))
    made = barva.Colorizer("diffusion")
    anew = [
        made.colorize(grey, seed=2, sampling=Sampling(redraw=(Redraw(mask, draw),) if draw else ())).array()
        for draw in (0, 1, 2)
    ]
    return row(anew[0], shown(grey, [barva.Region(mask, "white")]), *anew[1:])


SENTENCES = (
    "make the left coin red, the middle coin yellow and the right coin blue",
    "зроби ліву монету червоною, середню монету жовтою, а праву монету синьою",
)


def three() -> Picture:
    """Three like objects in three colors, by one sentence: the objects selected with clicks; by words."""
    from barva.cli import overlay
    from barva.scene.modalities import Region, Words
    from barva.scene.model import Scene, Source, Thing

    grey = cv2.resize(photo("coins")[: round(0.28 * 2 * TILE), round(0.48 * 760) :], None, fx=2, fy=2)
    session = barva.Session(barva.Colorizer(), grey)
    clicks = [(0.15, 0.6)], [(0.45, 0.62)], [(0.76, 0.52), (0.86, 0.52), (0.66, 0.5)]
    masks = [barva.Mask.of(np.rint(255 * session.select(places)).astype(np.uint8)) for places in clicks]
    things = [Thing(f"coin-{n}", "object", modalities=(Region(m), Words("coin"))) for n, m in enumerate(masks, 1)]
    scene = Scene(tuple(things), Source(grey.shape[1], grey.shape[0]))
    drawn = overlay.draw(session.photo, scene, [thing.id for thing in things])
    pictures = [barva.colorize(grey, scene=scene, text=text).array() for text in SENTENCES]
    if not np.array_equal(*pictures):
        raise SystemExit("the two languages give two pictures")
    return np.vstack([drawn, np.full((6, grey.shape[1], 3), 255, np.uint8), pictures[0]])


PICTURES: tuple[Callable[[], Picture], ...] = (
    points, strokes, regions, masks, references, swatches, strength, variants, confidence, recolor, palette, objects,
    words, three, samples, resample,
)  # fmt: skip


def main() -> None:
    wanted = sys.argv[1:]
    known = {p.__name__: p for p in PICTURES}
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"there is no picture '{sorted(unknown)[0]}'; there are: {', '.join(known)}")
    FOLDER.mkdir(exist_ok=True)
    for name in wanted or known:
        picture = known[name]()
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
