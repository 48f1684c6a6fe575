"""What `read` makes of every kind of file, array and image, and of everything that is none."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imaging_pictures import adobe_rgb, every_format, grey_profile, opened, png_claiming, saved, srgb_encode
from PIL import Image, ImageOps

from barva.errors import ReadError, TooLargeError, UsageError
from barva.imaging import exif, orient, profiles, read, read_pages
from barva.imaging import photo as photo_module
from barva.imaging.photo import Envelope
from barva.imaging.write import write

Array = np.ndarray[Any, Any]


def test_importing_the_package_loads_no_decoder() -> None:
    code = "import sys, barva.imaging; sys.exit(any(m in sys.modules for m in ('pyvips', 'cv2', 'PIL')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["png", "tiff", "tiff-deflate", "tiff-lzw", "webp-lossless", "bmp"])
def test_lossless_files_are_read_exactly(scene: Array, kind: str) -> None:
    photo = read(every_format(scene)[kind])
    assert (photo.width, photo.height, photo.depth, photo.bands, photo.alpha) == (83, 61, 8, 3, False)
    assert np.array_equal(photo.pixels(), scene)
    assert photo.notes == ()


@pytest.mark.parametrize("kind", ["jpeg", "jpeg-progressive", "webp", "avif"])
def test_lossy_files_agree_with_pillow(scene: Array, kind: str) -> None:
    data = every_format(scene)[kind]
    theirs = np.asarray(opened(data).convert("RGB")).astype(int)
    assert np.abs(read(data).pixels().astype(int) - theirs).mean() < 1.5


@pytest.mark.parametrize(
    ("kind", "depth", "bands"),
    [
        ("jpeg-grey", 8, 1),
        ("png-1", 8, 1),
        ("tiff-g4", 8, 1),
        ("png-16", 16, 1),
        ("png-palette", 8, 3),
        ("gif", 8, 3),
        ("bmp-palette", 8, 3),
    ],
)
def test_depth_and_bands(scene: Array, kind: str, depth: int, bands: int) -> None:
    data = every_format(scene)[kind]
    photo = read(data)
    assert (photo.depth, photo.bands) == (depth, bands)
    theirs = np.asarray(opened(data).convert("RGB" if bands == 3 else "I" if depth == 16 else "L"))
    difference = np.abs(photo.pixels().reshape(theirs.shape).astype(int) - theirs.astype(int)).max()
    assert difference <= (2 if kind == "jpeg-grey" else 0)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_alpha_is_kept(scene: Array, mode: str, format: str) -> None:
    if (mode, format) == ("LA", "BMP"):
        pytest.skip("Pillow writes no such file")
    source = Image.fromarray(np.dstack([scene, scene[..., 0]])).convert(mode)
    photo = read(saved(source, format))
    if format == "BMP" and not photo.alpha:
        pytest.skip("this Pillow reads 32-bit BMP without alpha")
    assert photo.alpha and photo.channels == len(mode)
    assert np.array_equal(photo.pixels(), np.asarray(source))


def test_channels_that_are_equal_stay_three(scene: Array) -> None:
    grey = np.repeat(scene[..., :1], 3, axis=2)
    assert read(saved(Image.fromarray(grey), "PNG")).bands == 3


def test_cmyk_becomes_srgb(scene: Array) -> None:
    white = saved(Image.new("CMYK", (9, 9), (0, 0, 0, 0)), "JPEG")
    dark = saved(Image.new("CMYK", (9, 9), (0, 0, 0, 230)), "JPEG")
    assert read(white).pixels().min() > 250 and read(dark).pixels().max() < 90
    assert "CMYK" in read(white).notes[0]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_grey_profile_becomes_srgb_grey(depth: int) -> None:
    top = 255 if depth == 8 else 65535
    ramp = np.linspace(0, top, 256).round().astype(np.uint8 if depth == 8 else np.uint16)[None]
    photo = read(saved(Image.fromarray(ramp), "PNG" if depth == 8 else "TIFF", icc_profile=grey_profile(2.2)))
    expected = srgb_encode((ramp.astype(float) / top) ** 2.2) * top
    assert (photo.bands, photo.depth) == (1, depth)
    assert np.abs(photo.pixels()[..., 0] - expected).max() <= (
        1.1 if depth == 8 else 280
    )  # lcms is a level off near black
    assert "Grey gamma 2.2" in photo.notes[0]


def test_a_grey_picture_with_an_rgb_profile_and_alpha() -> None:
    ramp = np.dstack([np.arange(256, dtype=np.uint8)[None]] * 2)
    photo = read(saved(Image.fromarray(ramp, "LA"), "TIFF", icc_profile=adobe_rgb()))
    assert np.abs(photo.pixels()[..., 0] - srgb_encode((ramp[..., 0] / 255) ** 2.19921875) * 255).max() <= 1.1
    assert np.array_equal(photo.pixels()[..., 1], ramp[..., 1])


def test_adobe_rgb_becomes_srgb() -> None:
    # Colors inside sRGB, converted by hand: Adobe RGB -> XYZ -> sRGB, both with a D65 white.
    to_xyz = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    to_srgb = np.linalg.inv([[0.41239, 0.35758, 0.18048], [0.21264, 0.71517, 0.07219], [0.01933, 0.11919, 0.95053]])
    colors = np.array([[[120, 110, 100], [200, 180, 170], [90, 120, 110], [255, 255, 255], [0, 0, 0]]], np.uint8)
    expected = srgb_encode(((colors / 255) ** 2.19921875) @ to_xyz.T @ to_srgb.T) * 255
    photo = read(saved(Image.fromarray(colors), "PNG", icc_profile=adobe_rgb()))
    assert np.abs(photo.pixels() - expected).max() < 1
    assert photo.notes == ("converted from Adobe RGB (1998) to sRGB",)
    assert photo.envelope.icc == adobe_rgb()


def test_an_srgb_profile_changes_nothing(scene: Array) -> None:
    photo = read(saved(Image.fromarray(scene), "PNG", icc_profile=profiles.srgb()))
    assert np.array_equal(photo.pixels(), scene) and photo.notes == ()


@pytest.mark.parametrize(
    "profile", [b"not a profile at all" * 20, adobe_rgb()[:300], grey_profile(), adobe_rgb()[:128] + bytes(400)]
)
def test_a_bad_profile_is_ignored_with_a_note(scene: Array, profile: bytes) -> None:
    photo = read(saved(Image.fromarray(scene), "JPEG", icc_profile=profile, quality=95))
    assert np.abs(photo.pixels().astype(int) - scene).mean() < 12
    assert photo.notes == ("its ICC profile cannot be used and was ignored",)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(scene: Array, format: str, orientation: int) -> None:
    block = Image.Exif()
    block[0x0112] = orientation
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(Image.fromarray(scene), format, exif=block, **options)
    picture = opened(data)
    theirs = np.asarray(ImageOps.exif_transpose(picture).convert("RGB")).astype(int)
    photo = read(data)
    assert photo.pixels().shape == theirs.shape == (photo.height, photo.width, 3)
    assert np.abs(photo.pixels().astype(int) - theirs).mean() < 1.5
    if format not in ("AVIF",):
        assert bool(photo.notes) == (orientation != 1)


def test_associated_alpha_is_taken_apart(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[...] = (50, 50, 50, 128)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", extrasamples=["assocalpha"])
    photo = read(tmp_path / "a.tif")
    assert photo.pixels()[0, 0].tolist() in ([99, 99, 99, 128], [100, 100, 100, 128])


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("kinds", "kept"),
    [
        (("unspecified",), ()),
        (("unspecified", "unspecified"), ()),
        (("unspecified", "unassalpha"), (4,)),
        (("unassalpha", "unspecified"), (3,)),
        (("unassalpha",), (3,)),
    ],
)
def test_only_alpha_of_a_tiffs_further_channels_is_transparency(
    tmp_path: Path, scene: Array, kinds: tuple[str, ...], kept: tuple[int, ...], deep: bool
) -> None:
    pixels = np.concatenate([scene, *(scene[..., n : n + 1] // (n + 2) for n in range(len(kinds)))], axis=2)
    if deep:  # twelve bits: by another decoder
        pixels = pixels.astype(np.uint16) * 16
    name = tmp_path / "a.tif"
    options = {"bitspersample": 12, "compression": "none"} if deep else {}
    tifffile.imwrite(name, pixels, photometric="rgb", planarconfig="contig", extrasamples=kinds, **options)
    photo = read(name)
    found = photo.pixels()
    assert photo.alpha == bool(kept) and found.shape == (61, 83, 3 + len(kept))
    expected = pixels[..., [0, 1, 2, *kept]].astype(int)
    assert np.abs(found.astype(int) - (expected * 65535 // 4095 if deep else expected)).max() <= int(deep)
    assert any("neither color nor transparency" in note for note in photo.notes) == (len(kinds) > len(kept))


def test_infrared_beside_gray_is_no_transparency(tmp_path: Path, scene: Array) -> None:
    pixels = np.ascontiguousarray(scene[..., :2])
    tifffile.imwrite(
        tmp_path / "g.tif", pixels, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"]
    )
    photo = read(tmp_path / "g.tif")
    assert not photo.alpha and np.array_equal(photo.pixels(), pixels[..., :1])


@pytest.mark.parametrize("turn", [3, 6, 7])
@pytest.mark.parametrize("kind", ["16 bits", "12 bits", "float16", "tiled planes"])
def test_a_tiffs_orientation_is_applied_whatever_reads_it(tmp_path: Path, scene: Array, kind: str, turn: int) -> None:
    gray: Array = scene[..., 0].astype(np.uint16) * 16
    options: dict[str, Any] = {"photometric": "minisblack"}
    if kind == "12 bits":
        options |= {"bitspersample": 12, "compression": "none"}
    elif kind == "float16":
        gray = (gray / 4095).astype(np.float16)
    elif kind == "tiled planes":
        gray = np.moveaxis(scene, -1, 0)
        options = {"photometric": "rgb", "planarconfig": "separate", "tile": (16, 16)}
    tifffile.imwrite(tmp_path / "plain.tif", gray, **options)
    tifffile.imwrite(tmp_path / "turned.tif", gray, extratags=[(274, 3, 1, turn, True)], **options)
    photo = read(tmp_path / "turned.tif")
    assert np.array_equal(photo.pixels(), orient.upright(read(tmp_path / "plain.tif").pixels(), turn))
    assert photo.envelope.turn == turn and any("turned upright" in note for note in photo.notes)


def test_float_tiff(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    for bad, words in (
        (ramp * 2, "holds floats from"),
        (ramp - 1, "holds floats from"),
        (np.where(ramp > 0.5, np.nan, ramp), "holds NaN or infinite numbers"),
        (np.where(ramp > 0.5, np.inf, ramp), "holds NaN or infinite numbers"),
    ):
        tifffile.imwrite(tmp_path / "bad.tif", bad.astype(np.float32))
        with pytest.raises(ReadError, match=words):
            read(tmp_path / "bad.tif")
    tifffile.imwrite(tmp_path / "good.tif", ramp)
    photo = read(tmp_path / "good.tif")
    assert photo.depth == 16 and np.array_equal(photo.pixels()[..., 0], np.floor(ramp * 65535 + 0.5))


@pytest.mark.parametrize(("dtype", "bands"), [(np.uint32, 1), (np.int16, 1), (np.uint8, 6)])
def test_samples_that_no_photo_has(tmp_path: Path, dtype: Any, bands: int) -> None:
    array = np.ones((5, 5) if bands == 1 else (5, 5, bands), dtype)
    tifffile.imwrite(
        tmp_path / "odd.tif", array, photometric="minisblack", planarconfig="contig" if bands > 1 else None
    )
    with pytest.raises(ReadError, match=r"odd\.tif holds|odd\.tif has 6 channels"):
        read(tmp_path / "odd.tif")


@pytest.mark.parametrize(
    ("tags", "word"), [({"photometric": "cfa"}, "raw file"), ({"extratags": [(50706, 1, 4, b"\1\4\0\0")]}, "raw file")]
)
def test_camera_raw_files_are_refused(tmp_path: Path, tags: dict[str, Any], word: str) -> None:
    tifffile.imwrite(tmp_path / "raw.tif", np.ones((8, 8), np.uint16), **tags)
    with pytest.raises(ReadError, match=word):
        read(tmp_path / "raw.tif")


def test_kinds_of_tiff_that_would_look_wrong(scene: Array, tmp_path: Path) -> None:
    for mode in ("YCbCr", "LAB"):
        with pytest.raises(ReadError, match="convert it"):
            read(saved(Image.fromarray(scene).convert(mode), "TIFF"))


def test_pages(tmp_path: Path, scene: Array) -> None:
    pages = [Image.fromarray(scene), Image.fromarray(255 - scene), Image.fromarray(scene[:20, :30])]
    pages[0].save(tmp_path / "album.tif", save_all=True, append_images=pages[1:])
    assert np.array_equal(read(tmp_path / "album.tif").pixels(), scene)
    assert np.array_equal(read(tmp_path / "album.tif", page=2).pixels(), 255 - scene)
    every = read_pages(tmp_path / "album.tif")
    assert [(p.width, p.envelope.page, p.envelope.pages) for p in every] == [(83, 1, 3), (83, 2, 3), (30, 3, 3)]
    with pytest.raises(ReadError, match="page 4"):
        read(tmp_path / "album.tif", page=4)
    with pytest.raises(UsageError, match="counted from 1"):
        read(tmp_path / "album.tif", page=0)
    with pytest.raises(ReadError, match="one page only"):
        read(saved(pages[0], "PNG"), page=2)


def test_pages_together_keep_no_more_than_one_photo(scene: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_module, "IN_MEMORY", int(2.5 * scene.shape[0] * scene.shape[1]))
    pages = read_pages(write([(np.roll(scene, n, 0), Envelope("array")) for n in range(5)], None, format="tiff").data)
    for _ in range(2):
        for n, page in enumerate(pages):
            assert np.array_equal(page.pixels(), np.roll(scene, n, 0))
            assert sum(p._cache.pixels is not None for p in pages) <= 2
    assert pages[-1].pixels() is pages[-1].pixels()


def test_of_an_animation_the_first_frame(scene: Array) -> None:
    frames = [Image.fromarray(scene), Image.fromarray(255 - scene)]
    for format, options in (("GIF", {}), ("WEBP", {"lossless": True})):
        data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)
        (photo,) = read_pages(data)
        assert (
            np.abs(photo.pixels()[..., :3].astype(int) - np.asarray(opened(data).convert("RGB")).astype(int)).max() == 0
        )


def test_strips_and_shrink_agree_for_small_and_large(
    scene: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = Image.Exif()
    for format, orientation in (("JPEG", 1), ("PNG", 6), ("TIFF", 1), ("TIFF", 3)):
        block[0x0112] = orientation
        data = saved(Image.fromarray(scene), format, exif=block)
        whole = read(data).pixels()
        small = read(data).shrink(16)
        monkeypatch.setattr(photo_module, "IN_MEMORY", 100)
        monkeypatch.setattr("barva.imaging.files.IN_MEMORY", 100)
        streamed = read(data)
        assert not streamed.in_memory
        for rows in (7, 1000):
            assert np.array_equal(np.concatenate([s for _, s in streamed.strips(rows)]), whole)
        difference = np.abs(streamed.shrink(16) - small)
        assert difference.max() < 0.1 and difference.mean() < 0.02
        assert np.array_equal(streamed.pixels(), whole)
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("size", "expected"), [((1, 4000), (1, 1024)), ((4000, 1), (1024, 1)), ((1, 1), (1, 1)), ((600, 300), (512, 256))]
)
def test_shrink_stays_sane(size: tuple[int, int], expected: tuple[int, int]) -> None:
    photo = read(np.full((size[1], size[0], 3), 128, np.uint8))
    small = photo.shrink(256)
    assert small.shape == (expected[1], expected[0], 3) and small.dtype == np.float32
    assert np.allclose(small, 128 / 255, atol=1e-6)


def test_photos_are_decoded_once_for_all_threads(scene: Array) -> None:
    photo = read(every_format(scene)["jpeg"])
    with ThreadPoolExecutor(8) as pool:
        arrays = list(pool.map(lambda _: photo.pixels(), range(16)))
    assert all(a is arrays[0] for a in arrays) and not arrays[0].flags.writeable
    assert all(np.shares_memory(strip, arrays[0]) for _, strip in photo.strips(10))


def test_shrink_is_an_average() -> None:
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert np.abs(read(board).shrink(8) - 0.5).max() < 0.01


def test_ten_bits_reach_white() -> None:
    from barva.imaging.vips import load

    white = load().Image.new_from_array(np.full((16, 16, 3), 65535, np.uint16)).copy(interpretation="rgb16")
    photo = read(bytes(white.heifsave_buffer(compression="av1", bitdepth=10, Q=100)))
    assert (photo.depth, photo.envelope.bits) == (16, 10)
    assert photo.pixels().min() > 65200


def test_every_format_is_found_by_content_and_not_by_name(scene: Array, tmp_path: Path) -> None:
    for kind, data in every_format(scene).items():
        path = tmp_path / f"{kind} [1].dat"
        path.write_bytes(data)
        photo = read(path)
        assert photo.envelope.format == kind.split("-")[0] and photo.path == path and photo.name == path.name
        assert photo.pixels().shape[:2] == (61, 83)


# What is no picture


def test_missing_folder_empty_and_text(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "notes.jpg").write_text("buy bread", "utf-8")
    for name, word in (
        ("gone.jpg", "no such file"),
        ("", "is a folder"),
        ("empty.jpg", "is empty"),
        ("notes.jpg", "not a picture"),
    ):
        with pytest.raises(ReadError, match=word) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_bombs_are_refused_before_decoding(tmp_path: Path, scene: Array) -> None:
    (tmp_path / "bomb.png").write_bytes(png_claiming(100_000, 100_000))
    with pytest.raises(TooLargeError, match=r"bomb\.png is 100000 x 100000 .* --max-pixels"):
        read(tmp_path / "bomb.png")
    for data in every_format(scene).values():
        with pytest.raises(TooLargeError, match="--max-pixels"):
            read(data, max_pixels=61 * 83 - 1)
        read(data, max_pixels=61 * 83)
    bmp = bytearray(every_format(scene)["bmp"])
    bmp[18:26] = (60_000).to_bytes(4, "little") * 2
    with pytest.raises(TooLargeError):
        read(bytes(bmp))
    bmp[18:26] = (20_000).to_bytes(4, "little") * 2
    with pytest.raises(ReadError, match="damaged"):
        read(bytes(bmp)).pixels()


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0)])
def test_pictures_without_pixels(width: int, height: int) -> None:
    with pytest.raises(ReadError, match="has no pixels"):
        read(png_claiming(width, height))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (np.zeros((3,), np.uint8), "shape"),
        (np.zeros((3, 4, 5), np.uint8), "shape"),
        (np.zeros((0, 4), np.uint8), "no pixels"),
        (np.zeros((3, 4), np.int32), "int32"),
        (np.zeros((3, 4), complex), "complex"),
        (np.full((3, 4), np.nan), "NaN"),
        (np.full((3, 4), np.inf, np.float32), "NaN or infinite"),
        (np.full((3, 4), 1.5), "from 1.5"),
        (np.full((3, 4), "a"), "is no picture"),
        (17, "int is no picture"),
        (None, "None is no picture"),
    ],
)
def test_arrays_that_are_no_pictures(value: Any, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read(value)


def test_arrays(scene: Array) -> None:
    for array, depth, bands, alpha in (
        (scene, 8, 3, False),
        (scene[..., 0], 8, 1, False),
        (scene[..., :1], 8, 1, False),
        (scene[..., :2], 8, 1, True),
        (np.dstack([scene, scene[..., 0]]), 8, 3, True),
        (scene.astype(np.uint16) * 257, 16, 3, False),
        (scene[::-1, ::-1], 8, 3, False),
    ):
        photo = read(array)
        assert (photo.depth, photo.bands, photo.alpha) == (depth, bands, alpha)
        assert np.array_equal(photo.pixels().reshape(array.shape), array)
    assert np.array_equal(read(scene[..., 0] > 99).pixels()[..., 0], (scene[..., 0] > 99) * 255)
    assert np.array_equal(read(scene / 255.0).pixels(), scene.astype(int) * 257)
    assert scene.flags.writeable, "the caller's array was closed for writing"


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F", "PA", "La", "RGBa"]
)
def test_pillow_modes(scene: Array, mode: str) -> None:
    picture = Image.fromarray(scene)
    if mode in ("I;16", "I", "F"):
        grey = np.asarray(picture.convert("L"))
        picture = Image.fromarray(
            {"I;16": grey.astype(np.uint16), "I": grey.astype(np.int32), "F": grey / np.float32(255)}[mode]
        )
    elif mode in ("La", "RGBa"):
        picture = picture.convert(mode.upper()).convert(mode)
    else:
        picture = picture.convert(mode)
    photo = read(picture)
    assert photo.pixels().shape[:2] == (61, 83)
    assert photo.depth == (16 if mode in ("I;16", "I", "F") else 8)
    assert photo.bands == (1 if mode in ("1", "L", "LA", "La", "I;16", "I", "F") else 3)


def test_pillow_images_are_turned_upright_and_keep_what_they_carry(scene: Array, camera_exif: Any) -> None:
    camera_exif = opened(saved(Image.fromarray(scene), "JPEG", exif=camera_exif)).getexif()
    camera_exif[0x0112] = 6
    picture = opened(saved(Image.fromarray(scene), "PNG", exif=camera_exif, dpi=(300, 300), icc_profile=adobe_rgb()))
    photo = read(picture)
    assert (photo.width, photo.height) == (61, 83) and photo.envelope.icc == adobe_rgb() and photo.envelope.exif
    assert photo.envelope.dpi is not None and round(photo.envelope.dpi[0]) == 300


def test_a_pillow_images_tiff_tags_are_sorted(scene: Array, tmp_path: Path) -> None:
    tags = {270: "Grandmother, 1912", 33723: b"\x1c\x02\x78\x00\x05Hello", 34377: b"8BIM\x04\x0a\0\0\0\0\0\x01\1\0"}
    Image.fromarray(scene).save(tmp_path / "a.tif", tiffinfo=tags, compression="tiff_lzw")
    envelopes = [read(source).envelope for source in (tmp_path / "a.tif", Image.open(tmp_path / "a.tif"))]
    for envelope in envelopes:
        assert envelope.exif is not None
        assert exif.parse(envelope.exif).main.keys() - set(exif.RESOLUTION) == {270}
        assert envelope.iptc == tags[33723] and envelope.photoshop == tags[34377]


def test_a_damaged_pillow_image(scene: Array) -> None:
    data = every_format(scene)["jpeg"]
    with pytest.raises(ReadError):
        read(opened(data[: len(data) // 2]))
