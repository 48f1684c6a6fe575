"""Where a run trains: Lightning Fabric on a processor, one GPU or several."""

from __future__ import annotations

import ctypes
import logging
import sys
from dataclasses import dataclass
from typing import Any

from barva.errors import UsageError


@dataclass(frozen=True)
class Device:
    """Where to train; Lightning Fabric's words. `auto` takes GPUs if there are any, and the faster precision there."""

    accelerator: str = "auto"
    devices: int | str = "auto"
    precision: str = "auto"
    workers: int = 1


def keep_memory() -> None:
    """Let the process keep the memory that it frees, where the C library can be told so.

    Each step of a training frees all that it has allocated. glibc gives such large blocks back to the system, which has
    to clear each page of them again: a tenth of the time of a step.
    """
    if sys.platform != "linux":
        return
    trim, mmap = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    try:
        tell = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    for option in (trim, mmap):
        tell(option, 2**31 - 1)


def fabric_on(device: Device) -> Any:
    """Lightning's `Fabric` there. `UsageError`: no such device, or a precision that there is not."""
    from lightning.fabric import Fabric

    for name in ("lightning.fabric", "lightning.pytorch"):  # they would announce the precision
        logging.getLogger(f"{name}.utilities.rank_zero").setLevel(logging.WARNING)
    precision: Any = fastest_precision(device.accelerator) if device.precision == "auto" else device.precision
    where: Any = device
    try:
        return Fabric(accelerator=where.accelerator, devices=where.devices, precision=precision)
    except (RuntimeError, ValueError) as error:  # Lightning's own are RuntimeErrors
        reason = " ".join(str(error).split())
        raise UsageError(f"cannot train on {where.accelerator}, {where.devices}, {precision}: {reason}") from None


def wrap(fabric: Any, net: Any) -> Any:
    """A network as a run calls it: on the run's device and in its precision, its gradients shared by all processes.

    DistributedDataParallel refuses a network that does not learn, such as the teacher of a distillation: of that each
    process has its own.
    """
    if any(parameter.requires_grad for parameter in net.parameters()):
        return fabric.setup_module(net)
    return _Fixed(net.to(fabric.device), fabric)


class _Fixed:
    """A network that does not learn, called in the run's precision."""

    def __init__(self, module: Any, fabric: Any) -> None:
        self.module, self._fabric = module, fabric

    def __call__(self, *given: Any) -> Any:
        with self._fabric.autocast():
            return self.module(*given)


def fastest_precision(accelerator: str) -> str:
    """The precision that trains fastest on an accelerator, in Lightning Fabric's words.

    bfloat16 is faster wherever it is supported. On processors without AVX-512, PyTorch computes convolutions in
    bfloat16 without oneDNN, several times slower than in float32.
    """
    import torch

    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    if accelerator != "cpu" and (gpu or accelerator != "auto"):
        return "bf16-mixed"
    return "bf16-mixed" if torch.backends.cpu.get_cpu_capability().startswith("AVX512") else "32-true"
