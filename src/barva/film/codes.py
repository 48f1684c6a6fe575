"""What a film's codes stand for: matrix, range, primaries and transfer function, as files say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from barva.film.planes import Coding

if TYPE_CHECKING:
    from barva.film.source import FilmFacts

HIGH_RANGE = (16, 18)
"""Transfer functions of high dynamic range, as FFmpeg numbers them: SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG)."""

_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}  # AVColorSpace
_TAGS = {"bt601": (6, 6, 6), "bt709": (1, 1, 1), "bt2020": (9, 14, 9)}  # AVColor: primaries, transfer, matrix
_LIMITED, _FULL = 1, 2  # AVColorRange: MPEG's and JPEG's


def transfer_of(stream: Any) -> int:
    """The transfer function of a picture stream of which a frame was decoded; 0 unless it is one of `HIGH_RANGE`."""
    number = int(stream.codec_context.color_trc)
    return number if number in HIGH_RANGE else 0


def usual_matrix(height: int) -> str:
    """The matrix of a film whose file does not name it, as players guess it."""
    return "bt709" if height >= 720 else "bt601"


def coding_of(frame: Any) -> Coding:
    """Of a decoded frame; what the file leaves open is as players guess it."""
    format_ = frame.format
    planar = format_.name.startswith(("yuv", "gray"))
    bits = format_.components[0].bits if planar else 8
    wide = (format_.chroma_width(64) < 64, format_.chroma_height(64) < 64) if format_.name.startswith("yuv") else None
    stated = int(frame.color_range)
    gray = format_.name.startswith("gray") and stated != _LIMITED  # of any depth, as FFmpeg reads it
    full = stated == _FULL or format_.name.startswith("yuvj") or gray
    matrix = _MATRICES.get(int(frame.colorspace), usual_matrix(frame.height))
    halved = wide or (True, True)
    if frame.width % 2 or frame.height % 2:
        halved = (False, False)  # half of an odd side is no whole pixel
    return Coding(matrix, full, 8 if bits <= 8 else 10, *halved)


def set_colors(target: Any, facts: FilmFacts) -> None:
    """Say how a film's codes stand for colors, in a codec's context or on a frame."""
    primaries, transfer, matrix = _TAGS[facts.coding.matrix]
    target.color_primaries, target.colorspace = primaries, matrix
    target.color_trc = facts.transfer or transfer
    target.color_range = _FULL if facts.coding.full else _LIMITED
