"""`barva export`: trained weights as ONNX files that methods run."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from barva.cli.data import Exclude, exclusion
from barva.cli.train import SIDE, refuse_for_perception
from barva.errors import UsageError, WriteError

PHOTOS = 200
"""Held-out photos that an export is calibrated and compared on."""


def add(app: typer.Typer) -> None:
    app.command(name="export")(export)


def export(
    run: Annotated[Path, typer.Argument(help="A run's folder, or its checkpoint.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for NAME.onnx and NAME.json.")],
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="Photos to calibrate and compare on: as for barva train. Repeatable."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Where decoded photos are kept; default: the run's folder.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the method, such as my-gan; default: the family's.")
    ] = None,
    version: Annotated[str, typer.Option("--weights-version", help="Version of the weights.")] = "0",
    exclude: Exclude = None,
    side: Annotated[
        int | None,
        typer.Option("--side", min=64, max=512, help="Short side of those photos, px; default: the method's."),
    ] = None,
    photos: Annotated[
        int | None, typer.Option("--photos", min=2, help=f"How many held-out photos; default: {PHOTOS}.")
    ] = None,
    vivid: Annotated[
        float | None,
        typer.Option("--vivid", help="For guided: the chroma ratio that decoding must reach; default: 0.75."),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Also int8/NAME.onnx, if it loses less than 0.05 CIEDE2000.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace weights that exist.")] = False,
) -> None:
    """Write a trained colorizer as ONNX, compared with torch on held-out photos.

    To use it: BARVA_WEIGHTS=FOLDER barva colorize --method NAME ...
    """
    from barva.cli.train import needs_torch

    needs_torch("onnx")
    if not data:
        raise UsageError("--data is needed: the export is compared with torch on real photos")
    from barva.methods import catalog
    from barva.training import export as kit

    trained = kit.restore(run)
    family = trained.stored.recipe.family
    if family == "perception":
        given = {"--name": name, "--cache": cache, "--exclude": exclude, "--side": side, "--photos": photos}
        refuse_for_perception(given | {"--vivid": vivid is not None, "--int8": int8})
        return _perception(trained, data, output, version, overwrite)
    if vivid is not None and (family != "guided" or not 0 <= vivid < math.inf):
        raise UsageError(f"--vivid {vivid:g}: a ratio from 0 is wanted, and only for guided")
    name = name or family
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
        raise UsageError(f"--name {name}: a name has letters, digits, '-', '_' and '.', a letter or digit first")
    if name in catalog.targets() and name != family:
        raise UsageError(f"--name {name}: another method has this name, and this run is of '{family}'")
    for folder in (output, output / "int8") if int8 else (output,):
        _refuse_existing(folder, name, overwrite)
    home = run if run.is_dir() else run.parent
    card = kit.card_for(trained, name)
    if int8 and card.samples:
        raise UsageError(f"--int8: {family} has no int8 form: small errors add up over its steps")
    side = side or card.size.short
    opened = _open_sources(data, cache or home / "cache", side, exclude)
    pictures = _held_out_pictures(trained, opened, side, photos or PHOTOS)
    facts = kit.facts_of(trained, version)
    if "rebalance" in facts:
        facts |= _calibrate(trained, pictures, vivid)
    if card.samples:
        from barva.training import export_diffusion

        model = kit.with_card(kit.halve(export_diffusion.to_onnx(trained)), card, facts)
        worst, unit = export_diffusion.check(trained, model, pictures[:12], name), "the network's own units"
    else:
        plain = kit.to_onnx(trained.objective.export_module(trained.net), trained.objective.CHANNELS)
        model = kit.with_card(kit.halve(plain), card, facts)
        worst, unit = kit.check(trained, model, pictures[:12], name), "ab / 110"
    kit.write(name, model, facts, output)
    typer.echo(f"{output / name}.onnx: {model.ByteSize() / 1e6:.1f} MB; differs from torch by {worst:.1e} ({unit})")
    if int8:
        _int8(kit, trained, plain, card, facts, pictures, output / "int8")
    if name in catalog.targets():
        typer.echo(f"--method {name} is Barva's own network: export with another --name to use this one beside it")


def _refuse_existing(folder: Path, name: str, overwrite: bool) -> None:
    for path in (folder / f"{name}.onnx", folder / f"{name}.json"):
        if path.exists() and not overwrite:
            raise WriteError(f"{path} exists; --overwrite replaces it")


def _perception(trained: Any, data: list[str], output: Path, version: str, overwrite: bool) -> None:
    """Both networks of `perception`; `data` are caches of masks."""
    from barva.training import export_perception as kit
    from barva.training import sources
    from barva.training.masks import MaskCache

    for name in kit.INPUTS:
        _refuse_existing(output, name, overwrite)
    sizes = kit.export(trained, [MaskCache(sources.parse(text).path) for text in data], output, version)
    for name, size in sizes.items():
        typer.echo(f"{output / name}.onnx: {size / 1e6:.1f} MB")


def _open_sources(data: list[str], cache: Path, side: int, exclude: Path | None) -> Any:
    """The photos; those of the run's own caches as they are there, so that none of them is made anew."""
    from barva.training import sources

    named = [sources.parse(d) for d in data]
    return sources.open_sources(named, cache, max(side, SIDE), exclusion(exclude), keep_sides=True)


def _held_out_pictures(trained: Any, caches: Any, side: int, count: int) -> Any:
    """Photos that the run has not learned from: of the sources that it held out, else those that it held out by lot."""
    import numpy as np

    from barva.training import data, validation

    names, border = trained.stored.held_out, trained.stored.border
    # a run of an older version does not say: then these photos are taken for those that it was trained on
    border = data.border_of(data.lots_of(caches)) if border is None else border
    held = [(k, int(i)) for k, own in enumerate(data.held_photos(caches, names, border)) for i in np.flatnonzero(own)]
    photos = [cache for _, cache, _ in caches]
    pictures = validation.pictures(photos, validation.choose(photos, held, count, by_source=bool(names)), side)
    if len(pictures) < 2:
        rule = f"all of {', '.join(names)}" if names else "one in a hundred"
        raise UsageError(f"fewer than two photos are held out from training ({rule}): give more photos")
    return pictures


def _calibrate(trained: Any, pictures: Any, vivid: float | None) -> dict[str, float]:
    import numpy as np

    from barva.training import calibrate

    vivid = calibrate.VIVID if vivid is None else vivid
    log_w = np.log(trained.objective.rebalance.numpy())
    answers = calibrate.answers(trained.net, pictures)
    rows, grey = calibrate.table(answers, log_w - log_w.mean()), calibrate.grey(answers)
    best = calibrate.choose(rows, vivid)
    typer.echo("| temperature | strength | gain | lift | below grey | chroma ratio |\n|--:|--:|--:|--:|--:|--:|")
    for least in (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0):
        r = calibrate.choose(rows, least)
        shown = f"{r.temperature} | {r.strength} | {r.gain} | {r.lift} | {grey - r.ciede2000:.2f} | {r.ratio:.2f}"
        typer.echo(f"| {shown} |")
    why = f"for a ratio of {vivid} at least"
    if best.ratio < vivid:
        why = f"as the most vivid row: none reaches a ratio of {vivid}"
    typer.echo(f"chosen {why}; {len(pictures)} photos, grey {grey:.2f}")
    return best.settings


def _int8(kit: Any, trained: Any, plain: Any, card: Any, facts: Any, pictures: Any, output: Path) -> None:
    from barva.runtime import quantize

    half, name = len(pictures) // 2, card.name
    model = quantize.to_int8(plain, kit.inputs(trained, pictures[:half]))
    before, after = (kit.score(card, m, facts, pictures[half:]) for m in (plain, model))
    loss = after - before
    if loss > kit.INT8_LOSS:
        typer.echo(f"{name} in int8 loses {loss:.3f} CIEDE2000, more than {kit.INT8_LOSS}: not written")
        for suffix in (".onnx", ".json"):  # an older one would pass for this one's
            (output / f"{name}{suffix}").unlink(missing_ok=True)
        return
    twin = facts | {"int8_loss": round(loss, 4)}
    kit.write(name, kit.with_card(model, card, twin), twin, output)
    typer.echo(f"{output / name}.onnx: {model.ByteSize() / 1e6:.1f} MB; loses {loss:.3f} CIEDE2000")
