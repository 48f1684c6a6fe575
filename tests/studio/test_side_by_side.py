"""Two writers at once: several uploads of one visitor, and two servers on one state folder."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from barva.errors import UsageError
from barva.studio.service import Service
from barva.studio.sessions import disk
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.history import History
from barva.studio.sessions.visitors import VisitorSessions


def test_no_upload_gets_lost_among_others(
    visitor: VisitorSessions, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = VisitorSessions.put_keys

    def slowly(self: VisitorSessions, keys: list[str]) -> None:
        time.sleep(0.02)
        put(self, keys)

    monkeypatch.setattr(VisitorSessions, "put_keys", slowly)
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda n: visitor.add(f"{n}.jpg", photo), range(8)))
        opened = list(pool.map(visitor.session, added[:1] * 8))
    assert sorted(visitor.keys) == sorted(added)
    assert len({id(session) for session in opened}) == 1, "one photo has one session"


def test_a_second_server_touches_nothing(visitor: VisitorSessions) -> None:
    settings = visitor.service.settings
    coming = disk.folder(settings.state / "uploads" / disk.new_id()) / "photo"
    coming.write_bytes(b"half of it")
    with pytest.raises(UsageError, match="another server works in"):
        Service(settings)
    assert coming.exists()
    visitor.service.stop()
    Service(settings).stop()


def test_no_step_gets_lost_among_others(session: EditSession) -> None:
    history, each = session.history, 25

    def steps(writer: int) -> None:
        for n in range(each):
            history.add(Document(seed=writer * each + n + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(steps, range(4)))
    kept = History(session.service.database, session.key)
    assert kept.states == history.states and kept.position == history.position == 4 * each
    assert sorted(document.seed for document in kept.states) == list(range(4 * each + 1))
