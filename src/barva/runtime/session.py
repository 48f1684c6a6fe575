"""ONNX Runtime sessions: session once for each network, safe to run from many threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from barva.errors import UsageError, WeightsError
from barva.runtime import weights
from barva.types import Float

CPU = "CPUExecutionProvider"


def providers() -> list[str]:
    """What ONNX Runtime can run on here, e.g. ['CPUExecutionProvider']."""
    import onnxruntime

    return list(onnxruntime.get_available_providers())


def chosen_providers() -> list[str]:
    """The processor, unless the environment variable BARVA_PROVIDER names another provider that is installed.

    The processor is the default everywhere, so that the same photo gives the same picture on every machine.
    """
    wanted = os.environ.get("BARVA_PROVIDER")
    if not wanted:
        return [CPU]
    for name in providers():
        if wanted.lower() in (name.lower(), name.lower().removesuffix("executionprovider")):
            return [name, CPU] if name != CPU else [CPU]
    raise UsageError(f"BARVA_PROVIDER={wanted} is not installed; there are: {', '.join(providers())}")


class Network:
    """One ONNX file, loaded. `run` takes and gives float32 arrays by name and may be called from several threads."""

    def __init__(self, name: str | Path, threads: int | None = None) -> None:
        path = weights.verify(name)
        self._session: Any = _session(str(path), str(path), threads)

    @classmethod
    def from_bytes(cls, model: bytes, threads: int | None = None) -> Network:
        """A network that is not (yet) among the shipped weights."""
        session = cls.__new__(cls)
        session._session = _session(model, "the model", threads)
        return session

    def run(self, inputs: dict[str, Float]) -> list[Float]:
        """Outputs in the file's order."""
        return list(self._session.run(None, inputs))


def _session(model: str | bytes, name: str, threads: int | None) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors only: warnings on stderr would mix with ours
    if threads:
        options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # spinning workers would take the cores from decoding and merging in between
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(model, options, providers=chosen_providers())
    except UsageError:
        raise
    except Exception as error:  # ONNX Runtime's own exception types are not public
        raise WeightsError(
            "ONNX Runtime cannot load {name}: {problem}",
            code="weights.not-loaded",
            name=name,
            problem=str(error).splitlines()[0],
        ) from error
