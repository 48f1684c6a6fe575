"""More than one answer: the likeliest colors of a place, and several colorings of a photo that each hang together.

Both read the distribution over chroma bins that a method like `guided` answers with.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.color.bins import BINS
from barva.color.hex import rgb_to_hex
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Float, Method

if TYPE_CHECKING:
    from barva.engine.result import Result

ANCHORS = 5
"""Places of a photo whose color is drawn for a variant; the network spreads each before the next is drawn."""

_SPREAD = 14.0  # Lab units within which bins count as one suggestion
_APART = 8  # new places keep half this share of the short side from what is colored
_ALIKE = 0.93  # Bhattacharyya coefficient from which two places might have the same color
_DOTS = 0.12  # share of an area that gets a hint
_SHARPEN = 1.6  # power of the probabilities that are drawn from: far tails are noise


class DistributionMethod(Protocol):
    """A method that knows a distribution over the bins."""

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """(Q, h, w) probabilities for `light` (H, W) and hints of its size."""
        ...


@dataclass(frozen=True)
class Suggestion:
    """A color for a place: `lab` (L, a, b) at the place's own light, sRGB `hex`, and how probable it is and those near
    it, 0..1."""

    lab: tuple[float, float, float]
    hex: str
    probability: float


def distribution_method(method: Method) -> DistributionMethod:
    """The method, if it knows a distribution; `UsageError` if it only knows one answer."""
    if not method.card.has_distribution:
        raise UsageError(
            "{method} knows one answer only; 'guided' knows how likely each color is",
            code="method.one-answer",
            method=method.card.name,
        )
    return cast(DistributionMethod, method)


def suggestions(p: Float, light: float, count: int) -> tuple[Suggestion, ...]:
    """The `count` likeliest colors of a distribution `p` (Q,) at lightness `light`, apart from one another, the
    likeliest first (Zhang et al. 2017, section 3.3, shows its users nine)."""
    remaining = p.astype(np.float64)
    colors = []
    for _ in range(count):
        center = BINS[int(remaining.argmax())]
        near = np.linalg.norm(BINS - center, axis=1) <= _SPREAD
        mass = float(remaining[near].sum())
        if mass <= 1e-6:
            break
        ab = (remaining[near, None] * BINS[near]).sum(0) / mass
        lab = gamut.fit(np.array([[light, *ab]], np.float32))
        rgb = gamut.merge(lab[None, :, 0], lab[None, :, 1:], 8)[0, 0]
        code = rgb_to_hex(rgb)
        colors.append(Suggestion((float(lab[0, 0]), float(lab[0, 1]), float(lab[0, 2])), code, mass))
        remaining[near] = 0
    return tuple(sorted(colors, key=lambda s: -s.probability))


def sampled_hints(method: DistributionMethod, light: Float, seed: int, start: HintMap | None) -> HintMap:
    """Hints that make a variant: at `ANCHORS` uncertain places, far from one another, a color is drawn from what the
    network still thinks possible, given the colors drawn before (ancestral sampling, coarse to fine). All that hangs
    together with the place and might have the same colors gets it, as scattered dots that the network joins."""
    rng = np.random.default_rng(seed)
    h, w = light.shape
    ab = np.zeros((h, w, 2), np.float32) if start is None else start.ab.copy()
    weight = np.zeros((h, w), np.float32) if start is None else start.weight.copy()
    free = weight == 0  # what was asked for stays
    colored: npt.NDArray[np.bool_] | None = None  # what has its color by now
    for _ in range(ANCHORS):
        p = method.distribution(light, HintMap(ab, weight) if weight.any() else None)
        colored = np.zeros(p.shape[1:], np.bool_) if colored is None else colored
        y, x = _anchor(p, colored, rng)
        q = p[:, y, x].astype(np.float64) ** _SHARPEN
        color = BINS[int(rng.choice(len(BINS), p=q / q.sum()))]
        area = _similar_area(p, y, x) & ~colored
        dots = area & (rng.random(p.shape[1:]) < _DOTS)
        dots[y, x] = True
        colored |= area
        put = cv2.resize(dots.astype(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST).astype(bool) & free
        ab[put], weight[put] = color, 1
    return HintMap(ab, weight)


def _similar_area(p: Float, y: int, x: int) -> npt.NDArray[np.bool_]:
    """(h, w) what is connected with (y, x) by places of nearly the same distribution, `p` (Q, h, w)."""
    root = np.sqrt(p)
    overlap = np.einsum("qhw,q->hw", root, root[:, y, x])  # Bhattacharyya coefficient, 1 for the same
    _, part = cv2.connectedComponents((overlap > _ALIKE).astype(np.uint8), connectivity=4)
    return np.asarray(part == part[y, x], np.bool_)


def _anchor(p: Float, colored: npt.NDArray[np.bool_], rng: np.random.Generator) -> tuple[int, int]:
    """A place (row, column) of (Q, h, w), likelier where the distribution is wide, and not where `colored` (h, w)."""
    _, h, w = p.shape
    mean = np.einsum("qhw,qc->chw", p, BINS)
    spread = np.sqrt(np.maximum(np.einsum("qhw,q->hw", p, (BINS**2).sum(1)) - (mean**2).sum(0), 0))
    side = max(1, min(h, w) // _APART)
    room = cv2.dilate(colored.astype(np.uint8), np.ones((side, side), np.uint8)) == 0
    chance: npt.NDArray[np.float64] = (spread * room).astype(np.float64) ** 2 + 1e-9 * ~colored + 1e-12
    at = int(rng.choice(h * w, p=(chance / chance.sum()).ravel()))
    return at // w, at % w


def confidence_png(result: Result) -> bytes:
    """The confidence at the photo's size as a gray PNG, white is sure; `UsageError` for a method that cannot tell."""
    from PIL import Image

    if result.confidence is None:
        raise UsageError("{method} does not know how sure it is", code="method.no-confidence", method=result.card.name)
    image = Image.fromarray(np.rint(result.confidence * 255).astype(np.uint8))
    out = io.BytesIO()
    image.resize((result.photo.width, result.photo.height), Image.Resampling.BILINEAR).save(out, "PNG", optimize=True)
    return out.getvalue()
