"""`Database`: all that the server knows, in one SQLite file of the state folder. Photos, masks, references and results
are files beside it; a row is written after the files that it names, so that a killed server leaves files that nothing
names, and never rows without files.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from barva.errors import BarvaError, UsageError, WriteError
from barva.studio.sessions import disk

FILE = "studio.db"
VERSION = 1
"""Of the tables below; a file of another version is refused."""

_WAIT = 0.5  # seconds for a lock of another program, such as a backup
_OLD = ("sessions/*/session.json", "sessions/*/page/about.json", "jobs/*/job.json", "visitors/*.json")
_TABLES = """
CREATE TABLE job (
    id TEXT PRIMARY KEY, created REAL NOT NULL, used REAL NOT NULL, settings TEXT NOT NULL,
    guidance TEXT, scene TEXT, reference_count INTEGER NOT NULL
);
CREATE TABLE job_photo (
    job TEXT NOT NULL REFERENCES job ON DELETE CASCADE, number INTEGER NOT NULL, name TEXT NOT NULL,
    state TEXT NOT NULL, notes TEXT NOT NULL, format TEXT NOT NULL, size INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE session (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL, used REAL NOT NULL,
    height INTEGER NOT NULL, width INTEGER NOT NULL, position INTEGER NOT NULL,
    job TEXT REFERENCES job ON DELETE SET NULL, colored TEXT NOT NULL DEFAULT '', thumb TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_job ON session (job);
CREATE TABLE step (
    session TEXT NOT NULL REFERENCES session ON DELETE CASCADE, number INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (session, number)
) WITHOUT ROWID;
CREATE TABLE content (
    session TEXT NOT NULL REFERENCES session ON DELETE CASCADE, key TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (session, key)
);
CREATE TABLE reference (
    session TEXT NOT NULL REFERENCES session ON DELETE CASCADE, key TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (session, key)
) WITHOUT ROWID;
CREATE TABLE listing (
    owner TEXT NOT NULL, session TEXT NOT NULL REFERENCES session ON DELETE CASCADE, place INTEGER NOT NULL,
    removed REAL, below TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (owner, session)
) WITHOUT ROWID;
CREATE INDEX listing_session ON listing (session);
"""


class MissingError(BarvaError):
    """There is no such session or job, or no longer."""


class Database:
    """One connection for all threads. Errors of the disk are `WriteError`, `FullError` where it has no room.

    Args:
        state: the state folder, which no other server works on.

    Raises:
        UsageError: the folder holds the state of an older or a newer version, or the file is no database.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        path = state / FILE
        if not path.exists() and any(next(state.glob(pattern), None) for pattern in _OLD):
            raise UsageError(
                "{folder} holds photos of an older studio, which this one cannot read: move that folder "
                "away, or name another one with --state",
                code="state.older",
                folder=state,
            )
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
            self._open(path)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
                raise UsageError(
                    "{file} is damaged: move it away, or name another folder with --state",
                    code="state.damaged",
                    file=path,
                ) from error
            raise self._failed(error) from error

    def _open(self, path: Path) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA foreign_keys = ON")
        run("PRAGMA secure_delete = ON")  # what somebody deleted is gone
        (version,) = run("PRAGMA user_version").fetchone()
        if version == 0:
            with self.transaction():
                for statement in _TABLES.split(";"):
                    run(statement)
                run(f"PRAGMA user_version = {VERSION}")
        elif version != VERSION:
            self._connection.close()
            raise UsageError(
                "{file} was written by another version of Barva: move that folder away, or name another one "
                "with --state",
                code="state.other-version",
                file=path,
            )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is executed inside, and only one thread at a time. Inside another transaction it is a
        part of that one. WriteError, MissingError where a session was deleted meanwhile; and nothing is changed."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._commit()
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                if getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_FOREIGNKEY":
                    raise MissingError("there is no such session, or no longer", code="missing.session") from error
                if _is_of_the_disk(error):
                    raise self._failed(error) from error
                raise

    def _commit(self) -> None:
        self._connection.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Change something; how many rows were. WriteError."""
        with self.transaction():
            return self._connection.execute(statement, values).rowcount

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds. WriteError where the disk gives none."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.DatabaseError as error:
                if _is_of_the_disk(error):
                    raise self._failed(error) from error
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _failed(self, error: BaseException) -> WriteError:
        """What to raise for an error of SQLite, which has one name for full disks and another for full quotas."""
        name = str(getattr(error, "sqlite_errorname", ""))
        if name == "SQLITE_FULL" or "is full" in str(error) or (name.startswith("SQLITE_IOERR") and self._is_full()):
            return disk.FullError(disk.FULL)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return WriteError("another program holds the studio's database", code="write.database-busy")
        return WriteError("the studio's database cannot be written: {problem}", code="write.database", problem=error)

    def _is_full(self) -> bool:
        probe = self.state / f".{disk.new_id()}{disk.PART}"
        try:
            disk.write(probe, bytes(1 << 16))
        except OSError as error:
            return disk.is_full(error)
        finally:
            with contextlib.suppress(OSError):
                probe.unlink(missing_ok=True)
        return False


def _is_of_the_disk(error: BaseException) -> bool:
    """Whether the disk or another program is at fault, and not a statement."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError | sqlite3.NotSupportedError
    )
