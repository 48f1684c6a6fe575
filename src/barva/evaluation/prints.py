"""Gray photos and toned prints among those that are measured: their color is that of a print, not of things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barva.evaluation.metrics import Picture
from barva.imaging import tone

NAMED = 5
"""Prints that a note names."""

_SIDE = 256  # what `tone.measure` needs


def is_print(rgb: Picture) -> bool:
    """Whether a picture, RGB (H, W, 3) `uint8`, is gray or of a single tone, such as sepia."""
    import cv2

    scale = min(1.0, _SIDE / min(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small: Any = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return tone.measure(small.astype(np.float32) / np.float32(255)).kind != "color"


@dataclass
class Prints:
    """Finds them on the way to the benchmark.

    Args:
        leave_out: Keep them from being measured.
    """

    leave_out: bool = False
    found: list[str] = field(default_factory=list)
    """Keys of those that went by."""

    def watch(self, photos: Iterable[tuple[str, Picture]]) -> Iterator[tuple[str, Picture]]:
        """The photos (key, RGB), without prints where they are left out."""
        for key, rgb in photos:
            print_ = is_print(rgb)
            if print_:
                self.found.append(key)
            if not (print_ and self.leave_out):
                yield key, rgb

    def note(self) -> str | None:
        """A line for every report; None without prints."""
        if not self.found:
            return None
        more = len(self.found) - NAMED
        names = ", ".join(self.found[:NAMED]) + (f" and {more} more" if more > 0 else "")
        one = len(self.found) == 1
        what = f"{'1 photo looks' if one else f'{len(self.found)} photos look'} gray or of a single tone ({names})"
        if self.leave_out:
            return f"{what} and {'was' if one else 'were'} left out."
        them = "it" if one else "them"
        return f"{what}: there the figures measure the tone of a print. --skip-gray leaves {them} out."
