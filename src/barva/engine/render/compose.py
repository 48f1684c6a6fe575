"""Composing: full-size light and enlarged chroma become the color photo, strip by strip, on several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from barva.color import gamut, spaces
from barva.engine.prepare.plan import Plan
from barva.engine.render.chroma_model import ChromaModel
from barva.imaging.canvas import MEMORY_LIMIT, Canvas
from barva.imaging.photo import Photo

if TYPE_CHECKING:
    from PIL import Image

Float = npt.NDArray[np.float32]
Strips = Iterable[tuple[int, npt.NDArray[Any]]]
"""(first row, rows) from top to bottom: finished parts of a picture."""


def light_of(pixels: npt.NDArray[Any], bands: int) -> Float:
    """L (h, w) float32 0..100 of sRGB code values (h, w, bands[+alpha]) uint8 or uint16."""
    depth = 16 if pixels.dtype == np.uint16 else 8
    grey = bands == 1 or (
        np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2])
    )
    if grey:
        table = spaces.lightness_table(depth)
        code = np.ascontiguousarray(pixels[..., 0])
        return np.asarray(cv2.LUT(code, table)) if depth == 8 else table[code]
    return np.asarray(spaces.lightness(pixels[..., :3]), np.float32)


def paint_strip(pixels: npt.NDArray[Any], bands: int, lines: ChromaModel, top: int) -> npt.NDArray[Any]:
    """One strip (h, W, bands[+alpha]) in, color out (h, W, 3[+alpha]), same type."""
    light = light_of(pixels, bands)
    color = gamut.merge(light, lines.chroma(light, top), 16 if pixels.dtype == np.uint16 else 8)
    return color if pixels.shape[2] == bands else np.dstack([color, pixels[..., -1]])


def warm_up() -> None:
    """Have the tables made that the first strip needs: OpenCV takes a tenth of a second for its own."""
    gamut.merge(np.full((2, 2), 50, np.float32), np.zeros((2, 2, 2), np.float32), 8)


def to_array(photo: Photo, strips: Strips) -> npt.NDArray[Any]:
    """The whole color photo (H, W, 3[+alpha])."""
    out = np.empty((photo.height, photo.width, 3 + photo.alpha), np.uint16 if photo.depth == 16 else np.uint8)
    for y, strip in strips:
        out[y : y + len(strip)] = strip
    return out


def to_image(pixels: npt.NDArray[Any]) -> Image.Image:
    """A Pillow image, 8 bits (Pillow has no 16-bit color)."""
    from PIL import Image

    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return Image.fromarray(pixels)


@contextmanager
def canvases(work: Sequence[tuple[Photo, Strips]], target: Path | None) -> Iterator[list[Any]]:
    """The finished pages as libvips images, ready to be written; temporary files beside `target` go at the end."""
    with ExitStack() as stack:
        images = []
        for photo, strips in work:
            canvas = stack.enter_context(
                Canvas(
                    photo.width,
                    photo.height,
                    3 + photo.alpha,
                    photo.depth,
                    memory_limit=MEMORY_LIMIT // len(work),
                    folder=target.parent if target else None,
                )
            )
            for y, strip in strips:
                canvas.put(y, strip)
            images.append(canvas.image())
        yield images


def paint_strips(photo: Photo, lines: ChromaModel, plan: Plan, workers: int) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Painted strips in order; at most a few are under way, so that memory does not grow with the picture."""
    if workers <= 1:
        for y, strip in photo.strips(plan.rows):
            yield y, paint_strip(strip, photo.bands, lines, y)
        return
    with ThreadPoolExecutor(workers) as pool:
        queue: deque[tuple[int, Future[npt.NDArray[Any]]]] = deque()
        for y, strip in photo.strips(plan.rows):
            queue.append((y, pool.submit(paint_strip, strip, photo.bands, lines, y)))
            if len(queue) > workers + 1:
                top, done = queue.popleft()
                yield top, done.result()
        for top, done in queue:
            yield top, done.result()
