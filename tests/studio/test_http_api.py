"""The API: what it answers is what the library gives."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from studio_kit import POINT, Running, finished

import barva
from barva.guidance.marks import Point
from barva.imaging import formats
from barva.studio.jobs.output import SETTINGS, Output

RED = Point((100, 80), "red")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_raw_and_form_give_what_the_library_gives(server: Running, photo: bytes, tmp_path: Path) -> None:
    raw = server.client.post("/colorize?format=png", content=photo, headers={"content-type": "image/jpeg"})
    form = server.client.post("/colorize", files={"photo": ("a.jpg", photo)}, data={"format": "png"})
    wanted = barva.colorize(photo).array()
    assert np.array_equal(pixels(raw.content), wanted) and np.array_equal(pixels(form.content), wanted)
    assert raw.headers["content-type"] == "image/png"
    assert 'filename="a.color.png"' in form.headers["content-disposition"]
    guided = server.client.post(
        "/colorize", files={"photo": ("a.jpg", photo)},
        data={"format": "png", "guidance": json.dumps(POINT), "vividness": "1.5", "seed": "3"},
    )  # fmt: skip
    assert np.array_equal(pixels(guided.content), barva.colorize(photo, guidance=RED, vividness=1.5, seed=3).array())
    told = {"headers": {"accept-language": "uk"}, "files": {"photo": photo}, "data": {"guidance": json.dumps(POINT)}}
    ukrainian = server.client.post("/colorize", **told)
    notes, same = (json.loads(answer.headers["x-barva-notes"]) for answer in (guided, ukrainian))
    assert notes and all(note["reason"] and note["message"] for note in notes)
    assert [note["reason"] for note in notes] == [note["reason"] for note in same]
    assert [note["message"] for note in notes] != [note["message"] for note in same]


def test_its_file_is_the_command_lines(server: Running, jpeg: Path, tmp_path: Path) -> None:
    """The same pixels, format, metadata and provenance."""
    from barva.cli.app import run

    target = tmp_path / "cli.jpg"
    assert run(["colorize", str(jpeg), "-o", str(target), "--point", "100,80=red"]) == 0
    form = {"guidance": json.dumps(POINT)}
    answer = server.client.post("/colorize", files={"photo": ("a.jpg", jpeg.read_bytes())}, data=form)
    assert answer.content == target.read_bytes()
    session = server.begin(jpeg.read_bytes(), **form)
    assert server.client.get(f"{session}/result").content == target.read_bytes()


FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data"}


@pytest.mark.parametrize("kind", [FORM, MULTIPART, {"content-type": "multipart/form-data; boundary=x"},
                                  {"content-type": "text/plain"}, {"content-type": ""}, {}], ids=str)  # fmt: skip
def test_what_came_counts_and_not_what_it_is_called(kind: dict[str, str], server: Running, photo: bytes) -> None:
    """`curl --data-binary @photo.jpg` calls everything a form."""
    wanted = barva.colorize(photo).array()
    answer = server.client.post("/colorize?format=png", content=photo, headers=kind)
    assert answer.status_code == 200, answer.text
    assert np.array_equal(pixels(answer.content), wanted)
    session = server.client.post("/sessions", content=iter([photo[:1], photo[1:9], photo[9:]]), headers=kind).json()
    at = f"/sessions/{session['id']}"
    assert server.client.put(f"{at}/guidance", content=json.dumps(POINT), headers=kind).status_code == 200
    changed = server.client.put(f"{at}/settings", content=b'{"vividness": 1.4}', headers=kind)
    assert changed.json()["settings"]["vividness"] == 1.4
    scene = server.client.get(f"{at}/scene").content
    assert server.client.put(f"{at}/scene", content=scene, headers=kind).status_code == 200
    assert server.client.post("/guidance", content=json.dumps(POINT), headers=kind).status_code == 200
    server.client.delete(at)


def test_a_reference_may_be_the_body(server: Running, photo: bytes, astronaut: np.ndarray) -> None:
    session, out = server.begin(photo), io.BytesIO()
    Image.fromarray(astronaut).save(out, "PNG")
    told = server.client.put(f"{session}/references", content=out.getvalue(), headers=FORM).json()
    assert told["references"] == 1
    assert server.client.put(f"{session}/references", content=b"").json()["references"] == 0
    server.client.delete(session)


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"1", b"{", b"\xff\xfe", b"vividness=1.4", b"[" * 100_000])
def test_bodies_that_are_no_object(body: bytes, server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    for path in (f"{session}/settings", f"{session}/guidance"):
        answer = server.client.put(path, content=body, headers=FORM)
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "usage"
    server.client.delete(session)


def test_every_405_says_what_there_is(server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    for path, ways in server.client.get("/openapi.json").json()["paths"].items():
        known = {way.upper() for way in ways}
        for way in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - known:
            answer = server.client.request(way, path.removeprefix("/api/v1").replace("{id}", session[10:]))
            assert answer.status_code == 405, (way, path)
            assert {*answer.headers["allow"].split(", ")} == known | ({"HEAD"} if "GET" in known else set()), path
    assert server.client.post("/openapi.json").headers["allow"] == "GET, HEAD"
    error = server.client.get("/nothing").json()["error"]
    assert error == {"code": "http", "message": "Not Found", "reason": None, "values": {}}
    for path in ("/", "/docs"):
        answer = server.client.post(f"http://127.0.0.1:{server.port}{path}")
        assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"
    server.client.delete(session)


def test_head_is_get_without_the_body(server: Running) -> None:
    for path in ("/health", "/methods", f"http://127.0.0.1:{server.port}/docs"):
        head, whole = server.client.head(path), server.client.get(path)
        assert head.status_code == 200 and not head.content
        assert head.headers["content-length"] == whole.headers["content-length"]
    assert server.client.head("/sessions/x").status_code == 404


def test_metadata_of_strangers_never_fail_the_photo(
    server: Running, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a reader or writer makes of them: the photo is refused as unreadable, or colored without them."""
    from barva.studio.jobs import colorizers

    wanted = barva.colorize(photo).array()
    for error in (RecursionError(), UnicodeDecodeError("utf-8", b"", 0, 1, "x"), KeyError("x"), struct.error("x")):

        def broken(*_: Any, error: Exception = error, **__: Any) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(colorizers, "read", broken)
            for path in ("/colorize", "/sessions", "/suggestions?x=1&y=1"):
                answer = server.client.post(path, content=photo)
                assert answer.status_code == 415 and "cannot be read" in answer.json()["error"]["message"]

    save = colorizers.save_pages

    def picky(pages: Any, *given: Any, **settings: Any) -> Any:
        if any(page.photo.envelope.exif for page in pages):
            raise barva.WriteError("a keyword has 90 letters")
        return save(pages, *given, **settings)

    monkeypatch.setattr(colorizers, "save_pages", picky)
    exif = Image.Exif()
    exif[0x010E] = "A letter from Lviv"
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "PNG", exif=exif)
    answer = server.client.post("/colorize", content=out.getvalue())
    assert answer.status_code == 200, answer.text
    assert any("left out" in note["message"] for note in json.loads(answer.headers["x-barva-notes"]))
    assert np.abs(pixels(answer.content).astype(int) - wanted).max() <= 2


@pytest.mark.parametrize(
    "bad",
    [{"vividness": "3"}, {"vividness": "nan"}, {"vividness": "much"}, {"method": "no"}, {"format": "docx"},
     {"quality": "0"}, {"seed": "-1"}, {"seed": "1.5"}, {"colour": "red"}, {"guidance": "{}"}, {"guidance": "["},
     {"provenance": "perhaps"}, {"variant": "100"}, {"method": "levin", "variant": "1"},
     {"guidance": json.dumps({**POINT, "marks": [{"kind": "point", "at": [999, 0], "color": "red"}]})}],
    ids=str,
)  # fmt: skip
def test_bad_settings_are_named(bad: dict[str, str], server: Running, photo: bytes) -> None:
    folder = server.settings.state / "sessions"
    before = {*folder.iterdir()}
    for path in ("/colorize", "/sessions"):
        answer = server.client.post(path, files={"photo": photo}, data=bad)
        assert answer.status_code == 422, answer.text
        error = answer.json()["error"]
        assert error["code"] == "usage" and error["message"] and "\n" not in error["message"]
    assert {*folder.iterdir()} == before, "nothing is left behind"


def test_about(server: Running) -> None:
    health = server.client.get("/health").json()
    assert health["status"] == "ok" and health["limits"]["photo_bytes"] == server.settings.max_bytes
    methods = server.client.get("/methods").json()
    assert methods[0]["name"] == "guided" and methods[0]["default"]
    assert {m["name"] for m in methods} == {card.name for card in barva.method_cards()}


def test_the_description_is_whole(server: Running) -> None:
    told = server.client.get("/openapi.json").json()
    for path, ways in told["paths"].items():
        for way, operation in ways.items():
            assert operation["description"], (way, path)
    with_examples = [name for name, s in told["components"]["schemas"].items() if "examples" in s]
    assert {"JobOut", "SessionOut", "GuidanceOut", "MethodOut", "SuggestionOut", "Health", "Problem"} <= {
        *with_examples
    }


def test_guidance_is_checked(server: Running) -> None:
    heard = server.client.post("/guidance?width=256&height=192", json=POINT).json()
    assert heard["guidance"]["marks"] == POINT["marks"]
    wrong = {**POINT, "marks": [{"kind": "point", "at": [1], "color": "red"}]}
    assert "marks[0].at" in server.client.post("/guidance", json=wrong).json()["error"]["message"]
    assert server.client.post("/guidance?width=50&height=50", json=POINT).status_code == 422
    assert server.client.post("/guidance?width=50", json=POINT).status_code == 422


def test_suggestions(server: Running, photo: bytes) -> None:
    wanted = [s.hex for s in barva.Colorizer().suggest(photo, (30, 40), 5)]
    alone = server.client.post("/suggestions?x=30&y=40&count=5", content=photo).json()
    session = server.begin(photo)
    kept = server.client.get(f"{session}/suggestions?x=30&y=40&count=5").json()
    assert [s["hex"] for s in alone] == [s["hex"] for s in kept] == wanted
    assert server.client.get(f"{session}/suggestions?x=999&y=0").status_code == 422
    server.client.delete(session)


def test_no_references_are_asked_for_where_they_change_nothing(server: Running) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    forms = {
        path: set(posted["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"])
        for path in ("/api/v1/suggestions", "/api/v1/colorize")
        for posted in (paths[path]["post"],)
    }
    assert forms["/api/v1/colorize"] - forms["/api/v1/suggestions"] == {"reference"}
    described = paths["/api/v1/sessions/{id}/settings"]["put"]["description"]
    assert all(name in described for name in (*SETTINGS, *(f.name for f in fields(Output))))


def test_a_session(server: Running, photo: bytes, astronaut: np.ndarray) -> None:
    session = server.begin(photo)
    told = server.client.get(session).json()
    assert (told["width"], told["height"]) == (256, 192)
    ask = server.client.get
    plain = ask(f"{session}/preview").content
    heard = server.client.put(f"{session}/guidance", json=POINT)
    assert heard.json()["guidance"]["marks"] == POINT["marks"] and heard.json()["notes"]
    red = ask(f"{session}/preview").content
    assert red != plain
    told = server.client.put(f"{session}/settings", json={"vividness": 1.5, "format": "png"}).json()
    assert told["settings"]["vividness"] == 1.5
    wanted = barva.colorize(photo, guidance=RED, vividness=1.5).array()
    assert np.array_equal(pixels(ask(f"{session}/result").content), wanted)
    for shown in ("light", "confidence", "tiles/color/0/0/0", "tiles/light/0/0/0", "variants/1?pixels=5000"):
        answer = ask(f"{session}/{shown}")
        assert answer.headers["content-type"] == "image/jpeg" and pixels(answer.content).size, shown
    assert pixels(ask(f"{session}/preview?pixels=10000").content).shape == (87, 115, 3)
    assert ask(f"{session}/tiles/color/0/1/0").status_code == 422
    assert ask(f"{session}/tiles/noise/0/0/0").status_code == 422
    out = io.BytesIO()
    Image.fromarray(astronaut).save(out, "PNG")
    refs = server.client.put(f"{session}/references", files={"reference": out.getvalue()}).json()
    assert refs["references"] == 1 and any("reference" in note["message"] for note in refs["notes"])
    assert server.client.put(f"{session}/references", files={"reference": photo}).status_code == 422, "a gray one"
    assert server.client.put(f"{session}/guidance", json={**POINT, "marks": []}).json()["guidance"]["marks"] == []
    server.client.delete(session)


def test_a_scene_holds_its_references(server: Running, photo: bytes, astronaut: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(astronaut).resize((100, 100)).save(out, "PNG")
    session, other = server.begin(photo), server.begin(photo)
    assert server.client.put(f"{session}/references", files={"reference": out.getvalue()}).status_code == 200
    told = server.client.get(f"{session}/scene")
    assert str(server.settings.state) not in told.text and "reference-0" not in told.text
    assert server.client.put(f"{other}/scene", content=told.content).status_code == 200
    assert server.client.get(f"{other}/preview").content == server.client.get(f"{session}/preview").content
    server.client.delete(session), server.client.delete(other)


def test_a_scene_goes_out_and_comes_back(server: Running, photo: bytes) -> None:
    session = server.begin(photo, guidance=json.dumps(POINT), vividness="1.4", format="png")
    told = server.client.get(f"{session}/scene")
    assert told.headers["content-type"].startswith("application/ld+json")
    assert 'filename="a.scene.jsonld"' in told.headers["content-disposition"]
    wanted = pixels(server.client.get(f"{session}/result").content)
    other = server.begin(photo, format="png")
    put = server.client.put(f"{other}/scene", content=told.content)
    assert put.status_code == 200 and put.json()["settings"]["vividness"] == 1.4, put.text
    assert np.array_equal(pixels(server.client.get(f"{other}/result").content), wanted)
    assert server.client.get(f"{other}/scene").json() == told.json()
    form = {"scene": told.text, "format": "png"}
    alone = server.client.post("/colorize", files={"photo": photo}, data=form)
    assert np.array_equal(pixels(alone.content), wanted)
    job = server.client.post("/jobs", files={"photo": ("a", photo)}, data=form).json()["id"]
    assert finished(server.client, job)["done"] == 1
    assert np.array_equal(pixels(server.client.get(f"/jobs/{job}/results/0").content), wanted)
    plain = server.client.post("/colorize", files={"photo": photo}, data={**form, "vividness": "0.2"})
    assert not np.array_equal(pixels(plain.content), wanted), "what is said beside a scene wins"
    for bad in (b"{}", b"[", json.dumps(POINT).encode()):
        assert server.client.put(f"{other}/scene", content=bad).status_code == 422
    server.client.delete(session), server.client.delete(other)


def test_a_bad_change_leaves_the_session_as_it_was(server: Running, photo: bytes) -> None:
    session = server.begin(photo, guidance=json.dumps(POINT))
    kept = server.client.get(f"{session}/preview").content
    outside = {**POINT, "marks": [{"kind": "point", "at": [999, 0], "color": "red"}]}
    assert server.client.put(f"{session}/guidance", json=outside).status_code == 422
    assert server.client.put(f"{session}/settings", json={"vividness": 9}).status_code == 422
    assert server.client.put(f"{session}/settings", json={"colour": 9}).status_code == 422
    assert server.client.get(f"{session}/guidance").json()["guidance"]["marks"] == POINT["marks"]
    assert server.client.get(f"{session}/preview").content == kept
    server.client.delete(session)


def test_a_session_survives_a_restart(serving: Callable[..., Running], photo: bytes) -> None:
    first = serving()
    session = first.begin(photo, guidance=json.dumps(POINT))
    first.client.put(f"{session}/settings", json={"vividness": 0.4})
    first.client.put(f"{session}/scene", content=first.client.get(f"{session}/scene").content)
    seen = first.client.get(f"{session}/preview").content
    first.service.stop()
    second = serving()
    assert second.client.get(f"{session}/preview").content == seen
    history = second.service.store.get(session.rpartition("/")[2]).history
    assert len(history.states) == 4 and history.position == 3, "every change is a step"


def test_jobs(server: Running, photo: bytes) -> None:
    sent = [("photo", (name, data)) for name, data in (("a.jpg", photo), ("b.jpg", b"no photo"), ("c.jpg", photo))]
    made = server.client.post("/jobs", files=sent, data={"format": "png"})
    assert made.status_code == 202
    job = made.json()["id"]
    seen: list[dict[str, Any]] = []
    with server.client.stream("GET", f"/jobs/{job}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        kind = ""
        for line in stream.iter_lines():
            kind = line[7:] if line.startswith("event: ") else kind
            if line.startswith("data: ") and kind == "progress":
                seen.append(json.loads(line[6:]))
    assert kind == "end" and seen[-1]["finished"]
    assert [item["state"] for item in seen[-1]["items"]] == ["done", "failed", "done"]
    (note,) = seen[-1]["items"][1]["notes"]
    assert note["message"] == f"the photo is not a picture that Barva can read ({formats.readable_titles()})"
    assert note["reason"] and note["values"]
    result = httpx.get(f"http://127.0.0.1:{server.port}{seen[-1]['items'][2]['result']}")
    assert np.array_equal(pixels(result.content), barva.colorize(photo).array())
    assert 'filename="c.color.png"' in result.headers["content-disposition"]
    assert server.client.get(f"/jobs/{job}/results/1").status_code == 404
    again = server.client.post(f"/jobs/{job}/retry").json()
    assert again["items"][1]["state"] in ("waiting", "running", "failed") and again["items"][0]["state"] == "done"
    finished(server.client, job)
    assert server.client.delete(f"/jobs/{job}").status_code == 204
    assert server.client.get(f"/jobs/{job}").status_code == 404


def test_jobs_can_be_cancelled_and_taken_up_again(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(workers=1)
    job = server.client.post("/jobs", files=[("photo", (f"{n}.jpg", photo)) for n in range(12)]).json()["id"]
    cancelled = server.client.post(f"/jobs/{job}/cancel").json()
    assert cancelled["finished"] and "cancelled" in [item["state"] for item in cancelled["items"]]
    assert server.client.post(f"/jobs/{job}/retry").json()["finished"] is False
    assert finished(server.client, job)["done"] == 12


def test_short_jobs_do_not_wait_for_long_ones(serving: Callable[..., Running], photo: bytes) -> None:
    server = serving(workers=1)
    long = server.client.post("/jobs", files=[("photo", (f"{n}.jpg", photo)) for n in range(20)]).json()["id"]
    short = server.client.post("/jobs", files={"photo": ("a.jpg", photo)}).json()["id"]
    finished(server.client, short)
    assert server.client.get(f"/jobs/{long}").json()["done"] < 20
    finished(server.client, long)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_server_loses_no_result_and_no_session(photo: bytes, tmp_path: Path) -> None:
    state = tmp_path / "state"

    def start() -> tuple[subprocess.Popen[bytes], httpx.Client]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "barva", "serve", "--port", str(port), "--state", str(state), "--jobs", "1"]
        process = subprocess.Popen(
            command, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        )
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)
        for _ in range(300):
            try:
                client.get("/health")
                return process, client
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    process, client = start()
    try:
        session = client.post("/sessions", files={"photo": photo}, data={"guidance": json.dumps(POINT)}).json()["id"]
        job = client.post("/jobs", files=[("photo", (f"{n}.jpg", photo)) for n in range(30)]).json()["id"]
        while client.get(f"/jobs/{job}").json()["done"] < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        kept = {p.name: p.stat().st_mtime_ns for p in (state / "jobs" / job).glob("out-*") if "part" not in p.name}
        with contextlib.closing(sqlite3.connect(state / "studio.db")) as database:
            rows = database.execute("SELECT number FROM job_photo WHERE job = ? AND state = 'done'", (job,)).fetchall()
        done = [n for (n,) in rows]
        assert len(done) >= 3 and {f"out-{n}" for n in done} <= {*kept}
        process, client = start()
        assert client.get(f"/sessions/{session}/guidance").json()["guidance"]["marks"] == POINT["marks"]
        ended = finished(client, job, 60)
        assert ended["done"] == 30
        for n in done:
            assert (state / "jobs" / job / f"out-{n}").stat().st_mtime_ns == kept[f"out-{n}"], "not colored twice"
        results = {client.get(f"/jobs/{job}/results/{n}").content for n in (0, 15, 29)}
        assert len(results) == 1
    finally:
        process.kill()
        process.wait(10)


def test_the_address_may_be_taken(tmp_path: Path) -> None:
    from barva.studio.server import serve
    from barva.studio.settings import Settings

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(barva.UsageError, match="cannot listen"):
        serve(Settings(port=taken.getsockname()[1], state=tmp_path))


def test_a_token_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from barva.cli.app import run

    monkeypatch.delenv("BARVA_TOKEN", raising=False)
    assert run(["serve", "--token"]) == 2
    assert "BARVA_TOKEN" in capsys.readouterr().err
    assert run(["serve", "--keep-hours", "0"]) == 2


def test_an_error_has_a_reason_and_is_in_the_language_that_is_asked_for(server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    for language, message in (
        ("en", "vividness: a number from 0 to 2 is wanted, not 3.0"),
        ("uk,en;q=0.5", "насиченість: тут має бути число від 0 до 2, а не 3.0"),
    ):
        put = server.client.put(
            session.removeprefix("/api/v1") + "/settings", json={"vividness": 3}, headers={"accept-language": language}
        )
        error = put.json()["error"]
        assert put.status_code == 422 and (error["code"], error["message"]) == ("usage", message)
        assert error["reason"] == "setting.number" and error["values"]["value"] == "3.0"
        assert error["values"]["setting"]["code"] == "setting-name.vividness"
    missing = server.client.get("/sessions/none", headers={"accept-language": "uk"}).json()["error"]
    assert missing["reason"] == "missing.session" and missing["message"].startswith("такої роботи немає")
