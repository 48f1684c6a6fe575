"""Plan: the sizes of one run, a pure function of the method's size rule, the photo's size and the memory budget."""

from __future__ import annotations

from dataclasses import dataclass

from barva.methods.base import SizeRule

GUIDE_SHORT = 512
"""Short side, px, of the light along whose edges chroma is refined before it is enlarged to the photo's size."""

STRIP_BYTES = 6_000_000
"""A strip's working set (about 40 bytes a pixel) is kept near the processor's caches; measured best at 24 megapixels."""


@dataclass(frozen=True)
class Plan:
    """`working` and `guide` are (rows, columns); `rows` is the height of a strip at full size."""

    working: tuple[int, int]
    guide: tuple[int, int]
    rows: int
    in_memory: bool


def make(rule: SizeRule, height: int, width: int, depth: int, memory: int = 256 * 2**20) -> Plan:
    """Sizes for a photo of height x width px at `depth` bits; `memory` is the largest result, in bytes, that may be kept
    in memory before the strips go through a file."""
    scale = min(1.0, GUIDE_SHORT / min(height, width), 4 * GUIDE_SHORT / max(height, width))
    guide = (max(1, round(height * scale)), max(1, round(width * scale)))
    rows = max(1, min(height, STRIP_BYTES // (40 * width)))
    return Plan(rule.working(height, width), guide, rows, height * width * 3 * depth // 8 <= memory)
