"""Words: how many of the instructions in `words/` are understood as a person understands them.

    python benchmarks/words.py [--misses]

`words/english.tsv` and `words/ukrainian.tsv` hold an instruction a line and, after a tab, its clauses as a person reads
them, in the notation of `str(Clause)`; "?" where it must be refused as a whole. They were written by hand before the
grammar was tried on them; those of `words/blind/` before the grammar was read. Colors are compared by their codes, so
that "navy" and "темно-синій" stand for what they are.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

from barva.language import colors, parse
from barva.language.clauses import Clause, ColorTerm

FOLDER = Path(__file__).parent / "words"
SETS = (
    *("english", "ukrainian", "fresh/english", "fresh/ukrainian", "blind/english", "blind/ukrainian"),
    *("blind/english-2", "blind/ukrainian-2", "blind/english-3", "blind/ukrainian-3"),
)


def expected(text: str) -> str:
    """A line's clauses, colors as codes."""
    return " ; ".join(_coded(part.strip()) for part in text.split(" ; "))


def understood(text: str) -> str:
    """What the grammar reads, in the same form; "?" where it leaves any word over."""
    reading = parse(text)
    if reading.gaps or not reading.clauses or any(clause.action == "not" for clause in reading.clauses):
        return "?"
    return " ; ".join(map(_of_clause, reading.clauses))


def _of_clause(clause: Clause) -> str:
    if clause.action != "color":
        return str(clause)
    order = f" ({clause.order})" if len(clause.colors) > 1 else ""
    return f"{' + '.join(map(str, clause.targets))} = {', '.join(map(_code, clause.colors))}{order}"


def _code(term: ColorTerm) -> str:
    return str(term) if term.of is not None else term.code


def _coded(clause: str) -> str:
    targets, equals, rest = clause.partition(" = ")
    if not equals or rest.startswith("color of"):
        return clause
    listed, order = re.fullmatch(r"(.*?)( \((?:left|right) to (?:left|right)\))?", rest).groups()  # type: ignore[union-attr]
    names = [listed] if listed.startswith("rgb") else listed.split(", ")
    codes = []
    for name in names:
        term = colors.term(name) or colors.describe(name) or colors.literal(name, (0, 0))
        if term is None:
            raise SystemExit(f"there is no color {name!r}: {clause}")
        codes.append(term.code)
    return f"{targets} = {', '.join(codes)}{order or ''}"


def main() -> None:
    """Print the share of each language."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--misses", action="store_true", help="list what was read otherwise")
    show = parser.parse_args().misses
    parse("red car")  # reads the lexicon
    for language in SETS:
        rows = [line.split("\t") for line in (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()]
        begun = time.perf_counter()
        misses = [(text, right, got) for text, right in rows if (got := understood(text)) != expected(right)]
        each = 1000 * (time.perf_counter() - begun) / len(rows)
        share = 1 - len(misses) / len(rows)
        sys.stdout.write(
            f"{language}: {len(rows) - len(misses)} of {len(rows)} right, {share:.1%}, {each:.1f} ms each\n"
        )
        for text, right, got in misses if show else ():
            sys.stdout.write(f"  {text}\n    expected {right}\n    read     {got}\n")


if __name__ == "__main__":
    main()
