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
Messages name the file and say what to do.
"""

from __future__ import annotations

from collections.abc import Iterable


class BarvaError(Exception):
    """Base of every error that Barva raises on purpose; its text is one line for a person."""


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


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the most similar known one, or nothing.

    >>> suggestion("polgon", ("box", "polygon"))
    '; did you mean polygon?'
    """
    import difflib

    similar = difflib.get_close_matches(word[:40], list(known), n=1)
    return f"; did you mean {similar[0]}?" if similar else ""
