"""The same run on Ray, and on a server that speaks S3's protocol; both on this machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from archive_kit import make_photos

pytest.importorskip("pyarrow")
from barva.archive.index.reading import read
from barva.archive.job import Job
from barva.archive.outcome import Outcome
from barva.archive.places import place_of
from barva.archive.run import Run
from barva.archive.select import Item, select
from barva.archive.workers import Recipe
from barva.cli.app import run
from barva.cluster import connection
from barva.engine.colorizer import Colorizer
from barva.errors import UsageError

BUCKET = "archive"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos, and what a run in this process makes of it."""
    top = tmp_path_factory.mktemp("local")
    make_photos(top / "scans", 8)
    assert run(["colorize", str(top / "scans"), "-r", "-o", str(top / "out"), "-j", "1"]) == 0
    return top


def results(place: Path) -> dict[str, bytes]:
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*.color.png")}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address options of an empty S3 server with one bucket."""
    server = pytest.importorskip("moto.server")
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    threaded = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    threaded.start()
    host, port = threaded.get_host_and_port()
    options = f"?endpoint_override={host}:{port}&scheme=http&region=us-east-1"
    import boto3

    boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    yield options
    threaded.stop()


@pytest.mark.cluster
def test_a_store(local: Path, s3: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = place_of(f"s3://{BUCKET}/scans{s3}")
    for name in ("000.png", "002.png", "b/001.png", "b/003.png"):
        source.write(name, (local / "scans" / name).read_bytes())
    source.write("b/001.png.xmp", b"<x:xmpmeta/>")
    source.write("bad.jpg", b"none")
    target = f"s3://{BUCKET}/out{s3}"
    color = ["archive", "color", source.url, "--to", target, "-j", "1"]
    assert run(color) == 1
    errors = capsys.readouterr().err
    assert "4 colored, 0 finished before, 1 failed" in errors and "bad.jpg is not a picture" in " ".join(errors.split())
    place = place_of(target)
    names = [f"{at}/{name}".lstrip("/") for at, found in place.walk() for name in found]
    stored = {name: place.read(name) for name in names if name.endswith(".color.png")}
    assert len(stored) == 4 and stored.items() <= results(local / "out").items()
    assert place.exists("b/001.color.png.xmp")
    rows = {r["path"]: r for r in read(place).table.to_pylist()}
    assert rows[f"s3://{BUCKET}/scans/b/001.png"]["output"] == "b/001.color.png"
    assert run(color) == 1 and "0 colored, 4 finished before, 1 failed" in capsys.readouterr().err
    assert run(["archive", "report", target, "-o", str(tmp_path / "r.html")]) == 0
    assert (tmp_path / "r.html").read_text().count("<img") == 4
    # into a folder, and what cannot be reached
    assert run(["archive", "color", source.url, "--to", str(tmp_path / "out"), "-j", "1"]) == 1
    assert results(tmp_path / "out") == stored
    place.write(".barva/lock", f'{{"at": {time.time()}, "run": "other"}}'.encode())
    capsys.readouterr()
    closed = f"s3://{BUCKET}/scans?endpoint_override=127.0.0.1:9&scheme=http"
    for address, why in (
        (f"s3://nowhere/x{s3}", "nowhere/x"),
        (f"s3://{BUCKET}/none{s3}", "no photo"),
        (closed, "cannot be reached"),
    ):
        assert run(["archive", "color", address, "--to", str(tmp_path / "new")]) == 1
        error = capsys.readouterr().err
        assert why in error and error.count("\n") == 1
    assert run(color) == 2
    assert "another run writes to" in capsys.readouterr().err


@dataclass(frozen=True)
class Poisoned(Recipe):
    """A recipe whose process dies of one photo, always, and of another the first time."""

    mark: str = ""

    def run(self) -> Run:
        whole, mark = Recipe.run(self), Path(self.mark)

        class Fragile(type(whole)):  # type: ignore[misc]
            def color_one(self, item: Item, finished: bool | None = None) -> Outcome:
                if item.source.name == "005.png" or (item.source.name == "002.png" and not mark.exists()):
                    mark.touch()
                    os._exit(1)
                return super().color_one(item, finished)

        whole.__class__ = Fragile
        return whole


@pytest.mark.cluster
@pytest.mark.skipif(sys.platform == "win32", reason="Ray is for Linux and macOS")
def test_ray(local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    import ray.cloudpickle

    from barva.archive import cluster

    monkeypatch.setattr(cluster, "RESTARTS", 0)
    monkeypatch.setattr(cluster, "TOGETHER", 4)
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    target = tmp_path / "out"
    job = Job(str(local / "scans"), str(target), engine="ray", jobs=1)
    whole = job.run(Colorizer(threads=1))
    try:
        with pytest.raises(UsageError, match="has another Barva or other weights"):
            connection.check_machines("guided", "99 other")
        recipe = whole.recipe()
        poisoned = Poisoned(**(vars(recipe) | {"mark": str(tmp_path / "mark")}))
        monkeypatch.setattr(whole, "recipe", lambda: poisoned)
        with job.record(whole) as record:
            outcomes = list(record.follow(whole.outcomes(job.select().photos())))
    finally:
        whole.close()
    failed = [o for o in outcomes if o.state == "failed"]
    assert [o.item.source.name for o in failed] == ["005.png"]
    assert failed[0].notes[0].endswith("005.png: the worker that colored it ended, again and again")
    assert len(outcomes) == len({o.item.source for o in outcomes}) == 8
    wanted = {name: data for name, data in results(local / "out").items() if "005" not in name}
    assert results(target) == wanted, "the same bytes"
    assert read(place_of(str(target))).table.num_rows == 8
    again = Run(Colorizer(threads=1), jobs=1)
    kept = [o.state for o in again.outcomes(select([local / "scans"], target, True, None).items)]
    assert sorted(kept) == ["done"] + ["kept"] * 7, "a local run goes on where Ray ended"


def test_no_cluster_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray")
    make_photos(tmp_path / "in", 1)
    color = ["archive", "color", str(tmp_path / "in"), "--to", str(tmp_path / "out"), "--engine", "ray"]
    assert run([*color, "--address", "ray://127.0.0.1:9"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("barva: no Ray cluster answers at ray://127.0.0.1:9") and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["ray://", "http://head:6379", "head:port", ":6379", "ray://head:"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UsageError, match=f"--address {address} is no address of a cluster: HOST:6379 or ray://"):
        connection._check_reachable(address)
