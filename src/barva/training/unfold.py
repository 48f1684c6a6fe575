"""Weights out of an exported network: an ONNX file's numbers back under the names of the torch network's parameters.

Both hold the same layers in the same order, that in which they run: the exporter follows the torch network's calls. So
the torch network is run once on zeros, its layers are noted as they are called, and each takes the next numbers of the
file. Batch norm that the export folded into a convolution comes back as one that changes nothing but adds the bias
(mean 0, variance 1 - eps); `training.recalibrate` then gives it statistics, without which it could not be trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from barva.errors import ReadError, TrainingError
from barva.files import reason
from barva.training.hooks import evaluation
from barva.types import Float

LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.LayerNorm, nn.GroupNorm, nn.BatchNorm2d)
"""Layers that have weights."""

_TAKEN = ("Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "Mul", "LayerNormalization", "BatchNormalization")


@dataclass(frozen=True)
class Operation:
    """A node of the file that has weights: what it computes, and its arrays in the order of its inputs."""

    kind: str
    arrays: tuple[Float, ...]


@dataclass
class Unfolded:
    """`state`: the file's numbers by the names of the torch network; `folded`: the batch norms that the file has not,
    each behind the convolution that it was folded into."""

    state: dict[str, Tensor] = field(default_factory=dict)
    folded: list[tuple[str, str]] = field(default_factory=list)


def read_model(path: Path) -> Any:
    """An ONNX file's model. `ReadError`: there is none, or it is damaged."""
    import onnx

    try:
        return onnx.load_from_string(path.read_bytes())
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {reason(error)}") from None
    except Exception as error:  # protobuf's exception types differ between its implementations
        raise ReadError(f"{path} is no ONNX file, or a damaged one") from error


def operations(model: Any) -> Iterator[Operation]:
    """The nodes that have weights, in the order in which they run.

    Args:
        model: An ONNX model with float weights; fp16 ones with a Cast behind them, as `export.halve` writes.

    Raises:
        TrainingError: The weights are int8.
    """
    from onnx import TensorProto, numpy_helper

    arrays = {
        t.name: numpy_helper.to_array(t).astype(np.float32)
        for t in model.graph.initializer
        if t.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16)
    }
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear":
            raise TrainingError("it holds int8 weights; start from the network that they were made of")
        if node.op_type in ("Cast", "Identity") and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
        elif node.op_type in _TAKEN:
            own = tuple(arrays[name] for name in node.input if name in arrays and arrays[name].ndim)
            if own:
                yield Operation(node.op_type, own)


def call_order(net: nn.Module, run: Callable[[], object]) -> list[tuple[str, nn.Module]]:
    """The layers of `net` with weights, by name, in the order in which `run` calls them."""
    order: list[tuple[str, nn.Module]] = []
    hooks = [
        module.register_forward_pre_hook(lambda module, _, name=name: order.append((name, module)))
        for name, module in net.named_modules()
        if isinstance(module, LAYERS)
    ]
    with torch.no_grad(), evaluation(net, hooks):
        run()
    return order


def unfold(net: nn.Module, parts: Iterable[tuple[Any, Callable[[], object]]]) -> Unfolded:
    """The weights of exported networks under the names of the torch network that they were exported from.

    Args:
        net: The torch network; its own numbers do not matter and stay.
        parts: Each ONNX model with what runs the layers that it holds, in evaluation, on any input.

    Returns:
        The state of all layers that the models hold. With it `net` answers as ONNX Runtime does.

    Raises:
        TrainingError: The models hold other layers than `net`; the message names the first one.
    """
    result = Unfolded()
    for model, run in parts:
        _fill(result, call_order(net, run), iter(operations(model)))
    return result


def _fill(result: Unfolded, layers: list[tuple[str, nn.Module]], stream: Iterator[Operation]) -> None:
    items = list(stream)
    at, bias, convolution = 0, None, ""
    for name, layer in layers:
        following = items[at] if at < len(items) else None
        if isinstance(layer, nn.BatchNorm2d) and (following is None or following.kind != "BatchNormalization"):
            if bias is None:
                raise TrainingError(f"it has no '{name}'")
            _put(result, name, layer, _identity(layer, bias))
            result.folded.append((convolution, name))
            bias = None
            continue
        if bias is not None:
            raise TrainingError(f"it has a bias before '{name}' that the recipe's network has not")
        values, used, bias = _values(name, layer, items[at : at + 2])
        _put(result, name, layer, values)
        at, convolution = at + used, name
    if bias is not None or at != len(items):
        raise TrainingError(f"it has {len(items) - at} layers more than the recipe's network")


def _values(name: str, layer: nn.Module, items: list[Operation]) -> tuple[dict[str, Float], int, Float | None]:
    """A layer's numbers by name, how many operations they were taken from, and the bias that its batch norm takes."""
    kinds = [item.kind for item in items]
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        if kinds[:1] == ["ConvTranspose" if isinstance(layer, nn.ConvTranspose2d) else "Conv"]:
            weight, *rest = items[0].arrays
            bias = rest[0] if rest else None
            if layer.bias is None:
                return {"weight": weight}, 1, bias
            if bias is not None:
                return {"weight": weight, "bias": bias}, 1, None
    elif isinstance(layer, nn.Linear):
        if kinds == ["MatMul", "Add"]:
            return {"weight": items[0].arrays[0].T, "bias": items[1].arrays[0]}, 2, None
        if kinds[:1] == ["Gemm"] and len(items[0].arrays) == 2:  # of (B, C), where torch's order is kept
            return {"weight": items[0].arrays[0], "bias": items[0].arrays[1]}, 1, None
    elif isinstance(layer, nn.GroupNorm):
        if kinds == ["Mul", "Add"]:
            return {"weight": items[0].arrays[0].ravel(), "bias": items[1].arrays[0].ravel()}, 2, None
    elif isinstance(layer, nn.BatchNorm2d):
        names = ("weight", "bias", "running_mean", "running_var")
        if len(items[0].arrays) == len(names):
            return dict(zip(names, items[0].arrays, strict=True)), 1, None
    elif kinds[:1] == ["LayerNormalization"] and len(items[0].arrays) == 2:
        return {"weight": items[0].arrays[0], "bias": items[0].arrays[1]}, 1, None
    raise TrainingError(f"it has no '{name}'")


def _identity(norm: nn.BatchNorm2d, bias: Float) -> dict[str, Float]:
    """A batch norm that in evaluation only adds `bias` (C,)."""
    ones = np.ones_like(bias)
    return {"weight": ones, "bias": bias, "running_mean": 0 * ones, "running_var": (1 - norm.eps) * ones}


def _put(result: Unfolded, name: str, layer: nn.Module, values: dict[str, Float]) -> None:
    own = layer.state_dict()
    for key, value in values.items():
        if tuple(own[key].shape) != value.shape:
            shape = "x".join(map(str, own[key].shape))
            raise TrainingError(
                f"it has no '{name}.{key}' of shape {shape}, but one of {'x'.join(map(str, value.shape))}"
            )
        result.state[f"{name}.{key}"] = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(layer, nn.BatchNorm2d):
        result.state[f"{name}.num_batches_tracked"] = own["num_batches_tracked"].clone()
