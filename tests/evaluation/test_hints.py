"""Points of true color: where they fall, what they say, how answers to them are scored."""

import numpy as np
import pytest

from barva.color import spaces
from barva.errors import UsageError
from barva.evaluation import hints
from barva.evaluation.benchmark import evaluate, grey_of, steps
from barva.evaluation.contestants import Contestant
from barva.evaluation.extras import Extras, film_light
from barva.evaluation.metrics import Truth


@pytest.fixture(scope="module")
def rgb(astronaut):
    return np.ascontiguousarray(astronaut[:300:3, :360:3])


@pytest.fixture(scope="module")
def lab(rgb):
    return spaces.fast_rgb_to_lab(rgb)


def obedient(task):
    """Gray but for the score_hinted squares."""
    lab = np.zeros((*task.light.shape, 3), np.float32)
    lab[..., 0] = spaces.lightness_table(8)[task.light]
    if task.hints is not None:
        lab[..., 1:] = (task.hints.ab * task.hints.weight[..., None])[: lab.shape[0], : lab.shape[1]]
    return np.rint(np.clip(spaces.lab_to_rgb(lab), 0, 1) * 255).astype(np.uint8)


def deaf(grey):
    return np.repeat(grey[..., None], 3, 2)


def test_fewer_points_are_the_first_of_more(lab):
    many = hints.sample_points(lab, "a photo", 100)
    few = hints.sample_points(lab, "a photo", 10)
    assert (many.first(10).at == few.at).all() and (many.first(10).ab == few.ab).all()
    assert len(few.at) == 10
    assert (few.ab == lab[few.at[:, 0], few.at[:, 1], 1:]).all()
    assert not (hints.sample_points(lab, "another", 10).at == few.at).all()
    assert not (hints.sample_points(lab, "a photo", 10, seed=1).at == few.at).all()


def test_points_fall_everywhere(lab):
    at = hints.sample_points(lab, "k", 10_000).at
    assert at.min() == 0
    assert (at.max(0) == np.array(lab.shape[:2]) - 1).all()
    assert np.abs(at.mean(0) / lab.shape[:2] - 0.5).max() < 0.02


def test_the_map_marks_a_small_square_with_the_points_colour():
    points = hints.Points(np.array([[40, 100], [0, 0]]), np.array([[10, 20], [-30, 5]], np.float32))
    found = hints.hint_map(points, 128, 256)
    assert found.weight.shape == (128, 256)
    assert found.weight[40, 100] == found.weight[0, 0] == 1
    assert 9 <= found.weight[20:60].sum() <= 36
    assert (found.ab[found.weight > 0][:, 0] == np.where(np.flatnonzero(found.weight) < 256 * 20, -30, 10)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (3000, 2000)])
def test_the_map_of_any_photo(size):
    points = hints.sample_points(np.ones((*size, 3), np.float32), "k", 5)
    found = hints.hint_map(points, *size)
    assert found.weight.max() == 1
    assert min(found.weight.shape) <= 512
    rows, columns = points.at.T
    h, w = found.weight.shape
    assert (found.weight[rows * h // size[0], columns * w // size[1]] == 1).all()


def test_fidelity_is_the_difference_at_the_points_alone(lab):
    truth = Truth.of(lab)
    points = hints.sample_points(lab, "k", 7)
    answer = lab.copy()
    answer[..., 1:] = 0
    rows, columns = points.at.T
    grey = hints.score(truth, answer, points, 0.5)
    answer[rows, columns] = lab[rows, columns]
    obeyed = hints.score(truth, answer, points, 0.5)
    assert obeyed.fidelity < 0.01 < 2 < grey.fidelity
    assert obeyed.ciede2000 < grey.ciede2000 < obeyed.ciede2000 + 0.2
    assert obeyed.seconds == 0.5


def test_a_benchmark_with_points(rgb):
    photos = [("one", rgb), ("two", rgb[:, ::-1].copy())]
    given = {"obedient": Contestant(obedient, takes_hints=True), "deaf": deaf}
    out = evaluate(given, photos, resamples=20, extras=Extras((1, 100)))
    assert [(h.label, h.count) for h in out.points] == [("obedient", 1), ("obedient", 100)]
    one, many = out.points
    automatic = out.row("obedient").scores
    assert one.fidelity.value < 0.5
    assert many.psnr.value > one.psnr.value > automatic.psnr.value
    assert many.psnr_gain.value == pytest.approx(many.psnr.value - automatic.psnr.value)
    assert many.ciede2000_gain.value == pytest.approx(automatic.ciede2000.value - many.ciede2000.value)
    assert 0 < many.ciede2000_gain.low <= many.ciede2000_gain.high
    assert len(one.photos) == 2


def test_points_change_nothing_else(rgb):
    photos = [("one", rgb)]
    with_points = evaluate({"a": Contestant(obedient, takes_hints=True)}, photos, resamples=5, extras=Extras((2,)))
    without = evaluate({"a": Contestant(obedient, takes_hints=True)}, photos, resamples=5)
    assert with_points.row("a").photos[0].ciede2000 == without.row("a").photos[0].ciede2000
    assert without.points == ()


def test_steps_show_points(rgb):
    step = next(iter(steps({"a": Contestant(obedient, takes_hints=True)}, [("one", rgb)], extras=Extras((1, 5)))))
    assert list(step.more) == ["points", "a, 1 point", "a, 5 points"]
    assert {p.shape for p in step.more.values()} == {rgb.shape}
    drawn = step.more["points"].astype(int)
    assert 20 < (np.ptp(drawn, axis=2) > 5).sum() < drawn[..., 0].size / 4
    assert step.errors["a, 5 points"] < step.errors["a, 1 point"] < step.errors["a"]


@pytest.mark.parametrize("count", [0, -1, 100_000])
def test_counts_that_make_no_sense(count):
    with pytest.raises(UsageError, match=str(count)):
        Extras((count,))


def test_film_light_is_seeded_by_the_photo(rgb):
    def film(picture, rng):
        assert picture.dtype == np.float32 and picture.max() <= 1
        return spaces.lightness(picture) * np.float32(rng.uniform(0.5, 1))

    one, same, other = (film_light(film, key, rgb) for key in ("a", "a", "b"))
    assert (one == same).all()
    assert (one != other).any()
    plain = film_light(lambda picture, rng: spaces.lightness(picture), "a", rgb)
    assert np.abs(plain.astype(int) - grey_of(rgb)).max() <= 1
    with pytest.raises(UsageError, match="film"):
        film_light(lambda picture, rng: picture, "a", rgb)


def test_film_loss(rgb):
    """A painter who takes dark things for blue loses on film that makes everything dark."""

    def painter(grey):
        lab = np.zeros((*grey.shape, 3), np.float32)
        lab[..., 0] = spaces.lightness_table(8)[grey]
        lab[..., 2] = np.where(lab[..., 0] < 40, -30, 0)
        return np.rint(np.clip(spaces.lab_to_rgb(lab), 0, 1) * 255).astype(np.uint8)

    photos = [("one", rgb), ("two", rgb[::-1].copy())]
    dark = Extras(film=lambda picture, rng: spaces.lightness(picture) / 3)
    given = {"painter": painter, "deaf": deaf, "still": Contestant(lambda task: deaf(task.light), runs=False)}
    out = evaluate(given, photos, resamples=20, extras=dark)
    film = out.row("painter").film
    assert film.loss.value == pytest.approx(film.ciede2000.value - out.row("painter").scores.ciede2000.value)
    assert film.loss.low > 1
    assert out.row("deaf").film.loss.value == pytest.approx(0, abs=1e-3)  # no chroma, whatever the light
    assert out.row("grey").film is None
    assert out.row("still").film is None
