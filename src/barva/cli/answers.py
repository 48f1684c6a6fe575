"""Answers of questions on stdout: cells with tabs between, JSON lines, or CSV."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import typer

from barva.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a row.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV with a heading, for spreadsheets.")]

# Only what steers a terminal: joined emoji and the spaces of French and macOS are parts of names.
_STEERING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_STEERING_OR_TAB = re.compile(f"\t|{_STEERING.pattern}")
_STEERING_IN_CSV = re.compile(_STEERING.pattern.replace("\x0a-\x1f", "\x0b\x0c\x0e-\x1f"))

_AT_ONCE = 10_000  # rows that are written together: there may be hundreds of thousands


def printable(text: str) -> str:
    """A line of text without what steers a terminal."""
    return _STEERING.sub(" ", text)


def show_lines(lines: Iterable[str]) -> None:
    """Lines on stdout, without what steers a terminal."""
    rest = iter(lines)
    while batch := list(itertools.islice(rest, _AT_ONCE)):
        typer.echo("\n".join(map(printable, batch)))


def show(columns: Sequence[str], rows: Iterable[Sequence[Any]], as_json: bool = False, as_csv: bool = False) -> None:
    """Rows on stdout. In text what would break a line is a space; CSV has line breaks, and JSON all names exactly.

    Args:
        columns: names of the cells.
        rows: their values.
        as_json: one object a row, its numbers as numbers.
        as_csv: a heading, then a line a row.

    Raises:
        UsageError: both are asked for.
    """
    if as_json and as_csv:
        raise UsageError("--json and --csv are two ways to write one answer: choose one")
    if as_csv:
        _show_csv(columns, rows)
    elif as_json:
        names = _own_names(columns)
        show_lines(_json(dict(zip(names, map(_value, row), strict=True))) for row in rows)
    else:
        show_lines("\t".join(_STEERING_OR_TAB.sub(" ", _text(cell)) for cell in row) for row in rows)


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV. Names stay as they are, with their line breaks; only what steers a terminal is a space."""
    out = io.StringIO()
    texts = ([_STEERING_IN_CSV.sub(" ", _text(cell)) for cell in row] for row in rows)
    csv.writer(out, lineterminator="\n").writerows(texts)
    return out.getvalue()


def _show_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    rest: Iterator[Sequence[Any]] = itertools.chain([columns], rows)
    while batch := list(itertools.islice(rest, _AT_ONCE)):
        typer.echo(csv_text(batch), nl=False)


def _own_names(columns: Sequence[str]) -> list[str]:
    """Names of columns, each once, so that an object holds all of them."""
    names = list[str]()
    for column in columns:
        counts = itertools.count(2)
        name = column
        while name in names:
            name = f"{column}_{next(counts)}"
        names.append(name)
    return names


def _json(value: Any) -> str:
    """JSON in one line; what cannot be printed is escaped, and so stays as it is."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def _value(cell: Any) -> Any:
    """A cell as JSON knows it; what it does not know becomes text, and numbers that are none become null."""
    if isinstance(cell, Decimal):
        cell = int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, Mapping):
        return {str(key): _value(inner) for key, inner in cell.items()}
    if isinstance(cell, list | tuple):
        return [_value(inner) for inner in cell]
    if isinstance(cell, bytes):
        return cell.hex()
    return cell.isoformat() if isinstance(cell, date | datetime | time) else str(cell)


def _text(cell: Any) -> str:
    """A cell as text, empty for null; lists and objects as JSON."""
    value = _value(cell)
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)
