"""Archives: both cores, Ray, the index, questions, listing, albums.

    python benchmarks/archive.py > benchmarks/archive.md

runs all parts, in about twelve minutes on two cores; `--only NAME ...` some of them; `--photos`, `--rows`, `--files`
make them smaller, `--quick` so small that it shows only whether all works. Everything is made in a folder of its own
under `--scratch`, and taken away in the end.

| part | measures |
|---|---|
| local | one process against one a core, and against unrelated runs; photos of one megapixel; memory over the run |
| ray | the local run against Ray Data on this machine, after its start |
| killed | a Ray worker killed every 20 seconds: all there, none doubled, the same bytes |
| simulated | a coloring stage replaced by its measured time: 2 to 64 workers |
| index | report, find and SQL over synthetic rows |
| sparql | scenes of 100,000 triples in rdflib and in oxigraph |
| listing | a folder of many small files: seconds to the first result |
| album | descriptions compared by brute force |
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from archive_index import measure_album, measure_index, measure_listing, measure_sparql, row, say

MEGAPIXEL = (866, 1155)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), default=list(MEASURES))
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4, 8, 16, 32, 64])
    parser.add_argument("--scratch", type=Path, default=None)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if args.quick:
        args.photos, args.rows, args.files, args.workers = 40, 20_000, 3_000, [2]
    args.local_rate = None
    say(f"# Archives\n\n`python {' '.join(sys.argv)}`, {os.cpu_count()} cores, Python {sys.version.split()[0]}, ")
    say(f"{time.strftime('%Y-%m-%d')}; load of the machine before: {os.getloadavg()[0]:.1f}.\n\n")
    say("| what | measured | target | held |\n|---|---|---|---|\n")
    with tempfile.TemporaryDirectory(dir=args.scratch) as name:
        for part in args.only:
            MEASURES[part](Path(name), args)


def photos(place: Path, count: int) -> Path:
    """`count` gray JPEG files of one megapixel; fewer are links to those that were made first."""
    import cv2

    folder = place / f"photos{count}"
    if folder.is_dir():
        return folder
    folder.mkdir()
    larger = [other for other in place.glob("photos*") if int(other.name.removeprefix("photos")) > count]
    if larger:
        for path in sorted(larger[0].glob("*.jpg"))[:count]:
            os.link(path, folder / path.name)
        return folder
    rng = np.random.default_rng(0)
    h, w = MEGAPIXEL
    for n in range(count):
        coarse = rng.integers(0, 256, (9, 12), dtype=np.uint8)
        picture = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC).astype(np.int16)
        picture += rng.integers(-8, 9, (h, w), dtype=np.int16)
        cv2.imwrite(str(folder / f"{n:05}.jpg"), picture.clip(0, 255).astype(np.uint8))
    return folder


class Watch:
    """A command: its seconds, those of processors, the time of each result, and the memory of its processes, MB.
    `core`: the only one that it may use."""

    def __init__(self, command: list[str], output: Path, core: int | None = None) -> None:
        self.peak, self.processes, self.totals, self._output = 0.0, 0.0, list[float](), output
        start, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        self.child = subprocess.Popen([sys.executable, "-m", "barva", *command], stderr=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL)  # fmt: skip
        if core is not None:
            psutil.Process(self.child.pid).cpu_affinity([core])
        self.first: float | None = None
        while self.child.poll() is None:
            if self.first is None and next(output.rglob("*.color.*"), None) is not None:
                self.first = time.perf_counter() - start
            self._look()
            time.sleep(0.1 if self.first is None else 0.5)
        self.seconds = time.perf_counter() - start
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor = usage.ru_utime + usage.ru_stime - spent.ru_utime - spent.ru_stime
        self.count = sum(1 for _ in output.rglob("*.color.*"))

    def _look(self) -> None:
        try:
            parent = psutil.Process(self.child.pid)
            sizes = [p.memory_info().rss / 1e6 for p in (parent, *parent.children(recursive=True))]
        except psutil.Error:
            return
        self.peak, self.processes = max(self.peak, *sizes), max(self.processes, len(sizes))
        self.totals.append(sum(sizes))

    @property
    def rate(self) -> float:
        """Photos a second after the first."""
        return (self.count - 1) / max(self.seconds - (self.first or 0), 1e-9)

    @property
    def growth(self) -> float:
        """Of memory, from the second quarter of the run to the last: share."""
        quarter = max(1, len(self.totals) // 4)
        return statistics.mean(self.totals[-quarter:]) / statistics.mean(self.totals[quarter : 2 * quarter]) - 1


def measure_local(place: Path, args: Any) -> None:
    source, cores = photos(place, args.photos), os.cpu_count() or 1
    few = photos(place, min(args.photos, 200))

    def single(name: str, core: int | None = None) -> Watch:
        return Watch(["archive", "color", str(few), "--to", str(place / name), "-j", "1"], place / name, core)

    alone, one = single("alone", 0), single("one")
    many = Watch(["archive", "color", str(source), "--to", str(place / "many"), "-j", str(cores)], place / "many")
    gain, args.local_rate = many.rate / alone.rate, many.rate
    row("one process on one core", f"{alone.rate:.1f} photos/s, {_busy(alone)}")
    row("one process on all cores", f"{one.rate:.1f} photos/s, {_busy(one)}, {one.peak:.0f} MB at most")
    figure = f"{many.rate:.1f} photos/s, {gain:.2f} times one core, {many.rate / one.rate:.2f} times one process, "
    row(f"{cores} processes", figure + _busy(many), ">= 16 /s and 1.75 times", gain >= 1.75 and many.rate >= 16)
    apart = [place / f"apart{n}" for n in range(cores)]
    with ThreadPoolExecutor(cores) as pool:  # what the machine itself allows: nothing is shared or waited for
        runs = list(pool.map(lambda t: single(t.name), apart))
    together = sum(run.rate for run in runs)
    row(f"{cores} runs of one process at once", f"{together:.1f} photos/s, {together / alone.rate:.2f} times one core")
    row("memory of a process, at most", f"{many.peak:.0f} MB", "<= 450 MB", many.peak <= 450)
    row(f"memory over {many.count} photos", f"{many.growth:+.1%}", "flat", many.growth <= 0.05)


def _busy(run: Watch) -> str:
    return f"{run.processor / run.seconds:.2f} cores busy, {run.processor / run.count:.3f} s of a core a photo"


def measure_ray(place: Path, args: Any) -> None:
    cores = str(os.cpu_count() or 1)
    if args.local_rate is None:
        source = photos(place, min(args.photos, 400))
        args.local_rate = Watch(
            ["archive", "color", str(source), "--to", str(place / "rl"), "-j", cores], place / "rl"
        ).rate
    for workers in dict.fromkeys(("1", cores)):
        last = workers == cores
        source, target = photos(place, min(args.photos, 400 if last else 200)), place / f"ray{workers}"
        on_ray = Watch(["archive", "color", str(source), "--to", str(target), "--engine", "ray", "-j", workers], target)
        share = on_ray.rate / args.local_rate
        figure = f"{on_ray.rate:.1f} photos/s, {share:.0%} of the local run; {on_ray.first or 0:.0f} s to the first"
        row(f"Ray, {workers} workers", figure, ">= 90 %" if last else "", share >= 0.9 if last else None)


def measure_killed(place: Path, args: Any) -> None:
    source, cores = photos(place, min(args.photos, 1000)), str(os.cpu_count() or 1)
    quiet = place / "many"
    if not quiet.is_dir():
        Watch(["archive", "color", str(source), "--to", str(quiet), "-j", cores], quiet)
    target, ended, kills = place / "kr", threading.Event(), [0]

    def kill() -> None:
        while not ended.wait(20):
            workers = [p for p in psutil.process_iter(["cmdline"]) if "MapWorker" in " ".join(p.info["cmdline"] or ())]
            ours = [p for p in workers if any(q.pid == os.getpid() for q in p.parents())]
            if ours:
                ours[kills[0] % len(ours)].kill()
                kills[0] += 1

    thread = threading.Thread(target=kill)
    thread.start()
    Watch(["archive", "color", str(source), "--to", str(target), "--engine", "ray", "-j", cores], target)
    ended.set()
    thread.join()
    names = {f"{path.stem}.color.jpg" for path in source.glob("*.jpg")}
    wanted = {p.name: p.read_bytes() for p in quiet.glob("*.color.*") if p.name in names}
    same = {p.name: p.read_bytes() for p in target.glob("*.color.*")} == wanted
    from barva.archive.index.reading import read
    from barva.archive.places import place_of

    rows = read(place_of(str(target))).table.num_rows
    row(f"{kills[0]} workers killed over {len(wanted)} photos", f"{rows} rows, bytes {'alike' if same else 'differ'}",
        "all, alike", same and rows == len(names))  # fmt: skip


class Sleeper:
    """A coloring stage that takes its time, and no processor."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        time.sleep(self._seconds * len(batch["task"]))
        return {"outcome": batch["task"]}


def measure_simulated(place: Path, args: Any) -> None:
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    from barva.archive.cluster import CPUS, TOGETHER

    seconds = 0.1
    for workers in args.workers:
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        DataContext.get_current().enable_progress_bars = False
        count = max(200, 150 * workers)
        rows = [{"task": bytes(600)} for _ in range(count)]
        driver = psutil.Process()
        data = ray.data.from_items(rows, override_num_blocks=-(-count // TOGETHER)).map_batches(
            Sleeper,
            fn_constructor_args=(seconds,),
            batch_size=1,
            num_cpus=CPUS,
            compute=ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),
        )
        times = list[float]()
        cpu = 0.0
        for _ in data.iter_rows():
            times.append(time.perf_counter())
            cpu = cpu or sum(driver.cpu_times()[:2])
        wall = times[-1] - times[0]
        used = sum(driver.cpu_times()[:2]) - cpu
        efficiency = (count - TOGETHER) * seconds / wall / workers
        figure = f"{efficiency:.0%} efficient, driver {used / wall:.0%} of a core"
        row(f"simulated, {workers} workers of {seconds:g} s", figure, ">= 90 %", efficiency >= 0.9)
        ray.shutdown()


MEASURES = {
    "local": measure_local,
    "ray": measure_ray,
    "killed": measure_killed,
    "simulated": measure_simulated,
    "index": measure_index,
    "sparql": measure_sparql,
    "listing": measure_listing,
    "album": measure_album,
}

if __name__ == "__main__":
    main()
