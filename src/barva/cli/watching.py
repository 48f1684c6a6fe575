"""`barva colorize --watch`: every photo that appears in a folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from barva.cli.signals import stopping
from barva.errors import UsageError, WriteError

if TYPE_CHECKING:
    from barva.archive.run import Run
    from barva.archive.select import Item

Stamp = tuple[int, int]
"""Bytes, and when they changed, ns."""


def watch(place: Path, output: Path | None, recursive: bool, exclude: Sequence[str], run: Run) -> int:
    """Look every second until interrupted; a photo is taken once its size has stood still for a look. Polling also
    works on network folders, where change notices don't arrive. A folder that goes away is waited for. The first Ctrl-C
    ends it after the photos under way, a second one at once."""
    if not place.is_dir():
        raise UsageError(f"--watch {place} is not a folder")
    if output is not None and output.exists() and not output.is_dir():
        raise WriteError(f"-o {output} is not a folder")
    watcher = _Watch(place, output, recursive, exclude, run)
    with stopping(run.stop):
        _report(f"watching {place}; Ctrl-C ends")
        while not run.is_stopped:
            watcher.look()
            time.sleep(1)
    return 0


class _Watch:
    """What was seen so far: sizes of photos, those that were done, those that failed, what has been said."""

    def __init__(self, place: Path, output: Path | None, recursive: bool, exclude: Sequence[str], run: Run) -> None:
        self.place, self.output, self.recursive, self.exclude, self.run = place, output, recursive, exclude, run
        self._sizes: dict[Path, Stamp] = {}
        self._done: set[tuple[Path, Stamp]] = set()
        self._failed: set[tuple[Path, Stamp]] = set()
        self._unreadable: set[Path] = set()
        self._away: Path | None = None
        self._into_was_there = output is not None and output.is_dir()

    def look(self) -> None:
        """Color what has appeared since the last look."""
        if self._is_waiting():
            return
        for outcome in self.run.outcomes(self._ready_items()):
            source = outcome.item.source
            if self._missing_folder() is not None:
                return  # it failed because a folder went away; it is tried again when the folder is back
            if outcome.state == "done":
                typer.echo(str(outcome.item.output))
            for note in outcome.notes:
                _report(f"{source.name}: {note}")
            # neither a failure nor a replaced result is tried again until the photo changes
            (self._failed if outcome.state == "failed" else self._done).add((source, self._sizes[source]))
            self._into_was_there = self.output is not None and _is_folder(self.output)

    def _missing_folder(self) -> Path | None:
        """The folder that has gone away, if one has."""
        if not _is_folder(self.place):
            return self.place
        if self.output is not None and self._into_was_there and not _is_folder(self.output):
            return self.output
        return None

    def _is_waiting(self) -> bool:
        missing = self._missing_folder()
        if missing is not None and missing != self._away:
            _report(f"{missing} is gone; waiting for it to come back")
        if missing is None and self._away is not None:
            _report(f"{self._away} is back; watching {self.place}")
            self._failed.clear()
            self._sizes.clear()
        self._away = missing
        return missing is not None

    def _ready_items(self) -> list[Item]:
        """Photos that have stood still since the last look, and have no result yet."""
        from barva.archive import folder, select

        listing = folder.scan(self.place, self.recursive, self.exclude)
        for path, why in listing.left_out.unreadable:
            if path not in self._unreadable and _is_folder(self.place):
                _report(f"the folder {path} cannot be read: {why}")
                self._unreadable.add(path)
        standing: list[Path] = []
        for path in listing.photos:
            try:
                stat = path.stat()
            except OSError:  # gone since it was listed
                continue
            now = (stat.st_size, stat.st_mtime_ns)
            settled, self._sizes[path] = self._sizes.get(path) == now, now
            if settled and now[0] and (path, now) not in self._failed | self._done:
                standing.append(path)
        items = select.unique_items([select.item(p, self.place, self.output, self.run.files.format) for p in standing])
        return [item for item in items if not item.output.exists() or self.run.files.overwrite]


def _is_folder(path: Path) -> bool:
    """Also where a share does not answer: `Path.is_dir` has errors for that."""
    return os.path.isdir(path)  # noqa: PTH112


def _report(text: str) -> None:
    sys.stderr.write(f"barva: {' '.join(text.split())}\n")
