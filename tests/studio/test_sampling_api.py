"""Sampling over HTTP: steps, drafts and regions drawn anew, with weights of the server's own."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("onnx")

from studio_kit import Running

from barva.engine.sampling import Redraw, Sampling
from barva.guidance.marks import Box
from barva.runtime import weights
from barva.studio.sessions.document import Document
from diffusion_kit import write_weights


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def png(plane: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(plane).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture
def server(serving: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    write_weights(tmp_path / "weights", "tiny", "diffusion_distilled")
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "weights"))
    return serving()


def test_a_region_is_drawn_anew_and_bad_settings_are_refused(server: Running, photo: bytes) -> None:
    def ask(sampling: object, method: str = "tiny") -> tuple[int, bytes]:
        data = {"method": method, "format": "png", "sampling": json.dumps(sampling)}
        answer = server.client.post("/colorize", files={"photo": ("a.jpg", photo)}, data=data)
        return answer.status_code, answer.content

    region = np.zeros((192, 256), np.uint8)
    region[60:120, 80:160] = 255
    status, before = ask({"steps": 1})
    assert status == 200
    status, after = ask({"steps": 1, "redraw": [{"png": png(region), "draw": 2}]})
    assert status == 200
    changed = (pixels(before) != pixels(after)).any(axis=2)
    assert changed.any() and not changed[region == 0].any()
    bad = (
        ({"steps": 0}, "from 1 to 1000"),
        ({"steps": 500}, "at most 100 steps"),
        ({"redraw": [{"mask": "/etc/passwd"}]}, "not read over the network"),
        ({"redraw": [{"box": [0, 0, 9, 9]}] * 9}, "8 regions"),
        ({"colour": 3}, "there is no key"),
        ("x", "an object is wanted"),
    )
    for sampling, why in bad:
        status, answer = ask(sampling)
        assert 400 <= status < 500 and why in answer.decode(), answer
    status, answer = ask({"steps": 2}, "guided")
    assert 400 <= status < 500 and "guided draws nothing at random" in answer.decode()

    session = server.begin(photo, method="tiny")
    changed_settings = {"sampling": json.dumps({"steps": 1, "redraw": [{"box": [80, 60, 160, 120]}]})}
    assert server.client.put(f"{session}/settings", json=changed_settings).status_code == 200
    assert server.client.get(f"{session}/result").status_code == 200
    for unsafe in ({"redraw": [{"mask": "x.png"}]}, json.dumps({"redraw": [{"mask": "x.png"}]})):
        answer = server.client.put(f"{session}/settings", json={"sampling": unsafe})
        assert answer.status_code == 422 and answer.json()["error"]["reason"] == "request.path"


def test_settings_of_a_session_hold_sampling(server: Running, photo: bytes) -> None:
    session = server.begin(photo, method="tiny", sampling='{"steps": 2}')
    assert json.loads(server.client.get(session).json()["settings"]["sampling"]) == {"steps": 2}
    changed = server.client.put(f"{session}/settings", json={"sampling": {"steps": 1, "like": "guided"}, "seed": 3})
    assert changed.status_code == 200
    assert json.loads(changed.json()["settings"]["sampling"]) == {"steps": 1, "like": "guided"}
    refused = server.client.put(f"{session}/settings", json={"method": "guided"})
    assert refused.status_code == 422 and refused.json()["error"]["reason"] == "method.draws-nothing"
    other = server.client.put(f"{session}/settings", json={"method": "guided", "sampling": ""})
    assert other.status_code == 200 and other.json()["settings"]["sampling"] == ""


def test_sampling_that_waits_stays_until_it_is_named(server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    stored = server.service.store.get(session.rsplit("/", 1)[-1])
    kept = '{"steps": 2, "like": "guided"}'
    stored.history.add(replace(stored.document, sampling=kept))  # the page keeps it for the method before
    assert server.client.put(f"{session}/settings", json={"vividness": 1.2}).status_code == 200
    assert stored.document.sampling == kept and stored.document.vividness == 1.2
    drawn = server.client.put(f"{session}/settings", json={"method": "tiny"}).json()["settings"]
    assert json.loads(drawn["sampling"]) == json.loads(kept)
    stored.history.go(-1)
    assert server.client.put(f"{session}/settings", json={"sampling": ""}).status_code == 200
    assert stored.document.sampling == ""


def test_jobs_hold_sampling_and_are_refused_at_once(server: Running, photo: bytes) -> None:
    files, fields = {"photo": ("a.jpg", photo)}, {"format": "png", "sampling": '{"steps": 1}'}
    refused = server.client.post("/jobs", files=files, data=fields)
    assert refused.status_code == 422 and refused.json()["error"]["reason"] == "method.draws-nothing"
    accepted = server.client.post("/jobs", files=files, data=fields | {"method": "tiny"})
    assert accepted.status_code == 202


def test_what_is_wrong_is_said_in_ukrainian_too(server: Running, photo: bytes) -> None:
    data = {"method": "tiny", "sampling": '{"steps": 500}'}
    language = {"Accept-Language": "uk"}
    answer = server.client.post("/colorize", files={"photo": ("a.jpg", photo)}, data=data, headers=language)
    assert answer.status_code == 422 and answer.json()["error"]["reason"] == "sampling.limits"
    assert "кроків тут може бути щонайбільше 100" in answer.json()["error"]["message"]


def test_sampling_waits_while_the_method_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_weights(tmp_path, "tiny", "diffusion_distilled")
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    document = Document(method="tiny", sampling='{"steps": 3, "redraw": [{"box": [1, 2, 30, 40]}]}')
    assert document.request.sampling == Sampling(3, redraw=(Redraw(Box(1, 2, 30, 40)),))
    assert document.with_settings(document.request).request == document.request
    assert replace(document, method="guided").request.sampling == Sampling()


def test_a_session_says_where_it_is_unsure(server: Running, photo: bytes) -> None:
    session = server.begin(photo)
    settings = {"method": "tiny", "sampling": json.dumps({"steps": 1})}
    assert server.client.put(f"{session}/settings", json=settings).status_code == 200
    sure = pixels(server.client.get(f"{session}/confidence?pixels=10000").content)
    assert sure.ndim == 2 and 0 < sure.mean() < 255
    assert sure.shape == pixels(server.client.get(f"{session}/preview?pixels=10000").content).shape[:2]
