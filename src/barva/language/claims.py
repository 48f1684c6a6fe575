"""Clauses to claims: what a text asks for, written into the scene as colors and words of its things.

A text is taken in whole or not at all: a word that is not understood, or a thing that is not there, is an error, and
the scene stays as it was. The error offers what is left without it as a text of its own. Of clauses that contradict
each other the last one counts, which a note says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barva.errors import Message, UsageError
from barva.language import grammar, problems
from barva.language.clauses import Clause, Understanding
from barva.language.writing import Written, write
from barva.scene.model import Scene

_BETWEEN = (", ", "; ", ". ")
"""What may stand between clauses that are put together anew; the first with which they read as they did."""


_SHORT = 200
"""Letters of a text that are shown within an error."""


class PartlyUnderstoodError(UsageError):
    """Some of a text cannot be done. Its line says what is wrong, and shows the rest.

    Args:
        problem: The first of what is wrong.
        rest: What can be done, as a text of its own.
    """

    def __init__(self, problem: Message, rest: str) -> None:
        line = Message("{problem}; without it: '{rest}'", code="words.rest", problem=problem, rest=rest)
        super().__init__(line if len(rest) <= _SHORT else problem)
        self.problem, self.rest = problem, rest

    def __reduce__(self) -> tuple[type[PartlyUnderstoodError], tuple[Message, str]]:
        return PartlyUnderstoodError, (self.problem, self.rest)


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
    """A text in a scene: the `scene` with all that could be done, each clause's step, and what is wrong; `rest` is what
    can be done, as a text of its own, where something else cannot."""

    scene: Scene
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Message, ...] = ()
    rest: str = ""

    @property
    def error(self) -> UsageError | None:
        """What is wrong; None where nothing is."""
        if not self.problems:
            return None
        return PartlyUnderstoodError(self.problems[0], self.rest) if self.rest else UsageError(self.problems[0])


def claims(text: str, scene: Scene) -> tuple[Scene, tuple[str, ...]]:
    """The scene with what a text asks for.

    Args:
        text: In English or Ukrainian: "make the car red, her dress navy, and leave the sky gray".
        scene: What is known of the photo, its things found by perception or by hand.

    Returns:
        The scene, its things with `Color` and `Words`, and notes on what was not certain.

    Raises:
        PartlyUnderstoodError: Some of the text is not understood, or speaks of a thing that is not there. Nothing is
            applied then.
        UsageError: Nothing of it can be done.

    Examples:
        >>> from barva.scene.model import Scene, Thing
        >>> from barva.scene.modalities import Region
        >>> from barva.scene.shapes import Box
        >>> scene = Scene((Thing("car-1", "car", modalities=(Region(Box(0, 0, 9, 9)),)),))
        >>> claims("make the car red", scene)[0].thing("car-1").modalities[1].color
        'red'
    """
    outcome = explain(text, scene)
    if (error := outcome.error) is not None:
        raise error
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
    rest = _rest(understanding, [step.clause for step in steps if not step.problem], scene) if wrong else ""
    return Outcome(written.scene, steps, tuple(dict.fromkeys(notes)), tuple(wrong), rest)


def _rest(understanding: Understanding, clauses: Sequence[Clause], scene: Scene) -> str:
    """The text of these clauses alone; "" where they would not be understood without the others."""
    parts = {clause.span: understanding.words(clause.span) for clause in clauses}  # several clauses may share words
    for between in _BETWEEN if parts else ():
        alone = grammar.parse(between.join(parts.values()))
        if not alone.gaps and alone.clauses == tuple(clauses):
            done = write(alone, scene).parts
            return "" if any(part.problem for part in done) else alone.text
    return ""
