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
from barva.studio import applying, incoming, pictures, queue, scenes, thumbs, trash
from barva.studio.desk import Desk
from barva.studio.document import Document, Item
from barva.studio.jobs import DONE
from barva.studio.store import MissingError
from barva.studio.visitors import Shelf


def zipped(shelf: Shelf) -> list[str]:
    with zipfile.ZipFile(pictures._zipped(shelf)) as whole:
        return sorted(whole.namelist())


def test_a_queue_of_photos_each_with_the_scene(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(marked(desk))
    assert not asyncio.run(applying.apply(shelf, desk, [other.key])).wrong and len(other.now.items) == 5
    assert queue.color_all(shelf) == []
    assert queue.state(other)[0] == "waiting"
    queue.stop(shelf, other.key)
    assert queue.state(other)[0] == "cancelled"
    queue.retry(shelf, other.key)
    shelf.service.start()
    try:
        until = time.monotonic() + 60
        while any(queue.state(d)[0] != DONE for d in (desk, other)) and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        shelf.service.stop()
    assert queue.state(other)[0] == queue.state(desk)[0] == DONE
    assert desk.work.photo.exists()
    assert zipped(shelf) == ["grandmother.color.jpg", "uncle.color.jpg"]

    jobs = [queue.state(d)[2] for d in (desk, other)]
    assert queue.color_all(shelf) == [] and [queue.state(d)[2] for d in (desk, other)] == jobs, "nothing changed"
    thumb = np.asarray(Image.open(io.BytesIO(thumbs.data(other))))
    assert thumb.astype(int).std(axis=2).max() > 5 and other.work._asked is None, "in colour, and no network was asked"
    assert thumbs.shown(other) == other.now.digest() == other.drawer.thumb_of
    desk.drawer.journal.add(replace(desk.now, vividness=0.3))
    assert queue.state(desk)[0] == "edited" and zipped(shelf) == ["uncle.color.jpg"], "what was edited since is old"
    desk.drawer.journal.go(-1)
    assert queue.state(desk)[0] == DONE, "and finished again after undo"


def test_one_bad_photo_does_not_stop_the_rest(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(replace(desk.now, references=("nowhere",)))
    (wrong,) = queue.color_all(shelf)
    assert wrong[0] == "grandmother.jpg" and "no such file" in wrong[1]
    assert queue.state(other)[0] == "waiting"
    applied = asyncio.run(applying.apply(shelf, desk, [other.key]))
    assert [name for name, _ in applied.wrong] == ["uncle.jpg"] and not applied.changes and other.now == Document()
    assert not list((shelf.service.settings.state / "uploads").iterdir())


@pytest.mark.parametrize(("old", "new"), [(1337, 3100), (107, 161), (3100, 1337)])
def test_a_box_at_the_border_stays_on_the_other_photo(
    shelf: Shelf, desk: Desk, photo: bytes, old: int, new: int
) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.about.update(height=old, width=old)
    other.drawer.about.update(height=new, width=new)
    document = Document(items=(Item("b", "box", "red", box=(0.0, 0.0, float(old), float(old))),))
    assert scenes.carried(document, desk, other).items[0].box == (0, 0, new, new)


def test_a_scene_for_others_is_seen_before_and_taken_back_in_one_step(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    plain, edited, left = (shelf.desk(shelf.add(f"{n}.jpg", photo)) for n in range(3))
    edited.drawer.journal.add(replace(edited.now, vividness=0.5))
    desk.drawer.journal.add(replace(marked(desk), items=(Item("p", "point", "#a01010", at=(128.0, 96.0)),)))
    shown = applying.preview(desk, plain)
    assert shown[shown.shape[0] // 2, shown.shape[1] // 2, 0] > shown[shown.shape[0] // 2, shown.shape[1] // 2, 2] + 20
    assert plain.now == Document() and not list((plain.drawer.folder).glob("masks/*")), "nothing is kept"

    before = edited.now
    applied = asyncio.run(applying.apply(shelf, desk, [plain.key, edited.key]))
    assert plain.now == edited.now == desk.now and left.now == Document()
    assert queue.color_all(shelf, applied.keys) == [] and queue.state(plain)[0] == "waiting"
    assert asyncio.run(applying.undo(shelf, applied)) == []
    assert plain.now == Document() and edited.now == before and queue.state(plain)[0] == "cancelled"
    assert plain.drawer.journal.can_redo

    applied = asyncio.run(applying.apply(shelf, desk, [plain.key, edited.key]))
    edited.drawer.journal.add(replace(edited.now, strength=0.5))
    assert asyncio.run(applying.undo(shelf, applied)) == ["1.jpg"], "what was edited since stays"
    assert plain.now == Document() and edited.now.strength == 0.5


def test_a_preview_of_a_scene_with_an_object_leaves_nothing_behind(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(marked(desk))
    assert applying.preview(desk, other).shape[2] == 3
    assert not (other.drawer.folder / "masks").exists() and other.now == Document()


def test_a_removed_photo_comes_back_where_it_was_or_goes_for_good(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    keys = [shelf.add(f"{n}.jpg", photo) for n in range(3)]
    desk.drawer.journal.add(marked(desk))
    before = shelf.keys
    trash.put(shelf, keys[1])
    trash.put(shelf, desk.key)
    assert shelf.keys == [keys[2], keys[0]] and desk.work.photo.exists()
    newer = shelf.add("newer.jpg", photo)
    trash.restore(shelf, desk.key)
    assert len(shelf.desk(desk.key).now.items) == 5
    trash.restore(shelf, keys[1])
    assert [key for key in shelf.keys if key != newer] == before
    trash.put(shelf, keys[0])
    assert trash.empty(shelf) == 0, "it was removed just now"
    assert trash.empty(shelf, [keys[0]]) == 1
    with pytest.raises(MissingError):
        trash.restore(shelf, keys[0])
    with pytest.raises(MissingError):
        shelf.service.store.get(keys[0])


def test_what_a_killed_server_had_removed_goes_later(shelf: Shelf, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    trash.put(shelf, desk.key)
    monkeypatch.setattr(trash, "KEPT", 0.0)
    assert trash.empty(shelf) == 1 and not desk.work.folder.exists()


def test_a_removed_photo_that_is_opened_by_its_address_stays(shelf: Shelf, desk: Desk) -> None:
    trash.put(shelf, desk.key)
    shelf.adopt(desk.key)
    assert trash.empty(shelf, [desk.key]) == 0 and shelf.keys == [desk.key] and desk.work.photo.exists()


def test_a_photo_that_somebody_looks_at_is_not_deleted(shelf: Shelf, desk: Desk) -> None:
    trash.put(shelf, desk.key)
    desk.listeners.append(lambda: None)
    assert trash.empty(shelf, [desk.key]) == 0 and desk.work.photo.exists()


def test_a_scene_finds_its_photo_or_asks_for_it(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    desk.drawer.journal.add(marked(desk))
    scene = shelf.service.settings.state / "x.scene.jsonld"

    def open_scene(work: str) -> dict[str, object]:
        return incoming.take(shelf, "x.scene.jsonld", scene, "photo", work)

    scene.write_text(scenes.text(desk), encoding="utf-8")
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    assert open_scene("")["key"] == desk.key, "the photo of that name"
    assert open_scene(other.key)["key"] == other.key and len(other.now.items) == 5, "or the one that is shown"
    trash.put(shelf, desk.key)
    assert open_scene("") == {"waits": "grandmother.jpg"}
    scene.write_text('{"barva": "guidance", "version": 1, "marks": []}', encoding="utf-8")
    assert open_scene("") == {"waits": ""}, "hints name no photo"


def test_a_photo_that_comes_in_has_a_small_picture_and_takes_no_memory(shelf: Shelf, photo: bytes) -> None:
    path = shelf.service.settings.state / "uploads" / "file"
    for _ in range(3):
        path.write_bytes(photo)
        key = str(incoming.take(shelf, "a.jpg", path, "photo", "")["key"])
        assert shelf.desk(key).drawer.thumb() is not None
    assert not shelf.service.store._live, "no photo is opened before somebody looks at it"
    path.write_bytes(photo[: len(photo) // 3])
    with pytest.raises(ReadError):
        incoming.take(shelf, "cut.jpg", path, "photo", "")
    assert len(shelf.keys) == 3 and len(list((shelf.service.settings.state / "sessions").iterdir())) == 3


def test_photos_that_come_together_lie_in_their_order(shelf: Shelf, photo: bytes) -> None:
    shelf.add("before.jpg", photo)
    for number in (1, 0, 3, 2):
        shelf.add(f"{number}.jpg", photo, arrival=("drop", number))
    shelf.add("alone.jpg", photo)
    shelf.add("0.jpg", photo, arrival=("another", 0))
    names = [shelf.desk(key).name for key in shelf.keys]
    assert names == ["0.jpg", "alone.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg", "before.jpg"]
