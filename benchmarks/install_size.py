"""What a fresh install takes, package by package: a virtual environment of its own with only the base dependencies.

    python benchmarks/install_size.py > benchmarks/install_size.md

`--venv DIR` measures an environment that exists. Sizes are those on the disk (as `du` counts them), compiled bytecode
included; `pip` and `setuptools` come with the environment and not from Barva.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WANTED = 480
"""MB that the base install was to take at most."""
HEAD = """# What the base install takes

`python benchmarks/install_size.py > benchmarks/install_size.md`: `pip install .` in a fresh environment, Python
{python}, {system}. MB on the disk (1,048,576 bytes), compiled bytecode included.

| package | version | MB |
|---|---|---|
"""


def disk(path: Path) -> int:
    """Bytes that a file takes, in whole blocks."""
    stat = path.stat()
    return getattr(stat, "st_blocks", -(-stat.st_size // 512)) * 512


def files_of(package: importlib.metadata.Distribution) -> set[Path]:
    """Its files, and what Python compiled of them."""
    files = {Path(str(package.locate_file(name))).resolve() for name in package.files or ()}
    compiled = (c for f in files if f.suffix == ".py" for c in (f.parent / "__pycache__").glob(f"{f.stem}.*.pyc"))
    return {f for f in files | set(compiled) if f.is_file()}


def sizes(venv: Path) -> tuple[list[tuple[str, str, float]], float]:
    """(name, version, MB) of the packages, the largest first; MB of the whole environment."""
    (site,) = [p for p in venv.rglob("site-packages") if p.is_dir()][:1]
    rows = []
    for package in importlib.metadata.distributions(path=[str(site)]):
        size = sum(disk(file) for file in files_of(package)) / (1 << 20)
        rows.append((package.metadata["Name"], package.version, size))
    whole = sum(disk(f) for f in venv.rglob("*") if not f.is_symlink()) / (1 << 20)
    return sorted(rows, key=lambda row: -row[2]), whole


def table(venv: Path) -> str:
    rows, whole = sizes(venv)
    large = [row for row in rows if row[2] >= 1]
    small = sum(size for _, _, size in rows if size < 1)
    text = HEAD.format(python=platform.python_version(), system=platform.system())
    text += "".join(f"| {name} | {version} | {size:.0f} |\n" for name, version, size in large)
    text += f"| {len(rows) - len(large)} smaller ones | | {small:.0f} |\n"
    return text + f"| **the whole environment** | | **{whole:.0f}** |\n\nWanted: {WANTED} MB at most.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a fresh base install.")
    parser.add_argument("--venv", type=Path, help="an environment that exists")
    given = parser.parse_args().venv
    with tempfile.TemporaryDirectory() as folder:
        venv = given or Path(folder) / "venv"
        if given is None:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            python = next(p for p in (venv / "bin/python", venv / "Scripts/python.exe") if p.exists())
            subprocess.run([python, "-m", "pip", "install", "-q", ROOT], check=True, stdout=sys.stderr)
        sys.stdout.write(table(venv))


if __name__ == "__main__":
    main()
