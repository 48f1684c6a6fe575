"""A picture as it lies in a file or in bytes, and the libvips image that it opens as."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from barva.errors import Message, ReadError, TooLargeError
from barva.imaging import formats, kinds
from barva.imaging import vips as _vips
from barva.imaging.raster import Raster

SALVAGED = Message("the file is damaged: only what could be read was colored", code="note.salvaged")
"""The note of a photo that salvage saved."""
_UNSUPPORTED = (
    "not configured",
    "unsupported",
    "not supported",
    "been built in",
    "samples out of range",
    "whole number of bytes",
    "bad labq",
)


@dataclass(frozen=True)
class Encoded:
    """A picture as it lies in a file or in bytes, and how strictly to read it.

    `page` is the TIFF's directory, counted from 1. `raster` decodes what libvips cannot; `profile` is the ICC profile
    to apply instead of the file's own; `inverted` floats hold white as 0; `white` is the highest sample, if it is not
    the type's; `kept` are the channels that are color or transparency, if there are others.
    """

    source: Path | bytes
    name: str
    format: str
    page: int = 1
    salvage: bool = False
    raster: Raster | None = None
    profile: bytes | None = None
    inverted: bool = False
    white: int | None = None
    kept: tuple[int, ...] = ()

    def open(self, access: str = "sequential", *, strict: bool | None = None) -> Any:
        """The libvips image as the file's statements mean it. pyvips.Error when even the header is broken."""
        return self._with_statements(
            self.raster.image() if self.raster is not None else self._open_stored(access, strict)
        )

    def header(self) -> Any:
        """As `open`; but its pixels may be blank."""
        return self._with_statements(self.raster.header()) if self.raster is not None else self.open()

    def _with_statements(self, image: Any) -> Any:
        if self.kept and image.bands > max(self.kept):
            first, *others = (image[n] for n in self.kept)
            image = first.bandjoin(others).copy(interpretation=image.interpretation)
        if self.inverted and image.format in ("float", "double"):
            rest = image.bands - 1
            image = image.linear([-1] + [1] * rest, [1] + [0] * rest)
        if self.white is not None and image.format == "ushort":
            image = image.linear(65535 / self.white, 0.5).floor().cast("ushort")
        if self.profile is not None:
            image = image.copy()
            _vips.set_blob(image, "icc-profile-data", self.profile)
        return image

    def _open_stored(self, access: str, strict: bool | None) -> Any:
        vips = _vips.load()
        strict = not self.salvage if strict is None else strict
        # JPEG decoders only warn about broken data, everything else knows errors.
        level = "warning" if self.format == "jpeg" else "error"
        fail_on = level if strict else "none"
        options: dict[str, Any] = {"access": access, "fail_on": fail_on}
        if formats.FORMATS[self.format].pages:
            options["page"] = self.page - 1
        loader = formats.FORMATS[self.format].loader
        source = self._pad() if self.format == "webp" and not strict else self.source
        if isinstance(source, bytes):
            return getattr(vips.Image, loader + "_buffer")(source, **options)
        return getattr(vips.Image, loader)(os.fsencode(source), **options)

    def _pad(self) -> bytes:
        """A cut off WebP at the length that it claims: its decoder does not begin before everything is there."""
        with self.file() as file:
            data = file.read()
        missing = int.from_bytes(data[4:8], "little") + 8 - len(data)
        return data + bytes(missing) if 0 < missing < 8 * len(data) else data

    def file(self) -> IO[bytes]:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    def guard(self, work: Callable[[], Any]) -> Any:
        """Run something that reads pixels; damage becomes ReadError."""
        vips = _vips.load()
        try:
            return work()
        except vips.Error as error:
            raise self.damage_error(str(error)) from error

    def damage_error(self, why: str = "") -> ReadError:
        if "security limit" in why.lower() or "exceeds the maximum" in why.lower():
            return TooLargeError(
                "{name} claims more than its decoder allows; convert it to TIFF or PNG first",
                code="photo.decoder-limit",
                name=self.name,
            )
        if self.format == "jpeg" and (kind := kinds.jpeg_kind(self.file)):
            return ReadError(
                "{name} is {kind}, which Barva cannot read; convert it to a usual JPEG or TIFF first",
                code="photo.unknown-kind",
                name=self.name,
                kind=kind,
            )
        if any(word in why.lower() for word in _UNSUPPORTED):
            return ReadError(
                "{name} is a kind of {format} that Barva cannot read; convert it first",
                code="photo.odd-kind",
                name=self.name,
                format=formats.title(self.format),
            )
        if self.salvage:
            return ReadError(
                "{name} is so damaged that nothing of it can be read", code="photo.too-damaged", name=self.name
            )
        return ReadError(
            "{name} is damaged or cut off; --salvage colors what is left", code="photo.damaged-salvage", name=self.name
        )
