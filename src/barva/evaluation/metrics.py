"""How near a coloring comes to the truth, for one photo. Sums over photos are `evaluation.scores`' job.

Every function takes Lab pictures (H, W, 3), L 0..100, and looks at chroma only: the answer's light is replaced by the
truth's first (`relight`), so that a colorizer neither gains nor loses by its light.

| measure | range | better |
|---|---|---|
| CIEDE2000 | 0.. | lower |
| PSNR, dB on 8-bit sRGB | ..99 | higher |
| AuC | 0..1 | higher |
| colorfulness | 0.. about 150 | like the truth's |
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
from barva.types import Double, Float

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

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

_PIECE = 1 << 14


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
    bin_auc: Double
    """(313,) sum of the AuC of the pixels of each true bin, over the number of pixels."""
    bin_share: Double
    """(313,) share of the pixels in each true bin."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A photo's own colors, and whatever each answer is held against, worked out once for all answers.

    | field | shape | meaning |
    |---|---|---|
    | `lab` | (H, W, 3) float32 | the photo |
    | `rgb` | (H, W, 3) uint8 | the same as code values |
    | `z` | (H, W) complex64 | its chroma, a + ib |
    | `near` | (H * W,) | nearest chroma bin of each pixel |
    | `excused` | (H, W) bool | where a brown answer is no mistake |
    """

    lab: Float
    rgb: Picture
    z: npt.NDArray[np.complex64]
    near: npt.NDArray[np.int16]
    excused: npt.NDArray[np.bool_]
    colorfulness: float
    chroma: float
    bin_share: Double

    @classmethod
    def of(cls, lab: npt.NDArray[Any]) -> Truth:
        """`lab` (H, W, 3), L 0..100, inside sRGB; `UsageError` for another shape."""
        if lab.ndim != 3 or lab.shape[-1] != 3 or not lab.size:
            raise UsageError(f"a truth is a Lab picture (H, W, 3), not {lab.shape}")
        lab = np.asarray(lab, np.float32)
        rgb, z = _codes(lab), _complex(lab[..., 1:])
        near = bins.encode(lab[..., 1:], neighbors=1)[0].ravel()
        share = np.bincount(near, minlength=len(bins.BINS)) / near.size
        chroma = float(np.abs(z).mean(dtype=np.float64))
        return cls(lab, rgb, z, near, _is_truly_brown(lab[..., 1:]), colorfulness(rgb), chroma, share)


def relight(truth: npt.NDArray[Any], answer: npt.NDArray[Any]) -> Float:
    """The answer's chroma under the truth's light, as sRGB can show it."""
    if truth.shape != answer.shape or truth.ndim != 3 or truth.shape[-1] != 3 or not truth.size:
        raise UsageError(f"truth and answer must be Lab pictures of one size, not {truth.shape} and {answer.shape}")
    return gamut.fit(np.concatenate([truth[..., :1], answer[..., 1:]], axis=-1))


def measure(truth: Truth | npt.NDArray[Any], answer: npt.NDArray[Any]) -> PhotoScores:
    """Everything about one answer (H, W, 3) in Lab; `truth` too, or a `Truth` that was made for several answers."""
    truth = truth if isinstance(truth, Truth) else Truth.of(truth)
    lit = relight(truth.lab, answer)
    rgb, ab, z = _codes(lit), lit[..., 1:], _complex(lit[..., 1:])
    area = pixel_auc(truth.lab[..., 1:], ab)
    return PhotoScores(
        ciede2000=float(ciede2000_map(truth.lab, lit).mean(dtype=np.float64)),
        psnr=psnr(truth.rgb, rgb),
        auc=float(area.mean(dtype=np.float64)),
        colorfulness=colorfulness(rgb),
        colorfulness_truth=truth.colorfulness,
        chroma=float(np.abs(z).mean(dtype=np.float64)),
        chroma_truth=truth.chroma,
        b_shift=float((ab[..., 1] - truth.lab[..., 2]).mean(dtype=np.float64)),
        turn=complex((z * truth.z.conj()).mean(dtype=np.complex128)),
        sepia=float(np.mean(_is_brown(ab) & ~truth.excused)),
        bin_auc=np.bincount(truth.near, area.ravel(), len(bins.BINS)) / truth.near.size,
        bin_share=truth.bin_share,
    )


def color_errors(truth: Truth, answer: npt.NDArray[Any]) -> tuple[float, float, Float]:
    """Mean CIEDE2000 and PSNR of one answer (H, W, 3) in Lab, as `measure` has them, and the answer relit."""
    lit = relight(truth.lab, answer)
    return float(ciede2000_map(truth.lab, lit).mean(dtype=np.float64)), psnr(truth.rgb, _codes(lit)), lit


def relit_rgb(truth: Truth, answer: npt.NDArray[Any]) -> Picture:
    """RGB (H, W, 3) `uint8` of the answer (H, W, 3) in Lab, its light replaced by the truth's."""
    return _codes(relight(truth.lab, answer))


def ciede2000_map(truth: npt.NDArray[Any], answer: npt.NDArray[Any]) -> Float:
    """CIEDE2000 (H, W) between Lab pictures (H, W, 3)."""
    # in pieces that stay in the processor's cache: CIEDE2000 holds two dozen arrays of its input's size at a time
    one, two = (np.asarray(lab, np.float32).reshape(-1, 3) for lab in (truth, answer))
    out = np.empty(len(one), np.float32)
    for start in range(0, len(one), _PIECE):
        piece = slice(start, start + _PIECE)
        out[piece] = ciede2000(one[piece], two[piece])
    return out.reshape(truth.shape[:-1])


def _codes(lab: npt.NDArray[Any]) -> Picture:
    return np.asarray(gamut.merge(lab[..., 0], lab[..., 1:], 8), np.uint8)


def _complex(ab: Float) -> npt.NDArray[np.complex64]:
    return np.ascontiguousarray(ab, np.float32).view(np.complex64)[..., 0]


def psnr(truth: Picture, answer: Picture) -> float:
    """Peak signal to noise ratio of 8-bit pictures in dB, `PSNR_LIMIT` at most."""
    mse = float(np.mean((truth.astype(np.float32) - answer) ** 2, dtype=np.float64))
    return min(PSNR_LIMIT, 10 * float(np.log10(255**2 / mse))) if mse else PSNR_LIMIT


def pixel_auc(true_ab: npt.NDArray[Any], ab: npt.NDArray[Any]) -> Float:
    """AuC of each pixel (...,): the share of the thresholds t = 0..150 that its ab error does not exceed.

    The mean over pixels is Zhang, Isola and Efros' AuC (arXiv 1603.08511, section 3.1): the share of pixels
    within t, integrated over t and normalized.
    """
    error = np.hypot(ab[..., 0] - true_ab[..., 0], ab[..., 1] - true_ab[..., 1])
    missed = np.ceil(error - GRAIN)
    return np.asarray(np.clip(THRESHOLDS - missed, 0, THRESHOLDS) / THRESHOLDS, np.float32)


def colorfulness(rgb: Picture) -> float:
    """Hasler and Suesstrunk, "Measuring colorfulness in natural images", SPIE 5007, 2003: the M of section 7."""
    r, g, b = (rgb[..., i].astype(np.float32) for i in range(3))
    rg, yb = r - g, (r + g) / 2 - b
    spread = np.hypot(rg.std(dtype=np.float64), yb.std(dtype=np.float64))
    return float(spread + 0.3 * np.hypot(rg.mean(dtype=np.float64), yb.mean(dtype=np.float64)))


def sepia_share(true_ab: npt.NDArray[Any], ab: npt.NDArray[Any]) -> float:
    """Share of the pixels that are brown in the answer (`SEPIA_...`) and not brownish in truth (`BROWNISH_...`)."""
    return float(np.mean(_is_brown(ab) & ~_is_truly_brown(true_ab)))


def _is_brown(ab: npt.NDArray[Any]) -> Mask:
    return _hue_within(ab, _within(np.hypot(ab[..., 0], ab[..., 1]), SEPIA_CHROMA), SEPIA_HUE)


def _is_truly_brown(true_ab: npt.NDArray[Any]) -> Mask:
    return _hue_within(true_ab, np.hypot(true_ab[..., 0], true_ab[..., 1]) >= BROWNISH_CHROMA, BROWNISH_HUE)


def _hue_within(ab: npt.NDArray[Any], among: Mask, span: tuple[float, float]) -> Mask:
    """Which pixels of `among` have a hue angle in `span`: the angle is dear, so only theirs is worked out."""
    out = among.copy()
    chroma = ab[among]
    out[among] = _within(np.degrees(np.arctan2(chroma[:, 1], chroma[:, 0])) % 360, span)
    return out


def _within(values: npt.NDArray[Any], span: tuple[float, float]) -> Mask:
    return np.asarray((values >= span[0]) & (values <= span[1]))
