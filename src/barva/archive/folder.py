"""What lies in a folder: the photos that a run takes, and what it leaves out."""

from __future__ import annotations

import fnmatch
import os
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath

from barva.errors import ReadError
from barva.files import is_hidden_or_own
from barva.imaging.formats import suffixes

_SYSTEM_FOLDERS = frozenset(
    {
        "#recycle", "#snapshot", "$recycle.bin", "@eadir", "@recycle", "@recently-snapshot", "@sharebin", "@tmp",
        "__macosx", "lost+found", "recycled", "recycler", "system volume information",
    }
)  # fmt: skip
"""Bins, previews and archives' leavings that servers and systems put beside photos; lower case. The others of the kind
(.Trashes, .Trash-1000, .thumbnails, .AppleDouble) are hidden by their names."""

_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r"})
_NO_PHOTOS = frozenset({".xmp"})
"""Goes along with its photo, so that it is not left out."""
_OWN_FILES = frozenset({"album.json"})
_PASSED_OVER = _SYSTEM_FILES | _OWN_FILES


@dataclass
class LeftOut:
    """What a look into folders passed over: `files` by suffix, photos (`excluded`) and folders (`closed`) by
    `--exclude`, folders that are links, and those that cannot be read, with the reason."""

    files: Counter[str] = field(default_factory=Counter)
    excluded: int = 0
    closed: int = 0
    links: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, other: LeftOut) -> None:
        """Count what another look left out too."""
        self.files += other.files
        self.excluded += other.excluded
        self.closed += other.closed
        self.links += other.links
        self.unreadable += other.unreadable

    def line(self) -> str:
        """Such as "3 files left out: 2 .cr2, 1 .psd"; empty where nothing was."""
        kinds = [f"{count} {kind}" for kind, count in sorted(self.files.items(), key=lambda f: (-f[1], f[0]))]
        total = self.files.total()
        if self.excluded:
            kinds.append(f"{self.excluded} by --exclude")
            total += self.excluded
        lines = [f"{total} {'file' if total == 1 else 'files'} left out: {', '.join(kinds)}"] if kinds else []
        for count, what in ((self.closed, "left out by --exclude"), (self.links, "not followed: links")):
            if count:
                lines.append(f"{count} {'folder' if count == 1 else 'folders'} {what}")
        return "; ".join(lines)


@dataclass(frozen=True)
class Listing:
    """One folder's photos, sorted, and what was left out."""

    photos: tuple[Path, ...]
    left_out: LeftOut


def photos_in(folder: Path, recursive: bool) -> Iterator[Path]:
    """Photos by their suffix, sorted; as `scan`. ReadError for a folder that cannot be read."""
    listing = scan(folder, recursive)
    for place, why in listing.left_out.unreadable:
        raise ReadError(f"the folder {place} cannot be read: {why}")
    yield from listing.photos


def scan(folder: Path, recursive: bool, exclude: Sequence[str] = ()) -> Listing:
    """Photos of a folder by their suffix, sorted, and what is left out.

    Hidden files and folders, those of systems (recycle bins, previews) and our own results (`NAME.color.EXT`, variants
    and recolored photos too) are passed over without being counted. Linked folders are not followed.

    Args:
        folder: where to look.
        recursive: whether to look into its folders too.
        exclude: globs; a photo or folder is left out where one fits its name or its path below `folder`.
    """
    left_out = LeftOut()
    photos = [place / name for place, names in walk(folder, recursive, exclude, left_out) for name in names]
    return Listing(tuple(sorted(photos)), left_out)


def walk(folder: Path, recursive: bool, exclude: Sequence[str], left_out: LeftOut) -> Iterator[tuple[Path, list[str]]]:
    """As `scan`, folder by folder, so that the first photos are known long before the last.

    Args:
        folder: where to look.
        recursive: whether to look into its folders too.
        exclude: globs, as in `scan`.
        left_out: counts what is left out as the walk goes on.

    Yields:
        A folder that holds photos, and their names, sorted.
    """
    endings, waiting = suffixes(), [folder]
    while waiting:
        place = waiting.pop()
        names, folders = list[str](), list[str]()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        folders.append(entry.name)
                    elif _is_taken(entry, place, folder, endings, exclude, left_out):
                        names.append(entry.name)
        except OSError as error:
            left_out.unreadable.append((Path(error.filename or place), error.strerror or str(error)))
        if recursive:
            below = (place / name for name in sorted(folders, reverse=True))
            waiting += [path for path in below if _is_entered(path, folder, exclude, left_out)]
        if names:
            yield place, sorted(names)


def count(folder: Path, recursive: bool, exclude: Sequence[str] = ()) -> int:
    """How many photos `walk` gives."""
    return sum(len(names) for _, names in walk(folder, recursive, exclude, LeftOut()))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_plain_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry of a folder is a file, or leads to one; not a link that leads in a circle or to where nobody
    may look, which must not keep the folder's photos from being found."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_taken(
    entry: os.DirEntry[str],
    place: Path,
    top: Path,
    endings: Container[str],
    exclude: Sequence[str],
    left_out: LeftOut,
) -> bool:
    """As `is_taken`, of an entry of the folder `place`."""
    name = entry.name
    is_file = partial(is_plain_file, entry)
    return is_taken(name, lambda: (place / name).relative_to(top), endings, exclude, left_out, is_file)


def is_taken(
    name: str,
    seen: Callable[[], PurePath],
    endings: Container[str],
    exclude: Sequence[str],
    left_out: LeftOut,
    is_file: Callable[[], bool] = lambda: True,
) -> bool:
    """Whether a file is a photo of the run; counts it where it is left out. `seen` gives its path from the top, and is
    asked only where something is excluded."""
    suffix = _suffix(name)
    if is_ignored(name, suffix in endings):
        return False
    if suffix not in endings:
        left_out.files[suffix or "without a suffix"] += 1
    elif not is_file():
        left_out.files["that is no plain file"] += 1
    elif exclude and is_excluded(seen(), exclude):
        left_out.excluded += 1
    else:
        return True
    return False


def is_excluded(path: PurePath, globs: Sequence[str]) -> bool:
    """Whether one of the globs fits a path or its name; case does not count."""
    texts = path.as_posix().casefold(), path.name.casefold()
    patterns = [glob.rstrip("/").casefold() for glob in globs]
    return any(fnmatch.fnmatchcase(text, pattern) for text in texts for pattern in patterns)


def _is_entered(path: Path, top: Path, exclude: Sequence[str], left_out: LeftOut) -> bool:
    """As `is_entered`; links are not followed."""
    if _is_passed_over(path.name):
        return False
    if path.is_symlink():
        left_out.links += 1
        return False
    return is_entered(path.relative_to(top), exclude, left_out)


def is_entered(path: PurePath, exclude: Sequence[str], left_out: LeftOut) -> bool:
    """Whether to look into a folder below the one that was named, seen from that one; counts it where it is
    excluded."""
    if _is_passed_over(path.name):
        return False
    if is_excluded(path, exclude):
        left_out.closed += 1
        return False
    return True


def _is_passed_over(folder: str) -> bool:
    return folder.startswith(".") or folder.casefold() in _SYSTEM_FOLDERS


def is_ignored(name: str, is_photo: bool = False) -> bool:
    """Whether a file of that name is passed over without being counted: hidden, a system's, or our own result. The
    shorter way is for what is a photo by its suffix: folders hold hundreds of thousands of them."""
    if is_hidden_or_own(name):
        return True
    return not is_photo and (name.casefold() in _PASSED_OVER or _suffix(name) in _NO_PHOTOS)


def _suffix(name: str) -> str:
    """In lower case; as `Path.suffix`, many times quicker."""
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if stem and dot and suffix else ""
