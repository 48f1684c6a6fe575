"""Photos that were removed from a visitor's list. Their files stay until the page is closed, so that it can be undone;
what a killed server left behind goes when the visitor comes back."""

from __future__ import annotations

import contextlib
import json
import time

from barva.errors import UsageError
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import VisitorSessions

KEPT = 3600.0
"""Seconds after which removed photos are deleted although no page was closed."""

_BELOW = 50  # neighbors that are remembered, by which a photo finds its place again


def put(visitor: VisitorSessions, key: str) -> None:
    """Take a photo off the list. UsageError for one that is not on it."""
    database = visitor.service.database
    with database.transaction():
        keys = visitor.keys
        if key not in keys:
            raise UsageError("there is no such photo", code="missing.photo")
        place = keys.index(key)
        below = json.dumps(keys[place + 1 : place + 1 + _BELOW])
        database.execute(
            "UPDATE listing SET removed = ?, below = ? WHERE owner = ? AND session = ?",
            (time.time(), below, visitor.owner, key),
        )


def restore(visitor: VisitorSessions, key: str) -> None:
    """Put a removed photo back where it was. MissingError for one that was deleted meanwhile."""
    database = visitor.service.database
    with database.transaction():
        query = "SELECT below FROM listing WHERE owner = ? AND session = ? AND removed IS NOT NULL"
        rows = database.rows(query, (visitor.owner, key))
        if not rows or not visitor.service.store.has(key):
            raise MissingError("there is no such photo", code="missing.photo")
        keys, below = visitor.keys, json.loads(rows[0][0])
        keys.insert(next((keys.index(k) for k in below if k in keys), len(keys)), key)
        visitor.put_keys(keys)


def empty(visitor: VisitorSessions, keys: list[str] | None = None) -> int:
    """Let removed photos go for good: these, or those removed longer ago than `KEPT`. A photo that is on somebody
    else's list too goes off this one alone, and what somebody looks at in another window stays. How many went."""
    late, gone = time.time() - KEPT, 0
    query = "SELECT session, removed FROM listing WHERE owner = ? AND removed IS NOT NULL"
    for key, removed in visitor.service.database.rows(query, (visitor.owner,)):
        if (removed > late) if keys is None else (key not in keys):
            continue
        if _is_elsewhere(visitor, key):
            _leave(visitor, key)
            gone += 1
            continue
        with contextlib.suppress(MissingError):
            if visitor.session(key).listeners:
                continue
            visitor.sessions.close(key)
            visitor.service.store.delete(key)
            gone += 1
    return gone


def _is_elsewhere(visitor: VisitorSessions, key: str) -> bool:
    """Whether somebody else has the photo: who knows its address may have it on a list too, programs are its owners
    without a list of the page, and a film has its key frames."""
    service = visitor.service
    query = "SELECT 1 FROM listing WHERE session = ? AND owner != ? AND removed IS NULL"
    owner = service.store.owner(key)
    return bool(
        owner not in ("", visitor.owner)
        or service.films.has_frame(key)
        or service.database.rows(query, (key, visitor.owner))
    )


def _leave(visitor: VisitorSessions, key: str) -> None:
    """Take the photo off this visitor's list alone."""
    visitor.service.store.disown(key, visitor.owner)
    leave = "DELETE FROM listing WHERE owner = ? AND session = ? AND removed IS NOT NULL"
    visitor.service.database.execute(leave, (visitor.owner, key))
