"""Films as ProRes, whose pieces lie in another container."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.engine.colorizer import Colorizer
from barva.errors import WriteError
from barva.film import piece_file, source
from barva.film.encode import Encoding
from barva.film.piece_file import PieceWriter
from barva.film.pipeline import FilmOptions, FilmProgress, color_film


class StopError(Exception):
    pass


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.mark.parametrize(("suffix", "times"), [(".mov", None), (".mkv", [0, 40, 90, 100, 200, 333, 334, 500])])
def test_a_film_as_prores_is_whole_and_goes_on(
    tmp_path: Path, colorizer: Colorizer, suffix: str, times: list[int] | None
) -> None:
    film = clips.write(
        tmp_path / "in.mkv", clips.frames(((1, 4), (2, 4))), codec="ffv1", pixels="yuv420p10le", times=times
    )
    target, options, seen = tmp_path / f"out{suffix}", FilmOptions(codec="prores"), list[int]()

    def stop(progress: FilmProgress) -> None:
        if progress.frames == 6:
            raise StopError

    with pytest.raises(StopError):
        color_film(film, target, colorizer, options, stop)
    assert len(list(tmp_path.glob(f".{target.name}.barva-film/*/*.mov"))) == 1
    result = color_film(film, target, colorizer, options, lambda p: seen.append(p.frames))
    assert (result.frames, seen[0]) == (8, 5)
    coding = source.facts_of(target).coding
    assert (coding.bits, coding.half_width, coding.half_height) == (10, True, False)
    for (at, before), (shown, after) in zip(clips.decoded(film), clips.decoded(target), strict=True):
        assert at == pytest.approx(shown, abs=0.001)
        error = np.abs(before[0].astype(int) - after[0])
        assert error.mean() < 1 and error.max() < 12, "of 1024 codes"
        assert after[0].dtype == np.uint16 and np.abs(after[1].astype(int) - 512).mean() > 2
    assert clips.sound_packets(film)[0][1] == clips.sound_packets(target)[0][1]


def test_a_codec_that_refuses_is_one_line_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 2),)), codec="ffv1", sound=False)
    facts = source.facts_of(film)
    monkeypatch.setattr(piece_file, "piece_container", lambda _: "nut")
    with pytest.raises(WriteError, match="cannot be written") as caught:
        PieceWriter(tmp_path / "000000.nut", facts, facts.coding, Encoding("prores"))
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == [film]
