"""A street in the round: the scenes that the tests of words speak of."""

from __future__ import annotations

from barva.scene.modalities import Light, Region
from barva.scene.model import Scene, Source, Thing
from barva.scene.shapes import Box


def thing(id: str, kind: str, box: tuple[float, ...], part_of: str = "photo", light: float | None = None) -> Thing:
    """A thing in a box, as light as is said."""
    known = (Region(Box(*box)),) if light is None else (Region(Box(*box)), Light(light, 5, 0, 100))
    return Thing(id, kind, part_of, known)


def street() -> Scene:
    """400 x 300: sky, a house on the right, three cars (dark, light, middle), two people, grass."""
    return Scene(
        (
            thing("sky", "sky", (0, 0, 400, 100)),
            thing("grass", "grass", (0, 240, 400, 300)),
            thing("house", "building", (200, 50, 390, 200)),
            thing("car-1", "car", (10, 180, 100, 240), light=30),
            thing("car-2", "car", (120, 180, 190, 240), light=70),
            thing("car-3", "car", (300, 200, 395, 280), light=50),
            thing("person-1", "person", (210, 110, 250, 290)),
            thing("face-1", "face", (220, 120, 240, 140), "person-1"),
            thing("hair-1", "hair", (220, 110, 240, 120), "person-1"),
            thing("clothing-1", "clothing", (210, 140, 250, 290), "person-1"),
            thing("person-2", "person", (20, 100, 50, 250)),
            thing("hair-2", "hair", (20, 100, 50, 115), "person-2"),
            thing("clothing-2", "clothing", (20, 140, 50, 250), "person-2"),
        ),
        Source(400, 300),
    )
