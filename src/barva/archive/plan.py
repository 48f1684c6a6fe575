"""What a run would do, before anything is done: how many photos, of which kinds, how long, how large."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from barva.archive import facts
from barva.archive.outcome import Outcome
from barva.archive.page_files import FileOptions, pages
from barva.archive.photo_work import Task
from barva.archive.run import Run
from barva.archive.select import Item
from barva.archive.threads import Executor, Threads
from barva.archive.tones import tone_name
from barva.engine.colorizer import Colorizer
from barva.errors import BarvaError

BROKEN = 10
"""Broken photos that a plan names; its table has all."""

COLUMNS = ("path", "state", "error", "format", "width", "height", "bytes", "tone", "pixels", "double_of")
"""Of the table of all photos. `state` is readable or broken; `pixels` the sha256 of the upright pixels; `double_of` the
first photo with the same pixels."""

TRIED = 6
"""Photos that are colored in memory, spread over the first hundreds, for the estimates of time and bytes."""


class Survey(Run):
    """A run that looks at photos and writes nothing."""

    def _check(self, item: Item) -> Outcome | Task:
        return item, False

    def _executor(self, head: Any) -> Executor:
        if isinstance(executor := super()._executor(head), Threads):
            return executor
        from barva.archive.workers import Workers

        return Workers(partial(_survey, self.files), self.jobs)

    def _process(self, item: Item, finished: bool) -> Outcome:
        photo = pages(item.source, self.files)[0]
        outcome = facts.add_photo(Outcome(item, "seen"), photo)
        row = {"pixels": photo.sha256(), "bytes": item.source.stat().st_size}
        return replace(outcome, facts=row | (outcome.facts or {}))


def _survey(files: FileOptions) -> Survey:
    import cv2

    cv2.setNumThreads(1)
    return Survey(Colorizer(threads=1), files, 1)


@dataclass
class Plan:
    """What was counted, and what a run is estimated to take. `bytes` are those of photos; `hours` and `output_bytes`
    are None where no photo could be tried."""

    photos: int = 0
    bytes: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    tones: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    broken_count: int = 0
    doubled: int = 0
    megapixels: float = 0.0
    hours: float | None = None
    output_bytes: int | None = None
    rows: list[dict[str, Any]] | None = None
    """What is known of each photo, where a table is wanted."""

    def table(self) -> list[list[Any]]:
        """`COLUMNS` of all photos, by path."""
        rows, first = sorted(self.rows or (), key=lambda row: str(row["path"])), dict[str, str]()
        for row in rows:
            if "pixels" in row and (before := first.setdefault(row["pixels"], row["path"])) != row["path"]:
                row["double_of"] = before
        return [[row.get(column) for column in COLUMNS] for row in rows]

    def lines(self) -> list[str]:
        """The plan as a person reads it."""
        rows = [
            f"photos      {self.photos:,}, {self.bytes / 1e6:,.1f} MB, {self.megapixels:,.1f} megapixels",
            f"formats     {_list_counts(self.formats)}",
            f"tones       {_list_counts(self.tones)}",
            f"doubled     {self.doubled:,} (the same pixels as another)",
            f"broken      {self.broken_count:,}",
            *(f"            {line}" for line in self.broken),
        ]
        if self.broken_count > len(self.broken):
            rows.append(f"            and {self.broken_count - len(self.broken):,} more: -o FILE.csv lists all")
        if self.hours is not None and self.output_bytes is not None:
            rows += [
                f"time        about {_duration(self.hours)}",
                f"results     about {self.output_bytes / 1e6:,.1f} MB",
            ]
        return rows


def survey(
    items: Iterable[Item],
    colorizer: Colorizer,
    files: FileOptions,
    jobs: int | None,
    processes: bool,
    with_rows: bool = False,
) -> Plan:
    """Look at every photo, and color a few in memory.

    Args:
        items: the photos.
        colorizer: what would color them.
        files: how they would be read and written.
        jobs: photos at a time; None for one a core.
        processes: whether to look in processes.
        with_rows: whether to keep what is known of each photo.

    Returns:
        The plan.

    Raises:
        UsageError: the method cannot color as it is asked to; and so WeightsError.
    """
    one = Colorizer(colorizer.card.name, threads=1, request=colorizer.request)
    one.colorize(np.full((8, 8), 128, np.uint8))  # before thousands of photos are looked at in vain; loads the network
    run, seen, tried = Survey(colorizer, files, jobs, processes=processes), set[bytes](), list[Item]()
    plan = Plan(rows=[] if with_rows else None)
    for outcome in run.outcomes(items):
        _count(plan, outcome, seen)
        step = 2 ** len(tried)  # the 1st, 2nd, 4th, 8th ... photo that can be read
        if outcome.facts and len(tried) < TRIED and plan.photos - plan.broken_count >= step:
            tried.append(outcome.item)
    _estimate(plan, tried, one, files, run.jobs)
    return plan


def _count(plan: Plan, outcome: Outcome, seen: set[bytes]) -> None:
    plan.photos += 1
    path = str(outcome.item.source)
    if outcome.facts is None:
        plan.broken_count += 1
        if len(plan.broken) < BROKEN:
            plan.broken.append(_named_by_path(outcome))
        if plan.rows is not None:
            plan.rows.append({"path": path, "state": "broken", "error": str(outcome.notes[0])})
        return
    row = outcome.facts
    if plan.rows is not None:
        plan.rows.append({"path": path, "state": "readable"} | row | {"tone": tone_name(row["tone"])})
    plan.bytes += row["bytes"]
    plan.formats[row["format"]] += 1
    plan.tones[tone_name(row["tone"])] += 1
    plan.megapixels += row["width"] * row["height"] / 1e6
    key = hashlib.blake2b(row["pixels"].encode(), digest_size=12).digest()
    plan.doubled += key in seen
    seen.add(key)


def _named_by_path(outcome: Outcome) -> str:
    """The error of a photo, whose name alone says little in an archive, with its path."""
    note, source = outcome.notes[0], outcome.item.source
    return f"{source}{note[len(source.name) :]}" if note.startswith(source.name) else f"{source}: {note}"


def _estimate(plan: Plan, tried: list[Item], colorizer: Colorizer, files: FileOptions, jobs: int) -> None:
    from barva.archive.page_files import save

    seconds, megapixels, before, after = 0.0, 0.0, 0, 0
    for item in tried:
        start = time.process_time()
        try:
            size, photos = item.source.stat().st_size, pages(item.source, files)
            written = save([colorizer.colorize(photo) for photo in photos], None, files, to_bytes=True)
        except (BarvaError, OSError):  # it has gone, or cannot be colored: the others tell
            continue
        seconds += time.process_time() - start
        megapixels += sum(photo.width * photo.height for photo in photos) / 1e6
        before, after = before + size, after + len(written.data or b"")
    if megapixels and before:
        plan.hours = seconds / megapixels * plan.megapixels / jobs / 3600
        plan.output_bytes = round(after / before * plan.bytes)


def _list_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common()) or "none"


def _duration(hours: float) -> str:
    if hours >= 1.5:
        return f"{hours:.1f} hours"
    return f"{hours * 60:.0f} minutes" if hours * 60 >= 1.5 else f"{hours * 3600:.0f} seconds"
