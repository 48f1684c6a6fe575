"""A checkpoint of `perception` becomes two ONNX files: what runs once a photo, and what runs once a click."""

from __future__ import annotations

import copy
import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from barva.errors import WeightsError
from barva.models.perception import CLICK_PLANES, Pyramid, Seeing
from barva.perception.classes import CLASSES
from barva.perception.instances import STUFF
from barva.runtime.session import Network
from barva.training.export import Trained, halve, write
from barva.training.mask_sampler import held_out
from barva.training.masks import MaskCache

WORST = 0.02
"""Largest accepted mean difference between ONNX Runtime (fp16 weights) and torch, in logits."""

OFFSETS = dict.fromkeys(STUFF, 1.0) | {"face": 1.0, "hair": 1.5, "skin": 0.5}
"""What is added to the logits of these classes at export. A run that begins with an export begins without the offsets
that its card names (`training.start`). Where a label leaves the class open, training draws it towards what is usual:
"other" behind a dog, clothing of a person. That teaches the network too much of these two. Chosen on kept-out photos
(`benchmarks/training.md`, p7): hair and skin gain, things stay as they are, more of what is sky is called so."""

BIAS = "segments.1.bias"
"""The biases of the classes, of the network's last convolution."""

COMPARED = 8
"""Kept-out photos on which both are compared."""

INPUTS = {"perception": ("light",), "perception_select": ("pyramid", "embedding", "clicks")}
OUTPUTS = {"perception": ("segments", "pyramid", "embedding"), "perception_select": ("mask",)}


def export(trained: Trained, caches: Sequence[MaskCache], folder: Path, version: str) -> dict[str, int]:
    """Write both networks, compared with torch on kept-out photos, and their cards.

    Args:
        trained: A restored run of the recipe `perception`.
        caches: The mask caches that it learned from; the cards name them with their terms of use.
        folder: Where NAME.onnx and NAME.json go.
        version: Of the weights.

    Returns:
        Name of each network -> bytes of its ONNX file.

    Raises:
        WeightsError: The exported networks answer otherwise than torch.
        WriteError: The folder cannot be written to.
    """
    net = copy.deepcopy(trained.net)
    add_offsets(net.state_dict(), OFFSETS)
    models = {name: halve(model) for name, model in to_onnx(net).items()}
    worst = _difference(net, models, _photos(caches))
    if not worst <= WORST:
        raise WeightsError(f"the exported networks differ from torch by {worst:.2g} in logits; at most {WORST} is fine")
    facts = _facts(trained, caches, version)
    for name, model in models.items():
        write(name, model, facts, folder)
    return {name: model.ByteSize() for name, model in models.items()}


def add_offsets(state: Mapping[str, torch.Tensor], offsets: Mapping[str, float], sign: int = 1) -> None:
    """Add offsets to the biases of the network's last convolution, in place.

    Args:
        state: Weights of the network by name, such as its `state_dict()`.
        offsets: Class -> what its logit gains.
        sign: 1 adds them, -1 takes them off.
    """
    with torch.no_grad():
        state[BIAS].add_(torch.tensor([offsets.get(name, 0.0) for name in CLASSES]), alpha=sign)


def parts(net: Any) -> dict[str, tuple[nn.Module, tuple[torch.Tensor, ...]]]:
    """Name of each exported network -> its module, and an example of what it takes."""
    pyramid, embedding = torch.zeros(1, Pyramid.WIDTHS[0], 32, 40), torch.zeros(1, Pyramid.EMBEDDING, 16, 20)
    return {
        "perception": (Seeing(net), (torch.zeros(1, 1, 128, 160),)),
        "perception_select": (net.select, (pyramid, embedding, torch.zeros(1, CLICK_PLANES, 32, 40))),
    }


def to_onnx(net: Any) -> dict[str, Any]:
    """Name -> ONNX model (float32), height and width free."""
    return {name: _convert(name, module.eval(), example) for name, (module, example) in parts(net).items()}


def _convert(name: str, module: nn.Module, example: tuple[torch.Tensor, ...]) -> Any:
    import onnx

    buffer = io.BytesIO()
    names = (*INPUTS[name], *OUTPUTS[name])
    torch.onnx.export(
        module,
        example,
        buffer,  # type: ignore[arg-type]
        input_names=list(INPUTS[name]),
        output_names=list(OUTPUTS[name]),
        dynamic_axes={tensor: {2: f"{tensor}_rows", 3: f"{tensor}_columns"} for tensor in names},
        opset_version=17,
        dynamo=False,
    )
    return onnx.load_from_string(buffer.getvalue())


def _photos(caches: Sequence[MaskCache]) -> list[Any]:
    """Light (1, 1, 192, 256) `L / 50 - 1` of kept-out photos."""
    import cv2

    from barva.color import spaces

    lights = []
    for cache, held in zip(caches, held_out(caches), strict=True):
        for i in np.flatnonzero(held)[: max(1, COMPARED // len(caches))]:
            small = cv2.resize(cache[int(i)][0], (256, 192), interpolation=cv2.INTER_AREA)
            lights.append(spaces.fast_rgb_to_lab(np.asarray(small))[None, None, ..., 0] / np.float32(50) - 1)
    return lights[:COMPARED]


def _difference(net: Any, models: dict[str, Any], lights: Sequence[Any]) -> float:
    """Largest mean absolute difference of a photo's class logits and of one clicked mask's logits."""
    first, second = (
        Network.from_bytes(models[name].SerializeToString()) for name in ("perception", "perception_select")
    )
    worst = 0.0
    for light in lights:
        segments, pyramid, embedding = first.run({"light": light})
        clicks = np.zeros((1, CLICK_PLANES, *segments.shape[2:]), np.float32)
        clicks[0, 0, segments.shape[2] // 2, segments.shape[3] // 2] = 1
        (mask,) = second.run({"pyramid": pyramid, "embedding": embedding, "clicks": clicks})
        with torch.no_grad():
            truth = Seeing(net)(torch.from_numpy(light))
            clicked = net.select(truth[1], truth[2], torch.from_numpy(clicks))
        for ours, theirs in ((segments, truth[0]), (mask, clicked)):
            worst = max(worst, float(np.abs(ours - theirs.numpy()).mean()))
    return worst


def _facts(trained: Trained, caches: Sequence[MaskCache], version: str) -> dict[str, Any]:
    p = trained.stored.progress
    return {
        "version": version,
        "license": "MIT",
        "encoder": "EfficientNet-Lite0 (Apache-2.0), pretrained on ImageNet",
        "classes": list(CLASSES),
        "offsets": {name: OFFSETS[name] for name in CLASSES if name in OFFSETS},
        "learned_from": [{"name": c.collection.name, "photos": len(c), "terms": c.collection.license} for c in caches],
        "trained": {
            "samples": p.samples,
            "seconds": round(p.seconds),
            "recipe": dataclasses.asdict(trained.stored.recipe),
        },
    }
