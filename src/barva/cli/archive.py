"""`barva archive`: many photos, on many processors, and questions about them afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import answers
from barva.cli import options as o
from barva.cli.answers import AsCsv, AsJson
from barva.cli.notes import report as report_notes
from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.archive.job import Job
    from barva.archive.page_files import FileOptions
    from barva.archive.select import Selection
    from barva.engine.colorizer import Colorizer

Source = Annotated[str, typer.Argument(help="A folder, a URL (s3://...), or a list: .txt, .parquet with `path`.")]
Target = Annotated[str, typer.Argument(help="What `barva archive color` wrote to: a folder or a URL.")]


def add(app: typer.Typer) -> None:
    group = typer.Typer(help="An archive: color it on all processors or a cluster, and ask what it holds.")
    for command in (color, plan, report, sql, find, query):
        group.command(name=command.__name__)(command)
    app.add_typer(group, name="archive")


def color(
    source: Source,
    to: Annotated[str, typer.Option("--to", metavar="TARGET", help="A folder or URL for results and the index.")],
    engine: Annotated[str, typer.Option("--engine", metavar="local|ray", help="Where photos are colored.")] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="Address of a Ray cluster: ray://HOST:10001.")
    ] = None,
    perceive: Annotated[bool, typer.Option("--perceive", help="Look for objects, for `find` and `query`.")] = False,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, max=1000, help="Color this many for approval, with a contact sheet."),
    ] = None,
    below: Annotated[
        Path | None,
        typer.Option("--below", help="For a list: results lie as their photos lie below this folder."),
    ] = None,
    method: o.Method = "guided",
    vividness: o.Vividness = 1.0,
    seed: o.Seed = 0,
    palette: o.Palette = None,
    no_skin: o.NoSkin = False,
    exclude: o.Exclude = None,
    skip_color: o.SkipColor = False,
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
    keep_times: o.KeepTimes = False,
    jobs: o.Jobs = None,
) -> int:
    """Color an archive, folders in folders too. TARGET/.barva/index keeps what was learned of each photo. Run it
    again after a stop, a kill or new photos: what is finished stays."""
    from barva.archive.job import Job
    from barva.archive.page_files import FileOptions
    from barva.cli import runs
    from barva.engine.colorizer import Colorizer
    from barva.engine.request import Request
    from barva.engine.steer.palette import load_palette
    from barva.imaging.write import format_of

    chosen = None if format is None else format_of(format)
    files = FileOptions(
        chosen, quality, None, salvage, max_pixels, not no_provenance, overwrite, skip_color, keep_times
    )
    job = Job(source, to, files, tuple(exclude or ()), engine, address, jobs, perceive, below)
    request = Request(vividness=vividness, seed=seed, skin=not no_skin)
    if palette is not None:
        request = replace(request, palette=load_palette(palette))
    colorizer = Colorizer(method, threads=1, request=request)
    selection = job.select()
    if sample is not None:
        return _sample(job, colorizer, selection, sample)
    run = job.run(colorizer)
    with contextlib.closing(run), job.record(run) as record:
        if perceive:
            run.look_again(record.lacks_objects)
        runs.prepare(selection)
        code = runs.run_many(run, selection, record.follow)
    return runs.report_left_out(selection) or code


def _sample(job: Job, colorizer: Colorizer, selection: Selection, count: int) -> int:
    """Color a few, and put them beside their photos on one sheet, for one run at a time."""
    from barva.archive import job as jobs
    from barva.imaging.write import make_folder
    from barva.runtime.locks import lock_or_refuse

    if job.is_staged:
        raise UsageError("--sample takes photos and results in folders")
    if job.engine != "local":
        report_notes(["the sample is colored on this machine"])
    items = jobs.sample(selection, count, job.target)
    folder = Path(job.target) / jobs.SAMPLE
    make_folder(folder)
    lock = lock_or_refuse(folder / ".lock", f"makes a sample in {job.target}")
    try:
        chosen = replace(selection, items=tuple(items), rest=None, count=None, into=folder)
        return _color_sample(job, colorizer, chosen)
    finally:
        lock.release()


def _color_sample(job: Job, colorizer: Colorizer, chosen: Selection) -> int:
    from barva.archive.run import Run
    from barva.cli import runs

    assert chosen.into is not None
    for old in chosen.into.glob("[0-9][0-9][0-9][0-9]-*"):  # of another sample
        old.unlink()
    files = replace(job.files, overwrite=True)
    code = runs.run_many(Run(colorizer, files, job.jobs, processes=True), chosen)
    sheet = chosen.into / "sheet.png"
    _write_sheet(sheet, [(item.source, item.output) for item in chosen.items], files)
    typer.echo(str(sheet))
    return code


def _write_sheet(path: Path, pairs: Sequence[tuple[Path, Path]], files: FileOptions) -> None:
    """Photos and results in two columns; what could not be colored is left out."""
    import numpy as np

    from barva.archive.page_files import pages
    from barva.errors import BarvaError
    from barva.evaluation.report import sheet

    rows = []
    for source, output in pairs:
        try:
            pictures = [pages(name, replace(files, page=None))[0].shrink(256) for name in (source, output)]
        except BarvaError:
            continue
        rows.append((source.name, [(np.clip(p, 0, 1) * 255).round().astype(np.uint8).squeeze() for p in pictures]))
    if rows:
        sheet(rows, path, columns=("photo", "result"))


def plan(
    source: Source,
    method: o.Method = "guided",
    exclude: o.Exclude = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    jobs: o.Jobs = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a table of all photos, broken and doubled too, as CSV.")
    ] = None,
    overwrite: o.Overwrite = False,
) -> int:
    """Say what an archive holds and what coloring it would take: formats, tones, broken and doubled photos, hours and
    bytes. Nothing is colored, and nothing written but the table that -o names."""
    from barva.archive import plan as plans
    from barva.archive.job import select_photos
    from barva.archive.page_files import FileOptions
    from barva.archive.places import is_url
    from barva.cli import runs
    from barva.cli.outputs import check_outputs
    from barva.engine.colorizer import Colorizer
    from barva.files import write_whole

    if is_url(source):
        raise UsageError("`plan` looks at folders and lists on this machine")
    check_outputs(texts={"-o": output}, overwrite=overwrite)
    files = FileOptions(salvage=salvage, max_pixels=max_pixels)
    selection = select_photos(source, None, files, exclude or ())
    looked_at, with_rows = runs.with_bar(selection, "looking"), output is not None
    found = plans.survey(looked_at, Colorizer(method, threads=1), files, jobs, True, with_rows)
    answers.show_lines(found.lines())
    if output is not None:
        text = answers.csv_text([plans.COLUMNS, *found.table()])
        write_whole(output, text.encode("utf-8", "surrogateescape"), overwrite)
        typer.echo(str(output))
    return runs.report_left_out(selection)


def report(
    target: Target,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("report.html"),
    overwrite: o.Overwrite = False,
) -> None:
    """Write a page on an archive: counts, errors by kind, the least sure results, color casts, time."""
    from barva.archive.index.report import write_report
    from barva.archive.places import place_of
    from barva.cli.outputs import check_outputs
    from barva.files import write_whole

    check_outputs(texts={"-o": output}, overwrite=overwrite)
    page, notes = write_report(place_of(target))
    report_notes(notes)
    write_whole(output, page.encode("utf-8", "replace"), overwrite)
    typer.echo(str(output))


def sql(
    target: Target,
    question: Annotated[str, typer.Argument(metavar="SELECT", help="SQL over the table `photos`.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask the index in SQL, such as "SELECT state, count(*) FROM photos GROUP BY state"."""
    from barva.archive.index import find as questions
    from barva.archive.places import place_of

    columns, rows, notes = questions.sql(place_of(target), question)
    report_notes(notes)
    answers.show(columns, rows, as_json, as_csv)


def find(
    target: Target,
    kind: Annotated[str | None, typer.Option("--kind", help="Things of a kind: car, animal, clothing ...")] = None,
    color: Annotated[str | None, typer.Option("--color", help="Things of about this color.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Find photos by what they show: photo, result, thing and kind, with tabs between."""
    from barva.archive.index import find as questions
    from barva.archive.index.find import Finding
    from barva.archive.places import place_of

    if kind is None and color is None:
        raise UsageError("name what to find: --kind, --color, or both")
    findings, notes = questions.find(place_of(target), kind, color)
    report_notes(notes if findings else (*notes, "nothing fits"))
    answers.show(Finding._fields, findings, as_json, as_csv)


def query(
    target: Target,
    question: Annotated[str, typer.Argument(metavar="SPARQL", help="SELECT or ASK, as in `barva scene query`.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask the scenes of an archive in SPARQL."""
    from barva.archive import graph
    from barva.archive.places import place_of

    answer = graph.ask(place_of(target), question)
    answers.show(answer.columns, answer.rows, as_json, as_csv)
