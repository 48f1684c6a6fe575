"""The manifest: what counts as finished."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from barva.archive.manifest import NAME, Manifest


@pytest.mark.parametrize("torn", [b'{"input": "b.p', '{"input": "б'.encode()[:-1]])
def test_what_follows_a_torn_line_counts(torn: bytes, tmp_path: Path) -> None:
    sources = [tmp_path / name for name in ("a.jpg", "б.jpg")]
    for source in sources:
        source.write_bytes(b"1")
    Manifest(tmp_path, {}).record_plan(sources[0], tmp_path / "a.color.jpg")
    with (tmp_path / NAME).open("ab") as out:
        out.write(torn)
    Manifest(tmp_path, {}).record_plan(sources[1], tmp_path / "б.color.jpg")
    for source in sources:
        output = source.with_suffix(".color.jpg")
        output.write_bytes(b"2")
        assert Manifest(tmp_path, {}).is_finished(source, output)


def test_an_empty_output_is_not_finished(tmp_path: Path) -> None:
    source, output = tmp_path / "a.jpg", tmp_path / "a.color.jpg"
    source.write_bytes(b"1")
    manifest = Manifest(tmp_path, {})
    manifest.record_plan(source, output)
    output.touch()
    assert not manifest.is_finished(source, output)


def test_an_older_output_is_not_taken_for_finished(tmp_path: Path) -> None:
    """Killed while replacing: the plan is newer than the file."""
    source, output = tmp_path / "a.jpg", tmp_path / "a.color.jpg"
    source.write_bytes(b"1")
    output.write_bytes(b"old")
    os.utime(output, (time.time() - 60, time.time() - 60))
    manifest = Manifest(tmp_path, {"method": "guided"})
    manifest.record_plan(source, output)
    assert not Manifest(tmp_path, {"method": "guided"}).is_finished(source, output)
    output.write_bytes(b"new")
    assert Manifest(tmp_path, {"method": "guided"}).is_finished(source, output)
    assert not Manifest(tmp_path, {"method": "other"}).is_finished(source, output)


def test_a_server_whose_clock_differs_dates_both_plan_and_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = tmp_path / "a.jpg", tmp_path / "a.color.jpg"
    source.write_bytes(b"1")
    ahead = time.time_ns() + 60_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: ahead)  # this machine's clock, not that of the files
    Manifest(tmp_path, {}).record_plan(source, output)
    output.write_bytes(b"2")
    assert Manifest(tmp_path, {}).is_finished(source, output)
