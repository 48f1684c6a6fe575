"""The state folder: what a killed server leaves, other versions' folders, and damage."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from studio_kit import marked

pytest.importorskip("fastapi")

from barva.cli.app import run
from barva.errors import UsageError, WriteError
from barva.studio.service import Service
from barva.studio.sessions.edit_session import EditSession, EditSessions
from barva.studio.sessions.history import History
from barva.studio.sessions.visitors import VisitorSessions
from barva.studio.settings import Settings

STEPS = """
import sys
from dataclasses import replace
from pathlib import Path
from barva.studio.service import Service
from barva.studio.sessions.document import Document, Item
from barva.studio.settings import Settings

service = Service(Settings(state=Path(sys.argv[1])))
history = service.store.get(sys.argv[2]).history
n = history.position
while True:
    n += 1
    items = tuple(Item(f"{n}-{k}", "point", "red", at=(float(n), float(k))) for k in range(n % 50))
    key, text = f"text-{n}", "x" * 20_000
    history.add(Document(seed=n, items=items, marks=key), {key: text})
    if n % 7 == 0:
        history.go(-1)
        history.go(1)
    print(n, flush=True)
"""
"""Steps without end; each is reported once it is kept."""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_server_killed_in_the_middle_of_steps_loses_at_most_one(tmp_path: Path, photo: bytes) -> None:
    state = tmp_path / "state"
    service = Service(Settings(state=state))
    key = VisitorSessions(service, EditSessions(service), "v" * 32).add("grandmother.jpg", photo)
    service.stop()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    reached = 0
    for turn in range(5):
        command = [sys.executable, "-c", STEPS, str(state), key]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it is at work
            time.sleep(0.05 + 0.037 * turn)
            process.send_signal(signal.SIGKILL)
            kept = process.stdout.read().split()
        reached = int(kept[-1]) if kept else reached + 1
        service = Service(Settings(state=state))
        history = service.store.get(key).history
        assert reached <= len(history.states) - 1 <= reached + 1
        assert history.position >= reached - 1, "the last may have been stepping back and forth"
        for n, document in enumerate(history.states[1:], 1):
            assert document.seed == n and len(document.items) == n % 50
            assert service.database.rows("SELECT length(text) FROM content WHERE key = ?", (document.marks,)) == [
                (20_000,)
            ]
        assert service.database.rows("PRAGMA integrity_check") == [("ok",)]
        assert not service.database.rows("PRAGMA foreign_key_check")
        history.go(len(history.states) - 1 - history.position)
        service.stop()


def test_what_was_half_made_or_half_deleted_goes(visitor: VisitorSessions, session: EditSession, photo: bytes) -> None:
    service = visitor.service
    half, lost = service.settings.state / "sessions" / ("h" * 32), visitor.add("uncle.jpg", photo)
    half.mkdir()
    (half / "photo").write_bytes(photo)
    (service.settings.state / "sessions" / lost / "photo").unlink()
    service.stop()
    again = Service(service.settings)
    own = VisitorSessions(again, EditSessions(again), "v" * 32)
    assert own.keys == [session.key] and not half.exists()
    assert not (service.settings.state / "sessions" / lost).exists() or not again.store.has(lost)
    assert again.database.rows("SELECT id FROM session") == [(session.key,)]
    again.stop()


def test_a_deleted_session_leaves_no_row_and_no_text(session: EditSession, photo: bytes) -> None:
    session.history.add(marked(session), {"key": "what somebody wrote"})
    database, state = session.service.database, session.service.settings.state
    session.service.store.delete(session.key)
    for table in ("session", "step", "content", "reference", "listing"):
        assert not database.rows(f"SELECT * FROM {table}"), table
    session.service.stop()
    assert b"what somebody wrote" not in (state / "studio.db").read_bytes()


@pytest.mark.parametrize("file", ["sessions/x/session.json", "jobs/x/job.json", "visitors/x.json"])
def test_the_folder_of_an_older_studio_is_refused(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    for command in (["serve"], ["studio", "--no-browser"]):
        assert run([*command, "--state", str(tmp_path), "--port", "0"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "older studio" in line and "--state" in line and str(tmp_path) in line
    assert sorted(p for p in tmp_path.rglob("*") if p.name != ".lock") == before, "and nothing in it is touched"


def test_other_versions_and_damage_are_refused(tmp_path: Path) -> None:
    Service(Settings(state=tmp_path)).stop()
    with contextlib.closing(sqlite3.connect(tmp_path / "studio.db")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="another version"):
        Service(Settings(state=tmp_path))
    (tmp_path / "studio.db").write_bytes(b"no database at all, but a text of some length" * 100)
    with pytest.raises(UsageError, match="is damaged"):
        Service(Settings(state=tmp_path))


def test_another_program_that_holds_the_database_costs_one_step(session: EditSession) -> None:
    session.history.add(marked(session))
    kept, service = session.now, session.service
    with contextlib.closing(sqlite3.connect(service.settings.state / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WriteError, match="another program"):
            session.history.go(-1)
        assert session.now == kept
        other.execute("ROLLBACK")
    assert session.history.go(-1) and History(service.database, session.key).position == 0
