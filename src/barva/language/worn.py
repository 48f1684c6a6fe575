"""People, and what they wear: which targets are someone, and what can stand in which relation."""

from __future__ import annotations

from barva.language.clauses import Target

PEOPLE = ("person", "man", "woman", "child")
"""Kinds that are someone."""

WORN = (
    *("clothing", "coat", "dress", "shirt", "suit", "trousers", "skirt", "uniform", "hat", "shoes", "scarf"),
    "hair",
)
"""Kinds that a person wears or has: "the man with a beard"."""

PAIRS = (
    *("shoes", "boot", "glove", "sock", "stocking", "trousers", "jeans", "shorts", "sleeve", "cuff", "epaulette"),
    *("eyes", "lips", "earring", "spectacles", "button", "suspenders"),
)
"""What one person has several of."""

_DOLLS = ("doll",)
_BODY = ("eyes", "lips", "face", "skin", "hand")
_ORNAMENTS = (
    "spectacles",
    "necklace",
    "earring",
    "ring",
    "brooch",
    "medal",
    "badge",
    "umbrella",
    "bag",
    "cane",
    "crown",
    "wreath",
    "holster",
    "bracelet",
    "hairpin",
    "cufflink",
)


def is_person(target: Target) -> bool:
    """Whether a target is a person, by noun or pronoun."""
    return target.kind in PEOPLE or target.pronoun in PEOPLE


def is_someone(target: Target) -> bool:
    """Whether a target is dressed as people are."""
    return is_person(target) or target.sense in _DOLLS


def is_worn(target: Target) -> bool:
    """Whether a target is what people wear or have on them."""
    return target.kind in (*WORN, *_BODY) or target.sense in _ORNAMENTS


def can_relate(how: str, target: Target, other: Target) -> bool:
    """Whether a relation can be meant: only people wear, and only clothes are worn."""
    if other.pronoun == "everything" or other.kind == "picture":
        return False
    worn = other.kind in WORN or other.sense in _ORNAMENTS
    if how == "wears":
        return worn and (is_someone(target) or not target.sense)
    return not (how == "in" and worn) or (other.kind == "hair" and target.kind not in PEOPLE)
