"""Attacks by size: bodies without end, decompression bombs, many sessions, a long queue."""

from __future__ import annotations

import base64
import io
import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from studio_kit import POINT, Running, encoded, finished

from barva.imaging import files
from barva.studio import security
from barva.studio.api import requests
from barva.studio.jobs import jobs
from barva.studio.jobs.priority import PriorityGate
from barva.studio.locale.messages import Words
from barva.studio.settings import Settings


def test_a_body_that_says_it_is_too_large(server: Running) -> None:
    head = f"POST /api/v1/colorize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {10**12}\r\n\r\n"
    began = time.monotonic()
    assert b" 413 " in server.raw(head.encode())
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("path", ["/colorize", "/sessions", "/jobs"])
def test_a_body_without_end(path: str, server: Running) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100 << 20:
            sent += 1 << 16
            yield bytes(1 << 16)

    try:
        assert server.client.post(path, content=endless()).status_code == 413
    except Exception as error:  # the server may hang up while we still send
        assert type(error).__name__ in ("WriteError", "ReadError", "RemoteProtocolError")
    assert sent < 20 << 20


def test_a_form_without_end(server: Running) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        for _ in range(1600):
            yield bytes(1 << 16)

    form = {"content-type": "multipart/form-data; boundary=x"}
    try:
        assert server.client.post("/colorize", content=endless(), headers=form).status_code == 413
    except Exception as error:
        assert type(error).__name__ in ("WriteError", "ReadError", "RemoteProtocolError")


def test_scenes_that_are_bombs(server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    scene = server.client.get(f"{session}/scene").json()
    packed = base64.b64encode(zlib.compress(bytes(1000))).decode()
    for known in ({"@type": "Reference", "lab": {"shape": [8000, 8000, 3], "zlib": packed}},
                  {"@type": "Region", "png": base64.b64encode(png(13_000, 13_000)).decode()}):  # fmt: skip
        scene["things"][0]["known"] = [known]
        assert server.client.put(f"{session}/scene", json=scene).status_code == 413
    server.client.delete(session)


def test_photos_too_large_or_too_many(server: Running, photo: bytes) -> None:
    assert server.client.post("/colorize", files={"photo": bytes((1 << 20) + 1)}).status_code == 413
    assert server.client.post("/colorize", content=bytes((1 << 20) + 1)).status_code == 413
    assert server.client.post("/jobs", files=[("photo", ("a", photo))] * 4).status_code == 413
    assert server.client.post("/jobs", files=[("photo", ("a", b"x"))] * 50).status_code == 422
    assert (
        server.client.post("/colorize", files={"photo": photo}, data={f"a{n}": "1" for n in range(99)}).status_code
        == 422
    )
    assert server.client.post("/colorize", files=[("photo", photo)] + [("reference", photo)] * 9).status_code == 422
    assert server.client.post("/colorize", files={"file": photo}).status_code == 422


def test_guidance_without_end(server: Running) -> None:
    long = {"kind": "stroke", "along": [[n % 256, 5] for n in range(requests.PLACES)], "color": "red"}
    for marks in ([long], [POINT["marks"][0]] * (requests.PLACES + 1)):
        assert server.client.post("/guidance", json={**POINT, "marks": marks}).status_code in (413, 422)
    deep = b"[" * 100_000
    assert server.client.post("/guidance", content=deep, headers={"content-type": "application/json"}).status_code in (
        400,
        422,
    )


# bombs


def png(width: int, height: int, rows: int = 1) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes((width + 1) * rows), 9)) + chunk(b"IEND", b"")
    )


def pages(count: int) -> bytes:
    out = io.BytesIO()
    one = Image.new("L", (600, 600))
    one.save(out, "TIFF", save_all=True, append_images=[one] * (count - 1), compression="tiff_adobe_deflate")
    return out.getvalue()


BOMBS = {
    "png": png(60_000, 60_000),
    "png-whole": png(3000, 3000, 3000),
    "jpeg": encoded(4000, 4000, "JPEG"),
    "webp": encoded(4000, 4000, "WEBP"),
    "tiff": encoded(9000, 9000, "TIFF", compression="tiff_adobe_deflate"),
    "gif": encoded(4000, 4000, "GIF"),
    "bmp": b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 50_000, 50_000, 1, 8) + bytes(24),
    "pages": pages(3),
    "many-pages": pages(9),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("path", ["/colorize", "/sessions", "/suggestions?x=1&y=1"])
def test_bombs_are_refused_before_decoding(
    bomb: str, path: str, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "pages" in bomb and path != "/colorize":
        pytest.skip("sessions look at the first page only")
    decoded: list[Any] = []
    monkeypatch.setattr(files, "_decode", lambda *a: decoded.append(a))
    answer = server.client.post(path, content=BOMBS[bomb])
    assert answer.status_code == 413, answer.text
    assert answer.json()["error"]["code"] == "too-large" and not decoded


def test_a_reference_that_is_a_bomb(server: Running, photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = [("photo", ("a", photo)), ("reference", ("b", BOMBS["png"]))]
    for path in ("/colorize", "/sessions", "/jobs"):
        assert server.client.post(path, files=sent).status_code == 413


def test_masks_that_are_bombs(server: Running) -> None:
    def guided(*masks: bytes) -> dict[str, Any]:
        rows = [{"kind": "region", "png": base64.b64encode(m).decode(), "color": "red"} for m in masks]
        return {**POINT, "marks": rows}

    assert server.client.post("/guidance", json=guided(png(13_000, 13_000))).status_code == 413
    small = encoded(900, 900, "PNG")
    assert server.client.post("/guidance", json=guided(small, small)).status_code == 413, "all of them together"
    assert server.client.post("/guidance", json=guided(b"GIF89a" + bytes(60))).status_code == 422


def test_memory_is_bounded_with_many_sessions(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(memory=1, max_sessions=5)
    sessions = [server.begin(photo, vividness=0.5 + n / 5) for n in range(5)]
    seen = [server.client.get(f"{s}/preview").content for s in sessions]
    assert len({*seen}) == 5
    assert len(server.service.store._live) == 1, "the others went back to disk"
    assert [server.client.get(f"{s}/preview").content for s in sessions] == seen


AFTERNOON = """
import io, sys
from pathlib import Path
import numpy as np, psutil
from PIL import Image
from barva.studio import heap
from barva.studio.service import Service
from barva.studio.settings import Settings
heap.configure()
service = Service(Settings(state=Path(sys.argv[1]), memory=24 << 20, workers=1))
light, out = np.add.outer(np.arange(1500), np.arange(1500)) % 256, io.BytesIO()
Image.fromarray(light.astype(np.uint8)).save(out, "JPEG")
for n in range(12):
    session = service.store.create(out.getvalue())
    session.live().preview(), session.paint()
    heap.trim()
    print(psutil.Process().memory_info().rss >> 20)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's heaps")
def test_memory_is_flat_over_many_large_photos(tmp_path: Path) -> None:
    """A short form of `benchmarks/serve.py --photos`; twelve photos of 2 megapixels kept would be 110 MB."""
    pytest.importorskip("psutil")
    ran = subprocess.run(
        [sys.executable, "-c", AFTERNOON, str(tmp_path)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    after = [int(line) for line in ran.stdout.split()]
    assert max(after[-4:]) <= max(after[2:6]) + 30, after


def test_memory_of_masks_is_bounded(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(memory=1)
    mask = np.zeros((192, 256), np.uint8)
    mask[50:90, 60:200] = 255
    row = {"kind": "region", "png": base64.b64encode(packed(mask)).decode(), "color": "red"}
    sessions = [server.begin(photo, guidance=json.dumps({**POINT, "marks": [row]})) for _ in range(4)]
    assert len(server.service.store._recent) == 1 and len(server.service.store._live) == 1
    assert server.client.get(f"{sessions[0]}/guidance").json()["guidance"]["marks"][0]["color"] == "red"
    store = server.service.store
    assert 0 < sum(work.memory for work in store._recent.values()) <= mask.size


def packed(mask: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(mask).save(out, "PNG")
    return out.getvalue()


def test_the_queue_is_bounded(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(max_waiting=2, max_jobs=1)
    assert server.client.post("/jobs", files=[("photo", ("a", photo))] * 3).status_code == 413, "it would never fit"
    first = server.client.post("/jobs", files={"photo": photo}).json()["id"]
    finished(server.client, first)
    full = server.client.post("/jobs", files={"photo": photo})
    assert full.status_code == 503, "its result may be wanted still"
    assert 500 < int(full.headers["retry-after"]) <= jobs.FETCHED
    server.service.jobs.get(first).used -= int(full.headers["retry-after"])
    assert server.client.post("/jobs", files={"photo": photo}).status_code == 202, "after that time it makes room"
    assert server.client.get(f"/jobs/{first}").status_code == 404


# clicks first


def test_whole_photos_stand_still_for_clicks() -> None:
    gate, said = PriorityGate(1), []
    began, go = threading.Event(), threading.Event()

    def whole() -> None:
        with gate.batch():
            began.set()
            go.wait(5)
            gate.checkpoint()
            said.append("whole")

    thread = threading.Thread(target=whole)
    thread.start()
    began.wait(5)
    with gate.interactive():
        go.set()
        time.sleep(0.2)
        said.append("click")
    thread.join(5)
    assert said == ["click", "whole"]


def test_clicks_without_end_do_not_starve_whole_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barva.studio.jobs.priority.PATIENCE", 0.1)
    gate = PriorityGate(1)
    with gate.interactive():
        began = time.monotonic()
        with gate.batch():
            assert 0.05 < time.monotonic() - began < 2


def test_limits_are_said_in_megabytes() -> None:
    settings = Settings(max_bytes=1 << 20)
    messages = requests.too_large(settings).message, security._too_large(settings.max_request).message
    assert [str(m) for m in messages] == ["a photo has at most 1 MB", "a request has at most 3 MB"]
    assert [Words("uk").translate(m) for m in messages] == [
        "світлина може мати щонайбільше 1 МБ",
        "за раз можна надіслати щонайбільше 3 МБ",
    ]
