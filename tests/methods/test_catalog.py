"""The catalog: shipped methods, and a user's own weights beside them."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import barva
from barva.errors import UsageError, WeightsError
from barva.methods import catalog
from barva.runtime import weights


def entry(key: str, value: str) -> bytes:
    """A `metadata_props` entry of an ONNX file: fields 1 and 2 of a message in field 14."""

    def field(number: int, payload: bytes) -> bytes:
        length, digits = len(payload), b""
        while length > 127:
            digits, length = digits + bytes([length & 127 | 128]), length >> 7
        return bytes([number << 3 | 2]) + digits + bytes([length]) + payload

    return field(14, field(1, key.encode()) + field(2, value.encode()))


def put(folder: Path, name: str, family: str, carded: bool = True) -> Path:
    """Weights of a user's own: those of a shipped method under another name."""
    path = folder / f"{name}.onnx"
    blob = (weights.FOLDER / f"{family}.onnx").read_bytes()
    blob += entry("barva.card", json.dumps({"name": name, "family": family} if carded else None))
    path.write_bytes(blob)
    facts = weights.facts(family) | {"sha256": hashlib.sha256(blob).hexdigest(), "version": f"of {name}"}
    path.with_suffix(".json").write_text(json.dumps(facts))
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    return tmp_path


def test_two_exports_of_a_family_stand_beside_the_shipped_one(folder: Path, grey: np.ndarray) -> None:
    for name in ("my-gan", "old-prints"):
        put(folder, name, "gan")
    assert catalog.names()[0] == catalog.DEFAULT and catalog.names()[-2:] == ["my-gan", "old-prints"]
    cards = {card.name: card for card in catalog.method_cards()}
    assert cards["my-gan"].family == "gan" and cards["my-gan"].weights == folder / "my-gan.onnx"
    assert cards["my-gan"].native_guidance == cards["gan"].native_guidance
    results = {name: barva.colorize(grey, method=name) for name in ("gan", "my-gan", "old-prints")}
    assert np.array_equal(results["gan"].array(), results["my-gan"].array())
    assert results["old-prints"].provenance.model_version == "of old-prints"
    assert len({r.provenance.weights_sha256 for r in results.values()}) == 3


def test_shipped_weights_are_never_replaced(folder: Path) -> None:
    put(folder, "gan", "regression")
    assert catalog.card("gan").weights == "gan" and catalog.names().count("gan") == 1


def test_files_that_are_no_methods_are_not_listed_and_refused_by_name(folder: Path) -> None:
    put(folder, "bare", "gan", carded=False)
    (folder / "noise.onnx").write_bytes(b"\xff\xfe not an ONNX file")
    assert catalog.names() == list(catalog.names()[: len(catalog.targets())])
    for name in ("bare", "noise"):
        with pytest.raises(WeightsError, match="barva export"):
            catalog.card(name)
    with pytest.raises(UsageError, match="there is no method 'nothing'"):
        catalog.card("nothing")


@pytest.mark.parametrize("target", ["no_such_package.paint:Paint", "json:Paint", "broken_paint:Paint"])
def test_a_package_that_cannot_be_loaded_is_named(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grey: np.ndarray
) -> None:
    """Methods that are not its own go on."""
    (tmp_path / "broken_paint.py").write_text("raise RuntimeError('needs a driver,\\nwhich is not there')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(catalog, "targets", lambda: catalog._TARGETS | {"paint": target})
    for ask in (catalog.method_cards, lambda: catalog.card("paint"), lambda: catalog.create("paint")):
        with pytest.raises(UsageError, match=r"'paint' of another package \(\w+(\.paint)?\) cannot be loaded: \w+"):
            ask()
    assert barva.colorize(grey, method="gan").array().shape == (*grey.shape, 3)


def test_a_card_of_no_known_family_is_none(folder: Path) -> None:
    blob = (weights.FOLDER / "gan.onnx").read_bytes() + entry("barva.card", json.dumps({"family": ["gan"]}))
    (folder / "odd.onnx").write_bytes(blob)
    assert "odd" not in catalog.names()


def test_changed_weights_are_noticed(folder: Path) -> None:
    path = put(folder, "my-gan", "gan")
    shutil.copy(weights.FOLDER / "gan.json", path.with_suffix(".json"))
    with pytest.raises(WeightsError, match="sha256"):
        catalog.create("my-gan")


def test_a_card_speaks_the_page_language_where_it_can() -> None:
    card = replace(catalog.card("gan"), translations={"uk": {"title": "Моя мережа"}})
    assert card.text("title", "uk") == "Моя мережа"
    assert card.text("summary", "uk") == card.summary and card.text("title") == card.title


def test_cards_tell_what_methods_do() -> None:
    for card in catalog.method_cards():
        method = catalog.create(card.name)
        assert hasattr(method, "distribution") == card.has_distribution
        assert not card.propagates_hints or "points" in card.native_guidance
        assert card.needs <= {"reference", "hints"}
