"""The reference pages that follow from the code: commands from their help, methods from their cards.

python docs/generate.py           writes docs/reference/*.md and the README's table of methods
python docs/generate.py --check   exit code 1 if they are not what the code says
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
BEGIN, END = "<!-- methods: made by docs/generate.py -->", "<!-- end of methods -->"


def commands() -> str:
    """Every command's help, as a terminal of 100 columns shows it."""
    os.environ.update(COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1")
    import typer

    from barva.cli import app as application

    application.add_commands()
    group = typer.main.get_command(application.app)
    pages = ["# Commands", "", "Made from the program's own help by `docs/generate.py`."]
    for name, command in _leaves(group, "barva"):
        with command.make_context(name, ["x"], resilient_parsing=True) as context:
            context.terminal_width = context.max_content_width = 100
            text = command.get_help(context)
        lines = [line.rstrip() for line in text.strip().splitlines()]
        pages += ["", f"## {name}", "", "```text", *lines, "```"]
    return "\n".join(pages) + "\n"


def _leaves(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command below a group, with the words that call it."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def methods() -> str:
    """One row for each card of the catalogue."""
    from barva.methods import catalog
    from barva.runtime import weights

    rows = ["| method | what it is | hears | weights | after |", "|---|---|---|---|---|"]
    for card in catalog.method_cards():
        size = f"{weights.facts(card.weights)['bytes'] / 1e6:.1f} MB" if card.weights else "none"
        hears = ", ".join(sorted(card.accepts)) or "nothing (steered)"
        what = f"{card.title}: {card.summary}" + (f"; but {card.caution}" if card.caution else "")
        rows.append(f"| `{card.name}` | {what} | {hears} | {size} | {card.paper} |")
    return "\n".join(rows) + "\n"


def wanted() -> dict[Path, str]:
    """Path -> content of everything that is generated."""
    table = methods()
    readme = README.read_text(encoding="utf-8")
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return {
        DOCS / "reference" / "commands.md": commands(),
        DOCS / "reference" / "methods.md": f"# Methods\n\nMade from the cards by `docs/generate.py`.\n\n{table}",
        README: f"{head}{BEGIN}\n{table}{END}{tail}",
    }


def main() -> int:
    stale = []
    for path, content in wanted().items():
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(path.relative_to(DOCS.parent).as_posix())
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    if stale:
        sys.stdout.write(f"{'stale' if '--check' in sys.argv else 'written'}: {', '.join(stale)}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
