"""One job over an archive: which photos, by which engine, recorded in the target's index."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from barva.archive.index.schema import file_name, name_text
from barva.archive.manifest import digest
from barva.archive.page_files import FileOptions
from barva.archive.places import HIDDEN, is_url, place_of
from barva.archive.run import Run
from barva.archive.select import Item, Selection, result_name, select, unique_items
from barva.cluster.connection import check_engine
from barva.errors import ReadError, UsageError
from barva.files import LISTS as TEXT_LISTS
from barva.files import mirror, read_list
from barva.imaging.write import make_folder

if TYPE_CHECKING:
    from barva.archive.record import Record
    from barva.engine.colorizer import Colorizer

LISTS = (*TEXT_LISTS, ".parquet")
"""How files are named that list photos: one path a line, or a column `path`."""

SAMPLE = f"{HIDDEN}/sample"


@dataclass(frozen=True)
class Job:
    """What to color, and where to.

    Args:
        source: a folder, a URL, or a file that lists photos.
        target: a folder or a URL.
        files: how files are read and written.
        exclude: globs of what is left out.
        engine: "local" or "ray".
        address: of a Ray cluster; None for one on this machine.
        jobs: photos at a time; None for one a core.
        perceive: look for objects.
        below: for a list: the folder whose tree the results have; None for the lowest that holds all photos.

    Raises:
        UsageError: an unknown engine, a target inside the source, or a folder `below` without a list.
    """

    source: str
    target: str
    files: FileOptions = field(default_factory=FileOptions)
    exclude: tuple[str, ...] = ()
    engine: str = "local"
    address: str | None = None
    jobs: int | None = None
    perceive: bool = False
    below: Path | None = None

    def __post_init__(self) -> None:
        check_engine(self.engine, self.address)
        check_apart(self.source, self.target)
        if self.below is not None and not is_list(self.source):
            raise UsageError(f"--below belongs to a list of photos ({', '.join(LISTS)}), which {self.source} is not")

    @property
    def is_staged(self) -> bool:
        """Whether photos or results lie where only a store's protocol reaches."""
        return is_url(self.source) or is_url(self.target)

    def select(self) -> Selection:
        """The photos. ReadError: there is none, or they cannot be read."""
        return select_photos(self.source, self.target, self.files, self.exclude, self.below)

    def run(self, colorizer: Colorizer) -> Run:
        """A run by the job's engine. UsageError: a package is missing."""
        from barva.archive.staged import StagedRun

        if self.engine == "ray":
            from barva.archive.cluster import ray_run

            return ray_run(self, colorizer)
        if self.is_staged:
            return StagedRun(
                colorizer, self.source, self.target, self.files, self.jobs, processes=True, perceive=self.perceive
            )
        return Run(colorizer, self.files, self.jobs, processes=True, perceive=self.perceive, observe=True)

    @contextmanager
    def record(self, run: Run) -> Iterator[Record]:
        """The target's record, while the run goes on. UsageError: another run has it."""
        from barva.archive.record import Record

        place = place_of(self.target)
        if place.is_local:
            make_folder(place.local)
        with Record(place, digest(run.settings()), run.stop) as record:
            yield record


def is_list(source: str) -> bool:
    """Whether it names a file that lists photos."""
    return not is_url(source) and Path(source).suffix.lower() in LISTS and Path(source).is_file()


def check_apart(source: str, target: str) -> None:
    """UsageError: the target lies inside the source, so that a second run would take results for photos."""
    if is_url(source) != is_url(target):
        return
    if is_url(source):
        inside = f"{target.partition('?')[0].rstrip('/')}/".startswith(f"{source.partition('?')[0].rstrip('/')}/")
    else:
        top = Path(source).resolve()
        inside = top.is_dir() and Path(target).resolve().is_relative_to(top)
    if inside:
        raise UsageError(f"the target {target} lies inside the source {source}: name a folder beside it")


def select_photos(
    source: str, target: str | None, files: FileOptions, exclude: Sequence[str], below: Path | None = None
) -> Selection:
    """Photos of a folder with all folders in it, of a list, or of a store; `target` None where nothing is written.

    Args:
        source: the folder, list or URL.
        target: the folder or URL of the results.
        files: how results are written.
        exclude: globs of what is left out.
        below: as `Job.below`.

    Raises:
        ReadError: there is no photo, or the source cannot be read.
        UsageError: two results would lie in one place, or a list is to go to a store.
    """
    from barva.archive.folder import LeftOut
    from barva.archive.staged import items_of

    into = None if target is None or is_url(target) else Path(target)
    path = Path(source)
    if is_url(source) or (target is not None and is_url(target)):
        if is_list(source):
            raise UsageError(f"photos of a list go to a folder, not to {target}: name the folder that holds them")
        left_out = LeftOut()
        return Selection((), left_out, None, rest=items_of(place_of(source), files.format, exclude, left_out))
    if is_list(source):
        return _listed(path, into, files.format, exclude, below)
    if not path.is_dir():
        raise ReadError(f"{source} is no folder, URL or list of photos ({', '.join(LISTS)})")
    return select([path], into or path, True, files.format, exclude)


def _listed(
    path: Path, into: Path | None, format_: str | None, exclude: Sequence[str], below: Path | None
) -> Selection:
    """The photos of a list. A photo that the target's index knows keeps its folder; results of the others are mirrored
    below the folder that all of them share, or that is named."""
    from barva.archive.folder import LeftOut, is_excluded

    if path.suffix.lower() == ".parquet":
        photos = [path.parent / name.strip() for name in _column(path) if name.strip()]
    else:
        photos = read_list(path)
    if not photos:
        raise ReadError(f"{path} lists no photo")
    photos = [_as_file(photo) for photo in photos]
    known = {} if into is None or below is not None else _known_folders(into)
    items, left_out = list[Item](), LeftOut()
    for photo, within in mirror(photos, Path(), below):
        if is_excluded(within / photo.name, exclude):
            left_out.excluded += 1
            continue
        place = photo.parent if into is None else known.get(name_text(str(photo)), into / within)
        items.append(Item(photo, place / result_name(photo, format_), True, into or place))
    if not items:
        raise UsageError("--exclude leaves no photo")
    return Selection(tuple(unique_items(items)), left_out, into)


def _as_file(photo: Path) -> Path:
    """A photo's path, also where the list has it from the index, in which bytes that are no text are spelled out."""
    text = str(photo)
    return photo if "\\x" not in text or photo.exists() else Path(file_name(text))


def _known_folders(target: Path) -> dict[str, Path]:
    """Photo -> folder of its result, of those that the target's index knows. ReadError."""
    from barva.archive.index import parts, reading

    if not (target / parts.FOLDER).is_dir():
        return {}
    place = place_of(str(target))
    if not parts.list_journals(place) and not parts.list_parts(place).rows:
        return {}
    rows = reading.read(place, ["output"]).table
    pairs = zip(rows["path"].to_pylist(), rows["output"].to_pylist(), strict=True)
    return {path: target / Path(file_name(output)).parent for path, output in pairs if output}


def _column(path: Path) -> list[str]:
    try:
        import pyarrow.parquet as pq

        return [str(name) for name in pq.read_table(path, columns=["path"])["path"].to_pylist() if name]
    except ImportError:
        from barva.extras import missing

        raise missing("archive", ["pyarrow"]) from None
    except (OSError, ValueError, KeyError) as error:
        raise ReadError(f"{path} has no column `path` that can be read: {str(error).splitlines()[0][:120]}") from None


def sample(selection: Selection, count: int, target: str) -> list[Item]:
    """Photos for approval, drawn evenly from all; results go to the target's hidden folder.

    Args:
        selection: all photos, which are looked through once.
        count: how many.
        target: the target, a folder.
    """
    draw, chosen = random.Random(0), list[Item]()
    for n, item in enumerate(selection.photos()):
        if len(chosen) < count:
            chosen.append(item)
        elif (at := draw.randrange(n + 1)) < count:
            chosen[at] = item
    folder = Path(target) / SAMPLE
    return [replace(item, output=folder / f"{n:04}-{item.output.name}", swept=False, top=folder)
            for n, item in enumerate(chosen)]  # fmt: skip
