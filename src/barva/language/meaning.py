"""What the parts of a pattern mean together: a clause, or None where they make no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from barva.language import colors
from barva.language.clauses import Action, Clause, ColorTerm, Target
from barva.language.lexicon import lexicon
from barva.language.worn import PEOPLE, is_part, is_someone, is_worn

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
    if len(owners) != 1 or "picture" in (owners[0].kind, *(part.kind for part in parts)):
        return None
    owned = tuple(replace(p, owner=owners[0]) for p in parts if p.owner is None)
    if (
        len(owned) != len(parts)
        or (terms and any(p.shade for p in parts[1:]))
        or (terms and any(map(_is_adorned, parts)))
    ):
        return None
    return color(owned, terms) if terms else description(owned)


def description(targets: tuple[Target, ...]) -> Clause | None:
    """ "A red car": the color that describes is the one that is asked for; of a list the first one's is for all."""
    if any(t.shade and _is_adorned(t) for t in targets):
        return None
    terms = [_own_color(t) or colors.shade(t.shade) for t in targets]
    listed = tuple(term for term in terms if term is not None)
    if len(listed) == len(targets) > 1:
        return Clause("color", bare(targets), listed)
    return color(bare(targets), (terms[0],)) if terms[0] is not None and len(listed) == 1 else None


def _is_adorned(target: Target) -> bool:
    """Whether a thing has something of its own color, which is asked for too: "a white house with blue windows"."""
    return any(how == "holds" and to.shade for how, to in target.relations)


def _own_color(target: Target) -> ColorTerm | None:
    """Light hair is blond, and dark hair brown; natural skin has the color of skin."""
    if target.kind == "hair" and target.shade in ("light", "dark"):
        return colors.term({"light": "blond", "dark": "dark brown"}[target.shade])
    return colors.term("skin") if target.sense == "skin" and lexicon().has(target.aside, "naturally") else None


def hair_tone(targets: tuple[Target, ...], shade: str) -> Clause | None:
    """ "Her hair is dark", "волосся світле"."""
    fits = shade in ("light", "dark") and all(t.kind == "hair" and not t.shade for t in targets)
    return description(tuple(replace(t, shade=shade) for t in targets)) if fits else None


def bare(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Targets without the colors that describe them."""
    return tuple(replace(target, shade="") for target in targets)


def wearing(owners: tuple[Target, ...], parts: tuple[Target, ...]) -> Clause | None:
    """A person and what it wears: "the man in a brown suit"."""
    fits = len(owners) == 1 and is_someone(owners[0]) and all(is_worn(part) and part.shade for part in parts)
    own = tuple(replace(p, owner=None) if p.owner and p.owner.pronoun else p for p in parts)  # "grandma in her red hat"
    return gift(owners, own, ()) if fits else None


def dressed(owners: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """ "She is wearing white": the color of a person, which goes to the clothes."""
    return color(owners, terms) if all(map(is_someone, owners)) else None


def is_dressed_apart(targets: tuple[Target, ...]) -> bool:
    """Whether the first of a list have a color and the last has none: "put the boy in blue and the girl in pink"."""
    dressed = [any(how == "wears" and to.shade for how, to in t.relations) for t in targets]
    return any(dressed[:-1]) and not dressed[-1]


def is_mixed_list(targets: tuple[Target, ...]) -> bool:
    """Whether one before the last has its own color: "bride in ivory, groom black", "silver teapot, cups white"."""
    if any(how == "wears" and to.shade for t in targets[:-1] for how, to in t.relations):
        return True  # each has its own
    return not targets[-1].shade and any(t.shade for t in targets[:-1])


def is_dressed(targets: tuple[Target, ...]) -> bool:
    """Whether a person is named first, and else what it wears."""
    return is_someone(targets[0]) and all(t.owner.pronoun if t.owner else is_worn(t) for t in targets[1:])


def corrected(targets: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """ "Not a pink dress but a beige one"."""
    return color(bare(targets), terms) if len(targets) == 1 and targets[0].shade else None


def of_each(owners: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """What was named before, of another one: "all hats black, тільки в крайнього справа сірий"."""
    fits = len(owners) == 1 and (is_someone(owners[0]) or not owners[0].sense) and not owners[0].shade
    return color((Target(owner=owners[0], span=owners[0].span),), terms) if fits else None


def handed_out(things: tuple[Target, ...], owners: tuple[Target, ...], terms: tuple[ColorTerm, ...]) -> Clause | None:
    """ "The mittens: red for the girl, blue for the boy": one thing of each."""
    if len(things) != 1 or not is_worn(things[0]):
        return None
    owned = tuple(replace(things[0], owner=owner, plural=False, every=False) for owner in owners)
    return Clause("color", owned, terms) if len(owned) > 1 else color(owned, terms)


def topical(
    owners: tuple[Target, ...], verb: Any, items: tuple[tuple[Target, ...], tuple[ColorTerm, ...]]
) -> Clause | None:
    """ "The boy on the right, make his socks white": what is of a person that was named first."""
    things, terms = items
    if not all(_is_of(thing, owners[0]) for thing in things) or is_dressed_in_color(owners[0]):
        return None
    if verb is None and any(thing.owner is None for thing in things):
        return None
    owned = tuple(replace(thing, owner=owners[0]) for thing in things)
    return color(owned, terms[:1]) if len(set(terms)) == 1 else Clause("color", owned, terms)


def _is_of(thing: Target, topic: Target) -> bool:
    """Whether a thing can be of a person that was named: "his socks", or without an owner."""
    return is_part(thing, topic) if thing.owner is None else thing.owner.pronoun in PEOPLE


def fitted(owners: tuple[Target, ...], parts: tuple[Target, ...], of: tuple[Target, ...] = ()) -> Clause | None:
    """A thing with a part of its own color: "all windows with white frames"; with flowers, of whom a bouquet is."""
    fits = len(owners) == 1 and not is_someone(owners[0]) and all(is_part(p, owners[0]) and p.shade for p in parts)
    if not fits or owners[0].shade:
        return None
    owner = replace(owners[0], owner=of[0]) if of and owners[0].owner is None else owners[0]
    return description(tuple(replace(part, owner=owner) for part in parts))


def had(things: tuple[Target, ...], owners: tuple[Target, ...]) -> Clause | None:
    """Clothes before who has them: "руді коси мала дівчина"."""
    fits = len(owners) == 1 and is_someone(owners[0]) and all(is_worn(thing) and thing.shade for thing in things)
    return gift(owners, things, ()) if fits else None


def used(owners: tuple[Target, ...], things: tuple[Target, ...]) -> Clause | None:
    """ "Grandad always drove a red tractor": the tractor is red."""
    return description(things) if len(owners) == 1 and is_someone(owners[0]) else None


def located(
    how: str, owners: tuple[Target, ...], parts: tuple[Target, ...], terms: tuple[ColorTerm, ...]
) -> Clause | None:
    """What is on a person is its own; what is on a table, or near somebody, is there."""
    if len(owners) != 1 or (is_someone(owners[0]) and how in ("upon", "in")):
        return gift(owners, parts, terms)
    if (terms and any(_is_adorned(part) for part in parts)) or (len(parts) > 1 and is_dressed(parts)):
        return None  # "on the steps there is a boy, his shorts beige" colors the shorts alone
    placed = tuple(replace(part, relations=((how, owners[0]), *part.relations)) for part in parts)
    return color(placed, terms) if terms else description(placed)


def belongings(
    owners: tuple[Target, ...], sign: str, items: tuple[tuple[Target, ...], tuple[ColorTerm, ...]]
) -> Clause | None:
    """What belongs to the one that is named before: "man on the left: hat black, coat brown"."""
    things, terms = items
    if len(owners) != 1 or (sign == "," and not _heads_a_list(owners[0], things)):
        return None
    if not all(is_part(t, owners[0]) for t in things):
        return None
    owned = tuple(t if t.owner else replace(t, owner=owners[0]) for t in things)
    return color(owned, terms[:1]) if len(set(terms)) == 1 else Clause("color", owned, terms)


def _heads_a_list(owner: Target, things: tuple[Target, ...]) -> bool:
    """Whether a person before a comma says no more than whose the things are: not "bride in ivory, groom black"."""
    return is_someone(owner) and not is_dressed_in_color(owner) and all(thing.owner is None for thing in things)


def is_dressed_in_color(owner: Target) -> bool:
    """Whether a person has clothes of a color of their own, which is asked for too: "the bride in ivory"."""
    return any(how == "wears" and to.shade for how, to in owner.relations)


def complaint(targets: tuple[Target, ...], mended: tuple[str, float]) -> Clause | None:
    """ "The colors are garish" asks for less, where it is said of all the photo."""
    return shift(targets, [(mended, None)]) if is_whole(targets) else None


def shift(targets: tuple[Target, ...] | None, shifts: list[tuple[tuple[str, float], str | None]]) -> Clause | None:
    """Warmer, more vivid ...; lightness is never changed, which is said when the clause is grounded."""
    warmth = vividness = 0.0
    for (what, sign), degree in shifts:
        amount = sign * {"0.5": 0.5, "2": 1.5}.get(degree or "", 1.0)
        if what == "light":
            return Clause("not", targets or (PHOTO,), reason="light")
        warmth, vividness = (warmth + amount, vividness) if what == "warmth" else (warmth, vividness + amount)
    if not warmth and not vividness:
        return None  # "the photo feels cold, warm it up" is no change of nothing
    whole = targets is None or is_whole(targets)
    return Clause("shift", () if whole or targets is None else targets, (), warmth, vividness)
