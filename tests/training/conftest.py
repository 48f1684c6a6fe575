"""A cache of crops of the astronaut, and a recipe that trains in seconds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session", autouse=True)
def quick_prior() -> Iterator[None]:
    """A prior of few photos: most tests begin runs of their own, and 240 crops of one photo are soon known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("barva.training.data.PRIOR_PHOTOS", 200)
        yield


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one cache of 240 crops, so that the validation split (one in a hundred) is not empty."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq
    import skimage.data

    from barva.training import cache

    folder = tmp_path_factory.mktemp("training")
    photo, rng, rows = skimage.data.astronaut(), np.random.default_rng(0), []
    for i in range(240):
        y, x = rng.integers(0, 350, 2)
        out = io.BytesIO()
        Image.fromarray(photo[y : y + 128, x : x + 150]).save(out, "WEBP")
        rows.append({"key": str(i), "image": out.getvalue(), "label": "face" if i % 2 else None, "source": "test"})
    pq.write_table(pa.Table.from_pylist(rows), folder / "shard.parquet")
    assert len(cache.build_cache(folder / "shard.parquet", folder / "caches" / "shard")) == 240
    return folder / "caches"
