"""What a run does with one photo: all that can fail cheaply first, then painting, then a result that is whole."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

from barva.archive import facts, sidecar
from barva.archive.manifest import Manifest
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions, check_place, check_target, in_color, keep_times, pages, save
from barva.archive.select import Item
from barva.engine.colorizer import Colorizer
from barva.engine.request import guidance_digest
from barva.engine.result import Result
from barva.errors import ReadError, UsageError, WriteError
from barva.files import absolute
from barva.imaging.photo import Photo
from barva.imaging.write import make_folder, output_format
from barva.runtime import weights
from barva.runtime.locks import FileLock
from barva.runtime.worker_process import failure

LARGE = 48_000_000
"""Pixels from which photos are colored one at a time, so that memory stays that of one."""

SCENE = ".scene.jsonld"
"""What a scene's file is called behind its result's name."""

_MANIFESTS = 16  # manifests in memory; photos come folder by folder

Task = tuple[Item, bool]
"""A photo to color, and whether its result is there already and only its scene or its objects are missing."""


class PhotoWork:
    """What is done with one photo: looked at, painted, written, its errors named. `Run` says which photos, and how many
    at a time. Manifests lie in the output folders of swept photos.

    Args:
        colorizer: paints; its request is that of every photo.
        files: how files are read and written.
        perceive: look for the objects of each photo, for its facts.
        observe: give outcomes facts for the index.
    """

    def __init__(
        self, colorizer: Colorizer, files: FileOptions | None = None, *, perceive: bool = False, observe: bool = False
    ) -> None:
        self.colorizer, self.files = colorizer, files or FileOptions()
        self.perceive, self.observe = perceive, observe
        self._manifests: OrderedDict[Path, Manifest] = OrderedDict()
        self._lock = threading.Lock()
        self._large: AbstractContextManager[Any] = threading.Lock()
        self._is_worker = False
        self._lacks_objects: Callable[[str, str], bool] | None = None

    def look_again(self, lacks_objects: Callable[[str, str], bool]) -> None:
        """Look for the objects of finished photos, too, where `lacks_objects` says so of address and result."""
        self._lacks_objects = lacks_objects

    def check_places(self) -> None:
        """Whether photos and results can still be reached, asked after failures. ReadError: they cannot."""

    def address(self, item: Item) -> str:
        """The photo's path or URL, as the index has it."""
        return str(absolute(item.source))

    def share(self, large: Path | None) -> None:
        """Be one of the processes of a run, which asks the manifests itself, and color big photos in turns with the
        others, by the lock file `large`."""
        self._is_worker = True
        if large is not None:
            self._large = FileLock(large)

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
                self._manifests[folder] = Manifest(folder, self.settings(), self.maker(), load=not self._is_worker)
                while len(self._manifests) > _MANIFESTS:
                    self._manifests.popitem(last=False)
            self._manifests.move_to_end(folder)
            return self._manifests[folder]

    def maker(self) -> str:
        """Barva's version and the weights, which decide what comes out as the settings do."""
        return weights.maker(self.colorizer.card.weights)

    def _check(self, item: Item) -> Outcome | Task:
        """Whether the item is finished; the manifest is read in one place for all processes. BarvaError."""
        if item.problem:
            raise UsageError(item.problem)
        manifest = self._manifest(item.output.parent) if item.swept else None
        finished = manifest is not None and self.is_finished(item, manifest)
        scene = self.scene_path(item)
        lacks = self._lacks_objects
        unseen = finished and lacks is not None and lacks(self.address(item), str(item.output))
        if finished and not unseen and (scene is None or scene.exists()):
            return Outcome(item, "kept")
        if manifest is not None and not finished and not self.files.overwrite and item.output.exists():
            why = manifest.difference(item.source, item.output)
            if why:
                return Outcome(item, "failed", (f"{item.output} {why}; --overwrite makes it anew",), stands=True)
        return item, finished

    def color_one(self, item: Item, finished: bool | None = None) -> Outcome:
        """Color one photo; whatever goes wrong becomes a failed outcome, so that the other photos are colored.

        Args:
            item: the photo, and where its result goes.
            finished: whether the result is there, made by an earlier run; None: ask the manifest.

        Returns:
            The outcome, with facts where the run observes.
        """
        start = time.monotonic()

        def work() -> Outcome:
            task: Outcome | Task = self._check(item) if finished is None else (item, finished)
            return task if isinstance(task, Outcome) else self._process(*task)

        outcome = self._guard(item, work)
        return facts.complete(outcome, self, time.monotonic() - start) if self.observe else outcome

    def _guard(self, item: Item, work: Callable[[], Any]) -> Any:
        """What `work` gives, or the outcome of its failure."""
        try:
            return work()
        except Exception as error:
            return Outcome(item, "failed", (failure(error, item.source).message,))

    def is_finished(self, item: Item, manifest: Manifest) -> bool:
        """Whether an earlier run made the result. What is to be replaced is finished once it is what this run would
        make: so a run with --overwrite can be stopped as well, and goes on."""
        return manifest.is_finished(item.source, item.output, same_maker=self.files.overwrite)

    def _was_finished(self, item: Item) -> bool:
        """Whether the result has come since the manifest was read: by a process that was killed right after it."""
        if not item.output.exists():
            return False
        return self.is_finished(item, Manifest(item.output.parent, self.settings(), self.maker()))

    def paint(self, item: Item, photos: Sequence[Photo]) -> list[Result]:
        """All pages of one photo."""
        return [self.colorizer.colorize(photo) for photo in photos]

    def scene_path(self, item: Item) -> Path | None:
        """Where the item's scene goes, if scenes are wanted: as the result lies in its folder."""
        if self.files.scenes is None:
            return None
        return self.files.scenes / item.relative_output.with_name(f"{item.output.name}{SCENE}")

    def _process(self, item: Item, finished: bool) -> Outcome:
        """Everything that can fail cheaply is tried before anything is painted."""
        if item.output.exists() and item.source.exists() and item.output.samefile(item.source):
            raise WriteError(f"{item.source} would be overwritten by its own result; name another output")
        manifest = self._manifest(item.output.parent) if item.swept else None
        scene = self.scene_path(item)
        if not finished and self._is_worker and item.swept and self._was_finished(item):
            return Outcome(item, "kept", ("it was finished by a process that ended before it could say so",))
        if not finished and item.output.exists() and not self.files.overwrite:
            return Outcome(item, "failed", (f"{item.output} exists; --overwrite replaces it",), stands=True)
        if not item.source.exists():
            raise ReadError(f"{item.source} does not exist")
        photos = pages(item.source, self.files)
        if finished and len(photos) > 1 and not self.perceive:
            return Outcome(item, "kept")  # it has no scene
        if self.files.skip_color and in_color(photos):
            left = Outcome(item, "left", ("this photo is in color already: it was left",))
            return facts.add_photo(left, photos[0]) if self.observe else left
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
                notes = (*self._write(item, results, manifest), *self._copy(companions, item, photos[0]), *notes)
        if scene is not None:
            results[0].scene.save(scene, overwrite=self.files.overwrite)
        notes_once = dict.fromkeys([n for r in results for n in r.notes] + [*notes])  # each once, in order
        done = Outcome(item, "done", tuple(notes_once))
        return facts.add_result(done, photos[0], results[0], self.perceive) if self.observe else done

    def _copy(self, companions: list[sidecar.Sidecar], item: Item, photo: Photo) -> tuple[str, ...]:
        """The notes on the sidecars, which are put beside the result. WriteError, and the result is gone, too: the next
        run would take the photo for finished, and never write them."""
        chosen = output_format(photo.envelope, self.files.format, item.output)
        try:
            return sidecar.copy(companions, photo, chosen, self.files.overwrite)
        except WriteError:
            item.output.unlink(missing_ok=True)
            raise

    def _write(self, item: Item, results: Sequence[Result], manifest: Manifest | None) -> tuple[str, ...]:
        """The notes of the file."""
        if manifest:
            manifest.record_plan(item.source, item.output, self.files.keep_times)
        written = save(results, item.output, self.files)
        late = keep_times(item.source, item.output) if self.files.keep_times else ()
        return (*written.notes, *late)
