"""Looks of a whole photo by words: a palette, how vivid, how warm.

The table is `lexicon/looks.tsv`, one look a line: names (commas between, * for all forms of a Ukrainian adjective), how
vivid (0..2), how warm (-1..1), and the colors of its palette. A file of the same form that the environment variable
`BARVA_LOOKS` names adds looks; one with a name that is there already takes its place.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from barva.color import names
from barva.errors import ReadError, UsageError

VARIABLE = "BARVA_LOOKS"


@dataclass(frozen=True)
class Look:
    """How a whole photo looks.

    Args:
        names: How people call it; the first one is its name.
        vividness: 0 muted .. 2 strong.
        warmth: -1 cool .. 1 warm.
        palette: Chroma (a, b) of its colors; empty: any.
    """

    names: tuple[str, ...]
    vividness: float = 1.0
    warmth: float = 0.0
    palette: tuple[tuple[float, float], ...] = ()


def looks() -> dict[str, Look]:
    """All looks by their first name. ReadError, UsageError: the file that `BARVA_LOOKS` names."""
    return _looks(os.environ.get(VARIABLE, ""))


@lru_cache(maxsize=4)
def _looks(path: str) -> dict[str, Look]:
    own = read(files("barva.language.lexicon").joinpath("looks.tsv").read_text(encoding="utf-8"), "looks.tsv")
    if not path:
        return own
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise ReadError(f"{path}: looks cannot be read: {reason}") from None
    return own | read(text, path)


def read(text: str, name: str) -> dict[str, Look]:
    """Looks from a table's text.

    Args:
        text: Lines of names, vividness, warmth, palette, with tabs between; # begins a comment.
        name: The file's, for errors.

    Returns:
        First name -> look.

    Raises:
        UsageError: A line is wrong; it names the line.
    """
    table = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            look = _look(line)
        except (ValueError, IndexError) as error:
            reason = (
                error if isinstance(error, UsageError) else "names, vividness, warmth, palette are wanted, with tabs"
            )
            raise UsageError(f"{name}, line {number}: {reason}") from None
        table[look.names[0]] = look
    return table


def _look(line: str) -> Look:
    cells = [cell.strip() for cell in line.split("\t")]
    titles = tuple(title.strip() for title in cells[0].split(",") if title.strip())
    vividness, warmth = float(cells[1]), float(cells[2])
    if not titles or not 0 <= vividness <= 2 or not -1 <= warmth <= 1:
        raise UsageError("a look has a name, a vividness from 0 to 2 and a warmth from -1 to 1")
    colors = [color.strip() for color in (cells[3] if len(cells) > 3 else "").split(",") if color.strip()]
    return Look(titles, vividness, warmth, tuple(names.lab(color)[1:] for color in colors))
