"""Folders that a URL may name: on this machine, in S3 or Google's store, or wherever fsspec reaches.

S3's address takes `?endpoint_override=HOST:PORT&scheme=http&region=NAME`; keys come from the environment.
Every wait ends: a server that does not answer is named after `CONNECT` seconds.
"""

from __future__ import annotations

import contextlib
import io
import os
import posixpath
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from barva.archive.folder import is_plain_file
from barva.errors import BarvaError, ReadError, UsageError, WriteError
from barva.extras import missing
from barva.files import PART, absolute, reason, write_whole

T = TypeVar("T")

CONNECT, REQUEST, TRIES = 5, 30, 3
"""Seconds to reach a server, seconds for one answer, and tries."""

HIDDEN = ".barva"
"""The folder in a run's target that holds what Barva knows of it."""


@dataclass(frozen=True)
class Place:
    """A folder. `files` is its pyarrow file system, `path` the folder's path there, `url` as the user named it."""

    files: Any
    path: str
    url: str
    is_local: bool

    @property
    def local(self) -> Path:
        """Its path on this machine, where it lies here."""
        return Path(self.path)

    @property
    def bare_url(self) -> str:
        """Its path or URL without options."""
        return self.path if self.is_local else self.url.partition("?")[0].rstrip("/")

    def full(self, name: str) -> str:
        """The path or URL of a file in it; one that lies elsewhere keeps its own."""
        return os.path.join(self.path, name) if self.is_local else f"{self.bare_url}/{name}"  # noqa: PTH118 - many names

    def below(self, name: str) -> str:
        """The path of a file in it, `/` between folders."""
        return posixpath.join(self.path, name)

    def guard(self, error: type[BarvaError], work: Callable[[], T], name: str = "") -> T:
        """What `work` gives; what the file system refuses becomes one line."""
        try:
            return work()
        except BarvaError:
            raise
        except Exception as problem:  # file systems have errors of their own
            verb = "written" if error is WriteError else "reached"
            raise error(f"{self.full(name) if name else self.bare_url} cannot be {verb}: {_brief(problem)}") from None

    def read(self, name: str) -> bytes:
        """A file's bytes. ReadError."""

        def work() -> bytes:
            if self.is_local:
                return (self.local / name).read_bytes()
            with self.files.open_input_stream(self.below(name), compression=None) as stream:
                return bytes(stream.read())

        return self.guard(ReadError, work, name)

    def lines(self, name: str, start: int = 0) -> Iterator[bytes]:
        """Lines of a file that need not fit into memory, from a byte on. ReadError."""
        opened = self.guard(ReadError, lambda: self.files.open_input_file(self.below(name)), name)
        with io.BufferedReader(opened, 1 << 20) as file:
            file.seek(start)
            while line := self.guard(ReadError, file.readline, name):
                yield line

    def write(self, name: str, data: bytes) -> None:
        """A file that is whole or absent, also after a power cut; one that is there is replaced. WriteError."""
        if self.is_local:
            self.guard(WriteError, partial(self._write_here, name, data), name)
            return

        def work() -> None:
            target = self.below(name)
            whole_at_once = self.files.type_name in ("s3", "gcs", "abfs")  # an object appears when it is complete
            part = target if whole_at_once else self.below(_part(name))
            if not whole_at_once:
                self.files.create_dir(posixpath.dirname(target), recursive=True)
            try:
                with self.files.open_output_stream(part, compression=None) as stream:
                    stream.write(data)
                if not whole_at_once:
                    self.files.move(part, target)
            except BaseException:
                with contextlib.suppress(Exception):
                    if not whole_at_once:
                        self.files.delete_file(part)
                raise

        self.guard(WriteError, work, name)

    def _write_here(self, name: str, data: bytes) -> None:
        target = self.local / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, data, overwrite=True)

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name. ReadError."""
        if self.is_local:
            return self.guard(ReadError, (self.local / name).is_file, name)
        info = self.guard(ReadError, lambda: self.files.get_file_info(self.below(name)), name)
        return bool(info.is_file)

    def check(self) -> None:
        """ReadError: it is gone, or its server does not answer."""
        info = self.guard(ReadError, lambda: self.files.get_file_info(self.path))
        if info.type.name == "NotFound" and self.is_local:  # a store's folder is there once a file is in it
            raise ReadError(f"the folder {self.url} is gone; run the same command again to go on once it is back")

    def delete(self, name: str) -> None:
        """Take a file away, if it is there. WriteError."""
        if self.is_local:
            self.guard(WriteError, lambda: (self.local / name).unlink(missing_ok=True), name)
        elif self.exists(name):
            self.guard(WriteError, lambda: self.files.delete_file(self.below(name)), name)

    def names(self, folder: str) -> list[str]:
        """Names of files in one of its folders, sorted; none where there is no such folder. ReadError."""
        return sorted(name for name, is_file in self._entries(folder) if is_file)

    def _entries(self, folder: str) -> list[tuple[str, bool]]:
        """Names in one of its folders ("" for itself), and whether each is a file. ReadError."""
        if self.is_local:
            return self.guard(ReadError, lambda: _entries_here(self.local / folder), folder)
        from pyarrow import fs

        selector = fs.FileSelector(self.below(folder) if folder else self.path, allow_not_found=True)
        listed = self.guard(ReadError, lambda: self.files.get_file_info(selector), folder)
        return [(info.base_name, info.is_file) for info in listed]

    def walk(self) -> Iterator[tuple[str, list[str]]]:
        """Its folders, each by its name seen from it ("" for itself), with the names of the files in it, sorted; one
        after the other, so that the first are known long before the last. Links to folders are not followed.
        ReadError."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            inside = sorted(self._entries(folder))
            below = [posixpath.join(folder, name) for name, is_file in reversed(inside) if not is_file]
            waiting += [name for name in below if not self.is_local or _is_own_folder(self.local / name)]
            yield folder, [name for name, is_file in inside if is_file]


def place_of(text: str) -> Place:
    """The folder that a path or URL names.

    Args:
        text: a path, or a URL such as `s3://bucket/scans`.

    Raises:
        UsageError: an unknown scheme, or pyarrow is not installed.
        ReadError: the server cannot be reached.
    """
    try:
        from pyarrow import fs
    except ImportError:
        raise missing("archive", ["pyarrow"]) from None
    if not is_url(text):
        return Place(fs.LocalFileSystem(), absolute(Path(text)).as_posix(), text, True)
    parts = urlsplit(text)
    try:
        if parts.scheme == "s3":
            return Place(_s3(fs, dict(parse_qsl(parts.query))), f"{parts.netloc}{parts.path}".rstrip("/"), text, False)
        if parts.scheme in ("gs", "gcs", "abfs", "hdfs"):
            files, path = fs.FileSystem.from_uri(text)
            return Place(files, path.rstrip("/"), text, False)
        import fsspec.core

        inner, path = fsspec.core.url_to_fs(text)
        return Place(fs.PyFileSystem(fs.FSSpecHandler(inner)), str(path).rstrip("/"), text, False)
    except ImportError as error:
        raise UsageError(f"{parts.scheme}: addresses need a package that is not installed: {_brief(error)}") from None
    except (ValueError, OSError) as error:
        raise ReadError(f"{text} cannot be reached: {_brief(error)}") from None


def _entries_here(folder: Path) -> list[tuple[str, bool]]:
    try:
        with os.scandir(folder) as entries:
            return [(entry.name, is_plain_file(entry)) for entry in entries]
    except FileNotFoundError:
        return []


def _is_own_folder(path: Path) -> bool:
    """Whether what is no file is a folder, and neither a link to one nor something else, such as a pipe."""
    return path.is_dir() and not path.is_symlink()


def is_url(text: str) -> bool:
    """Whether it is a URL rather than a path; `C:` is a path."""
    scheme, mark, _ = text.partition("://")
    return bool(mark) and len(scheme) > 1


def _s3(fs: Any, options: dict[str, str]) -> Any:
    known = {"endpoint_override", "scheme", "region"}
    if unknown := set(options) - known:
        raise UsageError(f"an address of S3 takes {', '.join(sorted(known))}, not {', '.join(sorted(unknown))}")
    return fs.S3FileSystem(
        **options,
        connect_timeout=CONNECT,
        request_timeout=REQUEST,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
    )


def _part(name: str) -> str:
    head, tail = posixpath.split(name)
    return posixpath.join(head, f".{tail[:50]}.{secrets.token_hex(4)}{PART}")


def _brief(error: BaseException) -> str:
    """An error of a store in a few words: its own name of it, rather than the whole answer of its server."""
    text = reason(error)
    for code, words in (("ACCESS_DENIED", "permission denied"), ("NO_SUCH_BUCKET", "there is no such bucket")):
        if code in text:
            return words
    return text if len(text) <= 200 else text[:197] + "..."
