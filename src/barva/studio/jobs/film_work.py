"""How a job colors a film: what its key frames ask holds for their shots, as by `barva film --at TIME --scene FILE`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barva.engine.request import Request
from barva.engine.sampling import Sampling
from barva.errors import Message
from barva.scene.model import Scene
from barva.studio.sessions import disk

ORDER = "order.json"
"""The file of a film's job: the suffix of its result, and what its key frames ask."""

_THIS = Message("this file", code="this-file")


@dataclass(frozen=True)
class FrameOrder:
    """What is asked of the frame at `at` seconds: a scene's JSON-LD, and `Sampling.to_row`."""

    at: float
    scene: str
    sampling: dict[str, Any]


def write_order(suffix: str, frames: Iterable[FrameOrder]) -> bytes:
    """As the file `ORDER` of a job, whose result will have this suffix."""
    return json.dumps({"suffix": suffix, "frames": [vars(frame) for frame in frames]}).encode()


def color(folder: Path, method: str, threads: int, report: Callable[[float], None]) -> tuple[str, tuple[str, ...]]:
    """Color the film `in-0` of a job's folder into `out-0`. What was finished when it was stopped is not done again.

    Args:
        folder: the job's.
        method: colors all frames.
        threads: processor threads.
        report: called with the share that is done, 0..1, after each frame; it may raise to end the work.

    Returns:
        The suffix of the result without its dot, and notes.

    Raises:
        BarvaError: what `barva.film.pipeline.color_film` raises, and without the extra `film`.
    """
    from barva.engine.colorizer import Colorizer
    from barva.film.guided import FrameGuidance
    from barva.film.pipeline import FilmOptions, FilmProgress, color_film

    order = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    guidance = [
        FrameGuidance(
            frame.at,
            Request(scene=Scene.from_json(frame.scene), sampling=Sampling.from_row(frame.sampling, folder)),
        )
        for frame in (FrameOrder(**row) for row in order["frames"])
    ]
    target = folder / f"film{order['suffix']}"

    def on_frame(progress: FilmProgress) -> None:
        report(min(1.0, progress.frames / (progress.total or max(1, progress.frames))))

    options, colorizer = FilmOptions(overwrite=True), Colorizer(method, threads=threads)
    result = color_film(folder / "in-0", target, colorizer, options, on_frame, guidance)
    target.replace(folder / "out-0")
    return str(order["suffix"]).removeprefix("."), tuple(map(_tidy_note, result.notes))


def _tidy_note(note: str) -> str:
    return tidy(note) if isinstance(note, Message) else note


def tidy(message: Message) -> Message:
    """An error's one line on a film, whose file has a name of its own here."""
    known = disk.tidy(message)
    return known.with_values(file=_THIS) if "file" in known.values else known
