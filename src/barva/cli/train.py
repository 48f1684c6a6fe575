"""`barva train`: train a colorizer by a recipe, on any photos."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barva.cli.data import Exclude, exclusion
from barva.cli.signals import stop_gently
from barva.errors import UsageError
from barva.extras import missing

if TYPE_CHECKING:
    from barva.training.recipe import Recipe

SIDE = 192
"""Short side to which photos of folders are decoded, px."""


def add(app: typer.Typer) -> None:
    app.command(name="train")(train)


def train(
    recipe: Annotated[str | None, typer.Argument(help="Which recipe (--list shows them).")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="A folder, shards or a cache; DIR=0.5 draws its photos half as often. Repeatable."),
    ] = None,
    run: Annotated[Path | None, typer.Option("--run", help="Folder for checkpoints, log and sheets.")] = None,
    cache: Annotated[Path | None, typer.Option("--cache", help="Where decoded photos are kept.")] = None,
    side: Annotated[
        int | None, typer.Option("--side", min=64, max=512, help=f"Short side of decoded photos, px; default: {SIDE}.")
    ] = None,
    exclude: Exclude = None,
    old: Annotated[
        list[str] | None,
        typer.Option("--old", help="For cyclegan: old black-and-white photos, its other side; as --data. Repeatable."),
    ] = None,
    hold_out: Annotated[
        list[str] | None,
        typer.Option("--hold-out", help="A source or cache for validation only, all its photos. Repeatable."),
    ] = None,
    themes: Annotated[
        Path | None, typer.Option("--themes", help="JSON of themes: which sources, and their share of what is drawn.")
    ] = None,
    masks: Annotated[
        list[str] | None,
        typer.Option(
            "--masks", help="For guided: a cache of photos with masks (barva data masks); CACHE=0.5. Repeatable."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Another value, e.g. --set optim.lr=1e-4. Repeatable.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes", min=0.01, help="Length in minutes, not in samples; sheets and checkpoints come on top."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", help="Weights to begin with: shipped, a run's folder, a checkpoint, or an exported .onnx."
        ),
    ] = None,
    accelerator: Annotated[str, typer.Option("--accelerator", help="auto, cpu, gpu, cuda or mps.")] = "auto",
    devices: Annotated[str, typer.Option("--devices", help="How many: auto, 1, 2 ...")] = "auto",
    precision: Annotated[str, typer.Option("--precision", help="auto, bf16-mixed or 32-true.")] = "auto",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Threads that make batches.")] = 1,
    stop: Annotated[int | None, typer.Option("--stop", min=1, help="End after this many samples, for a trial.")] = None,
    save_every: Annotated[float, typer.Option("--save-every", min=0.0, help="Minutes between checkpoints.")] = 5.0,
    sheet_every: Annotated[float, typer.Option("--sheet-every", min=0.0, help="Minutes between sheets.")] = 10.0,
    listed: Annotated[bool, typer.Option("--list", help="Show the recipes and end.")] = False,
) -> None:
    """Train a colorizer. After a stop or a kill, the same command continues from the last checkpoint."""
    needs_torch()
    if listed:
        typer.echo(_recipes())
        return
    if recipe is None or not data or run is None:
        raise UsageError("a recipe, --data and --run are needed; barva train --list shows the recipes")
    from barva.training import loop, sources
    from barva.training.data import Sampler
    from barva.training.device import Device, fabric_on
    from barva.training.origins import read_themes

    chosen = _choose_recipe(recipe, settings or [])
    if old and chosen.family != "cyclegan":
        raise UsageError(f"--old is for cyclegan; {recipe} learns from color photos alone")
    if masks and chosen.family != "guided":
        raise UsageError(f"--masks is for guided; {recipe} has no use for them")
    device = Device(accelerator, devices if devices == "auto" else _count(devices), precision, workers)
    fabric_on(device)  # no photo is decoded for a device that there is not
    limits = loop.Limits(minutes, save_every * 60, sheet_every * 60, stop)
    parsed = [sources.parse(d) for d in data]
    if chosen.family == "perception":
        if hold_out or themes:
            raise UsageError("perception holds out a tenth of each collection: --hold-out and --themes are not for it")
        refuse_for_perception({"--cache": cache, "--side": side, "--exclude": exclude})
        _run(chosen, _mask_sampler(parsed, chosen), run, device, start, limits)
        return
    table = read_themes(themes) if themes else None
    cache, left_out = cache or run / "cache", exclusion(exclude)
    side = side or SIDE
    photo_sources = sources.open_sources(parsed, cache, side, left_out)
    aged = sources.open_sources([sources.parse(d) for d in old], cache / "old", side, left_out, old=True) if old else []
    labeled = _mask_sampler([sources.parse(m) for m in masks], chosen) if masks else None
    sampler = Sampler(photo_sources, chosen, aged, hold_out or (), table, labeled)
    _run(chosen, sampler, run, device, start, limits)


def refuse_for_perception(options: Mapping[str, object]) -> None:
    """`UsageError` where one of these options is given."""
    for name in (name for name, value in options.items() if value):
        raise UsageError(f"{name} is not for perception: it takes caches of masks as barva data masks made them")


def _mask_sampler(data: list[Any], recipe: Recipe) -> Any:
    """Caches of masks (`barva data masks`)."""
    from barva.training.mask_sampler import MaskSampler
    from barva.training.masks import MaskCache

    return MaskSampler([(MaskCache(d.path), d.weight) for d in data], recipe)


def _run(recipe: Recipe, sampler: Any, run: Path, device: Any, start: str | None, limits: Any) -> None:
    from barva.training import loop, restart

    goes_on = restart.has_run(run)
    if start and goes_on:
        typer.echo(f"{run} holds a run: it goes on, and --start is left aside", err=True)
    training = loop.Run(recipe, sampler, run, device, start)
    if training.leads:
        for line in _beginning(training, start if not goes_on else None):
            typer.echo(line, err=True)
    stop_gently(training.stop)
    _follow(training.go(limits), recipe.samples, training.leads)
    if training.stopped:
        raise KeyboardInterrupt
    if not training.leads:
        return
    done = training.progress
    typer.echo(f"{training.path}: {done.samples:,} samples, {done.step:,} steps, {done.seconds / 60:.1f} minutes")


def _beginning(training: Any, start: str | None) -> list[str]:
    """What a run begins with, for its log."""
    sampler = training.sampler
    held = f"{len(sampler.validation):,} held out"
    if names := getattr(sampler, "held_sources", ()):
        held += f", all of {', '.join(names)}"
    lines = [f"{sum(map(len, sampler.train)):,} photos to train on, {held}"]
    if labeled := getattr(sampler, "masks", None):
        share = training.recipe.masked
        lines.append(f"{sum(map(len, labeled.train)):,} photos with masks, {share:.0%} of each batch")
    if start:
        parts = f"these parts begin anew: {', '.join(training.anew)}" if training.anew else "all of them"
        lines.append(f"begins with the weights of {start}; {parts}")
    return lines


def _choose_recipe(name: str, settings: list[str]) -> Recipe:
    from barva.training import recipe as recipes

    chosen = recipes.find_recipe(name)
    for setting in settings:
        path, sign, value = setting.partition("=")
        if not sign:
            raise UsageError(f"--set {setting}: write it as key=value, e.g. optim.lr=1e-4")
        chosen = recipes.override(chosen, path, value)
    return chosen


def needs_torch(*more: str) -> None:
    """`UsageError` when a part of the extra `train` is missing."""
    from importlib.util import find_spec

    absent = [n for n in ("torch", "lightning", "safetensors", "pyarrow", *more) if find_spec(n) is None]
    if absent:
        raise missing("train", absent)


def _count(devices: str) -> int:
    if not devices.isdigit() or int(devices) < 1:
        raise UsageError(f"--devices {devices}: auto or a number from 1 is wanted")
    return int(devices)


def _recipes() -> str:
    from barva.training import recipes

    functions = recipes.functions()
    width = max(map(len, functions))
    return "\n".join(f"{n:<{width}}  {(f.__doc__ or '').strip().splitlines()[0]}" for n, f in functions.items())


def _follow(reports: Any, samples: int, shown: bool) -> None:
    """One line that rewrites itself on a terminal; elsewhere a line a minute. Of several processes one shows it."""
    live, last = sys.stderr.isatty(), 0.0
    for report in reports:
        if not shown or (not live and time.monotonic() - last < 60):
            continue
        last = time.monotonic()
        parts = "  ".join(f"{name} {value:.4g}" for name, value in report.parts.items())
        line = (
            f"{report.progress.samples:>9,} of {samples:,} samples  {report.side} px  {parts}"
            f"  {report.speed:.0f}/s  {_clock(report.left)} left"
        )
        typer.echo(f"\r{line:<100}" if live else line, err=True, nl=not live)
    if live and shown:
        typer.echo("", err=True)


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes >= 60 else f"{minutes} min"
