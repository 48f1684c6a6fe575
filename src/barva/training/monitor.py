"""What one looks at while a run goes on: the log as CSV, the loss as a plot, sheets of validation photos."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from barva.color import gamut, spaces
from barva.color.difference import ciede2000
from barva.errors import TrainingError
from barva.files import replace_whole, write_whole
from barva.training.checkpoint import Progress

if TYPE_CHECKING:
    from barva.training.loop import Run

EVERY = 50
"""Steps between two lines of the log."""

PHOTOS = 24
"""Validation photos on a sheet."""


@dataclass(frozen=True)
class Mean:
    """The mean parts of the loss over `EVERY` steps, and samples a second."""

    parts: dict[str, float]
    speed: float


class Log:
    """`log.csv`: a line every `EVERY` steps with the means since the last. Lines from after the checkpoint that a run
    resumes from are dropped, since those steps are done again. Of several processes only the first one `writes`."""

    def __init__(self, folder: Path, progress: Progress, writes: bool = True) -> None:
        self.path, self.last, self._writes = folder / "log.csv", progress, writes
        self._parts: list[dict[str, float]] = []
        if writes and self.path.exists():
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines[1:] if int(line.split(",")[0]) <= progress.step]
            write_whole(self.path, "".join([*lines[:1], *kept]).encode(), overwrite=True)

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
        new = not self.path.exists()
        if not new:
            with self.path.open(encoding="utf-8", newline="") as lines:
                head = next(csv.reader(lines))
            row = {name: row.get(name, "") for name in head}
        with self.path.open("a", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, row, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)


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


def painted(objective: Any, net: nn.Module, photo: Any, device: Any = "cpu") -> tuple[Any, Any]:
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
    photos = run.sampler.held_out(side, PHOTOS, square=True)
    rows, errors, greys = [], [], []
    for at, photo in enumerate(photos):
        truth, answer = painted(run.objective, run.ema, photo, run.fabric.device)
        grey = truth * np.array([1, 0, 0], np.float32)
        errors.append(float(ciede2000(truth, answer).mean()))
        greys.append(float(ciede2000(truth, grey).mean()))
        pictures = [photo, gamut.merge(grey[..., 0], grey[..., 1:], 8), gamut.merge(answer[..., 0], answer[..., 1:], 8)]
        rows.append((f"{at}: {errors[-1]:.1f} (grey {greys[-1]:.1f})", [np.asarray(p, np.uint8) for p in pictures]))
    plot(run.folder)
    if not rows:
        return
    folder = run.folder / "samples"
    folder.mkdir(exist_ok=True)
    pairs = [(f"{a[0]}   {b[0]}   {c[0]}", [*a[1], *b[1], *c[1]]) for a, b, c in zip(*[iter(rows)] * 3, strict=False)]
    report.sheet(pairs or rows, folder / f"{run.progress.samples:09d}.png", tile=128)
    path = run.folder / "validation.csv"
    with path.open("a", encoding="utf-8") as out:
        if not out.tell():
            out.write("samples,side,photos,ciede2000,grey\n")
        out.write(f"{run.progress.samples},{side},{len(rows)},{np.mean(errors):.4f},{np.mean(greys):.4f}\n")


def matching(net: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` for `net`: parts of the network that the other run did not have stay as they are, and so does an
    auxiliary head for other subjects. `TrainingError` when nothing or a tensor of another shape is found, or where each
    network has parts that the other has not: then they are two networks, which share some names."""
    own = net.state_dict()
    taken = {n: w for n, v in own.items() if (w := weights.get(n)) is not None and w.shape == v.shape}
    other = [n for n in own if n in weights and n not in taken and not n.startswith("subject.")]
    if other or not taken:
        name = other[0] if other else next(iter(own))
        raise TrainingError(f"the start checkpoint has no '{name}' of shape {tuple(own[name].shape)}")
    missing = [n for n in own if n not in weights and not n.startswith("subject.")]
    foreign = [n for n in weights if n not in own and not n.startswith("subject.")]
    if missing and foreign:
        raise TrainingError(
            f"the start checkpoint is of another network: it has no '{missing[0]}', and has a '{foreign[0]}'"
        )
    return own | taken
