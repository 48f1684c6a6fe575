"""The manifest: which photos of a folder run are finished, so that a killed run goes on where it stopped.

One JSON line for each event, appended and flushed; a torn last line is ignored. An entry counts only while the input
(size and change time), the settings and the output are still the ones that it names.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any

from barva.errors import WriteError

NAME = ".barva-manifest.jsonl"

_COARSE = 2_000_000_000
"""Nanoseconds by which some file systems (FAT) round change times."""


def digest(settings: dict[str, Any]) -> str:
    """A short name for a set of settings."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


class Manifest:
    """The manifest of one output folder, for one set of settings."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.path = folder / NAME
        self._settings = digest(settings)
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Any]] = {}
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        except (OSError, UnicodeDecodeError) as error:
            raise WriteError(f"the manifest {self.path} cannot be read: {error}; delete it to start anew") from None
        for line in lines:
            try:
                entry = json.loads(line)
                self._known[entry["output"]] = entry
            except (ValueError, KeyError, TypeError):
                continue  # torn by a kill: that photo is done again

    def _entry(self, source: Path, output: Path) -> dict[str, Any]:
        stat = source.stat()
        return {
            "input": source.name,
            "size": stat.st_size,
            "changed": stat.st_mtime_ns,
            "settings": self._settings,
            "output": output.name if output.parent == self.path.parent else str(output.resolve()),
        }

    def planned(self, source: Path, output: Path) -> None:
        """Say, before writing, which output will come from which input: a kill between renaming the output and writing
        the manifest then loses nothing, because outputs are whole or absent."""
        entry = self._entry(source, output) | {"at": time.time_ns()}
        with self._lock:
            try:
                with self.path.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            except OSError as error:
                raise WriteError(f"the manifest {self.path} cannot be written: {error.strerror}") from None
            self._known[entry["output"]] = entry

    def finished(self, source: Path, output: Path) -> bool:
        """Whether `output` was made from this very `source` with these settings and still lies there."""
        try:
            entry, written = self._entry(source, output), output.stat().st_mtime_ns
        except OSError:
            return False
        with self._lock:
            known = self._known.get(entry["output"])
        # an output older than its plan is what an interrupted run was about to replace
        return known is not None and known == entry | {"at": known.get("at")} and written >= known["at"] - _COARSE
