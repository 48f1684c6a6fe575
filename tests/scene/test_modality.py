"""A new modality is one class: no method, and nothing of the engine, has to know it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest

import barva
from barva.color import spaces
from barva.errors import UsageError
from barva.scene import modality
from barva.scene.modalities import Region
from barva.scene.modality import Claim, Modality, Unknown
from barva.scene.model import Scene, Thing
from barva.scene.shapes import Box


@dataclass(frozen=True)
class Letter(Modality):
    """What a letter says of a thing: "her dress was blue"."""

    text_: str
    TYPE: ClassVar[str] = "Letter"
    KEYS: ClassVar[tuple[str, ...]] = ("says",)

    def row(self, folder: Path | None) -> dict[str, Any]:
        return {"says": self.text_}

    @classmethod
    def read(cls, row: dict[str, Any], folder: Path) -> Self:
        if not isinstance(row.get("says"), str):
            raise UsageError("says: text is wanted")
        return cls(row["says"])

    def claims(self, thing: Thing, scene: Scene) -> Iterable[Claim]:
        for region in thing.all(Region):
            yield Claim(region.shape, self.text_.split()[-1], region.unit)


@dataclass(frozen=True)
class Entry:
    """An installed package's entry point."""

    name: str = "Letter"

    def load(self) -> type[Modality]:
        return Letter


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters, as a package that is installed brings them."""
    monkeypatch.setattr(modality, "_known", dict(modality._known))
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Entry()] if group == modality.GROUP else [])


DRESS = Thing("dress", "dress", modalities=(Region(Box(40, 60, 200, 160)), Letter("her dress was navy")))


def test_it_is_read_where_it_is_known(known: None) -> None:
    scene = Scene((DRESS,))
    assert Scene.from_json(scene.to_json()) == scene
    with pytest.raises(barva.UsageError, match=r"things\[1\]\.known\[1\]\.says: text"):
        Scene.from_json(scene.to_json().replace('"her dress was navy"', "5"))


def test_it_is_kept_where_it_is_not() -> None:
    text = Scene((DRESS,)).to_json()
    found = Scene.from_json(text)
    assert isinstance(found.thing("dress").modalities[1], Unknown)
    assert found.to_json() == text
    assert not list(found.claims())


@pytest.mark.parametrize("method", ["guided", "regression", "levin"])
def test_every_method_hears_it(known: None, method: str, grey: np.ndarray) -> None:
    scene = Scene.from_json(Scene((DRESS,)).to_json())
    result = barva.colorize(grey, method=method, scene=scene)
    assert spaces.fast_rgb_to_lab(result.array())[80:140, 60:180, 2].mean() < -15
    same = barva.colorize(grey, method=method, guidance=barva.Region(Box(40, 60, 200, 160), "navy"))
    assert np.array_equal(result.array(), same.array())


def test_types_are_nobody_elses() -> None:
    class Other(Letter):
        TYPE = "Color"

    for bad in (Other, Modality):
        with pytest.raises(barva.UsageError, match="TYPE"):
            modality.register(bad)
