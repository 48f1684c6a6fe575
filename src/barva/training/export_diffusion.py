"""A checkpoint of `diffusion` or `diffusion_palette` becomes one ONNX file; that of `diffusion` has two entry points:
what runs once a photo, and what runs at every step. `runtime.subgraph` takes them apart again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from barva.color import bins, spaces
from barva.errors import WeightsError
from barva.methods import summary
from barva.methods.neural.diffusion import MAPS
from barva.models.diffusion import STRIDE, Conditioning, Denoising
from barva.runtime.session import Network
from barva.runtime.subgraph import subgraph
from barva.training.export import Picture, Trained

WORST = 0.02
"""Largest accepted mean difference between ONNX Runtime (fp16 weights) and torch in a network's answer, which has a
deviation of 1 at every noise level."""

LEVELS = (-1.5, -0.4, 0.4, 1.0)
"""Noise levels, as the networks read them, at which both are compared."""

BINS = len(bins.BINS) + 1


def to_onnx(trained: Trained) -> Any:
    """ONNX model (float32) with free batch, height and width."""
    if trained.stored.recipe.family == "diffusion_palette":
        return _convert(trained.net, trained.objective.example(), ("input", "noisy", "level"), ("answer",))
    return _join_graphs(*_parts(trained.net))


def _parts(net: Any) -> tuple[Any, Any]:
    """What runs once, and what runs at every step."""
    seen = torch.zeros(1, 4, 128, 160), torch.zeros(1, BINS), torch.zeros(1, summary.PLANES, 32, 40)
    with torch.no_grad():
        maps, code = net.condition(*seen)
    once = _convert(Conditioning(net), seen, ("input", "palette", "summary"), MAPS)
    given = tuple(f"given_{name}" for name in MAPS)
    example = (torch.zeros(1, 2, 32, 40), torch.zeros(1), *maps, code)
    return once, _convert(Denoising(net), example, ("noisy", "level", *given), ("answer",))


def _convert(net: nn.Module, example: tuple[Tensor, ...], inputs: Sequence[str], outputs: Sequence[str]) -> Any:
    import onnx

    buffer = io.BytesIO()
    flat = {"palette", "level", "code", "given_code"}  # without height and width
    axes = {
        name: {0: "batch"} if name in flat else {0: "batch", 2: f"{name}_rows", 3: f"{name}_columns"}
        for name in (*inputs, *outputs)
    }
    torch.onnx.export(
        net.eval(),
        example,
        buffer,  # type: ignore[arg-type]
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    return onnx.load_from_string(buffer.getvalue())


def _join_graphs(first: Any, second: Any) -> Any:
    """Both graphs in one model, connected by nothing."""
    import onnx
    from onnx import compose

    # tensors inside would share names; inputs and outputs are what the method asks for
    second = compose.add_prefix(second, "step/", rename_inputs=False, rename_outputs=False)
    model = onnx.ModelProto.FromString(first.SerializeToString())
    for name in ("node", "initializer", "input", "output"):
        getattr(model.graph, name).extend(getattr(second.graph, name))
    onnx.checker.check_model(model)
    return model


def check(trained: Trained, model: Any, photos: Sequence[Picture], name: str) -> float:
    """The largest mean difference of the raw answer between the exported model and torch.

    Raises:
        WeightsError: it is above `WORST`.
    """
    compare = _palette_difference if trained.stored.recipe.family == "diffusion_palette" else _difference
    worst = compare(trained.net, model.SerializeToString(), photos)
    if not worst <= WORST:
        raise WeightsError(f"the exported {name} differs from torch by {worst:.2g}; at most {WORST} is accepted")
    return worst


def _difference(net: Any, model: bytes, photos: Sequence[Picture]) -> float:
    once, step = Network.from_bytes(subgraph(model, MAPS)), Network.from_bytes(subgraph(model, ["answer"]))
    worst = 0.0
    for number, photo in enumerate(photos):
        x, noisy = _light(photo, 4), _noise(photo, number)
        palette, likely = np.zeros((1, BINS), np.float32), _likely(photo, number)
        seen = once.run({"input": x, "palette": palette, "summary": likely})
        given = {f"given_{name}": plane for name, plane in zip(MAPS, seen, strict=True)}
        level = np.array([LEVELS[number % len(LEVELS)]], np.float32)
        (answer,) = step.run({"noisy": noisy, "level": level} | given)
        with torch.no_grad():
            maps, code = net.condition(*map(torch.from_numpy, (x, palette, likely)))
            truth = net.denoise(torch.from_numpy(noisy), torch.from_numpy(level), maps, code)
        worst = max(worst, float(np.abs(answer - truth.numpy()).mean()))
    return worst


def _palette_difference(net: Any, model: bytes, photos: Sequence[Picture]) -> float:
    network, worst = Network.from_bytes(model), 0.0
    for number, photo in enumerate(photos):
        x, noisy = _light(photo, 1), _noise(photo, number)
        level = np.array([(number + 1) / (len(photos) + 1)], np.float32)
        (answer,) = network.run({"input": x, "noisy": noisy, "level": level})
        with torch.no_grad():
            truth = net(torch.from_numpy(x), torch.from_numpy(noisy), torch.from_numpy(level))
        worst = max(worst, float(np.abs(answer - truth.numpy()).mean()))
    return worst


def _light(photo: Picture, channels: int) -> Any:
    x = np.zeros((1, channels, *photo.shape[:2]), np.float32)
    x[0, 0] = spaces.fast_rgb_to_lab(photo)[..., 0] / 50 - 1
    return x


def _likely(photo: Picture, seed: int) -> Any:
    shape = (1, summary.PLANES, photo.shape[0] // STRIDE, photo.shape[1] // STRIDE)
    return np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)


def _noise(photo: Picture, seed: int) -> Any:
    shape = (1, 2, photo.shape[0] // STRIDE, photo.shape[1] // STRIDE)
    return np.random.default_rng(seed).standard_normal(shape, np.float32)
