"""`Detection`: that a thing was found in the photo by a network, and how sure it is of the kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from barva.errors import UsageError
from barva.scene.modality import Modality, register
from barva.scene.ranges import check_number


@register
@dataclass(frozen=True)
class Detection(Modality):
    """How sure a network is, 0..1, that the thing is of its kind; `network` is the name and version of its weights."""

    confidence: float
    network: str = ""
    TYPE: ClassVar[str] = "Detection"
    KEYS: ClassVar[tuple[str, ...]] = ("confidence", "network")

    def __post_init__(self) -> None:
        object.__setattr__(self, "confidence", check_number(self.confidence, "confidence", 0, 1))
        if not isinstance(self.network, str):
            raise UsageError("network: text is wanted", code="json.network")

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"confidence": self.confidence, "network": self.network}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        return cls(row.get("confidence"), row.get("network", ""))  # type: ignore[arg-type]  # the constructor checks

    def text(self) -> str:
        return f"{self.confidence:.0%} sure{f' ({self.network})' if self.network else ''}"
