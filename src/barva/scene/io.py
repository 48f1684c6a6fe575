"""Scenes as JSON-LD: one file that stands alone, which any reader of JSON-LD takes for the graph that it is.

What this Barva does not know (modalities, keys, terms of other vocabularies) is kept as it came. UsageErrors name the
place of what is wrong, such as `things[2].known[0].color`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from barva.errors import BarvaError, Message, UsageError, one_line, several, shorten
from barva.scene import detection, modalities, picture_modalities  # noqa: F401 - all register our modalities
from barva.scene.modality import Extra, Modality, Unknown, modality_class
from barva.scene.strict_json import parse_json
from barva.scene.things import WHOLE, SceneData, Source, Thing
from barva.scene.vocabulary import CONTEXT, RELATIONS, VOCABULARY

LARGEST = 256 << 20
"""Bytes that a scene's file may have."""

T = TypeVar("T")


def to_json(scene: SceneData, folder: Path | None = None) -> str:
    """The scene's text, what is known of a thing one line each."""
    head = {"@context": json.loads(scene.context) if scene.context else CONTEXT, "@type": "Scene"}
    if scene.source is not None:
        head["photo"] = _source_row(scene.source)
    head |= _unpack(scene.extra)
    lines = [f" {_dump(key)}: {_dump(value)}," for key, value in head.items()]
    things = ",\n".join(_thing_text(thing, folder) for thing in scene.things)
    return "\n".join(["{", *lines, ' "things": [', things, " ]", "}", ""])


def _thing_text(thing: Thing, folder: Path | None) -> str:
    row: dict[str, Any] = {"@id": _link(thing.id), "isA": thing.kind}
    if thing.id != WHOLE:
        row["partOf"] = _link(thing.part_of)
    for relation in RELATIONS:
        others = [_link(to) for name, to in thing.relations if name == relation]
        if others:
            row[relation] = others[0] if len(others) == 1 else others
    row |= {} if thing.on else {"on": False}
    head = _dump(row | _unpack(thing.extra))
    known = ",\n".join(f"   {_dump(_modality_row(m, folder))}" for m in thing.modalities)
    return f'  {head[:-1]}, "known": [\n{known}\n  ]}}' if known else f'  {head[:-1]}, "known": []}}'


def _modality_row(modality: Modality, folder: Path | None) -> dict[str, Any]:
    if isinstance(modality, Unknown):
        return modality.row(folder)
    return {"@type": modality.TYPE} | modality.row(folder) | _unpack(modality.extra)


def _source_row(source: Source) -> dict[str, Any]:
    row: dict[str, Any] = {"@type": "Photo", "width": source.width, "height": source.height}
    row |= {key: getattr(source, key) for key in ("sha256", "name") if getattr(source, key)}
    return row | _unpack(source.extra)


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(value)
    return text


def _link(id: str) -> str:
    return id if ":" in id else f"#{id}"


def _unpack(extra: Extra) -> dict[str, Any]:
    return {key: json.loads(text) for key, text in extra}


def _extra(row: dict[str, Any], names_read: Iterable[str]) -> Extra:
    names = {*names_read}
    return tuple((key, json.dumps(value)) for key, value in row.items() if key not in names)


def from_json(text: str | bytes, folder: Path = Path()) -> SceneData:
    """Read a scene's text. UsageError names the place of what is wrong, and of several things the first five."""
    whole = parse_json(text)
    context = whole.get("@context") if isinstance(whole, dict) else None
    _check_vocabulary(context)
    rows, source = whole.get("things"), whole.get("photo")
    if not isinstance(rows, list):
        raise UsageError("things: a list is wanted", code="scene.things")
    wrong: list[str] = []
    photo = None if source is None else _attempt(partial(_source, source), "photo", wrong)
    things = []
    for i, row in enumerate(rows):
        place = f"things[{i}]"
        things.append(_attempt(partial(_thing, row, place, folder, wrong), place, wrong))
    if wrong:
        raise UsageError(several(wrong))
    return SceneData(
        tuple(t for t in things if t is not None),
        photo,
        _extra(whole, ("@context", "@type", "photo", "things")),
        "" if context == CONTEXT else json.dumps(context),
    )


def _check_vocabulary(context: Any) -> None:
    """UsageError where a context has another vocabulary than ours, or another version of it."""
    vocabularies = [
        c.get("@vocab") for c in (context if isinstance(context, list) else [context]) if isinstance(c, dict)
    ]
    if VOCABULARY in vocabularies:
        return
    family = VOCABULARY.rsplit("/", 2)[0]
    other = next((v for v in vocabularies if isinstance(v, str) and v.startswith(family)), None)
    if other is not None:
        raise UsageError(
            "@context: this Barva reads scenes of {vocabulary}, not of {value}",
            code="scene.vocabulary",
            vocabulary=VOCABULARY,
            value=shorten(other),
        )
    raise UsageError(
        "this is no scene: JSON-LD whose @context has the @vocab {vocabulary} is wanted",
        code="scene.no-scene",
        vocabulary=VOCABULARY,
    )


def _attempt(make: Callable[[], T], place: str, wrong: list[str]) -> T | None:
    """The value of `make`; its error is added to `wrong`, with its place."""
    try:
        return make()
    except UsageError as error:
        wrong.append(" ".join(f"{place}.{error}".replace(f"{place}.: ", f"{place}: ").split()))
    except BarvaError as error:
        wrong.append(one_line(Message("{place}: {problem}", code="at", place=place, problem=error)))
    return None


def _source(row: Any) -> Source:
    if not isinstance(row, dict):
        raise UsageError(": an object is wanted", code="json.object")
    for key in ("width", "height"):
        side = row.get(key)
        if isinstance(side, bool) or not isinstance(side, int) or not 0 < side <= 10_000_000:
            raise UsageError("{key}: pixels are wanted, not {value}", code="json.pixels", key=key, value=shorten(side))
    for key in ("sha256", "name"):
        if not isinstance(row.get(key, ""), str):
            raise UsageError("{key}: text is wanted", code="json.text", key=key)
    extra = _extra(row, ("@type", "width", "height", "sha256", "name"))
    return Source(row["width"], row["height"], row.get("sha256", ""), row.get("name", ""), extra)


_THING = ("@id", "isA", "partOf", "on", "known", *RELATIONS)


def _thing(row: Any, place: str, folder: Path, wrong: list[str]) -> Thing:
    if not isinstance(row, dict):
        raise UsageError(": an object is wanted", code="json.object")
    if not isinstance(row.get("on", True), bool):
        raise UsageError("on: true or false is wanted", code="json.on")
    rows = row.get("known", [])
    if not isinstance(rows, list):
        raise UsageError("known: a list is wanted", code="json.known")
    known = [_attempt(partial(_modality, r, folder), f"{place}.known[{i}]", wrong) for i, r in enumerate(rows)]
    id = _id(row.get("@id"), "@id")
    above = "" if id == WHOLE else _id(row.get("partOf", f"#{WHOLE}"), "partOf")
    relations = []
    for relation in RELATIONS:
        others = row.get(relation, [])
        for other in others if isinstance(others, list) else [others]:
            relations.append((relation, _id(other, relation)))
    return Thing(
        id,
        row.get("isA", "thing"),
        above,
        tuple(m for m in known if m is not None),
        tuple(relations),
        row.get("on", True),
        _extra(row, _THING),
    )


def _id(text: Any, key: str) -> str:
    if not isinstance(text, str) or not (text.startswith("#") or ":" in text):
        raise UsageError(
            "{key}: a name such as '#coat' is wanted, not {value}", code="json.name", key=key, value=repr(shorten(text))
        )
    plain = text.removeprefix("#")
    if text.startswith("#") and (":" in plain or plain.startswith("#")):
        raise UsageError(
            "{key}: a name after # holds no colon, and {value} does",
            code="json.name-colon",
            key=key,
            value=repr(shorten(text)),
        )
    return plain


def _modality(row: Any, folder: Path) -> Modality:
    if not isinstance(row, dict):
        raise UsageError(": an object is wanted", code="json.object")
    name = row.get("@type")
    known = modality_class(name) if isinstance(name, str) else None
    if known is None:
        return Unknown(json.dumps(row))
    return replace(known.read(row, folder), extra=_extra(row, ("@type", *known.KEYS)))
