"""`barva doctor`: what is installed, what is missing, and whether the weights are whole."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import typer

from barva.errors import BarvaError
from barva.extras import install_command
from barva.version import __version__

PARTS = ("numpy", "opencv-python-headless", "onnxruntime", "pyvips", "pyvips-binary", "pillow")
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
    typer.echo(f"{os.cpu_count()} cores")
    sound = True
    for name in PARTS:
        version = _version(name)
        # a system libvips serves as well as the wheel's
        needed = name != "pyvips-binary"
        sound &= bool(version) or not needed
        typer.echo(f"{'ok ' if version else 'MISSING' if needed else '-  '} {name} {version or ''}".rstrip())
    for name, extra in EXTRAS.items():
        version = _version(name)
        found = f"{name} {version}" if version else f"not installed: {install_command(extra)}"
        typer.echo(f"{'ok ' if version else '-  '} extra {extra}: {found}")
    for check in (_vips, _providers, *(_weights(c) for c in _weight_names())):
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
