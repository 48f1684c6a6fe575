"""Many photos: what waits, what is finished, what was edited since, and what goes wrong with one of them."""

from __future__ import annotations

import asyncio
import time
import zipfile
from dataclasses import replace

import pytest
from studio_kit import marked

from barva.studio import pictures, queue, scenes
from barva.studio.desk import Desk
from barva.studio.document import Document, Item
from barva.studio.jobs import DONE
from barva.studio.visitors import Shelf


def zipped(shelf: Shelf) -> list[str]:
    with zipfile.ZipFile(pictures._zipped(shelf)) as whole:
        return sorted(whole.namelist())


def test_a_queue_of_photos_each_with_the_scene(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(marked(desk))
    assert asyncio.run(queue.apply(shelf, desk)) == [] and len(other.now.items) == 5
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
    thumb = pictures._thumb(other)
    assert thumb.astype(int).std(axis=2).max() > 5 and other.work._asked is None, "in colour, and no network was asked"
    desk.drawer.journal.add(replace(desk.now, vividness=0.3))
    assert queue.state(desk)[0] == "open" and zipped(shelf) == ["uncle.color.jpg"], "what was edited since is old"
    desk.drawer.journal.go(-1)
    assert queue.state(desk)[0] == DONE, "and finished again after undo"


def test_one_bad_photo_does_not_stop_the_rest(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(replace(desk.now, references=("nowhere",)))
    (wrong,) = queue.color_all(shelf)
    assert wrong[0] == "grandmother.jpg" and "no such file" in wrong[1]
    assert queue.state(other)[0] == "waiting"
    assert [name for name, _ in asyncio.run(queue.apply(shelf, desk))] == ["uncle.jpg"] and other.now == Document()
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
