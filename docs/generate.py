"""The reference pages that follow from the code: commands, methods, and the list of public Python names.

python docs/generate.py           writes docs/reference/* and the README's table of methods
python docs/generate.py --check   exit code 1 if they are not what the code says

The prose about each method is docs/notes/NAME.md: its first paragraph stands in the tables, the rest on its page.
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

# The public names in reading order; a name of `barva.__all__` that is not here goes under "More".
GROUPS = {
    "Color a photo": ("colorize", "Colorizer", "Result", "Session", "Photo"),
    "Say which color goes where": ("Guidance", "Point", "Stroke", "Region", "Box", "Polygon", "Mask"),
    "Recolor a color photo": ("recolor", "Recolored"),
    "Scenes": ("Scene", "Thing"),
    "Methods": ("method_cards", "MethodCard", "HintMap", "Chroma"),
    "Errors": (
        "BarvaError", "UsageError", "FileError", "ReadError", "TooLargeError", "WriteError", "WeightsError",
    ),
}  # fmt: skip


def commands() -> str:
    """Every command's help, as a terminal of 100 columns shows it."""
    os.environ.update(COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1")
    import typer

    from barva.cli import app as application

    application.add_commands()
    group = typer.main.get_command(application.app)
    more = "[Environment variables and exit codes](../how-to/install.md#environment-variables) are the same for all."
    pages = ["# Commands", "", f"Made from the program's own help by `docs/generate.py`. {more}"]
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


def cards() -> list[Any]:
    """The cards of Barva's own methods, the default first; what plug-ins add is documented by them."""
    from barva.methods import catalog

    targets = catalog.targets()
    return [card for card in catalog.method_cards() if targets[card.name].startswith("barva.")]


def note(name: str) -> tuple[str, str]:
    """The first paragraph of a method's note as one line, and the rest."""
    path = DOCS / "notes" / f"{name}.md"
    if not path.exists():
        sys.exit(f"docs/notes/{name}.md is missing: one plain sentence on the method, then when to use it")
    first, _, rest = path.read_text(encoding="utf-8").partition("\n\n")
    return " ".join(first.split()), rest.strip()


def _guidance(card: Any) -> str:
    return ", ".join(sorted(card.native_guidance)) or "none"


def _weights(card: Any) -> str:
    from barva.runtime import weights

    return f"{weights.facts(card.weights)['bytes'] / 1e6:.1f} MB" if card.weights else "none"


def table(folder: str) -> str:
    """One row for each method; `folder` is where its page lies, seen from the table."""
    rows = ["| method | in plain words | weights |", "|---|---|--:|"]
    rows += [f"| [`{c.name}`]({folder}/{c.name}.md) | {note(c.name)[0]} | {_weights(c)} |" for c in cards()]
    return "\n".join(rows) + "\n"


def method_page(card: Any) -> str:
    from barva.runtime import weights

    short, rest = note(card.name)
    facts = [
        ("source", card.paper),
        ("guidance that it follows natively", f"{_guidance(card)}; all other marks are followed by steering"),
        ("short side of the light that it gets", f"{card.size.short} px"),
        ("weights", f"{_weights(card)}, version {weights.facts(card.weights)['version']}" if card.weights else "none"),
        ("license", card.license),
    ]
    rows = [f"| {name} | {value} |" for name, value in facts if value]
    head = ["---", f"title: {card.name}", "---", "", f"# `{card.name}`: {card.title}", "", short, ""]
    tail = [
        "",
        "## Facts",
        "",
        "| fact | |",
        "|---|---|",
        *rows,
        "",
        f"    barva colorize photo.jpg --method {card.name}",
        "",
    ]
    return "\n".join([*head, rest, *tail])


def python_page() -> str:
    """The public names of `barva`, with their docstrings (mkdocstrings fills them in)."""
    import barva

    public = [name for name in barva.__all__ if not name.startswith("_")]
    listed = [name for names in GROUPS.values() for name in names]
    if unknown := [name for name in listed if name not in public]:
        sys.exit(f"docs/generate.py lists {', '.join(unknown)}, which barva.__all__ does not")
    more = tuple(name for name in public if name not in listed)
    lines = ["# Python", "", "All public names, as `import barva` gives them. `help(barva.colorize)` shows the same."]
    for title, names in {**GROUPS, **({"More": more} if more else {})}.items():
        lines += ["", f"## {title}"]
        for name in names:
            lines += ["", f"::: barva.{name}"]
    return "\n".join(lines) + "\n"


def wanted() -> dict[Path, str]:
    """Path -> content of everything that is generated."""
    readme = README.read_text(encoding="utf-8")
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    intro = (
        "# Methods\n\nMade from the cards and `docs/notes` by `docs/generate.py`. `barva methods` lists them too.\n\n"
    )
    reference = DOCS / "reference"
    return {
        reference / "commands.md": commands(),
        reference / "python.md": python_page(),
        reference
        / "methods.md": f"{intro}{table('methods')}\n![One photo by several methods](../studio/methods.webp)\n",
        README: f"{head}{BEGIN}\n{table('docs/reference/methods')}{END}{tail}",
        **{reference / "methods" / f"{card.name}.md": method_page(card) for card in cards()},
    }


def main() -> int:
    pages = wanted()
    folder = DOCS / "reference" / "methods"
    stale = [p for p in folder.glob("*.md") if p not in pages]
    for path in stale:
        if "--check" not in sys.argv:
            path.unlink()
    for path, content in pages.items():
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    if stale:
        names = ", ".join(path.relative_to(DOCS.parent).as_posix() for path in stale)
        sys.stdout.write(f"{'stale' if '--check' in sys.argv else 'written'}: {names}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
