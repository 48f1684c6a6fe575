"""`History`: every document that a session had, and which one is in force."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

from barva.studio.sessions.database import Database
from barva.studio.sessions.document import Document


class History:
    """Undo and redo have no limit. Each step is one transaction: a server that is killed loses at most the step that
    it was writing. Safe to use from several threads: the page and programs may change a session at once."""

    def __init__(self, database: Database, session: str) -> None:
        self._database, self._session = database, session
        self._lock = threading.RLock()
        rows = database.rows("SELECT document FROM step WHERE session = ? ORDER BY number", (session,))
        places = database.rows("SELECT position FROM session WHERE id = ?", (session,))
        self.states = [Document.of_json(json.loads(text)) for (text,) in rows] or [Document()]
        self.position = min(int(places[0][0]), len(self.states) - 1) if places else 0

    @property
    def now(self) -> Document:
        return self.states[self.position]

    @property
    def before(self) -> Document | None:
        """The state before the present one."""
        return self.states[self.position - 1] if self.position else None

    @property
    def can_undo(self) -> bool:
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        return self.position < len(self.states) - 1

    def add(
        self, document: Document, texts: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        """A new state after the present one; what had been undone is gone. `texts` are hint files and scenes that it
        names, by their keys, and `names` what its references are called. WriteError, and nothing is changed."""
        run = self._database.execute
        with self._lock:
            if document == self.now:
                return
            at = self.position + 1
            with self._database.transaction():
                for key, text in (texts or {}).items():
                    run("INSERT OR IGNORE INTO content VALUES (?, ?, ?)", (self._session, key, text))
                for key, name in (names or {}).items():
                    run("INSERT OR IGNORE INTO reference VALUES (?, ?, ?)", (self._session, key, name))
                run("DELETE FROM step WHERE session = ? AND number >= ?", (self._session, at))
                run("INSERT INTO step VALUES (?, ?, ?)", (self._session, at, as_text(document)))
                self._put_position(at)
            self.states[at:] = [document]
            self.position = at

    def go(self, steps: int) -> bool:
        """Undo (-1) or redo (+1); whether there was such a state. WriteError, and nothing is changed."""
        with self._lock:
            to = self.position + steps
            if not 0 <= to < len(self.states):
                return False
            self._put_position(to)
            self.position = to
        return True

    def _put_position(self, to: int) -> None:
        self._database.execute("UPDATE session SET position = ? WHERE id = ?", (to, self._session))


def as_text(document: Document) -> str:
    """A document as a row of the database has it."""
    return json.dumps(document.to_json(), ensure_ascii=False, separators=(",", ":"))
