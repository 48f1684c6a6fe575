"""`barva inspect`: what a file is and how it was colored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer


def add(app: typer.Typer) -> None:
    app.command(name="inspect")(inspect)


def inspect(
    file: Annotated[Path, typer.Argument(help="A picture, colored by Barva or not.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    salvage: Annotated[bool, typer.Option("--salvage", help="Look at a damaged or cut-off file, too.")] = False,
) -> None:
    """Show a picture's facts and its provenance: method, model version and sha256, seed, guidance."""
    from barva.imaging import provenance
    from barva.values import one_line

    facts: dict[str, Any] = provenance.inspect(file, salvage=salvage, max_pixels=sys.maxsize)
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    lines = [*_picture_lines(facts), *_provenance_lines(facts), *(("note", note) for note in facts["notes"])]
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        typer.echo(f"{name:<{width}}  {one_line(text)}")


def _picture_lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, words) of what the file holds."""
    from barva.imaging.formats import title

    yield "file", facts["file"]
    yield "format", title(facts["format"])
    yield "size", f"{facts['width']} x {facts['height']} px"
    in_file = "" if facts["bits"] == facts["depth"] else f" (in the file {facts['bits']})"
    colors = ("gray" if facts["bands"] == 1 else "RGB") + (" and alpha" if facts["alpha"] else "")
    yield "pixels", f"{colors}, {facts['depth']} bits{in_file}"
    if facts["pages"] != 1:
        yield "pages", f"{facts['pages']}"
    yield "resolution", _resolution(facts["dpi"])
    held = [name.upper() for name in ("exif", "xmp", "iptc") if facts[name]]
    yield "metadata", ", ".join(held) or "none"
    yield "color profile", facts["icc"] or "none"


def _resolution(dpi: tuple[float, float] | None) -> str:
    if dpi is None:
        return "not stated"
    across, down = (f"{number:.4g}" for number in dpi)
    return f"{across} dpi" if across == down else f"{across} dpi across, {down} dpi down"


def _provenance_lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, words) of who colored it."""
    yield "digital source type", facts["digital_source_type"] or "not stated"
    known = facts["provenance"]
    if known is None:
        yield "colored by Barva", "not stated"
        return
    yield "colored by Barva", f"{known['barva'] or 'version not stated'}, method {known['method'] or 'not stated'}"
    if known["model_version"] or known["weights_sha256"]:
        yield "weights", f"{known['model_version'] or 'version not stated'}, sha256 {known['weights_sha256'] or 'none'}"
    yield "seed", f"{known['seed']}"
    yield "guidance", f"sha256 {known['guidance']}" if known["guidance"] else "none"
