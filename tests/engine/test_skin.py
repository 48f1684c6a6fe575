"""Skin that a method left gray takes the color of its face; nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from barva import Colorizer, Point, Region, photos
from barva.color import spaces
from barva.engine.request import Request
from barva.engine.steer import skin
from barva.errors import UsageError
from barva.perception.classes import CLASSES, NUMBER
from barva.perception.network import Features
from barva.perception.skin import Skin, find_skin
from barva.scene.shapes import Box

SIZE = (80, 100)
FACE, ARM, CLOTH = (slice(8, 32), slice(32, 56)), (slice(52, 72), slice(24, 72)), (slice(36, 52), slice(24, 72))
LIGHT = np.full(SIZE, 88, np.float32)
LIGHT[FACE] = LIGHT[ARM] = 60
LIGHT[CLOTH] = 25


def cells(box: tuple[slice, slice]) -> tuple[slice, slice]:
    return slice(box[0].start // 4, box[0].stop // 4), slice(box[1].start // 4, box[1].stop // 4)


def seen(face: bool = True, second: bool = False) -> Features:
    """A face over a coat over arms, as the perception network would see them."""
    classes = np.full((len(CLASSES), 20, 25), 0.001, np.float32)
    classes[NUMBER["other"]] = 0.5
    if face:
        classes[NUMBER["face"], *cells(FACE)] = 30
    if second:
        classes[NUMBER["face"], 2:8, 18:24] = 30
    classes[NUMBER["skin"], *cells(ARM)] = 30
    classes[NUMBER["clothing"], *cells(CLOTH)] = 30
    return Features(classes / classes.sum(axis=0), np.zeros((1, 64, 20, 25)), np.zeros((1, 48, 10, 13)))


def portrait(face: tuple[float, float], arm: tuple[float, float] = (0, 0)) -> Any:
    ab = np.zeros((*SIZE, 2), np.float32)
    ab[FACE], ab[ARM] = face, arm
    return ab


def painted(ab: Any, features: Features, light: Any = LIGHT) -> Any:
    hints = skin.skin_hints(ab, light, find_skin(features, light))
    return ab if hints is None else ab + hints.weight[..., None] * (hints.ab - ab)


def test_gray_arms_take_the_color_of_the_face_and_nothing_else_does() -> None:
    out = painted(portrait((14, 16)), seen())
    arm = out[58:66, 32:64].reshape(-1, 2)
    assert np.hypot(*(arm - skin.ENOUGH * np.array([14, 16])).T).max() < 1.5
    assert np.abs(out[CLOTH]).max() < 0.5 and np.abs(out[:, 84:]).max() == 0
    assert (out[FACE] == (14, 16)).all()


@pytest.mark.parametrize("face", [(0, 0), (-20, 10), (3, -25), (3, 4)])
def test_a_face_that_is_gray_green_or_blue_is_no_example(face: tuple[float, float]) -> None:
    assert skin.skin_hints(portrait(face), LIGHT, find_skin(seen(), LIGHT)) is None


@pytest.mark.parametrize("arm", [(12, 14), (-15, -10), (2, 20)])
def test_arms_that_have_color_stay(arm: tuple[float, float]) -> None:
    assert (painted(portrait((14, 16), arm), seen())[58:66, 32:64] == arm).all()


def test_without_a_face_nothing_is_skin() -> None:
    found = find_skin(seen(face=False), LIGHT)
    assert found.faces == () and not found.where.any()
    assert skin.skin_hints(portrait((14, 16)), LIGHT, found) is None


def test_dark_skin_takes_less_and_the_nearest_face_counts_most() -> None:
    light = LIGHT.copy()
    light[ARM] = 8
    out = painted(portrait((14, 16)), seen(), light)
    assert 2 < np.hypot(*out[62, 48]) < 0.6 * skin.ENOUGH * np.hypot(14, 16)
    ab = portrait((14, 16))
    ab[8:32, 72:96] = (24, 12)
    hints = skin.skin_hints(ab, LIGHT, find_skin(seen(second=True), LIGHT))
    assert hints is not None
    below, beside = hints.ab[60, 30], hints.ab[34, 84]
    assert np.hypot(*(below - (14, 16))) < 4 and np.hypot(*(beside - (24, 12))) < 2


def astronaut() -> Any:
    return np.ascontiguousarray(spaces.fast_rgb_to_lab(photos.photo("astronaut"))[..., 0] * np.float32(2.55)).astype(
        np.uint8
    )


def with_skin(prepared: Any, box: tuple[slice, slice]) -> None:
    """Say that a part of the photo is skin."""
    found = prepared.skin
    where = found.where.copy()
    where[box] = 1
    prepared.__dict__["skin"] = Skin(where, found.faces)


def test_a_request_completes_skin_says_so_and_can_leave_it() -> None:
    colorizer = Colorizer()
    prepared = colorizer.analyze(astronaut())
    assert prepared.skin.faces
    plain = colorizer.answer(prepared, Request(skin=False))
    h, w = prepared.light.shape
    ab = skin._resize(plain.chroma.ab, (h, w))
    chroma = np.hypot(ab[..., 0], ab[..., 1])
    chroma[(np.arange(h)[:, None] < h // 2) | (prepared.light < 35)] = 99
    y, x = np.unravel_index(int(chroma[:, : w // 2].argmin()), (h, w // 2))
    box = slice(max(0, y - 8), min(h, y + 8)), slice(max(0, x - 8), x + 8)
    with_skin(prepared, box)
    completed = colorizer.answer(prepared, Request())
    ab2 = skin._resize(completed.chroma.ab, (h, w))
    assert np.hypot(*ab2[y, x]) > np.hypot(*ab[y, x]) + 3
    assert any("skin" in str(note) for note in completed.notes) and not any("skin" in str(n) for n in plain.notes)
    assert completed.provenance.guidance == "" != plain.provenance.guidance
    assert plain.scene.whole.manner.skin is False and completed.scene.whole.manner.skin is None
    again = colorizer.answer(prepared, Request(scene=plain.scene))
    assert (again.array() == plain.array()).all()
    # what is asked for wins
    top, left = box[0].start / h, box[1].start / w
    gray = Region(Box(left, top, box[1].stop / w, box[0].stop / h), "gray", "share")
    marked = colorizer.answer(prepared, Request(guidance=Colorizer(guidance=gray).request.guidance)).array()
    rgb = marked[int((y + 0.5) / h * marked.shape[0]), int((x + 0.5) / w * marked.shape[1])].astype(int)
    assert np.ptp(rgb) <= 6


def test_a_photo_without_a_face_is_not_looked_at_in_full() -> None:
    colorizer = Colorizer()
    prepared = colorizer.analyze(np.tile(np.linspace(20, 230, 96, dtype=np.uint8), (64, 1)))
    colorizer.answer(prepared, Request())
    assert "features" not in vars(prepared)


def test_only_trained_methods_are_completed() -> None:
    colorizer = Colorizer("levin")
    prepared = colorizer.analyze(astronaut())
    colorizer.answer(prepared, Request(guidance=Colorizer(guidance=Point((230, 100), "#d9a58a")).request.guidance))
    assert "skin" not in vars(prepared)


def test_skin_is_true_or_false() -> None:
    with pytest.raises(UsageError, match="skin: true or false is wanted, not no"):
        Request(skin="no")  # type: ignore[arg-type]
    assert Request.from_dict({"skin": False}).to_dict() == {"skin": False}
    assert Request(skin=False).digest() != Request().digest() == ""
