"""Whether gray skin takes the color of its face: a setting of sessions, scenes, the HTTP API and jobs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from studio_kit import Running

from barva.engine.request import Request
from barva.errors import UsageError
from barva.scene.model import Scene
from barva.studio.jobs.output import Output, read_settings
from barva.studio.sessions import scenes
from barva.studio.sessions.document import Document
from barva.studio.sessions.edit_session import EditSession
from barva.studio.sessions.history import History


def test_it_is_kept_undone_and_saved_in_scenes(session: EditSession) -> None:
    session.history.add(replace(session.now, skin=False))
    again = History(session.service.database, session.key)
    assert again.now.skin is False and again.now.request.skin is False
    saved = scenes.text(session)
    assert Scene.from_json(saved).whole.manner.skin is False
    session.history.go(-1)
    assert session.now == Document() and session.now.request.skin
    scenes.put(session, saved.encode())
    assert not session.now.skin
    session.history.add(replace(session.now, skin=True))
    assert Scene.from_json(scenes.text(session)).whole.manner.skin is None


def test_a_setting_wins_over_the_scene_before_it(session: EditSession) -> None:
    session.stored.change(settings=(Request(skin=False), Output()))
    scene = session.stored.live().result.scene
    stored = session.stored
    stored.change(settings=(Request(), Output()), scene=scene)
    assert not stored.document.skin, "the scene says so, and a request without the setting says nothing"
    stored.change(settings=(replace(stored.document.request, skin=True), Output()))
    assert stored.live().result.scene.whole.manner.skin is None


def test_the_http_api_takes_it(server: Running, photo: bytes) -> None:
    session = server.begin(photo, skin="false")
    assert server.client.get(session).json()["settings"]["skin"] is False
    scene = server.client.get(f"{session}/scene").text
    assert Scene.from_json(scene).whole.manner.skin is False
    changed = server.client.put(f"{session}/settings", json={"skin": True}).json()
    assert changed["settings"]["skin"] is True
    with_scene = server.begin(photo, scene=scene)
    assert server.client.get(with_scene).json()["settings"]["skin"] is False
    job = server.client.post("/jobs", files={"photo": ("a.jpg", photo)}, data={"skin": "0"}).json()
    rows = server.service.database.rows("SELECT settings FROM job WHERE id = ?", (job["id"],))
    assert json.loads(rows[0][0])["skin"] is False
    refused = server.client.put(f"{session}/settings", json={"skin": "perhaps"}, headers={"Accept-Language": "uk"})
    assert refused.status_code == 422 and "skin" in refused.json()["error"]["message"]


def test_nothing_but_yes_and_no() -> None:
    assert read_settings({"skin": None})[0].skin
    with pytest.raises(UsageError, match="skin: true or false is wanted"):
        read_settings({"skin": "maybe"})
