"""Clauses that speak of what was said before them: remedies, pronouns, "the others", "the same", what is left."""

from __future__ import annotations

from dataclasses import replace

from barva.language.clauses import Clause, Target
from barva.language.meaning import PHOTO, is_whole
from barva.language.phrases import Phrases
from barva.language.worn import is_animal, is_part, is_person

SAME = "same"
"""The reason of a clause that wants what the one before it wants: "the grass too"."""

_PEOPLE = ("man", "woman", "person")


def connected(clauses: tuple[Clause, ...], phrases: Phrases) -> tuple[Clause, ...]:
    """Clauses with what they mean after each other.

    "The lips are red, but muted" and "cool it down" mean what the clause before names, and a remedy takes the place of
    its complaint: "the sky is too warm, cool it down a little", "the lips should be redder, make them cherry".
    """
    out: list[Clause] = []
    for clause in clauses:
        before = out[-1] if out else None
        if clause.reason == SAME:
            clause = _same(clause, before, phrases)
        if before is None and clause.action == "gray" and is_whole(clause.targets):
            clause = replace(clause, targets=(PHOTO,))  # "leave this one black and white"
        if before is not None:
            clause = _referred(clause, before, phrases)
            if _is_remedy(clause, before, phrases):
                clause = replace(clause, targets=before.targets if clause.action != "look" else ())
                out.pop()
            elif _is_repeated(clause, before):
                continue
        out.append(clause if _is_known(clause, out) else replace(clause, action="not", reason="thing"))
    return (*out, *_left_out(out, phrases))


def _is_known(clause: Clause, before: list[Clause]) -> bool:
    """Whether it was said what is colored: "у хлопчика сині" says it only after "рукавички в дівчинки червоні"."""
    unnamed = [t for t in clause.targets if t.owner and not (t.sense or t.pronoun or t.place or t.ordinal or t.size)]
    named = any(target.sense for earlier in before for target in earlier.targets)
    return not unnamed or named or any(target.sense for target in clause.targets)


def singles(clause: Clause) -> tuple[Clause, ...]:
    """A list whose every thing has its own color is several clauses: "a brown coat and a black hat"."""
    if len(clause.colors) < 2 or clause.order or len(clause.colors) != len(clause.targets):
        return (clause,)
    pairs = zip(clause.targets, clause.colors, strict=True)
    parts = tuple(replace(clause, targets=(target,), colors=(color,)) for target, color in pairs)
    return tuple(replace(s, action="gray", colors=()) if s.colors[0].code == "#808080" else s for s in parts)


def _same(clause: Clause, before: Clause | None, phrases: Phrases) -> Clause:
    """Another thing that gets the same; where nothing was said before it stays the same, or nobody can act on it."""
    if before is None or len(before.colors) > 1 or before.action not in ("color", "gray", "keep"):
        return replace(clause, action="keep" if phrases.has("asis", clause.span) else "not", reason="")
    return replace(before, targets=clause.targets, span=clause.span)


def _referred(clause: Clause, before: Clause, phrases: Phrases) -> Clause:
    """A clause whose pronouns and "the others" are what the clause before it named."""
    is_open = clause.action == "shift" and not clause.targets and bool(before.targets)
    if is_open and ("it" in phrases.words_of(clause.span) or phrases.is_contrast(before, clause)):
        return replace(clause, targets=(Target(pronoun="it", span=clause.span),))
    if not before.targets:
        return clause
    named = before.targets[-1]
    if named.without and phrases.has("which", clause.span) and all(t.pronoun == "it" for t in clause.targets):
        return replace(clause, targets=named.without[-1:])  # "but the left one, which is green"
    if _is_of_another(clause, named):
        owner = clause.targets[0].owner
        return replace(clause, targets=(Target(named.sense, named.kind, owner=owner, span=clause.targets[0].span),))
    if named.owner is not None and _is_dressed_likewise(clause, named, phrases):
        owner = replace(clause.targets[0], sense=named.owner.sense, kind=named.owner.kind)
        return replace(clause, targets=(Target(named.sense, named.kind, owner=owner, span=owner.span),))
    return replace(
        clause, targets=tuple(_resolved(_of_others(t, named, phrases), named, phrases) for t in clause.targets)
    )


def _is_of_another(clause: Clause, named: Target) -> bool:
    """Whether a color is of what another one has: "рукавички в дівчинки червоні, у хлопчика сині"."""
    target = clause.targets[0] if len(clause.targets) == 1 else Target()
    is_one = target.owner is not None and not (target.sense or target.pronoun or target.place or target.ordinal)
    return is_one and clause.action == "color" and named.owner is not None and named.owner.sense != ""


def _is_dressed_likewise(clause: Clause, named: Target, phrases: Phrases) -> bool:
    """Whether another person wears the like: "ліва жінка в червоній хустці, а права — у синій"."""
    if clause.action not in ("color", "gray") or len(clause.targets) != 1 or named.owner is None:
        return False
    target, words = clause.targets[0], phrases.words_of(clause.span)
    is_another = not (target.sense or target.pronoun or target.owner) and bool(target.place or target.ordinal)
    likewise = ("у" in words or "в" in words) and words[-1].endswith(("ій", "их"))
    return is_another and likewise and is_person(named.owner)


def _of_others(target: Target, named: Target, phrases: Phrases) -> Target:
    """ "The others" after one of several are the others of its kind, and else the rest of the photo."""
    is_one_of = named.size or named.place or named.ordinal or named.shade or named.count or named.relations
    if target.pronoun == "rest" and phrases.has("others", target.span) and named.kind and is_one_of:
        return Target(every=True, other=True, without=target.without, span=target.span)
    return target


def _resolved(target: Target, named: Target, phrases: Phrases) -> Target:
    """A target whose pronouns, which are as of people in Ukrainian, are the thing before: "кіт, а біля нього миска"."""
    if named.pronoun or is_person(named) or (named.owner is not None and is_person(named.owner)):
        return target
    relations = tuple(
        (how, Target(pronoun="it", span=to.span) if _is_thing(to, phrases) else to) for how, to in target.relations
    )
    owner = target.owner
    if owner is not None and owner.pronoun in _PEOPLE and is_part(target, named) and _can_be_of(owner, named):
        owner = Target(
            pronoun="them" if owner.pronoun == "person" else "it", span=owner.span
        )  # "the geese, their beaks"
    elif owner is not None and _is_thing(owner, phrases):
        if named.owner is not None:
            owner = named.owner
        elif is_part(target, named):
            owner = Target(pronoun="it", span=owner.span)  # "паровоз ..., його колеса"
    return replace(target, relations=relations, owner=owner)


def _is_thing(target: Target, phrases: Phrases) -> bool:
    """Whether a pronoun can be a thing's: only English tells them apart."""
    return target.pronoun in _PEOPLE[:2] and not any(word.isascii() for word in phrases.words_of(target.span))


def _can_be_of(owner: Target, named: Target) -> bool:
    """Whether "their" or, of an animal, "his" can be of what was named."""
    return owner.pronoun == "person" or is_animal(named)


def _is_remedy(clause: Clause, before: Clause, phrases: Phrases) -> bool:
    """Whether a clause says how to mend what the one before complains of."""
    if clause.action == "shift":
        it = any(t.pronoun == "it" for t in clause.targets)
        complained = phrases.has("too", before.span) or phrases.has("complaint", before.span)
        return before.action == "shift" and (it or clause.targets == before.targets) and complained
    if clause.action == "look":
        return before.action == "look"  # "age the photo, let it be sepia"
    pronouns = bool(clause.targets) and all(t.pronoun in ("it", "them") for t in clause.targets)
    if clause.action != "color" or not pronouns:
        return False
    told = before.action == "color" and _is_told(before, phrases) and not _is_told(clause, phrases)
    return told or (before.action == "not" and before.reason in ("", "hue", "light"))


def _is_told(clause: Clause, phrases: Phrases) -> bool:
    """Whether a clause tells how a thing is: "they have dark skirts", and then "make them navy" asks for another."""
    first = [v for i in phrases.within(clause.span)[:1] for v, _ in phrases.cat(i, "verb")]
    return not first


def _is_repeated(clause: Clause, before: Clause) -> bool:
    """Whether a change is only said again: "less color, it is too vivid"."""
    if clause.action != "shift" or before.action != "shift" or clause.targets != before.targets:
        return False
    return clause.warmth * before.warmth > 0 or clause.vividness * before.vividness > 0


def _left_out(clauses: list[Clause], phrases: Phrases) -> tuple[Clause, ...]:
    """ "Only the lips red", without a verb, leaves the rest gray."""
    if not clauses or clauses[0].action != "color" or phrases.has("verb", clauses[0].span):
        return ()
    is_all = phrases.begins_with("only", clauses[0].span, "alone")
    if not is_all or any(t.pronoun == "rest" for c in clauses for t in c.targets):
        return ()
    return (Clause("gray", (Target(pronoun="rest", span=clauses[0].span),), span=clauses[0].span),)
