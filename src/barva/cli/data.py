"""`barva data`: photos made ready for training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barva.errors import BarvaError, ReadError

if TYPE_CHECKING:
    from barva.training.filters import Exclusion
    from barva.training.parallel import Progress
    from barva.training.sources import Facts

Exclude = Annotated[
    Path | None, typer.Option("--exclude", help="JSON list of photos to leave out: git blob ids and difference hashes.")
]
Labels = Annotated[str, typer.Option("--labels", help="auto (what the layout knows), folder (its name) or none.")]


def add(app: typer.Typer) -> None:
    group = typer.Typer(help="Make photos ready for training.")
    for command in (pack, cache, masks, label, info):
        group.command(name=command.__name__)(command)
    app.add_typer(group, name="data")


def pack(
    folder: Annotated[Path, typer.Argument(help="A folder of photos, as in ImageNet, COCO, Caltech, or in any order.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the shards.")],
    name: Annotated[str | None, typer.Option("--name", help="Name of the shards; default: the folder's.")] = None,
    side: Annotated[int, typer.Option("--side", min=64, max=512, help="Short side in pixels; never enlarged.")] = 128,
    layout: Annotated[str, typer.Option("--layout", help="auto, imagenet, coco, caltech or flat.")] = "auto",
    labels: Labels = "auto",
    exclude: Exclude = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write a JSON line for each photo left out.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace shards of this name, and the report.")
    ] = False,
) -> None:
    """Pack a folder of photos into Parquet shards; gray, broken and repeated ones are left out and counted."""
    from barva.cli.outputs import check_outputs
    from barva.training import pack as packing
    from barva.training.filters import Rules

    check_outputs(texts={"--report": report}, inputs={"--exclude": [exclude]}, overwrite=overwrite)
    rules = Rules(side, exclusion(exclude))
    with _bar() as progress:
        packed = packing.pack(
            folder,
            output,
            name,
            rules,
            layout=layout,
            labels=labels,
            report=report,
            overwrite=overwrite,
            progress=progress,
        )
    shards = "1 shard" if len(packed.shards) == 1 else f"{len(packed.shards)} shards"
    typer.echo(f"{packed.photos} photos packed into {shards}, {packed.size / 1e6:.1f} MB, in {output}")
    _report_skipped(packed.skipped)


def cache(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Shards, folders of shards or of photos.")],
    folder: Annotated[Path, typer.Option("--cache", help="The folder for the caches.")],
    side: Annotated[
        int | None, typer.Option("--side", min=64, max=512, help="Short side; default: shards as is, photos 128.")
    ] = None,
    exclude: Exclude = None,
) -> None:
    """Decode photos into caches that training maps into memory; what has not changed is kept."""
    from barva.training.sources import open_sources, parse

    with _bar() as progress:
        collections = open_sources([parse(s) for s in sources], folder, side, exclusion(exclude), progress)
    width = max(len(o.name) for o in collections)
    for name, photos, _ in collections:
        typer.echo(f"{name:<{width}}  {len(photos):>8} photos  {photos.pixels.size / 1e6:>8.1f} MB")
        _report_skipped(photos.skipped)


def masks(
    collections: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders of photos/, masks/ and source.json.")
    ],
    folder: Annotated[Path, typer.Option("--cache", help="The folder for the caches.")],
    side: Annotated[int, typer.Option("--side", min=64, max=512, help="Short side in pixels; never enlarged.")] = 320,
    exclude: Exclude = None,
) -> None:
    """Decode photos with masks (index or color PNG, COCO JSON, YOLO polygons) for the recipe perception."""
    from barva.training import masks as collected

    left_out = exclusion(exclude)
    for collection in collections:
        cached = collected.build(collection, folder / collection.resolve().name, left_out, side)
        typer.echo(f"{cached.collection.name}  {len(cached)} photos with masks")
        _report_skipped(cached.skipped)


def label(
    photos: Annotated[Path, typer.Argument(metavar="PHOTOS", help="A folder of color photos of landscapes.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The new collection's folder.")],
    scene: Annotated[
        str,
        typer.Option("--scene", help="What all the photos show: any, forest, sea, mountain or glacier."),
    ] = "any",
    most: Annotated[int, typer.Option("--most", min=1, help="Stop after so many labeled photos.")] = 2000,
) -> None:
    """Label sky, plants, water, mountains and snow where their colors give them away; barva data masks reads it."""
    from barva.training import color_labels

    count = color_labels.write_collection(photos, output, scene, most)
    typer.echo(f"{count} photos labeled in {output}")


def info(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Shards, caches, or folders of them.")],
) -> None:
    """Show what shards and caches hold: photos, short sides, labels, mean chroma."""
    from barva.training.sources import describe, expand

    facts, failed = [], []
    for kind, path in (pair for p in paths for pair in expand(p)):
        try:
            facts.append(describe(kind, path))
        except ReadError as error:  # the others can be shown all the same
            failed.append(error)
    width = max((len(f.path.name) for f in facts), default=0)
    for row in facts:
        typer.echo(f"{row.path.name:<{width}}  {_facts_text(row)}")
    if len(facts) > 1:
        typer.echo(f"{'all':<{width}}  {sum(f.photos for f in facts):>8} photos")
    if failed:
        raise _join_errors(failed)


def _facts_text(facts: Facts) -> str:
    low, middle, high = facts.sides
    sides = f"{low} px" if low == high else f"{low}-{high} px (median {middle})"
    count = "1 label" if facts.labels == 1 else f"{facts.labels or 'no'} labels"
    labels = f"{count} on {facts.labelled:.0%}" if facts.labels else count
    size = f"{facts.size / 1e6:.1f} MB"
    return f"{facts.photos:>8} photos  {sides:<25}  {labels:<22}  chroma {facts.chroma:>4.1f}  {size:>9}  {facts.kind}"


def _join_errors(errors: list[ReadError]) -> BarvaError:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ReadError(f"{errors[0]}{more}")


def _report_skipped(skipped: dict[str, int]) -> None:
    if skipped:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(skipped.items(), key=lambda s: (-s[1], s[0])))
        typer.echo(f"  left out: {kinds}")


def exclusion(file: Path | None) -> Exclusion | None:
    """The list of photos to leave out, if one is given."""
    from barva.training.filters import Exclusion

    return Exclusion(file) if file else None


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on stderr, one line for each thing worked on; nothing where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    tasks: dict[str, Any] = {}
    with Bar(console=console, disable=not console.is_terminal) as bar:

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield progress
