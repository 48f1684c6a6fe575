"""What one looks at while a run goes on: the log as CSV, the loss as a plot, sheets of validation photos."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.errors import TrainingError
from barva.files import replace_whole, write_whole
from barva.imaging.write import make_folder
from barva.training import validation
from barva.training.checkpoint import Progress

if TYPE_CHECKING:
    from barva.training.loop import Run

EVERY = 50
"""Steps between two lines of the log."""

PHOTOS = 24
"""Validation photos on a sheet."""

VALIDATED = 96
"""Validation photos of which the mean error is taken; the sheet shows the first ones."""


@dataclass(frozen=True)
class Mean:
    """The mean parts of the loss over `EVERY` steps, and samples a second."""

    parts: dict[str, float]
    speed: float


class Log:
    """`log.csv`: a line every `EVERY` steps with the means since the last. Lines from after the checkpoint that a run
    resumes from are dropped, since those steps are done again, and so are lines that a full disk or a power cut left
    incomplete. A part of the loss that none of the lines before had gets a column, empty there. Of several processes
    only the first one `writes`."""

    def __init__(self, folder: Path, progress: Progress, writes: bool = True) -> None:
        self.path, self.last, self._writes = folder / "log.csv", progress, writes
        self._parts: list[dict[str, float]] = []
        if writes and self.path.exists():
            write_whole(self.path, _lines_until(self.path.read_bytes(), progress.step), overwrite=True)

    def add(self, parts: dict[str, float], progress: Progress, side: int) -> Mean | None:
        """Take one step's parts; the means when a line was written. `TrainingError` when the loss is no number."""
        self._parts.append(parts)
        if progress.step % EVERY:
            return None
        # a player that had no turn in a step has no part in it
        names = {name: None for part in self._parts for name in part}
        means = {n: float(np.mean([p[n] for p in self._parts if n in p])) for n in names}
        if not all(map(math.isfinite, means.values())):
            raise TrainingError(f"the loss is no longer a number at step {progress.step}: {means}")
        seconds = max(progress.seconds - self.last.seconds, 1e-9)
        mean = Mean(means, (progress.samples - self.last.samples) / seconds)
        self._parts, self.last = [], progress
        if not self._writes:
            return mean
        row = {"step": progress.step, "samples": progress.samples, "seconds": round(progress.seconds, 1), "side": side}
        self._write(row | {n: f"{v:.6g}" for n, v in means.items()} | {"samples_per_second": round(mean.speed, 1)})
        return mean

    def _write(self, row: dict[str, Any]) -> None:
        columns = list(row)
        if self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as lines:
                columns = next(csv.reader(lines), columns)
            if new := [name for name in row if name not in columns]:
                columns = _add_columns(self.path, new)
        validation.append(self.path, [row.get(name, "") for name in columns], columns)


def _add_columns(path: Path, names: Sequence[str]) -> list[str]:
    """Write the log anew with these columns before its last one, empty in its lines; all of its columns."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.reader(lines) if row]
    rows = [[*row[:-1], *(names if at == 0 else [""] * len(names)), row[-1]] for at, row in enumerate(rows)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_whole(path, text.getvalue().encode(), overwrite=True)
    return rows[0]


def _lines_until(log: bytes, step: int) -> bytes:
    """The columns and the complete lines of a log up to a step."""
    lines = [line for line in log.splitlines(keepends=True) if line.endswith(b"\n")]
    steps = [line.split(b",")[0] for line in lines[1:]]
    kept = [line for line, at in zip(lines[1:], steps, strict=True) if at.isdigit() and int(at) <= step]
    return b"".join([*lines[:1], *kept])


def plot(folder: Path) -> None:
    """`loss.svg` from `log.csv`: every part of the loss over the samples, smoothed."""
    if not (folder / "log.csv").exists():  # a run shorter than one line
        return
    from matplotlib.figure import Figure

    with (folder / "log.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [
        n for n in (rows[0] if rows else {}) if n not in ("step", "samples", "seconds", "side", "samples_per_second")
    ]
    if not names:
        return
    figure = Figure(figsize=(8, 2.6 * len(names)), layout="constrained")
    for axis, name in zip(np.atleast_1d(np.asarray(figure.subplots(len(names), 1, sharex=True))), names, strict=True):
        known = [(int(r["samples"]), float(r[name]), int(r["side"])) for r in rows if r[name]]
        x, y = np.array([k[0] for k in known]), np.array([k[1] for k in known])
        axis.plot(x, y, color="0.8", linewidth=0.8)
        width = max(1, len(y) // 40)
        axis.plot(x[width - 1 :], np.convolve(y, np.ones(width) / width, "valid"), color="tab:blue")
        for before, after in itertools.pairwise(known):
            if before[2] != after[2]:
                axis.axvline(after[0], color="0.6", linestyle=":", linewidth=1)
                axis.text(after[0], axis.get_ylim()[1], f" {after[2]} px", va="top", fontsize=8)
        axis.set_ylabel(name)
    axis.set_xlabel("samples")
    replace_whole(folder / "loss.svg", lambda part: figure.savefig(part, format="svg"))


def paint_photo(objective: Any, net: nn.Module, photo: Any, device: Any = "cpu") -> tuple[Any, Any]:
    """The Lab truth (H, W, 3) of an RGB photo with sides divisible by 32, and its automatic answer in Lab."""
    truth = spaces.fast_rgb_to_lab(photo)
    light = torch.from_numpy(truth[None, None, ..., 0] / 50 - 1).to(device)
    hints = torch.zeros(1, 3, *truth.shape[:2], device=device)
    with torch.no_grad():
        ab = objective.paint(net, light, hints)[0].permute(1, 2, 0).float().cpu().numpy()
    return truth, np.concatenate([truth[..., :1], ab], axis=-1)


def draw(run: Run, side: int) -> None:
    """`samples/SAMPLES.png`: truth, light and answer of the same validation photos, with their CIEDE2000; a line in
    `validation.csv`; and the loss plot."""
    from barva.evaluation import report

    if hasattr(run.objective, "validate"):
        run.objective.validate(run)
        return plot(run.folder)
    sampler = run.sampler
    chosen = sampler.choose(VALIDATED)
    rows, errors, greys = [], [], []
    for at, photo in enumerate(validation.pictures(sampler.caches, chosen, side, square=True)):
        truth, answer = paint_photo(run.objective, run.ema, photo, run.fabric.device)
        grey = truth * np.array([1, 0, 0], np.float32)
        errors.append(float(ciede2000(truth, answer).mean()))
        greys.append(float(ciede2000(truth, grey).mean()))
        if at < PHOTOS:
            shown = [gamut.merge(lab[..., 0], lab[..., 1:], 8) for lab in (grey, answer)]
            text = f"{at}: {errors[-1]:.1f} (gray {greys[-1]:.1f})"
            rows.append((text, [np.asarray(p, np.uint8) for p in (photo, *shown)]))
    plot(run.folder)
    if not rows:
        return
    folder = run.folder / "samples"
    make_folder(folder)
    pairs = [(f"{a[0]}   {b[0]}   {c[0]}", [*a[1], *b[1], *c[1]]) for a, b, c in zip(*[iter(rows)] * 3, strict=False)]
    report.sheet(pairs or rows, folder / f"{run.progress.samples:09d}.png", tile=128)
    sources = validation.by_source([sampler.caches[k].sources[i] for k, i in chosen], errors)
    scores = (f"{np.mean(errors):.4f}", f"{np.mean(greys):.4f}")
    validation.append(run.folder / "validation.csv", (run.progress.samples, side, len(errors), *scores, sources))
