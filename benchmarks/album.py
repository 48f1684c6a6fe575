"""Do albums hold together? Measured where the truth is decisions: albums made from one photo each.

    python benchmarks/album.py OBJECTS.tar > benchmarks/album.md

OBJECTS.tar as for `obedience.py`. Each album has a photo, five views made of it (a crop, a smaller one that is
darker, a mirrored one that is brighter, two in perspective), its object in front of another photo, and another photo.
Colored with and without `barva album`, first without marks, then with one point on the first photo's object.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from obedience import TAKEN, Thing, asked_for, color, lab_of, things
from PIL import Image

from barva.archive.album import album
from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.guidance.marks import Guidance, Point

INTRODUCTION = """# Albums

`python benchmarks/album.py OBJECTS.tar > benchmarks/album.md`; `guided` {version} (sha256 {sha}).

{count} albums, each of a photo, five views made of it (a crop of two thirds; three quarters of the size and darker;
mirrored and brighter; two in perspective), its object seen from elsewhere in front of another photo, and a stranger.
*Spread*: mean CIEDE2000 between the colors of the same pixels on the first photo and on the views, under the first
one's light. *Took it*: pixels of the object on the views that went at least half of the way to the color asked for on
the first photo, of those that did on the first photo; *elsewhere*: the same in front of the other photo. *Stranger*:
mean CIEDE2000 by which the album changes the other photo.

| | spread over the object | spread over the photo | took it | elsewhere | stranger |
|---|--:|--:|--:|--:|--:|
"""

VIEWS = ("crop", "small, dark", "mirrored, bright", "perspective", "perspective 2")


def views(shape: tuple[int, int]) -> list[tuple[np.ndarray, tuple[int, int], float]]:
    """(matrix from the photo to the view, its width and height, its gain)."""
    h, w = shape
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)

    def bent(*shifts: tuple[float, float]) -> np.ndarray:
        target = corners + np.array(shifts, np.float32) * [w, h]
        return cv2.getPerspectiveTransform(corners, target.astype(np.float32))

    return [
        (np.array([[1, 0, -w / 8], [0, 1, -h / 5], [0, 0, 1]]), (w * 2 // 3, h * 2 // 3), 1.0),
        (np.diag([0.75, 0.75, 1]), (w * 3 // 4, h * 3 // 4), 0.7),
        (np.array([[-1.0, 0, w - 1], [0, 1, 0], [0, 0, 1]]), (w, h), 1.25),
        (bent((0.05, 0.08), (-0.02, 0), (0, 0), (0.05, -0.08)), (w, h), 0.9),
        (bent((0, 0), (-0.1, 0.1), (-0.08, -0.06), (0.03, 0)), (w, h), 1.1),
    ]


def made(light: np.ndarray, view: tuple[np.ndarray, tuple[int, int], float]) -> np.ndarray:
    matrix, size, gain = view
    how = cv2.INTER_AREA if size[0] < light.shape[1] else cv2.INTER_CUBIC
    moved = cv2.warpPerspective(light, matrix, size, flags=how, borderMode=cv2.BORDER_REFLECT)
    return np.clip(moved * gain, 0, 255).astype(np.uint8)


def elsewhere(thing: Thing, other: np.ndarray) -> np.ndarray:
    """The object in perspective, a little brighter, in front of another photo's light."""
    matrix, size, gain = views(thing.light.shape)[4]
    background = cv2.resize(other, size, interpolation=cv2.INTER_AREA)
    cover = cv2.GaussianBlur(cv2.warpPerspective(thing.inside.astype(np.float32), matrix, size), (0, 0), 0.8)
    moved = made(thing.light, (matrix, size, gain))
    return np.rint(moved * cover + background * (1 - cover)).astype(np.uint8)


def took(lab: np.ndarray, plain: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(H, W) whether a pixel went at least half of the way from the plain color to the goal."""
    way = goal[..., 1:] - plain[..., 1:]
    return (way * (lab[..., 1:] - plain[..., 1:])).sum(-1) >= TAKEN * np.maximum((way**2).sum(-1), 1)


def back(answer: np.ndarray, view: tuple[np.ndarray, tuple[int, int], float], first: np.ndarray):
    """A view's colors on the first photo, under its light, and (H, W) which pixels the view shows."""
    size = first.shape[1::-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    ab = cv2.warpPerspective(answer[..., 1:], view[0], size, flags=flags)
    seen = cv2.warpPerspective(np.ones(answer.shape[:2], np.uint8), view[0], size, flags=flags) > 0
    return gamut.fit(np.concatenate([first[..., :1], ab], axis=-1)), seen


def share_taken(first: np.ndarray, lab: np.ndarray, where: np.ndarray, plain: np.ndarray, goal: np.ndarray) -> float:
    """Of the pixels that took the goal on the first photo, those that took it here."""
    mine = took(first, plain, goal) & where
    return float(took(lab, plain, goal)[mine].mean()) if mine.any() else np.nan


def compared(first: np.ndarray, answers: list[np.ndarray], thing: Thing, goal: np.ndarray | None, plain: np.ndarray):
    """Spread over the object and over the photo, and the shares that took the goal on the views and elsewhere; Lab
    pictures."""
    spreads, photo, taken = [], [], []
    for answer, view in zip(answers[:-1], views(thing.light.shape), strict=True):
        lab, seen = back(answer, view, first)
        off = ciede2000(first, lab)
        photo.append(float(off[seen].mean()))
        if (seen & thing.inside).any():
            spreads.append(float(off[seen & thing.inside].mean()))
        if goal is not None:
            taken.append(share_taken(first, lab, thing.inside & seen, plain, goal))
    other = np.nan
    if goal is not None:
        lab, seen = back(answers[-1], views(thing.light.shape)[4], first)
        other = share_taken(first, lab, thing.inside & seen, plain, goal)
    return np.mean(spreads), np.mean(photo), np.nanmean(taken) if taken else np.nan, other


def picture(path: Path) -> np.ndarray:
    return spaces.fast_rgb_to_lab(np.asarray(Image.open(path).convert("RGB")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", type=Path)
    parser.add_argument("--albums", type=int, default=20, help="about so many")
    parser.add_argument("--sheet", type=Path, default=None, help="keep pictures of the first albums, with a point")
    args = parser.parse_args()
    found, colorizer = list(things(args.objects, args.albums)), Colorizer()
    stamp = colorizer.colorize(found[0].light).provenance
    names = ["alone, no marks", "album, no marks", "alone, a point on the first photo", "album, a point on it"]
    rows: dict[str, list] = {name: [] for name in names}
    sheet = []
    for n, thing in enumerate(found):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            lights = [thing.light, *(made(thing.light, v) for v in views(thing.light.shape))]
            stranger = found[(n + len(found) // 2) % len(found)].light
            lights += [elsewhere(thing, found[(n + 1) % len(found)].light), stranger]
            for i, light in enumerate(lights):
                Image.fromarray(light).save(place / f"{i}.png")
            alone = [lab_of(colorizer.colorize(light)) for light in lights]
            x, y = thing.at
            want = asked_for(float(alone[0][y, x, 0]), alone[0][y, x])
            goal = np.dstack([alone[0][..., 0], *(np.full(thing.light.shape, v, np.float32) for v in want[1:])])
            goal = gamut.fit(goal)
            marks = Guidance((Point(thing.at, color(want[1:])),))
            marked = lab_of(colorizer.colorize(thing.light, guidance=marks))
            album(place, place / "plain", colorizer=colorizer)
            album(place, place / "told", guide=place / "0.png", guidance=marks, colorizer=colorizer)
            plain = [picture(place / "plain" / f"{i}.color.png") for i in range(len(lights))]
            told = [picture(place / "told" / f"{i}.color.png") for i in range(len(lights))]
        cases = ((alone, None), (plain, None), ([marked, *alone[1:]], goal), (told, goal))
        for name, (labs, asked) in zip(names, cases, strict=True):
            off = float(ciede2000(labs[-1], alone[-1]).mean())
            rows[name].append([*compared(labs[0], labs[1:-1], thing, asked, alone[0]), off])
        if args.sheet and n < 10:
            sheet += [strip(alone), strip(told)]
    write = sys.stdout.write
    write(INTRODUCTION.format(version=stamp.model_version, sha=stamp.weights_sha256[:12], count=len(found)))
    for name in names:
        over, photo, _, _, stranger = np.mean(np.nan_to_num(rows[name]), axis=0)
        asked = not np.isnan(np.array(rows[name])[:, 2:4]).all()
        shares = [f"{share:.0%}" if asked else "" for share in np.nanmean(np.array(rows[name])[:, 2:4], axis=0)]
        write(f"| {name} | {over:.2f} | {photo:.2f} | {shares[0]} | {shares[1]} | {stranger:.2f} |\n")
    if args.sheet:
        Image.fromarray(np.concatenate(sheet)).save(args.sheet)


def strip(labs: list[np.ndarray]) -> np.ndarray:
    pictures = [(spaces.fast_lab_to_rgb(lab) * 255).astype(np.uint8) for lab in labs]
    return np.concatenate([cv2.resize(p, (200, 150), interpolation=cv2.INTER_AREA) for p in pictures], axis=1)


if __name__ == "__main__":
    main()
