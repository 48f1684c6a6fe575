"""Errors that nobody foresaw, as messages: what is under way ends with them, and everything else goes on."""

from __future__ import annotations

from barva.errors import Message


def message_of(error: Exception) -> Message:
    """What to say of an error that is no `BarvaError`.

    Args:
        error: `MemoryError`, or one of a network's runtime, or a fault of ours.
    """
    if isinstance(error, MemoryError):
        return Message("the photo does not fit into this machine's memory", code="memory.photo")
    return Message("this should not happen: {kind}", code="unexpected", kind=type(error).__name__)
