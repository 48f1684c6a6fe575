"""`barva film`: a black-and-white film in color."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import options as o
from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.engine.request import Request
    from barva.film.guided import FrameGuidance
    from barva.guidance.marks import Guidance


def add(app: typer.Typer) -> None:
    app.command(name="film")(film)


def film(
    context: typer.Context,
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="FILM...", help="Films: any files that FFmpeg reads; folders; lists of films (.txt)."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file to write, of several films a folder; default: NAME.color.EXT beside each."
        ),
    ] = None,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Where to begin: seconds, or 1:20.")] = "0",
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where to end.")] = None,
    preview: Annotated[
        int | None,
        typer.Option(
            "--preview", min=1, max=100, help="Only this many frames from the whole film, as one picture (PNG)."
        ),
    ] = None,
    still: Annotated[
        Path | None,
        typer.Option("--still", metavar="PNG", help="Only the frame at --at, as it is: to mark it, or for its scene."),
    ] = None,
    method: o.Method = "guided",
    vividness: o.Vividness = 1.0,
    strength: o.Strength = 1.0,
    seed: o.Seed = 0,
    reference: o.References = None,
    palette: o.Palette = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="The frame that marks, --say and --scene are about; they hold for its shot, and where its place is "
            "seen again. Repeatable, with a --scene or --guidance for each.",
        ),
    ] = None,
    point: o.Points = None,
    stroke: o.Strokes = None,
    region: o.Regions = None,
    mask: o.Masks = None,
    guidance: Annotated[
        list[Path] | None, typer.Option("--guidance", help="A hint file (JSON) with marks: one for each --at.")
    ] = None,
    say: o.Say = None,
    scene: Annotated[
        list[Path] | None, typer.Option("--scene", help="A scene (JSON-LD) of a frame: one for each --at.")
    ] = None,
    codec: Annotated[
        str | None, typer.Option("--codec", help="h264, h265, av1, ffv1 or prores; default: by the name's ending.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option("--quality", "-q", min=0, max=51, help="0 best, 18 by default, 51 smallest.")
    ] = None,
    lossless: Annotated[bool, typer.Option("--lossless", help="The decoded light is exactly the film's.")] = False,
    keep_color: Annotated[
        bool, typer.Option("--keep-color", help="Leave shots that are in color already as they are.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Shots of a film at a time; default: one for two cores.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", metavar="local|ray", help="Where films are colored.")] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="Address of a Ray cluster: ray://HOST:10001.")
    ] = None,
    salvage: o.Salvage = False,
    overwrite: o.Overwrite = False,
) -> int:
    """Color films without flicker: sound, subtitles and times come along, light stays. After a stop, the same
    command goes on where it was."""
    from barva.cli import film_run, words
    from barva.cli.scene import is_given
    from barva.cluster.connection import check_engine
    from barva.engine.prepare.sources import request_from_sources
    from barva.film.batch import FilmBatch
    from barva.film.pipeline import FilmOptions
    from barva.film.times import Span, seconds
    from barva.guidance import parse
    from barva.methods import catalog

    check_engine(engine, address)
    alone = len(sources) == 1 and not film_run.is_many(sources[0]) and engine == "local"
    if not alone and (at or still is not None or preview is not None):
        raise UsageError("--at, --still and --preview go with one film, colored here")
    if still is not None and (preview is not None or output is not None):
        raise UsageError("--still writes one frame, and nothing else: leave out --preview and -o")
    if lossless and quality is not None:
        raise UsageError("--lossless leaves nothing for --quality to decide: leave out one of them")
    if still is not None:
        return _save_still(sources[0], still, at or [], salvage=salvage, overwrite=overwrite)
    span = Span(seconds(start), None if end is None else seconds(end))
    request = request_from_sources(catalog.card(method), reference or (), (), palette)
    numbers = {"vividness": vividness, "strength": strength, "seed": seed}
    # what is not given a scene decides
    request = request.with_settings(**{name: value for name, value in numbers.items() if is_given(context, name)})
    text = words.join_texts(say)
    marks = parse.guidance(point or [], stroke or [], region or [], mask or [])
    if text and not at:
        request = request.with_settings(text=text)
    asked = _frame_guidance(request, at or [], marks, text, guidance or [], scene or [])
    options = FilmOptions(codec, quality, lossless, span, salvage, overwrite, keep_color, jobs)
    if not alone:
        return film_run.color_many(sources, output, FilmBatch(method, request, options), engine, address)
    if preview is not None:
        return film_run.save_sheet(sources[0], output, preview, method, request, options, asked)
    return film_run.color_one(sources[0], output, method, request, options, asked)


def _save_still(source: Path, target: Path, times: list[str], *, salvage: bool, overwrite: bool) -> int:
    """Write a frame of a film. UsageError: it is not said which."""
    from barva.film.preview import save_still
    from barva.film.times import seconds

    if len(times) != 1:
        raise UsageError("--still is one frame: name its time with one --at")
    save_still(source, target, seconds(times[0]), salvage=salvage, overwrite=overwrite)
    typer.echo(str(target))
    return 0


def _frame_guidance(
    request: Request, times: list[str], marks: Guidance | None, text: str, guidance: list[Path], scenes: list[Path]
) -> list[FrameGuidance]:
    """What is asked of the frames at `times`. UsageError: it is not said of which frame."""
    from barva.film.guided import FrameGuidance
    from barva.film.times import seconds
    from barva.guidance.marks import Guidance
    from barva.scene.model import Scene

    if not times:
        if marks is not None or guidance or scenes:
            raise UsageError("marks and scenes are about one frame: name its time with --at")
        return []
    for option, files in (("--guidance", guidance), ("--scene", scenes)):
        if files and len(files) != len(times):
            raise UsageError(f"there is one {option} for each --at: {len(times)}, not {len(files)}")
    if len(times) > 1 and (marks is not None or text):
        raise UsageError("marks and --say go with one --at; of several frames each has its --scene or --guidance")
    if marks is None and not (text or guidance or scenes):
        raise UsageError("--at has nothing to say of its frame: add marks, --say, --guidance or --scene")
    rows = []
    for n, time in enumerate(times):
        own = list(Guidance.load(guidance[n]).marks) if guidance else []
        own += [] if marks is None else list(marks.marks)
        rows.append(
            FrameGuidance(
                seconds(time),
                request.with_settings(
                    guidance=Guidance(tuple(own)) if own else None,
                    scene=Scene.load(scenes[n]) if scenes else None,
                    text=text or None,
                ),
            )
        )
    return rows
