"""Recoloring: the region turns, everything outside is the same to the last bit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.color import spaces
from barva.guidance.marks import Box, Point, Polygon, Region
from barva.imaging.read import read
from barva.scene.masks import Mask


@pytest.fixture(scope="module")
def photo(astronaut: np.ndarray) -> np.ndarray:
    """(512, 512, 3) uint8: an orange suit."""
    return astronaut


@pytest.fixture(scope="module")
def suit(astronaut: np.ndarray) -> np.ndarray:
    """(512, 512) bool: the saturated orange."""
    lab = spaces.fast_rgb_to_lab(astronaut)
    return (lab[..., 1] > 25) & (lab[..., 2] > 25)


def noisy(height: int, width: int, bands: int, dtype: type) -> np.ndarray:
    top = int(np.iinfo(dtype).max)
    return np.random.default_rng(2).integers(0, top + 1, (height, width, bands)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("height", "width", "bands"), [(1, 1, 3), (17, 23, 4), (601, 433, 3)])
def test_outside_is_bit_identical(height: int, width: int, bands: int, dtype: type) -> None:
    before = noisy(height, width, bands, dtype)
    levels = np.zeros((height, width), np.uint8)
    levels[height // 3 : height // 3 + max(1, height // 2), width // 4 : width // 4 + max(1, width // 2)] = 255
    after = barva.recolor(before, Region(Mask.of(levels), "teal")).array()
    assert after.shape == before.shape
    assert after.dtype == before.dtype
    assert np.array_equal(after[levels == 0], before[levels == 0])
    assert (after[levels > 0] != before[levels > 0]).any()
    assert np.array_equal(after[..., 3:], before[..., 3:])


@pytest.mark.parametrize("color", ["navy", "forest green", "#7a5a9a", "grey"])
def test_a_region_gets_the_color_and_keeps_its_light(photo: np.ndarray, suit: np.ndarray, color: str) -> None:
    region = Region(Mask.of(suit), color)
    result = barva.recolor(photo, region)
    after, before = spaces.fast_rgb_to_lab(result.array()), spaces.fast_rgb_to_lab(photo)
    assert np.abs(after[..., 0] - before[..., 0]).max() < 0.8  # the grain of 8 bits
    inside = suit & np.roll(suit, 3, 0) & np.roll(suit, -3, 0) & np.roll(suit, 3, 1) & np.roll(suit, -3, 1)
    mean = after[inside].mean(0)
    if color == "grey":
        assert np.hypot(mean[1], mean[2]) < 3
        return
    turned = np.angle(complex(mean[1], mean[2]) / complex(*region.ab), deg=True)
    assert abs(turned) < 12
    assert np.hypot(mean[1], mean[2]) > 0.5 * min(np.hypot(*region.ab), 40)
    # variety of chroma stays, it is no flat paint
    assert np.std(np.hypot(after[inside][:, 1], after[inside][:, 2])) > 2


def test_highlights_of_a_coloured_thing_stay_grey() -> None:
    photo = np.full((64, 64, 3), (170, 40, 40), np.uint8)
    photo[28:36, 28:36] = (225, 220, 220)
    after = spaces.fast_rgb_to_lab(barva.recolor(photo, Region(Box(0, 0, 64, 64), "blue")).array())
    assert after[10, 10, 2] < -30
    assert np.hypot(after[32, 32, 1], after[32, 32, 2]) < 12


def test_a_grey_thing_takes_color() -> None:
    photo = np.tile(np.linspace(60, 200, 64).astype(np.uint8)[None, :, None], (64, 1, 3))
    after = spaces.fast_rgb_to_lab(barva.recolor(photo, Region(Box(8, 8, 56, 56), "#306080")).array())
    mean = after[16:48, 16:48, 1:].mean((0, 1))
    asked = Region(Box(8, 8, 56, 56), "#306080").ab
    assert np.hypot(*(mean - asked)) < 5


def test_the_seam_is_soft_inside() -> None:
    photo = np.full((512, 512, 3), (150, 110, 100), np.uint8)
    after = spaces.fast_rgb_to_lab(barva.recolor(photo, Region(Box(100, 100, 300, 400), "green")).array())
    across = after[250, 90:130, 1]
    assert np.ptp(across) > 15
    assert np.abs(np.diff(across)).max() < 0.5 * np.ptp(across)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a16.png", "a16.tif"])
def test_files_keep_their_pixels_outside(tmp_path: Path, name: str) -> None:
    before = noisy(60, 80, 3, np.uint16 if "16" in name else np.uint8)
    from barva.imaging.photo import Envelope
    from barva.imaging.write import write

    write([(before, Envelope("png" if name.endswith("png") else "tiff"))], tmp_path / name)
    box = Region(Box(20, 10, 60, 50), "navy")
    written = barva.recolor(tmp_path / name, box).save()
    assert written.path is not None
    assert written.path.name == name.replace(".", ".recolored.")
    assert not any("lossy" in n for n in written.notes)
    after = read(written.path).pixels()
    outside = np.ones((60, 80), bool)
    outside[10:50, 20:60] = False
    assert np.array_equal(after[outside], before[outside])
    assert not np.array_equal(after, before)


def test_lossy_formats_are_said(tmp_path: Path, photo: np.ndarray) -> None:
    Image.fromarray(photo[:64, :64]).save(tmp_path / "a.jpg")
    written = barva.recolor(tmp_path / "a.jpg", Region(Box(10, 10, 50, 50), "navy")).save()
    assert any("JPEG is lossy" in n for n in written.notes)


def test_strips_do_not_show(photo: np.ndarray, suit: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    from barva.engine.prepare import plan

    marks = [Region(Mask.of(suit), "navy"), Region(Polygon(((5, 5), (300, 40), (90, 400))), "pink")]
    whole = barva.recolor(photo, marks).array()
    monkeypatch.setattr(plan, "STRIP_BYTES", 40 * 512 * 37)
    again = barva.recolor(photo, marks).array()
    assert int((whole != again).sum()) == 0


def test_grey_photos_and_bad_requests(grey: np.ndarray) -> None:
    result = barva.recolor(np.dstack([grey, grey]), Region(Box(50, 50, 100, 100), "red"))
    after = result.array()
    assert after.shape == (*grey.shape, 4)
    assert np.array_equal(after[:50, :, 0], grey[:50])
    assert np.array_equal(after[..., 3], grey)
    assert result.image().size == grey.shape[::-1]
    with pytest.raises(barva.UsageError, match="takes regions"):
        barva.recolor(grey, Point((5, 5), "red"))
    with pytest.raises(barva.UsageError, match="name a region"):
        barva.recolor(grey, [])
    with pytest.raises(barva.UsageError, match="outside"):
        barva.recolor(grey, Region(Box(0, 0, 257, 10), "red"))


def test_a_sliver_at_the_border_is_no_trouble(photo: np.ndarray) -> None:
    sliver = Region(Polygon(((512, 0), (511.99, 90), (512, 200))), "red")
    assert np.isfinite(barva.recolor(photo, sliver).array()).all()


def spread(pixels: np.ndarray, inside: np.ndarray) -> float:
    """Degrees from the 10th to the 90th percentile of the hues, about their mean, of all pixels that have one."""
    ab = spaces.fast_rgb_to_lab(pixels)[inside][:, 1:].astype(np.float64)
    z = ab[:, 0] + 1j * ab[:, 1]
    z = z[np.abs(z) > 8]
    low, high = np.percentile(np.angle(z / z.sum(), deg=True), (10, 90))
    return float(high - low)


@pytest.mark.parametrize("color", ["red", "olive", "#306080"])
def test_a_region_of_many_hues_becomes_one(photo: np.ndarray, color: str) -> None:
    """A face, hair and a flag: from red to blue."""
    inside = np.zeros(photo.shape[:2], bool)
    inside[66:254, 46:324] = True  # without the seam
    region = Region(Box(40, 60, 330, 260), color)
    own, near, kept = spread(photo, inside), barva.recolor(photo, region), barva.recolor(photo, region, keep_hues=True)
    assert own > 60
    assert spread(near.array(), inside) <= own / 2
    assert spread(kept.array(), inside) > 1.5 * spread(near.array(), inside)
    assert kept.provenance != near.provenance


@pytest.mark.parametrize("color", ["olive", "#306080"])
def test_a_region_that_is_nearly_grey_becomes_one_hue(color: str) -> None:
    """It is shifted more than turned, by as much as each light carries, and keeps chroma that points elsewhere."""
    rng = np.random.default_rng(0)
    planes = rng.uniform(25, 75, (30, 40)), rng.normal(-1, 2.5, (30, 40)), rng.normal(-9, 2.5, (30, 40))
    lab = np.kron(np.dstack(planes), np.ones((4, 4, 1)))
    pixels = np.rint(spaces.lab_to_rgb(lab) * 255).clip(0, 255).astype(np.uint8)
    inside = np.zeros((120, 160), bool)
    inside[20:100, 20:140] = True
    own = spread(pixels, inside)
    assert own > 20
    assert spread(barva.recolor(pixels, Region(Box(10, 10, 150, 110), color)).array(), inside) <= own / 4


def test_opposite_hues_come_together_and_nothing_jumps() -> None:
    """A wheel of all hues: none is left far from the asked one, and neighbors stay neighbors."""
    turns = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    wheel = np.stack([np.full(720, 60.0), 5 + 25 * np.cos(turns), 25 * np.sin(turns)], axis=-1).astype(np.float32)
    from barva.recoloring import HUES, _contract_hues

    a, b = _contract_hues(wheel[:, 1], wheel[:, 2], 1 + 0j)
    assert np.abs(np.degrees(np.arctan2(b, a))).max() < np.degrees(np.arctan(HUES)) + 2
    assert np.hypot(np.diff(a), np.diff(b)).max() < 0.5
    assert np.allclose(np.hypot(a, b), np.hypot(wheel[:, 1], wheel[:, 2]), atol=0.5)


def test_vividness_alone_leaves_hues(photo: np.ndarray, suit: np.ndarray) -> None:
    after = barva.recolor(photo, Region(Mask.of(suit), vividness=0.5)).array()
    assert abs(spread(after, suit) - spread(photo, suit)) < 3


def test_keep_hues_on_the_command_line(tmp_path: Path, photo: np.ndarray) -> None:
    from barva.cli.app import run

    Image.fromarray(photo).save(tmp_path / "a.png")
    for name, more in (("near.png", []), ("kept.png", ["--keep-hues"])):
        asked = ["recolor", str(tmp_path / "a.png"), "--region", "box:40,60,330,260=teal", "-o", str(tmp_path / name)]
        assert run([*asked, *more]) == 0
    inside = np.zeros(photo.shape[:2], bool)
    inside[60:260, 40:330] = True
    near, kept = (np.asarray(Image.open(tmp_path / name)) for name in ("near.png", "kept.png"))
    assert spread(near, inside) < spread(kept, inside) / 1.5


def test_the_digest_of_a_recolored_photo_is_one(photo: np.ndarray) -> None:
    region = Region(Box(40, 60, 330, 260), "teal")
    digests = [barva.recolor(photo, region, keep_hues=kept).provenance.guidance for kept in (False, True)]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests) and digests[0] != digests[1]
