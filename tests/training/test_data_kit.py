"""The data half of the training kit: layouts, the sieve, shards, caches, sources and their commands."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

pq = pytest.importorskip("pyarrow.parquet")
import pyarrow as pa  # noqa: E402
import skimage.data  # noqa: E402

from barva.cli import app as application  # noqa: E402
from barva.cli import data as data_command  # noqa: E402
from barva.errors import ReadError, UsageError, WriteError  # noqa: E402
from barva.training import cache as caching  # noqa: E402
from barva.training import filters, layouts, parallel, sources  # noqa: E402
from barva.training import pack as packing  # noqa: E402
from barva.training.sources import Source  # noqa: E402

COLOUR = np.concatenate([skimage.data.astronaut()[:300, :450], skimage.data.chelsea()[:, :450]])
RULES = filters.Rules(64)


def crop(seed: int, h: int = 150, w: int = 200) -> np.ndarray:
    """(h, w, 3) of the astronaut or the cat; different seeds are different photos."""
    rng = np.random.default_rng(seed)
    y, x = (int(rng.integers(0, n)) for n in (COLOUR.shape[0] - h, COLOUR.shape[1] - w))
    return COLOUR[y : y + h, x : x + w]


def save(path: Path, rgb: np.ndarray, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path, **({"quality": 92} | options))
    return path


def shard(path: Path, count: int = 6, first: int = 0, **columns: list[Any]) -> Path:
    """A shard of `count` photos, 100 x 140 px, the odd ones labeled, and a broken row."""
    rows = []
    for i in range(first, first + count):
        out = io.BytesIO()
        Image.fromarray(crop(i, 100, 140)).save(out, "WEBP")
        rows.append({"key": str(i), "image": out.getvalue(), "label": "face" if i % 2 else None, "source": "test"})
    rows.append({"key": "broken", "image": b"no photo", "label": None, "source": "test"})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def examined(path: Path, rules: filters.Rules = RULES) -> filters.Kept | filters.Skipped:
    return filters.examine(layouts.Found(path, path.name, None), rules)


def kind_of(path: Path, rules: filters.Rules = RULES) -> str:
    result = examined(path, rules)
    return result.kind if isinstance(result, filters.Skipped) else "kept"


# layouts


def labels(folder: Path, **options: str) -> dict[str, str | None]:
    return {f.key: f.label for f in layouts.find(folder, **options)}


def test_imagenet(tmp_path: Path) -> None:
    for name in ("train/n01440764/a.JPEG", "train/n02012849/images/b.JPEG", "train/n03126707/c.JPEG", "val/d.JPEG"):
        save(tmp_path / name, crop(0), format="JPEG")
    ids = {
        "train/n01440764/a.JPEG": "n01440764",
        "train/n02012849/images/b.JPEG": "n02012849",
        "train/n03126707/c.JPEG": "n03126707",
    }
    assert layouts.recognise(tmp_path) == "imagenet"
    assert labels(tmp_path) == ids
    mapping = "n01440764 tench, Tinca tinca\nn02012849 crane\nn03126707 crane\n"
    (tmp_path / "LOC_synset_mapping.txt").write_text(mapping)
    assert list(labels(tmp_path).values()) == ["tench", "crane (n02012849)", "crane (n03126707)"]
    assert labels(tmp_path / "train")["n01440764/a.JPEG"] == "tench"
    assert set(labels(tmp_path, labels="none").values()) == {None}


def test_coco(tmp_path: Path) -> None:
    for name in ("train2017/1.jpg", "train2017/2.jpg", "train2017/3.jpg", "val2017/4.jpg"):
        save(tmp_path / name, crop(0))
    boxes = [(1, 5.0, 17, 0), (1, 9.0, 18, 0), (1, 99.0, 17, 1), (2, 3.0, 17, 0)]
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 1} for i in (1, 2, 3)],
        "annotations": [
            {"id": n, "image_id": i, "area": a, "category_id": c, "iscrowd": crowd, "segmentation": [[1.0, 2.0]]}
            for n, (i, a, c, crowd) in enumerate(boxes)
        ],
        "categories": [{"id": 17, "name": "cat"}, {"id": 18, "name": "dog"}],
    }
    (tmp_path / "annotations").mkdir()
    for split in ("train2017", "val2017"):
        (tmp_path / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))
    assert layouts.recognise(tmp_path) == "coco"
    assert labels(tmp_path) == {"train2017/1.jpg": "dog", "train2017/2.jpg": "cat", "train2017/3.jpg": None}
    (tmp_path / "annotations" / "instances_train2017.json").write_text('{"images": [')
    with pytest.raises(ReadError, match="instances_train2017"):
        layouts.find(tmp_path)


def test_caltech(tmp_path: Path) -> None:
    root = tmp_path / "256_ObjectCategories"
    for name in ("001.ak47/a.jpg", "257.clutter/b.jpg", "251.airplanes-101/c.jpg", "232.t-shirt/d.jpg"):
        save(root / name, crop(0))
    assert layouts.recognise(tmp_path) == layouts.recognise(root) == "caltech"
    assert list(labels(tmp_path).values()) == ["ak47", "t-shirt", "airplanes", None]
    assert list(labels(root).values()) == ["ak47", "t-shirt", "airplanes", None]


def test_flat(tmp_path: Path) -> None:
    for name in ("a.jpg", "cats/b.PNG", "cats/deep/c.webp", ".hidden/d.jpg", "cats/e.color.jpg", "notes.txt"):
        save(tmp_path / name, crop(0), format="PNG")
    assert labels(tmp_path) == {"a.jpg": None, "cats/b.PNG": None, "cats/deep/c.webp": None}
    assert labels(tmp_path, labels="folder") == {"a.jpg": None, "cats/b.PNG": "cats", "cats/deep/c.webp": "deep"}


def test_layouts_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no photo"):
        layouts.find(tmp_path)
    with pytest.raises(ReadError, match="not there"):
        layouts.find(tmp_path / "no")
    for layout in ("imagenet", "coco", "caltech", "nonsense"):
        with pytest.raises(UsageError):
            layouts.find(tmp_path, layout)
    with pytest.raises(UsageError, match="auto, folder, none"):
        layouts.find(tmp_path, labels="names")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.jpg", crop(0)).rename(tmp_path / "in" / os.fsdecode(b"\xff.jpg"))
    assert packing.pack(tmp_path / "in", tmp_path / "out", rules=RULES).photos == 1
    assert pq.read_table(tmp_path / "out" / "in-00000.parquet")["key"].to_pylist() == ["\\udcff.jpg"]


# the sieve


def sepia(rgb: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None] * np.array([1.07, 0.92, 0.72])
    return np.clip(grey + np.array([8, 4, 0]), 0, 255).astype(np.uint8)


def chart() -> np.ndarray:
    image = Image.new("RGB", (400, 300), (230, 210, 120))
    draw = ImageDraw.Draw(image)
    for x, colour in enumerate([(200, 30, 30), (30, 160, 60), (30, 60, 200)]):
        draw.rectangle((40 + 120 * x, 40 + 60 * x, 110 + 120 * x, 270), fill=colour)
    return np.asarray(image)


@pytest.mark.parametrize("seed", range(6))
def test_colour_photos_are_kept(tmp_path: Path, seed: int) -> None:
    for quality in (40, 92):
        result = examined(save(tmp_path / "a.jpg", crop(seed), quality=quality))
        assert isinstance(result, filters.Kept), result
    assert result.rgb.shape == (64, 85, 3)


def test_pictures_without_colours_are_left_out(tmp_path: Path) -> None:
    grey = cv2.cvtColor(crop(1), cv2.COLOR_RGB2GRAY)
    cast = np.clip(grey[..., None] + np.array([3, 0, -3]), 0, 255).astype(np.uint8)
    spot = np.dstack([grey] * 3)
    spot[60:80, 60:90] = (255, 30, 30)  # mean chroma above 2, in 2 % of the pixels
    for name, picture in {
        "one band": grey,
        "three bands": np.dstack([grey] * 3),
        "cast": cast,
        "sepia": sepia(crop(1)),
        "blue": sepia(crop(1))[..., ::-1],
        "spot": spot,
    }.items():
        for quality in (60, 92):
            result = examined(save(tmp_path / "a.jpg", np.ascontiguousarray(picture), quality=quality))
            assert isinstance(result, filters.Skipped) and result.kind == "grey", (name, quality, result)
    assert "sepia" in (filters.grey(sepia(crop(1))) or "")
    bus = np.dstack([grey] * 3)
    bus[60:88, 60:105] = (255, 0, 0)  # enough chroma on the mean, but all in 4 % of the pixels
    assert "% of the pixels" in (filters.grey(bus) or "")
    amber = np.clip(crop(1)[..., :1] * np.array([1.0, 0.6, 0.1]), 0, 255).astype(np.uint8)
    assert filters.grey(amber) is None  # one hue, but stronger than any print's


def test_graphics_are_left_out(tmp_path: Path) -> None:
    assert kind_of(save(tmp_path / "a.png", chart())) == "graphic"
    assert kind_of(save(tmp_path / "a.jpg", chart(), quality=80)) == "graphic"
    few = (np.random.default_rng(0).integers(0, 2, (100, 130, 3)) * 200).astype(np.uint8)
    assert filters.graphic(few) == "8 colors"
    assert filters.graphic(crop(1)) is None


def test_broken_small_and_narrow(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.jpg", crop(0)).read_bytes()
    for name, content in {"cut.jpg": whole[: len(whole) // 2], "text.jpg": b"Dear all", "empty.jpg": b""}.items():
        (tmp_path / name).write_bytes(content)
        result = examined(tmp_path / name)
        assert isinstance(result, filters.Skipped) and result.kind == "broken"
        assert "<bytes>" not in result.why and "--" not in result.why
    assert kind_of(tmp_path / "no.jpg") == "broken"
    assert kind_of(save(tmp_path / "a.png", crop(0, 63, 90))) == "small"
    assert kind_of(save(tmp_path / "a.png", crop(0, 64, 90))) == "kept"
    assert kind_of(save(tmp_path / "a.png", crop(0, 64, 257))) == "narrow"


def test_an_unforeseen_error_is_one_broken_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.jpg", crop(0))
    monkeypatch.setattr(filters, "graphic", lambda rgb: 1 / 0)
    result = examined(path)
    assert isinstance(result, filters.Skipped) and result.why == "ZeroDivisionError: division by zero"


def test_photos_stand_upright_and_are_never_enlarged(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    photo = crop(3, 100, 140)
    result = examined(save(tmp_path / "a.png", photo, exif=exif), filters.Rules(128))
    assert isinstance(result, filters.Kept)
    assert np.array_equal(result.rgb, np.rot90(photo, -1))


def test_difference_hash() -> None:
    columns = np.array([0, 50, 40, 40, 60, 10, 20, 30, 5], np.uint8)  # brighter: 0-1, 3-4, 5-6, 6-7
    rgb = np.repeat(np.repeat(columns[None, :, None], 8, 0), 3, 2)
    assert filters.difference_hash(rgb) == sum(0b01101001 << 8 * row for row in range(8))
    rgb = rgb.copy()
    rgb[0] = 0  # the first row has the lowest bits
    big = cv2.resize(rgb, (90, 80), interpolation=cv2.INTER_NEAREST)
    assert filters.difference_hash(big) == sum(0b01101001 << 8 * row for row in range(1, 8))


def test_near_hashes_miss_none_and_add_none() -> None:
    rng = np.random.default_rng(0)
    known = [int(v) for v in rng.integers(0, 2**63, 400)]
    index = filters.NearHashes((v, str(v)) for v in known)
    queries = [v ^ sum(1 << int(b) for b in rng.choice(64, bits, replace=False)) for v in known for bits in (0, 4, 5)]
    found = [index.near(q) is not None for q in queries]
    assert found == [any((v ^ q).bit_count() <= 4 for v in known) for q in queries]
    assert sum(found) == 800


def exclusion(path: Path, blobs: list[str], hashes: list[int]) -> filters.Exclusion:
    path.write_text(json.dumps({"blobs": blobs, "dhash": [f"{h:016x}" for h in hashes]}))
    return filters.Exclusion(path)


def test_exclusion(tmp_path: Path) -> None:
    photo = save(tmp_path / "a.jpg", crop(0))
    content = photo.read_bytes()
    blob = hashlib.sha1(b"blob " + str(len(content)).encode() + b"\0" + content).hexdigest()[:16]
    by_blob = filters.Rules(64, exclusion(tmp_path / "e.json", [blob], []))
    assert kind_of(photo, by_blob) == "excluded"
    smaller = save(tmp_path / "b.jpg", cv2.resize(crop(0), (120, 90), interpolation=cv2.INTER_AREA), quality=60)
    assert kind_of(smaller, by_blob) == "kept"
    by_look = filters.Rules(64, exclusion(tmp_path / "e.json", [], [filters.difference_hash(crop(0))]))
    assert kind_of(photo, by_look) == kind_of(smaller, by_look) == "excluded"
    # what was measured on is the square in the middle of this one
    square = filters.Rules(64, exclusion(tmp_path / "e.json", [], [filters.difference_hash(crop(0)[:, 25:175])]))
    assert kind_of(photo, square) == "excluded"
    assert kind_of(save(tmp_path / "c.jpg", crop(1)), square) == "kept"
    for bad in ("{", "[]", '{"blobs": [], "dhash": ["xyz"]}'):
        (tmp_path / "e.json").write_text(bad)
        with pytest.raises(ReadError, match="exclusion list"):
            filters.Exclusion(tmp_path / "e.json")


def test_the_real_exclusion_list_knows_its_photos(shared: Path) -> None:
    listed = filters.Exclusion(shared / "exclude.json")
    with tarfile.open(shared / "eval" / "eval-000.tar") as tar:
        members = [m for m in tar.getmembers() if m.name.endswith(".webp")][:10]
        photos = [np.asarray(Image.open(tar.extractfile(m)).convert("RGB")) for m in members]  # type: ignore[arg-type]
    assert all(listed.look(p) for p in photos)
    assert not any(listed.look(np.ascontiguousarray(p[::-1])) for p in photos)


# packing


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with five good photos and one of each kind that is left out."""
    folder = tmp_path / "holiday"
    for i in range(5):
        save(folder / "sea" / f"{i}.jpg", crop(i))
    shutil.copy(folder / "sea" / "0.jpg", folder / "sea" / "same.jpg")
    save(folder / "sea" / "similar.jpg", cv2.resize(crop(1), (130, 98), interpolation=cv2.INTER_AREA), quality=50)
    (folder / "sea" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    save(folder / "grey.jpg", cv2.cvtColor(crop(2), cv2.COLOR_RGB2GRAY))
    save(folder / "small.png", crop(2, 40, 60))
    save(folder / "narrow.png", crop(2, 64, 300))
    save(folder / "chart.png", chart())
    save(folder / "listed.jpg", crop(9))
    exclusion(tmp_path / "exclude.json", [], [filters.difference_hash(crop(9))])
    return folder


EACH = Counter(broken=1, grey=1, small=1, narrow=1, graphic=1, excluded=1, duplicate=2)


def test_pack(mixed: Path, tmp_path: Path) -> None:
    rules = filters.Rules(64, filters.Exclusion(tmp_path / "exclude.json"))
    report = tmp_path / "skips.jsonl"
    packed = packing.pack(mixed, tmp_path / "out", "sea", rules, labels="folder", report=report)
    assert (packed.photos, packed.skipped) == (5, EACH)
    assert set(EACH) == set(filters.KINDS)
    assert packed.shards == (tmp_path / "out" / "sea-00000.parquet",)
    assert names(tmp_path / "out") == ["sea-00000.parquet"]
    table = pq.read_table(packed.shards[0])
    assert [(f.name, str(f.type)) for f in table.schema] == [
        ("key", "string"), ("image", "binary"), ("width", "int16"), ("height", "int16"), ("label", "string"),
        ("source", "dictionary<values=string, indices=int32, ordered=0>"),
    ]  # fmt: skip
    rows = table.to_pylist()
    assert [r["key"] for r in rows] == [f"sea/{i}.jpg" for i in range(5)]
    assert {(r["label"], r["source"], r["width"], r["height"]) for r in rows} == {("sea", "sea", 85, 64)}
    stored = Image.open(io.BytesIO(rows[2]["image"]))
    assert stored.format == "WEBP" and stored.size == (85, 64)
    truth = cv2.resize(crop(2), (85, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(np.asarray(stored).astype(int) - truth).mean() < 6
    lines = {line["key"]: line for line in map(json.loads, report.read_text().splitlines())}
    assert Counter(line["kind"] for line in lines.values()) == EACH
    assert lines["sea/same.jpg"]["why"] == "the same file as sea/0.jpg"
    assert lines["sea/similar.jpg"]["why"] == "looks like sea/1.jpg"


def test_shards_are_split_and_the_same_each_time(mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SHARD", 6000)
    first = packing.pack(mixed, tmp_path / "a", rules=RULES)
    again = packing.pack(mixed, tmp_path / "b", rules=RULES)
    assert len(first.shards) > 2
    assert [p.read_bytes() for p in first.shards] == [p.read_bytes() for p in again.shards]
    sizes = [sum(map(len, pq.read_table(p)["image"].to_pylist())) for p in first.shards]
    assert max(sizes) <= 6000 and sum(pq.read_table(p).num_rows for p in first.shards) == first.photos == 6


def test_existing_shards(mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(packing, "SHARD", 6000)
        packing.pack(mixed, out, rules=RULES)
    (out / "other-00000.parquet").write_bytes(b"precious")
    with pytest.raises(WriteError, match="--overwrite"):
        packing.pack(mixed, out, "third", RULES)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    # a run that dies midway leaves everything as it was
    def dies(rows: Any, source: str, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(packing, "_write_shard", dies)
        with pytest.raises(KeyboardInterrupt):
            packing.pack(mixed, out, rules=RULES, overwrite=True)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    packing.pack(mixed, out, rules=RULES, overwrite=True)
    assert names(out) == ["holiday-00000.parquet", "other-00000.parquet"]
    assert (out / "other-00000.parquet").read_bytes() == b"precious"


def test_nothing_to_pack(tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.jpg", cv2.cvtColor(crop(2), cv2.COLOR_RGB2GRAY))
    with pytest.raises(ReadError, match=r"can be used: 1 grey$"):
        packing.pack(tmp_path / "in", tmp_path / "out", rules=RULES)
    assert names(tmp_path / "out") == []
    with pytest.raises(UsageError, match="--name"):
        packing.pack(tmp_path / "in", tmp_path / "out", "a/b")
    for side in (63, 513):
        with pytest.raises(UsageError, match="64 to 512"):
            filters.Rules(side)


# caches


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every photo that a cache decodes."""
    calls: list[int] = []
    real: Callable[..., Any] = caching._decode

    def counted(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        return real(*arguments, **more)

    monkeypatch.setattr(caching, "_decode", counted)
    return calls


def test_build_cache(tmp_path: Path, decodes: list[int]) -> None:
    path, folder = shard(tmp_path / "a.parquet"), tmp_path / "caches" / "a"
    told: list[tuple[str, int, int]] = []
    cache = caching.build_cache(path, folder, progress=lambda *a: told.append(a))
    assert len(cache) == 6 and cache.skipped == {"broken": 1}
    assert cache.labels == ["", "test:face"] * 3
    assert told[-1] == ("a.parquet", 7, 7)
    for i in range(6):
        assert cache[i].shape == (100, 140, 3) and cache[i].dtype == np.uint8
        assert np.abs(cache[i].astype(int) - crop(i, 100, 140)).mean() < 8  # WebP's loss; channels in order
    assert names(folder) == ["index.npz", "pixels.u8", "source.json"]
    assert names(folder.parent) == ["a"]
    facts = json.loads((folder / "source.json").read_text())
    assert (facts["path"], facts["size"]) == (str(path), path.stat().st_size) and facts["side"] is None

    assert len(decodes) == 7
    assert len(caching.build_cache(path, folder)) == 6
    shutil.copy2(path, tmp_path / "caches" / "a.parquet")  # moved, but the same
    caching.build_cache(tmp_path / "caches" / "a.parquet", folder)
    assert len(decodes) == 7
    small = caching.build_cache(path, folder, side=64)
    assert len(decodes) == 14 and {small[i].shape for i in range(6)} == {(64, 90, 3)}
    truth = cv2.resize(cache[0], (90, 64), interpolation=cv2.INTER_AREA)
    assert np.array_equal(small[0], truth)
    shard(path, count=4, first=3)
    assert len(caching.build_cache(path, folder, side=64)) == 4
    assert caching.build_cache(path, folder, side=512)[0].shape == (100, 140, 3)
    with pytest.raises(UsageError, match="64 to 512"):
        caching.build_cache(path, folder, side=32)


@pytest.mark.parametrize("moment", ["index", "decode"])
def test_a_kill_leaves_no_half_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    path, folder = shard(tmp_path / "a.parquet"), tmp_path / "caches" / "a"
    seen = 0

    def dies(*_: Any, **__: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen > 3 or moment == "index":
            raise KeyboardInterrupt
        return np.zeros((8, 8, 3), np.uint8), "", "a", "b"

    with monkeypatch.context() as patch:
        patch.setattr(*((np, "savez", dies) if moment == "index" else (caching, "_decode", dies)))
        with pytest.raises(KeyboardInterrupt):
            caching.build_cache(path, folder)
    assert names(folder.parent) == []
    before = caching.build_cache(path, folder)[0].copy()
    seen = 0
    with monkeypatch.context() as patch:
        patch.setattr(*((np, "savez", dies) if moment == "index" else (caching, "_decode", dies)))
        with pytest.raises(KeyboardInterrupt):
            caching.build_cache(path, folder, side=64)
    assert np.array_equal(caching.PhotoCache(folder)[0], before)


def test_what_a_hard_kill_leaves_is_no_cache_and_goes(tmp_path: Path) -> None:
    path, left = shard(tmp_path / "a.parquet"), tmp_path / "caches" / ".a.0123abcd.part"
    left.mkdir(parents=True)
    (left / "pixels.u8").write_bytes(b"half")
    assert sources.expand(left.parent) == [("photos", left.parent)]
    caching.build_cache(path, tmp_path / "caches" / "a")
    assert left.exists()  # it may belong to a run that is still going
    for p in (left / "pixels.u8", left):
        os.utime(p, (0, 0))
    caching.build_cache(path, tmp_path / "caches" / "a", side=64)
    assert names(tmp_path / "caches") == ["a"]


def test_caches_of_the_older_format_open(tmp_path: Path, decodes: list[int]) -> None:
    folder, photo = tmp_path / "a", crop(0, 70, 90)
    folder.mkdir()
    (folder / "pixels.u8").write_bytes(photo.tobytes() * 2)
    index: dict[str, Any] = {"offset": np.array([0, photo.size]), "h": np.array([70, 70]), "w": np.array([90, 90])}
    np.savez(folder / "index.npz", label=np.array(["x:cat", ""]), **index)
    cache = caching.PhotoCache(folder)
    assert cache.labels == ["x:cat", ""] and np.array_equal(cache[1], photo) and cache.skipped == {}
    assert len(caching.build_cache(shard(tmp_path / "a.parquet"), folder)) == 2  # believed, as it cannot say
    assert not decodes


def test_damaged_caches(tmp_path: Path) -> None:
    path, folder = shard(tmp_path / "a.parquet"), tmp_path / "a"
    caching.build_cache(path, folder)
    whole = {p.name: p.read_bytes() for p in folder.iterdir()}

    def says(match: str) -> None:
        with pytest.raises(ReadError, match=match) as error:
            caching.PhotoCache(folder)
        assert "\n" not in str(error.value)
        for name, content in whole.items():
            (folder / name).write_bytes(content)

    (folder / "pixels.u8").write_bytes(whole["pixels.u8"][:-1])
    says("does not fit")
    (folder / "pixels.u8").write_bytes(b"")
    says("damaged")
    (folder / "index.npz").write_bytes(whole["index.npz"][:200])
    says("damaged")
    (folder / "index.npz").write_bytes(b"")
    says("damaged")
    for name in ("pixels.u8", "index.npz"):
        (folder / name).unlink()
        assert sources.expand(folder) == [("cache", folder)]
        says(f"there is no {name}")
    (folder / "pixels.u8").write_bytes(b"")
    assert len(caching.build_cache(path, folder)) == 6  # its shard is there: made again


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "caches" / "a").mkdir(parents=True)
    (tmp_path / "caches" / "a" / "thesis.txt").write_text("precious")
    with pytest.raises(WriteError, match="is no cache"):
        caching.build_cache(shard(tmp_path / "a.parquet"), tmp_path / "caches" / "a")
    assert names(tmp_path / "caches") == ["a"]


def test_bad_shards(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(ReadError, match=r"a\.parquet"):
        caching.build_cache(tmp_path / "a.parquet", tmp_path / "a")
    pq.write_table(pa.table({"number": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="no column 'image'"):
        caching.build_cache(tmp_path / "a.parquet", tmp_path / "a")
    pq.write_table(pa.table({"image": [b"", None, b"x"]}), tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r"can be used: 3 broken$"):
        caching.build_cache(tmp_path / "a.parquet", tmp_path / "a")
    with pytest.raises(ReadError, match="No such file"):
        caching.build_cache(tmp_path / "no.parquet", tmp_path / "a")
    good = shard(tmp_path / "a.parquet")
    content = good.read_bytes()
    good.write_bytes(content[:200] + bytes(20000) + content[20200:])
    with pytest.raises(ReadError):
        caching.build_cache(good, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_shards_of_structs_and_of_labels_that_are_numbers(tmp_path: Path) -> None:
    """As Hugging Face writes them."""
    rows: list[dict[str, Any]] = []
    for i in range(3):
        out = io.BytesIO()
        Image.fromarray(crop(i, 100, 140)).save(out, "PNG")
        image = {"bytes": out.getvalue(), "path": f"{i}.png"}
        rows.append({"image": image, "label": i, "key": i, "width": 140, "height": 100})
    elsewhere = {"image": {"bytes": None, "path": "x.png"}, "label": None, "key": 3, "width": None, "height": None}
    pq.write_table(pa.Table.from_pylist([*rows, elsewhere]), tmp_path / "a.parquet")
    cache = caching.build_cache(tmp_path / "a.parquet", tmp_path / "a")
    assert cache.labels == [":0", ":1", ":2"] and cache.keys == ["0", "1", "2"] and cache.skipped == {"broken": 1}
    assert np.array_equal(cache[2], crop(2, 100, 140))
    facts = sources.describe("shard", tmp_path / "a.parquet")
    assert (facts.photos, facts.labels, facts.labelled, facts.sides) == (4, 3, 0.75, (100, 100, 100))
    assert facts.chroma > 5
    pq.write_table(pa.table({"image": ["0.png"], "width": [140]}), tmp_path / "b.parquet")
    assert sources.describe("shard", tmp_path / "b.parquet").sides == (0, 0, 0)
    with pytest.raises(ReadError, match=r"can be used: 1 broken$"):
        caching.build_cache(tmp_path / "b.parquet", tmp_path / "b")


def test_work_keeps_its_order_and_does_not_run_ahead() -> None:
    taken: list[int] = []

    def items() -> Any:
        for i in range(500):
            taken.append(i)
            yield i

    results = parallel.ordered_map(lambda i: i * i, items())
    assert [next(results) for _ in range(10)] == [i * i for i in range(10)]
    assert len(taken) < 10 + 4 * (os.cpu_count() or 1) + 2
    results.close()  # type: ignore[attr-defined]


# sources


def test_parse(tmp_path: Path) -> None:
    assert sources.parse("photos") == Source(Path("photos"), 1.0)
    assert sources.parse("a=b/photos=0.5") == Source(Path("a=b/photos"), 0.5)
    (tmp_path / "x=y").mkdir()
    assert sources.parse(f"{tmp_path}/x=y") == Source(tmp_path / "x=y", 1.0)
    assert sources.parse("a=0").weight == 0, "for validation alone"
    for text in ("a=-1", "a=much", "a=nan", "a=inf", "a=", "=1"):
        with pytest.raises(UsageError, match="a number from 0"):
            sources.parse(text)


def test_open_sources(mixed: Path, tmp_path: Path, decodes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        shard(tmp_path / "shards" / f"{name}.parquet")
    ready = tmp_path / "ready"
    caching.build_cache(shard(tmp_path / "old.parquet", 3), ready / "old")
    named = [Source(tmp_path / "shards", 0.5), Source(ready / "old"), Source(mixed, 2.0)]
    opened = sources.open_sources(named, tmp_path / "caches", 64)
    assert [(o.name, len(o.cache), o.weight) for o in opened] == [
        ("one", 6, 3.0), ("two", 6, 3.0), ("old", 3, 3.0), ("holiday", 6, 12.0),
    ]  # fmt: skip
    assert opened[3].cache.skipped == EACH - Counter(excluded=1)
    assert opened[3].cache[0].shape == (64, 85, 3)
    assert names(tmp_path / "caches") == ["holiday", "one", "two"]

    # nothing is decoded again; another exclusion list or another photo is another cache
    count, reads = len(decodes), []
    real = filters.examine
    monkeypatch.setattr(filters, "examine", lambda found, rules: (reads.append(1), real(found, rules))[1])
    again = sources.open_sources(named, tmp_path / "caches", 64)
    assert [o.name for o in again] == [o.name for o in opened] and len(decodes) == count and not reads
    listed = filters.Exclusion(tmp_path / "exclude.json")
    assert sources.open_sources(named[2:], tmp_path / "caches", 64, listed)[0].cache.skipped == EACH
    save(mixed / "new.jpg", crop(12))
    assert len(sources.open_sources(named[2:], tmp_path / "caches", 64, listed)[0].cache) == 6
    before = len(reads)
    (mixed / "new.jpg").rename(mixed / "renamed.jpg")
    sources.open_sources(named[2:], tmp_path / "caches", 64, listed)
    assert 0 < before < len(reads)
    # what was left out on purpose does not come back by itself
    with pytest.raises(UsageError, match="give it again"):
        sources.open_sources(named[2:], tmp_path / "caches", 64)
    # a shard has an exclusion list too; of a cache it can no longer be asked
    nine = exclusion(tmp_path / "nine.json", [], [filters.difference_hash(crop(2, 100, 140))])
    assert sources.open_sources(named[:1], tmp_path / "listed", 64, nine)[0].cache.keys == ["0", "1", "3", "4", "5"]
    with pytest.raises(UsageError, match="is a cache"):
        sources.open_sources(named[1:2], tmp_path / "listed", 64, nine)
    # the folder of caches is a source as well
    assert [o.name for o in sources.open_sources([Source(ready)], tmp_path / "caches")] == ["old"]


def test_names_are_unique_and_stable(tmp_path: Path) -> None:
    for place in ("a", "b", "c/a", "d/a"):
        shard(tmp_path / place / "train.parquet", 2)
    first, second, third, fourth = (Source(tmp_path / p / "train.parquet") for p in ("a", "b", "c/a", "d/a"))
    opened = sources.open_sources([first, second, third], tmp_path / "k")
    assert [o.name for o in opened] == ["train", "b+train", "a+train"]
    with pytest.raises(UsageError, match="same name"):
        sources.open_sources([first, Source(tmp_path / "b"), third, fourth], tmp_path / "new")
    with pytest.raises(UsageError, match="named twice"):
        sources.open_sources([first, Source(tmp_path / "a")], tmp_path / "new")
    assert not (tmp_path / "new").exists()  # said before any photo was decoded


def test_sources_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("hello")
    for name, error, match in (
        ("no", ReadError, "nothing at"),
        ("empty", ReadError, "no photo in"),
        ("a.txt", UsageError, "not a source"),
    ):
        with pytest.raises(error, match=match):
            sources.open_sources([Source(tmp_path / name)], tmp_path / "caches")
    with pytest.raises(UsageError, match="name a source"):
        sources.open_sources([], tmp_path / "caches")


# commands


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`barva data ...` -> exit code, stdout, stderr."""
    application.add_commands()
    if not any(g.name == "data" for g in application.app.registered_groups):
        data_command.add(application.app)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = application.run(["data", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_commands(mixed: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    out, caches = tmp_path / "out", tmp_path / "caches"
    listed = ("--exclude", tmp_path / "exclude.json")
    code, said, err = run("pack", mixed, "-o", out, "--side", 64, *listed, "--labels", "folder")
    assert (code, err) == (0, "")
    assert said.splitlines()[0].startswith("5 photos packed into 1 shard, 0.0 MB, in ")
    assert said.splitlines()[1].strip().startswith("left out: 2 duplicate, 1 broken, 1 excluded, 1 graphic, 1 grey")
    assert run("pack", mixed, "-o", out)[0] == 1
    assert run("pack", mixed, "-o", out, "--overwrite", "--side", 64, *listed, "--labels", "folder")[0] == 0

    code, said, err = run("cache", out, f"{mixed}=0.5", "--cache", caches, "--side", 64, *listed)
    assert (code, err) == (0, "")
    assert [line.split()[:3] for line in said.splitlines()[:2]] == [
        ["holiday-00000", "5", "photos"],
        ["holiday", "5", "photos"],
    ]
    code, said, err = run("info", out, caches)
    assert (code, err) == (0, "")
    rows = said.splitlines()
    assert [r.split()[0] for r in rows] == ["holiday-00000.parquet", "holiday", "holiday-00000", "all"]
    assert all("5 photos" in r and "64 px" in r for r in rows[:3]) and "15 photos" in rows[3]
    assert "1 label on 100%" in rows[0] and "no labels" in rows[1]
    chroma = [float(r.split("chroma")[1].split()[0]) for r in rows[:3]]
    assert max(chroma) - min(chroma) < 1.5 and 5 < chroma[0] < 40


def test_commands_complain_in_one_line(
    mixed: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = tmp_path / "caches"
    for code, word, arguments in (
        (2, "command", ()),
        (1, "nothing at", ("cache", tmp_path / "no", "--cache", caches)),
        (2, "a number from 0", ("cache", f"{mixed}=-1", "--cache", caches)),
        (2, "64", ("pack", mixed, "-o", caches, "--side", 1000)),
        (2, "ImageNet", ("pack", mixed, "-o", caches, "--layout", "imagenet")),
        (2, "none of", ("pack", mixed, "-o", caches, "--labels", "some")),
        (1, "exclude", ("pack", mixed, "-o", caches, "--exclude", tmp_path / "no-exclude.json")),
        (1, "no folder", ("pack", mixed, "-o", caches, "--report", tmp_path / "no" / "r.jsonl")),
        (1, "--overwrite", ("pack", mixed, "-o", caches, "--report", mixed / "grey.jpg")),
        (2, "neither shards nor caches", ("info", mixed)),
    ):
        got, _, err = run(*arguments)
        assert got == code and word in err and err.count("\n") == 1, (arguments, got, err)
    good, bad = shard(tmp_path / "s" / "a.parquet"), tmp_path / "s" / "b.parquet"
    bad.write_bytes(b"half")
    code, said, err = run("info", tmp_path / "s")
    assert code == 1 and said.startswith("a.parquet") and "b.parquet" in err
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    for arguments in (("cache", good, "--cache", caches), ("pack", mixed, "-o", caches), ("info", good)):
        code, _, err = run(*arguments)
        assert code == 2 and "pip install '.[train]'" in err and err.count("\n") == 1
    assert not caches.exists()
