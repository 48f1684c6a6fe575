"""Attacks on who may speak: other names, pages of other sites, missing and wrong tokens."""

from __future__ import annotations

import asyncio
import queue
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from studio_kit import Running

from barva.errors import UsageError
from barva.studio.security import Guard
from barva.studio.settings import Settings

EVIL = "evil.example"


@pytest.mark.parametrize(
    "host",
    [
        EVIL,
        f"localhost.{EVIL}",
        f"127.0.0.1.{EVIL}",
        "192.168.1.7",
        "localhost:80:80",
        "localhost@evil",
        "[::1",
        "localhost.",
    ],
)
def test_other_names_are_refused(host: str, server: Running) -> None:
    """DNS rebinding: the browser believes that evil.example is this machine."""
    answer = server.client.get("/health", headers={"host": host})
    assert answer.status_code == 421
    assert "access-control-allow-origin" not in answer.headers


def test_two_hosts_and_none_are_refused(server: Running) -> None:
    two = f"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: {EVIL}\r\n\r\n"
    assert server.raw(two.encode()).split()[1] in (b"400", b"421")
    assert server.raw(b"GET /api/v1/health HTTP/1.0\r\n\r\n").split()[1] in (b"400", b"421")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8480", "LOCALHOST"])
def test_its_own_names_are_known(host: str, server: Running) -> None:
    assert server.client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", [f"http://{EVIL}", "null", "http://127.0.0.1:1", "https://localhost", "file://", ""])
@pytest.mark.parametrize("way", ["GET", "POST", "OPTIONS", "DELETE"])
def test_pages_of_other_sites_are_refused(origin: str, way: str, server: Running) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    answer = server.client.request(way, "/colorize" if way == "POST" else "/health", headers=asked)
    assert answer.status_code == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_its_own_page_may(server: Running) -> None:
    own = {"origin": f"http://127.0.0.1:{server.port}", "sec-fetch-site": "same-origin"}
    assert server.client.get("/health", headers=own).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pictures_and_links_of_other_sites_are_refused(site: str, server: Running) -> None:
    picture = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    opened = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    framed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    page = f"http://127.0.0.1:{server.port}/"
    assert server.client.get("/health", headers=picture).status_code == 403
    assert server.client.get("/health", headers=opened).status_code == 403, "the API is no page"
    assert server.client.get(page, headers=framed).status_code == 403
    assert server.client.get(page, headers=opened).status_code == 200, "a link may open the page"


def test_websockets_of_other_sites_are_refused() -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("the page was reached")

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    for headers in ([(b"host", b"evil.example")], [(b"host", b"localhost"), (b"origin", b"http://evil.example")]):
        said: list[Any] = []

        async def send(message: Any, said: list[Any] = said) -> None:
            said.append(message)

        asyncio.run(Guard(app, Settings())({"type": "websocket", "headers": headers, "path": "/ws"}, receive, send))
        assert [m["type"] for m in said] == ["websocket.close"]


TOKEN = "correct-horse-battery"


def test_a_token_is_wanted_where_one_is_set(serving: Callable[..., Running]) -> None:
    server = serving(token=TOKEN)
    ask = server.client.get
    shown = (f"Bearer {TOKEN}x", "Bearer x", TOKEN, f"Basic {TOKEN}", "")
    cookies = (f"barva_token={TOKEN[:-1]}", "=;;,", "barva_token=")
    for wrong in ({}, *({"authorization": a} for a in shown), *({"cookie": c} for c in cookies)):
        answer = ask("/health", headers=wrong)
        assert answer.status_code == 401 and TOKEN not in answer.text
    assert ask(f"/health?token={TOKEN}").status_code == 401, "addresses are kept in histories"
    assert ask("/health", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert ask("/health", headers={"cookie": f"a=b; barva_token={TOKEN}"}).status_code == 200
    assert TOKEN not in repr(server.settings)


def test_opening_the_page_with_the_token_leads_nowhere_else(serving: Callable[..., Running]) -> None:
    server = serving(token=TOKEN)
    for path in ("/", f"//{EVIL}/", f"/\\{EVIL}", "/%0d%0aset-cookie:x"):
        answer = server.client.get(f"http://127.0.0.1:{server.port}{path}?token={TOKEN}&x=1")
        assert answer.status_code == 303
        where = answer.headers["location"]
        assert where.startswith("/") and not where.startswith(("//", "/\\")) and TOKEN not in where
        assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Lax" in answer.headers["set-cookie"]
        assert len(answer.headers.get_list("set-cookie")) == 1


def test_every_token_that_is_taken_opens_the_page(serving: Callable[..., Running]) -> None:
    """Base64 has + and / and =."""
    token = "a+b/c.d_e~f-g==hijkl"
    server = serving(token=token)
    page = f"http://127.0.0.1:{server.port}/"
    entered = server.client.get(f"{page}?token={quote(token, safe='')}")
    assert entered.status_code == 303
    shown = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
    assert server.client.get("/health", headers=shown).status_code == 200


def test_the_browser_is_given_the_token_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("nicegui")
    from barva.cli import serve, studio
    from barva.studio import server, site

    shown: queue.Queue[str] = queue.Queue()
    monkeypatch.setenv("BARVA_TOKEN", "a+b/c.d_e~f-g==hijkl")
    monkeypatch.setattr(serve, "prepare", lambda settings: None)
    monkeypatch.setattr(site, "create_site", lambda settings: None)
    monkeypatch.setattr(server, "serve", lambda settings, app, ready: ready("http://127.0.0.1:8480"))
    monkeypatch.setattr("webbrowser.open", shown.put)
    studio.studio(token=True, state=tmp_path)
    assert shown.get(timeout=5) == "http://127.0.0.1:8480/?token=a%2Bb%2Fc.d_e~f-g%3D%3Dhijkl"


def test_the_pages_fetch_nothing_from_elsewhere(server: Running) -> None:
    for path in ("/", "/docs"):
        answer = server.client.get(f"http://127.0.0.1:{server.port}{path}")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"<(script|link|img|iframe)|(src|href)=.?(https?:)?//|@import|url\(", answer.text), path
    missing = server.client.get(f"http://127.0.0.1:{server.port}/nothing")
    policy = missing.headers["content-security-policy"]
    assert missing.status_code == 404 and "default-src 'self'" in policy and "http" not in policy


def test_the_description_for_people_has_every_path(server: Running) -> None:
    text = server.client.get(f"http://127.0.0.1:{server.port}/docs").text
    for path in server.client.get("/openapi.json").json()["paths"]:
        assert path in text


# pages of other sites that are named

PAGE = "http://localhost:3000"


def test_a_named_origin_may_use_the_api(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(origins=(PAGE, "https://photos.example/"), token=TOKEN)
    asks = {"origin": PAGE, "access-control-request-method": "PUT", "sec-fetch-site": "same-site"}
    first = server.client.options("/sessions/x/guidance", headers=asks)
    assert first.status_code == 204 and not first.content, "the question carries no token"
    assert first.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in first.headers["access-control-allow-methods"] and "Origin" in first.headers["vary"]
    assert {"authorization", "content-type"} <= {*first.headers["access-control-allow-headers"].lower().split(", ")}
    own = {"origin": PAGE, "sec-fetch-site": "same-site", "authorization": f"Bearer {TOKEN}"}
    answers = [
        server.client.get("/health", headers=own),
        server.client.post("/colorize", content=photo, headers=own),
        server.client.post("/colorize", content=b"no photo", headers=own),
        server.client.get("/health", headers={**own, "authorization": "Bearer wrong"}),
        server.client.get("/health", headers={**own, "origin": "https://photos.example"}),
    ]
    assert [a.status_code for a in answers] == [200, 200, 415, 401, 200]
    for answer in (first, *answers):
        assert answer.headers["access-control-allow-origin"] == answer.request.headers["origin"]
        assert "access-control-allow-credentials" not in answer.headers
    assert "X-Barva-Notes" in answers[1].headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["http://localhost:3001", "https://localhost:3000", "http://localhost:3000.evil.example", "null",
               "http://xlocalhost:3000", "http://localhost:3000/", "HTTP://LOCALHOST:3000", "*", ""],
)  # fmt: skip
def test_nearly_a_named_origin_is_refused(origin: str, serving: Callable[..., Running]) -> None:
    server = serving(origins=(PAGE,))
    for way in ("GET", "OPTIONS"):
        answer = server.client.request(
            way, "/health", headers={"origin": origin, "access-control-request-method": "GET"}
        )
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    page = server.client.get(f"http://127.0.0.1:{server.port}/", headers={"origin": PAGE})
    assert page.status_code == 403, "the API alone"
    assert "access-control-allow-origin" not in server.client.get("/health").headers


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "localhost:3000", "http://*.example", "http://a/b", "file://", "http://", "http://a:b", "a b"],
)
def test_origins_are_exact(origin: str) -> None:
    with pytest.raises(UsageError, match="an origin is"):
        Settings(origins=(origin,))


def test_origins_are_as_browsers_send_them() -> None:
    origins = ("HTTP://Localhost:3000/", "https://a.example:443", "http://[::1]:80")
    assert Settings(origins=origins).origins == (PAGE, "https://a.example", "http://[::1]")


@pytest.mark.parametrize(
    "token",
    ["short", "", "with a\nnewline 1234567", "with a space 1234567", "semi;colon;1234567", "ключ-ключ-ключ-ключ"],
)
def test_weak_tokens_are_refused(token: str) -> None:
    with pytest.raises(UsageError):
        Settings(token=token)


def test_it_listens_on_this_machine_alone_unless_told() -> None:
    assert Settings().host == "127.0.0.1" and Settings().local
    assert not Settings(host="0.0.0.0").local
