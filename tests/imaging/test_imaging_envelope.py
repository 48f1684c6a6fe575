"""The envelope: byte for byte where it is still true, patched where it is not, named where it cannot be kept."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from imaging_envelopes import (
    OWNER,
    block,
    camera,
    canon,
    headed,
    jpeg_of,
    longs,
    nikon,
    png_of,
    shorts,
    thumbnail,
    webp_of,
    xmp_of,
)
from imaging_pictures import opened

from barva.imaging import Envelope, exif, read, read_pages
from barva.imaging.metadata import exifpatch, isobmff, jpeg, photoshop, png, riff, splice, xmp
from barva.imaging.metadata.change import Change
from barva.imaging.packet import Packet, PacketError
from barva.imaging.provenance import Provenance, facts, stamp
from barva.imaging.write import write

Array = np.ndarray[Any, Any]
FORMATS = ("jpeg", "png", "webp", "avif", "tiff")
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
MORE_HEAD = b"http://ns.adobe.com/xmp/extension/\0"


@pytest.fixture(scope="module")
def grey() -> Array:
    """(80, 120) uint8."""
    y, x = np.mgrid[0:80, 0:120]
    return (x + y).astype(np.uint8)


@pytest.fixture(scope="module")
def lying(grey: Array) -> Array:
    """(120, 80): orientation 6 makes it upright."""
    return np.ascontiguousarray(np.rot90(grey))


def colored(data: bytes, format: str | None = None) -> tuple[bytes, tuple[str, ...]]:
    """(the file that comes of a gray one, the notes)."""
    photo = read(data)
    pixels = np.repeat(photo.pixels()[..., :1], 3, -1)
    pixels[..., 0] //= 2
    written = write([(pixels, photo.envelope)], None, format=format)
    assert written.data is not None
    return written.data, (*photo.notes, *written.notes)


def exif_segment(data: bytes) -> tuple[int, bytes]:
    return 0xE1, b"Exif\0\0" + data


def segments(data: bytes) -> list[tuple[int, bytes]]:
    listed, at = [], 2
    while data[at + 1] != 0xDA:
        length = struct.unpack_from(">H", data, at + 2)[0]
        listed.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return listed


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    file = io.BytesIO(data)
    return [(k, data[at : at + n]) for k, at, n in png.chunks(file)]


def owner(data: bytes, order: str) -> str:
    """OwnerName of a Canon note, read as Canon's programs do: by offsets from the start of the block or file."""
    found = exif.parse(data) if data[:4] in (b"II*\0", b"MM\0*") and len(data) < 60_000 else None
    assert found is not None
    note = found.sub[exif.EXIF][exif.NOTE].value
    count = struct.unpack_from(order + "H", note)[0]
    for i in range(count):
        tag, _, length, at = struct.unpack_from(order + "HHII", note, 2 + 12 * i)
        if tag == 9:
            return data[at : at + length].rstrip(b"\0").decode()
    raise AssertionError("no owner")


# EXIF


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("places", [("ifd0", "exif", "gps", "ifd1"), ("exif", "gps", "ifd0"), ("ifd0", "ifd1", "exif")])
@pytest.mark.parametrize("gap", [0, 601])
def test_maker_notes_with_absolute_offsets(grey: Array, order: str, places: Any, gap: int) -> None:
    data = camera(order, note=canon(order), places=places, gap=gap)
    assert owner(data, order) == OWNER
    for after in FORMATS:
        file, _ = colored(jpeg_of(grey, exif_segment(data)), after)
        if after == "tiff":  # the note lies in the file where it lay in the block
            assert owner(file, order) == OWNER
            again, _ = colored(file, "jpeg")
            envelope = read(again).envelope
        else:
            envelope = read(file).envelope
        assert envelope.exif is not None and owner(envelope.exif, order) == OWNER


def test_a_block_that_is_still_true_stays_byte_for_byte(grey: Array) -> None:
    data = camera(places=("ifd0", "exif", "interop", "gps"), note=nikon("<"), gap=9)
    file, notes = colored(jpeg_of(grey, exif_segment(data), (0xFE, b"Scanned 1998"), (0xEC, b"Ducky\0\1")))
    assert segments(file)[1:4] == [exif_segment(data), (0xFE, b"Scanned 1998"), (0xEC, b"Ducky\0\1")]
    assert notes == ()


@pytest.mark.parametrize("before", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("after", FORMATS)
def test_unusual_tags_and_types(grey: Array, before: str, after: str) -> None:
    data = camera("<", pointer=9, utf8=True, places=("ifd0", "exif", "gps"))
    make = {"jpeg": jpeg_of(grey, exif_segment(data)), "png": png_of(grey, (b"eXIf", data))}
    make["webp"] = webp_of(grey, (b"EXIF", data))
    file, _ = colored(make[before], after)
    kept = exif.parse(read(file).envelope.exif or b"")
    assert kept.main[0x4746].value == shorts("<", 4)
    assert kept.main[0x010E].value == "Марія".encode() + b"\0"
    assert kept.sub[exif.GPS][2].value == longs("<", 50, 1, 27, 1, 0, 1)


def test_the_thumbnail_goes_and_nothing_else_moves() -> None:
    for places in (("ifd0", "exif", "gps", "ifd1"), ("ifd0", "ifd1", "exif", "gps")):
        data = camera(note=canon("<"), places=places)
        patched = exifpatch.patch(data, Change())
        assert patched is not None and owner(patched, "<") == OWNER
        assert len(patched) <= len(data)
        assert thumbnail() not in patched
        kept, was = exif.parse(patched), exif.parse(data)
        assert kept.main == was.main and kept.sub == was.sub
    assert len(exifpatch.patch(camera(), Change()) or b"") < len(camera()) - len(thumbnail())


@pytest.mark.parametrize("after", ["jpeg", "png", "webp", "tiff"])
def test_statements_about_grey_pixels(grey: Array, after: str) -> None:
    data = camera(grey=True, space=65535)
    file, _ = colored(jpeg_of(grey, exif_segment(data)), after)
    block = exif.parse(read(file).envelope.exif or b"")
    for tag, wanted in ((0x0102, (8, 8, 8)), (0x0106, (2,)), (0x0115, (3,))):
        if after != "tiff":
            assert block.main[tag].value == shorts("<", *wanted)
    assert block.sub[exif.EXIF][0xA001].value == shorts("<", 1)
    assert block.interop[1].value == b"R98\0"


_SRGB_CORNERS = (64, 100, 33, 100, 30, 100, 60, 100, 15, 100, 6, 100)


def exif_of_space(space: int | None, index: bytes, *, order: str = "<", corners: tuple[int, ...] = ()) -> bytes:
    """EXIF that says more of its color space than EXIF's ColorSpace."""
    curve = np.linspace(0, 65535, 256).astype(order + "u2").tobytes()
    main = [(0x0110, 2, b"abc\0"), (0x013E, 5, longs(order, 3127, 10000, 3290, 10000)), (0x8769, 4, "@exif")]
    main += [(0x013F, 5, longs(order, *(corners or _SRGB_CORNERS)))]
    main += [] if corners else [(0x012D, 3, curve)]
    own = [(0xA500, 5, longs(order, 22, 10)), (0xA005, 4, "@interop")]
    own += [(0xA001, 3, shorts(order, space))] if space else []
    return block(order, {"ifd0": main, "exif": own, "interop": [(1, 2, index + b"\0")]}, ["ifd0", "exif", "interop"])


@pytest.mark.parametrize("before", ["jpeg", "png"])
def test_statements_on_tone_that_were_honored_are_gone(grey: Array, before: str) -> None:
    """The pixels are sRGB now: what made them so must not make them so again."""
    statements = {
        "R03": exif_of_space(None, b"R03"),
        "Adobe": exif_of_space(2, b"R98"),
        "curve": exif_of_space(None, b"R98"),
    }
    packet = xmp_of(
        "<exif:ColorSpace>65535</exif:ColorSpace><tiff:WhitePoint><rdf:Seq><rdf:li>3/10</rdf:li></rdf:Seq></tiff:WhitePoint>",
        'exif:Gamma="22/10" tiff:Make="abc"',
    )
    for name, data in statements.items():
        parts = ((0xE1, XMP_HEAD + packet), exif_segment(data))
        texts = ((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet), (b"eXIf", data))
        source = jpeg_of(grey, *parts) if before == "jpeg" else png_of(grey, *texts)
        photo = read(source)
        assert photo.envelope.converted and any("sRGB" in n for n in photo.notes), name
        for after in FORMATS:
            result = read(colored(source, after)[0])
            assert not result.envelope.converted and not any("sRGB" in n for n in result.notes), (name, after)
            kept = exif.parse(result.envelope.exif or b"")
            assert not {0x012D, 0x013E, 0x013F} & kept.main.keys() and 0xA500 not in kept.sub[exif.EXIF]
            assert kept.main[0x0110].value == b"abc\0" and kept.interop[1].value[:3] == b"R98"
            left = result.envelope.xmp or b""
            assert b"WhitePoint" not in left and b"exif:Gamma" not in left and b'tiff:Make="abc"' in left


def test_statements_that_say_srgb_stay(grey: Array) -> None:
    data = exif_of_space(1, b"R98")
    assert read(colored(jpeg_of(grey, exif_segment(data)))[0]).envelope.exif == data
    data = exif_of_space(None, b"R98", corners=_SRGB_CORNERS)
    assert read(colored(jpeg_of(grey, exif_segment(data)))[0]).envelope.exif == data
    data = exif_of_space(None, b"R98", corners=(7, 10, *_SRGB_CORNERS[2:]))  # means nothing for gray, much for colors
    kept = exif.parse(read(colored(jpeg_of(grey, exif_segment(data)))[0]).envelope.exif or b"")
    assert 0x013F not in kept.main and 0x013E in kept.main


@pytest.mark.parametrize("chunk", [(b"gAMA", struct.pack(">I", 100_000)), (b"cICP", bytes((1, 8, 0, 1)))])
def test_png_statements_are_gone(grey: Array, chunk: tuple[bytes, bytes]) -> None:
    source = png_of(grey, chunk, (b"tEXt", b"Title\0linear"))
    assert read(source).envelope.converted
    written, _ = colored(source)
    listed = dict(chunks(written))
    assert not {b"gAMA", b"cHRM", b"cICP"} & listed.keys() and listed[b"tEXt"] == b"Title\0linear"
    assert np.array_equal(read(written).pixels()[..., 1], read(source).pixels()[..., 0])


def test_tiff_statements_are_gone(grey: Array) -> None:
    curve = (np.linspace(0, 1, 256) * 65535).astype(np.uint16)
    out = io.BytesIO()
    extra = [(301, 3, 256, curve.tolist(), True), (318, 5, 2, (3127, 10000, 3290, 10000), True)]
    tifffile.imwrite(out, grey, photometric="minisblack", metadata=None, extratags=extra)
    source = out.getvalue()
    assert read(source).envelope.converted
    written, _ = colored(source)
    with tifffile.TiffFile(io.BytesIO(written)) as theirs:
        assert not {301, 318, 319} & {t.code for t in theirs.pages[0].tags}
    assert np.array_equal(read(written).pixels()[..., 1], read(source).pixels()[..., 0])


def test_nothing_is_invented(grey: Array) -> None:
    """No color space and no resolution where the file states none."""
    data = block("<", {"ifd0": [(0x010F, 2, b"Smena\0"), (0x8769, 4, "@exif")], "exif": [(0x9000, 7, b"0220")]},
                 ("ifd0", "exif"))  # fmt: skip
    for after in FORMATS:
        file, _ = colored(jpeg_of(grey, exif_segment(data), jfif=False), after)
        envelope = read(file).envelope
        kept = exif.parse(envelope.exif or b"")
        assert 0xA001 not in kept.sub[exif.EXIF] and envelope.dpi is None
        if after == "jpeg":
            assert [m for m, _ in segments(file) if 0xE0 <= m <= 0xEF] == [0xE1], "no JFIF header either"
        assert after == "tiff" or not set(kept.main) & {0x011A, 0x011B, 0x0128}
    one = block("<", {"ifd0": [(0x011A, 5, longs("<", 1, 1)), (0x011B, 5, longs("<", 1, 1)),
                               (0x0128, 3, shorts("<", 1))]}, ("ifd0",))  # fmt: skip
    for after in FORMATS:
        file, _ = colored(jpeg_of(grey, exif_segment(one)), after)
        assert read(file).envelope.dpi is None
        if after != "tiff":
            assert exif.parse(read(file).envelope.exif or b"").main[0x0128].value == shorts("<", 1)


def test_resolutions_turn_with_the_picture(lying: Array) -> None:
    data = block("<", {"ifd0": [(0x0112, 3, shorts("<", 6)), (0x011A, 5, longs("<", 200, 1)),
                                (0x011B, 5, longs("<", 100, 1)), (0x0128, 3, shorts("<", 2))]}, ("ifd0",))  # fmt: skip
    for after in FORMATS:
        file, _ = colored(jpeg_of(lying, exif_segment(data), jfif=False), after)
        assert read(file).envelope.dpi == (100, 200), after
    file, _ = colored(png_of(lying, (b"eXIf", data), (b"pHYs", struct.pack(">IIB", 4000, 2000, 1))))
    assert (b"pHYs", struct.pack(">IIB", 2000, 4000, 1)) in chunks(file)


# The turn


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("after", FORMATS)
def test_what_lies_somewhere_lies_there_still(orientation: int, after: str) -> None:
    """A bright mark, and its place in every vocabulary: after the turn each still names it."""
    upright = np.full((80, 120), 40, np.uint8)
    upright[20:30, 84:108] = 250
    stored = _stored(upright, orientation)
    rows, columns = np.nonzero(stored > 200)
    top, left, h, w = rows.min(), columns.min(), np.ptp(rows) + 1, np.ptp(columns) + 1
    height, width = stored.shape
    x, y = (left + w / 2), (top + h / 2)
    body = (
        f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="{width}" stDim:h="{height}" '
        'stDim:unit="pixel"/><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Anna">'
        f'<mwg-rs:Area stArea:x="{x / width}" stArea:y="{y / height}" stArea:w="{w / width}" stArea:h="{h / height}"/>'
        "</rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li MPReg:PersonDisplayName="Anna" '
        f'MPReg:Rectangle="{left / width}, {top / height}, {w / width}, {h / height}"/></rdf:Bag></MPRI:Regions>'
        "</MP:RegionInfo>"
        '<Iptc4xmpExt:ImageRegion><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:RegionBoundary '
        'rdf:parseType="Resource"><Iptc4xmpExt:rbUnit>pixel</Iptc4xmpExt:rbUnit>'
        f"<Iptc4xmpExt:rbX>{left}</Iptc4xmpExt:rbX><Iptc4xmpExt:rbY>{top}</Iptc4xmpExt:rbY>"
        f"<Iptc4xmpExt:rbW>{w}</Iptc4xmpExt:rbW><Iptc4xmpExt:rbH>{h}</Iptc4xmpExt:rbH>"
        "</Iptc4xmpExt:RegionBoundary></rdf:li></rdf:Bag></Iptc4xmpExt:ImageRegion>"
        f"<exif:SubjectArea><rdf:Seq>{''.join(f'<rdf:li>{round(v)}</rdf:li>' for v in (x, y, w, h))}</rdf:Seq>"
        "</exif:SubjectArea>"
        f"<crs:CropTop>{top / height}</crs:CropTop><crs:CropLeft>{left / width}</crs:CropLeft>"
        f"<crs:CropBottom>{(top + h) / height}</crs:CropBottom><crs:CropRight>{(left + w) / width}</crs:CropRight>"
    )
    attributes = (
        f'tiff:Orientation="{orientation}" tiff:ImageWidth="{width}" tiff:ImageLength="{height}" '
        f'exif:PixelXDimension="{width}" exif:PixelYDimension="{height}"'
    )
    packet = xmp_of(body, attributes)
    data = block("<", {
        "ifd0": [(0x0112, 3, shorts("<", orientation)), (0x8769, 4, "@exif")],
        "exif": [(0xA002, 4, longs("<", width)), (0xA003, 4, longs("<", height)),
                 (0x9214, 3, shorts("<", round(x), round(y), w, h)),
                 (0xA214, 3, shorts("<", round(x), round(y)))],
    }, ("ifd0", "exif"))  # fmt: skip
    file, _ = colored(jpeg_of(stored, exif_segment(data), (0xE1, XMP_HEAD + packet)), after)
    photo = read(file)
    assert (photo.width, photo.height) == (120, 80)
    text = (photo.envelope.xmp or b"").decode()

    def number(pattern: str) -> float:
        match = re.search(pattern + r"[^0-9.-]{1,3}([0-9.]+)", text)
        assert match is not None, pattern
        return float(match[1])

    assert [number(f"stArea:{n}") for n in "xywh"] == pytest.approx([0.8, 25 / 80, 0.2, 10 / 80], abs=1e-6)
    assert [number(f"stDim:{n}") for n in "wh"] == [120, 80]
    match = re.search(r'MPReg:Rectangle="([^"]*)"', text)
    assert match is not None
    assert [float(v) for v in match[1].split(",")] == pytest.approx([0.7, 0.25, 0.2, 0.125], abs=1e-6)
    assert [number(f"<Iptc4xmpExt:rb{n}") for n in "XYWH"] == [84, 20, 24, 10]
    assert re.findall(r"<rdf:li>(\d+)</rdf:li>", text) == ["96", "25", "24", "10"]
    crop = [number(f"<crs:Crop{n}") for n in ("Left", "Top", "Right", "Bottom")]
    assert crop == pytest.approx([0.7, 0.25, 0.9, 0.375], abs=1e-6)
    assert [number(n) for n in ("tiff:Orientation", "tiff:ImageWidth", "tiff:ImageLength")] == [1, 120, 80]
    assert [number(f"exif:Pixel{n}Dimension") for n in "XY"] == [120, 80]
    kept = exif.parse(photo.envelope.exif or b"").sub[exif.EXIF]
    assert (kept[0xA002].value, kept[0xA003].value) == (longs("<", 120), longs("<", 80))
    assert (kept[0x9214].value, kept[0xA214].value) == (shorts("<", 96, 25, 24, 10), shorts("<", 96, 25))


def _stored(upright: Array, orientation: int) -> Array:
    """The array that the orientation turns into this one (TIFF 6.0, tag 274)."""
    turned = upright
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned.T if orientation >= 5 else turned)


def test_regions_of_the_upright_picture_stay(lying: Array) -> None:
    body = (
        '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="120" stDim:h="80"/>'
        '<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource"><mwg-rs:Area stArea:x="0.2" stArea:y="0.25"/>'
        "</rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )
    packet = xmp_of(body)
    change = Change(6, (80, 120), (120, 80))
    assert xmp.refresh(packet, change) == packet


@pytest.mark.parametrize("before", ["png", "jpeg", "webp"])
def test_orientation_that_stands_in_xmp_alone(lying: Array, grey: Array, before: str) -> None:
    packet = xmp_of("<tiff:Orientation>6</tiff:Orientation>")
    make = {"png": png_of(lying, (b"iTXt", png.packet(packet))), "jpeg": jpeg_of(lying, (0xE1, XMP_HEAD + packet))}
    make["webp"] = webp_of(lying, (b"XMP ", packet))
    photo = read(make[before])
    assert (photo.width, photo.height) == (120, 80)
    assert np.abs(photo.pixels()[..., 0].astype(int) - grey).mean() < 2
    file, _ = colored(make[before])
    assert xmp.orientation(read(file).envelope.xmp) == 1 and (read(file).width, read(file).height) == (120, 80)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [False, True])
def test_unicode_comments_in_the_order_of_the_file(grey: Array, order: str, wide: bool) -> None:
    text = "Марія".encode("utf-16-le" if order == "<" else "utf-16-be")
    data = block(order, {"ifd0": [(0x8769, 4, "@exif")], "exif": [(0x9286, 7, b"UNICODE\0" + text)]},
                 ("ifd0", "exif"))  # fmt: skip
    pixels = np.dstack([grey] * 3)
    pixels = pixels.astype(np.uint16) * 257 if wide else pixels
    written = write([(pixels, Envelope("jpeg", exif=data))], None, format="tiff")
    assert np.array_equal(tifffile.imread(io.BytesIO(written.data or b"")), pixels)
    kept = exif.parse(read(written.data or b"").envelope.exif or b"")
    code = "utf-16-le" if kept.order == "<" else "utf-16-be"
    assert kept.sub[exif.EXIF][0x9286].value[8:].decode(code) == "Марія" and (wide or kept.order == order)


# XMP


def test_grey_statements_in_xmp(grey: Array) -> None:
    packet = xmp_of(
        "<tiff:BitsPerSample><rdf:Seq><rdf:li>8</rdf:li></rdf:Seq></tiff:BitsPerSample>"
        "<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails><dc:format>image/jpeg</dc:format>",
        'photoshop:ColorMode="1" tiff:SamplesPerPixel="1" tiff:PhotometricInterpretation="1" exif:ColorSpace="65535"',
    )
    file, _ = colored(jpeg_of(grey, (0xE1, XMP_HEAD + packet)), "png")
    text = (read(file).envelope.xmp or b"").decode()
    for wanted in ('ColorMode="3"', 'SamplesPerPixel="3"', 'Interpretation="2"', 'ColorSpace="1"', ">image/png<"):
        assert wanted in text
    assert "Thumbnails" not in text and text.count("<rdf:li>8</rdf:li>") == 3


def test_a_packet_that_is_still_true_stays_byte_for_byte() -> None:
    packet = xmp_of("<dc:title>a &amp; b</dc:title><!-- kept -->", 'tiff:Orientation="1"')
    assert xmp.refresh(packet, Change()) == packet
    stamped = stamp(packet, Provenance("guided"))
    at = packet.index(b"</rdf:RDF>")
    assert stamped.startswith(packet[:at]) and stamped.endswith(packet[at:])


def hostile() -> dict[str, bytes]:
    deep = xmp_of("<tiff:a>" * 3000 + "</tiff:a>" * 3000)
    return {
        "deep": deep,
        "broken": xmp_of("<a>")[:-40],
        "entities": b'<!DOCTYPE a [<!ENTITY b "bbbb">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>',
        "latin": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>\xe9</x:xmpmeta>",
        "many": xmp_of("<tiff:a/>" * 1100),
        "unbound": b"<x:xmpmeta><y:RDF/></x:xmpmeta>",
        "empty": b"   ",
    }


@pytest.mark.parametrize("kind", hostile())
def test_hostile_packets_are_left_as_they_are_with_a_note(
    grey: Array, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("barva.imaging.packet._MAX_ELEMENTS", 1000)  # the real limit takes seconds to reach
    packet = hostile()[kind]
    with pytest.raises(PacketError):
        Packet(packet)
    photo = read(png_of(grey, (b"iTXt", png.packet(packet))))
    kept = replace(photo.envelope, xmp=Provenance("levin").stamp(photo.envelope.xmp))
    written = write([(photo.pixels(), kept)], None)
    assert any("without provenance" in n for n in written.notes)
    assert (b"iTXt", png.packet(packet)) in chunks(written.data or b"")


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_packets_in_other_unicode(code: str) -> None:
    packet = xmp_of("<tiff:Orientation>6</tiff:Orientation><dc:title>Марія</dc:title>").decode().encode(code)
    assert xmp.orientation(packet) == 6
    kept = stamp(packet, Provenance("guided"))
    assert "Марія".encode() in kept and facts(kept)[0] == Provenance("guided")


def test_extended_xmp(grey: Array) -> None:
    body = xmp_of("<dc:description>" + "long " * 20_000 + "</dc:description>")
    digest = hashlib.md5(body).hexdigest().upper()
    main = xmp_of("", f'xmpNote:HasExtendedXMP="{digest}"')
    pieces = [
        (0xE1, MORE_HEAD + digest.encode() + struct.pack(">II", len(body), at) + body[at : at + 60_000])
        for at in range(0, len(body), 60_000)
    ]
    data = jpeg_of(grey, (0xE1, XMP_HEAD + main), *pieces)
    file, notes = colored(data)
    assert [s for s in segments(file) if s[1].startswith(MORE_HEAD)] == pieces and notes == ()
    other, notes = colored(data, "png")
    assert notes == () and b"HasExtendedXMP" not in other and b"long long" in (read(other).envelope.xmp or b"")
    assert Packet(read(other).envelope.xmp or b"").rdf
    cut, notes = colored(jpeg_of(grey, (0xE1, XMP_HEAD + main), pieces[0]), "png")
    assert notes == ("PNG has no place for extended XMP: left out",) and b"HasExtendedXMP" not in cut


def test_extended_xmp_turns_too(lying: Array) -> None:
    body = xmp_of('<MP:Regions><rdf:Bag><rdf:li MPReg:Rectangle="0, 0.5, 0.25, 0.5"/></rdf:Bag></MP:Regions>')
    digest = hashlib.md5(body).hexdigest().upper()
    main = xmp_of("", f'tiff:Orientation="6" xmpNote:HasExtendedXMP="{digest}"')
    piece = (0xE1, MORE_HEAD + digest.encode() + struct.pack(">II", len(body), 0) + body)
    file, notes = colored(jpeg_of(lying, (0xE1, XMP_HEAD + main), piece))
    more = next(c for _, c in segments(file) if c.startswith(MORE_HEAD))
    assert b'"0, 0, 0.5, 0.25"' in more and notes == ("turned upright (XMP orientation 6)",)
    assert hashlib.md5(more[75:]).hexdigest().upper().encode() in (read(file).envelope.xmp or b"")


def test_a_long_packet_goes_into_extended_xmp(grey: Array) -> None:
    packet = stamp(xmp_of("<dc:description>" + "x" * 150_000 + "</dc:description>"), Provenance("guided"))
    written = write([(np.dstack([grey] * 3), Envelope("png", xmp=packet))], None, format="jpeg")
    listed = segments(written.data or b"")
    main = next(c[len(XMP_HEAD) :] for m, c in listed if c.startswith(XMP_HEAD))
    pieces = [c[len(MORE_HEAD) :] for m, c in listed if c.startswith(MORE_HEAD)]
    whole = b"".join(p[40:] for p in pieces)
    assert facts(main)[0] == Provenance("guided") and hashlib.md5(whole).hexdigest().upper().encode() in main
    assert whole in packet and b"x" * 150_000 in whole and written.notes == ()


# PNG's texts


def test_png_texts_stay_as_they_are(grey: Array) -> None:
    utf8 = "Марія Іванівна".encode()
    given = [
        (b"tEXt", b"Title\0Caf\xe9 Mus\xe9e"),
        (b"tEXt", b"Caf\xe9\0a Latin-1 keyword"),
        (b"iTXt", b"Description\0\0\0uk\0" + "Опис".encode() + b"\0" + utf8),
        (b"iTXt", b"Description\0\1\0uk\0\0" + zlib.compress(utf8)),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"long")),
        (b"zTXt", b"Broken\0\0not packed"),
        (b"tIME", b"\x07\xce\1\2\3\4\5"),
        (b"prVt", b"safe to copy"),
    ]
    file, notes = colored(png_of(grey, *given, (b"prVT", b"unsafe"), (b"iDOT", bytes(28))))
    assert [c for c in chunks(file) if c[0] not in (b"IHDR", b"IDAT", b"IEND")] == given
    assert notes == ("left out: the chunk prVT",)
    _, notes = colored(png_of(grey, *given), "jpeg")
    assert notes == ("JPEG has no place for PNG texts (Title, Café, Description, Comment, Broken), the chunk prVt: "
                     "left out",)  # fmt: skip


def raw_profile(kind: str, data: bytes) -> bytes:
    digits = data.hex().encode()
    lines = b"\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    return b"Raw profile type %s\0\0" % kind.encode() + zlib.compress(
        b"\n%s\n%8d\n" % (kind.encode(), len(data)) + lines
    )


@pytest.mark.parametrize("kind", ["exif", "APP1"])
def test_raw_profiles_in_png(lying: Array, kind: str) -> None:
    data = b"Exif\0\0" + camera(orientation=6, size=(80, 120))
    packet = xmp_of("<dc:title>Anna</dc:title>")
    iptc = b"8BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x78\0\x07Mariana"
    file, _ = colored(png_of(lying, (b"zTXt", raw_profile(kind, data)), (b"zTXt", raw_profile("xmp", packet)),
                             (b"zTXt", raw_profile("iptc", iptc))))  # fmt: skip
    photo = read(file)
    assert (photo.width, photo.height, photo.envelope.turn) == (120, 80, 1)
    assert exif.parse(photo.envelope.exif or b"").main[0x0132].value == b"2004:05:09 10:00:00\0"
    assert b"Anna" in (photo.envelope.xmp or b"") and photo.envelope.iptc == b"\x1c\x02\x78\0\x07Mariana"
    other, _ = colored(file, "jpeg")
    assert read(other).envelope.iptc == b"\x1c\x02\x78\0\x07Mariana"


def test_xmp_in_ztxt(grey: Array) -> None:
    packet = xmp_of("<dc:title>Anna</dc:title>")
    file, _ = colored(png_of(grey, (b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(packet))))
    assert read(file).envelope.xmp == packet


# What lies beside


def resource(number: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) & 1)


def test_photoshop_resources(grey: Array) -> None:
    flag, url = resource(0x040A, b"\1"), resource(0x040B, b"https://museum.example/14")
    small = resource(0x040C, b"grey thumbnail" * 10)
    iptc = resource(0x0404, b"\x1c\x02\x78\0\x04Anna")
    data = jpeg_of(grey, (0xED, b"Photoshop 3.0\0" + flag + small + iptc + url))
    file, notes = colored(data)
    assert (0xED, b"Photoshop 3.0\0" + flag + iptc + url) in segments(file) and notes == ()
    page, notes = colored(data, "tiff")
    with tifffile.TiffFile(io.BytesIO(page)) as tif:
        assert bytes(tif.pages[0].tags[34377].value) == flag + url
    assert notes == () and read(page).envelope.iptc == b"\x1c\x02\x78\0\x04Anna"
    again, _ = colored(page, "jpeg")
    assert (0xED, b"Photoshop 3.0\0" + flag + url + iptc) in segments(again)
    _, notes = colored(data, "png")
    assert notes == ("PNG has no place for Photoshop's data, IPTC data: left out",)


def test_paths_turn_with_the_picture(lying: Array) -> None:
    one = 1 << 24

    def path(*points: tuple[float, float]) -> bytes:
        knot = struct.pack(">H", 1) + b"".join(struct.pack(">ii", round(y * one), round(x * one)) for x, y in points)
        return resource(2000, struct.pack(">HH22x", 0, 1) + knot)

    data = block("<", {"ifd0": [(0x0112, 3, shorts("<", 6))]}, ("ifd0",))
    stored = path((0.25, 0.8), (0, 0.5), (0.5, 1))
    file, _ = colored(jpeg_of(lying, exif_segment(data), (0xED, b"Photoshop 3.0\0" + stored)))
    kept = next(c for m, c in segments(file) if m == 0xED).removeprefix(b"Photoshop 3.0\0")
    assert kept == path((1 - round(0.8 * one) / one, 0.25), (0.5, 0), (0, 0.5))


def test_long_photoshop_data_in_several_segments(grey: Array) -> None:
    big = resource(0x0FA0, bytes(range(256)) * 500)
    head = b"Photoshop 3.0\0"
    file, _ = colored(jpeg_of(grey, (0xED, head + big[:60_000]), (0xED, head + big[60_000:120_000]),
                              (0xED, head + big[120_000:])))  # fmt: skip
    parts = [c[len(head) :] for m, c in segments(file) if m == 0xED]
    assert b"".join(parts) == big


def test_other_pictures_behind_the_first(grey: Array) -> None:
    packet = xmp_of("<dc:title>Anna</dc:title>", 'hdrgm:Version="1.0"')
    data = jpeg_of(grey, (0xE1, XMP_HEAD + packet), (0xE2, b"MPF\0II*\0" + bytes(40)))
    for whole in (data + thumbnail(), data + b"\0\0\0\x18ftypmp42" + bytes(99), data):
        file, notes = colored(whole)
        assert b"MPF\0" not in file and b"hdrgm:Version" not in file and b"Anna" in file
        assert any("gain map" in n for n in notes)
        assert thumbnail() not in file
    _, notes = colored(jpeg_of(grey) + b"SEFT trailer")
    assert notes == ("left out: 12 bytes behind the picture",)


def test_content_credentials(grey: Array) -> None:
    manifest = (0xEB, b"JP\0\1\0\0\0\1\0\0\0\x20jumb" + bytes(40))
    packet = xmp_of("", 'dcterms:provenance="self#jumbf=/c2pa/urn:uuid:1"')
    data = jpeg_of(grey, manifest, (0xE1, XMP_HEAD + packet))
    file, notes = colored(data)
    assert manifest in segments(file) and b"self#jumbf" in file
    assert notes == ("the C2PA manifest was carried over as it is: it no longer fits the pixels",)
    other, notes = colored(data, "png")
    assert b"self#jumbf" not in other and any("the C2PA manifest" in n for n in notes)
    file, notes = colored(png_of(grey, (b"caBX", b"manifest")))
    assert (b"caBX", b"manifest") in chunks(file) and any("no longer fits" in n for n in notes)


def test_webp_chunks(grey: Array) -> None:
    data = camera(places=("ifd0", "exif"))
    packet = xmp_of("<dc:title>Anna</dc:title>")
    file, notes = colored(webp_of(grey, (b"EXIF", data), (b"XMP ", packet), (b"ABCD", b"odd")))
    listed = [(k, file[at : at + n]) for k, at, n in riff.chunks(io.BytesIO(file))]
    assert listed[0][0] == b"VP8X" and listed[0][1][0] & 0x0C == 0x0C
    assert listed[-3:] == [(b"EXIF", data), (b"XMP ", packet), (b"ABCD", b"odd")] and notes == ()
    assert struct.unpack_from("<I", file, 4)[0] == len(file) - 8
    assert opened(file).size == (120, 80)


def test_avif_items_are_read_by_others(grey: Array) -> None:
    data, packet = camera(places=("ifd0", "exif", "gps")), xmp_of("<dc:title>Anna</dc:title>")
    file, _ = colored(jpeg_of(grey, exif_segment(data), (0xE1, XMP_HEAD + packet)), "avif")
    picture = opened(file)
    picture.load()
    assert picture.info["exif"].removeprefix(b"Exif\0\0") == data and picture.info["xmp"] == packet
    assert read(file).envelope.exif == data


# TIFF


def test_tags_of_tiffs(tmp_path: Path, grey: Array) -> None:
    geo = [
        (33550, "d", 3, (2.0, 2.0, 0.0), True),
        (33922, "d", 6, (0, 0, 0, 5e5, 4.6e6, 0), True),
        (34735, "H", 8, (1, 1, 0, 1, 1024, 0, 1, 1), True),
        (285, "s", 0, "verso", True),
        (316, "s", 0, "scan-pc", True),
        (0x4749, "H", 1, 75, True),
        (42113, "s", 0, "-9999", True),
    ]
    for order in ("<", ">"):
        for big in (False, True):
            name = tmp_path / f"a{ord(order)}{big}.tif"
            tifffile.imwrite(name, grey, photometric="minisblack", metadata=None, byteorder=order, bigtiff=big,
                             extratags=geo)  # fmt: skip
            file, notes = colored(name.read_bytes())
            with tifffile.TiffFile(io.BytesIO(file)) as tif:
                tags = tif.pages[0].tags
                assert tags[33550].value == (2, 2, 0) and tags[33922].value == (0, 0, 0, 5e5, 4.6e6, 0)
                assert (tags[285].value, tags[316].value, tags[0x4749].value) == ("verso", "scan-pc", 75)
                assert tags[42113].value == "-9999" and tags[282].value == (1, 1) and tags[296].value == 1
            assert notes == ()
            other, notes = colored(name.read_bytes(), "jpeg")
            assert notes == ("JPEG has no place for GeoTIFF data: left out",)
            kept = exif.parse(read(other).envelope.exif or b"").main
            assert kept[285].value == b"verso\0" and 33550 not in kept


def test_pages_keep_their_own_tags_and_notes(grey: Array, tmp_path: Path) -> None:
    pages = []
    for n in (1, 2, 3):
        data = camera("<", note=canon("<"), gap=n)
        pages.append(
            (np.dstack([np.roll(grey, n, 0)] * 3), Envelope("tiff", exif=data, xmp=xmp_of(f"<dc:a>{n}</dc:a>")))
        )
    write(pages, tmp_path / "a.tif")
    for n, (photo, (pixels, _)) in enumerate(zip(read_pages(tmp_path / "a.tif"), pages, strict=True), 1):
        assert np.array_equal(photo.pixels(), pixels) and b"<dc:a>%d<" % n in (photo.envelope.xmp or b"")
        kept = exif.parse(photo.envelope.exif or b"")
        assert kept.main[0x0110].value == b"Canon 100\0" and OWNER.encode() in kept.sub[exif.EXIF][exif.NOTE].value
    tifffile.imread(tmp_path / "a.tif")


@pytest.mark.parametrize("wide", [False, True])
def test_pages_of_different_sizes_keep_their_own_too(grey: Array, tmp_path: Path, wide: bool) -> None:
    """Byte orders, maker's notes, GPS, packets and paths of each page, whatever the page before it has."""
    pages = []
    for n, order in enumerate("<><"):
        data = camera(order, note=canon(order), gap=n)
        pixels = np.dstack([grey[: 80 - 20 * n]] * 3)
        pixels = pixels.astype(np.uint16) * 257 if wide and n == 1 else pixels
        packet = xmp_of(f"<dc:a>{n}</dc:a>")
        pages.append((pixels, Envelope("tiff", exif=data, xmp=packet, iptc=b"\x1c\2\5\0\1%d" % n, dpi=(300 + n, 300))))
    written = write(pages, tmp_path / "a.tif")
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"] and written.depth == (16 if wide else 8)
    for n, (photo, (pixels, _)) in enumerate(zip(read_pages(tmp_path / "a.tif"), pages, strict=True)):
        assert np.array_equal(photo.pixels(), pixels) and b"<dc:a>%d<" % n in (photo.envelope.xmp or b"")
        assert photo.envelope.iptc == b"\x1c\2\5\0\1%d" % n and photo.envelope.dpi == (300 + n, 300)
        kept = exif.parse(photo.envelope.exif or b"")
        assert kept.main[0x0110].value == b"Canon 100\0" and exif.GPS in kept.sub and kept.interop
        assert OWNER.encode() in kept.sub[exif.EXIF][exif.NOTE].value
    with tifffile.TiffFile(tmp_path / "a.tif") as theirs:
        assert all(np.array_equal(p.asarray(), a) for p, (a, _) in zip(theirs.pages, pages, strict=True))
        assert all(p.tags["ExifTag"].value["FNumber"] == (28, 10) for p in theirs.pages)


def test_a_note_does_not_disturb_the_pixels(tmp_path: Path) -> None:
    """Strips that lie where the note has to lie are moved: many strips, both depths, odd and far places."""
    noise = np.random.default_rng(3).integers(0, 256, (700, 300, 3), np.uint8)
    for pixels in (noise, noise.astype(np.uint16) * 257):
        for gap in (0, 5000, 200_001):
            data = camera(">", note=canon(">"), gap=gap)
            envelope = Envelope("tiff", exif=data, compression="none")
            written = write([(pixels, envelope)], None)
            assert np.array_equal(tifffile.imread(io.BytesIO(written.data or b"")), pixels)
            assert np.array_equal(read(written.data or b"").pixels(), pixels)
            note = exif.parse(read(written.data or b"").envelope.exif or b"").note_at
            assert note == exif.parse(data).note_at


# Broken files: a note, never an exception


@pytest.mark.parametrize("after", FORMATS)
def test_a_broken_block_is_noted(grey: Array, after: str) -> None:
    file, notes = colored(jpeg_of(grey, exif_segment(b"not EXIF at all")), after)
    assert any("EXIF block is broken" in n for n in notes)
    assert after == "tiff" or b"not EXIF at all" in file


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_parsers_take_anything(data: bytes) -> None:
    change = Change(6, (80, 120), (120, 80))
    for head in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        exifpatch.patch(head + data, change)
        exifpatch.orientation(head + data)
        exif.resolution(head + data)
    xmp.refresh(data, change)
    jpeg.take(b"\xff\xd8" + data)
    jpeg.take(b"\xff\xd8\xff\xda\0\2" + data)
    for file in (b"\x89PNG\r\n\x1a\n" + data, b"RIFF\0\0\0\0WEBP" + data, data):
        png.take(io.BytesIO(file))
        riff.take(io.BytesIO(file))
        isobmff.take(io.BytesIO(file))
    list(photoshop.resources(b"8BIM" + data))
    png.profile(data)
    photoshop.trim(b"\x1c" + data)


def test_mutated_blocks_and_packets_never_raise(grey: Array) -> None:
    rng = np.random.default_rng(5)
    whole = camera(note=canon("<"), grey=True, orientation=6, size=(80, 120))
    packet = xmp_of('<tiff:Orientation>6</tiff:Orientation><exif:SubjectArea><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2'
                    '</rdf:li></rdf:Seq></exif:SubjectArea>', 'tiff:ImageWidth="80"')  # fmt: skip
    pixels = np.dstack([grey] * 3)
    for _ in range(120):
        data, text = bytearray(whole), bytearray(packet)
        for at in rng.integers(0, len(data), rng.integers(1, 6)):
            data[at] = rng.integers(0, 256)
        for at in rng.integers(0, len(text), 3):
            text[at] = rng.integers(0, 256)
        after = FORMATS[rng.integers(0, 5)]
        envelope = Envelope(FORMATS[rng.integers(0, 5)], exif=bytes(data[: rng.integers(8, len(data))]),
                            xmp=bytes(text), size=(80, 120), turn=6)  # fmt: skip
        written = write([(pixels, envelope)], None, format=after)
        assert read(written.data or b"").pixels().shape == (80, 120, 3)


@pytest.mark.parametrize(("start", "end", "new"), [(5, 5, b"new"), (5, 9, b""), (0, 3, b"abc"), (7, 9, b"x" * 3000)])
def test_splice(monkeypatch: pytest.MonkeyPatch, start: int, end: int, new: bytes) -> None:
    monkeypatch.setattr(splice, "_PIECE", 100)
    data = bytes(range(256)) * 9
    file = io.BytesIO(data)
    splice.replace(file, start, end, new)
    assert file.getvalue() == data[:start] + new + data[end:]


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool judges")
def test_exiftool_has_nothing_new_to_complain_of(grey: Array, tmp_path: Path) -> None:
    makers = {
        "Canon": canon,
        "OLYMPUS OPTICAL CO.,LTD": lambda o: headed(o, b"OLYMP\0\1\0", 0x0207),
        "Panasonic": lambda o: headed(o, b"Panasonic\0\0\0", 0x0025),
        "SONY": lambda o: headed(o, b"SONY DSC \0\0\0", 0xB020),
        "NIKON CORPORATION": nikon,
    }
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for make, note in makers.items():
        for order in "<>":
            data = camera(order, make=make, note=note(order), gap=len(make) * 7)
            file = jpeg_of(grey, exif_segment(data))
            name = f"{make[:3]}{ord(order)}"
            (tmp_path / "in" / f"{name}.jpg").write_bytes(file)
            for after in FORMATS:
                (tmp_path / "out" / f"{name}.{after}").write_bytes(colored(file, after)[0])

    def judged(folder: str) -> dict[str, dict[str, Any]]:
        command = ["exiftool", "-j", "-a", "-G4", "-q", "-q", "-validate", "-Warning", "-Error"]
        command += ["-OwnerName", "-CameraID", "-Quality", "-Model", "-GPSLatitude", str(tmp_path / folder)]
        listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        return {Path(entry.pop("SourceFile")).name: entry for entry in listed}

    before, after = judged("in"), judged("out")
    assert len(before) == 10 and len(after) == 50
    for name, judgement in after.items():
        wanted = before[f"{name.partition('.')[0]}.jpg"]
        if name.endswith(".tiff"):  # what the Exif standard allows in a TIFF is less, and no reason to drop it
            judgement, wanted = (
                {k: v for k, v in d.items() if not re.search("Warning|Validate", k)} for d in (judgement, wanted)
            )
        assert judgement == wanted, name
