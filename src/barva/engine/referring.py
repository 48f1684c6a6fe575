"""References: colour photos to take colours from. Methods that accept them get them; for all others their colours
become hints, like everything else that a user says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from barva.color import spaces, vivid
from barva.errors import ReadError, UsageError
from barva.guidance.hintmap import HintMap
from barva.imaging.photo import Photo
from barva.imaging.read import read
from barva.imaging.sniff import SUFFIXES
from barva.methods import catalog
from barva.methods.base import Float, Reference, Wish

SHORT = 512
"""Short side, px, at which references are kept: methods look at less."""

GREY = 3.0
"""Mean chroma below which a picture has no colours to give."""

_GRID = 24  # hints a short side
_SURE = 0.35  # confidence from which a vote becomes a hint


def opened(sources: Iterable[Any]) -> tuple[Reference, ...]:
    """References from paths, folders, bytes, Pillow images, arrays or `Photo`s. `UsageError` for a grey one,
    `ReadError` for one that cannot be read, or a folder without photos."""
    found = []
    for source in sources:
        if isinstance(source, str | Path) and Path(source).is_dir():
            inside = sorted(p for p in Path(source).iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            if not inside:
                raise ReadError(f"{source}: there is no photo in this folder")
            found += [_reference(p) for p in inside]
        else:
            found.append(_reference(source))
    return tuple(found)


def _reference(source: Any) -> Reference:
    photo = source if isinstance(source, Photo) else read(source)
    name = str(source) if isinstance(source, str | Path) else "the reference"
    if photo.bands != 3:
        raise UsageError(f"{name} is grey: it has no colours to give")
    small = np.ascontiguousarray(photo.shrink(SHORT, 4 * SHORT)[..., :3], np.float32)
    lab = spaces.fast_rgb_to_lab(small)
    if float(np.hypot(lab[..., 1], lab[..., 2]).mean()) < GREY:
        raise UsageError(f"{name} is grey, or nearly: it has no colours to give")
    path = str(source) if isinstance(source, str | Path) else str(photo.path or "")
    return Reference(lab, path=path)


def hints(light: Float, wish: Wish, threads: int | None) -> HintMap:
    """What the references say of `light` (H, W), as hints at its size: the surest pixel of each cell of a grid, with
    its confidence as weight, where the method `references` is sure enough. As vivid as the references themselves:
    `livened` makes them as vivid as is wished."""
    voter = catalog.create("references", threads)
    rows, columns = voter.card.size.working(*light.shape)
    seen: Any = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_AREA)
    answer = voter.paint(np.asarray(seen, np.float32).reshape(rows, columns), None, replace(wish, vividness=1.0))
    assert answer.confidence is not None, "references knows how sure it is"
    ab, weight = np.zeros_like(answer.ab), np.zeros((rows, columns), np.float32)
    step = max(1, min(rows, columns) // _GRID)
    for top in range(0, rows, step):
        for left in range(0, columns, step):
            cell = answer.confidence[top : top + step, left : left + step]
            y, x = np.unravel_index(int(cell.argmax()), cell.shape)
            if cell[y, x] >= _SURE:
                ab[top + y, left + x] = answer.ab[top + y, left + x]
                weight[top + y, left + x] = cell[y, x]
    return HintMap(ab, weight).resized(*light.shape)


def livened(hints: HintMap, vividness: float) -> HintMap:
    """The same hints, more vivid or less, as `vivid.factor` says."""
    return replace(hints, ab=hints.ab * np.float32(vivid.factor(vividness)))


def over(below: HintMap, above: HintMap) -> HintMap:
    """Both hint maps of one size; where both speak, `above` is heard."""
    share = above.weight[..., None]
    ab = above.ab * share + below.ab * (1 - share)
    return HintMap(ab.astype(np.float32), np.maximum(above.weight, below.weight))


def digest(wish: Wish) -> str:
    """sha256 of references, swatches, palette and what else is wished, empty without any."""
    if not (wish.references or wish.palette or wish.extra):
        return ""
    summed = hashlib.sha256(repr(wish.swatches).encode())
    if wish.palette or wish.extra:
        summed.update(repr((wish.palette, sorted(wish.extra.items()))).encode())
    for reference in wish.references:
        summed.update(np.ascontiguousarray(reference.lab).tobytes())
    return summed.hexdigest()
