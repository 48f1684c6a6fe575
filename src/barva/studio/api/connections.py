"""`Connections`: nobody keeps others out by holding connections open.

An HTTP server that waits without end for the rest of a request can be locked by a few hundred sockets (known as
Slowloris). Three rules: a request's head and body have to arrive in time, an answer has to be taken in time, and a
client with too many connections loses the idlest of them to each new one. So even from its own address a client
with work to do always finds a place.

The watch stands outside of the HTTP protocol: between the socket and the server's own protocol class it counts bytes,
and around the application it sees requests begin and end. Both know a connection by its peer's address and port.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from barva import errors
from barva.studio.security import App, Message, Receive, RefusedError, Scope, Send, refuse
from barva.studio.settings import ConnectionLimits

Peer = tuple[str, int]
TICK = 0.5
"""Seconds between looks at all connections."""

_QUIET, _HEAD, _BODY, _WORK, _STREAM = range(5)  # between requests; and the parts of one


class Connections:
    """All connections of a server: `protocol` makes the watched protocol for the server, `around` the watched
    application. Belongs to the event loop."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open: dict[Peer, Watched] = {}
        self._ticking: asyncio.TimerHandle | None = None

    def protocol(self, inner: Callable[..., asyncio.Protocol]) -> type[asyncio.Protocol]:
        """What takes the place of a protocol class in the server's configuration."""

        def make(**settings: Any) -> asyncio.Protocol:
            return Watched(self, inner(**settings))

        return cast("type[asyncio.Protocol]", make)

    def around(self, app: App) -> App:
        """The application; it tells the connection where in a request it is."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            connection = self.open.get(_peer(scope.get("client")))
            if connection is None or scope["type"] not in ("http", "websocket"):
                await app(scope, receive, send)
            elif connection.refused:
                error = RefusedError(
                    503,
                    "busy",
                    errors.Message("too many connections of yours are in use", code="busy.connections"),
                    retry=5,
                )
                await refuse(scope, receive, send, error, close=True)
            elif scope["type"] == "websocket":
                connection.enter(_STREAM)
                await app(scope, receive, send)
            else:
                await connection.request(app, scope, receive, send)

        return watched

    def add(self, connection: Watched) -> None:
        """A new connection; an idle one may have to go for it."""
        now = asyncio.get_running_loop().time()
        live = [c for c in self.open.values() if not c.closing]
        own = [c for c in live if c.client == connection.client]
        if len(own) >= self.limits.per_client:
            connection.refused = not self._room(own, now)
        elif len(live) >= self.limits.total:
            connection.refused = not self._room(_largest_first(live), now)
        if len(self.open) >= 2 * self.limits.total:  # they come quicker than the system lets go of them
            connection.abort()
            return
        self.open[connection.peer] = connection
        if self._ticking is None:
            self._tick()

    def _room(self, candidates: list[Watched], now: float) -> bool:
        """Close the one that is missed least; whether there is one."""
        ranked = [(rank, n) for n, c in enumerate(candidates) if (rank := c.idleness(now)) is not None]
        if not ranked:
            return False
        candidates[max(ranked, key=lambda r: (r[0], -r[1]))[1]].close("too many connections")
        return True

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in list(self.open.values()):
            connection.check(loop.time())
            if connection.lost:
                self.open.pop(connection.peer, None)
        self._ticking = loop.call_later(TICK, self._tick) if self.open else None


class Watched(asyncio.Protocol):
    """One connection: passes everything on to the server's own protocol, and knows how long what takes."""

    def __init__(self, all_: Connections, inner: asyncio.Protocol) -> None:
        self._all, self._inner = all_, inner
        self._transport: asyncio.Transport | None = None
        self.peer: Peer = ("", 0)
        self.refused = self.lost = False
        self._part, self._since, self._bytes = _HEAD, 0.0, 0
        self._closing: float | None = None  # since when
        self._unsent, self._unsent_since = 0, 0.0

    @property
    def closing(self) -> bool:
        return self._closing is not None

    @property
    def client(self) -> str:
        return self.peer[0]

    # ---- as the event loop calls it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.peer = _peer(transport.get_extra_info("peername"))
        self.enter(_HEAD)
        self._inner.connection_made(transport)
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        if self._closing is not None:
            return
        if self._part == _QUIET:
            self.enter(_HEAD)
        if self._part == _HEAD and self._bytes > self._all.limits.head_bytes:
            self.close("the head is too long", 431)
            return
        self._bytes += len(data)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._all.open.get(self.peer) is self:
            del self._all.open[self.peer]
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def __getattr__(self, name: str) -> Any:
        """What else the server wants of its protocol, such as `shutdown`."""
        return getattr(self._inner, name)

    # ---- as a request goes on

    def enter(self, part: int) -> None:
        self._part, self._bytes, self._since = part, 0, asyncio.get_running_loop().time()

    async def request(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, its parts noted."""
        self.enter(_BODY if _has_body(scope) else _WORK)

        async def received() -> Message:
            message = await receive()
            if self._part == _BODY and not (message["type"] == "http.request" and message.get("more_body")):
                self.enter(_WORK)
            return message

        async def sent(message: Message) -> None:
            if self._part != _STREAM:  # after an early answer the rest of the body is of no interest
                self.enter(_STREAM)
            await send(message)

        try:
            await app(scope, received, sent)
        finally:
            self.enter(_QUIET)

    def check(self, now: float) -> None:
        """Close the connection if something takes too long."""
        limits, took = self._all.limits, now - self._since
        assert self._transport is not None
        if self._transport.get_protocol() is not self and self._transport.is_closing():
            self.lost = True  # a websocket's own protocol has heard of it
        if self._closing is not None:
            if now - self._closing > limits.linger:
                self.abort()
        elif self._stalled(now) > limits.stall:
            self.abort()
        elif self._part == _HEAD and took > limits.head:
            self.close("the request's head did not arrive in time", 408 if self._bytes else 0)
        elif self._part == _QUIET and took > 2 * limits.head:
            self.close("idle")
        elif self._part == _BODY and took > limits.body + self._bytes / limits.body_rate:
            self.close("the request's body did not arrive in time", 408)

    def _stalled(self, now: float) -> float:
        """Seconds for which nothing of an answer that waits has been taken."""
        assert self._transport is not None
        unsent = self._transport.get_write_buffer_size()
        if unsent == 0 or unsent < self._unsent or self._unsent == 0:
            self._unsent_since = now
        self._unsent = unsent
        return now - self._unsent_since if unsent else 0.0

    def idleness(self, now: float) -> tuple[int, float] | None:
        """How little it would be missed, None where it is at work."""
        took = now - self._since
        if self._closing is not None:
            return None
        if self._part in (_QUIET, _HEAD):
            return 3, took
        if self._part == _BODY:
            slow = took > 2 and self._bytes < 4 * self._all.limits.body_rate * took
            return (2, took) if slow else None
        if self._stalled(now) > 5:
            return 1, took
        # an open page's websocket and a stream of events come back by themselves
        return (0, took) if self._part == _STREAM and took > 5 else None

    def close(self, why: str, status: int = 0) -> None:
        """Say why, where a request has begun, and end the connection."""
        transport = self._transport
        assert transport is not None
        self._closing = asyncio.get_running_loop().time()
        if status and not transport.is_closing():
            phrase = {408: "Request Timeout", 431: "Request Header Fields Too Large"}[status]
            body = f'{{"error": {{"code": "http", "message": "{why}"}}}}'
            transport.write(
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n"
                f"content-length: {len(body)}\r\n\r\n{body}".encode()
            )
        transport.close()

    def abort(self) -> None:
        """End it without waiting for anything."""
        assert self._transport is not None
        self._closing = self._closing or asyncio.get_running_loop().time()
        self._transport.abort()


def _peer(address: Any) -> Peer:
    """What tells connections apart; of an address of another kind, such as a Unix socket's, nothing."""
    return (str(address[0]), int(address[1])) if isinstance(address, tuple | list) and len(address) >= 2 else ("", 0)


def _largest_first(connections: list[Watched]) -> list[Watched]:
    """Those of the client with the most connections first."""
    count = Counter(c.client for c in connections)
    return sorted(connections, key=lambda c: -count[c.client])


def _has_body(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False  # nobody reads one
    return any(_announces(key.lower(), value) for key, value in scope["headers"])


def _announces(key: bytes, value: bytes) -> bool:
    return key == b"transfer-encoding" or (key == b"content-length" and value.strip(b" 0") != b"")
