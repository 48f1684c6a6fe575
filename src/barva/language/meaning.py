"""What the parts of a pattern mean together: a clause, or None where they make no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from barva.language import colors
from barva.language.clauses import Action, Clause, ColorTerm, Target

PHOTO = Target("photo", "picture")


def is_whole(targets: tuple[Target, ...]) -> bool:
    return (
        len(targets) == 1
        and not targets[0].without
        and (
            targets[0].kind == "picture"
            or targets[0].pronoun in ("it", "everything", "them")
            or targets[0].sense == "color"
        )
    )


def without(targets: tuple[Target, ...], others: tuple[Target, ...]) -> tuple[Target, ...]:
    return tuple(replace(t, without=(*t.without, *others)) for t in targets) if others else targets


def color(targets: tuple[Target, ...], terms: tuple[ColorTerm, ...], others: Any = ()) -> Clause | None:
    """A color for things, `others` excepted; gray is staying without one."""
    if others and not all(t.pronoun or t.every or t.plural or t.kind == "picture" for t in targets):
        return None
    action: Action = "gray" if all(c.code == "#808080" for c in terms) else "color"
    return Clause(action, without(targets, others or ()), () if action == "gray" else terms)


def refusal(targets: tuple[Target, ...], colors: tuple[ColorTerm, ...]) -> Clause:
    return Clause("not", targets, colors)


def distribution(
    verb: Any, targets: tuple[Target, ...], first: str, link: Any, colors: tuple[ColorTerm, ...], last: str
) -> Clause | None:
    """Several colors for several things."""
    many = len(targets) == len(colors) or (
        len(targets) == 1 and (targets[0].plural or targets[0].count or targets[0].every)
    )
    if not many or (len(targets) == 1 and targets[0].count not in (0, len(colors))):
        return None
    return Clause("color", targets, colors, order=first or last or "left to right")


def gift(owners: tuple[Target, ...], parts: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """ "Give her a red dress": what is given belongs to whom it is given."""
    if len(owners) != 1 or owners[0].kind == "picture":
        return None
    owned = tuple(replace(p, owner=owners[0]) for p in parts if p.owner is None)
    if len(owned) != len(parts) or (terms and any(p.shade for p in parts[1:])):
        return None
    return color(owned, terms) if terms else description(owned)


def description(targets: tuple[Target, ...]) -> Clause | None:
    """ "A red car": the color that describes is the one that is asked for; of a list the first one's is for all."""
    terms = [colors.term(t.shade) or colors.describe(t.shade) if t.shade else None for t in targets]
    bare = tuple(replace(t, shade="") for t in targets)
    listed = tuple(term for term in terms if term is not None)
    if len(listed) == len(targets) > 1:
        return Clause("color", bare, listed)
    return color(bare, (terms[0],)) if terms[0] is not None and len(listed) == 1 else None


def shift(targets: tuple[Target, ...] | None, shifts: list[tuple[tuple[str, float], str | None]]) -> Clause | None:
    """Warmer, more vivid ...; lightness is never changed, which is said when the clause is grounded."""
    warmth = vividness = 0.0
    for (what, sign), degree in shifts:
        amount = sign * {"0.5": 0.5, "2": 1.5}.get(degree or "", 1.0)
        if what == "light":
            return Clause("not", targets or (PHOTO,), look="light")
        warmth, vividness = (warmth + amount, vividness) if what == "warmth" else (warmth, vividness + amount)
    whole = targets is None or is_whole(targets)
    return Clause("shift", () if whole or targets is None else targets, (), warmth, vividness)
