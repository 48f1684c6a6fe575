"""A benchmark as one HTML page that needs nothing else: the tables, then the photos, worst cases first."""

from __future__ import annotations

import base64
import heapq
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template

from barva.errors import UsageError
from barva.evaluation.benchmark import Step
from barva.evaluation.metrics import Picture
from barva.evaluation.report import fit_tile
from barva.evaluation.results import Benchmark
from barva.evaluation.tables import Table, tables

TILE = 320
"""Long side of the page's pictures, px."""


@dataclass(frozen=True)
class Card:
    """What the page shows of one photo: name -> WebP file for the main pictures and for those from points and film."""

    key: str
    at: int
    errors: Mapping[str, float]
    pictures: Mapping[str, bytes]
    more: Mapping[str, bytes]


class Gallery:
    """Keeps small copies of the `limit` photos on which the row `of` is worst, and nothing of the others."""

    def __init__(self, of: str, limit: int = 24, tile: int = TILE) -> None:
        if limit < 1 or tile < 16:
            raise UsageError("a page shows at least one photo, in tiles of at least 16 pixels")
        self.of, self.limit, self.tile = of, limit, tile
        self._heap: list[tuple[float, int, Card]] = []

    def add(self, step: Step) -> None:
        """Look at one more photo. `UsageError` if it has no row `of`."""
        if self.of not in step.errors:
            raise UsageError(f"no row '{self.of}'; there are: {', '.join(step.errors)}")
        # of equal photos the earlier one is kept
        rank = (step.errors[self.of], -step.done)
        if len(self._heap) == self.limit and rank < self._heap[0][:2]:
            return
        pictures, more = ({name: self._webp(p) for name, p in of.items()} for of in (step.pictures, step.more))
        entry = (*rank, Card(step.key, step.done, step.errors, pictures, more))
        (heapq.heappush if len(self._heap) < self.limit else heapq.heappushpop)(self._heap, entry)

    def cards(self) -> list[Card]:
        """The worst first."""
        return [card for *_, card in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]

    def _webp(self, picture: Picture) -> bytes:
        out = io.BytesIO()
        fit_tile(picture, min(self.tile, max(picture.shape[:2]))).save(out, "WEBP", quality=85)
        return out.getvalue()


def html(benchmark: Benchmark, gallery: Gallery, title: str = "Barva: evaluation") -> str:
    """The page's text. Photos can be put in order by any method's error without a network or a library."""
    cards, labels = gallery.cards(), [row.label for row in benchmark.methods]
    if gallery.of not in labels:
        labels.insert(0, gallery.of)
    shown = f"All {len(cards)} photos, worst of {gallery.of} first."
    if len(cards) < len(benchmark.keys):
        shown = f"The {len(cards)} of {len(benchmark.keys)} photos on which {gallery.of} is worst, worst first."
    template = resources.files("barva.evaluation").joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        title=escape(title),
        tile=gallery.tile,
        notes="".join(f"<p>{escape(note)}</p>" for note in benchmark.notes),
        tables="\n".join(_table(table) for table in tables(benchmark)),
        shown=escape(shown),
        orders="".join(_orders(labels, gallery.of)),
        photos="".join(_section(card, labels) for card in cards),
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col" title="{escape(c.meaning)}">{escape(c.heading)}</th>' for c in table.columns)
    body = "\n".join(_row(table, at) for at in range(len(table.cells)))
    meanings = "".join(f"<dt>{escape(c.heading)}</dt><dd>{escape(c.meaning)}</dd>" for c in table.columns)
    return (
        f"<h2>{escape(table.title)}</h2>\n"
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n'
        f"<p>{escape(table.note)}</p><details><summary>What the columns mean</summary><dl>{meanings}</dl></details>"
    )


def _row(table: Table, at: int) -> str:
    label, *cells = (escape(cell) for cell in table.cells[at])
    out = [f'<tr><th scope="row">{label}</th>']
    for column, cell in enumerate(cells, 1):
        value, _, interval = cell.partition(" [")
        mark = ' class="best"' if (at, column) in table.best else ""
        out.append(f"<td{mark}>{value}{f'<small> [{interval}</small>' if interval else ''}</td>")
    return "".join(out) + "</tr>"


def _orders(labels: Sequence[str], of: str) -> list[str]:
    """The ways to put the photos in order: by a method's error, by two methods' difference, or as they came."""
    orders = [(str(at), f"worst of {label}", label == of) for at, label in enumerate(labels)]
    first = labels[0]
    for at, label in enumerate(labels[1:], 1):
        orders.append((f"{at}-0", f"where {label} loses most to {first}", False))
    orders.append(("order", "as the photos came", False))
    return [f'<option value="{v}"{" selected" * on}>{escape(text)}</option>' for v, text, on in orders]


def _section(card: Card, labels: Sequence[str]) -> str:
    errors = [card.errors[label] for label in labels]
    best = {label for label in labels if len(labels) > 1 and card.errors[label] == min(errors)}
    figures = "".join(_figure(card, name, data, name in best) for name, data in card.pictures.items())
    numbers = escape(json.dumps([round(e, 4) for e in errors]))
    return (
        f'<section data-at="{card.at}" data-errors="{numbers}"><h3>{escape(card.key)}</h3>'
        f'<div class="pictures">{figures}</div>{_more(card)}</section>\n'
    )


def _more(card: Card) -> str:
    if not card.more:
        return ""
    names = " and ".join(title for title in ("points", "film light") if title in card.more)
    figures = "".join(_figure(card, name, data) for name, data in card.more.items())
    return f'<details><summary>With {names}</summary><div class="pictures">{figures}</div></details>'


def _figure(card: Card, name: str, webp: bytes, best: bool = False) -> str:
    text = escape(f"{name} {card.errors[name]:.2f}" if name in card.errors else name)
    data = base64.b64encode(webp).decode("ascii")
    mark = ' class="best"' if best else ""
    return (
        f'<figure><img tabindex="0" alt="{text}" src="data:image/webp;base64,{data}">'
        f"<figcaption{mark}>{text}</figcaption></figure>"
    )
