"""A film as it is opened: facts of its picture stream, known before its frames are read (`barva.film.frames`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from barva.errors import Message, ReadError, UsageError
from barva.extras import missing
from barva.files import absolute
from barva.film.codes import coding_of, transfer_of
from barva.film.display import display_matrix, orientation_of
from barva.film.planes import Coding
from barva.film.times import seconds

LARGEST = 8192 * 4608
"""Pixels of a frame at most."""

CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,asf,flv,nut,ogg,mxf,gxf,dv,rm,m4v,mpegvideo,h264,hevc,obu,ivf"
"""FFmpeg's names of containers that hold all of a film themselves."""

_UNTIMED = ("avi", "h264", "hevc", "m4v", "mpegvideo", "mjpeg", "obu", "av1", "yuv4mpegpipe")
# containers without times for showing: FFmpeg gives none, or those of decoding


@dataclass(frozen=True)
class FilmFacts:
    """What is known of a film before its frames are read.

    Args:
        path: The file.
        width: Pixels.
        height: Pixels.
        rate: Frames a second, on average.
        time_base: Seconds of one unit of `Frame.pts`.
        coding: How the frames' luma and chroma are written.
        pixel_aspect: Width of a pixel over its height; None where the file does not say.
        duration: Seconds; None where the file does not say.
        first: `pts` of the first frame.
        timed: Frames have times in the file; else they are counted, at an even rate.
        end: `pts` at which the last frame should end; None where the file does not say.
        field: Which field of an interlaced film comes first, "tt" (top) or "bb"; empty for whole frames.
        transfer: Number of the transfer function (AVColorTransferCharacteristic) where it is one of high dynamic range;
            else 0, and it follows from `coding`.
        matrix: The matrix by which players turn and mirror it, as `display_matrix` gives it.
        notes: What a person should know, a line each.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    coding: Coding
    pixel_aspect: Fraction | None
    duration: float | None
    first: int = 0
    timed: bool = True
    end: int | None = None
    field: str = ""
    transfer: int = 0
    matrix: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> int:
        """Units of time from a frame to the next, on average."""
        return max(1, round(1 / (self.rate * self.time_base)))

    @property
    def orientation(self) -> int:
        """How frames are turned to be upright, as EXIF has it (`barva.imaging.orient`)."""
        return orientation_of(self.matrix)

    def seconds_of(self, pts: int) -> float:
        """Since the first frame."""
        return float((pts - self.first) * self.time_base)

    def pts_at(self, seconds: float) -> int:
        """The time of a moment that is counted from the first frame."""
        return self.first + round(Fraction(seconds) / self.time_base)


def load_av() -> Any:
    """PyAV. UsageError where it is not installed."""
    try:
        import av
    except ImportError:
        raise missing("film", ["av"]) from None
    av.logging.set_level(None)
    return av


def address_of(path: Path) -> str:
    """A file as FFmpeg opens it: from the root on, for it takes `12:30 reel.mp4` for an address on a network."""
    return str(absolute(path))


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The container of a file. ReadError: it is missing, or no film."""
    av = load_av()
    if not path.is_file():
        raise ReadError(f"{path} {'is a folder, not a film' if path.is_dir() else 'does not exist'}")
    try:
        container = av.open(address_of(path), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise _unreadable(path, error) from None
    try:
        yield container
    finally:
        container.close()


def check_container(path: Path) -> None:
    """Whether a stranger's file may be opened: a container of its own. A playlist would name other files, or addresses,
    and FFmpeg would go there. ReadError."""
    av = load_av()
    try:
        av.open(address_of(path), options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}).close()
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: BaseException) -> ReadError:
    return ReadError(
        "{file} is not a film that can be read: {problem}",
        code="film.unreadable",
        file=path,
        problem=reason_of(error),
    )


def reason_of(error: BaseException) -> str:
    """Why FFmpeg refused something, in a few words."""
    return str(getattr(error, "strerror", None) or error).split(";")[0].split(":")[0]


def video_of(container: Any, path: Path) -> Any:
    """The first picture stream that is no cover picture. ReadError: there is none."""
    streams = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
    if not streams:
        if container.streams.audio:
            raise ReadError("{file} has no moving picture, only sound", code="film.only-sound", file=path)
        raise ReadError("{file} has no moving picture", code="film.no-picture", file=path)
    return streams[0]


def facts_of(path: Path, largest: int = LARGEST) -> FilmFacts:
    """Look at a film's head and at its first frame.

    Args:
        path: The file.
        largest: Pixels of a frame at most, where that is less than `LARGEST`.

    Returns:
        Its facts.

    Raises:
        ReadError: It is missing, no film, its frames are too large, or none of them can be decoded.
    """
    with opened(path) as container:
        stream = _decodable(container, path)
        first = _first_frame(container, stream, path, min(largest, LARGEST))
        timing = _timing(container, stream, first)
        interlaced = Message(
            "the film is interlaced: it is colored as it is, both fields alike", code="note.film-interlaced"
        )
        return FilmFacts(
            path=path,
            width=first.width,
            height=first.height,
            rate=Fraction(stream.average_rate or stream.guessed_rate or 25),
            time_base=Fraction(stream.time_base),
            coding=coding_of(first),
            pixel_aspect=stream.sample_aspect_ratio or None,
            duration=timing.duration,
            first=timing.first,
            timed=timing.timed,
            end=timing.end,
            field=("bb" if first.height in (480, 486) else "tt") if first.interlaced_frame else "",
            transfer=transfer_of(stream),
            matrix=display_matrix(first),
            notes=(interlaced,) if first.interlaced_frame else (),
        )


def _decodable(container: Any, path: Path) -> Any:
    """The picture stream. ReadError: the file is a picture, or there is no decoder."""
    if container.format.name == "image2" or container.format.name.endswith("_pipe"):
        raise ReadError(f"{path} is a picture, not a film: `barva colorize` colors it")
    stream = video_of(container, path)
    if stream.codec_context is None:
        raise ReadError("{file}: its pictures are in a codec that FFmpeg does not know", code="film.codec", file=path)
    return stream


def _first_frame(container: Any, stream: Any, path: Path, largest: int) -> Any:
    """Decoded. ReadError: there is none, it cannot be decoded, or it has more than `largest` pixels."""
    av = load_av()
    try:
        first = next(iter(container.decode(stream)), None)
    except (av.error.FFmpegError, ValueError, RuntimeError) as error:
        raise ReadError(
            "{file}: its frames cannot be decoded: {problem}",
            code="film.undecodable",
            file=path,
            problem=reason_of(error),
        ) from None
    if first is None:
        raise ReadError("{file} has no frame", code="film.no-frame", file=path)
    if first.width * first.height > largest:
        raise ReadError(
            "{file}: frames of {width} x {height} px are larger than the limit",
            code="film.large-frames",
            file=path,
            width=first.width,
            height=first.height,
        )
    return first


class _Timing(NamedTuple):
    """The fields of `FilmFacts` that have these names."""

    timed: bool
    first: int
    end: int | None
    duration: float | None


def _timing(container: Any, stream: Any, frame: Any) -> _Timing:
    """When the film begins, which its first frame says, and ends."""
    length = _length(stream)
    timed = frame.pts is not None and container.format.name not in _UNTIMED
    first = frame.pts if timed else 0
    end = None
    if timed and length is not None:
        end = (first if stream.start_time is None else stream.start_time) + round(length / stream.time_base)
    if length is None and container.duration:
        length = Fraction(container.duration, 1_000_000)
    return _Timing(timed, first, end, None if length is None else float(length))


def _length(stream: Any) -> Fraction | None:
    """Seconds of the picture stream alone; Matroska writes them as a tag."""
    if stream.duration:
        return Fraction(stream.duration * stream.time_base)
    with suppress(UsageError):
        tag = {key.upper(): value for key, value in stream.metadata.items()}.get("DURATION", "")
        length = Fraction(seconds(tag)).limit_denominator(1_000_000)
        return length or None
    return None
