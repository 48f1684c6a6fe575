"""A scene as text for people: the tree, and below each thing what is known of it."""

from __future__ import annotations

from collections.abc import Iterator

from barva.scene.modality import Unknown
from barva.scene.model import WHOLE, Scene, Thing
from barva.values import one_line


def text(scene: Scene) -> str:
    """One line for each thing and for all that is known of it."""
    return "\n".join([_source(scene), *_thing(scene, scene.whole, "", "")]) + "\n"


def _source(scene: Scene) -> str:
    source = scene.source
    if source is None:
        return "of no photo in particular"
    digest = f", sha256 {source.sha256[:12]}..." if source.sha256 else ""
    return f"of {source.name or 'a photo'}, {source.width} x {source.height} px{digest}"


def _thing(scene: Scene, thing: Thing, first: str, rest: str) -> Iterator[str]:
    parts = scene.parts(thing.id)
    kind = "" if thing.kind in ("thing", thing.id) or thing.id == WHOLE else f" ({thing.kind})"
    relations = "".join(f", {relation} {to}" for relation, to in thing.relations)
    yield one_line(f"{first}{thing.id}{kind}{relations}{'' if thing.on else '  [off]'}")
    bar = "│ " if parts else "  "
    for modality in thing.modalities:
        name = modality.type or "?" if isinstance(modality, Unknown) else modality.TYPE.lower()
        yield one_line(f"{rest}{bar}  {name}: {modality.text()}")
    for n, part in enumerate(parts, 1):
        last = n == len(parts)
        yield from _thing(scene, part, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
