"""`barva say`: what is understood of an instruction, and which objects it is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import answers
from barva.cli import options as o

if TYPE_CHECKING:
    from barva.language import Outcome, Step


def add(app: typer.Typer) -> None:
    app.command(name="say")(say)


def say(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo.")],
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What to color, in words; or a text file.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what was understood of each clause, which object, how sure.")
    ] = False,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="FILE.png", help="Draw the objects that are meant.")
    ] = None,
    scene: Annotated[
        Path | None, typer.Option("--scene", help="A scene (JSON-LD) of the photo; else Barva looks itself.")
    ] = None,
    save_scene: Annotated[
        Path | None, typer.Option("--save-scene", metavar="FILE", help="Write the scene with what the words ask for.")
    ] = None,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    overwrite: o.Overwrite = False,
) -> int:
    """Try an instruction without coloring: what is understood, and the objects it is about."""
    from barva.cli import notes, words
    from barva.cli.outputs import PHOTO, check_outputs
    from barva.engine import pipeline
    from barva.language import explain as explained

    check_outputs(
        pictures={"--overlay": overlay},
        texts={"--save-scene": save_scene},
        inputs={PHOTO: [photo], "--scene": [scene]},
        overwrite=overwrite,
    )
    picture = pipeline.read(photo, page=page, salvage=salvage, max_pixels=max_pixels)
    known, fitting = words.scene_of(picture, scene)
    outcome = explained(words.join_texts(text), known)
    notes.report(fitting)
    if (error := outcome.error) is not None and not explain:
        raise error
    _show(outcome, explain)
    if overlay is not None:
        from barva.cli.overlay import save

        save(picture, outcome.scene, [id for step in outcome.steps for id in step.things], overlay, overwrite)
        typer.echo(str(overlay))
    if outcome.problems:
        notes.report(outcome.problems)
        if outcome.rest:
            typer.echo(f"without it: {outcome.rest!r}")
        return 2
    if save_scene is not None:
        outcome.scene.save(save_scene, overwrite=overwrite)
        typer.echo(str(save_scene))
    return 0


def _show(outcome: Outcome, explain: bool) -> None:
    """One line a clause; with `explain` also what was understood and what was not certain."""
    for step in outcome.steps:
        answers.show_lines(_lines(step, explain))


def _lines(step: Step, explain: bool) -> list[str]:
    if step.problem:
        head = f"{step.words}: not done"
    else:
        head = f"{step.words}: {', '.join(step.things)} - {step.effect}, {step.certainty:.0%} sure"
    if not explain:
        return [head]
    return [head, f"  understood: {step.clause}", *(f"  note: {note}" for note in step.notes)]
