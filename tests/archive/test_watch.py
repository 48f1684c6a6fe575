"""`barva colorize --watch`: photos that appear in a folder."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from barva.archive.run import Run
from barva.cli.watching import _Watch
from barva.engine.colorizer import Colorizer


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a child there")
def test_watch(tmp_path: Path) -> None:
    place = tmp_path / "inbox"
    place.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "barva", "colorize", "--watch", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None and "watching" in child.stderr.readline()
    Image.linear_gradient("L").save(place / "new.png")
    deadline = time.monotonic() + 60
    while not (place / "new.color.png").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    (place / "broken.png").write_bytes(b"no photo")
    assert "not a picture" in child.stderr.readline()
    child.send_signal(signal.SIGINT)
    assert child.wait(120) == 0
    Image.open(place / "new.color.png").load()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a child there")
def test_watch_waits_for_its_folder(tmp_path: Path) -> None:
    place, away = tmp_path / "inbox", tmp_path / "elsewhere"
    place.mkdir()
    Image.linear_gradient("L").save(place / "first.png")
    command = [sys.executable, "-m", "barva", "colorize", "--watch", str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stderr is not None
        assert "watching" in child.stderr.readline()
        assert child.stdout.readline().strip() == str(place / "first.color.png")
        place.rename(away)
        assert "is gone; waiting" in child.stderr.readline()
        Image.linear_gradient("L").save(away / "second.png")
        time.sleep(2.5)
        assert not place.exists(), "it is not made anew"
        away.rename(place)
        assert "is back" in child.stderr.readline(), "it was said once that it was gone"
        assert child.stdout.readline().strip() == str(place / "second.color.png")
        child.send_signal(signal.SIGINT)
        assert child.wait(120) == 0
        assert child.stderr.read() == ""


def test_a_share_that_does_not_answer_is_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stat(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    watcher = _Watch(tmp_path, None, False, (), Run(Colorizer()))
    monkeypatch.setattr(os, "stat", stat)
    watcher.look()
    monkeypatch.undo()
    assert "is gone; waiting" in capsys.readouterr().err
