"""Where things lie: boxes and areas in shares of the photo, and the region of all that certain things leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from barva.errors import UsageError
from barva.guidance import resolve, scene_bridge
from barva.scene.masks import Mask
from barva.scene.modalities import Region
from barva.scene.model import Scene, Thing
from barva.scene.shapes import Box, Dot, Line, Polygon, rescale_shape
from barva.types import Float, Size

_LONGEST = 1024  # pixels of a mask that is made, where no thing's mask is larger
_LEAST = 0.002  # share of the photo below which nothing is left


@dataclass(frozen=True)
class Place:
    """A box in shares 0..1 of the photo, and the share of the photo that is covered."""

    left: float
    top: float
    right: float
    bottom: float
    area: float

    @property
    def x(self) -> float:
        """Its middle, from the left."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Its middle, from the top."""
        return (self.top + self.bottom) / 2

    def distance(self, other: Place) -> float:
        """Between two boxes; 0 where they touch."""
        across = max(other.left - self.right, self.left - other.right, 0.0)
        down = max(other.top - self.bottom, self.top - other.bottom, 0.0)
        return float(np.hypot(across, down))

    def holds(self, other: Place) -> bool:
        """Whether the middle of another one lies inside."""
        return self.left <= other.x <= self.right and self.top <= other.y <= self.bottom


def size_of(scene: Scene) -> Size:
    """(height, width) of the photo; where nobody knows it, of its largest mask, or as far as its places go."""
    if scene.source is not None:
        return scene.source.height, scene.source.width
    shapes = [(r.shape, r.unit) for t in scene.things for r in t.all(Region)]
    masks = [(s.height, s.width) for s, _ in shapes if isinstance(s, Mask)]
    if masks:
        return max(masks)
    corners = [corner for s, unit in shapes if unit == "px" for corner in _corners(s)]
    if not corners:
        return 1000, 1000
    return max(1, int(max(y for _, y in corners)) + 1), max(1, int(max(x for x, _ in corners)) + 1)


def _corners(shape: object) -> Sequence[tuple[float, float]]:
    if isinstance(shape, Box):
        return (shape.left, shape.top), (shape.right, shape.bottom)
    if isinstance(shape, Polygon):
        return shape.corners
    if isinstance(shape, Dot):
        return (shape.at,)
    return shape.along if isinstance(shape, Line) else ()


def places(scene: Scene) -> dict[str, Place]:
    """Id -> place of every thing that lies somewhere; a thing without regions lies where its parts do."""
    height, width = size_of(scene)
    own = {thing.id: _unite([_place(r, height, width) for r in thing.all(Region)]) for thing in scene.things}
    known = {id: place for id, place in own.items() if place is not None}
    for thing in scene.things:
        if thing.id not in known and thing.id != scene.whole.id:
            below = _unite([known[part.id] for part in scene.parts(thing.id) if part.id in known])
            if below is not None:
                known[thing.id] = below
    return known


def _place(region: Region, height: int, width: int) -> Place:
    shape = region.shape
    if isinstance(shape, Mask):
        inside = shape.levels() > 127 if (shape.levels() > 127).any() else shape.levels() > 0
        ys, xs = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        h, w = inside.shape
        left, top, right, bottom = xs[0] / w, ys[0] / h, (xs[-1] + 1) / w, (ys[-1] + 1) / h
        return Place(float(left), float(top), float(right), float(bottom), float(inside.mean()))
    across, down = (1.0, 1.0) if region.unit == "share" else (float(width), float(height))
    corners = _corners(shape)
    xs_, ys_ = [x / across for x, _ in corners], [y / down for _, y in corners]
    west, north, east, south = min(xs_), min(ys_), max(xs_), max(ys_)
    area = (east - west) * (south - north)
    if isinstance(shape, Polygon):
        area = abs(sum(x * ys_[i - 1] - xs_[i - 1] * y for i, (x, y) in enumerate(zip(xs_, ys_, strict=True)))) / 2
    return Place(west, north, east, south, area)


def _unite(found: Iterable[Place]) -> Place | None:
    boxes = list(found)
    if not boxes:
        return None
    return Place(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes),
        max(b.bottom for b in boxes), min(1.0, sum(b.area for b in boxes)),
    )  # fmt: skip


def remainder(scene: Scene, things: Sequence[Thing], what: str) -> Region:
    """All of the photo but these things and their parts.

    Args:
        scene: Whose size counts.
        things: What is left out; nothing: the whole photo.
        what: How a message calls the remainder.

    Returns:
        A mask, or a box where nothing is left out.

    Raises:
        UsageError: The things fill the photo.
    """
    cover = _cover(scene, things)
    if cover is None:
        return Region(Box(0, 0, 1, 1), "share")
    rest = 1 - cover
    if float(rest.mean()) < _LEAST:
        raise UsageError(
            "nothing is left for '{words}': what is named fills the photo", code="words.fills-photo", words=what
        )
    return Region(Mask.of(np.clip(rest, 0, 1).astype(np.float32), found="rest"))


def union(scene: Scene, things: Sequence[Thing]) -> Region:
    """Where any of these things lies. UsageError: nowhere."""
    cover = _cover(scene, things)
    if cover is None:
        raise UsageError("no thing stands in the foreground, as far as Barva sees", code="words.no-foreground")
    return Region(Mask.of(np.clip(cover, 0, 1).astype(np.float32), found="foreground"))


def _cover(scene: Scene, things: Sequence[Thing]) -> Float | None:
    """(H, W) 0..1 of things with their parts; None where they lie nowhere."""
    photo = size_of(scene)
    regions = [r for thing in _with_parts(scene, things) for r in thing.all(Region)]
    if not regions:
        return None
    masks = [(r.shape.height, r.shape.width) for r in regions if isinstance(r.shape, Mask)]
    size = _mask_size(photo, max(masks, default=(0, 0)))
    return scene_bridge.region_cover((_as_wide_as(region, photo) for region in regions), photo, size)


def _as_wide_as(region: Region, photo: Size) -> Region:
    """The region; a mask of a single row is made as large as the photo."""
    mask = region.shape
    if not isinstance(mask, Mask) or mask.height >= 2:
        return region
    return Region(rescale_shape(mask, "px", (mask.height, mask.width), photo), region.unit)


def _mask_size(photo: Size, largest: Size) -> Size:
    """(height, width) of a mask for the photo: as fine as its things' masks, of the photo's shape."""
    longest = max(_LONGEST, *largest)
    if max(photo) <= longest:
        return photo
    scale = longest / max(photo)
    height, width = max(1, round(photo[0] * scale)), max(1, round(photo[1] * scale))
    same = abs(height * photo[1] / (width * photo[0]) - 1) < resolve.ASPECT / 2
    return (height, width) if same else photo


def _with_parts(scene: Scene, things: Sequence[Thing]) -> list[Thing]:
    out, waiting = [], list(things)
    while waiting:
        thing = waiting.pop()
        out.append(thing)
        waiting += scene.parts(thing.id)
    return out
