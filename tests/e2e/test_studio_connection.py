"""A connection that breaks: what is edited meanwhile arrives, and what cannot be done is said."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_hands import (
    at,
    becomes,
    click,
    colored,
    drag,
    drop,
    label,
    paint,
    painted,
    pixel,
    relabelled,
    spotted,
    suggested,
    until,
    wait_in_page,
)
from studio_server import Server

SUIT, WALL = (0.35, 0.65), (0.75, 0.2)
_MARKS = "(n) => document.querySelectorAll('.bm-point').length === n"


def cut(page: Any) -> None:
    """Cut the connection, which the page does not mend by itself; a page just loaded has none yet."""
    wait_in_page(page, "() => window.socket.connected")
    page.evaluate("window.socket.disconnect()")
    page.locator(".b-lost").wait_for()


def mend(page: Any) -> None:
    page.evaluate("window.socket.connect()")


def unsent(page: Any) -> int:
    return int(page.evaluate("JSON.parse(sessionStorage['barva-unsent'] ?? '{\"edits\": []}').edits.length"))


def blue(page: Any) -> None:
    """Take blue by hex digits, which needs no server."""
    page.locator(".bp-hex").fill("#1f3a9a")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def test_edits_made_while_disconnected_arrive(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, *WALL)
    cut(page)
    until(lambda: "kept and sent" in page.locator(".b-lost").inner_text())
    click(page, *SUIT)
    blue(page)
    wait_in_page(page, _MARKS, arg=2)  # it is seen at once
    assert paint(page, 1) == "#1f3a9a" and unsent(page) == 1
    page.locator(".bm-point").first.focus()
    page.keyboard.press("Delete")
    wait_in_page(page, _MARKS, arg=1)
    assert unsent(page) == 2
    mend(page)
    # the line that says so is gone after some seconds, and a busy machine may connect later than that
    wait_in_page(page, "() => !sessionStorage['barva-unsent']", timeout=60_000)
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    until(lambda: unsent(page) == 0 and page.locator(".bm-point").count() == 1)
    page.reload()
    colored(page)
    wait_in_page(page, _MARKS, arg=1)
    painted(page, "#1f3a9a")
    for count in (2, 1, 0):  # each edit is one step of the history
        page.keyboard.press("Control+z")
        wait_in_page(page, _MARKS, arg=count)


def test_marks_moved_while_disconnected_stay_where_they_were_moved_to(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    spotted(page, *SUIT)
    before = label(page)
    cut(page)
    drag(page, [SUIT, (0.45, 0.65)])
    moved = relabelled(page, before)
    assert moved.endswith("173, 250") and unsent(page) == 1
    click(page, *WALL)
    blue(page)  # another edit has all marks shown anew
    wait_in_page(page, _MARKS, arg=2)
    page.wait_for_timeout(2200)  # what a handle remembers of its drag is forgotten by then
    box = page.locator(".bm-point").first.bounding_box()
    wanted = at(page, 0.45, 0.65)
    assert abs(box["x"] + box["width"] / 2 - wanted[0]) < 2 and label(page) == moved
    mend(page)
    wait_in_page(page, "() => !sessionStorage['barva-unsent']", timeout=60_000)
    until(lambda: label(page) == moved)


def test_words_written_while_disconnected_arrive(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    colored(page)
    cut(page)
    line = page.locator(".b-say input")
    line.fill("make everything blue")
    line.press("Enter")
    assert unsent(page) == 1
    mend(page)
    wait_in_page(page, "() => !sessionStorage['barva-unsent']", timeout=60_000)
    becomes(page, WALL, lambda rgb: rgb[2] > rgb[0] + 20)
    line.fill("make the zeppelin red")  # with the server there it is answered, as before
    line.press("Enter")
    page.locator(".b-toast").get_by_text("zeppelin").wait_for()


def test_what_needs_the_server_is_refused_and_said(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    cut(page)
    assert page.evaluate("['.b-tabs', '.b-bar', '.b-tools'].every((part) => document.querySelector(part).inert)")
    page.keyboard.press("l")
    drag(page, [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.22)])
    page.locator(".b-lost").get_by_text("has to wait").wait_for()
    mend(page)
    page.locator(".b-lost").wait_for(state="hidden")
    assert not page.evaluate("['.b-tabs', '.b-tools'].some((part) => document.querySelector(part).inert)")
    drag(page, [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.22)])
    page.locator(".bp-name").wait_for()


def test_the_banner_speaks_ukrainian_and_is_the_only_one(studio: Any, photo: Path) -> None:
    page = studio(locale="uk-UA")
    cut(page)
    until(lambda: page.locator(".b-lost").inner_text().startswith("З’єднання втрачено"))
    until(lambda: not page.locator("#popup").is_visible())
    mend(page)
    page.locator(".b-lost").wait_for(state="hidden")


def test_an_edit_that_a_dead_line_swallowed_is_sent_again(studio: Any, photo: Path) -> None:
    page = studio()
    drop(page, photo)
    # the window takes itself to be connected, and what it sends is lost
    page.evaluate("window.spoken = window.socket.emit; window.socket.emit = () => window.socket")
    click(page, *SUIT)
    blue(page)
    assert unsent(page) == 1
    page.evaluate("window.socket.emit = window.spoken; null")
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    wait_in_page(page, "() => !sessionStorage['barva-unsent']")


@pytest.fixture
def lasting(tmp_path: Path, browser: Any) -> Iterator[tuple[Any, Any]]:
    """A server that comes back under the same address, and a page on it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Server(tmp_path / "state", port)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(running.address)
    page.wait_for_selector(".b-drop")
    yield running, page
    context.close()
    running.stop()


def test_edits_survive_a_server_that_is_killed(lasting: tuple[Any, Any], photo: Path) -> None:
    server, page = lasting
    drop(page, photo)
    click(page, *WALL)
    color = suggested(page)
    page.keyboard.press("Escape")
    wait_in_page(page, "() => !sessionStorage['barva-unsent']")
    server.stop(signal.SIGKILL)
    page.locator(".b-lost").wait_for()
    click(page, *SUIT)
    blue(page)
    assert unsent(page) == 1
    server.start()
    wait_in_page(page, "() => !sessionStorage['barva-unsent']")
    wait_in_page(page, _MARKS, arg=2)
    assert color in label(page)
    painted(page, "#1f3a9a", 1)
    colored(page)
    becomes(page, SUIT, lambda rgb: rgb[2] > rgb[0])
    assert pixel(page, *WALL)
