"""Looking at a photo before it is painted: its light at the sizes of the plan, and what the user should know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from barva.engine.prepare import plan
from barva.engine.prepare.plan import Plan
from barva.engine.render import compose
from barva.errors import Message
from barva.imaging import tone as tones
from barva.imaging.photo import Photo
from barva.methods.base import Float, SizeRule
from barva.perception import network as perception
from barva.perception import objects
from barva.perception.network import Features
from barva.perception.skin import Skin, find_skin, may_show_face, no_skin
from barva.scene.model import Scene
from barva.scene.things import Source


@dataclass(frozen=True)
class PreparedPhoto:
    """What the stages before any guidance know of a photo; kept while its guidance changes.

    | field | shape | range |
    |---|---|---|
    | `guide` | (h, w) float32 | L 0..100 at the plan's guide size |
    | `light` | (rows, columns) float32 | L 0..100 at the working size |
    """

    photo: Photo
    sizes: Plan
    guide: Float
    light: Float
    notes: tuple[str, ...] = ()

    @cached_property
    def features(self) -> Features:
        """What the perception network sees in the photo; computed when it is first needed. WeightsError."""
        return perception.shared_network().features(self.guide)

    @cached_property
    def skin(self) -> Skin:
        """Where skin and faces are, at the working size, from `features` if there may be a face. WeightsError."""
        if not may_show_face(perception.shared_network(), self.guide):
            return no_skin((self.light.shape[0], self.light.shape[1]))
        return find_skin(self.features, self.light)

    @cached_property
    def objects(self) -> Scene:
        """What is found in the photo, from `features`; looked for when it is first needed. WeightsError."""
        source = Source(self.photo.width, self.photo.height, "", self.photo.name)
        return objects.perceive(self.guide, source, features=self.features)


def analyze(photo: Photo, rule: SizeRule) -> PreparedPhoto:
    """Plan the sizes for a method's rule and read the photo's light at them."""
    sizes = plan.make(rule, photo.height, photo.width)
    small = photo.shrink(plan.GUIDE_SHORT)
    guide, light = light_at_sizes(photo, small, sizes)
    return PreparedPhoto(photo, sizes, guide, light, (*photo.notes, *photo_notes(photo, small)))


def light_at_sizes(photo: Photo, small: Any, sizes: Plan) -> tuple[Float, Float]:
    """The light L 0..100 at the guide's size and at the working size."""
    guide = compose.light_of(_codes(small), photo.bands)
    rows, columns = sizes.working
    grows = rows > guide.shape[0] or columns > guide.shape[1]
    resized: Any = cv2.resize(guide, (columns, rows), interpolation=cv2.INTER_CUBIC if grows else cv2.INTER_AREA)
    return guide, np.clip(np.asarray(resized, np.float32), 0, 100).reshape(rows, columns)


def light_at(photo: Photo, short: int) -> Float:
    """The light L 0..100 of a photo at a short side of `short` px at most."""
    return compose.light_of(_codes(photo.shrink(short)), photo.bands)


def _codes(small: Any) -> Any:
    """float 0..1 -> 16-bit code values, so that the same function reads light everywhere."""
    return np.rint(small * 65535).astype(np.uint16)


def photo_notes(photo: Photo, small: Any) -> tuple[str, ...]:
    """What the user should know of this photo: toned, colored already, without any detail."""
    notes: list[str] = []
    if photo.bands == 3:
        tone = tones.measure(small)
        if tone.kind == "color":
            notes.append(
                Message(
                    "this photo is in color already: it was colored anew from its light alone",
                    code="note.colored-already",
                )
            )
        elif tone.kind != "neutral":
            notes.append(Message("{tone}: the tone was taken off", code="note.tone", tone=tone.text))
    low, high = float(small.min()), float(small.max())
    if high - low < 1 / 255:
        notes.append(Message("the photo is all of one light: there is nothing to color", code="note.one-light"))
    return tuple(notes)
