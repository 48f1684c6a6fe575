"""The live session: it remembers, and what comes out is what the colorizer alone would give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import barva
from barva.engine import memory
from barva.engine.memory import Memory
from barva.engine.prepare.references import load_references
from barva.engine.render.pyramid import Pyramid
from barva.engine.request import Request
from barva.engine.session import Session
from barva.guidance.marks import Box, Point, Region, Stroke
from barva.imaging import photo as photos
from barva.imaging.read import read


@pytest.fixture(scope="module")
def colorizer() -> barva.Colorizer:
    return barva.Colorizer()


@pytest.fixture(scope="module")
def large(astronaut: np.ndarray) -> np.ndarray:
    """(900, 1300) uint8 gray photo."""
    return np.asarray(Image.fromarray(astronaut).convert("L").resize((1300, 900), Image.Resampling.BICUBIC))


EDITS: list[dict[str, Any]] = [
    {},
    {"guidance": Point((100, 80), "red")},
    {"guidance": [Point((100, 80), "red"), Stroke(((20, 20), (90, 40)), "navy")]},
    {"guidance": [Point((100, 80), "red"), Region(Box(10, 90, 90, 170), "green")]},
    {"guidance": [Point((120, 60), "red"), Region(Box(10, 90, 90, 170), "green")]},
    {"guidance": Point((100, 80), "red"), "vividness": 1.7},
    {"vividness": 0.2, "seed": 3},
]


@pytest.fixture(scope="module")
def alone(colorizer: barva.Colorizer, grey: np.ndarray) -> list[barva.Result]:
    """What the colorizer gives for each edit, without a session."""
    return [colorizer.colorize(grey, **edit) for edit in EDITS]


def test_every_edit_is_what_the_colorizer_gives(
    colorizer: barva.Colorizer, grey: np.ndarray, alone: list[barva.Result]
) -> None:
    check(Session(colorizer, grey), [*EDITS, *EDITS], [*alone, *alone])


@pytest.mark.parametrize("method", ["levin", "regression"])
def test_with_other_methods_too(method: str, grey: np.ndarray) -> None:
    colorizer = barva.Colorizer(method)
    check(Session(colorizer, grey), EDITS[1::2], [colorizer.colorize(grey, **edit) for edit in EDITS[1::2]])


def check(session: Session, edits: list[dict[str, Any]], results: list[barva.Result]) -> None:
    for edit, alone in zip(edits, results, strict=True):
        asked = session.colorize(**edit)
        assert np.array_equal(asked.array(), alone.array())
        assert asked.notes == alone.notes and asked.provenance == alone.provenance
        assert session.result is asked


def test_a_preview_at_full_size_is_the_result(colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey)
    session.colorize(EDITS[3]["guidance"])
    assert np.abs(session.preview().astype(int) - session.result.array()).max() <= 1
    assert session.preview(10_000).shape == session.light_preview(10_000).shape == (87, 115, 3)
    assert np.array_equal(session.light_preview()[..., 0], grey)


def test_tiles_join_to_the_result(colorizer: barva.Colorizer, large: np.ndarray) -> None:
    session = Session(colorizer, large)
    session.colorize([Point((400, 300), "red"), Region(Box(10, 90, 90, 170), "green")])
    for level, (height, width) in enumerate(session.levels):
        rows = [
            np.concatenate([session.tile(level, x, y) for x in range(-(-width // 512))], axis=1)
            for y in range(-(-height // 512))
        ]
        whole = np.concatenate(rows)
        assert whole.shape == (height, width, 3)
        full, side = session.result.array(), 2**level
        full = np.pad(full, ((0, height * side - len(full)), (0, width * side - full.shape[1]), (0, 0)), "edge")
        full = full.reshape(height, side, width, side, 3).mean((1, 3))
        assert np.abs(whole - full).mean() < (0.01 if level == 0 else 1.5)
    assert np.array_equal(session.light_tile(0, 0, 0)[..., 0], large[:512, :512])


@pytest.mark.parametrize("tile", [(9, 0, 0), (-1, 0, 0), (0, 3, 0), (0, 0, 2), (0, -1, 0), (0, 0, 0, 0), (0, 0, 0, -5)])
def test_tiles_outside_are_refused(tile: tuple[int, ...], colorizer: barva.Colorizer, large: np.ndarray) -> None:
    with pytest.raises(barva.UsageError):
        Session(colorizer, large).tile(*tile)


@pytest.mark.parametrize(
    "edit", [{"vividness": 3}, {"variant": -1}, {"variant": 100}, {"guidance": Point((999, 0), "red")}]
)
def test_a_bad_edit_leaves_the_last_one(edit: dict[str, object], colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey)
    kept = session.colorize(Point((100, 80), "red"))
    with pytest.raises(barva.UsageError):
        session.colorize(**edit)
    assert session.result is kept


def test_nothing_is_computed_twice(grey: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(barva.Colorizer(), grey)
    method, runs = session.colorizer.method(), []
    own = method.logits
    monkeypatch.setattr(method, "logits", lambda *a: (runs.append(1), own(*a))[1])
    red = Point((100, 80), "red")
    session.colorize(red)
    assert len(runs) == 2, "with the point, and without it: nothing may go away from its color"
    session.colorize(red, vividness=0.4)
    session.suggest((30, 30))
    session.preview()
    assert len(runs) == 2, "vividness and suggestions need no network"
    session.colorize()
    session.colorize(red)
    session.colorize([red, Region(Box(10, 90, 90, 170), "green", strength=0.5)])
    assert len(runs) == 2, "undo needs no network, and no region does"
    for n in range(memory.KEPT + 3):
        session.colorize(Point((n, 10), "navy"))
    session.colorize(red)
    assert len(runs) == memory.KEPT + 6, "what is remembered is bounded"


def test_variants_and_suggestions_are_the_colorizers(colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey)
    hint = Point((100, 80), "red")
    session.colorize(hint)
    theirs = colorizer.variants(grey, 3, guidance=hint)
    ours = session.variants(3)
    assert all(np.array_equal(a.array(), b.array()) for a, b in zip(ours, theirs, strict=True))
    assert np.array_equal(session.colorize(hint, variant=2).array(), theirs[2].array())
    session.colorize(hint)
    assert session.suggest((20, 30), 5) == colorizer.suggest(grey, (20, 30), 5, guidance=hint)
    with pytest.raises(barva.UsageError):
        session.suggest((256, 0))
    assert session.confidence(5_000).shape == session.size(5_000)


def test_references(colorizer: barva.Colorizer, grey: np.ndarray, astronaut: np.ndarray) -> None:
    session = Session(colorizer, grey)
    plain = session.colorize().array()
    session.set_references([astronaut])
    told = session.colorize().array()
    for edit in ({}, {"vividness": 2.0}, {"seed": 3}):
        alone = colorizer.colorize(grey, references=[astronaut], **edit)
        assert np.array_equal(session.colorize(**edit).array(), alone.array())
    assert np.array_equal(session.colorize().array(), told)
    session.set_references()
    assert np.array_equal(session.colorize().array(), plain)


def test_saved_is_what_is_saved_without_a_session(colorizer: barva.Colorizer, jpeg: Path, tmp_path: Path) -> None:
    session = Session(colorizer, jpeg)
    session.colorize(Point((100, 80), "red"), vividness=0.3)
    session.colorize(Point((100, 80), "red"))
    ours = session.result.save(tmp_path / "a.jpg").path
    theirs = colorizer.colorize(jpeg, guidance=Point((100, 80), "red")).save(tmp_path / "b.jpg").path
    assert ours is not None and theirs is not None
    assert np.array_equal(np.asarray(Image.open(ours)), np.asarray(Image.open(theirs)))


def test_threads_see_whole_results(colorizer: barva.Colorizer, grey: np.ndarray, alone: list[barva.Result]) -> None:
    session = Session(colorizer, grey)
    wanted = [result.array() for result in alone]

    def work(n: int) -> bool:
        session.preview(20_000), session.tile(0, 0, 0), session.suggest((n, n))
        return np.array_equal(session.colorize(**EDITS[n % len(EDITS)]).array(), wanted[n % len(EDITS)])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(14)))


def test_photos_too_large_for_memory_are_unpacked_once(
    colorizer: barva.Colorizer, large: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(large).save(path)
    kept = Session(colorizer, path)
    monkeypatch.setattr(photos, "IN_MEMORY", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    session = Session(colorizer, path)
    assert session.memory < kept.memory
    for level in range(len(kept.levels)):
        assert np.abs(session.tile(level, 0, 0).astype(int) - kept.tile(level, 0, 0)).mean() < 1
    assert list(tmp_path.glob("*.light"))
    session.close()
    assert not list(tmp_path.glob("*.light"))
    assert session.preview(1000).shape[2] == 3, "a closed session makes anew what it needs"
    session.close()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 3), (513, 511, 3), (300, 301, 4)])
def test_odd_sizes(shape: tuple[int, ...], colorizer: barva.Colorizer) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    session = Session(colorizer, pixels)
    last = len(session.levels) - 1
    assert session.tile(last, 0, 0).shape == (*session.levels[last], 3)
    assert session.preview(100).ndim == 3


def test_sixteen_bits(colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey.astype(np.uint16) * 257)
    assert session.preview().dtype == session.tile(0, 0, 0).dtype == np.uint8
    assert np.array_equal(session.light_preview()[..., 0], grey)


def test_the_pyramid_halves(grey: np.ndarray) -> None:
    pyramid = Pyramid(read(np.tile(grey, (4, 5))[:767, :1277]))
    assert pyramid.sizes == ((767, 1277), (384, 639), (192, 320), (96, 160))
    assert abs(float(pyramid.light(3, 0, 0, 500, 500).mean()) - float(pyramid.light(0, 0, 0, 767, 1277).mean())) < 0.6


def test_what_a_large_photo_unpacks_goes_when_it_fails(
    jpeg: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(photos, "IN_MEMORY", 1000)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    photo, whole = read(jpeg), photos.Photo.strips

    def damaged(self: photos.Photo, rows: int) -> Any:
        yield next(iter(whole(self, rows)))
        raise barva.ReadError("damaged")

    monkeypatch.setattr(photos.Photo, "strips", damaged)
    pyramid = Pyramid(photo)
    for _ in range(2):
        with pytest.raises(barva.ReadError):
            pyramid.light(0, 0, 0, 8, 8)
    assert not list(temporary.iterdir()), "each try would leave a file of the photo's size"
    monkeypatch.setattr(photos.Photo, "strips", whole)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(barva.WriteError, match=r"temporary file .* cannot be written: No such file"):
        pyramid.light(0, 0, 0, 8, 8)


def test_a_reference_with_other_regions_is_another_one(grey: np.ndarray, astronaut: np.ndarray) -> None:
    (reference,) = load_references(astronaut[::8, ::8])
    regions = np.zeros(reference.lab.shape[:2], np.int32)
    regions[:, ::2] = 1
    small = grey[::4, ::4]
    colorizer = barva.Colorizer("irony", references=astronaut[::8, ::8])
    session, answers, digests = Session(colorizer, small), [], []
    for labels in (None, regions):
        request = Request(references=(replace(reference, labels=labels),))
        answers.append(session.answer(request).array())
        digests.append(request.digest())
        assert np.array_equal(answers[-1], colorizer.answer(colorizer.analyze(small), request).array())
    assert not np.array_equal(*answers) and digests[0] != digests[1]


def test_a_memory_forgets_the_oldest() -> None:
    kept, made = Memory(2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_a_scene_is_asked_for_again(colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey)
    first = session.colorize(
        [Point((100, 80), "red"), Region(Box(10, 90, 90, 170), "green", strength=0.5)], vividness=1.3
    )
    again = Session(colorizer, grey).colorize(scene=first.scene)
    assert np.array_equal(first.array(), again.array())
    assert np.array_equal(first.array(), colorizer.colorize(grey, scene=first.scene).array())
    over = session.colorize(Point((100, 80), "navy"), scene=first.scene)
    assert np.array_equal(
        over.array(), colorizer.colorize(grey, scene=first.scene, guidance=Point((100, 80), "navy")).array()
    )
    assert session.suggest((30, 30)) and session.variant(1)


@pytest.mark.parametrize("at", [(-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)])
def test_bad_selections(at: tuple[float, float], colorizer: barva.Colorizer, grey: np.ndarray) -> None:
    session = Session(colorizer, grey)
    with pytest.raises(barva.UsageError, match="places are shares"):
        session.select([at])
    with pytest.raises(barva.UsageError, match="a selection of size"):
        session.select([(0.5, 0.5)], before=np.ones((3, 3), np.float32))
