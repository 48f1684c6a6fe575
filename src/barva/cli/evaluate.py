"""`barva evaluate`: how good are the colors, on photos whose colors are known?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.errors import UsageError
from barva.files import write_together

if TYPE_CHECKING:
    from barva.evaluation.benchmark import Step
    from barva.evaluation.contestants import Contestant, Task
    from barva.evaluation.extras import Extras
    from barva.evaluation.metrics import Picture
    from barva.evaluation.page import Gallery
    from barva.evaluation.prints import Prints


def add(app: typer.Typer) -> None:
    app.command(name="evaluate")(evaluate)


def evaluate(
    photos: Annotated[Path, typer.Argument(help="A folder or a tar of color photos.")],
    method: Annotated[
        list[str] | None, typer.Option("--method", "-m", help="Which method to score. Repeatable.")
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            "--compare",
            metavar="A,B|NAME=FOLDER",
            help="Methods to compare with the first one, photo by photo; NAME=FOLDER is another program's pictures.",
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option("--points", metavar="1,10,100", help="Also give each method this many points of true color."),
    ] = None,
    film: Annotated[bool, typer.Option("--film", help="Also color a simulated old print of each photo.")] = False,
    perceptual: Annotated[
        bool, typer.Option("--perceptual", help="Also LPIPS and FID, where torchmetrics finds their weights.")
    ] = False,
    vividness: Annotated[float, typer.Option("--vividness", help="As for colorize.")] = 1.0,
    skip_gray: Annotated[
        bool, typer.Option("--skip-gray", help="Leave out photos that are gray or of a single tone, such as sepia.")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N photos.")] = None,
    sheet: Annotated[Path | None, typer.Option("--sheet", help="Write a PNG: original, light, each method.")] = None,
    pictures: Annotated[
        int, typer.Option("--pictures", min=1, help="Photos on the sheet (the first) and the page (the worst).")
    ] = 24,
    json: Annotated[Path | None, typer.Option("--json", help="Write the scores as JSON lines.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write one page with pictures, worst first.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace reports that exist.")] = False,
) -> None:
    """Score methods on color photos: mean CIEDE2000 and more, beside the rows `grey` and `flat mean`."""
    from barva.cli.outputs import check_outputs

    texts = {"--json": json, "--html": html}
    check_outputs(pictures={"--sheet": sheet}, texts=texts, inputs={"PHOTOS": [photos]}, overwrite=overwrite)
    extras = _extras(_counts(points), film, perceptual, bool(compare))
    from barva.evaluation import benchmark, page, report
    from barva.evaluation.photos import keys_in
    from barva.evaluation.prints import Prints

    rivals = _contestants(method or [], compare or [], vividness, keys_in(photos)[:limit])
    broken: list[str] = []
    prints = Prints(skip_gray)
    source = itertools.islice(prints.watch(benchmark.photos_in(photos, broken)), limit)
    pictures_kept = _Kept(next(iter(rivals)), pictures, sheet is not None, html is not None)
    step = None
    for step in _with_bar(benchmark.steps(rivals, source, extras=extras), photos, limit):
        pictures_kept.add(step)
    if step is None:
        raise _nothing_measured(photos, broken, prints)
    for line in broken:
        typer.echo(f"barva: {line}; left out", err=True)
    result = report.add_notes(step.benchmark(), len(broken), prints.note())
    reports: dict[Path, bytes] = {}
    if sheet is not None:
        reports[sheet] = report.png(report.sheet(pictures_kept.rows, columns=pictures_kept.columns))
    if json is not None:
        reports[json] = report.json_lines(result).encode()
    if html is not None:
        reports[html] = page.html(result, pictures_kept.gallery).encode()
    write_together(reports)
    typer.echo(report.table(result))


def _nothing_measured(photos: Path, broken: list[str], prints: Prints) -> UsageError:
    if prints.found:
        return UsageError(f"{photos} holds no color photo: {prints.note()}")
    why = f" that can be read ({broken[0]})" if broken else ""
    return UsageError(f"{photos} holds no photo{why}")


class _Kept:
    """Small copies of what the sheet and the page show: nothing else of a photo outlives its turn."""

    def __init__(self, of: str, pictures: int, sheet: bool, html: bool) -> None:
        from barva.evaluation.page import Gallery

        self.gallery: Gallery = Gallery(of, pictures)
        self.columns: list[str] = []
        self.rows: list[tuple[str, list[Picture]]] = []
        self._most, self._html = pictures if sheet else 0, html

    def add(self, step: Step) -> None:
        from barva.evaluation.report import small
        from barva.evaluation.results import FLAT

        if self._html:
            self.gallery.add(step)
        if len(self.rows) < self._most:
            self.columns = [name for name in step.pictures if name != FLAT]
            self.rows.append((step.key, [small(step.pictures[name]) for name in self.columns]))


def _counts(points: str | None) -> tuple[int, ...]:
    if points is None:
        return ()
    try:
        return tuple(sorted({int(word) for word in points.split(",")}))
    except ValueError:
        raise UsageError(f"--points takes numbers such as 1,10,100, not '{points}'") from None


def _extras(counts: tuple[int, ...], film: bool, perceptual: bool, compare: bool) -> Extras:
    from barva.evaluation.extras import Extras

    simulate = measures = None
    notes: tuple[str, ...] = ()
    if film:
        from barva.training import film as films

        simulate = films.simulate
    if perceptual:
        from barva.training.perceptual import find

        measures, notes = find()
    return Extras(counts, simulate, measures, compare, notes)


def _contestants(methods: list[str], compare: list[str], vividness: float, keys: list[str]) -> dict[str, Contestant]:
    """Label -> who is measured on the photos `keys`, in the order in which they were named; others are compared with
    the first."""
    from barva.evaluation.benchmark import check_labels
    from barva.evaluation.contestants import contestant_from_folder
    from barva.methods import catalog

    named = dict.fromkeys(
        [(name, "") for name in methods] + [pair for value in compare for pair in _split_names(value)]
    )
    labels = [label for label, _ in named]
    if twice := {label for label in labels if labels.count(label) > 1}:
        raise UsageError(f"'{min(twice)}' is named twice; give the other pictures another name")
    if not named or (compare and len(named) == 1 and labels != [catalog.DEFAULT]):
        named = {(catalog.DEFAULT, ""): None, **named}
    if compare and len(named) == 1:
        raise UsageError(f"--compare holds methods against each other; name another one beside '{labels[0]}'")
    check_labels(labels)
    return {
        label: contestant_from_folder(folder, keys) if folder else _method(label, vividness) for label, folder in named
    }


def _split_names(value: str) -> Iterator[tuple[str, str]]:
    """(label, folder or nothing) of each name in one `--compare`; a comma in an existing folder's name separates
    nothing."""
    names, _, folder = value.partition("=")
    words = value.split(",")
    if folder and Path(folder).is_dir():
        *others, label = names.split(",")
        words = [*others, f"{label}={folder}"]
    for word in words:
        label, equals, folder = (part.strip() for part in word.partition("="))
        if not label or (equals and not folder):
            raise UsageError(f"--compare takes methods, and NAME=FOLDER for pictures made elsewhere, not '{value}'")
        yield label, folder


def _method(name: str, vividness: float) -> Contestant:
    import numpy as np

    from barva.engine.colorizer import Colorizer
    from barva.evaluation.contestants import Contestant

    colorizer = Colorizer(name)
    if "reference" in colorizer.card.needs:
        raise UsageError(f"{name} takes its colors from a reference, and evaluate gives none: name another")
    # loads the network: the first photo's seconds are then like the others'
    colorizer.colorize(np.full((32, 32), 128, np.uint8), vividness=vividness).array()

    def paint(task: Task) -> Picture:
        answer: Picture = colorizer.colorize(task.light, vividness=vividness, hints=task.hints).array()
        return answer

    return Contestant(paint, takes_hints=True)


def _with_bar(steps: Iterable[Step], photos: Path, limit: int | None) -> Iterable[Step]:
    from rich.console import Console
    from rich.progress import track

    from barva.evaluation.photos import count

    console = Console(stderr=True)
    if not console.is_terminal:
        return steps
    limits = [n for n in (count(photos), limit) if n is not None]
    return track(steps, "measuring", min(limits, default=None), console=console)
