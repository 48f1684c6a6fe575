"""Who asks: a browser gets a cookie that nobody can guess, and by it the list of its own sessions. A program without
cookies may send the same value in a header."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from barva.studio.security import API, CLIENT, cookies_of
from barva.studio.service import Service
from barva.studio.sessions import disk
from barva.studio.sessions.edit_session import EditSession, EditSessions
from barva.studio.sessions.owners import owner_of
from barva.studio.sessions.stored_session import StoredSession

COOKIE = "barva_visitor"
_YEAR = 365 * 24 * 3600

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Visitors:
    """ASGI middleware: every request gets a visitor in `scope["barva.visitor"]`, and a new one's answer the cookie."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        known = _header(scope["headers"]) or _cookie(scope["headers"])
        visitor = scope["barva.visitor"] = known or disk.new_id()
        begins = scope["type"] == "http" and known is None and _begins(scope)

        async def greeting(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = f"{COOKIE}={visitor}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
                greeted = [(b"set-cookie", cookie.encode())]
                if scope.get("path", "/").startswith(API):
                    greeted.append((CLIENT.encode(), visitor.encode()))
                message["headers"] = [*message.get("headers", ()), *greeted]
            await send(message)

        await self.app(scope, receive, greeting if begins else send)


def _begins(scope: MutableMapping[str, Any]) -> bool:
    """Whether a new visitor is to be greeted: at the page, and where the API makes what may be listed."""
    path = scope.get("path", "/")
    return not path.startswith(API) or (scope["method"] == "POST" and path.endswith("/sessions"))


def _header(headers: list[tuple[bytes, bytes]]) -> str | None:
    shown = [value.decode("latin-1") for key, value in headers if key == CLIENT.encode()]
    return shown[0] if len(shown) == 1 and disk.is_id(shown[0]) else None


def _cookie(headers: list[tuple[bytes, bytes]]) -> str | None:
    cookie = cookies_of(headers).get(COOKIE)
    return cookie.value if cookie is not None and disk.is_id(cookie.value) else None


class VisitorSessions:
    """A visitor's sessions, the newest first."""

    def __init__(self, service: Service, sessions: EditSessions, visitor: str) -> None:
        self.service, self.sessions = service, sessions
        self.owner = owner_of(visitor)

    @property
    def keys(self) -> list[str]:
        """Of the sessions that are still there."""
        query = "SELECT session FROM listing WHERE owner = ? AND removed IS NULL ORDER BY place"
        rows = self.service.database.rows(query, (self.owner,))
        return [key for (key,) in rows if self.service.store.has(key)]

    def put_keys(self, keys: list[str]) -> None:
        """These in this order, whatever had been removed; who calls has begun the transaction in which it read the
        list."""
        put = "INSERT INTO listing (owner, session, place) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET place = ?"
        for place, key in enumerate(keys):
            self.service.database.execute(f"{put}, removed = NULL", (self.owner, key, place, place))

    def add(
        self,
        name: str,
        data: bytes | Path,
        check: Callable[[StoredSession], object] | None = None,
        arrival: tuple[str, int] | None = None,
    ) -> str:
        """A new session for a photo, a file is moved; its key. `check` as in `Store.create`. Of files that come
        together, `arrival` names the drop and the place in it: they lie in its order whichever is read first.
        ReadError, UsageError, BusyError, WriteError."""

        def listed(key: str) -> None:
            self.put_keys(self._with(key, arrival))

        return self.service.store.create(data, name, owner=self.owner, check=check, listed=listed).id

    def _with(self, key: str, arrival: tuple[str, int] | None) -> list[str]:
        """The list with a new session, the newest first."""
        keys, known = self.keys, self.sessions.arrivals
        if arrival is None:
            return [key, *keys]
        known[key] = drop, number = arrival
        later = 0
        while later < len(keys) and known.get(keys[later], ("", 0))[0] == drop and known[keys[later]][1] > number:
            later += 1
        return [*keys[:later], key, *keys[later:]]

    def name(self, key: str) -> str:
        """What a photo is called, which may be gone; empty where nothing is known of it."""
        return self.service.store.name(key)

    def session(self, key: str) -> EditSession:
        """One of this visitor's sessions, open. MissingError."""
        return self.sessions.open(key)

    def adopt(self, key: str) -> None:
        """A session that was opened by its address belongs to the list from now on. MissingError."""
        self.service.store.get(key)
        with self.service.database.transaction():
            if key not in self.keys:
                self.put_keys([key, *self.keys])
