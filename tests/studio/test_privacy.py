"""Attacks on other people's photos and on this machine's files: names, ids, paths, addresses, what errors tell."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from studio_kit import POINT, Running, encoded

from barva.errors import Message
from barva.studio.api import requests
from barva.studio.sessions import disk

FIXED = ("films", "jobs", "sessions", "uploads", "photo", "studio.db", "studio.db-wal", "studio.db-shm")
NAMES = ["../../../../tmp/x.jpg", "..\\..\\x.jpg", "/etc/passwd", "..", ".", "", "a\0b.jpg", "CON", "x" * 5000 + ".jpg",
         'a".jpg', "a\r\nset-cookie: x=1.jpg", "бабуся.jpg", "%2e%2e%2fx.jpg", "<script>.jpg"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_are_never_paths(name: str, server: Running, photo: bytes, tmp_path: Path) -> None:
    answer = server.client.post("/colorize", files={"photo": (name, photo)})
    assert answer.status_code in (200, 422)  # a form may be too odd to be read at all
    said = answer.headers.get("content-disposition", "")
    assert "\n" not in said and "\r" not in said and "set-cookie" not in answer.headers
    assert "/" not in said and "\\" not in said and "<" not in said
    job = server.client.post("/jobs", files={"photo": (name, photo)})
    if job.status_code == 202:
        assert server.client.delete(f"/jobs/{job.json()['id']}").status_code == 204
    for path in server.settings.state.rglob("*"):
        assert disk.is_id(path.name) or path.name in FIXED or path.name.startswith((".", "in-", "out-")), path


@pytest.mark.parametrize("name", NAMES)
def test_shown_names_are_tame(name: str) -> None:
    tame = requests.display_name(name)
    assert tame and len(tame) <= requests.NAME and tame.isprintable() and not set(tame) & set("/\\") and tame.strip(".")


@pytest.mark.parametrize("id", ["..", "../sessions", "%2e%2e", "a" * 32 + "/..", "." * 32, "*" * 32, "\0" * 32, "x"])
@pytest.mark.parametrize("what", ["sessions", "jobs"])
def test_ids_are_never_paths(id: str, what: str, server: Running) -> None:
    for tail in ("", "/preview", "/events", "/results/0"):
        path = f"/{what}/{id.replace(chr(0), '%00')}{tail}"
        answer = server.client.get(path)  # the client itself resolves "..": what is left may be one's own list
        listed = answer.status_code == 200 and answer.url.path == "/api/v1/sessions"
        assert answer.status_code in (404, 405) or listed, path
    assert server.client.delete(f"/{what}/{id.replace(chr(0), '%00')}").status_code in (404, 405)


def test_nothing_is_fetched_and_no_file_is_read(server: Running, photo: bytes, tmp_path: Path) -> None:
    """Server-side requests, and masks named by a path of this machine."""
    called: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.5)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/secret.png"
        mask = tmp_path / "mask.png"
        mask.write_bytes(encoded(256, 192, "PNG"))
        for place in (url, str(mask), f"file://{mask}", "/etc/passwd", "../state"):
            rows = [{"kind": "region", "mask": place, "color": "red"}]
            hints = {**POINT, "marks": rows}
            assert server.client.post("/guidance", json=hints).status_code == 422
            form = {"guidance": json.dumps(hints)}
            assert server.client.post("/colorize", files={"photo": photo}, data=form).status_code == 422
            assert server.client.post("/colorize", data={"photo": place}).status_code == 422
            assert server.client.post("/colorize", content=place.encode()).status_code == 415
            assert server.client.post("/colorize", files={"photo": photo}, data={"reference": place}).status_code == 422
            session = server.begin(photo)
            assert server.client.put(f"{session}/guidance", json=hints).status_code == 422
            scene = server.client.get(f"{session}/scene").json()
            for known in ({"@type": "Reference", "picture": place}, {"@type": "Region", "mask": place}):
                scene["things"][0]["known"] = [known]
                assert server.client.put(f"{session}/scene", json=scene).status_code == 422
                form = {"scene": json.dumps(scene)}
                assert server.client.post("/colorize", files={"photo": photo}, data=form).status_code == 422
            server.client.delete(session)
        with contextlib.suppress(TimeoutError):
            called.append(trap.accept())
    assert not called


def test_errors_say_nothing_of_the_inside(server: Running, photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = photo[: len(photo) // 2]
    job = server.client.post("/jobs", files={"photo": ("a.jpg", cut)}).json()["id"]
    answers = [server.client.post("/colorize", content=cut), server.client.post("/sessions", content=cut)]
    for _ in range(100):
        if server.client.get(f"/jobs/{job}").json()["finished"]:
            break
        time.sleep(0.05)
    answers.append(server.client.get(f"/jobs/{job}"))
    assert "failed" in answers[-1].text

    def broken(*_: Any) -> None:
        raise RuntimeError(f"secret {server.settings.state}")

    monkeypatch.setattr(server.service.colorizers, "paint", broken)
    answers.append(server.client.post("/colorize", content=photo))
    assert answers[-1].status_code == 500
    for answer in answers:
        assert str(server.settings.state) not in answer.text and "secret" not in answer.text
        assert "Traceback" not in answer.text and "in-0" not in answer.text


def test_results_are_never_shown_as_a_page(server: Running, photo: bytes) -> None:
    answer = server.client.post("/colorize", content=photo)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


# whose photo it is


def test_nobody_finds_another_ones_photo(server: Running, photo: bytes) -> None:
    one, other = server.begin(photo), server.begin(photo)
    with httpx.Client(base_url=server.client.base_url) as stranger:
        assert stranger.get("/sessions").json() == [] and not stranger.cookies
        for key in ("", "x", "*" * 32, disk.new_id()):
            assert stranger.get("/sessions", headers={"x-barva-client": key}).json() == []
    assert one != other and len(one.rpartition("/")[2]) == 32
    job = server.client.post("/jobs", files={"photo": ("a", photo)}).json()["id"]
    for path in ("/sessions/", "/jobs", "/jobs/"):
        assert server.client.get(path).status_code in (404, 405), "there is no other list"
    id = one.rpartition("/")[2]
    swapped = id[:-1] + ("A" if id[-1] != "A" else "B")
    for guess in (swapped, id[:-1], id + "A", id.swapcase(), id.lower(), job):
        if guess != id:
            assert server.client.get(f"/sessions/{guess}/preview").status_code == 404
    assert server.client.get(f"/jobs/{id}").status_code == 404
    assert server.client.delete(f"/sessions/{swapped}").status_code == 404
    for path in server.settings.state.rglob("*"):
        assert not path.is_dir() or path.stat().st_mode & 0o077 == 0, "other users of the machine see nothing"
    server.client.delete(one)
    for tail in ("", "/preview", "/result", "/guidance"):
        assert server.client.get(one + tail).status_code == 404
    assert not (server.settings.state / "sessions" / id).exists()
    assert server.client.get(f"{other}/preview").status_code == 200
    server.client.delete(other)


def test_ids_do_not_repeat_themselves() -> None:
    ids = {disk.new_id() for _ in range(1000)}
    assert len(ids) == 1000 and all(map(disk.is_id, ids))
    heads = np.array([[ord(c) for c in id] for id in ids])
    assert (np.array([len(set(column)) for column in heads.T]) > 40).all(), "every character varies"


def test_what_is_old_is_deleted(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(keep_results=3600, keep_sessions=7200)
    session = server.begin(photo)
    job = server.client.post("/jobs", files={"photo": ("a", photo)}).json()["id"]
    while not server.client.get(f"/jobs/{job}").json()["finished"]:
        time.sleep(0.05)
    now, service = time.time(), server.service
    service.store.sweep(now + 7100), service.jobs.sweep(now + 3500)
    assert server.client.get(f"/jobs/{job}/results/0").status_code == 200
    assert server.client.get(session).status_code == 200
    service.store.sweep(now + 7300 + 60), service.jobs.sweep(now + 3700)
    assert server.client.get(f"/jobs/{job}/results/0").status_code == 404
    assert server.client.get(f"{session}/preview").status_code == 404
    files = {path.name for path in server.settings.state.rglob("*") if path.is_file()}
    assert files <= {".lock", "studio.db", "studio.db-wal", "studio.db-shm"}
    for table in ("session", "step", "content", "job", "job_photo"):
        assert not server.service.database.rows(f"SELECT * FROM {table}"), table


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (Message("{name} is empty", code="photo.empty", name="<bytes>"), "the photo is empty"),
        (Message("<bytes> is odd"), "the photo is odd"),
        (
            Message("{name} is damaged; --salvage colors what is left", code="photo.damaged-salvage", name="in-3"),
            "the photo is damaged",
        ),
        (
            Message(
                "{format} holds one page, not {count}; choose one with --page, or write TIFF", format="JPEG", count=2
            ),
            "JPEG holds one page, not 2; write TIFF",
        ),
        (Message("{name} is empty", name=f"/var/lib/uploads/{'a' * 32}/photo-0"), "the photo is empty"),
        (
            Message("{file} is empty", file=f"/Users/Jane Doe/Library/My State/sessions/{'a' * 32}/photo"),
            "the photo is empty",
        ),
        (
            Message("{file} cannot be written", file=f"C:\\Users\\Jane Doe\\barva\\jobs\\{'-a_9' * 8}\\out-0"),
            "out-0 cannot be written",
        ),
        (Message(f"of state/films/{'a' * 32}/film: no frame"), "of film: no frame"),
        (Message("point 9,9 = red lies outside the photo"), "point 9,9 = red lies outside the photo"),
        (Message("'{words}': there is no such thing", words="photo"), "'photo': there is no such thing"),
        (Message("{name} is odd", name="a\nb"), "a b is odd"),
    ],
)
def test_messages_name_no_folder(message: Message, shown: str) -> None:
    assert disk.tidy(message) == shown
    assert disk.tidy(message).code == message.code
