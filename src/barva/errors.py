"""All errors that Barva raises on purpose, one tree.

    BarvaError
    ├── UsageError (ValueError)      the request makes no sense: unknown method, bad option, wrong-shaped array
    ├── FileError (OSError)          something about one file
    │   ├── ReadError                missing, empty, broken, unknown format, not a photo
    │   │   └── TooLargeError        more pixels than the limit allows
    │   └── WriteError               target exists, cannot be written, disk full
    ├── WeightsError                 a method's weights are missing or not the ones that its card names
    └── TrainingError                a training run cannot go on

The command line turns `UsageError` into exit code 2 and the others into exit code 1, with the message as one line.
Messages name the file and say what to do. What a page in another language can show, errors and notes alike, is a
`Message` with a code: programs and catalogs of translations go by the code and the values, never by the English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self


class Message(str):
    """One line for a person, in English, which knows its code and the values in it.

    Args:
        text: the English, with a field `{name}` for each of the values.
        code: short and stable, such as "photo.too-large"; no other message has it. None where nobody translates it.
        values: texts, numbers, messages and errors; all else is kept as its text. `count` decides about plural forms.

    Examples:
        >>> note = Message("left out: {what}", code="note.left-out", what="a gain map")
        >>> note, note.code, dict(note.values)
        ('left out: a gain map', 'note.left-out', {'what': 'a gain map'})
    """

    __slots__ = ("_code", "_template", "_values")
    _template: str
    _code: str | None
    _values: Mapping[str, Any]

    def __new__(cls, text: str, /, *, code: str | None = None, **values: object) -> Self:
        plain = {name: _plain(value) for name, value in values.items()}
        message = super().__new__(cls, text.format_map(plain) if plain else text)
        message._template, message._code, message._values = str(text), code, MappingProxyType(plain)
        return message

    @property
    def template(self) -> str:
        """The English with its fields."""
        return self._template

    @property
    def code(self) -> str | None:
        """What tells this message from all others."""
        return self._code

    @property
    def values(self) -> Mapping[str, Any]:
        """What stands in the fields."""
        return self._values

    def with_values(self, template: str | None = None, /, **values: object) -> Message:
        """The same message with other values, or with another wording of its English."""
        return Message(self._template if template is None else template, code=self._code, **{**self._values, **values})

    def map_text(self, change: Callable[[str], str]) -> Message:
        """With another wording of its English and of the texts among its values."""
        values = {
            name: value.map_text(change)
            if isinstance(value, Message)
            else change(value)
            if type(value) is str
            else value
            for name, value in self._values.items()
        }
        return Message(change(self._template), code=self._code, **values)

    def to_json(self) -> dict[str, Any]:
        """As plain data; `from_json` reads it."""
        return {"text": self._template, "code": self._code, "values": self.plain_values()}

    def plain_values(self) -> dict[str, Any]:
        """The values as plain data, those that are messages as by `to_json`."""
        return {k: v.to_json() if isinstance(v, Message) else v for k, v in self._values.items()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Message:
        """What `to_json` gave."""
        values = {k: cls.from_json(v) if isinstance(v, dict) else v for k, v in row["values"].items()}
        return cls(row["text"], code=row["code"], **values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _message, (self._template, self._code, dict(self._values))


def _message(text: str, code: str | None, values: Mapping[str, Any]) -> Message:
    return Message(text, code=code, **values)


def _plain(value: object) -> object:
    """A value of a message as it can be kept, sent and shown."""
    if isinstance(value, BarvaError):
        return value.message
    return value if isinstance(value, Message) or type(value) in (str, int, float, bool) else str(value)


OR = Message("{first} or {last}", code="list.or")
AND = Message("{first} and {last}", code="list.and")
COMMA = Message("{first}, {last}", code="list.comma")
SEMICOLON = Message("{first}; {last}", code="list.semicolon")


def join(parts: Sequence[str], by: Message = COMMA) -> Message:
    """Texts or messages, at least one, as one part of a message: "red or rose".

    >>> join(("red", "rose", "ruby"), OR)
    'red or rose or ruby'
    """
    *first, last = parts
    if not first:
        return last if isinstance(last, Message) else Message(last)
    return by.with_values(first=join(first, by), last=last)


def several(problems: Sequence[str], most: int = 5) -> Message:
    """Several problems as one line: the first ones, and how many more there are."""
    line = join(problems[:most], SEMICOLON)
    if len(problems) <= most:
        return line
    return Message("{problems}; and {count} more", code="list.more-problems", problems=line, count=len(problems) - most)


def one_line(message: str) -> Message:
    """The message without line breaks, which names of files may hold."""
    known = message if isinstance(message, Message) else Message(message)
    return known.map_text(lambda text: " ".join(text.split()) if "\n" in text or "\r" in text else text)


class BarvaError(Exception):
    """Base of every error that Barva raises on purpose; its text is one line for a person.

    Args:
        text: the line in English, with a field `{name}` for each of the values; or a `Message`.
        code: what tells this message from all others, in any language; see `Message`.
        values: what stands in the fields.

    Examples:
        >>> error = barva.UsageError("there is no method '{name}'", code="method.unknown", name="paint")
        >>> str(error), error.code, error.values["name"]
        ("there is no method 'paint'", 'method.unknown', 'paint')
    """

    def __init__(self, text: str = "", /, *, code: str | None = None, **values: object) -> None:
        known = isinstance(text, Message) and code is None and not values
        super().__init__(text if known else Message(text, code=code, **values))

    @property
    def message(self) -> Message:
        """The line with its code and values."""
        message: Message = self.args[0]
        return message

    @property
    def code(self) -> str | None:
        """The message's code; None for messages that have none."""
        return self.message.code

    @property
    def values(self) -> Mapping[str, Any]:
        """What stands in the message's fields."""
        return self.message.values


class UsageError(BarvaError, ValueError):
    """The request makes no sense as it stands."""


class FileError(BarvaError, OSError):
    """Something about one file went wrong; other files can go on."""


class ReadError(FileError):
    """A photo could not be read."""


class TooLargeError(ReadError):
    """A photo has more pixels than the limit allows."""


class WriteError(FileError):
    """A result could not be written; nothing half-written is left behind."""


class WeightsError(BarvaError):
    """Weights are missing or do not match their card."""


class TrainingError(BarvaError):
    """A training run cannot go on: the loss is no number, or the checkpoint belongs to another recipe."""


def shorten(value: object) -> str:
    """A value as one short line of a message.

    >>> shorten("a " * 40)
    'a a a a a a a a a a a a a a a a a a a...'
    """
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def kind_of(value: object) -> str:
    """What a value is, for a message.

    >>> kind_of(3), kind_of([]), kind_of(None)
    ('an int', 'a list', 'None')
    """
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeioAEIO' or name == 'ndarray' else 'a'} {name}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the most similar known one, or nothing.

    >>> suggestion("polgon", ("box", "polygon"))
    '; did you mean polygon?'
    """
    import difflib

    similar = difflib.get_close_matches(word[:40], list(known), n=1)
    return Message("; did you mean {word}?", code="did-you-mean", word=similar[0]) if similar else ""
