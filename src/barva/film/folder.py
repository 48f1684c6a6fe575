"""The working folder of a film: what is known of each piece, and the pieces that are finished, so that whatever happens
a second run goes on there.

| file | what it holds |
|---|---|
| `job.json` | what was asked: of another job nothing is taken |
| `N.plan.json` | a piece's frames, before it is colored |
| `N.keys.npz` | chroma of its key frames that was known before it was colored |
| `N.view.npz` | the first frame of a shot, by which the place is known again |
| `N.nut` | the piece in color, whole or absent |
| `N.end.npz`, `N.order.json` | chroma of its last frame; the order of its packets |
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from barva.errors import WriteError
from barva.files import reason, write_whole
from barva.film.plan import Piece
from barva.imaging.write import make_folder
from barva.types import Float

PIECE = "nut"
"""The container of pieces: it keeps every time base."""


@dataclass(frozen=True)
class WorkFolder:
    """Files by the number of their piece."""

    path: Path

    def open(self, digest: str) -> None:
        """Keep what an earlier run left if it was asked the same; else begin anew. WriteError."""
        try:
            same = json.loads((self.path / "job.json").read_text(encoding="utf-8")) == {"digest": digest}
        except (OSError, ValueError):
            same = False
        if same:
            return
        try:
            shutil.rmtree(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:  # what stays would be taken for this job's pieces
            raise WriteError(
                "{file} cannot be written: {problem}", code="write.failed", file=self.path, problem=reason(error)
            ) from None
        make_folder(self.path)
        write_whole(self.path / "job.json", json.dumps({"digest": digest}).encode(), True)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def has_pieces(self) -> bool:
        """Whether a piece is finished."""
        return any(self.path.glob(f"*.{PIECE}"))

    def file(self, number: int, ending: str) -> Path:
        return self.path / f"{number:06}.{ending}"

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
        return self.file(piece.number, PIECE).is_file()

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
