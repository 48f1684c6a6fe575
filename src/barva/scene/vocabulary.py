"""The words of a scene: what things can be, how they can relate, and the JSON-LD context that gives them addresses."""

from __future__ import annotations

from typing import Any

from barva.errors import UsageError, shorten, suggestion

VOCABULARY = "https://barva.dev/ns/scene/1/"
"""Where the terms live; its number is the version of the format. Nothing is ever fetched from there."""

_TREE = """
thing
  picture
  person
    woman
    man
    child
  body
    face
    hair
    hand
    skin
    lips
    eyes
  clothing
    coat
    dress
    shirt
    suit
    trousers
    skirt
    uniform
    hat
    shoes
    scarf
  animal
    dog
    cat
    horse
    cow
    sheep
    bird
  plant
    tree
    grass
    flower
    leaves
  sky
    cloud
    sun
  water
    sea
    river
    snow
  ground
    soil
    sand
    rock
    mountain
    road
  building
    house
    church
    wall
    roof
    window
    door
  vehicle
    car
    truck
    bus
    train
    motorcycle
    bicycle
    airplane
    boat
      ship
  furniture
    table
    chair
    sofa
    bed
    curtain
    carpet
  food
    fruit
    bread
  object
    bottle
    screen
    bag
    umbrella
    book
    toy
  other
  sign
    flag
    text
"""


def _broader() -> dict[str, str]:
    """Term -> the broader term above it."""
    terms: dict[str, str] = {}
    above: list[str] = []
    for line in _TREE.strip("\n").splitlines():
        term = line.strip()
        depth = (len(line) - len(term)) // 2
        above = [*above[:depth], term]
        terms[term] = above[depth - 1] if depth else ""
    return terms


BROADER = _broader()
"""is-a: every term with the broader one above it; "thing" has none above."""

RELATIONS = ("upon", "in", "behind", "near", "leftOf", "wears", "holds", "like")
"""How a thing can relate to another, beside being a part of it."""


def kinds(term: str) -> tuple[str, ...]:
    """All that something is which is a `term`: `("coat", "clothing", "thing")`."""
    terms = []
    while term:
        terms.append(term)
        term = BROADER.get(term, "")
    return tuple(terms)


def find_kind(word: str) -> str:
    """The term that a word names, in the singular or the plural.

    Raises:
        UsageError: There is no such kind.

    Examples:
        >>> find_kind("dresses")
        'dress'
    """
    for candidate in (word, word.removesuffix("s"), word.removesuffix("es")):
        if candidate in BROADER:
            return candidate
    near = suggestion(word, BROADER) or "; kinds are English words such as person, clothing, car or tree"
    raise UsageError(f"there is no kind '{shorten(word)}'{near}")


_LIST = {"@container": "@list"}
_LINK = {"@type": "@id"}
CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "@vocab": VOCABULARY,
    "isA": {"@type": "@vocab"},
    "partOf": _LINK,
    **dict.fromkeys(RELATIONS, _LINK),
    **dict.fromkeys(("things", "known", "at", "along", "box", "polygon", "source", "shape", "ab"), _LIST),
}
"""The context of every scene that is written: complete, so that a reader needs no network."""
