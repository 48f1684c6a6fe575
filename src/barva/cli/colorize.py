"""`barva colorize`: photos in, colour photos out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import tell
from barva.errors import ReadError, UsageError, WriteError

if TYPE_CHECKING:
    from barva.archive.run import Filing, Run, Settings
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
    say: o.Say = None,
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
    recursive: o.Recursive = False,
    exclude: o.Exclude = None,
    skip_color: o.SkipColor = False,
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
    keep_times: o.KeepTimes = False,
    jobs: o.Jobs = None,
    watch: Annotated[
        Path | None, typer.Option("--watch", help="Colour every photo that appears in this folder.")
    ] = None,
) -> int:
    """Colour photos. NAME.jpg becomes NAME.color.jpg beside it, or goes where -o says."""
    from barva.archive.run import Filing, Settings
    from barva.archive.select import select
    from barva.cli import runs, watching, words
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
    swatches, text = [parsed_swatch(text) for text in swatch or []], words.joined(say)

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
            text=text,
        )

    folders = watch is not None or len(named) != 1 or Path(named[0]).is_dir()
    filing = Filing(skip_color, keep_times, save_scene if folders else None)
    streamed = STREAM in named or str(output) == STREAM
    if save_scene is not None and (streamed or variants is not None or confidence is not None):
        raise UsageError("--save-scene goes with files, not with pipes, --variants or --confidence")
    if (skip_color or keep_times) and (streamed or variants is not None or confidence is not None):
        raise UsageError("--skip-color and --keep-times go with files, not with pipes, --variants or --confidence")
    if filing.scenes is not None and filing.scenes.exists() and not filing.scenes.is_dir():
        raise UsageError(f"--save-scene {filing.scenes} is a file; scenes of several photos need a folder")
    if save_scene is not None and not folders:
        return scenes.painted(colorizer(), Path(named[0]), settings, output, overwrite, save_scene, filing)

    if variants is not None or confidence is not None:
        if folders or named[0] == STREAM:
            raise UsageError("--variants and --confidence take one photo")
        return explore(colorizer(), Path(named[0]), settings, output, overwrite, variants, confidence)
    if STREAM in named:
        if len(named) > 1 or watch:
            raise UsageError("- (stdin) stands alone")
        return _stream(colorizer(), settings, output, overwrite)
    if streamed:
        if len(named) != 1 or watch:
            raise UsageError("-o - (stdout) takes exactly one photo")
        return _stream(colorizer(), settings, output, overwrite, Path(named[0]))
    if watch is not None:
        if named:
            raise UsageError("--watch takes its photos from the folder alone")
        return watching.watch(
            watch, output, recursive, exclude or (), _run(colorizer(1), settings, overwrite, jobs, filing)
        )
    selection = select(map(Path, named), output, recursive, settings.format, exclude or ())
    runs.prepare(selection)
    alone = len(selection.items) == 1
    made = colorizer(None if alone else 1)
    made.preload()
    _single_threaded_parts(alone)
    return runs.follow(_run(made, settings, overwrite, 1 if alone else jobs, filing), selection)


def _run(colorizer: Colorizer, settings: Settings, overwrite: bool, jobs: int | None, filing: Filing) -> Run:
    from dataclasses import replace

    from barva.archive.run import Run

    return Run(colorizer, replace(settings, references=colorizer.references), overwrite, jobs, filing)


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
    from barva.archive.run import check_target, pages, paint
    from barva.engine.result import save_pages

    source: Path | bytes = path if path is not None else sys.stdin.buffer.read()
    if source == b"":
        raise ReadError("stdin is empty")
    to_stdout = output is None or str(output) == STREAM
    photos = pages(source, settings)
    check_target(None if to_stdout else output, photos, settings.format, overwrite)
    results = paint(colorizer, photos, settings)
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
