"""As many sessions as are kept: who makes room, and who does not."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from studio_kit import Running

from barva.studio.sessions import store
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.visitors import VisitorSessions


def later(server: Running, seconds: float = store.IN_USE + 1) -> None:
    """As if time had gone by for all sessions."""
    for facts in server.service.store._facts.values():
        facts["used"] -= seconds


def test_the_longest_unused_makes_room(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(max_sessions=3)
    one, two, three = (server.begin(photo) for _ in range(3))
    later(server)
    assert server.client.get(f"{one}/preview").status_code == 200, "and so it is used"
    four = server.begin(photo)
    assert server.client.get(two).status_code == 404
    assert not (server.settings.state / two[1:]).exists()
    assert all(server.client.get(s).status_code == 200 for s in (one, three, four))


def test_after_a_restart_too(serving: Callable[..., Running], photo: bytes) -> None:
    first = serving(max_sessions=2)
    old, new = first.begin(photo), first.begin(photo)
    later(first, 100)
    first.client.get(new)
    first.service.stop()
    second = serving(max_sessions=2)
    later(second)
    assert second.client.post("/sessions", content=photo).status_code == 201
    assert [second.client.get(s).status_code for s in (old, new)] == [404, 200]


def test_what_is_in_use_stays_and_retry_after_is_true(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(max_sessions=2)
    sessions = [server.begin(photo) for _ in range(2)]
    later(server, store.IN_USE - 2)
    full = server.client.post("/sessions", content=photo)
    assert full.status_code == 503 and 1 <= int(full.headers["retry-after"]) <= 2
    time.sleep(int(full.headers["retry-after"]))
    assert server.client.post("/sessions", content=photo).status_code == 201
    assert [server.client.get(s).status_code for s in sessions] == [404, 200]


def test_a_session_at_work_stays(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(max_sessions=1)
    id = server.begin(photo).rpartition("/")[2]
    with server.service.store.using(id):
        later(server, 1000)
        assert server.client.post("/sessions", content=photo).status_code == 503
    later(server)
    assert server.client.post("/sessions", content=photo).status_code == 201


def test_an_open_page_stays(visitor: VisitorSessions, session: EditSession, photo: bytes) -> None:
    service = visitor.service
    object.__setattr__(service.settings, "max_sessions", 1)
    service.store.occupied.append(visitor.sessions.in_use)
    service.store._facts[session.key]["used"] -= 1000
    session.listeners.append(lambda: None)
    with pytest.raises(store.BusyError):
        visitor.add("uncle.jpg", photo)
    assert visitor.keys == [session.key]
    session.listeners.clear()
    other = visitor.add("uncle.jpg", photo)
    assert visitor.keys == [other]


def test_a_drop_evicts_nothing_from_the_list_of_an_open_page(visitor: VisitorSessions, photo: bytes) -> None:
    service, sessions = visitor.service, visitor.sessions
    object.__setattr__(service.settings, "max_sessions", 4)
    service.store.listed.append(sessions.on_list)
    page = visitor.owner, lambda key: key in visitor.keys
    sessions.pages.append(page)
    own = [visitor.add(f"{n}.jpg", photo) for n in range(4)]

    def age() -> None:
        for facts in service.store._facts.values():
            facts["used"] -= 1000

    for _ in range(3):
        age()
        with pytest.raises(store.BusyError, match=r"your list already has all the photos .*: 4; remove some first"):
            visitor.add("uncle.jpg", photo)
    assert visitor.keys == own[::-1]
    age()
    other = VisitorSessions(service, sessions, "w" * 32)
    first = other.add("aunt.jpg", photo)
    assert other.keys == [first] and visitor.keys == own[:0:-1], "others are not locked out"
    sessions.pages.remove(page)
    age()
    last = visitor.add("uncle.jpg", photo)
    assert visitor.keys == [last, *own[:1:-1]], "without a page before their eyes the longest unused goes"


def test_who_has_half_of_all_makes_room_with_the_own(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(max_sessions=4)
    mine = server.begin(photo)
    with httpx.Client(base_url=server.client.base_url, timeout=30) as other:
        theirs = [f"/sessions/{other.post('/sessions', content=photo).json()['id']}" for _ in range(3)]
        later(server)
        assert other.get("/health").status_code == 200 and other.post("/sessions", content=photo).status_code == 201
        assert other.get(theirs[0]).status_code == 404 and server.client.get(mine).status_code == 200


def test_the_list_is_ones_own(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving()
    first, second = (server.begin(photo).rpartition("/")[2] for _ in range(2))
    assert [row["id"] for row in server.client.get("/sessions").json()] == [second, first]
    server.client.get(f"/sessions/{first}")
    rows = server.client.get("/sessions").json()
    assert [row["id"] for row in rows] == [first, second] and rows[0]["name"] == "a.jpg"
    assert rows[0]["created"] <= rows[0]["used"] and rows[0]["used"].endswith("Z")
    with httpx.Client(base_url=server.client.base_url, timeout=30) as other:
        begun = other.post("/sessions", content=photo)
        key = begun.headers["x-barva-client"]
        assert [row["id"] for row in other.get("/sessions").json()] == [begun.json()["id"]]
    program = httpx.get(f"{server.client.base_url}sessions", headers={"x-barva-client": key})
    assert [row["id"] for row in program.json()] == [begun.json()["id"]], "without cookies"
    files = [p for p in server.settings.state.rglob("*") if p.is_file()]
    assert len(files) > 3 and not any(key in str(p) + p.read_text("latin-1") for p in files)
    server.service.stop()
    again = serving()
    kept = httpx.get(f"{again.client.base_url}sessions", headers={"x-barva-client": key})
    assert [row["id"] for row in kept.json()] == [begun.json()["id"]]


def test_looking_at_the_list_is_no_use_of_its_sessions(visitor: VisitorSessions, session: EditSession) -> None:
    facts = visitor.service.store._facts[session.key]
    facts["used"] = 1.0
    assert visitor.keys == [session.key] and facts["used"] == 1.0
