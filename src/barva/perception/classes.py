"""The classes that the perception network tells apart, as terms of the scene's vocabulary.

Every pixel belongs to exactly one class. People are divided into their parts; "other" is all that has no class here,
such as walls and floors. A broader word stands for several classes: "person" for the four parts, "vehicle" for eight.
"""

from __future__ import annotations

from functools import cache

from barva.scene.vocabulary import kinds

PERSON = ("face", "hair", "skin", "clothing")
"""The parts of people; "skin" is that of arms, hands, legs and the body."""

CLASSES = (
    "other",
    *PERSON,
    *("dog", "cat", "horse", "cow", "sheep", "bird", "animal"),
    *("tree", "grass", "flower", "leaves"),
    *("sky", "water", "snow", "sand", "rock", "soil", "mountain"),
    *("road", "building"),
    *("car", "truck", "bus", "train", "motorcycle", "bicycle", "boat", "airplane"),
    *("chair", "sofa", "table", "bottle", "screen", "bag", "umbrella", "food"),
)
"""The classes in the order of the network's output; "animal" are other animals, "leaves" shrubs and potted plants."""

NUMBER = {name: n for n, name in enumerate(CLASSES)}
"""Class -> its place in the network's output."""


@cache
def members(term: str) -> tuple[int, ...]:
    """The numbers of all classes that are a kind of `term`.

    Args:
        term: A term of the vocabulary, such as "person", "vehicle" or "car".

    Returns:
        Ascending class numbers; of a term narrower than every class, that of the class above it ("hat": clothing).

    Raises:
        KeyError: The term is not in the vocabulary, or no class is a kind of it or above it.

    Examples:
        >>> [CLASSES[n] for n in members("person")]
        ['face', 'hair', 'skin', 'clothing']
    """
    if term == "person":
        return tuple(NUMBER[part] for part in PERSON)
    below = tuple(n for n, name in enumerate(CLASSES) if term in kinds(name))
    if below:
        return below
    for broader in kinds(term):
        if broader in NUMBER:
            return (NUMBER[broader],)
        if broader == "person":
            return members("person")
    raise KeyError(term)
