"""Stores and their locks, here one in memory that has none of a file system's own."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from archive_kit import make_photos, row

pytest.importorskip("pyarrow")
pytest.importorskip("fsspec")

from barva.archive import folder, graph, target_lock
from barva.archive.folder import LeftOut
from barva.archive.index import store as index_store
from barva.archive.index.reading import read
from barva.archive.outcome import Outcome
from barva.archive.places import Place, place_of
from barva.archive.record import Record
from barva.archive.select import Item
from barva.archive.staged import items_of
from barva.archive.target_lock import LOCK, lock_target
from barva.cli.app import run
from barva.errors import ReadError, UsageError, WriteError


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(target_lock, "SETTLE", 0.0)
    import fsspec

    yield place_of("memory://museum/scans")
    fsspec.filesystem("memory").store.clear()


def test_photos_of_a_store_come_folder_by_folder(store: Place) -> None:
    for name in ("b/x.gif", "b/x.png", "b.jpg", "a.png", ".hidden/c.png", "b/deep/d.tif", "notes.txt", "a.color.png"):
        store.write(name, b"1")
    assert [name for name, _ in store.walk() if not name.startswith(".")] == ["", "b", "b/deep"]
    items = {item.source.as_posix(): item.output.name for item in items_of(store, None, ["deep"])}
    assert items == {
        "a.png": "a.color.png",
        "b.jpg": "b.color.jpg",
        "b/x.gif": "x.gif.color.png",
        "b/x.png": "x.color.png",
    }
    with pytest.raises(ReadError, match="there is no photo in memory://museum/none"):
        list(items_of(place_of("memory://museum/none"), None, ()))


def test_a_store_is_looked_through_as_a_folder_is(store: Place, tmp_path: Path) -> None:
    names = ["a.png", "@eaDir/a.png", "x/#recycle/b.png", "proofs/c.png", "proofs/in/d.png", "e.cr2", "f-old.png"]
    for name in names:
        store.write(name, b"1")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    left_out, exclude = LeftOut(), ["proofs", "*-old*"]
    assert [item.source.as_posix() for item in items_of(store, None, exclude, left_out)] == ["a.png"]
    listing = folder.scan(tmp_path, True, exclude)
    assert [path.name for path in listing.photos] == ["a.png"] and left_out == listing.left_out
    assert left_out.line() == "2 files left out: 1 .cr2, 1 by --exclude; 1 folder left out by --exclude"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_to_folders_are_not_followed_and_only_files_are_taken(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"1")
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "circle.png").symlink_to("circle.png")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    assert list(place_of(str(tmp_path / "in")).walk()) == [("", ["a.png"])]


def test_one_run_at_a_time(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lock_target(store)
    with pytest.raises(UsageError, match="another run writes to memory://museum/scans"):
        lock_target(store)
    first.release()
    assert not store.exists(LOCK)
    store.write(LOCK, json.dumps({"at": time.time() - target_lock.STALE, "run": "killed"}).encode())
    second = lock_target(store)
    store.write(LOCK, json.dumps({"at": time.time(), "run": "a third one"}).encode())
    second.release()
    assert store.exists(LOCK), "it was not its own"
    for torn in (b"", b"[]", b'{"at": "x"}'):
        store.write(LOCK, torn)
        lock_target(store).release()


def test_of_two_that_begin_together_one_goes_on(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        store.write(LOCK, json.dumps({"at": time.time(), "run": "the other"}).encode())

    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(UsageError, match="another run"):
        lock_target(store)


def test_a_lock_stays_alive(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_lock, "ALIVE", 0.01)
    lock = lock_target(store)
    before = store.read(LOCK)
    deadline = time.monotonic() + 30
    while store.read(LOCK) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert store.read(LOCK) != before, "although no photo ended"
    lock.release()


def test_a_place_without_permission(store: Place) -> None:
    class Closed:
        def get_file_info(self, _: Any) -> Any:
            raise OSError("When getting information for key 'x': AWS Error ACCESS_DENIED during HeadObject: No body")

    with pytest.raises(ReadError, match=r"^memory://museum/scans cannot be reached: permission denied$"):
        replace(store, files=Closed()).check()


def test_what_could_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of(str(tmp_path))
    place.write("x", b"before")

    class Full:
        type_name = "local"

        def __getattr__(self, name: str) -> Any:
            return getattr(place.files, name)

        def move(self, *_: str) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match=r"x cannot be written: No space left on device$"):
        replace(place, files=Full(), is_local=False).write("x", b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["x"] and place.read("x") == b"before"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_names_that_are_no_text_are_files_as_others(tmp_path: Path) -> None:
    place, name = place_of(str(tmp_path)), "caf\udce9.png"
    place.write(f"in/{name}", b"1")
    assert list(place.walk()) == [("", []), ("in", [name])] and place.names("in") == [name]
    assert place.exists(f"in/{name}") and place.read(f"in/{name}") == b"1"
    place.delete(f"in/{name}")
    assert place.names("in") == [] and place.names("none") == []


def test_names_of_a_store_are_different_if_they_differ_at_all(
    store: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "A.png", "a.gif"):
        store.write(name, b"1")
    items = list(items_of(store, None, ()))
    assert [item.problem for item in items] == [""] * 3 and len({item.output for item in items}) == 3
    assert not list(tmp_path.iterdir()), "no file tries names out where one happens to work"


def test_a_lock_that_another_run_has_taken_ends_the_first(store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_lock, "ALIVE", 0.01)
    lost = threading.Event()
    lock = lock_target(store, lost.set)
    other = json.dumps({"at": time.time(), "run": "the other"}).encode()
    store.write(LOCK, other)
    while store.read(LOCK) != other:  # it was just being renewed
        store.write(LOCK, other)
    assert lost.wait(30)
    lock.release()
    assert store.read(LOCK) == other


@pytest.mark.parametrize("name", ["ROWS", "SECONDS"])
def test_no_row_is_in_a_store_before_its_scene(name: str, store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a run that is killed: a photo whose row says that its objects are known has its scene."""
    monkeypatch.setattr(index_store, name, {"ROWS": 2, "SECONDS": 0.0}[name])
    record = Record(store)
    for photo in ("a", "b", "c"):
        facts = row(f"{store.url}/{photo}.png", 1.0, perceived=True)
        item = Item(Path(f"{photo}.png"), Path(f"{photo}.color.png"), False)
        record.add(Outcome(item, "done", facts=facts, scene='{"things": []}'))
        rows = record.place.names(index_store.FOLDER) and read(store).table["path"].to_pylist()
        assert set(rows) <= {line["path"] for _, _, line in graph.scene_lines(store)}
    assert len(rows) == {"ROWS": 2, "SECONDS": 3}[name]
    record.__exit__()


def test_lines_are_read_from_a_byte_on(store: Place) -> None:
    store.write("x.jsonl", b"one\ntwo\nthree")
    assert list(store.lines("x.jsonl", 4)) == [b"two\n", b"three"]
    assert list(store.lines("x.jsonl", 99)) == []


def test_a_store_is_colored_and_gone_on_with(store: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = make_photos(tmp_path / "in", 2)
    for name in ("000.png", "b/001.png"):
        store.write(name, (place / name).read_bytes())
    color = ["archive", "color", store.url, "--to", "memory://museum/out", "-j", "1"]
    assert run(color) == 0
    target = place_of("memory://museum/out")
    rows = {row["path"]: row for row in read(target).table.to_pylist()}
    assert rows["memory://museum/scans/b/001.png"]["output"] == "b/001.color.png"
    target.delete("000.color.png")
    capsys.readouterr()
    assert run(color) == 0 and "1 colored, 1 finished before" in capsys.readouterr().err
    assert not target.exists(LOCK)


def test_sidecars_of_a_store_go_along_as_those_of_a_folder(store: Place, tmp_path: Path) -> None:
    photo = (make_photos(tmp_path / "in", 1) / "000.png").read_bytes()
    for name in ("a.png", "b/b.png", "c.png"):
        store.write(name, photo)
    for name in ("a.xmp", "a.cr2", "b/b.XMP", "b/a.xmp", "c.png.xmp"):
        store.write(name, b"<x/>")
    target = place_of("memory://museum/out")
    assert run(["archive", "color", store.url, "--to", target.url, "-j", "1"]) == 0
    assert target.names("") == ["a.color.png", "c.color.png", "c.color.png.xmp"]
    assert target.names("b") == ["b.color.XMP", "b.color.png"]
    notes = {row["output"]: row["notes"] for row in read(target).table.to_pylist()}
    assert notes["a.color.png"][-1] == "a.xmp was left: it may belong to a.cr2 as well"


def test_a_photo_that_failed_once_is_finished_again(tmp_path: Path) -> None:
    """Such as where a share was away for a while."""
    photos, target = make_photos(tmp_path / "in", 1), tmp_path / "out"
    color = ["archive", "color", str(photos), "--to", str(target)]
    assert run(color) == 0
    place = place_of(str(target))
    (row,) = read(place).table.to_pylist()
    with Record(place) as record:
        assert record.has(row["path"]) and record.lacks_objects(row["path"], row["output"])
        record._index.append(row | {"state": "failed", "error": "it was away", "at": row["at"] + 1e-4})
    assert run(color) == 0
    assert [row["state"] for row in read(place).table.to_pylist()] == ["kept"]
