"""Runs colorizers on color photos and keeps the score of each, always beside two rows that need no colorizer.

`grey` answers no chroma at all; `flat mean` paints the truth's own mean chroma over the whole photo. What doesn't beat
them has learned nothing about objects.

A colorizer is anything that turns a gray picture (H, W) `uint8` into RGB (H, W, 3) `uint8` of the same size, or a
`Contestant`. The gray picture that it gets is made from the truth: the neutral of the same L.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barva.color import gamut, spaces
from barva.errors import UsageError
from barva.evaluation import hints
from barva.evaluation.contestants import Colorizer, Contestant, Task, contestant
from barva.evaluation.extras import Extras, film_light
from barva.evaluation.metrics import Picture, Truth, color_errors, measure, relit_rgb
from barva.evaluation.photos import photos_in as photos_in
from barva.evaluation.results import FLAT as FLAT
from barva.evaluation.results import GREY as GREY
from barva.evaluation.results import Benchmark, Tally, summarize
from barva.evaluation.scores import RESAMPLES
from barva.types import Float

ORIGINAL, LIGHT = "original", "light"
"""The pictures of each photo that are no answers."""


@dataclass(frozen=True, eq=False)
class Step:
    """One photo is done.

    `pictures` are the original, the light and each row's answer, `more` what was painted from points and on film, by
    name; `errors` has the CIEDE2000 of those that are answers. `benchmark()` sums up the photos so far; after the last
    step it is the whole result.
    """

    key: str
    done: int
    pictures: Mapping[str, Picture]
    more: Mapping[str, Picture]
    errors: Mapping[str, float]
    benchmark: Callable[[], Benchmark]


def evaluate(
    colorizers: Mapping[str, Colorizer | Contestant],
    photos: Iterable[tuple[str, Picture]],
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    extras: Extras | None = None,
) -> Benchmark:
    """Every colorizer on every photo (key, RGB `uint8`); `steps` is the same with a stop after each photo."""
    done = None
    for step in steps(colorizers, photos, prior, resamples, seed, extras):
        done = step.benchmark
    if done is None:
        raise UsageError("there is no photo to measure on")
    return done()


def steps(
    colorizers: Mapping[str, Colorizer | Contestant],
    photos: Iterable[tuple[str, Picture]],
    prior: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    extras: Extras | None = None,
) -> Iterator[Step]:
    """The benchmark photo by photo, for a progress bar and for sheets: one photo and its answers are held at a time.

    `prior`, `resamples` and `seed` go to `scores`; `seed` also decides where points fall and what film does.
    """
    check_labels(colorizers)
    extras = extras or Extras()
    contestants = {label: contestant(source) for label, source in colorizers.items()}
    tallies = {label: Tally() for label in (GREY, FLAT, *contestants)}
    keys: list[str] = []

    def result() -> Benchmark:
        return summarize(keys, tallies, extras, prior, resamples, seed)

    for key, rgb in photos:
        one = _Photo(key, _check_rgb(key, rgb), extras, seed)
        one.truth_rows(tallies)
        for label, who in contestants.items():
            one.score_automatic(label, who, tallies[label])
        for label, who in contestants.items():
            if who.takes_hints:
                one.score_with_points(label, who, tallies[label])
            if who.runs and extras.film is not None:
                one.score_on_film(label, who, tallies[label])
        keys.append(key)
        yield Step(key, len(keys), one.pictures, one.more, one.errors, result)


def check_labels(labels: Iterable[str]) -> None:
    """`UsageError` where a method has the name of a row or picture that every benchmark has."""
    if reserved := {GREY, FLAT, ORIGINAL, LIGHT}.intersection(labels):
        raise UsageError(f"'{reserved.pop()}' is the name of a picture that is always there; name the method otherwise")


class _Photo:
    """One photo while it is measured."""

    def __init__(self, key: str, rgb: Picture, extras: Extras, seed: int) -> None:
        self.key, self.extras = key, extras
        self.truth = Truth.of(spaces.fast_rgb_to_lab(rgb))
        self.light = grey_of(rgb)
        self.pictures = {ORIGINAL: rgb, LIGHT: np.repeat(self.light[..., None], 3, axis=2)}
        self.more: dict[str, Picture] = {}
        self.errors: dict[str, float] = {}
        self.points = hints.sample_points(self.truth.lab, key, max(extras.points, default=0), seed)
        if extras.points:
            self.more["points"] = hints.draw_points(self.light, self.points)
        self.film = None if extras.film is None else film_light(extras.film, key, rgb, seed)
        if self.film is not None:
            self.more["film light"] = np.repeat(self.film[..., None], 3, axis=2)
        if extras.perceptual is not None:
            extras.perceptual.truth(self.truth.rgb)

    def truth_rows(self, tallies: Mapping[str, Tally]) -> None:
        """The two rows that need no colorizer."""
        lab = self.truth.lab
        neutral = np.zeros((*self.light.shape, 2), np.float32)
        flat = neutral + lab[..., 1:].mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
        self.pictures[FLAT] = np.asarray(gamut.merge(lab[..., 0], flat, 8), np.uint8)
        for label, ab in ((GREY, neutral), (FLAT, flat)):
            self._score(label, tallies[label], np.concatenate([lab[..., :1], ab], axis=-1), 0.0)

    def score_automatic(self, label: str, who: Contestant, tally: Tally) -> None:
        answer, seconds = self._paint(label, who, self.light)
        self.pictures[label] = answer
        self._score(label, tally, spaces.fast_rgb_to_lab(answer), seconds if who.runs else 0.0)

    def score_with_points(self, label: str, who: Contestant, tally: Tally) -> None:
        for count in self.extras.points:
            points = self.points.first(count)
            answer, seconds = self._paint(label, who, self.light, points)
            scores = hints.score(self.truth, spaces.fast_rgb_to_lab(answer), points, seconds)
            tally.points.setdefault(count, []).append(scores)
            self._keep_picture(f"{label}, {count} point{'s' * (count > 1)}", answer, scores.ciede2000)

    def score_on_film(self, label: str, who: Contestant, tally: Tally) -> None:
        assert self.film is not None
        answer, _ = self._paint(label, who, self.film)
        error, _, _ = color_errors(self.truth, spaces.fast_rgb_to_lab(answer))
        tally.film.append(error)
        self._keep_picture(f"{label} on film", answer, error)

    def _paint(
        self, label: str, who: Contestant, light: Picture, points: hints.Points | None = None
    ) -> tuple[Picture, float]:
        hint_map = None if points is None else hints.hint_map(points, *light.shape)
        task = Task(self.key, light.copy(), hint_map)
        start = time.perf_counter()
        answer = np.asarray(who.paint(task))
        seconds = time.perf_counter() - start
        if answer.shape != (*light.shape, 3) or answer.dtype != np.uint8:
            raise UsageError(
                f"{label} answered {answer.shape} in {answer.dtype} to {self.key}, which is {(*light.shape, 3)} "
                f"and wants uint8"
            )
        return answer, seconds

    def _score(self, label: str, tally: Tally, answer: Float, seconds: float) -> None:
        scores = measure(self.truth, answer)
        tally.photos.append(scores)
        tally.seconds.append(seconds)
        self.errors[label] = scores.ciede2000
        if self.extras.perceptual is not None:
            lpips = self.extras.perceptual.answer(label, relit_rgb(self.truth, answer))
            if lpips is not None:
                tally.lpips.append(lpips)

    def _keep_picture(self, name: str, picture: Picture, error: float) -> None:
        self.more[name], self.errors[name] = picture, error


def grey_of(rgb: npt.NDArray[np.uint8]) -> Picture:
    """The gray picture (H, W) with the light of a color one (H, W, 3): the neutral code value of the same L."""
    linear = spaces.linear_table(8)[rgb]
    y = linear @ spaces.RGB_TO_XYZ[1].astype(np.float32)
    return np.asarray(np.rint(spaces.linear_to_srgb(y) * 255).clip(0, 255), np.uint8)


def _check_rgb(key: str, rgb: Picture) -> Picture:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise UsageError(f"{key}: a photo is RGB (H, W, 3) in uint8, not {rgb.shape} in {rgb.dtype}")
    return rgb
