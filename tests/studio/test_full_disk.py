"""A disk without room: the answer says so (507), and everything is as it was."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from studio_kit import POINT, Running, finished, marked

from barva.errors import WriteError
from barva.studio.jobs import queue
from barva.studio.page import applying
from barva.studio.sessions import disk
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.journal import Journal
from barva.studio.sessions.visitors import VisitorSessions


@contextmanager
def full(after: int = 0, code: int = errno.ENOSPC) -> Iterator[None]:
    """No file can be written any more, apart from the next few."""
    opened, left = Path.open, after

    def no_room(path: Path, mode: str = "r", *given: Any, **settings: Any) -> Any:
        nonlocal left
        if mode[0] in "wax":
            left -= 1
            if left < 0:
                raise OSError(code, "No space left on device", str(path))
        return opened(path, mode, *given, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", no_room)
        yield


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files and what they hold, without the time of the last use."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def is_told(answer: Any) -> None:
    assert answer.status_code == 507, answer.text
    error = answer.json()["error"]
    assert error["code"] == "disk-full" and "disk of the server is full" in error["message"]
    assert "\n" not in error["message"] and "/" not in error["message"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_nothing_that_comes_in_is_half_kept(code: int, serving: Callable[..., Running], photo: bytes) -> None:
    server = serving()
    for path in ("/colorize", "/sessions", "/jobs", "/suggestions?x=1&y=1"):
        for sent in ({"content": photo}, {"files": {"photo": ("a.jpg", photo)}}):
            with full(code=code):
                is_told(server.client.post(path, **sent))
    for room in range(1, 3):  # the upload has room, what is kept of it has not
        with full(room):
            answer = server.client.post("/sessions", content=photo, params={"guidance": json.dumps(POINT)})
            assert answer.status_code in (201, 507)
    with full(1):
        is_told(server.client.post("/jobs", content=photo))
    kept = [row["id"] for row in server.client.get("/sessions").json()]
    assert sorted(kept) == sorted(p.name for p in (server.settings.state / "sessions").iterdir())
    assert not list((server.settings.state / "jobs").iterdir())
    assert not list((server.settings.state / "uploads").iterdir())


def test_a_change_is_whole_or_not_at_all(serving: Callable[..., Running], photo: bytes, astronaut: np.ndarray) -> None:
    server = serving()
    session = server.begin(photo, guidance=json.dumps(POINT), vividness="1.2")
    scene = server.client.get(f"{session}/scene").json()
    out = io.BytesIO()
    Image.fromarray(astronaut).resize((120, 120)).save(out, "PNG")
    reference = {"reference": out.getvalue()}
    assert server.client.put(f"{session}/references", files=reference).status_code == 200
    folder = server.settings.state / session[1:]
    before, shown = snapshot(folder), server.client.get(f"{session}/preview").content
    told = server.client.get(session).json()
    other = {**POINT, "marks": [{"kind": "point", "at": [30, 30], "color": "blue"}]}
    Image.fromarray(255 - astronaut).resize((120, 120)).save(again := io.BytesIO(), "PNG")
    changes: list[tuple[str, dict[str, Any]]] = [
        ("settings", {"json": {"vividness": 0.2}}),
        ("guidance", {"json": other}),
        ("scene", {"json": scene}),
        ("references", {"files": {"reference": again.getvalue()}}),
    ]
    for path, sent in changes:
        for room in range(6):
            with full(room):
                answer = server.client.put(f"{session}/{path}", **sent)
            if answer.status_code == 200:
                assert room > 0
                break
            is_told(answer)
            assert snapshot(folder) == before, (path, room)
            assert server.client.get(session).json() == told
            assert server.client.get(f"{session}/preview").content == shown
        assert answer.status_code == 200, "with room it is done"
        before, shown = snapshot(folder), server.client.get(f"{session}/preview").content
        told = server.client.get(session).json()


def test_looking_needs_no_room(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving()
    session = server.begin(photo)
    server.service.store.get(session.rpartition("/")[2])._noted -= 1000
    with full():
        for path in ("", "/preview", "/guidance", "/scene", "/result", "/tiles/color/0/0/0"):
            assert server.client.get(session + path).status_code == 200, path
        assert server.client.delete(session).status_code == 204, "which makes room"


def test_the_queue_goes_on(serving: Callable[..., Running], photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serving(workers=1)
    paint = server.service.colorizers.paint

    def slowly(*given: Any) -> Any:
        time.sleep(0.3)
        return paint(*given)

    monkeypatch.setattr(server.service.colorizers, "paint", slowly)
    job = server.client.post("/jobs", files=[("photo", (f"{n}.jpg", photo)) for n in range(2)]).json()["id"]
    with full():
        ended = finished(server.client, job)
        assert {item["state"] for item in ended["items"]} <= {"done", "failed"}
        before = server.client.get(f"/jobs/{job}").json()
        if any(item["state"] == "failed" for item in ended["items"]):
            is_told(server.client.post(f"/jobs/{job}/retry"))
            assert server.client.get(f"/jobs/{job}").json() == before
    server.client.post(f"/jobs/{job}/retry")
    assert finished(server.client, job)["done"] == 2
    again = server.client.post("/jobs", files={"photo": photo}).json()["id"]
    assert finished(server.client, again)["done"] == 1


def test_the_history_is_as_the_disk_has_it(session: EditSession) -> None:
    journal = session.files.journal
    journal.add(marked(session))
    kept = journal.now
    for step in (lambda: journal.add(Document(vividness=0.5)), lambda: journal.go(-1)):
        with full(), pytest.raises(disk.FullError):
            step()
        assert journal.now == kept and journal.path is not None and Journal.load(journal.path).now == kept
    with full(), pytest.raises(disk.FullError):
        session.files.tell(job="x")
    assert "job" not in session.files.about


def test_what_is_shown_is_what_is_kept(session: EditSession) -> None:
    async def work() -> None:
        session.change(marked(session))
        kept = session.now
        session.change(Document(vividness=0.4), final=False)
        assert session.live != kept
        for edit in (lambda: session.change(Document(vividness=0.5)), lambda: session.step(-1)):
            with full(), pytest.raises(disk.FullError):
                edit()
            assert session.live == session.now == kept
        session.step(-1)
        assert session.live == session.now == Document()
        while session.busy:
            await asyncio.sleep(0.02)
        assert session.stored.guidance.marks == ()

    asyncio.run(work())


def test_an_undo_for_many_photos_goes_on_where_the_disk_was_full(
    visitor: VisitorSessions, session: EditSession, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.files.journal.add(marked(session))
    others = [visitor.session(visitor.add(f"{n}.jpg", photo)) for n in range(2)]
    applied = asyncio.run(applying.apply(visitor, session, [other.key for other in others]))
    assert len(applied.changes) == 2 and all(other.now.items for other in others)
    back, calls = EditSession.back, []

    def once(self: EditSession, document: Document) -> None:
        calls.append(self.key)
        with full(0 if len(calls) == 2 else 99):
            back(self, document)

    monkeypatch.setattr(EditSession, "back", once)
    with pytest.raises(disk.FullError):
        asyncio.run(applying.undo(visitor, applied))
    assert [bool(other.now.items) for other in others] == [False, True]
    assert asyncio.run(applying.undo(visitor, applied)) == []
    assert not any(other.now.items for other in others) and len(calls) == 3


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add(Document(vividness=0.5))
    with path.open("ab") as file:
        file.write(b'{"at": 2, "docu')  # the server was killed
    again = Journal.load(path)
    again.add(Document(vividness=0.7))
    assert Journal.load(path).now == Document(vividness=0.7)


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"one\n")
    with pytest.raises(OSError, match="File too large"):
        limited(path, b"x" * 100)
    assert path.read_bytes() == b"one\n"
    disk.append_line(path, b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"


def limited(path: Path, line: bytes) -> None:
    """`append_line` where a file may grow to 50 bytes: the system takes a part, then refuses."""
    import resource
    import signal

    old, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, old[1]))
    try:
        disk.append_line(path, line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_photo_that_cannot_be_listed_is_not_kept(
    visitor: VisitorSessions, session: EditSession, photo: bytes
) -> None:
    for room in range(4):
        with full(room):
            try:
                visitor.add("uncle.jpg", photo)
            except WriteError:
                assert visitor.keys == [session.key]
                assert [p.name for p in (visitor.service.settings.state / "sessions").iterdir()] == [session.key]
                continue
        break
    assert len(visitor.keys) == 2


def test_no_job_without_its_photo_knowing(session: EditSession) -> None:
    for room in range(6):
        with full(room):
            try:
                queue.color(session)
            except WriteError:
                assert queue.job_of(session) is None and not session.service.jobs._jobs
                continue
        break
    assert queue.job_of(session) is not None and len(session.service.jobs._jobs) == 1
