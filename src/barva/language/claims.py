"""Clauses to claims: what a text asks for, written into the scene as colors and words of its things.

A text is taken in whole or not at all: a word that is not understood, or a thing that is not there, is an error, and
the scene stays as it was. Of clauses that contradict each other the last one counts, which a note says.
"""

from __future__ import annotations

from dataclasses import dataclass

from barva.errors import Message, UsageError
from barva.language import grammar, problems
from barva.language.clauses import Clause
from barva.language.writing import Written, write
from barva.scene.model import Scene


@dataclass(frozen=True, kw_only=True)
class Step(Written):
    """One clause and what becomes of it.

    Args:
        clause: As it was understood.
        words: As it was written.
    """

    clause: Clause
    words: str


@dataclass(frozen=True)
class Outcome:
    """A text in a scene: the `scene` with all that could be done, each clause's step, and what is wrong."""

    scene: Scene
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Message, ...] = ()


def claims(text: str, scene: Scene) -> tuple[Scene, tuple[str, ...]]:
    """The scene with what a text asks for.

    Args:
        text: In English or Ukrainian: "make the car red, her dress navy, and leave the sky gray".
        scene: What is known of the photo, its things found by perception or by hand.

    Returns:
        The scene, its things with `Color` and `Words`, and notes on what was not certain.

    Raises:
        UsageError: Some of the text is not understood, or speaks of a thing that is not there. Nothing is applied then.

    Examples:
        >>> from barva.scene.model import Scene, Thing
        >>> from barva.scene.modalities import Region
        >>> from barva.scene.shapes import Box
        >>> scene = Scene((Thing("car-1", "car", modalities=(Region(Box(0, 0, 9, 9)),)),))
        >>> claims("make the car red", scene)[0].thing("car-1").modalities[1].color
        'red'
    """
    outcome = explain(text, scene)
    if outcome.problems:
        raise UsageError(outcome.problems[0])
    return outcome.scene, outcome.notes


def explain(text: str, scene: Scene) -> Outcome:
    """What was understood of a text, clause by clause, and what it would do; see `claims`. UsageError: the text is
    empty or too long."""
    understanding = grammar.parse(text)
    wrong = [problems.of_gap(understanding, gap) for gap in understanding.gaps]
    if not understanding.clauses and not wrong:
        wrong.append(
            Message(
                "'{words}' asks for nothing; say what to color, {example}",
                code="words.nothing-asked",
                words=text.strip()[:40],
                example=problems.EXAMPLE,
            )
        )
    written = write(understanding, scene)
    steps = tuple(
        Step(clause=clause, words=understanding.words(clause.span), **vars(part))
        for clause, part in zip(understanding.clauses, written.parts, strict=True)
    )
    wrong += [step.problem for step in steps if step.problem]
    notes = [note for step in steps for note in step.notes]
    return Outcome(written.scene, steps, tuple(dict.fromkeys(notes)), tuple(wrong))
