"""A folder of photos becomes Parquet shards that are small enough to send around.

Columns: key (the photo's path within the folder), image (WebP bytes, quality 90), width, height (of that picture),
label (or null), source (the data set's name). `barva.training.filters` says which photos are left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from barva.errors import ReadError, UsageError, WriteError
from barva.files import write_whole
from barva.training import layouts, parallel
from barva.training.cache import parquet, skipped_text
from barva.training.filters import Kept, Rules, Skipped, sift

SHARD = 48_000_000
"""Bytes of pictures after which a new shard begins; a file stays below 50 MB."""
QUALITY = 90


@dataclass(frozen=True)
class Packed:
    """What became of a folder: the photos kept and left out (by kind), the shards and their bytes."""

    photos: int
    skipped: Counter[str]
    shards: tuple[Path, ...]
    size: int


@dataclass(frozen=True)
class _Row:
    key: str
    image: bytes
    width: int
    height: int
    label: str | None


def pack(
    folder: Path,
    output: Path,
    name: str | None = None,
    rules: Rules | None = None,
    *,
    layout: str = "auto",
    labels: str = "auto",
    report: Path | None = None,
    overwrite: bool = False,
    progress: parallel.Progress = parallel.silent,
) -> Packed:
    """Write `output`/NAME-00000.parquet and so on, all of them or none. `name` is also the source of each row.

    `report`: JSON lines, one for each photo left out: key, kind, why. `overwrite` replaces shards of this name and the
    report. Errors as `layouts.find`; `WriteError`: the output holds shards already, or cannot be written;
    `ReadError`: no photo is left.
    """
    parquet()  # rather now than after an hour
    name = folder.resolve().name if name is None else name
    if not re.fullmatch(r"[^./\\][^/\\]*", name):
        raise UsageError(f"'{name}' cannot be the name of shards; choose one with --name")
    _refuse(output, report, name, overwrite)
    found = layouts.find(folder, layout, labels)
    skips: list[Skipped] = []
    kept = _sorted_out(sift(found, rules or Rules(), progress, folder.name), skips)
    shards: list[Path] = []
    with parallel.scratch(output / name) as part:
        photos = 0
        for rows in _group(parallel.ordered_map(_row, kept)):
            shards.append(part / f"{name}-{len(shards):05d}.parquet")
            _write_shard(rows, name, shards[-1])
            photos += len(rows)
        counts = Counter(s.kind for s in skips)
        if report:
            _write_report(skips, report)
        if not photos:
            raise ReadError(f"no photo in {folder} can be used{skipped_text(counts)}")
        placed = _place(shards, output, name)
    return Packed(photos, counts, tuple(placed), sum(p.stat().st_size for p in placed))


def _refuse(output: Path, report: Path | None, name: str, overwrite: bool) -> None:
    """Everything that would be in the way at the end."""
    if output.exists() and not output.is_dir():
        raise WriteError(f"{output} is a file; shards need a folder")
    there = next(iter(sorted(output.glob("*.parquet"))), None)
    if there and not overwrite:
        raise WriteError(f"{output} holds shards already ({there.name}); --overwrite replaces those named {name}-*")
    if report and report.exists() and not overwrite:
        raise WriteError(f"{report} exists; --overwrite replaces it")
    if report and not report.parent.is_dir():
        raise WriteError(f"{report}: there is no folder {report.parent}")


def _sorted_out(results: Iterable[Kept | Skipped], skips: list[Skipped]) -> Iterator[Kept]:
    for result in results:
        if isinstance(result, Kept):
            yield result
        else:
            skips.append(result)


def _row(kept: Kept) -> _Row:
    quality = [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    _, image = cv2.imencode(".webp", cv2.cvtColor(kept.rgb, cv2.COLOR_RGB2BGR), quality)
    return _Row(kept.found.key, image.tobytes(), kept.rgb.shape[1], kept.rgb.shape[0], kept.found.label)


def _group(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows for one shard each."""
    group: list[_Row] = []
    size = 0
    for row in rows:
        if group and size + len(row.image) > SHARD:
            yield group
            group, size = [], 0
        group.append(row)
        size += len(row.image)
    if group:
        yield group


def _write_shard(rows: list[_Row], source: str, path: Path) -> None:
    import pyarrow as pa

    columns: dict[str, Any] = {
        "key": pa.array([r.key for r in rows], pa.string()),
        "image": pa.array([r.image for r in rows], pa.binary()),
        "width": pa.array([r.width for r in rows], pa.int16()),
        "height": pa.array([r.height for r in rows], pa.int16()),
        "label": pa.array([r.label for r in rows], pa.string()),
        "source": pa.array([source] * len(rows), pa.dictionary(pa.int32(), pa.string())),
    }
    parquet().write_table(pa.table(columns), path, row_group_size=1000)


def _write_report(skips: list[Skipped], path: Path) -> None:
    lines = ({"key": s.found.key, "kind": s.kind, "why": s.why} for s in skips)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    # names of files need not be text: what is none is written as JSON's own escapes
    write_whole(path, text.encode("utf-8", "backslashreplace"), overwrite=True)


def _place(shards: list[Path], output: Path, name: str) -> list[Path]:
    """The shards under their names; those of an earlier run that had more are removed."""
    placed = [shard.replace(output / shard.name) for shard in shards]
    for old in output.glob("*.parquet"):
        if re.fullmatch(re.escape(name) + r"-\d{5}\.parquet", old.name) and old not in placed:
            old.unlink()
    return placed
