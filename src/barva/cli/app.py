"""The application: its commands, and how errors become one line and an exit code."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from barva.errors import BarvaError, UsageError
from barva.files import reason
from barva.version import __version__

COMMANDS = (
    "colorize",
    "album",
    "archive",
    "film",
    "recolor",
    "suggest",
    "describe",
    "say",
    "scene",
    "serve",
    "studio",
    "demo",
    "methods",
    "inspect",
    "evaluate",
    "train",
    "data",
    "export",
    "doctor",
)
"""Modules of commands, in the order in which the help lists them."""

_INTERRUPTED = 130  # the exit code

app = typer.Typer(
    name="barva",
    help="Colors black-and-white photographs. Light is kept exactly; only color is guessed.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"barva {__version__}")
        raise typer.Exit


# Newer Typers carry their own copy of Click; this finds the base of usage errors in either.
_ClickError: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    pass


def add_commands() -> None:
    """Register every command; each imports what it needs when it runs."""
    if app.registered_commands:  # `run` may be called again in one process
        return
    for name in COMMANDS:
        import_module(f"barva.cli.{name}").add(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code. Every error that a user can cause is one line on stderr."""
    add_commands()
    try:
        _refuse_empty(arguments)
        command = typer.main.get_command(app)
        code = command(args=list(arguments) or ["--help"], prog_name="barva", standalone_mode=False)
        if code == _INTERRUPTED:  # some Typers turn Ctrl-C into it
            return _report_stop()
        return code if isinstance(code, int) else 0
    except UsageError as error:
        return _report_error(str(error), 2)
    except BarvaError as error:
        return _report_error(str(error), 1)
    except _ClickError as error:
        return _report_error(error.format_message(), error.exit_code)
    except typer.Exit as error:
        return error.exit_code
    except OSError as error:
        # whatever was being written (logs, caches, sheets): what the system refuses is no fault of Barva's
        if isinstance(error, BrokenPipeError):
            return _exit_without_reader()
        if error.errno is None:
            raise
        return _report_error(f"{error.filename or 'a file'}: {reason(error)}", 1)
    except (KeyboardInterrupt, typer.Abort):
        return _report_stop()


def _refuse_empty(arguments: Sequence[str]) -> None:
    """No empty argument, as a shell's unset variable gives: as a path it would be the folder where one works."""
    for before, argument in itertools.pairwise(["barva", *arguments]):
        if not argument or re.fullmatch(r"--[a-z][a-z0-9-]*=", argument):
            place = argument.rstrip("=") or before
            raise UsageError(f"the argument after {place} is empty: is a variable of the shell not set?")


def _report_stop() -> int:
    return _report_error("stopped; run the same command again to go on", _INTERRUPTED)


def _exit_without_reader() -> int:
    """The reader of our output is gone: end without a message."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _report_error(message: str, code: int) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"barva: {line}\n")
    return code
