"""Films in pieces: entered anywhere, colored side by side, stopped and gone on with."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.errors import BarvaError, ReadError, UsageError, WriteError
from barva.files import REFUSALS
from barva.film import color, pipeline, plan, source, workers
from barva.film import frames as reading
from barva.film.encode import Encoding
from barva.film.folder import WorkFolder
from barva.film.job import FilmJob
from barva.film.onward import Onward
from barva.film.pipeline import FilmOptions, color_film
from barva.film.times import Span
from barva.film.workers import Recipe, Workers


class StopError(Exception):
    pass


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def stop_after(count: int):
    seen = []

    def stop(progress: object) -> None:
        seen.append(progress)
        if len(seen) == count:
            raise StopError

    return stop


def same(one: Path, two: Path) -> bool:
    pairs = zip(clips.decoded(one), clips.decoded(two), strict=True)
    return all(np.array_equal(x, y) for (_, a), (_, b) in pairs for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi", ".h264"])
def test_a_film_is_entered_anywhere(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    film = clips.write(tmp_path / f"in{suffix}", clips.frames(((1, 40),)), sound=False, gop=10)
    facts = source.facts_of(film)
    whole = list(reading.frames_of(facts))
    assert len(whole) == 40 and facts.timed == (suffix in (".mp4", ".mkv", ".ts"))
    assert all(a.pts < b.pts for a, b in itertools.pairwise(whole))
    decoded = []
    keep = reading._frame
    monkeypatch.setattr(reading, "_frame", lambda *args: decoded.append(0) or keep(*args))
    for place in (1, 10, 27, 39):
        decoded.clear()
        rest = list(reading.frames_of(facts, whole[place].pts))
        assert [f.pts for f in rest] == [f.pts for f in whole[place:]]
        assert all(np.array_equal(a.luma, b.luma) for a, b in zip(rest, whole[place:], strict=True))
        if suffix in (".mp4", ".mkv"):
            assert len(decoded) <= len(rest) + 10  # from the key frame before on


def test_a_film_without_times_goes_on_where_it_was(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.h264", clips.frames(((1, 9), (2, 9))), sound=False)
    options = FilmOptions(codec="ffv1")
    with pytest.raises(StopError):
        color_film(film, tmp_path / "out.mkv", colorizer, options, stop_after(12))
    assert color_film(film, tmp_path / "out.mkv", colorizer, options).frames == 18
    before, after = clips.decoded(film), clips.decoded(tmp_path / "out.mkv")
    assert all(np.array_equal(a[0], b[0]) for (_, a), (_, b) in zip(before, after, strict=True))


def test_a_long_shot_goes_on_in_the_middle(
    tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 40),)), codec="ffv1", sound=False)
    options = FilmOptions(codec="ffv1")
    assert color_film(film, tmp_path / "one.mkv", colorizer, options).shots == 1
    monkeypatch.setattr(plan, "LENGTH", 21)
    with pytest.raises(StopError):
        color_film(film, tmp_path / "two.mkv", colorizer, options, stop_after(30))
    later: list[int] = []
    result = color_film(film, tmp_path / "two.mkv", colorizer, options, lambda p: later.append(p.frames))
    assert later[0] == 22 and (result.frames, result.shots) == (40, 1)
    color_film(film, tmp_path / "three.mkv", colorizer, options)
    assert same(tmp_path / "two.mkv", tmp_path / "three.mkv")
    # the same colors as of one piece, but for rounding, at the seam too
    pairs = zip(clips.decoded(tmp_path / "one.mkv"), clips.decoded(tmp_path / "three.mkv"), strict=True)
    for (_, a), (_, b) in pairs:
        assert max(np.abs(x.astype(int) - y).mean() for x, y in zip(a, b, strict=True)) < 0.2


def test_frames_of_small_pieces_are_decoded_once(
    tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 4), (2, 12))), codec="ffv1", sound=False)
    decoded: list[int] = []
    keep = reading._frame
    monkeypatch.setattr(reading, "_frame", lambda *args: decoded.append(0) or keep(*args))
    monkeypatch.setattr(plan, "LENGTH", 6)
    counts = []
    for frames in (100, 5, 0):
        monkeypatch.setattr(pipeline, "HOLD", frames * 96 * 128)
        decoded.clear()
        color_film(film, tmp_path / f"{frames}.mkv", colorizer, FilmOptions(codec="ffv1"))
        counts.append(len(decoded))
    assert counts[0] == 16 < counts[1] < counts[2]
    assert same(tmp_path / "100.mkv", tmp_path / "0.mkv") and same(tmp_path / "5.mkv", tmp_path / "0.mkv")


@pytest.mark.parametrize("keep_color", [False, True])
def test_a_film_without_times_is_not_decoded_again_for_each_piece(
    tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch, keep_color: bool
) -> None:
    """Once to find the pieces, and once to color them; in processes, once in each."""
    pictures = clips.frames(((1, 20), (2, 12), (5, 16)))
    film = clips.write(tmp_path / "in.avi", pictures, codec="ffv1", sound=False)
    assert not source.facts_of(film).timed
    options = FilmOptions(codec="ffv1", keep_color=keep_color)
    color_film(film, tmp_path / "whole.mkv", colorizer, options)
    decoded: list[int] = []
    keep = reading._frame
    monkeypatch.setattr(reading, "_frame", lambda *args: decoded.append(0) or keep(*args))
    monkeypatch.setattr(plan, "LENGTH", 6)
    monkeypatch.setattr(pipeline, "HOLD", 0)
    color_film(film, tmp_path / "out.mkv", colorizer, options)
    assert len(decoded) == 2 * len(pictures)
    monkeypatch.setattr(plan, "LENGTH", 241)
    color_film(film, tmp_path / "again.mkv", colorizer, options)
    assert same(tmp_path / "whole.mkv", tmp_path / "again.mkv")


def test_frames_are_found_by_counting_onward_and_back(tmp_path: Path) -> None:
    film = clips.write(tmp_path / "in.avi", clips.frames(((1, 12),)), codec="ffv1", sound=False)
    facts = source.facts_of(film)
    whole, begun = list(reading.frames_of(facts)), []
    onward = Onward(lambda: begun.append(0) or reading.frames_of(facts))  # type: ignore[arg-type,return-value]
    for number, count, begins in ((0, 3, 1), (3, 2, 1), (4, 3, 1), (9, 2, 1), (2, 2, 2), (11, 5, 2), (12, 1, 2)):
        found = list(itertools.islice(onward.frames(number), count))
        assert [f.pts for f in found] == [f.pts for f in whole[number : number + count]]
        assert all(np.array_equal(a.luma, b.luma) for a, b in zip(found, whole[number:], strict=False))
        assert len(begun) == begins


def test_processes_give_the_same(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 8), (2, 8), (1, 6))), codec="ffv1", sound=False)
    color_film(film, tmp_path / "one.mkv", colorizer, FilmOptions(codec="ffv1"))
    seen: list[int] = []
    options = FilmOptions(codec="ffv1", jobs=2)
    result = color_film(film, tmp_path / "two.mkv", colorizer, options, lambda p: seen.append(p.frames))
    assert (result.frames, result.shots, seen[-1]) == (22, 3, 22)
    assert same(tmp_path / "one.mkv", tmp_path / "two.mkv")


@dataclass(frozen=True, eq=False)
class Refusing(FilmJob):
    """A job whose pieces fail, each in its own way."""

    def color(self, piece: plan.Piece, *_: object, **__: object) -> None:
        if piece.number == 0:
            raise WriteError("{file}: {problem}", code="test.refused", file=self.facts.path, problem=REFUSALS[0])
        if piece.number == 1:
            raise RuntimeError("broken")
        os._exit(7)


def test_what_goes_wrong_in_a_process_arrives_whole(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 3),)), codec="ffv1", sound=False)
    facts = source.facts_of(film)
    piece = next(plan.pieces_of(reading.frames_of(facts), facts.coding, False))[0]
    job = Refusing(facts, facts.coding, Encoding("ffv1"), WorkFolder(tmp_path), Span(), {})
    recipe = Recipe("guided", colorizer.request, job, 1)
    errors = []
    with Workers(recipe, 1) as processes:
        for number in range(3):
            with pytest.raises(BarvaError) as caught:
                processes.color(iter([replace(piece, number=number)]), lambda _: False, lambda _: None)
            errors.append(caught.value)
    assert type(errors[0]) is WriteError and errors[0].code == "test.refused"
    assert errors[0].values["file"] == str(film) and errors[0].values["problem"].code == "system.no-space"
    assert str(errors[1]) == f"{film}: RuntimeError: broken"
    assert "exit code 7" in str(errors[2])


def test_a_process_that_ended_between_two_pieces_is_told(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 3),)), codec="ffv1", sound=False)
    facts = source.facts_of(film)
    piece = next(plan.pieces_of(reading.frames_of(facts), facts.coding, False))[0]
    job = Refusing(facts, facts.coding, Encoding("ffv1"), WorkFolder(tmp_path), Span(), {})
    with Workers(Recipe("guided", colorizer.request, job, 1), 1) as processes:
        for why in ("No space left", "a process ended while it colored a shot"):
            with pytest.raises(BarvaError, match=why):
                processes.color(iter([piece]), lambda _: False, lambda _: None)
            processes._workers[0].process.kill()
            processes._workers[0].process.join()


def test_key_frames_are_spread_evenly() -> None:
    assert color.key_places(18, True, 20) == [0, 17]
    assert color.key_places(41, True, 20) == [0, 20, 40]
    assert color.key_places(31, False, 20) == [-1, 15, 30]
    places = color.key_places(60, True, 20, [22])
    assert {0, 22, 59} <= set(places) and max(b - a for a, b in itertools.pairwise(places)) <= 20
    assert color.key_places(60, True, 20, places) == places
    assert color.key_places(1, True, 20) == [0] and color.key_places(1, False, 20) == [-1, 0]


def test_pieces_are_read_again_by_their_rows(tmp_path: Path) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 30), (2, 12))), codec="ffv1", sound=False)
    facts = source.facts_of(film)
    whole = [piece for piece, _ in plan.pieces_of(reading.frames_of(facts), facts.coding, False)]
    assert [(p.begins, len(p.pts), p.shot, p.index) for p in whole] == [(True, 30, 0, 0), (True, 12, 1, 30)]
    first = plan.Piece.from_row(whole[0].to_row())
    assert first == whole[0]
    rest = plan.pieces_of(reading.frames_of(facts, first.pts[-1]), facts.coding, False, first)
    assert [piece for piece, _ in rest] == whole[1:]


def test_processes_fit_into_what_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "usable_cores", lambda: 16)
    monkeypatch.setattr(workers, "usable_memory", lambda: 12_800_000_000)
    hd, small, uhd = 1920 * 1080, 320 * 240, 3840 * 2160
    assert [workers.usual_jobs(pixels) for pixels in (hd, small, uhd)] == [8, 8, 2]
    monkeypatch.setattr(workers, "usable_cores", lambda: 3)
    assert workers.usual_jobs(hd) == 1
    monkeypatch.setattr(workers, "usable_cores", lambda: 16)
    monkeypatch.setattr(workers, "usable_memory", lambda: None)
    assert workers.usual_jobs(hd) == 2


def test_jobs_are_checked(tmp_path: Path, colorizer: Colorizer) -> None:
    with pytest.raises(UsageError, match="jobs must be at least 1"):
        FilmOptions(jobs=0)
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 3),)), codec="ffv1", sound=False)
    facts = replace(source.facts_of(film), end=10_000)
    with pytest.raises(ReadError, match=r"ends .* early.*--salvage"):
        list(reading.frames_of(facts))
    assert len(list(reading.frames_of(facts, salvage=True))) == 3
