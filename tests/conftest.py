"""Photos that the tests make, and the paths that they share."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

# each worker has a core to itself: threads of several workers would wait for each other
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent


_KEPT = (
    "barva.runtime.encoder.shared_encoder",
    "barva.perception.network.shared_network",
    "barva.engine.prepare.references._judge",
    "barva.engine.prepare.drafts._method_of",
)
"""Caches that hold networks."""


@pytest.fixture(scope="module", autouse=True)
def release_memory() -> Iterator[None]:
    """After a file the process has no network of it any more: a worker runs dozens of files, and took 6 GB."""
    yield
    for path in _KEPT:
        module, _, name = path.rpartition(".")
        if module in sys.modules:
            getattr(sys.modules[module], name).cache_clear()
    gc.collect()
    if "barva" in sys.modules:
        from barva.studio import heap

        heap.trim()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation photos beside the checkout; tests that need it are skipped where it is absent."""
    found = ROOT.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip("the shared photos are not here")
    return found


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """(512, 512, 3) uint8, freely licensed, from scikit-image."""
    import skimage.data

    return np.asarray(skimage.data.astronaut())


@pytest.fixture(scope="session")
def grey(astronaut: np.ndarray) -> np.ndarray:
    """(192, 256) uint8 gray photo."""
    return np.asarray(Image.fromarray(astronaut).convert("L").resize((256, 192)))


@pytest.fixture
def jpeg(grey: np.ndarray, tmp_path: Path) -> Path:
    """A gray JPEG file with EXIF."""
    path = tmp_path / "grandmother.jpg"
    exif = Image.Exif()
    exif[0x010F] = "Zenit"
    Image.fromarray(grey).save(path, quality=92, exif=exif, dpi=(300, 300))
    return path


@pytest.fixture
def png(grey: np.ndarray) -> bytes:
    """The gray photo as a PNG file's bytes."""
    out = io.BytesIO()
    Image.fromarray(grey).save(out, "PNG")
    return out.getvalue()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write golden pictures and surfaces anew.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders first: a file runs on one worker, and the last ones to begin must not be long."""
    slow = {"training": 0, "e2e": 1, "studio": 2}
    items.sort(key=lambda item: slow.get(item.path.parent.name, len(slow)))
