"""What is in a photo: its light at the guide's size goes to the perception network."""

from __future__ import annotations

from typing import Any

from barva.engine.prepare.analyze import light_at
from barva.imaging.read import read
from barva.perception import objects
from barva.scene.model import Scene, source_of


def perceive(source: Any) -> Scene:
    """Find the objects of a photo.

    Args:
        source: A path, an array (H, W) or (H, W, 3), a PIL image or a `Photo`.

    Returns:
        A scene: stuff such as sky and grass, people with face, hair, skin and clothing as their parts, animals,
        vehicles, furniture; each with a mask, its light, and how sure it is. Without things where nothing was found.

    Raises:
        ReadError: The photo cannot be read.
        WeightsError: The shipped weights are missing or changed.

    Example:
        >>> scene = barva.perceive("street.jpg")
        >>> scene.save("street.scene.json")
    """
    photo = read(source)
    return objects.perceive(light_at(photo, objects.SHORT), source_of(photo))
