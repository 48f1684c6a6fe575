"""Where measured photos come from: a folder, a tar file, one picture; read as Barva reads every photo."""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath

import numpy as np
import numpy.typing as npt

from barva.archive import folder
from barva.errors import ReadError, UsageError
from barva.imaging import formats

Picture = npt.NDArray[np.uint8]


def photos_in(path: str | Path, broken: list[str] | None = None) -> Iterator[tuple[str, Picture]]:
    """Photos (key, RGB (H, W, 3) `uint8`, upright, sRGB) of a tar file, of a folder and those below it, or of one file.

    The key is the name without its suffix, for folders with the way to it. Masks (`KEY.mask.png`), hidden files,
    Barva's own results in a folder and everything that is no picture by its suffix are passed over. One photo at a time
    is held.

    Args:
        path: a folder, a tar file or a picture.
        broken: takes a line on each photo of a folder or a tar file, and each folder, that cannot be read; it is then
            left out. Without the list it is a `ReadError` that names it.
    """
    path = Path(path)
    if path.is_dir():
        listing = folder.scan(path, recursive=True)
        for place, why in listing.left_out.unreadable:
            _leave_out(ReadError(f"the folder {place} cannot be read: {why}"), broken)
        for file in listing.photos:
            if not is_photo(file.name):
                continue
            try:
                picture = read_file(file)
            except ReadError as error:
                _leave_out(error, broken)
            else:
                yield _key(file.relative_to(path)), picture
    elif not path.is_file():
        raise ReadError(f"{path}: there is no such file or folder")
    elif path.suffix.lower() in formats.suffixes():
        yield _key(Path(path.name)), read_file(path)
    else:
        yield from _in_tar(path, broken)


def _key(path: PurePath) -> str:
    """A photo's name in reports, without its ending; bytes that are no text in UTF-8 as escapes."""
    return os.fsencode(path.with_suffix("").as_posix()).decode("utf-8", "backslashreplace")


def _leave_out(error: ReadError, broken: list[str] | None) -> None:
    if broken is None:
        raise error
    broken.append(str(error))


def count(path: str | Path) -> int | None:
    """How many photos `photos_in` will give; None where only reading everything would tell."""
    path = Path(path)
    return sum(1 for _ in _files(path)) if path.is_dir() else None


def _files(path: Path) -> Iterator[Path]:
    return (file for file in folder.photos_in(path, recursive=True) if is_photo(file.name))


def keys_in(path: str | Path) -> list[str]:
    """The keys of all photos that `photos_in` will try to read; none where the tar file is damaged, as it will say.
    `UsageError`: two photos have one key, such as `a.png` beside `a.jpg`."""
    path = Path(path)
    names: dict[str, PurePath] = {}
    for name in _names(path):
        key = _key(name)
        if key in names:
            raise UsageError(f"{path} holds two photos called '{key}': {names[key].name} and {name.name}; rename one")
        names[key] = name
    return list(names)


def _names(path: Path) -> Iterator[PurePath]:
    if path.is_dir():
        yield from (file.relative_to(path) for file in _files(path))
    elif path.suffix.lower() in formats.suffixes():
        yield PurePath(path.name)
    else:
        errors = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)
        with contextlib.suppress(*errors), tarfile.open(path) as tar:
            yield from (PurePosixPath(m.name) for m in tar if m.isfile() and is_photo(m.name))


def _in_tar(path: Path, broken: list[str] | None) -> Iterator[tuple[str, Picture]]:
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() and is_photo(member.name) else None
                if stream is None:
                    continue
                name, data = PurePosixPath(member.name), stream.read()
                try:
                    picture = read_bytes(data, f"{path}: {name}")
                except ReadError as error:
                    _leave_out(error, broken)
                else:
                    yield _key(name), picture
    except ReadError:
        raise
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        why = str(error).partition(":")[0]  # the rest lists every compression that was tried
        raise ReadError(f"{path}: not a photo, and not a whole tar file of photos ({why})") from error


def is_photo(name: str) -> bool:
    """Whether a file of that name counts as a photo: a picture's suffix, not hidden, not a mask."""
    at = PurePosixPath(name)
    return at.suffix.lower() in formats.suffixes() and ".mask" not in at.suffixes and not at.name.startswith(".")


def read_file(path: Path) -> Picture:
    """RGB (H, W, 3) `uint8` of a picture file. `ReadError`."""
    try:
        return read_bytes(path.read_bytes(), str(path))
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path} cannot be read: {error.strerror}") from error


def read_bytes(data: bytes, name: str) -> Picture:
    """RGB (H, W, 3) `uint8`, upright and in sRGB, of a picture file's bytes; `name` is for the `ReadError`.

    Alpha is dropped; 16 bits become 8.
    """
    from barva.imaging.read import read

    try:
        photo = read(data)
        pixels = photo.pixels()[..., : photo.bands]
    except ReadError as error:
        # what follows a semicolon, outside of brackets, are options of other commands
        what = re.split(r";(?![^()]*\))", str(error))[0].removeprefix("<bytes>").strip()
        raise ReadError(f"{name}: {what}") from error
    if pixels.dtype != np.uint8:
        pixels = ((pixels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return np.asarray(np.repeat(pixels, 3, axis=2) if photo.bands == 1 else np.ascontiguousarray(pixels), np.uint8)
