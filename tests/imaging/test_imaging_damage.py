"""Damaged files: refused, never half read, unless salvage is asked for. And files that are made of chance."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest
from imaging_pictures import every_format, saved
from PIL import Image

from barva.errors import BarvaError, ReadError
from barva.imaging import photo as photo_module
from barva.imaging import read
from barva.imaging.vips import load

Array = np.ndarray[Any, Any]

FUZZ_SECONDS = float(os.environ.get("BARVA_FUZZ_SECONDS", "4"))
"""How long the fuzz test runs; set it to 600 for the long run."""


def _whole(data: bytes) -> Array:
    return read(data).pixels()


@pytest.mark.parametrize("kind", sorted(every_format(np.zeros((8, 8, 3), np.uint8))))
def test_cut_off_files_are_refused_at_every_length(scene: Array, kind: str) -> None:
    data = every_format(scene)[kind]
    whole = _whole(data)
    lengths = {len(data) - n for n in (1, 2, 3, 4, 8, 12, 13, 20, 50)} | {len(data) * n // 24 for n in range(1, 24)}
    refused = 0
    for length in sorted(lengths):
        try:
            # A file that lacks only its end mark, or padding, is whole; anything else must be refused.
            assert np.array_equal(_whole(data[:length]), whole), f"half of {kind} was read at {length} of {len(data)}"
        except ReadError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused >= 23


@pytest.mark.parametrize("kind", ["jpeg", "jpeg-progressive", "jpeg-grey", "png", "webp", "gif", "bmp"])
def test_salvage_reads_what_is_left(astronaut: Array, kind: str) -> None:
    data = every_format(astronaut)[kind]
    whole, cut = _whole(data), data[: len(data) * 2 // 3]
    with pytest.raises(ReadError, match="--salvage"):
        _whole(cut)
    photo = read(cut, salvage=True)
    assert any("damaged" in n for n in photo.notes)
    assert photo.pixels().shape[:2] == whole.shape[:2]
    top = slice(212, None) if kind == "bmp" else slice(0, 256)
    error = np.abs(photo.pixels()[top, ..., : photo.bands].astype(int) - whole[top].astype(int))
    assert np.median(error) <= (4 if kind == "jpeg-progressive" else 0)


def test_salvage_of_a_sound_file_says_nothing(scene: Array) -> None:
    for data in every_format(scene).values():
        assert not any("damaged" in n for n in read(data, salvage=True).notes)


def test_salvage_of_nothing(scene: Array) -> None:
    with pytest.raises(ReadError, match="nothing of it can be read"):
        read(every_format(scene)["png"][:30], salvage=True)


def test_a_png_with_a_wrong_checksum_is_refused(scene: Array) -> None:
    data = bytearray(every_format(scene)["png"])
    data[data.index(b"IDAT") + 40] ^= 1
    with pytest.raises(ReadError):
        _whole(bytes(data))


def test_stray_bytes_in_a_jpeg_are_no_damage(scene: Array) -> None:
    data = every_format(scene)["jpeg"]
    at = data.index(b"\xff\xdb")
    assert np.array_equal(_whole(data[:at] + b"\x00\x00\x00" + data[at:]), _whole(data))


@pytest.mark.parametrize("where", [b"\xff\xdb", b"\xff\xc0", b"\xff\xc4", b"\xff\xda"])
def test_stray_bytes_between_the_segments_of_a_jpeg_are_no_damage(scene: Array, where: bytes) -> None:
    data = every_format(scene)["jpeg"]
    at = data.index(where)
    stray = data[:at] + b"\x00\x00\x00" + data[at:]
    assert np.array_equal(_whole(stray), _whole(data))
    assert not read(stray, salvage=True).notes


_SCANS = [{"progressive": True}, {"restart_marker_rows": 1}]


def _damaged_scans(scene: Array, **options: Any) -> tuple[bytes, list[bytes]]:
    """A gray JPEG, and itself with bytes cut out of its scans so that a decoder sees stray ones."""
    data = saved(Image.fromarray(np.tile(scene, (4, 4, 1))).convert("L"), "JPEG", quality=90, **options)
    first = data.index(b"\xff\xda") + 300
    cut = [data[:at] + data[at + 200 :] for at in range(first, len(data) - 600, 61)]
    return data, [one for one in cut if "extraneous" in _warning(one)]


def _warning(data: bytes) -> str:
    """The first one of a strict decoder."""
    vips = load()
    try:
        vips.Image.jpegload_buffer(data, fail_on="warning").avg()
    except vips.Error as error:
        return str(error)
    return ""


@pytest.mark.parametrize("options", _SCANS)
def test_stray_bytes_among_the_scans_of_a_jpeg_are_damage(scene: Array, options: dict[str, Any]) -> None:
    _, damaged = _damaged_scans(scene, **options)
    assert len(damaged) > 3
    for one in damaged:
        with pytest.raises(ReadError, match="damaged"):
            _whole(one)
        assert any("damaged" in note for note in read(one, salvage=True).notes)


@pytest.mark.parametrize("options", _SCANS)
def test_an_oddity_of_a_jpeg_does_not_hide_its_damage(scene: Array, options: dict[str, Any]) -> None:
    data, damaged = _damaged_scans(scene, **options)

    def odd(one: bytes) -> bytes:
        at = one.index(b"JFIF\0") + 5
        return one[:at] + b"\x03" + one[at + 1 :]

    assert np.array_equal(_whole(odd(data)), _whole(data))
    assert not read(odd(data), salvage=True).notes
    with pytest.raises(ReadError, match="damaged"):
        _whole(odd(damaged[0]))
    assert any("damaged" in note for note in read(odd(damaged[0]), salvage=True).notes)


def test_odd_parameters_of_a_sequential_jpeg_are_no_damage(scene: Array) -> None:
    data = bytearray(every_format(scene)["jpeg"])
    whole, at = _whole(bytes(data)), data.index(b"\xff\xda")
    data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") - 2] = 10  # the end of the spectrum
    assert np.array_equal(_whole(bytes(data)), whole)


@pytest.mark.parametrize("kind", ["jpeg", "jpeg-cmyk"])
def test_an_unknown_color_transform_of_adobe_is_no_damage(scene: Array, kind: str) -> None:
    data = every_format(scene)[kind]
    if kind == "jpeg-cmyk":
        at = data.index(b"Adobe") + 11
        usual, odd = data[:at] + b"\x02" + data[at + 1 :], data[:at] + b"\x07" + data[at + 1 :]
    else:
        adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
        usual, odd = data, data[:2] + adobe + b"\x07" + data[2:]
    assert np.array_equal(_whole(odd), _whole(usual))


def test_a_damaged_marker_in_a_jpegs_header_is_damage(scene: Array) -> None:
    data = saved(Image.fromarray(scene), "JPEG", quality=90, restart_marker_rows=1)
    at = data.index(b"\xff\xdd")
    with pytest.raises(ReadError, match="damaged"):
        _whole(data[:at] + b"\x00" + data[at + 1 :])


@pytest.mark.parametrize("turn", [1, 6])
@pytest.mark.parametrize("where", ["before the tables", "before the end"])
def test_stray_bytes_in_a_large_jpeg_are_no_damage(
    scene: Array, monkeypatch: pytest.MonkeyPatch, where: str, turn: int
) -> None:
    turned = Image.Exif()
    turned[0x0112] = turn
    data = saved(Image.fromarray(np.tile(scene, (9, 3, 1))), "JPEG", exif=turned)
    at = data.index(b"\xff\xdb") if where == "before the tables" else len(data) - 2
    stray, whole = data[:at] + bytes(30) + data[at:], _whole(data)
    monkeypatch.setattr(photo_module, "IN_MEMORY", 100)
    monkeypatch.setattr("barva.imaging.files.IN_MEMORY", 100)
    photo = read(stray)
    assert np.array_equal(np.concatenate([s for _, s in photo.strips(50)]), whole)
    assert np.array_equal(np.concatenate([s for _, s in photo.strips(50)]), whole)
    assert np.array_equal(read(stray).shrink(30), read(data).shrink(30))
    with pytest.raises(ReadError, match="damaged"):
        list(read(data[: len(data) // 2]).strips(50))


def test_chance_never_gets_past_our_errors(scene: Array) -> None:
    rng = np.random.default_rng(int(os.environ.get("BARVA_FUZZ_SEED", "0")))
    seeds = list(every_format(scene[:24, :40]).values())
    end, tries = time.monotonic() + FUZZ_SECONDS, 0
    while time.monotonic() < end or tries < 2 * len(seeds):
        data = _mutated(rng, seeds[tries % len(seeds)])
        tries += 1
        try:
            photo = read(data, max_pixels=4_000_000, salvage=bool(rng.integers(0, 2)))
            pixels = photo.pixels()
            assert pixels.shape == (photo.height, photo.width, photo.channels) and pixels.dtype == photo.dtype
            photo.shrink(8)
        except BarvaError as error:
            assert "\n" not in str(error)


def _mutated(rng: np.random.Generator, data: bytes) -> bytes:
    """Bytes flipped (mostly in the header), a run overwritten, cut out or doubled."""
    changed = bytearray(data)
    reach = len(changed) if rng.random() < 0.3 else min(len(changed), 200)
    for _ in range(int(rng.integers(1, 6))):
        at, n = int(rng.integers(0, reach)), int(rng.integers(1, 9))
        kind = rng.integers(0, 4)
        if kind == 0:
            changed[at % len(changed)] = int(rng.integers(0, 256))
        elif kind == 1:
            changed[at : at + n] = bytes(rng.choice([0, 255, 127, 128]) for _ in range(n))
        elif kind == 2:
            del changed[at : at + n]
        else:
            changed[at:at] = changed[at : at + n]
        reach = min(reach, len(changed))
    return bytes(changed)
