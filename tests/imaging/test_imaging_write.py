"""What `write` gives back: pixels, depth, envelope; and what it never leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imaging_pictures import adobe_rgb, grey_profile, opened, saved
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from barva.errors import ReadError, UsageError, WriteError
from barva.imaging import Envelope, extension, format_of, profiles, read, read_pages
from barva.imaging.provenance import Provenance, facts, stamp
from barva.imaging.write import Canvas, output_format, write

Array = np.ndarray[Any, Any]
PLAIN = Envelope("array")


def _kind(scene: Array, bands: int, wide: bool) -> Array:
    alpha = (scene[..., :1].astype(int) // 2 + 100).astype(np.uint8)
    array = {1: scene[..., :1], 2: np.dstack([scene[..., :1], alpha]), 3: scene, 4: np.dstack([scene, alpha])}[bands]
    return array.astype(np.uint16) * 257 if wide else array


@pytest.mark.parametrize("format", ["png", "tiff", "jpeg", "webp", "avif", "bmp", "gif"])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_round_trip(scene: Array, tmp_path: Path, format: str, wide: bool, bands: int) -> None:
    array = _kind(scene, bands, wide)
    target = tmp_path / f"photo{extension(format)}"
    written = write([(array, PLAIN)], target, quality=100 if format in ("webp", "jpeg", "avif") else None)
    assert (written.path, written.format, written.size) == (target, format, target.stat().st_size)
    assert [p.name for p in tmp_path.iterdir()] == [target.name], "something was left behind"
    photo = read(target)
    assert (photo.width, photo.height) == (83, 61)
    if format in ("png", "tiff"):
        assert photo.depth == written.depth == (16 if wide else 8) and np.array_equal(photo.pixels(), array)
        assert written.notes == ()
    if wide and format in ("jpeg", "webp", "bmp", "gif"):
        assert written.depth == 8 and "rounded" in written.notes[0]
    if format in ("webp", "bmp") and bands == 3:
        assert np.array_equal(photo.pixels(), scene)
    if format == "jpeg":
        assert photo.alpha is False and any("white" in n for n in written.notes) == (bands in (2, 4))
    if format in ("jpeg", "avif") and bands == 3:
        scale = 257 if photo.depth == 16 else 1
        assert np.abs(photo.pixels() / scale - scene).mean() < 3
    if format == "avif":
        assert photo.envelope.bits == (12 if wide else 8) and photo.alpha == (bands in (2, 4))


def test_rounding_to_8_bits_is_rounding() -> None:
    levels = np.arange(0, 65536, 97, dtype=np.uint16)[None, :, None]
    written = write([(levels, PLAIN)], None, format="bmp")
    assert written.data is not None
    assert np.array_equal(read(written.data).pixels(), np.round(levels / 257))


def test_jpeg_without_alpha_is_filled_with_white() -> None:
    clear = np.zeros((8, 8, 4), np.uint8)
    written = write([(clear, PLAIN)], None, format="jpeg")
    assert written.data is not None and read(written.data).pixels().min() >= 254


def _carried(envelope: Envelope, format: str, scene: Array) -> Any:
    written = write([(scene, envelope)], None, format=format)
    assert written.data is not None
    return written, read(written.data).envelope, opened(written.data)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" tiff:Make="Smena"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x78\x00\x0bGrandmother"


@pytest.mark.parametrize("before", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("after", ["jpeg", "png", "tiff", "webp", "avif"])
def test_the_envelope_is_carried(scene: Array, camera_exif: Any, before: str, after: str) -> None:
    camera_exif[0x0112] = 6 if before != "AVIF" else 1
    xmp: dict[str, Any] = {"xmp": XMP}
    if before == "PNG":
        xmp = {"pnginfo": PngInfo()}
        xmp["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    dpi = {"dpi": (300, 300)} if before in ("JPEG", "PNG", "TIFF") else {}
    # Pillow leaves dates and GPS out of TIFFs: those are made by Barva, and judged by Pillow when `after` is TIFF.
    maker = "JPEG" if before == "TIFF" else before
    photo = read(saved(Image.fromarray(scene), maker, exif=camera_exif, icc_profile=adobe_rgb(), **xmp, **dpi))
    if before == "TIFF":
        photo = read(write([(photo.pixels(), photo.envelope)], None, format="tiff").data)
    written, envelope, picture = _carried(photo.envelope, after, photo.pixels())
    block = picture.getexif()
    assert (block[0x010F], block[0x0110], block[0x0132]) == ("Smena", "8M", "1981:05:09 10:00:00")
    assert block.get(0x0112, 1) == 1, "orientation would be applied twice"
    assert block.get_ifd(0x8769)[0x9003] == "1981:05:09 10:00:00"
    assert block.get_ifd(0x8769)[0x927C] == b"maker's own \x00\x01\x02 note"
    assert block.get_ifd(0x8825)[2] == (50.0, 27.0, 3.5) and block.get_ifd(0x8825)[3] == "E"
    assert envelope.xmp is not None and b'tiff:Orientation="1"' in envelope.xmp and b"Smena" in envelope.xmp
    if dpi:
        assert envelope.dpi is not None and [round(v) for v in envelope.dpi] == [300, 300]
    assert envelope.icc is not None and profiles.is_srgb(envelope.icc)
    assert (read(written.data).width, read(written.data).height) == (photo.width, photo.height)


def test_iptc_is_carried_between_jpeg_and_tiff(scene: Array) -> None:
    photo_envelope = replace(PLAIN, iptc=IPTC)
    for format in ("jpeg", "tiff"):
        _, envelope, _ = _carried(photo_envelope, format, scene)
        assert envelope.iptc is not None and envelope.iptc.startswith(IPTC)
        assert _carried(envelope, "jpeg", scene)[1].iptc.startswith(IPTC)


def test_profiles_come_back_only_if_there_was_one(scene: Array) -> None:
    ours = profiles.srgb()
    other = ours[:-1] + bytes([ours[-1] ^ 0])
    for icc, expected in ((None, None), (adobe_rgb(), ours), (grey_profile(), ours), (other, other)):
        for format in ("jpeg", "png", "tiff", "webp", "avif"):
            assert _carried(replace(PLAIN, icc=icc), format, scene)[1].icc == expected


def test_files_that_said_nothing_say_nothing_afterwards(scene: Array) -> None:
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        photo = read(saved(Image.fromarray(scene), format))
        assert photo.envelope.dpi is None, format
        _, envelope, picture = _carried(photo.envelope, photo.envelope.format, photo.pixels())
        assert (envelope.xmp, envelope.icc, envelope.iptc, envelope.dpi) == (None, None, None, None) or format == "TIFF"
        assert format == "TIFF" or not dict(picture.getexif())


def test_the_thumbnail_of_the_grey_photo_goes(scene: Array) -> None:
    import struct

    ifd1 = struct.pack("<HHHIIHHIIHHIII", 3, 0x0103, 3, 1, 6, 0x0201, 4, 1, 68, 0x0202, 4, 1, 4, 0)
    block = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 6, 26) + ifd1 + b"\xff\xd8\xff\xd9"
    for format in ("jpeg", "png", "webp", "tiff"):
        written, envelope, _ = _carried(replace(PLAIN, exif=block), format, scene)
        assert envelope.exif is None or b"\x01\x02\x04\0\x01\0\0\0" not in envelope.exif
        assert b"\xff\xd8\xff\xd9" not in written.data[:2000]


@pytest.mark.parametrize("order", ["<", ">"])
def test_tags_of_tiffs_of_both_byte_orders(tmp_path: Path, scene: Array, order: Any) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", scene, byteorder=order, description="Grandmother", software="scanner", metadata=None
    )
    photo = read(tmp_path / "a.tif")
    assert np.array_equal(photo.pixels(), scene)
    _, _, picture = _carried(photo.envelope, "jpeg", scene)
    assert (picture.getexif()[0x010E], picture.getexif()[0x0131]) == ("Grandmother", "scanner")
    _, _, picture = _carried(photo.envelope, "tiff", scene)
    assert (picture.getexif()[0x010E], picture.getexif()[0x0131]) == ("Grandmother", "scanner")


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "avif", "tiff"])
def test_what_is_too_long_is_said(scene: Array, camera_exif: Any, format: str) -> None:
    block = Image.Exif()
    block.load(camera_exif.tobytes())
    block.get_ifd(0x8769)[0x927C] = b"m" * 100_000
    packet = stamp(XMP.replace(b"Smena", b"S" * 70_000), Provenance("guided"))
    envelope = replace(PLAIN, exif=block.tobytes()[6:], iptc=b"i" * 70_000, xmp=packet)
    written, back, picture = _carried(envelope, format, scene)
    assert picture.getexif()[0x010F] == "Smena"
    kept = (len(back.exif or b"") > 100_000, back.iptc is not None, len(back.xmp or b"") > 70_000)
    assert kept == (format != "jpeg", format in ("jpeg", "tiff"), format != "jpeg")
    assert len(written.notes) == (format != "tiff")
    assert format != "jpeg" or b"xmpNote:HasExtendedXMP" in (back.xmp or b"")
    assert facts(back.xmp)[0] == Provenance("guided")


def test_a_broken_exif_block_breaks_nothing(scene: Array, camera_exif: Any) -> None:
    block = camera_exif.tobytes()[6:]
    rng = np.random.default_rng(0)
    for _ in range(60):
        broken = bytearray(block)
        for at in rng.integers(0, len(block), 4):
            broken[at] = rng.integers(0, 256)
        for format in ("jpeg", "png", "tiff", "webp"):
            _carried(replace(PLAIN, exif=bytes(broken[: rng.integers(9, len(block) + 1)])), format, scene)


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "packbits", "zstd", "jpeg", None])
def test_tiff_compression_is_kept_if_lossless(scene: Array, compression: str | None) -> None:
    _, envelope, _ = _carried(replace(PLAIN, compression=compression), "tiff", scene)
    assert envelope.compression == ("deflate" if compression in ("jpeg", "zstd", None) else compression)


def test_webp_stays_lossless(scene: Array) -> None:
    envelope = read(saved(Image.fromarray(scene), "WEBP", lossless=True)).envelope
    assert envelope.compression == "lossless"
    assert np.array_equal(read(write([(scene, envelope)], None).data).pixels(), scene)
    lossy = write([(scene, replace(envelope, compression=None))], None)
    assert not np.array_equal(read(lossy.data).pixels(), scene)


@pytest.mark.parametrize("bits", [10, 12])
def test_avif_keeps_its_bits(scene: Array, bits: int) -> None:
    wide = scene.astype(np.uint16) * 257
    written = write([(wide, Envelope("avif", bits=bits))], None, quality=100)
    photo = read(written.data)
    assert (written.depth, photo.envelope.bits, photo.depth) == (bits, bits, 16) and written.notes == ()
    assert np.abs(photo.pixels().astype(int) - wide).mean() < 300


def test_pages(scene: Array, tmp_path: Path, camera_exif: Any) -> None:
    album = [scene, 255 - scene, np.roll(scene, 9, 0)]
    envelope = read(saved(Image.fromarray(scene), "JPEG", exif=camera_exif)).envelope
    write([(page, envelope) for page in album], tmp_path / "album.tif")
    pages = read_pages(tmp_path / "album.tif")
    assert len(pages) == 3 and all(np.array_equal(p.pixels(), a) for p, a in zip(pages, album, strict=True))
    assert Image.open(tmp_path / "album.tif").getexif()[0x010F] == "Smena"
    with pytest.raises(UsageError, match="one page"):
        write([(scene, PLAIN)] * 2, tmp_path / "other.jpg")
    assert not (tmp_path / "other.tif").exists()


def test_pages_keep_their_own_envelopes(scene: Array) -> None:
    def page(n: int) -> tuple[Array, Envelope]:
        block = Image.Exif()
        block[0x010E] = f"page {n}"
        block.get_ifd(0x8769)[0x9003] = f"198{n}:05:09 10:00:00"
        xmp = XMP.replace(b"Smena", b"Page%d" % n) if n != 2 else None
        icc = profiles.srgb() if n != 3 else None
        kept = Envelope("tiff", block.tobytes()[6:], xmp, IPTC + b"%d" % n, icc, (100.0 * n, 72.5))
        return np.roll(scene, n, 0), kept if n != 4 else Envelope("tiff")

    pages = [page(n) for n in (1, 2, 3, 4)]
    for back, (pixels, wanted) in zip(read_pages(write(pages, None).data), pages, strict=True):
        assert np.array_equal(back.pixels(), pixels)
        got = back.envelope
        assert (got.dpi, got.icc) == (wanted.dpi, wanted.icc)
        assert got.xmp == (wanted.xmp.replace(b'"6"', b'"1"') if wanted.xmp else None)
        assert (got.iptc or b"").startswith(wanted.iptc or b"") and (got.iptc is None) == (wanted.iptc is None)
        assert (got.exif is None) == (wanted.exif is None)
        if got.exif and wanted.exif:
            blocks = [Image.Exif() for _ in range(2)]
            for block, data in zip(blocks, (got.exif, wanted.exif), strict=True):
                block.load(data)
            assert [b[0x010E] for b in blocks] == [blocks[1][0x010E]] * 2
            assert [b.get_ifd(0x8769)[0x9003] for b in blocks] == [blocks[1].get_ifd(0x8769)[0x9003]] * 2


def test_formats_by_name(tmp_path: Path) -> None:
    assert [format_of(n) for n in ("a.JPG", "x/y.tiff", ".png", "webp", "jpg", Path("b.avif"))] == [
        "jpeg", "tiff", "png", "webp", "jpeg", "avif"]  # fmt: skip
    assert [extension(f) for f in ("jpeg", "tiff", "avif")] == [".jpg", ".tif", ".avif"]
    for unknown in ("a.xyz", "photo", "", "a.jpg.txt"):
        with pytest.raises(UsageError, match="JPEG, PNG"):
            format_of(unknown)
    assert [output_format(Envelope(f)) for f in ("gif", "array", "bmp", "jpeg")] == ["png", "png", "bmp", "jpeg"]
    assert output_format(Envelope("jpeg"), None, tmp_path / "a.tif") == "tiff"
    assert output_format(Envelope("jpeg"), "webp", tmp_path / "a.tif") == "webp"
    with pytest.raises(UsageError, match="1 to 100"):
        write([(np.zeros((4, 4, 3), np.uint8), PLAIN)], tmp_path / "a.jpg", quality=0)
    assert not list(tmp_path.iterdir())


# What must not happen


def test_nothing_is_overwritten(scene: Array, tmp_path: Path) -> None:
    target = tmp_path / "kept.png"
    target.write_bytes(b"precious")
    with pytest.raises(WriteError, match="exists already"):
        write([(scene, PLAIN)], target)
    with pytest.raises(WriteError, match="the photo itself"):
        write([(scene, PLAIN)], target, source=target)
    assert target.read_bytes() == b"precious" and len(list(tmp_path.iterdir())) == 1
    write([(scene, PLAIN)], target, overwrite=True)
    assert np.array_equal(read(target).pixels(), scene) and len(list(tmp_path.iterdir())) == 1


def test_a_target_that_appears_meanwhile_is_not_overwritten(
    scene: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "race.png"
    import barva.imaging.write as module

    encode = module.encode

    def slow(*args: Any, **options: Any) -> Any:
        result = encode(*args, **options)
        target.write_bytes(b"theirs")
        return result

    monkeypatch.setattr(module, "encode", slow)
    with pytest.raises(WriteError, match="exists already"):
        write([(scene, PLAIN)], target)
    assert target.read_bytes() == b"theirs" and len(list(tmp_path.iterdir())) == 1


def test_without_hard_links(scene: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(95, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write([(scene, PLAIN)], tmp_path / "a.png")
    with pytest.raises(WriteError, match="exists already"):
        write([(scene, PLAIN)], tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png").pixels(), scene) and len(list(tmp_path.iterdir())) == 1


def test_bytes_are_on_the_disk_before_the_name_is(
    scene: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, link = os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda file: (done.append("sync"), sync(file)))
    monkeypatch.setattr(os, "link", lambda *paths: (done.append("link"), link(*paths)))
    write([(scene, PLAIN)], tmp_path / "a.png")
    assert done[:2] == ["sync", "link"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have Unicode names only")
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp", "avif", "gif", "bmp"])
def test_names_that_are_not_utf_8(scene: Array, tmp_path: Path, format: str) -> None:
    folder = tmp_path / os.fsdecode(b"\xe0lbum")
    folder.mkdir()
    target = folder / os.fsdecode(b"caf\xe9" + extension(format).encode())
    write([(scene, PLAIN)], target)
    assert read(target).pixels().shape == scene.shape
    target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
    with pytest.raises(ReadError, match="damaged"):
        read(target).pixels()
    with pytest.raises(ReadError, match=r"plain\.webp is damaged"):  # libvips does not stumble over the name again
        (tmp_path / "plain.webp").write_bytes(b"RIFF\x10\0\0\0WEBPVP8 ")
        read(tmp_path / "plain.webp")


def test_long_names(scene: Array, tmp_path: Path) -> None:
    write([(scene, PLAIN)], tmp_path / ("ж" * 125 + ".png"))


def test_targets_that_cannot_be_written(scene: Array, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for target in (
        tmp_path / "no" / "folder" / "a.png",
        tmp_path,
        tmp_path / "file" / "a.png",
        tmp_path / ("x" * 300 + ".png"),
    ):
        with pytest.raises(WriteError) as caught:
            write([(scene, PLAIN)], target, format="png")
        assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "webp", "avif", "bmp"])
def test_a_full_disk(tmp_path: Path, format: str) -> None:
    code = f"""
import resource, sys
from pathlib import Path
import numpy as np
from barva.errors import WriteError
from barva.imaging import Envelope
from barva.imaging.write import Canvas, write
noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
folder = Path(sys.argv[1])
try:
    write([(noise, Envelope('array'))], folder / 'a{extension(format)}')
except WriteError as error:
    print(error)
try:
    with Canvas(300, 300, 3, 8, memory_limit=0, folder=folder) as canvas:
        canvas.put(0, noise)
except WriteError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.count("cannot be written") == 2, done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("memory", [0, 1 << 30])
@pytest.mark.parametrize(("bands", "depth"), [(1, 8), (2, 16), (3, 8), (3, 16), (4, 8), (4, 16)])
def test_canvas(tmp_path: Path, memory: int, bands: int, depth: int) -> None:
    dtype = np.uint8 if depth == 8 else np.uint16
    whole = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (101, 37, bands), dtype, endpoint=True)
    with Canvas(37, 101, bands, depth, memory_limit=memory, folder=tmp_path) as canvas:
        threads = [threading.Thread(target=canvas.put, args=(y, whole[y : y + 9])) for y in range(0, 101, 9)[::-1]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert canvas.in_memory == (memory > 0) == (not list(tmp_path.iterdir()))
        assert np.array_equal(canvas.array(), whole)
        written = write([(canvas.image(), PLAIN)], None, format="png")
    assert np.array_equal(read(written.data).pixels(), whole)
    assert not list(tmp_path.iterdir())


def test_pages_from_large_canvases(tmp_path: Path, scene: Array) -> None:
    with Canvas(83, 61, 3, 8, memory_limit=0) as one, Canvas(83, 61, 3, 8, memory_limit=0) as two:
        one.put(0, scene)
        two.put(0, 255 - scene)
        write([(one.image(), PLAIN), (two.image(), PLAIN)], tmp_path / "two.tif")
    assert [
        np.array_equal(p.pixels(), a)
        for p, a in zip(read_pages(tmp_path / "two.tif"), (scene, 255 - scene), strict=True)
    ] == [True] * 2
