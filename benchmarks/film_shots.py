"""Made film whose colors and motion are known: pans and zooms over color photos, things that move across, cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

KINDS = ("pan", "zoom", "objects")


@dataclass(frozen=True, eq=False)
class Shown:
    """A frame (H, W, 3) uint8; where each of its pixels was on the frame before, as `back` (H, W, 2) x and y, and where
    that is `seen` (H, W); both None where a shot begins."""

    rgb: Any
    back: Any = None
    seen: Any = None


def shot(photos: list[Any], kind: str, count: int, size: tuple[int, int], rng: np.random.Generator) -> Iterator[Shown]:
    """`count` frames of (height, width): `photos` are the place, and two of which parts move across it."""
    height, width = size
    place = photos[0]
    fit = min(place.shape[0] / height, place.shape[1] / width)  # pixels of the photo for one of the film
    zooms = np.linspace(*((0.75, 0.75) if kind != "zoom" else (0.9, 0.6)), count) * fit
    places = np.linspace(rng.uniform(0, 1, 2), rng.uniform(0, 1, 2), count)
    paths = [np.linspace(rng.uniform(0.1, 0.9, 2), rng.uniform(0.1, 0.9, 2), count) * (width, height) for _ in range(2)]
    patches = [cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in photos[1:3]]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    before: tuple[float, Any, Any] | None = None
    for n in range(count):
        room = np.array([place.shape[1] - width * zooms[n], place.shape[0] - height * zooms[n]])
        at = np.clip(places[n] * room + rng.normal(0, 0.3, 2) * zooms[n], 0, room)  # the gate weaves
        matrix = np.array([[zooms[n], 0, at[0]], [0, zooms[n], at[1]]])
        way = cv2.INTER_AREA if zooms[n] > 1 else cv2.INTER_CUBIC
        rgb = cv2.warpAffine(place, matrix, (width, height), flags=way | cv2.WARP_INVERSE_MAP)
        labels = np.zeros((height, width), np.uint8)
        back = np.zeros((height, width, 2), np.float32)
        if before is not None:
            zoom, origin, _ = before
            back[..., 0] = (xs * zooms[n] + at[0] - origin[0]) / zoom
            back[..., 1] = (ys * zooms[n] + at[1] - origin[1]) / zoom
        for number, path in enumerate(paths if kind == "objects" else (), 1):
            inside = ((xs - path[n][0]) / (width / 9)) ** 2 + ((ys - path[n][1]) / (height / 5)) ** 2 < 1
            shift = np.float32([[1, 0, path[n][0] - width / 2], [0, 1, path[n][1] - height / 2]])
            moved = cv2.warpAffine(patches[number - 1], shift, (width, height), borderMode=cv2.BORDER_REFLECT)
            rgb[inside], labels[inside] = moved[inside], number
            if n:
                step = path[n - 1] - path[n]
                back[inside] = np.stack([xs + step[0], ys + step[1]], axis=-1)[inside]
        seen = None
        if before is not None:
            was = cv2.remap(before[2], back, None, cv2.INTER_NEAREST, borderValue=255)
            seen = was == labels
        yield Shown(rgb, None if before is None else back, seen)
        before = zooms[n], at, labels


def write(
    path: Path, frames: Iterable[Shown], rng: np.random.Generator, *, codec: str = "ffv1", sound: bool = False
) -> int:
    """A gray film of the frames as old film shows them: flickering brightness, grain, scratches. Their number."""
    with av.open(str(path), "w") as out:
        lossy = {"crf": "14", "preset": "veryfast"} if codec == "libx264" else {}
        video = out.add_stream(codec, rate=24, options=lossy)
        tone = out.add_stream("aac", rate=48_000) if sound else None
        count = 0
        for n, shown in enumerate(frames):
            if not n:
                video.height, video.width = shown.rgb.shape[:2]
                video.pix_fmt = "yuv420p"
            light = cv2.cvtColor(shown.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
            light = light * (1 + 0.04 * np.sin(2.1 * n)) + rng.normal(0, 4, light.shape).astype(np.float32)
            if n % 5 == 0:
                ends = rng.integers(light.shape[1], size=2).tolist()
                cv2.line(light, (ends[0], 0), (ends[1], light.shape[0]), 250.0)
            gray = np.clip(light, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="gray").reformat(format="yuv420p")
            frame.pts = n
            out.mux(video.encode(frame))
            count = n + 1
        out.mux(video.encode(None))
        if tone is not None:
            _add_sound(out, tone, count / 24)
    return count


def _add_sound(out: Any, stream: Any, seconds: float) -> None:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(48_000 * seconds)) / 48_000)
    for at in range(0, len(wave) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, at : at + 1024].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
