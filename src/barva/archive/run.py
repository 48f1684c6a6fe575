"""A run over many photos: several at a time, a bad one does not stop it, and it resumes where it was killed."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from barva.archive.folder import Item
from barva.archive.manifest import Manifest
from barva.engine.colorizer import Colorizer
from barva.engine.result import Result, save_pages
from barva.errors import BarvaError, ReadError, WriteError
from barva.imaging.photo import Photo
from barva.imaging.read import read, read_pages
from barva.imaging.write import make_folder
from barva.runtime import weights
from barva.version import __version__

LARGE = 48_000_000
"""Pixels from which photos are coloured one at a time, so that memory stays that of one."""


@dataclass(frozen=True)
class Settings:
    """What a run does to every photo; part of what the manifest remembers."""

    method: str
    vividness: float = 1.0
    seed: int = 0
    format: str | None = None
    quality: int | None = None
    page: int | None = None
    salvage: bool = False
    max_pixels: int | None = None
    provenance: bool = True
    references: str = ""
    """`Colorizer.references`: other references make other pictures."""
    strength: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: done, kept (finished by an earlier run) or failed; `said` are notes or the error."""

    item: Item
    state: str
    said: tuple[str, ...] = ()


def pages(source: Path | bytes, settings: Settings) -> list[Photo]:
    """Every page of a photo's file, or the one that the settings name."""
    limit = {} if settings.max_pixels is None else {"max_pixels": settings.max_pixels}
    if settings.page is not None:
        return [read(source, page=settings.page, salvage=settings.salvage, **limit)]
    return read_pages(source, salvage=settings.salvage, **limit)


def paint(colorizer: Colorizer, photos: Sequence[Photo], settings: Settings) -> list[Result]:
    """All pages, painted."""
    how: dict[str, Any] = {"vividness": settings.vividness, "strength": settings.strength, "seed": settings.seed}
    return [colorizer.colorize(p, **how) for p in photos]


class Run:
    """Colours items; iterate over `outcomes()` to make it go. Manifests lie in the output folders of swept photos."""

    def __init__(self, colorizer: Colorizer, settings: Settings, overwrite: bool, jobs: int | None = None) -> None:
        self.colorizer, self.settings, self.overwrite = colorizer, settings, overwrite
        self.jobs = max(1, jobs or os.cpu_count() or 1)
        self._manifests: dict[Path, Manifest] = {}
        self._lock, self._large = threading.Lock(), threading.Lock()

    def _manifest(self, folder: Path) -> Manifest:
        with self._lock:
            if folder not in self._manifests:
                make_folder(folder)
                named = self.colorizer.card.weights
                maker = f"{__version__} {weights.facts(named)['sha256'] if named else ''}"
                self._manifests[folder] = Manifest(folder, asdict(self.settings), maker)
            return self._manifests[folder]

    def outcomes(self, items: Sequence[Item]) -> Iterator[Outcome]:
        """One outcome for each item, as they end. Closing the iterator lets what is under way finish."""
        taken: set[Path] = set()
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting, running = deque(items), set[Future[Outcome]]()
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    item = waiting.popleft()
                    if item.output in taken:
                        yield Outcome(item, "failed", (f"{item.output} is already another photo's result in this run",))
                        continue
                    taken.add(item.output)
                    running.add(pool.submit(self.one, item))
                if running:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in ended:
                        yield future.result()

    def one(self, item: Item) -> Outcome:
        """Colour one photo; whatever goes wrong becomes a failed outcome, so that the other photos are coloured."""
        try:
            manifest = self._manifest(item.output.parent) if item.swept else None
            if manifest and self.finished(item, manifest):
                return Outcome(item, "kept")
            return self._colored(item, manifest)
        except BarvaError as error:
            return Outcome(item, "failed", (str(error),))
        except MemoryError:
            return Outcome(item, "failed", (f"{item.source} does not fit into this machine's memory",))
        except OSError as error:
            return Outcome(item, "failed", (f"{item.source}: {error.strerror or error}",))
        except Exception as error:
            return Outcome(item, "failed", (f"{item.source}: {type(error).__name__}: {error}",))

    def finished(self, item: Item, manifest: Manifest) -> bool:
        """Whether an earlier run made the result. What is to be replaced is finished once it is what this run would
        make: so a run with --overwrite can be stopped as well, and goes on."""
        return manifest.finished(item.source, item.output, same_maker=self.overwrite)

    def painted(self, item: Item, photos: Sequence[Photo]) -> list[Result]:
        """All pages of one photo."""
        return paint(self.colorizer, photos, self.settings)

    def _colored(self, item: Item, manifest: Manifest | None) -> Outcome:
        if item.output.exists():
            if not self.overwrite:
                raise WriteError(f"{item.output} exists; --overwrite replaces it")
            if item.source.exists() and item.output.samefile(item.source):
                raise WriteError(f"{item.source} would be overwritten by its own result; name another output")
        if not item.source.exists():
            raise ReadError(f"{item.source} does not exist")
        photos = pages(item.source, self.settings)
        s = self.settings
        big = sum(p.width * p.height for p in photos) > LARGE
        with self._large if big else nullcontext():
            results = self.painted(item, photos)
            if manifest:
                manifest.planned(item.source, item.output)
            written = save_pages(
                results,
                item.output,
                format=s.format,
                quality=s.quality,
                overwrite=self.overwrite,
                provenance=s.provenance,
            )
        notes = dict.fromkeys(n for r in results for n in r.notes)  # each once, in order
        return Outcome(item, "done", (*notes, *written.notes))
