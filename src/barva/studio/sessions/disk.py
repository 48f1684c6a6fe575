"""The state folder: ids that cannot be guessed, files that are whole or absent. No name that a client sends is ever
part of a path."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from barva.errors import Message, WriteError, one_line
from barva.files import reason

_ID = re.compile(r"[A-Za-z0-9_-]{32}")
PART = ".part"
_FOLDER = re.compile(
    r"(?:(?<!\S)(?:[A-Za-z]:)?[\\/].*?|\S*)"  # whole paths may have spaces in them, as those of Windows and macOS have
    r"[\\/](?:uploads|sessions|jobs|films)[\\/][A-Za-z0-9_-]{32}[\\/]"
)
_FILE = re.compile(r"^(?:<bytes>|(?:photo|in)(?:-\d+)?)(?=[ :]|$)")
_ADVICE = re.compile(r"; --\S+ .*$|(?<=; )choose one with --\S+ or ")
_FIRST = re.compile(r"{(\w+)}")
_PHOTO = Message("the photo", code="the-photo")


def new_id() -> str:
    """192 random bits as 32 letters, digits, - and _."""
    return secrets.token_urlsafe(24)


def is_id(text: str) -> bool:
    """Whether it could have come from `new_id`; nothing else is ever joined to a path."""
    return _ID.fullmatch(text) is not None


def tidy(message: Message) -> Message:
    """An error's one line without the names of this folder, and without options that only the command line has."""
    message = one_line(message).map_text(lambda text: _ADVICE.sub("", _FOLDER.sub("", text)))
    first = _FIRST.match(message.template)
    if first is None:
        return message.with_values(_FILE.sub(_PHOTO, message.template))
    value = message.values.get(first[1])
    return message.with_values(**{first[1]: _PHOTO}) if isinstance(value, str) and _FILE.fullmatch(value) else message


def folder(path: Path) -> Path:
    """Make a folder that only its owner can read. WriteError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        if is_full(error):
            raise failed(path, error) from error
        raise WriteError(
            "the folder {folder} cannot be made: {problem}",
            code="write.no-folder-made",
            folder=path,
            problem=error.strerror,
        ) from error
    return path


FULL = Message("the disk of the server is full; delete sessions or jobs, or make room on it", code="disk-full")


class FullError(WriteError):
    """The disk has no room for it. Nothing was changed."""


_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


def is_full(error: BaseException | None) -> bool:
    """Whether an error comes from a disk without room, whatever it became on its way."""
    seen = 0
    while error is not None and seen < 20:
        if isinstance(error, FullError) or (isinstance(error, OSError) and error.errno in _FULL):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def failed(path: Path, error: OSError) -> WriteError:
    """What to raise where a file could not be written."""
    if is_full(error):
        return FullError(FULL)
    return WriteError("{file} cannot be written: {problem}", code="write.failed", file=path.name, problem=reason(error))


def put(path: Path, data: bytes) -> None:
    """Write beside and rename. WriteError."""
    put_all({path: data})


def take(source: bytes | Path, path: Path) -> None:
    """Bytes written, or a file of the same disk moved, to `path`. WriteError."""
    put_all({path: source})


def put_all(files: Mapping[Path, bytes | Path]) -> None:
    """Several files of one state: all that takes room is written beside them first, then everything takes its place
    by renaming. Where there is no room, all are as they were. Bytes are written, files of the same disk moved.
    WriteError."""
    parts: dict[Path, Path] = {}
    path = next(iter(files), Path())
    try:
        for path, data in files.items():
            if isinstance(data, bytes):
                part = parts[path] = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
                write(part, data)
        for path, data in files.items():
            (data if isinstance(data, Path) else parts[path]).replace(path)
    except OSError as error:
        raise failed(path, error) from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def write(path: Path, data: bytes) -> None:
    """All of it, and on the disk. OSError."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def link(source: Path, path: Path) -> None:
    """Another name for a file that is never written again; a copy where the disk has no such names. WriteError."""
    try:
        try:
            os.link(source, path)
        except OSError:
            shutil.copyfile(source, path)
    except OSError as error:
        raise failed(path, error) from error


def lock(path: Path) -> IO[bytes]:
    """Hold a file until it is closed, or the process ends in whatever way. BlockingIOError where another does;
    WriteError. Disks that know no locks let everyone in."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=path.name, problem=reason(error)
        ) from error
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        file.close()
        raise BlockingIOError from error
    except OSError:
        pass
    return file


def remove(path: Path) -> None:
    """A folder and all in it; renamed first, so that nobody finds half of it."""
    gone = path.with_name(f".{secrets.token_hex(8)}.gone")
    with contextlib.suppress(OSError):
        path.replace(gone)
    shutil.rmtree(gone, ignore_errors=True)


def folders(root: Path) -> Iterator[Path]:
    """The folders that ids name; what is left of removed ones goes."""
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if is_id(path.name):
            yield path
        elif path.name.endswith(".gone"):
            shutil.rmtree(path, ignore_errors=True)
