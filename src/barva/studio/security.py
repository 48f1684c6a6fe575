"""`Guard`: who may speak to the studio, and how much they may say. Around everything else, the page included.

A page of another site that is open in the same browser can send requests to 127.0.0.1, and by DNS rebinding even under
a name that it owns. So a request must name this server in its `Host`, and where a browser says which page sent it
(`Origin`, `Sec-Fetch-Site`) it must be a page of this server, or, for the API, of an origin that the settings name
exactly. Only such an origin gets CORS headers; no wildcard is ever sent, and never a leave to send cookies along. What
the browser sends for pictures and links of foreign pages is refused too, except for opening the page itself.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from barva import errors
from barva.studio.locale.messages import Words, language_of
from barva.studio.settings import LOOPBACK, Settings, megabytes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API = "/api/"
FILM = "/studio/film"
"""Where films come in, which may be larger than all other requests."""
CLIENT = "x-barva-client"
"""The header by which a program without cookies says whose sessions it means."""

METHODS = "GET, HEAD, POST, PUT, DELETE"
COOKIE = "barva_token"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
PAGE_HEADERS = (
    (
        b"content-security-policy",  # NiceGUI writes scripts and styles into its page, and compiles templates in it
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; "
        b"base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
)
API_HEADERS = ((b"content-security-policy", b"default-src 'none'; sandbox"), (b"cache-control", b"no-store"))


_OTHER_HOST = errors.Message("this server does not go by that name; --allow-host NAME adds one", code="guard.host")
_OTHER_ORIGIN = errors.Message("pages of other sites may not use this server", code="guard.origin")
_NO_TOKEN = errors.Message(
    "this server wants its token: Authorization: Bearer TOKEN, or open the page with ?token=", code="guard.token"
)


class RefusedError(Exception):
    """Why a request is not answered: HTTP `status` and a line for the caller; `retry`: when to come back, s."""

    def __init__(self, status: int, code: str, message: errors.Message, retry: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry = status, code, message, retry


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        if scope["type"] == "http":
            scope, send = _as_get(scope), self._for_origin(headers, scope, send)
        try:
            check_host(headers, self.settings)
            check_origin(headers, scope, self.settings)
            if await self._asks_first(headers, scope, send):
                return
            if await self._enters_with_token(scope, send):
                return
            check_token(headers, self.settings)
            limit = self._announced(headers, scope["path"])
        except RefusedError as refused:
            await refuse(scope, receive, send, refused)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, _harden(send, scope["path"]), limit)
        await self.app(scope, body.receive, body.send)

    def _for_origin(self, headers: list[tuple[bytes, bytes]], scope: Scope, send: Send) -> Send:
        """CORS for the origins that the settings name, on every answer of the API, errors too: without them a page
        could not read what is wrong."""
        if not self.settings.origins or not scope["path"].startswith(API):
            return send
        fields = [(b"vary", b"Origin")]
        origin = _one(headers, b"origin")
        if origin in self.settings.origins:
            fields += [
                (b"access-control-allow-origin", _ascii(origin or "")),
                (
                    b"access-control-expose-headers",
                    b"Content-Disposition, Retry-After, Allow, X-Barva-Notes, X-Barva-Client",
                ),
            ]

        async def allowing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *fields]
            await send(message)

        return allowing

    async def _asks_first(self, headers: list[tuple[bytes, bytes]], scope: Scope, send: Send) -> bool:
        """The question by which a browser begins a foreign page's request; it never carries a token."""
        if scope["type"] != "http" or scope["method"] != "OPTIONS" or not scope["path"].startswith(API):
            return False
        if _one(headers, b"access-control-request-method") is None:
            return False
        if _one(headers, b"origin") not in self.settings.origins:
            return False
        fields = [
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", b"Authorization, Content-Type, X-Barva-Client"),
            (b"access-control-max-age", b"600"),
        ]
        if _one(headers, b"access-control-request-private-network") == "true":
            fields.append((b"access-control-allow-private-network", b"true"))
        await _harden(send, API)({"type": "http.response.start", "status": 204, "headers": fields})
        await send({"type": "http.response.body", "body": b""})
        return True

    def _announced(self, headers: list[tuple[bytes, bytes]], path: str) -> int:
        limit = self.settings.max_film if path == FILM else self.settings.max_request
        announced = _one(headers, b"content-length")
        if announced and (not announced.isdigit() or int(announced) > limit):
            raise _too_large(limit)
        return limit

    async def _enters_with_token(self, scope: Scope, send: Send) -> bool:
        """The page opened with `?token=`: the token becomes a cookie, and leaves the address bar."""
        token = self.settings.token
        if token is None or scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(API):
            return False
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        if not any(key == "token" and _same(value, token) for key, value in query):
            return False
        rest = urlencode([(key, value) for key, value in query if key != "token"])
        # one leading slash: "//name" would lead to another server
        where = "/" + scope["path"].lstrip("/\\") + (f"?{rest}" if rest else "")
        cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Lax; Path=/"
        fields = [(b"location", _ascii(where)), (b"set-cookie", _ascii(cookie)), *HEADERS]
        await send({"type": "http.response.start", "status": 303, "headers": fields})
        await send({"type": "http.response.body", "body": b""})
        return True


def check_host(headers: list[tuple[bytes, bytes]], settings: Settings) -> None:
    """The request must be meant for this server by name. RefusedError."""
    host = _one(headers, b"host")
    name = _name(host or "")
    known = {*LOOPBACK, settings.host.lower(), *(h.lower() for h in settings.hosts)}
    # nobody can make a numerical address lead elsewhere; on the loopback no foreign one is expected all the same
    if name is None or (name not in known and (settings.local or not _numerical(name))):
        raise RefusedError(421, "host", _OTHER_HOST)


def check_origin(headers: list[tuple[bytes, bytes]], scope: Scope, settings: Settings) -> None:
    """A browser that says whose page it is must be on a page of this server, or for the API of a named origin.
    RefusedError."""
    origin, host = _one(headers, b"origin"), _one(headers, b"host") or ""
    if origin in settings.origins and scope["type"] == "http" and scope["path"].startswith(API):
        return
    if origin is not None:
        scheme, _, rest = origin.partition("://")
        if scheme not in ("http", "https") or rest.lower() != host.lower():
            raise RefusedError(403, "origin", _OTHER_ORIGIN)
    site = _one(headers, b"sec-fetch-site")
    if site in ("cross-site", "same-site"):
        opens = _one(headers, b"sec-fetch-mode") == "navigate" and _one(headers, b"sec-fetch-dest") == "document"
        if not opens or scope.get("method") != "GET" or scope["path"].startswith(API):
            raise RefusedError(403, "origin", _OTHER_ORIGIN)


def cookies_of(headers: list[tuple[bytes, bytes]]) -> SimpleCookie:
    """The cookies of a request; none where they cannot be read."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        for key, value in headers:
            if key == b"cookie":
                cookies.load(value.decode("latin-1"))
    except CookieError:
        return SimpleCookie()
    return cookies


def check_token(headers: list[tuple[bytes, bytes]], settings: Settings) -> None:
    """The token, as `Authorization: Bearer` or in the page's cookie, where one is wanted. RefusedError."""
    if settings.token is None:
        return
    kind, _, shown = (_one(headers, b"authorization") or "").partition(" ")
    if kind.lower() == "bearer" and _same(shown.strip(), settings.token):
        return
    cookies = cookies_of(headers)
    if COOKIE in cookies and _same(cookies[COOKIE].value, settings.token):
        return
    raise RefusedError(401, "token", _NO_TOKEN)


class _Body:
    """Counts what comes in. A body that grows beyond its limit ends there, and the answer is 413 whatever the
    application makes of the rest."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive, self._send, self._left, self._limit = receive, send, limit, limit
        self._cut = self._answered = False

    async def receive(self) -> Message:
        if self._cut:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self._cut = True
                await self._too_large()
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self._cut:
            return
        self._answered = True
        await self._send(message)

    async def _too_large(self) -> None:
        if not self._answered:
            await _answer(self._scope, self._send, _too_large(self._limit), close=True)


def _harden(send: Send, path: str) -> Send:
    extra = (*HEADERS, *(API_HEADERS if path.startswith(API) else PAGE_HEADERS))

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {key.lower() for key, _ in message.get("headers", ())}
            message["headers"] = [*message.get("headers", ()), *((k, v) for k, v in extra if k not in known)]
        await send(message)

    return hardened


def _as_get(scope: Scope) -> Scope:
    """HEAD is GET for the application; the server leaves the body out."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


async def refuse(scope: Scope, receive: Receive, send: Send, refused: RefusedError, close: bool = False) -> None:
    """Answer with an error in the API's form, or close a websocket."""
    if scope["type"] == "http":
        await _answer(scope, _harden(send, API), refused, close)
    else:
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008, "reason": refused.code})


def _too_large(limit: int) -> RefusedError:
    most = megabytes(limit)
    message = errors.Message("a request has at most {megabytes} MB", code="request.too-large", megabytes=most)
    return RefusedError(413, "too-large", message)


async def _answer(scope: Scope, send: Send, refused: RefusedError, close: bool = False) -> None:
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    cookies = {name: cookie.value for name, cookie in cookies_of(headers).items()}
    words = Words(language_of(cookies, _one(headers, b"accept-language") or ""))
    body = json.dumps({"error": words.problem(refused.code, refused.message)}).encode()
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    fields += [(b"connection", b"close")] if close else []
    fields += [] if refused.retry is None else [(b"retry-after", str(refused.retry).encode())]
    fields += [(b"www-authenticate", b"Bearer")] if refused.status == 401 else []
    await send({"type": "http.response.start", "status": refused.status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def _one(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a header; of one that is sent twice nothing that could match."""
    values = [value for key, value in headers if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else None if not values else "\0"


def _name(host: str) -> str | None:
    """The name or address of a Host header without its port, None if it is none."""
    if host.startswith("["):
        inside, closed, port = host[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") or not port else "x"
        name = inside if closed else ""
    else:
        name, _, port = host.partition(":")
    return name.lower() if name and (not port or port.isdigit()) else None


def _numerical(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(shown: str, token: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace").replace(b"\r", b"").replace(b"\n", b"")
