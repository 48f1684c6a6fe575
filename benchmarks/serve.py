"""The server under load: 8 clients post photos of one megapixel while somebody clicks.

    python benchmarks/serve.py [--seconds 300] > benchmarks/serve.md

Three phases: the loop in one process, as many photos at a time as there are cores (a sixth of the time); the clients
alone (a half); the clients and a session of 12 megapixels in which a point moves once a second (a third). The clients
run on the same cores.

    python benchmarks/serve.py --photos 100 >> benchmarks/serve.md

The server's memory over an afternoon: photos of 24 megapixels, each opened as a session, looked at, zoomed into, and
saved at full size.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from speed import photo

CLIENTS = 8
LOOP = """
import sys, time, itertools, threading, cv2
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from barva.engine.colorizer import Colorizer
from barva.engine.result import save_pages
seconds, cores, data = float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]).read_bytes()
cv2.setNumThreads(1)
colorizer = Colorizer(threads=1)
def one():
    save_pages([colorizer.colorize(data)], to_bytes=True)
one()
began, count, lock = time.perf_counter(), 0, threading.Lock()
def work(_):
    global count
    while time.perf_counter() - began < seconds:
        one()
        with lock:
            count += 1
with ThreadPoolExecutor(cores) as pool:
    list(pool.map(work, range(cores)))
print(count / (time.perf_counter() - began))
"""


def jpeg(width: int, height: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(photo(width, height)).save(out, "JPEG", quality=92)
    return out.getvalue()


@contextmanager
def server(state: Path) -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "barva", "serve", "--port", str(port), "--state", str(state)])
    try:
        until = time.monotonic() + 30
        while True:
            try:
                ask(port, "GET", "/health")
                break
            except OSError:
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, way: str, path: str, body: bytes | None = None, kind: str = "image/jpeg") -> bytes:
    """One request on a connection of its own; anything but success ends the benchmark."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        wire.request(way, f"/api/v1{path}", body, {"content-type": kind} if body else {})
        answer = wire.getresponse()
        data = answer.read()
    finally:
        wire.close()
    if answer.status >= 300:
        raise SystemExit(f"{way} {path}: {answer.status} {data[:200]!r}")
    return data


class Load:
    """Clients that post one photo after the other."""

    def __init__(self, port: int, data: bytes) -> None:
        self.port, self.data, self.seconds, self.errors = port, data, [], 0

    def run(self, duration: float) -> float:
        """Photos a second."""
        self.seconds, until = [], time.perf_counter() + duration
        began = time.perf_counter()
        threads = [threading.Thread(target=self._client, args=(until,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(self.seconds) / (time.perf_counter() - began)

    def _client(self, until: float) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            try:
                ask(self.port, "POST", "/colorize", self.data)
            except (OSError, SystemExit):
                self.errors += 1
            else:
                self.seconds.append(time.perf_counter() - began)


def clicks(port: int, session: str, ending: threading.Event) -> list[float]:
    """Seconds from a click to the changed preview."""
    took, n = [], 0
    while not ending.wait(max(0.0, 1.0 - (took[-1] if took else 0))):
        n += 1
        mark = {"kind": "point", "at": [200 + 37 * n % 3000, 300 + 53 * n % 2000], "color": "#7a1f1f"}
        hints = json.dumps({"barva": "guidance", "version": 1, "marks": [mark]}).encode()
        began = time.perf_counter()
        ask(port, "PUT", f"/sessions/{session}/guidance", hints, "application/json")
        ask(port, "GET", f"/sessions/{session}/preview")
        took.append(time.perf_counter() - began)
    return took


def memory(process: psutil.Process, ending: threading.Event) -> list[float]:
    """Megabytes, twice a second."""
    seen = []
    while not ending.wait(0.5):
        seen.append(process.memory_info().rss / 1e6)
    return seen


LARGE = ((6000, 4000), (4000, 6000), (4896, 4896))
"""Width and height of photos of 24 megapixels, in turn."""


def afternoon(count: int) -> None:
    """Photos one after the other, sessions left behind as a browser leaves them."""
    photos, seen = [jpeg(*size) for size in LARGE], []
    with tempfile.TemporaryDirectory() as name, server(Path(name) / "state") as (port, process):
        fresh = process.memory_info().rss / 1e6
        ending = threading.Event()
        watch = threading.Thread(target=lambda: seen.extend(memory(process, ending)))
        watch.start()
        after = []
        for n in range(count):
            session = f"/sessions/{json.loads(ask(port, 'POST', '/sessions', photos[n % len(photos)]))['id']}"
            for what in ("preview", "tiles/color/0/1/1", "result"):
                ask(port, "GET", f"{session}/{what}")
            after.append(process.memory_info().rss / 1e6)
        ending.set()
        watch.join()
    warm = min(10, count // 2)
    early, late = after[warm : warm + (count - warm) // 3], after[-((count - warm) // 3) :]
    sys.stdout.write(f"\n## Memory over many large photos\n\n`python benchmarks/serve.py --photos {count}`, ")
    sys.stdout.write(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}. ")
    sys.stdout.write("24 megapixels each: opened, looked at, zoomed into, saved.\n\n")
    sys.stdout.write("| what | measured | target | held |\n|---|---|---|---|\n")
    row("the server at its start", f"{fresh:.0f} MB", "", True)
    figures = ", ".join(f"{after[min(k, count) - 1]:.0f}" for k in (1, 10, 50, count))
    row(f"after photo 1, 10, 50, {count}", f"{figures} MB", "", True)
    grown = statistics.mean(late) - statistics.mean(early)
    row(f"growth from the first third after {warm} photos to the last", f"{grown:+.0f} MB", "flat (within 5 %)",
        grown <= 0.05 * statistics.mean(early))  # fmt: skip
    row("most at any time", f"{max(seen):.0f} MB", "", True)


def row(what: str, figure: str, target: str, held: bool) -> None:
    sys.stdout.write(f"| {what} | {figure} | {target} | {'yes' if held else '**no**'} |\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--photos", type=int, help="measure memory over so many large photos instead")
    args = parser.parse_args()
    if args.photos:
        afternoon(args.photos)
        return
    cores, small, large = os.cpu_count() or 1, jpeg(1160, 870), jpeg(4000, 3000)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "1mp.jpg"
        path.write_bytes(small)
        command = [sys.executable, "-c", LOOP, str(args.seconds / 6), str(cores), str(path)]
        loop = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        with server(Path(name) / "state") as (port, process):
            load = Load(port, small)
            load.run(2)
            ending, seen = threading.Event(), []
            watch = threading.Thread(target=lambda: seen.extend(memory(process, ending)))
            watch.start()
            alone = load.run(args.seconds / 2)
            slowest = max(load.seconds)
            session = json.loads(ask(port, "POST", "/sessions", large))["id"]
            took: list[float] = []
            clicker = threading.Thread(target=lambda: took.extend(clicks(port, session, ending)))
            clicker.start()
            beside = load.run(args.seconds / 3)
            ending.set()
            clicker.join(), watch.join()
    report(args.seconds, cores, loop, alone, beside, slowest, load.errors, took, seen)


def report(
    seconds: float, cores: int, loop: float, alone: float, beside: float, slowest: float, errors: int,
    took: list[float], seen: list[float],
) -> None:  # fmt: skip
    half = seen[len(seen) // 8 : int(len(seen) * 0.58)]  # the clients alone, after warming up
    grown = statistics.mean(half[-len(half) // 4 :]) - statistics.mean(half[: len(half) // 4])
    sys.stdout.write(f"# The server under load\n\n`python benchmarks/serve.py --seconds {seconds:g}`, {cores} cores, ")
    sys.stdout.write(
        f"Python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}. {CLIENTS} clients, 1 megapixel.\n\n"
    )
    sys.stdout.write("| what | measured | target | held |\n|---|---|---|---|\n")
    share = alone / loop
    figure = f"{alone:.1f} photos/s against {loop:.1f}: {share:.0%}"
    row("throughput against the loop in one process", figure, "at least 85 %", share >= 0.85)
    row("errors", f"{errors}", "none", errors == 0)
    row("slowest answer", f"{slowest:.2f} s", "", True)
    row("memory", f"{min(half):.0f} to {max(half):.0f} MB, {grown:+.0f} MB in the clients' phase", "flat (within 5 %)",
        grown <= 0.05 * half[0])  # fmt: skip
    figure = f"median {statistics.median(took):.2f} s, slowest of {len(took)} {max(took):.2f} s"
    row("a click in 12 megapixels meanwhile", figure, "within 1 s", max(took) <= 1)
    row("throughput meanwhile", f"{beside:.1f} photos/s", "", True)


if __name__ == "__main__":
    main()
