"""The files that a command writes: each in a place of its own, and none over what the command reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from barva.errors import UsageError, WriteError

if TYPE_CHECKING:
    from barva.guidance.marks import Guidance
    from barva.scene.model import Scene

RENEWED = {"--save-guidance": "--guidance", "--save-scene": "--scene"}
"""Options that may write what another one reads: a hint file or a scene that is carried on."""

PHOTO = "PHOTO"
"""The name among `inputs` of the photo that a command is about."""


def check_outputs(
    results: Sequence[Path] = (),
    *,
    pictures: Mapping[str, Path | None] | None = None,
    texts: Mapping[str, Path | None] | None = None,
    inputs: Mapping[str, Iterable[Path | None]] | None = None,
    overwrite: bool,
) -> None:
    """Refuse, before any work, files that would destroy each other or what the command reads.

    Args:
        results: where the colored photo goes; whether something is there already is checked elsewhere.
        pictures: option -> the PNG that it writes.
        texts: option -> the scene, hint file or report that it writes.
        inputs: option, or `PHOTO`, -> the files that it reads.
        overwrite: replace files that exist.

    Raises:
        UsageError: two options name one file, one names a file that another reads, a PNG has another ending, or a text
            would replace a picture.
        WriteError: a file exists, or cannot be put where it is named.
    """
    from barva.archive.page_files import check_place

    named = [(option, path) for option, path in {**(pictures or {}), **(texts or {})}.items() if path is not None]
    for option, path in named:
        if option in (pictures or {}) and path.suffix.lower() != ".png":
            raise UsageError(f"{option} {path} is written as PNG: give it the ending .png")
        check_place(path, overwrite)
        if option in (texts or {}) and _is_picture(path):
            raise UsageError(f"{option} {path} is a picture, which no text may replace: name another file")
    _check_inputs(results, named, inputs or {})
    for n, (option, path) in enumerate(named):
        if any(is_same(path, result) for result in results):
            raise UsageError(f"{option} {path} is where the result goes: name another file")
        for other, second in named[:n]:
            if is_same(path, second):
                raise UsageError(f"{other} and {option} both name {path}: each needs a file of its own")


def target_of(path: Path, output: Path | None, format_: str | None) -> Path:
    """Where the result of one photo goes: as named, into the folder that is named, or beside the photo. UsageError."""
    from barva.archive.select import result_name

    if output is not None and not output.is_dir():
        check_ending(output, format_)
        return output
    return (output or path.parent) / result_name(path, format_)


def check_ending(output: Path, format_: str | None) -> None:
    """Whether a file's name says the format that it gets. UsageError."""
    from barva.imaging import formats

    if format_ is None:
        try:
            formats.format_of(output.name)
        except UsageError:
            if output.suffix:
                raise
            raise UsageError(
                f"'{output}' names no format: give it an ending, such as {output.name}.jpg, add --format, or make the "
                "folder first"
            ) from None
    named = formats.readable_format(output)
    if format_ is not None and named is not None and named != format_:
        raise UsageError(
            f"-o {output} is named as {formats.title(named)}, and --format asks for {formats.title(format_)}: "
            "leave one of them out"
        )


def is_same(first: Path, second: Path) -> bool:
    """Whether two names stand for one file, there already or not; links count as what they point to."""
    try:
        return first.samefile(second)
    except OSError:
        return os.path.realpath(first) == os.path.realpath(second)


def region_files(regions: Iterable[str] | None) -> list[Path]:
    """The masks that texts of `--region` name, and names of no file where they hold another shape."""
    from barva.guidance.parse import parts

    files = list[Path]()
    for text in regions or ():
        with suppress(UsageError):  # said where the marks are made
            place = parts(text, "")[0]
            files += [Path(name) for name in (place, place.rpartition(":")[0]) if name]
    return files


def hint_files(file: Path | None, marks: Guidance | None) -> list[Path | None]:
    """A hint file, and the masks that marks name."""
    places = [getattr(mark, "where", None) for mark in marks.marks] if marks is not None else []
    return [file, *_mask_files(places)]


def scene_files(file: Path | None, scene: Scene | None) -> list[Path | None]:
    """A scene's file, and the masks and references that it names."""
    from barva.scene.modalities import Region
    from barva.scene.picture_modalities import Reference

    known = [one for thing in scene.things for one in thing.modalities] if scene is not None else []
    references = [Path(one.path) for one in known if isinstance(one, Reference) and one.path]
    return [file, *_mask_files(one.shape for one in known if isinstance(one, Region)), *references]


def _mask_files(places: Iterable[object]) -> list[Path]:
    from barva.scene.masks import Mask

    return [Path(place.path) for place in places if isinstance(place, Mask) and place.path]


def reference_files(references: Iterable[str | Path] | None) -> list[Path]:
    """References, those of folders too."""
    from barva.files import is_hidden_or_own

    named = [Path(name) for name in references or ()]
    inside = (file for name in named if name.is_dir() for file in name.iterdir())
    return [*named, *(file for file in inside if not is_hidden_or_own(file.name))]


def _check_inputs(
    results: Sequence[Path], named: Sequence[tuple[str, Path]], inputs: Mapping[str, Iterable[Path | None]]
) -> None:
    for source, paths in inputs.items():
        for read in filter(None, paths):
            for result in results:
                if is_same(result, read):
                    if source == PHOTO:
                        raise WriteError(f"{read} would be overwritten by its own result; name another output")
                    raise UsageError(f"the result would replace {read}, which {source} reads: name another output")
            for option, path in named:
                if RENEWED.get(option) != source and is_same(path, read):
                    raise UsageError(f"{option} {path} is what {source} reads: name another file")


def _is_picture(path: Path) -> bool:
    from barva.imaging import formats

    try:
        with path.open("rb") as file:
            return formats.detect(file.read(formats.HEAD)) is not None
    except OSError:
        return False
