"""One method against another, and pictures that other programs made."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from barva.errors import ReadError, UsageError
from barva.evaluation.benchmark import evaluate, grey_of
from barva.evaluation.compare import compare
from barva.evaluation.contestants import Task, contestant_from_folder
from barva.evaluation.extras import Extras
from barva.evaluation.photos import photos_in


def compared(mine, theirs):
    one, other = ([SimpleNamespace(ciede2000=v, psnr=30 - v) for v in values] for values in (mine, theirs))
    return compare("mine", one, "theirs", other)


def test_a_clear_difference():
    found = compared([8.0, 9, 10, 11] * 5, [9.0, 10, 11, 12] * 5)
    assert (found.label, found.base) == ("mine", "theirs")
    assert (found.ciede2000.value, found.ciede2000.low, found.ciede2000.high) == pytest.approx((-1, -1, -1))
    assert found.psnr.value == pytest.approx(1)
    assert found.wins.value == 1
    assert found.verdict == "nearer"
    assert compared([9.0] * 9, [8.0] * 9).verdict == "farther"


def test_chance_is_no_difference():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, (2, 30)) + 10
    found = compared(*noise)
    assert found.ciede2000.low < 0 < found.ciede2000.high
    assert found.verdict == "no difference shown"
    assert found.wins.value == np.mean(noise[0] < noise[1])


def test_a_draw_is_half_a_win():
    assert compared([1.0, 2, 3, 4], [1.0, 2, 3, 5]).wins.value == (0.5 * 3 + 1) / 4


def test_every_method_against_the_first(astronaut):
    rgb = np.ascontiguousarray(astronaut[:200:4, :200:4])
    photos = [("a", rgb), ("b", rgb[::-1].copy())]
    answers = {grey_of(p).tobytes(): p for _, p in photos}
    given = {
        "nothing": lambda grey: np.repeat(grey[..., None], 3, 2),
        "truth": lambda grey: answers[grey.tobytes()],
        "same": lambda grey: np.repeat(grey[..., None], 3, 2),
    }
    out = evaluate(given, photos, resamples=20, extras=Extras(compare=True))
    assert [(c.label, c.base) for c in out.comparisons] == [("truth", "nothing"), ("same", "nothing")]
    truth, same = out.comparisons
    assert truth.ciede2000.value == pytest.approx(
        out.row("truth").scores.ciede2000.value - out.row("nothing").scores.ciede2000.value
    )
    assert (same.ciede2000.value, same.wins.value) == (0, 0.5)
    assert evaluate(given, photos, resamples=2).comparisons == ()


@pytest.fixture
def folder(tmp_path, astronaut):
    (tmp_path / "deep").mkdir()
    small = Image.fromarray(astronaut).resize((128, 100))
    small.save(tmp_path / "deep" / "one.png")
    small.convert("L").save(tmp_path / "two.WEBP", lossless=True)
    small.save(tmp_path / "three.color.jpg", quality=95)
    small.save(tmp_path / "twice.png")
    small.save(tmp_path / "twice.jpg")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    return tmp_path


def asked(folder, key, shape=(50, 60)):
    return contestant_from_folder(folder).paint(Task(key, np.zeros(shape, np.uint8)))


def test_pictures_of_other_programs(folder, astronaut):
    who = contestant_from_folder(folder)
    assert not who.runs and not who.takes_hints
    exact = asked(folder, "deep/one", (100, 128))
    assert (exact == np.asarray(Image.fromarray(astronaut).resize((128, 100)))).all()
    for size in ((50, 60), (300, 200)):
        answer = asked(folder, "deep/one", size)
        assert (answer.shape, answer.dtype) == ((*size, 3), np.uint8)
        assert np.abs(answer.mean((0, 1)) - exact.mean((0, 1))).max() < 2
    assert np.ptp(asked(folder, "two"), axis=2).max() == 0
    assert np.ptp(asked(folder, "three").astype(int), axis=2).max() > 50


def test_pictures_that_are_missing_broken_or_doubtful(folder):
    with pytest.raises(ReadError, match=r"'one' \(such as one\.png\)"):
        asked(folder, "one")
    with pytest.raises(ReadError, match=r"broken\.png"):
        asked(folder, "broken")
    with pytest.raises(UsageError, match=r"twice\.jpg, twice\.png"):
        asked(folder, "twice")
    with pytest.raises(UsageError, match="no folder"):
        contestant_from_folder(folder / "absent")


def test_missing_pictures_are_found_before_anything_is_measured(folder):
    contestant_from_folder(folder, ["two", "three", "deep/one"])
    with pytest.raises(ReadError, match=r"no picture of 'four' \(such as four\.png\)$"):
        contestant_from_folder(folder, ["two", "four"])
    with pytest.raises(ReadError, match=r"'four' \(such as four\.png\), nor of 1 more"):
        contestant_from_folder(folder, ["four", "two", "five"])


def test_only_their_chroma_counts(tmp_path, astronaut):
    """The same picture a good deal darker scores like the truth; and nobody is timed who does not run."""
    photos, peer = tmp_path / "photos", tmp_path / "peer"
    photos.mkdir(), peer.mkdir()
    rgb = np.full((40, 60, 3), (150, 110, 90), np.uint8)
    rgb[:, 30:] = (80, 120, 140)
    Image.fromarray(rgb).save(photos / "a.png")
    Image.fromarray(rgb).save(peer / "a.png")
    out = evaluate({"peer": contestant_from_folder(peer)}, photos_in(photos), resamples=2)
    assert out.row("peer").scores.ciede2000.value < 1e-3
    assert out.row("peer").scores.seconds == 0
