"""Photos that were removed from a visitor's list. Their files stay until the page is closed, so that it can be undone;
what a killed server left behind goes when the visitor comes back."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from barva.errors import UsageError
from barva.studio.sessions import disk
from barva.studio.sessions.store import MissingError
from barva.studio.sessions.visitors import VisitorSessions

KEPT = 3600.0
"""Seconds after which removed photos are deleted although no page was closed."""

_BELOW = 50  # neighbors that are remembered, by which a photo finds its place again


def put(visitor: VisitorSessions, key: str) -> None:
    """Take a photo off the list. UsageError for one that is not on it."""
    with visitor.service.lists:
        keys = visitor.keys
        if key not in keys:
            raise UsageError("there is no such photo")
        place = keys.index(key)
        row = {"at": time.time(), "below": keys[place + 1 : place + 1 + _BELOW]}
        disk.put_json(visitor.trash_file, {**_rows(visitor), key: row})
        visitor.put_keys([k for k in keys if k != key])


def restore(visitor: VisitorSessions, key: str) -> None:
    """Put a removed photo back where it was. MissingError for one that was deleted meanwhile."""
    with visitor.service.lists:
        rows = _rows(visitor)
        row = rows.pop(key, None)
        if row is None or not visitor.service.store.has(key):
            raise MissingError("there is no such photo")
        keys = [k for k in visitor.keys if k != key]
        keys.insert(next((keys.index(k) for k in row["below"] if k in keys), len(keys)), key)
        visitor.put_keys(keys)
        disk.put_json(visitor.trash_file, rows)


def empty(visitor: VisitorSessions, keys: list[str] | None = None) -> int:
    """Delete removed photos for good: these, or those removed longer ago than `KEPT`. What somebody looks at in
    another window stays. How many went."""
    gone = 0
    with visitor.service.lists:
        rows = _rows(visitor)
        late, listed = time.time() - KEPT, set(visitor.keys)
        for key in rows.keys() & listed:  # opened again by its address
            del rows[key]
        for key in [k for k in rows if (rows[k]["at"] < late if keys is None else k in keys)]:
            with contextlib.suppress(MissingError):
                if visitor.session(key).listeners:
                    continue
                visitor.sessions.close(key)
                visitor.service.store.delete(key)
            del rows[key]
            gone += 1
        if gone:
            disk.put_json(visitor.trash_file, rows)
    return gone


def _rows(visitor: VisitorSessions) -> dict[str, dict[str, Any]]:
    rows = disk.get_json(visitor.trash_file) or {}
    return {key: row for key, row in rows.items() if isinstance(row, dict) and {"at", "below"} <= row.keys()}
