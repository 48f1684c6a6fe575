"""`barva colorize`: photos in, color photos out."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import options as o
from barva.cli.notes import report_notes
from barva.errors import ReadError, UsageError, WriteError

if TYPE_CHECKING:
    from barva.archive.page_files import FileOptions
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
    steps: o.Steps = None,
    like: o.Like = None,
    resample: o.Resample = None,
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
        int | None, typer.Option("--variants", min=1, max=100, help="How many different colorings of one photo.")
    ] = None,
    confidence: Annotated[
        Path | None, typer.Option("--confidence", help="Write how sure the method is, as a gray PNG: white is sure.")
    ] = None,
    exact: o.Exact = False,
    matching: o.Matching = "texture",
    no_skin: o.NoSkin = False,
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
        Path | None, typer.Option("--watch", help="Color every photo that appears in this folder.")
    ] = None,
) -> int:
    """Color photos. NAME.jpg becomes NAME.color.jpg beside it, or goes where -o says."""
    named = sources or []
    if not named and watch is None:
        raise UsageError("name a photo, a folder, or --watch FOLDER")
    folders = watch is not None or len(named) != 1 or Path(named[0]).is_dir()
    from barva.archive.page_files import FileOptions
    from barva.archive.run import Run
    from barva.archive.select import select
    from barva.cli import runs, watching, words
    from barva.cli import scene as scenes
    from barva.cli.explore import explore, parse_swatch
    from barva.cli.outputs import PHOTO, check_outputs, hint_files, reference_files, region_files, scene_files
    from barva.cli.sampling import parse_sampling
    from barva.engine.colorizer import Colorizer
    from barva.engine.prepare.sources import request_from_sources
    from barva.engine.request import Request
    from barva.engine.request_checks import guidance_of
    from barva.guidance import parse
    from barva.methods import catalog

    numbers = {"vividness": vividness, "strength": strength, "seed": seed}
    stored_scene = None
    if scene is not None:
        _alone(named, watch, "--scene goes with one photo")
        stored_scene, method = scenes.load(scene, context, method)
        numbers = {name: value for name, value in numbers.items() if scenes.is_given(context, name)}
    sampling = parse_sampling(steps, like, resample or ())
    if sampling.redraw:
        _alone(named, watch, "--resample goes with one photo")
    request = Request(exact=exact, matching=matching, skin=not no_skin, scene=stored_scene, sampling=sampling)
    request = request.with_settings(**numbers)
    files = FileOptions(
        _known_format(format),
        quality,
        page,
        salvage,
        max_pixels,
        not no_provenance,
        overwrite,
        skip_color,
        keep_times,
        save_scene if folders else None,
    )
    marks = parse.guidance(point or [], stroke or [], region or [], mask or [], guidance)
    if marks is None and save_guidance is not None:
        raise UsageError("--save-guidance has nothing to save: there is no mark")
    if marks is not None:
        _check_marks(marks, named, watch, files)
    swatches, text = [parse_swatch(text) for text in swatch or []], words.join_texts(say)

    def colorizer(threads: int | None = None) -> Colorizer:
        pictures = request_from_sources(catalog.card(method), reference or (), swatches, palette)
        full = replace(
            request,
            guidance=guidance_of(marks),
            references=pictures.references,
            swatches=pictures.swatches,
            palette=pictures.palette,
            text=text,
        )
        return Colorizer(method, threads=threads, request=full)

    streamed = STREAM in named or str(output) == STREAM
    if save_scene is not None and (streamed or variants is not None or confidence is not None):
        raise UsageError("--save-scene goes with files, not with pipes, --variants or --confidence")
    if (skip_color or keep_times) and (streamed or variants is not None or confidence is not None):
        raise UsageError("--skip-color and --keep-times go with files, not with pipes, --variants or --confidence")
    if files.scenes is not None and files.scenes.exists() and not files.scenes.is_dir():
        raise UsageError(f"--save-scene {files.scenes} is a file; scenes of several photos need a folder")
    if (variants is not None or confidence is not None) and (folders or streamed):
        raise UsageError("--variants and --confidence take one photo, and write files")
    if not folders:
        results = _results(named[0], output, files.format, variants)
        kept_scene = scenes.scene_path(save_scene, results[0]) if results else None
        check_outputs(
            results,
            pictures={"--confidence": confidence},
            texts={"--save-guidance": save_guidance, "--save-scene": kept_scene},
            inputs={
                PHOTO: [Path(named[0])],
                "--region": region_files(region),
                "--mask": mask or (),
                "--reference": reference_files(reference),
                "--palette": [Path(palette)] if palette else (),
                "--guidance": hint_files(guidance, marks),
                "--scene": scene_files(scene, stored_scene),
            },
            overwrite=overwrite,
        )

    def color() -> int:
        if save_scene is not None and not folders:
            return scenes.color_one(colorizer(), Path(named[0]), files, output, save_scene)
        if variants is not None or confidence is not None:
            return explore(colorizer(), Path(named[0]), files, output, variants, confidence)
        if STREAM in named:
            if len(named) > 1 or watch:
                raise UsageError("- (stdin) stands alone")
            return _stream(colorizer(), files, output)
        if streamed:
            if len(named) != 1 or watch:
                raise UsageError("-o - (stdout) takes exactly one photo")
            return _stream(colorizer(), files, output, Path(named[0]))
        if watch is not None:
            if named:
                raise UsageError("--watch takes its photos from the folder alone")
            return watching.watch(watch, output, recursive, exclude or (), Run(colorizer(1), files, jobs))
        selection = select(map(Path, named), output, recursive, files.format, exclude or ())
        alone = len(selection.items) == 1  # a folder that is listed as it is colored has many
        ready = colorizer(None if alone else 1)
        runs.prepare(selection)
        ready.preload()
        _single_threaded_parts(alone)
        return runs.follow(Run(ready, files, 1 if alone else jobs, processes=True), selection)

    code = color()
    if marks is not None and save_guidance is not None and code == 0:  # a failed run can be tried again as it is
        marks.save(save_guidance, overwrite=overwrite)
    return code


def _results(name: str, output: Path | None, format_: str | None, variants: int | None) -> list[Path]:
    """The files that one photo becomes; none where they go to stdout."""
    from barva.cli.explore import variant_names
    from barva.cli.outputs import target_of

    if str(output) == STREAM or (name == STREAM and output is None):
        return []
    if name == STREAM and output is not None:
        return [output]
    target = target_of(Path(name), output, format_)
    return [target] if variants is None else variant_names(target, variants)


def _alone(named: list[str], watch: Path | None, why: str) -> None:
    if watch is not None or len(named) != 1 or Path(named[0]).is_dir():
        raise UsageError(f"{why}: name it alone")


def _check_marks(marks: Guidance, named: list[str], watch: Path | None, files: FileOptions) -> None:
    """Whether there is one photo, and all marks lie on it: a bad mark is a bad request, not a bad photo."""
    from barva.archive.page_files import pages
    from barva.guidance import resolve

    _alone(named, watch, "marks belong to one photo")
    if named[0] != STREAM and Path(named[0]).exists():
        for photo in pages(Path(named[0]), files):
            resolve.check(marks, (photo.height, photo.width))


def _known_format(name: str | None) -> str | None:
    from barva.imaging.write import format_of

    return None if name is None else format_of(name)


def _single_threaded_parts(alone: bool) -> None:
    """Photos side by side use the cores better than threads inside each (OpenCV's included)."""
    import cv2

    if not alone:
        cv2.setNumThreads(1)


def _stream(colorizer: Colorizer, files: FileOptions, output: Path | None, path: Path | None = None) -> int:
    """stdin to stdout or a file; or a named photo to stdout."""
    from barva.archive.page_files import check_target, pages, save

    source: Path | bytes = path if path is not None else sys.stdin.buffer.read()
    if source == b"":
        raise ReadError("stdin is empty")
    to_stdout = output is None or str(output) == STREAM
    target = None if to_stdout else output
    photos = pages(source, files)
    check_target(target, photos, files.format, files.overwrite)
    results = [colorizer.colorize(photo) for photo in photos]
    written = save(results, target, files, to_bytes=to_stdout)
    if to_stdout:
        _to_stdout(written.data or b"")
    report_notes([*results, written])
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
