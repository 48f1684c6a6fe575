"""The likeliest colors of one place of a photo, given what is marked already."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

from barva.engine.explore import variants
from barva.engine.explore.variants import Suggestion
from barva.engine.prepare.analyze import PreparedPhoto
from barva.engine.prepare.resolve import resolve_request
from barva.engine.render import enforce
from barva.engine.request import Request
from barva.errors import UsageError, shorten
from barva.methods.base import Method
from barva.values import is_whole


def suggest(
    request: Request, prepared: PreparedPhoto, method: Method, at: tuple[float, float], count: int
) -> tuple[Suggestion, ...]:
    """Colors for a place at the place's own light, likeliest first.

    Args:
        request: whose marks the network is given.
        prepared: the photo.
        method: a method with a distribution.
        at: (x, y) in pixels of the upright photo.
        count: how many colors at most.

    Raises:
        UsageError: the place lies outside, `count` is no count, or the method has no distribution.
    """
    if not is_whole(count, 1):
        raise UsageError(f"count: a whole number of at least 1 is wanted, not {shorten(count)}")
    photo, guide, (x, y) = prepared.photo, prepared.guide, _place(at)
    if not (0 <= x < photo.width and 0 <= y < photo.height):
        raise UsageError(
            "({x}, {y}) lies outside the photo of {width} x {height} px",
            code="place.outside",
            x=f"{x:g}",
            y=f"{y:g}",
            width=photo.width,
            height=photo.height,
        )
    network = variants.distribution_method(method)
    marks = resolve_request(request, prepared, method.card).marks
    size = photo.height, photo.width
    p = network.distribution(
        prepared.light, None if marks is None else enforce.all_hints(marks, size, prepared.sizes.working)
    )
    row, column = int(y / photo.height * p.shape[1]), int(x / photo.width * p.shape[2])
    lightness = guide[int(y / photo.height * guide.shape[0]), int(x / photo.width * guide.shape[1])]
    return variants.suggestions(p[:, row, column], float(lightness), count)


def _place(at: Any) -> tuple[float, float]:
    numbers = tuple(at) if isinstance(at, Iterable) else ()
    if len(numbers) != 2 or not all(isinstance(n, Real) for n in numbers):
        raise UsageError(f"a place is two numbers (x, y), not {shorten(at)}")
    return float(numbers[0]), float(numbers[1])
