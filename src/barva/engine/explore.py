"""More than one answer: the likeliest colours of a place, and several colourings of a photo that each hang together.

Both read the distribution over chroma bins that a method like `guided` answers with.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import numpy.typing as npt

from barva.color import gamut
from barva.color.bins import BINS
from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Float, Method

if TYPE_CHECKING:
    from barva.engine.result import Result

ANCHORS = 5
"""Places of a photo whose colour is drawn for a variant; the network spreads each before the next is drawn."""

_SPREAD = 14.0  # Lab units within which bins count as one suggestion
_PATCH = 1 / 40  # of the short side: half the side of an anchor


class Distributing(Protocol):
    """A method that knows a distribution over the bins."""

    def distribution(self, light: Float, hints: HintMap | None) -> Float:
        """(Q, h, w) probabilities for `light` (H, W) and hints of its size."""
        ...


@dataclass(frozen=True)
class Suggestion:
    """A colour for a place: `lab` (L, a, b) at the place's own light, sRGB `hex`, and how probable it is and those near
    it, 0..1."""

    lab: tuple[float, float, float]
    hex: str
    probability: float


def distributing(method: Method) -> Distributing:
    """The method, if it knows a distribution; `UsageError` if it only knows one answer."""
    if not hasattr(method, "distribution"):
        raise UsageError(f"{method.card.name} knows one answer only; 'guided' knows how likely each colour is")
    return cast(Distributing, method)


def suggestions(p: Float, light: float, count: int) -> tuple[Suggestion, ...]:
    """The `count` likeliest colours of a distribution `p` (Q,) at lightness `light`, apart from one another, the
    likeliest first (Zhang et al. 2017, section 3.3, shows its users nine)."""
    left = p.astype(np.float64)
    found = []
    for _ in range(count):
        centre = BINS[int(left.argmax())]
        near = np.linalg.norm(BINS - centre, axis=1) <= _SPREAD
        mass = float(left[near].sum())
        if mass <= 1e-6:
            break
        ab = (left[near, None] * BINS[near]).sum(0) / mass
        lab = gamut.fit(np.array([[light, *ab]], np.float32))
        rgb = gamut.merge(lab[None, :, 0], lab[None, :, 1:], 8)[0, 0]
        code = "#" + "".join(f"{int(v):02x}" for v in rgb)
        found.append(Suggestion((float(lab[0, 0]), float(lab[0, 1]), float(lab[0, 2])), code, mass))
        left[near] = 0
    return tuple(sorted(found, key=lambda s: -s.probability))


def drawn(method: Distributing, light: Float, seed: int, start: HintMap | None) -> HintMap:
    """Hints that make a variant: at `ANCHORS` uncertain places, far from one another, a colour is drawn from what the
    network still thinks possible, given the colours drawn before (ancestral sampling, coarse to fine)."""
    rng = np.random.default_rng(seed)
    h, w = light.shape
    ab = np.zeros((h, w, 2), np.float32) if start is None else start.ab.copy()
    weight = np.zeros((h, w), np.float32) if start is None else start.weight.copy()
    half = max(1, round(min(h, w) * _PATCH))
    taken: list[tuple[int, int]] = []
    for _ in range(ANCHORS):
        p = method.distribution(light, HintMap(ab, weight) if weight.any() else None)
        y, x = _anchor(p, taken, rng)
        taken.append((y, x))
        q = p[:, y, x].astype(np.float64) ** 1.25  # a little surer than the network: far tails are noise
        color = BINS[int(rng.choice(len(BINS), p=q / q.sum()))]
        row, column = int((y + 0.5) * h / p.shape[1]), int((x + 0.5) * w / p.shape[2])
        patch = (slice(max(0, row - half), row + half), slice(max(0, column - half), column + half))
        ab[patch], weight[patch] = color, 1
    return HintMap(ab, weight)


def _anchor(p: Float, taken: list[tuple[int, int]], rng: np.random.Generator) -> tuple[int, int]:
    """A place (row, column) of (Q, h, w), likelier where the distribution is wide and nothing was drawn nearby."""
    _, h, w = p.shape
    mean = np.einsum("qhw,qc->chw", p, BINS)
    spread = np.sqrt(np.maximum(np.einsum("qhw,q->hw", p, (BINS**2).sum(1)) - (mean**2).sum(0), 0))
    rows, columns = np.mgrid[0:h, 0:w]
    room = np.ones((h, w))
    for y, x in taken:
        d2 = (rows - y) ** 2 + (columns - x) ** 2
        room *= 1 - np.exp(-d2 / (2 * (min(h, w) / 4) ** 2))
    chance: npt.NDArray[np.float64] = (spread * room).astype(np.float64) ** 2 + 1e-9
    at = int(rng.choice(h * w, p=(chance / chance.sum()).ravel()))
    return at // w, at % w


def confidence_png(result: Result) -> bytes:
    """The confidence at the photo's size as a grey PNG, white is sure; `UsageError` for a method that cannot tell."""
    from PIL import Image

    if result.confidence is None:
        raise UsageError(f"{result.card.name} does not know how sure it is")
    image = Image.fromarray(np.rint(result.confidence * 255).astype(np.uint8))
    out = io.BytesIO()
    image.resize((result.photo.width, result.photo.height), Image.Resampling.BILINEAR).save(out, "PNG", optimize=True)
    return out.getvalue()
