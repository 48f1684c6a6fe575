"""The bundled photos: small, in color, with a source and a license each, and close to their originals."""

from __future__ import annotations

from importlib import resources

import cv2
import numpy as np
import pytest

from barva import UsageError, photos


@pytest.mark.parametrize("name", photos.NAMES)
def test_a_photo(name: str) -> None:
    import skimage.data

    picture = photos.photo(name)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3 and max(picture.shape) <= 512
    original = getattr(skimage.data, name)()
    small = cv2.resize(original, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(picture, small) > 35
    folder = resources.files("barva.photos")
    assert len(folder.joinpath(f"{name}.jpg").read_bytes()) <= 60_000
    row = next(r for r in folder.joinpath("NOTICE.md").read_text(encoding="utf-8").splitlines() if f"`{name}.jpg`" in r)
    assert "public domain" in row or "CC0" in row


def test_another_name_is_an_error() -> None:
    with pytest.raises(UsageError, match="astronaut, coffee"):
        photos.photo("mona-lisa")


def test_the_demo_offers_these() -> None:
    from barva.cli import demo

    assert demo.PHOTOS == photos.NAMES
