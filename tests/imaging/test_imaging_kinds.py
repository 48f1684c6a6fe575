"""Unusual kinds of files: what they state about their tone, what they hold beside the photo, and which other library
reads them. All are drawn here."""

from __future__ import annotations

import base64
import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imaging_pictures import adobe_rgb, grey_profile, opened, saved, srgb_encode
from PIL import Image

from barva.engine.result import output_name
from barva.errors import ReadError, UsageError
from barva.imaging import jxl, profiles, read, read_pages, sniff
from barva.imaging.photo import Envelope
from barva.imaging.write import write

Array = np.ndarray[Any, Any]
RAMP = np.arange(256, dtype=np.uint8)[None]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(array: Array, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with these chunks before its pixels."""
    data = saved(Image.fromarray(array), "PNG")
    return data[:33] + b"".join(chunk(k, d) for k, d in chunks) + data[33:]


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
CHRM = (b"cHRM", struct.pack(">8I", *(round(v * 100_000) for v in P3)))


@pytest.mark.parametrize("gamma", [1.0, 0.5556, 0.35])
def test_png_gamma_is_honored(gamma: float) -> None:
    for array, top in ((RAMP, 255), (RAMP.astype(np.uint16) * 257, 65535)):
        photo = read(png(array, gama(gamma)))
        expected = srgb_encode((array / top) ** (1 / gamma)) * top
        assert np.abs(photo.pixels()[..., 0] - expected).max() <= top / 150  # lcms interpolates between 4096 steps
        assert "gamma" in photo.notes[0] and photo.envelope.icc is None


def test_usual_gamma_srgb_and_a_profile_come_before_gamma() -> None:
    assert np.array_equal(read(png(RAMP, gama(0.45455))).pixels()[..., 0], RAMP)
    assert np.array_equal(read(png(RAMP, (b"sRGB", b"\0"), gama(1.0))).pixels()[..., 0], RAMP)
    icc = (b"iCCP", b"x\0\0" + zlib.compress(grey_profile(2.2)))
    profiled = read(png(RAMP, icc, gama(1.0))).pixels()[..., 0]
    assert np.abs(profiled - srgb_encode((RAMP / 255) ** 2.2) * 255).max() <= 1.1


def test_png_primaries_and_code_points_agree() -> None:
    colors = np.array([[[200, 100, 60], [60, 200, 90], [128, 128, 128]]], np.uint8)
    measured, coded = read(png(colors, CHRM)), read(png(colors, (b"cICP", bytes([12, 13, 0, 1]))))
    assert np.abs(measured.pixels().astype(int) - coded.pixels()).max() <= 1
    assert measured.pixels()[0, 0, 0] > 205 and np.abs(measured.pixels()[0, 2].astype(int) - 128).max() <= 1
    assert "P3" in coded.notes[0]
    assert "HDR" in read(png(colors, (b"cICP", bytes([9, 16, 0, 1])))).notes[0]


def test_statements_that_make_no_sense_are_ignored_with_a_note() -> None:
    assert "makes no sense" in read(png(RAMP, gama(0))).notes[0]
    nonsense = (b"cHRM", struct.pack(">8I", *[30_000] * 8))
    colors = np.full((2, 2, 3), 90, np.uint8)
    photo = read(png(colors, nonsense))
    assert np.array_equal(photo.pixels(), colors) and "make no sense" in photo.notes[0]


def test_a_profile_of_measures_says_what_the_real_one_says() -> None:
    corners = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    colors = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    measured = profiles.of_measures(563 / 256, corners, "measured")
    ours = read(saved(Image.fromarray(colors), "PNG", icc_profile=measured)).pixels().astype(int)
    theirs = read(saved(Image.fromarray(colors), "PNG", icc_profile=adobe_rgb())).pixels()
    assert np.abs(ours - theirs).max() <= 1
    assert profiles.is_srgb(profiles.of_measures(None, (*corners[:4], 0.30, 0.60, 0.15, 0.06), "sRGB"))


def test_tiff_transfer_function_and_primaries(tmp_path: Path) -> None:
    table = np.rint((np.arange(256) / 255) ** 1.8 * 65535).astype(np.uint16)
    tifffile.imwrite(tmp_path / "t.tif", RAMP, photometric="minisblack", extratags=[(301, 3, 256, table, True)])
    photo = read(tmp_path / "t.tif")
    assert np.abs(photo.pixels()[..., 0] - srgb_encode((RAMP / 255) ** 1.8) * 255).max() <= 1.5
    assert "TransferFunction" in photo.notes[0]
    pairs = [v for x in P3[2:] for v in (round(x * 10_000), 10_000)]
    colors = np.full((4, 4, 3), (200, 100, 60), np.uint8)
    tifffile.imwrite(tmp_path / "p.tif", colors, photometric="rgb", extratags=[(319, 5, 6, pairs, True)])
    assert np.abs(read(tmp_path / "p.tif").pixels().astype(int) - read(png(colors, CHRM)).pixels()).max() <= 1


def test_adobe_rgb_by_exif() -> None:
    block = Image.Exif()
    block.get_ifd(0x8769)[0xA001] = 65535
    block.get_ifd(0x8769)[0xA005] = {1: "R03"}
    colors = np.full((16, 16, 3), (60, 160, 70), np.uint8)
    options = {"quality": 100, "subsampling": 0}
    plain = read(saved(Image.fromarray(colors), "JPEG", **options)).pixels().astype(int)
    photo = read(saved(Image.fromarray(colors), "JPEG", exif=block, **options))
    same = read(saved(Image.fromarray(colors), "JPEG", icc_profile=adobe_rgb(), **options)).pixels()
    assert "Adobe RGB" in photo.notes[0] and photo.pixels()[0, 0, 0] < plain[0, 0, 0] - 10
    assert np.abs(photo.pixels().astype(int) - same).max() <= 1


def test_a_jpeg_of_rgb_without_ycbcr() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (1, 1, 3)).astype(np.uint8).repeat(16, 0).repeat(16, 1)
    data = saved(Image.fromarray(colors), "JPEG", quality=100, keep_rgb=True)
    assert np.abs(read(data).pixels().astype(int) - colors).max() <= 2


# Floats and other samples


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_floats_of_every_length(tmp_path: Path, dtype: Any, photometric: str) -> None:
    ramp = np.linspace(0, 1, 64).reshape(8, 8).astype(dtype)
    tifffile.imwrite(tmp_path / "f.tif", ramp, photometric=photometric)
    light = 1 - ramp.astype(float) if photometric == "miniswhite" else ramp.astype(float)
    photo = read(tmp_path / "f.tif")
    assert photo.depth == 16 and np.abs(photo.pixels()[..., 0] - light * 65535).max() <= 1


def test_floats_hardly_outside_are_clipped_with_a_note(tmp_path: Path) -> None:
    ramp = np.linspace(-0.02, 1.00003, 64, dtype=np.float32).reshape(8, 8)
    tifffile.imwrite(tmp_path / "f.tif", ramp)
    for photo in (read(tmp_path / "f.tif"), read(ramp)):
        assert np.abs(photo.pixels()[..., 0] - np.clip(ramp, 0, 1) * 65535).max() <= 1
        assert any("clipped" in n for n in photo.notes)


@pytest.mark.parametrize("bits", [6, 10, 12, 14])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite", "rgb"])
def test_odd_depths(tmp_path: Path, bits: int, photometric: str) -> None:
    shape = (9, 11, 3) if photometric == "rgb" else (9, 11)
    dtype: Any = np.uint8 if bits <= 8 else np.uint16
    values = np.random.default_rng(bits).integers(0, 1 << bits, shape).astype(dtype)
    tifffile.imwrite(tmp_path / "odd.tif", values, photometric=photometric, bitspersample=bits)
    white = (1 << bits) - 1
    light = (white - values if photometric == "miniswhite" else values) / white
    photo = read(tmp_path / "odd.tif")
    assert photo.depth == (8 if bits <= 8 else 16)
    assert np.abs(photo.pixels().reshape(shape) / (255 if bits <= 8 else 65535) - light).max() < 0.002


def test_tiled_planes(tmp_path: Path, scene: Array) -> None:
    planes = np.moveaxis(scene, 2, 0).copy()
    tifffile.imwrite(tmp_path / "p.tif", planes, photometric="rgb", planarconfig="separate", tile=(16, 16))
    assert np.array_equal(read(tmp_path / "p.tif").pixels(), scene)


def test_twelve_bits_in_sixteen(tmp_path: Path) -> None:
    ramp = (np.arange(64, dtype=np.uint16) * 65).reshape(8, 8)
    tifffile.imwrite(tmp_path / "m.tif", ramp, photometric="minisblack", extratags=[(281, 3, 1, 4095, True)])
    photo = read(tmp_path / "m.tif")
    assert np.abs(photo.pixels()[..., 0] - ramp / 4095 * 65535).max() <= 1 and "4095" in photo.notes[0]
    ramp[0, 0] = 60_000
    tifffile.imwrite(tmp_path / "m.tif", ramp, photometric="minisblack", extratags=[(281, 3, 1, 4095, True)])
    assert np.array_equal(read(tmp_path / "m.tif").pixels()[..., 0], ramp)


def test_old_style_jpeg_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "o.tif", np.zeros((8, 8), np.uint8), photometric="minisblack")
    data = bytearray((tmp_path / "o.tif").read_bytes())
    at = data.index(struct.pack("<HHI", 259, 3, 1))
    data[at + 8 : at + 10] = struct.pack("<H", 6)
    with pytest.raises(ReadError, match="old-style JPEG"):
        read(bytes(data))


# Pages, previews


def test_previews_masks_and_pyramids_are_no_pages(tmp_path: Path, scene: Array) -> None:
    with tifffile.TiffWriter(tmp_path / "p.tif") as out:
        out.write(scene[::4, ::4], photometric="rgb", subfiletype=1)
        out.write(scene, photometric="rgb", subifds=1)
        out.write(scene[::2, ::2], photometric="rgb", subfiletype=1)
        out.write(scene[..., 0], photometric="minisblack", subfiletype=1)
        out.write(255 - scene, photometric="rgb")
    data = bytearray((tmp_path / "p.tif").read_bytes())
    at = data.rindex(struct.pack("<HHII", 254, 4, 1, 1))
    data[at + 8] = 4  # the last of them is a transparency mask
    (tmp_path / "p.tif").write_bytes(data)
    first, second = read_pages(tmp_path / "p.tif")
    assert np.array_equal(first.pixels(), scene) and np.array_equal(second.pixels(), 255 - scene)
    assert (second.envelope.page, second.envelope.pages) == (2, 2) and "previews" in first.notes[0]
    assert np.array_equal(read(tmp_path / "p.tif", page=2).pixels(), 255 - scene)
    with pytest.raises(ReadError, match="page 3"):
        read(tmp_path / "p.tif", page=3)


def test_pages_of_different_sizes_are_written(tmp_path: Path, scene: Array) -> None:
    pages = [scene, scene[:20, :30], scene[..., :1], scene.astype(np.uint16) * 257]
    envelopes = [Envelope("tiff", dpi=(300, 300), compression=c) for c in ("lzw", "none", "deflate", "deflate")]
    written = write(list(zip(pages, envelopes, strict=True)), tmp_path / "a.tif")
    assert written.depth == 16 and [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    for source in (written.path, write(list(zip(pages, envelopes, strict=True)), None).data):
        for page, array in zip(read_pages(source), pages, strict=True):
            assert np.array_equal(page.pixels(), array) and page.envelope.dpi == (300, 300)
    with tifffile.TiffFile(tmp_path / "a.tif") as theirs:
        assert all(np.array_equal(p.asarray(), a.squeeze()) for p, a in zip(theirs.pages, pages, strict=True))
    with pytest.raises(UsageError, match="one page"):
        write(list(zip(pages, envelopes, strict=True)), None, format="png")


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_named(scene: Array, format: str) -> None:
    frames = [Image.fromarray(scene), Image.fromarray(255 - scene)]
    (photo,) = read_pages(saved(frames[0], format, save_all=True, append_images=frames[1:]))
    assert "only the first picture of the animation was colored" in photo.notes
    assert not read(saved(frames[0], format)).notes


@pytest.mark.parametrize("shape", [(1, 9, 8, 3), (2, 9, 8, 3), (3, 9, 8), (1, 9, 8)])
def test_arrays_shaped_as_tensors_are(shape: tuple[int, ...]) -> None:
    word = "batch" if len(shape) == 4 else "channels first"
    with pytest.raises(UsageError, match=word):
        read(np.zeros(shape, np.uint8))


# Kinds that are named


@pytest.mark.parametrize(
    ("marker", "bits", "word"), [(0xC5, 8, "hierarchical"), (0xC1, 12, "12-bit JPEG"), (0xC3, 8, "lossless JPEG")]
)
def test_kinds_of_jpeg_are_named(scene: Array, marker: int, bits: int, word: str) -> None:
    data = bytearray(saved(Image.fromarray(scene), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, bits
    with pytest.raises(ReadError, match=word) as caught:
        read(bytes(data)).pixels()
    assert "damaged" not in str(caught.value)


def bmp(words: Array, masks: tuple[int, ...], size: int = 56, top_down: bool = False) -> bytes:
    """A BMP of bit fields; each row of `words` is as wide as four bytes allow."""
    h, w = words.shape
    head = struct.pack("<IiiHHIIiiII", size, w, -h if top_down else h, 1, words.itemsize * 8, 3, 0, 0, 0, 0, 0)
    head = (head + struct.pack("<4I", *masks)).ljust(size, b"\0")
    rows = words if top_down else words[::-1]
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + rows.nbytes, 0, 0, 14 + len(head)) + head + rows.tobytes()


@pytest.mark.parametrize("top_down", [False, True])
def test_odd_bit_fields_of_bmp(top_down: bool) -> None:
    rng = np.random.default_rng(0)
    four = rng.integers(0, 1 << 16, (5, 6)).astype(np.uint16)
    photo = read(bmp(four, (0xF00, 0xF0, 0xF, 0xF000), top_down=top_down))
    assert photo.alpha and photo.depth == 8
    expected = np.stack([(four >> s & 15) * 17 for s in (8, 4, 0, 12)], -1)
    assert np.array_equal(photo.pixels(), expected)
    ten = rng.integers(0, 1 << 30, (5, 6)).astype(np.uint32)
    photo = read(bmp(ten, (0x3FF00000, 0xFFC00, 0x3FF, 0), top_down=top_down))
    expected = np.stack([(ten >> s & 1023) for s in (20, 10, 0)], -1) / 1023
    assert photo.depth == 16 and np.abs(photo.pixels() / 65535 - expected).max() < 1e-4
    with pytest.raises(ReadError, match="damaged"):
        read(bmp(ten, (0x3FF00000, 0xFFC00, 0x3FF, 0))[:-9])


def test_kinds_of_bmp_are_named(scene: Array) -> None:
    data = bytearray(saved(Image.fromarray(scene), "BMP"))
    data[30:34] = struct.pack("<I", 5)  # a PNG inside
    with pytest.raises(ReadError, match="kind of BMP"):
        read(bytes(data)).pixels()


def test_calibrated_bmp_headers() -> None:
    words = np.full((4, 4), 0x00804020, np.uint32)
    data = bytearray(bmp(words, (0xFF0000, 0xFF00, 0xFF, 0), size=108))
    data[70:74] = bytes(4)  # calibrated; linear light of sRGB's colors
    points = [(0.4124, 0.2126, 0.0193), (0.3576, 0.7152, 0.1192), (0.1805, 0.0722, 0.9505)]
    data[74:110] = struct.pack("<9i", *(round(v * (1 << 30)) for p in points for v in p))
    data[110:122] = struct.pack("<3I", *[65536] * 3)
    photo = read(bytes(data))
    assert np.abs(photo.pixels()[0, 0] - srgb_encode(np.array([128, 64, 32]) / 255) * 255).max() <= 1.1


# The extra `formats`


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("codec", ["jp2", "j2k"])
def test_jpeg_2000(bits: int, codec: str) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    dtype: Any = np.uint8 if bits == 8 else np.uint16
    values = np.random.default_rng(0).integers(0, 1 << bits, (20, 30, 3)).astype(dtype)
    data = imagecodecs.jpeg2k_encode(values, level=0, bitspersample=bits, codecformat=codec)
    photo = read(data)
    top = 255 if bits == 8 else 65535
    assert photo.envelope.format == "jp2" and photo.depth == (8 if bits == 8 else 16)
    assert np.abs(photo.pixels() / top - values / ((1 << bits) - 1)).max() < 1e-4
    assert np.array_equal(read(data).pixels(), photo.pixels())
    with pytest.raises(ReadError):
        read(data[:40]).pixels()


@pytest.mark.parametrize(("shape", "bits"), [((20, 30), 8), ((21, 30, 3), 8), ((20, 31, 4), 8), ((20, 30, 3), 10)])
def test_jpeg_xl(shape: tuple[int, ...], bits: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    dtype: Any = np.uint8 if bits == 8 else np.uint16
    values = np.random.default_rng(0).integers(0, 1 << bits, shape).astype(dtype)
    data = imagecodecs.jpegxl_encode(values, lossless=True, bitspersample=bits)
    photo = read(data)
    assert photo.envelope.format == "jxl"
    if bits == 8:
        assert np.array_equal(photo.pixels().reshape(shape), values) and photo.notes == ()
    else:  # the encoder takes wide samples for linear light, and the header says so
        assert np.abs(photo.pixels() / 65535 - srgb_encode(values / 1023)).max() < 0.005 and "linear" in photo.notes[0]
    with pytest.raises(ReadError, match="limit"):
        read(data, max_pixels=100)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def test_what_lies_beside_a_jpeg_2000_goes_along_or_is_named(scene: Array) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    data = imagecodecs.jpeg2k_encode(scene, level=0, codecformat="jp2")
    at = data.index(b"jp2h") - 4
    end = at + int.from_bytes(data[at : at + 4], "big")
    stated = _box(b"resc", struct.pack(">4H2b", 11811, 1, 23622, 2, 0, 0))
    iptc = b"\x1c\x02\x78\x00\x05Hello"
    beside = _box(b"uuid", bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38") + iptc) + _box(b"xml ", b"<a>1912</a>")
    header = _box(b"jp2h", data[at + 8 : end] + _box(b"res ", stated))
    photo = read(data[:at] + header + beside + _box(b"uuid", bytes(20)) + data[end:])
    assert photo.envelope.iptc == iptc and photo.envelope.dpi == (300, 300)
    assert photo.envelope.left == ("XML boxes", "UUID boxes")
    written = write([(scene, photo.envelope)], None, format="tiff")
    assert written.data is not None and read(written.data).envelope.iptc == iptc
    assert any("left out: XML boxes, UUID boxes" in note for note in written.notes)
    assert read(data).envelope.left == () and read(data).envelope.dpi is None


def test_compressed_boxes_of_a_jpeg_xl_go_along_or_are_named(scene: Array) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    stream = imagecodecs.jpegxl_encode(scene, lossless=True)
    stream = stream if stream[:2] == b"\xff\x0a" else dict(sniff.boxes(stream))[b"jxlc"]
    block = Image.Exif()
    block[0x010E] = "Grandmother, 1912"
    exif, xmp = bytes(4) + block.tobytes()[6:], b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + _box(b"ftyp", b"jxl \0\0\0\0jxl ")
    packed = [_box(b"brob", k + imagecodecs.brotli_encode(v)) for k, v in ((b"Exif", exif), (b"xml ", xmp))]
    photo = read(head + b"".join(packed) + _box(b"jxlc", stream))
    assert photo.envelope.exif == exif[4:] and photo.envelope.xmp == xmp and photo.envelope.left == ()
    broken = _box(b"brob", b"Exif" + b"no Brotli") + _box(b"jumb", b"c2pa")
    photo = read(head + broken + _box(b"jxlc", stream))
    assert photo.envelope.left == ("compressed metadata", "JUMBF data (such as a C2PA manifest)")
    assert np.array_equal(photo.pixels(), scene)


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_an_animated_jpeg_xl_keeps_its_depth(bits: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    dtype: Any = np.uint8 if bits == 8 else np.uint16
    frames = np.random.default_rng(0).integers(0, 1 << bits, (3, 20, 30, 3)).astype(dtype)
    film, still = (imagecodecs.jpegxl_encode(f, lossless=True, bitspersample=bits) for f in (frames, frames[0]))
    photo = read(film)
    assert photo.depth == (8 if bits == 8 else 16) and np.array_equal(photo.pixels(), read(still).pixels())
    assert any("only the first picture of the animation" in note for note in photo.notes)


@pytest.mark.parametrize("eighths", [False, True])
@pytest.mark.parametrize("animated", [False, True])
def test_the_depth_of_a_jpeg_xl_with_a_preview(eighths: bool, animated: bool) -> None:
    side = [(1, 1), (2, 2), (7, 5)] if eighths else [(0, 1), (3, 2), (55, 12)]
    fields = [(1, 1), (4, 5), (1, 3), (0, 1)]  # 40 x 40, not all as usual
    fields += [(1, 1), (0, 3), (0, 1), (1, 1), *side, (0, 3), *side[1:]]  # a preview whose sides are coded alike
    fields += [(1, 1), (0, 2), (2, 2), (200, 8), (1, 2), (5, 3), (1, 1)] if animated else [(0, 1)]
    fields += [(0, 1), (3, 2), (13, 6)]  # integers of 14 bits
    fields += [(1, 1), (0, 2), (0, 1), (1, 1)]  # no further channels, sRGB
    value = shift = 0
    for number, count in fields:
        value |= number << shift
        shift += count
    header = jxl.header(b"\xff\x0a" + value.to_bytes(64, "little"))
    assert header == jxl.Header(40, 40, 14, False, animated, (1, 13))


def test_what_is_only_read_is_written_as_something_else(scene: Array) -> None:
    assert [output_name(f"a.{e}") for e in ("heic", "jp2", "jxl")] == ["a.color.jpg", "a.color.tif", "a.color.tif"]
    written = write([(scene, Envelope("heic"))], None)
    assert written.format == "jpeg" and "HEIC is read but not written" in written.notes[0]
    with pytest.raises(UsageError, match="read but not written"):
        write([(scene, Envelope("png"))], None, format="heic")


ARITHMETIC = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYU"
    "GBIUFRT/yQALCAAIAAwBAREA/8wABgAQEAX/2gAIAQEAAD8A/wDY7/qGyDBYo5TwKI4p9lpW5Cbw/9k="
)
"""12 x 8, 12 y + 10 x, encoded by cjpeg -arithmetic."""


def test_arithmetic_jpeg_is_read_or_named() -> None:
    try:
        pixels = read(base64.b64decode(ARITHMETIC)).pixels()[..., 0]
    except ReadError as error:  # where libvips was built without it
        assert "arithmetic" in str(error)
    else:
        assert np.abs(pixels - np.add.outer(12.0 * np.arange(8), 10.0 * np.arange(12))).max() < 6


@pytest.mark.parametrize("turn", [1, 6, 3])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_heic_as_pillow_heif_writes_it(tmp_path: Path, turn: int, deep: bool, bands: int) -> None:
    """Rows that libheif pads, 10 bits, and turns, which decoders apply. Where that encoder is installed."""
    encoder = pytest.importorskip("pillow_heif")
    y, x = np.mgrid[0:80, 0:117]
    pixels = np.stack([x + y, x + y, x + y, 255 - x][:bands], -1).squeeze().astype(np.uint8)
    stored = pixels.astype(np.uint16) * 257 if deep else pixels
    stored = np.ascontiguousarray(np.rot90(stored, {1: 0, 6: 1, 3: 2}[turn]))
    mode = {1: "I" if deep else "L", 3: "RGB", 4: "RGBA"}[bands] + (";16" if deep else "")
    file = encoder.from_bytes(mode=mode, size=stored.shape[1::-1], data=stored.tobytes())
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = turn, "abc"
    file.save(tmp_path / "a.heic", quality=-1, exif=exif.tobytes(), chroma=444)
    photo = read(tmp_path / "a.heic")
    assert (photo.depth, photo.alpha, photo.channels) == (16 if deep else 8, bands == 4, bands)
    assert np.abs(photo.pixels().squeeze() / (257 if deep else 1) - pixels).max() <= 2
    written = write([(photo.pixels(), photo.envelope)], tmp_path / "a.jpg")
    kept = read(written.path)
    assert (kept.width, kept.height) == (117, 80) and b"abc" in (kept.envelope.exif or b"")
    assert not any("turned" in note for note in kept.notes)


def test_jpeg_2000_of_many_channels_is_not_decoded(scene: Array) -> None:
    codec = pytest.importorskip("imagecodecs")
    data = codec.jpeg2k_encode(np.dstack([scene[..., 0]] * 6), codecformat="j2k", mct=False)
    with pytest.raises(ReadError, match="6 channels"):
        read(data)


HEIC_HEAD = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + bytes(100)


@pytest.mark.parametrize(
    ("head", "module"), [(HEIC_HEAD, "pi_heif"), (b"\xff\x0a" + bytes(90), "imagecodecs"),
                         (b"\xff\x4f\xff\x51" + bytes(90), "imagecodecs")]
)  # fmt: skip
def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch, head: bytes, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ReadError, match=r"extra `formats`"):
        read(head)


def test_a_broken_heic() -> None:
    pytest.importorskip("pi_heif")
    with pytest.raises(ReadError, match="damaged"):
        read(HEIC_HEAD)


def test_the_pictures_of_these_tests_are_what_they_claim() -> None:
    assert opened(png(RAMP, gama(1.0))).info["gamma"] == 1.0
    assert tifffile.TiffFile(io.BytesIO(saved(Image.fromarray(RAMP), "TIFF"))).pages[0].shape == (1, 256)
