"""Hooks of the site: navigation entries of the methods' pages, and a check that nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

HERE = Path(__file__).resolve().parent
LOADED = re.compile(r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"'\s>]+")
LINKED = re.compile(r"<link\b[^>]*>")
STYLED = re.compile(r"(?:@import\s*(?:url\()?|url\()[\"']?(?:https?:)?//[^\"')\s]+")


def on_config(config: Any) -> Any:
    """Every file of docs/reference/methods gets a line under Reference, Methods."""
    pages = sorted(p.name for p in (HERE / "reference" / "methods").glob("*.md"))
    for entry in config["nav"]:
        for part in entry.get("Reference", ()) if isinstance(entry, dict) else ():
            if isinstance(part, dict) and "Methods" in part:
                part["Methods"] = [part["Methods"][0], *(f"reference/methods/{name}" for name in pages)]
    return config


def outside(text: str) -> list[str]:
    """What a page or style sheet loads from another host when it is opened."""
    links = [m for m in LINKED.findall(text) if re.search(r"href=[\"']?(?:https?:)?//", m) and "canonical" not in m]
    return [*LOADED.findall(text), *links, *STYLED.findall(text)]


def on_post_build(config: Any) -> None:
    for path in sorted(Path(config["site_dir"]).rglob("*")):
        if path.suffix in {".html", ".css"} and (loads := outside(path.read_text(encoding="utf-8"))):
            raise PluginError(f"{path.relative_to(config['site_dir'])} loads from elsewhere: {loads[0]}")
