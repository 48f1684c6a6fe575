"""Colors by words: a text is one step of the history and makes items as a person does, or is one error."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from studio_kit import Running, finished

import barva
from barva.engine.prepare import analyze
from barva.engine.request import Request
from barva.errors import UsageError
from barva.scene.masks import Mask
from barva.scene.modalities import Color, Region
from barva.scene.model import Scene, Source, Thing
from barva.studio.jobs.output import Output
from barva.studio.locale.messages import Words
from barva.studio.sessions import scenes, wording
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.edit_session import EditSession


def thing(id: str, kind: str, left: int, top: int, right: int, bottom: int, part_of: str = "photo") -> Thing:
    plane = np.zeros((192, 256), np.uint8)
    plane[top:bottom, left:right] = 255
    return Thing(id, kind, part_of, (Region(Mask.of(plane)),))


@pytest.fixture(autouse=True)
def street(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found in every photo: a car, a woman with hair, and two trees."""

    def found(light: Any, source: Source, features: Any) -> Scene:
        things = (
            thing("car", "car", 10, 100, 100, 150), thing("woman", "woman", 150, 40, 200, 180),
            thing("woman.hair", "hair", 160, 40, 190, 70, "woman"),
            thing("tree", "tree", 0, 0, 60, 80), thing("tree-2", "tree", 210, 0, 250, 60),
        )  # fmt: skip
        return Scene(things, source)

    monkeypatch.setattr(analyze.objects, "perceive", found)


def say(session: EditSession, *texts: str) -> tuple[bool, tuple[str, ...]]:
    """The answer to the last text."""

    async def work() -> tuple[bool, tuple[str, ...]]:
        return [await session.say(text) for text in texts][-1]

    return asyncio.run(work())


def colors(session: EditSession) -> dict[str, str]:
    """Of the items in order, by name."""
    return {item.name or item.id: item.color for item in session.now.items}


def test_a_text_makes_items_in_one_step_and_undo_takes_them_back(session: EditSession) -> None:
    changed, notes = say(session, "make the car red and her hair brown, more vivid")
    assert changed and notes == ()
    assert colors(session) == {"car": "#ff0000", "woman.hair": "#a52a2a"}
    assert session.now.vividness == 1.35 and len(session.history.states) == 2
    car = session.now.items[0]
    assert car.kind == "object" and car.origin == "user" and car.at is not None
    assert 10 <= car.at[0] < 100 and 100 <= car.at[1] < 150
    plane = session.files.mask(car.mask).levels()
    assert plane.shape == session.selection_size and plane[120, 50] == 255 and plane[50, 50] == 0
    a, b = session.stored.show(session.now).array()[120, 50], session.stored.show(Document()).array()[120, 50]
    assert int(a[0]) - int(a[2]) > 60 > int(b[0]) - int(b[2])
    session.history.go(-1)
    assert session.now == Document()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("make the bicycle red", "'the bicycle': there is no such thing in the photo; found:"),
        ("make the car red and the blorb blue", "'blorb' is not understood"),
        ("make the car red, sepia", "'sepia': the studio has no warmth and no looks"),
        ("make it all warmer", "the studio has no warmth"),
        ("make the car more vivid", "in the studio only the whole picture becomes more vivid"),
        ("", "the text is empty"),
        ("  \n", "the text is empty"),
        ("red " * 25_000, "at most 2000 characters, not 100000"),
    ],
)
def test_what_cannot_be_done_is_one_error_and_changes_nothing(session: EditSession, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as error:
        say(session, text)
    assert "\n" not in str(error.value) and "--" not in str(error.value)  # the page has no options
    assert session.now == Document() and len(session.history.states) == 1 and session.remarks == ()


def test_notes_hold_as_long_as_the_step_is_in_force(session: EditSession) -> None:
    _, notes = say(session, "make the tree green")
    assert len(notes) == 1 and "can be 2 things" in notes[0] and session.remarks[:1] == notes
    session.history.go(-1)
    assert notes[0] not in session.remarks


def test_a_second_text_speaks_of_the_first_ones_items(session: EditSession) -> None:
    say(session, "make the car red", "make the car blue")
    assert colors(session) == {"car": "#0000ff"}
    assert say(session, "make the car blue") == (False, ()) and len(session.history.states) == 3
    say(session, "leave the car as it is")
    assert colors(session) == {}


def test_an_item_that_was_switched_off_or_corrected_is_shown_again_as_it_was_corrected(session: EditSession) -> None:
    say(session, "make the car red")
    plane = np.zeros(session.selection_size, np.uint8)
    plane[110:140, 20:90] = 255
    corrected = replace(session.now.items[0], mask=session.files.put_mask(plane), off=True, name="Taxi")
    session.history.add(session.now.with_item(corrected))
    say(session, "make the car red")
    assert session.now.items == (replace(corrected, off=False),)


def test_parts_lie_over_wholes_and_what_is_left_below_everything(session: EditSession) -> None:
    plane = np.zeros(session.selection_size, np.uint8)
    plane[150:190, 20:60] = 255
    session.history.add(Document(items=(Item("d3adbeef", "object", "", "bag", mask=session.files.put_mask(plane)),)))
    say(session, "her hair is red", "make the woman navy", "make the bag yellow", "make everything else gray")
    assert list(colors(session)) == ["everything-else", "bag", "woman", "woman.hair"]
    bag = session.now.item("d3adbeef")
    assert bag is not None and bag.color == "#ffff00"
    rest = session.files.mask(session.now.items[0].mask).levels()
    assert rest[170, 40] == 0 and rest[60, 170] == 0 and rest[120, 50] == 255  # neither the bag nor the woman


def test_ukrainian(session: EditSession) -> None:
    say(session, "зроби машину червоною")
    assert colors(session) == {"car": "#ff0000"}
    with pytest.raises(UsageError) as error:
        say(session, "зроби велосипед червоним")
    text = Words("uk").translate(error.value.message)
    assert text.startswith("«велосипед»: такого на світлині немає; знайдено: ") and text.endswith("вручну")


def test_a_text_speaks_of_what_a_program_asked_in_words(session: EditSession) -> None:
    session.stored.change(settings=(Request(text="make the car red, more vivid"), Output()))
    say(session, "make everything else gray")
    item = session.now.items[0]
    assert session.files.mask(item.mask).levels()[120, 50] == 0 and session.now.vividness == 1.0
    assert scenes.read(session, scenes.text(session).encode()).thing("say-everything-else")
    scenes.put(session, scenes.text(session).encode())
    assert session.now.text == "make the car red, more vivid"
    with pytest.raises(UsageError, match="from a program"):
        wording.understand(session.stored, session.now, "leave the car alone")


def test_the_api_takes_a_text(server: Running, photo: bytes) -> None:
    client, text = server.client, "make the car red"
    wanted = barva.colorize(photo, text=text).array()
    assert not np.array_equal(wanted, barva.colorize(photo).array())

    def pixels(data: bytes) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(data)))

    form = {"files": {"photo": ("a.jpg", photo)}, "data": {"text": text, "format": "png"}}
    assert np.array_equal(pixels(client.post("/colorize", **form).content), wanted)
    job = client.post("/jobs", **form).json()
    assert finished(client, job["id"])["done"] == 1
    assert np.array_equal(pixels(client.get(f"/jobs/{job['id']}/results/0").content), wanted)
    session = server.begin(photo, format="png")
    changed = client.put(f"{session}/settings", json={"text": text})
    assert changed.status_code == 200 and changed.json()["settings"]["text"] == text
    assert np.array_equal(pixels(client.get(f"{session}/result").content), wanted)
    scene = Scene.from_json(client.get(f"{session}/scene").content)
    assert [color.color for color in scene.thing("car").all(Color)] == ["red"]
    for wrong in ("make the bicycle red", "x" * 100_000):
        refused = client.put(f"{session}/settings", json={"text": wrong})
        assert refused.status_code == 422 and "\n" not in refused.json()["error"]["message"]
        assert client.post("/colorize", files={"photo": photo}, data={"text": wrong}).status_code == 422
        assert client.post("/sessions", files={"photo": photo}, data={"text": wrong}).status_code == 422
    half = client.put(f"{session}/settings", content=b'{"text": "make the \\ud800 red"}')
    assert half.status_code == 422 and "?" in half.json()["error"]["message"]  # half of a character
    assert client.get(session).json()["settings"]["text"] == text
    assert client.put(f"{session}/settings", json={"text": ""}).json()["settings"]["text"] == ""
    plain, told = (
        client.post("/suggestions", params={"x": 50, "y": 120, **more}, content=photo).json()
        for more in ({}, {"text": text})
    )
    assert (
        plain
        != told
        == [
            {"hex": s.hex, "probability": s.probability, "lab": list(s.lab)}
            for s in barva.Colorizer().suggest(photo, (50, 120), text=text)
        ]
    )


@pytest.mark.parametrize("text", ["paint half of the car red", "paint the dog red"])
def test_what_words_cannot_do_is_done_by_hand_and_by_no_option_of_the_command_line(
    session: EditSession, text: str
) -> None:
    with pytest.raises(UsageError, match="by hand") as error:
        say(session, text)
    for language in ("en", "uk"):
        assert "--" not in Words(language).translate(error.value.message)
