"""What is installed under which name: `barva` on PyPI is another project, so no text may say to install it."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from barva import UsageError
from barva.extras import install_command, missing

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "pyproject.toml",
    *(p for folder in ("src", "docs", "examples", "benchmarks", ".ci", ".github") for p in (ROOT / folder).rglob("*")),
]
# pip install barva, 'barva[x]', "barva==1"; uv, pipx and poetry say it alike. `barva-color` and `barva/` are others.
STRANGER = re.compile(
    r"(?:pip3?|uv|pipx|poetry)\s+(?:install|add)\s+[^\n`&;|]*?(?<![\w./-])barva(?![\w/-])(?!\.)|barva\[\w"
)


def test_no_text_installs_the_other_project() -> None:
    looked = 0
    for path in TEXTS:
        if path.suffix in {".md", ".py", ".toml", ".yml", ".yaml", ".js", ".txt"} or path.name == "run":
            looked += 1
            for line in path.read_text(encoding="utf-8").splitlines():
                assert not STRANGER.search(line), f"{path.relative_to(ROOT)}: {line}"
    assert looked > 100


def test_the_search_finds_what_it_is_for() -> None:
    extra = "barva" + "[train]"
    for text in ("pip install barva", f"pip install '{extra}'", "uv add barva", "pip install -U barva==0.1", extra):
        assert STRANGER.search(text), text
    for text in (
        "pip install . && barva demo",
        "pip install barva-color",
        "pip install '.[train]'",
        "pip install -e .",
    ):
        assert not STRANGER.search(text), text


def test_the_distribution_and_the_command() -> None:
    assert PROJECT["name"] == "barva-color"
    assert PROJECT["scripts"] == {"barva": "barva.cli:main"}
    own = [part for extra in PROJECT["optional-dependencies"].values() for part in extra if part.startswith("barva")]
    assert own and all(part.startswith("barva-color[") for part in own)


def test_every_extra_that_a_text_names_exists() -> None:
    named: set[str] = set()
    for path in TEXTS:
        if path.suffix in {".md", ".py"}:
            for group in re.findall(r"'\.\[([a-z,]+)\]'", path.read_text(encoding="utf-8")):
                named |= set(group.split(","))
            named |= set(re.findall(r"missing\(\"(\w+)\"", path.read_text(encoding="utf-8")))
    assert {"train", "studio", "dev"} <= named <= set(PROJECT["optional-dependencies"])


def test_one_line_names_packages_and_extra() -> None:
    assert str(missing("train", ["pyarrow"])) == (
        "pyarrow is not installed; it comes with the extra `train`: pip install '.[train]' in a checkout"
    )
    both = str(missing("train", ["torch", "lightning"]))
    assert both.startswith("torch, lightning are not installed; they come with") and install_command("train") in both


def test_the_server_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from barva.studio.server import create_app
    from barva.studio.settings import Settings

    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(UsageError, match=r"fastapi is not installed.*extra `studio`.*'\.\[studio\]'"):
        create_app(Settings(state=Path("unused")))
