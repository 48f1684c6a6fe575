"""Films in the studio: key frames of their shots as sessions, what is asked of them, and the job that colors all."""

from __future__ import annotations

import io
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from PIL import Image

from barva.errors import BarvaError, UsageError
from barva.film import source as sources
from barva.studio.films import orders
from barva.studio.films.film import Film
from barva.studio.films.films import Films
from barva.studio.films.frames import clock
from barva.studio.jobs.job import Job
from barva.studio.locale.messages import Words
from barva.studio.service import Service
from barva.studio.sessions.document import Document, Item
from barva.studio.sessions.store import BusyError, MissingError
from barva.studio.settings import Settings

pytest.importorskip("av")

sys.path.append(str(Path(__file__).resolve().parents[1] / "film"))
import film_clips as clips

SHOTS = ((1, 14), (2, 4), (3, 16))
"""Number of the scene and frames of each shot; the second one is shorter than half a second."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three shots at 24 frames a second, without loss."""
    path = tmp_path_factory.mktemp("clips") / "in.mp4"
    return clips.write(path, clips.frames(SHOTS)).read_bytes()


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(Settings(state=tmp_path / "state", max_films=2))


def put(service: Service, data: bytes, name: str = "newsreel.mp4") -> Film:
    """Open a film, and wait for all its shots."""
    path = service.settings.state / "uploads" / "sent"
    path.write_bytes(data)
    return found(service.films, service.films.create(path, name, "me").id)


def found(films: Films, id_: str) -> Film:
    until = time.monotonic() + 30
    while not (film := films.get(id_)).searched:
        assert time.monotonic() < until
        time.sleep(0.02)
    return film


def finish(service: Service, job: Job) -> None:
    """Have a job done."""
    service.jobs.start()
    until = time.monotonic() + 60
    while not job.finished:
        assert time.monotonic() < until
        time.sleep(0.05)
    service.jobs.stop()


def keys(service: Service, film: Film) -> list[str]:
    query = "SELECT session FROM listing WHERE owner = ? ORDER BY place"
    return [key for (key,) in service.database.rows(query, (film.list_owner,))]


def test_each_shot_has_a_key_frame_in_order(service: Service, clip: bytes) -> None:
    film = put(service, clip)
    assert [round(frame.at * 24) for frame in film.frames] == [12, 17, 30]
    assert keys(service, film) == [frame.session for frame in film.frames] and film.problem is None
    stored = service.store.get(film.frames[0].session)
    assert stored.name == "newsreel 0m00.5s.png" and stored.size == (clips.HEIGHT, clips.WIDTH)
    shown = np.asarray(Image.open(stored.photo), np.int16)
    assert np.abs(shown - clips.frames(SHOTS)[12]).max() <= 1  # codes of video have fewer levels
    assert service.films.find("none") is None and [service.films.find(film.id)] == service.films.of("me")
    assert service.films.of("you") == service.films.of("") == []
    service.films.delete(film.id)
    assert not keys(service, film) and not film.folder.exists()
    with pytest.raises(MissingError):
        service.films.get(film.id)


def test_a_search_goes_on_after_a_restart(service: Service, clip: bytes) -> None:
    film = put(service, clip)
    service.films._change(film.id, searched=False, frames=film.frames[:1])
    again = Films(service.settings, service.store, service.jobs)
    again.start()
    after = found(again, film.id)
    assert [f.at for f in after.frames] == [f.at for f in film.frames] and after.frames[0] == film.frames[0]
    again.stop()


def test_what_is_asked_of_a_key_frame_holds_for_its_shot(service: Service, clip: bytes, tmp_path: Path) -> None:
    film = put(service, clip)
    session = service.store.get(film.frames[2].session)
    box = Item("b", "box", "#2040ff", box=(8.0, 8.0, 120.0, 88.0))
    session.history.add(replace(Document(), items=(box,), strength=1.0))
    job = service.films.color(film.id)
    assert job.is_film and job.output.method == "guided"
    order = json.loads((job.folder / "order.json").read_text())
    assert [round(frame["at"] * 24) for frame in order["frames"]] == [30] and order["suffix"] == ".mp4"
    finish(service, job)
    (item,) = job.items
    assert (item.state, item.format) == ("done", "mp4") and item.size > 1000, item
    out = tmp_path / "out.mp4"
    out.write_bytes(job.result(0).read_bytes())
    blue = [float(planes[1].mean()) for _, planes in clips.decoded(out)]
    assert len(blue) == 34 and min(blue[18:]) > max(blue[:18]) + 5  # Cb
    assert [p.name for p in job.folder.iterdir() if "barva-film" in p.name] == []
    again = service.films.color(film.id)
    assert again.id != job.id and service.films.get(film.id).job == again.id
    service.jobs.cancel(again.id)
    assert service.films.color(film.id).id == again.id, "it goes on where it was"


def test_two_windows_queue_a_film_once(service: Service, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    film, order_of, jobs = put(service, clip), orders.order_of, list[Job]()

    def meanwhile(*asked: Any) -> bytes:
        monkeypatch.setattr(orders, "order_of", order_of)
        jobs.append(service.films.color(film.id))
        return order_of(*asked)

    monkeypatch.setattr(orders, "order_of", meanwhile)
    assert [service.films.color(film.id).id] == [job.id for job in jobs]
    assert [id_ for (id_,) in service.database.rows("SELECT id FROM job")] == [jobs[0].id]


@pytest.mark.parametrize("degrees", ["90", "180", "270"])
def test_films_that_phones_turn_are_worked_on_upright(service: Service, tmp_path: Path, degrees: str) -> None:
    turn, pictures = clips.TURNS[degrees], clips.frames(((1, 4),))
    path = clips.write(tmp_path / "in.mp4", [clips.as_stored(p, turn) for p in pictures], sound=False)
    film = put(service, clips.turned(path, turn).read_bytes())
    stored = service.store.get(film.frames[0].session)
    assert stored.size == (clips.HEIGHT, clips.WIDTH)
    shown = np.asarray(Image.open(stored.photo), np.int16)
    assert np.abs(shown - pictures[-1]).max() <= 1
    item = Item("b", "box", "#2040ff", box=(20.0, 10.0, 44.0, 34.0))
    stored.history.add(replace(Document(), items=(item,), strength=1.0))
    job = service.films.color(film.id)
    finish(service, job)
    out = tmp_path / "out.mp4"
    out.write_bytes(job.result(0).read_bytes())
    for _, planes in clips.decoded(out):
        blue = clips.as_shown(planes[1], turn).astype(int)  # Cb, half as large
        assert blue[8:14, 13:19].min() > np.percentile(blue[:, 30:], 90) + 8
    assert sources.facts_of(out).matrix == sources.facts_of(path).matrix


def test_bad_films_are_one_line_and_leave_nothing(service: Service, clip: bytes, tmp_path: Path) -> None:
    sound = clips.write(tmp_path / "sound.mp4", clips.frames(((1, 3),))).read_bytes()
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n"
    bad = {
        "not a film that can be read": (b"", b"no film at all", clip[:900], playlist),
        "codec": (sound.replace(b"avc1", b"zzz9"),),
    }
    for why, films in bad.items():
        for data in films:
            with pytest.raises(BarvaError, match=why) as caught:
                put(service, data)
            assert str(service.settings.state) not in str(caught.value) and "\n" not in str(caught.value)
            assert Words("uk").translate(caught.value.message).startswith("цей файл")
    assert not list((service.settings.state / "films").iterdir())
    assert not service.database.rows("SELECT id FROM session")
    small = Service(Settings(state=tmp_path / "small", max_pixels=5000))
    with pytest.raises(BarvaError, match="larger than the limit"):
        put(small, clip)


def test_a_film_that_is_cut_off_is_worked_on_and_refused_when_it_is_colored(service: Service, tmp_path: Path) -> None:
    options = {"movflags": "faststart"}
    path = clips.write(tmp_path / "in.mp4", clips.frames(((1, 48),)), sound=False, gop=8, format_options=options)
    film = put(service, path.read_bytes()[: path.stat().st_size // 2])
    assert len(film.frames) == 1
    job = service.films.color(film.id)
    service.jobs._do(job, 0)
    (note,) = job.items[0].notes
    assert job.items[0].state == "failed" and note.startswith("this file is damaged") and "--" not in note


def test_the_longest_unused_film_makes_room(service: Service, clip: bytes) -> None:
    first, second = put(service, clip), put(service, clip)
    with pytest.raises(BusyError, match="as many films"):
        put(service, clip)
    service.films._change(first.id, used=0.0)
    third = put(service, clip)
    assert {film.id for film in service.films.of("me")} == {second.id, third.id}
    service.films._change(second.id, used=0.0)
    assert service.films.sweep() == 1 and [film.id for film in service.films.of("me")] == [third.id]


def test_films_come_in_over_the_page_and_are_limited(
    tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nicegui")
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from barva.studio.page import routes
    from barva.studio.server import create_app
    from barva.studio.sessions.edit_session import EditSessions

    settings = Settings(state=tmp_path / "state", max_bytes=100, max_film=len(clip) + 10)
    app: FastAPI = create_app(settings, page=True)
    app.include_router(routes.router(EditSessions(app.state.service)))
    with TestClient(app, base_url="http://127.0.0.1:8480") as client:

        def send(data: bytes, language: str = "en") -> httpx.Response:
            headers = {"X-File-Name": quote("хроніка.mp4"), "Accept-Language": language}
            return client.post("/studio/film", content=data, headers=headers)

        answer = send(clip)
        assert answer.status_code == 200, answer.text
        film = found(app.state.service.films, answer.json()["film"])
        assert film.name == "хроніка.mp4" and len(film.frames) == 3
        small = client.get(f"/studio/{film.frames[0].session}/thumb")
        assert Image.open(io.BytesIO(small.content)).size == (clips.WIDTH, clips.HEIGHT)
        assert send(clip + bytes(11)).status_code == 413
        assert not list((settings.state / "uploads").iterdir())
        refused = send(b"none", "uk")
        assert refused.status_code == 415 and "не є фільмом" in refused.json()["error"]["message"]

        def missing() -> None:
            raise UsageError("av is not installed", code="extra.missing")

        monkeypatch.setattr(routes, "load_av", missing)
        assert send(clip).json()["error"]["reason"] == "extra.missing"


def test_times_as_names() -> None:
    assert [clock(at) for at in (0, 9.96, 3599.99, 3600)] == ["0m00.0s", "0m10.0s", "60m00.0s", "60m00.0s"]


def test_playlists_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"ffconcat version 1.0\nfile {tmp_path}/other.mp4\n")
    with pytest.raises(BarvaError, match="not a film that can be read"):
        sources.check_container(path)
