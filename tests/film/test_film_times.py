"""What is shown when: chapters and subtitles of a part, the order of an AVI's frames, frames a second."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.film.pipeline import FilmOptions, color_film
from barva.film.times import Span


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def test_chapters_and_subtitles_of_a_part(tmp_path: Path, colorizer: Colorizer) -> None:
    """Lines that are shown when the part begins are not lost."""
    import av

    film = tmp_path / "reel.mkv"
    lines = "".join(f"{n}\n00:00:00,{a:03} --> 00:00:00,{b:03}\n{text}\n\n" for n, (a, b, text) in enumerate(
        [(0, 200, "over"), (100, 400, "early"), (200, 600, "begun"), (250, 300, "first"), (600, 800, "later"),
         (900, 990, "after")], 1))  # fmt: skip
    (tmp_path / "lines.srt").write_text(lines, encoding="utf-8")
    plain = clips.write(tmp_path / "plain.mkv", clips.frames(((1, 24),)),
                        chapters=[("one", 0, 500), ("two", 500, 1000)])  # fmt: skip
    with av.open(str(plain)) as a, av.open(str(tmp_path / "lines.srt")) as b, av.open(str(film), "w") as out:
        out.set_chapters(a.chapters())
        streams = [(container, stream, out.add_stream_from_template(stream)) for container in (a, b)
                   for stream in container.streams]  # fmt: skip
        for container, stream, copy in streams:
            container.seek(0)
            for packet in container.demux(stream):
                if packet.dts is not None:
                    packet.stream = copy
                    out.mux(packet)
    color_film(film, tmp_path / "part.mkv", colorizer, FilmOptions(span=Span(0.25, 0.75)))
    with av.open(str(tmp_path / "part.mkv")) as part:
        at = [(c["metadata"]["title"], *(float(c[t] * c["time_base"]) for t in ("start", "end")))
              for c in part.chapters()]  # fmt: skip
        assert at == [("one", 0, 0.25), ("two", 0.25, 0.5)]
        said = [(bytes(p).decode(), float(p.pts * p.time_base), float(p.duration * p.time_base))
                for p in part.demux(part.streams.subtitles[0]) if p.size]  # fmt: skip
    assert said == [
        ("early", 0, pytest.approx(0.15)),
        ("begun", pytest.approx(0.001), pytest.approx(0.349)),
        ("first", pytest.approx(0.002), pytest.approx(0.048)),
        ("later", pytest.approx(0.35), pytest.approx(0.2)),
    ]


@pytest.mark.parametrize("name", ["tape.avi", "tape.mp4", "tape.mkv"])
def test_frames_of_an_avi_are_shown_in_order_and_as_quickly(tmp_path: Path, colorizer: Colorizer, name: str) -> None:
    """AVI has no times: a frame that waits for a later one would be shown late, and out of turn."""
    codec = "libx264" if name.endswith("mp4") else "mjpeg"
    pixels = "yuv420p" if name.endswith("mp4") else "yuvj420p"
    film = clips.write(tmp_path / name, clips.frames(((1, 12), (3, 12))), codec=codec, pixels=pixels)
    color_film(film, tmp_path / "out.avi", colorizer, FilmOptions(quality=0))
    before, after = clips.decoded(film), clips.decoded(tmp_path / "out.avi")
    shown = [round(24 * seconds) for seconds, _ in after]
    assert [n - shown[0] for n in shown] == list(range(24))
    assert shown[0] <= 2, "of H.264 in AVI readers suppose that up to two frames might wait"
    for (_, was), (_, now) in zip(before, after, strict=True):
        assert np.abs(was[0].astype(int) - now[0]).mean() < 3
    assert rate_of(tmp_path / "out.avi") == 24


@pytest.mark.parametrize("name", ["tape.mkv", "tape.mp4", "tape.ts"])
def test_a_film_plays_as_many_frames_a_second_as_it_did(tmp_path: Path, colorizer: Colorizer, name: str) -> None:
    film = clips.write(tmp_path / name, clips.frames(((1, 12),)), rate=25, sound=False)
    color_film(film, tmp_path / "out.mkv", colorizer)
    assert rate_of(tmp_path / "out.mkv") == rate_of(film) == 25


def rate_of(path: Path) -> Fraction:
    import av

    with av.open(str(path)) as container:
        return Fraction(container.streams.video[0].average_rate)
