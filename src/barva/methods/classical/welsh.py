"""`welsh`: each pixel takes the color of the reference's sample that is as light and as rough."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.guidance.hintmap import HintMap
from barva.methods.base import Box, Chroma, MethodCard, PaintOptions, Reference, SizeRule, Swatch
from barva.methods.classical import features
from barva.methods.classical.by_reference import ByReference
from barva.methods.classical.neighbors import nearest, several_nearest

Float = npt.NDArray[np.float32]

SAMPLES = 200
"""Samples of a reference (section 3.1: "approximately 200 samples on a jittered grid")."""

SWATCH_SAMPLES = 50
"""Samples of a swatch (section 3.2)."""

_TEXTURE = 400  # colored pixels of each swatch that the rest of the picture is compared with
_KINDS = 20.0  # what the encoder sees, in units of the features
_KIND_SAMPLES = 600  # of a reference, where it is asked
_WINDOW = 5  # px, side of the neighborhood in both stages


class Welsh(ByReference):
    """Global matching, or by the user's swatches where there are any. Several references share the picture.

    Errors: `UsageError` without a reference, or for a swatch of a reference that there is not.
    """

    CARD: ClassVar = MethodCard(
        name="welsh",
        title="Transferring color to greyscale images",
        summary="takes colors from reference photos by lightness and roughness, or box by box",
        family="reference",
        size=SizeRule(short=256, multiple=1, longest=1024),
        native_guidance=frozenset({"references", "swatches"}),
        needs=frozenset({"reference"}),
        paper="Welsh, Ashikhmin, Mueller 2002, Transferring color to greyscale images (doi 10.1145/566654.566576)",
    )

    def paint(self, light: Float, hints: HintMap | None, options: PaintOptions) -> Chroma:
        references = features.references(options, "welsh", self.CARD.size.short)
        rng = np.random.default_rng(options.seed)
        if options.swatches:
            ab = _by_swatches(light, references, options.swatches, rng)
        else:
            labs = [r.lab for r in references]
            kinds = features.encoder_features(light, labs, options, _KINDS, self._threads)
            ab = transfer(light, labs, _KIND_SAMPLES if kinds[0].size else SAMPLES, rng, kinds)
        return Chroma(ab)


def transfer(
    light: Float, labs: list[Float], samples: int, rng: np.random.Generator, kinds: list[Float] | None = None
) -> Float:
    """Chroma (H, W, 2) for `light` (H, W) from the pictures `labs` (h, w, 3), `samples` from each; `kinds` are more
    planes of the photo and of each picture.

    Section 3.1: the reference's luminance is remapped to the target's mean and deviation; the best match is that of the
    least `|L - L'| / 2 + |d - d'| / 2`, d the deviation in the 5 x 5 neighborhood.
    """
    sample_features, colors = [], []
    more = kinds or features.encoder_features(light, labs, PaintOptions(), 0, None)
    for lab, kind in zip(labs, more[1:], strict=True):
        at = features.jittered_samples(lab.shape[:2], samples, rng)
        own_features = _features(features.remap_light(lab[..., 0], light))
        sample_features.append(np.concatenate([own_features, kind], axis=1)[at])
        colors.append(lab[..., 1:].reshape(-1, 2)[at])
    queries, points = np.concatenate([_features(light), more[0]], axis=1), np.concatenate(sample_features)
    # the planes are compared by Euclidean distance
    match = nearest(queries, points) if more[0].size else several_nearest(queries, points, 1, order=1)[1][:, 0]
    return np.asarray(np.concatenate(colors)[match].reshape(*light.shape, 2), np.float32)


def _features(light: Float) -> Float:
    """(H W, 2) half the luminance, half the neighborhood's deviation."""
    pair = np.stack([light, features.deviation(light, _WINDOW)], axis=-1)
    return pair.reshape(-1, 2) * np.float32(0.5)


def _by_swatches(
    light: Float, references: list[Reference], swatches: tuple[Swatch, ...], rng: np.random.Generator
) -> Float:
    """Section 3.2: color inside each target box from its source box, then the rest of the picture from the boxes, by
    the sum of squared differences between neighborhoods of luminance."""
    ab, is_colored = np.zeros((*light.shape, 2), np.float32), np.zeros(light.shape, np.bool_)
    windows = _windows(light)
    texture = []
    for s in swatches:
        if not 0 <= s.reference < len(references):
            raise UsageError(
                "a swatch names reference {number}, but there are {count}, counted from 0",
                code="swatch.reference",
                number=s.reference,
                count=len(references),
            )
        lab = references[s.reference].lab
        box = _pixels(s.target, light.shape)
        ab[box] = transfer(light[box], [lab[_pixels(s.source, lab.shape[:2])]], SWATCH_SAMPLES, rng)
        is_colored[box] = True
        inside = np.arange(light.size).reshape(light.shape)[box]
        texture.append(inside.ravel()[features.jittered_samples(inside.shape, _TEXTURE, rng)])
    at = np.concatenate(texture)
    match = at[nearest(windows, windows[at])].reshape(light.shape)
    rest = ab.reshape(-1, 2)[match]
    return np.where(is_colored[..., None], ab, rest)


def _windows(light: Float) -> Float:
    """(H W, 25) the luminance of each pixel's neighborhood."""
    padded = np.pad(light, _WINDOW // 2, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (_WINDOW, _WINDOW))
    return np.ascontiguousarray(views.reshape(light.size, -1), np.float32)


def _pixels(box: Box, size: tuple[int, ...]) -> tuple[slice, slice]:
    """The box's pixels, at least one."""
    top, left, bottom, right = box
    y, x = min(int(top * size[0]), size[0] - 1), min(int(left * size[1]), size[1] - 1)
    return slice(y, max(y + 1, round(bottom * size[0]))), slice(x, max(x + 1, round(right * size[1])))
