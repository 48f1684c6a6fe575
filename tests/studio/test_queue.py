"""Many photos: what waits, what is finished, what was edited since, and what goes wrong with one of them."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from studio_kit import marked

from barva.errors import ReadError
from barva.studio.films.film import Film, KeyFrame
from barva.studio.jobs import queue
from barva.studio.jobs.job import DONE
from barva.studio.page import applying, incoming, routes, thumbs
from barva.studio.sessions import scenes, trash
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import VisitorSessions


def zipped(visitor: VisitorSessions) -> list[str]:
    with zipfile.ZipFile(routes._zipped(visitor)) as whole:
        return sorted(whole.namelist())


def test_a_queue_of_photos_each_with_the_scene(visitor: VisitorSessions, session: EditSession, photo: bytes) -> None:
    other = visitor.session(visitor.add("uncle.jpg", photo))
    session.history.add(marked(session))
    assert not asyncio.run(applying.apply(visitor, session, [other.key])).wrong and len(other.now.items) == 5
    assert queue.color_all(visitor) == []
    assert queue.state(other)[0] == "waiting"
    queue.stop(visitor, other.key)
    assert queue.state(other)[0] == "cancelled"
    queue.retry(visitor, other.key)
    visitor.service.start()
    try:
        until = time.monotonic() + 60
        while any(queue.state(d)[0] != DONE for d in (session, other)) and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        visitor.service.jobs.stop()
    assert queue.state(other)[0] == queue.state(session)[0] == DONE
    assert session.stored.photo.exists()
    assert zipped(visitor) == ["grandmother.color.jpg", "uncle.color.jpg"]

    jobs = [queue.state(d)[2] for d in (session, other)]
    assert queue.color_all(visitor) == [] and [queue.state(d)[2] for d in (session, other)] == jobs, "nothing changed"
    thumb = np.asarray(Image.open(io.BytesIO(thumbs.data(other))))
    assert thumb.astype(int).std(axis=2).max() > 5 and not other.stored._answered, "in color, and no network ran"
    assert thumbs.version(other) == other.now.digest() == other.files.thumb_of
    session.history.add(replace(session.now, vividness=0.3))
    assert queue.state(session)[0] == "edited" and zipped(visitor) == ["uncle.color.jpg"], (
        "what was edited since is old"
    )
    session.history.go(-1)
    assert queue.state(session)[0] == DONE, "and finished again after undo"


def test_one_bad_photo_does_not_stop_the_rest(visitor: VisitorSessions, session: EditSession, photo: bytes) -> None:
    other = visitor.session(visitor.add("uncle.jpg", photo))
    session.history.add(replace(session.now, references=("nowhere",)))
    (wrong,) = queue.color_all(visitor)
    assert wrong[0] == "grandmother.jpg" and "no such file" in wrong[1]
    assert queue.state(other)[0] == "waiting"
    applied = asyncio.run(applying.apply(visitor, session, [other.key]))
    assert [name for name, _ in applied.wrong] == ["uncle.jpg"] and not applied.changes and other.now == Document()
    assert not list((visitor.service.settings.state / "uploads").iterdir())


def test_one_photo_that_is_gone_does_not_stop_the_rest(
    visitor: VisitorSessions, session: EditSession, photo: bytes
) -> None:
    lost, gone, other = (visitor.add(f"{n}.jpg", photo) for n in ("lost", "gone", "uncle"))
    visitor.session(lost).stored.photo.unlink()
    visitor.sessions.close(lost), visitor.service.store._recent.clear(), visitor.service.store._known.clear()
    visitor.service.store.delete(gone)  # in another window
    session.history.add(marked(session))
    applied = asyncio.run(applying.apply(visitor, session, [lost, gone, other]))
    assert [name for name, _ in applied.wrong] == ["lost.jpg", ""] and applied.keys == [other]
    wrong = queue.color_all(visitor, [other, gone, lost])
    assert [(name, why.code) for name, why in wrong] == [("lost.jpg", "missing.session"), ("", "missing.session")]
    assert queue.state(visitor.session(other))[0] == "waiting"
    queue.stop(visitor)
    assert queue.state(visitor.session(other))[0] == "cancelled"


@pytest.mark.parametrize(("old", "new"), [(1337, 3100), (107, 161), (3100, 1337)])
def test_a_box_at_the_border_stays_on_the_other_photo(
    visitor: VisitorSessions, session: EditSession, photo: bytes, old: int, new: int
) -> None:
    other = visitor.session(visitor.add("uncle.jpg", photo))
    session.stored._facts.update(height=old, width=old)
    other.stored._facts.update(height=new, width=new)
    document = Document(items=(Item("b", "box", "red", box=(0.0, 0.0, float(old), float(old))),))
    assert scenes.carry_over(document, session, other).items[0].box == (0, 0, new, new)


def test_a_scene_for_others_is_seen_before_and_taken_back_in_one_step(
    visitor: VisitorSessions, session: EditSession, photo: bytes
) -> None:
    plain, edited, left = (visitor.session(visitor.add(f"{n}.jpg", photo)) for n in range(3))
    edited.history.add(replace(edited.now, vividness=0.5))
    session.history.add(replace(marked(session), items=(Item("p", "point", "#a01010", at=(128.0, 96.0)),)))
    shown = applying.preview(session, plain)
    assert shown[shown.shape[0] // 2, shown.shape[1] // 2, 0] > shown[shown.shape[0] // 2, shown.shape[1] // 2, 2] + 20
    assert plain.now == Document() and not list((plain.files.folder).glob("masks/*")), "nothing is kept"

    before = edited.now
    applied = asyncio.run(applying.apply(visitor, session, [plain.key, edited.key]))
    assert plain.now == edited.now == session.now and left.now == Document()
    assert queue.color_all(visitor, applied.keys) == [] and queue.state(plain)[0] == "waiting"
    assert asyncio.run(applying.undo(visitor, applied)) == []
    assert plain.now == Document() and edited.now == before and queue.state(plain)[0] == "cancelled"
    assert plain.history.can_redo

    applied = asyncio.run(applying.apply(visitor, session, [plain.key, edited.key]))
    edited.history.add(replace(edited.now, strength=0.5))
    assert asyncio.run(applying.undo(visitor, applied)) == ["1.jpg"], "what was edited since stays"
    assert plain.now == Document() and edited.now.strength == 0.5


def test_a_preview_of_a_scene_with_an_object_leaves_nothing_behind(
    visitor: VisitorSessions, session: EditSession, photo: bytes
) -> None:
    other = visitor.session(visitor.add("uncle.jpg", photo))
    session.history.add(marked(session))
    assert applying.preview(session, other).shape[2] == 3
    assert not (other.files.folder / "masks").exists() and other.now == Document()


def test_a_removed_photo_comes_back_where_it_was_or_goes_for_good(
    visitor: VisitorSessions, session: EditSession, photo: bytes
) -> None:
    keys = [visitor.add(f"{n}.jpg", photo) for n in range(3)]
    session.history.add(marked(session))
    before = visitor.keys
    trash.put(visitor, keys[1])
    trash.put(visitor, session.key)
    assert visitor.keys == [keys[2], keys[0]] and session.stored.photo.exists()
    newer = visitor.add("newer.jpg", photo)
    trash.restore(visitor, session.key)
    assert len(visitor.session(session.key).now.items) == 5
    trash.restore(visitor, keys[1])
    assert [key for key in visitor.keys if key != newer] == before
    trash.put(visitor, keys[0])
    assert trash.empty(visitor) == 0, "it was removed just now"
    assert trash.empty(visitor, [keys[0]]) == 1
    with pytest.raises(MissingError):
        trash.restore(visitor, keys[0])
    with pytest.raises(MissingError):
        visitor.service.store.get(keys[0])


def test_what_a_killed_server_had_removed_goes_later(
    visitor: VisitorSessions, session: EditSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    trash.put(visitor, session.key)
    monkeypatch.setattr(trash, "KEPT", 0.0)
    assert trash.empty(visitor) == 1 and not session.stored.folder.exists()


def test_a_removed_photo_that_is_opened_by_its_address_stays(visitor: VisitorSessions, session: EditSession) -> None:
    trash.put(visitor, session.key)
    visitor.adopt(session.key)
    assert trash.empty(visitor, [session.key]) == 0 and visitor.keys == [session.key] and session.stored.photo.exists()


def test_a_photo_that_is_on_two_lists_goes_with_the_last_of_them(
    visitor: VisitorSessions, session: EditSession
) -> None:
    """The other one opened it by its address."""
    other = VisitorSessions(visitor.service, visitor.sessions, "w" * 32)
    other.adopt(session.key)
    trash.put(other, session.key)
    assert trash.empty(other, [session.key]) == 1 and visitor.keys == [session.key] and session.stored.photo.exists()
    with pytest.raises(MissingError):
        trash.restore(other, session.key)
    other.adopt(session.key)
    trash.put(visitor, session.key)
    assert trash.empty(visitor, [session.key]) == 1 and other.keys == [session.key] and session.stored.photo.exists()
    assert not visitor.service.store.sessions_of(visitor.owner), "nor on the list that programs see"
    trash.put(other, session.key)
    assert trash.empty(other, [session.key]) == 1 and not session.stored.folder.exists()


def test_what_a_program_or_a_film_has_is_not_deleted_from_a_list(visitor: VisitorSessions, photo: bytes) -> None:
    of_program = visitor.service.store.create(photo, owner="program").id
    of_film = visitor.service.store.create(photo).id
    film = Film(visitor.service.settings.state, "a.mp4", "", ".mp4", 0.0, (KeyFrame(of_film, 1.0),))
    visitor.service.films._films[film.id] = film
    for key in (of_program, of_film):
        visitor.adopt(key)
        trash.put(visitor, key)
        assert trash.empty(visitor, [key]) == 1 and not visitor.keys and visitor.service.store.has(key)


def test_a_photo_that_somebody_looks_at_is_not_deleted(visitor: VisitorSessions, session: EditSession) -> None:
    trash.put(visitor, session.key)
    session.listeners.append(lambda: None)
    assert trash.empty(visitor, [session.key]) == 0 and session.stored.photo.exists()


def test_a_scene_finds_its_photo_or_asks_for_it(visitor: VisitorSessions, session: EditSession, photo: bytes) -> None:
    session.history.add(marked(session))
    scene = visitor.service.settings.state / "x.scene.jsonld"

    def open_scene(work: str) -> dict[str, object]:
        return incoming.take(visitor, "x.scene.jsonld", scene, "photo", work)

    scene.write_text(scenes.text(session), encoding="utf-8")
    other = visitor.session(visitor.add("uncle.jpg", photo))
    assert open_scene("")["key"] == session.key, "the photo of that name"
    assert open_scene(other.key)["key"] == other.key and len(other.now.items) == 5, "or the one that is shown"
    trash.put(visitor, session.key)
    assert open_scene("") == {"waits": "grandmother.jpg"}
    scene.write_text('{"barva": "guidance", "version": 1, "marks": []}', encoding="utf-8")
    assert open_scene("") == {"waits": ""}, "hints name no photo"


def test_a_photo_that_comes_in_has_a_small_picture_and_takes_no_memory(visitor: VisitorSessions, photo: bytes) -> None:
    path = visitor.service.settings.state / "uploads" / "file"
    for _ in range(3):
        path.write_bytes(photo)
        key = str(incoming.take(visitor, "a.jpg", path, "photo", "")["key"])
        assert visitor.session(key).files.thumb() is not None
    assert not visitor.service.store._live, "no photo is opened before somebody looks at it"
    path.write_bytes(photo[: len(photo) // 3])
    with pytest.raises(ReadError):
        incoming.take(visitor, "cut.jpg", path, "photo", "")
    assert len(visitor.keys) == 3 and len(list((visitor.service.settings.state / "sessions").iterdir())) == 3


def test_photos_that_come_together_lie_in_their_order(visitor: VisitorSessions, photo: bytes) -> None:
    visitor.add("before.jpg", photo)
    for number in (1, 0, 3, 2):
        visitor.add(f"{number}.jpg", photo, arrival=("drop", number))
    visitor.add("alone.jpg", photo)
    visitor.add("0.jpg", photo, arrival=("another", 0))
    names = [visitor.session(key).name for key in visitor.keys]
    assert names == ["0.jpg", "alone.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg", "before.jpg"]
