"""Pairs of different photos of one kind, from labeled shards: always the same ones, chosen without looking at colors.

Kinds are labels with at least `LEAST` photos, in the order of the SHA-256 of their names: the first `REPORTED` are
measured, the others are for tuning. Of each kind the first `CANDIDATES` photos in the order of the SHA-256 of their
keys count, without those that are nearly gray (they could give no colors). The first is the photo. Its reference is,
of the others, the one most alike in the encoder's features of light alone (as somebody would choose who looks for a
photo of the same thing); `chance` is the next one. Near duplicates are left out.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from barva.color import spaces
from barva.runtime.encoder import Encoder

LEAST, REPORTED, CANDIDATES = 40, 40, 24
GREY = 8.0
"""Mean chroma below which a photo is left out."""
TWINS = 0.8
"""Correlation of two photos' light at 16 x 16 px, one of them perhaps mirrored, from which they are near duplicates."""
NO_KINDS = {"BACKGROUND_Google"}
"""Labels that name no kind."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Photos (h, w, 3) uint8 sRGB of one kind, and their keys."""

    kind: str
    keys: tuple[str, str, str]
    photo: np.ndarray
    reference: np.ndarray
    chance: np.ndarray


@dataclass(frozen=True, eq=False)
class _Candidate:
    key: str
    rgb: np.ndarray
    look: np.ndarray
    twin: np.ndarray


def kinds(shards: list[Path]) -> dict[str, list[tuple[str, bytes]]]:
    """Label -> (key, file) of its photos, labels and keys in their order."""
    import pyarrow.parquet as pq

    groups: dict[str, list[tuple[str, bytes]]] = {}
    for shard in shards:
        for row in pq.read_table(shard, columns=["key", "image", "label"]).to_pylist():
            if row["label"] and row["label"] not in NO_KINDS:
                groups.setdefault(row["label"], []).append((row["key"], row["image"]))
    large = {label: rows for label, rows in groups.items() if len(rows) >= LEAST}
    return {label: sorted(large[label], key=lambda row: _digest(row[0])) for label in sorted(large, key=_digest)}


def pairs(shards: list[Path], *, tuning: bool = False) -> Iterator[Pair]:
    """One pair of each kind: the reported ones, or those for tuning."""
    encoder = Encoder((16, 32), 1)
    groups = kinds(shards)
    for label in list(groups)[REPORTED:] if tuning else list(groups)[:REPORTED]:
        candidates = list(_candidates(groups[label], encoder))
        if not candidates:
            continue
        first, others = candidates[0], [c for c in candidates[1:] if not _twins(candidates[0], c)]
        if others:
            looks = np.stack([c.look for c in candidates])
            center, scale = looks.mean(axis=0), looks.std(axis=0) + 1e-3
            likeness = [_cosine((first.look - center) / scale, (c.look - center) / scale) for c in others]
            other, chance = others[int(np.argmax(likeness))], others[0]
            yield Pair(label, (first.key, other.key, chance.key), first.rgb, other.rgb, chance.rgb)


def _candidates(rows: list[tuple[str, bytes]], encoder: Encoder) -> Iterator[_Candidate]:
    for key, file in rows[:CANDIDATES]:
        image = Image.open(io.BytesIO(file)).convert("RGB")
        rgb = np.ascontiguousarray(np.asarray(image))
        lab = spaces.fast_rgb_to_lab(rgb)
        if float(np.hypot(lab[..., 1], lab[..., 2]).mean()) < GREY:
            continue
        features = encoder.features(np.ascontiguousarray(lab[..., 0]), 160)
        twin = np.asarray(image.convert("L").resize((16, 16), Image.Resampling.BOX), np.float64)
        twin -= twin.mean()
        look = np.concatenate([f.mean(axis=(0, 1)) for f in features.values()])
        yield _Candidate(key, rgb, look, twin / max(float(np.linalg.norm(twin)), 1e-9))


def _twins(one: _Candidate, two: _Candidate) -> bool:
    return max(float((one.twin * two.twin).sum()), float((one.twin * two.twin[:, ::-1]).sum())) >= TWINS


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    return float(one @ two / max(float(np.linalg.norm(one) * np.linalg.norm(two)), 1e-9))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
