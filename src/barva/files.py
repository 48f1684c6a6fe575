"""Files that are read whole, and written so that they are whole or absent."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from barva.errors import BarvaError, Message, ReadError, UsageError, WriteError

T = TypeVar("T")

LISTS = (".txt", ".lst")
"""How text files are named that list files."""

PART = ".barva-part"
"""How names of unfinished files end; no listing of photos takes them."""

MARK = ".color"
"""What names of results have before their ending."""

_OURS = re.compile(r"\.(color|recolored)(\.\d+)?$")

REFUSALS = (
    Message("No space left on device", code="system.no-space"),
    Message("File too large", code="system.file-too-large"),
    Message("Disk quota exceeded", code="system.quota"),
    Message("Read-only file system", code="system.read-only"),
)
"""What systems say where they refuse a file, also inside the texts of libraries."""


def reason(error: BaseException) -> str:
    """Why the system refused a file, in a few words, also where a library wraps the system's error in a text."""
    text = getattr(error, "strerror", None) or str(error)
    for known in REFUSALS:
        if known in text:
            return known
    return " ".join(text.split()) or type(error).__name__


def replace_whole(target: Path, write: Callable[[Path], object], part: Path | None = None) -> None:
    """Have `write` fill another file, then put it in place; a file that is there already is replaced.

    Args:
        target: the file.
        write: fills the file whose path it is given.
        part: the unfinished file, on the file system of `target`; None: beside it, by a name that no other run takes.

    Raises:
        WriteError: the file system refuses, such as a full disk; nothing of the new file is left then, and what was
            there before is still there.
    """
    _replace({target: write}, {target: part or _part_of(target)})


def replace_together(writers: Mapping[Path, Callable[[Path], object]]) -> None:
    """As `replace_whole`, for files that belong together: none is put in place before all are written."""
    _replace(writers, {target: _part_of(target) for target in writers})


def _part_of(target: Path) -> Path:
    return target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}{PART}")


def sync(path: Path) -> None:
    """Have a file's bytes on the disk before it gets its name, so that a power cut leaves no empty file. OSError."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _replace(writers: Mapping[Path, Callable[[Path], object]], parts: Mapping[Path, Path]) -> None:
    at = next(iter(parts), Path())
    try:
        for at, part in parts.items():
            writers[at](part)
            sync(part)
        for at, part in parts.items():
            part.replace(at)
    except BarvaError:
        raise
    except (OSError, ValueError) as error:  # a ValueError: a path with a zero byte
        raise WriteError(
            "{file} cannot be written: {problem}", code="write.failed", file=at, problem=reason(error)
        ) from error
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
    """Bytes into a file that is whole or absent; a link to a file stays, and that file is replaced. WriteError, also
    where it exists and is not to be replaced."""
    if not overwrite and os.path.lexists(target):
        raise WriteError(f"{target} exists already; --overwrite replaces it")
    linked = target.is_symlink() and target.is_file()  # no link to a device: what it leads to is never replaced
    write_together({Path(os.path.realpath(target)) if linked else target: data})


def is_hidden_or_own(name: str) -> bool:
    """Whether looks into folders pass over a picture of that name: it is hidden, or our own result."""
    return name.startswith(".") or (
        (".recolored" in name or MARK in name) and _OURS.search(name.rpartition(".")[0]) is not None
    )


def read_list(path: Path) -> list[Path]:
    """The files that a text file names, one a line, seen from its own folder; # begins a remark. ReadError."""
    try:
        names = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}") from None
    return [path.parent / name.strip() for name in names if name.strip() and not name.startswith("#")]


def absolute(path: Path) -> Path:
    """A path from the root on. Links stay links, and `..` is taken as text, as `cd` of a shell does."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.absolute` keeps `..`, `Path.resolve` follows links


def mirror(files: Sequence[Path], into: Path | None, below: Path | None = None) -> list[tuple[Path, Path]]:
    """Where results of listed files go: below `into`, as the files lie below the lowest folder that holds them all.

    Args:
        files: the files, in any order, perhaps some of them twice.
        into: the folder of all results; None: each goes beside its file.
        below: a folder that holds them all, in place of the lowest one.

    Returns:
        Each file from the root on, and the folder of its result.

    Raises:
        UsageError: no folder holds them all: they lie on different drives, or one of them outside `below`.

    Examples:
        >>> mirror([Path("/reels/a.mp4"), Path("/reels/1932/b.mp4")], Path("out"))[1][1].as_posix()
        'out/1932'
    """
    found = [absolute(file) for file in files]
    if into is None or not found:
        return [(file, file.parent) for file in found]
    folders = [str(file.parent) for file in found]
    if below is not None:
        top = str(absolute(below))
        if outside := next((file for file in found if not file.is_relative_to(top)), None):
            raise UsageError(f"{outside} does not lie below {below}")
        return [(file, into / os.path.relpath(folder, top)) for file, folder in zip(found, folders, strict=True)]
    try:
        top = os.path.commonpath(folders)
    except ValueError:  # Windows
        other = next(file for file in found if file.drive != found[0].drive)
        raise UsageError(f"{found[0]} and {other} lie on different drives: list them apart") from None
    return [(file, into / os.path.relpath(folder, top)) for file, folder in zip(found, folders, strict=True)]


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
            raise ReadError("{file} is too large for a {kind}", code="file.too-large", file=path, kind=what)
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError("{file}: there is no such {kind}", code="file.no-such", file=path, kind=what) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(
            "{file} cannot be read: {problem}",
            code="file.unreadable",
            file=path,
            problem=getattr(error, "strerror", None) or error,
        ) from None
    try:
        return parse(data, path.parent)
    except UsageError as error:
        raise UsageError("{place}: {problem}", code="at", place=path, problem=error) from None
