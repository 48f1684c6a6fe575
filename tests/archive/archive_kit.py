"""Small archives that the tests of archives share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def make_photos(place: Path, count: int, side: int = 48) -> Path:
    """`count` gray photos of different content, in two folders."""
    rng = np.random.default_rng(1)
    (place / "b").mkdir(parents=True, exist_ok=True)
    for i in range(count):
        ramp = np.add.outer(np.arange(side), np.arange(side + 16)) * 2 + rng.integers(0, 60)
        Image.fromarray(ramp.clip(0, 255).astype(np.uint8)).save(place / ("b" if i % 2 else "") / f"{i:03}.png")
    return place


def row(path: str, at: float, **more: Any) -> dict[str, Any]:
    """A row of the index."""
    return {"path": path, "output": path, "state": "done", "error": "", "notes": [], "objects": [], "at": at} | more


def thing(kind: str, L: float, a: float, b: float) -> dict[str, Any]:
    """An object of a row."""
    return {"id": kind, "kind": kind, "sure": 0.9, "L": L, "a": a, "b": b}
