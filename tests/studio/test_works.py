"""What the page keeps, saves and takes in, without a browser."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi")

from barva.errors import BarvaError, ReadError, UsageError
from barva.studio import incoming, pictures, queue, scenes
from barva.studio.desk import Desk, Desks
from barva.studio.document import Document, Item
from barva.studio.jobs import DONE
from barva.studio.service import Service
from barva.studio.settings import Settings
from barva.studio.store import MissingError
from barva.studio.visitors import Shelf, Visitors


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    service = Service(Settings(state=tmp_path / "state", max_bytes=1 << 20, max_pixels=1_000_000))
    return Shelf(service, Desks(service), "v" * 32)


@pytest.fixture
def desk(shelf: Shelf, photo: bytes) -> Desk:
    return shelf.desk(shelf.add("grandmother.jpg", photo))


def marked(desk: Desk) -> Document:
    """A point, a stroke, a box, and an object in a group."""
    plane = np.zeros(desk.selection_size, np.uint8)
    plane[20:60, 30:80] = 255
    items = (
        Item("g", "group", "navy", "Clothes"),
        Item("o", "object", "", "Coat", "g", at=(55.0, 40.0), mask=desk.drawer.put_mask(plane)),
        Item("p", "point", "#7a1f1f", at=(100.0, 90.0)),
        Item("s", "stroke", "green", off=True, along=((10.0, 10.0), (30.0, 12.5)), width=4.0),
        Item("b", "box", "ochre", box=(200.0, 100.0, 240.0, 150.0)),
    )
    return Document("guided", 1.2, 0.8, items=items, palette=("#7a5c3e",))


def test_the_desk_answers_the_last_change_and_undo(desk: Desk) -> None:
    async def work() -> None:
        heard = []
        desk.listeners.append(lambda: heard.append(desk.version))
        for vividness in (0.2, 0.4, 0.6):
            desk.change(replace(desk.now, vividness=vividness), final=vividness == 0.6)
        while desk.busy:
            await asyncio.sleep(0.02)
        assert desk.work.order.vividness == 0.6 and desk.version <= 2 and heard
        assert desk.drawer.journal.position == 1
        desk.step(-1)
        while desk.busy:
            await asyncio.sleep(0.02)
        assert desk.work.order.vividness == 1.0
        desk.change(replace(desk.now, items=(Item("x", "point", "red", at=(9999.0, 5.0)),)))
        while desk.busy:
            await asyncio.sleep(0.02)
        assert "outside" in desk.trouble

    asyncio.run(work())


def test_a_saved_scene_paints_the_same_pixels_and_comes_back(desk: Desk, photo: bytes, tmp_path: Path) -> None:
    from barva.cli.app import run

    desk.drawer.journal.add(marked(desk))
    desk._ask(desk.now)
    data, name, kind = pictures.finished(desk)
    assert name == "grandmother.color.jpg" and kind == "jpeg"
    source, scene, theirs = (tmp_path / n for n in ("in.jpg", "in.scene.jsonld", "out.jpg"))
    source.write_bytes(photo)
    scene.write_text(scenes.text(desk), encoding="utf-8")
    assert run(["colorize", str(source), "--scene", str(scene), "-o", str(theirs)]) == 0
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(Image.open(theirs)))
    before = desk.now
    desk.drawer.journal.add(Document())
    scenes.put(desk, scene.read_bytes())
    after = desk.now
    assert {i.id: (i.name, i.parent, i.off, i.kind) for i in after.items} == {
        i.id: (i.name, i.parent, i.off, i.kind) for i in before.items
    }
    assert after.guidance(desk.drawer.mask) == before.guidance(desk.drawer.mask)
    assert (after.vividness, after.strength, after.palette) == (1.2, 0.8, ("#7a5c3e",))


def test_a_scene_keeps_where_colors_came_from_and_what_references_are_called(
    desk: Desk, photo: bytes, astronaut: np.ndarray
) -> None:
    out = io.BytesIO()
    Image.fromarray(astronaut).resize((64, 48)).save(out, "PNG")
    key = desk.drawer.put_reference("aunt Olha.png", out.getvalue())
    items = tuple(
        Item(origin, "point", "#7a1f1f", origin=origin, at=(10.0 + 40 * n, 20.0))
        for n, origin in enumerate(("user", "network", "reference"))
    )
    desk.drawer.journal.add(replace(desk.now, items=items, references=(key,)))
    scene = scenes.of(desk)
    assert len(list(scene.claims())) == 3, "what the user took is asked for, whoever proposed it"
    desk.drawer.journal.add(Document())
    scenes.put(desk, scene.to_json().encode())
    assert [i.origin for i in desk.now.items] == ["user", "network", "reference"]
    assert [desk.drawer.reference_name(k) for k in desk.now.references] == ["aunt Olha.png"]
    planted = scene.to_json().replace("aunt Olha.png", "../../etc/passwd")
    scenes.put(desk, planted.encode())
    assert [desk.drawer.reference_name(k) for k in desk.now.references] == ["passwd"]


def test_scenes_that_name_files_are_refused(desk: Desk, tmp_path: Path) -> None:
    desk.drawer.journal.add(marked(desk))
    text = json.loads(scenes.text(desk))
    secret = tmp_path / "secret.png"
    Image.new("L", (8, 8), 255).save(secret)

    def planted(value: object) -> object:
        if isinstance(value, dict):
            if "png" in value:
                return {k: v for k, v in value.items() if k != "png"} | {"mask": str(secret)}
            return {k: planted(v) for k, v in value.items()}
        return [planted(v) for v in value] if isinstance(value, list) else value

    with pytest.raises(UsageError):
        scenes.put(desk, json.dumps(planted(text)).encode())
    with pytest.raises(BarvaError):
        scenes.put(desk, b"{" * 100_000)


def test_a_zip_comes_back_as_a_work_and_bombs_do_not(shelf: Shelf, desk: Desk, photo: bytes, tmp_path: Path) -> None:
    desk.drawer.journal.add(marked(desk))
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("../../grandmother.jpg", photo)
        whole.writestr("grandmother.color.jpg", b"anything")
        whole.writestr("grandmother" + scenes.ENDING, scenes.text(desk))
    found = incoming.take(shelf, "work.zip", path, "photo", "")
    again = shelf.desk(found["key"])
    assert again.key != desk.key and len(again.now.items) == 5 and again.name == "grandmother.jpg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("big.jpg", bytes(3 << 20))
        whole.writestr("big" + scenes.ENDING, "{}")
    with pytest.raises(UsageError, match="too large"):
        incoming.take(shelf, "work.zip", path, "photo", "")
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ReadError, match="damaged"):
        incoming.take(shelf, "work.zip", path, "photo", "")


def test_references_have_colors(shelf: Shelf, desk: Desk, photo: bytes, tmp_path: Path) -> None:
    path = tmp_path / "reference"
    path.write_bytes(photo)
    with pytest.raises(ReadError, match="no colours"):
        incoming.take(shelf, "grey.jpg", path, "reference", desk.key)
    Image.new("RGB", (40, 30), (120, 60, 20)).save(path, "PNG")
    found = incoming.take(shelf, "rust.png", path, "reference", desk.key)
    assert desk.drawer.reference_name(found["reference"]) == "rust.png"
    with pytest.raises(UsageError):
        desk.drawer.reference("../../session.json")


def test_a_queue_of_photos_each_with_the_scene(shelf: Shelf, desk: Desk, photo: bytes) -> None:
    other = shelf.desk(shelf.add("uncle.jpg", photo))
    desk.drawer.journal.add(marked(desk))
    assert queue.apply(shelf, desk) == 1 and len(other.now.items) == 5
    queue.color_all(shelf)
    assert queue.state(other)[0] == "waiting"
    queue.stop(shelf, other.key)
    assert queue.state(other)[0] == "cancelled"
    queue.retry(shelf, other.key)
    shelf.service.start()
    try:
        import time

        until = time.monotonic() + 60
        while any(queue.state(d)[0] != DONE for d in (desk, other)) and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        shelf.service.stop()
    assert queue.state(other)[0] == queue.state(desk)[0] == DONE
    assert desk.work.photo.exists()
    with zipfile.ZipFile(io.BytesIO(bytes(pictures._zipped(shelf).body))) as whole:
        assert sorted(whole.namelist()) == ["grandmother.color.jpg", "uncle.color.jpg"]


def test_every_visitor_has_a_shelf_of_ones_own(shelf: Shelf, desk: Desk) -> None:
    stranger = Shelf(shelf.service, shelf.desks, "w" * 32)
    assert shelf.keys == [desk.key] and stranger.keys == []
    with pytest.raises(UsageError):
        stranger.remove(desk.key)
    with pytest.raises(MissingError):
        stranger.desk("x" * 32)
    shelf.remove(desk.key)
    assert shelf.keys == []


@pytest.mark.parametrize("cookie", [None, b"barva_visitor=../../etc", b"barva_visitor=" + b"a" * 32, b"\xff=;;="])
def test_visitors_get_a_cookie_that_nobody_chose(cookie: bytes | None) -> None:
    seen: dict[str, object] = {}
    sent: list[dict[str, object]] = []

    async def inner(scope: dict[str, object], receive: object, send: object) -> None:
        seen["visitor"] = scope["barva.visitor"]
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [] if cookie is None else [(b"cookie", cookie)]
    asyncio.run(Visitors(inner)({"type": "http", "headers": headers}, None, send))  # type: ignore[arg-type]
    known = cookie == b"barva_visitor=" + b"a" * 32
    assert (seen["visitor"] == "a" * 32) == known
    assert bool(sent[0]["headers"]) != known
