"""Weights: where they lie, what their card says, and whether they are the right ones.

Barva's own lie in the package. A user's own, in the folder that the environment variable BARVA_WEIGHTS names, are
methods beside them (`methods.catalog`); a plug-in package names the path of its own. Nothing replaces the shipped ones.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from barva.errors import WeightsError
from barva.version import __version__

FOLDER = Path(__file__).resolve().parent.parent / "weights"
VARIABLE = "BARVA_WEIGHTS"


def own_folder() -> Path | None:
    """The folder of the user's own weights, None where there is none."""
    return Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def own() -> dict[str, Path]:
    """Name -> ONNX file of the user's own weights."""
    folder = own_folder()
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.onnx"))}


def path_of(name: str | Path) -> Path:
    """The ONNX file of shipped weights by their stem; a path stays what it is."""
    return FOLDER / f"{name}.onnx" if isinstance(name, str) else name


def facts(name: str | Path) -> dict[str, Any]:
    """What the export wrote beside the ONNX file: sha256, version, bytes, decoding settings, how it was trained."""
    path = path_of(name).with_suffix(".json")
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(
            "the weights card {file} is missing; {remedy}", code="weights.missing-card", file=path, remedy=_remedy(name)
        ) from None
    except (OSError, ValueError) as error:
        raise WeightsError(
            "the weights card {file} cannot be read: {problem}",
            code="weights.card-unreadable",
            file=path,
            problem=error,
        ) from None
    if not isinstance(stored, dict) or not isinstance(stored.get("sha256"), str):
        raise WeightsError(
            "the weights card {file} names no sha256; {remedy}",
            code="weights.no-sha256",
            file=path,
            remedy=_remedy(name),
        )
    return stored


def maker(name: str | Path | None) -> str:
    """Barva's version and the weights, which decide what comes out as the settings do; None of a method without any."""
    return f"{__version__} {facts(name)['sha256'] if name else ''}"


def _remedy(name: str | Path) -> str:
    """What to do about weights that are not there."""
    return "reinstall Barva" if isinstance(name, str) else "NAME.onnx and NAME.json of barva export belong together"


@lru_cache(maxsize=16)
def _sha256(path: Path, size: int, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(name: str | Path) -> Path:
    """The path of the ONNX file, once its sha256 is the one that the card names."""
    path, wanted = path_of(name), facts(name)["sha256"]
    try:
        stat = path.stat()
        actual = _sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise WeightsError(
            "the weights {file} cannot be read ({problem}); {remedy}",
            code="weights.unreadable",
            file=path,
            problem=error.strerror,
            remedy=_remedy(name),
        ) from None
    if actual != wanted:
        raise WeightsError(
            "the weights {file} are not the ones that their card names (sha256 {actual}..., wanted "
            "{wanted}...); {remedy}",
            code="weights.differ",
            file=path,
            actual=actual[:12],
            wanted=wanted[:12],
            remedy=_remedy(name),
        )
    return path
