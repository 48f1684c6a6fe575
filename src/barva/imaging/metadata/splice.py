"""Bytes put into the middle of a finished file, in place and with little memory."""

from __future__ import annotations

import io
from typing import IO

_PIECE = 1 << 20


def replace(file: IO[bytes], start: int, end: int, data: bytes) -> None:
    """Have bytes `start` to `end` of a file that is open for reading and writing be `data`; what follows moves."""
    size = file.seek(0, io.SEEK_END)
    move = len(data) - (end - start)
    if move > 0:
        at = size
        while at > end:  # from the end, so that nothing is overwritten before it was read
            piece = min(_PIECE, at - end)
            at -= piece
            _shift(file, at, piece, move)
    elif move < 0:
        at = end
        while at < size:
            piece = min(_PIECE, size - at)
            _shift(file, at, piece, move)
            at += piece
        file.truncate(size + move)
    file.seek(start)
    file.write(data)


def _shift(file: IO[bytes], at: int, length: int, move: int) -> None:
    file.seek(at)
    piece = file.read(length)
    file.seek(at + move)
    file.write(piece)
