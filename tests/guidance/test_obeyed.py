"""What is asked is what comes out, by every method."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import barva
from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.engine.request import Request
from barva.engine.sampling import Sampling
from barva.guidance import resolve
from barva.guidance.marks import Box, Guidance, Mark, Point, Region, Stroke
from barva.methods import catalog
from barva.scene.masks import Mask

NAMES = [card.name for card in catalog.method_cards()]

_kept: dict[str, barva.Colorizer] = {}


def colorizer(name: str) -> barva.Colorizer:
    """A method, with a reference photo if it cannot do without, and few steps where it draws."""
    if name not in _kept:
        import skimage.data

        card = catalog.card(name)
        if card.samples:
            _kept[name] = barva.Colorizer(name, request=Request(sampling=Sampling(steps=2)))
        else:
            references = [skimage.data.astronaut()[::2, ::2]] if "reference" in card.needs else ()
            _kept[name] = barva.Colorizer(name, references=references)
    return _kept[name]


@pytest.fixture(scope="module")
def photo(astronaut: np.ndarray) -> np.ndarray:
    """(512, 512) uint8."""
    return np.asarray(Image.fromarray(astronaut).convert("L"))


def lab_of(result: barva.Result) -> np.ndarray:
    return spaces.fast_rgb_to_lab(result.array())


def off(mark: Mark, light: np.ndarray, answer: np.ndarray) -> float:
    """Mean CIEDE2000 between what the light can carry of the color asked for and the answer, where the mark is."""
    here = resolve.coverage(mark, light.shape, light.shape) > 0.9  # type: ignore[arg-type]
    asked = np.column_stack([answer[here][:, 0], np.tile(mark.ab, (int(here.sum()), 1))])
    return float(ciede2000(gamut.fit(asked), answer[here]).mean())


@pytest.mark.parametrize("name", NAMES)
def test_points_and_strokes_come_out_as_asked(name: str, photo: np.ndarray, grey: np.ndarray) -> None:
    rng = np.random.default_rng(5)
    colors = ["#7a1f1f", "navy", "dusty rose", "grey", "зелена", "#c0a060"]
    for light in (photo, grey):
        h, w = light.shape
        places = [(float(rng.integers(5, w - 5)), float(rng.integers(5, h - 5))) for _ in colors]
        marks: list[Mark] = [Point(at, color) for at, color in zip(places, colors, strict=True)]
        marks.append(Stroke(((20, h // 2), (w // 3, h // 2 + 10)), "teal", 5))
        answer = lab_of(colorizer(name).colorize(light, guidance=marks))
        worst = [off(mark, light, answer) for mark in marks]
        assert np.mean(worst) < 3, worst


@pytest.mark.parametrize("name", NAMES)
def test_a_region_has_the_asked_hue(name: str, photo: np.ndarray) -> None:
    levels = np.zeros(photo.shape, np.uint8)
    levels[300:500, 60:400] = 255
    region = Region(Mask.of(levels), "#2a7a8f")
    plain, told = colorizer(name).colorize(photo), colorizer(name).colorize(photo, guidance=region)
    before, after = lab_of(plain), lab_of(told)
    core = after[320:480, 80:380]
    chroma = np.hypot(core[..., 1], core[..., 2])
    turned = np.angle((core[..., 1] + 1j * core[..., 2]) / complex(*region.ab), deg=True)
    assert np.abs(turned[chroma > 4]).mean() < 3
    assert off(region, photo, after) < 3
    away = np.ones(photo.shape, bool)
    away[270:, 30:430] = False
    moved = np.hypot(*(after - before)[away][:, 1:].T)
    # what has no answer of its own spreads the one color that it knows
    assert moved.mean() < 5 or "hints" in catalog.card(name).needs
    assert np.array_equal(np.abs(after[..., 0] - before[..., 0]) < 1, np.ones(photo.shape, bool))


def test_the_seam_is_soft_across_smooth_light() -> None:
    smooth = np.tile(np.linspace(90, 140, 512).astype(np.uint8), (512, 1))
    answer = lab_of(colorizer("guided").colorize(smooth, guidance=Region(Box(100, 100, 300, 400), "red")))
    across = answer[250, 280:320, 1]
    assert np.abs(np.diff(across)).max() < 0.5 * np.ptp(across)
    assert across[0] > across[-1] + 20


def test_every_form_of_guidance(grey: np.ndarray) -> None:
    mark = Point((100, 80), "navy")
    one = colorizer("guided").colorize(grey, guidance=mark)
    for same in ([mark], (mark,), Guidance((mark,))):
        assert np.array_equal(one.array(), colorizer("guided").colorize(grey, guidance=same).array())
    standing = barva.Colorizer(guidance=mark)
    assert np.array_equal(one.array(), standing.colorize(grey).array())
    assert one.provenance.guidance == Guidance((mark,)).digest()
    plain = colorizer("guided").colorize(grey)
    empty = colorizer("guided").colorize(grey, guidance=())
    assert np.array_equal(plain.array(), empty.array())
    assert not empty.provenance.guidance
    hints = resolve.resolve(Guidance((mark,)), grey.shape, (96, 128))  # type: ignore[arg-type]
    assert np.array_equal(
        colorizer("guided").colorize(grey, guidance=hints).array(),
        colorizer("guided").colorize(grey, hints=hints).array(),
    )
    for bad in ({"guidance": mark, "hints": hints}, {"guidance": "red"}, {"guidance": [1]}, {"guidance": 5}):
        with pytest.raises(barva.UsageError):
            colorizer("guided").colorize(grey, **bad)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (17, 23)])
@pytest.mark.parametrize("name", NAMES)
def test_odd_sizes(name: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    light = rng.integers(0, 65536, size).astype(np.uint16)
    marks = [
        Point((0, 0), "red"),
        Region(Box(0, 0, 1, 1), "green", "share"),
        Stroke(((0.5, 0.5),), "blue", None, "share"),
    ]
    answer = colorizer(name).colorize(light, guidance=marks).array()
    assert answer.shape == (*size, 3)
    assert answer.dtype == np.uint16


def test_strips_do_not_show(grey: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    from barva.engine.prepare import plan

    region = Region(Box(30, 40, 200, 150), "red")
    whole = colorizer("guided").colorize(grey, guidance=region).array()
    monkeypatch.setattr(plan, "STRIP_BYTES", 40 * grey.shape[1] * 7)
    assert np.array_equal(whole, colorizer("guided").colorize(grey, guidance=region).array())


def test_notes(grey: np.ndarray) -> None:
    notes = colorizer("guided").colorize(grey, guidance=Region(Mask.of(np.ones((96, 128), bool)), "yellow")).notes
    assert any("it was scaled" in n for n in notes)
    assert any("so strong a color" in n for n in notes)
    with pytest.raises(barva.UsageError, match="point 256,5 = red lies outside the photo, which is 256 x 192"):
        colorizer("guided").colorize(grey, guidance=Point((256, 5), "red"))


REGIONS = {
    "full": {},
    "half": {"strength": 0.5},
    "vivid": {"vividness": 2.0},
    "only more vivid": {"color": None, "vividness": 1.8},
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", REGIONS)
def test_outside_a_region_is_the_picture_without_it(name: str, how: str, photo: np.ndarray) -> None:
    """Beyond the border, which moves along edges by at most 1/64 of the short side, and a pixel where lines look on."""
    region = Region(Box(200, 40, 340, 300), **{"color": "red", **REGIONS[how]})  # type: ignore[arg-type]
    plain, after = colorizer(name).colorize(photo), colorizer(name).colorize(photo, guidance=region)
    near = np.zeros(photo.shape, bool)
    near[40 - 12 : 300 + 12, 200 - 12 : 340 + 12] = True
    changed = (after.array() != plain.array()).any(axis=-1)
    assert not changed[~near].any()
    assert changed.any() or (name == "levin" and region.color is None)  # it has no colors of its own
    if catalog.card(name).samples:  # within the border it is another draw, of any color
        return
    # and on the border itself nothing goes towards the opposite of red; before it is fitted to what light carries
    light = colorizer(name).analyze(photo).guide
    went = after.model.chroma(light, 0) - plain.model.chroma(light, 0)
    if region.color is not None:
        assert (went @ (np.array(region.ab) / np.hypot(*region.ab))).min() > -3


@pytest.mark.parametrize("more", [{}, {"strength": 0.6}, {"palette": "navy, olive"}, {"seed": 3}])
def test_marks_that_spread_do_so_alike_with_and_without_a_region(more: dict[str, object], photo: np.ndarray) -> None:
    points = [Point((60, 60), "navy", strength=0.7), Stroke(((400, 400), (450, 460)), "olive")]
    region = Region(Box(200, 40, 340, 300), "red", strength=0.4)
    one, other = (colorizer("guided").colorize(photo, guidance=g, **more).array() for g in (points, [*points, region]))
    away = np.ones(photo.shape, bool)
    away[40 - 12 : 300 + 12, 200 - 12 : 340 + 12] = False
    assert np.array_equal(one[away], other[away])
    assert not np.array_equal(one, other)


def test_variants_are_the_same_outside_a_region(photo: np.ndarray) -> None:
    region = Region(Box(200, 40, 340, 300), "red")
    plain = colorizer("guided").variants(photo, 3)
    for before, after in zip(plain, colorizer("guided").variants(photo, 3, guidance=region), strict=True):
        assert np.array_equal(before.array()[:, :180], after.array()[:, :180])


def test_a_point_on_a_region_lies_over_it(photo: np.ndarray) -> None:
    """At half its strength it goes half of the way from the region's color to its own."""
    region, point = Region(Box(100, 100, 300, 300), "red"), Point((200, 200), "navy", strength=0.5)
    light = colorizer("guided").analyze(photo).guide
    got = colorizer("guided").colorize(photo, guidance=[region, point]).model.chroma(light, 0)[200, 200]
    assert np.allclose(got, (np.array(region.ab) + np.array(point.ab)) / 2, atol=0.1)


@pytest.mark.parametrize("name", ["guided", "regression"])
@pytest.mark.parametrize("color", ["red", "lime", "blue"])
def test_nothing_is_pushed_away_from_a_mark_that_spreads(name: str, color: str, photo: np.ndarray) -> None:
    """By a method that takes points as an input, and by one that is steered."""
    plain = lab_of(colorizer(name).colorize(photo))[..., 1:]
    stroke = Stroke(((150, 420), (330, 470)), color)
    for mark in (Point((230, 120), color), stroke, Point((230, 120), color, strength=0.5)):
        went = lab_of(colorizer(name).colorize(photo, guidance=mark))[..., 1:] - plain
        along = went @ (np.array(mark.ab) / np.hypot(*mark.ab))
        assert (along > 8).mean() > 0.02  # the object alone
        assert (along < -8).mean() < 0.0005
