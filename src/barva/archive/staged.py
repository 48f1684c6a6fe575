"""Photos that lie in a store: each is fetched, colored as any other, and its result put in its place whole."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path, PurePath

from barva.archive import folder
from barva.archive.folder import LeftOut
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions
from barva.archive.photo_work import Task
from barva.archive.places import Place, place_of
from barva.archive.run import Run
from barva.archive.select import Item, unique_items
from barva.archive.workers import Recipe
from barva.engine.colorizer import Colorizer
from barva.engine.result import output_name
from barva.errors import BarvaError, Message, ReadError, UsageError
from barva.imaging.formats import suffixes

_FOLDERS = 16  # of each place whose listings are kept; photos come folder by folder


class StagedRun(Run):
    """A run whose items' paths are names in places. A result that is there is finished: it was put there whole.

    Args:
        colorizer: as `Run`; and so `files`, `jobs`, `processes`, `perceive`.
        source: the place of the photos, by path or URL.
        target: the place of the results.

    Raises:
        ReadError: a place cannot be reached.
        UsageError: an address that makes no sense.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        source: str,
        target: str,
        files: FileOptions | None = None,
        jobs: int | None = None,
        *,
        processes: bool = False,
        perceive: bool = False,
    ) -> None:
        super().__init__(colorizer, files, jobs, processes=processes, perceive=perceive, observe=True)
        self._addresses = source, target
        self.source, self.target = place_of(source), place_of(target)
        # names of files in a folder when the run came there; one question to the store for all
        self._sources_in = lru_cache(_FOLDERS)(partial(_names_in, self.source))
        self._results_in = lru_cache(_FOLDERS)(partial(_names_in, self.target))

    def recipe(self) -> Recipe:
        """As `Run.recipe`, with the places."""
        source, target = self._addresses
        return replace(super().recipe(), source=source, target=target)

    def address(self, item: Item) -> str:
        """As `PhotoWork.address`."""
        return self.source.full(item.source.as_posix())

    def _check(self, item: Item) -> Outcome | Task:
        if self.files.overwrite or item.output.name not in self._results_in(item.output.parent):
            return item, False
        if self._lacks_objects is not None and self._lacks_objects(self.address(item), item.output.as_posix()):
            return item, True
        return self._with_paths(Outcome(item, "kept"))

    def check_places(self) -> None:
        """As `PhotoWork.check_places`."""
        for place in (self.source, self.target):
            place.check()

    def color_one(self, item: Item, finished: bool | None = None) -> Outcome:
        """As `Run.color_one`, on copies."""

        def work() -> Outcome:
            if item.problem:
                raise UsageError(item.problem)
            with tempfile.TemporaryDirectory(prefix="barva-", ignore_cleanup_errors=True) as folder:
                return self._color_copy(item, Path(folder), bool(finished))

        return self._with_paths(replace(self._guard(item, work), item=item))

    def _color_copy(self, item: Item, staged: Path, finished: bool) -> Outcome:
        copy = replace(item, source=staged / "in" / item.source.name, output=staged / "out" / item.output.name)

        def work() -> Outcome:
            name = item.output.as_posix()
            if not finished and not self.files.overwrite and self.target.exists(name):  # since the run looked
                return Outcome(item, "kept")
            self._fetch(item, copy)
            outcome = super(StagedRun, self).color_one(copy, finished)
            if outcome.state == "done" and not finished:
                self._store(item, copy)
            return outcome

        return _without_folder(self._guard(item, work), f"{staged / 'in'}/")

    def _fetch(self, item: Item, copy: Item) -> None:
        """The photo, and the sidecars that it may have."""
        for path in (copy.source, copy.output):
            path.parent.mkdir()
        name = item.source.as_posix()
        copy.source.write_bytes(self.source.read(name))
        names, sidecars = self._sources_in(item.source.parent), set[str]()
        for ending in (".xmp", ".XMP"):
            sidecars |= names & {f"{item.source.name}{ending}", f"{item.source.stem}{ending}"}
        for sidecar in sidecars:
            copy.source.with_name(sidecar).write_bytes(self.source.read(item.source.with_name(sidecar).as_posix()))
        if sidecars:  # `sidecar.find_sidecars` asks for other files of the same stem, and not for what is in them
            for other in {name for name in names if PurePath(name).stem == item.source.stem} - sidecars:
                copy.source.with_name(other).touch()

    def _store(self, item: Item, copy: Item) -> None:
        """What the run wrote; the picture last, because it says that all is there. WriteError."""
        parent = item.output.parent
        beside = [path for path in copy.output.parent.iterdir() if path != copy.output and path.name[0] != "."]
        for path in (*beside, copy.output):
            self.target.write((parent / path.name).as_posix(), path.read_bytes())

    def _with_paths(self, outcome: Outcome) -> Outcome:
        """With addresses in place of the copies' paths."""
        item, facts = outcome.item, dict(outcome.facts or {})
        facts |= {"path": self.address(item), "output": item.output.as_posix(), "state": outcome.state}
        if outcome.state == "failed":
            facts["error"] = outcome.notes[0]
        return replace(outcome, facts={"at": time.time()} | facts)


def _names_in(place: Place, folder: PurePath) -> frozenset[str]:
    """Names of files in a folder of a place. ReadError."""
    return frozenset(place.names("" if folder == PurePath() else folder.as_posix()))


def _without_folder(outcome: Outcome, folder: str) -> Outcome:
    """Notes that do not name the copy's folder."""
    notes = (n if isinstance(n, Message) else Message(n) for n in outcome.notes)
    return replace(outcome, notes=tuple(note.map_text(lambda text: text.replace(folder, "")) for note in notes))


def items_of(
    source: Place, format_: str | None, exclude: Sequence[str], left_out: LeftOut | None = None
) -> Iterator[Item]:
    """The photos of a place, with names of results that are their own. ReadError: there is none, or it cannot be read.

    Args:
        source: the place.
        format_: the results' format; None for the photos' own.
        exclude: globs, as for folders.
        left_out: counts what is left out, as for folders.
    """
    left_out, is_empty = LeftOut() if left_out is None else left_out, True
    endings = suffixes()
    entered = {PurePath(): True}  # a folder comes after the one that it is in
    for folder_name, names in source.walk():
        within = PurePath(folder_name)
        if within not in entered:
            entered[within] = entered[within.parent] and folder.is_entered(within, exclude, left_out)
        if not entered[within]:
            continue
        groups: dict[str, list[Item]] = {}
        for name in names:
            path = Path(folder_name) / name
            if folder.is_taken(name, partial(PurePath, path), endings, exclude, left_out):
                item = Item(path, path.with_name(output_name(name, format_)), False)
                groups.setdefault(name.partition(".")[0].casefold(), []).append(item)
        for group in groups.values():
            is_empty = False
            try:
                yield from unique_items(group, in_store=not source.is_local)
            except BarvaError as error:
                yield from (replace(one, problem=error.message) for one in group)
    if is_empty:
        line = left_out.line()
        raise ReadError(f"there is no photo in {source.bare_url}{'; ' if line else ''}{line}")
