"""Our modalities: region, light, words, color, manner; `picture_modalities` has those that hold pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from barva.color import names
from barva.errors import UsageError, shorten
from barva.scene import shape_json
from barva.scene.modality import Claim, Modality, SceneView, ThingView, register
from barva.scene.ranges import check_number, check_strength, check_vividness, check_warmth
from barva.scene.shapes import Dot, Line, Shape, Unit, check_shape

Origin = Literal["user", "network", "reference"]
ORIGINS = ("user", "network", "reference")


@register
@dataclass(frozen=True)
class Region(Modality):
    """Where a thing lies; a thing in several parts has several."""

    shape: Shape
    unit: Unit = "px"
    TYPE: ClassVar[str] = "Region"
    KEYS: ClassVar[tuple[str, ...]] = shape_json.KEYS

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", check_shape(self.shape, self.unit))

    def row(self, folder: Path | None) -> dict[str, Any]:
        # masks are always put in: a scene must not change with files that lie about
        return shape_json.shape_to_json(self.shape, self.unit)

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        return cls(shape_json.shape_from_json(row, folder), row.get("unit", "px"))

    def text(self) -> str:
        row = shape_json.shape_to_json(self.shape, self.unit)
        if "png" in row:
            row["png"] = f"{self.shape.width} x {self.shape.height}"  # type: ignore[union-attr]  # it is a mask
        return ", ".join(f"{'mask' if k == 'png' else k} {shorten(v)}" for k, v in row.items())


@register
@dataclass(frozen=True)
class Light(Modality):
    """The photo's light there, L 0..100: mean, standard deviation, 5th and 95th percentile."""

    mean: float
    deviation: float
    low: float
    high: float
    TYPE: ClassVar[str] = "Light"
    KEYS: ClassVar[tuple[str, ...]] = ("mean", "deviation", "low", "high")

    def __post_init__(self) -> None:
        for key in self.KEYS:
            object.__setattr__(self, key, check_number(getattr(self, key), key, 0, 100))

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self.KEYS}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        return cls(*(row.get(key) for key in cls.KEYS))  # type: ignore[arg-type]  # the constructor checks

    def text(self) -> str:
        return f"L {self.mean:g} ± {self.deviation:g}, from {self.low:g} to {self.high:g}"


@register
@dataclass(frozen=True)
class Words(Modality):
    """What people say of it, in any language."""

    words: str
    TYPE: ClassVar[str] = "Words"
    KEYS: ClassVar[tuple[str, ...]] = ("text",)

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"text": self.words}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        if not isinstance(row.get("text"), str):
            raise UsageError("text: text is wanted", code="json.words")
        return cls(row["text"])

    def text(self) -> str:
        return f"“{shorten(self.words)}”"


@register
@dataclass(frozen=True)
class Color(Modality):
    """Its color, who says so, and how sure that is, 0..1.

    A user's color, and one taken from a reference, is painted wherever the thing lies; a network's is information. One
    that is switched off is kept and not asked for.
    """

    color: str
    origin: Origin = "user"
    confidence: float = 1.0
    on: bool = True
    TYPE: ClassVar[str] = "Color"
    KEYS: ClassVar[tuple[str, ...]] = ("color", "origin", "confidence", "on")

    def __post_init__(self) -> None:
        if not isinstance(self.color, str):
            raise UsageError(
                "color: text such as 'navy' is wanted, not a {kind}",
                code="scene.color-kind",
                kind=type(self.color).__name__,
            )
        try:
            names.lab(self.color)
        except UsageError as error:
            raise UsageError("{place}: {problem}", code="at", place="color", problem=error) from None
        if self.origin not in ORIGINS:
            raise UsageError(
                "origin: user, network or reference is wanted, not {value}",
                code="scene.origin",
                value=shorten(self.origin),
            )
        object.__setattr__(self, "confidence", check_number(self.confidence, "confidence", 0, 1))
        if not isinstance(self.on, bool):
            raise UsageError("on: true or false is wanted", code="json.on")

    @property
    def enforced(self) -> bool:
        """Whether it is to be painted."""
        return self.on and self.origin != "network"

    def row(self, folder: Path | None) -> dict[str, Any]:
        row = {"color": self.color, "origin": self.origin, "confidence": self.confidence}
        return row if self.on else row | {"on": False}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        color, origin = row.get("color"), row.get("origin", "user")
        return cls(color, origin, row.get("confidence", 1.0), row.get("on", True))  # type: ignore[arg-type]

    def claims(self, thing: ThingView, scene: SceneView) -> Iterable[Claim]:
        if not self.enforced:
            return
        manner = manner_of(thing)
        for region in thing.all(Region):
            strength, vividness = _or_one(manner.strength), _or_one(manner.vividness)
            yield Claim(region.shape, self.color, region.unit, strength, vividness)

    def text(self) -> str:
        sure = "" if self.confidence == 1 else f", {self.confidence:.0%} sure"
        return f"{self.color} ({self.origin}{sure}{'' if self.on else ', off'})"


@register
@dataclass(frozen=True)
class Manner(Modality):
    """How it is painted. Of a thing: how strongly its color is held, 0..1, and how vivid it is, 0..2. Of the whole
    photo: the same for all of it, how warm, -1 (cool)..1, the method, its seed, whether its slow exact form is
    used, whether skin that it leaves gray takes the color of its face, and what it compares with references: "texture"
    or "objects". None: not said."""

    vividness: float | None = None
    strength: float | None = None
    method: str | None = None
    seed: int | None = None
    exact: bool | None = None
    warmth: float | None = None
    skin: bool | None = None
    matching: str | None = None
    TYPE: ClassVar[str] = "Manner"
    KEYS: ClassVar[tuple[str, ...]] = ("vividness", "strength", "method", "seed", "exact", "warmth", "skin", "matching")

    def __post_init__(self) -> None:
        for key, check in (("vividness", check_vividness), ("strength", check_strength), ("warmth", check_warmth)):
            if (value := getattr(self, key)) is not None:
                object.__setattr__(self, key, check(value))
        if self.method is not None and (not isinstance(self.method, str) or not self.method):
            raise UsageError("method: text is wanted", code="json.method")
        if self.seed is not None and (isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0):
            raise UsageError("seed: a whole number, 0 or more, is wanted", code="json.seed")
        if self.exact is not None and not isinstance(self.exact, bool):
            raise UsageError("exact: true or false is wanted", code="json.exact")
        if self.skin is not None and not isinstance(self.skin, bool):
            raise UsageError("skin: true or false is wanted", code="json.skin")
        if self.matching not in (None, "texture", "objects"):
            raise UsageError(
                "matching: texture or objects is wanted, not {value}",
                code="setting.matching",
                value=shorten(self.matching),
            )

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {key: value for key in self.KEYS if (value := getattr(self, key)) is not None}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        return cls(**{key: row[key] for key in cls.KEYS if key in row})

    def claims(self, thing: ThingView, scene: SceneView) -> Iterable[Claim]:
        """Vividness of a thing that has no color of its own: of the colors that it gets."""
        if _or_one(self.vividness) == 1 or any(color.enforced for color in thing.all(Color)):
            return
        for region in thing.all(Region):
            if not isinstance(region.shape, Dot | Line):
                yield Claim(region.shape, None, region.unit, 1.0, _or_one(self.vividness))


def manner_of(thing: ThingView) -> Manner:
    """How a thing is painted; nothing is stated where it has no `Manner`."""
    return next(iter(thing.all(Manner)), Manner())


def _or_one(value: float | None) -> float:
    return 1.0 if value is None else value
