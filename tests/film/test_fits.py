"""A kind of file that cannot hold the film is refused before anything is colored."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.errors import UsageError
from barva.film import encode, source
from barva.film.fits import check_target
from barva.film.pipeline import FilmOptions, color_film


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One with sound, one of 10 bits, one with subtitles."""
    import av

    top = tmp_path_factory.mktemp("films")
    sound = clips.write(top / "sound.mp4", clips.frames(((1, 3),)))
    deep = clips.write(top / "deep.mkv", clips.frames(((1, 3),)), codec="ffv1", pixels="yuv422p10le", sound=False)
    text = top / "text.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:00,100\nHello\n")
    with av.open(str(deep)) as film, av.open(str(text)) as lines, av.open(str(top / "text.mkv"), "w") as out:
        streams = [out.add_stream_from_template(x.streams[0]) for x in (film, lines)]
        for given, stream in zip((film, lines), streams, strict=True):
            for packet in (p for p in given.demux() if p.dts is not None):
                packet.stream = stream
                out.mux(packet)
    return {"sound": sound, "deep": deep, "text": top / "text.mkv"}


@pytest.mark.parametrize(
    ("film", "name", "codec", "why"),
    [
        ("sound", "a.webm", None, r"\.webm files cannot hold this film's sound \(aac\)"),
        ("sound", "a.webm", "h264", r"\.webm files cannot hold h264"),
        ("sound", "a.mov", "ffv1", r"\.mov files cannot hold ffv1"),
        ("sound", "a.ts", "ffv1", r"\.ts files cannot hold ffv1"),
        ("deep", "a.mp4", "prores", r"\.mp4 files cannot hold prores"),
        ("deep", "a.ts", "prores", r"\.ts files cannot hold prores"),
        ("text", "a.mp4", None, r"\.mp4 files cannot hold this film's subtitles \(\w+\); name .* \.mkv"),
    ],
)
def test_what_a_kind_of_file_cannot_hold_is_told_before_coloring(
    films: dict[str, Path], tmp_path: Path, film: str, name: str, codec: str | None, why: str
) -> None:
    told: list[object] = []
    with pytest.raises(UsageError, match=why) as caught:
        color_film(films[film], tmp_path / name, Colorizer(threads=1), FilmOptions(codec=codec), told.append)
    assert "\n" not in str(caught.value) and not told and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", encode.SUFFIXES)
def test_what_goes_into_a_file_is_let_through(films: dict[str, Path], ending: str) -> None:
    facts = source.facts_of(films["sound"])
    codecs = {".webm": (), ".nut": ("ffv1", "h264", "h265"), ".avi": ("h264", "ffv1", "av1"), ".ts": ("h264", "h265"),
              ".mov": ("h264", "h265")}.get(ending, ("h264", "h265", "av1", "ffv1"))  # fmt: skip
    for codec in codecs:
        encoding = encode.encoding_for(Path(f"a{ending}"), codec, None, False)
        check_target(Path(f"a{ending}"), facts, encode.coding_for(facts, encoding), encoding)
