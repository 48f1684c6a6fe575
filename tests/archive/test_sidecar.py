"""XMP sidecars go along; what a turn made untrue is patched or named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.archive import sidecar
from barva.cli.app import run
from barva.errors import WriteError
from barva.imaging.photo import Photo
from barva.imaging.read import read

HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
)


def packet(turn: int, size: tuple[int, int] = (4, 6), crop: str = "0.1 0.3 0.4 0.8", mode: int = 1) -> bytes:
    """A sidecar as Lightroom writes it."""
    left, top, right, bottom = crop.split()
    return (
        f'{HEAD} tiff:Orientation="{turn}" xmp:Rating="4" photoshop:ColorMode="{mode}" tiff:ImageWidth="{size[0]}" '
        f'tiff:ImageLength="{size[1]}" crs:CropLeft="{left}" crs:CropTop="{top}" crs:CropRight="{right}" '
        f'crs:CropBottom="{bottom}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


PACKET = packet(6)


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    Image.fromarray(np.zeros((4, 6), np.uint8)).save(tmp_path / "photo.jpg")
    return read(tmp_path / "photo.jpg")


def names(tmp_path: Path) -> list[str]:
    found, _ = sidecar.find_sidecars(tmp_path / "photo.jpg", tmp_path / "out" / "photo.color.jpg")
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
    found, notes = sidecar.find_sidecars(tmp_path / "photo.jpg", tmp_path / "photo.color.jpg")
    assert not found
    assert notes == ("photo.xmp was left: it may belong to photo.cr2 as well",)


TURNED = packet(1, (6, 4), "0.2 0.1 0.7 0.4", 3)


@pytest.mark.parametrize(
    ("turn", "before", "after"),
    [
        (1, packet(6), packet(6, mode=3)),  # the catalog's own turn is still to be done
        (6, packet(6), TURNED),
        (6, packet(1), TURNED.replace(b'Orientation="1"', b'Orientation="8"')),
        (6, packet(3), TURNED.replace(b'Orientation="1"', b'Orientation="6"')),
        (1, packet(1, mode=3), packet(1, mode=3)),
    ],
)
def test_statements_are_true_of_the_result(turn: int, before: bytes, after: bytes, tmp_path: Path) -> None:
    source = Image.fromarray(np.zeros((6, 4), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = turn
    source.save(tmp_path / "photo.jpg", exif=exif)
    photo = read(tmp_path / "photo.jpg")
    (tmp_path / "photo.jpg.xmp").write_bytes(before)
    found, _ = sidecar.find_sidecars(tmp_path / "photo.jpg", tmp_path / "photo.color.jpg")
    assert sidecar.copy(found, photo, "jpeg", overwrite=False) == ()
    assert (tmp_path / "photo.color.jpg.xmp").read_bytes() == after
    with pytest.raises(WriteError, match="exists"):
        sidecar.check(found, overwrite=False)
    with pytest.raises(WriteError, match="exists"):
        sidecar.copy(found, photo, "jpeg", overwrite=False)
    assert sidecar.copy(found, photo, "jpeg", overwrite=True) == ()


def test_what_is_no_packet_is_copied_with_a_note(photo: Photo, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg.xmp").write_bytes(b"<x>" * 3000)
    found, _ = sidecar.find_sidecars(tmp_path / "photo.jpg", tmp_path / "photo.color.jpg")
    (note,) = sidecar.copy(found, photo, "jpeg", overwrite=False)
    assert note.startswith("photo.jpg.xmp: ") and note.endswith(": it was copied as it is")
    assert (tmp_path / "photo.color.jpg.xmp").read_bytes() == b"<x>" * 3000


def test_a_result_of_the_same_stem_does_not_replace_the_sidecar(photo: Photo, tmp_path: Path) -> None:
    (tmp_path / "photo.xmp").write_bytes(PACKET)
    found, notes = sidecar.find_sidecars(tmp_path / "photo.jpg", tmp_path / "photo.png")
    assert not found and "belongs to photo.png as well" in notes[0]


def test_recoloring_takes_sidecars_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.full((40, 60, 3), (90, 120, 60), np.uint8)).save(tmp_path / "photo.png")
    (tmp_path / "photo.png.xmp").write_bytes(PACKET)
    asked = ["recolor", str(tmp_path / "photo.png"), "--region", "box:1,1,30,30=red"]
    assert run(asked) == 0
    written = (tmp_path / "photo.recolored.png.xmp").read_bytes()
    assert b'xmp:Rating="4"' in written
    (tmp_path / "photo.recolored.png").unlink()
    assert run(asked) == 1 and not (tmp_path / "photo.recolored.png").exists()
    assert "photo.recolored.png.xmp exists" in capsys.readouterr().err
    (tmp_path / "photo.CR2").write_bytes(b"raw")
    (tmp_path / "photo.xmp").write_bytes(PACKET)
    assert run([*asked, "--overwrite"]) == 0
    assert "photo.xmp was left" in capsys.readouterr().err
