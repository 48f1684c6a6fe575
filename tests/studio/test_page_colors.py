"""The page's color.js speaks of the same colors as `barva.color.spaces`.

This writes what is expected and compares it; `tests/studio/web/color.test.js` holds color.js against it. After a change
that is wanted: `pytest tests/studio/test_page_colors.py -n 0 --update-golden`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from barva.color.spaces import rgb_to_lab

FILE = Path(__file__).parent / "web" / "colors.json"


def colors() -> np.ndarray:
    """(1000, 3) uint8 sRGB: the corners, grays, darks where the straight foot of Lab lies, and seeded others."""
    rng = np.random.default_rng(0)
    corners = np.stack(np.meshgrid([0, 255], [0, 255], [0, 255], indexing="ij"), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.linspace(1, 254, 92).round()[:, None], 3, axis=1)
    darks = rng.integers(0, 32, (100, 3))
    return np.concatenate([corners, greys, darks, rng.integers(0, 256, (800, 3))]).astype(np.uint8)


def test_what_the_page_must_compute_is_up_to_date(request: pytest.FixtureRequest) -> None:
    rgb = colors()
    lab = rgb_to_lab(rgb / 255.0)
    lines = [json.dumps([a.tolist(), b.round(4).tolist()]) for a, b in zip(rgb, lab, strict=True)]
    text = "[\n" + ",\n".join(lines) + "\n]\n"
    if request.config.getoption("--update-golden"):
        FILE.write_text(text, encoding="utf-8")
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    assert len(rows) == 1000
    assert [row[0] for row in rows] == rgb.tolist()
    np.testing.assert_allclose([row[1] for row in rows], lab, atol=2e-4)
