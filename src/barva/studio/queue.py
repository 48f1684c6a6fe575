"""Many photos: each waits in a job of its own, so that one can be stopped or tried again without the others."""

from __future__ import annotations

from barva.studio import scenes
from barva.studio.desk import Desk
from barva.studio.jobs import OPEN, Job
from barva.studio.store import MissingError
from barva.studio.visitors import Shelf


def job_of(desk: Desk) -> Job | None:
    """The photo's job, if it has one that is still there."""
    try:
        return desk.service.jobs.get(str(desk.drawer.about.get("job", "")))
    except MissingError:
        return None


def state(desk: Desk) -> tuple[str, str, str]:
    """State of the photo's job, or "open"; what was said; and the job's id."""
    job = job_of(desk)
    if job is None:
        return "open", "", ""
    item = job.items[0]
    return item.state, item.said[0] if item.said else "", job.id


def color(desk: Desk) -> None:
    """Queue the photo as it is asked for now. UsageError, BusyError."""
    old = job_of(desk)
    if old is not None and not old.finished:
        return
    references = [desk.drawer.reference(key) for key in desk.now.references]
    photo, marks = (desk.name, desk.work.photo.read_bytes()), desk.now.guidance(desk.drawer.mask)
    job = desk.service.jobs.create([photo], desk.order, marks, references, desk.palette)
    desk.drawer.tell(job=job.id)
    if old is not None:
        desk.service.jobs.delete(old.id)


def color_all(own: Shelf) -> None:
    """Queue all photos of a visitor that are not waiting already."""
    for key in reversed(own.keys):
        color(own.desk(key))


def stop(own: Shelf, key: str = "") -> None:
    """Cancel one photo's job, or all."""
    for one in [key] if key else own.keys:
        job = job_of(own.desk(one))
        if job is not None and any(i.state in OPEN for i in job.items):
            own.service.jobs.cancel(job.id)


def retry(own: Shelf, key: str) -> None:
    """Try a failed or cancelled one again, as it is asked for now."""
    color(own.desk(key))


def apply(own: Shelf, desk: Desk) -> int:
    """The desk's document for all other photos, as a step of their histories; how many."""
    count = 0
    for key in own.keys:
        if key != desk.key:
            other = own.desk(key)
            other.drawer.journal.add(scenes.carried(desk.now, desk, other))
            other.live = other.now
            count += 1
    return count
