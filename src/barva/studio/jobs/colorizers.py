"""`Colorizers`: the networks, loaded once for all clients, and whole photos colored with them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from barva.engine.colorizer import Colorizer
from barva.engine.request import VARIANTS
from barva.engine.result import Result, save_pages
from barva.errors import BarvaError, ReadError, TooLargeError, UsageError
from barva.guidance.marks import Guidance
from barva.imaging.photo import Envelope, Photo
from barva.imaging.read import read, read_pages
from barva.imaging.write import Written, format_of, output_format
from barva.language.tokens import LONGEST
from barva.methods import catalog
from barva.scene.model import Scene
from barva.studio.jobs.priority import PriorityGate
from barva.studio.sessions.disk import is_full
from barva.studio.settings import Settings

_log = logging.getLogger("barva.studio")
NAMELESS = "photo"
REFERENCES = 8
"""References of one photo at most."""


@dataclass(frozen=True)
class Order:
    """How a photo is to be colored and written. Errors: `UsageError`."""

    method: str = catalog.DEFAULT
    vividness: float = 1.0
    strength: float = 1.0
    seed: int = 0
    variant: int = 0
    text: str = ""
    format: str | None = None
    quality: int | None = None
    provenance: bool = True

    def __post_init__(self) -> None:
        catalog.card(self.method)
        if not 0 <= self.vividness <= 2:
            raise UsageError(f"vividness goes from 0 to 2, not {self.vividness}")
        if not 0 <= self.strength <= 1:
            raise UsageError(f"strength goes from 0 to 1, not {self.strength}")
        if not 0 <= self.seed < 1 << 31:
            raise UsageError(f"a seed goes from 0 to {(1 << 31) - 1}, not {self.seed}")
        if not 0 <= self.variant < VARIANTS:
            raise UsageError(f"variants go from 0 to {VARIANTS - 1}, not {self.variant}")
        if len(self.text) > LONGEST:
            raise UsageError(f"an instruction has at most {LONGEST} characters, not {len(self.text)}")
        if self.format is not None:
            object.__setattr__(self, "format", format_of(self.format))
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise UsageError(f"quality goes from 1 to 100, not {self.quality}")

    @classmethod
    def of(cls, given: dict[str, Any]) -> Order:
        """From text or JSON values; what is missing keeps its default. UsageError."""
        known = {f.name: f.type for f in fields(cls)}
        if unknown := [key for key in given if key not in known]:
            raise UsageError(f"there is no setting {unknown[0][:40]!r}; there are {', '.join(known)}")
        return cls(**{key: _as(key, str(known[key]), value) for key, value in given.items() if value not in (None, "")})

    def over(self, scene: Scene) -> Order:
        """With what a scene says of the whole photo: its method, vividness, strength and seed. UsageError."""
        how = scene.whole.manner
        settings = {key: value for key in _FROM_SCENE if (value := getattr(how, key)) is not None}
        return replace(self, **settings)

    def engine_settings(self) -> dict[str, Any]:
        """What `Session.colorize` takes of it."""
        return {key: getattr(self, key) for key in ("vividness", "strength", "seed", "variant", "text")}

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


_FROM_SCENE = ("method", "vividness", "strength", "seed")


def _as(key: str, kind: str, value: Any) -> Any:
    text = str(value).strip()
    try:
        if kind.startswith("bool"):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        return float(text) if kind.startswith("float") else int(text) if kind.startswith("int") else text
    except (KeyError, ValueError):
        kinds = {"b": "true or false", "f": "a number", "i": "a whole number"}
        raise UsageError(f"{key}: {kinds[kind[0]]} is wanted, not {text[:40]!r}") from None


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
        raise ReadError("the photo or its metadata cannot be read") from error


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
            raise TooLargeError(f"the photo has {first.envelope.pages} pages; {self.settings.max_photos} are the most")
        with _reading():
            read_ = read_pages(data, max_pixels=self.settings.max_pixels)
            pages = [replace(p, path=None, name=NAMELESS) for p in read_]
        if sum(p.width * p.height for p in pages) > self.settings.max_pixels:
            raise TooLargeError(f"the pages have more than {self.settings.max_pixels} pixels together")
        return pages

    def paint(
        self,
        source: bytes | Path,
        order: Order,
        guidance: Guidance | None = None,
        references: Sequence[bytes | Path] = (),
        target: Path | None = None,
        check: Callable[[], None] | None = None,
        scene: Scene | None = None,
    ) -> tuple[Written, tuple[str, ...]]:
        """A whole photo, in its turn: written to `target`, or as bytes; and the notes. Any `BarvaError`."""
        if len(references) > REFERENCES:
            raise UsageError(f"a photo takes at most {REFERENCES} references, not {len(references)}")
        with self.gate.batch(), self._timed():
            colorizer = self.colorizer(order.method, 1)
            taken = [self.photo(r) for r in references]
            results = []
            for photo in self.pages(source):
                results.append(self._painted(colorizer, photo, order, guidance, taken, scene))
                self.gate.checkpoint()
            written, left = self._written(results, order, target, check)
        notes = dict.fromkeys(note for result in results for note in result.notes)
        return written, (*notes, *left, *written.notes)

    def _written(
        self, results: list[Result], order: Order, target: Path | None, check: Callable[[], None] | None
    ) -> tuple[Written, tuple[str, ...]]:
        """As a file; without the photo's own metadata where those cannot be written, which a note says."""
        kind = order.format or output_format(results[0].photo.envelope)

        def write(results: list[Result]) -> Written:
            return save_pages(
                [self.gate.yielding(result, check) for result in results], target, format=kind, quality=order.quality,
                provenance=order.provenance, overwrite=True, to_bytes=target is None,
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
            return written, ("the photo's metadata cannot be written and were left out",)

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._seconds += 0.2 * (time.monotonic() - began - self._seconds)

    def _painted(
        self,
        colorizer: Colorizer,
        photo: Photo,
        order: Order,
        guidance: Guidance | None,
        taken: list[Photo],
        scene: Scene | None,
    ) -> Result:
        from barva.engine.session import Session

        session = Session(colorizer, photo)
        session.set_references(taken)
        return session.colorize(guidance, scene=scene, **order.engine_settings())
