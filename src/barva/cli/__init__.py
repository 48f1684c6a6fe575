"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `barva`; exit code 0, 1 (a file failed), 2 (the request makes no sense) or 130 (interrupted)."""
    if sys.argv[1:] == ["--version"]:  # the commonest question, answered without loading anything
        from barva.version import __version__

        sys.stdout.write(f"barva {__version__}\n")
        return
    from barva.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
