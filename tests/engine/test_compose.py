"""Pages on their way into one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from barva.engine.render import compose
from barva.imaging.read import read


def test_all_pages_together_take_no_more_memory_than_one_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.arange(30 * 40 * 3, dtype=np.uint8).reshape(30, 40, 3)
    monkeypatch.setattr(compose, "MEMORY_LIMIT", 2 * page.nbytes)
    for pages, files in ((2, 0), (3, 3)):
        work = [(read(page), [(0, page)])] * pages
        with compose.canvases(work, tmp_path / "a.tif") as images:
            assert len(list(tmp_path.iterdir())) == files
            assert all(np.array_equal(i.numpy(), page) for i in images)
    assert not list(tmp_path.iterdir())
