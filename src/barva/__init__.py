"""Barva colors black-and-white photographs.

    import barva
    barva.colorize("grandmother.jpg").save("grandmother.color.jpg")

Light is kept exactly; only chroma is guessed. Importing this package loads neither torch nor ONNX Runtime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from barva.version import __version__

if TYPE_CHECKING:
    from barva.engine.colorizer import Colorizer, colorize
    from barva.engine.prepare.objects import perceive
    from barva.engine.result import Result
    from barva.engine.session import Session
    from barva.errors import BarvaError, FileError, ReadError, TooLargeError, UsageError, WeightsError, WriteError
    from barva.guidance.hintmap import HintMap
    from barva.guidance.marks import Box, Guidance, Point, Polygon, Region, Stroke
    from barva.imaging.photo import Photo
    from barva.methods.base import Chroma, MethodCard
    from barva.methods.catalog import method_cards
    from barva.recoloring import Recolored, recolor
    from barva.scene.masks import Mask
    from barva.scene.model import Scene, Thing

__all__ = [
    "BarvaError",
    "Box",
    "Chroma",
    "Colorizer",
    "FileError",
    "Guidance",
    "HintMap",
    "Mask",
    "MethodCard",
    "Photo",
    "Point",
    "Polygon",
    "ReadError",
    "Recolored",
    "Region",
    "Result",
    "Scene",
    "Session",
    "Stroke",
    "Thing",
    "TooLargeError",
    "UsageError",
    "WeightsError",
    "WriteError",
    "__version__",
    "colorize",
    "method_cards",
    "perceive",
    "recolor",
]

# Loaded when first used, so that `import barva` stays quick.
_HOMES = {
    "Colorizer": "barva.engine.colorizer",
    "colorize": "barva.engine.colorizer",
    "Result": "barva.engine.result",
    "Session": "barva.engine.session",
    "perceive": "barva.engine.prepare.objects",
    "Recolored": "barva.recoloring",
    "recolor": "barva.recoloring",
    "HintMap": "barva.guidance.hintmap",
    "Box": "barva.guidance.marks",
    "Guidance": "barva.guidance.marks",
    "Point": "barva.guidance.marks",
    "Polygon": "barva.guidance.marks",
    "Region": "barva.guidance.marks",
    "Stroke": "barva.guidance.marks",
    "Mask": "barva.scene.masks",
    "Scene": "barva.scene.model",
    "Thing": "barva.scene.model",
    "Photo": "barva.imaging.photo",
    "Chroma": "barva.methods.base",
    "MethodCard": "barva.methods.base",
    "method_cards": "barva.methods.catalog",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'barva' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "barva.errors")), name)


def __dir__() -> list[str]:
    return __all__
