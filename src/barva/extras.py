"""The extras of the distribution (`pyproject.toml`, optional dependencies): one wording for what is not installed."""

from __future__ import annotations

from collections.abc import Sequence

from barva.errors import UsageError


def install_command(extra: str) -> str:
    """How to install an extra. The distribution is not published yet, so it comes from a checkout."""
    return f"pip install '.[{extra}]' in a checkout"


def missing(extra: str, packages: Sequence[str]) -> UsageError:
    """The error to raise where packages of an extra are not installed.

    Args:
        extra: The extra's name, such as `train`.
        packages: The packages that are missing, at least one.

    Returns:
        A `UsageError` of one line that names the packages, the extra, and the command that installs it.

    Examples:
        >>> str(missing("train", ["pyarrow"]))
        "pyarrow is not installed; it comes with the extra `train`: pip install '.[train]' in a checkout"
    """
    one = len(packages) == 1
    which = "is not installed; it comes" if one else "are not installed; they come"
    return UsageError(
        "{packages} {which} with the extra `{extra}`: {command}",
        code="extra.missing",
        packages=", ".join(packages),
        which=which,
        extra=extra,
        command=install_command(extra),
    )
