"""Instructions in words as the command line takes them: texts, or files that hold one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from barva.errors import ReadError, UsageError
from barva.language import tokens

if TYPE_CHECKING:
    from barva.guidance.marks import Guidance
    from barva.imaging.photo import Photo
    from barva.scene.model import Scene

SUFFIXES = (".txt", ".md")


def join_texts(texts: Iterable[str] | None) -> str:
    """All texts as one, a sentence each; empty without any.

    Args:
        texts: Words, or paths of text files.

    Returns:
        One text.

    Raises:
        ReadError: A file cannot be read.
        UsageError: One is empty, or all together are too long.
    """
    parts = [_read(text) for text in texts or ()]
    for part in parts:
        if not part.strip():
            raise UsageError('--say: the text is empty; say what to color, such as "make the car red"')
    text = "\n".join(parts)
    if len(text) > tokens.LONGEST:
        raise UsageError(f"--say: an instruction has at most {tokens.LONGEST} characters, not {len(text)}")
    return text


def _read(text: str) -> str:
    path = Path(text) if len(text) < 256 and "\n" not in text and "\0" not in text else None
    if path is None or not (path.is_file() or path.suffix.lower() in SUFFIXES):
        return text
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(tokens.LONGEST + 1)
    except (OSError, ValueError) as error:
        raise ReadError(f"{path}: the text cannot be read: {getattr(error, 'strerror', None) or error}") from None


def scene_of(photo: Photo, file: Path | None) -> tuple[Scene, tuple[str, ...]]:
    """The scene that words speak of: a file's, made to fit the photo, or what is found in the photo; and notes."""
    from barva.engine.prepare import request_scene, worded
    from barva.engine.prepare.objects import objects_of
    from barva.scene.model import Scene

    if file is None:
        return objects_of(photo), ()
    scene, notes = request_scene.fit_scene(Scene.load(file), photo)
    return worded.scene_to_speak_of(scene, photo, lambda: objects_of(photo)), notes


def with_marks(text: str, file: Path | None, photo: Photo, marks: Guidance | None) -> tuple[Guidance, tuple[str, ...]]:
    """Marks for what a text asks for, below those that are there already; and notes.

    Args:
        text: Empty: the marks stay as they are.
        file: The scene that it speaks of; None: what is found in the photo.
        photo: Where the marks lie.
        marks: They win over the text.

    Returns:
        Marks and notes.

    Raises:
        UsageError: The text is not understood, or asks for what no mark can do.
    """
    from barva.guidance.marks import Guidance, Mark
    from barva.guidance.scene_bridge import mark_of
    from barva.language import claims

    if not text:
        return marks or Guidance(()), ()
    scene, notes = scene_of(photo, file)
    changed, more = claims(text, scene)
    if changed.whole != scene.whole:
        raise UsageError("--say: looks, warmer and more vivid are for colorize; recolor gives objects another color")
    asked: list[Mark] = [mark_of(claim) for claim in changed.claims()]
    if not asked:
        raise UsageError("--say: this asks for no color, so there is nothing to recolor")
    return Guidance((*asked, *(marks.marks if marks is not None else ()))), (*notes, *more)
