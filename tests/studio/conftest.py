"""A real server on a free port, and what tests send to it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi")

from studio_kit import Running, running

from barva.studio.service import Service
from barva.studio.sessions.edit_session import EditSession, EditSessions
from barva.studio.sessions.visitors import VisitorSessions
from barva.studio.settings import Settings


@pytest.fixture(scope="session")
def photo(grey: np.ndarray) -> bytes:
    """The gray photo as a JPEG file's bytes, 256 x 192."""
    out = io.BytesIO()
    Image.fromarray(grey).save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With small limits: 1 MB, 1 megapixel, 3 photos."""
    state = tmp_path_factory.mktemp("state")
    limits = Settings(state=state, max_bytes=1 << 20, max_pixels=1_000_000, max_photos=3, max_sessions=60)
    with running(limits) as made:
        yield made


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Servers with other settings."""
    with contextlib.ExitStack() as stack:

        def start(**settings: Any) -> Running:
            return stack.enter_context(running(Settings(**{"state": tmp_path / "state", **settings})))

        yield start


@pytest.fixture
def visitor(tmp_path: Path) -> VisitorSessions:
    """A visitor's, without a server."""
    service = Service(Settings(state=tmp_path / "state", max_bytes=1 << 20, max_pixels=1_000_000))
    return VisitorSessions(service, EditSessions(service), "v" * 32)


@pytest.fixture
def session(visitor: VisitorSessions, photo: bytes) -> EditSession:
    return visitor.session(visitor.add("grandmother.jpg", photo))
