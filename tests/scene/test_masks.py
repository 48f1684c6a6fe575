"""Mask pictures of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva
from barva.errors import UsageError
from barva.guidance import parse
from barva.scene import masks
from barva.scene.masks import Mask


def saved(folder: Path, image: Image.Image, name: str = "m.png") -> Path:
    image.save(folder / name)
    return folder / name


INDEX = np.array([[0, 1, 1], [0, 2, 2]], np.uint8)
RED_BLUE = [0, 0, 0, 200, 0, 0, 0, 0, 128]


def palette(colors: list[int]) -> Image.Image:
    image = Image.fromarray(INDEX, "P")
    image.putpalette(colors)
    return image


def test_grey_levels_are_taken_as_they_are(tmp_path: Path) -> None:
    levels = np.array([[0, 128, 255], [3, 4, 5]], np.uint8)
    assert np.array_equal(Mask.read(saved(tmp_path, Image.fromarray(levels))).levels(), levels)
    assert np.array_equal(Mask.read(saved(tmp_path, Image.fromarray(np.dstack([levels] * 3)))).levels(), levels)
    wide = Image.fromarray(levels.astype(np.uint16) * 257)
    assert np.array_equal(Mask.read(saved(tmp_path, wide)).levels(), levels)


def test_a_slight_tint_leaves_levels(tmp_path: Path) -> None:
    levels = np.tile(np.linspace(0, 255, 64).round().astype(np.uint8), (48, 1))
    tinted = np.dstack([levels] * 3)
    tinted[20, 40, 2] += 1
    tinted[5:9, 50:60] = (255, 255, 249)
    found = Mask.read(saved(tmp_path, Image.fromarray(tinted))).levels()
    assert np.array_equal(found, np.maximum(levels, tinted.max(axis=2)))
    drawn = np.zeros((64, 64, 3), np.uint8)
    drawn[16:48, 16:48] = (255, 255, 250)
    Image.fromarray(drawn).save(tmp_path / "m.jpg", quality=85)
    found = Mask.read(tmp_path / "m.jpg").levels()
    assert np.abs(found.astype(int) - drawn[..., 0]).max() < 40


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif", "lzw.tif"])
def test_a_mask_with_an_orientation_is_upright(tmp_path: Path, kind: str) -> None:
    lying = Image.new("L", (64, 32))
    lying.paste(255, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    lying.save(tmp_path / f"m.{kind}", exif=exif, compression="tiff_lzw" if "lzw" in kind else None)
    levels = Mask.read(tmp_path / f"m.{kind}").levels()
    assert levels.shape == (64, 32)
    assert levels[:28].min() > 240 and levels[36:].max() < 16


def test_a_palette_with_an_orientation_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    palette(RED_BLUE).save(tmp_path / "m.png", exif=exif)
    (red, code), (blue, _) = masks.color_masks(tmp_path / "m.png")
    assert code == "#c80000" and red.levels().tolist() == [[0, 0], [0, 255], [0, 255]]
    assert blue.levels().tolist() == [[0, 0], [255, 0], [255, 0]]


def test_alpha_is_part_of_the_level(tmp_path: Path) -> None:
    rgba = np.full((2, 2, 4), 255, np.uint8)
    rgba[0, 0, 3], rgba[0, 1, 3] = 0, 128
    assert Mask.read(saved(tmp_path, Image.fromarray(rgba))).levels().tolist() == [[0, 128], [255, 255]]


def test_in_colour_pictures_all_but_the_background_is_in(tmp_path: Path) -> None:
    inside = (INDEX > 0) * 255
    assert np.array_equal(Mask.read(saved(tmp_path, palette(RED_BLUE))).levels(), inside)
    assert np.array_equal(Mask.read(saved(tmp_path, palette(RED_BLUE).convert("RGB"))).levels(), inside)


@pytest.mark.parametrize("mode", ["P", "RGB", "RGBA"])
def test_a_mask_names_its_colors(tmp_path: Path, mode: str) -> None:
    found = masks.color_masks(saved(tmp_path, palette(RED_BLUE).convert(mode)))
    named = {color: mask.levels().tolist() for mask, color in found}
    assert named == {"#c80000": ((INDEX == 1) * 255).tolist(), "#000080": ((INDEX == 2) * 255).tolist()}
    again = [Mask.read(tmp_path / "m.png", mask.index) for mask, _ in found]
    assert again == [mask for mask, _ in found]


@pytest.mark.parametrize("clear", [0, 1])
def test_what_is_transparent_in_a_palette_is_outside(tmp_path: Path, clear: int) -> None:
    path = tmp_path / "m.png"
    palette([200, 0, 0, 255, 255, 255, 0, 0, 128]).save(path, transparency=clear)
    colors = {0: "#c80000", 1: "#ffffff", 2: "#000080"}
    named = {color: mask.levels().tolist() for mask, color in masks.color_masks(path)}
    assert named == {c: ((i == INDEX) * 255).tolist() for i, c in colors.items() if i != clear}
    assert Mask.read(path).levels().tolist() == ((clear != INDEX) * 255).tolist()
    again = [Mask.read(path, mask.index) for mask, _ in masks.color_masks(path)]
    assert again == [mask for mask, _ in masks.color_masks(path)]


def test_black_stays_the_outside_beside_transparency(tmp_path: Path) -> None:
    path = tmp_path / "m.png"
    palette(RED_BLUE).save(path, transparency=1)
    ((mask, color),) = masks.color_masks(path)
    assert (color, mask.levels().tolist()) == ("#000080", ((INDEX == 2) * 255).tolist())
    assert Mask.read(path).levels().tolist() == ((INDEX == 2) * 255).tolist()


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (Image.new("L", (3, 3), 7), "--region"),
        (Image.new("RGB", (3, 3)), "nothing"),
        (Image.fromarray(np.random.default_rng(0).integers(1, 255, (20, 30, 3)).astype(np.uint8)), "colors"),
    ],
)
def test_masks_that_name_no_colors(tmp_path: Path, image: Image.Image, said: str) -> None:
    with pytest.raises(barva.UsageError, match=said):
        masks.color_masks(saved(tmp_path, image))


def test_files_that_are_no_masks(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"not a picture")
    (tmp_path / "cut.png").write_bytes(saved(tmp_path, Image.new("L", (90, 90), 9)).read_bytes()[:60])
    for name in ("text.png", "cut.png", "none.png", "nul\0.png"):
        with pytest.raises(barva.ReadError):
            Mask.read(tmp_path / name)
    with pytest.raises(barva.UsageError, match="black"):
        Mask.read(saved(tmp_path, Image.new("L", (9, 9))))


def test_png_round_trip() -> None:
    mask = Mask(3, 2, INDEX.tobytes(), 2)
    assert Mask.of_png(mask.png(), 2) == mask
    with pytest.raises(barva.UsageError):
        Mask.of_png(b"nonsense")


LABELS = np.array([[0, 1, 1], [0, 2, 7]], np.uint8)


@pytest.mark.parametrize("mode", ["L", "I;16", "P"])
def test_a_picture_of_labels(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(LABELS.astype(np.uint16) if mode == "I;16" else LABELS)
    if mode == "P":
        image = Image.fromarray(LABELS, "P")
        image.putpalette([v for i in range(256) for v in (i, i, i)])
    path = saved(tmp_path, image, "labels.png")
    with pytest.raises(UsageError, match=r"labels, choose one: .*labels\.png:1=COLOR"):
        Mask.read(path)
    assert Mask.read(path, 1).levels().tolist() == ((LABELS == 1) * 255).tolist()
    region = parse.region(f"{path}:7=red,strength=0.5")
    assert isinstance(region.where, Mask) and region.where.levels().tolist() == ((LABELS == 7) * 255).tolist()
    for label, word in ((3, "no pixel of index 3"), (256, "0 to 255")):
        with pytest.raises(UsageError, match=word):
            parse.region(f"{path}:{label}=red")


def test_a_faint_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="highest level is 1 of 255"):
        Mask.read(saved(tmp_path, Image.fromarray((LABELS > 0).astype(np.uint8))))
    assert Mask.read(saved(tmp_path, Image.fromarray(LABELS > 0))).levels().max() == 255
