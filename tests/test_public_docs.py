"""Every public function says what it takes, gives and raises, and its example runs."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import barva

SELF = ("self", "cls")


def _public() -> Iterator[tuple[str, Any]]:
    for name in barva.__all__:
        thing = getattr(barva, name)
        if not callable(thing):
            continue
        yield name, thing
        if not inspect.isclass(thing) or issubclass(thing, Exception):
            continue
        for method, value in inspect.getmembers(thing):
            if not method.startswith("_") and callable(value):
                yield f"{name}.{method}", value


PUBLIC = dict(_public())


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^(Args|Returns|Raises|Examples):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _wanted(thing: Any) -> list[str]:
    """Parameters that a caller passes."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:
        return []
    return [p.name for p in parameters if p.name not in SELF and not p.name.startswith("_")]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_names_parameters_and_result(name: str) -> None:
    thing = PUBLIC[name]
    text = inspect.getdoc(thing) or ""
    first = text.split("\n\n")[0]
    assert first.strip(), "no docstring"
    assert "\n" not in first, f"the summary is one line: {first!r}"
    if inspect.isclass(thing) and (issubclass(thing, Exception) or name == "MethodCard"):
        return  # an error takes a text; each field of a card has its own docstring
    described = re.findall(r"^    (\w+): ", _sections(text).get("Args", ""), flags=re.MULTILINE)
    assert described == _wanted(thing)
    if not inspect.isclass(thing) and inspect.signature(thing).return_annotation not in ("None", None):
        assert _sections(text).get("Returns", "").strip(), "it does not say what it returns"


def test_every_class_and_function_has_an_example() -> None:
    lacking = [
        name
        for name, thing in PUBLIC.items()
        if "." not in name
        and not (inspect.isclass(thing) and issubclass(thing, Exception))
        and ">>>" not in (inspect.getdoc(thing) or "")
    ]
    assert lacking == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The photos that the examples name."""
    rng = np.random.default_rng(3)
    color = cv2.resize(rng.integers(40, 220, (6, 8, 3), dtype=np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "color.jpg"), color)
    cv2.imwrite(str(tmp_path / "photo.jpg"), cv2.cvtColor(color, cv2.COLOR_BGR2GRAY))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [name for name, thing in PUBLIC.items() if ">>>" in (inspect.getdoc(thing) or "")])
def test_the_example_runs(name: str, folder: Path) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    example = doctest.DocTestParser().get_doctest(text, {"barva": barva, "np": np}, name, None, 0)
    lines: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(example, out=lines.append)
    assert result.attempted
    assert not result.failed, "".join(lines)
