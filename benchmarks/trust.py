"""How far to trust a reference's color: finds the constants of `barva.engine.prepare.correspondence`.

    python benchmarks/trust.py SHARD [SHARD ...]

On photos of other kinds than `references.py` measures, with a chosen, a chance and a strange reference each (that of
the next kind), the share of the way to the matched color is a logistic function of the features. It is fitted to bring
chroma nearer to the truth on average, and to leave it where it was with a strange reference: else the rule would learn
that muted colors are the safer guess. Pairs that become worse count `WORSE` times their square on top. Prints `CENTER`,
`SCALE`, `RULE`, and what halves of the kinds gain by a rule found on the other half.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parent))
from pairs import pairs

from barva.color.spaces import fast_rgb_to_lab
from barva.engine.prepare import correspondence
from barva.methods.base import Reference
from barva.methods.neural.guided import Guided

WORSE = 2.0
RIDGE = 2e-3

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]


def sample(method: Guided, lab: np.ndarray, reference: np.ndarray) -> Sample:
    """Signs (n, 9), the way to the reference's color (n, 2), the way to the true one (n, 2)."""
    rows, columns = method.card.size.working(*lab.shape[:2])
    light = np.clip(cv2.resize(lab[..., 0], (columns, rows), interpolation=cv2.INTER_CUBIC), 0, 100)
    logits = method.logits(light, None)
    own = correspondence.prediction_at_cells(method.probabilities(logits), method.decode_logits(logits).ab, light)
    matched = correspondence.match(light, Reference(reference), own, 1)
    h, w = own.light.shape
    truth = cv2.resize(np.ascontiguousarray(lab[..., 1:]), (w, h), interpolation=cv2.INTER_AREA)
    ways = [(ab - own.ab).reshape(-1, 2) for ab in (matched.ab, truth)]
    weight = 1 / (1 + 0.045 * np.hypot(truth[..., 0], truth[..., 1])).reshape(-1, 1)  # as CIE94 weighs chroma
    return matched.features.reshape(h * w, -1), ways[0] * weight, ways[1] * weight


def fitted(samples: list[Sample]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Center, scale and rule."""
    features, way, truth = (np.concatenate([s[i] for s in samples]).astype(np.float64) for i in range(3))
    pair = np.repeat(np.arange(len(samples)), [len(s[0]) for s in samples])
    count = np.bincount(pair)
    center, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    z = np.column_stack([(features - center) / scale, np.ones(len(features))])
    ww, wt, tt = (way**2).sum(axis=1), (way * truth).sum(axis=1), (truth**2).sum(axis=1)
    before = np.sqrt(tt + 1)

    def loss(rule: np.ndarray) -> tuple[float, np.ndarray]:
        share = 1 / (1 + np.exp(-z @ rule))
        after = np.sqrt(np.maximum(tt - 2 * share * wt + share**2 * ww, 0) + 1)
        gap = np.bincount(pair, after - before) / count
        worse = np.maximum(gap, 0)
        slope = (1 + 2 * WORSE * worse) / len(count) / count
        down = slope[pair] * (share * ww - wt) / after * share * (1 - share)
        ridge = np.append(2 * RIDGE * rule[:-1], 0)
        value = gap.mean() + WORSE * (worse**2).mean() + RIDGE * (rule[:-1] ** 2).sum()
        return float(value), z.T @ down + ridge

    start = np.append(np.zeros(features.shape[1]), -1.0)
    return center, scale, minimize(loss, start, jac=True, method="L-BFGS-B").x


def gains(samples: list[Sample], center: np.ndarray, scale: np.ndarray, rule: np.ndarray) -> np.ndarray:
    """Mean gain of each pair, in weighted Lab units."""
    found = []
    for features, way, truth in samples:
        share = 1 / (1 + np.exp(-((features - center) / scale @ rule[:-1] + rule[-1])))[:, None]
        found.append(np.linalg.norm(truth, axis=1).mean() - np.linalg.norm(truth - share * way, axis=1).mean())
    return np.array(found)


def main() -> None:
    shards, method = [Path(p) for p in sys.argv[1:]], Guided(1)
    group = list(pairs(shards, tuning=True))
    kinds = {"chosen": [p.reference for p in group], "chance": [p.chance for p in group]}
    kinds["strange"] = [*kinds["chosen"][1:], kinds["chosen"][0]]
    labs = [fast_rgb_to_lab(p.photo) for p in group]
    samples = {
        name: [sample(method, lab, fast_rgb_to_lab(r)) for lab, r in zip(labs, references, strict=True)]
        for name, references in kinds.items()
    }
    learned = samples | {"strange": [(features, way, 0 * truth) for features, way, truth in samples["strange"]]}
    for half in (0, 1):
        rule = fitted([s for kind in learned.values() for s in kind[half::2]])
        for name, kind in samples.items():
            gain = gains(kind[1 - half :: 2], *rule)
            sys.stderr.write(f"{name}: gains {gain.mean():.3f}, {(gain < -0.5).mean():.0%} lose over 0.5\n")
    every = fitted([s for kind in learned.values() for s in kind])
    for name, values in zip(("CENTER", "SCALE", "RULE"), every, strict=True):
        sys.stdout.write(f"{name} = np.array([{', '.join(f'{v:.3f}' for v in values)}])\n")


if __name__ == "__main__":
    main()
