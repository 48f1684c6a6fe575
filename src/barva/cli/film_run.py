"""What `barva film` does: one film, several, or a sheet of frames; with a bar on a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from barva.errors import UsageError
from barva.files import LISTS

if TYPE_CHECKING:
    from rich.progress import Progress

    from barva.engine.request import Request
    from barva.film.batch import FilmBatch, FilmItem, FilmOutcome
    from barva.film.guided import FrameGuidance
    from barva.film.pipeline import FilmOptions, FilmProgress


def is_many(source: Path) -> bool:
    """Whether a path stands for several films: a folder, or a list of films."""
    return source.is_dir() or source.suffix.lower() in LISTS


def color_one(
    source: Path,
    output: Path | None,
    method: str,
    request: Request,
    options: FilmOptions,
    guidance: Sequence[FrameGuidance],
) -> int:
    """Color one film, where `output` says or beside it."""
    from barva.cli.signals import stop_gently
    from barva.engine.colorizer import Colorizer
    from barva.film.encode import target_of
    from barva.film.pipeline import color_film

    target = output or target_of(source)
    if target.is_dir():
        target = target / target_of(source).name
    stop_gently()
    with bar() as shown:
        colorizer = Colorizer(method, request=request)
        result = color_film(source, target, colorizer, options, FilmLine(shown, "frames").show, guidance)
    for note in result.notes:
        sys.stderr.write(f"barva: {source.name}: {note}\n")
    typer.echo(str(result.path))
    return 0


def save_sheet(
    source: Path,
    output: Path | None,
    count: int,
    method: str,
    request: Request,
    options: FilmOptions,
    guidance: Sequence[FrameGuidance],
) -> int:
    """Write `count` frames in color as one picture."""
    from barva.engine.colorizer import Colorizer
    from barva.film.preview import save_preview

    target = output or source.with_name(f"{source.stem}.preview.png")
    colorizer = Colorizer(method, request=request)
    save_preview(source, target, count, colorizer, options.span, overwrite=options.overwrite, guidance=guidance)
    typer.echo(str(target))
    return 0


def color_many(sources: Sequence[Path], output: Path | None, batch: FilmBatch, engine: str, address: str | None) -> int:
    """Color several films; exit code 1 if one failed. Results that are there already stay, without --overwrite.

    Args:
        sources: Films, folders and lists.
        output: The folder of results; None: beside each film.
        batch: What is asked of each film.
        engine: "local", one after another, or "ray".
        address: Of a Ray cluster; None for one on this machine.
    """
    from barva.cli.signals import stop_gently
    from barva.film.batch import find_films
    from barva.film.encode import SUFFIXES

    if output is not None and (output.is_file() or (output.suffix.lower() in SUFFIXES and not output.is_dir())):
        raise UsageError(f"-o {output}: folders, lists, several films and --engine ray write into a folder, not a file")
    items = find_films(sources, output)
    stop_gently()
    began, counts = time.monotonic(), Counter[str]()
    with bar() as shown, contextlib.closing(_outcomes(items, batch, engine, address, shown)) as outcomes:
        films = shown.add_task("films", total=len(items))
        for outcome in outcomes:
            counts[outcome.state] += 1
            shown.advance(films)
            _report(outcome)
    sys.stderr.write(
        f"{counts['done']} colored, {counts['kept']} there already, {counts['failed']} failed, in "
        f"{time.monotonic() - began:.1f} s\n"
    )
    return 1 if counts["failed"] else 0


def _outcomes(
    items: Sequence[FilmItem], batch: FilmBatch, engine: str, address: str | None, shown: Progress
) -> Generator[FilmOutcome, None, None]:
    if engine == "ray":
        from barva.cli.signals import stop_gently
        from barva.film.cluster import color_on_ray

        yield from color_on_ray(items, batch, address, connected=stop_gently)
        return
    for item in items:
        line = FilmLine(shown, item.source.name)
        yield batch.color(item, line.show)
        line.end()


def _report(outcome: FilmOutcome) -> None:
    if outcome.state == "done":
        typer.echo(str(outcome.item.target))
    for note in outcome.notes:
        name = "" if outcome.state == "failed" else f"{outcome.item.source.name}: "
        sys.stderr.write(f"barva: {name}{' '.join(note.split())}\n")


def bar() -> Progress:
    """A bar with time left; nothing where the terminal is none."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


class FilmLine:
    """A film's line of the bar: frames colored, shots finished."""

    def __init__(self, shown: Progress, name: str) -> None:
        self._shown, self._name = shown, name
        self._task = shown.add_task(name, total=None)

    def show(self, progress: FilmProgress) -> None:
        """Called after each frame."""
        self._shown.update(self._task, completed=progress.frames, total=progress.total,
                           description=f"{self._name}, shot {progress.shots + 1}")  # fmt: skip

    def end(self) -> None:
        """Take the line away."""
        self._shown.remove_task(self._task)
