"""The start of a JPEG XL codestream: size, depth, whether its colors are sRGB. Source: ISO/IEC 18181-1, annex D."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass

from barva.imaging import sniff

_LONGEST = 16 << 20
"""Bytes of a compressed box at most; a longer one is not metadata but a trap."""
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


@dataclass(frozen=True)
class Header:
    """`colors` are the code points (ITU-T H.273) of its primaries and its tone curve; None where an ICC profile says
    them, or where they cannot be told."""

    width: int
    height: int
    bits: int
    floats: bool
    animated: bool
    colors: tuple[int, int] | None


class _Bits:
    """Bits from the least significant on."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header is cut off")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def one_of(self, *choices: tuple[int, int]) -> int:
        """The standard's U32: an offset and a number of bits, chosen by two bits."""
        offset, count = choices[self.take(2)]
        return offset + self.take(count)


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, contents) of a file's boxes, those that are compressed (`brob`) as what is in them, if it can be read."""
    for kind, body in sniff.boxes(data):
        if kind == b"brob" and (plain := _decompress(body[4:])) is not None:
            kind, body = body[:4], plain
        yield kind, body


def _decompress(data: bytes) -> bytes | None:
    try:
        plain: bytes = importlib.import_module("imagecodecs").brotli_decode(data, out=_LONGEST)
    except Exception:  # a library without Brotli, or broken or overlong data
        return None
    return plain


def header(data: bytes) -> Header | None:
    """The header of a JPEG XL file, in boxes or bare; None where it makes no sense."""
    stream = data
    if data[:2] != b"\xff\x0a":
        stream = next((body if kind == b"jxlc" else body[4:] for kind, body in sniff.boxes(data) if kind in
                       (b"jxlc", b"jxlp")), b"")  # fmt: skip
    if stream[:2] != b"\xff\x0a":
        return None
    try:
        return _parse(_Bits(stream[2:200]))
    except ValueError:
        return None


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        return 8 * (1 + bits.take(5)) if small else bits.one_of((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.take(3)
    if ratio == 0:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _parse(bits: _Bits) -> Header:
    width, height = _size(bits)
    if bits.take(1):  # everything as usual: 8 bits, sRGB
        return Header(width, height, 8, False, False, (1, 13))
    turn, animated = 0, False
    if bits.take(1):
        turn = bits.take(3)
        if bits.take(1):
            _size(bits)
        if bits.take(1):
            _pass_preview(bits)
        if animated := bool(bits.take(1)):
            _pass_animation(bits)
    floats = bool(bits.take(1))
    depth = bits.one_of((32, 0), (16, 0), (24, 0), (1, 6)) if floats else bits.one_of((8, 0), (10, 0), (12, 0), (1, 6))
    if floats:
        bits.take(4)
    bits.take(1)  # buffers of 16 bits suffice
    plain = True
    for _ in range(bits.one_of((0, 0), (1, 0), (2, 4), (1, 12))):
        if not bits.take(1):
            plain = False  # a described channel; what follows cannot be found without reading all of it
            break
    if turn >= 4:
        width, height = height, width
    return Header(width, height, depth, floats, animated, _colors(bits) if plain else None)


def _pass_preview(bits: _Bits) -> None:
    """A preview's size: in eighths, or with steps of its own."""
    steps = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.take(1) else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.one_of(*steps)
    if bits.take(3) == 0:
        bits.one_of(*steps)


def _pass_animation(bits: _Bits) -> None:
    """Ticks of the clock, loops, and whether there are time codes."""
    bits.one_of((100, 0), (1000, 0), (1, 10), (1, 30))
    bits.one_of((1, 0), (1001, 0), (1, 8), (1, 10))
    bits.one_of((0, 0), (0, 3), (0, 16), (0, 32))
    bits.take(1)


def _colors(bits: _Bits) -> tuple[int, int] | None:
    bits.take(1)  # XYB: decoded to the space that follows
    if bits.take(1):
        return 1, 13
    if bits.take(1):
        return None  # an ICC profile
    kinds = ((0, 0), (1, 0), (2, 4), (18, 6))
    space = bits.one_of(*kinds)
    if space not in (0, 1) or bits.one_of(*kinds) != 1:  # RGB or gray, white at D65
        return None
    primaries = {1: 1, 9: 9, 11: 12}.get(bits.one_of(*kinds)) if space == 0 else 1
    if primaries is None or bits.take(1):  # own primaries, or a gamma as a number
        return None
    return primaries, bits.one_of(*kinds)
