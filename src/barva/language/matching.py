"""Which things of a scene a noun can mean, and how well it fits each."""

from __future__ import annotations

import re
from collections import Counter

from barva.errors import Message, join
from barva.language.clauses import Target
from barva.language.lexicon import lexicon
from barva.scene.modalities import Color, Words
from barva.scene.model import WHOLE, Scene, Thing
from barva.scene.vocabulary import BROADER, kinds

REMAINDERS = ("everything", "background", "foreground", "everything-else")
"""Ids of things that are made for what is left of the photo; they stand first, so that all others win over them."""

PERSONS = ("person", "man", "woman", "child")
STUFF = (
    *("sky", "cloud", "water", "sea", "river", "snow", "sand", "soil", "grass", "leaves", "road", "ground", "skin"),
    *("mountain", "rock", "clothing", "eyes", "lips"),
)
"""Kinds that lie in several places and are still spoken of as one: "the grass", "the clothes"."""

FOREGROUND = (*PERSONS, "animal", "vehicle", "furniture", "food", "object", "flower", "toy", "book", "flag", "sign")
"""Kinds that stand before a background."""

# senses that are kinds of their kind, so that any thing of the kind will do
_KINDLY = (
    *("path", "rose", "forest", "jacket", "blouse", "t-shirt", "stone", "lake", "bush", "bench", "jeans", "shorts"),
    *("boot", "cap", "helmet", "boy", "girl", "baby", "bride", "soldier", "doll", "apple", "worker", "driver", "rider"),
    *("passenger", "leg"),
)
# kind or sense -> the broader kind that may stand for it where nothing finer is known, and how well
_BROADER = {
    **dict.fromkeys(("man", "woman", "child", "boy", "girl", "baby", "bride", "soldier"), ("person", 0.75)),
    **dict.fromkeys(("worker", "driver", "rider", "passenger"), ("person", 0.7)),
    **dict.fromkeys(("coat", "jacket", "dress", "suit", "uniform", "robe", "kimono", "sari"), ("clothing", 0.8)),
    **dict.fromkeys(("shirt", "blouse", "t-shirt", "sweater", "cape", "vest"), ("clothing", 0.65)),
    **dict.fromkeys(("swimsuit", "embroidered shirt"), ("clothing", 0.6)),
    **dict.fromkeys(("house", "church", "tower"), ("building", 0.75)),
    **dict.fromkeys(("sea", "river", "lake"), ("water", 0.85)),
    **dict.fromkeys(("rose", "bouquet", "wreath"), ("flower", 0.85)),
    "toy car": ("toy", 0.8),
    **dict.fromkeys(("path",), ("road", 0.85)),
    "ship": ("boat", 0.85),
    "hand": ("skin", 0.6),
    "forest": ("tree", 0.85),
    "bush": ("leaves", 0.8),
    "stone": ("rock", 0.85),
    "bench": ("chair", 0.6),
    "tram": ("train", 0.6),
}
_PARTS = ("wall", "roof", "window", "door")  # below "building" in the vocabulary, and no buildings
_ANIMALS = ("dog", "cat", "horse", "cow", "sheep", "bird")


def candidates(target: Target, scene: Scene) -> list[tuple[Thing, float]]:
    """The things that a noun can mean, and how well it fits, 0..1.

    Args:
        target: With a sense; one without fits everything.
        scene: Of the photo.

    Returns:
        Things in the scene's order. Things that are called by this noun leave those out that are only of its kind,
        and those leave out things of a broader kind.
    """
    tiers: list[list[tuple[Thing, float]]] = [[], [], []]
    for thing in scene.active_things():
        if thing.id in (WHOLE, *REMAINDERS):
            continue
        score = _score(target, thing)
        if score is not None:
            tiers[0 if score == 1 else 1 if score >= 0.9 else 2].append((thing, score))
    return next((tier for tier in tiers if tier), [])


def _score(target: Target, thing: Thing) -> float | None:
    if not target.sense:
        return 0.9
    if target.sense in names(thing):
        return 1.0
    above = kinds(thing.kind)
    if target.kind == "building" and thing.kind in _PARTS:
        return None
    own_kind = target.sense == target.kind or target.sense in _KINDLY
    if own_kind and target.kind in above and target.kind not in ("object", "thing", "other"):
        return 0.95
    broader = _BROADER.get(target.sense) or _BROADER.get(target.kind) if own_kind or target.sense in _BROADER else None
    if broader is not None and broader[0] in above and _is_undecided(target, thing, broader[0]):
        return broader[1]
    if target.kind == "animal" and target.sense not in _ANIMALS and thing.kind == "animal":
        return 0.7
    return None


def is_named(target: Target, thing: Thing) -> bool:
    """Whether a thing is what the noun says, and not only something broader that may be meant."""
    return not target.sense or target.sense in names(thing) or target.kind in kinds(thing.kind)


def _is_undecided(target: Target, thing: Thing, broader: str) -> bool:
    """A thing of the broader kind that is known to be another finer one is not meant: a man is no woman."""
    return thing.kind == broader or target.kind in kinds(thing.kind)


def names(thing: Thing) -> set[str]:
    """The senses of all that a thing is called: its id, its kind, what people say of it."""
    stem = re.sub(r"[-_.\s]*\d*$", "", thing.id)
    texts = [thing.kind, stem, re.sub(r"[-_.]+", " ", stem), *(w.words for w in thing.all(Words))]
    nouns = (lexicon().noun(text) for text in texts if text and len(text) <= 60)
    return {noun.sense for noun in nouns if noun is not None}


def title(thing: Thing) -> str:
    """What a message calls a thing: its kind, or its id where that says more."""
    return kind_title(thing.kind) if thing.kind not in ("thing", "object", "other") else thing.id


def kind_title(kind: str) -> Message:
    """A kind of thing as a part of messages: its term, for which the catalogs of other languages have words."""
    return Message(kind, code=f"kind.{kind}")


def thing_title(id: str) -> str:
    """A thing as a part of messages: the id that perception gave it, such as "car-2" or "person.clothing"; other ids
    stay what they are.

    >>> thing_title("car-2").values["kind"].code
    'kind.car'
    """
    owner, dot, part = id.rpartition(".")
    if dot:
        titles = thing_title(owner), thing_title(part)
        if not all(isinstance(title, Message) for title in titles):
            return id
        return Message("{owner}.{part}", code="thing.part", owner=titles[0], part=titles[1])
    kind, _, number = id.rpartition("-")
    if kind in BROADER and number.isdecimal():
        return Message("{kind}-{number}", code="thing.numbered", kind=kind_title(kind), number=number)
    return kind_title(id) if id in BROADER or id in REMAINDERS else id


def inventory(scene: Scene) -> Message:
    """What is in the photo, as a list for a message."""
    counts = Counter(title(thing) for thing in scene.active_things() if thing.id != WHOLE)
    if not counts:
        return Message("nothing was found in the photo", code="words.nothing-found")
    listed = join(
        [
            Message("{kind} ({count})", code="words.counted-kind", kind=name, count=count) if count > 1 else name
            for name, count in counts.most_common(10)
        ]
    )
    if len(counts) > 10:
        more = len(counts) - 10
        listed = Message("{kinds} and {count} other kinds", code="words.more-kinds", kinds=listed, count=more)
    return Message("found: {kinds}", code="words.found", kinds=listed)


def confidence(thing: Thing) -> float:
    """How sure it is that a thing is there, 0..1, where a modality other than its color says so."""
    values = [
        float(value) for known in thing.modalities
        if not isinstance(known, Color) and isinstance(value := getattr(known, "confidence", None), int | float)
    ]  # fmt: skip
    return min(values, default=1.0)
