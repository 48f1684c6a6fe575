"""`barva methods`: the catalogue."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from barva.errors import WeightsError


def add(app: typer.Typer) -> None:
    app.command(name="methods")(show)


def show(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List the methods: what each is, what guidance it hears, and its weights."""
    from barva.methods.catalog import method_cards

    for card in method_cards():
        facts = _facts(card.weights)
        if as_json:
            row = {
                "name": card.name,
                "title": card.title,
                "summary": card.summary,
                "family": card.family,
                "accepts": sorted(card.accepts),
                "size": card.size.short,
                "licence": card.licence,
                "paper": card.paper,
                "caution": card.caution,
                "weights": facts,
            }
            typer.echo(json.dumps(row, ensure_ascii=False))
            continue
        typer.echo(f"{card.name:<12} {card.summary}")
        details = [f"hears {', '.join(sorted(card.accepts)) or 'no hints (steered)'}", f"works at {card.size.short} px"]
        if facts:
            details.append(f"weights {facts['version']}, {facts['bytes'] / 1e6:.1f} MB")
        typer.echo(f"{'':<12} {'; '.join(details)}")
        typer.echo(f"{'':<12} {card.paper}")
        if card.caution:
            typer.echo(f"{'':<12} but: {card.caution}")


def _facts(name: str | None) -> dict[str, Any]:
    from barva.runtime import weights

    if name is None:
        return {}
    try:
        found = weights.facts(name)
    except WeightsError:
        return {}
    return {k: found.get(k) for k in ("version", "sha256", "bytes", "licence", "trained")}
