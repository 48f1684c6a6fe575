"""What is found in photos: their objects, the parts of people, what clicks select; and photos of nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import barva
from barva import photos
from barva.cli import overlay
from barva.color import spaces
from barva.engine.prepare.objects import objects_of
from barva.errors import UsageError
from barva.imaging.read import read
from barva.perception import instances, network, objects, selection
from barva.perception.classes import CLASSES, NUMBER
from barva.perception.edges import refine_mask
from barva.runtime.encoder import STRIDE
from barva.scene.detection import Detection
from barva.scene.modalities import Light, Region
from barva.scene.model import WHOLE, Scene


def light_of(name: str) -> np.ndarray:
    return np.ascontiguousarray(spaces.fast_rgb_to_lab(photos.photo(name))[..., 0])


@pytest.fixture(scope="module")
def features() -> network.Features:
    return network.shared_network().features(light_of("astronaut"))


def test_probabilities_are_those_of_the_classes(features: network.Features) -> None:
    assert features.classes.shape[0] == len(CLASSES)
    assert np.allclose(features.classes.sum(axis=0), 1, atol=1e-4)
    assert features.cells == (80, 80)


def test_a_portrait_has_a_person_with_a_face() -> None:
    scene = barva.perceive(photos.photo("astronaut"))
    person = next(t for t in scene.things if t.kind == "person")
    parts = {t.kind: t for t in scene.parts(person.id)}
    assert "face" in parts
    (region,) = parts["face"].all(Region)
    levels = region.shape.levels()
    rows, columns = np.nonzero(levels > 127)
    middle = rows.mean() / levels.shape[0], columns.mean() / levels.shape[1]
    assert abs(middle[0] - 0.23) < 0.08 and abs(middle[1] - 0.43) < 0.08
    (light,), (detection,) = parts["face"].all(Light), parts["face"].all(Detection)
    assert 40 < light.mean < 95 and 0.3 < detection.confidence <= 1


def test_a_scene_of_objects_is_written_and_read(tmp_path: Path) -> None:
    scene = barva.perceive(photos.photo("chelsea"))
    assert any(t.kind == "cat" for t in scene.things)
    scene.save(tmp_path / "cat.json")
    assert Scene.load(tmp_path / "cat.json") == scene


@pytest.mark.parametrize(
    "light",
    [
        np.full((1, 1), 50, np.float32),
        np.full((300, 400), 95, np.float32),
        np.zeros((3, 900), np.float32),
        np.random.default_rng(0).uniform(0, 100, (64, 64)).astype(np.float32),
    ],
)
def test_photos_of_nothing_have_scenes(light: np.ndarray) -> None:
    scene = objects.perceive(light)
    assert scene.things[0].id == WHOLE
    assert all(t.all(Region) for t in scene.things[1:])


def test_the_same_photo_has_the_same_scene() -> None:
    light = light_of("rocket")
    assert objects.perceive(light) == objects.perceive(light)


def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(barva.WeightsError, match=r"perception\.(json|onnx)"):
        network.PerceptionNetwork(tmp_path).features(light_of("rocket"))


def test_a_click_selects_and_another_outside_takes_away(features: network.Features) -> None:
    light, net = light_of("astronaut"), network.shared_network()
    mask = selection.select_object(net, features, light, [(0.43, 0.22)])
    assert mask.shape == light.shape and mask[113, 220] > 0.5 and mask[20, 490] < 0.5
    less = selection.select_object(net, features, light, [(0.43, 0.22)], [(0.4, 0.8)])
    assert less[410, 205] < max(mask[410, 205], 0.5)


def test_a_mask_follows_the_edge_of_the_light() -> None:
    light = np.full((160, 160), 20, np.float32)
    light[:, 83:] = 80
    cells = np.zeros((40, 40), np.float32)
    cells[:, 20:] = 1  # the border is 3 px off
    refined = refine_mask(cells, light)
    assert (refined[40:120, 84:] > 0.5).all() and (refined[40:120, :82] < 0.5).all()


def two_people() -> network.Features:
    """A face, clothes below it; and once more beside it, touching."""
    classes = np.full((len(CLASSES), 40, 60), 0.001, np.float32)
    classes[NUMBER["other"]] = 0.5
    for left in (10, 30):
        classes[NUMBER["clothing"], 18:40, left : left + 20] = 0.9
        classes[NUMBER["face"], 8:18, left + 6 : left + 14] = 0.9
    return network.Features(
        classes / classes.sum(axis=0), np.zeros((1, 64, 40, 60), np.float32), np.zeros((1, 48, 20, 30), np.float32)
    )


def test_people_who_touch_are_told_apart_by_their_heads() -> None:
    found = instances.find_instances(two_people(), network.shared_network())
    people = [i for i in found if i.kind == "person"]
    assert len(people) == 2
    left, right = sorted(people, key=lambda i: np.nonzero(i.cells)[1].mean())
    assert not (left.cells & right.cells).any()
    assert left.cells[30, 15] and right.cells[30, 45]
    parts = {i.kind for i in instances.parts_of_person(left.cells, two_people().classes)}
    assert parts == {"face", "clothing"}


def test_a_photo_is_seen_at_sides_that_the_network_takes() -> None:
    for height, width in ((1, 1), (320, 320), (1080, 1920), (10, 4000), (4000, 10)):
        rows, columns = network.seen_size(height, width)
        assert rows % STRIDE == 0 == columns % STRIDE
        assert max(rows, columns) <= 3 * network.SHORT


def test_an_overlay_shows_each_thing() -> None:
    photo = read(photos.photo("astronaut"))
    scene = objects_of(photo)
    drawn = overlay.draw(photo, scene, [thing.id for thing in scene.parts(WHOLE)])
    assert drawn.shape == (512, 512, 3) and drawn.dtype == np.uint8
    assert np.ptp(drawn.astype(int), axis=2).max() > 40  # colors
    assert np.ptp(overlay.draw(photo, scene, []).astype(int), axis=2).max() == 0


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "much", None, True])
def test_a_detection_is_a_share(value: object) -> None:
    with pytest.raises(UsageError, match="confidence"):
        Detection(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(100, 1000), (500, 4000), (4000, 300)])
def test_a_drawing_is_as_large_as_is_said(size: tuple[int, int]) -> None:
    photo = read(np.zeros(size, np.uint8))
    scale = min(1, overlay.LONGEST / max(size))
    drawn = overlay.draw(photo, Scene.of(photo), [])
    assert drawn.shape == (round(size[0] * scale), round(size[1] * scale), 3)
