"""A run over many photos: several at a time, a bad one does not stop it, and it resumes where it was killed."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from barva.archive import sidecar
from barva.archive.manifest import Manifest
from barva.archive.page_files import FileOptions, check_place, check_target, in_color, keep_times, pages, save
from barva.archive.select import Item
from barva.engine.colorizer import Colorizer
from barva.engine.request import guidance_digest
from barva.engine.result import Result
from barva.errors import BarvaError, ReadError, WriteError
from barva.files import reason
from barva.imaging.photo import Photo
from barva.imaging.write import make_folder, output_format
from barva.runtime import weights
from barva.version import __version__

LARGE = 48_000_000
"""Pixels from which photos are colored one at a time, so that memory stays that of one."""

SCENE = ".scene.jsonld"
"""What a scene's file is called behind its result's name."""


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: done, kept (finished by an earlier run), left (in color already) or failed; `notes`
    hold the error of the last."""

    item: Item
    state: str
    notes: tuple[str, ...] = ()


class Run:
    """Colors items; iterate over `outcomes()` to make it go. Manifests lie in the output folders of swept photos."""

    def __init__(self, colorizer: Colorizer, files: FileOptions | None = None, jobs: int | None = None) -> None:
        self.colorizer, self.files = colorizer, files or FileOptions()
        self.jobs = max(1, jobs or os.cpu_count() or 1)
        self._manifests: dict[Path, Manifest] = {}
        self._lock, self._large = threading.Lock(), threading.Lock()

    def settings(self) -> dict[str, Any]:
        """All that decides what a photo's result looks like: what a manifest remembers."""
        request = self.colorizer.request
        return {
            "method": self.colorizer.card.name,
            "vividness": 1.0 if request.vividness is None else request.vividness,
            "strength": 1.0 if request.strength is None else request.strength,
            "seed": request.seed or 0,
            "variant": request.variant,
            "guidance": guidance_digest(request.guidance),
            "scene": "" if request.scene is None else sha256(request.scene.to_json().encode()).hexdigest(),
            "references": request.digest(),
            **self.files.content(),
        }

    def _manifest(self, folder: Path) -> Manifest:
        with self._lock:
            if folder not in self._manifests:
                named = self.colorizer.card.weights
                maker = f"{__version__} {weights.facts(named)['sha256'] if named else ''}"
                self._manifests[folder] = Manifest(folder, self.settings(), maker)
            return self._manifests[folder]

    def outcomes(self, items: Sequence[Item]) -> Iterator[Outcome]:
        """One outcome for each item, as they end. Closing the iterator lets what is under way finish."""
        outputs: set[Path] = set()
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting, running = deque(items), set[Future[Outcome]]()
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    item = waiting.popleft()
                    if item.output in outputs:
                        yield Outcome(item, "failed", (f"{item.output} is already another photo's result in this run",))
                        continue
                    outputs.add(item.output)
                    running.add(pool.submit(self.color_one, item))
                if running:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in ended:
                        yield future.result()

    def color_one(self, item: Item) -> Outcome:
        """Color one photo; whatever goes wrong becomes a failed outcome, so that the other photos are colored."""
        try:
            return self._process(item)
        except BarvaError as error:
            return Outcome(item, "failed", (str(error),))
        except MemoryError:
            return Outcome(item, "failed", (f"{item.source} does not fit into this machine's memory",))
        except OSError as error:
            return Outcome(item, "failed", (f"{item.source}: {reason(error)}",))
        except Exception as error:
            return Outcome(item, "failed", (f"{item.source}: {type(error).__name__}: {error}",))

    def is_finished(self, item: Item, manifest: Manifest) -> bool:
        """Whether an earlier run made the result. What is to be replaced is finished once it is what this run would
        make: so a run with --overwrite can be stopped as well, and goes on."""
        return manifest.is_finished(item.source, item.output, same_maker=self.files.overwrite)

    def paint(self, item: Item, photos: Sequence[Photo]) -> list[Result]:
        """All pages of one photo."""
        return [self.colorizer.colorize(photo) for photo in photos]

    def scene_path(self, item: Item) -> Path | None:
        """Where the item's scene goes, if scenes are wanted: as the result lies in its folder."""
        below = item.relative_output.with_name(f"{item.relative_output.name}{SCENE}")
        return self.files.scenes / below if self.files.scenes else None

    def _process(self, item: Item) -> Outcome:
        """Everything that can fail cheaply is tried before anything is painted."""
        if item.output.exists() and item.source.exists() and item.output.samefile(item.source):
            raise WriteError(f"{item.source} would be overwritten by its own result; name another output")
        manifest = self._manifest(item.output.parent) if item.swept else None
        finished = manifest is not None and self.is_finished(item, manifest)
        scene = self.scene_path(item)
        if finished and (scene is None or scene.exists()):
            return Outcome(item, "kept")
        if not finished and item.output.exists() and not self.files.overwrite:
            raise WriteError(f"{item.output} exists; --overwrite replaces it")
        if not item.source.exists():
            raise ReadError(f"{item.source} does not exist")
        photos = pages(item.source, self.files)
        if finished and len(photos) > 1:
            return Outcome(item, "kept")  # it has no scene
        if self.files.skip_color and in_color(photos):
            return Outcome(item, "left", ("this photo is in color already: it was left",))
        return self._color(item, photos, manifest, scene, finished)

    def _color(
        self, item: Item, photos: Sequence[Photo], manifest: Manifest | None, scene: Path | None, finished: bool
    ) -> Outcome:
        """Paint, and write what is not `finished`."""
        companions, notes = sidecar.find_sidecars(item.source, item.output)
        if not finished:
            if item.top is not None and item.output.parent != item.source.parent:
                make_folder(item.output.parent)
            check_target(item.output, photos, self.files.format, self.files.overwrite)
            sidecar.check(companions, self.files.overwrite)
        if scene is not None and len(photos) > 1:
            notes, scene = (*notes, f"no scene is written of {len(photos)} pages: choose one with --page"), None
        if scene is not None:
            make_folder(scene.parent)
            check_place(scene, self.files.overwrite)
        big = sum(p.width * p.height for p in photos) > LARGE
        with self._large if big else nullcontext():
            results = self.paint(item, photos)
            if not finished:
                chosen = output_format(photos[0].envelope, self.files.format, item.output)
                notes = (
                    *self._write(item, results, manifest),
                    *sidecar.copy(companions, photos[0], chosen, self.files.overwrite),
                    *notes,
                )
        if scene is not None:
            results[0].scene.save(scene, overwrite=self.files.overwrite)
        notes_once = dict.fromkeys([n for r in results for n in r.notes] + [*notes])  # each once, in order
        return Outcome(item, "done", tuple(notes_once))

    def _write(self, item: Item, results: Sequence[Result], manifest: Manifest | None) -> tuple[str, ...]:
        """The notes of the file."""
        if manifest:
            manifest.record_plan(item.source, item.output, self.files.keep_times)
        written = save(results, item.output, self.files)
        late = keep_times(item.source, item.output) if self.files.keep_times else ()
        return (*written.notes, *late)
