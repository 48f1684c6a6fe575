"""`barva inspect`: what a file is and how it was colored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def add(app: typer.Typer) -> None:
    app.command(name="inspect")(inspect)


def inspect(
    file: Annotated[Path, typer.Argument(help="A picture, colored by Barva or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show a picture's facts and its provenance: method, model version and sha256, seed, guidance."""
    from barva.imaging import provenance

    facts: dict[str, Any] = provenance.inspect(file)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    width = max(len(k) for k in facts)
    for name, value in facts.items():
        typer.echo(f"{name:<{width}}  {value}")
