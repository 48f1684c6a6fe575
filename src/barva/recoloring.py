"""Recoloring: regions of a color photo get another color; light, shading and everything outside stay.

Chroma is a point in the plane of a and b, so that turning and stretching the plane is one complex factor. A region of
mean chroma m that is to have t becomes `turn * z + shift * share(L)`, with `turn m + shift = t`. Where the region
has a color, turning does nearly all: its highlights are gray before and after. Where it is gray there is
nothing to turn, and shifting does all, by the share that each light can carry.

First the region's hues are drawn together, because an orange umbrella with red and yellow in it that is to be blue
should not get purple and green: a hue at the angle d from the mean goes to atan(HUES sin d), which keeps its chroma.
Any two hues are then at most `HUES` times as far apart, also those that were opposite, and neighbors stay neighbors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from barva.color import gamut, spaces, vivid
from barva.engine.prepare import plan
from barva.engine.render import chroma_model, compose
from barva.engine.render.chroma_model import ChromaModel
from barva.engine.result import OutputPage
from barva.errors import UsageError
from barva.guidance import refine, resolve
from barva.guidance.marks import Guidance, Mark, Region
from barva.imaging import formats
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.imaging.read import read
from barva.types import Size
from barva.version import __version__

Float = npt.NDArray[np.float32]

HUES = 0.4
"""How far apart two hues of a region are afterwards, at most, as a share of their distance in the photo."""

_SHIFTED = 0.5
"""The same for what shifting a region that is nearly gray adds, about the hue that was asked for."""

_FAINT = 2.0  # chroma below which a hue is noise and stays
_COLORED = 10.0  # mean chroma from which a region has a color to turn
_STRETCH = 2.5  # most that chroma grows: noise grows with it
_GREY = 15.0  # chroma asked for, below which a region's own variety fades


@dataclass(frozen=True)
class _Change:
    """What happens to one region: `weight` are lines of one plane, `hue` (of length 1) is the mean that hues are drawn
    to, None where they stay; `mean` and `scale` belong to `_share`."""

    region: Region
    weight: ChromaModel
    turn: complex
    shift: complex = 0j
    hue: complex | None = None
    mean: float = 1.0
    scale: float = 1.0

    def apply(self, a: Float, b: Float, light: Float) -> tuple[Float, Float]:
        """In real numbers: NumPy's complex products depend on where in a strip a pixel lies."""
        share = _share(light, self.mean) * np.float32(1 / self.scale)
        if self.hue is not None:
            a, b = _contract_hues(a, b, self.hue)
        (p, q), (r, s) = _parts(self.turn), _parts(self.shift)
        a, b = p * a - q * b + r * share, q * a + p * b + s * share
        target = complex(*self.region.chroma)
        return (a, b) if self.hue is None else _contract_hues(a, b, _direction(target), _SHIFTED)


@dataclass(frozen=True, eq=False)
class Recolored(OutputPage):
    """A recolored photo. Outside of all regions the pixels are the photo's own code values.

    Args:
        photo: The source.
        notes: What was seen, a line each.
        provenance: What `save` stamps into the file.

    Examples:
        >>> result = barva.recolor("color.jpg", barva.Region(barva.Box(8, 8, 40, 30), "teal"))
        >>> result.save("recolored.png").path.name
        'recolored.png'
    """

    MARK: ClassVar = "recolored"

    photo: Photo
    notes: tuple[str, ...]
    provenance: Provenance
    _changes: tuple[_Change, ...] = field(repr=False)
    _rows: int = field(repr=False)

    def strips(self) -> compose.Strips:
        """The rows of `array`, recolored as they are asked for.

        Returns:
            Pairs (first row, array (h, W, 3 or 4)), from top to bottom.
        """
        for top, pixels in self.photo.strips(self._rows):
            yield top, self._strip(pixels, top)

    def format_notes(self, format: str, quality: int | None) -> tuple[str, ...]:
        """That a lossy format changes pixels outside, too.

        Args:
            format: The format's name, such as "jpeg".
            quality: 1 to 100 for lossy formats, or None.

        Returns:
            One line, or none.
        """
        if not formats.FORMATS[format].lossy or (format == "webp" and quality == 100):
            return ()
        return (
            f"{formats.title(format)} is lossy: pixels outside change a little, too; PNG and TIFF keep them exactly",
        )

    def _strip(self, pixels: npt.NDArray[Any], top: int) -> npt.NDArray[Any]:
        size = self.photo.height, self.photo.width
        out = pixels.copy() if self.photo.bands == 3 else pixels[..., [0, 0, 0, *range(1, pixels.shape[2])]]
        areas = [(c, resolve.strip(c.region, size, top, len(pixels))) for c in self._changes]
        areas = [(c, area) for c, area in areas if area.any()]
        if not areas:
            return out
        light = compose.light_of(pixels, self.photo.bands)
        weights = [np.clip(c.weight.chroma(light, top)[..., 0], 0, 1) * area for c, area in areas]
        rows, columns = np.nonzero(np.max(weights, axis=0) > 0)
        lit = light[rows, columns]
        # one pixel a row: OpenCV's answer then does not depend on where in a strip it lies either
        lab = spaces.fast_rgb_to_lab(out[rows, columns, None, :3])
        a, b = own_a, own_b = lab[:, 0, 1], lab[:, 0, 2]
        for (change, _), weight in zip(areas, weights, strict=True):
            w, (new_a, new_b) = weight[rows, columns], change.apply(own_a, own_b, lit)
            a, b = a + w * (new_a - a), b + w * (new_b - b)
        ab = np.stack([a, b], axis=-1)
        out[rows, columns, :3] = gamut.merge(lit[:, None], ab[:, None], 16 if self.photo.depth == 16 else 8)[:, 0]
        return out


def recolor(
    source: Any,
    guidance: Guidance | Mark | Iterable[Mark],
    *,
    keep_hues: bool = False,
    page: int | None = None,
    salvage: bool = False,
    max_pixels: int | None = None,
) -> Recolored:
    """Give regions of a color photo another color.

    A region keeps its light exactly, and with it texture, shading and highlights. Its mean chroma becomes the one asked
    for, as far as that light carries it, at the share of the way that its strength says; one without a color changes in
    vividness alone. Borders are soft on the inside, sharp along edges of the light; outside nothing changes.

    Args:
        source: A path, a file's bytes, a Pillow image, a NumPy array or a `Photo`.
        guidance: Regions.
        keep_hues: Turn all hues of a region alike. Without it they are drawn together, to at most 0.4 times their
            distances.
        page: Of a file with several, from 1. This and the next two are for sources other than a `Photo`.
        salvage: Take what is left of a damaged file.
        max_pixels: Largest width x height accepted.

    Returns:
        The result; its pixels are made when it is saved or they are asked for.

    Raises:
        ReadError: The photo cannot be read.
        UsageError: Marks that are no regions, or lie outside the photo.

    Examples:
        >>> barva.recolor("color.jpg", barva.Region(barva.Box(8, 8, 40, 30), "teal")).array().shape
        (48, 64, 3)
    """
    marks = Guidance.of(guidance)
    for mark in marks.marks:
        if not isinstance(mark, Region):
            raise UsageError(f"{mark}: it has no border; recoloring takes regions")
    if not marks.marks:
        raise UsageError("name a region to recolor")
    if isinstance(source, Photo):
        photo = source
    else:
        photo = read(source, page=page, salvage=salvage, **({} if max_pixels is None else {"max_pixels": max_pixels}))
    size = photo.height, photo.width
    notes = photo.notes + resolve.check(marks, size)
    small = photo.shrink(plan.GUIDE_SHORT)
    lab = spaces.fast_rgb_to_lab(small if photo.bands == 3 else np.repeat(small, 3, axis=2))
    light = np.ascontiguousarray(lab[..., 0])
    notes += resolve.mark_notes(marks, size, light)
    changes = tuple(_change(m, size, light, lab, keep_hues) for m in marks.marks if isinstance(m, Region))
    digest = marks.digest()
    if keep_hues:
        digest = sha256(f"{digest} keep_hues".encode()).hexdigest()
    stamp = Provenance("recolor", guidance=digest, barva=__version__)
    return Recolored(photo, notes, stamp, changes, plan.strip_rows(photo.height, photo.width))


def _change(region: Region, size: Size, light: Float, lab: Float, keep_hues: bool) -> _Change:
    """From the shrunk photo `lab` (h, w, 3) and its `light` (h, w)."""
    cover = resolve.coverage(region, size, (light.shape[0], light.shape[1]))
    soft = refine.inner(cover, light)
    lines = chroma_model.fit_chroma(soft[..., None] * np.float32(region.strength), light, *size)
    weight = soft * cover if (soft * cover).any() else cover
    total = float(weight.sum())
    if region.color is None:
        return _Change(region, lines, complex(vivid.factor(region.vividness)))
    a, b, hue = lab[..., 1], lab[..., 2], None
    if not keep_hues:
        own = _mean(a, b, weight, total)
        hue = _direction(own)
        a, b = _contract_hues(a, b, hue)
    m, t = _mean(a, b, weight, total), complex(*region.chroma)
    share_turned = abs(m) ** 2 / (abs(m) ** 2 + _COLORED**2)
    turn = (share_turned * t / m if share_turned > 0 else 0) + (1 - share_turned) * min(1.0, abs(t) / _GREY)
    turn *= min(1.0, _STRETCH / max(abs(turn), 1e-9))
    mean = max(float((weight * _carries(light)).sum()) / total, 1e-3)
    scale = max(float((weight * _share(light, mean)).sum()) / total, 1e-3)
    return _Change(region, lines, turn, t - turn * m, hue, mean, scale)


def _direction(z: complex) -> complex:
    return z / abs(z) if abs(z) > 0 else 1 + 0j


def _contract_hues(a: Float, b: Float, hue: complex, hues: float = HUES) -> tuple[Float, Float]:
    """Chroma with its hues near `hue`, of length 1, at most `hues` times as far apart as they are. Without angles,
    whose functions depend on a pixel's place, too."""
    p, q = _parts(hue)
    x, y = p * a + q * b, p * b - q * a  # along the mean hue, and across
    squared = x * x + y * y
    length = np.sqrt(squared)
    tangent = np.float32(hues) * y / np.maximum(length, np.float32(1e-6))
    along = length / np.sqrt(1 + tangent * tangent)
    share = squared / (squared + np.float32(_FAINT**2))
    x, y = x + share * (along - x), y + share * (along * tangent - y)
    return p * x - q * y, q * x + p * y


def _mean(a: Float, b: Float, weight: Float, total: float) -> complex:
    return complex(float((weight * a).sum()) / total, float((weight * b).sum()) / total)


def _carries(light: Float) -> Float:
    """About the share of its greatest chroma that a light carries: 0 in black and white, 1 at L 50."""
    return np.asarray(np.sqrt(np.clip(light * (100 - light), 0, None)) / 50, np.float32)


def _share(light: Float, mean: float) -> Float:
    return np.asarray(np.minimum(_carries(light) / mean, 1.25), np.float32)


def _parts(z: complex) -> tuple[np.float32, np.float32]:
    return np.float32(z.real), np.float32(z.imag)
