"""`Result`: a painted photo. Chroma is known; full-size pixels are made when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from barva.engine.prepare.plan import Plan
from barva.engine.render import compose
from barva.engine.render.chroma_model import ChromaModel
from barva.errors import UsageError
from barva.imaging.photo import Photo
from barva.imaging.provenance import Provenance
from barva.methods.base import Chroma, MethodCard
from barva.scene.model import Scene

if TYPE_CHECKING:
    from PIL import Image

    from barva.imaging.write import Written


class OutputPage:
    """A page whose full-size pixels are made strip by strip when they are asked for: as an array, a picture, a file."""

    MARK: ClassVar = "color"
    """In the names of files: `NAME.color.EXT`."""

    photo: Photo
    provenance: Provenance

    def format_notes(self, format: str, quality: int | None) -> tuple[str, ...]:
        """What a person should know of this page in a file of a format.

        Args:
            format: The format's name, such as "jpeg".
            quality: 1 to 100 for lossy formats, or None.

        Returns:
            One line each; none for a `Result`.
        """
        return ()

    def strips(self) -> compose.Strips:
        """The rows of `array`, painted as they are asked for.

        Returns:
            Pairs (first row, array (h, W, 3 or 4)), from top to bottom.
        """
        raise NotImplementedError

    def array(self) -> npt.NDArray[Any]:
        """All pixels at once.

        Returns:
            (H, W, 3) sRGB, or (H, W, 4) where the photo has alpha; uint8 or uint16 as the photo.
        """
        return compose.to_array(self.photo, self.strips())

    def image(self) -> Image.Image:
        """The photo as a Pillow image.

        Returns:
            Mode RGB or RGBA, 8 bits, for Pillow has no 16-bit color.
        """
        return compose.to_image(self.array())

    def save(
        self,
        path: str | Path | None = None,
        *,
        format: str | None = None,
        quality: int | None = None,
        overwrite: bool = False,
        provenance: bool = True,
    ) -> Written:
        """Write the photo: same format, depth and envelope unless asked.

        Args:
            path: The file; None means `NAME.color.EXT` beside the photo.
            format: The format's name where the suffix does not say it.
            quality: 1 to 100 for lossy formats; None: as the photo's own file, or 95.
            overwrite: Replace an existing file. Without it that is an error.
            provenance: Write into the file's metadata by which method it was colored.

        Returns:
            What was written: its `path`, `format` and `notes`.

        Raises:
            WriteError: The file exists or cannot be written. Nothing half-written is left behind.
            UsageError: An unknown format, or no path for a photo that came from no file.
        """
        return save_pages([self], path, format=format, quality=quality, overwrite=overwrite, provenance=provenance)


@dataclass(frozen=True, eq=False)
class Result(OutputPage):
    """A colored photo. Its full-size pixels are made when they are asked for.

    Args:
        photo: The source.
        card: The card of the method.
        chroma: The method's answer at its own size.
        notes: What was done and seen, a line each.
        provenance: What `save` stamps into the file.
        plan: The sizes of the stages.
        model: Chroma as a function of the full-size light.
        workers: Threads that paint strips.
        request_scene: All that was known of the photo before it was painted.
        guide: (h, w) L 0..100, the light that `model` follows.

    Examples:
        >>> result = barva.colorize("photo.jpg")
        >>> result.array().dtype, result.confidence.shape == result.chroma.ab.shape[:2]
        (dtype('uint8'), True)
    """

    photo: Photo
    card: MethodCard
    chroma: Chroma
    notes: tuple[str, ...]
    provenance: Provenance
    plan: Plan
    model: ChromaModel
    workers: int = 2
    request_scene: Scene | None = None
    """All that was known of the photo before it was painted."""
    guide: npt.NDArray[np.float32] | None = None
    """(h, w) L 0..100: the light that `model` follows."""

    @cached_property
    def scene(self) -> Scene:
        """What is known of the photo now; applied to the same photo it gives the same picture.

        All from before, the light of each thing, and the colors that the method found for things without one.
        """
        from barva.engine.prepare.annotation import annotate_scene

        if self.request_scene is None or self.guide is None:
            return Scene.of(self.photo)
        return annotate_scene(self, self.request_scene, self.guide)

    @property
    def confidence(self) -> npt.NDArray[np.float32] | None:
        """(h, w) 0 (anything goes) to 1 (sure), at the size of `chroma`, or None."""
        return self.chroma.confidence

    def strips(self) -> compose.Strips:
        """The rows of `array`, painted as they are asked for, so that a large photo needs little memory.

        Returns:
            Pairs (first row, array (h, W, 3 or 4)), from top to bottom.
        """
        return compose.paint_strips(self.photo, self.model, self.plan, self.workers)


def output_name(name: str, format_: str | None = None, content_format: str | None = None, mark: str = "color") -> str:
    """`NAME.color.EXT`, or another `mark`: EXT as the photo's own unless the format changes.

    `content_format` is the format that the photo's content has, where it has been read. A GIF cannot hold a color
    photo's light, so its color version is a PNG.
    """
    from barva.imaging.formats import readable_format, result_format
    from barva.imaging.write import extension

    path = Path(name)
    by_name = readable_format(path)
    chosen = format_ or content_format or by_name
    chosen = result_format(chosen) if chosen and format_ is None else chosen
    keep = chosen is None or chosen == by_name
    return f"{path.stem}.{mark}{path.suffix if keep else extension(chosen or 'png')}"


def save_pages(
    results: Sequence[OutputPage],
    path: str | Path | None = None,
    *,
    format: str | None = None,
    quality: int | None = None,
    overwrite: bool = False,
    provenance: bool = True,
    to_bytes: bool = False,
) -> Written:
    """Write one or several pages of one photo.

    `path` None means `NAME.color.EXT` beside the photo, or with the pages' own `MARK`. Without `overwrite` an existing
    file is never replaced (`WriteError`). The file is written beside its target and renamed, so that it is whole or
    absent.
    `to_bytes` gives the file's bytes in `Written.data` instead.
    """
    from barva.imaging.write import format_of, write

    first = results[0].photo
    target = None if to_bytes else Path(path) if path is not None else _default_path(first, format, results[0].MARK)
    if target is not None and format is None and path is not None:
        format_of(target)  # an unknown suffix is an error before any work
    with compose.canvases([(r.photo, r.strips()) for r in results], target) as images:
        pages = []
        for result, image in zip(results, images, strict=True):
            envelope = result.photo.envelope
            if provenance:
                envelope = replace(envelope, xmp=result.provenance.stamp(envelope.xmp))
            pages.append((image, envelope))
        source = first.path
        written = write(pages, target, format=format, quality=quality, overwrite=overwrite, source=source)
    notes = dict.fromkeys(text for result in results for text in result.format_notes(written.format, quality))
    return replace(written, notes=(*written.notes, *notes))


def _default_path(photo: Photo, format_: str | None, mark: str) -> Path:
    if photo.path is None:
        raise UsageError("this photo came from no file: name the file to write")
    return photo.path.with_name(output_name(photo.path.name, format_, photo.envelope.format, mark))
