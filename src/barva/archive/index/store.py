"""Writing the index in a target's hidden folder.

`TARGET/.barva/index/part-*.parquet` hold rows; the last row of a photo counts. On this machine each row is first
appended to `journal-*.jsonl`, so that a kill loses none.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from barva.archive.index import parts, schema
from barva.archive.index.parts import FOLDER
from barva.archive.index.reading import latest
from barva.archive.places import Place
from barva.errors import WriteError
from barva.files import reason

ROWS, SECONDS = 1000, 30.0
"""Rows after which a new part is written; in a store, which has no journal, also seconds since the last one."""

SMALL, MANY = 100_000, 24
"""Rows of a part that is still merged, and such parts from which they are."""


class Index:
    """Writes the rows of one run; `close` it. One run at a time has a target's index.

    Args:
        place: the target.
        before: called before rows become a part: it writes what they say is there.

    Raises:
        ReadError: the index was written by a newer Barva, or cannot be read.
        WriteError: the target cannot be written.
    """

    def __init__(self, place: Place, before: Callable[[], None] = lambda: None) -> None:
        import pyarrow.parquet  # noqa: F401 - its 50 MB now, not in the middle of a run

        self.place, self._before = place, before
        self._rows: list[dict[str, Any]] = []
        self._since = time.monotonic()
        self._journal = f"{FOLDER}/journal-{secrets.token_hex(4)}.jsonl"
        listed = parts.list_parts(place)
        self._small = sum(rows < SMALL for rows in listed.rows.values())
        for name in listed.replaced:  # by a run that was killed before it could
            place.delete(f"{FOLDER}/{name}")
        if place.is_local:
            self._make_folder()
        self._recover()

    def _make_folder(self) -> None:
        """Once: a target that goes away later, such as a share, must not be made anew in its place."""
        path = self.place.local / FOLDER
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(f"{path} cannot be made: {reason(error)}") from None

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a photo's row. WriteError."""
        self._rows.append(dict(row))
        if self.place.is_local:
            self._note(row)
        is_late = not self.place.is_local and time.monotonic() - self._since >= SECONDS
        if len(self._rows) >= ROWS or is_late:
            self.flush()

    def _note(self, row: Mapping[str, Any]) -> None:
        path = self.place.local / self._journal
        try:
            with path.open("ab") as out:
                out.write(json.dumps(row).encode() + b"\n")
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise self._gone() from None
            raise WriteError(f"the index {path} cannot be written: {reason(error)}") from None

    def _gone(self) -> WriteError:
        return WriteError(f"the folder {self.place.url} is gone; run the same command again to go on once it is back")

    def flush(self) -> None:
        """Write the rows since the last part as a new one; merge parts where they have become many. WriteError."""
        if self._rows:
            if self.place.is_local and not (self.place.local / FOLDER).is_dir():
                raise self._gone()
            self._before()
            parts.write_part(self.place, schema.table(self._rows))
            self._rows.clear()
            self._small += 1
            if self.place.is_local:
                self.place.delete(self._journal)
            if self._small >= MANY:
                compact(self.place)
                self._small = 1
        self._since = time.monotonic()

    def close(self) -> None:
        """Write what is left. WriteError."""
        self.flush()

    def _recover(self) -> None:
        """Rows in journals of runs that were killed become a part."""
        for name in parts.list_journals(self.place):
            rows = parts.journal_rows(self.place, name)
            if rows:
                parts.write_part(self.place, schema.table(rows))
                self._small += 1
            self.place.delete(f"{FOLDER}/{name}")


def compact(place: Place) -> None:
    """Merge small parts where there are many; a torn one stays where it is. WriteError, ReadError."""
    import pyarrow as pa

    small = [name for name, rows in parts.list_parts(place).rows.items() if rows < SMALL]
    if len(small) < MANY:
        return
    tables = {name: parts.read_part(place, name) for name in small}
    whole = {name: table for name, table in tables.items() if table is not None}
    merged = latest(pa.concat_tables(whole.values(), promote_options="default"))
    parts.write_part(place, merged, list(whole))
    for name in whole:
        place.delete(f"{FOLDER}/{name}")
