"""Names of tones as people say them."""

from __future__ import annotations


def tone_name(tone: str | None) -> str:
    """A tone of the index, which is None where a photo could not be read, as people name it."""
    return "gray" if tone == "neutral" else tone or ""
