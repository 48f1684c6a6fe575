"""An album: the same thing in the same colour on all of its photos, and colours that were decided once are kept.

Photos are colored one after the other, the guide first. What a photo shares with one that was colored before
(`engine.prepare.matching`) takes that one's colors as hints; the rest is colored as always. `album.json` in the output
folder keeps what was decided for each photo, by the sha256 of its file: the hints that it got and the colors that came
out. A photo that is in it is never decided again, so that a rerun gives the same pictures, and new photos follow old
ones.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.archive.manifest import Manifest
from barva.archive.run import Filing, Outcome, Run, Settings, pages
from barva.archive.select import Item, select
from barva.engine.colorizer import Colorizer
from barva.engine.memory import Memory
from barva.engine.prepare import matching
from barva.engine.prepare.matching import View
from barva.engine.result import Result
from barva.errors import ReadError, UsageError, WriteError
from barva.files import write_whole
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.imaging.photo import Photo
from barva.imaging.write import make_folder
from barva.methods.base import Float

NAME = "album.json"
VERSION = 1

LOOKS = 12
"""Photos that were coloured before, the guide and the latest ones, with which a new one is compared."""

_KEPT = 96  # short side, px, of the colours that are remembered


@dataclass(frozen=True)
class Decision:
    """What was decided for one page of a photo: `hints` are (n, 5) x and y in shares, a, b, weight; `colors` (h, w, 2)
    what came out, whole Lab units; `like` names the photos that gave the hints."""

    name: str
    hints: Float
    colors: Float
    like: tuple[str, ...] = ()

    @cached_property
    def written(self) -> str:
        """As JSON, of ASCII; made once, because the book is saved after each photo."""
        h, w = self.colors.shape[:2]
        packed = base64.b64encode(zlib.compress(np.rint(self.colors).astype(np.int8).tobytes(), 9)).decode()
        said = {"name": self.name, "like": self.like, "hints": _rounded(self.hints), "colors": [h, w, packed]}
        return json.dumps(said)


@dataclass
class Book:
    """`album.json`: decisions by photo, and the marks on the guide. Errors: `ReadError`, `WriteError`."""

    path: Path
    method: str
    guide: str = ""
    guidance: str = ""
    known: dict[str, Decision] = field(default_factory=dict)

    @classmethod
    def open(cls, place: Path, method: str) -> Book:
        """The book of an output folder, an empty one if there is none."""
        path = place / NAME
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["barva"] != "album" or said["version"] != VERSION:
                raise ValueError(f"version {VERSION} is known")
            decisions = {key: _read(row) for key, row in said["photos"].items()}
            return cls(path, str(said["method"]), str(said["guide"]), str(said["guidance"]), decisions)
        except FileNotFoundError:
            return cls(path, method)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise ReadError(f"{path} is not an album's: {error}; delete it to decide anew") from None

    def save(self) -> None:
        """Whole or not at all."""
        said = {"barva": "album", "version": VERSION, "method": self.method, "guide": self.guide}
        head = json.dumps(said | {"guidance": self.guidance})
        photos = ",\n".join(f"{json.dumps(key)}: {d.written}" for key, d in self.known.items())
        write_whole(self.path, f'{head[:-1]}, "photos": {{\n{photos}\n}}}}\n'.encode(), overwrite=True)


def _rounded(rows: Float) -> list[list[float]]:
    return [[round(float(v), 4) for v in row] for row in rows]


def _read(row: dict[str, Any]) -> Decision:
    h, w, packed = row["colors"]
    planes = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.int8).reshape(int(h), int(w), 2)
    hints = np.array(row["hints"], np.float32).reshape(-1, 5)
    if not np.isfinite(hints).all():
        raise ValueError("hints are numbers")
    return Decision(str(row["name"]), hints, planes.astype(np.float32), tuple(map(str, row["like"])))


class AlbumRun(Run):
    """A run that decides as it goes, one photo at a time, the guide first. `guidance` are the marks on the photo
    `guide`; without them those that the album has already. Errors: `UsageError`, `ReadError`, `WriteError`."""

    def __init__(
        self,
        colorizer: Colorizer,
        settings: Settings,
        overwrite: bool,
        place: Path,
        guide: Path | None = None,
        guidance: Guidance | None = None,
        filing: Filing | None = None,
    ) -> None:
        if (guide is None) != (guidance is None):
            raise UsageError("marks and the photo that they belong to (--guide) go together")
        if guide is not None and not guide.is_file():
            raise ReadError(f"{guide} does not exist")
        make_folder(place)
        self.book = _book(place, settings.method, guide, guidance, overwrite)
        self.guide = guide
        marks = hashlib.sha256((self.book.guide + self.book.guidance).encode()).hexdigest()
        marked = replace(settings, references=f"{settings.references}album {marks}")
        super().__init__(colorizer, marked, overwrite, 1, filing)
        self._marks = Guidance.from_json(self.book.guidance) if self.book.guidance else None
        self._digests: dict[Path, str] = {}
        self._sources: dict[str, Path] = {}
        self._views = Memory(LOOKS + 1)  # those that are compared, and the new one

    def outcomes(self, items: Sequence[Item]) -> Iterator[Outcome]:
        """As `Run.outcomes`, the guide first."""
        for item in items:
            with contextlib.suppress(ReadError):  # said when it is its turn
                self._sources.setdefault(self._digest(item.source), item.source)
        if self.book.guide and self.book.guide not in self._sources:
            where = self.guide or "the photo that the album's marks belong to"
            raise UsageError(f"{where} is not among the album's photos")
        first = self._sources.get(self.book.guide)
        yield from super().outcomes(sorted(items, key=lambda item: item.source != first))

    def finished(self, item: Item, manifest: Manifest) -> bool:
        """As `Run.finished`; a picture whose decision is lost is made anew. WriteError where it may not be replaced."""
        done = super().finished(item, manifest)
        lost = done and self._digest(item.source) not in self.book.known
        if lost and not self.overwrite:
            raise WriteError(f"{self.book.path} knows nothing of {item.output}; --overwrite makes it")
        return done and not lost

    def painted(self, item: Item, photos: Sequence[Photo]) -> list[Result]:
        """All pages of one photo, each decided first unless it was before."""
        key = self._digest(item.source)
        return [self._page(key if n == 0 else f"{key}#{n}", item, photo) for n, photo in enumerate(photos)]

    def _page(self, key: str, item: Item, photo: Photo) -> Result:
        seen = self.colorizer.analyze(photo)
        known = self.book.known.get(key)
        view = None if known else matching.view(seen.guide)
        like: tuple[str, ...] = known.like if known else ()
        if known:
            rows = known.hints
        elif key == self.book.guide:
            rows = np.zeros((0, 5), np.float32)
        else:
            assert view is not None
            rows, like = self._carried(key, view)
            rows = np.array(_rounded(rows), np.float32).reshape(-1, 5)  # as it will be read again
        wanted = self._marks if key == self.book.guide else None
        how = {"vividness": self.settings.vividness, "seed": self.settings.seed}
        request = replace(self.colorizer.given, guidance=wanted, scene=None, **how)  # type: ignore[arg-type]
        drawn = _placed(rows, *seen.light.shape) if len(rows) else None
        result = self.colorizer.answer(seen, request, sampled=drawn)
        if view is not None:
            if "#" not in key:
                self._views.kept(key, lambda: view)
            self.book.known[key] = Decision(item.source.name, rows, _kept(result.chroma.ab, photo), like)
            self.book.save()
        note = (f"{len(rows)} colours carried from {', '.join(like)}",) if like else ()
        return replace(result, notes=result.notes + note)

    def _carried(self, key: str, view: View) -> tuple[Float, tuple[str, ...]]:
        """Hints (n, 5) from photos coloured before, and those photos' names."""
        found, like = [np.zeros((0, 5), np.float32)], []
        before = [k for k in self.book.known if k != key and "#" not in k and k in self._sources]
        before.sort(key=lambda k: k != self.book.guide)  # the guide, then the order of deciding
        for other in [*before[:1], *before[1:][-(LOOKS - 1) :]]:
            same = matching.match(view, self._view(other))
            if not len(same.here):
                continue
            decided = self.book.known[other]
            at = (same.there * decided.colors.shape[1::-1] - 0.5).astype(np.float32)
            ab: Any = cv2.remap(decided.colors, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            found.append(np.column_stack([same.here, np.asarray(ab).reshape(-1, 2), same.sure]).astype(np.float32))
            like.append(decided.name)
        rows = np.concatenate(found)
        # a place takes the colour of the photo that was decided first
        _, first = np.unique(np.rint(rows[:, :2] * 64), axis=0, return_index=True)
        return np.asarray(rows[np.sort(first)], np.float32), tuple(like)

    def _view(self, key: str) -> View:
        def made() -> View:
            return matching.view(self.colorizer.analyze(pages(self._sources[key], self.settings)[0]).guide)

        return self._views.kept(key, made)

    def _digest(self, source: Path) -> str:
        if source not in self._digests:
            self._digests[source] = _sha256(source)
        return self._digests[source]


def _book(place: Path, method: str, guide: Path | None, guidance: Guidance | None, overwrite: bool) -> Book:
    """The album's book, with the marks; decisions made with other marks are given up only with `overwrite`."""
    book = Book.open(place, method)
    photo = _sha256(guide) if guide else book.guide
    said = guidance.to_json() if guidance else book.guidance
    if (photo, said, method) == (book.guide, book.guidance, book.method):
        return book
    if book.known and not overwrite:
        raise UsageError(f"{book.path} was decided with other marks or another method; --overwrite decides anew")
    return Book(book.path, method, photo, said)


def _sha256(source: Path) -> str:
    try:
        return hashlib.sha256(source.read_bytes()).hexdigest()
    except OSError as error:
        raise ReadError(f"{source} cannot be read: {error.strerror or error}") from None


def _placed(rows: Float, height: int, width: int) -> HintMap:
    """Hints (n, 5) as a map of height x width."""
    ab, weight = np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.float32)
    y = np.clip((rows[:, 1] * height).astype(np.intp), 0, height - 1)
    x = np.clip((rows[:, 0] * width).astype(np.intp), 0, width - 1)
    ab[y, x], weight[y, x] = rows[:, 2:4], np.clip(rows[:, 4], 0, 1)
    return HintMap(ab, weight)


def _kept(ab: Float, photo: Photo) -> Float:
    """Chroma (h, w, 2) in whole Lab units, the photo's aspect, a short side of `_KEPT`."""
    scale = _KEPT / min(photo.height, photo.width)
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    resized: Any = cv2.resize(ab, size, interpolation=cv2.INTER_AREA if size[1] < ab.shape[0] else cv2.INTER_LINEAR)
    return np.clip(np.rint(np.asarray(resized, np.float32)), -128, 127)


def album(
    source: str | Path,
    output: str | Path | None = None,
    *,
    guide: str | Path | None = None,
    guidance: Guidance | None = None,
    colorizer: Colorizer | None = None,
    settings: Settings | None = None,
    recursive: bool = False,
    overwrite: bool = False,
) -> list[Outcome]:
    """Colour a folder's photos as one album, into `output` or beside them; an outcome for each photo. `guidance` are
    marks on the photo `guide`. `UsageError`, `ReadError`, `WriteError` for what concerns all photos."""
    made = colorizer or Colorizer()
    wanted = settings or Settings(made.card.name)
    items = select([Path(source)], Path(output) if output else None, recursive, wanted.format).items
    place = Path(output) if output else Path(source)
    run = AlbumRun(
        made, replace(wanted, references=made.references), overwrite, place, Path(guide) if guide else None, guidance
    )
    return list(run.outcomes(items))
