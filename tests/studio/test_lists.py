"""The lists of photos and films as the page has them, without a browser."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import pytest

pytest.importorskip("nicegui")

from barva.studio.films.film import Film, KeyFrame
from barva.studio.jobs import queue
from barva.studio.locale.messages import Words
from barva.studio.page import controls as c
from barva.studio.page.photos import PhotoRows
from barva.studio.page.start import Start
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.visitors import VisitorSessions


class Page:
    """What the lists need of one, and what it was told."""

    def __init__(self, visitor: VisitorSessions, film: Film | None = None) -> None:
        self.visitor, self.film, self.words = visitor, film, Words()
        self.session: EditSession | None = None
        self.told, self.called = list[Any](), list[str]()
        say = lambda text, seconds=4: self.told.append(str(text))  # noqa: E731
        self.toast = SimpleNamespace(complain=lambda error: self.told.append(str(error)), say=say)
        self.picture = SimpleNamespace(call=lambda name, *values: self.called.append(name))
        feed = SimpleNamespace(call=lambda *values: None)
        self.strip = SimpleNamespace(list=feed, refresh=lambda: None)
        self.panel = SimpleNamespace(photos=SimpleNamespace(show=lambda: None))
        self.steps = SimpleNamespace(offer=lambda text, undo: self.told.append(text))
        self.show = MagicMock()
        self.photos = PhotoRows(self)  # type: ignore[arg-type]


def film_of(visitor: VisitorSessions, *frames: str) -> Film:
    """A film with these key frames, and others that are gone."""
    made = Film(Path("f" * 32), "news.mp4", visitor.owner, ".mp4", 0.0, tuple(KeyFrame(f, 1.0) for f in frames))
    visitor.service.films._films[made.id] = made
    return made


def test_a_film_keeps_its_key_frames(visitor: VisitorSessions, session: EditSession) -> None:
    page = Page(visitor, film_of(visitor, session.key))
    assert [row.stays for row in page.photos.rows.values()] == [True]
    page.photos.on_event("remove", {"key": session.key})
    assert page.told == ["a key frame stays as long as its film"]
    assert visitor.keys == [session.key] and not page.photos.removed
    page = Page(visitor)
    assert [row.stays for row in page.photos.rows.values()] == [False]
    page.photos.on_event("remove", {"key": session.key})
    assert page.told == ["grandmother.jpg was removed"] and not visitor.keys


def test_a_film_is_listed_by_the_first_key_frame_that_is_there(visitor: VisitorSessions, session: EditSession) -> None:
    film = film_of(visitor, "x" * 32, session.key)
    start = Start.__new__(Start)
    start.page = Page(visitor)  # type: ignore[assignment]
    assert start._films() == [(film, session.key)]
    film_of(visitor, "x" * 32)
    assert start._films() == []


def test_all_films_are_on_the_start_page_and_a_few_photos(visitor: VisitorSessions, photo: bytes) -> None:
    keys = [visitor.add(f"{n}.jpg", photo) for n in range(7)]
    films = [
        Film(Path(f"{n}" * 32), "news.mp4", visitor.owner, ".mp4", 0.0, (KeyFrame(keys[n], 1.0),)) for n in range(7)
    ]
    visitor.service.films._films.update({film.id: film for film in films})
    start, cards = Start.__new__(Start), list[str]()
    start.page = Page(visitor)  # type: ignore[assignment]
    for part in ("element", "all", "drop", "examples", "before", "recent", "more"):
        setattr(start, part, MagicMock())
    start._card = lambda key, *rest: cards.append(key)  # type: ignore[method-assign]
    with patch.object(c, "button"):
        start.show(True)
    assert cards == [*(film.id for film in films), *list(start.page.photos.rows)[:5]]


@pytest.mark.parametrize(
    ("ends", "called", "told"),
    [
        (("done", "done"), ["download"], "Downloading finished photos: 3"),
        (("done", "failed"), ["download"], "Downloading finished photos: 2. Not finished: 1.jpg"),
        (("failed", "cancelled"), ["download"], "Downloading finished photos: 1. Not finished: 1.jpg, 0.jpg"),
        (("cancelled", "cancelled"), [], "Edited since, colored again first: 2. The download follows."),
    ],
)
def test_a_download_has_what_is_finished_and_names_the_others(
    visitor: VisitorSessions,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    ends: tuple[str, str],
    called: list[str],
    told: str,
) -> None:
    keys = [visitor.add(f"{n}.jpg", photo) for n in range(3)]
    states = dict(zip(keys, ("edited", "edited", "done"), strict=True))
    monkeypatch.setattr(queue, "state", lambda session: (states[session.key], "", ""))
    monkeypatch.setattr(queue, "color_all", lambda _, asked: states.update(dict.fromkeys(asked, "waiting")))
    page = Page(visitor)
    asyncio.run(page.photos.download())
    assert not page.called and page.photos.rows[keys[0]].state == "waiting"
    for key, end in zip(keys[:2], ends, strict=True):
        states[key] = end
        page.photos.update([key])  # as a window does that looks at it
    assert page.called == called and page.told[-1] == told and not page.photos._downloads


@pytest.mark.parametrize("others", ["done", "open"])
def test_a_download_waits_for_no_photo_that_cannot_be_queued(
    visitor: VisitorSessions, photo: bytes, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    keys = [visitor.add(f"{n}.jpg", photo) for n in range(2)]
    states = dict(zip(keys, ("edited", others), strict=True))
    monkeypatch.setattr(queue, "state", lambda session: (states[session.key], "", ""))
    monkeypatch.setattr(queue, "color_all", lambda _, asked: [("0.jpg", "it has no reference")])
    page = Page(visitor)
    asyncio.run(page.photos.download())
    assert page.told[1] == "0.jpg: it has no reference" and not page.photos._downloads
    assert page.called == (["download"] if others == "done" else [])
    assert page.told[2:] == (["Downloading finished photos: 1. Not finished: 0.jpg"] if others == "done" else [])


def test_photos_that_went_wrong_are_named_as_far_as_they_have_names(visitor: VisitorSessions) -> None:
    page = Page(visitor)
    page.photos.complain([("", "it is gone"), ("", "it is gone")])
    page.photos.complain([("a.jpg", "it is gone"), ("", "it is gone"), ("b.jpg", "it is gone")])
    assert page.told == ["it is gone", "a.jpg: it is gone. Others that failed: b.jpg"]
