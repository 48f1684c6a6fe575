"""Files that are read whole, and written so that they are whole or absent."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from barva.errors import BarvaError, ReadError, UsageError, WriteError

T = TypeVar("T")

PART = ".barva-part"
"""How names of unfinished files end; no listing of photos takes them."""


def reason(error: BaseException) -> str:
    """Why the system refused a file, in a few words, also where a library wraps the system's error in a text."""
    text = getattr(error, "strerror", None) or str(error)
    for known in ("No space left on device", "File too large", "Disk quota exceeded", "Read-only file system"):
        if known in text:
            return known
    return " ".join(text.split()) or type(error).__name__


def replace_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a file beside `target`, then put it in place; a file that is there already is replaced.

    Raises:
        WriteError: the file system refuses, such as a full disk; nothing of the new file is left then, and what was
            there before is still there.
    """
    replace_together({target: write})


def replace_together(writers: Mapping[Path, Callable[[Path], object]]) -> None:
    """As `replace_whole`, for files that belong together: none is put in place before all are written."""
    parts = {target: target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}{PART}") for target in writers}
    at = next(iter(parts), Path())
    try:
        for at, part in parts.items():
            writers[at](part)
            with part.open("r+b") as file:
                os.fsync(file.fileno())  # the bytes before the name, so that a power cut leaves no empty file
        for at, part in parts.items():
            part.replace(at)
    except BarvaError:
        raise
    except (OSError, ValueError) as error:  # a ValueError: a path with a zero byte
        raise WriteError(f"{at} cannot be written: {reason(error)}") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError, ValueError):
                part.unlink(missing_ok=True)


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Bytes into files that belong together, as `replace_together`."""
    replace_together({path: partial(_put, data=data) for path, data in contents.items()})


def _put(part: Path, data: bytes) -> None:
    part.write_bytes(data)


def write_whole(target: Path, data: bytes, overwrite: bool) -> None:
    """Bytes into a file that is whole or absent. WriteError, also where it exists and is not to be replaced."""
    if not overwrite and os.path.lexists(target):
        raise WriteError(f"{target} exists already; --overwrite replaces it")
    write_together({target: data})


def read_whole(path: Path, what: str, largest: int, parse: Callable[[bytes, Path], T]) -> T:
    """The value that `parse` makes of a file's bytes and folder.

    Args:
        path: the file.
        what: what the file is, for the messages: "hint file".
        largest: the most bytes that it may have.
        parse: from (bytes, folder); its UsageErrors get the file's name in front.

    Raises:
        ReadError: there is no such file, it cannot be read, or it is larger than `largest`.
        UsageError: `parse` refuses the content.
    """
    try:
        if path.stat().st_size > largest:
            raise ReadError(f"{path} is too large for a {what}")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such {what}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        return parse(data, path.parent)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
