"""Links of the README and the pages lead somewhere, every page has a place in the navigation, examples run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from barva import photos

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *(p for p in DOCS.rglob("*.md") if p.parent.name != "notes"),  # notes are parts of other pages
]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_every_page_has_a_place() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]))
    pages = {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")}
    left = {p for p in pages - listed if not p.startswith(("notes/", "reference/methods/"))}
    assert not left, "put these into mkdocs.yml"
    assert listed <= pages


@pytest.mark.parametrize(
    ("row", "table"),
    [
        ("names of what photographs show", "english_photographs"),
        ("names of the XKCD survey", "english_xkcd"),
        ("Ukrainian names", "ukrainian"),
    ],
)
def test_the_guidance_page_counts_the_colors(row: str, table: str) -> None:
    text = (DOCS / "how-to" / "guidance.md").read_text(encoding="utf-8")
    names = (ROOT / "src" / "barva" / "color" / "names" / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
    assert re.search(rf"(\d+) {row}", text)[1] == str(len(names))  # type: ignore[index]


def test_pages_give_the_memory_that_was_measured() -> None:
    measured = re.search(r"400-megapixel .*?, (\d+) MB", (ROOT / "benchmarks" / "speed.md").read_text(encoding="utf-8"))
    stated = re.search(r"400 megapixels in (\d+) MB", (DOCS / "explanation" / "parts.md").read_text(encoding="utf-8"))
    readme = re.search(r"400-megapixel .*?, (\d+) MB", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert measured and stated and readme and {measured[1], stated[1], readme[1]} == {measured[1]}


def test_the_readme_is_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 120
    assert "    pip install . && barva demo\n" in text and "    pip install -e '.[dev]' && pytest\n" in text


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("hooks", DOCS / "hooks.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_counts_as_loaded_from_elsewhere(hooks: ModuleType) -> None:
    for text in (
        '<script src="https://cdn.example/x.js"></script>',
        "<img alt=a src=//example.org/a.png>",
        '<link rel="stylesheet" href="https://fonts.example/css">',
        "@import url('https://fonts.example/css');",
        "a{background:url(https://example.org/a.png)}",
    ):
        assert hooks.outside(text), text
    for text in ('<a href="https://example.org">', '<img src="a.png">', "a{background:url(a.png)}"):
        assert not hooks.outside(text), text


def test_methods_get_their_place(hooks: ModuleType) -> None:
    nav = [{"Reference": ["a.md", {"Methods": ["reference/methods.md"]}]}]
    assert "reference/methods/guided.md" in hooks.on_config({"nav": nav})["nav"][0]["Reference"][1]["Methods"]


def test_the_folder_example_runs(tmp_path: Path) -> None:
    for name in photos.NAMES[:2]:
        Image.fromarray(photos.photo(name)[::4, ::4]).convert("L").save(tmp_path / f"{name}.jpg")
    command = [sys.executable, ROOT / "examples" / "colorize_folder.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(".color.jpg") == 2
    assert {p.name for p in tmp_path.glob("*.color.jpg")} == {"astronaut.color.jpg", "coffee.color.jpg"}
