"""Array aliases, for annotations: the element type in the name, the shape in each docstring."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Float: TypeAlias = npt.NDArray[np.float32]
"""float32: what light and chroma are computed in."""

Double: TypeAlias = npt.NDArray[np.float64]
"""float64, where float32 loses too much."""

Real: TypeAlias = npt.NDArray[np.floating[Any]]
"""Any floating type; functions keep the one that they are given."""

Plane: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) bytes: levels 0..255, or labels."""

Pixels: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""(H, W, C) code values as a file holds them."""

Size: TypeAlias = tuple[int, int]
"""(height, width) in pixels, or (rows, columns) of an array."""
