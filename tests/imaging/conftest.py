"""Pictures in every format, made here: no photo is stored with the tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def scene() -> np.ndarray[Any, Any]:
    """(61, 83, 3) uint8: gradients, edges and a little noise; odd sizes on purpose."""
    y, x = np.mgrid[0:61, 0:83]
    rgb = np.stack([x * 3 % 256, y * 4 % 256, (x + y) * 2 % 256], -1).astype(np.int64)
    noise = np.random.default_rng(0).integers(-6, 7, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def camera_exif() -> Any:
    """Pillow EXIF: camera, date taken, GPS, a maker note."""
    block = Image.Exif()
    block[0x010F], block[0x0110], block[0x0132] = "Smena", "8M", "1981:05:09 10:00:00"
    sub = block.get_ifd(0x8769)
    sub[0x9003], sub[0x927C] = "1981:05:09 10:00:00", b"maker's own \x00\x01\x02 note"
    gps = block.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (50.0, 27.0, 3.5), "E", (30.0, 31.0, 24.0)
    return block
