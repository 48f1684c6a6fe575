"""What a person should know of a film in color."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from barva.errors import Message
from barva.film import encode
from barva.film.codes import usual_matrix
from barva.film.job import FilmJob
from barva.film.plan import COLORED, Piece


def notes_on(pieces: Sequence[Piece], job: FilmJob, target: Path) -> Iterator[str]:
    """What a person should know of the result."""
    facts = job.facts
    shots, anew = pieces[-1].shot + 1, {p.shot for p in pieces if p.chroma > COLORED and not p.kept}
    if len(anew) == shots:
        yield Message(
            "this film is in color already: it was colored anew from its light alone; --keep-color leaves such shots",
            code="note.film-in-color",
        )
    elif anew:
        yield Message(
            "shots in color already: {number} of {all}; they were colored anew from their light alone; "
            "--keep-color leaves them",
            code="note.shots-in-color",
            number=len(anew),
            all=shots,
        )
    if kept := {p.shot for p in pieces if p.kept}:
        yield f"shots in color already: {len(kept)} of {shots}; they were left as they are"
    if facts.orientation != 1 and not encode.keeps_turn(target):
        yield Message(
            "players turn this film, and its result, a {ending} file, cannot say so: it is shown as it is stored",
            code="note.film-turn",
            ending=target.suffix.lower(),
        )
    usual = not facts.coding.full and not facts.transfer and facts.coding.matrix == usual_matrix(facts.height)
    if not usual and not encode.keeps_colors(target, job.encoding):
        yield Message(
            "a {ending} file cannot say what the codes of FFV1 stand for: players may show black, white and colors of "
            "this film wrong; .mkv says it",
            code="note.film-codes",
            ending=target.suffix.lower(),
        )
