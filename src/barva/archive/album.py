"""An album: the same thing in the same color on all of its photos, and colors that were decided once are kept.

Photos are colored one after the other, the guide first. What a photo shares with one that was colored before
(`engine.prepare.matching`) takes that one's colors as hints; the rest is colored as always. `album.json` in the output
folder keeps what was decided for each photo, by the sha256 of its file: its hints and its colors. A photo that is in it
is never decided again, so that a rerun gives the same pictures, and new photos follow old ones.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.archive import album_index
from barva.archive.album_book import Decision, file_sha256, lock_album, open_book, pack_colors, round_rows
from barva.archive.album_colors import hints_from_rows, small_chroma
from barva.archive.album_index import AlbumIndex
from barva.archive.manifest import Manifest
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions, pages
from barva.archive.run import Run
from barva.archive.select import Item, select
from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.prepare import matching
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.prepare.matching import View
from barva.engine.result import Result
from barva.errors import ReadError, UsageError, WriteError
from barva.guidance.marks import Guidance
from barva.imaging.photo import Photo
from barva.imaging.write import make_folder
from barva.methods.base import Float

LOOKS, LATEST = 12, 4
"""Photos that were colored before with which a new one is compared: the guide, the latest ones, and those of all others
that look most like it."""


def _with_note(result: Result, decision: Decision) -> Result:
    if not decision.like:
        return result
    note = f"{len(decision.hints)} colors carried from {', '.join(decision.like)}"
    return replace(result, notes=(*result.notes, note))


class AlbumRun(Run):
    """A run that decides as it goes, one photo at a time, the guide first.

    Args:
        colorizer: paints; its request is that of every photo.
        place: the output folder, which holds `album.json`.
        guide: the photo that the marks belong to.
        guidance: the marks; without them those that the album has already.
        files: how files are read and written.

    Raises:
        UsageError: marks without their photo, or an album that was decided otherwise.
        ReadError: the guide or `album.json` cannot be read.
        WriteError: the folder cannot be made.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        place: Path,
        guide: Path | None = None,
        guidance: Guidance | None = None,
        files: FileOptions | None = None,
    ) -> None:
        if (guide is None) != (guidance is None):
            raise UsageError("marks and the photo that they belong to (--guide) go together")
        if guide is not None and not guide.is_file():
            raise ReadError(f"{guide} does not exist")
        super().__init__(colorizer, files, 1)
        make_folder(place)
        self._album_lock = lock_album(place)
        try:
            self.book = open_book(place, colorizer.card.name, guide, guidance, self.files.overwrite)
            self._marks = Guidance.from_json(self.book.guidance) if self.book.guidance else None
        except BaseException:
            self.close()
            raise
        self.guide = guide
        self._digests: dict[Path, str] = {}
        self._sources: dict[str, Path] = {}  # by digest, of photos that have been read
        self._named: dict[str, list[Path]] = defaultdict(list)
        self._views = Memory(LOOKS + 1)  # those that are compared, and the new one
        self._index = AlbumIndex()
        self._is_changed = False
        for key, decision in self.book.decisions.items():
            if decision.look:
                self._index.add(key, album_index.unpack(decision.look))

    def settings(self) -> dict[str, Any]:
        """As `Run.settings`, with the album's marks."""
        marks = hashlib.sha256((self.book.guide + self.book.guidance).encode()).hexdigest()
        return super().settings() | {"album": marks}

    def outcomes(self, items: Iterable[Item]) -> Iterator[Outcome]:
        """As `Run.outcomes`, the guide first."""
        with contextlib.closing(self):
            items = list(items)
            for item in items:
                self._named[item.source.name].append(item.source)
            first = self._guide_source(items) if self.book.guide else None
            try:
                yield from super().outcomes(sorted(items, key=lambda item: item.source != first))
            finally:
                if self._is_changed:
                    self.book.save()

    def close(self) -> None:
        """Let other runs color this album."""
        self._album_lock.release()

    def _guide_source(self, items: Sequence[Item]) -> Path:
        """Where the guide lies. Photos of its name are looked at first: reading all of them takes long."""
        decided = self.book.decisions.get(self.book.guide)
        name = self.guide.name if self.guide else decided.name if decided else ""
        for item in sorted(items, key=lambda item: item.source.name != name):
            with contextlib.suppress(ReadError):  # reported when it is its turn
                if self._digest(item.source) == self.book.guide:
                    return item.source
        where = self.guide or "the photo that the album's marks belong to"
        raise UsageError(f"{where} is not among the album's photos")

    def _source(self, key: str) -> Path | None:
        """Where a photo that was decided before lies, if it is among the run's photos."""
        if key not in self._sources:
            for path in self._named.get(self.book.decisions[key].name, ()):
                with contextlib.suppress(ReadError):
                    self._digest(path)
        return self._sources.get(key)

    def is_finished(self, item: Item, manifest: Manifest) -> bool:
        """As `Run.is_finished`; a picture without its decision is made anew. WriteError where it may not be
        replaced."""
        done = super().is_finished(item, manifest)
        lost = done and self._digest(item.source) not in self.book.decisions
        if lost and not self.files.overwrite:
            raise WriteError(f"{self.book.path} has no entry for {item.output}; --overwrite makes it")
        return done and not lost

    def paint(self, item: Item, photos: Sequence[Photo]) -> list[Result]:
        """All pages of one photo, each decided first unless it was before."""
        key = self._digest(item.source)
        return [self._paint_page(key if n == 0 else f"{key}#{n}", item, photo) for n, photo in enumerate(photos)]

    def _paint_page(self, key: str, item: Item, photo: Photo) -> Result:
        prepared = self.colorizer.analyze(photo)
        decision = self.book.decisions.get(key)
        if decision is not None:
            result = self._answer(key, prepared, decision.hints)
            return _with_note(result, decision)
        view = matching.view_of(prepared.guide)
        rows, like = np.zeros((0, 5), np.float32), tuple[str, ...]()
        if key != self.book.guide:
            rows, like = self._transfer_colors(key, view)
            rows = np.array(round_rows(rows), np.float32).reshape(-1, 5)  # as it will be read again
        result = self._answer(key, prepared, rows)
        if "#" not in key:
            self._views.get(key, lambda: view)
        look = album_index.describe(view)
        small = small_chroma(result.chroma.ab, photo)
        decision = Decision(item.source.name, rows, pack_colors(small), like, album_index.pack(look))
        self.book.add(key, decision)
        self._is_changed = True
        if "#" not in key:
            self._index.add(key, look)
        return _with_note(result, decision)

    def _answer(self, key: str, prepared: PreparedPhoto, rows: Float) -> Result:
        """The picture with hints (n, 5), and with the album's marks where the photo is the guide."""
        marks = self._marks if key == self.book.guide else None
        request = replace(self.colorizer.request, guidance=marks, scene=None)
        hints = hints_from_rows(rows, *prepared.light.shape) if len(rows) else None
        return self.colorizer.answer(prepared, request, sampled=hints)

    def _transfer_colors(self, key: str, view: View) -> tuple[Float, tuple[str, ...]]:
        """Hints (n, 5) from photos colored before, and those photos' names."""
        all_rows, like = [np.zeros((0, 5), np.float32)], list[str]()
        decisions = self.book.decisions.items()
        before = [k for k, one in decisions if k != key and "#" not in k and one.name in self._named]
        before.sort(key=lambda k: k != self.book.guide)  # the guide, then the order of deciding
        for other in self._compare(view, before):
            if self._source(other) is None:  # another photo has its name now
                continue
            same = matching.match(view, self._view(other))
            if not len(same.source):
                continue
            decided = self.book.decisions[other]
            colors = decided.colors
            at = (same.target * colors.shape[1::-1] - 0.5).astype(np.float32)
            ab: Any = cv2.remap(colors, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            all_rows.append(
                np.column_stack([same.source, np.asarray(ab).reshape(-1, 2), same.confidence]).astype(np.float32)
            )
            like.append(decided.name)
        rows = np.concatenate(all_rows)
        # a place takes the color of the photo that was decided first
        _, first = np.unique(np.rint(rows[:, :2] * 64), axis=0, return_index=True)
        return np.asarray(rows[np.sort(first)], np.float32), tuple(like)

    def _compare(self, view: View, before: list[str]) -> list[str]:
        """Of photos decided before, the guide first, those that a new one is compared with, in their order."""
        if len(before) <= LOOKS:
            return before
        chosen = {before[0], *before[-LATEST:]}
        looks = [album_index.describe(view), album_index.describe(view.mirrored)]
        known = set(before)
        similar = self._index.nearest(looks, LOOKS - len(chosen), chosen | (set(self.book.decisions) - known))
        chosen.update(similar)
        chosen.update(before[-(LATEST + LOOKS - len(chosen)) :] if len(chosen) < LOOKS else ())
        return [key for key in before if key in chosen]

    def _view(self, key: str) -> View:
        def make() -> View:
            return matching.view_of(self.colorizer.analyze(pages(self._sources[key], self.files)[0]).guide)

        return self._views.get(key, make)

    def _digest(self, source: Path) -> str:
        if source not in self._digests:
            self._digests[source] = file_sha256(source)
            self._sources.setdefault(self._digests[source], source)
        return self._digests[source]


def album(
    source: str | Path,
    output: str | Path | None = None,
    *,
    guide: str | Path | None = None,
    guidance: Guidance | None = None,
    colorizer: Colorizer | None = None,
    files: FileOptions | None = None,
    recursive: bool = False,
    overwrite: bool = False,
) -> list[Outcome]:
    """Color a folder's photos as one album.

    Args:
        source: the folder.
        output: where results go; beside the photos without it.
        guide: the photo that the marks belong to.
        guidance: marks on that photo, whose colors go to the same things on the others.
        colorizer: paints; `Colorizer()` without one.
        files: how files are read and written.
        recursive: whether to look into folders' folders too.
        overwrite: replace results that exist, and decide anew where the marks are others.

    Returns:
        An outcome for each photo.

    Raises:
        UsageError: what concerns all photos; and so ReadError, WriteError.
    """
    options = files or FileOptions()
    options = replace(options, overwrite=overwrite or options.overwrite)
    items = select([Path(source)], Path(output) if output else None, recursive, options.format).photos()
    place = Path(output) if output else Path(source)
    run = AlbumRun(colorizer or Colorizer(), place, Path(guide) if guide else None, guidance, options)
    return list(run.outcomes(items))
