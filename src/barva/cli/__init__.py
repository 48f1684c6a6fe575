"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import codecs
import os
import sys

_TRAINING = ("train", "export")
"""Commands of PyTorch, which takes its number of threads from the same variables."""


def main() -> None:
    """Run `barva`; exit code 0, 1 (a file failed), 2 (the request makes no sense) or 130 (interrupted)."""
    if sys.argv[1:] == ["--version"]:  # the commonest question, answered without loading anything
        from barva.version import __version__

        sys.stdout.write(f"barva {__version__}\n")
        return
    from barva.runtime.worker_process import limit_blas

    if not set(_TRAINING).intersection(sys.argv[1:2]):
        limit_blas()
    from barva.cli.app import run

    if hasattr(sys.stdout, "reconfigure"):
        codecs.register_error("barva-names", _escape_name)
        sys.stdout.reconfigure(errors="barva-names")
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    # Everything is written and closed; taking the networks and libraries apart would cost a fifth of a second.
    os._exit(code)


def _escape_name(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler of codecs. File names need not be text: their bytes are written as they are. What the output's
    encoding lacks, as that of pipes on Windows lacks most alphabets, becomes an escape such as \\u0444."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    char = error.object[error.start]
    known = 0xDC80 <= ord(char) <= 0xDCFF  # a byte that `surrogateescape` has read
    return bytes([ord(char) & 0xFF]) if known else ascii(char)[1:-1], error.start + 1


if __name__ == "__main__":
    main()
