"""`HintMap`: all guidance as arrays at one size, the only form that methods get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError


@dataclass(frozen=True, eq=False)
class HintMap:
    """Hinted chroma at one size. A hint that says "gray" is a hint: weight above 0 with ab 0.

    Args:
        ab: (H, W, 2) float32, Lab chroma, about -110..110; meaningless where the weight is 0.
        weight: (H, W) float32, 0 (no hint) to 1 (in full).

    Raises:
        UsageError: Shapes that do not fit, NaN or infinite values.

    Examples:
        >>> hints = barva.HintMap(np.zeros((48, 64, 2), np.float32), np.zeros((48, 64), np.float32))
        >>> barva.colorize("photo.jpg", hints=hints).array().shape
        (48, 64, 3)
    """

    ab: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.ab.ndim != 3 or self.ab.shape[2] != 2 or self.weight.shape != self.ab.shape[:2]:
            raise UsageError(
                f"a HintMap needs ab (H, W, 2) and weight (H, W), not {self.ab.shape} and {self.weight.shape}"
            )
        if not (np.isfinite(self.ab).all() and np.isfinite(self.weight).all()):
            raise UsageError("a HintMap holds NaN or infinite values")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HintMap):
            return NotImplemented
        return np.array_equal(self.ab, other.ab) and np.array_equal(self.weight, other.weight)

    def __hash__(self) -> int:
        return hash((self.ab.shape, self.ab.tobytes(), self.weight.tobytes()))

    def over(self, below: HintMap) -> HintMap:
        """These hints composited over others, by their weight.

        Args:
            below: Hints of the same size.

        Returns:
            The hints of both.
        """
        left = below.weight * (1 - self.weight)
        weight = self.weight + left
        ab = (self.ab * self.weight[..., None] + below.ab * left[..., None]) / np.maximum(weight, 1e-6)[..., None]
        return HintMap(ab.astype(np.float32), weight.astype(np.float32))

    def resize(self, height: int, width: int) -> HintMap:
        """The same hints at another size.

        Each weight averages over its pixels, so that a small point never vanishes quite, and color is the weighted
        mean.

        Args:
            height: Pixels.
            width: Pixels.

        Returns:
            The hints.
        """
        import cv2

        if (height, width) == self.weight.shape:
            return self
        shrink = height * width < self.weight.size
        interpolation = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
        stack = np.dstack([self.ab * self.weight[..., None], self.weight]).astype(np.float32)
        resized: Any = cv2.resize(stack, (width, height), interpolation=interpolation)
        stack = np.asarray(resized, np.float32)
        weight = stack[..., 2]
        ab = stack[..., :2] / np.maximum(weight, 1e-6)[..., None]
        # a point that fills half of a working pixel is still a hint in full
        return HintMap(ab.astype(np.float32), np.minimum(weight * 2, 1).astype(np.float32) if shrink else weight)
