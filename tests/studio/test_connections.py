"""Attacks by waiting: connections that say nothing, or little, or take no answer. All from one address, as it is on
one's own machine, where the attacker and everybody else have the same one."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from studio_kit import Running

from barva.studio.settings import ConnectionLimits

resource = pytest.importorskip("resource", reason="POSIX")

HEAD = b"POST /api/v1/colorize HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@contextlib.contextmanager
def many(server: Running, count: int, first: bytes = b"") -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        sockets = []
        for _ in range(count):
            sockets.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)))
            with contextlib.suppress(OSError):  # it may have been closed for a later one
                sockets[-1].sendall(first)
        yield sockets


def answers_soon(server: Running, photo: bytes) -> None:
    """A newcomer gets an answer, and so does one with a photo."""
    began = time.monotonic()
    with httpx.Client(base_url=server.client.base_url, timeout=20) as newcomer:
        assert newcomer.get("/health").status_code == 200
        assert time.monotonic() - began < 10
        assert newcomer.post("/colorize", content=photo).status_code == 200
        assert newcomer.get("/health").status_code == 200


WAITING = {
    "nothing": b"",
    "half a line": b"GET /api",
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 100000\r\n\r\nx",
    "half a chunked body": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nx",
    "kept alive": b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "half a later request": b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET ",
}


@pytest.mark.parametrize("said", WAITING)
def test_hundreds_that_wait_lock_nobody_out(said: str, serving: Callable[..., Running], photo: bytes) -> None:
    server = serving()
    with many(server, 205, WAITING[said]):
        time.sleep(2.5 if "body" in said else 0.1)
        answers_soon(server, photo)


def test_a_thousand_that_wait_lock_nobody_out(serving: Callable[..., Running], photo: bytes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 4096) if hard != resource.RLIM_INFINITY else 4096
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        if wanted < 3000:
            pytest.skip("this process may not open so many files")
        server = serving()
        with many(server, 1000):
            answers_soon(server, photo)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def closed_after(wire: socket.socket, seconds: float) -> tuple[bytes, float]:
    """What came before the server closed, and when it did."""
    began, came = time.monotonic(), b""
    wire.settimeout(seconds)
    with contextlib.suppress(ConnectionError):
        while piece := wire.recv(65536):
            came += piece
    return came, time.monotonic() - began


QUICK = ConnectionLimits(head=1.0, body=1.0, stall=1.0, linger=0.5)


@pytest.mark.parametrize(
    ("said", "status"),
    [("nothing", b""), ("half a head", b" 408 "), ("half a body", b" 408 "), ("kept alive", b" 200 ")],
)
def test_what_takes_too_long_ends(said: str, status: bytes, serving: Callable[..., Running]) -> None:
    server = serving(connections=QUICK)
    with many(server, 1, WAITING[said]) as (wire,):
        came, took = closed_after(wire, 8)
        assert took < 5 and status in came and (status or not came)


@pytest.mark.parametrize("start", [HEAD, HEAD + b"Content-Length: 100000\r\n\r\n"], ids=["head", "body"])
def test_drops_do_not_buy_time(start: bytes, serving: Callable[..., Running]) -> None:
    server = serving(connections=QUICK)
    with many(server, 1, start) as (wire,):
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 8:
                wire.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() - began < 6


def test_a_slow_but_steady_body_is_no_attack(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(connections=ConnectionLimits(body=0.5, body_rate=1000.0))

    def slowly() -> Iterator[bytes]:
        for at in range(0, len(photo), 1500):
            yield photo[at : at + 1500]
            time.sleep(0.1)

    assert server.client.post("/colorize", content=slowly()).status_code == 200


def test_an_answer_that_nobody_takes_ends(serving: Callable[..., Running]) -> None:
    server = serving(connections=QUICK)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", server.port))
        for _ in range(200):  # more than the system's buffers hold
            with contextlib.suppress(OSError):
                wire.settimeout(1)
                wire.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        with pytest.raises(OSError):
            for _ in range(80):
                time.sleep(0.1)
                wire.sendall(b"G")


def test_a_head_without_end(serving: Callable[..., Running]) -> None:
    server = serving()
    with many(server, 1, HEAD) as (wire,), contextlib.suppress(ConnectionError):
        sent = 0
        while sent < 50 << 20:
            wire.sendall(b"x-a: " + b"b" * 60_000 + b"\r\n")
            sent += 60_000
        raise AssertionError("it took all of it")


def test_work_is_never_closed_for_idle_ones(serving: Callable[..., Running], photo: bytes) -> None:
    """A photo that is painted while hundreds connect comes back."""
    import threading

    server = serving(connections=ConnectionLimits(per_client=20))
    answers: list[httpx.Response] = []

    def post() -> None:
        answers.append(httpx.post(f"http://127.0.0.1:{server.port}/api/v1/colorize", content=photo, timeout=60))

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    with many(server, 150):
        for thread in threads:
            thread.join(60)
    assert [a.status_code for a in answers] == [200] * 6


def test_who_keeps_all_places_busy_is_told_when_to_come_back(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(connections=ConnectionLimits(per_client=3))
    job = server.client.post("/jobs", files={"photo": photo}).json()["id"]
    busy = HEAD + b"Content-Length: 100000\r\n\r\n" + bytes(60_000)  # a quick body, so far
    assert server.client.get(f"/jobs/{job}").status_code == 200
    with many(server, 3, busy):
        time.sleep(0.3)
        answer = httpx.get(f"http://127.0.0.1:{server.port}/api/v1/health", timeout=10)
        assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
