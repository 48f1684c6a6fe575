"""Shipped weights: where they lie, what their card says, and whether they are the right ones."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from barva.errors import WeightsError

FOLDER = Path(__file__).resolve().parent.parent / "weights"


def folder() -> Path:
    """The package's `weights`, or the folder that the environment variable BARVA_WEIGHTS names."""
    return Path(os.environ["BARVA_WEIGHTS"]) if os.environ.get("BARVA_WEIGHTS") else FOLDER


@contextmanager
def taken_from(place: Path) -> Iterator[None]:
    """Methods that are made meanwhile have the weights in `place`."""
    before = os.environ.get("BARVA_WEIGHTS")
    os.environ["BARVA_WEIGHTS"] = str(place)
    try:
        yield
    finally:
        if before is None:
            del os.environ["BARVA_WEIGHTS"]
        else:
            os.environ["BARVA_WEIGHTS"] = before


def facts(name: str) -> dict[str, Any]:
    """What the export wrote beside `name`.onnx: sha256, version, bytes, decoding settings, how it was trained."""
    path = folder() / f"{name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(f"the weights card {path} is missing; {_remedy()}") from None
    except (OSError, ValueError) as error:
        raise WeightsError(f"the weights card {path} cannot be read: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("sha256"), str):
        raise WeightsError(f"the weights card {path} names no sha256; {_remedy()}")
    return found


def _remedy() -> str:
    """What to do about weights that are not there."""
    if not os.environ.get("BARVA_WEIGHTS"):
        return "reinstall Barva"
    names = ", ".join(sorted(p.stem for p in folder().glob("*.onnx"))) or "none"
    return f"BARVA_WEIGHTS takes all weights from {folder()} (there: {names}): name one of these, or unset it"


@lru_cache(maxsize=16)
def _sha256(path: Path, size: int, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(name: str) -> Path:
    """The path of `name`.onnx, once its sha256 is the one that the card names."""
    path, wanted = folder() / f"{name}.onnx", facts(name)["sha256"]
    try:
        stat = path.stat()
        found = _sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise WeightsError(f"the weights {path} cannot be read ({error.strerror}); {_remedy()}") from None
    if found != wanted:
        raise WeightsError(
            f"the weights {path} are not the ones that their card names"
            f" (sha256 {found[:12]}..., wanted {wanted[:12]}...); {_remedy()}"
        )
    return path
