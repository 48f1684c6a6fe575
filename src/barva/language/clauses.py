"""What was understood of a text, as data: clauses, the things they speak of, their colors, and the gaps between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Span = tuple[int, int]
"""Where something stands in the text: first character, and the one after the last."""

Action = Literal["color", "gray", "keep", "shift", "only", "look", "not"]
"""color: gets a color; gray: stays without; keep: left as it would be without words; shift: the colors that it gets
become warmer, cooler, more vivid, more muted; only: all but it stays gray; look: a look for the whole photo; not: a
color that it should not have, which nobody can act on."""


@dataclass(frozen=True)
class Target:
    """Things that a clause speaks of.

    Args:
        sense: The noun's sense ("taxi" is "car"); "" where only a place or number was said ("the left one").
        kind: The term of the scene's vocabulary; "picture" is the whole photo.
        pronoun: "it", "them", "man", "woman": what was spoken of before. "rest": everything else; "everything".
        place: left, right, top, bottom, middle, front, back; two of them for "top left".
        ordinal: 1 the first; -1 the last; 0 unsaid.
        side: Where an ordinal counts from: left (also unsaid) or right.
        other: Another one than that spoken of before.
        size: biggest, smallest, darkest, lightest.
        every: All of them.
        count: How many; 0 unsaid.
        plural: Said in the plural.
        shade: A color that only describes: "the white dress".
        owner: Whose part it is.
        relations: (how, to which) of what it is next to, on, wears.
        without: What is excepted.
        aside: An adjective that tells nothing a photo shows: "old".
        span: Where it stands in the text.
    """

    sense: str = ""
    kind: str = ""
    pronoun: str = ""
    place: tuple[str, ...] = ()
    ordinal: int = 0
    side: str = ""
    other: bool = False
    size: str = ""
    every: bool = False
    count: int = 0
    plural: bool = False
    shade: str = ""
    owner: Target | None = None
    relations: tuple[tuple[str, Target], ...] = ()
    without: tuple[Target, ...] = ()
    aside: str = ""
    span: Span = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        words = [
            "every" if self.every else "",
            str(self.count) if self.count else "",
            "other" if self.other else "",
            *self.place,
            {0: "", -1: "last"}.get(self.ordinal, f"#{self.ordinal}"),
            "from-right" if self.side == "right" else "",
            self.size,
            f"{self.shade}-looking" if self.shade else "",
            self.sense or self.pronoun or "one",
            f"of ({self.owner})" if self.owner else "",
            *(f"{how} ({to})" for how, to in self.relations),
            f"except ({', '.join(map(str, self.without))})" if self.without else "",
        ]
        return " ".join(filter(None, words))


@dataclass(frozen=True)
class ColorTerm:
    """A color as it was said: `code` is #rrggbb; or `of`, the thing whose color it is. `name` for people."""

    name: str = ""
    code: str = ""
    of: Target | None = None
    span: Span = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        if self.of is not None:
            return f"color of ({self.of})"
        return self.name


@dataclass(frozen=True)
class Clause:
    """One thing that is asked for.

    Args:
        action: What is to be done.
        targets: With what; several get the same.
        colors: One, or as many as there are things, in the order of `order` ("left to right").
        warmth: -1 cooler .. 1 warmer, of shifts.
        vividness: -1 more muted .. 1 more vivid, of shifts.
        look: The look's first name.
        reason: Why nobody can act on it, of "not": "" a color that it has not; "light", "hue", "several" colors of one
            thing, a "part" that is no thing of its own, a "thing" that was not named.
        order: "left to right" or "right to left", where several colors go to several things.
        span: Where it stands in the text.
    """

    action: Action
    targets: tuple[Target, ...] = ()
    colors: tuple[ColorTerm, ...] = ()
    warmth: float = 0.0
    vividness: float = 0.0
    look: str = ""
    reason: str = ""
    order: str = ""
    span: Span = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        to = " + ".join(map(str, self.targets))
        colors = ", ".join(map(str, self.colors))
        if self.action == "look":
            return f"look {self.look}"
        if self.action == "shift":
            signs = {1: "more", -1: "less"}
            shifts = [
                f"{signs[1 if amount > 0 else -1]} {what}"
                for what, amount in (("warm", self.warmth), ("vivid", self.vividness))
                if amount
            ]
            return f"{to or 'photo'}: {', '.join(shifts)}"
        if self.action == "color":
            return f"{to} = {colors}" + (f" ({self.order})" if len(self.colors) > 1 else "")
        return f"{self.action} {to}" + (f" {colors}" if colors else "")


@dataclass(frozen=True)
class Understanding:
    """A whole text: `clauses` in order, and the spans of what is not understood."""

    text: str
    clauses: tuple[Clause, ...]
    gaps: tuple[Span, ...] = ()

    def words(self, span: Span) -> str:
        """The text of a span."""
        return " ".join(self.text[slice(*span)].split())
