"""What other decoders than libvips read: their arrays as the libvips images that the rest of the package expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barva.imaging import vips as _vips

_FORMATS = {"uint8": "uchar", "uint16": "ushort", "float32": "float"}


@dataclass(frozen=True)
class Raster:
    """A picture whose header is known and whose samples `load` decodes when they are wanted.

    `load()` gives (H, W, `bands`) of `dtype` ('uint8', 'uint16' or 'float32'). `interpretation` is libvips's word for
    the bands; `blobs` are metadata by libvips's names ('exif-data', 'xmp-data', 'icc-profile-data'); `bits` are the
    file's bits of a sample; `dpi` is None where the file does not say; `turn` is the orientation (1 to 8) that a TIFF
    states.
    """

    width: int
    height: int
    bands: int
    dtype: str
    load: Callable[[], np.ndarray[Any, Any]]
    interpretation: str = ""
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    bits: int = 8
    dpi: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    turn: int = 1

    def header(self) -> Any:
        """A libvips image of the right size and kind with all metadata; no sample is decoded."""
        blank = _vips.load().Image.black(self.width, self.height, bands=self.bands)
        return self._label(blank.cast(_FORMATS[self.dtype]))

    def image(self) -> Any:
        """The picture itself."""
        array = np.ascontiguousarray(self.load()).reshape(self.height, self.width, self.bands)
        if str(array.dtype) != self.dtype:
            raise ValueError(f"{array.dtype} came where {self.dtype} was promised")
        return self._label(
            _vips.load().Image.new_from_memory(array, self.width, self.height, self.bands, _FORMATS[self.dtype])
        )

    def _label(self, image: Any) -> Any:
        wide = self.dtype != "uint8"
        usual = ("grey16" if wide else "b-w") if self.bands <= 2 else ("rgb16" if wide else "srgb")
        x, y = (v / 25.4 for v in self.dpi or (25.4, 25.4))
        image = image.copy(interpretation=self.interpretation or usual, xres=x, yres=y)
        for name, value in self.blobs.items():
            _vips.set_blob(image, name, value)
        whole = _vips.load().GValue.gint_type
        image.set_type(whole, "bits-per-sample", self.bits)
        image.set_type(whole, "orientation", self.turn)
        return image


def once(load: Callable[[], np.ndarray[Any, Any]], first: np.ndarray[Any, Any]) -> Callable[[], np.ndarray[Any, Any]]:
    """`load`, whose first answer is known already: it is given away and not kept."""
    cache = [first]

    def first_or_load() -> np.ndarray[Any, Any]:
        return cache.pop() if cache else load()

    return first_or_load


def spread(samples: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    """Unsigned samples of `bits` bits (1 to 16) over the whole range of uint8 (up to 8 bits) or uint16."""
    target, top = (np.uint8, 255) if bits <= 8 else (np.uint16, 65535)
    white = (1 << bits) - 1
    if white == top:
        return samples.astype(target, copy=False)
    table = ((np.arange(white + 1, dtype=np.uint64) * top * 2 + white) // (2 * white)).astype(target)
    scaled: np.ndarray[Any, Any] = table[np.minimum(samples, white)]
    return scaled
