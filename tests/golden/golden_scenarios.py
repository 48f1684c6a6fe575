"""The scenarios of the golden pictures: each makes one picture through the public API alone, so that they hold whatever
the inner parts are called."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import barva
from barva.methods.base import Swatch

Picture = np.ndarray

SCENARIOS: dict[str, Callable[[], Picture]] = {}


def scenario(make: Callable[[], Picture]) -> Callable[[], Picture]:
    SCENARIOS[make.__name__] = make
    return make


@cache
def example(name: str, width: int = 160) -> Picture:
    """One of the example photos of the package in color, (H, W, 3)."""
    path = Path(barva.__file__).parent / "photos" / f"{name}.jpg"
    photo = Image.open(path).convert("RGB")
    return np.asarray(photo.resize((width, round(photo.height * width / photo.width)), Image.Resampling.LANCZOS))


@cache
def grey(name: str = "astronaut", width: int = 160) -> Picture:
    return np.asarray(Image.fromarray(example(name, width)).convert("L"))


@cache
def drawn(width: int = 150, height: int = 100) -> Picture:
    """A drawn photo: bright sky, dark ground, a ball with a shaded side, grain. Gray, uint8."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    horizon = 0.6 * height
    light = np.where(y < horizon, 210 - 30 * y / horizon, 90 + 20 * (y - horizon) / (height - horizon))
    r = np.hypot(x - 0.4 * width, y - 0.55 * height) / (0.22 * height)
    ball = 170 - 90 * np.clip((x - 0.4 * width) / (0.22 * height) + 0.3, 0, 1)
    light = np.where(r < 1, ball, light)
    return np.clip(light + np.random.default_rng(7).normal(0, 3, light.shape), 0, 255).astype(np.uint8)


@cache
def colorizer(method: str = "guided") -> Any:
    return barva.Colorizer(method, threads=2)


def ball(height: int = 100, width: int = 150) -> barva.Mask:
    y, x = np.mgrid[:height, :width]
    return barva.Mask.of(np.hypot(x - 0.4 * width, y - 0.55 * height) < 0.2 * height)


def painted(photo: Picture, method: str = "guided", **wanted: Any) -> Picture:
    return np.asarray(colorizer(method).colorize(photo, **wanted).array())


def _plain(method: str) -> None:
    def make() -> Picture:
        return painted(grey(), method)

    make.__name__ = f"plain_{method}"
    scenario(make)


for _name in ("guided", "regression", "classes", "gan", "cyclegan"):
    _plain(_name)


@scenario
def coffee() -> Picture:
    return painted(grey("coffee"))


@scenario
def cat() -> Picture:
    return painted(grey("chelsea"))


@scenario
def drawn_photo() -> Picture:
    return painted(drawn())


@scenario
def one_point() -> Picture:
    return painted(drawn(), guidance=barva.Point((60, 55), "crimson"))


@scenario
def several_points() -> Picture:
    at = {(60, 55): "crimson", (20, 15): "skyblue", (130, 20): "skyblue", (20, 90): "olive", (130, 90): "olive"}
    return painted(drawn(), guidance=[barva.Point(p, color) for p, color in at.items()])


@scenario
def point_on_a_photo() -> Picture:
    return painted(grey(), guidance=barva.Point((60, 130), "navy"))


@scenario
def stroke() -> Picture:
    return painted(drawn(), guidance=barva.Stroke(((45, 55), (75, 50)), "gold", width=6))


@scenario
def region_box() -> Picture:
    return painted(drawn(), guidance=barva.Region(barva.Box(90, 10, 140, 50), "seagreen"))


@scenario
def region_polygon() -> Picture:
    return painted(drawn(), guidance=barva.Region(barva.Polygon(((10, 70), (140, 70), (75, 98))), "#7a1f1f"))


@scenario
def region_mask() -> Picture:
    return painted(drawn(), guidance=barva.Region(ball(), "royalblue"))


@scenario
def region_at_half_strength() -> Picture:
    return painted(drawn(), guidance=barva.Region(ball(), "royalblue", strength=0.5))


@scenario
def vivid_region_without_a_color() -> Picture:
    return painted(grey(), guidance=barva.Region(barva.Box(20, 60, 100, 150), None, vividness=2.0))


@scenario
def region_and_point() -> Picture:
    return painted(drawn(), guidance=[barva.Region(ball(), "royalblue"), barva.Point((20, 15), "orange")])


@scenario
def weak_marks() -> Picture:
    return painted(drawn(), guidance=barva.Point((60, 55), "crimson"), strength=0.4)


@scenario
def muted() -> Picture:
    return painted(grey(), vividness=0.0)


@scenario
def strong() -> Picture:
    return painted(grey(), vividness=2.0)


@scenario
def strong_regression_with_a_point() -> Picture:
    return painted(grey(), "regression", vividness=1.5, guidance=barva.Point((60, 130), "navy"))


@scenario
def gan_with_a_point() -> Picture:
    return painted(drawn(), "gan", guidance=barva.Point((60, 55), "crimson"))


@scenario
def palette_of_words() -> Picture:
    return painted(grey(), palette="navy, #a33, khaki")


@scenario
def palette_of_a_photo() -> Picture:
    return painted(grey(), palette=example("coffee"), vividness=1.4)


@scenario
def reference_for_guided() -> Picture:
    return painted(grey("chelsea"), references=[example("chelsea", 120)])


@scenario
def welsh() -> Picture:
    return painted(grey("coffee"), "welsh", references=[example("coffee", 120)])


@scenario
def welsh_with_swatches() -> Picture:
    boxes = [Swatch((0.0, 0.0, 0.3, 1.0), (0.0, 0.0, 0.5, 1.0)), Swatch((0.6, 0.0, 1.0, 1.0), (0.5, 0.0, 1.0, 1.0))]
    return painted(drawn(), "welsh", references=[example("coffee", 120)], swatches=boxes)


@scenario
def irony() -> Picture:
    return painted(grey("coffee", 120), "irony", references=[example("coffee", 100)])


@scenario
def references() -> Picture:
    return painted(grey("coffee", 120), "references", references=[example("coffee", 100), example("chelsea", 100)])


@scenario
def levin() -> Picture:
    marks = [barva.Point((60, 55), "crimson"), barva.Stroke(((5, 10), (140, 12)), "skyblue", width=4)]
    return painted(drawn(), "levin", guidance=[*marks, barva.Point((75, 92), "olive")])


@scenario
def second_variant() -> Picture:
    return np.asarray(colorizer().variants(grey(), 2, seed=3)[1].array())


@scenario
def variant_with_a_region() -> Picture:
    return np.asarray(colorizer().variants(drawn(), 3, guidance=barva.Region(ball(), "gold"))[2].array())


@scenario
def scene_applied_again() -> Picture:
    result = colorizer().colorize(drawn(), guidance=[barva.Region(ball(), "gold"), barva.Point((20, 15), "orange")])
    return painted(drawn(), scene=result.scene)


@scenario
def scene_applied_to_another_size() -> Picture:
    result = colorizer().colorize(drawn(), guidance=barva.Region(ball(), "gold"))
    return painted(drawn(120, 80), scene=result.scene)


@scenario
def sixteen_bits() -> Picture:
    photo = drawn().astype(np.uint16) * np.uint16(257)
    return (painted(photo, guidance=barva.Region(ball(), "gold")) // 257).astype(np.uint8)


@scenario
def toned_print() -> Picture:
    sepia = drawn().astype(np.float64)[..., None] / 255 * np.array([255, 225, 175.0])
    return painted(sepia.astype(np.uint8))


@scenario
def color_photo_anew() -> Picture:
    return painted(example("rocket"))


@scenario
def alpha() -> Picture:
    return painted(np.dstack([drawn(), drawn()[::-1]]))


@scenario
def large_in_strips() -> Picture:
    large = np.asarray(Image.fromarray(drawn()).resize((1500, 1000), Image.Resampling.BICUBIC))
    return painted(large, guidance=barva.Point((600, 550), "crimson"))


@scenario
def live_preview() -> Picture:
    session = barva.Session(colorizer(), drawn(450, 300))
    session.colorize(barva.Point((180, 165), "crimson"))
    session.colorize(
        [barva.Point((180, 165), "crimson"), barva.Region(barva.Box(0, 0, 450, 100), "skyblue")], vividness=1.3
    )
    return np.asarray(session.preview(15_000))


@scenario
def live_tile() -> Picture:
    session = barva.Session(colorizer(), drawn(450, 300))
    session.colorize(barva.Stroke(((150, 165), (210, 150)), "gold", width=15))
    return np.asarray(session.tile(0, 0, 0, 256))


@scenario
def recolored() -> Picture:
    return np.asarray(barva.recolor(example("coffee"), barva.Region(barva.Box(40, 20, 110, 80), "teal")).array())


@scenario
def recolored_with_its_hues() -> Picture:
    region = barva.Region(barva.Box(40, 20, 110, 80), "teal")
    return np.asarray(barva.recolor(example("coffee"), region, keep_hues=True).array())


@scenario
def album() -> Picture:
    """Two views of the drawn photo; a mark on the first is carried to the second."""
    from barva.cli.app import run

    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        for name, part in (("a", drawn()[:, :130]), ("b", drawn()[:, 20:])):
            Image.fromarray(part).save(photos / f"{name}.png")
        out = Path(folder, "out")
        arguments = ["album", str(photos), "-o", str(out), "--guide", str(photos / "a.png"), "--point", "60,55=crimson"]
        assert run(arguments) == 0
        return np.asarray(Image.open(io.BytesIO((out / "b.color.png").read_bytes())).convert("RGB"))
