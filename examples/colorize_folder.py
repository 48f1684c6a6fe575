"""Color every JPEG of a folder from Python, keeping one network for all, and list the least certain results.

python examples/colorize_folder.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import barva


def main(folder: Path) -> None:
    colorizer = barva.Colorizer()
    doubts: list[tuple[float, Path]] = []
    for path in sorted(folder.glob("*.jpg")):
        if path.stem.endswith(".color"):
            continue
        try:
            result = colorizer.colorize(path)
            written = result.save()
        except barva.FileError as error:
            sys.stderr.write(f"{error}\n")
            continue
        if result.confidence is not None and written.path is not None:
            doubts.append((float(result.confidence.mean()), written.path))
    for confidence, path in sorted(doubts)[:10]:
        sys.stdout.write(f"{confidence:.2f}  {path}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/colorize_folder.py FOLDER")
    main(Path(sys.argv[1]))
