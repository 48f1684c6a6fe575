"""Times of a film: a moment as a person writes it, and the part between two of them."""

from __future__ import annotations

from dataclasses import dataclass

from barva.errors import UsageError


@dataclass(frozen=True)
class Span:
    """The seconds of a film that are colored: from `start` to `end`, None for its end."""

    start: float = 0.0
    end: float | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise UsageError(f"--to {self.end:g} is not after --from {self.start:g}")


def seconds(text: str) -> float:
    """A time: "80", "1:20" or "00:01:20.5", in seconds. UsageError."""
    parts = text.split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or not all(0 <= v < 1e6 for v in values):
        raise UsageError(f"{text}: a time is seconds or h:m:s, such as 1:20")
    return float(sum(v * 60.0**n for n, v in enumerate(reversed(values))))
