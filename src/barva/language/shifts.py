"""Warmer and cooler, more vivid and more muted, and looks: changes of the colors that things, or all of it, get."""

from __future__ import annotations

from dataclasses import replace

from barva.color import names
from barva.errors import UsageError, shorten
from barva.language import colors, matching
from barva.language.clauses import Clause, ColorTerm
from barva.language.looks import looks
from barva.scene import edit
from barva.scene.modalities import Color
from barva.scene.model import Scene
from barva.scene.picture_modalities import Palette

_VIVID_STEP, _WARM_STEP = 0.35, 0.4


def shift_thing(scene: Scene, id: str, clause: Clause, words: str) -> Scene:
    """One thing's colors, shifted as a clause says. UsageError: warmer, and it has no color of its own."""
    if clause.vividness:
        scene = edit.paint(scene, id, None, vividness=_vivider(scene.thing(id).manner.vividness, clause))
    return _warm(scene, id, clause.warmth, words) if clause.warmth else scene


def _vivider(vividness: float | None, clause: Clause) -> float:
    return min(max((1.0 if vividness is None else vividness) + _VIVID_STEP * clause.vividness, 0.0), 2.0)


def _warm(scene: Scene, id: str, warmth: float, words: str) -> Scene:
    """A thing's own color, warmer or cooler."""
    asked = [c for c in scene.thing(id).all(Color) if c.enforced]
    if not asked:
        raise UsageError(
            "'{words}': warmer and cooler are for the whole picture, or for things whose color was said; "
            "name a color for {thing}",
            code="words.shift-without-color",
            words=shorten(words),
            thing=matching.thing_title(id),
        )
    text = asked[-1].color
    L, a, b = names.lab(text)
    base = ColorTerm(text, names.code(text) or f"lab({L:.1f}, {a:.1f}, {b:.1f})")
    return edit.paint(scene, id, colors.modify(base, "", ("warm" if warmth > 0 else "cool",), (0, 0)).code)


def shift_photo(scene: Scene, clause: Clause) -> Scene:
    """All of the photo, shifted as a clause says."""
    how = scene.whole.manner
    if clause.vividness:
        how = replace(how, vividness=_vivider(how.vividness, clause))
    if clause.warmth:
        how = replace(how, warmth=min(max((how.warmth or 0.0) + _WARM_STEP * clause.warmth, -1.0), 1.0))
    return edit.set_manner(scene, how)


def apply_look(scene: Scene, name: str) -> Scene:
    """The photo in a look: its palette, vividness and warmth, in the place of those before."""
    look = looks()[name]
    whole = scene.whole.without(Palette)
    scene = scene.with_thing(whole.with_modalities(Palette(look.palette)) if look.palette else whole)
    return edit.set_manner(scene, replace(whole.manner, vividness=look.vividness, warmth=look.warmth))


def text(clause: Clause) -> str:
    """What a shift is, for people."""
    parts = []
    if clause.warmth:
        parts.append("warmer" if clause.warmth > 0 else "cooler")
    if clause.vividness:
        parts.append("more vivid" if clause.vividness > 0 else "more muted")
    return " and ".join(parts)
