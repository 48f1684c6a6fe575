"""The Python API: every kind of input, clear errors, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import barva


def test_every_kind_of_input_gives_the_same(grey: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(grey).save(path)
    sources = [path, str(path), path.read_bytes(), Image.fromarray(grey), grey, grey[..., None], np.dstack([grey] * 3)]
    answers = [barva.colorize(s).array() for s in sources]
    assert all(np.array_equal(answers[0], a) for a in answers[1:])


def test_float_arrays_become_16_bits(grey: np.ndarray) -> None:
    answer = barva.colorize(grey.astype(np.float32) / 255).array()
    assert answer.dtype == np.uint16
    assert np.abs(answer / 257.0 - barva.colorize(grey).array()).max() < 2


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((2, 3, 4, 3), np.uint8),
        np.zeros((0, 5), np.uint8),
        np.zeros((5, 0, 3), np.uint8),
        np.full((4, 4), np.nan),
        np.full((4, 4), np.inf, np.float32),
        np.full((4, 4), 3.5),
        np.full((4, 4), -0.5),
        np.zeros((4, 4), np.int64),
        np.zeros((4, 4), np.complex64),
        np.array([["a", "b"]]),
        np.array([[None]]),
        42,
        None,
        ["a.jpg"],
    ],
    ids=lambda b: f"{type(b).__name__}-{getattr(b, 'shape', '')}-{getattr(b, 'dtype', '')}",
)
def test_arrays_that_are_no_photo(bad: object) -> None:
    with pytest.raises(barva.UsageError) as caught:
        barva.colorize(bad)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("bad", [b"", b"hello", b"\xff\xd8\xff\xe0" + b"\0" * 50])
def test_bytes_that_are_no_photo(bad: bytes) -> None:
    with pytest.raises(barva.ReadError):
        barva.colorize(bad)


@pytest.mark.parametrize(
    "settings", [{"vividness": -0.1}, {"vividness": 2.1}, {"vividness": float("nan")}, {"method": "no"}]
)
def test_settings_are_checked(settings: dict[str, object], grey: np.ndarray) -> None:
    with pytest.raises(barva.UsageError):
        barva.colorize(grey, **settings)


def test_threads_give_the_same_pictures(grey: np.ndarray) -> None:
    colorizer = barva.Colorizer(threads=1)
    photos = [np.roll(grey, 7 * i, axis=1) for i in range(8)]
    alone = [colorizer.colorize(p).array() for p in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda p: colorizer.colorize(p).array(), photos))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_result(grey: np.ndarray, tmp_path: Path) -> None:
    result = barva.colorize(grey)
    assert result.photo.width == grey.shape[1]
    assert result.confidence is not None
    assert result.image().size == grey.shape[::-1]
    with pytest.raises(barva.UsageError, match="name the file"):
        result.save()
    written = result.save(tmp_path / "out.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png")), result.array())
    assert written.path == tmp_path / "out.png"
    with pytest.raises(barva.WriteError, match="exists"):
        result.save(tmp_path / "out.png")


def test_save_beside(jpeg: Path) -> None:
    barva.colorize(jpeg).save()
    out = Image.open(jpeg.with_name("grandmother.color.jpg"))
    assert out.mode == "RGB"
    assert out.getexif()[0x010F] == "Zenit"
    assert out.info["dpi"] == pytest.approx((300, 300), abs=1)


def test_strips_do_not_show(grey: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pixels whatever the height of a strip, and on disk or in memory."""
    from barva.engine.prepare import plan

    whole = barva.colorize(grey).array()
    monkeypatch.setattr(plan, "STRIP_BYTES", 40 * grey.shape[1] * 7)
    assert np.array_equal(whole, barva.colorize(grey).array())
