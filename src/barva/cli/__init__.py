"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `barva`; exit code 0, 1 (a file failed), 2 (the request makes no sense) or 130 (interrupted)."""
    if sys.argv[1:] == ["--version"]:  # the commonest question, answered without loading anything
        from barva.version import __version__

        sys.stdout.write(f"barva {__version__}\n")
        return
    from barva.cli.app import run

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names need not be text: they are named as they are
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    # Everything is written and closed; taking the networks and libraries apart would cost a fifth of a second.
    os._exit(code)


if __name__ == "__main__":
    main()
