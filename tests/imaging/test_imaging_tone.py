"""Tones: prints of one color are told from color photos."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from barva.imaging import read
from barva.imaging.tone import measure

Array = np.ndarray[Any, Any]


def _toned(rgb: Array, a: float, b: float) -> Array:
    """A print of one tone: a and b strongest in the middle, none in black and white."""
    L = cv2.cvtColor(np.float32(rgb / 255), cv2.COLOR_RGB2LAB)[..., 0]
    strength = np.sin(np.pi * L / 100)
    lab = np.dstack([L, a * strength, b * strength]).astype(np.float32)
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)


def _as_jpeg(rgb: Array, quality: int = 80) -> Array:
    out = io.BytesIO()
    noise = np.random.default_rng(0).normal(0, 3, rgb.shape)
    Image.fromarray(np.clip(rgb * 255 + noise, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality)
    return read(out.getvalue()).shrink(256)


@pytest.mark.parametrize(
    ("kind", "a", "b", "hue"),
    [
        ("sepia", 8, 22, 70),
        ("sepia", 2, 8, 76),
        ("cyanotype", -4, -30, 262),
        ("selenium", 9, -3, 342),
        ("toned", -15, 5, 162),
    ],
)
def test_toned_prints(astronaut: Array, kind: str, a: float, b: float, hue: float) -> None:
    tone = measure(_as_jpeg(_toned(astronaut, a, b)))
    assert tone.kind == kind, tone
    assert abs(tone.hue - hue) < 12 and 0.6 * np.hypot(a, b) < tone.chroma < 1.1 * np.hypot(a, b)
    assert kind in tone.text


def test_neutral_prints(astronaut: Array) -> None:
    assert measure(_toned(astronaut, 0, 0)).kind == "neutral"
    assert measure(_as_jpeg(_toned(astronaut, 0, 0), 50)).kind == "neutral"
    cast = measure(_as_jpeg(_toned(astronaut, 0.5, 1.6)))
    assert cast.kind == "neutral" and "cast" in cast.text


def test_colour_photos(astronaut: Array) -> None:
    import skimage.data

    for photo in (astronaut, skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket()):
        assert measure(read(np.asarray(photo)).shrink(256)).kind == "color"


def test_a_faded_colour_photo_is_no_toned_print(astronaut: Array) -> None:
    lab = cv2.cvtColor(np.float32(astronaut / 255), cv2.COLOR_RGB2LAB)
    lab[..., 1:] = lab[..., 1:] * 0.35 + (3, 10)
    assert measure(_as_jpeg(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1))).kind == "color"


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (2, 3)])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_tiny_and_flat_pictures(size: tuple[int, int], value: float) -> None:
    assert measure(np.full((*size, 3), value, np.float32)).kind == "neutral"


def test_real_photos(shared: Path) -> None:
    kinds: dict[str, list[str]] = {}
    for archive, count in (("historic/historic-000.tar", 39), ("eval/eval-000.tar", 40)):
        with tarfile.open(shared / archive) as tar:
            names = [m for m in tar.getmembers() if m.name.endswith((".jpg", ".webp"))][:count]
            kinds[archive[:4]] = [measure(read(tar.extractfile(m).read()).shrink(192)).kind for m in names]  # type: ignore[union-attr]
    assert "color" not in kinds["hist"]
    assert kinds["eval"].count("color") >= 38
