"""LPIPS and FID through torchmetrics, with weights that lie on this machine already: nothing is ever downloaded.

LPIPS (Zhang et al. 2018, arXiv 1801.03924) wants torchvision's AlexNet, FID (Heusel et al. 2017, arXiv 1706.08500)
torch-fidelity's Inception v3; both libraries keep weights in torch hub's folder of checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import WeightsError

Picture = npt.NDArray[np.uint8]

ALEXNET, INCEPTION = "alexnet-owt-7be5be79.pth", "weights-inception-2015-12-05-6726825d.pth"
"""The files that torchvision and torch-fidelity would download."""

SHORTEST, LONGEST = 64, 512
"""LPIPS sees the short side no smaller and the long side, where the aspect allows it, no larger: AlexNet cannot look at
less, and memory would grow with more."""

_FEATURES = 2048


class Perceptual:
    """LPIPS of each answer and FID of all of them; either may be absent. See `evaluation.extras.Perceptual`.

    `lpips`: two batches (1, 3, H, W) float 0..1 -> a tensor of one value. `inception`: (1, 3, H, W) `uint8` ->
    (1, features). What is kept for FID are sums, so memory doesn't grow with the photos.
    """

    def __init__(self, lpips: Any = None, inception: Any = None) -> None:
        import torch

        self._torch, self._lpips, self._inception = torch, lpips, inception
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        for network in (lpips, inception):
            if hasattr(network, "to"):
                network.to(self._device)
        self._real: Any = None if inception is None else self._distance()
        self._rows: dict[str, Any] = {}
        self._truth: Any = None

    def truth(self, rgb: Picture) -> None:
        """The next photo, RGB (H, W, 3) `uint8`."""
        self._truth = rgb
        if self._real is not None:
            with self._torch.no_grad():
                self._real.update(self._batch(rgb), real=True)

    def answer(self, label: str, rgb: Picture) -> float | None:
        """LPIPS of a row's answer, RGB (H, W, 3) `uint8`, to the last truth; None without its network."""
        with self._torch.no_grad():
            if self._inception is not None:
                self._rows.setdefault(label, self._distance()).update(self._batch(rgb), real=False)
            if self._lpips is None:
                return None
            one, other = (self._batch(_fit_size(picture)) / 255 for picture in (self._truth, rgb))
            return float(self._lpips(one, other))

    def fid(self, label: str) -> float | None:
        """FID of a row's answers so far; None without its network, or with fewer than two photos."""
        row = self._rows.get(label)
        if row is None or int(self._real.real_features_num_samples) < 2:
            return None
        # every row shares the truth's statistics, so the network looks at each truth once
        for name in ("real_features_sum", "real_features_cov_sum", "real_features_num_samples"):
            setattr(row, name, getattr(self._real, name))
        return float(row.compute())

    def _distance(self) -> Any:
        made = import_module("torchmetrics.image.fid").FrechetInceptionDistance(feature=self._inception)
        return made.to(self._device)

    def _batch(self, rgb: Picture) -> Any:
        return self._torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1))[None]).to(self._device)


def find() -> tuple[Perceptual | None, tuple[str, ...]]:
    """The measures that can be had on this machine, or None; and a line on what is left out and why.

    `WeightsError` when weights are there and cannot be loaded.
    """
    missing = {"LPIPS": _lacks(ALEXNET, "torchvision"), "FID": _lacks(INCEPTION, "torch_fidelity")}
    out = {name: why for name, why in missing.items() if why}
    notes = (f"Left out for want of weights: {'; '.join(f'{n} ({why})' for n, why in out.items())}.",) if out else ()
    if len(out) == len(missing):
        return None, notes
    lpips = None if "LPIPS" in out else _load_module(_lpips, ALEXNET)
    inception = None if "FID" in out else _load_module(_inception, INCEPTION)
    return Perceptual(lpips, inception), notes


def checkpoints() -> Path:
    """Where torch hub, torchvision and torch-fidelity keep the weights that they have downloaded."""
    hub: Any = import_module("torch.hub")
    return Path(hub.get_dir()) / "checkpoints"


def _lacks(weights: str, package: str) -> str:
    """Why a measure cannot be had: a package or its weights; empty when all is there."""
    for name in ("torch", "torchmetrics", package):
        if find_spec(name) is None:
            return f"{weights}: {name} is not installed"
    place = checkpoints()
    return "" if (place / weights).is_file() else f"{weights} is not in {place}"


def _load_module(load: Callable[[Path], Any], name: str) -> Any:
    weights = checkpoints() / name
    try:
        return load(weights)
    except Exception as error:  # a torn file can raise nearly anything inside torch
        why = str(error).strip().partition("\n")[0]
        raise WeightsError(f"{weights} cannot be loaded ({why}); delete it, or leave --perceptual out") from error


def _lpips(_: Path) -> Any:
    made = import_module("torchmetrics.image.lpip").LearnedPerceptualImagePatchSimilarity(net_type="alex")
    # the network itself: the metric around it would keep every value
    return lambda one, other: made.net(one, other, normalize=True).squeeze()


def _inception(weights: Path) -> Any:
    """torch-fidelity's Inception v3 as torchmetrics wraps it, shared by all rows."""
    made = import_module("torchmetrics.image.fid").NoTrainInceptionV3(
        name="inception-v3-compat", features_list=[str(_FEATURES)], feature_extractor_weights_path=str(weights)
    )
    made.num_features = _FEATURES  # else each row would send a random picture through to count them
    return made.eval()


def _fit_size(rgb: Picture) -> Picture:
    import cv2

    height, width = rgb.shape[:2]
    scale = max(min(1.0, LONGEST / max(height, width)), SHORTEST / min(height, width))
    if scale == 1:
        return rgb
    size = (max(SHORTEST, round(width * scale)), max(SHORTEST, round(height * scale)))
    sized: Any = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(sized, np.uint8)
