"""Labels that color gives away: sky, plants, water, mountains, snow, and the collection that they make."""

import numpy as np
import pytest
from PIL import Image

from barva.errors import ReadError, UsageError
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
