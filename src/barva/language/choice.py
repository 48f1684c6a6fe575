"""Which of several things that fit a noun is meant: by place, number, size, shade, and else the most visible one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from barva.color import names
from barva.errors import Message, UsageError
from barva.language import matching
from barva.language.clauses import Target
from barva.language.geometry import Place
from barva.scene.modalities import Color, Light
from barva.scene.model import Thing

Options = list[tuple[Thing, float]]
"""Things, and how well each fits, 0..1."""

_SPOTS: dict[str, Callable[[Place], float]] = {
    "left": lambda p: p.x,
    "right": lambda p: -p.x,
    "top": lambda p: p.y,
    "bottom": lambda p: -p.y,
    "front": lambda p: -p.bottom,
    "back": lambda p: p.bottom,
}
_SALIENCE = 0.6  # of an area's exponent: a face twice as large is not twice as likely meant
_ONE_OF_EACH = ("hair", "face", "skin", "clothing", "eyes", "lips", "hand")
"""Parts of which one person has one, in one piece or several."""


@dataclass(frozen=True)
class Grounded:
    """The things that a target is.

    Args:
        things: In the order of the photo, left to right where that was said.
        certainty: 0..1.
        notes: What was not certain, for people.
    """

    things: tuple[Thing, ...]
    certainty: float = 1.0
    notes: tuple[str, ...] = ()


class Choice:
    """Chooses among things by where they lie.

    Args:
        places: Of the scene's things, by id.
    """

    def __init__(self, places: dict[str, Place]) -> None:
        self._places = places

    def apply_shade(self, options: Options, shade: str, notes: list[str]) -> Options:
        """By a color that describes: as was asked before, or light and dark as the photo shows them."""
        asked = [(t, s) for t, s in options if any(_alike(c.color, shade) for c in t.all(Color) if c.enforced)]
        if asked or len(options) == 1:
            return asked or options
        best = by_shade([t for t, _ in options], shade)
        if best is None:
            notes.append(
                Message(
                    "'{words}' tells nothing in a photo without color: it was not used to choose",
                    code="note.shade-unseen",
                    words=shade,
                )
            )
            return options
        return [(t, s) for t, s in options if t.id == best.id]

    def choose(self, target: Target, options: Options, word: str) -> Grounded:
        many = target.every or target.plural
        if target.size:
            options = [self._by_size(options, target.size, word)]
        if target.place:
            options = self._by_place(options, target.place, many or bool(target.ordinal) or target.count > 1)
        if target.ordinal:
            return self._by_number(target, options, word)
        wanted = target.count or (0 if many else 1)
        if target.count > 1:
            if len(options) < wanted:
                raise UsageError(
                    "{problem}, not {wanted}",
                    code="words.fewer-than-wanted",
                    problem=_too_few(word, len(options), options[0][0]),
                    wanted=wanted,
                )
            notes = (
                ()
                if len(options) == wanted
                else (
                    Message(
                        "'{words}': {count} found, the most visible were taken",
                        code="note.most-visible",
                        words=word,
                        count=len(options),
                    ),
                )
            )
            best = sorted(options, key=lambda option: -self._salience(option))[:wanted]
            return Grounded(self._in_order([t for t, _ in best]), _mean(best) * wanted / len(options), notes)
        owned = target.owner is not None
        stuff = target.kind in matching.STUFF or (target.kind in _ONE_OF_EACH and owned)
        if many or (stuff and not target.place) or (owned and len(options) < 2):
            return Grounded(self._in_order([t for t, _ in options]), _mean(options))
        return self.single(options, word)

    def single(self, options: Options, word: str) -> Grounded:
        """The most visible one, and a note where there are others."""
        best = max(options, key=self._salience)
        if len(options) == 1:
            return Grounded((best[0],), _sure(best))
        kind = matching.title(best[0])
        note = Message(
            "'{words}' can be {count} things; the most visible was taken ({thing}): say 'the left "
            "{kind}', 'the second {kind}' or 'all' of them",
            code="note.ambiguous",
            words=word,
            count=len(options),
            thing=matching.thing_title(best[0].id),
            kind=kind,
        )
        return Grounded((best[0],), _sure(best) * (0.4 + 0.6 / len(options)), (note,))

    def _salience(self, option: tuple[Thing, float]) -> float:
        place = self._places.get(option[0].id)
        return (place.area if place else 0.0) ** _SALIENCE * _sure(option) if place else 0.0

    def _by_size(self, options: Options, size: str, word: str) -> tuple[Thing, float]:
        if size in ("darkest", "lightest"):
            lit = [(o, o[0].all(Light)[0].mean) for o in options if o[0].all(Light)]
            if not lit and len(options) > 1:
                raise UsageError(
                    "'{words}': the scene does not say how light its things are", code="words.no-light", words=word
                )
            sign = 1 if size == "darkest" else -1
            return min(lit, key=lambda pair: sign * pair[1])[0] if lit else options[0]
        sign = -1 if size == "biggest" else 1
        return min(options, key=lambda option: sign * self._area(option[0]))

    def _area(self, thing: Thing) -> float:
        place = self._places.get(thing.id)
        return place.area if place else 0.0

    def _by_place(self, options: Options, spots: tuple[str, ...], many: bool) -> Options:
        placed = [(o, self._places[o[0].id]) for o in options if o[0].id in self._places]
        if not placed:
            return options
        if many:
            kept = [o for o, p in placed if all(_lies(p, spot) for spot in spots)]
            return kept or [min(placed, key=lambda pair: _rank(pair[1], spots, placed))[0]]
        return [min(placed, key=lambda pair: _rank(pair[1], spots, placed))[0]]

    def _by_number(self, target: Target, options: Options, word: str) -> Grounded:
        ordered = sorted(options, key=lambda o: self._places[o[0].id].x if o[0].id in self._places else 0.0)
        if target.side == "right":
            ordered.reverse()
        number = len(ordered) if target.ordinal == -1 else target.ordinal
        if number > len(ordered):
            raise UsageError(_too_few(word, len(ordered), ordered[0][0]))
        note = (
            ()
            if target.side or len(ordered) == 1
            else (Message("'{words}' is counted from the left", code="note.counted", words=word),)
        )
        return Grounded((ordered[number - 1][0],), _sure(ordered[number - 1]) * 0.95, note)

    def _in_order(self, things: Iterable[Thing]) -> tuple[Thing, ...]:
        """From left to right."""
        return tuple(sorted(things, key=lambda t: self._places[t.id].x if t.id in self._places else 0.0))


def _rank(place: Place, spots: tuple[str, ...], placed: list[tuple[tuple[Thing, float], Place]]) -> float:
    if "middle" in spots:
        xs = sorted(p.x for _, p in placed)
        center = xs[len(xs) // 2] if len(xs) % 2 and len(xs) > 2 else 0.5
        return abs(place.x - center)
    return sum(_SPOTS[spot](place) for spot in spots)


def _lies(place: Place, spot: str) -> bool:
    """Whether one of several things lies in a part of the photo."""
    tests = {
        "left": place.x < 0.5, "right": place.x > 0.5, "top": place.y < 0.5, "bottom": place.y > 0.5,
        "middle": 0.25 < place.x < 0.75, "front": place.bottom > 0.75, "back": place.bottom <= 0.75,
    }  # fmt: skip
    return tests[spot]


def by_shade(things: list[Thing], shade: str) -> Thing | None:
    """The lightest or darkest of things, for a light or dark shade; None where the shade is neither."""
    lit = [t for t in things if t.all(Light)]
    lightness = {"light": 90.0, "dark": 10.0}.get(shade)
    if lightness is None:
        try:
            lightness, a, b = names.lab(shade)
        except UsageError:
            return None
        if abs(a) + abs(b) > 12 and 15 < lightness < 88:
            return None
    if not lit or 40 < lightness < 65:
        return None
    sign = -1 if lightness > 50 else 1
    return min(lit, key=lambda t: sign * t.all(Light)[0].mean)


def _alike(color: str, shade: str) -> bool:
    try:
        (_, a, b), (_, c, d) = names.lab(color), names.lab(shade)
    except UsageError:
        return False
    return abs(a - c) + abs(b - d) < 40


def _sure(option: tuple[Thing, float]) -> float:
    return option[1] * matching.confidence(option[0])


def _mean(options: list[tuple[Thing, float]]) -> float:
    return sum(map(_sure, options)) / len(options)


def _too_few(words: str, count: int, thing: Thing) -> Message:
    kind = matching.title(thing)
    if count == 1:
        return Message("'{words}': only 1 {kind} was found", code="words.only-one", words=words, kind=kind)
    return Message(
        "'{words}': only {count} of {kind} were found", code="words.only-few", words=words, count=count, kind=kind
    )
