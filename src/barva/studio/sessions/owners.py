"""What the state folder calls whoever asks."""

from __future__ import annotations

import hashlib


def owner_of(visitor: str | None) -> str:
    """What the state folder keeps of a visitor: a digest, so that it tells nobody's cookie. "" for nobody."""
    return hashlib.sha256(visitor.encode()).hexdigest()[:40] if visitor else ""
