"""The examples of docs/reference/http-api.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from studio_kit import Running

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "http-api.md"


def test_the_examples_run(server: Running, photo: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    assert code.count("api.") > 12
    for name in ("grandmother.jpg", "grandfather.jpg"):
        (tmp_path / name).write_bytes(photo)
    monkeypatch.chdir(tmp_path)
    there: dict[str, object] = {}
    exec(code.replace("127.0.0.1:8480", f"127.0.0.1:{server.port}"), there)
    assert (tmp_path / "grandmother.color.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert there["job"]["done"] == 2 and there["finished"][:4] == b"\x89PNG"  # type: ignore[index]
