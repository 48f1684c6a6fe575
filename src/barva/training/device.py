"""Where a run trains: Lightning Fabric on a processor, one GPU or several."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from barva.errors import UsageError


@dataclass(frozen=True)
class Device:
    """Where to train; Lightning Fabric's words. `auto` takes GPUs if there are any."""

    accelerator: str = "auto"
    devices: int | str = "auto"
    precision: str = "bf16-mixed"
    workers: int = 1


def fabric_on(device: Device) -> Any:
    """Lightning's `Fabric` there. `UsageError`: no such device, or a precision that there is not."""
    from lightning.fabric import Fabric

    for name in ("lightning.fabric", "lightning.pytorch"):  # they would announce the precision
        logging.getLogger(f"{name}.utilities.rank_zero").setLevel(logging.WARNING)
    where: Any = device
    try:
        return Fabric(accelerator=where.accelerator, devices=where.devices, precision=where.precision)
    except (RuntimeError, ValueError) as error:  # Lightning's own are RuntimeErrors
        said = " ".join(str(error).split())
        raise UsageError(f"cannot train on {where.accelerator}, {where.devices}, {where.precision}: {said}") from None
