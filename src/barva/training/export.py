"""A checkpoint becomes shipped weights: ONNX with fp16 weights, compared with torch, and the facts beside it.

python -m barva.training.export RUN --cache CACHES --version 2026.1 [--temperature 0.7 --strength 0.0]
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from barva.color import bins
from barva.errors import WeightsError
from barva.methods.catalog import card
from barva.runtime import weights
from barva.training.calibrate import photos, restored
from barva.training.loop import open_caches

WORST = 1e-3
"""Largest accepted mean difference between ONNX Runtime and torch, in the decoded output (ab / 110)."""


def to_onnx(net: torch.nn.Module, channels: int) -> Any:
    """ONNX model with free batch, height and width; batch norm folded, weights of over 1,024 numbers kept as fp16."""
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
    return halved(onnx.load_from_string(buffer.getvalue()))


def halved(model: Any) -> Any:
    """Big float32 initialisers become float16 with a Cast behind; ONNX Runtime folds the Cast when it loads."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

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


def write(name: str, model: Any, facts: dict[str, Any], folder: Path) -> None:
    """`name`.onnx and `name`.json with the sha256, both whole or not at all."""
    blob = model.SerializeToString()
    facts = {"sha256": hashlib.sha256(blob).hexdigest(), "bytes": len(blob)} | facts
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in ((".onnx", blob), (".json", (json.dumps(facts, indent=1) + "\n").encode())):
        part = folder / f"{name}{suffix}.tmp"
        part.write_bytes(content)
        part.replace(folder / f"{name}{suffix}")


def difference(name: str, net: torch.nn.Module, lab: list[np.ndarray[Any, Any]]) -> float:
    """Largest mean absolute difference over photos between the exported file and torch, in units of ab / 110."""
    from barva.runtime.session import Network

    network, worst = Network(name), 0.0
    temperature = float(weights.facts(name).get("temperature", 1.0))
    for truth in lab:
        channels = 4 if name == "guided" else 1
        x = np.zeros((1, channels, *truth.shape[:2]), np.float32)
        x[0, 0] = truth[..., 0] / 50 - 1
        with torch.no_grad():
            wanted = net(torch.from_numpy(x))[0].numpy()
        given = network.run({"input": x})[0][0]
        if len(wanted) == len(bins.BINS):
            wanted, given = (_decoded(z, temperature) for z in (wanted, given))
        worst = max(worst, float(np.abs(wanted - given).mean()))
    return worst


def _decoded(logits: np.ndarray[Any, Any], temperature: float) -> np.ndarray[Any, Any]:
    p = np.exp((logits - logits.max(0)) / temperature)
    return np.tensordot(bins.BINS / 110, p / p.sum(0), (0, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="caches, for real photos to compare on")
    parser.add_argument("--version", required=True, help="of the weights, e.g. 2026.11")
    parser.add_argument("--temperature", type=float, default=0.7, help="of the annealed mean at vividness 1")
    parser.add_argument("--strength", type=float, default=0.0, help="how much of the rebalancing stays at vividness 1")
    parser.add_argument("--folder", type=Path, default=weights.FOLDER)
    args = parser.parse_args()
    net, state = restored(args.run)
    name = state["recipe"]["family"]
    if getattr(net, "subject", None) is not None:
        net.subject = None
    facts: dict[str, Any] = {
        "version": args.version,
        "licence": card(name).licence,
        "trained": {"samples": state["samples"], "seconds": round(state["seconds"]), "recipe": state["recipe"]},
    }
    if name == "guided":
        rebalance = bins.rebalancing(state["prior"], state["recipe"]["rebalance"])
        facts |= {"temperature": args.temperature, "strength": args.strength}
        facts["rebalance"] = [round(float(w), 5) for w in rebalance]
    write(name, to_onnx(net, 4 if name == "guided" else 1), facts, args.folder)
    lab = list(photos(open_caches(args.cache, 1.0, 0), 128, 12))
    worst = difference(name, net, lab)
    if worst > WORST:
        raise WeightsError(
            f"the exported {name} differs from torch by {worst:.2g} (ab / 110); at most {WORST} is accepted"
        )


if __name__ == "__main__":
    main()
