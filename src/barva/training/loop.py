"""The training loop: wall-clock schedule, EMA weights, checkpoints that can be resumed after a kill."""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from barva.color import bins
from barva.models.guided import GuidedNet
from barva.training import data, losses
from barva.training.recipes.guided import Recipe, Stage, guided_first


def prior(sampler: data.Sampler, photos: int = 3000) -> data.Float:
    """Empirical bin distribution (313,) of random training photos."""
    rng, p = np.random.default_rng(0), np.zeros(len(bins.BINS))
    for _ in range(photos):
        k = int(rng.choice(len(sampler.caches), p=sampler.p))
        view = data.random_view(sampler.caches[k][int(rng.choice(sampler.train[k]))], 32, 1.0, rng)
        ab = cv2.cvtColor(view.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 1:]
        index, weight = bins.encode(ab)
        np.add.at(p, index.ravel(), weight.ravel())
    return np.asarray(p / p.sum(), np.float32)


def stage_at(recipe: Recipe, done: float) -> Stage:
    """The stage for the share `done` 0..1 of the training time."""
    return [s for s in recipe.stages if s.start <= done][-1]


def rate_at(recipe: Recipe, done: float, step: int) -> float:
    """Linear warm-up, then a cosine down to 2 % of the recipe's rate."""
    return recipe.rate * min(1.0, (step + 1) / recipe.warmup_steps) * (0.51 + 0.49 * math.cos(math.pi * min(done, 1.0)))


class Run:
    """One training run in a folder: `log.csv`, `last.pt` (resume), `recipe.json`."""

    def __init__(self, recipe: Recipe, sampler: data.Sampler, folder: Path) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.sampler, self.folder = recipe, sampler, folder
        self.net = GuidedNet(recipe.widths, recipe.depths, recipe.attentions, labels=len(sampler.labels))
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.ema = copy.deepcopy(self.net).eval()
        plain = [p for p in self.net.parameters() if p.ndim < 2]
        heavy = [p for p in self.net.parameters() if p.ndim >= 2]
        groups = [{"params": heavy, "weight_decay": recipe.decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)
        self.step, self.seconds, self.samples = 0, 0.0, 0
        self.prior = prior(sampler)
        self.rebalance = torch.from_numpy(bins.rebalancing(self.prior, recipe.rebalance))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "recipe.json").write_text(json.dumps(dataclasses.asdict(recipe), indent=1))
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

    def update(self, batch: data.Batch, rate: float) -> tuple[float, float]:
        """One optimiser step; the colour and the label loss."""
        x = torch.from_numpy(batch.inputs).to(memory_format=torch.channels_last)
        label = torch.from_numpy(batch.label)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            logits, subject = self.net(x, classify=True)
        color = losses.soft_cross_entropy(
            logits, torch.from_numpy(batch.index), torch.from_numpy(batch.weight), self.rebalance
        )
        known = label >= 0
        what = F.cross_entropy(subject.float()[known], label[known]) if known.any() else color.new_zeros(())
        self.optimizer.zero_grad(set_to_none=True)
        (color + self.recipe.label_loss * what).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.average()
        return float(color.detach()), float(what.detach())

    @torch.no_grad()
    def average(self) -> None:
        """Exponential moving average of weights and batch statistics, short at first."""
        keep = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        pairs = zip(self.ema.state_dict().values(), self.net.state_dict().values(), strict=True)
        mean, now = zip(*((m, n) for m, n in pairs if m.dtype.is_floating_point), strict=True)
        torch._foreach_lerp_(mean, now, 1 - keep)

    def go(self, minutes: float) -> None:
        """Train until `minutes` of training time, checkpoints every five."""
        total, r = minutes * 60, self.recipe
        stage, saved, shown, colors = None, time.monotonic(), 0, []
        while self.seconds < total:
            began, now = time.monotonic(), stage_at(r, self.seconds / total)
            if now is not stage:
                stage = now
                batches = data.prefetch(
                    lambda s=stage: self.sampler.batch(s.batch, s.side, r.hinted, r.filmed, s.crop)
                )
            losses_now = self.update(next(batches), rate_at(r, self.seconds / total, self.step))
            colors.append(losses_now)
            self.step, self.samples = self.step + 1, self.samples + stage.batch
            self.seconds += time.monotonic() - began
            if self.step % 50 == 0:
                c, w = np.mean(colors, axis=0)
                speed = (self.samples - shown) / sum_time if (sum_time := self.seconds - getattr(self, "_at", 0.0)) else 0
                self._at, shown, colors = self.seconds, self.samples, []
                line = f"{self.step},{self.samples},{self.seconds:.0f},{stage.side},{c:.4f},{w:.4f},{speed:.0f}"
                with (self.folder / "log.csv").open("a") as log:
                    log.write(line + "\n")
                if not np.isfinite(c):
                    raise FloatingPointError(f"loss is {c} at step {self.step}")
            if time.monotonic() - saved > 300:
                self.save()
                saved = time.monotonic()
        self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder of cache folders")
    parser.add_argument("--run", type=Path, required=True, help="where checkpoints and the log go")
    parser.add_argument("--minutes", type=float, help="training time, instead of the recipe's")
    parser.add_argument("--small-weight", type=float, default=0.5, help="how often caches of 64 px photos are drawn")
    args = parser.parse_args()
    recipe = guided_first()
    caches = [(p.name, data.PhotoCache(p)) for p in sorted(args.cache.iterdir()) if (p / "index.npz").exists()]
    weights = [len(c) * (args.small_weight if c.height[:100].max() <= 64 else 1.0) for _, c in caches]
    torch.set_num_threads(2)
    Run(recipe, data.Sampler(caches, weights, recipe.seed), args.run).go(args.minutes or recipe.minutes)


if __name__ == "__main__":
    main()
