"""Where training photos come from: whole sources held out for validation, and themes drawn in given shares.

A source is a repository or folder; every photo of a cache knows its own (`PhotoCache.sources`). A split by photo
flatters, for photos of one source are alike; a source that was held out whole shows what the network does elsewhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import numpy.typing as npt

from barva.errors import UsageError, suggestion
from barva.files import read_whole
from barva.training.cache import PhotoCache

Mask = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Group:
    """Training photos of one source in one cache: the cache's number, the indices there, how often the group is drawn
    against the others, and the longest of the photos' short sides, px."""

    cache: int
    source: str
    photos: npt.NDArray[np.int64]
    weight: float
    short: int


@dataclass(frozen=True)
class Theme:
    """The share of what is drawn that photos of these sources are; `sources` are names of sources or caches, also with
    `*`."""

    share: float
    sources: tuple[str, ...]


Named = Sequence[tuple[str, PhotoCache, float]]
"""Caches: name, cache, and how often it is drawn against the others."""


def groups_of(caches: Named, train: Sequence[npt.NDArray[np.int64]]) -> list[Group]:
    """The training photos of all caches by their sources; a cache's weight is shared out by numbers of photos."""
    groups = []
    for k, ((_, cache, weight), photos) in enumerate(zip(caches, train, strict=True)):
        own = np.array(cache.sources)[photos]
        for source in np.unique(own):
            mine = photos[own == source]
            short = int(np.minimum(cache.height, cache.width)[mine].max())
            groups.append(Group(k, str(source), mine, weight * len(mine) / len(photos), short))
    return groups


def resolve_held(caches: Named, held: Sequence[str]) -> tuple[str, ...]:
    """What `--hold-out` names, as names of sources or caches, each once, sorted.

    Args:
        caches: All caches of the run.
        held: Names of sources, or of caches, or paths of these.

    Raises:
        UsageError: There is no such source.
    """
    known = sorted({source for _, cache, _ in caches for source in cache.sources} | {name for name, _, _ in caches})
    names = set()
    for text in held:
        name = text if text in known else Path(text).name
        if name not in known:
            shown = ", ".join(known[:8]) + (" ..." if len(known) > 8 else "")
            raise UsageError(
                f"--hold-out {text}: there is no such source{suggestion(text, known)} (there are: {shown})"
            )
        names.add(name)
    return tuple(sorted(names))


def held_masks(caches: Named, names: Sequence[str]) -> list[Mask]:
    """Which photos of each cache belong to the sources, or the caches, of these names."""
    return [
        np.ones(len(cache), bool) if name in names else np.isin(np.array(cache.sources), list(names))
        for name, cache, _ in caches
    ]


def read_themes(path: Path) -> dict[str, Theme]:
    """The themes of a JSON file: `{"people": {"share": 0.4, "sources": ["portraits", "events-*"]}}`.

    Raises:
        ReadError: There is no such file.
        UsageError: It says something else, or shares of more than 1 in all.
    """
    return read_whole(path, "table of themes", 1_000_000, _themes)


def _themes(data: bytes, _folder: Path) -> dict[str, Theme]:
    try:
        raw = json.loads(data)
        themes = {
            str(name): Theme(float(row["share"]), tuple(str(source) for source in _list(row["sources"])))
            for name, row in raw.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UsageError(
            'it is no table of themes, such as {"people": {"share": 0.4, "sources": ["a", "b*"]}}'
        ) from None
    for name, theme in themes.items():
        if not 0 <= theme.share <= 1:
            raise UsageError(f"the share of '{name}' is from 0 to 1, not {theme.share}")
    if (total := math.fsum(theme.share for theme in themes.values())) > 1 + 1e-9:
        raise UsageError(f"the shares come to {total:g}, more than 1")
    return themes


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def theme_numbers(groups: Sequence[Group], names: Sequence[str], themes: Mapping[str, Theme]) -> npt.NDArray[np.int64]:
    """Which theme each group belongs to, by number; -1 for none. `names` are the caches'. The first theme that names a
    group has it. `UsageError`: a theme without photos."""
    number = np.full(len(groups), -1, np.int64)
    for at, (name, theme) in enumerate(themes.items()):
        mine = [
            any(fnmatchcase(group.source, p) or fnmatchcase(names[group.cache], p) for p in theme.sources)
            for group in groups
        ]
        number[np.array(mine, bool) & (number < 0)] = at
        if theme.share and not (number == at).any():
            raise UsageError(f"the theme '{name}' has no photos: none of its sources is in --data")
    return number


def balance(weights: Weights, number: npt.NDArray[np.int64], themes: Mapping[str, Theme]) -> Weights:
    """Weights of groups scaled so that each theme has its share and all others together the rest; a theme that is not
    drawn from at present (its photos too small) leaves its share to the others."""
    scaled = weights.copy()
    for at, theme in enumerate(themes.values()):
        mine = number == at
        scaled[mine] *= theme.share / (weights[mine].sum() or 1.0)
    others = number < 0
    left = 1 - sum(theme.share for theme in themes.values())
    scaled[others] *= max(left, 0.0) / (weights[others].sum() or 1.0)
    return scaled
