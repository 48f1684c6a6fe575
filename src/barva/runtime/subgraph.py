"""A part of an ONNX file: only what some of its tensors need. ONNX Runtime itself can neither add outputs nor leave
weights out.

Works on the file's own bytes (protocol buffers' wire format, https://protobuf.dev/programming-guides/encoding/): only
the lists of nodes, initializers and outputs are read, everything else is copied as it is. Numbers of fields are those
of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Bodies of `If` and `Loop` that use outer tensors are not
followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barva.errors import WeightsError

_GRAPH, _METADATA = 7, 14  # of ModelProto
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13  # of GraphProto
_NODE_INPUT, _NODE_OUTPUT = 1, 2  # of NodeProto
_TENSOR_NAME = 8  # of TensorProto
_INFO_NAME = 1  # of ValueInfoProto
_BYTES = 2  # wire type: a length, then so many bytes
_FIXED = {1: 8, 5: 4}  # wire type: bytes of a value


def subgraph(model: bytes, outputs: Sequence[str]) -> bytes:
    """The model that computes only the tensors `outputs`, from the inputs that they need.

    Args:
        model: an ONNX file's content.
        outputs: names of tensors inside it; the new model's outputs, in this order, of the same numbers.

    Returns:
        An ONNX file's content with the nodes and initializers that these tensors need.

    Raises:
        WeightsError: the model has no such tensor, or is no ONNX file.
    """
    try:
        parts = list(_fields(memoryview(model)))
        graph = next(payload for number, _, payload in parts if number == _GRAPH)
        reduced = _reduce(graph, outputs)
    except (IndexError, StopIteration, UnicodeDecodeError):
        raise WeightsError("the model is no ONNX file, or a damaged one", code="weights.damaged") from None
    return b"".join(_message(_GRAPH, reduced) if number == _GRAPH else bytes(whole) for number, whole, _ in parts)


def metadata(model: bytes | memoryview) -> dict[str, str]:
    """The texts of an ONNX file's `metadata_props` by their keys. WeightsError: it is no ONNX file."""
    try:
        entries = [payload for number, _, payload in _fields(memoryview(model)) if number == _METADATA]
        return {"".join(_names(entry, 1)): "".join(_names(entry, 2)) for entry in entries}
    except (IndexError, UnicodeDecodeError):
        raise WeightsError("the model is no ONNX file, or a damaged one", code="weights.damaged") from None


def _reduce(graph: memoryview, outputs: Sequence[str]) -> bytes:
    """GraphProto with what `outputs` need."""
    needed, kept = set(outputs), set()
    fields = list(_fields(graph))
    # nodes are sorted: whatever a node reads was written by one before it
    for at in range(len(fields) - 1, -1, -1):
        number, _, payload = fields[at]
        if number == _NODE and needed & set(_names(payload, _NODE_OUTPUT)):
            kept.add(at)
            needed |= set(_names(payload, _NODE_INPUT))
    written = {name for at in kept for name in _names(fields[at][2], _NODE_OUTPUT)}
    missing = [name for name in outputs if name not in written]
    if missing:
        raise WeightsError("the network has no tensor '{name}'", code="weights.no-tensor", name=missing[0])
    copied = []
    for at, (number, whole, payload) in enumerate(fields):
        if number == _NODE:
            keep = at in kept
        elif number == _INITIALIZER:
            keep = bool(needed & set(_names(payload, _TENSOR_NAME)))
        elif number == _INPUT:  # ONNX Runtime wants every input, also one that nothing reads
            keep = bool(needed & set(_names(payload, _INFO_NAME)))
        else:
            keep = number not in (_OUTPUT, _VALUE_INFO)
        if keep:
            copied.append(bytes(whole))
    copied += [_message(_OUTPUT, _message(_INFO_NAME, name.encode())) for name in outputs]
    return b"".join(copied)


def _names(message: memoryview, wanted: int) -> list[str]:
    """The strings of a message's field."""
    return [bytes(payload).decode() for number, _, payload in _fields(message) if number == wanted]


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Number, all bytes, and content of each field of a message."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _BYTES:
            length, at = _varint(message, at)
            end = at + length
        elif kind in _FIXED:
            end = at + _FIXED[kind]
        elif kind == 0:
            _, end = _varint(message, at)
        else:
            raise IndexError(f"wire type {kind}")
        if end > len(message):
            raise IndexError("the message ends too early")
        yield key >> 3, message[start:end], message[at:end]
        at = end


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number in base 128, lowest digits first, and where the next field begins."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _message(number: int, payload: bytes) -> bytes:
    """A field of bytes."""
    return _digits(number << 3 | _BYTES) + _digits(len(payload)) + payload


def _digits(value: int) -> bytes:
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])
