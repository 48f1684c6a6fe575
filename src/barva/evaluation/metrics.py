"""How near a colouring comes to the truth, for one photo. Sums over photos are `evaluation.scores`' job.

Every function takes Lab pictures (H, W, 3), L 0..100, and looks at chroma only: the answer's light is replaced by the
truth's first (`relit`), so that a colorizer neither gains nor loses by its light.

| measure | range | better |
|---|---|---|
| CIEDE2000 | 0.. | lower |
| PSNR, dB on 8-bit sRGB | ..99 | higher |
| AuC | 0..1 | higher |
| colourfulness | 0.. about 150 | like the truth's |
| mean chroma | 0.. | like the truth's |
| b shift | Lab units; negative is cooler | 0 |
| sepia share | 0..1 | 0 |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.color import bins, gamut
from barva.color.difference import ciede2000
from barva.errors import UsageError

Array = npt.NDArray[np.float32]
Real = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

THRESHOLDS = 151
"""AuC's thresholds t = 0, 1 .. 150."""

GRAIN = 0.05
"""An ab error up to this counts as none in AuC: it is the grain of `fast_rgb_to_lab`, and must not cost a right answer
on sRGB's surface its t = 0."""

PSNR_LIMIT = 99.0
"""Stands for the infinite PSNR of equal pictures."""

SEPIA_HUE, SEPIA_CHROMA = (45.0, 90.0), (6.0, 45.0)
"""An answer is brown with a hue angle (degrees, a towards b) and a chroma in these; orange and yellow are stronger."""

BROWNISH_HUE, BROWNISH_CHROMA = (30.0, 105.0), 4.0
"""A truth of this hue and at least this chroma excuses it: a margin, so that a nearly right brown is not held against
the answer."""


@dataclass(frozen=True, eq=False)
class PhotoScores:
    """All measures of one answer to one photo, in the form in which they can be averaged over photos."""

    ciede2000: float
    psnr: float
    auc: float
    colorfulness: float
    colorfulness_truth: float
    chroma: float
    chroma_truth: float
    b_shift: float
    turn: complex
    """Mean of answer times conjugate truth, a + ib: its angle is the hue rotation, weighted by both chromas."""
    sepia: float
    bin_auc: Real
    """(313,) sum of the AuC of the pixels of each true bin, over the number of pixels."""
    bin_share: Real
    """(313,) share of the pixels in each true bin."""


def relit(truth: npt.NDArray[Any], answer: npt.NDArray[Any]) -> Array:
    """The answer's chroma under the truth's light, as sRGB can show it."""
    if truth.shape != answer.shape or truth.ndim != 3 or truth.shape[-1] != 3 or not truth.size:
        raise UsageError(f"truth and answer must be Lab pictures of one size, not {truth.shape} and {answer.shape}")
    return gamut.fit(np.concatenate([truth[..., :1], answer[..., 1:]], axis=-1))


def measure(truth: npt.NDArray[Any], answer: npt.NDArray[Any]) -> PhotoScores:
    """Everything about one answer; `truth` and `answer` (H, W, 3) in Lab."""
    lit = relit(truth, answer)
    true_rgb, rgb = _codes(truth), _codes(lit)
    ab, true_ab = lit[..., 1:], np.asarray(truth[..., 1:], np.float32)
    area = pixel_auc(true_ab, ab)
    near, _ = bins.encode(true_ab, neighbours=1)
    near = near.ravel()
    z, true_z = _complex(ab), _complex(true_ab)
    return PhotoScores(
        ciede2000=float(ciede2000(np.asarray(truth, np.float32), lit).mean(dtype=np.float64)),
        psnr=psnr(true_rgb, rgb),
        auc=float(area.mean(dtype=np.float64)),
        colorfulness=colorfulness(rgb),
        colorfulness_truth=colorfulness(true_rgb),
        chroma=float(np.abs(z).mean(dtype=np.float64)),
        chroma_truth=float(np.abs(true_z).mean(dtype=np.float64)),
        b_shift=float((ab[..., 1] - true_ab[..., 1]).mean(dtype=np.float64)),
        turn=complex((z * true_z.conj()).mean(dtype=np.complex128)),
        sepia=sepia_share(true_ab, ab),
        bin_auc=np.bincount(near, area.ravel(), len(bins.BINS)) / near.size,
        bin_share=np.bincount(near, minlength=len(bins.BINS)) / near.size,
    )


def _codes(lab: npt.NDArray[Any]) -> Picture:
    return np.asarray(gamut.merge(lab[..., 0], lab[..., 1:], 8), np.uint8)


def _complex(ab: Array) -> npt.NDArray[np.complex64]:
    return np.asarray(ab[..., 0] + 1j * ab[..., 1], np.complex64)


def psnr(truth: Picture, answer: Picture) -> float:
    """Peak signal to noise ratio of 8-bit pictures in dB, `PSNR_LIMIT` at most."""
    mse = float(np.mean((truth.astype(np.float32) - answer) ** 2, dtype=np.float64))
    return min(PSNR_LIMIT, 10 * float(np.log10(255**2 / mse))) if mse else PSNR_LIMIT


def pixel_auc(true_ab: npt.NDArray[Any], ab: npt.NDArray[Any]) -> Array:
    """AuC of each pixel (...,): the share of the thresholds t = 0..150 that its ab error does not exceed.

    The mean over pixels is Zhang, Isola and Efros' AuC (arXiv 1603.08511, section 3.1): the share of pixels
    within t, integrated over t and normalised.
    """
    error = np.hypot(ab[..., 0] - true_ab[..., 0], ab[..., 1] - true_ab[..., 1])
    missed = np.ceil(error - GRAIN)
    return np.asarray(np.clip(THRESHOLDS - missed, 0, THRESHOLDS) / THRESHOLDS, np.float32)


def colorfulness(rgb: Picture) -> float:
    """Hasler and Suesstrunk, "Measuring colourfulness in natural images", SPIE 5007, 2003: the M of section 7."""
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    rg, yb = r - g, (r + g) / 2 - b
    spread = np.hypot(rg.std(dtype=np.float64), yb.std(dtype=np.float64))
    return float(spread + 0.3 * np.hypot(rg.mean(dtype=np.float64), yb.mean(dtype=np.float64)))


def sepia_share(true_ab: npt.NDArray[Any], ab: npt.NDArray[Any]) -> float:
    """Share of the pixels that are brown in the answer (`SEPIA_...`) and not brownish in truth (`BROWNISH_...`)."""
    hue, chroma = _polar(ab)
    true_hue, true_chroma = _polar(true_ab)
    brown = _within(hue, SEPIA_HUE) & _within(chroma, SEPIA_CHROMA)
    excused = _within(true_hue, BROWNISH_HUE) & (true_chroma >= BROWNISH_CHROMA)
    return float(np.mean(brown & ~excused))


def _polar(ab: npt.NDArray[Any]) -> tuple[Array, Array]:
    hue = np.degrees(np.arctan2(ab[..., 1], ab[..., 0])) % 360
    return np.asarray(hue, np.float32), np.asarray(np.hypot(ab[..., 0], ab[..., 1]), np.float32)


def _within(values: Array, span: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return np.asarray((values >= span[0]) & (values <= span[1]))
