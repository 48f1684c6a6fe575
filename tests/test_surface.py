"""The public surface: names and signatures of `barva`. A change of them is a decision: `pytest tests/test_surface.py
-n 0 --update-golden` writes them anew, and the CHANGELOG says it. That of the commands is `docs/reference/commands.md`,
which `docs/generate.py --check` compares."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

import barva

HERE = Path(__file__).parent
SURFACE = HERE / "api_surface.json"


def surface() -> dict[str, Any]:
    """Name -> signature of a function, or signatures of a class's public members."""
    return {name: described(getattr(barva, name)) for name in sorted(barva.__all__) if not name.startswith("__")}


def described(thing: Any) -> Any:
    if not inspect.isclass(thing):
        return str(inspect.signature(thing)).replace("barva.", "")
    members = {"()": signature(thing)}
    for name, member in inspect.getmembers(thing):
        if not name.startswith("_"):
            if isinstance(member, property):
                members[name] = "property"
            elif callable(member):
                members[name] = signature(member)
    return members


def signature(thing: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(thing)))
    except ValueError:  # built in
        return "(...)"


def test_public_names_and_signatures(request: pytest.FixtureRequest) -> None:
    now = json.dumps(surface(), indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        SURFACE.write_text(now, encoding="utf-8")
    assert json.loads(SURFACE.read_text(encoding="utf-8")) == json.loads(now)
