"""`Colorizers`: the networks, loaded once for all clients, and whole photos colored with them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from barva.engine.colorizer import Colorizer
from barva.engine.request import Request
from barva.engine.result import Result, save_pages
from barva.errors import BarvaError, Message, ReadError, TooLargeError, UsageError
from barva.imaging.photo import Envelope, Photo
from barva.imaging.read import read, read_pages
from barva.imaging.write import Written, output_format
from barva.studio.jobs.output import Output
from barva.studio.jobs.priority import PriorityGate
from barva.studio.sessions.disk import is_full
from barva.studio.settings import Settings

_log = logging.getLogger("barva.studio")
NAMELESS = "photo"
REFERENCES = 8
"""References of one photo at most."""


class StoppedError(Exception):
    """The photo was cancelled, or the server ends, while it was painted."""


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """What a stranger's file does to a reader is the file's fault. ReadError."""
    try:
        yield
    except (BarvaError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, EOFError):
            raise
        _log.warning("a photo cannot be read", exc_info=True)
        raise ReadError("the photo or its metadata cannot be read", code="photo.unreadable") from error


def _bare(photo: Photo) -> Photo:
    """The photo without what it says of itself beside its pixels."""
    old = photo.envelope
    envelope = Envelope(
        old.format, dpi=old.dpi, compression=old.compression, bits=old.bits, page=old.page, pages=old.pages
    )
    return replace(photo, envelope=envelope)


class Colorizers:
    """Colorizers by method: those for clicks use all cores, those for whole photos one each, several at a time."""

    def __init__(self, settings: Settings, gate: PriorityGate) -> None:
        self.settings, self.gate = settings, gate
        self._colorizers: dict[tuple[str, int | None], Colorizer] = {}
        self._lock = threading.Lock()
        self._seconds = 5.0  # that a photo took of late

    def wait(self, photos: int) -> float:
        """Seconds until about so many photos more will have been colored."""
        return photos * self._seconds / self.settings.workers

    def colorizer(self, method: str, threads: int | None = None) -> Colorizer:
        """UsageError for an unknown method."""
        with self._lock:
            if (method, threads) not in self._colorizers:
                self._colorizers[method, threads] = Colorizer(method, threads=threads)
            return self._colorizers[method, threads]

    def photo(self, data: bytes | Path, name: str = NAMELESS) -> Photo:
        """The first page, its header checked and nothing decoded; where it lies on this machine is forgotten.
        ReadError, TooLargeError."""
        with _reading():
            return replace(read(data, max_pixels=self.settings.max_pixels), path=None, name=name)

    def pages(self, data: bytes | Path) -> list[Photo]:
        """Every page; all their pixels together stay below the limit. ReadError, TooLargeError."""
        first = self.photo(data)
        if first.envelope.pages > self.settings.max_photos:
            raise TooLargeError(
                "the photo has {count} pages; {most} are the most",
                code="photo.too-many-pages",
                count=first.envelope.pages,
                most=self.settings.max_photos,
            )
        with _reading():
            read_ = read_pages(data, max_pixels=self.settings.max_pixels)
            pages = [replace(p, path=None, name=NAMELESS) for p in read_]
        if sum(p.width * p.height for p in pages) > self.settings.max_pixels:
            raise TooLargeError(
                "the pages have more than {most} pixels together",
                code="photo.pages-too-large",
                most=self.settings.max_pixels,
            )
        return pages

    def paint(
        self,
        source: bytes | Path,
        request: Request,
        output: Output,
        references: Sequence[bytes | Path] = (),
        target: Path | None = None,
        check: Callable[[], None] | None = None,
    ) -> tuple[Written, tuple[str, ...]]:
        """A whole photo, in its turn: written to `target`, or as bytes; and the notes. `references` are the request's,
        as files. Any `BarvaError`."""
        if len(references) > REFERENCES:
            raise UsageError(
                "a photo takes at most {count} references, not {number}",
                code="reference.too-many",
                count=REFERENCES,
                number=len(references),
            )
        with self.gate.batch(), self._timed():
            colorizer = self.colorizer(output.method, 1)
            taken = [self.photo(r) for r in references]
            results = []
            for photo in self.pages(source):
                results.append(_paint(colorizer, photo, request, taken))
                self.gate.checkpoint()
            written, left = self._write(results, output, target, check)
        notes = dict.fromkeys(note for result in results for note in result.notes)
        return written, (*notes, *left, *written.notes)

    def _write(
        self, results: list[Result], output: Output, target: Path | None, check: Callable[[], None] | None
    ) -> tuple[Written, tuple[str, ...]]:
        """As a file; without the photo's own metadata where those cannot be written, which a note says."""
        kind = output.format or output_format(results[0].photo.envelope)

        def write(results: list[Result]) -> Written:
            return save_pages(
                [self.gate.yielding(result, check) for result in results], target, format=kind, quality=output.quality,
                provenance=output.provenance, overwrite=True, to_bytes=target is None,
            )  # fmt: skip

        try:
            return write(results), ()
        except (UsageError, ReadError, MemoryError, StoppedError):
            raise
        except Exception as error:  # metadata come from strangers: whatever they hold, the picture is still a picture
            bare = [replace(result, photo=_bare(result.photo)) for result in results]
            if is_full(error) or all(new.photo == old.photo for new, old in zip(bare, results, strict=True)):
                raise
            written = write(bare)
            _log.warning("metadata left out: %s", error, exc_info=True)
            return written, (
                Message("the photo's metadata cannot be written and were left out", code="note.metadata-left-out"),
            )

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._seconds += 0.2 * (time.monotonic() - began - self._seconds)


def _paint(colorizer: Colorizer, photo: Photo, request: Request, references: list[Photo]) -> Result:
    from barva.engine.session import Session

    session = Session(colorizer, photo)
    session.set_references(references)
    return session.answer(request)
