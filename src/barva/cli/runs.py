"""How a run over photos shows on the terminal: its bar, its table, what was left out, its exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from barva.cli.signals import stopping
from barva.errors import BarvaError, ReadError, WriteError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from barva.archive.folder import LeftOut
    from barva.archive.outcome import Outcome
    from barva.archive.run import Run
    from barva.archive.select import Item, Selection

SHOWN = 1000
"""Rows of the table at the end."""

_FULL = ("No space left on device", "Disk quota exceeded", "Read-only file system")
_IN_A_ROW = 3  # photos that a full disk refuses, before the run ends


def prepare(selection: Selection) -> None:
    """Make the folder that takes all results, and name folders that cannot be read, before anything is loaded or
    painted. WriteError."""
    from barva.imaging.write import make_folder

    _report_unreadable(selection.left_out)
    if selection.into is not None:
        make_folder(selection.into)


def follow(run: Run, selection: Selection) -> int:
    """Run to the end; the exit code: 1 if a photo failed or a folder could not be read."""
    code = run_one(run, selection.items[0]) if len(selection.items) == 1 else run_many(run, selection)
    return report_left_out(selection) or code


def _report_unreadable(left_out: LeftOut) -> None:
    for place, why in left_out.unreadable:
        sys.stderr.write(f"barva: the folder {place} cannot be read: {why}\n")


def report_left_out(selection: Selection) -> int:
    """The closing line on what was left out; 1 where a folder could not be read."""
    left_out = selection.left_out
    if selection.rest is not None:  # it was listed while photos were colored
        _report_unreadable(left_out)
    if line := left_out.line():
        sys.stderr.write(f"barva: {line}\n")
    return 1 if left_out.unreadable else 0


def run_one(run: Run, item: Item) -> int:
    """Color a single photo, and name its result."""
    outcome = run.color_one(item)
    if outcome.state == "failed":
        sys.stderr.write(f"barva: {' '.join(outcome.notes[0].split())}\n")
        return 1
    if outcome.state == "kept":
        sys.stderr.write(f"barva: {item.output} is finished already\n")
    for note in outcome.notes:
        sys.stderr.write(f"barva: {item.source.name}: {note}\n")
    if outcome.state != "left":
        typer.echo(str(item.output))
    return 0


@dataclass
class Tally:
    """What came out so far: how many of each state, and those with notes, as many as are shown."""

    counts: Counter[str] = field(default_factory=Counter)
    noted: list[Outcome] = field(default_factory=list)
    more: int = 0
    refused: int = 0
    """Photos in a row that a full disk refused."""
    failed: int = 0
    """Photos in a row that failed for any reason."""

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.state] += 1
        is_full = outcome.state == "failed" and any(why in outcome.notes[0] for why in _FULL)
        self.refused = self.refused + 1 if is_full else 0
        self.failed = self.failed + 1 if outcome.state == "failed" else 0
        if outcome.notes and outcome.state != "left":
            if len(self.noted) < SHOWN:
                self.noted.append(outcome)
            else:
                self.more += 1


def run_many(run: Run, selection: Selection, follow: Callable[[Iterator[Outcome]], Iterator[Outcome]] = iter) -> int:
    """A progress bar on a terminal, a table at the end, exit code 1 if anything failed. Ctrl-C and SIGTERM end it after
    the photos under way; a second one ends it now.

    Args:
        run: colors.
        selection: its photos.
        follow: sees each outcome on its way, such as one that writes the index.

    Raises:
        KeyboardInterrupt: it was ended so.
        BarvaError: what ends a run; the table is shown before.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    tally, start = Tally(), time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with (
            stopping(run.stop),
            Progress(*columns, console=console, disable=not console.is_terminal) as progress,
            contextlib.closing(_closable(follow(run.outcomes(selection.photos())))) as outcomes,
        ):
            task = progress.add_task("coloring", total=len(selection.items) or None)
            _count_meanwhile(selection, progress, task)
            try:
                for outcome in outcomes:
                    tally.add(outcome)
                    progress.advance(task)
                    _check_places(tally, outcome, selection, run)
            except KeyboardInterrupt as stop:  # it came between outcomes: the run must know that nothing is waited for
                outcomes.throw(stop)
    except BarvaError:
        if tally.counts:
            _table(console, tally, time.monotonic() - start)
        raise
    _table(console, tally, time.monotonic() - start)
    if run.is_stopped:
        raise KeyboardInterrupt
    return 1 if tally.counts["failed"] else 0


def with_bar(selection: Selection, what: str) -> Iterator[Item]:
    """The photos of a selection, with a bar on a terminal as they are taken."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not console.is_terminal:
        return selection.photos()
    total = len(selection.items) or (selection.count() if selection.count else None)
    return iter(track(selection.photos(), what, total, console=console, transient=True))


def _closable(outcomes: Iterable[Outcome]) -> Generator[Outcome, None, None]:  # a generator, which can be closed
    yield from outcomes


def _count_meanwhile(selection: Selection, progress: Progress, task: TaskID) -> None:
    """How many photos there are, for the bar, counted while the first are colored."""
    count = selection.count
    if count is None or progress.disable:
        return
    threading.Thread(target=lambda: progress.update(task, total=count()), daemon=True).start()


def _check_places(tally: Tally, outcome: Outcome, selection: Selection, run: Run) -> None:
    """End a run that cannot go on, rather than fail with each photo that is left. ReadError, WriteError."""
    if outcome.state != "failed":
        return
    if tally.refused >= _IN_A_ROW:
        what, output = outcome.notes[0], str(outcome.item.output)
        where = "" if output in what else f"{output}: "
        if _FULL[-1] in what:
            raise WriteError(f"{where}{what}; name a folder for the results that can be written")
        raise WriteError(f"{where}{what}; make room, and run the same command again to go on")
    for place in (*selection.folders, *([selection.into] if selection.into else [])):
        if not _is_there(place, outcome.item):
            raise ReadError(f"the folder {place} is gone; run the same command again to go on once it is back")
    if tally.failed >= _IN_A_ROW:
        run.check_places()


def _is_there(place: Path, item: Item) -> bool:
    """Whether a folder of the run is still there; where a share was mounted an empty folder may be left."""
    try:
        with os.scandir(place) as entries:
            return next(entries, None) is not None or not item.source.is_relative_to(place)
    except OSError:
        return False


def _table(console: Console, tally: Tally, seconds: float) -> None:
    from rich.table import Table

    if tally.noted:
        table = Table(box=None, pad_edge=False)
        for heading in ("photo", "", "what was seen"):
            table.add_column(heading, overflow="fold")
        for e in sorted(tally.noted, key=lambda e: (e.state != "failed", e.item.source)):
            table.add_row(str(e.item.source), e.state, "; ".join(e.notes))
        console.print(table, markup=False, highlight=False)
    if tally.more:
        console.print(f"and {tally.more} more photos with notes", highlight=False)
    count = tally.counts
    left = f"{count['left']} in color left as they are, " if count["left"] else ""
    console.print(
        f"{count['done']} colored, {count['kept']} finished before, {left}{count['failed']} failed, in {seconds:.1f} s",
        highlight=False,
    )
