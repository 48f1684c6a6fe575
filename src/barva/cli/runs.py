"""How a run over photos shows on the terminal: its bar, its table, what was left out, its exit code."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from barva.errors import BarvaError

if TYPE_CHECKING:
    from rich.console import Console

    from barva.archive.folder import LeftOut
    from barva.archive.run import Outcome, Run
    from barva.archive.select import Item, Selection


def prepare(selection: Selection) -> None:
    """Make the folder that takes all results, and name folders that cannot be read, before anything is loaded or
    painted. WriteError."""
    from barva.imaging.write import make_folder

    for place, why in selection.left_out.unreadable:
        sys.stderr.write(f"barva: the folder {place} cannot be read: {why}\n")
    if selection.into is not None:
        make_folder(selection.into)


def follow(run: Run, selection: Selection) -> int:
    """Run to the end; the exit code: 1 if a photo failed or a folder could not be read."""
    items = list(selection.items)
    code = run_one(run, items[0]) if len(items) == 1 else run_many(run, items)
    return report_left_out(selection.left_out) or code


def report_left_out(left_out: LeftOut) -> int:
    """The closing line on what was left out; 1 where a folder could not be read."""
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


def run_many(run: Run, items: list[Item]) -> int:
    """A progress bar on a terminal, a table at the end, exit code 1 if anything failed."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    ended: list[Outcome] = []
    start = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("coloring", total=len(items))
            for outcome in run.outcomes(items):
                ended.append(outcome)
                progress.advance(task)
    except BarvaError:
        if ended:
            _table(console, ended, time.monotonic() - start)
        raise
    _table(console, ended, time.monotonic() - start)
    return 1 if any(e.state == "failed" for e in ended) else 0


def _table(console: Console, ended: Iterable[Outcome], seconds: float) -> None:
    from rich.table import Table

    outcomes = list(ended)
    noted = [e for e in outcomes if e.notes and e.state != "left"]
    if noted:
        table = Table(box=None, pad_edge=False)
        for heading in ("photo", "", "what was seen"):
            table.add_column(heading, overflow="fold")
        for e in sorted(noted, key=lambda e: (e.state != "failed", e.item.source)):
            table.add_row(str(e.item.source), e.state, "; ".join(e.notes))
        console.print(table, markup=False, highlight=False)
    count = {s: sum(e.state == s for e in outcomes) for s in ("done", "kept", "left", "failed")}
    left = f"{count['left']} in color left as they are, " if count["left"] else ""
    console.print(
        f"{count['done']} colored, {count['kept']} finished before, {left}{count['failed']} failed, in {seconds:.1f} s",
        highlight=False,
    )
