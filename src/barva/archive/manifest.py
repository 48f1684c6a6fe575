"""The manifest: which photos of a folder run are finished, so that a killed run goes on where it stopped.

One JSON line for each event, appended and on the disk before the output is; torn lines are ignored. An entry counts
only while the input (size and change time), the settings and the output are still the ones that it names. It names its
maker as well: only what Barva's version and weights made that run now would come out the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from pathlib import Path
from typing import Any

from barva.errors import WriteError
from barva.runtime import locks

NAME = ".barva-manifest.jsonl"

_COARSE = 2_000_000_000
"""Nanoseconds by which some file systems (FAT) round change times."""


def digest(settings: dict[str, Any]) -> str:
    """A short name for a set of settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


class Manifest:
    """The manifest of one output folder, for one set of settings.

    Args:
        folder: the output folder.
        settings: all that decides what results look like.
        maker: the version and weights that run.
        load: whether to read what is there already; one that is not loaded can only be written.

    Raises:
        WriteError: it is there and cannot be read.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], maker: str = "", load: bool = True) -> None:
        self.path = folder / NAME
        self._settings, self._maker = digest(settings), maker
        self._lock = threading.Lock()
        self._known: dict[str, bytes] = {}  # output -> its line: a tenth of what the values would take
        if load:
            self._load()

    def _load(self) -> None:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        except OSError as error:
            raise WriteError(f"the manifest {self.path} cannot be read: {error}; delete it to start anew") from None
        for line in lines:
            try:
                self._known[json.loads(line)["output"]] = line
            except (ValueError, KeyError, TypeError):
                continue  # torn by a kill, even inside a character: that photo is done again

    def _known_entry(self, output: str) -> dict[str, Any]:
        with self._lock:
            line = self._known.get(output)
        entry: dict[str, Any] = json.loads(line) if line else {}
        return entry

    def _entry(self, source: Path, output: Path) -> dict[str, Any]:
        stat = source.stat()
        return {
            "input": source.name,
            "size": stat.st_size,
            "changed": stat.st_mtime_ns,
            "settings": self._settings,
            "output": self._name(output),
        }

    def input_of(self, output: Path) -> str | None:
        """The name of the photo that `output` was made from by an earlier run, or None."""
        name = self._known_entry(self._name(output)).get("input")
        return name if isinstance(name, str) else None

    def difference(self, source: Path, output: Path) -> str:
        """Why `output`, which an earlier run made from `source`, is not what this run would make; empty where that is
        not known."""
        try:
            entry = self._entry(source, output)
        except OSError:
            return ""
        before = self._known_entry(entry["output"])
        if before.get("input") != entry["input"]:
            return ""
        if before.get("settings") != entry["settings"]:
            return "was made with other settings"
        changed = any(before.get(key) != entry[key] for key in ("size", "changed"))
        return "was made before this photo changed, or of another one of this name" if changed else ""

    def _name(self, output: Path) -> str:
        return output.name if output.parent == self.path.parent else str(output.resolve())

    def record_plan(self, source: Path, output: Path, keep_times: bool = False) -> None:
        """Say, before writing, which output will come from which input: a kill between renaming the output and writing
        the manifest then loses nothing, because outputs are whole or absent. With `keep_times` the output will have
        its photo's time, and only the file system knows when it was written."""
        entry = self._entry(source, output) | {"maker": self._maker}
        if keep_times:
            entry["times"] = "kept"
        with self._lock:
            try:
                with self.path.open("ab+") as out, locks.hold(out):  # other processes of the run write too
                    os.utime(self.path)  # by the clock that dates the results, which may be a server's
                    entry["at"] = os.fstat(out.fileno()).st_mtime_ns
                    line = json.dumps(entry).encode() + b"\n"  # in ASCII: file names need not be text
                    if out.seek(0, os.SEEK_END):
                        out.seek(-1, os.SEEK_END)
                        if out.read() != b"\n":  # torn by a kill: the new line stands alone
                            line = b"\n" + line
                    out.write(line)
                    out.flush()
                    os.fsync(out.fileno())
            except OSError as error:
                raise WriteError(f"the manifest {self.path} cannot be written: {error.strerror}") from None
            self._known[entry["output"]] = line.strip()

    def is_finished(self, source: Path, output: Path, same_maker: bool = False) -> bool:
        """Whether `output` was made from this very `source` with these settings, and if asked by the `same_maker`, and
        still lies there whole."""
        try:
            entry, written = self._entry(source, output), output.stat()
        except OSError:
            return False
        if same_maker:
            entry["maker"] = self._maker
        entry_before = self._known_entry(entry["output"])
        # an output older than its plan is what an interrupted run was about to replace; an empty one holds its place
        times = entry_before.get("times") == "kept"
        when = max(written.st_mtime_ns, written.st_ctime_ns) if times else written.st_mtime_ns
        whole = written.st_size > 0 and when >= entry_before.get("at", math.inf) - _COARSE
        return whole and entry.items() <= entry_before.items()
