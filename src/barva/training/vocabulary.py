"""What the labels of mask collections mean in the classes of `barva.perception.classes`.

A label stands for the set of classes that its pixels can belong to: "person" for face, hair, skin and clothing. Pixels
whose label says nothing may be any class, and so add nothing to the loss (`losses.partial_cross_entropy`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from barva.perception.classes import CLASSES, NUMBER, PERSON, members

Sets = npt.NDArray[np.bool_]

USUAL = {"other": 10.0, "clothing": 6.0, "skin": 1.0, "face": 1.0, "hair": 1.0}
"""How much of photos these classes cover against 0.3 for each of the rest: the answer where a label leaves it open."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "aeroplane": ("airplane",), "motorbike": ("motorcycle",), "diningtable": ("table",), "dining table": ("table",),
    "pottedplant": ("leaves", "flower"), "potted plant": ("leaves", "flower"), "foliage": ("leaves", "tree"),
    "tvmonitor": ("screen",), "tv/monitor": ("screen",), "tv": ("screen",), "laptop": ("screen",),
    "couch": ("sofa",), "bench": ("chair",), "sea": ("water",), "street/road": ("road",), "road": ("road",),
    "pavement": ("road",), "gravel": ("rock", "soil", "road", "sand"), "concrete": ("road", "building", "other"),
    "plants": ("tree", "grass", "leaves"), "suitcase": ("bag",), "handbag": ("bag",), "backpack": ("bag",),
    "elephant": ("animal",), "bear": ("animal",), "zebra": ("animal",), "giraffe": ("animal",), "camel": ("animal",),
    "goat": ("animal", "sheep"), "snow": ("snow",), "water": ("water",),
    "banana": ("food",), "apple": ("food",), "sandwich": ("food",), "orange": ("food",), "broccoli": ("food",),
    "carrot": ("food",), "hot dog": ("food",), "pizza": ("food",), "donut": ("food",), "cake": ("food",),
    "skin": ("skin", "face"), "clothes or hair": ("clothing", "hair"), "face skin": ("face",),
    "eyes": ("face",), "mouth": ("face",), "nose": ("face",),
    "arm": ("skin",), "leg": ("skin",), "hat": ("clothing",), "glove": ("clothing",), "upper-clothes": ("clothing",),
    "dress": ("clothing",), "coat": ("clothing",), "socks": ("clothing",), "pants": ("clothing",),
    "jumpsuit": ("clothing", "skin"), "scarf": ("clothing",), "skirt": ("clothing",), "shoe": ("clothing",),
    "bed": ("other", "sofa"), "void": (), "unlabeled": (), "object": (), "null": (),
    "purse": ("bag",), "wallet": ("bag",), "accessories": ("other", "clothing"), "bracelet": ("other", "clothing"),
    "earrings": ("other", "clothing"), "glasses": ("other", "clothing"), "necklace": ("other", "clothing"),
    "ring": ("other", "clothing"), "sunglasses": ("other", "clothing"), "watch": ("other", "clothing"),
} | dict.fromkeys((
    "belt", "blazer", "blouse", "bodysuit", "boots", "bra", "cape", "cardigan", "clogs", "flats", "gloves", "heels",
    "hoodie", "intimate", "jacket", "jeans", "jumper", "leggings", "loafers", "panties", "pumps", "romper", "sandals",
    "shorts", "sneakers", "stockings", "sweater", "sweatshirt", "swimwear", "t-shirt", "tie", "tights", "top", "vest",
    "wedges",
), ("clothing",))  # fmt: skip
"""Labels of public mask collections that are not terms of the vocabulary, or mean more or less than the term says. An
empty tuple: the label says nothing of the class."""

UNSURE = ("leaves", "flower", "table", "other", "animal", "bag", "food", "rock", "soil")
"""Classes that collections label only in part, so that their background may hold them although they name them."""

SOLID = (
    *PERSON, "dog", "cat", "horse", "cow", "sheep", "bird", "animal", "car", "truck", "bus", "train", "motorcycle",
    "bicycle", "boat", "airplane", "sofa", "screen", "umbrella",
)  # fmt: skip
"""Things with an outline, which annotators do not pass over, as they do trees and walls."""


def classes_of(label: str) -> frozenset[int]:
    """The numbers of the classes that a label can mean; empty where it says nothing of the class.

    Args:
        label: A label as the collection spells it, such as "aeroplane" or "upper-clothes".

    Examples:
        >>> sorted(CLASSES[n] for n in classes_of("pottedplant"))
        ['flower', 'leaves']
    """
    name = label.strip().lower()
    if name in SYNONYMS:
        return frozenset(NUMBER[c] for c in SYNONYMS[name])
    if name in NUMBER:
        return frozenset((NUMBER[name],))
    try:
        return frozenset(members(name))
    except KeyError:
        return frozenset((NUMBER["other"],))


def sets_of(labels: Mapping[int, str], background: str = "unknown") -> Sets:
    """Which classes each label of a collection can mean.

    Args:
        labels: The collection's index -> its label.
        background: What the label "background" (or "not ...") means: "unknown", any class; "rest", any class but those
            that the collection names; "things", any class but the solid things that it names (for collections whose
            annotators left out trees, walls and the like in places).

    Returns:
        (256, classes) booleans, a row for each index; indices without a label can mean any class.
    """
    sets = np.ones((256, len(CLASSES)), bool)
    named = {n: classes_of(label) for n, label in labels.items() if not _is_background(label)}
    excluded = {c for classes in named.values() for c in classes} - {NUMBER[c] for c in UNSURE}
    if background == "things":
        excluded &= {NUMBER[c] for c in SOLID}
    for n, label in labels.items():
        if not _is_background(label):
            classes = named[n]
            sets[n] = [c in classes for c in range(len(CLASSES))] if classes else True
        elif label.startswith("not "):
            sets[n] = [c not in classes_of(label[4:]) for c in range(len(CLASSES))]
        elif background != "unknown":
            sets[n] = [c not in excluded for c in range(len(CLASSES))]
    return sets


def usual_shares() -> npt.NDArray[np.float32]:
    """(classes,) how usual each class is among those that a label can mean; relative."""
    return np.array([USUAL.get(name, 0.3) for name in CLASSES], np.float32)


def _is_background(label: str) -> bool:
    return label == "background" or label.startswith("not ")
