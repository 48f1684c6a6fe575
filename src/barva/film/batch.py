"""Several films: those of folders and lists, each colored by itself. A bad one does not stop the others, and a run that
was stopped goes on with the film that it was at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from barva.engine.request import Request
from barva.errors import ReadError, UsageError
from barva.files import LISTS, absolute, mirror, read_list, reason
from barva.film.encode import target_of
from barva.film.pipeline import FilmOptions, FilmProgress, color_film
from barva.imaging.write import make_folder
from barva.runtime.worker_process import failure

SUFFIXES = (
    ".3gp", ".avi", ".dv", ".flv", ".h264", ".hevc", ".m2ts", ".m2v", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg",
    ".mts", ".mxf", ".nut", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m",
)  # fmt: skip
"""How files are named that are films in folders; a film that is named itself may have any name."""


@dataclass(frozen=True)
class FilmItem:
    """A film, and the file that it becomes."""

    source: Path
    target: Path


@dataclass(frozen=True)
class FilmOutcome:
    """What became of a film: done, kept (its result was there) or failed; `notes` hold the error of the last."""

    item: FilmItem
    state: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmBatch:
    """What is asked of each film, for any process of any machine.

    Args:
        method: The method's name.
        request: What is asked of every shot.
        options: How films are read and written. Without `overwrite`, results that are there stay.
        threads: Of the method; None for all cores.
    """

    method: str
    request: Request
    options: FilmOptions
    threads: int | None = None

    def color(self, item: FilmItem, progress: Callable[[FilmProgress], None] | None = None) -> FilmOutcome:
        """Color one film; whatever goes wrong with it becomes a failed outcome.

        Args:
            item: The film.
            progress: As `color_film` calls it.
        """
        from barva.engine.colorizer import Colorizer

        if item.target.exists() and not self.options.overwrite:
            return FilmOutcome(item, "kept")
        try:
            make_folder(item.target.parent)
            colorizer = Colorizer(self.method, threads=self.threads, request=self.request)
            result = color_film(item.source, item.target, colorizer, self.options, progress)
        except Exception as error:
            return FilmOutcome(item, "failed", (failure(error, item.source).message,))
        return FilmOutcome(item, "done", result.notes)


def find_films(sources: Sequence[Path], into: Path | None) -> list[FilmItem]:
    """The films of folders, with all folders in them, of lists, and those that are named.

    Args:
        sources: Folders, files that list films, a path a line, and films.
        into: The folder of results, in folders as the films lie; None: beside each film.

    Returns:
        Films in order, with paths that hold everywhere.

    Raises:
        ReadError: There is none, or a list or a folder cannot be read.
        UsageError: Two would become one file.
    """
    items = dict[Path, FilmItem]()
    for source, folder in _collect(sources, None if into is None else absolute(into)):
        target = folder / target_of(source).name
        other = items.setdefault(target, FilmItem(source, target))
        if other.source != source:
            raise UsageError(f"{other.source} and {source} would both become {target}: color them one by one with -o")
    if not items:
        raise ReadError(f"there is no film in {', '.join(map(str, sources))}")
    return list(items.values())


def _collect(sources: Iterable[Path], into: Path | None) -> Iterator[tuple[Path, Path]]:
    """Films, each with the folder of its result."""
    for source in map(absolute, sources):
        if source.is_dir():
            for film in _walk(source):
                yield film, film.parent if into is None else into / film.parent.relative_to(source)
        elif source.suffix.lower() in LISTS and source.is_file():
            yield from mirror(read_list(source), into)
        else:
            yield source, into or source.parent


def _walk(folder: Path) -> Iterator[Path]:
    """Films below a folder, in order of their names; what is hidden and our own results are passed over. ReadError: a
    folder cannot be read, whose films would be missing without a word."""

    def refuse(error: OSError) -> None:
        raise ReadError(f"the folder {error.filename} cannot be read: {reason(error)}")

    for at, folders, names in os.walk(folder, onerror=refuse):
        # a disk's `lost+found` holds no films, and is closed to all but its keeper
        folders[:] = sorted(name for name in folders if not name.startswith((".", "$")) and name != "lost+found")
        for path in (Path(at, name) for name in sorted(names) if not name.startswith(".")):
            if path.suffix.lower() in SUFFIXES and not path.stem.endswith(".color"):
                yield path
