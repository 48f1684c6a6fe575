"""Modalities that hold pictures and colors taken from them: references, swatches, palettes, hints."""

from __future__ import annotations

import base64
import hashlib
import math
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError, shorten
from barva.scene import shape_json
from barva.scene.modality import Modality, register
from barva.scene.shapes import format_numbers, numbers, places


@dataclass(frozen=True)
class Array:
    """An array of float32 as plain data, kept exactly."""

    shape: tuple[int, ...]
    data: bytes = field(repr=False)

    @classmethod
    def of(cls, array: npt.NDArray[Any]) -> Self:
        return cls(array.shape, np.ascontiguousarray(array, "<f4").tobytes())

    def array(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(self.data, "<f4").reshape(self.shape).astype(np.float32)

    def row(self) -> dict[str, Any]:
        """JSON: the shape, and the numbers (little-endian, row by row) with zlib and base64."""
        return {"shape": list(self.shape), "zlib": base64.b64encode(zlib.compress(self.data, 6)).decode()}

    @classmethod
    def read(cls, row: Any, last: int | None) -> Self:
        """(H, W, last) or (H, W), all finite. UsageError."""
        shape, data = (row.get("shape"), row.get("zlib")) if isinstance(row, dict) else (None, None)
        sides = 2 if last is None else 3
        if not isinstance(shape, list) or len(shape) != sides or not isinstance(data, str):
            raise UsageError('{"shape": [height, width...], "zlib": base64} is wanted', code="json.array")
        is_size = all(isinstance(n, int) and n > 0 for n in shape) and math.prod(shape[:2]) <= _MOST
        if not is_size or shape[2:] != [last][: sides - 2]:
            raise UsageError("shape: {value} is none that it can have", code="json.array-shape", value=shorten(shape))
        size = 4 * math.prod(shape)
        try:
            unpacking = zlib.decompressobj()
            plain = unpacking.decompress(shape_json.decode_base64(data), size + 1)
        except zlib.error:
            raise UsageError("zlib: it is damaged", code="json.array-damaged") from None
        if len(plain) != size or not np.isfinite(np.frombuffer(plain, "<f4")).all():
            raise UsageError("zlib: its numbers do not fill the shape", code="json.array-size")
        return cls(tuple(shape), plain)


_MOST = 8192 * 8192  # places, whatever the sides: panoramas are longer than 8192


@register
@dataclass(frozen=True)
class Reference(Modality):
    """A color photo to take colors from: a file, or where there is none its Lab values. `sha256` is that of those
    values, as they are used."""

    path: str = ""
    sha256: str = ""
    lab: Array | None = field(default=None, compare=False, repr=False)
    TYPE: ClassVar[str] = "Reference"
    KEYS: ClassVar[tuple[str, ...]] = ("picture", "sha256", "lab")

    def __post_init__(self) -> None:
        if self.lab is not None and not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.lab.data).hexdigest())

    def row(self, folder: Path | None) -> dict[str, Any]:
        digest = {"sha256": self.sha256} if self.sha256 else {}
        if self.path:
            return {
                "picture": shape_json.relative_path(self.path, folder) if folder is not None else self.path
            } | digest
        return digest | ({"lab": self.lab.row()} if self.lab is not None else {})

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        picture, digest = row.get("picture"), row.get("sha256", "")
        if not isinstance(digest, str):
            raise UsageError("sha256: text is wanted", code="json.sha256")
        if picture is None:
            try:
                lab = Array.read(row.get("lab"), 3)
            except UsageError as error:
                raise UsageError(
                    "picture: a path is wanted, or else lab: {problem}", code="json.picture-or-lab", problem=error
                ) from None
            return cls("", "", lab)
        if not isinstance(picture, str) or not picture:
            raise UsageError("picture: a path is wanted", code="json.picture")
        return cls(str(folder / picture), digest)

    def text(self) -> str:
        return self.path or "a picture kept in the scene"


@register
@dataclass(frozen=True)
class Swatch(Modality):
    """The thing takes its colors from a box of a reference: `source` (left, top, right, bottom) in shares 0..1 of the
    photo's n-th `reference`, counted from 1."""

    source: tuple[float, float, float, float]
    reference: int = 1
    TYPE: ClassVar[str] = "Swatch"
    KEYS: ClassVar[tuple[str, ...]] = ("source", "reference")

    def __post_init__(self) -> None:
        left, top, right, bottom = numbers(self.source, 4, "source", "share")
        if left >= right or top >= bottom:
            raise UsageError(
                "source: left,top,right,bottom is wanted, and {value} has no inside",
                code="scene.source-box",
                value=format_numbers(self.source),
            )
        object.__setattr__(self, "source", (left, top, right, bottom))
        if isinstance(self.reference, bool) or not isinstance(self.reference, int) or self.reference < 1:
            raise UsageError("reference: a number from 1 is wanted", code="scene.reference-number")

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"source": shape_json.plain_numbers(self.source), "reference": self.reference}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        return cls(row.get("source"), row.get("reference", 1))  # type: ignore[arg-type]  # the constructor checks

    def text(self) -> str:
        return f"like {format_numbers(self.source)} of reference {self.reference}"


@register
@dataclass(frozen=True)
class Palette(Modality):
    """The whole photo keeps to these colors: chroma (a, b) of each."""

    ab: tuple[tuple[float, float], ...]
    TYPE: ClassVar[str] = "Palette"
    KEYS: ClassVar[tuple[str, ...]] = ("ab",)

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"ab": [list(color) for color in self.ab]}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        values = places(row.get("ab"), "ab", "px")
        if not values or any(max(abs(a), abs(b)) > 128 for a, b in values):
            raise UsageError("ab: at least one color is wanted, a and b from -128 to 128", code="scene.palette-colors")
        return cls(values)

    def text(self) -> str:
        return f"{len(self.ab)} colors"


@register
@dataclass(frozen=True)
class Hints(Modality):
    """Chroma (H, W, 2) and weight (H, W) over the whole photo, as a program made them. `enforced` False: the
    method is given them, and its answer is left as it is."""

    ab: Array
    weight: Array
    enforced: bool = True
    TYPE: ClassVar[str] = "Hints"
    KEYS: ClassVar[tuple[str, ...]] = ("ab", "weight", "enforced")

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"ab": self.ab.row(), "weight": self.weight.row(), "enforced": self.enforced}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        values = []
        for key, last in (("ab", 2), ("weight", None)):
            try:
                values.append(Array.read(row.get(key), last))
            except UsageError as error:
                raise UsageError("{place}: {problem}", code="at", place=key, problem=error) from None
        ab, weight = values
        if ab.shape[:2] != weight.shape or not 0 <= weight.array().min() <= weight.array().max() <= 1:
            raise UsageError("weight: it goes from 0 to 1 and is as large as ab", code="scene.weight")
        if not isinstance(row.get("enforced", True), bool):
            raise UsageError("enforced: true or false is wanted", code="json.enforced")
        return cls(ab, weight, row.get("enforced", True))

    def text(self) -> str:
        return f"chroma over all of the photo, {self.weight.shape[1]} x {self.weight.shape[0]}"
