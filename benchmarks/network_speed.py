"""How fast is the network alone, and how near to what this machine can do?

    python benchmarks/network_speed.py [--size 256] [--rounds 30] [--peers] > benchmarks/network_speed.md

Times `guided` at SIZE x SIZE in ONNX Runtime beside one large 3 x 3 convolution in the same run: the share of its
FLOP rate is what carries over. int8 and OpenVINO rows where they are there. `--peers` adds what `guided` takes for a
photo and the shapes of other colorizers' networks at their own sizes (needs torch).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from barva.methods.catalog import method_cards
from barva.runtime import weights
from barva.runtime.session import Network

WIDTH, SIDE = 256, 64
"""Channels and side of the convolution that sets the pace."""


def convolution() -> onnx.ModelProto:
    """One 3 x 3 convolution of WIDTH to WIDTH channels."""
    kernel = np.random.default_rng(0).standard_normal((WIDTH, WIDTH, 3, 3)).astype(np.float32) / 50
    shape = [1, WIDTH, SIDE, SIDE]
    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in ("input", "output")]
    node = helper.make_node("Conv", ["input", "kernel"], ["output"], pads=[1, 1, 1, 1])
    graph = helper.make_graph([node], "pace", value[:1], value[1:], [numpy_helper.from_array(kernel, "kernel")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def flops(model: onnx.ModelProto, size: int) -> float:
    """Multiplications and additions of the convolutions and matrix products for one picture of size x size."""
    copy = fixed(model, size)
    counted = [n for n in copy.graph.node if n.op_type in ("Conv", "MatMul")]
    known = {v.name for v in copy.graph.output}
    copy.graph.output.extend(onnx.ValueInfoProto(name=n.output[0]) for n in counted if n.output[0] not in known)
    # sizes as they come out: inference gives up where padding follows from the picture's size
    came = Network.from_bytes(copy.SerializeToString()).run({"input": np.zeros((1, 4, size, size), np.float32)})
    shapes = {v.name: value.shape for v, value in zip(copy.graph.output, came, strict=True)}
    kernels = {t.name: list(t.dims) for t in copy.graph.initializer}
    kernels |= {
        n.output[0]: kernels[n.input[0]] for n in copy.graph.node if n.op_type == "Cast" and n.input[0] in kernels
    }
    total = 0.0
    for node in counted:
        if node.op_type == "Conv":
            total += 2 * np.prod(shapes[node.output[0]]) * np.prod(kernels[node.input[1]][1:])
        elif node.op_type == "MatMul" and node.input[1] in kernels:
            total += 2 * np.prod(shapes[node.output[0]]) * kernels[node.input[1]][0]
    return float(total)


def fixed(model: onnx.ModelProto, size: int) -> onnx.ModelProto:
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    for dim, value in zip(copy.graph.input[0].type.tensor_type.shape.dim, (1, None, size, size), strict=True):
        if value is not None:
            dim.dim_value = value
    return copy


def best(call: Callable[[], object], rounds: int) -> float:
    """Median milliseconds."""
    for _ in range(3):
        call()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return 1000 * float(np.median(taken))


def openvino(model: onnx.ModelProto, x: np.ndarray) -> Callable[[], object]:
    import openvino as ov

    core = ov.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    return lambda: compiled([x])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--peers", action="store_true")
    args = parser.parse_args()
    x = np.random.default_rng(0).standard_normal((1, 4, args.size, args.size)).astype(np.float32) / 3
    pace = Network.from_bytes(convolution().SerializeToString())
    y = np.random.default_rng(0).standard_normal((1, WIDTH, SIDE, SIDE)).astype(np.float32)
    work = 2 * WIDTH * WIDTH * 9 * SIDE * SIDE
    found = [("one 3 x 3 convolution, fp32", best(lambda: pace.run({"input": y}), args.rounds), work)]
    models = {n: weights.FOLDER / f"{n}.onnx" for n in ("guided", "guided-int8")}
    float_work = flops(onnx.load(models["guided"]), args.size)
    for name, path in models.items():
        if path.exists():
            network = Network.from_bytes(path.read_bytes())
            taken = best(lambda network=network: network.run({"input": x}), args.rounds)
            found.append((f"{name}, ONNX Runtime", taken, float_work))
            if find_spec("openvino"):
                call = openvino(onnx.load(path), x)
                found.append((f"{name}, OpenVINO", best(call, args.rounds), float_work))
    again = best(lambda: pace.run({"input": y}), args.rounds)
    rate = work / min(found[0][1], again)
    put = sys.stdout.write
    put(
        f"# The network alone\n\nMade by `benchmarks/network_speed.py --size {args.size}`; median of {args.rounds}.\n\n"
    )
    put("| what | ms | GFLOP | GFLOP/s | share of the convolution's rate |\n|---|--:|--:|--:|--:|\n")
    for name, taken, gflop in found:
        put(f"| {name} | {taken:.1f} | {gflop / 1e9:.2f} | {gflop / taken / 1e6:.0f} | {gflop / taken / rate:.0%} |\n")
    if args.peers:
        put("\n## A photo, beside other colorizers' networks\n\nRandom weights, ONNX Runtime fp32, the same run.\n\n")
        put("| what | ms | times guided's |\n|---|--:|--:|\n")
        for name, taken, times in peers(max(3, args.rounds // 6)):
            put(f"| {name} | {taken:.0f} | {times:.1f} |\n")


def peers(rounds: int) -> list[tuple[str, float, float]]:
    """What each takes for a photo: name, milliseconds, times what `guided` takes for both of its looks."""
    from peers import PEERS, call_of

    short = method_cards()[0].size.short
    looks = np.random.default_rng(0).standard_normal((2, 4, short, short)).astype(np.float32) / 3
    network = Network("guided")
    own = best(lambda: network.run({"input": looks}), rounds)
    rows = [(f"guided, two looks at {short} px", own, 1.0)]
    for name in PEERS:
        taken = best(call_of(name), rounds)
        rows.append((name, taken, taken / own))
    return rows


if __name__ == "__main__":
    main()
