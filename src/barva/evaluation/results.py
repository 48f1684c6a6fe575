"""What a benchmark comes to: a row for each method, and the tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy.typing as npt

from barva.errors import UsageError
from barva.evaluation import compare, hints
from barva.evaluation.extras import Extras
from barva.evaluation.metrics import PhotoScores
from barva.evaluation.scores import RESAMPLES, Interval, Scores, margin, mean, scores

GREY, FLAT = "grey", "flat mean"
"""The two rows that are always there."""


@dataclass(frozen=True, eq=False)
class Film:
    """A method on simulated old light: `loss` is mean CIEDE2000 there minus on plain light, photo by photo."""

    ciede2000: Interval
    loss: Interval
    photos: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Perceived:
    """LPIPS (0 is alike) as mean and for each photo, and FID; None and empty where they were not measured."""

    lpips: Interval | None
    fid: float | None
    photos: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """One method: its scores, and those of each photo in the benchmark's order."""

    label: str
    scores: Scores
    photos: tuple[PhotoScores, ...]
    seconds: tuple[float, ...]
    gain: Interval
    """By how much mean CIEDE2000 lies below gray's, paired photo by photo."""
    film: Film | None = None
    perceived: Perceived | None = None


@dataclass(frozen=True, eq=False)
class Benchmark:
    """The photos' keys and a row for each method; `grey` and `flat mean` come first.

    `points` has an entry for each method that takes hints and each count of points; `comparisons` one for each method
    but the first. Both are empty unless asked for.
    """

    keys: tuple[str, ...]
    rows: tuple[Row, ...]
    points: tuple[hints.Hinted, ...] = ()
    comparisons: tuple[compare.Comparison, ...] = ()
    notes: tuple[str, ...] = ()

    def row(self, label: str) -> Row:
        """The row of that name; `UsageError` when there is none."""
        for row in self.rows:
            if row.label == label:
                return row
        raise UsageError(f"no row '{label}'; there are: {', '.join(r.label for r in self.rows)}")

    @property
    def methods(self) -> tuple[Row, ...]:
        """The rows without the two that are always there."""
        return tuple(row for row in self.rows if row.label not in (GREY, FLAT))


@dataclass
class Tally:
    """All measures of one row so far, a photo each."""

    photos: list[PhotoScores] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    film: list[float] = field(default_factory=list)
    lpips: list[float] = field(default_factory=list)
    points: dict[int, list[hints.PhotoHints]] = field(default_factory=dict)


def summarize(
    keys: Sequence[str],
    tallies: Mapping[str, Tally],
    extras: Extras,
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Benchmark:
    """The benchmark of the photos so far; `prior`, `resamples` and `seed` go to `scores`."""
    rows = tuple(_row(label, tallies, extras, prior, resamples, seed) for label in tallies)
    points = [
        hints.score_hinted(label, n, photos, [(p.ciede2000, p.psnr) for p in tally.photos], resamples, seed)
        for label, tally in tallies.items()
        for n, photos in tally.points.items()
    ]
    result = Benchmark(tuple(keys), rows, tuple(points), (), extras.notes)
    if not extras.compare or len(result.methods) < 2:
        return result
    first, *others = result.methods
    pairs = tuple(compare.compare(o.label, o.photos, first.label, first.photos, resamples, seed) for o in others)
    return Benchmark(result.keys, rows, result.points, pairs, extras.notes)


def _row(
    label: str, tallies: Mapping[str, Tally], extras: Extras, prior: npt.ArrayLike | None, resamples: int, seed: int
) -> Row:
    tally = tallies[label]
    mine, grey = ([p.ciede2000 for p in t.photos] for t in (tally, tallies[GREY]))
    film = perceived = None
    if tally.film:
        film = Film(mean(tally.film, resamples, seed), margin(mine, tally.film, resamples, seed), tuple(tally.film))
    if extras.perceptual is not None:
        lpips = mean(tally.lpips, resamples, seed) if tally.lpips else None
        perceived = Perceived(lpips, extras.perceptual.fid(label), tuple(tally.lpips))
    return Row(
        label,
        scores(tally.photos, tally.seconds, prior, resamples, seed),
        tuple(tally.photos),
        tuple(tally.seconds),
        margin(mine, grey, resamples, seed),
        film,
        perceived,
    )
