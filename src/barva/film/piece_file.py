"""A piece's pictures, encoded into a file of its own, and read from it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from barva.errors import ReadError, WriteError
from barva.files import reason, sync, write_whole
from barva.film.codes import set_colors
from barva.film.encode import Encoding, add_pictures, piece_container
from barva.film.folder import UNFINISHED, WorkFolder
from barva.film.plan import Piece
from barva.film.planes import Codes, Coding
from barva.film.source import FilmFacts, address_of, load_av


class TornPieceError(ReadError):
    """A piece that counts as finished is not whole: a disk or a power cut took a part of it."""

    def __init__(self, piece: Piece, path: Path) -> None:
        super().__init__(
            "{file}: a finished piece of the film cannot be read; run the same command again",
            code="film.torn-piece",
            file=path,
        )
        self.piece = piece


class PieceWriter:
    """Encodes the frames of one piece. Use as a context manager: the file is whole or absent, and beside it lies the
    order of its packets.

    Args:
        path: The file.
        facts: Of the film.
        coding: How pixels are written.
        encoding: How pictures are written.

    Raises:
        WriteError: The file cannot be made, or the codec refuses such pictures.
    """

    def __init__(self, path: Path, facts: FilmFacts, coding: Coding, encoding: Encoding) -> None:
        self.path = path
        # a name that no other run takes, should it be where no locks are
        self.part = path.with_suffix(f".{secrets.token_hex(4)}{UNFINISHED}")
        self.coding = coding
        self._facts, self._prores = facts, encoding.codec == "prores"
        self._av = av = load_av()
        self._order: list[int] = []
        self._time_base = facts.time_base
        self._first: int | None = None
        try:
            self._container = av.open(address_of(self.part), "w", format=piece_container(encoding))
            try:
                self._stream = add_pictures(self._container, facts, coding, encoding)
            except BaseException:
                self._container.close()
                raise
        except (av.error.FFmpegError, ValueError, OSError) as error:
            self.part.unlink(missing_ok=True)
            raise self._failed(error) from None

    def add(self, pts: int, planes: tuple[Codes, Codes, Codes]) -> None:
        """One frame: luma, Cb and Cr. Times in the piece begin at 0. WriteError: the disk is full."""
        self._first = pts if self._first is None else self._first
        frame = self._av.VideoFrame(planes[0].shape[1], planes[0].shape[0], self.coding.pixel_format)
        for plane, values in zip(frame.planes, planes, strict=True):
            _fill(plane, values)
        frame.pts, frame.time_base = pts - self._first, self._time_base
        frame.color_range = 2 if self.coding.full else 1
        if self._prores:  # its encoder takes them from frames
            with suppress(AttributeError):  # an older PyAV
                set_colors(frame, self._facts)
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._order.append(packet.pts)
                self._container.mux(packet)
        except (self._av.error.FFmpegError, OSError) as error:
            raise self._failed(error) from None

    def __enter__(self) -> PieceWriter:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        whole = False
        try:
            if kind is None:
                self._mux(None)
                self._close()
                write_whole(self.path.with_suffix(".order.json"), json.dumps(self._order).encode(), True)
                self._put_in_place()
                whole = True
        finally:
            if not whole:
                with suppress(self._av.error.FFmpegError, OSError):
                    self._container.close()
                self.part.unlink(missing_ok=True)

    def _put_in_place(self) -> None:
        try:
            sync(self.part)
            self.part.replace(self.path)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> WriteError:
        return WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=self.part.parent, problem=reason(error)
        )

    def _close(self) -> None:
        try:
            self._container.close()
        except (self._av.error.FFmpegError, OSError) as error:
            raise self._failed(error) from None


def _fill(plane: Any, values: Codes) -> None:
    """Copy rows into a plane, whose rows may be longer."""
    step = plane.line_size // values.itemsize
    rows = np.frombuffer(plane, values.dtype)[: plane.height * step].reshape(plane.height, step)
    rows[: values.shape[0], : values.shape[1]] = values


def open_piece(folder: WorkFolder, piece: Piece) -> Any:
    """The container of a piece. TornPieceError."""
    path = folder.colored(piece)
    try:
        container = load_av().open(address_of(path))
    except (load_av().error.FFmpegError, ValueError, OSError):
        raise TornPieceError(piece, path) from None
    if not container.streams.video:
        container.close()
        raise TornPieceError(piece, path)
    return container


def packets_of(folder: WorkFolder, piece: Piece, places: Sequence[int]) -> Iterator[tuple[Any, int]]:
    """A piece's packets, each with the place of its frame in the order of showing. TornPieceError."""
    with open_piece(folder, piece) as container:
        packets = (p for p in container.demux(container.streams.video[0]) if p.pts is not None)
        try:
            yield from zip(packets, places, strict=True)
        except (load_av().error.FFmpegError, ValueError, OSError):
            raise TornPieceError(piece, folder.colored(piece)) from None


def places_of(folder: WorkFolder, piece: Piece) -> list[int]:
    """For each packet of a piece the place of its frame in the order of showing. TornPieceError."""
    path = folder.file(piece.number, "order.json")
    try:
        order = json.loads(path.read_text(encoding="utf-8"))
        ranks = {pts: place for place, pts in enumerate(sorted(order))}
        if len(ranks) == len(piece.pts):
            return [ranks[pts] for pts in order]
    except (OSError, ValueError, TypeError):
        pass
    raise TornPieceError(piece, path)
