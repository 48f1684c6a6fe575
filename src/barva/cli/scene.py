"""`barva scene`: what is known about a photo, shown, edited, and painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barva.cli import answers
from barva.cli import options as o
from barva.cli.answers import AsCsv, AsJson
from barva.cli.notes import report, report_notes
from barva.errors import UsageError

if TYPE_CHECKING:
    from barva.archive.page_files import FileOptions
    from barva.engine.colorizer import Colorizer
    from barva.scene.model import Scene

File = Annotated[Path, typer.Argument(metavar="FILE", help="A scene (JSON-LD).")]
SceneMethod = Annotated[
    str, typer.Option("--method", "-m", show_default=False, help="Which method colors; without it the scene's own.")
]


def _many(name: str, form: str, text: str) -> object:
    return typer.Option(name, metavar=form, help=f"{text} Repeatable.")


def add(app: typer.Typer) -> None:
    group = typer.Typer(help="What is known about a photo: show it, edit it, paint it.")
    for command in (show, edit, apply, query):
        group.command(name=command.__name__)(command)
    app.add_typer(group, name="scene")


def show(file: File) -> None:
    """Show a scene as a tree: its things, and what is known of each."""
    from barva.scene import show as showing
    from barva.scene.model import Scene

    typer.echo(showing.text(Scene.load(file)), nl=False)


def edit(
    file: File,
    add: Annotated[list[str] | None, _many("--add", "ID=WHERE", "A new thing: X,Y, box:, polygon: or MASK.")] = None,
    rename: Annotated[list[str] | None, _many("--rename", "ID=NEW", "Another id.")] = None,
    kind: Annotated[list[str] | None, _many("--kind", "ID=KIND", "What it is: coat, face, sky ...")] = None,
    words: Annotated[list[str] | None, _many("--words", "ID=TEXT", "What there is to say of it.")] = None,
    part_of: Annotated[list[str] | None, _many("--part-of", "ID=WHOLE", "What it is a part of.")] = None,
    relate: Annotated[list[str] | None, _many("--relate", "ID=HOW:OTHER", "A relation: woman=wears:hat.")] = None,
    color: Annotated[
        list[str] | None,
        _many("--color", "ID=COLOR", "Its color; ,strength=0..1 and ,vividness=0..2 may follow, or stand alone."),
    ] = None,
    on: Annotated[list[str] | None, _many("--on", "ID", "Paint it again.")] = None,
    off: Annotated[list[str] | None, _many("--off", "ID", "Don't paint it, nor its parts; nothing is lost.")] = None,
    color_on: Annotated[list[str] | None, _many("--color-on", "ID", "Ask for its color again.")] = None,
    color_off: Annotated[list[str] | None, _many("--color-off", "ID", "Don't ask for its color.")] = None,
    remove: Annotated[list[str] | None, _many("--remove", "ID", "Take it out; its parts stay.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here, and leave FILE as it is.")] = None,
    overwrite: o.Overwrite = False,
) -> None:
    """Change a scene; what the options are not about stays as it was, known to Barva or not."""
    from barva.cli.outputs import check_outputs, is_same
    from barva.scene import edit as changes
    from barva.scene.model import Scene

    changed = (add, rename, kind, words, part_of, relate, color, on, off, color_on, color_off, remove)
    if not any(changed) and output is None:
        raise UsageError("say what to change, such as --color ID=COLOR; barva scene show lists the ids")
    scene = Scene.load(file)
    if output is not None and not is_same(output, file):
        check_outputs(texts={"-o": output}, overwrite=overwrite)
    pairs: list[tuple[str, list[str] | None, Callable[[Scene, str, str], Scene]]] = [
        ("--add", add, _add_thing),
        ("--rename", rename, changes.rename),
        ("--kind", kind, changes.set_kind),
        ("--words", words, changes.say),
        ("--part-of", part_of, changes.move),
        ("--relate", relate, _relate_things),
        ("--color", color, _paint_thing),
    ]
    for option, texts, change in pairs:
        for text in texts or []:
            with _name_errors(option, text):
                id, equals, rest = text.partition("=")
                if not equals or not id.strip() or not rest.strip():
                    raise UsageError("ID=... is wanted")
                scene = change(scene, id.strip(), rest.strip())
    switches: list[tuple[str, list[str] | None, Callable[[Scene, str], Scene]]] = [
        ("--on", on, lambda s, id: changes.turn(s, id, True)),
        ("--off", off, lambda s, id: changes.turn(s, id, False)),
        ("--color-on", color_on, lambda s, id: changes.turn_color(s, id, True)),
        ("--color-off", color_off, lambda s, id: changes.turn_color(s, id, False)),
        ("--remove", remove, changes.remove),
    ]
    for option, texts, switch in switches:
        for text in texts or []:
            with _name_errors(option, text):
                scene = switch(scene, text.strip())
    scene.save(output or file, overwrite=overwrite or output is None)


def apply(
    context: typer.Context,
    file: File,
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The photo that it came from, or another.")],
    output: o.Output = None,
    method: SceneMethod = "guided",
    format: o.Format = None,
    quality: o.Quality = None,
    overwrite: o.Overwrite = False,
    page: o.Page = None,
    salvage: o.Salvage = False,
    max_pixels: o.MaxPixels = None,
    no_provenance: o.NoProvenance = False,
    save_scene: o.SaveScene = None,
) -> int:
    """Color a photo as its scene says: by its method, with its marks, references and settings."""
    from barva.archive.page_files import FileOptions
    from barva.cli.outputs import PHOTO, check_outputs, scene_files, target_of
    from barva.engine.colorizer import Colorizer
    from barva.imaging.write import format_of

    chosen = None if format is None else format_of(format)
    files = FileOptions(chosen, quality, page, salvage, max_pixels, not no_provenance, overwrite)
    scene, method = load(file, context, method)
    target = target_of(photo, output, chosen)
    kept = scene_path(save_scene, target)
    check_outputs(
        [target],
        texts={"--save-scene": kept},
        inputs={PHOTO: [photo], "--scene": scene_files(file, scene)},
        overwrite=overwrite,
    )
    return color_one(Colorizer(method, scene=scene), photo, files, output, save_scene)


def query(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[SPARQL] SCENES...", help="A SPARQL query, unless a question is named; files, folders."
        ),
    ],
    find: Annotated[
        str | None, typer.Option("--find", metavar="KIND", help="Things of a kind: car, animal ...")
    ] = None,
    having: Annotated[
        str | None,
        typer.Option(
            "--with", metavar="WORDS", help="Things with others: 'person wearing uniform', 'house with door'."
        ),
    ] = None,
    color: Annotated[str | None, typer.Option("--color", help="Things of about this color.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask scenes: SPARQL, or a question by name. One row a line, cells with tabs between."""
    from barva.scene import query as queries

    named = find is not None or having is not None or color is not None
    question, paths = ("", arguments) if named else (arguments[0], arguments[1:])
    if not paths:
        raise UsageError("name the scenes to ask: files or folders")
    scenes, notes = queries.read(paths)
    report(notes)
    if named:
        matches = queries.find(scenes, find, having, color)
        answer = queries.Answer(("file", "thing", "kind"), tuple((m.file, m.thing, m.kind) for m in matches))
        report(() if matches else ("nothing fits",))
    else:
        answer = queries.ask(question, scenes)
    answers.show(answer.columns, answer.rows, as_json, as_csv)


def load(file: Path, context: typer.Context, method: str) -> tuple[Scene, str]:
    """A scene, and its method, unless the user chose one. UsageError, ReadError."""
    from barva.scene.model import Scene

    scene = Scene.load(file)
    return scene, method if is_given(context, "method") else scene.whole.manner.method or method


def is_given(context: typer.Context, option: str) -> bool:
    """Whether the user wrote an option, or left it at its default."""
    source = context.get_parameter_source(option)
    return source is not None and source.name not in ("DEFAULT", "DEFAULT_MAP")


def color_one(
    colorizer: Colorizer, path: Path, files: FileOptions, output: Path | None, save_scene: Path | None
) -> int:
    """Color one photo, and write its scene if it is wanted."""
    from barva.archive import sidecar
    from barva.archive.page_files import check_place, check_target, in_color, keep_times, pages, save
    from barva.engine.result import output_name

    photos = pages(path, files)
    target = output
    if output is None or output.is_dir():
        target = (output or path.parent) / output_name(path.name, files.format, photos[0].envelope.format)
    assert target is not None
    if save_scene is not None and len(photos) != 1:
        raise UsageError(f"{path} has {len(photos)} pages, and a scene is about one: choose it with --page")
    check_target(target, photos, files.format, files.overwrite)
    save_scene = scene_path(save_scene, target)
    if save_scene is not None:
        check_place(save_scene, files.overwrite)
    companions, notes = sidecar.find_sidecars(path, target)
    sidecar.check(companions, files.overwrite)
    if files.skip_color and in_color(photos):
        report(("this photo is in color already: it was left",), path.name)
        return 0
    results = [colorizer.colorize(photo) for photo in photos]
    written = save(results, target, files)
    notes = (*sidecar.copy(companions, photos[0], written.format, files.overwrite), *notes)
    if files.keep_times:
        notes = (*notes, *keep_times(path, target))
    if save_scene is not None:
        results[0].scene.save(save_scene, overwrite=files.overwrite)
    report_notes([*results, written], path.name)
    report(notes, path.name)
    typer.echo(str(written.path))
    return 0


def scene_path(save_scene: Path | None, target: Path) -> Path | None:
    """Where a result's scene goes: as named, or into the folder that is named."""
    from barva.archive.photo_work import SCENE

    return save_scene / f"{target.name}{SCENE}" if save_scene is not None and save_scene.is_dir() else save_scene


def _add_thing(scene: Scene, id: str, where: str) -> Scene:
    from barva.guidance import parse
    from barva.scene import edit as changes

    return changes.add(scene, id, *parse.place(where))


def _relate_things(scene: Scene, id: str, text: str) -> Scene:
    from barva.scene import edit as changes

    relation, colon, other = text.partition(":")
    if not colon:
        raise UsageError("HOW:OTHER is wanted, such as wears:hat")
    return changes.relate(scene, id, relation.strip(), other.strip())


def _paint_thing(scene: Scene, id: str, text: str) -> Scene:
    from barva.guidance import parse
    from barva.scene import edit as changes

    _, color, manner = parse.parts(f"{id}={text}", "ID=COLOR")
    return changes.paint(scene, id, color, manner.get("strength"), manner.get("vividness"))


@contextmanager
def _name_errors(option: str, text: str) -> Iterator[None]:
    """Puts the option and its text before what is wrong with it."""
    try:
        yield
    except (UsageError, OSError) as error:
        raise UsageError(f"{option} {' '.join(text.split())[:60]}: {error}") from None
