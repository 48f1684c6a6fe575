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
    *("eyes", "eyebrow", "lips", "earring", "spectacles", "button", "suspenders"),
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

_FIXTURES = ("roof", "wall", "window", "door", "wheel", "body", "chimney", "funnel", "shutter", "frame", "sail", "dome")
"""Parts that things have."""

_TRIMMINGS = (
    "embroidery",
    "cloth",
    "ornament",
    "collar",
    "cuff",
    "button",
    "ribbon",
    "lining",
    "hem",
    "pocket",
    "sleeve",
)
_IN_BOUQUETS = ("flower", "leaves", "plant")
_ANIMALS = ("animal", "dog", "cat", "horse", "cow", "sheep", "bird")
_LIMBS = (
    *("mane", "tail", "horn", "hoof", "paw", "muzzle", "beak", "wing", "feather", "comb", "wool", "udder", "side"),
    *("saddle", "harness", "collar", "ear", "eyes", "leg", "nose", "blanket", "bell", "ribbon"),
)
"""What animals have, or wear."""


def is_person(target: Target) -> bool:
    """Whether a target is a person, by noun or pronoun."""
    return target.kind in PEOPLE or target.pronoun in PEOPLE


def is_animal(target: Target) -> bool:
    """Whether a target is an animal."""
    return target.kind in _ANIMALS


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


def is_part(thing: Target, owner: Target) -> bool:
    """Whether a thing can be a part of another one, or be worn by it."""
    if is_someone(owner):
        return is_worn(thing)
    if owner.kind in _ANIMALS:
        return thing.sense in _LIMBS
    if owner.sense in ("bouquet", "wreath"):
        return thing.kind in _IN_BOUQUETS or thing.sense == "ribbon"
    return thing.kind in _FIXTURES or thing.sense in _FIXTURES or (is_worn(owner) and thing.sense in _TRIMMINGS)


def has(owner: Target, thing: Target) -> bool:
    """Whether "у" with an owner says whose a thing is: of people, of animals, and of "them" where it is a part."""
    if owner.pronoun == "them":
        return is_worn(thing) or thing.sense in (*_LIMBS, *_FIXTURES, *_TRIMMINGS)
    return is_someone(owner) or (owner.kind in _ANIMALS and is_part(thing, owner))
