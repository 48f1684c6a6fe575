"""A scene paints what it says: the same picture again, another photo scaled, strength and vividness by degrees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import barva
from barva.color import spaces, vivid
from barva.errors import UsageError
from barva.guidance.marks import Box, Guidance, Point, Region, Stroke
from barva.scene import edit
from barva.scene.modalities import Color, Light
from barva.scene.modalities import Region as SceneRegion
from barva.scene.model import Scene, Source, Thing
from barva.scene.picture_modalities import Swatch as SceneSwatch

MARKS = [
    Point((60, 50), "navy", strength=0.5),
    Region(Box(40, 100, 160, 180), "#2a7a8f", vividness=1.4),
    Stroke(((200, 20), (240, 30)), "olive"),
    Region(Box(0, 0, 1, 0.3), vividness=1.8, unit="share"),
]


def ab(result: barva.Result) -> np.ndarray:
    return spaces.fast_rgb_to_lab(result.array())[..., 1:]


def again(result: barva.Result, photo: np.ndarray, method: str = "guided") -> barva.Result:
    """Painted once more, from the scene's text alone."""
    return barva.Colorizer(method).colorize(photo, scene=Scene.from_json(result.scene.to_json()))


@pytest.mark.parametrize("method", ["guided", "levin", "regression"])
def test_the_same_picture_bit_for_bit(method: str, grey: np.ndarray) -> None:
    for settings in ({}, {"strength": 0.6, "vividness": 1.3, "seed": 4, "palette": "navy, #a33"}):
        first = barva.colorize(grey, method=method, guidance=MARKS, **settings)
        second = again(first, grey, method)
        assert np.array_equal(first.array(), second.array())
        assert second.notes == first.notes and second.provenance == first.provenance
        assert second.scene == first.scene


def test_references_swatches_hints_and_variants(grey: np.ndarray, astronaut: np.ndarray, tmp_path: Path) -> None:
    small = astronaut[::4, ::4]
    Image.fromarray(small).save(tmp_path / "r.png")
    swatch = barva.methods.base.Swatch((0, 0, 0.5, 0.5), (0.5, 0.5, 1, 1))
    for references in ([small], [str(tmp_path / "r.png")]):
        one = barva.colorize(grey, method="welsh", references=references, swatches=[swatch])
        assert np.array_equal(one.array(), again(one, grey, "welsh").array())
    one.scene.save(tmp_path / "s.json")
    assert '"picture": "r.png"' in (tmp_path / "s.json").read_text()
    Image.fromarray(small[::-1]).save(tmp_path / "r.png")
    other = barva.colorize(grey, method="welsh", scene=Scene.load(tmp_path / "s.json"))
    assert any("not the photo that the scene was made with" in n for n in other.notes)
    (tmp_path / "r.png").unlink()
    with pytest.raises(barva.ReadError, match="is not there"):
        barva.colorize(grey, method="welsh", scene=Scene.load(tmp_path / "s.json"))
    hints = barva.HintMap(np.full((20, 20, 2), 20, np.float32), np.eye(20, dtype=np.float32))
    one = barva.colorize(grey, hints=hints)
    assert np.array_equal(one.array(), again(one, grey).array())
    with pytest.raises(barva.UsageError, match="a hint map"):
        barva.colorize(grey, scene=one.scene, guidance=MARKS)
    drawn = barva.Colorizer().variants(grey, 2)[1]
    assert np.array_equal(drawn.array(), again(drawn, grey).array())


def test_a_swatch_of_a_box_in_pixels(grey: np.ndarray, astronaut: np.ndarray) -> None:
    scenes = []
    for where in (SceneRegion(Box(128, 96, 256, 192)), SceneRegion(Box(0.5, 0.5, 1, 1), "share")):
        thing = Thing("coat", "coat", modalities=(where, SceneSwatch((0, 0, 0.5, 0.5))))
        scenes.append(Scene((thing,), Source(256, 192)))
    welsh = barva.Colorizer("welsh", references=astronaut[::4, ::4])
    pixels, shares = (welsh.colorize(grey, scene=scene) for scene in scenes)
    assert np.array_equal(pixels.array(), shares.array())
    assert np.array_equal(pixels.array(), again(pixels, grey, "welsh").array())
    assert not np.array_equal(pixels.array(), welsh.colorize(grey).array())


def test_a_scene_remembers_what_references_are_compared_by(grey: np.ndarray, astronaut: np.ndarray) -> None:
    small = np.ascontiguousarray(grey[::4, ::4])
    first = barva.Colorizer("welsh", references=astronaut[::8, ::8], matching="objects").colorize(small)
    second = again(first, small, "welsh")
    assert np.array_equal(first.array(), second.array()) and second.scene == first.scene
    barva.colorize(small, method="levin", scene=first.scene)  # which compares nothing


def test_a_variants_scene_elsewhere(grey: np.ndarray) -> None:
    colorizer = barva.Colorizer()
    scene = colorizer.variants(grey, 2)[1].scene
    other = np.ascontiguousarray(grey[:100, :200])
    assert not np.array_equal(barva.colorize(other, scene=scene).array(), barva.colorize(other).array())
    assert barva.colorize(grey, method="regression", scene=scene).array().shape == (192, 256, 3)
    first, second = colorizer.variants(grey, 2, scene=scene)
    assert np.array_equal(first.array(), again(first, grey).array())
    assert np.array_equal(second.array(), again(second, grey).array())


def test_another_photo(grey: np.ndarray) -> None:
    scene = barva.colorize(grey, guidance=MARKS).scene
    assert not any("another photo" in n for n in barva.colorize(grey, scene=scene).notes)
    for other, said in ((grey[:, ::-1], "another photo"), (grey[:100, :200], "its places were scaled")):
        result = barva.colorize(np.ascontiguousarray(other), scene=scene)
        assert any(said in n for n in result.notes)
        assert result.scene.source is not None and result.scene.source.sha256 != scene.source.sha256  # type: ignore[union-attr]


def test_what_is_known_afterwards(grey: np.ndarray) -> None:
    scene = barva.colorize(grey, guidance=MARKS).scene
    assert scene.source is not None and (scene.source.width, scene.source.height) == (256, 192)
    assert all(thing.all(Light) for thing in scene.things)
    vivid_one = scene.things[-1].all(Color)
    assert [c.origin for c in vivid_one] == ["network"] and 0 < vivid_one[0].confidence < 1
    assert scene.whole.manner.method == "guided"
    off = edit.turn(scene, scene.things[2].id, False)
    assert not np.array_equal(barva.colorize(grey, scene=off).array(), barva.colorize(grey, scene=scene).array())


def test_a_color_beyond_what_can_be_said_is_written_all_the_same(grey: np.ndarray) -> None:
    scene = Scene((Thing("car", "car", modalities=(SceneRegion(Box(0, 0, 60, 60)),)),))
    result = barva.colorize(grey, method="levin", scene=scene)
    gaudy = replace(result, chroma=barva.Chroma(np.full((192, 256, 2), (150, -140), np.float32)))
    (color,) = gaudy.scene.thing("car").all(Color)
    assert color.color.endswith(", 128.0, -128.0)")


def test_what_is_said_beside_a_scene_wins(grey: np.ndarray) -> None:
    scene = barva.colorize(grey, guidance=MARKS[:2], vividness=1.5).scene
    more = barva.colorize(grey, scene=scene, guidance=Point((60, 50), "teal"), vividness=1.0)
    direct = barva.colorize(grey, guidance=[MARKS[1], Point((60, 50), "teal")])
    assert np.array_equal(more.array(), direct.array())


@pytest.mark.parametrize("mark", [Point((60, 70), "#2a7a8f"), Region(Box(20, 50, 100, 90), "#2a7a8f")])
@pytest.mark.parametrize("height", [96, 384])  # px: fewer and more than a method sees
def test_strength_is_the_share_of_the_way(mark: barva.Point | barva.Region, height: int, grey: np.ndarray) -> None:
    from dataclasses import replace

    grey = cv2.resize(grey, (height * 4 // 3, height))
    plain, full = barva.colorize(grey), barva.colorize(grey, guidance=mark)
    assert np.array_equal(barva.colorize(grey, guidance=mark, strength=0).array(), plain.array())
    light = spaces.lightness(np.dstack([grey] * 3)).astype(np.float32)
    lines = [r.model.chroma(light, 0) for r in (plain, full)]
    for result in (
        barva.colorize(grey, guidance=mark, strength=0.25),
        barva.colorize(grey, guidance=replace(mark, strength=0.25)),
        barva.colorize(grey, guidance=replace(mark, strength=0.5), strength=0.5),
    ):
        got = result.model.chroma(light, 0)
        assert np.allclose(got, lines[0] + 0.25 * (lines[1] - lines[0]), atol=1e-3)


def test_strengths_side_by_side(grey: np.ndarray) -> None:
    weak, strong = Region(Box(10, 20, 110, 170), "navy", strength=0.3), Region(Box(140, 20, 240, 170), "navy")
    plain, both = ab(barva.colorize(grey)), ab(barva.colorize(grey, guidance=[weak, strong]))
    full = ab(barva.colorize(grey, guidance=[Region(weak.where, "navy"), strong]))
    here, there = (slice(50, 140), slice(40, 80)), (slice(50, 140), slice(170, 210))
    moved = (both - plain)[here].mean() / (full - plain)[here].mean()
    assert 0.2 < moved < 0.4
    assert np.abs((both - full)[there]).mean() < 0.5


def test_vividness_of_a_region(grey: np.ndarray) -> None:
    plain = barva.colorize(grey)
    told = barva.colorize(grey, guidance=Region(Box(0, 0, 128, 192), vividness=1.5))
    before, after = (r.model.chroma(np.full((192, 256), 50, np.float32), 0) for r in (plain, told))
    assert np.allclose(after[:, :110], before[:, :110] * vivid.factor(1.5), atol=0.2)
    assert np.allclose(after[:, 146:], before[:, 146:], atol=0.2)
    asked = barva.colorize(grey, guidance=Region(Box(0, 0, 128, 192), "navy", vividness=0.5))
    normal = barva.colorize(grey, guidance=Region(Box(0, 0, 128, 192), "navy"))
    pale, full = (np.hypot(*ab(r)[40:150, 20:100].T).mean() for r in (asked, normal))
    assert pale < 0.95 * full
    with pytest.raises(barva.UsageError, match="color"):
        Region(Box(0, 0, 1, 1))
    with pytest.raises(barva.UsageError, match="strength"):
        barva.colorize(grey, strength=2)
    with pytest.raises(barva.UsageError, match="seed"):
        barva.colorize(grey, seed=-1)


def test_recolor_hears_degrees(astronaut: np.ndarray) -> None:
    box = Box(300, 100, 450, 250)
    full, half, none = (
        barva.recolor(astronaut, Region(box, "#607890", strength=s)).array().astype(int) for s in (1, 0.5, 0)
    )
    assert np.array_equal(none, astronaut)
    assert 0.3 < np.abs(half - astronaut).mean() / np.abs(full - astronaut).mean() < 0.7
    pale = barva.recolor(astronaut, Region(box, vividness=0)).array()
    inside = (slice(130, 220), slice(330, 420))
    ratio = [np.hypot(*spaces.fast_rgb_to_lab(x)[inside][..., 1:].T).mean() for x in (pale, astronaut)]
    assert 0.55 < ratio[0] / ratio[1] < 0.7


def test_scenes_are_data() -> None:
    assert hash(Scene()) == hash(Scene()) and Scene() == Scene()
    assert isinstance(Guidance(tuple(MARKS)).coloring, Guidance)


def test_hints_take_the_place_of_a_scenes_hints_and_not_of_its_marks(grey: np.ndarray) -> None:
    ab, weight = np.zeros((8, 8, 2), np.float32), np.zeros((8, 8), np.float32)
    ab[4, 4], weight[4, 4] = (20, 20), 1
    first = barva.colorize(grey, hints=barva.HintMap(-ab, weight))
    second = barva.colorize(grey, scene=first.scene, hints=barva.HintMap(ab, weight))
    assert np.array_equal(second.array(), barva.colorize(grey, hints=barva.HintMap(ab, weight)).array())
    marked = barva.colorize(grey, guidance=Point((5, 5), "red")).scene
    with pytest.raises(UsageError, match="the scene has marks and a hint map"):
        barva.colorize(grey, scene=marked, hints=barva.HintMap(ab, weight))


def test_a_region_of_vividness_alone_hears_strength(grey: np.ndarray) -> None:
    region = Region(Box(2, 2, 30, 30), vividness=2)
    plain = barva.colorize(grey, vividness=1.2)
    assert np.array_equal(barva.colorize(grey, guidance=region, strength=0, vividness=1.2).array(), plain.array())

    def chroma(strength: float) -> float:
        result = barva.colorize(grey, guidance=region, strength=strength, vividness=1.2)
        return float(np.linalg.norm(ab(result)[8:24, 8:24], axis=-1).mean())

    assert chroma(0) < chroma(0.5) < chroma(1)


def test_an_exact_answer_of_a_scene_is_for_methods_that_have_one(grey: np.ndarray) -> None:
    exact = barva.Colorizer("levin", exact=True).colorize(grey, guidance=Point((5, 5), "red"))
    assert exact.scene.whole.manner.exact
    result = barva.colorize(grey, scene=exact.scene)
    assert not result.scene.whole.manner.exact
    assert "guided has no exact answer: the scene's wish for one was left out" in result.notes
