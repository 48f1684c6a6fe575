"""How many threads NumPy's linear algebra has in a command."""

from __future__ import annotations

import os
import sys

import pytest

from barva import cli
from barva.runtime.worker_process import BLAS


@pytest.mark.parametrize(("command", "threads"), [("studio", "1"), ("colorize", "1"), ("train", None)])
def test_numpy_has_one_thread_but_pytorch_all(
    monkeypatch: pytest.MonkeyPatch, command: str, threads: str | None
) -> None:
    for name in BLAS:
        monkeypatch.setenv(name, "")  # so that it is taken back after the test
        monkeypatch.delenv(name)
    there: dict[str, str | None] = {}
    monkeypatch.setattr("barva.cli.app.run", lambda _: there.update({n: os.environ.get(n) for n in BLAS}) or 0)
    monkeypatch.setattr(os, "_exit", lambda code: None)
    monkeypatch.setattr(sys, "argv", ["barva", command])
    cli.main()
    assert there == dict.fromkeys(BLAS, threads)
