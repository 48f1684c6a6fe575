"""References: color photos to take colors from. Methods that accept them get them; for all others the colors of like
places (`correspondence`) become hints, like everything else that a user says, and the answer goes towards them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from barva.color import spaces
from barva.engine.prepare import correspondence
from barva.errors import BarvaError, FileError, Message, ReadError, UsageError, join
from barva.files import is_hidden_or_own
from barva.guidance.hintmap import HintMap
from barva.imaging.formats import suffixes
from barva.imaging.photo import Photo
from barva.imaging.read import read
from barva.methods import catalog
from barva.methods.base import Float, Method, PaintOptions, Reference
from barva.runtime.encoder import resize

SHORT = 512
"""Short side, px, at which references are kept: methods look at less."""

GREY = 3.0
"""Mean chroma below which a picture has no colors to give."""

_REFERENCE = Message("the reference", code="the-reference")
_JUDGE = "guided"  # whose distribution says whether a reference's color is likely


def load_references(sources: Any) -> tuple[Reference, ...]:
    """References from paths, folders, bytes, Pillow images, arrays or `Photo`s, or from one of these. `UsageError` for
    a gray one, `ReadError` for one that cannot be read, or a folder without photos; what cannot serve of a folder is
    left out with a note."""
    one = isinstance(sources, str | os.PathLike | bytes | bytearray | np.ndarray) or not isinstance(sources, Iterable)
    loaded = []
    for source in [sources] if one else sources:
        if isinstance(source, str | Path) and Path(source).is_dir():
            loaded += _references_in(Path(source))
        else:
            loaded.append(_reference(source))
    return tuple(loaded)


def _references_in(folder: Path) -> list[Reference]:
    """The color photos of a folder, without hidden files and our own results; a note on those that cannot serve."""
    inside = sorted(
        p for p in folder.iterdir() if p.suffix.lower() in suffixes() and not is_hidden_or_own(p.name) and p.is_file()
    )
    if not inside:
        raise ReadError("{file}: there is no photo in this folder", code="photo.empty-folder", file=folder)
    loaded, left, errors = list[Reference](), list[str](), list[BarvaError]()
    for path in inside:
        try:
            loaded.append(_reference(path))
        except (UsageError, FileError) as error:
            left.append(path.name)
            errors.append(error)
    if not loaded:
        raise errors[0]
    if left:
        names = join(left[:3])
        if len(left) > 3:
            names = Message("{marks} and {more} more", code="list.more", marks=names, more=len(left) - 3)
        note = Message("gray or unreadable, so no references: {names}", code="note.references-left", names=names)
        loaded[0] = replace(loaded[0], notes=(note,))
    return loaded


def _reference(source: Any) -> Reference:
    photo = source if isinstance(source, Photo) else read(source)
    name = str(source) if isinstance(source, str | Path) else _REFERENCE
    if photo.bands != 3:
        raise UsageError("{name} is gray: it has no colors to give", code="reference.gray", name=name)
    small = np.ascontiguousarray(photo.shrink(SHORT, 4 * SHORT)[..., :3], np.float32)
    lab = spaces.fast_rgb_to_lab(small)
    if float(np.hypot(lab[..., 1], lab[..., 2]).mean()) < GREY:
        raise UsageError("{name} is gray, or nearly: it has no colors to give", code="reference.nearly-gray", name=name)
    # a path means the first page of its file
    of_file = photo.path if photo.envelope.page == 1 else None
    return Reference(lab, path=str(source) if isinstance(source, str | Path) else str(of_file or ""))


def reference_hints(
    light: Float, guide: Float, references: tuple[Reference, ...], method: Method, threads: int | None
) -> HintMap:
    """What references say of a photo, for a method that does not take them itself.

    Args:
        light: (H, W) L 0..100 at the method's working size.
        guide: (h, w) L 0..100, the larger copy in which like things are found.
        references: color photos, at least one.
        method: who paints; `guided` judges its own colors with what it has computed already.
        threads: processor threads at most; None for all cores.

    Returns:
        Hints of the size of `light`, as vivid as the references themselves: the color of like places, the weight being
        the share of the way to it that is right to go (`MatchedColors.trust`). Of several references each has
        its say by its weight.
    """
    is_judge = method.card.name == _JUDGE
    judge: Any = method if is_judge else _judge(threads)
    judge_light = light if is_judge else resize(guide, judge.card.size.working(*guide.shape))
    prediction = correspondence.prediction_at_cells(
        judge.distribution(judge_light, None), judge.paint(judge_light, None, PaintOptions()).ab, judge_light
    )
    matches = [correspondence.match(guide, reference, prediction, threads) for reference in references]
    weights = np.stack([match.trust() for match in matches])
    colors = np.stack([match.ab for match in matches])
    ab = (colors * weights[..., None]).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-6)[..., None]
    weight = weights.max(axis=0)
    return HintMap(resize(np.asarray(ab, np.float32), light.shape), resize(weight, light.shape))


@lru_cache(maxsize=2)
def _judge(threads: int | None) -> Method:
    """`guided`, kept for the next photo of another method."""
    return catalog.create(_JUDGE, threads)
