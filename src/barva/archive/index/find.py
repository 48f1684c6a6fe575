"""Questions to the index: things of a kind and color, and SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from barva.archive.index import reading
from barva.archive.index.schema import file_name
from barva.archive.places import Place
from barva.color import names
from barva.color.spaces import lab_to_xyz, xyz_to_linear
from barva.errors import UsageError
from barva.extras import missing
from barva.scene.vocabulary import BROADER, find_kind, kinds

HUE, LIGHTNESS = 25.0, 45.0
"""Degrees, and L, by which a thing's color may differ from the one that is asked for."""

FAINT = 9.0
"""Chroma below which a color is a gray."""

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


class Finding(NamedTuple):
    """A thing that was asked for: its photo, the photo's result, its id and kind."""

    path: str
    output: str
    id: str
    kind: str


def find(
    place: Place, kind: str | None = None, color: str | None = None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Things on the photos of a target.

    Args:
        place: the target.
        kind: a term of the vocabulary; narrower ones fit too ("clothing" finds hats).
        color: about this color, as people name it: the same hue, deeper or paler; gray, black and white by lightness.

    Returns:
        The things, in the order of the index, and notes on what could not be read.

    Raises:
        UsageError: an unknown kind or color, or no photo was looked at for objects.
        ReadError: the index cannot be read.
    """
    terms = None if kind is None else narrower(kind)
    wanted = None if color is None else names.lab(color)
    fields = ("id", "kind") if wanted is None else ("id", "kind", *"Lab")
    answer = reading.read(place, ["output", *(f"objects.{field}" for field in fields)])
    findings, things = list[Finding](), 0
    for batch in answer.table.to_batches():
        things += len(batch["objects"].flatten())
        findings += _find_in(batch, terms, wanted, place)
    if not things:
        raise UsageError(f"no object is known of the photos in {place.url}: color them with --perceive")
    return tuple(findings), answer.notes


def _find_in(
    batch: Any, terms: frozenset[str] | None, wanted: tuple[float, float, float] | None, place: Place
) -> Iterator[Finding]:
    """The things of some rows of the index, which come as one pyarrow record batch."""
    import pyarrow as pa
    import pyarrow.compute as pc

    objects = batch["objects"]
    parents, things = pc.list_parent_indices(objects), objects.flatten()
    kinds_of = things.field("kind")
    mask = np.ones(len(things), bool)
    if terms is not None:  # few kinds are compared, not each thing's
        fits = pc.is_in(kinds_of.dictionary, pa.array(sorted(terms)))
        mask &= fits.take(kinds_of.indices).fill_null(False).to_numpy(zero_copy_only=False)
    if wanted is not None:
        at = np.flatnonzero(mask)
        chosen = [things.field(c).take(pa.array(at)).to_numpy(zero_copy_only=False) for c in "Lab"]
        mask[at] = _is_about(np.column_stack(chosen).astype(np.float64), wanted)
    at = pa.array(np.flatnonzero(mask))
    rows = parents.take(at)
    outputs = _addresses(place, batch["output"].take(rows))
    paths, ids = batch["path"].take(rows).to_pylist(), things.field("id").take(at).to_pylist()
    named = map(file_name, paths), map(file_name, outputs.to_pylist())
    return map(Finding, named[0], named[1], ids, kinds_of.take(at).to_pylist())


def _addresses(place: Place, outputs: Any) -> Any:
    """As `Place.full`, of many results at once."""
    import pyarrow.compute as pc

    is_whole = pc.match_substring_regex(outputs, r"^(/|\\|[A-Za-z]:|[a-z0-9]+://)")
    return pc.if_else(is_whole, outputs, pc.binary_join_element_wise(place.full(""), outputs, ""))


def narrower(word: str) -> frozenset[str]:
    """A kind and all that are of it. UsageError."""
    wanted = find_kind(word)
    return frozenset(term for term in BROADER if wanted in kinds(term))


def _is_about(lab: Any, wanted: tuple[float, float, float]) -> Any:
    """(n,) bool: which colors (n, 3) people would call the wanted one. What a method guesses is paler than the color
    that a word means, so that chroma does not count; lightness and hue may differ."""
    known = ~np.isnan(lab).any(axis=1)
    lab, target = np.nan_to_num(lab), np.array([wanted], np.float64)
    chroma, near = np.hypot(lab[:, 1], lab[:, 2]), np.abs(lab[:, 0] - wanted[0]) <= LIGHTNESS
    if np.hypot(*wanted[1:]) < FAINT:
        return known & near & (chroma < FAINT)
    difference = np.abs((_hue(lab) - _hue(target) + 180) % 360 - 180)
    return known & near & (chroma >= FAINT) & (difference <= HUE)


def _hue(lab: Any) -> Any:
    """(n,) hue in degrees, in Oklab, where blues of any depth have one hue; in CIE Lab deep blue lies by purple.

    Source: B. Ottosson, "A perceptual color space for image processing", 2020.
    """
    linear = xyz_to_linear(lab_to_xyz(lab))
    _, a, b = (np.cbrt(linear @ _TO_CONES.T) @ _TO_OKLAB.T).T
    return np.degrees(np.arctan2(b, a))


def sql(place: Place, question: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]], tuple[str, ...]]:
    """Ask the index in SQL.

    Args:
        place: the target.
        question: one SELECT over the table `photos`, whose columns are those of the index.

    Returns:
        Names of columns, rows, and notes on what could not be read.

    Raises:
        UsageError: it is no SELECT that can be answered, or DuckDB is not installed.
        ReadError: the index cannot be read.
    """
    try:
        import duckdb
    except ImportError:
        raise missing("archive", ["duckdb"]) from None
    index = reading.dataset(place)
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        connection.register("photos", index.table)
        try:
            statements = connection.extract_statements(question)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError("one SELECT over the table `photos` is wanted")
            answer = connection.execute(statements[0])
            described = answer.description or ()
            single = [n for n, column in enumerate(described) if "FLOAT" in str(column[1])]
            rows = answer.fetchall()
            return tuple(str(column[0]) for column in described), _shorten_cells(rows, single), index.notes
        except duckdb.Error as error:
            more = _known(error, question, index.table.schema.names)
            raise UsageError(f"this is no SQL that can be answered: {_first_line(error)}{more}") from None


def _first_line(error: BaseException) -> str:
    line = re.sub(r"\s+", " ", str(error).split("\n\n")[0])
    return re.split(r"!(?: Did you mean.*| Candidate bindings.*)?$", line)[0][:200]


def _shorten_cells(rows: list[tuple[Any, ...]], columns: Sequence[int]) -> list[tuple[Any, ...]]:
    if not columns:
        return rows
    return [tuple(_shorten(cell) if n in columns else cell for n, cell in enumerate(row)) for row in rows]


def _shorten(cell: Any) -> Any:
    """Numbers of the index, which has single precision, without digits that it does not know."""
    if isinstance(cell, float):
        return float(f"{cell:.7g}")
    if isinstance(cell, dict):
        return {key: _shorten(inner) for key, inner in cell.items()}
    return [_shorten(inner) for inner in cell] if isinstance(cell, list) else cell


def _known(error: BaseException, question: str, columns: Sequence[str]) -> str:
    """What could have been named, after an error about a name."""
    if "syntax error" in str(error) and re.search(r"(?<!\")\bat\b(?!\")", question, re.IGNORECASE):
        return '; "at" is a word of SQL: the column stands in double quotes'
    if "Table with name" in str(error):
        return "; the only table is `photos`"
    return f"; `photos` has the columns {', '.join(columns)}" if "Referenced column" in str(error) else ""
