"""Marks as they are typed at the command line.

| option | text |
|---|---|
| point | `X,Y=COLOR` |
| stroke | `X,Y;X,Y;...@WIDTH=COLOR`, the width may be left out |
| region | `MASK.png=COLOR`, `LABELS.png:1=COLOR`, `box:LEFT,TOP,RIGHT,BOTTOM=COLOR`, `polygon:X,Y;X,Y;...=COLOR` |

The color is what follows the last `=`; after it may stand `,strength=0..1` and `,vividness=0..2`, and
`WHERE=vividness=V` is a region that keeps its colors.

Numbers are pixels; they are shares of the photo's width and height if every coordinate of the mark is written with a
point and none is above 1 (`0.5,0.25`; but `1,1` is a pixel). A stroke's width goes with its coordinates: pixels, or a
share of the short side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from barva.errors import FileError, UsageError
from barva.guidance.marks import Box, Guidance, Mark, Point, Polygon, Region, Stroke, Unit
from barva.scene.masks import Mask
from barva.scene.shapes import Dot, Place, Shape, check_shape

_OPTION = re.compile(r"(.*)([=,])\s*(strength|vividness)\s*=([^=,]*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}\.?\d{0,12}|\.\d{1,12})", re.ASCII)


def point(text: str) -> Point:
    """`X,Y=COLOR`. UsageError, which names the option."""
    with _naming("--point", text):
        place, color, manner = parts(text, "X,Y=COLOR")
        pairs, unit = _coordinates([place], 2)
        (x, y) = pairs[0]
        return Point((x, y), color, unit, **manner)  # type: ignore[arg-type]  # the constructors check


def stroke(text: str) -> Stroke:
    """`X,Y;X,Y;...@WIDTH=COLOR`. UsageError, which names the option."""
    with _naming("--stroke", text):
        line, color, manner = parts(text, "X,Y;X,Y;...@WIDTH=COLOR")
        line, at, thick = line.partition("@")
        pairs, unit = _coordinates(_pieces(line), 2)
        along = tuple((x, y) for x, y in pairs)
        if at and not _NUMBER.fullmatch(thick.strip()):
            raise UsageError(f"the width '{_short(thick)}' is no number")
        if at and unit == "share" and not ("." in thick and float(thick) <= 1):
            raise UsageError("the coordinates are shares, so the width must be one too: 0.02 is 2 % of the short side")
        return Stroke(along, color, float(thick) if at else None, unit, **manner)  # type: ignore[arg-type]


def region(text: str) -> Region:
    """`MASK=COLOR`, `box:...=COLOR` or `polygon:...=COLOR`. UsageError, which names the option."""
    with _naming("--region", text):
        where, color, manner = parts(text, "MASK=COLOR, box:...=COLOR or polygon:...=COLOR")
        shape, unit = place(where)
        return Region(shape, color, unit, **manner)  # type: ignore[arg-type]  # the constructor checks


def place(text: str) -> tuple[Shape, Unit]:
    """Where something lies: `X,Y`, or a region without its color. UsageError, FileError."""
    kind, colon, rest = text.strip().partition(":")
    if colon and kind == "box":
        sides, unit = _coordinates([rest], 4)
        return check_shape(Box(*sides[0]), unit), unit
    if colon and kind == "polygon":
        pairs, unit = _coordinates(_pieces(rest), 2)
        return check_shape(Polygon(tuple((x, y) for x, y in pairs)), unit), unit
    if "," in text and all(_NUMBER.fullmatch(n.strip()) for n in text.split(",")):
        pairs, unit = _coordinates([text], 2)
        return check_shape(Dot((pairs[0][0], pairs[0][1])), unit), unit
    return _mask(text.strip()), "px"


def position(text: str) -> tuple[Place, Unit]:
    """`X,Y`: a place, in pixels or in shares as those of marks. UsageError."""
    pairs, unit = _coordinates([text], 2)
    return (pairs[0][0], pairs[0][1]), unit


def _mask(text: str) -> Mask:
    """`MASK.png`, or `LABELS.png:N`: where a picture of labels holds N. A file of that very name comes first."""
    path, colon, label = text.rpartition(":")
    if colon and label.isascii() and label.isdigit() and path and not Path(text).exists():
        if int(label) > 255:
            raise UsageError(f"labels go from 0 to 255, not {label}")
        return Mask.read(path, int(label))
    return Mask.read(text)


def mask(path: str | Path) -> Guidance:
    """The regions of a mask that names its colors. UsageError, which names the option."""
    with _naming("--mask", str(path)):
        return Guidance.from_mask(path)


def guidance(
    points: Iterable[str] = (),
    strokes: Iterable[str] = (),
    regions: Iterable[str] = (),
    masks: Iterable[str | Path] = (),
    file: Path | None = None,
) -> Guidance | None:
    """Everything that options say, coarse things first, so that finer ones win: the hint file, masks, regions, strokes,
    points; each kind in the order given. None if nothing was said. UsageError; ReadError for the hint file."""
    marks: list[Mark] = []
    if file is not None:
        marks += Guidance.load(file).marks
    for path in masks:
        marks += mask(path).marks
    marks += [region(text) for text in regions]
    marks += [stroke(text) for text in strokes]
    marks += [point(text) for text in points]
    return Guidance(tuple(marks)) if marks or file is not None else None


@contextmanager
def _naming(option: str, text: str) -> Iterator[None]:
    """Puts the option and its text before what is wrong with it."""
    try:
        yield
    except (UsageError, FileError) as error:
        why = " ".join(str(error).split())  # names of files may hold line breaks
        raise UsageError(f"{option} {_short(text)}: {why}") from None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def parts(text: str, form: str) -> tuple[str, str | None, dict[str, float]]:
    """Where, which color (None where only vividness is said), and how."""
    rest, color, manner = text, True, dict[str, float]()
    while color and (option := _OPTION.fullmatch(rest)):
        rest, before, key, value = option.groups()
        if key in manner:
            raise UsageError(f"{key} is said twice")
        if not _NUMBER.fullmatch(value.strip()):
            raise UsageError(f"{key}: '{_short(value)}' is no number")
        manner[key], color = float(value), before == ","
    where, equals, name = rest.rpartition("=") if color else (rest, "=", None)
    if not equals or not where.strip():
        raise UsageError(f"{form} is wanted")
    return where.strip(), None if name is None else name.strip(), manner


def _pieces(text: str) -> list[str]:
    """What stands between semicolons; one at the end is forgiven."""
    pieces = text.strip().removesuffix(";").split(";")
    return [] if pieces == [""] else pieces


def _coordinates(pieces: Sequence[str], count: int) -> tuple[list[list[float]], Unit]:
    """The numbers of each piece, `count` with commas between, and whether they all are shares."""
    rows = [[n.strip() for n in piece.split(",")] for piece in pieces]
    for row, piece in zip(rows, pieces, strict=True):
        if len(row) != count or not all(_NUMBER.fullmatch(n) for n in row):
            form = "X,Y" if count == 2 else "LEFT,TOP,RIGHT,BOTTOM"
            raise UsageError(f"'{_short(piece)}' is not {form}")
    shares = bool(rows) and all("." in n and 0 <= float(n) <= 1 for row in rows for n in row)
    return [[float(n) for n in row] for row in rows], "share" if shares else "px"
