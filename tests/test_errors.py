"""Errors and notes know their code and values, whatever becomes of them."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from barva.errors import (
    OR,
    BarvaError,
    FileError,
    Message,
    ReadError,
    TooLargeError,
    TrainingError,
    UsageError,
    WeightsError,
    WriteError,
    join,
    one_line,
    several,
    suggestion,
)  # fmt: skip
from barva.studio.sessions.disk import FullError
from barva.studio.sessions.store import BusyError, MissingError

FAMILY = (
    BarvaError, UsageError, FileError, ReadError, TooLargeError, WriteError, WeightsError, TrainingError,
    FullError, MissingError, BusyError,
)  # fmt: skip


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_goes_to_another_process_with_code_and_values(kind: type[BarvaError]) -> None:
    inner = Message("page {page}", code="page", page=2)
    error = kind("{name}: {width} px at {where}", code="photo.odd", name="a.jpg", width=3, where=inner)
    for again in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind and str(again) == "a.jpg: 3 px at page 2"
        assert (again.code, again.values["width"], again.values["where"].code) == ("photo.odd", 3, "page")


def test_busy_errors_keep_when_to_come_back() -> None:
    assert pickle.loads(pickle.dumps(BusyError("later", 41.2))).retry == 42


def test_plain_texts_are_left_alone() -> None:
    for error in (UsageError("{ ... } is wanted"), UsageError("{ ... } is wanted", code="odd")):
        assert str(error) == "{ ... } is wanted" and not error.values
    assert str(UsageError("{name}", name="{x}")) == "{x}" and str(BarvaError()) == ""


def test_the_system_s_number_of_an_error_is_not_mistaken_for_a_text() -> None:
    assert ReadError("a", code="b").errno is None and isinstance(ReadError("a"), OSError)


def test_values_are_what_json_can_hold() -> None:
    error = UsageError("{a} {b} {c}", a=UsageError("x", code="x"), b=ValueError("y"), c=(1, 2))
    assert str(error) == "x y (1, 2)"
    assert error.values["a"].code == "x" and error.values["b"] == "y" and error.values["c"] == "(1, 2)"
    row = json.loads(json.dumps(error.message.to_json()))
    again = Message.from_json(row)
    assert again == error.message and again.values["a"].code == "x" and again.template == "{a} {b} {c}"


def test_a_message_is_frozen() -> None:
    message = Message("{a}", code="c", a=1)
    with pytest.raises(AttributeError):
        message.code = "d"  # type: ignore[misc]
    with pytest.raises(TypeError):
        message.values["a"] = 2  # type: ignore[index]
    assert message.with_values(a=2) == "2" and message == "1"


def test_parts_of_messages_are_joined_as_messages() -> None:
    assert join(["a"]) == "a" and join(["a", "b", "c"], OR) == "a or b or c"
    assert several([f"p{n}" for n in range(7)]) == "p0; p1; p2; p3; p4; and 2 more"
    assert one_line(Message("{name} is odd", code="odd", name="a\n b")) == "a b is odd"
    assert suggestion("polgon", ("box", "polygon")).code == "did-you-mean"  # type: ignore[attr-defined]
