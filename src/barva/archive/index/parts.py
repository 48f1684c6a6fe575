"""The parts of an index: Parquet files, each whole or absent, and the journals beside them.

Many small parts become one, which names those that it stands for: a kill between writing it and deleting them does no
harm. A part that is torn all the same, such as by a bad disk, is left out with a note.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from barva.archive.index import schema
from barva.archive.places import HIDDEN, Place
from barva.errors import ReadError

FOLDER = f"{HIDDEN}/index"


class VanishedError(Exception):
    """A file is gone since it was listed: a run has merged it with others."""


@dataclass(frozen=True)
class Parts:
    """The parts of an index.

    Args:
        rows: names of those that count -> their rows.
        replaced: names of those that another one stands for.
        notes: on those that are torn.
    """

    rows: dict[str, int]
    replaced: tuple[str, ...]
    notes: tuple[str, ...]


def list_parts(place: Place) -> Parts:
    """The parts of a target's index.

    Raises:
        ReadError: one was written by a newer Barva, or they cannot be reached.
        VanishedError: one is gone since it was listed.
    """
    rows, replaced, notes = dict[str, int](), set[str](), list[str]()
    for name in place.names(FOLDER):
        if not name.startswith("part-") or not name.endswith(".parquet"):
            continue
        footer = _unless_torn(place, name, _footer)
        if footer is None:
            notes.append(torn_note(name))
            continue
        version, count, stands_for = footer
        if version > schema.VERSION:
            raise ReadError(f"the index of {place.url} was written by a newer Barva (format {version}): update Barva")
        rows[name] = count
        replaced.update(stands_for)
    kept = {name: count for name, count in rows.items() if name not in replaced}
    return Parts(kept, tuple(name for name in rows if name in replaced), tuple(notes))


def torn_note(name: str) -> str:
    """What a person is told of a torn part."""
    return f"{name} of the index is torn: it was left out; once `barva archive color` has run again, delete it"


def _footer(file: Any) -> tuple[int, int, list[str]]:
    """Version, rows, and names of the parts that it stands for."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(file)
    facts = footer.metadata or {}
    stands_for = json.loads(facts.get(schema.REPLACES, b"[]"))
    return int(facts[schema.KEY]), footer.num_rows, [str(name) for name in stands_for]


def _unless_torn(place: Place, name: str, work: Callable[[Any], Any]) -> Any:
    """What `work` gives of an open part; None where it is torn. ReadError where it cannot be reached, VanishedError."""
    path = f"{FOLDER}/{name}"
    try:
        with place.files.open_input_file(place.below(path)) as file:
            return work(file)
    except (OSError, ValueError, KeyError):  # pyarrow's words for torn files and for lost servers are the same
        if not place.exists(path):
            raise VanishedError(name) from None
        place.read(path)
        return None


def read_part(place: Place, name: str, columns: Sequence[str] | None = None) -> Any:
    """A part's rows as a pyarrow table; None where it is torn.

    Args:
        place: the target.
        name: the part's.
        columns: those that are wanted, also fields of objects such as "objects.kind"; None for all.

    Raises:
        ReadError: it cannot be reached.
        VanishedError: it is gone since it was listed.
    """
    return _unless_torn(place, name, lambda file: _read(file, columns))


def _read(file: Any, columns: Sequence[str] | None) -> Any:
    import pyarrow.parquet as pq

    if columns is None:
        return pq.ParquetFile(file).read().replace_schema_metadata(None)
    # of the few kinds each is kept once
    parquet = pq.ParquetFile(file, read_dictionary=["objects.list.element.kind"] if "objects.kind" in columns else None)
    leaves = [parquet.schema.column(i).path for i in range(len(parquet.schema))]
    return parquet.read(columns=[leaf for leaf in leaves if _is_wanted(leaf, columns)]).replace_schema_metadata(None)


def _is_wanted(leaf: str, columns: Sequence[str]) -> bool:
    """Whether a leaf of a Parquet schema, such as "objects.list.element.kind", belongs to one of the columns."""
    column, _, rest = leaf.partition(".")
    return column in columns or f"{column}.{rest.rpartition('.')[2]}" in columns


def write_part(place: Place, table: Any, stands_for: Sequence[str] = ()) -> None:
    """Write rows as a new part, which stands for others. WriteError."""
    name = f"part-{time.time_ns():020}-{secrets.token_hex(3)}.parquet"
    place.write(f"{FOLDER}/{name}", _parquet(table, stands_for).to_pybytes())


def _parquet(table: Any, stands_for: Sequence[str] = ()) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {schema.KEY: str(schema.VERSION), schema.REPLACES: json.dumps(list(stands_for))}
    out = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(facts), out, compression="zstd")
    return out.getvalue()


def list_journals(place: Place) -> list[str]:
    """Names of journals: runs on this machine write them."""
    return [name for name in place.names(FOLDER) if name.startswith("journal-")] if place.is_local else []


def journal_rows(place: Place, name: str) -> list[dict[str, Any]]:
    """The rows of a journal; the last line may be torn by a kill. ReadError, VanishedError."""
    path, rows = f"{FOLDER}/{name}", list[dict[str, Any]]()
    try:
        data = place.read(path)
    except ReadError:
        if not place.exists(path):
            raise VanishedError(name) from None
        raise
    for line in data.splitlines():
        try:
            row = json.loads(line)
            rows.append({key: row.get(key) for key in schema.COLUMNS})
        except (ValueError, AttributeError):
            continue
    return [row for row in rows if isinstance(row["path"], str) and isinstance(row["at"], int | float)]


def read_journal(place: Place, name: str, columns: Sequence[str] | None = None) -> Any:
    """As `read_part`, of a journal."""
    import pyarrow as pa

    return _read(pa.BufferReader(_parquet(schema.table(journal_rows(place, name)))), columns)


def empty(columns: Sequence[str] | None) -> Any:
    """A table of no row, as `read_part` gives it."""
    import pyarrow as pa

    return _read(pa.BufferReader(_parquet(schema.table([]))), columns)
