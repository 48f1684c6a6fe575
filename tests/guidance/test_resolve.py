"""Geometry to arrays, at odd sizes too, and what is said of marks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import barva
from barva.guidance import refine, resolve
from barva.guidance.marks import Box, Guidance, Mark, Point, Polygon, Region, Stroke
from barva.scene.masks import Mask

PHOTOS = [(1, 1), (1, 4000), (4000, 1), (17, 23), (599, 803), (3000, 4000)]
SIZES = [(32, 32), (128, 171), (32, 1024), (23, 17)]


def middle(kind: str, photo: tuple[int, int]) -> Mark:
    h, w = photo
    return {
        "point": Point((w // 2, h // 2), "red"),
        "stroke": Stroke(((w // 2, h // 2),), "red", 0.01),
        "line": Stroke(((0, 0), (w - 1, h - 1)), "red"),
        "box": Region(Box(w / 2, h / 2, w / 2 + 0.1, h / 2 + 0.1), "red"),
        "polygon": Region(Polygon(((w / 2, h / 2), (w / 2 + 0.3, h / 2), (w / 2, h / 2 + 0.3))), "red"),
        "sliver": Region(Polygon(((w, h), (w - 1e-3, h), (w - 1e-4, h - 1e-3))), "red"),
        "share": Point((1, 1), "red", "share"),
    }[kind]


@pytest.mark.parametrize("kind", ["point", "stroke", "line", "box", "polygon", "sliver", "share"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("photo", PHOTOS, ids=str)
def test_no_mark_vanishes(photo: tuple[int, int], size: tuple[int, int], kind: str) -> None:
    cover = resolve.coverage(middle(kind, photo), photo, size)
    assert cover.shape == size
    assert cover.dtype == np.float32
    assert 0 <= cover.min() <= cover.max() <= 1
    assert cover.max() >= 0.4


def test_boxes_are_exact() -> None:
    cover = resolve.coverage(Region(Box(2, 1, 5.5, 3), "red"), (4, 8), (4, 8))
    wanted = np.zeros((4, 8))
    wanted[1:3, 2:5], wanted[1:3, 5] = 1, 0.5
    assert np.allclose(cover, wanted)
    assert resolve.coverage(Region(Box(2, 0, 5.5, 4), "red"), (4, 8), (2, 4)).sum() * 4 == pytest.approx(14)
    everything = Region(Box(0, 0, 1, 1), "red", "share")
    assert (resolve.coverage(everything, (599, 803), (128, 171)) == 1).all()


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 1.7])
def test_areas_keep_their_size(scale: float) -> None:
    photo, size = (400, 600), (round(400 * scale), round(600 * scale))
    polygon = Region(Polygon(((100, 50), (500, 80), (300, 350))), "red")
    assert resolve.coverage(polygon, photo, size).sum() / scale**2 == pytest.approx(57000, rel=0.03)
    disc = Stroke(((300, 200),), "red", 100)
    assert resolve.coverage(disc, photo, size).sum() / scale**2 == pytest.approx(np.pi * 2500, rel=0.04)
    line = Stroke(((100, 200), (500, 200)), "red", 40)
    assert resolve.coverage(line, photo, size).sum() / scale**2 == pytest.approx(16000 + np.pi * 400, rel=0.04)
    levels = np.zeros(photo, np.uint8)
    levels[100:300, 200:500] = 255
    assert resolve.coverage(Region(Mask.of(levels), "red"), photo, size).sum() / scale**2 == pytest.approx(60000, 0.01)


def test_pixels_and_shares_mean_the_same_place() -> None:
    by_pixel = resolve.coverage(Point((299.5, 99.5), "red"), (400, 600), (128, 192))
    by_share = resolve.coverage(Point((0.5, 0.25), "red", "share"), (400, 600), (128, 192))
    assert np.array_equal(by_pixel, by_share)
    y, x = np.argwhere(by_pixel == 1)[-1]
    assert (y, x) == (32, 96)


def test_strips_are_the_region_itself() -> None:
    photo = (40, 60)
    levels = np.zeros(photo, np.uint8)
    levels[10:30, 20:50] = 200
    for region in (Region(Mask.of(levels), "red"), Region(Box(20, 10, 50, 30), "red")):
        whole = np.concatenate([resolve.strip(region, photo, y, min(7, 40 - y)) for y in range(0, 40, 7)])
        assert np.array_equal(whole > 0, levels > 0)
    polygon = Region(Polygon(((20, 10), (50, 10), (50, 30), (20, 30))), "red")
    whole = np.concatenate([resolve.strip(polygon, photo, y, min(7, 40 - y)) for y in range(0, 40, 7)])
    assert np.array_equal(whole > 0, levels > 0)
    star = Region(Polygon(((30, 2), (40, 38), (10, 14), (50, 14), (20, 38))), "red")
    whole = resolve.strip(star, photo, 0, 40)
    assert whole[20, 30] == 0, "the middle of a star is crossed twice"
    assert whole.sum() == pytest.approx(float(resolve.coverage(star, photo, photo).sum()), rel=0.1)


def test_a_strip_looks_at_its_own_part_of_a_mask() -> None:
    numbers = np.zeros((3000, 3000), np.uint8)
    numbers[20:, 30:] = 7
    region = Region(Mask(3000, 3000, numbers.tobytes(), 7), "red")
    tracemalloc.start()
    part = resolve.strip(region, (3000, 3000), 15, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(part, numbers[15:25] / 7)
    assert peak < 1_000_000


def test_later_marks_win_and_it_is_said() -> None:
    guidance = Guidance((Region(Box(0, 0, 60, 40), "red"), Region(Box(30, 0, 60, 40), "navy")))
    hints = resolve.resolve(guidance, (40, 60), (40, 60))
    assert np.allclose(hints.ab[20, 10], guidance.marks[0].ab)
    assert np.allclose(hints.ab[20, 50], guidance.marks[1].ab)
    assert (hints.weight == 1).all()
    notes = resolve.mark_notes(guidance, (40, 60), np.full((40, 60), 40, np.float32))
    assert any("navy lies over region box:0,0,60,40 = red: the later mark wins" in n for n in notes)
    same = Guidance((Region(Box(0, 0, 60, 40), "red"), Region(Box(30, 0, 60, 40), "#f00")))
    assert not any("lies over" in n for n in resolve.mark_notes(same, (40, 60), np.full((40, 60), 40, np.float32)))


def test_grey_is_a_hint() -> None:
    hints = resolve.resolve(Guidance((Point((5, 5), "grey"),)), (40, 60), (40, 60))
    assert hints.weight[5, 5] == 1
    assert (hints.ab[5, 5] == 0).all()


def test_what_the_light_cannot_carry_is_said() -> None:
    guidance = Guidance((Point((10, 10), "navy"), Point((40, 10), "grey")))
    (note,) = resolve.mark_notes(guidance, (40, 60), np.full((40, 60), 97, np.float32))
    assert note.startswith("point 10,10 = navy: too light or too dark there for so strong a color")
    assert resolve.mark_notes(guidance, (40, 60), np.full((40, 60), 30, np.float32)) == ()


@pytest.mark.parametrize(
    "mark",
    [
        Point((60, 10), "red"),
        Point((10, 40), "red"),
        Point((-1, 10), "red"),
        Stroke(((5, 5), (61, 5)), "red"),
        Region(Box(50, 30, 61, 40), "red"),
        Region(Box(-1, 30, 60, 40), "red"),
        Region(Polygon(((0, 0), (10, 0), (10, 41))), "red"),
    ],
    ids=str,
)
def test_marks_outside_are_refused(mark: Mark) -> None:
    with pytest.raises(barva.UsageError, match="lies outside the photo, which is 60 x 40 pixels") as caught:
        resolve.resolve(Guidance((mark,)), (40, 60), (32, 48))
    assert str(mark) in str(caught.value)


def test_masks_of_other_sizes() -> None:
    half = Region(Mask.of(np.ones((20, 30), bool)), "red")
    (note,) = resolve.check(Guidance((half,)), (40, 60))
    assert "30 x 20 pixels, the photo 60 x 40: it was scaled" in note
    seen = Region(Mask.of(np.ones((20, 30), bool), found="sky"), "red")
    assert resolve.check(Guidance((seen,)), (40, 60)) == (), "who asks in words has drawn no mask"
    assert str(seen) == "sky = red"
    assert resolve.check(Guidance((Region(Mask.of(np.ones((300, 453), bool)), "red"),)), (40, 60))
    with pytest.raises(barva.UsageError, match="30 x 21 pixels, the photo 60 x 40: their shapes differ"):
        resolve.check(Guidance((Region(Mask.of(np.ones((21, 30), bool)), "red"),)), (40, 60))


def test_borders_follow_the_light() -> None:
    """A box that ends three pixels before an edge of the light leaks as far as the edge; elsewhere it gets a ramp."""
    light = np.full((512, 512), 30, np.float32)
    light[:, 256:] = 80
    box = resolve.coverage(Region(Box(100, 100, 253, 400), "red"), (512, 512), (512, 512))
    outer = refine.outer(box, light)
    assert outer[250, 255] > 0.25
    assert outer[250, 258] < 0.05
    assert outer[120:380, 120:240].min() > 0.99
    assert outer[250, 91] < 0.01 < outer[250, 97] < 0.5 < outer[250, 102] < 0.99
    assert (refine.inner(box, light)[box == 0] == 0).all()
    assert refine.inner(box, light)[250, 150] == pytest.approx(1, abs=1e-3)
    assert refine.inner(box, light)[250, 100] < 0.3


def test_thin_regions_keep_their_strength() -> None:
    light = np.full((512, 512), 50, np.float32)
    line = np.zeros((512, 512), np.float32)
    line[100:400, 200] = 1
    assert refine.outer(line, light)[250, 200] > 0.9
    assert refine.inner(line, light)[250, 200] > 0.9


def test_a_faint_or_tiny_mask_covers_a_pixel() -> None:
    levels = np.zeros((1000, 1000), np.float32)
    levels[700, 300] = 0.02
    mark = Region(Mask.of(levels), "red")
    cover = resolve.coverage(mark, (1000, 1000), (128, 128))
    assert np.argwhere(cover).tolist() == [[89, 38]] and cover.max() == pytest.approx(5 / 255)
    assert resolve.mark_notes(Guidance((mark,)), (1000, 1000), np.full((128, 128), 50, np.float32)) == ()
