"""Masks: pictures that say where a color goes, and often which.

A mask is as wide and high as the photo or shares its shape; it lies on the upright photo. Kept as bytes, so that marks
stay plain data that can be compared and hashed.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from barva.color.hex import rgb_to_hex
from barva.errors import ReadError, UsageError
from barva.types import Plane

FORMATS = ("PNG", "TIFF", "BMP", "GIF", "WEBP", "JPEG")
MOST_COLORS = 255
"""Colors, black aside, that a mask which names colors may hold."""
_GREY = ("1", "L", "LA", "I", "I;16", "I;16L", "I;16B", "I;16N")
_DIM = 64
"""A mask whose highest level lies below this does next to nothing: its values are labels, not levels."""
_TINT = 8
"""How far a gray pixel's channels lie apart at most: paint programs and JPEG tint what is meant to be gray."""
CLEAR = 128
"""Alpha below which a pixel belongs to no region."""


@dataclass(frozen=True)
class Mask:
    """Where a region lies.

    Args:
        width: Pixels.
        height: Pixels.
        plane: height x width bytes, row by row: levels from 0 (outside) to 255 (inside), or, where `index` is not None,
            numbers of regions.
        index: The region that this mask names, 0 to 255, or None.
        path: The file that it came from, if any.
        found: What Barva found there, such as "car-2", at a smaller size than the photo's: nobody is told that it is
            scaled. Empty for masks that people made.

    Raises:
        UsageError: It selects nothing, or sizes do not fit.

    Examples:
        >>> barva.Mask.of(np.eye(4, dtype=bool)).levels()[0].tolist()
        [255, 0, 0, 0]
    """

    width: int
    height: int
    plane: bytes = field(repr=False)
    index: int | None = None
    path: str = field(default="", compare=False, repr=False)
    found: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.plane) != self.width * self.height:
            raise UsageError(
                "a mask of {width} x {height} cannot have {count} levels",
                code="mask.levels",
                width=self.width,
                height=self.height,
                count=len(self.plane),
            )
        if self.index is not None and not 0 <= self.index <= 255:
            raise UsageError("a mask's index goes from 0 to 255, not {index}", code="mask.index", index=self.index)
        if self.index is None and not np.frombuffer(self.plane, np.uint8).any():
            raise UsageError("the mask is black: it selects nothing", code="mask.black")
        if self.index is not None and self.index not in self.plane:
            raise UsageError(
                "the mask has no pixel of index {index}: it selects nothing", code="mask.no-index", index=self.index
            )

    @classmethod
    def of(cls, array: npt.NDArray[Any], *, found: str = "") -> Mask:
        """From an array.

        Args:
            array: (H, W): bool, uint8 0..255, or floats 0..1.
            found: As above.

        Returns:
            The mask.

        Raises:
            UsageError: Anything else.
        """
        if array.ndim != 2 or not array.size:
            raise UsageError("a mask is an array (H, W), not of shape {shape}", code="mask.shape", shape=array.shape)
        if array.dtype == np.bool_:
            levels = array.astype(np.uint8) * np.uint8(255)
        elif array.dtype == np.uint8:
            levels = array
        elif array.dtype.kind == "f" and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1:
            levels = np.rint(array * 255).astype(np.uint8)
        else:
            raise UsageError(
                "a mask is bool, uint8, or floats from 0 to 1, not {kind} of other values",
                code="mask.kind",
                kind=array.dtype,
            )
        return cls(levels.shape[1], levels.shape[0], levels.tobytes(), found=found)

    @classmethod
    def read(cls, path: str | Path, index: int | None = None) -> Mask:
        """From a file: gray levels, or every index but 0 of a palette, or every color but black.

        Args:
            path: PNG, TIFF, BMP, GIF, WebP or JPEG. Alpha counts as part of the level. Slightly tinted gray is gray.
            index: Only this region: a gray picture's value, else numbered as in `color_masks`.

        Returns:
            The mask.

        Raises:
            ReadError: The picture cannot be read.
            UsageError: It selects nothing; or no `index` is given for a picture whose highest level is far below
                white, whose values are labels.
        """
        image = _open(Path(path))
        if index is None:
            levels = _levels(image)
            _refuse_labels(image, levels, str(path))
        elif image.mode in _GREY:
            levels = _labels(image, str(path))
        else:
            levels, _ = _to_indices(image, str(path))
        try:
            return cls(levels.shape[1], levels.shape[0], levels.tobytes(), index, str(path))
        except UsageError as error:
            raise UsageError("{place}: {problem}", code="at", place=path, problem=error) from None

    def levels(self) -> Plane:
        """The mask as an array.

        Returns:
            (H, W) uint8, 0 outside to 255 inside.
        """
        return self._to_levels(self._rows())

    def part(self, ys: npt.NDArray[np.intp], xs: npt.NDArray[np.intp]) -> Plane:
        """Some rows and columns of `levels`.

        Args:
            ys: (n,) rows.
            xs: (m,) columns.

        Returns:
            (n, m) uint8.
        """
        return self._to_levels(self._rows()[ys][:, xs])

    def _rows(self) -> Plane:
        return np.frombuffer(self.plane, np.uint8).reshape(self.height, self.width)

    def _to_levels(self, plane: Plane) -> Plane:
        return plane if self.index is None else np.where(plane == self.index, np.uint8(255), np.uint8(0))

    def stretch(self, height: int, width: int) -> Mask:
        """The same mask at another size, of the nearest pixels; unchanged where it would select nothing.

        Args:
            height: Pixels.
            width: Pixels.

        Returns:
            The mask.
        """
        ys = ((np.arange(height) + 0.5) * self.height / height).astype(np.intp)
        xs = ((np.arange(width) + 0.5) * self.width / width).astype(np.intp)
        data = self._rows()[ys][:, xs].tobytes()
        lost = self.index not in data if self.index is not None else not any(data)
        return self if lost else Mask(width, height, data, self.index, self.path, self.found)

    def png(self) -> bytes:
        """The plane as a picture.

        Returns:
            A gray PNG.
        """
        from PIL import Image

        out = io.BytesIO()
        Image.frombytes("L", (self.width, self.height), self.plane).save(out, "PNG")
        return out.getvalue()

    @classmethod
    def of_png(cls, data: bytes, index: int | None = None) -> Mask:
        """What `png` wrote.

        Args:
            data: A gray PNG of 8 bits.
            index: The region that the mask names, or None for levels.

        Returns:
            The mask.

        Raises:
            UsageError: Another file, or a mask that selects nothing.
        """
        try:
            image = _load(io.BytesIO(data), "the mask", ("PNG",))
        except ReadError as error:
            raise UsageError(str(error)) from None
        if image.mode != "L":
            raise UsageError(
                "the mask is a PNG of mode {mode}, not a gray one of 8 bits", code="mask.png-mode", mode=image.mode
            )
        return cls(image.width, image.height, image.tobytes(), index)


def color_masks(path: str | Path) -> list[tuple[Mask, str]]:
    """A mask that names its colors: (mask, #rrggbb) of each.

    In a palette picture every index that occurs, but 0, takes its palette color; in an RGB picture every color but
    black, which are then numbered from 1 in the order of their codes. Transparent pixels select nothing; in a palette
    picture that has some, they are the outside, and index 0 is a region too unless it is black. ReadError; UsageError
    where there is no color, or more than `MOST_COLORS`.
    """
    plane, colors = _to_indices(_open(Path(path)), str(path))
    data = plane.tobytes()  # shared by all masks
    height, width = plane.shape
    present = [i for i in np.unique(plane).tolist() if i]
    if not present:
        raise UsageError(f"{path}: the mask selects nothing")
    return [(Mask(width, height, data, i, str(path)), colors[i]) for i in present]


def _open(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return _load(file, path.name, FORMATS)
    except ReadError:
        raise
    except FileNotFoundError:
        raise ReadError(f"{path}: there is no such mask") from None
    except (OSError, ValueError) as error:
        raise ReadError(f"the mask {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _load(file: Any, name: str, formats: tuple[str, ...]) -> Any:
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=formats)
            image.load()
        with contextlib.suppress(Exception):  # of a damaged EXIF block, which says nothing
            ImageOps.exif_transpose(image, in_place=True)  # a mask lies on the upright photo
    except Image.DecompressionBombError:
        raise ReadError(
            "{name} is too large for a mask; it may be smaller than the photo", code="mask.too-large", name=name
        ) from None
    except Exception as error:  # Pillow's decoders raise whatever they like on broken data
        raise ReadError(
            "{name} is not a mask that Barva can read ({formats}), or damaged",
            code="mask.unreadable",
            name=name,
            formats=", ".join(formats),
        ) from error
    return image


def _levels(image: Any) -> Plane:
    if image.mode.startswith("I") or image.mode == "F":
        wide = np.nan_to_num(np.asarray(image, np.float64)) * (255 if image.mode == "F" else 1 / 257)
        return np.clip(np.rint(wide), 0, 255).astype(np.uint8)
    alpha, rgb = _alpha(image), np.asarray(image.convert("RGB"))
    levels: Any
    if int(np.ptp(rgb, axis=2).max()) <= _TINT:
        levels = rgb.max(axis=2)
    elif image.mode in ("P", "PA"):
        numbers = np.asarray(image if image.mode == "P" else image.getchannel(0))
        first = _clears(alpha) and any(image.getpalette("RGB")[:3])  # as in `color_masks`
        levels = ((numbers != 0) | first).astype(np.uint8) * np.uint8(255)
    else:
        levels = rgb.any(axis=2).astype(np.uint8) * np.uint8(255)
    if alpha is not None:
        levels = np.rint(levels.astype(np.float32) * alpha / 255).astype(np.uint8)
    return np.ascontiguousarray(levels)


def _refuse_labels(image: Any, levels: Plane, name: str) -> None:
    """UsageError for a picture of labels (0, 1, 2 ...), as data sets hold them, that is taken for levels."""
    top = int(levels.max())
    if top >= _DIM or image.mode == "F":
        return
    labels = np.asarray(image) if image.mode == "P" else _labels(image, name) if image.mode in _GREY else np.zeros(1)
    values = np.unique(labels).tolist()
    values = [v for v in values if v]
    if not values:
        if top == 0:
            return  # black: said elsewhere
        raise UsageError(f"{name}: the mask's highest level is {top} of 255, which does next to nothing; make it white")
    listed = ", ".join(map(str, values[:8])) + (" ..." if len(values) > 8 else "")
    raise UsageError(
        f"{name}: the mask's highest level is {top} of 255, which does next to nothing; if its values ({listed}) are "
        f"labels, choose one: {name}:{values[0]}=COLOR"
    )


def _labels(image: Any, name: str) -> Plane:
    """A gray picture's values as labels, 0 to 255; 0 where it is transparent. UsageError."""
    if image.mode == "LA":
        values, alpha = np.asarray(image.getchannel(0)), np.asarray(image.getchannel(1))
        return np.where(alpha < CLEAR, np.uint8(0), values)
    values = np.asarray(image)
    if values.dtype == np.bool_:
        return values.astype(np.uint8)
    if values.max() > 255 or values.min() < 0:
        raise UsageError(f"{name} holds values up to {int(values.max())}; labels go from 0 to 255")
    return values.astype(np.uint8)


def _alpha(image: Any) -> Plane | None:
    """(H, W) 0..255, also of a palette's transparent entries; None where the picture has no transparency."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return None
    return np.asarray(image.convert("RGBA"))[..., 3]


def _clears(alpha: Plane | None) -> bool:
    return alpha is not None and bool((alpha < CLEAR).any())


def _to_indices(image: Any, name: str) -> tuple[Plane, dict[int, str]]:
    """Region numbers (H, W), 0 outside, and number -> #rrggbb."""
    if image.mode == "P":
        table = image.getpalette("RGB") or []
        table += [0] * (768 - len(table))
        colors = {i: rgb_to_hex(table[3 * i : 3 * i + 3]) for i in range(256)}
        return _without_clear(np.asarray(image), _alpha(image), colors, name)
    if image.mode not in ("RGB", "RGBA", "PA"):
        raise UsageError(f"{name} is gray and names no colors; say which: --region {name}=COLOR")
    rgba = np.asarray(image.convert("RGBA")).astype(np.uint32)
    codes = (rgba[..., 0] << 16) | (rgba[..., 1] << 8) | rgba[..., 2]
    codes[rgba[..., 3] < CLEAR] = 0
    present = np.unique(codes)
    present = present[present != 0]
    if len(present) > MOST_COLORS:
        raise UsageError(
            f"{name} holds {len(present)} colors; a mask has at most {MOST_COLORS}: save it as PNG, with hard edges"
        )
    plane = np.searchsorted(np.concatenate([[0], present]), codes).astype(np.uint8)
    return plane, {i + 1: rgb_to_hex(int(code).to_bytes(3, "big")) for i, code in enumerate(present)}


def _without_clear(
    plane: Plane, alpha: Plane | None, colors: dict[int, str], name: str
) -> tuple[Plane, dict[int, str]]:
    """A palette picture's indices, 0 where it is transparent. Index 0, unless black, takes a free number then."""
    if alpha is None or not _clears(alpha):
        return plane, colors
    first = (plane == 0) & (alpha >= CLEAR)
    plane = np.where(alpha < CLEAR, np.uint8(0), plane)
    if first.any() and colors[0] != "#000000":
        used = set(np.unique(plane).tolist())
        free = next((i for i in range(1, 256) if i not in used), None)
        if free is None:
            raise UsageError(f"{name} holds 256 colors and transparency; a mask has at most {MOST_COLORS}")
        plane[first] = free
        colors = colors | {free: colors[0]}
    return plane, colors
