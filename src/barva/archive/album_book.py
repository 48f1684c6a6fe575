"""`album.json`: what was decided for each photo of an album, and the marks on its guide."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from barva.archive import album_index
from barva.errors import ReadError, UsageError, WriteError
from barva.files import write_whole
from barva.guidance.marks import Guidance
from barva.methods.base import Float
from barva.runtime.locks import FileLock, lock_or_refuse

NAME = "album.json"
JOURNAL = ".album.journal.jsonl"
"""Beside it: decisions since it was written, a line each, so that it is not written whole after each photo."""
LOCK = ".album.lock"
VERSION = 1


@dataclass(frozen=True)
class Decision:
    """What was decided for one page of a photo: `hints` are (n, 5) x and y in shares, a, b, weight; `packed` what came
    out, as `pack_colors` gives it; `like` names the photos that gave the hints; `look` is the photo's description
    (`album_index`), packed, empty where there is none. Colors stay packed, because an album has thousands of photos."""

    name: str
    hints: Float
    packed: tuple[int, int, str]
    like: tuple[str, ...] = ()
    look: str = ""

    @property
    def colors(self) -> Float:
        """(h, w, 2) chroma, whole Lab units. ValueError, zlib.error: it is damaged."""
        h, w, text = self.packed
        planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.int8)
        return planes.reshape(h, w, 2).astype(np.float32)

    @property
    def text(self) -> str:
        """As JSON, of ASCII."""
        row = {"name": self.name, "like": self.like, "hints": round_rows(self.hints), "colors": self.packed}
        return json.dumps(row | ({"look": self.look} if self.look else {}))


def pack_colors(colors: Float) -> tuple[int, int, str]:
    """Height, width, and chroma (h, w, 2) as whole Lab units, packed as text."""
    h, w = colors.shape[:2]
    return h, w, base64.b64encode(zlib.compress(np.rint(colors).astype(np.int8).tobytes(), 9)).decode()


@dataclass
class Book:
    """`album.json`: decisions by photo, and the marks on the guide. Errors: `ReadError`, `WriteError`."""

    path: Path
    method: str
    guide: str = ""
    guidance: str = ""
    decisions: dict[str, Decision] = field(default_factory=dict)

    @classmethod
    def open(cls, place: Path, method: str) -> Book:
        """The book of an output folder, an empty one if there is none."""
        path = place / NAME
        book = cls._read(path, method)
        book._read_journal()
        return book

    @classmethod
    def _read(cls, path: Path, method: str) -> Book:
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["barva"] != "album" or stored["version"] != VERSION:
                raise ValueError(f"version {VERSION} is known")
            decisions = {key: _decision_from_json(row) for key, row in stored["photos"].items()}
            return cls(path, str(stored["method"]), str(stored["guide"]), str(stored["guidance"]), decisions)
        except FileNotFoundError:
            return cls(path, method)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise ReadError(f"{path} is not an album's: {error}; delete it to decide anew") from None

    def add(self, key: str, decision: Decision) -> None:
        """Decide a page: its line is on the disk before its picture is. WriteError."""
        self.decisions[key] = decision
        line = f'{{"of": "{self._digest()}", "key": {json.dumps(key)}, "decision": {decision.text}}}\n'
        path = self.path.with_name(JOURNAL)
        try:
            with path.open("ab+") as out:
                if out.seek(0, os.SEEK_END):
                    out.seek(-1, os.SEEK_END)
                    line = line if out.read() == b"\n" else f"\n{line}"  # torn by a kill: the new line stands alone
                out.write(line.encode())
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise WriteError(f"{path} cannot be written: {error.strerror}") from None

    def _digest(self) -> str:
        """What tells one album's decisions from another's."""
        return hashlib.sha256(json.dumps([self.method, self.guide, self.guidance]).encode()).hexdigest()[:16]

    def _read_journal(self) -> None:
        """Take decisions of a run that was killed. ReadError."""
        path = self.path.with_name(JOURNAL)
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ReadError(f"{path} cannot be read: {error.strerror}") from None
        for line in lines:
            try:
                row = json.loads(line)
                if row["of"] == self._digest():
                    self.decisions[str(row["key"])] = _decision_from_json(row["decision"])
            except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
                continue  # torn by a kill: that photo is decided again

    def save(self) -> None:
        """`album.json`, whole or not at all; then the journal is not needed. WriteError."""
        row = {"barva": "album", "version": VERSION, "method": self.method, "guide": self.guide}
        head = json.dumps(row | {"guidance": self.guidance})
        photos = ",\n".join(f"{json.dumps(key)}: {d.text}" for key, d in self.decisions.items())
        write_whole(self.path, f'{head[:-1]}, "photos": {{\n{photos}\n}}}}\n'.encode(), overwrite=True)
        with contextlib.suppress(OSError):
            self.path.with_name(JOURNAL).unlink(missing_ok=True)


def round_rows(rows: Float) -> list[list[float]]:
    return [[round(float(v), 4) for v in row] for row in rows]


def _decision_from_json(row: dict[str, Any]) -> Decision:
    h, w, packed = row["colors"]
    hints = np.array(row["hints"], np.float32).reshape(-1, 5)
    if not np.isfinite(hints).all():
        raise ValueError("hints are numbers")
    look = str(row.get("look", ""))
    if look:
        album_index.unpack(look)  # whether it is one
    decision = Decision(str(row["name"]), hints, (int(h), int(w), str(packed)), tuple(map(str, row["like"])), look)
    _ = decision.colors  # whether they are some
    return decision


def lock_album(place: Path) -> FileLock:
    """The lock of an album's folder, taken: of two runs the last would forget what the other has decided.

    Raises:
        UsageError: another run has it.
        WriteError: the folder cannot be written to.
    """
    return lock_or_refuse(place / LOCK, f"colors the album in {place}")


def open_book(place: Path, method: str, guide: Path | None, guidance: Guidance | None, overwrite: bool) -> Book:
    """The album's book, with the marks; decisions made with other marks are given up only with `overwrite`."""
    book = Book.open(place, method)
    photo = file_sha256(guide) if guide else book.guide
    marks = guidance.to_json() if guidance else book.guidance
    if (photo, marks, method) == (book.guide, book.guidance, book.method):
        return book
    if book.decisions and not overwrite:
        raise UsageError(f"{book.path} was decided with other marks or another method; --overwrite decides anew")
    changed = Book(book.path, method, photo, marks)
    changed._read_journal()
    return changed


def file_sha256(source: Path) -> str:
    """The digest of a file, which need not fit into memory. ReadError."""
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReadError(f"{source} cannot be read: {error.strerror or error}") from None
