"""Does film flicker, and does it come through whole? Made film of known colors and motion, seen as old film.

    python benchmarks/film.py PHOTOS.tar [--clips 3] [--frames 48] [--seconds 30] [--minutes 10] [--kills 8]
        [--sheet FILE.png] > benchmarks/film.md

Compares `barva film` with the same method frame by frame; colors a 1080p film with sound by the command, and a long
small one, and measures their speed and memory; kills a run again and again. `--sheet` writes six frames of each shot.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import film_shots as shots
import numpy as np
import psutil
from film_shots import Shown

from barva.color import spaces
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.evaluation.metrics import ciede2000_map
from barva.evaluation.photos import photos_in
from barva.evaluation.report import sheet
from barva.film.pipeline import FilmOptions, color_film
from barva.film.planes import rgb_of
from barva.film.source import facts_of

FLASH = 10.0
"""Change of chroma along the motion, ab, from which a pixel flashes."""

WAYS = ("barva film", "frame by frame")

LARGE, SMALL = (1080, 1920), (360, 640)
"""Height and width of the films whose speed is measured."""

SHOWN = 6
"""Frames of a shot on the sheet."""


def by_film(path: Path, colorizer: Colorizer) -> list[Any]:
    target = path.with_suffix(".color.mkv")
    color_film(path, target, colorizer, FilmOptions(codec="ffv1", overwrite=True))
    coding = facts_of(target).coding
    return [rgb_of(*planes, coding) for planes in planes_of(target)]


def planes_of(path: Path) -> Iterator[list[Any]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield [np.frombuffer(p, np.uint8).reshape(p.height, -1)[:, : p.width] for p in frame.planes]


def by_frame(path: Path, colorizer: Colorizer) -> list[Any]:
    with av.open(str(path)) as container:
        return [colorizer.colorize(f.to_ndarray(format="gray")).array() for f in container.decode(video=0)]


def measure(frames: list[Shown], answer: list[Any]) -> tuple[float, float, float, float]:
    """CIEDE2000 (light is the truth's), CDC, change of chroma along the true motion (ab), share of pixels that flash.

    Chroma is compared as film carries it: at half the size.
    """
    height, width = frames[0].rgb.shape[:2]
    errors, changes, flashes = [], [], []
    before = None
    for shown, rgb in zip(frames, answer, strict=True):
        ab = spaces.fast_rgb_to_lab(np.ascontiguousarray(rgb))[..., 1:]
        true = spaces.fast_rgb_to_lab(shown.rgb)
        errors.append(float(ciede2000_map(true, np.dstack([true[..., :1], ab])).mean()))
        small = cv2.resize(ab, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        ab = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        if shown.back is not None and before is not None:
            was = cv2.remap(before, shown.back, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            step = np.linalg.norm(ab - was, axis=-1)[shown.seen]
            changes.append(float(step.mean()))
            flashes.append(float((step > FLASH).mean()))
        before = ab
    return float(np.mean(errors)), distribution_change(frames, answer), float(np.mean(changes)), float(np.mean(flashes))


def distribution_change(frames: list[Shown], answer: list[Any]) -> float:
    """CDC (Liu et al. 2021, arXiv 2110.04562; NTIRE 2023): Jensen-Shannon divergence of the histograms of R, G and B of
    frames 1, 2 and 4 apart within a shot, averaged."""
    shares = [[np.bincount(rgb[..., c].ravel(), minlength=256) / rgb[..., c].size for c in range(3)] for rgb in answer]
    starts = np.cumsum([shown.back is None for shown in frames])

    def divergence(p: Any, q: Any) -> float:
        middle = (p + q) / 2
        return sum(float((x[x > 0] * np.log(x[x > 0] / middle[x > 0])).sum()) / 2 for x in (p, q))

    means = []
    for apart in (1, 2, 4):
        pairs = [(n, n + apart) for n in range(len(frames) - apart) if starts[n] == starts[n + apart]]
        means.append(np.mean([divergence(shares[a][c], shares[b][c]) for a, b in pairs for c in range(3)]))
    return float(np.mean(means))


def cut(frames: list[Shown], film: list[Any], stills: list[Any]) -> float:
    """CIEDE2000 between the first frames of shots on film and as stills, under the truth's light."""
    firsts = [n for n, shown in enumerate(frames) if shown.back is None and n]
    rows = []
    for n in firsts:
        light = spaces.fast_rgb_to_lab(frames[n].rgb)[..., :1]
        labs = [np.dstack([light, spaces.fast_rgb_to_lab(np.ascontiguousarray(p[n]))[..., 1:]]) for p in (film, stills)]
        rows.append(float(ciede2000(*labs).mean()))
    return float(np.mean(rows))


def command(source: Path, target: Path) -> list[str]:
    return [sys.executable, "-m", "barva", "film", str(source), "-o", str(target), "--overwrite"]


def speed(source: Path, target: Path) -> tuple[float, float, float, float, float]:
    """Seconds, CPU seconds, and MB of memory: at the peak, and the highest in each half of the run."""
    began = time.perf_counter()
    process = subprocess.Popen(command(source, target), stdout=subprocess.DEVNULL)
    watched, samples = psutil.Process(process.pid), []
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        with contextlib.suppress(psutil.Error):  # a process that has just ended
            samples.append(sum(p.memory_info().rss for p in [watched, *watched.children(recursive=True)]) / 2**20)
        time.sleep(0.2)
    usage = ended[2]  # its own and that of processes that it began
    half = len(samples) // 2
    return (time.perf_counter() - began, usage.ru_utime + usage.ru_stime, max(samples), max(samples[:half]),
            max(samples[half:]))  # fmt: skip


def sound_of(path: Path) -> tuple[str, float, float]:
    """sha256 of the sound's packets and their times, when it begins after the picture, and the picture's seconds."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        sound, picture = container.streams.audio[0], container.streams.video[0]
        first = None
        for packet in container.demux(sound):
            if packet.pts is not None:
                first = packet.pts * packet.time_base if first is None else first
                digest.update(bytes(packet) + str(packet.pts * packet.time_base).encode())
        start = (picture.start_time or 0) * picture.time_base
        return digest.hexdigest(), float(first - start), float(picture.duration * picture.time_base)


def killed(source: Path, folder: Path, kills: int, rng: np.random.Generator) -> tuple[int, bool]:
    """How often a run was killed before it was through, and whether it then gave what an unkilled one gives."""
    whole, target = folder / "whole.mp4", folder / "killed.mp4"
    began = time.perf_counter()
    subprocess.run(command(source, whole), check=True, stdout=subprocess.DEVNULL)
    lasted, count = time.perf_counter() - began, 0
    for _ in range(kills):
        process = subprocess.Popen(command(source, target), stdout=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0.2, 0.8) * lasted)
            break
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            count += 1
            assert not target.exists()
    else:
        subprocess.run(command(source, target), check=True, stdout=subprocess.DEVNULL)
    pairs = zip(planes_of(whole), planes_of(target), strict=True)
    return count, all(np.array_equal(a, b) for one, two in pairs for a, b in zip(one, two, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--clips", type=int, default=3)
    parser.add_argument("--frames", type=int, default=48, help="of a clip, which has two shots")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--seconds", type=int, default=30, help="of the 1080p film; 0 leaves it out")
    parser.add_argument("--minutes", type=float, default=10, help="of the small film; 0 leaves it out")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--sheet", type=Path, default=None)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    photos = [rgb for _, rgb in photos_in(options.photos)]
    size = options.width * 9 // 16 // 2 * 2, options.width
    put = sys.stdout.write
    put("# Film\n\n`python benchmarks/film.py PHOTOS.tar > benchmarks/film.md`: ")
    put(f"{options.clips} clips of two shots each ({', '.join(shots.KINDS)} over photos), {options.frames} frames,")
    put(f" {options.width} px wide, as old film shows them (flickering brightness, grain, scratches). *Change*: mean")
    put(" change of chroma from frame to frame along the true motion, ab, at the size of film's chroma planes;")
    put(f" *flashes*: share of the pixels that change by more than {FLASH:.0f} ab; CDC as NTIRE 2023 defines it.\n\n")
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in WAYS}
    cuts: list[float] = []
    strips: list[tuple[str, list[Any]]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        colorizer = Colorizer("guided")
        for n in range(options.clips):
            frames = []
            for k in range(2):
                chosen = [photos[i] for i in rng.choice(len(photos), 3, replace=False)]
                frames += shots.shot(chosen, shots.KINDS[(n + k) % 3], options.frames // 2, size, rng)
            path = folder / f"{n}.mkv"
            shots.write(path, frames, rng)
            answers = {"barva film": by_film(path, colorizer), "frame by frame": by_frame(path, colorizer)}
            for way, answer in answers.items():
                rows[way].append(measure(frames, answer))
            cuts.append(cut(frames, *answers.values()))
            for k, part in enumerate(np.array_split(np.arange(len(frames)), 2)):
                picked = part[np.linspace(0, len(part) - 1, SHOWN).astype(int)]
                strips.append((f"clip {n + 1}, shot {k + 1}", [answers["barva film"][i] for i in picked]))
        put("| way | CIEDE2000 | CDC | change | flashes % |\n|---|--:|--:|--:|--:|\n")
        for way, values in rows.items():
            error, spread, change, flash = np.mean(values, axis=0)
            put(f"| {way} | {error:.2f} | {spread:.5f} | {change:.2f} | {100 * flash:.4f} |\n")
        put(f"\nThe first frame after a cut differs from the still's answer by {np.mean(cuts):.2f} CIEDE2000")
        put(f" (worst clip {max(cuts):.2f}).\n")
        if options.kills:
            count, equal = killed(path, folder, options.kills, rng)
            put(f"\nKilled {count} times with SIGKILL at random moments and started again, the film is ")
            put("the same, to the last bit.\n" if equal else "NOT the same.\n")
        if options.sheet:
            sheet(strips, options.sheet, 300)
        if options.seconds:
            put(report_speed(folder, photos, options.seconds, LARGE, rng))
        if options.minutes:
            put(report_speed(folder, photos, round(60 * options.minutes), SMALL, rng))
    return 0


def report_speed(folder: Path, photos: list[Any], seconds: int, size: tuple[int, int], rng: np.random.Generator) -> str:
    count = max(1, seconds // 6)

    def frames() -> Iterator[Shown]:
        for n in range(count):
            chosen = [photos[i] for i in rng.choice(len(photos), 3, replace=False)]
            yield from shots.shot(chosen, shots.KINDS[n % 3], 24 * seconds // count, size, rng)

    source, target = folder / f"{size[0]}.mp4", folder / f"{size[0]}.color.mp4"
    total = shots.write(source, frames(), rng, codec="libx264", sound=True)
    wall, cpu, peak, first, second = speed(source, target)
    before, after = sound_of(source), sound_of(target)
    return (
        f"\n{total / 24:.0f} s of {size[0]}p with sound, by the command (h264 to h264) on {os.cpu_count()} cores: "
        f"{total / wall:.1f} frames a second, {cpu / total:.3f} CPU seconds a frame; at most {peak:.0f} MB of memory "
        f"({first:.0f} MB in the first half, {second:.0f} MB in the second). Sound is "
        f"{'the same, to the last bit' if before[0] == after[0] else 'NOT the same'}, its start moves by "
        f"{abs(after[1] - before[1]) * 1000:.1f} ms, and the picture's length by "
        f"{abs(after[2] - before[2]) * 1000:.1f} ms.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
