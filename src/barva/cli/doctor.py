"""`barva doctor`: what is installed, what is missing, and whether the weights are whole."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import typer

from barva.errors import BarvaError
from barva.extras import install_command
from barva.runtime.machine import usable_cores
from barva.version import __version__

PARTS = {
    "numpy": "numpy", "opencv-python-headless": "cv2", "onnxruntime": "onnxruntime", "pyvips": "pyvips",
    "pyvips-binary": "", "pillow": "PIL",
}  # fmt: skip
"""A package that coloring needs -> the module that is imported of it."""
EXTRAS = {
    "nicegui": "studio", "av": "film", "imagecodecs": "formats", "pyarrow": "archive", "ray": "cluster",
    "rdflib": "query", "torch": "train",
}  # fmt: skip
"""A package of each extra -> the extra."""


def add(app: typer.Typer) -> None:
    app.command(name="doctor")(doctor)


def doctor() -> int:
    """Check the installation; exit code 1 if something that coloring needs is broken."""
    typer.echo(f"barva {__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    typer.echo(f"{usable_cores()} cores")
    sound = True
    for name, module in PARTS.items():
        version, trouble = _version(name), _import_trouble(module)
        sound &= not trouble
        # a system libvips serves as well as the wheel's, a module as well as its package's record
        state = "BROKEN" if version and trouble else "MISSING" if trouble else "ok " if version or module else "-  "
        typer.echo(f"{state} {name} {version or ''}".rstrip() + (f": {trouble}" if version and trouble else ""))
    for name, extra in EXTRAS.items():
        version = _version(name)
        found = f"{name} {version}" if version else f"not installed: {install_command(extra)}"
        typer.echo(f"{'ok ' if version else '-  '} extra {extra}: {found}")
    for check in _checks():
        try:
            typer.echo(f"ok  {check()}")
        except (BarvaError, ImportError, OSError) as error:
            sound = False
            typer.echo(f"BROKEN {' '.join(str(error).split())}")
    typer.echo("everything that coloring needs is here" if sound else "something is broken: see above")
    return 0 if sound else 1


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _import_trouble(module: str) -> str:
    """Why a module cannot be imported, as one line; empty where it can."""
    if not module:
        return ""
    try:
        importlib.import_module(module)
    except Exception as error:  # a broken package raises whatever it likes
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def _checks() -> Iterator[Callable[[], str]]:
    yield from (_vips, _providers)
    try:
        names = _weight_names()
    except ImportError:
        yield lambda: f"{len(_weight_names())} weights"  # fails again, with the reason
        return
    yield from (_weights(name) for name in names)


def _vips() -> str:
    from barva.imaging import vips

    loaded = vips.load()
    return f"libvips {'.'.join(str(loaded.version(i)) for i in range(3))}"


def _providers() -> str:
    from barva.runtime import session

    return f"ONNX Runtime providers: {', '.join(session.providers())}; using {session.chosen_providers()[0]}"


def _weight_names() -> list[str | Path]:
    from barva.methods.catalog import method_cards
    from barva.perception.network import SEGMENTS, SELECT

    return [*(c.weights for c in method_cards() if c.weights), SEGMENTS, SELECT]


def _weights(name: str | Path) -> Callable[[], str]:
    def check() -> str:
        from barva.runtime import weights

        path, facts = weights.verify(name), weights.facts(name)
        return f"weights {path.stem} {facts['version']}: {path.stat().st_size / 1e6:.1f} MB, sha256 as on the card"

    return check
