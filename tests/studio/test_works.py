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
from studio_kit import marked

pytest.importorskip("fastapi")

from fastapi import Request

from barva.errors import BarvaError, ReadError, TooLargeError, UsageError
from barva.scene.modalities import Color
from barva.scene.model import Scene, Thing
from barva.studio.api import requests
from barva.studio.page import incoming, routes
from barva.studio.sessions import scenes, session_files, trash
from barva.studio.sessions.document import Document, Item, known_color
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import Visitors, VisitorSessions
from barva.studio.settings import Settings


def shown(session: EditSession) -> Document:
    """What the picture on the screen answers."""
    session.stored.live()
    assert session.stored._shown is not None
    return session.stored._shown


def test_files_are_read_though_another_thread_has_them_forgotten(
    session: EditSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept in memory has room for few: none here, as if others had taken all of it."""
    mask = session.files.put_mask(np.eye(8, dtype=np.uint8) * 255)
    scene, text = session.files.text(Scene((Thing("car"),)))
    session.history.add(replace(session.now, scene=scene), {scene: text})
    for name in ("_MASKS", "_TEXTS"):
        monkeypatch.setattr(session_files, name, 0)
    session.files._masks.clear(), session.files._texts.clear()
    assert session.files.mask(mask).levels()[3, 3] == 255
    assert session.files.scene(scene) == Scene((Thing("car"),))
    assert not session.files._masks and not session.files._texts
    session.files.put_mask(np.eye(8, dtype=np.uint8) * 255)
    assert not session.files._masks, "what is put there is among the last ones too"


def test_the_session_answers_the_last_change_and_undo(session: EditSession) -> None:
    async def work() -> None:
        versions = []
        session.listeners.append(lambda: versions.append(session.version))
        for vividness in (0.2, 0.4, 0.6):
            session.change(replace(session.now, vividness=vividness), final=vividness == 0.6)
        while session.busy:
            await asyncio.sleep(0.02)
        assert shown(session).vividness == 0.6 and session.version <= 2 and versions
        assert session.history.position == 1
        session.step(-1)
        while session.busy:
            await asyncio.sleep(0.02)
        assert shown(session).vividness == 1.0
        session.change(replace(session.now, items=(Item("x", "point", "red", at=(9999.0, 5.0)),)))
        while session.busy:
            await asyncio.sleep(0.02)
        assert "outside" in session.trouble

    asyncio.run(work())


def test_a_photo_that_was_deleted_meanwhile_is_missing(visitor: VisitorSessions, session: EditSession) -> None:
    """By another program, or because nobody had used it for long, while it is open here."""

    async def work() -> None:
        before = session.now
        visitor.service.store.delete(session.key)
        with pytest.raises(MissingError, match="no such session"):
            session.change(replace(before, vividness=1.3))
        assert session.now == session.live == before
        while session.busy:
            await asyncio.sleep(0.02)

    asyncio.run(work())
    with pytest.raises(MissingError, match="no such session"):
        session.files.put_reference("fresco.jpg", b"colors")
    assert not session.files.reference_keys()


def test_what_could_not_be_answered_is_not_saved_as_something_else(session: EditSession) -> None:
    async def work() -> None:
        session.change(replace(session.now, method="levin"))
        while session.busy:
            await asyncio.sleep(0.01)
        routes.color_file(session)
        session.change(replace(session.now, method="welsh"))
        while session.busy:
            await asyncio.sleep(0.01)
        session.trouble = None
        for save in (routes.color_file, scenes.text):
            with pytest.raises(UsageError, match="reference"):
                save(session)
        session.step(-1)
        while session.busy:
            await asyncio.sleep(0.01)
        routes.color_file(session)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("error", "code"), [(MemoryError(), "memory.photo"), (RuntimeError("of ONNX Runtime"), "unexpected")]
)
def test_no_error_leaves_a_photo_at_work_for_ever(
    session: EditSession, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    def ask(document: Document) -> tuple[str, ...]:
        raise error

    async def work() -> None:
        told = list[bool]()
        session.listeners.append(lambda: told.append(session.busy))
        with monkeypatch.context() as patched:
            patched.setattr(session, "_ask", ask)
            session.change(replace(session.now, vividness=0.5))
            while session.busy:
                await asyncio.sleep(0.01)
        assert session.trouble is not None and session.trouble.code == code and told[-1] is False
        session.change(replace(session.now, vividness=0.6))
        while session.busy:
            await asyncio.sleep(0.01)
        assert session.trouble is None and shown(session).vividness == 0.6

    asyncio.run(work())


def test_every_method_sees_the_references_of_now(session: EditSession) -> None:
    def reference(channel: int) -> str:
        ramp, none = Image.linear_gradient("L").resize((64, 48)), Image.new("L", (64, 48))
        out = io.BytesIO()
        Image.merge("RGB", [ramp if n == channel else none for n in range(3)]).save(out, "PNG")
        return session.files.put_reference("ramp.png", out.getvalue())

    levin, welsh = replace(session.now, method="levin"), replace(session.now, method="welsh")
    session._ask(levin)
    with pytest.raises(UsageError, match="reference"):
        session._ask(welsh)
    red, blue = (reference(0),), (reference(2),)
    session._ask(replace(welsh, references=red))
    first = session.stored.live().preview(10_000)
    session._ask(replace(levin, references=blue))
    session._ask(replace(welsh, references=blue))
    second = session.stored.live().preview(10_000)
    assert first[..., 0].mean() > first[..., 2].mean() + 20 and second[..., 2].mean() > second[..., 0].mean() + 20


def test_a_saved_scene_paints_the_same_pixels_and_comes_back(
    session: EditSession, photo: bytes, tmp_path: Path
) -> None:
    from barva.cli.app import run

    session.history.add(marked(session))
    session._ask(session.now)
    data, name, kind = routes.color_file(session)
    assert name == "grandmother.color.jpg" and kind == "jpeg"
    source, scene, theirs = (tmp_path / n for n in ("in.jpg", "in.scene.jsonld", "out.jpg"))
    source.write_bytes(photo)
    scene.write_text(scenes.text(session), encoding="utf-8")
    assert run(["colorize", str(source), "--scene", str(scene), "-o", str(theirs)]) == 0
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(Image.open(theirs)))
    before = session.now
    session.history.add(Document())
    scenes.put(session, scene.read_bytes())
    after = session.now
    assert {i.id: (i.name, i.parent, i.off, i.kind) for i in after.items} == {
        i.id: (i.name, i.parent, i.off, i.kind) for i in before.items
    }
    codes = tuple(replace(i, color=i.color and known_color(i.color)) for i in before.items)
    assert after.guidance(session.files.mask) == replace(before, items=codes).guidance(session.files.mask)
    assert (after.vividness, after.strength, after.palette) == (1.2, 0.8, ("#7a5c3e",))


def test_what_follows_its_group_follows_it_after_it_was_saved_and_opened(session: EditSession) -> None:
    inner = Item("i", "group", "", "Sleeves", "g")
    point = Item("q", "point", "", parent="i", at=(60.0, 30.0))
    own = Item("r", "point", "navy", parent="g", at=(60.0, 30.0))
    document = marked(session)
    session.history.add(replace(document, items=(*document.items, inner, point, own), seed=7))
    saved = scenes.of(session)
    session.history.add(Document())
    scenes.put(session, saved.to_json().encode())
    now = session.now
    assert now.seed == 7
    assert {i.id: i.color for i in now.items if i.id in "goiqr"} == {
        "g": "#000080", "o": "", "i": "", "q": "", "r": "#000080",
    }  # fmt: skip
    coat = next(item for item in now.items if item.id == "o")
    assert now.color(coat) == now.color(next(item for item in now.items if item.id == "q")) == "#000080"
    coat_of_scene = saved.thing("o")
    red = tuple(replace(m, color="red") if isinstance(m, Color) else m for m in coat_of_scene.modalities)
    scenes.put(session, saved.with_thing(replace(coat_of_scene, modalities=red)).to_json().encode())
    assert {i.id: i.color for i in session.now.items}["o"] == "#ff0000", "whoever changed the file meant it"


def test_a_scene_keeps_where_colors_came_from_and_what_references_are_called(
    session: EditSession, photo: bytes, astronaut: np.ndarray
) -> None:
    out = io.BytesIO()
    Image.fromarray(astronaut).resize((64, 48)).save(out, "PNG")
    key = session.files.put_reference("aunt Olha.png", out.getvalue())
    items = tuple(
        Item(origin, "point", "#7a1f1f", origin=origin, at=(10.0 + 40 * n, 20.0))
        for n, origin in enumerate(("user", "network", "reference"))
    )
    session.history.add(replace(session.now, items=items, references=(key,)))
    scene = scenes.of(session)
    assert len(list(scene.claims())) == 3, "what the user took is asked for, whoever proposed it"
    session.history.add(Document())
    scenes.put(session, scene.to_json().encode())
    assert [i.origin for i in session.now.items] == ["user", "network", "reference"]
    assert [session.files.reference_name(k) for k in session.now.references] == ["aunt Olha.png"]
    planted = scene.to_json().replace("aunt Olha.png", "../../etc/passwd")
    scenes.put(session, planted.encode())
    assert [session.files.reference_name(k) for k in session.now.references] == ["passwd"]


@pytest.mark.parametrize("color", ["url(https://x.example/p.png)", "red;x", "#12345g", ""])
def test_scenes_with_colors_that_are_none_are_refused(session: EditSession, color: str) -> None:
    """They would go into the page's styles."""
    of_whole = of_scene(palette=[color])
    of_group = Scene((Scene().whole, Thing("g", extra=scenes._own(color=color or "x"))))
    for scene in (of_whole, of_group, of_scene(variant=10**6), of_scene(variant=-1)):
        with pytest.raises(UsageError):
            scenes.put(session, scene.to_json().encode())
    assert session.history.position == 0, "the work can still be opened"


def test_colors_of_scenes_become_codes_that_browsers_know(session: EditSession) -> None:
    scenes.put(session, of_scene(palette=["dusty rose", "темно-синя", "xkcd:navy", "#A33"]).to_json().encode())
    assert session.now.palette == ("#c0737a", known_color("темно-синя"), "#01153e", "#aa3333")
    assert all(known_color(code) == code for code in (f"#{n * 9_973:06x}" for n in range(1600)))


def of_scene(**kept: object) -> Scene:
    whole = Scene().whole
    return Scene((replace(whole, extra=scenes._own(**kept)),))


def test_scenes_that_name_files_are_refused(session: EditSession, tmp_path: Path) -> None:
    session.history.add(marked(session))
    text = json.loads(scenes.text(session))
    secret = tmp_path / "secret.png"
    Image.new("L", (8, 8), 255).save(secret)

    def planted(value: object) -> object:
        if isinstance(value, dict):
            if "png" in value:
                return {k: v for k, v in value.items() if k != "png"} | {"mask": str(secret)}
            return {k: planted(v) for k, v in value.items()}
        return [planted(v) for v in value] if isinstance(value, list) else value

    with pytest.raises(UsageError):
        scenes.put(session, json.dumps(planted(text)).encode())
    with pytest.raises(BarvaError):
        scenes.put(session, b"{" * 100_000)


def test_a_zip_comes_back_as_a_work_and_bombs_do_not(
    visitor: VisitorSessions, session: EditSession, photo: bytes, tmp_path: Path
) -> None:
    session.history.add(marked(session))
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("../../grandmother.jpg", photo)
        whole.writestr("grandmother.color.jpg", b"anything")
        whole.writestr("grandmother" + scenes.ENDING, scenes.text(session))
    found = incoming.take(visitor, "work.zip", path, "photo", "")
    again = visitor.session(found["key"])
    assert again.key != session.key and len(again.now.items) == 5 and again.name == "grandmother.jpg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("big.jpg", bytes(3 << 20))
        whole.writestr("big" + scenes.ENDING, "{}")
    with pytest.raises(UsageError, match="too large"):
        incoming.take(visitor, "work.zip", path, "photo", "")
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ReadError, match="damaged"):
        incoming.take(visitor, "work.zip", path, "photo", "")


def test_a_zip_of_what_was_in_color_already_and_damaged_ones(
    visitor: VisitorSessions, photo: bytes, tmp_path: Path
) -> None:
    """Barva's own output, colored again, is called `grandmother.color.color.jpg`."""
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("grandmother.color.jpg", photo)
        whole.writestr("grandmother.color.color.jpg", b"anything")
        whole.writestr("grandmother.color" + scenes.ENDING, Scene().to_json())
    found = incoming.take(visitor, "work.zip", path, "photo", "")
    assert visitor.session(found["key"]).name == "grandmother.color.jpg"
    damaged = bytearray(path.read_bytes())
    damaged[30 + len("grandmother.color.jpg")] = 0xFF  # no block of deflate begins so
    path.write_bytes(damaged)
    with pytest.raises(ReadError, match="damaged"):
        incoming.take(visitor, "work.zip", path, "photo", "")


def test_a_zip_may_be_larger_than_a_photo(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "state", max_bytes=1000)

    async def sent(body: bytes, zips: bool) -> int:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        request = Request({"type": "http", "method": "POST", "headers": [], "query_string": b""}, receive)
        async with requests.receive(request, settings, zips) as made:
            return made.photos[0][1].stat().st_size

    packed = b"PK\x03\x04" + bytes(1900)
    assert asyncio.run(sent(packed, True)) == len(packed)
    for body, zips in ((packed, False), (bytes(1900), True), (packed + bytes(settings.max_request), True)):
        with pytest.raises(TooLargeError):
            asyncio.run(sent(body, zips))


def test_references_have_colors(visitor: VisitorSessions, session: EditSession, photo: bytes, tmp_path: Path) -> None:
    path = tmp_path / "reference"
    path.write_bytes(photo)
    with pytest.raises(UsageError, match=r"^grey\.jpg is gray: it has no colors to give$"):
        incoming.take(visitor, "grey.jpg", path, "reference", session.key)
    Image.new("RGB", (40, 30), (120, 60, 20)).save(path, "PNG")
    found = incoming.take(visitor, "rust.png", path, "reference", session.key)
    assert session.files.reference_name(found["reference"]) == "rust.png"
    with pytest.raises(UsageError):
        session.files.reference("../../photo")


def test_every_visitor_has_a_shelf_of_ones_own(visitor: VisitorSessions, session: EditSession) -> None:
    stranger = VisitorSessions(visitor.service, visitor.sessions, "w" * 32)
    assert visitor.keys == [session.key] and stranger.keys == []
    with pytest.raises(UsageError):
        trash.put(stranger, session.key)
    with pytest.raises(MissingError):
        stranger.session("x" * 32)
    trash.put(visitor, session.key)
    assert visitor.keys == []


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
