"""`barva colorize`: photos in, colour photos out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import tell
from barva.cli.signals import stop_gently
from barva.errors import ReadError, UsageError, WriteError

if TYPE_CHECKING:
    from barva.archive.folder import Item
    from barva.archive.run import Outcome, Run, Settings
    from barva.engine.colorizer import Colorizer
    from barva.guidance.marks import Guidance

STREAM = "-"


def add(app: typer.Typer) -> None:
    app.command(name="colorize")(colorize)


def colorize(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="PHOTO...", help="Photos, folders, or - for stdin.")
    ] = None,
    output: o.Output = None,
    method: o.Method = "guided",
    vividness: o.Vividness = 1.0,
    strength: o.Strength = 1.0,
    seed: o.Seed = 0,
    point: o.Points = None,
    stroke: o.Strokes = None,
    region: o.Regions = None,
    mask: o.Masks = None,
    reference: o.References = None,
    swatch: o.Swatches = None,
    palette: o.Palette = None,
    guidance: o.GuidanceFile = None,
    save_guidance: o.SaveGuidance = None,
    scene: o.SceneFile = None,
    save_scene: o.SaveScene = None,
    variants: Annotated[
        int | None, typer.Option("--variants", min=1, max=100, help="So many different colourings of one photo.")
    ] = None,
    confidence: Annotated[
        Path | None, typer.Option("--confidence", help="Write how sure the method is, as a grey PNG: white is sure.")
    ] = None,
    exact: o.Exact = False,
    matching: o.Matching = "texture",
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into folders' folders too.")] = False,
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
    jobs: o.Jobs = None,
    watch: Annotated[
        Path | None, typer.Option("--watch", help="Colour every photo that appears in this folder.")
    ] = None,
) -> int:
    """Colour photos. NAME.jpg becomes NAME.color.jpg beside it, or goes where -o says."""
    from barva.archive import folder
    from barva.archive.run import Settings
    from barva.cli import scene as scenes
    from barva.cli.explore import explore, parsed_swatch
    from barva.engine.colorizer import Colorizer
    from barva.guidance import parse

    named = sources or []
    if not named and watch is None:
        raise UsageError("name a photo, a folder, or --watch FOLDER")
    if not 0 <= vividness <= 2:
        raise UsageError(f"--vividness goes from 0 to 2, not {vividness:g}")
    settings = Settings(
        method,
        vividness,
        seed,
        _known_format(format),
        quality,
        page,
        salvage,
        max_pixels,
        not no_provenance,
        strength=strength,
    )
    known = None
    if scene is not None:
        _alone(named, watch, "--scene goes with one photo")
        known, settings = scenes.loaded(scene, context, settings)
    asked = parse.guidance(point or [], stroke or [], region or [], mask or [], guidance)
    if asked is None and save_guidance is not None:
        raise UsageError("--save-guidance has nothing to save: there is no mark")
    if asked is not None:
        _belongs(asked, named, watch, settings)
        if save_guidance is not None:
            asked.save(save_guidance, overwrite=overwrite)
    swatches = [parsed_swatch(text) for text in swatch or []]

    def colorizer(threads: int | None = None) -> Colorizer:
        return Colorizer(
            settings.method,
            threads=threads,
            guidance=asked,
            references=reference or (),
            swatches=swatches,
            palette=palette,
            exact=exact,
            matching=matching,
            scene=known,
        )

    if save_scene is not None:
        _alone(named, watch, "--save-scene goes with one photo")
        if variants is not None or confidence is not None or STREAM in (named[0], str(output)):
            raise UsageError("--save-scene goes with files, not with pipes, --variants or --confidence")
        return scenes.painted(colorizer(), Path(named[0]), settings, output, overwrite, save_scene)

    if variants is not None or confidence is not None:
        if watch is not None or len(named) != 1 or named[0] == STREAM or Path(named[0]).is_dir():
            raise UsageError("--variants and --confidence take one photo")
        return explore(colorizer(), Path(named[0]), settings, output, overwrite, variants, confidence)
    if STREAM in named:
        if len(named) > 1 or watch:
            raise UsageError("- (stdin) stands alone")
        return _stream(colorizer(), settings, output, overwrite)
    to_stdout = output is not None and str(output) == STREAM
    if to_stdout:
        if len(named) != 1 or watch:
            raise UsageError("-o - (stdout) takes exactly one photo")
        return _stream(colorizer(), settings, output, overwrite, Path(named[0]))
    if watch is not None:
        if named:
            raise UsageError("--watch takes its photos from the folder alone")
        return _watch(watch, output, recursive, _run(colorizer(1), settings, overwrite, jobs))
    items = folder.items(map(Path, named), output, recursive, settings.format)
    alone = len(items) == 1
    made = colorizer(None if alone else 1)
    made.preload()
    _single_threaded_parts(alone)
    run = _run(made, settings, overwrite, 1 if alone else jobs)
    return _one(run, items[0]) if alone else many(run, items)


def _run(colorizer: Colorizer, settings: Settings, overwrite: bool, jobs: int | None) -> Run:
    from dataclasses import replace

    from barva.archive.run import Run

    return Run(colorizer, replace(settings, references=colorizer.references), overwrite, jobs)


def _alone(named: list[str], watch: Path | None, why: str) -> None:
    if watch is not None or len(named) != 1 or Path(named[0]).is_dir():
        raise UsageError(f"{why}: name it alone")


def _belongs(asked: Guidance, named: list[str], watch: Path | None, settings: Settings) -> None:
    """Whether there is one photo, and all marks lie on it: a bad mark is a bad request, not a bad photo."""
    from barva.archive.run import pages
    from barva.guidance import resolve

    _alone(named, watch, "marks belong to one photo")
    if named[0] != STREAM and Path(named[0]).exists():
        for photo in pages(Path(named[0]), settings):
            resolve.check(asked, (photo.height, photo.width))


def _known_format(name: str | None) -> str | None:
    from barva.imaging.write import format_of

    return None if name is None else format_of(name)


def _single_threaded_parts(alone: bool) -> None:
    """Photos side by side use the cores better than threads inside each (OpenCV's included)."""
    import cv2

    if not alone:
        cv2.setNumThreads(1)


def _stream(
    colorizer: Colorizer, settings: Settings, output: Path | None, overwrite: bool, path: Path | None = None
) -> int:
    """stdin to stdout or a file; or a named photo to stdout."""
    from barva.archive.run import pages, paint
    from barva.engine.result import save_pages

    source: Path | bytes = path if path is not None else sys.stdin.buffer.read()
    if source == b"":
        raise ReadError("stdin is empty")
    results = paint(colorizer, pages(source, settings), settings)
    to_stdout = output is None or str(output) == STREAM
    written = save_pages(
        results,
        None if to_stdout else output,
        format=settings.format,
        quality=settings.quality,
        overwrite=overwrite,
        provenance=settings.provenance,
        to_bytes=to_stdout,
    )
    if to_stdout:
        _to_stdout(written.data or b"")
    tell([*results, written])
    return 0


def _to_stdout(data: bytes) -> None:
    """Unbuffered: what a full disk refused must not be tried again when the interpreter ends."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WriteError(f"stdout cannot be written: {error.strerror}") from None


def _one(run: Run, item: Item) -> int:
    outcome = run.one(item)
    if outcome.state == "failed":
        sys.stderr.write(f"barva: {' '.join(outcome.said[0].split())}\n")
        return 1
    if outcome.state == "kept":
        sys.stderr.write(f"barva: {item.output} is finished already\n")
    for note in outcome.said:
        sys.stderr.write(f"barva: {item.source.name}: {note}\n")
    typer.echo(str(item.output))
    return 0


def many(run: Run, items: list[Item]) -> int:
    """A progress bar on a terminal, a table at the end, exit code 1 if anything failed."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    ended: list[Outcome] = []
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("colouring", total=len(items))
        for outcome in run.outcomes(items):
            ended.append(outcome)
            progress.advance(task)
    _table(console, ended, time.monotonic() - began)
    return 1 if any(e.state == "failed" for e in ended) else 0


def _table(console: object, ended: Iterable[Outcome], seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    outcomes = list(ended)
    noted = [e for e in outcomes if e.said]
    if noted:
        table = Table(box=None, pad_edge=False)
        for heading in ("photo", "", "what was seen"):
            table.add_column(heading, overflow="fold")
        for e in sorted(noted, key=lambda e: (e.state != "failed", e.item.source)):
            table.add_row(str(e.item.source), e.state, "; ".join(e.said))
        console.print(table, markup=False, highlight=False)
    count = {s: sum(e.state == s for e in outcomes) for s in ("done", "kept", "failed")}
    console.print(
        f"{count['done']} coloured, {count['kept']} finished before, {count['failed']} failed, in {seconds:.1f} s",
        highlight=False,
    )


def _watch(place: Path, output: Path | None, recursive: bool, run: Run) -> int:
    """Look every second; a photo is taken once its size has stood still for a look. Polling also works on network
    folders, where change notices don't arrive."""
    from barva.archive import folder
    from barva.engine.result import suffixed

    if not place.is_dir():
        raise UsageError(f"--watch {place} is not a folder")
    if output is not None and output.exists() and not output.is_dir():
        raise WriteError(f"-o {output} is not a folder")
    stop_gently()
    sys.stderr.write(f"barva: watching {place}; Ctrl-C ends\n")
    sizes: dict[Path, tuple[int, int]] = {}
    failed: set[tuple[Path, tuple[int, int]]] = set()
    try:
        while True:
            ready: list[Item] = []
            for path in folder.photos_in(place, recursive):
                stat = path.stat()
                now = (stat.st_size, stat.st_mtime_ns)
                settled, sizes[path] = sizes.get(path) == now, now
                if settled and now[0] and (path, now) not in failed:
                    into = (output or place) / path.parent.relative_to(place)
                    item = folder.Item(path, into / suffixed(path.name, run.settings.format), True)
                    if not item.output.exists() or run.overwrite:
                        ready.append(item)
            for outcome in run.outcomes(ready):
                at = outcome.item.source
                if outcome.state == "done":
                    typer.echo(str(outcome.item.output))
                for said in outcome.said:
                    sys.stderr.write(f"barva: {at.name}: {said}\n")
                # neither a failure nor an overwritten result is tried again until the photo changes
                failed.add((at, sizes[at]))
            time.sleep(1)
    except KeyboardInterrupt:
        return 0
