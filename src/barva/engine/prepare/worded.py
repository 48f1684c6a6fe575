"""A request's text, written into the photo's scene before anything else reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from barva import language
from barva.engine.prepare import request_scene
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.request import Request
from barva.imaging.photo import Photo
from barva.scene import edit
from barva.scene.model import Scene, Source
from barva.scene.things import WHOLE, free_id


def with_words(request: Request, prepared: PreparedPhoto) -> tuple[Request, tuple[str, ...]]:
    """The request with what its text asks for in its scene, and without the text.

    Args:
        request: With or without a text; without one it stays as it is.
        prepared: The photo, looked at where the scene knows no things yet.

    Returns:
        The request, and notes on what was not certain of the text.

    Raises:
        UsageError: The text is not understood, or speaks of a thing that is not in the photo.
    """
    if not request.text:
        return request, ()
    given, scaled = (None, ()) if request.scene is None else request_scene.fit_scene(request.scene, prepared.photo)
    scene = scene_to_speak_of(given, prepared.photo, lambda: prepared.objects)
    if request.vividness is not None:  # "more vivid" than what was asked beside the text
        scene = edit.set_manner(scene, replace(scene.whole.manner, vividness=request.vividness))
    scene, notes = language.claims(request.text, scene)
    return replace(request, scene=scene, text="", vividness=scene.whole.manner.vividness), (*scaled, *notes)


def scene_to_speak_of(scene: Scene | None, photo: Photo, look: Callable[[], Scene]) -> Scene:
    """The scene itself if it knows what its things are; else with what `look` finds in the photo, under other ids where
    the scene's things have theirs."""
    known = scene or Scene(source=Source(photo.width, photo.height, "", photo.name))
    if any(t.id != WHOLE and t.kind != "thing" for t in known.things):
        return known
    perceived = look()
    if scene is None:
        return perceived
    own = [t for t in scene.things if t.id != WHOLE]
    taken = {t.id for t in (*own, *perceived.things)}
    for thing in own:
        if any(t.id == thing.id for t in perceived.things):
            new = free_id(thing.id, taken)
            perceived, taken = edit.rename(perceived, thing.id, new), taken | {new}
    return replace(perceived, things=(*perceived.things, *own)).with_thing(scene.whole)
