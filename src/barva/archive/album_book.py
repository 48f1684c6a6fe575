"""`album.json`: what was decided for each photo of an album, and the marks on its guide."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from barva.errors import ReadError, UsageError
from barva.files import write_whole
from barva.guidance.marks import Guidance
from barva.methods.base import Float

NAME = "album.json"
VERSION = 1


@dataclass(frozen=True)
class Decision:
    """What was decided for one page of a photo: `hints` are (n, 5) x and y in shares, a, b, weight; `colors` (h, w, 2)
    what came out, whole Lab units; `like` names the photos that gave the hints."""

    name: str
    hints: Float
    colors: Float
    like: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """As JSON, of ASCII; made once, because the book is saved after each photo."""
        h, w = self.colors.shape[:2]
        packed = base64.b64encode(zlib.compress(np.rint(self.colors).astype(np.int8).tobytes(), 9)).decode()
        row = {"name": self.name, "like": self.like, "hints": round_rows(self.hints), "colors": [h, w, packed]}
        return json.dumps(row)


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

    def save(self) -> None:
        """Whole or not at all."""
        row = {"barva": "album", "version": VERSION, "method": self.method, "guide": self.guide}
        head = json.dumps(row | {"guidance": self.guidance})
        photos = ",\n".join(f"{json.dumps(key)}: {d.text}" for key, d in self.decisions.items())
        write_whole(self.path, f'{head[:-1]}, "photos": {{\n{photos}\n}}}}\n'.encode(), overwrite=True)


def round_rows(rows: Float) -> list[list[float]]:
    return [[round(float(v), 4) for v in row] for row in rows]


def _decision_from_json(row: dict[str, Any]) -> Decision:
    h, w, packed = row["colors"]
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.int8).reshape(int(h), int(w), 2)
    hints = np.array(row["hints"], np.float32).reshape(-1, 5)
    if not np.isfinite(hints).all():
        raise ValueError("hints are numbers")
    return Decision(str(row["name"]), hints, planes.astype(np.float32), tuple(map(str, row["like"])))


def open_book(place: Path, method: str, guide: Path | None, guidance: Guidance | None, overwrite: bool) -> Book:
    """The album's book, with the marks; decisions made with other marks are given up only with `overwrite`."""
    book = Book.open(place, method)
    photo = file_sha256(guide) if guide else book.guide
    marks = guidance.to_json() if guidance else book.guidance
    if (photo, marks, method) == (book.guide, book.guidance, book.method):
        return book
    if book.decisions and not overwrite:
        raise UsageError(f"{book.path} was decided with other marks or another method; --overwrite decides anew")
    return Book(book.path, method, photo, marks)


def file_sha256(source: Path) -> str:
    try:
        return hashlib.sha256(source.read_bytes()).hexdigest()
    except OSError as error:
        raise ReadError(f"{source} cannot be read: {error.strerror or error}") from None
