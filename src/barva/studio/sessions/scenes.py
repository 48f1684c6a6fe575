"""Between documents and scenes (`barva.scene`): what is saved, and what is loaded or carried to another photo.

A scene that comes in names no file of this machine: masks and references must lie inside it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.engine.prepare import references
from barva.engine.request import Request
from barva.engine.sampling import DEFAULTS
from barva.errors import UsageError
from barva.guidance import scene_bridge
from barva.methods import catalog
from barva.scene import edit, modalities, picture_modalities
from barva.scene.masks import Mask
from barva.scene.model import WHOLE, Scene, Source, Thing, source_of
from barva.scene.shapes import Box, Dot, Line, Polygon, Shape
from barva.studio.api import requests
from barva.studio.jobs.output import read_sampling
from barva.studio.service import Service
from barva.studio.sessions import redraws, select
from barva.studio.sessions.document import Document, Item, known_color
from barva.studio.sessions.edit_session import EditSession

ENDING = ".scene.jsonld"
_KEY = "barva:studio"
"""What the studio alone wants back, beside what every scene says."""


def name(session: EditSession) -> str:
    return f"{Path(session.name).stem}{ENDING}"


def text(session: EditSession) -> str:
    """The scene of the document's last state, as JSON-LD. BarvaError."""
    return of(session).to_json()


def of(session: EditSession) -> Scene:
    """The scene: objects and marks in the order in which they are painted, and how the whole photo is. BarvaError."""
    document, stored = session.now, session.stored
    base = scene_bridge.scene_with_guidance(
        stored.files.scene(document.scene) or Scene(), stored.files.guidance(document.marks)
    )
    items = sorted(document.items, key=lambda i: i.kind in ("point", "stroke"))
    things = (thing for thing in base.things if thing.id != WHOLE)
    source = replace(source_of(session.service.colorizers.photo(stored.photo)), name=session.name)
    scene = Scene((*things, *(_thing(session, document, item) for item in items)), source)
    computed = picture_modalities.Palette | picture_modalities.Hints
    given = tuple(known for known in base.whole.modalities if not isinstance(known, computed))
    how = modalities.Manner(
        document.vividness, document.strength, document.method, document.seed, skin=None if document.skin else False
    )
    whole = edit.set_manner(scene.with_thing(replace(base.whole, modalities=given)), how).whole
    for path in stored.references(document):
        lab = references.load_references([session.service.colorizers.photo(path)])[0].lab
        whole = whole.with_modalities(picture_modalities.Reference(lab=picture_modalities.Array.of(lab)))
    for known in stored.answer(document).result.scene.whole.modalities:
        if isinstance(known, computed):
            whole = whole.with_modalities(known)
    names = [session.files.reference_name(key) for key in document.references]
    kept = {"variant": document.variant, "palette": list(document.palette), "references": names, "text": document.text}
    kept |= {"sampling": document.sampling} if document.sampling else {}
    return scene.with_thing(replace(whole, extra=_own(**kept)))


def _own(**values: Any) -> tuple[tuple[str, str], ...]:
    return ((_KEY, json.dumps(values)),)


def _kept(known: Any) -> dict[str, Any]:
    """What the studio wrote beside a thing, or beside what is known of one."""
    value = json.loads(dict(known.extra).get(_KEY, "{}"))
    return value if isinstance(value, dict) else {}


def _thing(session: EditSession, document: Document, item: Item) -> Thing:
    known: list[Any] = []
    if (shape := _shape(session, item)) is not None:
        known.append(modalities.Region(shape))
        if color := document.color(item):
            known.append(_color(color, item.origin, follows=not item.color))
    if item.name:
        known.append(modalities.Words(item.name))
    if shape is None and item.color:
        return Thing(item.id, part_of=item.parent or WHOLE, modalities=tuple(known), on=not item.off,
                     extra=_own(color=item.color))  # fmt: skip
    return Thing(item.id, part_of=item.parent or WHOLE, modalities=tuple(known), on=not item.off)


def _color(color: str, origin: str, follows: bool) -> modalities.Color:
    """One of the likeliest that the user took is the user's wish: a network's own colors are not painted. `follows`:
    it is that of the group, and the thing has none of its own."""
    if follows:
        return modalities.Color(color, extra=_own(follows=True))
    if origin == "network":
        return modalities.Color(color, extra=_own(suggested=True))
    return modalities.Color(color, "reference" if origin == "reference" else "user")


def _shape(session: EditSession, item: Item) -> Shape | None:
    if item.kind == "point" and item.at is not None:
        return Dot(item.at)
    if item.kind == "stroke":
        return Line(item.along, item.width)
    if item.kind == "box" and item.box is not None:
        return Box(*item.box)
    return session.files.mask(item.mask) if item.kind == "object" else None


def put(session: EditSession, data: bytes) -> dict[str, Any]:
    """Take a scene file, or a hint file, for the session's photo, as a step of its history. Colors become
    #rrggbb: whatever stands there, browsers are given nothing else. UsageError, TooLargeError."""
    scene = read(session, data)
    items = _following(scene, tuple(_item(session, scene, thing) for thing in scene.things if thing.id != WHOLE))
    how = scene.whole.manner
    kept = _kept(scene.whole)
    variant, palette, named = kept.get("variant", 0), kept.get("palette", []), kept.get("references", [])
    words, sampling = kept.get("text", ""), kept.get("sampling", "")
    lists = isinstance(palette, list) and isinstance(named, list)
    if not isinstance(variant, int) or not lists or not all(isinstance(text, str) for text in (words, sampling)):
        raise UsageError(
            "{key}: a variant, a palette, names of references, a text and sampling are wanted",
            code="open.bad-page-state",
            key=_KEY,
        )
    requests.check_sampling({"sampling": sampling}, session.service.settings)
    references = [r.lab.array() for r in scene.whole.all(picture_modalities.Reference) if r.lab is not None]
    request = Request(
        vividness=1.0 if how.vividness is None else how.vividness,
        strength=1.0 if how.strength is None else how.strength,
        seed=session.now.seed if how.seed is None else how.seed,
        variant=variant,
        text=words,
        skin=how.skin is not False,
        sampling=read_sampling(sampling) if sampling else DEFAULTS,
    )
    method = catalog.card(how.method or session.now.method).name
    called = [*(requests.display_name(str(name)) for name in named), *["scene"] * len(references)]
    document = replace(
        session.now.with_settings(request),
        items=items,
        method=method,
        palette=tuple(known_color(str(color)) for color in palette),
        references=tuple(session.files.put_reference(n, _png(lab)) for n, lab in zip(called, references, strict=False)),
        marks="",
        scene="",
    )
    session.history.add(document)
    return {"key": session.key, "scene": len(items) or True}


def source(service: Service, data: bytes) -> Source:
    """The photo that a scene was made with, as far as it says. UsageError, TooLargeError for what is no scene."""
    return _read(service, data).source or Source(0, 0)


def read(session: EditSession, data: bytes) -> Scene:
    """A scene that came over the network, for the session's photo. UsageError, TooLargeError."""
    return _read(session.service, data).scale(session.size)


def _read(service: Service, data: bytes) -> Scene:
    settings = service.settings
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        whole = None  # the reader says what is wrong
    if isinstance(whole, dict) and whole.get("barva") == "guidance":
        return scene_bridge.scene_with_guidance(Scene(), requests.safe_guidance(data, settings))
    return requests.safe_scene(data, settings)


def _item(session: EditSession, scene: Scene, thing: Thing) -> Item:
    """A thing as a line of the tree."""
    regions = thing.all(modalities.Region)
    color = next((c for c in thing.all(modalities.Color) if c.enforced), None)
    words = next((w.words for w in thing.all(modalities.Words)), "")
    known = {t.id for t in scene.things}
    item = Item(
        thing.id, "group", known_color(color.color) if color else "", words[:60],
        thing.part_of if thing.part_of in known - {WHOLE} else "",
        not thing.on, "user" if color is None else "network" if _kept(color).get("suggested") else color.origin,
    )  # fmt: skip
    if not regions:
        own = _kept(thing).get("color", "")
        own = known_color(own) if own and isinstance(own, str) else ""
        return replace(item, color=own, name=item.name or thing.id)
    height, width = session.size
    across, down = (width, height) if regions[0].unit == "share" else (1, 1)
    shape = regions[0].shape
    if isinstance(shape, Dot):
        return replace(item, kind="point", at=session.on_photo((shape.at[0] * across, shape.at[1] * down)))
    if isinstance(shape, Line):
        thick = None if shape.width is None else shape.width * (min(height, width) if across != 1 else 1)
        along = tuple((x * across, y * down) for x, y in shape.along)
        return replace(item, kind="stroke", along=along, width=thick)
    if isinstance(shape, Box):
        box = shape.left * across, shape.top * down, shape.right * across, shape.bottom * down
        return replace(item, kind="box", box=box)
    plane = _plane(session, shape, across, down)
    x, y = select.middle(plane)
    at = round(x * width, 1), round(y * height, 1)
    return replace(item, kind="object", at=at, mask=session.files.put_mask(plane))


def _following(scene: Scene, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Those without a color of their own again that had none, unless the file has another one now than the group."""
    whole, follow = Document(items=items), set[str]()
    for thing in scene.things:
        if any(c.enforced and _kept(c).get("follows") for c in thing.all(modalities.Color)):
            follow.add(thing.id)

    def is_of_group(item: Item) -> bool:
        return item.id in follow and whole.color(replace(item, color="")) == item.color

    # all are compared with what the file has: who follows one that follows has the same color
    return tuple(replace(item, color="") if is_of_group(item) else item for item in items)


def _plane(session: EditSession, shape: Mask | Polygon, across: int, down: int) -> npt.NDArray[np.uint8]:
    if isinstance(shape, Mask):
        return np.ascontiguousarray(shape.levels())
    height, width = session.size
    return select.lasso([(x * across / width, y * down / height) for x, y in shape.corners], session.selection_size)


def _png(lab: npt.NDArray[np.float32]) -> bytes:
    """A reference's colors as a picture."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(gamut.merge(lab[..., 0], lab[..., 1:], 8)).save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class Keeping:
    """Where what is carried to another photo goes: `mask(plane)` and `reference(name, data)` give keys."""

    mask: Callable[[Any], str]
    reference: Callable[[str, bytes], str]


def carry_over(document: Document, old: EditSession, new: EditSession, keeping: Keeping | None = None) -> Document:
    """A document for another photo: places and sizes in proportion. Masks and references are kept beside that photo,
    unless `keeping` says where."""
    (h, w), (height, width) = old.size, new.size
    across, down, both = width / w, height / h, min(height, width) / min(h, w)
    keeping = keeping or Keeping(new.files.put_mask, new.files.put_reference)

    def stretch(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        # multiplied first: what ends at the photo's border ends there again, and not 1e-13 px beyond it
        return left * width / w, top * height / h, right * width / w, bottom * height / h

    def moved(item: Item) -> Item:
        at = None if item.at is None else new.on_photo((item.at[0] * across, item.at[1] * down))
        along = tuple(new.on_photo((x * across, y * down)) for x, y in item.along)
        box = item.box and stretch(*item.box)
        mask = item.mask and keeping.mask(_stretched(old.files.mask(item.mask), new))
        thick = None if item.width is None else item.width * both
        return replace(item, at=at, along=along, box=box, mask=mask, width=thick)

    references = []
    for key in document.references:
        references.append(keeping.reference(old.files.reference_name(key), old.files.reference(key)))
    document = redraws.without(document)  # they fit what was drawn around them
    now = new.now  # which says how its own file is written
    return replace(
        document, items=tuple(map(moved, document.items)), references=tuple(references), marks="", scene="",
        format=now.format, quality=now.quality, provenance=now.provenance,
    )  # fmt: skip


def _stretched(mask: Mask, new: EditSession) -> Any:
    import cv2

    height, width = new.selection_size
    return cv2.resize(mask.levels(), (width, height), interpolation=cv2.INTER_LINEAR)
