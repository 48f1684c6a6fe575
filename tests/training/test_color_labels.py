"""Labels that color gives away: sky, plants, water, mountains, snow, and the collection that they make."""

import sys

import numpy as np
import pytest
from PIL import Image

from barva.errors import ReadError, UsageError, WriteError
from barva.training.color_labels import LABELS, label_by_color, write_collection

BLUE, GREEN, GRAY, WHITE = (110, 160, 230), (70, 130, 50), (120, 118, 115), (240, 242, 243)


def landscape(lower=GREEN, upper=BLUE):
    photo = np.full((96, 128, 3), lower, np.uint8)
    photo[:48] = upper
    return photo


def names(labels, row, column=64):
    return LABELS[labels[row, column]]


@pytest.mark.parametrize(
    ("lower", "scene", "expected"),
    [
        (GREEN, "any", "plants"),
        (GREEN, "forest", "tree"),
        (GREEN, "sea", "unlabeled"),
        (GRAY, "mountain", "mountain"),
        (WHITE, "glacier", "snow"),
        (WHITE, "any", "unlabeled"),
    ],
)
def test_what_lies_below_the_sky(lower, scene, expected):
    labels = label_by_color(landscape(lower), scene)
    assert names(labels, 10) == "sky"
    assert names(labels, 53) == expected


def test_water_needs_a_coast_between_it_and_the_sky():
    photo = landscape((105, 155, 225))
    assert not label_by_color(photo, "sea").any()  # blue from edge to edge could be either
    photo[44:52] = GRAY
    labels = label_by_color(photo, "sea")
    assert (names(labels, 10), names(labels, 80)) == ("sky", "water")


def test_clouds_in_the_sky_are_sky_and_a_blue_wall_is_nothing():
    photo = landscape()
    photo[8:24, 40:90] = WHITE
    assert names(label_by_color(photo), 16) == "sky"
    wall = np.full((96, 128, 3), BLUE, np.uint8)
    assert not label_by_color(wall).any()


def test_a_restless_blue_area_is_no_sky():
    photo = landscape()
    rows, columns = np.indices((48, 128)) // 8
    checks = np.where((rows + columns) % 2, 25, -60)[..., None]
    photo[:48] = photo[:48].astype(int) + checks
    assert not (label_by_color(photo)[:48] == LABELS.index("sky")).any()


def test_a_collection_leaves_out_what_color_does_not_label(tmp_path):
    pytest.importorskip("torch")
    from barva.training.masks import build

    photos = tmp_path / "photos" / "deep"
    photos.mkdir(parents=True)
    Image.fromarray(landscape()).save(photos / "meadow.png")
    Image.fromarray(landscape(GRAY, WHITE)).save(photos / "fog.png")
    (photos / "broken.jpg").write_bytes(b"no photo")
    assert write_collection(tmp_path / "photos", tmp_path / "labeled", "any", 10) == 1
    cache = build(tmp_path / "labeled", tmp_path / "cache")
    assert len(cache) == 1
    assert set(np.unique(cache[0][1])) >= {LABELS.index("sky"), LABELS.index("plants")}
    with pytest.raises(UsageError, match="exists"):
        write_collection(tmp_path / "photos", tmp_path / "labeled", "any", 10)


def test_bad_input_leaves_nothing(tmp_path):
    with pytest.raises(UsageError, match="no scene 'desert'"):
        write_collection(tmp_path, tmp_path / "labeled", "desert", 10)
    with pytest.raises(ReadError, match="no folder"):
        write_collection(tmp_path / "nowhere", tmp_path / "labeled", "any", 10)
    with pytest.raises(ReadError, match="labels no photo"):
        write_collection(tmp_path, tmp_path / "labeled", "any", 10)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_is_said_and_leaves_no_collection(tmp_path):
    """A file may not grow over the limit: as on a full disk."""
    import resource
    import signal

    (tmp_path / "photos").mkdir()
    Image.fromarray(landscape()).save(tmp_path / "photos" / "meadow.png")
    old, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        with pytest.raises(WriteError, match="labeled cannot be written: File too large"):
            write_collection(tmp_path / "photos", tmp_path / "labeled", "any", 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert [p.name for p in tmp_path.iterdir()] == ["photos"]


def test_photos_are_found_under_any_name_and_are_upright(tmp_path, monkeypatch):
    """On Windows OpenCV opens no file whose name is outside of the code page."""
    monkeypatch.setattr("cv2.imread", lambda *_: None)
    monkeypatch.setattr("cv2.imwrite", lambda *_: False)
    (tmp_path / "світлини").mkdir()
    turned = Image.fromarray(np.rot90(landscape()).copy())
    exif = turned.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    turned.save(tmp_path / "світлини" / "луг.png", exif=exif)
    assert write_collection(tmp_path / "світлини", tmp_path / "мітки", "any", 10) == 1
    photo = np.array(Image.open(tmp_path / "мітки" / "photos" / "000000.png"))
    assert np.array_equal(photo, landscape())
