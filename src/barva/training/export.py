"""A checkpoint becomes shipped weights: ONNX with fp16 weights and the method's card inside, compared with torch on
real photos, and an int8 twin where that loses next to nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.errors import WeightsError
from barva.files import replace_together
from barva.guidance import simulate
from barva.imaging.write import make_folder
from barva.methods import catalog
from barva.methods.base import MethodCard, PaintOptions
from barva.training import checkpoint, monitor
from barva.training.objectives.base import Facts
from barva.training.recipe import objective_of

WORST = 1e-3
"""Largest accepted mean difference between ONNX Runtime and torch over a photo, in ab / 110."""

INT8_LOSS = 0.05
"""Largest accepted loss of the int8 twin, in mean CIEDE2000."""

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Trained:
    """A run's averaged network, its objective and its checkpoint."""

    net: nn.Module
    objective: Any
    stored: checkpoint.Checkpoint


def restore(path: Path) -> Trained:
    """The network of a checkpoint file, or of the run folder that holds it, ready to answer."""
    stored = checkpoint.load(path)
    dense = stored.tensors.get("dense_prior")
    facts = Facts(stored.tensors["prior"].numpy(), len(stored.labels), None if dense is None else dense.numpy())
    objective = objective_of(stored.recipe.family)(stored.recipe, facts)
    net = objective.build()["net"]
    net.load_state_dict(stored.part("ema."))
    return Trained(net.eval(), objective, stored)


def to_onnx(net: nn.Module, channels: int) -> Any:
    """ONNX model (float32) with free batch, height and width; batch norm is folded where it follows a convolution (that
    of `classes` follows the activation, as published, and stays)."""
    import onnx

    buffer = io.BytesIO()
    torch.onnx.export(
        net,
        (torch.zeros(1, channels, 128, 160),),
        buffer,  # type: ignore[arg-type]
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={
            "input": {0: "batch", 2: "height", 3: "width"},
            "output": {0: "batch", 2: "rows", 3: "columns"},
        },
        opset_version=17,
        dynamo=False,
    )
    return onnx.load_from_string(buffer.getvalue())


def halve(model: Any) -> Any:
    """Big float32 initializers become float16 with a Cast behind; ONNX Runtime folds the Cast when it loads."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) <= 1024:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], name=name + ".cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def card_for(trained: Trained, name: str) -> MethodCard:
    """The card of the method that a trained network becomes: its family's, under its own name, at its own size."""
    recipe = trained.stored.recipe
    card = catalog.family_card(recipe.family)
    size, scale = card.size, getattr(recipe.model, "encoder_scale", None)
    if scale is not None:
        from barva.methods.neural.guided import TRUNK

        size = dataclasses.replace(size, short=round(TRUNK * scale / size.multiple) * size.multiple)
    return dataclasses.replace(card, name=name, weights=name, size=size)


def with_card(model: Any, card: MethodCard, facts: dict[str, Any]) -> Any:
    """The model with its card and its facts in the metadata, under `barva.card` and `barva.facts`."""
    stored = {k: sorted(v) if isinstance(v, frozenset) else v for k, v in dataclasses.asdict(card).items()}
    for key, value in (("barva.card", stored), ("barva.facts", facts)):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value)
    return model


def write(name: str, model: Any, facts: dict[str, Any], folder: Path) -> None:
    """`name`.onnx and `name`.json with the sha256, both or neither. WriteError."""
    blob = model.SerializeToString()
    facts = {"sha256": hashlib.sha256(blob).hexdigest(), "bytes": len(blob)} | facts
    make_folder(folder)
    card = (json.dumps(facts, indent=1) + "\n").encode()
    replace_together(
        {
            folder / f"{name}.onnx": lambda part: part.write_bytes(blob),
            folder / f"{name}.json": lambda part: part.write_bytes(card),
        }
    )


class OnnxNet(nn.Module):
    """An exported model in a torch coat, so that an objective can paint with it as with its own network."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        from barva.runtime.session import Network

        self._network = Network.from_bytes(model.SerializeToString())

    def forward(self, x: Tensor) -> Tensor:
        return torch.from_numpy(self._network.run({"input": x.numpy()})[0])


def difference(trained: Trained, model: Any, photos: Sequence[Picture]) -> float:
    """Largest mean absolute difference over a photo between the exported model and torch, in ab / 110."""
    other, worst = OnnxNet(model), 0.0
    for photo in photos:
        (_, mine), (_, theirs) = (monitor.paint_photo(trained.objective, n, photo) for n in (trained.net, other))
        worst = max(worst, float(np.abs(mine[..., 1:] - theirs[..., 1:]).mean()) / 110)
    return worst


def score(card: MethodCard, model: Any, facts: dict[str, Any], photos: Sequence[Picture]) -> float:
    """Mean CIEDE2000 over photos of the method that has this model and these facts, decoding and all."""
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        write(card.name, with_card(model, card, {}), facts, Path(folder))
        method = catalog.load_method(Path(folder) / f"{card.name}.onnx")
        for photo in photos:
            truth = spaces.fast_rgb_to_lab(photo)
            ab: Any = method.paint(np.ascontiguousarray(truth[..., 0]), None, PaintOptions()).ab
            whole = cv2.resize(ab, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
            errors.append(ciede2000(truth, np.concatenate([truth[..., :1], whole], axis=-1)).mean())
    return float(np.mean(errors))


def inputs(trained: Trained, photos: Sequence[Picture]) -> Iterator[npt.NDArray[np.float32]]:
    """What the network sees (1, C, H, W) for photos, every other one with hints if it takes them."""
    rng = np.random.default_rng(0)
    for n, photo in enumerate(photos):
        lab = spaces.fast_rgb_to_lab(photo)
        x = np.zeros((1, trained.objective.CHANNELS, *photo.shape[:2]), np.float32)
        x[0, 0] = lab[..., 0] / 50 - 1
        if n % 2 and trained.objective.CHANNELS == 4:
            told = simulate.sampled_hints(photo, lab[..., 0], np.ascontiguousarray(lab[..., 1:]), rng)
            x[0, 1:3], x[0, 3] = told.planes, told.weight
        yield x


def facts_of(trained: Trained, version: str) -> dict[str, Any]:
    """What the weights' JSON says of every family; decoding settings come on top."""
    recipe, p = trained.stored.recipe, trained.stored.progress
    known: dict[str, Any] = {
        "version": version,
        "license": catalog.family_card(trained.stored.recipe.family).license,
        "trained": {"samples": p.samples, "seconds": round(p.seconds), "recipe": dataclasses.asdict(recipe)},
    }
    known |= trained.objective.facts()
    return known


def check(trained: Trained, model: Any, photos: Sequence[Picture], name: str) -> float:
    """`difference`, or `WeightsError` when it is above `WORST`."""
    worst = difference(trained, model, photos)
    if not worst <= WORST:
        raise WeightsError(
            f"the exported {name} differs from torch by {worst:.2g} (ab / 110); at most {WORST} is accepted"
        )
    return worst
