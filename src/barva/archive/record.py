"""What a run leaves in its target's hidden folder: the index and scenes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.archive.index import parts, reading, store
from barva.archive.index.schema import name_text
from barva.archive.outcome import Outcome
from barva.archive.places import HIDDEN, Place, is_url
from barva.archive.target_lock import lock_target
from barva.errors import WriteError
from barva.files import absolute, reason

SCENES = f"{HIDDEN}/scenes"

_BYTES = re.compile("[\udc80-\udcff]")

Hashes = npt.NDArray[np.int64]
"""Of paths, sorted."""


class Record:
    """Keeps what a run learns; a context.

    Args:
        place: the target, which is there.
        settings: a short name of all that decides what results look like.
        lost: called when another run has taken the target meanwhile (`target_lock.lock_target`).

    Raises:
        UsageError: another run writes to the target.
        ReadError: the index cannot be read.
        WriteError: the target cannot be written.
    """

    def __init__(self, place: Place, settings: str = "", lost: Callable[[], None] = lambda: None) -> None:
        self.place, self._settings = place, settings
        self._lock = lock_target(place, lost)
        try:
            self._index = store.Index(place, self._write_scenes)
            self._known()
            self._make_folder()
        except BaseException:
            self._lock.release()
            raise
        self._scenes = f"{SCENES}/scenes-{time.time_ns():020}"
        self._lines, self._part = list[bytes](), 0

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._write_scenes()
            self._index.close()
        finally:
            self._lock.release()

    def _make_folder(self) -> None:
        if self.place.is_local:
            path = self.place.local / SCENES
            try:
                path.mkdir(exist_ok=True)
            except OSError as error:
                raise WriteError(f"{path} cannot be made: {reason(error)}") from None

    def _known(self) -> None:
        """Paths and results of photos whose last row is of a result, and of those whose objects were looked for."""
        import pyarrow.compute as pc

        self._before: _Rows | None = None
        self._finished = self._perceived = self._results = self._seen_results = _hashes(())
        if not parts.list_parts(self.place).rows:
            return
        table = reading.read(self.place, ["path", "output", "state", "perceived"]).table
        table = table.filter(pc.not_equal(table["state"], "failed"))
        seen = table.filter(table["perceived"])
        self._finished, self._perceived = _hashes(_cells(table, "path")), _hashes(_cells(seen, "path"))
        self._results, self._seen_results = _hashes(_cells(table, "output")), _hashes(_cells(seen, "output"))

    def has(self, path: str) -> bool:
        """Whether a photo has a row of a result, from an earlier run."""
        return _is_in(name_text(path), self._finished)

    def lacks_objects(self, path: str, output: str) -> bool:
        """Whether earlier runs did not look for a photo's objects, also where it lay elsewhere then."""
        if self.has(path):
            return not _is_in(name_text(path), self._perceived)
        return not _is_in(name_text(self._name(output)), self._seen_results)

    def follow(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes, each with its row written before it goes on."""
        for outcome in outcomes:
            self.add(outcome)
            yield outcome

    def add(self, outcome: Outcome) -> None:
        """Write an outcome's row, and its scene. A photo that was finished before keeps the row that it has, unless it
        says that the photo failed; so does one whose result stands, because other settings may not replace it.
        WriteError."""
        row = _row(outcome) | {"settings": self._settings}
        if self.place.is_local and not is_url(row["path"]):
            row |= {"path": str(absolute(Path(row["path"]))), "output": self._name(row["output"])}
        if (outcome.state == "kept" or outcome.stands) and self.has(row["path"]):
            return
        if outcome.state == "kept":
            row = self._moved(row)
        if outcome.scene:
            names = json.dumps({"path": row["path"], "output": row["output"]})
            # bytes of a file's name that are no text stand in the scene as in the index
            scene = _BYTES.sub(lambda byte: f"\\\\x{ord(byte[0]) - 0xDC00:02x}", outcome.scene)
            self._lines.append(f'{names[:-1]}, "scene": {scene}}}\n'.encode("utf-8", "replace"))
        if self.place.is_local:  # else before rows go to the store
            self._write_scenes()
        self._index.append(row)  # after the scene: by it a later run takes the photo's objects for known

    def _moved(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row of a photo whose result an earlier run made when the photo lay elsewhere, with its new path; else
        the row that is given."""
        output = name_text(row["output"])
        if not _is_in(output, self._results):
            return row
        if self._before is None:
            self._before = _Rows(reading.read(self.place).table)
        before = self._before.of(output)
        return row if before is None else before | {"path": row["path"], "at": row["at"]}

    def _name(self, output: str) -> str:
        """A result's path as seen from the target, so that the target can be moved."""
        if not self.place.is_local:
            return output
        path = absolute(Path(output))
        return path.relative_to(self.place.local).as_posix() if path.is_relative_to(self.place.local) else str(path)

    def _write_scenes(self) -> None:
        if not self._lines:
            return
        data = b"".join(self._lines)
        if self.place.is_local:
            path = self.place.local / f"{self._scenes}.jsonl"
            try:
                with path.open("ab") as out:
                    out.write(data)
            except OSError as error:
                raise WriteError(f"{path} cannot be written: {reason(error)}") from None
        else:
            self._part += 1
            self.place.write(f"{self._scenes}-{self._part:06}.jsonl", data)
        self._lines.clear()


class _Rows:
    """Rows of an index by their results."""

    def __init__(self, table: Any) -> None:
        import pyarrow.compute as pc

        self._table = table.filter(pc.not_equal(table["state"], "failed"))
        hashes = np.fromiter(map(hash, _cells(self._table, "output")), np.int64)
        self._order = np.argsort(hashes)
        self._sorted = hashes[self._order]

    def of(self, output: str) -> dict[str, Any] | None:
        """The row of a result, or None."""
        at = int(np.searchsorted(self._sorted, hash(output)))
        if at == len(self._sorted) or int(self._sorted[at]) != hash(output):
            return None
        row: dict[str, Any] = self._table.slice(int(self._order[at]), 1).to_pylist()[0]
        return row


def _cells(table: Any, column: str) -> Iterator[str]:
    """Texts of a table's column."""
    return (text or "" for chunk in table[column].chunks for text in chunk.to_pylist())


def _hashes(paths: Iterable[str]) -> Hashes:
    """Eight bytes a path, sorted: less than a tenth of what the texts would take."""
    return np.sort(np.fromiter(map(hash, paths), np.int64))


def _is_in(path: str, hashes: Hashes) -> bool:
    at = int(np.searchsorted(hashes, hash(path)))
    return at < len(hashes) and int(hashes[at]) == hash(path)


def _row(outcome: Outcome) -> dict[str, Any]:
    """An outcome's facts, or what is known of a photo that was not painted."""
    if outcome.facts is not None:
        return outcome.facts
    failed = outcome.state == "failed"
    return {
        "path": str(outcome.item.source),
        "output": str(outcome.item.output),
        "state": outcome.state,
        "notes": [] if failed else list(outcome.notes),
        "error": outcome.notes[0] if failed else "",
        "at": time.time(),
    }
