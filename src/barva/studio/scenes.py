"""Between documents and scene files."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from barva.guidance.marks import Box, Mark, Point, Stroke
from barva.guidance.masks import Mask
from barva.studio import forms, grow
from barva.studio.desk import Desk
from barva.studio.document import Document, Item

ENDING = ".scene.json"


def name(desk: Desk) -> str:
    return f"{Path(desk.name).stem}{ENDING}"


def text(desk: Desk) -> str:
    """The scene of the document's last state. UsageError."""
    return desk.now.guidance(desk.drawer.mask).to_json()


def put(desk: Desk, data: bytes) -> dict[str, Any]:
    """Take a scene file for the desk's photo, as a step of its history. UsageError."""
    guidance = forms.safe_guidance(data, desk.service.settings)
    items = tuple(_item(desk, mark) for mark in guidance.marks)
    desk.drawer.journal.add(replace(desk.now, items=items))
    return {"key": desk.key, "scene": len(items)}


def _item(desk: Desk, mark: Mark) -> Item:
    id, (height, width) = secrets.token_hex(6), desk.size
    across, down = (width, height) if mark.unit == "share" else (1, 1)
    if isinstance(mark, Point):
        return Item(id, "point", mark.color, at=(mark.at[0] * across, mark.at[1] * down))
    if isinstance(mark, Stroke):
        along = tuple((x * across, y * down) for x, y in mark.along)
        thick = None if mark.width is None else mark.width * (min(height, width) if mark.unit == "share" else 1)
        return Item(id, "stroke", mark.color, along=along, width=thick)
    where = mark.where
    if isinstance(where, Box):
        box = where.left * across, where.top * down, where.right * across, where.bottom * down
        return Item(id, "box", mark.color, box=box)
    if isinstance(where, Mask):
        plane = where.levels()
    else:
        shares = [(x * across / width, y * down / height) for x, y in where.corners]
        plane = grow.lasso(shares, desk.selection_size)
    x, y = grow.middle(plane)
    at = round(x * width, 1), round(y * height, 1)
    return Item(id, "object", mark.color, at=at, mask=desk.drawer.put_mask(np.ascontiguousarray(plane)))


def carried(document: Document, old: Desk, new: Desk) -> Document:
    """A document for another photo: places and sizes in proportion."""
    (h, w), (height, width) = old.size, new.size
    across, down, both = width / w, height / h, min(height, width) / min(h, w)

    def moved(item: Item) -> Item:
        at = None if item.at is None else new.on_photo((item.at[0] * across, item.at[1] * down))
        along = tuple(new.on_photo((x * across, y * down)) for x, y in item.along)
        box = item.box and (item.box[0] * across, item.box[1] * down, item.box[2] * across, item.box[3] * down)
        mask = item.mask and new.drawer.put_mask(_stretched(old.drawer.mask(item.mask), new))
        thick = None if item.width is None else item.width * both
        return replace(item, at=at, along=along, box=box, mask=mask, width=thick)

    references = []
    for key in document.references:
        references.append(new.drawer.put_reference(old.drawer.reference_name(key), old.drawer.reference(key)))
    return replace(document, items=tuple(map(moved, document.items)), references=tuple(references))


def _stretched(mask: Mask, new: Desk) -> Any:
    import cv2

    height, width = new.selection_size
    return cv2.resize(mask.levels(), (width, height), interpolation=cv2.INTER_LINEAR)
