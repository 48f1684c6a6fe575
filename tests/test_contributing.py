"""The example of CONTRIBUTING.md runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import barva
from barva.scene import modality

PAGE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


def test_the_kind_of_guidance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modality, "_known", dict(modality._known))
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(blocks[0], str(PAGE), "exec", flags=0, dont_inherit=True), names)
    picture = names["picture"].astype(int)
    upper, lower = picture[36, 64], picture[60, 64]
    assert upper[2] - upper[0] > 40, "the upper stripe is blue"
    assert lower[0] - lower[2] > 40, "the lower stripe is yellow"
    plain = barva.colorize(np.full((96, 128), 140, np.uint8)).array().astype(int)
    assert np.abs(picture - plain)[5, 120].max() <= 2, "beside the flag the guess stays"
