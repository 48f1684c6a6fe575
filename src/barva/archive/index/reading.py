"""Reading an index: only the columns that are wanted, and of each photo only its last row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from barva.archive.index import parts, schema
from barva.archive.places import Place
from barva.errors import ReadError

T = TypeVar("T")

_DECIDING = ("path", "output", "state", "at")  # columns that say which rows count
_TRIES = 5  # a run that goes on may merge parts while they are read


@dataclass(frozen=True)
class Reading:
    """Rows of an index, the last one of each photo: a pyarrow table, or a pyarrow dataset, which reads no more than a
    question needs; and notes on what was left out."""

    table: Any
    notes: tuple[str, ...]


def read(place: Place, columns: Sequence[str] | None = None) -> Reading:
    """The rows of a target's index.

    Args:
        place: the target.
        columns: those that are wanted, also fields of objects such as "objects.kind"; None for all.

    Returns:
        The last row of each photo, as a table, and notes on parts that are torn.

    Raises:
        ReadError: there is no index, it was written by a newer Barva, or it cannot be read.
    """
    import pyarrow as pa

    wanted = None if columns is None else list(dict.fromkeys((*columns, *_DECIDING)))

    def work() -> Reading:
        notes = list[str]()
        tables = [table for _, table in _tables(place, wanted, notes)]
        whole = _complete(pa.concat_tables(tables, promote_options="default"), wanted or schema.COLUMNS)
        return Reading(latest(whole), tuple(notes))

    return _again(place, work)


def dataset(place: Place) -> Reading:
    """As `read`, of all columns, each of which is read when it is asked for. Parts with rows that do not count any more
    are in memory."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    def work() -> Reading:
        notes = list[str]()
        tables = list(_tables(place, _DECIDING, notes))
        whole = pa.concat_tables([table for _, table in tables], promote_options="default")
        kept = _is_latest(_complete(whole, _DECIDING))
        files, loose, at = list[str](), list[Any](), 0
        for name, table in tables:
            mask = None if kept is None else kept[at : at + table.num_rows]
            at += table.num_rows
            if name.startswith("part-") and (mask is None or mask.all()):
                files.append(place.below(f"{parts.FOLDER}/{name}"))
            else:
                whole = _whole(place, name)
                loose.append(whole if mask is None else whole.filter(pa.array(mask)))
        sets = list[Any]()
        if files:
            on_disk = ds.dataset(files, format="parquet", filesystem=place.files)
            added = [field for field in schema.schema() if field.name not in on_disk.schema.names]
            sets.append(on_disk.replace_schema(pa.schema([*on_disk.schema, *added])))
        if loose:
            whole = pa.concat_tables(loose, promote_options="default")
            sets.append(ds.dataset(_complete(whole, schema.COLUMNS)))
        return Reading(sets[0] if len(sets) == 1 else ds.dataset(sets), tuple(notes))

    return _again(place, work)


def _complete(table: Any, columns: Iterable[str]) -> Any:
    """A table with the columns that parts of an older Barva lack, empty."""
    import pyarrow as pa

    for name in columns:
        if name in schema.COLUMNS and name not in table.column_names:
            field = schema.schema().field(name)
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table


def _again(place: Place, work: Callable[[], T]) -> T:
    """What `work` gives, tried anew where files went away meanwhile. ReadError."""
    for _ in range(_TRIES):
        try:
            return work()
        except parts.VanishedError:
            continue
    raise ReadError(f"the index of {place.bare_url} changes while it is read: try again")


def _tables(place: Place, columns: Sequence[str] | None, notes: list[str]) -> Iterator[tuple[str, Any]]:
    """Journals and parts by name; journals first, because their rows go into parts. ReadError, VanishedError."""
    journals = [(name, parts.read_journal(place, name, columns)) for name in parts.list_journals(place)]
    listed = parts.list_parts(place)
    notes += listed.notes
    if not listed.rows and not journals:
        if listed.notes:
            raise ReadError(f"the index of {place.bare_url} is torn, all of it: delete {parts.FOLDER} in it, and run")
        raise ReadError(f"{place.bare_url} has no index: `barva archive color` writes one")
    yield from journals
    for name in listed.rows:
        table = parts.read_part(place, name, columns)
        if table is None:
            notes.append(parts.torn_note(name))
            table = parts.empty(columns)
        yield name, table


def _whole(place: Place, name: str) -> Any:
    read_one = parts.read_part if name.startswith("part-") else parts.read_journal
    table = read_one(place, name)
    if table is None:
        raise ReadError(f"{parts.FOLDER}/{name} of {place.bare_url} is torn: delete it")
    return table


def latest(table: Any) -> Any:
    """The last row of each photo of a pyarrow table."""
    import pyarrow as pa

    kept = _is_latest(table)
    return table if kept is None else table.filter(pa.array(kept))


def _is_latest(table: Any) -> npt.NDArray[np.bool_] | None:
    """(rows,) whether a row is the last one of its photo; None: all are. A result belongs to the photo that it was last
    made of or found to be of: where all photos were moved, their old paths count no more."""
    import pyarrow.compute as pc

    at = table["at"].to_numpy()
    kept = np.ones(len(at), np.bool_)
    _drop_all_but_last(np.arange(len(at)), _codes(table["path"]), at, kept)
    is_result = pc.and_(pc.not_equal(table["state"], "failed"), pc.is_valid(table["output"])).fill_null(False)
    results = np.flatnonzero(kept & is_result.to_numpy())
    _drop_all_but_last(results, _codes(table["output"])[results], at, kept)
    return None if kept.all() else kept


def _codes(texts: Any) -> npt.NDArray[np.int32]:
    """A number for each text of a pyarrow column, alike for texts that are."""
    import pyarrow as pa

    encoded = texts.cast(pa.large_string()).fill_null("").combine_chunks().dictionary_encode()
    codes: npt.NDArray[np.int32] = encoded.indices.to_numpy(zero_copy_only=False)
    return codes


def _drop_all_but_last(rows: npt.NDArray[Any], codes: npt.NDArray[Any], at: Any, kept: npt.NDArray[np.bool_]) -> None:
    """Of the rows of each code only the last in time stays in `kept`."""
    order = np.lexsort((at[rows], codes))
    is_last = np.append(np.diff(codes[order]) != 0, True)[: len(order)]
    kept[rows[order[~is_last]]] = False
