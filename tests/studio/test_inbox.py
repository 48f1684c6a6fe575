"""Edits that come again, too early, or after a restart of the server."""

from __future__ import annotations

from barva.studio.page.inbox import Inbox


def test_each_edit_is_taken_once_and_in_order() -> None:
    inbox = Inbox()
    assert [inbox.take("a", n, 1) for n in (1, 2, 2, 1, 3)] == ["new", "new", "known", "known", "new"]


def test_an_edit_waits_for_the_one_before_it() -> None:
    inbox = Inbox()
    assert inbox.take("a", 1, 1) == "new"
    assert inbox.take("a", 3, 2) == "early", "2 was lost on the way and comes again, then 3"
    assert [inbox.take("a", n, 2) for n in (2, 3)] == ["new", "new"]


def test_what_was_answered_before_a_restart_is_not_waited_for() -> None:
    assert [Inbox().take("a", 5, 5), Inbox().take("a", 6, 5)] == ["new", "early"]


def test_windows_do_not_meet() -> None:
    inbox = Inbox()
    assert inbox.take("a", 1, 1) == inbox.take("b", 1, 1) == "new"
    for n in range(5000):
        inbox.take(f"x{n}", 1, 1)
    assert len(inbox._last) <= 4096
