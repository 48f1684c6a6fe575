"""Documents, their history, the words, and selections: the parts of the page that need no browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barva import Colorizer, Session, photos
from barva.errors import UsageError
from barva.guidance.marks import Point, Region
from barva.scene.masks import Mask
from barva.studio.locale.messages import Words, preferred_language
from barva.studio.sessions import select
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.history import History

POINT = Item("a", "point", "#7a1f1f", at=(3.0, 4.0))


def none(key: str) -> Mask:
    raise AssertionError(key)


def test_a_history_is_read_back_with_its_place(session: EditSession) -> None:
    history = session.history
    for n in range(5):
        history.add(replace(Document(), vividness=n / 4 + 0.1))
    history.go(-1)
    history.go(-1)
    database = session.service.database
    again = History(database, session.key)
    assert again.now == history.now and again.can_redo and len(again.states) == 6
    again.add(Document().with_item(POINT))
    third = History(database, session.key)
    assert third.now.items == (POINT,) and not third.can_redo and third.position == 4


def test_a_document_is_the_same_after_json() -> None:
    stroke = Item("s", "stroke", "navy", along=((1.0, 2.0), (3.0, 4.5)), width=3.0)
    box = Item("b", "box", "", parent="g", off=True, box=(1.0, 2.0, 3.0, 4.0))
    items = POINT, stroke, box, Item("g", "group", name="Coat")
    document = Document("levin", 0.5, items=items, references=("k",), seed=4, marks="m", format="png")
    assert Document.of_json(document.to_json()) == document


def test_points_win_over_objects_and_groups_hide_their_parts() -> None:
    mask = Mask.of(np.ones((4, 4), bool))
    document = Document(items=(POINT, Item("o", "object", "red", parent="g", mask="k"), Item("g", "group")))
    marks = document.guidance(lambda key: mask).marks
    assert [type(m) for m in marks] == [Region, Point]
    hidden = document.with_item(Item("g", "group", off=True))
    assert [type(m) for m in hidden.guidance(lambda key: mask).marks] == [Point]


def test_a_part_takes_the_color_of_its_group_and_groups_cannot_contain_themselves() -> None:
    document = Document(
        items=(Item("g", "group", "navy"), Item("h", "group", parent="g"), Item("p", "point", at=(1.0, 1.0)))
    )
    moved = document.with_parent("p", "h")
    assert moved.guidance(none).marks == (Point((1.0, 1.0), "navy"),)
    with pytest.raises(UsageError):
        document.with_parent("g", "h")
    assert moved.without("h").item("p").parent == "g"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("item", "to", "handle"),
    [
        (POINT, (9.0, 7.0), (9.0, 7.0)),
        (POINT, (999.0, -5.0), (99.0, 0.0)),
        (Item("s", "stroke", along=((10.0, 10.0), (20.0, 30.0))), (25.0, 26.0), (25.0, 26.0)),
        (Item("s", "stroke", along=((10.0, 10.0), (20.0, 30.0))), (0.0, 0.0), (10.0, 20.0)),
        (Item("b", "box", box=(10.0, 10.0, 30.0, 20.0)), (500.0, 40.0), (90.0, 40.0)),
        (Item("g", "group"), (1.0, 1.0), None),
    ],
)
def test_a_mark_is_moved_whole_and_stays_on_the_photo(item: Item, to: tuple[float, float], handle: object) -> None:
    moved = item.with_handle_at(to, (80, 100))
    assert moved.handle == handle
    if item.kind == "stroke":
        (x, y), (x2, y2) = moved.along
        assert (x2 - x, y2 - y) == (10, 20)


def test_the_page_speaks_the_language_that_is_asked_for() -> None:
    assert Words("uk")("undo") != Words("en")("undo") and Words("xx").language == "en"
    assert preferred_language("uk-UA,uk;q=0.9,en;q=0.8") == "uk" and preferred_language("fr,de") == "en"


def test_a_click_selects_an_object_and_another_cuts_a_part_off() -> None:
    live = Session(Colorizer(), photos.photo("astronaut"))
    shape = select.size(*live.size(400_000))
    face = (0.43, 0.22)
    woman = select.grow(live, face, shape, 1.0, "new", None)
    assert woman[int(face[1] * shape[0]), int(face[0] * shape[1])] == 255
    assert 0.02 < (woman > 0).mean() < 0.8 and not woman[: shape[0] // 10, -shape[1] // 10 :].any()
    assert np.array_equal(woman, select.grow(live, face, shape, 1.0, "new", None))
    cut = select.grow(live, face, shape, 1.0, "cut", woman)
    assert select.combine(woman, cut, "cut")[int(face[1] * shape[0]), int(face[0] * shape[1])] == 0


def test_selections_are_added_and_cut() -> None:
    shape = (100, 100)
    left = select.lasso([(0, 0), (0.5, 0), (0.5, 1), (0, 1)], shape)
    dot = select.brush([(0.5, 0.5)], 20, shape)
    assert (left[:, :49] >= 128).all() and not (left[:, 52:] >= 128).any() and dot[50, 50] and not dot[0, 0]
    assert select.combine(left, dot, "add")[50, 55] and not select.combine(left, dot, "cut")[50, 45]
    assert np.array_equal(select.combine(left, dot, "new"), dot)
    x, y = select.middle(left)
    assert 0.15 < x < 0.35 and 0.2 < y < 0.8
    assert select.corners(left) == pytest.approx(np.array([(0, 0), (0.5, 1)]), abs=0.02)
    with pytest.raises(UsageError):
        select.middle(np.zeros(shape, np.uint8))
    with pytest.raises(UsageError):
        select.lasso([(0, 0), (1, 1)], shape)


@pytest.mark.parametrize(("height", "width"), [(10, 10), (4000, 6000), (300, 12000), (1, 5)])
def test_selections_keep_the_shape_of_the_photo(height: int, width: int) -> None:
    h, w = select.size(height, width)
    assert h <= height and w <= width and abs((w / h) / (width / height) - 1) < 0.01
