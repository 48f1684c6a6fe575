"""What is in a photo: its light at the guide's size goes to the perception network."""

from __future__ import annotations

from typing import Any

from barva.engine.prepare.analyze import light_at
from barva.imaging.photo import Photo
from barva.imaging.read import read
from barva.perception import objects
from barva.scene.model import Scene, Source, source_of


def objects_of(photo: Photo) -> Scene:
    """The objects of a photo, as `perceive`; its pixels are not summed up for the scene's source."""
    source = Source(photo.width, photo.height, "", photo.name)
    return objects.perceive(light_at(photo, objects.SHORT), source)


def perceive(source: Any) -> Scene:
    """Find the objects of a photo.

    Args:
        source: A path, a file's bytes, a Pillow image, a NumPy array (H, W) or (H, W, 3), or a `Photo`.

    Returns:
        A scene: stuff such as sky and grass, people with face, hair, skin and clothing as their parts, animals,
        vehicles, furniture; each with a mask, its light, and how sure it is. Without things where nothing was found.

    Raises:
        ReadError: The photo cannot be read.
        WeightsError: The shipped weights are missing or changed.

    Examples:
        >>> scene = barva.perceive("photo.jpg")
        >>> scene.save("photo.scene.json")
    """
    photo = source if isinstance(source, Photo) else read(source)
    return objects.perceive(light_at(photo, objects.SHORT), source_of(photo))
