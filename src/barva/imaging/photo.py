"""Photo: pixels that are upright and sRGB-encoded, plus the envelope that came with them.

Nothing here knows file formats; `read` makes Photos, `write` takes envelopes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError
from barva.types import Pixels

IN_MEMORY = 64_000_000
"""Photos up to this many pixels are decoded once and kept; larger ones are decoded again in each pass."""


@dataclass(frozen=True)
class Part:
    """A segment or chunk of a file as it was there. `name` is its container's word ('APP13', 'tEXt'); `kind` is 'raw',
    or which field of the envelope holds what stood in its place ('exif', 'xmp', 'icc', 'photoshop', ...)."""

    kind: str
    name: str
    data: bytes = b""


@dataclass(frozen=True)
class Envelope:
    """Everything in a file that is not pixels, as it was in the file.

    `exif` is the bare TIFF-structured block (no 'Exif' prefix); `iptc` is bare IPTC-IIM (no Photoshop wrapping);
    `icc` is the profile that the *file* had (the pixels of a Photo are sRGB already); `dpi` is None when the file
    did not say. `compression` is TIFF's ('none', 'lzw', 'deflate', ...) or 'lossless' for such a WebP; `bits` are
    the bits of a sample in the file (1 to 32); `page` counts from 1. `parts` are the container's segments or chunks in
    their order, `photoshop` its image resources ('8BIM'). `size` is the stored (width, height), and `turn` the
    orientation that was applied to it. `left` names what cannot be carried, `companions` says that further pictures (a
    gain map) follow the first one, `converted` that the pixels were brought to sRGB by what the file states other than
    in a profile (PNG's gAMA, EXIF's R03, TIFF's TransferFunction, CMYK).
    """

    format: str
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None
    compression: str | None = None
    bits: int = 8
    page: int = 1
    pages: int = 1
    parts: tuple[Part, ...] = ()
    photoshop: bytes | None = None
    size: tuple[int, int] | None = None
    turn: int = 1
    left: tuple[str, ...] = ()
    companions: bool = False
    converted: bool = False


@dataclass(frozen=True)
class Opener:
    """How a Photo gets its pixels. All of them raise ReadError for damaged data, never pyvips.Error.

    `decode()`: everything, (H, W, bands + alpha), uint8 or uint16. `stream()`: a fresh libvips image of the same
    pixels that may be read once, top to bottom; with `reusable` it may be kept and read again. `guard(work)`: what
    `work` reads of such an image; it may have to begin once more with another one.
    """

    decode: Callable[[], Pixels]
    stream: Callable[[], Any]
    guard: Callable[[Callable[[], Any]], Any]
    reusable: bool = False

    @classmethod
    def of_array(cls, pixels: Pixels) -> Opener:
        """Of pixels that are in memory already: read-only, (H, W, bands + alpha)."""

        def stream() -> Any:
            from barva.imaging.vips import load

            h, w, c = pixels.shape
            return load().Image.new_from_memory(pixels, w, h, c, "uchar" if pixels.dtype == np.uint8 else "ushort")

        return cls(lambda: pixels, stream, lambda work: work(), reusable=True)


@dataclass
class _Cache:
    lock: threading.Lock = field(default_factory=threading.Lock)
    pixels: Pixels | None = None
    image: Any = None
    sha256: str = ""
    pages: Pages | None = None


class Pages:
    """The pages of one file: together they keep no more pixels than one photo may, those that were read last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[_Cache] = []

    def add(self, photo: Photo) -> Photo:
        """The photo, now one of them."""
        photo._cache.pages = self
        self.keep(photo._cache)
        return photo

    def keep(self, cache: _Cache) -> None:
        """Make room for what `cache` holds."""
        with self._lock:
            kept = [cache, *(c for c in self._kept if c is not cache)]  # the latest first
            room, self._kept = IN_MEMORY, []
            for one in kept:
                pixels = one.pixels
                if pixels is None:
                    continue
                room -= pixels.shape[0] * pixels.shape[1]
                if room >= 0 or one is cache:
                    self._kept.append(one)
                else:
                    one.pixels = None


@dataclass(frozen=True)
class Photo:
    """One picture, upright, in gamma-encoded sRGB (gray: the same curve). `imaging.read.read` makes it.

    Pixels come lazily: the first of `strips`, `pixels`, `shrink` decodes, and raises ReadError when the file turns out
    to be damaged. Safe to use from several threads.

    Args:
        width: Pixels.
        height: Pixels.
        depth: 8 or 16 bits.
        bands: 1 or 3, without alpha.
        alpha: Whether there is an alpha channel.
        name: The file's name, or what stands for it.
        path: The file, or None.
        envelope: Everything in the file that is not pixels.
        notes: What was seen while reading, a line each.

    Examples:
        >>> photo = barva.colorize("photo.jpg").photo
        >>> photo.width, photo.height, photo.depth, photo.bands
        (64, 48, 8, 1)
    """

    width: int
    height: int
    depth: int
    bands: int
    alpha: bool
    name: str
    path: Path | None
    envelope: Envelope
    notes: tuple[str, ...] = ()
    _opener: Opener = field(repr=False, compare=False, kw_only=True)
    _cache: _Cache = field(default_factory=_Cache, repr=False, compare=False, kw_only=True)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: with its pixels, and without its file."""
        if not self.in_memory:
            raise UsageError(f"{self.name} is too large to be sent to another process; send its path")
        names = ("width", "height", "depth", "bands", "alpha", "name", "path", "envelope", "notes")
        return _restored, ({name: getattr(self, name) for name in names}, self.pixels())

    @property
    def channels(self) -> int:
        """Bands plus alpha: the last axis of the arrays."""
        return self.bands + int(self.alpha)

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """uint8 or uint16: the type of the arrays."""
        return np.uint8 if self.depth == 8 else np.uint16

    @property
    def in_memory(self) -> bool:
        """Whether the decoded pixels are (or will be) kept."""
        return self._cache.pixels is not None or self.width * self.height <= IN_MEMORY

    def pixels(self) -> Pixels:
        """Everything at once.

        Returns:
            (H, W, bands + alpha), uint8 or uint16; read-only when it is the kept copy.

        Raises:
            ReadError: The file is damaged.
        """
        if not self.in_memory:
            return self._opener.decode()
        with self._cache.lock:
            kept = self._cache.pixels
            if kept is None:
                kept = self._opener.decode()
                kept.flags.writeable = False
                self._cache.pixels = kept
                if self._cache.pages is not None:
                    self._cache.pages.keep(self._cache)
            return kept

    def strips(self, rows: int) -> Iterator[tuple[int, Pixels]]:
        """Rows from top to bottom. Large photos are streamed, so that memory does not grow with the picture.

        Args:
            rows: Of a strip, 1 or more.

        Returns:
            Pairs (first row, array (h, W, bands + alpha)) with h = `rows`, the last one less.

        Raises:
            UsageError: Less than one row.
            ReadError: The file is damaged.
        """
        if rows < 1:
            raise UsageError(f"a strip needs at least one row, not {rows}")
        if self.in_memory:
            whole = self.pixels()
            for y in range(0, self.height, rows):
                yield y, whole[y : y + rows]
            return
        # One region for the whole pass: libvips ends a stream when a pipeline (such as a crop's) is done with it.
        region: Any = None

        def fetch(y: int, h: int) -> Any:
            nonlocal region
            if region is None:
                region = _region(self._image())
            try:
                return region.fetch(0, y, self.width, h)
            except Exception:
                region = None
                raise

        for y in range(0, self.height, rows):
            h = min(rows, self.height - y)
            block = self._guard(partial(fetch, y, h))
            strip: Any = np.frombuffer(block, self.dtype)
            yield y, strip.reshape(h, self.width, self.channels)

    def sha256(self) -> str:
        """A fingerprint of size, depth and upright pixels; computed once.

        Returns:
            sha256, hexadecimal.
        """
        import hashlib

        if not self._cache.sha256:
            summed = hashlib.sha256(f"{self.width} {self.height} {self.depth} {self.channels}".encode())
            for _, strip in self.strips(256):
                summed.update(np.ascontiguousarray(strip).data)
            self._cache.sha256 = summed.hexdigest()
        return self._cache.sha256

    def shrink(self, short: int, long_limit: int | None = None) -> npt.NDArray[np.float32]:
        """An area-averaged copy without alpha; never enlarged.

        Args:
            short: Its short side, px.
            long_limit: Its long side at most, px; 4 x `short` unless told, so that a 1 x 4000 strip stays small.

        Returns:
            (h, w, bands) float32, 0..1.

        Raises:
            UsageError: A short side below 1.
            ReadError: The file is damaged.
        """
        w, h = self.shrunk_size(short, long_limit)
        small = self._shrink_kept(w, h) if self.in_memory else self._shrink_stream(w, h)
        scaled = small[..., : self.bands].astype(np.float32)
        scaled *= np.float32(1 / (255 if self.depth == 8 else 65535))
        return scaled

    def shrunk_size(self, short: int, long_limit: int | None = None) -> tuple[int, int]:
        """The size that `shrink` gives.

        Args:
            short: As in `shrink`.
            long_limit: As in `shrink`.

        Returns:
            (width, height).

        Raises:
            UsageError: A short side below 1.
        """
        if short < 1:
            raise UsageError(f"the short side must be at least 1, not {short}")
        limit = 4 * short if long_limit is None else max(1, long_limit)
        scale = min(1.0, short / min(self.width, self.height), limit / max(self.width, self.height))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def _shrink_kept(self, w: int, h: int) -> Pixels:
        import cv2

        whole = self.pixels()
        if (w, h) == (self.width, self.height):
            return whole
        if self.width >= 4 * w and self.height >= 4 * h and not (self.width % 2 or self.height % 2):
            # Averages of 2 x 2 are several times quicker than odd areas, and exact as a first step.
            half: Any = cv2.resize(whole, (self.width // 2, self.height // 2), interpolation=cv2.INTER_AREA)
            whole = half
        small: Pixels = cv2.resize(whole, (w, h), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        return small.reshape(h, w, self.channels)

    def _shrink_stream(self, w: int, h: int) -> Pixels:
        # A triangle filter over box averages: no ringing, and sizes that are not a whole fraction stay in register.
        array: Pixels = self._guard(
            lambda: self._image().resize(w / self.width, vscale=h / self.height, kernel="linear").numpy()
        )
        array = array.reshape(*array.shape[:2], self.channels)
        if array.shape[:2] != (h, w):
            import cv2

            fitted: Any = cv2.resize(array, (w, h), interpolation=cv2.INTER_AREA)
            array = fitted.reshape(h, w, self.channels)
        return array

    def _guard(self, work: Callable[[], Any]) -> Any:
        """What `work` reads; where it fails, the next image is a fresh one."""

        def once() -> Any:
            try:
                return work()
            except Exception:
                with self._cache.lock:
                    self._cache.image = None
                raise

        return self._opener.guard(once)

    def _image(self) -> Any:
        """A libvips image of the pixels: fresh for each pass, or kept when it may be read again."""
        if not self._opener.reusable:
            return self._opener.stream()
        with self._cache.lock:
            if self._cache.image is None:
                self._cache.image = self._opener.stream()
            return self._cache.image


def _restored(facts: Mapping[str, Any], pixels: Pixels) -> Photo:
    """What `Photo.__reduce__` took apart."""
    pixels.flags.writeable = False
    return Photo(**facts, _opener=Opener.of_array(pixels), _cache=_Cache(pixels=pixels))


def _region(image: Any) -> Any:
    from barva.imaging.vips import load

    return load().Region.new(image)
