"""The working folder of a film: what is known of each piece, and the pieces that are finished, so that whatever happens
a second run goes on there. Pieces made with other settings lie in other folders, and wait until the film is finished.

| file | what it holds |
|---|---|
| `lock` | kept by the one run that works here |
| `film.part` | all pieces joined, before they are put in place as the result |
| `JOB/N.plan.json` | a piece's frames, before it is colored |
| `JOB/N.keys.npz` | chroma of its key frames that was known before it was colored |
| `JOB/N.view.npz` | the first frame of a shot, by which the place is known again |
| `JOB/N.nut`, `JOB/N.mov` | the piece in color, whole or absent |
| `JOB/N.end.npz`, `JOB/N.order.json` | chroma of its last frame; the order of its packets |
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from barva.errors import UsageError, WriteError
from barva.files import PART, reason, write_whole
from barva.film.plan import Piece
from barva.imaging.write import make_folder
from barva.runtime.locks import FileLock
from barva.types import Float

PIECE = "nut"
"""The container of pieces where the codec goes into it: it keeps every time base."""

UNFINISHED = ".part"
"""How names of unfinished pieces end."""

_LOCK = "lock"
_TRY = 0.5  # seconds between two tries to take the lock


def top_of(target: Path) -> Path:
    """The working folder of the film that becomes `target`: beside it, so that both are on one file system."""
    return target.with_name(f".{target.name}.barva-film")


@contextmanager
def only_run(target: Path, patience: float = 0.0) -> Iterator[None]:
    """Keep other runs out of a film's working folder. It is made, and removed at the end if nothing is left in it.

    Args:
        target: What the film becomes.
        patience: Seconds to wait for another run to end: a machine that died may hold a lock for a while.

    Raises:
        UsageError: Another run colors this film.
        WriteError: The folder cannot be made or written.
    """
    top, end = top_of(target), time.monotonic() + patience
    while (lock := _lock_in(top)) is None:
        if time.monotonic() >= end:
            raise UsageError(
                "another run writes {file}: wait until it ends, or end it", code="film.another-run", file=target
            )
        time.sleep(_TRY)
    try:
        yield
    finally:
        with suppress(OSError):
            _leave(top, lock)


def _lock_in(top: Path) -> FileLock | None:
    """The folder's lock, held; None while another run has it. WriteError."""
    while True:
        make_folder(top)
        lock = FileLock(top / _LOCK)
        try:
            if not lock.try_acquire():
                return None
        except FileNotFoundError:  # the run that had the folder has just removed it
            continue
        except OSError as error:
            raise _refused(top, error) from None
        if lock.is_in_place():
            return lock
        lock.release()


def _leave(top: Path, lock: FileLock) -> None:
    try:
        if [entry.name for entry in top.iterdir()] == [_LOCK]:
            if sys.platform == "win32":
                lock.release()  # no open file is removed there
            lock.path.unlink()
    finally:
        lock.release()
    top.rmdir()  # which refuses where something is left


def _refused(path: Path, error: OSError) -> WriteError:
    return WriteError("{file} cannot be written: {problem}", code="write.failed", file=path, problem=reason(error))


@dataclass(frozen=True)
class WorkFolder:
    """Files by the number of their piece.

    Args:
        top: The film's working folder.
        job: What tells what was asked from all else that may be asked of the film.
        container: FFmpeg's name of the container of pieces.
    """

    top: Path
    job: str = "job"
    container: str = PIECE

    @property
    def path(self) -> Path:
        """Where this job's files lie."""
        return self.top / self.job

    @property
    def film(self) -> Path:
        """The joined film before it is put in place: always the same file, so that a killed run leaves one at most."""
        return self.top / f"film{UNFINISHED}"

    def open(self) -> None:
        """Make it, or keep what an earlier run finished in it, but nothing half-written. WriteError."""
        make_folder(self.path)
        for path in (self.film, *self.path.glob(f"*{UNFINISHED}"), *self.path.glob(f".*{PART}")):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove this job's files."""
        shutil.rmtree(self.path, ignore_errors=True)

    def remove_all(self) -> int:
        """Remove what all jobs left. The number of finished pieces among it that other settings had made."""
        others = sum(path.parent != self.path for path in self.top.glob("*/*.order.json"))
        for entry in self.top.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
        return others

    def has_pieces(self) -> bool:
        """Whether a piece is finished."""
        return any(self.path.glob(f"*.{self.container}"))

    def file(self, number: int, ending: str) -> Path:
        return self.path / f"{number:06}.{ending}"

    def colored(self, piece: Piece) -> Path:
        """The file of a piece in color."""
        return self.file(piece.number, self.container)

    def add(self, piece: Piece) -> None:
        """Note a piece that is to be colored; its keys are there already."""
        write_whole(self.file(piece.number, "plan.json"), json.dumps(piece.to_row()).encode(), True)

    def pieces(self) -> Iterator[Piece]:
        """Those that an earlier run noted, in order."""
        number = 0
        while True:
            try:
                piece = Piece.from_row(json.loads(self.file(number, "plan.json").read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError, KeyError):
                return
            yield piece
            number += 1

    def is_done(self, piece: Piece) -> bool:
        return self.colored(piece).is_file()

    def discard(self, piece: Piece) -> None:
        """Have a piece colored again."""
        self.colored(piece).unlink(missing_ok=True)

    def save_keys(self, number: int, keys: Mapping[int, Float], ending: str = "keys.npz") -> None:
        """Chroma (h, w, 2) by number in the piece, rounded to half floats."""
        data = io.BytesIO()
        rows: dict[str, Any] = {str(place): ab.astype(np.float16) for place, ab in keys.items()}
        np.savez_compressed(data, **rows)
        write_whole(self.file(number, ending), data.getvalue(), True)

    def keys(self, piece: Piece) -> dict[int, Float]:
        """What is known of a piece's key frames; -1 is the last frame of the piece before."""
        keys = self._load(self.file(piece.number, "keys.npz"))
        if not piece.begins and not piece.kept:
            keys[-1] = self._load(self.file(piece.number - 1, "end.npz"))[0]
        return keys

    def _load(self, path: Path) -> dict[int, Float]:
        if not path.is_file():
            return {}
        with np.load(path) as stored:
            return {int(name): stored[name].astype(np.float32) for name in stored.files}
