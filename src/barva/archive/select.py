"""Which photos a run takes, and a name of its own for each result, before anything is painted."""

from __future__ import annotations

import itertools
import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from barva.archive import folder
from barva.archive.folder import LeftOut
from barva.archive.manifest import Manifest
from barva.engine.result import OutputPage, output_name
from barva.errors import BarvaError, ReadError, UsageError, WriteError
from barva.files import absolute
from barva.imaging import formats

EAGER = 2000
"""Photos of a folder up to which all are listed, and their results' names compared, before any is painted."""


@dataclass(frozen=True)
class Item:
    """One photo to color: `output` is where it goes; `swept` when it came from a folder rather than by name; `top` is
    the output's part above the mirrored folders."""

    source: Path
    output: Path
    swept: bool
    top: Path | None = None
    problem: str = ""
    """Why it cannot be colored, where that was known when it was listed."""

    @property
    def relative_output(self) -> Path:
        """The output as seen from the run's own output folder."""
        return self.output.relative_to(self.top) if self.top else Path(self.output.name)


@dataclass(frozen=True)
class Selection:
    """The run's photos, and what was left out. `into` is the folder that takes all results, where there is one. A
    folder of many photos is listed while they are colored: they are `rest`, `items` is empty, and `count` says how many
    there are once it has looked."""

    items: tuple[Item, ...]
    left_out: LeftOut
    into: Path | None = None
    rest: Iterator[Item] | None = None
    count: Callable[[], int] | None = None
    folders: tuple[Path, ...] = ()
    """Folders that were named: a run without them has nothing left to do."""

    def photos(self) -> Iterator[Item]:
        """All of them, once."""
        return iter(self.items) if self.rest is None else self.rest

    def listed(self) -> Selection:
        """The same, with all photos in `items`, for work that needs them at once."""
        return self if self.rest is None else replace(self, items=tuple(self.rest), rest=None, count=None)


def select(
    sources: Iterable[Path],
    output: Path | None,
    recursive: bool,
    format_: str | None,
    exclude: Sequence[str] = (),
) -> Selection:
    """The run's list. `output` None writes beside each photo; a folder (existing, or named with several photos)
    takes all, sub-folders mirrored; else it names the one result.

    Results that would have one name get different ones (`same.gif` beside `same.png` becomes `same.gif.color.png`).

    Raises:
        ReadError: a named folder holds no photo.
        UsageError: the request cannot work: several photos into a file, two results in one place.
    """
    named = list(sources)
    many = len(named) > 1 or any(p.is_dir() for p in named)
    into = output if output is not None and (many or output.is_dir()) else None
    if into is not None and not into.is_dir() and (into.exists() or into.suffix.lower() in formats.suffixes()):
        kind = "is" if into.exists() else "is named like"
        raise UsageError(f"-o {into} {kind} a file; several photos need a folder")
    folders = tuple(p for p in named if p.is_dir())
    if len(named) == 1 and folders:
        return _of_folder(named[0], into, recursive, format_, exclude)
    items: list[Item] = []
    left_out = LeftOut()
    for path in named:
        if path.is_dir():
            listing = folder.scan(path, recursive, exclude)
            left_out.add(listing.left_out)
            if not listing.photos:
                raise ReadError(_no_photo_message(path, recursive, listing.left_out))
            items += (item(photo, path, into, format_) for photo in listing.photos)
        elif many and folder.is_excluded(path, exclude):
            left_out.excluded += 1
        elif output is None or into is not None:
            items.append(Item(path, (into or path.parent) / result_name(path, format_), False, into or path.parent))
        else:
            if format_ is None and output.suffix:
                formats.format_of(output.name)  # an unknown suffix is an error before any work
            items.append(Item(path, output, False))
    if not items:
        raise UsageError("--exclude leaves no photo")
    return Selection(tuple(unique_items(items)), left_out, into, folders=folders)


def _of_folder(
    place: Path, into: Path | None, recursive: bool, format_: str | None, exclude: Sequence[str]
) -> Selection:
    """The photos of one folder: all of them where they are few, else as they are listed."""
    left_out = LeftOut()
    walked, head = folder.walk(place, recursive, exclude, left_out), list[tuple[Path, list[str]]]()
    for at, names in walked:
        head.append((at, names))
        if sum(len(names) for _, names in head) > EAGER:
            rest = stream_items(place, itertools.chain(head, walked), into, format_)
            count = partial(folder.count, place, recursive, exclude)
            return Selection((), left_out, into, rest, count, (place,))
    photos = sorted(at / name for at, names in head for name in names)
    if not photos:
        raise ReadError(_no_photo_message(place, recursive, left_out))
    items = unique_items([item(photo, place, into, format_) for photo in photos])
    return Selection(tuple(items), left_out, into, folders=(place,))


def stream_items(
    place: Path, walked: Iterable[tuple[Path, list[str]]], into: Path | None, format_: str | None
) -> Iterator[Item]:
    """The items of a folder as `folder.walk` gives its photos. Only photos of one folder whose names are alike up to
    the first dot could get one result: those are compared with each other."""
    for at, names in walked:
        books: dict[Path, Manifest] = {}
        top = into or place
        folder_of_results = top / at.relative_to(place)
        for _, group in itertools.groupby(sorted(names, key=_first_word), _first_word):
            photos = [at / name for name in group]
            items = [Item(photo, folder_of_results / result_name(photo, format_), True, top) for photo in photos]
            try:
                yield from unique_items(items, books)
            except BarvaError as error:
                yield from (replace(one, problem=error.message) for one in items)


def _first_word(name: str) -> str:
    """A name up to its first dot, alike for names that some file system takes for one."""
    word = name.partition(".")[0]
    return word.lower() if word.isascii() else unicodedata.normalize("NFC", word).casefold()


def item(photo: Path, place: Path, into: Path | None, format_: str | None) -> Item:
    """A photo of the folder `place`, its result beside it or mirrored below `into`."""
    top = into or place
    return Item(photo, top / photo.parent.relative_to(place) / result_name(photo, format_), True, top)


def result_name(source: Path, format_: str | None) -> str:
    """`NAME.color.EXT` by what the file holds, as the library names it: photo.mpo becomes photo.color.jpg."""
    content = None
    try:
        if source.is_file():  # what comes through a pipe can be read once only
            with source.open("rb") as file:
                content = formats.detect(file.read(formats.HEAD))
    except OSError:
        pass  # named when it is its turn
    return output_name(source.name, format_, content)


def unique_items(
    items: Sequence[Item], books: dict[Path, Manifest] | None = None, *, in_store: bool = False
) -> list[Item]:
    """The items, each photo once, each with a result of its own. UsageError where two results would lie in one place.

    Of results with one name, that of the photo whose suffix it has keeps it, unless an earlier run gave it to another;
    `books` keeps the manifests that say so from call to call. `in_store`: names that differ in any way are different.
    """
    by_path = {absolute(i.source): i for i in reversed(items)}
    groups: dict[Path, list[Item]] = defaultdict(list)
    for one in reversed(by_path.values()):
        groups[one.output].append(one)
    books = {} if books is None else books
    renamed = [_rename_unless_owner(one, _owner(group, books)) for group in groups.values() for one in group]
    order = {id(one.source): place for place, one in enumerate(items)}
    renamed.sort(key=lambda one: order[id(one.source)])
    _check_collisions(renamed, in_store)
    return renamed


def _owner(group: Sequence[Item], books: dict[Path, Manifest]) -> str | None:
    """The name of the photo that keeps the group's common result; None: none does."""
    output = group[0].output
    if group[0].swept and output.exists():
        if output.parent not in books:
            books[output.parent] = Manifest(output.parent, {})
        before = books[output.parent].input_of(output)
        if before is not None and (group[0].source.parent / before).exists():
            return before
    if len(group) == 1:
        return group[0].source.name
    keeping = [one.source.name for one in group if one.source.suffix.lower() == output.suffix.lower()]
    return keeping[0] if len(keeping) == 1 else None


def _rename_unless_owner(one: Item, owner: str | None) -> Item:
    if one.source.name == owner:
        return one
    return replace(one, output=one.output.with_name(f"{one.source.name}.{OutputPage.MARK}{one.output.suffix}"))


def _check_collisions(items: Sequence[Item], in_store: bool) -> None:
    if len(items) < 2:
        return
    key = str if in_store else _casefold_path
    sources = {key(one.source): one for one in items}
    outputs: dict[str, Item] = {}
    for one in items:
        other = outputs.setdefault(key(one.output), one)
        if other is not one and (other.output == one.output or _same_place(other.output, one.output)):
            raise UsageError(
                f"{other.source} and {one.source} would both become {one.output}; give them folders of their own"
            )
        victim = sources.get(key(one.output))
        same = victim is not None and (victim.source == one.output or _same_place(victim.source, one.output))
        if victim is not None and victim is not one and same:
            raise UsageError(f"the result of {one.source} would replace {victim.source}, which is a photo of this run")


def _casefold_path(path: Path) -> str:
    """Alike for names that some file system takes for one."""
    return unicodedata.normalize("NFC", str(absolute(path))).casefold()


def _same_place(first: Path, second: Path) -> bool:
    """Whether the file system takes two paths that differ in case or in accents' spelling for one."""
    if absolute(first) == absolute(second):
        return True
    place = next(parent for parent in second.absolute().parents if parent.is_dir())
    token = secrets.token_hex(4)
    probe, twin = (place / f".{token}.{path.name}"[:250] for path in (first, second))
    if probe == twin:  # the folders' names differ
        probe, twin = (place / f".{token}.{path.parent.name}"[:250] for path in (first, second))
    try:
        with probe.open("x"):
            return twin.exists()
    except OSError as error:
        raise WriteError(f"the folder {place} cannot be written: {error.strerror}") from None
    finally:
        probe.unlink(missing_ok=True)


def _no_photo_message(path: Path, recursive: bool, left_out: LeftOut) -> str:
    """Why a folder gave no photo."""
    if left_out.unreadable:
        place, why = left_out.unreadable[0]
        return f"the folder {place} cannot be read: {why}"
    more = "" if recursive else " (--recursive looks into its folders)"
    line = left_out.line()
    return f"there is no photo in the folder {path}{more}{'; ' if line else ''}{line}"
