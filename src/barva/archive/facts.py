"""What a run learns of a photo, as one row of plain values: what the index keeps."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from barva.archive.album_book import file_sha256
from barva.archive.outcome import Outcome
from barva.color import names
from barva.errors import BarvaError
from barva.imaging import tone
from barva.imaging.photo import Photo
from barva.runtime import weights
from barva.scene.detection import Detection
from barva.scene.modalities import Color
from barva.scene.model import WHOLE, Scene, Thing
from barva.version import __version__

if TYPE_CHECKING:
    from barva.archive.photo_work import PhotoWork
    from barva.engine.result import Result

_PICTURES = ("Region", "Hints", "Reference")
_TONE_SHORT = 256


def complete(outcome: Outcome, run: PhotoWork, seconds: float) -> Outcome:
    """The outcome with all that is known without its pixels: names, bytes, digest, method, weights, time."""
    item, card = outcome.item, run.colorizer.card
    row: dict[str, Any] = {
        "path": run.address(item),
        "output": str(item.output),
        "state": outcome.state,
        "notes": [] if outcome.state == "failed" else list(outcome.notes),
        "error": outcome.notes[0] if outcome.state == "failed" else "",
        "method": card.name,
        "weights": str(weights.facts(card.weights)["sha256"]) if card.weights else "",
        "barva": __version__,
        "seconds": round(seconds, 4),
        "at": time.time(),
    }
    with contextlib.suppress(BarvaError, OSError):  # it cannot be read, which the error says
        row |= {"bytes": item.source.stat().st_size, "sha256": file_sha256(item.source)}
    return replace(outcome, facts=row | (outcome.facts or {}))


def add_photo(outcome: Outcome, photo: Photo) -> Outcome:
    """The outcome with what was seen of a photo before it was painted."""
    measured = tone.measure(photo.shrink(_TONE_SHORT)) if photo.bands == 3 else None
    row = {
        "width": photo.width,
        "height": photo.height,
        "format": photo.envelope.format,
        "tone": "neutral" if measured is None else measured.kind,
        "cast_hue": 0.0 if measured is None else round(measured.hue, 1),
        "cast_chroma": 0.0 if measured is None else round(measured.chroma, 2),
    }
    return replace(outcome, facts=row | (outcome.facts or {}))


def add_result(outcome: Outcome, photo: Photo, result: Result, perceive: bool) -> Outcome:
    """The outcome with what painting gave: how sure the method was, the mean color, the objects, the scene.

    Args:
        outcome: what became of the photo.
        photo: the photo, of a file's first page.
        result: the page as it was painted.
        perceive: whether to look for objects.

    Returns:
        The outcome with its `facts`, and its `scene` where objects were looked for.
    """
    scene = _perceive(result) if perceive else result.scene
    confidence = result.confidence
    a, b = result.chroma.ab.reshape(-1, 2).mean(axis=0, dtype=np.float64).tolist()
    row = {
        "confidence": None if confidence is None else round(float(confidence.mean(dtype=np.float64)), 4),
        "mean_a": round(a, 2),
        "mean_b": round(b, 2),
        "pixels": "" if scene.source is None else scene.source.sha256,
        "perceived": perceive,
        "objects": list(_objects(scene)),
    }
    observed = add_photo(replace(outcome, facts=row), photo)
    return replace(observed, scene=_without_pictures(scene)) if perceive else observed


def _perceive(result: Result) -> Scene:
    """The objects of a photo with their colors in the result, beside what the request said of it."""
    from barva.engine.prepare.annotation import annotate_scene
    from barva.engine.prepare.objects import objects_of

    asked = result.request_scene
    if (asked is not None and len(asked.things) > 1) or result.guide is None:
        return result.scene
    return annotate_scene(result, objects_of(result.photo), result.guide)


def _objects(scene: Scene) -> Iterator[dict[str, Any]]:
    for thing in scene.active_things():
        if thing.id != WHOLE:
            yield {"id": thing.id, "kind": thing.kind, "sure": _certainty(thing)} | _color(thing)


def _certainty(thing: Thing) -> float | None:
    detections = thing.all(Detection)
    return None if not detections else round(float(detections[0].confidence), 4)


def _color(thing: Thing) -> dict[str, float | None]:
    colors = [known for known in thing.all(Color) if known.on]
    if not colors:
        return {"L": None, "a": None, "b": None}
    L, a, b = names.lab(colors[-1].color)
    return {"L": round(L, 1), "a": round(a, 1), "b": round(b, 1)}


def _without_pictures(scene: Scene) -> str:
    """JSON-LD in one line, without masks: they are most of a scene, and no question is about their pixels."""
    whole = json.loads(scene.to_json())
    for thing in whole["things"]:
        thing["known"] = [row for row in thing.get("known", ()) if row.get("@type") not in _PICTURES]
    return json.dumps(whole, ensure_ascii=False)
