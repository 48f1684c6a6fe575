"""Looks: the table, and files that add to it."""

from __future__ import annotations

import pytest

from barva.errors import BarvaError, UsageError
from barva.language import claims, looks
from barva.scene.model import Scene
from barva.scene.picture_modalities import Palette


def test_every_look_of_the_table_is_understood_by_all_its_names():
    for look in looks.looks().values():
        for name in look.names:
            if "*" not in name and look.names[0] != "sepia":
                assert claims(name, Scene())[0].whole.manner.vividness == look.vividness, name


def test_a_file_adds_looks_and_replaces_them(tmp_path, monkeypatch):
    file = tmp_path / "looks.tsv"
    file.write_text("\ufeff# ours\nunderwater, під водою\t0.9\t-1\tteal, navy\nautumn\t2\t0\t\n", encoding="utf-8")
    monkeypatch.setenv(looks.VARIABLE, str(file))
    whole = claims("під водою", Scene())[0].whole
    assert whole.manner.warmth == -1 and len(whole.all(Palette)[0].ab) == 2
    assert claims("autumn", Scene())[0].whole.manner.vividness == 2


@pytest.mark.parametrize("line", ["mist", "mist\t3\t0\t", "mist\t1\t0\tno such color", "\t1\t0\t", "mist\tx\t0\t"])
def test_a_wrong_line_is_named(line):
    with pytest.raises(UsageError, match=r"own\.tsv, line 2"):
        looks.read(f"# a comment\n{line}\n", "own.tsv")


def test_a_missing_file_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv(looks.VARIABLE, str(tmp_path / "none.tsv"))
    with pytest.raises(BarvaError, match=r"none\.tsv"):
        claims("autumn", Scene())
