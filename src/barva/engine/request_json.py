"""The settings of a `Request` as plain values for JSON, and back.

| setting | as JSON |
|---|---|
| guidance | the object of a hint file, or `{"ab": ARRAY, "weight": ARRAY}` for a `HintMap` |
| scene | the object of a scene file (JSON-LD) |
| references | `{"path", "sha256"}` each; `{"lab": ARRAY, "labels": ARRAY}` for one that is in no file |
| swatches | `{"source", "target", "reference"}` each, boxes as top, left, bottom, right in shares |
| palette | `[a, b]` each |
| sampling | `{"steps", "like", "amount", "redraw"}`; to redraw: geometry as in hint files, and `draw` |
| others | numbers, text, true or false |

ARRAY is that of scenes: its shape, and float32 numbers with zlib and base64.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from barva.engine.sampling import Sampling
from barva.errors import UsageError, shorten, suggestion
from barva.guidance.hintmap import HintMap
from barva.guidance.marks import Guidance
from barva.methods.base import Box, Reference, Swatch
from barva.scene.model import Scene
from barva.scene.picture_modalities import Array


def to_plain(value: Any) -> Any:
    """One setting as plain values."""
    if isinstance(value, Guidance | Scene):
        return json.loads(value.to_json())
    if isinstance(value, HintMap):
        return {"ab": Array.of(value.ab).row(), "weight": Array.of(value.weight).row()}
    if isinstance(value, Reference):
        row: dict[str, Any] = {"sha256": value.sha256}
        row |= {"path": value.path} if value.path else {"lab": Array.of(value.lab).row()}
        return row if value.labels is None else row | {"labels": Array.of(value.labels).row()}
    if isinstance(value, Swatch):
        return {"source": list(value.source), "target": list(value.target), "reference": value.reference}
    if isinstance(value, Sampling):
        return value.to_row()
    return [to_plain(item) for item in value] if isinstance(value, tuple) else value


def from_plain(row: Any, names: Sequence[str], folder: Path) -> dict[str, Any]:
    """Settings by name, from plain values.

    Args:
        row: what `to_plain` gave, by name.
        names: the settings that there are.
        folder: where relative paths begin.

    Raises:
        UsageError: an unknown key or a bad value; the message begins with its place.
        ReadError: a reference cannot be read.
    """
    _refuse_unknown(row, names)
    readers: dict[str, Callable[[Any], Any]] = {
        "guidance": lambda value: _guidance(value, folder),
        "scene": lambda value: Scene.from_json(json.dumps(_object(value)), folder),
        "references": lambda value: _each(value, lambda item: _reference(item, folder)),
        "swatches": lambda value: _each(value, _swatch),
        "palette": lambda value: _each(value, _color),
        "sampling": lambda value: Sampling.from_row(value, folder),
    }
    settings = {}
    for name, value in row.items():
        if value is None:
            continue
        try:
            settings[name] = readers[name](value) if name in readers else value
        except UsageError as error:
            colon = "" if str(error).startswith("[") else ": "
            raise UsageError("{place}{problem}", code="in", place=f"{name}{colon}", problem=error) from None
    return settings


def _refuse_unknown(row: Any, names: Sequence[str]) -> None:
    for key in _object(row):
        if key not in names:
            raise UsageError(
                "there is no key {key}{hint}",
                code="json.no-key",
                key=repr(shorten(key)),
                hint=suggestion(str(key), names),
            )


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError("an object is wanted, not {value}", code="json.object-not", value=shorten(value))
    return value


def _each(value: Any, read: Callable[[Any], Any]) -> tuple[Any, ...]:
    """A list's items; errors begin with an item's place."""
    if not isinstance(value, list | tuple):
        raise UsageError("a list is wanted, not {value}", code="json.list-not", value=shorten(value))
    items = []
    for number, item in enumerate(value):
        try:
            items.append(read(item))
        except UsageError as error:
            raise UsageError("{place}: {problem}", code="at", place=f"[{number}]", problem=error) from None
    return tuple(items)


def _numbers(value: Any, count: int, low: float, high: float) -> tuple[float, ...]:
    """`count` numbers. UsageError."""
    if not isinstance(value, list | tuple) or len(value) != count:
        raise UsageError(
            "{count} numbers are wanted, not {value}", code="json.number-count", count=count, value=shorten(value)
        )
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
            raise UsageError(
                "numbers from {low} to {high} are wanted, not {value}",
                code="json.number-range",
                low=f"{low:g}",
                high=f"{high:g}",
                value=shorten(number),
            )
    return tuple(map(float, value))


def _guidance(value: Any, folder: Path) -> Guidance | HintMap:
    row = _object(value)
    if set(row) == {"ab", "weight"}:
        return HintMap(Array.read(row["ab"], 2).array(), Array.read(row["weight"], None).array())
    return Guidance.from_json(json.dumps(row), folder)


def _reference(value: Any, folder: Path) -> Reference:
    from barva.engine.prepare.references import load_references

    row = _object(value)
    _refuse_unknown(row, ("path", "sha256", "lab", "labels"))
    labels = None if "labels" not in row else Array.read(row["labels"], None).array().astype(np.int32)
    if "path" not in row:
        reference = Reference(Array.read(row.get("lab"), 3).array(), labels)
    else:
        path = row["path"]
        if not isinstance(path, str) or not path or (folder / path).is_dir():
            raise UsageError("path: a photo is wanted, not {value}", code="json.photo-path", value=shorten(path))
        lab = load_references([folder / path])[0].lab
        reference = Reference(lab, labels, path=str(folder / path))
    if row.get("sha256", reference.sha256) != reference.sha256:
        raise UsageError(
            "{path} is not the picture that the request was made with: sha256 differs",
            code="json.other-picture",
            path=row.get("path", "lab"),
        )
    return reference


def _swatch(value: Any) -> Swatch:
    row = _object(value)
    _refuse_unknown(row, ("source", "target", "reference"))
    number = row.get("reference", 0)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise UsageError(
            "{setting}: a whole number, 0 or more, is wanted, not {value}",
            code="setting.count",
            setting="reference",
            value=shorten(number),
        )
    return Swatch(_box(row.get("source")), _box(row.get("target")), number)


def _box(value: Any) -> Box:
    top, left, bottom, right = _numbers(value, 4, 0, 1)
    return top, left, bottom, right


def _color(value: Any) -> tuple[float, float]:
    a, b = _numbers(value, 2, -128, 128)
    return a, b
