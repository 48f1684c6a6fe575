"""The history of a document in a file.

The `Journal` writes each state as a line at the end: nothing is rewritten, and a server that is killed in the middle of
a line loses that line alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barva.studio.sessions import disk
from barva.studio.sessions.document import Document


@dataclass
class Journal:
    """Every state that a document had, and which one is shown. Undo and redo have no limit."""

    path: Path | None = None
    states: list[Document] = field(default_factory=lambda: [Document()])
    position: int = 0

    @classmethod
    def load(cls, path: Path) -> Journal:
        """From its file; lines that were cut off are left out."""
        journal = cls(path)
        if not path.exists():
            return journal
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                row = json.loads(line)
                if "to" in row:
                    journal.position = max(0, min(int(row["to"]), len(journal.states) - 1))
                else:
                    journal._take(Document.of_json(row["document"]), int(row["at"]))
            except (ValueError, KeyError, TypeError):
                continue
        return journal

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

    def add(self, document: Document) -> None:
        """A new state after the present one; what had been undone is gone. WriteError, and nothing is changed."""
        if document == self.now:
            return
        at = max(1, min(self.position + 1, len(self.states)))
        self._write({"at": at, "document": document.to_json()})
        self._take(document, at)

    def go(self, steps: int) -> bool:
        """Undo (-1) or redo (+1); whether there was such a state. WriteError, and nothing is changed."""
        to = self.position + steps
        if not 0 <= to < len(self.states):
            return False
        self._write({"to": to})
        self.position = to
        return True

    def _take(self, document: Document, at: int) -> None:
        at = max(1, min(at, len(self.states)))
        del self.states[at:]
        self.states.append(document)
        self.position = at

    def _write(self, row: dict[str, Any]) -> None:
        if self.path is None:
            return
        line = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        try:
            disk.append_line(self.path, line)
        except OSError as error:
            raise disk.failed(self.path, error) from error
