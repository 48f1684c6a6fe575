"""Static int8 weights (QDQ form): ONNX Runtime runs them about twice as fast on processors with VNNI."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from barva.types import Float


def to_int8(model: Any, inputs: Iterable[Float]) -> Any:
    """An ONNX model with float32 weights as its int8 twin: activations in one range a tensor, weights in one range an
    output channel, ranges from the `inputs` (each (1, C, H, W), fed to the model's only input).

    Only convolutions are quantized: they are nearly all of the work, and attention and resizing lose more than they
    gain. The first one, which sees light in fine steps, and the last one, which answers, stay in float.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[Float] = iter(inputs)

        def get_next(self) -> dict[str, Float] | None:
            array = next(self._left, None)
            return None if array is None else {model.graph.input[0].name: array}

    with tempfile.TemporaryDirectory() as folder:
        plain, ready, done = (Path(folder) / f"{name}.onnx" for name in ("plain", "ready", "int8"))
        onnx.save(model, plain)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        convolutions = [n.name for n in onnx.load(ready).graph.node if n.op_type == "Conv"]
        quantize_static(
            ready,
            done,
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[convolutions[0], convolutions[-1]],
        )
        return onnx.load(done)
