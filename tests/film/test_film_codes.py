"""What the codes of a film stand for: range, matrix, primaries and transfer arrive in the result."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.errors import UsageError
from barva.film import source
from barva.film.pipeline import FilmOptions, color_film


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def codes(path: Path) -> tuple[int, int, int, int]:
    """Range, matrix, primaries and transfer of the first frame, as FFmpeg numbers them."""
    import av

    with av.open(str(path)) as film:
        frame, context = next(film.decode(video=0)), film.streams.video[0].codec_context
        return int(frame.color_range), int(frame.colorspace), int(context.color_primaries), int(context.color_trc)


@pytest.mark.parametrize(
    ("codec", "name", "noted"),
    [("ffv1", "a.mkv", False), ("ffv1", "a.mp4", False), ("ffv1", "a.nut", True), ("ffv1", "a.avi", True),
     ("h264", "a.mkv", False), ("h264", "a.avi", False)],
)  # fmt: skip
def test_a_film_of_full_range_says_so(tmp_path: Path, colorizer: Colorizer, codec: str, name: str, noted: bool) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 2),)), full=True, sound=False)
    result = color_film(film, tmp_path / name, colorizer, FilmOptions(codec=codec))
    assert [getattr(note, "code", None) for note in result.notes] == ["note.film-codes"] * noted
    if not noted:
        assert codes(result.path) == (2, 6, 6, 6) and source.facts_of(result.path).coding.full


def test_a_film_as_players_guess_it_needs_no_note(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 2),)), sound=False)
    assert color_film(film, tmp_path / "out.nut", colorizer).notes == ()


@pytest.mark.parametrize("codec", ["h264", "h265", "ffv1", "prores"])
@pytest.mark.parametrize("transfer", [16, 18])
def test_a_film_of_high_dynamic_range_stays_one(
    tmp_path: Path, colorizer: Colorizer, codec: str, transfer: int
) -> None:
    named = {16: "smpte2084", 18: "arib-std-b67"}[transfer]
    params = f"log-level=error:colorprim=bt2020:colormatrix=bt2020nc:transfer={named}"
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 2),)), codec="libx265", pixels="yuv420p10le",
                       sound=False, options={"x265-params": params})  # fmt: skip
    assert source.facts_of(film).transfer == transfer
    color_film(film, tmp_path / "out.mkv", colorizer, FilmOptions(codec=codec))
    assert codes(tmp_path / "out.mkv") == (1, 9, 9, transfer)


def test_prores_has_no_full_range(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(
        tmp_path / "in.mkv", clips.frames(((1, 2),)), codec="ffv1", pixels="yuv422p10le", full=True, sound=False
    )
    with pytest.raises(UsageError, match="blacks would be crushed"):
        color_film(film, tmp_path / "out.mov", colorizer, FilmOptions(codec="prores"))
