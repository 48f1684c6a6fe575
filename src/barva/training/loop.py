"""The training loop: wall-clock schedule, EMA weights, checkpoints that can be resumed after a kill.

python -m barva.training.loop guided_first --cache CACHES --run FOLDER [--minutes 30]
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from barva.color import bins, spaces
from barva.training import data
from barva.training.recipe import Recipe, Stage


def prior(sampler: data.Sampler, photos: int = 3000) -> data.Float:
    """Empirical bin distribution (313,) of random training photos."""
    rng, p = np.random.default_rng(0), np.zeros(len(bins.BINS))
    for _ in range(photos):
        k = int(rng.choice(len(sampler.caches), p=sampler.p))
        view = data.random_view(sampler.caches[k][int(rng.choice(sampler.train[k]))], 32, 1.0, rng)
        index, weight = bins.encode(spaces.fast_rgb_to_lab(np.ascontiguousarray(view))[..., 1:])
        np.add.at(p, index.ravel(), weight.ravel())
    return np.asarray(p / p.sum(), np.float32)


def stage_at(recipe: Recipe, done: float) -> Stage:
    """The stage for the share `done` 0..1 of the training time."""
    return [s for s in recipe.stages if s.start <= done][-1]


def rate_at(recipe: Recipe, done: float, step: int) -> float:
    """Linear warm-up, then a cosine down to 2 % of the recipe's rate."""
    cosine = 0.51 + 0.49 * math.cos(math.pi * min(done, 1.0))
    return recipe.rate * min(1.0, (step + 1) / recipe.warmup_steps) * cosine


class Run:
    """One training run in a folder: `log.csv`, `recipe.json`, `last.pt` (to resume and to export from)."""

    def __init__(self, recipe: Recipe, sampler: data.Sampler, folder: Path) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.sampler, self.folder = recipe, sampler, folder
        self.prior = prior(sampler)
        family = import_module(f"barva.training.objectives.{recipe.family}")
        self.objective = family.Objective(recipe, self.prior, len(sampler.labels))
        self.net = self.objective.build().to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.net).eval()
        # biases and normalisation are not decayed
        groups = [
            {"params": [p for p in self.net.parameters() if p.ndim >= 2], "weight_decay": recipe.decay},
            {"params": [p for p in self.net.parameters() if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)
        self.step, self.seconds, self.samples = 0, 0.0, 0
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(dataclasses.asdict(recipe), indent=1), encoding="utf-8")
        if (folder / "last.pt").exists():
            self.load(torch.load(folder / "last.pt", weights_only=False))

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `save` stopped."""
        self.net.load_state_dict(state["net"])
        self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds, self.samples = state["step"], state["seconds"], state["samples"]
        self.sampler.rng = np.random.default_rng((self.recipe.seed, self.step))

    def save(self) -> None:
        """Write beside, then rename: a kill leaves the older checkpoint whole."""
        state = {
            "net": self.net.state_dict(), "ema": self.ema.state_dict(), "optimizer": self.optimizer.state_dict(),
            "step": self.step, "seconds": self.seconds, "samples": self.samples, "prior": self.prior,
            "recipe": dataclasses.asdict(self.recipe), "labels": self.sampler.labels,
        }  # fmt: skip
        torch.save(state, self.folder / "last.tmp")
        (self.folder / "last.tmp").replace(self.folder / "last.pt")

    def update(self, batch: data.Batch, rate: float) -> dict[str, float]:
        """One optimiser step; the parts of the loss by name."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, parts = self.objective.loss(self.net, batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.average()
        return dict(parts)

    @torch.no_grad()
    def average(self) -> None:
        """Exponential moving average of weights and batch statistics, short at first."""
        keep = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        pairs = zip(self.ema.state_dict().values(), self.net.state_dict().values(), strict=True)
        mean, now = zip(*((m, n) for m, n in pairs if m.dtype.is_floating_point), strict=True)
        torch._foreach_lerp_(mean, now, 1 - keep)

    def go(self, minutes: float) -> None:
        """Train until `minutes` of training time; a checkpoint every five minutes and at the end."""
        total, saved, r = minutes * 60, time.monotonic(), self.recipe
        log = Log(self.folder / "log.csv", self.seconds, self.samples)
        while self.seconds < total:
            stage = stage_at(r, self.seconds / total)
            batches = data.Prefetch(
                partial(self.sampler.batch, stage.batch, stage.side, r.hinted, r.filmed, stage.crop)
            )
            try:
                while self.seconds < total and stage_at(r, self.seconds / total) is stage:
                    began = time.monotonic()
                    parts = self.update(next(batches), rate_at(r, self.seconds / total, self.step))
                    self.step, self.samples = self.step + 1, self.samples + stage.batch
                    self.seconds += time.monotonic() - began
                    log.add(parts, self.step, self.samples, self.seconds, stage.side)
                    if time.monotonic() - saved > 300:
                        self.save()
                        saved = time.monotonic()
            finally:
                batches.close()
        self.save()


class Log:
    """`log.csv`: a line every 50 steps with the means since the last."""

    def __init__(self, path: Path, seconds: float, samples: int, every: int = 50) -> None:
        self.path, self.seconds, self.samples, self.every = path, seconds, samples, every
        self.parts: list[dict[str, float]] = []

    def add(self, parts: dict[str, float], step: int, samples: int, seconds: float, side: int) -> None:
        self.parts.append(parts)
        if step % self.every:
            return
        means = {k: sum(p[k] for p in self.parts) / len(self.parts) for k in parts}
        if not all(map(math.isfinite, means.values())):
            raise FloatingPointError(f"the loss is no longer a number at step {step}: {means}")
        speed = (samples - self.samples) / max(seconds - self.seconds, 1e-9)
        row = {"step": step, "samples": samples, "seconds": round(seconds), "side": side} | means
        row["samples_per_second"] = round(speed)
        new = not self.path.exists()
        with self.path.open("a", encoding="utf-8") as out:
            if new:
                out.write(",".join(row) + "\n")
            out.write(",".join(f"{v:.6g}" for v in row.values()) + "\n")
        self.parts, self.seconds, self.samples = [], seconds, samples


def recipe_named(name: str) -> Recipe:
    """The recipe function `name` of the family that its first word names."""
    module = import_module(f"barva.training.recipes.{name.partition('_')[0]}")
    made: Recipe = getattr(module, name)()
    return made


def open_caches(folder: Path, small_weight: float, seed: int) -> data.Sampler:
    """All caches of a folder; those of 64 px photos are drawn `small_weight` times as often as their number says."""
    caches = [(p.name, data.PhotoCache(p)) for p in sorted(folder.iterdir()) if (p / "index.npz").exists()]
    weights = [len(c) * (small_weight if c.height[:100].max() <= 64 else 1.0) for _, c in caches]
    return data.Sampler(caches, weights, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="a function of barva.training.recipes, e.g. guided_first")
    parser.add_argument("--cache", type=Path, required=True, help="folder of cache folders")
    parser.add_argument("--shards", type=Path, help="folder of Parquet shards to decode into the cache first")
    parser.add_argument("--run", type=Path, required=True, help="where checkpoints and the log go")
    parser.add_argument("--minutes", type=float, help="training time, instead of the recipe's")
    parser.add_argument("--small-weight", type=float, default=0.5, help="how often caches of 64 px photos are drawn")
    args = parser.parse_args()
    recipe = recipe_named(args.recipe)
    for shard in sorted(args.shards.glob("*.parquet")) if args.shards else ():
        if not (args.cache / shard.stem / "index.npz").exists():
            data.build_cache(shard, args.cache / shard.stem)
    Run(recipe, open_caches(args.cache, args.small_weight, recipe.seed), args.run).go(args.minutes or recipe.minutes)


if __name__ == "__main__":
    main()
