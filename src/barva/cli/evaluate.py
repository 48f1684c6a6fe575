"""`barva evaluate`: how good are the colours, on photos whose colours are known?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from barva.errors import UsageError, WriteError


def add(app: typer.Typer) -> None:
    app.command(name="evaluate")(evaluate)


def evaluate(
    photos: Annotated[Path, typer.Argument(help="A folder or a tar of colour photos.")],
    method: Annotated[list[str] | None, typer.Option("--method", "-m", help="Repeat for several.")] = None,
    vividness: Annotated[float, typer.Option("--vividness", help="As for colorize.")] = 1.0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N photos.")] = None,
    sheet: Annotated[Path | None, typer.Option("--sheet", help="Write a PNG: original, light, each method.")] = None,
    pictures: Annotated[int, typer.Option("--pictures", min=1, help="How many photos the sheet and page show.")] = 24,
    json: Annotated[Path | None, typer.Option("--json", help="Write the scores as JSON lines.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write one page with pictures, worst first.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace reports that exist.")] = False,
) -> None:
    """Score methods on colour photos: mean CIEDE2000 and more, beside the rows grey and flat mean."""
    for path in (sheet, json, html):
        if path is not None and path.exists() and not overwrite:
            raise WriteError(f"{path} exists; --overwrite replaces it")
        if path is not None and not path.parent.is_dir():
            raise WriteError(f"{path}: there is no folder {path.parent}")
    from barva.evaluation import benchmark, report

    callables = {name: _callable(name, vividness) for name in method or ["guided"]}
    source = itertools.islice(benchmark.photos_in(photos), limit)
    shown: list[tuple[str, Any]] = []
    last = None
    for last in _with_bar(benchmark.steps(callables, source), limit):
        if len(shown) < pictures:
            shown.append((last.key, last.pictures))
    if last is None:
        raise UsageError(f"{photos} holds no photo")
    result = last.benchmark()
    typer.echo(report.table(result))
    if json is not None:
        _put(json, report.json_lines(result))
    if sheet is not None:
        columns = [c for c in shown[0][1] if c != benchmark.FLAT]
        report.sheet([(key, [p[c] for c in columns]) for key, p in shown], sheet, columns=columns)
    if html is not None:
        report.html(result, shown, html)


def _callable(name: str, vividness: float) -> Callable[[Any], Any]:
    from barva.engine.colorizer import Colorizer

    colorizer = Colorizer(name)

    def answer(grey: Any) -> Any:
        return colorizer.colorize(grey, vividness=vividness).array()

    return answer


def _with_bar(steps: Any, total: int | None) -> Any:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(steps, "measuring", total, console=console, disable=not console.is_terminal)


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{path} cannot be written: {error.strerror}") from None
