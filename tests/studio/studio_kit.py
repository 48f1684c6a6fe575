"""A real server on a free port, and what tests send to it."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
from PIL import Image

from barva.studio.server import create_app, server_of
from barva.studio.service import Service
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession
from barva.studio.settings import Settings

POINT = {"barva": "guidance", "version": 1, "marks": [{"kind": "point", "at": [100, 80], "color": "red"}]}


class Running:
    """A server and its inside. `client` speaks to it as a program on this machine does."""

    def __init__(self, settings: Settings, port: int, service: Service) -> None:
        self.settings, self.port, self.service = settings, port, service
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)

    def raw(self, request: bytes) -> bytes:
        """What comes back for bytes that no well-behaved client would send."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as wire:
            wire.sendall(request)
            wire.settimeout(10)
            return wire.recv(65536)

    def begin(self, photo: bytes, **data: Any) -> str:
        """A new session's path."""
        answer = self.client.post("/sessions", files={"photo": ("a.jpg", photo)}, data=data)
        assert answer.status_code == 201, answer.text
        return f"/sessions/{answer.json()['id']}"


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Running]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        service = Service(replace(settings, port=port))
        app = create_app(service.settings, service)
        server = server_of(app, service.settings)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            made = Running(service.settings, port, service)
            with made.client:
                yield made
        finally:
            server.should_exit = True
            thread.join(20)


def finished(client: httpx.Client, job: str, seconds: float = 30) -> dict[str, Any]:
    """Wait for a job."""
    until = time.monotonic() + seconds
    while True:
        told: dict[str, Any] = client.get(f"/jobs/{job}").json()
        if told["finished"]:
            return told
        assert time.monotonic() < until, told
        time.sleep(0.05)


def encoded(width: int, height: int, kind: str, **settings: Any) -> bytes:
    """A black picture."""
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, kind, **settings)
    return out.getvalue()


def marked(session: EditSession) -> Document:
    """A point, a stroke, a box, and an object in a group."""
    plane = np.zeros(session.selection_size, np.uint8)
    plane[20:60, 30:80] = 255
    items = (
        Item("g", "group", "navy", "Clothes"),
        Item("o", "object", "", "Coat", "g", at=(55.0, 40.0), mask=session.files.put_mask(plane)),
        Item("p", "point", "#7a1f1f", at=(100.0, 90.0)),
        Item("s", "stroke", "green", off=True, along=((10.0, 10.0), (30.0, 12.5)), width=4.0),
        Item("b", "box", "ochre", box=(200.0, 100.0, 240.0, 150.0)),
    )
    return Document("guided", 1.2, 0.8, items=items, palette=("#7a5c3e",))
