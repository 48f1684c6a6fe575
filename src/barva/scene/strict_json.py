"""JSON that a user's files hold: what is broken, doubled or no number is an error with its place."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from barva.errors import UsageError, shorten


def parse_json(text: str | bytes) -> Any:
    """The value that JSON stands for.

    Raises:
        UsageError: it is broken, no UTF-8 or nested without end, has a key twice in one object, or NaN or Infinity.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UsageError:
        raise
    except json.JSONDecodeError as error:
        raise UsageError(
            "this is no JSON: {problem} in line {line}, column {column}",
            code="json.broken",
            problem=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from None
    except UnicodeDecodeError:
        raise UsageError("this is no JSON: it is no text in UTF-8", code="json.no-text") from None
    except (ValueError, RecursionError) as error:  # numbers without end, brackets without end
        raise UsageError("this is no JSON: {problem}", code="json.kind", problem=type(error).__name__) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [key for key, _ in pairs]
        raise UsageError(
            "the key {key} is there twice",
            code="json.key-twice",
            key=repr(shorten(next(k for k in names if names.count(k) > 1))),
        )
    return row


def _refuse_constant(name: str) -> NoReturn:
    raise UsageError("this is no JSON: {name} is no number", code="json.no-number", name=name)
