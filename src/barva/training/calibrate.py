"""Decoding calibrated on the validation split: which temperature, and how much of the rebalancing stays in.

python -m barva.training.calibrate RUN --cache CACHES [--side 128] [--photos 300]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from barva.color import bins, spaces
from barva.color.difference import ciede2000
from barva.training import data
from barva.training.loop import open_caches
from barva.training.recipe import Recipe, Stage

TEMPERATURES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4)
STRENGTHS = (0.0, 0.5, 1.0, 1.5)


@dataclass(frozen=True)
class Row:
    """Mean scores over the photos: CIEDE2000, and the answer's mean chroma over the truth's."""

    temperature: float
    strength: float
    ciede2000: float
    ratio: float


def restored(run: Path) -> tuple[Any, dict[str, Any]]:
    """The EMA network of a run, ready to answer, and its checkpoint."""
    state = torch.load(run / "last.pt", weights_only=False, map_location="cpu")
    stored = dict(state["recipe"])
    recipe = Recipe(**stored | {"stages": tuple(Stage(**s) for s in stored["stages"])})
    family = import_module(f"barva.training.objectives.{recipe.family}")
    net = family.Objective(recipe, state["prior"], len(state["labels"])).build()
    net.load_state_dict(state["ema"])
    return net.eval(), state


def photos(sampler: data.Sampler, side: int, count: int) -> Iterator[data.Float]:
    """Held-out photos as Lab (H, W, 3), short side about `side` px, both sides multiples of 32."""
    large = [(k, i) for k, i in sampler.validation if sampler.caches[k].height[i] >= 100]
    for at in np.random.default_rng(0).permutation(len(large))[:count]:
        k, i = large[at]
        photo = sampler.caches[k][i]
        scale = side / min(photo.shape[:2])
        h, w = (max(32, round(n * scale / 32) * 32) for n in photo.shape[:2])
        shrunk = cv2.resize(photo, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        yield spaces.fast_rgb_to_lab(shrunk)


def table(net: Any, log_w: data.Float, lab: list[data.Float]) -> list[Row]:
    """Every combination, scored; row `strength` 0 and `temperature` inf would be grey, which is `grey(lab)`."""
    sums: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for truth in lab:
        x = np.zeros((1, 4, *truth.shape[:2]), np.float32)
        x[0, 0] = truth[..., 0] / 50 - 1
        with torch.no_grad():
            logits = net(torch.from_numpy(x))[0].numpy()
        h, w = truth.shape[:2]
        chroma = np.hypot(truth[..., 1], truth[..., 2]).mean()
        for strength in STRENGTHS:
            z = logits + (strength - 1) * log_w[:, None, None]
            z -= z.max(0)
            for t in TEMPERATURES:
                p = np.exp(z / t)
                small = np.tensordot(p / p.sum(0), bins.BINS, (0, 0)).astype(np.float32)
                ab = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
                error = ciede2000(truth, np.dstack([truth[..., :1], ab])).mean()
                ratio = np.hypot(ab[..., 0], ab[..., 1]).mean() / max(chroma, 1e-6)
                sums.setdefault((t, strength), []).append((float(error), float(ratio * chroma)))
    chromas = float(np.mean([np.hypot(t[..., 1], t[..., 2]).mean() for t in lab]))
    means = {k: np.mean(v, axis=0) for k, v in sums.items()}
    return [Row(t, s, float(e), float(c) / chromas) for (t, s), (e, c) in means.items()]


def grey(lab: list[data.Float]) -> float:
    """Mean CIEDE2000 of leaving the photos grey."""
    return float(np.mean([ciede2000(t, t * np.array([1, 0, 0], np.float32)).mean() for t in lab]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--photos", type=int, default=300)
    args = parser.parse_args()
    net, state = restored(args.run)
    sampler = open_caches(args.cache, 1.0, 0)
    lab = list(photos(sampler, args.side, args.photos))
    log_w = np.log(bins.rebalancing(state["prior"], state["recipe"]["rebalance"]))
    rows = table(net, log_w - log_w.mean(), lab)
    summary = {"side": args.side, "photos": len(lab), "samples": state["samples"], "grey": grey(lab)}
    lines = [json.dumps(summary), *(json.dumps(asdict(r)) for r in sorted(rows, key=lambda r: r.ciede2000))]
    (args.run / f"calibration-{args.side}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
