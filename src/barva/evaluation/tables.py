"""A benchmark's tables, as cells: the reports only lay them out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from barva.evaluation.compare import Comparison
from barva.evaluation.hints import Hinted
from barva.evaluation.results import Benchmark, Row
from barva.evaluation.scores import Interval

LOW, HIGH = -math.inf, math.inf


@dataclass(frozen=True)
class Column:
    """What stands in a column: its meaning in a few words, and the value that is best (`LOW`, `HIGH`, a number, or None
    where none is)."""

    heading: str
    meaning: str
    best: float | None = None


@dataclass(frozen=True)
class Table:
    """`cells` are texts, a list for each row; `best` the (row, column) of the best values, where it is fair to say."""

    title: str
    columns: tuple[Column, ...]
    cells: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]]
    note: str


@dataclass(frozen=True)
class _Value:
    """A number as it is printed: times `factor`, with `digits` decimals, and its interval if `span`."""

    value: float | Interval | None
    digits: int = 2
    factor: float = 1
    span: bool = False

    @property
    def number(self) -> float:
        value = self.value.value if isinstance(self.value, Interval) else self.value
        return math.nan if value is None else value * self.factor

    @property
    def text(self) -> str:
        if not self.span or not isinstance(self.value, Interval):
            return self._one(self.number)
        low, high = (self._one(end * self.factor) for end in (self.value.low, self.value.high))
        return f"{self._one(self.number)} [{low}, {high}]"

    def _one(self, number: float) -> str:
        # adding 0 turns -0.0 into 0.0
        return f"{round(number, self.digits) + 0:.{self.digits}f}" if math.isfinite(number) else "–"


_Make = Callable[[Row], _Value]


def _score(name: str, digits: int, factor: float = 1, span: bool = False) -> _Make:
    return lambda row: _Value(getattr(row.scores, name), digits, factor, span)


_METHOD = Column(
    "method", "who painted; grey and flat mean need no colorizer: what doesn't beat them has learned nothing of objects"
)
# fmt: off
_SCORES: tuple[tuple[Column, _Make], ...] = (
    (Column("CIEDE2000", "mean color difference over pixels, then photos; about 1 is just visible", LOW),
     _score("ciede2000", 2, span=True)),
    (Column("below grey", "by how much that is better than no color at all, photo by photo", HIGH),
     lambda row: _Value(row.gain, span=True)),
    (Column("PSNR dB", "on 8-bit sRGB", HIGH), _score("psnr", 2)),
    (Column("AuC %", "share of pixels within an ab error of t, over t = 0..150 (Zhang et al. 2016)", HIGH),
     _score("auc", 1, 100)),
    (Column("rebalanced AuC %", "the same, with rare colors weighing as much as common ones", HIGH),
     _score("auc_rebalanced", 1, 100)),
    (Column("chroma ratio", "mean chroma over the truth's", 1), _score("chroma_ratio", 2)),
    (Column("colorfulness: signed", "Hasler and Suesstrunk: mean of the answers' minus the truth's", 0),
     _score("colorfulness_difference", 1)),
    (Column("absolute", "the absolute value of that, which DDColor's table prints", LOW),
     _score("colorfulness_absolute", 1)),
    (Column("b shift", "mean b minus the truth's: negative is cooler, positive warmer", 0), _score("b_shift", 1)),
    (Column("hue turn °", "by how much hues turn, weighted by chroma: positive from red towards yellow", 0),
     _score("hue_turn", 1)),
    (Column("sepia %", "pixels guessed brown whose truth is not", LOW), _score("sepia", 1, 100)),
)
_FILM: tuple[Column, _Make] = (
    Column("film loss", "mean CIEDE2000 on simulated old light minus on plain light", LOW),
    lambda row: _Value(row.film.loss if row.film else None, span=True),
)
_LPIPS: tuple[Column, _Make] = (
    Column("LPIPS", "with AlexNet, 0 is alike (Zhang et al. 2018)", LOW),
    lambda row: _Value(row.perceived.lpips if row.perceived else None, 3),
)
_FID: tuple[Column, _Make] = (
    Column("FID", "between all answers and all truths; only to be compared on the same photos", LOW),
    lambda row: _Value(row.perceived.fid if row.perceived else None, 1),
)
# fmt: on
_SECONDS: tuple[Column, _Make] = (
    Column("s/photo", "mean time to color one photo, network loaded"),
    lambda row: _Value(row.scores.seconds or None, 3),
)


def tables(benchmark: Benchmark) -> tuple[Table, ...]:
    """The table of scores and, where they were asked for, of comparisons and of points."""
    out = [scores(benchmark)]
    if benchmark.comparisons:
        out.append(comparisons(benchmark.comparisons))
    if benchmark.points:
        out.append(points(benchmark.points))
    return tuple(out)


def scores(benchmark: Benchmark) -> Table:
    """A row for each method, and the two that are always there."""
    rows, made = benchmark.rows, list(_SCORES)
    if any(row.film for row in rows):
        made.append(_FILM)
    if any(row.perceived and row.perceived.lpips for row in rows):
        made.append(_LPIPS)
    if any(row.perceived and row.perceived.fid is not None for row in rows):
        made.append(_FID)
    made.append(_SECONDS)
    values = [[make(row) for _, make in made] for row in rows]
    rivals = [i for i, row in enumerate(rows) if row in benchmark.methods]
    count = len(benchmark.keys)
    note = f"{count} {'photo' if count == 1 else 'photos'}; light replaced by the truth's; 95 % intervals."
    return _table("Scores", [column for column, _ in made], [row.label for row in rows], values, rivals, note)


def comparisons(pairs: Sequence[Comparison]) -> Table:
    """A row for each method but the first."""
    base = pairs[0].base
    columns = [
        Column("CIEDE2000", f"mean difference to {base}: negative is nearer to the truth", LOW),
        Column("PSNR dB", f"mean difference to {base}", HIGH),
        Column("wins %", f"photos on which it is nearer to the truth than {base}", HIGH),
    ]
    values = [
        [_Value(p.ciede2000, span=True), _Value(p.psnr, span=True), _Value(p.wins, 0, 100, span=True)] for p in pairs
    ]
    table = _table(
        f"Against {base}", columns, [p.label for p in pairs], values, [], f"Method minus {base}, photo by photo."
    )
    cells = tuple((*row, pair.verdict) for row, pair in zip(table.cells, pairs, strict=True))
    verdict = Column("than " + base, "nearer or farther only where the interval of CIEDE2000 leaves 0 out")
    return Table(table.title, (*table.columns, verdict), cells, table.best, table.note)


def points(all_hinted: Sequence[Hinted]) -> Table:
    """A row for each method and count of points."""
    columns = [
        Column("PSNR dB", "on 8-bit sRGB", HIGH),
        Column("gain dB", "over the same method without points, photo by photo", HIGH),
        Column("CIEDE2000", "mean over pixels, then photos", LOW),
        Column("gain", "by how much that is lower than without points", HIGH),
        Column("hint fidelity", "mean CIEDE2000 at the points between hint and answer; 0 is exact", LOW),
        Column("s/photo", "mean time to color one photo with the points"),
    ]
    values = [
        [
            _Value(h.psnr),
            _Value(h.psnr_gain, span=True),
            _Value(h.ciede2000),
            _Value(h.ciede2000_gain, span=True),
            _Value(h.fidelity, span=True),
            _Value(h.seconds, 3),
        ]
        for h in all_hinted
    ]
    labels = [f"{h.label}, {h.count} point{'s' * (h.count > 1)}" for h in all_hinted]
    note = "Random points of the photo's own color, the same for every method; fewer points are the first of more."
    return _table("With points", columns, labels, values, [], note)


def _table(
    title: str,
    columns: Sequence[Column],
    labels: Sequence[str],
    values: Sequence[Sequence[_Value]],
    rivals: Sequence[int],
    note: str,
) -> Table:
    cells = tuple((label, *(v.text for v in row)) for label, row in zip(labels, values, strict=True))
    best = set()
    for at, column in enumerate(columns):
        finite = [i for i in rivals if math.isfinite(values[i][at].number)]
        if column.best is None or len(finite) < 2:
            continue
        off = {i: _distance(values[i][at].number, column.best) for i in finite}
        best |= {(i, at + 1) for i in finite if off[i] == min(off.values())}
    return Table(title, (_METHOD, *columns), cells, frozenset(best), note)


def _distance(value: float, best: float) -> float:
    """How far from best; the order is all that counts."""
    return abs(value - best) if math.isfinite(best) else math.copysign(1, -best) * value
