"""XMP sidecars go along; what a turn made untrue is patched or named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.archive import sidecar
from barva.errors import WriteError
from barva.imaging.photo import Photo
from barva.imaging.read import read

PACKET = b'<rdf:Description tiff:Orientation="6" xmp:Rating="4" mwg-rs:Name="Anna"/>'


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    Image.fromarray(np.zeros((4, 6), np.uint8)).save(tmp_path / "photo.jpg")
    return read(tmp_path / "photo.jpg")


def names(tmp_path: Path) -> list[str]:
    found, _ = sidecar.sidecars(tmp_path / "photo.jpg", tmp_path / "out" / "photo.color.jpg")
    return [one.target.name for one in found]


def test_both_ways_of_naming(photo: Photo, tmp_path: Path) -> None:
    assert names(tmp_path) == []
    (tmp_path / "photo.jpg.XMP").write_bytes(PACKET)
    assert names(tmp_path) == ["photo.color.jpg.XMP"]
    (tmp_path / "photo.xmp").write_bytes(PACKET)
    (tmp_path / "photo.color.jpg").write_bytes(b"")
    (tmp_path / "photo.txt").write_bytes(b"")
    assert names(tmp_path) == ["photo.color.jpg.XMP", "photo.color.xmp"]


def test_a_sidecar_of_a_raw_file_is_left(photo: Photo, tmp_path: Path) -> None:
    (tmp_path / "photo.xmp").write_bytes(PACKET)
    (tmp_path / "photo.cr2").write_bytes(b"raw")
    found, notes = sidecar.sidecars(tmp_path / "photo.jpg", tmp_path / "photo.color.jpg")
    assert not found
    assert notes == ("photo.xmp was left: it may belong to photo.cr2 as well",)


@pytest.mark.parametrize("turned", [False, True])
def test_statements_are_true_of_the_result(turned: bool, photo: Photo, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg.xmp").write_bytes(PACKET)
    if turned:
        photo = replace(photo, notes=("turned upright (EXIF orientation 6)",))
    found, _ = sidecar.sidecars(tmp_path / "photo.jpg", tmp_path / "photo.color.jpg")
    notes = sidecar.copy(found, photo, overwrite=False)
    written = (tmp_path / "photo.color.jpg.xmp").read_bytes()
    assert written == (PACKET.replace(b'"6"', b'"1"') if turned else PACKET)
    assert any("before the turn" in note for note in notes) == turned
    with pytest.raises(WriteError, match="exists"):
        sidecar.check(found, overwrite=False)
    with pytest.raises(WriteError, match="exists"):
        sidecar.copy(found, photo, overwrite=False)
    assert sidecar.copy(found, photo, overwrite=True) == notes
