"""`barva methods`: the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barva.errors import WeightsError

if TYPE_CHECKING:
    from barva.methods.base import MethodCard


def add(app: typer.Typer) -> None:
    app.command(name="methods")(show)


def show(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List the methods: what each is, what guidance it follows natively, and its weights."""
    from barva.methods.catalog import method_cards

    for card in method_cards():
        facts = _facts(card.weights)
        if as_json:
            row = {
                "name": card.name,
                "title": card.title,
                "summary": card.summary,
                "family": card.family,
                "native_guidance": sorted(card.native_guidance),
                "needs": sorted(card.needs),
                "has_distribution": card.has_distribution,
                "size": card.size.short,
                "license": card.license,
                "paper": card.paper,
                "caution": card.caution,
                "weights": facts,
            }
            typer.echo(json.dumps(row, ensure_ascii=False))
            continue
        typer.echo(f"{card.name:<12} {card.summary}")
        details = [_guidance_text(card), f"works at {card.size.short} px"]
        if facts:
            details.append(f"weights {facts['version']}, {facts['bytes'] / 1e6:.1f} MB")
        typer.echo(f"{'':<12} {'; '.join(details)}")
        typer.echo(f"{'':<12} {card.paper}")
        if card.caution:
            typer.echo(f"{'':<12} but: {card.caution}")


def _guidance_text(card: MethodCard) -> str:
    native = sorted(card.native_guidance)
    return f"{', '.join(native)} followed natively" if native else "guidance followed by steering"


def _facts(name: str | Path | None) -> dict[str, Any]:
    from barva.runtime import weights

    if name is None:
        return {}
    try:
        facts = weights.facts(name)
    except WeightsError:
        return {}
    return {k: facts.get(k) for k in ("version", "sha256", "bytes", "license", "trained")}
