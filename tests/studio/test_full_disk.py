"""A disk without room: the answer says so (507), and everything is as it was."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import json
import sqlite3
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
from barva.studio.sessions.database import Database
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.history import History
from barva.studio.sessions.visitors import VisitorSessions


@contextmanager
def full(after: int = 0, code: int = errno.ENOSPC) -> Iterator[None]:
    """No file can be written any more, apart from the next few."""
    opened, committed, left = Path.open, Database._commit, after

    def no_room(path: Path, mode: str = "r", *given: Any, **settings: Any) -> Any:
        nonlocal left
        if mode[0] in "wax":
            left -= 1
            if left < 0:
                raise OSError(code, "No space left on device", str(path))
        return opened(path, mode, *given, **settings)

    def not_committed(database: Database) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise sqlite3.OperationalError("database or disk is full")
        committed(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", no_room)
        patch.setattr(Database, "_commit", not_committed)
        yield


def snapshot(state: Path) -> dict[str, Any]:
    """All files and what they hold, and all rows, without the times of the last use."""
    files: dict[str, Any] = {
        str(path.relative_to(state)): path.read_bytes()
        for path in state.rglob("*")
        if path.is_file() and not path.name.startswith("studio.db")
    }
    with contextlib.closing(sqlite3.connect(state / "studio.db")) as database:
        database.row_factory = sqlite3.Row
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = database.execute(f"SELECT * FROM {table}").fetchall()
            files[table] = sorted(repr(dict(row) | {"used": 0}) for row in rows)
    return files


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
    folder = server.settings.state
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
    history, database = session.history, session.service.database
    history.add(marked(session))
    kept = history.now
    for step in (lambda: history.add(Document(vividness=0.5)), lambda: history.go(-1)):
        with full(), pytest.raises(disk.FullError):
            step()
        assert history.now == kept and History(database, session.key).now == kept
    with full(), pytest.raises(disk.FullError):
        session.files.put_reference("aunt.png", b"a picture")
    assert not session.files.reference_keys() and not database.rows("SELECT * FROM reference")


def test_a_database_that_cannot_grow_loses_nothing(session: EditSession) -> None:
    """SQLite itself refuses the pages, in the middle of a step."""
    session.history.add(Document(vividness=0.5))
    database = session.service.database
    before = snapshot(database.state)
    ((pages,),) = database.rows("PRAGMA page_count")
    database.rows(f"PRAGMA max_page_count = {pages}")
    large = Document(items=tuple(Item(str(n), "point", "red", at=(1.0, 1.0)) for n in range(4000)))
    with pytest.raises(disk.FullError):
        session.history.add(large, {"key": "x" * 500_000})
    assert snapshot(database.state) == before and session.now == Document(vividness=0.5)
    database.rows("PRAGMA max_page_count = 1000000")
    session.history.add(large)
    assert History(database, session.key).now == large


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
        assert session.stored._shown == Document()

    asyncio.run(work())


def test_an_undo_for_many_photos_goes_on_where_the_disk_was_full(
    visitor: VisitorSessions, session: EditSession, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.history.add(marked(session))
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
