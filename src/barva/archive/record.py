"""What a run leaves in its target's hidden folder: the index and scenes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.archive.index import parts, reading, store
from barva.archive.outcome import Outcome
from barva.archive.places import HIDDEN, Place, is_url
from barva.archive.target_lock import lock_target
from barva.errors import WriteError
from barva.files import absolute, reason

SCENES = f"{HIDDEN}/scenes"

Hashes = npt.NDArray[np.int64]
"""Of paths, sorted."""


class Record:
    """Keeps what a run learns; a context.

    Args:
        place: the target, which is there.
        settings: a short name of all that decides what results look like.

    Raises:
        UsageError: another run writes to the target.
        ReadError: the index cannot be read.
        WriteError: the target cannot be written.
    """

    def __init__(self, place: Place, settings: str = "") -> None:
        self.place, self._settings = place, settings
        self._lock = lock_target(place)
        try:
            self._index = store.Index(place)
            self._finished, self._perceived = self._known()
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

    def _known(self) -> tuple[Hashes, Hashes]:
        """Photos whose last row is of a result, and those of them whose objects were looked for."""
        import pyarrow.compute as pc

        if not parts.list_parts(self.place).rows:
            return _hashes(()), _hashes(())
        table = reading.read(self.place, ["path", "state", "perceived"]).table
        table = table.filter(pc.not_equal(table["state"], "failed"))
        return _hashes(_cells(table)), _hashes(_cells(table.filter(table["perceived"])))

    def has(self, path: str) -> bool:
        """Whether a photo has a row of a result, from an earlier run."""
        return _is_in(path, self._finished)

    def lacks_objects(self, path: str) -> bool:
        """Whether earlier runs did not look for a photo's objects."""
        return not _is_in(path, self._perceived)

    def follow(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes, each with its row written before it goes on."""
        for outcome in outcomes:
            self.add(outcome)
            yield outcome

    def add(self, outcome: Outcome) -> None:
        """Write an outcome's row, and its scene. A photo that was finished before keeps the row that it has, unless it
        says that the photo failed. WriteError."""
        row = _row(outcome) | {"settings": self._settings}
        if self.place.is_local and not is_url(row["path"]):
            row |= {"path": str(absolute(Path(row["path"]))), "output": self._name(row["output"])}
        if outcome.state == "kept" and self.has(row["path"]):
            return
        self._index.append(row)
        if outcome.scene:
            names = json.dumps({"path": row["path"], "output": row["output"]})
            self._lines.append(f'{names[:-1]}, "scene": {outcome.scene}}}\n'.encode("utf-8", "replace"))
            if self.place.is_local or len(self._lines) >= store.ROWS:
                self._write_scenes()

    def _name(self, output: str) -> str:
        """A result's path as seen from the target, so that the target can be moved."""
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


def _cells(table: Any) -> Iterator[str]:
    """Paths of a table's rows."""
    return (path for chunk in table["path"].chunks for path in chunk.to_pylist())


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
