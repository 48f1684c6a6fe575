"""Reports are written together, each whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from barva.errors import WriteError


def save(contents: Mapping[Path, bytes]) -> None:
    """Write every file beside its place under another name, and rename them when all are written.

    `WriteError` names the file that cannot be written; then no place has changed, unless renaming itself failed.
    """
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in contents}
    try:
        for path, part in parts.items():
            with _named(path):
                part.write_bytes(contents[path])
        for path, part in parts.items():
            with _named(path):
                part.replace(path)
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror or error}") from error
