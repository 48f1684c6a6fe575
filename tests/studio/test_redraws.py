"""Another one, only here: regions of a session that are drawn anew, and variants that another method draws."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from studio_kit import Running

import drawing_method
from barva.errors import UsageError
from barva.methods import catalog
from barva.scene.masks import Mask
from barva.studio.locale.messages import Words
from barva.studio.page import picture, variants
from barva.studio.sessions import redraws, scenes
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(catalog._TARGETS, "drawn", drawing_method.TARGET)
    monkeypatch.delitem(catalog._TARGETS, "diffusion")  # which takes its time
    catalog.targets.cache_clear()
    yield
    catalog.targets.cache_clear()


def select(session: EditSession, left: int, right: int) -> None:
    """Columns of the selection, soft at both ends."""
    session.selection = np.zeros(session.selection_size, np.uint8)
    session.selection[:, left:right] = 255
    session.selection[:, [left - 1, right]] = 90
    session.selected = f"{left}"


def draw(session: EditSession) -> np.ndarray:
    """The picture after another step of drawing anew."""
    session.put(asyncio.run(redraws.draw_anew(session)))
    return session.stored.show(session.now).array()


def test_other_colors_come_into_the_region_alone_and_each_is_a_step(session: EditSession) -> None:
    session.put(Document(method="drawn"))
    before = session.stored.show(session.now).array()
    select(session, 60, 120)
    first, again = draw(session), draw(session)
    select(session, 150, 200)
    other = draw(session)
    for old, new, (left, right) in ((before, first, (60, 120)), (first, again, (60, 120)), (again, other, (150, 200))):
        changed = (old != new).any(axis=(0, 2))
        assert changed[left + 8 : right - 8].all() and not changed[:left].any() and not changed[right:].any()
    assert redraws.count(session.now) == 2 and len(session.history.states) == 5
    select(session, 60, 120)
    back = draw(session)  # what was drawn after the first region stays as it is
    assert np.array_equal(back[:, 150:200], other[:, 150:200]) and not np.array_equal(back, other)
    for _ in range(4):
        session.history.go(-1)
    assert np.array_equal(session.stored.show(session.now).array(), before)


def test_saved_scenes_keep_them_and_other_photos_do_not_get_them(session: EditSession) -> None:
    session.put(Document(method="drawn"))
    select(session, 60, 120)
    shown = draw(session)
    saved, kept = scenes.text(session), session.now
    assert redraws.count(scenes.carry_over(kept, session, session)) == 0
    session.put(redraws.without(kept))
    assert session.now == Document(method="drawn")
    scenes.put(session, saved.encode())
    assert session.now.sampling == kept.sampling
    assert np.array_equal(session.stored.show(session.now).array(), shown)
    unsafe = saved.replace(r"\"png\"", r"\"mask\"")
    with pytest.raises(UsageError, match="not read over the network"):
        scenes.put(session, unsafe.encode())


def test_what_cannot_be_drawn_is_one_error_and_no_step(session: EditSession) -> None:
    def refused(why: str) -> None:
        steps = len(session.history.states)
        with pytest.raises(UsageError, match=why):
            asyncio.run(redraws.draw_anew(session))
        assert len(session.history.states) == steps

    session.put(Document(method="drawn"))
    refused("select something first")
    select(session, 60, 120)
    mask = session.files.put_mask(session.selection)
    session.put(session.now.with_item(Item("60", "object", "red", at=(80.0, 50.0), mask=mask)))
    refused("has a color of yours, which stays")
    session.put(session.now.with_item(replace(session.now.items[0], off=True)))
    draw(session)
    session.selection = np.full(session.selection_size, 255, np.uint8)
    refused("is the whole photo")
    session.selection = np.full(session.selection_size, 90, np.uint8)
    refused("it selects nothing")
    select(session, 60, 120)
    session.put(replace(session.now, method="guided"))
    refused("guided draws nothing at random")
    full = Document(method="drawn")
    for n in range(8):
        full = redraws.with_region(full, Mask.of(np.eye(8, k=n, dtype=bool)))
    session.put(full)
    refused("8 regions of this photo are drawn anew already")


def test_the_button_says_why_it_is_off() -> None:
    cards = catalog.method_cards()
    assert picture.why_no_redraw(Words("en"), cards, "drawn") == ""
    assert picture.why_no_redraw(Words("uk"), cards, "levin") == (
        "«Лише за вашими позначками» нічого не малює навмання. Для цього виберіть «drawn»."
    )
    assert picture.why_no_redraw(Words("en"), [c for c in cards if not c.samples], "levin") is None


def test_variants_are_drawn_by_diffusion_where_it_is_there(server: Running, photo: bytes) -> None:
    cards = {card.name: card for card in catalog.method_cards()}
    first, *others = variants.choices(Document(), cards)
    assert first == Document() and {(d.method, d.variant) for d in others} == {("drawn", n) for n in range(1, 6)}
    without = {name: card for name, card in cards.items() if name != "drawn"}
    assert {d.method for d in variants.choices(Document(), without)} == {"guided"}
    assert variants.choices(Document(method="levin"), without) == ()

    session, pictures = server.begin(photo).removeprefix("/sessions/"), list[bytes]()
    for choice in (first, others[0], others[1]):
        path = variants.address(session, choice).removeprefix("/api/v1")
        pictures.append(server.client.get(path).content)
    small, one, two = (np.asarray(Image.open(io.BytesIO(data)), np.int16) for data in pictures)
    assert np.abs(one - small).mean() > 5 and np.abs(two - one).mean() > 5
    plain = server.client.get(f"/sessions/{session}/variants/0?pixels=40000").content
    assert plain == pictures[0], "what is shown is still the session's own"
    refused = server.client.get(f"/sessions/{session}/variants/0?method=none")
    assert refused.status_code == 422
