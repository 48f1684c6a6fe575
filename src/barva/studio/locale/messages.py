"""The texts of the page in English, and `Words`, which gives them in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from barva.color import names
from barva.errors import Message
from barva.methods.base import MethodCard
from barva.studio.locale.catalog import catalog

LANGUAGE_COOKIE = "barva-language"
LANGUAGES: Final = {"en": "English", "uk": "Українська"}
_POINTS: Final = {"uk": ","}  # of numbers that are no whole ones, where it is not "."

ENGLISH: Final[dict[str, str]] = {
    # start
    "tagline": "Color for black-and-white photographs",
    "start.title": "Drop a photograph here",
    "start.title.touch": "Color a photograph",
    "start.text": "or a film, or paste one, or choose files. Everything stays on this computer.",
    "start.text.touch": "Choose photos of yours, or try an example. Everything stays on your own computer.",
    "start.choose": "Choose photos",
    "start.scene": "Open saved work",
    "start.examples": "Or try an example",
    "example.astronaut": "Astronaut",
    "example.chelsea": "Cat",
    "example.coffee": "Coffee",
    "example.rocket": "Rocket",
    "start.recent": "Continue with",
    "start.all": "All {count} photos",
    "waits.title": "Open {name}",
    "waits.text": "This scene was made with {name}. Choose that photo, and the scene goes to it.",
    "waits.any": "A scene has no photo in it. Choose the photo that it is for.",
    "waits.choose": "Choose the photo",
    "drop": "Drop to open",
    "opening": "Opening {name}",
    # bar
    "open": "Open",
    "save": "Save",
    "undo": "Undo",
    "redo": "Redo",
    "help": "Shortcuts",
    "theme": "Light or dark",
    "theme.auto": "Same as the system",
    "theme.light": "Light",
    "theme.dark": "Dark",
    "panel": "Settings",
    "home": "Start page",
    "view": "View",
    "view.after": "After",
    "view.split": "Compare",
    "view.before": "Before",
    # tools
    "tools": "Tools",
    "tool.hand": "Move the picture",
    "tool.point": "Color a spot",
    "tool.stroke": "Draw a stroke",
    "tool.box": "Draw a box",
    "tool.grow": "Select an object",
    "tool.lasso": "Lasso",
    "tool.brush": "Selection brush",
    "short.hand": "Move",
    "short.point": "Spot",
    "short.stroke": "Stroke",
    "short.box": "Box",
    "short.grow": "Object",
    "short.lasso": "Lasso",
    "short.brush": "Brush",
    "mode": "Selection",
    "mode.new": "New",
    "mode.add": "Add",
    "mode.cut": "Cut",
    "reach": "How far it spreads",
    "radius": "Brush size",
    # picture
    "stage": (
        "The photograph. Arrow keys move a cross, Enter clicks there, or begins and ends what the tool draws; "
        "question mark lists the shortcuts."
    ),
    "coach": "Click where a color is wrong",
    "coach.touch": "Tap where a color is wrong",
    "points": "Marks on the photograph",
    "pending": "New mark, no color yet",
    "point": "Spot",
    "stroke": "Stroke",
    "box": "Box",
    "object": "Object",
    "group": "Group",
    "zoom": "Zoom",
    "zoomIn": "Zoom in",
    "zoomOut": "Zoom out",
    "fit": "Fit to the window, or full size",
    "compare": "Border between before and after",
    "before": "Before",
    "after": "After",
    "worked": "Colored",
    "working": "Coloring…",
    # popover
    "likely": "Likely here",
    "recent": "Recent",
    "wheel": "Color wheel: left and right turn the hue, up and down the saturation",
    "redraw": "Another one, only here",
    "redraw.off": "“{method}” draws nothing at random. For this, choose “{others}”.",
    "redraw.count": "Drawn anew: {count}",
    "redraw.undo": "As they were drawn first",
    "hex": "Color: a name or #rrggbb",
    "dropper": "Pick from the picture or a reference",
    "remove": "Delete",
    "close": "Close",
    "name": "Name",
    "none": "This method suggests no colors",
    # panel
    "tab.color": "Color",
    "tab.scene": "Scene",
    "tab.photos": "Photos",
    "say": "Say it in words",
    "say.example": "make the car red",
    "say.nothing": "It is so already",
    "say.rest": "Do the rest: {text}",
    "method": "Method",
    "name.guided": "Automatic, follows marks",
    "name.diffusion": "Automatic, drawn at random",
    "name.classes": "Automatic, by color classes",
    "name.cyclegan": "Automatic, trained without pairs",
    "name.gan": "Automatic, vivid",
    "name.irony": "From one reference photo",
    "name.levin": "From your marks only",
    "name.references": "From several reference photos",
    "name.regression": "Automatic, muted",
    "name.welsh": "From references, by lightness",
    "method.follows": "Follows: {kinds}",
    "method.nothing": "Your marks are applied afterwards",
    "kind.points": "points",
    "kind.strokes": "strokes",
    "kind.regions": "regions",
    "kind.references": "references",
    "kind.swatches": "matched areas",
    "kind.palette": "palette",
    "vividness": "Vividness",
    "strength": "Strength of marks",
    "skin": "Give gray skin the color of the face",
    "variants": "Variants",
    "variants.make": "Show six variants",
    "variants.none": "This method knows one answer only",
    "variants.drawn": "All but the first are drawn by “{method}”",
    "variant": "Variant {n}",
    "confidence": "Show where it is unsure",
    "confidence.none": "This method does not say where it is unsure",
    "references": "References",
    "references.text": "Color photos to take colors from",
    "references.add": "Add a reference",
    "reference": "Reference {name}",
    "palette": "Palette",
    "palette.text": "Keep the picture’s colors near these",
    "palette.add": "Add a color",
    "methods.compare": "Compare methods",
    "notes": "Notes",
    # scene
    "scene.empty": "Nothing is marked yet. Click a spot to give it a color, or select an object.",
    "scene.group": "New group",
    "scene.show": "On or off: {name}",
    "scene.rename": "Name of {name}",
    "scene.recolor": "Color of {name}",
    "scene.into": "Group of {name}",
    "scene.top": "— no group",
    "scene.clear": "Delete all",
    "origin.user": "yours",
    "origin.network": "suggested",
    "origin.reference": "from a reference",
    # photos
    "photos.add": "Add photos",
    "photos.color": "Color all",
    "photos.apply": "Apply this scene to all",
    "photos.zip": "Download finished",
    "photos.stop": "Cancel",
    "photos.retry": "Retry",
    "photos.remove": "Remove {name}",
    "photos.show": "Show {name}",
    "photos.progress": "{done} of {count} finished",
    "photos.removed": "{name} was removed",
    "photos.again": "Edited since, colored again first: {count}. The download follows.",
    "photos.loading": "Downloading finished photos: {count}",
    "photos.unfinished": "Not finished: {names}",
    "apply.title": "The scene of {name} for other photos",
    "apply.text": "Marks go along in proportion. Before is at the left of each pair, with the scene at the right.",
    "apply.all": "Choose all",
    "apply.none": "Choose none",
    "apply.count": "Chosen: {count}",
    "apply.do": "Apply and color",
    "apply.done": "The scene went to other photos: {count}",
    "apply.kept": "Edited since and left as they are ({count}): {names}",
    "cancel": "Cancel",
    "state.edited": "edited since it was finished",
    "state.open": "not finished yet",
    "state.waiting": "waiting",
    "state.running": "coloring",
    "state.done": "finished",
    "state.failed": "failed",
    "state.cancelled": "cancelled",
    # film
    "film.frames": "Key frames",
    "film.looking": "Looking for shots: {count} so far. Edited: {edited}",
    "film.shots": "Shots: {count}. Edited: {edited}",
    "film.hint": "What you do to a key frame holds for its shot. Your file stays as it is.",
    "film.apply": "Apply to these key frames",
    "film.color": "Color the film",
    "film.frame": "Save this frame",
    "film.frame.text": "Only the frame that is shown, as a picture. For the whole film there is “Color the film”.",
    "film.waiting": "The film waits for its turn",
    "film.coloring": "Coloring the film: {percent} %",
    "film.cancelled": "Stopped. It goes on where it was.",
    "film.failed": "The film was not colored: {why}",
    "film.done": "The film is finished. Save it as {name}.",
    "film.changed": "Edited since the film was colored.",
    "film.save": "Save the film",
    "film.delete": "Delete the film",
    "film.delete.text": "The film, its key frames and the result are deleted. Nothing brings them back.",
    # save
    "save.title": "Save",
    "save.photo": "Photo",
    "save.photo.text": "Full size, with the file’s metadata",
    "save.format": "Format",
    "save.same": "As the original ({format})",
    "save.scene": "Scene",
    "save.scene.text": "Your marks and objects, to continue later",
    "save.all": "Everything",
    "save.all.text": "Original, color photo and scene as a zip",
    "saving": "Preparing the file…",
    "saved": "Saved: {name}",
    "autosaved": "Your work is kept on this computer",
    # comparison
    "compare.title": "Methods side by side",
    "compare.run": "Compare",
    "compare.take": "Use",
    "compare.error": "ΔE {value}",
    "seconds": "{n} s",
    # help
    "help.title": "Keyboard shortcuts",
    "help.peek": "Hold: show the original",
    "help.zoom": "Zoom in, out",
    "help.fit": "Fit to the window",
    "help.full": "Actual size (100 %)",
    "help.space": "Hold: move the picture",
    "help.size": "Smaller, larger brush",
    "help.modifiers": "Add to, cut from the selection",
    "help.aim": "Aim and click with the keyboard",
    "help.draw": "Start drawing, draw, finish",
    "help.escape": "Close",
    # troubles
    "notice.reference": "“{method}” takes its colors from a reference photo. Add one to color this photo with it.",
    "save.not": "Not saved: {why}",
    "trouble": "That did not work: {why}",
    "trouble.more": "{why}. Others that failed: {names}",
    "trouble.network": "The server did not answer",
    "connection": "Connection lost, trying again…",
    "connection.kept": "What you mark and say now is kept and sent when it is back.",
    "connection.needed": "This has to wait until it is back.",
    "connection.sent": "Connected again: your edits have arrived",
    "connection.lost": "Edits that could not be kept: {n}. Their photo is no longer open.",
}


class Words:
    """The messages of one language; unknown languages speak English."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"
        self._catalog = catalog(self.language)

    def __call__(self, key: str, **values: object) -> str:
        text = ENGLISH[key]
        if self._catalog is not None:
            text = self._catalog.page_text(key, text)
        return text.format(**values) if values else text

    def number(self, value: float, digits: int = 2) -> str:
        """With at most so many digits after the point, or the comma, of the language; none where they are 0."""
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", _POINTS.get(self.language, "."))

    def color(self, color: str) -> str:
        """What #rrggbb is called for people: who cannot see it hears that. A name stays as it was written."""
        return names.name(color, self.language)

    def method(self, name: str) -> str:
        """What a method is called for people; its own name where nothing better is known, as for a plug-in."""
        return self(f"name.{name}") if f"name.{name}" in ENGLISH else name

    def translate(self, message: str) -> str:
        """An error or a note by its code; what has no code, or none that is known, stays as it is."""
        if self._catalog is None or not isinstance(message, Message):
            return str(message)
        return self._catalog.message(message)

    def problem(self, code: str, message: Message) -> dict[str, Any]:
        """An error as `schemas.Problem` describes it, in this language."""
        text = self.translate(message)
        return {"code": code, "message": text, "reason": message.code, "values": message.plain_values()}

    def note(self, note: str) -> dict[str, Any]:
        """A note as `schemas.Note` describes it, in this language."""
        known = note if isinstance(note, Message) else Message(note)
        return {"message": self.translate(known), "reason": known.code, "values": known.plain_values()}

    def card(self, card: MethodCard, name: str) -> str:
        """A card's `title`, `summary` or `caution`: in the card's own translation, or in the page's."""
        own = card.text(name, self.language)
        return own if self._catalog is None or own != card.text(name) else self._catalog.card(card.name, name, own)

    def subset(self, *keys: str) -> dict[str, str]:
        """Several messages, for the picture."""
        return {key: self(key) for key in keys}


def language_of(cookies: Mapping[str, str], accepted: str) -> str:
    """The language of an answer: what the page's visitor chose, else what the browser asks for."""
    return cookies.get(LANGUAGE_COOKIE) or preferred_language(accepted)


def preferred_language(header: str) -> str:
    """The first language of an Accept-Language header that the studio speaks."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
