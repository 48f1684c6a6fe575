"""What is taken off a file's container: what the envelope knows by name, and parts that travel as they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from barva.imaging.photo import Part

__all__ = ["MAX_PARTS", "Part", "Taken"]

MAX_PARTS = 64 << 20
"""How many bytes of a file's parts are carried; more than that is not metadata but a trap."""


@dataclass
class Taken:
    """`density` is JFIF's (unit, x, y) or PNG's (x, y, unit), `resolution` a TIFF's (x, y) an inch; `left` names what
    cannot be carried anywhere; `companions` says that other pictures (a gain map, a film) follow the first one."""

    parts: list[Part] = field(default_factory=list)
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    photoshop: bytes | None = None
    density: tuple[int, int, int] | None = None
    resolution: tuple[float, float] | None = None
    compression: str | None = None
    left: list[str] = field(default_factory=list)
    companions: bool = False
