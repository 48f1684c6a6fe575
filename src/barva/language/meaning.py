"""What the parts of a pattern mean together: a clause, or None where they make no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from barva.language import colors
from barva.language.clauses import Action, Clause, ColorTerm, Target
from barva.language.worn import is_someone, is_worn

PHOTO = Target("photo", "picture")
_FIXTURES = ("roof", "wall", "window", "door", "wheel", "body", "chimney", "shutter", "frame", "sail", "dome")
"""Parts that things have."""


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


def left_as_it_is(targets: tuple[Target, ...], others: tuple[Target, ...]) -> Clause | None:
    """ "Color the car" leaves the color open; "color the red car" says it."""
    return None if any(target.shade for target in targets) else Clause("keep", without(targets, others))


def refusal(targets: tuple[Target, ...], colors: tuple[ColorTerm, ...]) -> Clause:
    return Clause("not", targets, colors)


def distribution(
    verb: Any, targets: tuple[Target, ...], first: str, link: Any, colors: tuple[ColorTerm, ...], last: str
) -> Clause | None:
    """Several colors for several things."""
    many = len(targets) == len(colors) or (
        len(targets) == 1 and (targets[0].plural or targets[0].count or targets[0].every)
    )
    counted = targets[0].count or first or last or len(targets) == len(colors)
    if not many or not counted or (len(targets) == 1 and targets[0].count not in (0, len(colors))):
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
    terms = [_hair_color(t) or colors.shade(t.shade) for t in targets]
    listed = tuple(term for term in terms if term is not None)
    if len(listed) == len(targets) > 1:
        return Clause("color", bare(targets), listed)
    return color(bare(targets), (terms[0],)) if terms[0] is not None and len(listed) == 1 else None


def _hair_color(target: Target) -> ColorTerm | None:
    """Light hair is blond, and dark hair brown."""
    return (
        colors.term({"light": "blond", "dark": "dark brown"}[target.shade])
        if (target.kind == "hair" and target.shade in ("light", "dark"))
        else None
    )


def bare(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Targets without the colors that describe them."""
    return tuple(replace(target, shade="") for target in targets)


def wearing(owners: tuple[Target, ...], parts: tuple[Target, ...]) -> Clause | None:
    """A person and what it wears: "the man in a brown suit"."""
    fits = len(owners) == 1 and is_someone(owners[0]) and all(is_worn(part) and part.shade for part in parts)
    return gift(owners, parts, ()) if fits else None


def dressed(owners: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """ "She is wearing white": the color of a person, which goes to the clothes."""
    return color(owners, terms) if all(map(is_someone, owners)) else None


def is_mixed_list(targets: tuple[Target, ...]) -> bool:
    """Whether one before the last has its own color: "bride in ivory, groom black", "silver teapot, cups white"."""
    if any(how == "wears" and to.shade for t in targets[:-1] for how, to in t.relations):
        return True
    return not targets[-1].shade and any(t.shade for t in targets[:-1])


def located(
    how: str, owners: tuple[Target, ...], parts: tuple[Target, ...], terms: tuple[ColorTerm, ...]
) -> Clause | None:
    """What is on a person is its own; what is on a table is there."""
    if len(owners) != 1 or is_someone(owners[0]):
        return gift(owners, parts, terms)
    placed = tuple(replace(part, relations=((how, owners[0]), *part.relations)) for part in parts)
    return color(placed, terms) if terms else description(placed)


def belongings(
    owners: tuple[Target, ...], sign: str, items: tuple[tuple[Target, ...], tuple[ColorTerm, ...]]
) -> Clause | None:
    """What belongs to the one that is named before: "man on the left: hat black, coat brown"."""
    things, terms = items
    if len(owners) != 1 or (sign == "," and not is_someone(owners[0])):
        return None
    if not all(is_worn(t) if is_someone(owners[0]) else t.kind in _FIXTURES or t.sense in _FIXTURES for t in things):
        return None
    owned = tuple(t if t.owner else replace(t, owner=owners[0]) for t in things)
    return color(owned, terms[:1]) if len(set(terms)) == 1 else Clause("color", owned, terms)


def shift(targets: tuple[Target, ...] | None, shifts: list[tuple[tuple[str, float], str | None]]) -> Clause | None:
    """Warmer, more vivid ...; lightness is never changed, which is said when the clause is grounded."""
    warmth = vividness = 0.0
    for (what, sign), degree in shifts:
        amount = sign * {"0.5": 0.5, "2": 1.5}.get(degree or "", 1.0)
        if what == "light":
            return Clause("not", targets or (PHOTO,), reason="light")
        warmth, vividness = (warmth + amount, vividness) if what == "warmth" else (warmth, vividness + amount)
    whole = targets is None or is_whole(targets)
    return Clause("shift", () if whole or targets is None else targets, (), warmth, vividness)
