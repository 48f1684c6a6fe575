"""Plan: the sizes of one run, a pure function of the method's size rule and the photo's size."""

from __future__ import annotations

from dataclasses import dataclass

from barva.methods.base import SizeRule

GUIDE_SHORT = 512
"""Short side, px, of the copy of the photo from which the working size, the tone and the edge lines are made."""

STRIP_BYTES = 6_000_000
"""A strip's working set, about 40 bytes a pixel, is kept near the processor's caches."""


@dataclass(frozen=True)
class Plan:
    """`working` and `guide` are (rows, columns); `rows` is the height of a strip at full size."""

    working: tuple[int, int]
    guide: tuple[int, int]
    rows: int


def make(rule: SizeRule, height: int, width: int) -> Plan:
    """Sizes for a photo of height x width px; the guide's long side is at most four times its short one's limit."""
    scale = min(1.0, GUIDE_SHORT / min(height, width), 4 * GUIDE_SHORT / max(height, width))
    guide = (max(1, round(height * scale)), max(1, round(width * scale)))
    return Plan(rule.working(height, width), guide, strip_rows(height, width))


def strip_rows(height: int, width: int) -> int:
    """Rows of a strip of a photo of height x width px."""
    return max(1, min(height, STRIP_BYTES // (40 * width)))
