"""Films made here: moving pictures with cuts, sound, and times of their own."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HEIGHT, WIDTH = 96, 128


def scene(number: int) -> np.ndarray:
    """A gray picture (192, 256) uint8 with shapes to follow; each number another one."""
    rng = np.random.default_rng(number)
    plane = cv2.resize(rng.uniform(40, 200, (5, 7)).astype(np.float32), (256, 192), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        at = tuple(int(v) for v in rng.integers(0, (256, 192)))
        cv2.circle(plane, at, int(rng.integers(6, 24)), float(rng.uniform(0, 255)), -1, cv2.LINE_AA)
    return np.clip(plane, 0, 255).astype(np.uint8)


def frames(shots: tuple[tuple[int, int], ...], flicker: float = 0.0) -> list[np.ndarray]:
    """(number of the scene, frames) for each shot: a pan over it."""
    rows = []
    for number, count in shots:
        whole = scene(number)
        for i in range(count):
            part = whole[i : i + HEIGHT, 2 * i : 2 * i + WIDTH].astype(np.float32)
            rows.append(np.clip(part * (1 + flicker * np.sin(2.3 * len(rows))), 0, 255).astype(np.uint8))
    return rows


TURNS = {
    "90": (0, 1, -1, 0),
    "180": (-1, 0, 0, -1),
    "270": (0, -1, 1, 0),
    "mirror": (-1, 0, 0, 1),
    "transpose": (0, 1, 1, 0),
}
"""a, b, c and d of display matrices by degrees with the clock: a stored pixel (p, q) is shown at (a p + c q, b p + d q)
(ISO/IEC 14496-12)."""


def as_stored(shown: np.ndarray, turn: tuple[int, int, int, int]) -> np.ndarray:
    """The picture that players show as `shown` (H, W), pixel by pixel."""
    a, b, c, d = turn
    q, p = np.mgrid[: shown.shape[0 if a else 1], : shown.shape[1 if a else 0]]
    x, y = a * p + c * q, b * p + d * q
    return shown[y - y.min(), x - x.min()]


def as_shown(stored: np.ndarray, turn: tuple[int, int, int, int]) -> np.ndarray:
    """What players show of a stored picture (H, W)."""
    a, b, c, d = turn
    return as_stored(stored, (a, c, b, d))  # the inverse of such a matrix is its transpose


def turned(path: Path, turn: tuple[int, int, int, int]) -> Path:
    """Have players turn the picture of an MP4 file, which is its first track."""

    def packed(numbers: tuple[int, ...]) -> bytes:
        return struct.pack(">9i", *(n << 30 if place == 8 else n << 16 for place, n in enumerate(numbers)))

    (a, b, c, d), data = turn, path.read_bytes()
    at = data.index(packed((1, 0, 0, 0, 1, 0, 0, 0, 1)), data.index(b"tkhd"))
    height, width = decoded(path)[0][1][0].shape
    moved = -min(0, a * width) - min(0, c * height), -min(0, b * width) - min(0, d * height)
    path.write_bytes(data[:at] + packed((a, b, 0, c, d, 0, *moved, 1)) + data[at + 36 :])
    return path


def write(
    path: Path,
    pictures: list[np.ndarray],
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: int = 24,
    sound: bool = True,
    times: list[int] | None = None,
    full: bool = False,
    gop: int = 250,
    color: tuple[int, int] | None = None,
    options: dict[str, str] | None = None,
    format_options: dict[str, str] | None = None,
    aspect: Fraction | None = None,
    colors: list[tuple[int, int]] | None = None,
    chapters: list[tuple[str, int, int]] | None = None,
) -> Path:
    """A film of gray pictures, or of one `color` (Cb, Cr), or of `colors`, one a frame; `times` and `chapters` (title,
    start, end) in 1/1000 seconds, a key frame every `gop`; pixels are `aspect` times as wide as high."""
    import av

    x264 = {"qp": "0", "g": str(gop), "sc_threshold": "0", "threads": "1"} if codec == "libx264" else {}
    with av.open(str(path), "w", options=format_options or {}) as out:
        video = out.add_stream(codec, rate=rate, options={**x264, **(options or {})})
        video.height, video.width = pictures[0].shape
        video.pix_fmt = pixels
        if full:
            video.codec_context.color_range = 2
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        if times is not None:
            video.codec_context.time_base = video.time_base = Fraction(1, 1000)
        if chapters is not None:
            rows = enumerate(chapters)
            out.set_chapters([{"id": n, "start": start, "end": end, "time_base": Fraction(1, 1000),
                               "metadata": {"title": title}} for n, (title, start, end) in rows])  # fmt: skip
        tone = out.add_stream("aac", rate=48_000) if sound else None
        for n, picture in enumerate(pictures):
            frame = _frame(av, picture, pixels, colors[n] if colors else color or (128, 128))
            frame.pts = n if times is None else times[n]
            if times is not None:
                frame.time_base = Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if tone is not None:
            _add_sound(av, out, tone, len(pictures) / rate)
    return path


def _frame(av: Any, picture: np.ndarray, pixels: str, color: tuple[int, int]) -> Any:
    frame = av.VideoFrame(picture.shape[1], picture.shape[0], pixels)
    wide = pixels.endswith("10le")
    for n, plane in enumerate(frame.planes):
        rows = np.frombuffer(plane, np.uint16 if wide else np.uint8).reshape(plane.height, -1)
        rows[:] = (128, *color)[n] * (4 if wide else 1)
        if n == 0:
            luma = 16 + picture.astype(np.float32) * 219 / 255
            rows[: picture.shape[0], : picture.shape[1]] = np.rint(luma * 4 if wide else luma)
    return frame


def _add_sound(av: Any, out: Any, stream: Any, seconds: float) -> None:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(48_000 * seconds)) / 48_000)
    for at in range(0, len(wave) - 1023, 1024):
        piece = wave[None, at : at + 1024].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def decoded(path: Path) -> list[tuple[float, list[np.ndarray]]]:
    """Seconds and planes of each frame."""
    import av

    rows = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            kind = np.uint16 if frame.format.components[0].bits > 8 else np.uint8
            planes = [np.frombuffer(p, kind).reshape(p.height, -1)[:, : p.width].copy() for p in frame.planes]
            planes[0] = planes[0][: frame.height, : frame.width]
            rows.append((float(frame.time or 0), planes))
    return rows


def sound_packets(path: Path) -> list[tuple[Fraction, bytes]]:
    """Times and bytes of the sound."""
    import av

    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio[0])
        return [(p.pts * p.time_base, bytes(p)) for p in packets if p.pts is not None]
