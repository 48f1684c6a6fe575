"""Events of the picture: every one that the page's scripts send is read, and nonsense is an error of one line."""

from __future__ import annotations

import pytest

pytest.importorskip("nicegui")

from barva.errors import UsageError
from barva.studio.page import actions, events
from barva.studio.page.events import (
    CloseMark,
    File,
    Mark,
    Move,
    OpenMark,
    Rename,
    Say,
    Select,
    Shortcut,
    Uploaded,
    Uploading,
    Waits,
)

EVENTS = [
    ("move", {"id": "a", "at": [3, "4.5"], "final": 1}, Move("a", (3.0, 4.5), True)),
    (
        "mark",
        {"id": "a", "kind": "point", "color": "red", "at": [1, 2]},
        Mark("a", "point", "red", False, "user", (1, 2)),
    ),
    (
        "mark",
        {"id": "b", "kind": "box", "color": "red", "final": True, "origin": "network", "box": [1, 2, 3, 4]},
        Mark("b", "box", "red", True, "network", box=(1, 2, 3, 4)),
    ),
    (
        "mark",
        {"id": "s", "kind": "stroke", "color": "", "origin": "<b>", "along": [[1, 2], [3, 4]], "width": 0},
        Mark("s", "stroke", "", False, "user", along=((1, 2), (3, 4))),
    ),
    ("region", {"op": "grow", "at": [1, 1]}, Select("grow", "new", (1, 1))),
    (
        "region",
        {"op": "brush", "mode": "cut", "along": [[1, 1]], "width": 9},
        Select("brush", "cut", along=((1, 1),), width=9),
    ),
    ("rename", {"id": "a", "text": f"  a \n coat {'x' * 99}"}, Rename("a", f"a coat {'x' * 53}")),
    ("say", {"text": "make the car red"}, Say("make the car red")),
    ("select", {"id": "a"}, OpenMark("a")),
    ("untarget", {}, CloseMark()),
    ("shortcut", {"name": "undo"}, Shortcut("undo")),
    ("uploading", {"name": "a", "share": 0.25, "index": 1, "count": 3}, Uploading("a", 1, 3, 0.25)),
    ("uploading", {"name": "a", "share": float("nan"), "count": 1}, Uploading("a", 0, 1, 0.0)),
    ("waits", {"name": "a.jsonld", "photo": None}, Waits("a.jsonld", "")),
    (
        "uploaded",
        {"files": [{"name": "a", "key": "k", "index": 0}, {"name": "b", "error": "no"}], "left": 2},
        Uploaded((File("a", "k", "", "", False, 0), File("b", "", "no", "", False, None)), 2),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "event"), EVENTS)
def test_an_event_is_read(name: str, data: dict[str, object], event: events.Event) -> None:
    assert events.read(name, data) == event


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("move", {"id": "a", "at": [1], "final": True}),
        ("move", {"id": "a", "at": "somewhere", "final": True}),
        ("mark", {"id": "a", "kind": "box", "color": "red", "box": [1, 2, 3]}),
        ("region", {"op": "lasso", "mode": "steal", "along": []}),
        ("region", {"op": "brush"}),
        ("uploaded", {"files": ["a"]}),
        ("radius", {"radius": None}),
        ("shortcut", {}),
    ],
)
def test_nonsense_is_one_line(name: str, data: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        events.read(name, data)
    assert "\n" not in str(caught.value)


def test_there_are_no_others() -> None:
    assert events.read("__class__", {}) is None
    stroke = {"id": "s", "kind": "stroke", "color": "red", "along": [[1, 1]] * 100_000}
    mark = events.read("mark", stroke)
    assert isinstance(mark, Mark) and len(mark.along) == 4000
    assert len(actions._ACTIONS) == len(events._READERS)
