"""What goes over the wire: the shapes of answers, for the API's description and its examples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from barva.engine.explore.variants import Suggestion
from barva.methods.base import MethodCard
from barva.studio.jobs.job import Job
from barva.studio.jobs.output import plain_settings
from barva.studio.locale.messages import Words
from barva.studio.sessions.stored_session import StoredSession


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Problem(BaseModel):
    """Why a request failed: `code` is the kind of failure, `message` one line for a person, in the language of the
    header `Accept-Language` where the server has it. `reason` tells this message from all others, in any language and
    version, and `values` are what it speaks of; a value may be a message itself."""

    model_config = _example(
        code="usage", message="vividness: a number from 0 to 2 is wanted, not 3.0", reason="setting.number",
        values={"setting": "vividness", "low": "0", "high": "2", "value": "3.0"},
    )  # fmt: skip
    code: str
    message: str
    reason: str | None = None
    values: dict[str, Any] = {}


class Note(BaseModel):
    """What was done otherwise than one may expect: as in `Problem`, `reason` tells this note from all others and
    `values` are what it speaks of."""

    model_config = _example(
        message="the mask is 320 x 240 pixels, the photo 640 x 480: it was scaled", reason="note.mask-scaled",
        values={"width": 320, "height": 240, "photo_width": 640, "photo_height": 480},
    )  # fmt: skip
    message: str
    reason: str | None = None
    values: dict[str, Any] = {}

    @classmethod
    def of(cls, notes: Iterable[str], words: Words) -> list[Note]:
        """Notes in the language of whoever asks."""
        return [cls(**words.note(note)) for note in notes]


class Failure(BaseModel):
    error: Problem


class Health(BaseModel):
    model_config = _example(status="ok", version="0.1.0", method="guided", waiting=0, limits={"photo_bytes": 134217728})
    status: str
    version: str
    method: str
    waiting: int
    limits: dict[str, float]


class MethodOut(BaseModel):
    """A method's card."""

    model_config = _example(
        name="levin", title="Scribbles by optimization", summary="spreads the colors of points and strokes",
        family="scribbles", native_guidance=["points"], paper="Levin, Lischinski, Weiss 2004",
        license="MIT", default=False, caution="",
    )  # fmt: skip
    name: str
    title: str
    summary: str
    family: str
    native_guidance: list[str]
    paper: str
    license: str
    default: bool
    caution: str

    @classmethod
    def of(cls, card: MethodCard, default: str) -> MethodOut:
        return cls(
            name=card.name, title=card.title, summary=card.summary, family=card.family,
            native_guidance=sorted(card.native_guidance),
            paper=card.paper, license=card.license, default=card.name == default, caution=card.caution,
        )  # fmt: skip


class SuggestionOut(BaseModel):
    """A likely color of a place, `lab` at the place's own light."""

    model_config = _example(hex="#8c5a3c", probability=0.41, lab=[43.5, 16.2, 25.1])
    hex: str
    probability: float
    lab: tuple[float, float, float]

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionOut:
        return cls(hex=suggestion.hex, probability=suggestion.probability, lab=suggestion.lab)


class GuidanceOut(BaseModel):
    """Guidance as it was understood."""

    model_config = _example(
        guidance={
            "barva": "guidance", "version": 1, "marks": [{"kind": "point", "at": [412, 310], "color": "#7a1f1f"}]
        },
        notes=[],
    )  # fmt: skip
    guidance: dict[str, Any]
    notes: list[Note]


class SessionOut(BaseModel):
    """A session; `levels` are (height, width) of its pyramid, full size first."""

    model_config = _example(
        id="q3w9rZ0oVtS2m8yK1bN5cX7dF4gH6jLp", name="grandmother.jpg", width=4000, height=3000,
        levels=[[3000, 4000], [1500, 2000]], tile=512, settings={"method": "guided", "vividness": 1.0}, notes=[],
        references=0,
    )  # fmt: skip
    id: str
    name: str
    width: int
    height: int
    levels: list[tuple[int, int]]
    tile: int
    settings: dict[str, Any]
    notes: list[Note]
    references: int

    @classmethod
    def of(cls, stored: StoredSession, words: Words) -> SessionOut:
        from barva.engine.render.preview import TILE

        session, document = stored.live(), stored.document
        photo = session.photo
        return cls(
            id=stored.id, name=stored.name, width=photo.width, height=photo.height, levels=list(session.levels),
            tile=TILE, settings=plain_settings(document.request, document.output),
            notes=Note.of(session.result.notes, words), references=len(document.references),
        )  # fmt: skip


class SessionBrief(BaseModel):
    """A row of the list of sessions; times are UTC."""

    model_config = _example(
        id="q3w9rZ0oVtS2m8yK1bN5cX7dF4gH6jLp", name="grandmother.jpg", created="2026-11-28T10:00:00Z",
        used="2026-11-28T10:05:00Z",
    )  # fmt: skip
    id: str
    name: str
    created: datetime
    used: datetime

    @classmethod
    def of(cls, id_: str, facts: dict[str, Any]) -> SessionBrief:
        created, used = (datetime.fromtimestamp(float(facts[key]), UTC) for key in ("created", "used"))
        return cls(id=id_, name=str(facts["name"]), created=created, used=used)


class ItemOut(BaseModel):
    """One photo of a job; `state` is waiting, running, done, failed or cancelled; `notes`, or the error."""

    name: str
    state: str
    notes: list[Note]
    seconds: float
    result: str | None


class JobOut(BaseModel):
    model_config = _example(
        id="q3w9rZ0oVtS2m8yK1bN5cX7dF4gH6jLp", finished=False, done=1, total=2,
        items=[
            {"name": "a.jpg", "state": "done", "notes": [], "seconds": 0.4, "result": "/api/v1/jobs/q3.../results/0"},
            {"name": "b.jpg", "state": "running", "notes": [], "seconds": 0.0, "result": None},
        ],
    )  # fmt: skip
    id: str
    finished: bool
    done: int
    total: int
    items: list[ItemOut]

    @classmethod
    def of(cls, job: Job, words: Words, prefix: str = "/api/v1") -> JobOut:
        items = [
            ItemOut(
                name=item.name, state=item.state, notes=Note.of(item.notes, words), seconds=item.seconds,
                result=f"{prefix}/jobs/{job.id}/results/{n}" if item.state == "done" else None,
            )
            for n, item in enumerate(job.items)
        ]  # fmt: skip
        done = sum(item.state == "done" for item in job.items)
        return cls(id=job.id, finished=job.finished, done=done, total=len(items), items=items)
