"""The public surface is small, and importing it is cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

import barva


def loaded_after(code: str) -> set[str]:
    """Names of all modules that a fresh interpreter has loaded after `code`."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_light() -> None:
    loaded = loaded_after("import barva")
    assert not loaded & {"torch", "onnxruntime", "cv2", "pyvips", "numpy", "typer", "PIL"}


def test_engine_needs_no_torch() -> None:
    loaded = loaded_after("from barva import Colorizer; import barva.cli.app")
    assert not loaded & {"torch", "onnxruntime"}


def test_public_names_exist() -> None:
    for name in barva.__all__:
        assert getattr(barva, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        barva.nonsense  # noqa: B018
