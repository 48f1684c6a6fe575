"""Films in color: light, sound and times stay, shots are one thing, nothing is lost by a kill."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva import photos
from barva.cli.app import run as command
from barva.color.difference import ciede2000
from barva.engine.colorizer import Colorizer
from barva.engine.prepare import matching
from barva.errors import ReadError, UsageError, WriteError
from barva.film import color, encode, motion, planes, recall, shots, source, times
from barva.film.frames import Frame
from barva.film.pipeline import FilmOptions, color_film
from barva.film.preview import sample_frames
from barva.film.times import Span


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots of 14 and 10 frames, with sound."""
    return clips.write(tmp_path_factory.mktemp("film") / "reel.mp4", clips.frames(((1, 14), (2, 10))))


@pytest.fixture(scope="module")
def colored(film: Path, colorizer: Colorizer) -> Path:
    target = film.with_name("reel.color.mp4")
    result = color_film(film, target, colorizer, FilmOptions(lossless=True))
    assert (result.frames, result.shots) == (24, 2)
    return target


def test_light_sound_and_times_stay(film: Path, colored: Path) -> None:
    before, after = clips.decoded(film), clips.decoded(colored)
    assert [at for at, _ in before] == [at for at, _ in after]
    assert all(np.array_equal(a[0], b[0]) for (_, a), (_, b) in zip(before, after, strict=True))
    assert clips.sound_packets(film) == clips.sound_packets(colored)
    assert not any(film.parent.glob(".*barva-film"))


def test_frames_have_colors_that_the_luma_carries(colored: Path) -> None:
    for _, (_, cb, cr) in clips.decoded(colored):
        assert np.abs(cb.astype(int) - 128).mean() + np.abs(cr.astype(int) - 128).mean() > 2


@pytest.mark.parametrize(
    ("codec", "suffix", "pixels"),
    [("ffv1", ".mkv", "yuv420p"), ("h265", ".mkv", "yuv420p"), ("h264", ".mov", "yuv420p10le")],
)
def test_light_stays_in_every_lossless_codec(
    tmp_path: Path, colorizer: Colorizer, codec: str, suffix: str, pixels: str
) -> None:
    given = clips.write(tmp_path / f"in{suffix}", clips.frames(((3, 5),)), codec="ffv1" if suffix == ".mkv" else
                        "libx264", pixels=pixels, sound=False)  # fmt: skip
    color_film(given, tmp_path / f"out{suffix}", colorizer, FilmOptions(codec=codec, lossless=True))
    pairs = zip(clips.decoded(given), clips.decoded(tmp_path / f"out{suffix}"), strict=True)
    assert all(np.array_equal(a[0], b[0]) and a[0].dtype == b[0].dtype for (_, a), (_, b) in pairs)


@pytest.mark.parametrize("name", ["out.webm", "out.mkv", "out.mp4"])
def test_films_as_av1(tmp_path: Path, colorizer: Colorizer, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    given = clips.write(tmp_path / "in.mp4", clips.frames(((3, 4), (4, 4))), sound=False)
    color_film(given, tmp_path / name, colorizer, FilmOptions(codec="av1"))
    rows = list(zip(clips.decoded(given), clips.decoded(tmp_path / name), strict=True))
    assert all(abs(a - b) < 0.001 for (a, _), (b, _) in rows)
    assert all(np.abs(a[0].astype(int) - b[0]).mean() < 2 for (_, a), (_, b) in rows)
    assert capfd.readouterr().err == "", "its encoder is silent"


def test_uneven_times_stay(tmp_path: Path, colorizer: Colorizer) -> None:
    times = [0, 40, 90, 100, 200, 333, 334, 500]
    given = clips.write(tmp_path / "in.mkv", clips.frames(((4, 8),)), times=times, sound=False)
    color_film(given, tmp_path / "out.mkv", colorizer)
    assert [round(1000 * at) for at, _ in clips.decoded(tmp_path / "out.mkv")] == times


def test_a_cut_never_blends(film: Path, colored: Path, colorizer: Colorizer) -> None:
    facts = source.facts_of(film)
    rows = clips.decoded(colored)
    rgb = planes.rgb_of(*rows[14][1], facts.coding)
    gray = np.clip((rows[14][1][0].astype(np.float32) - 16) / 219, 0, 1)
    still = colorizer.colorize(np.rint(gray * 255).astype(np.uint8)).array()
    one, two = (cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (rgb, still))
    two[..., 0] = one[..., 0]
    assert float(ciede2000(one, two).mean()) < 1.5


def test_colors_follow_the_motion(colored: Path, colorizer: Colorizer) -> None:
    """Along the pan chroma changes less than frames that are colored one by one."""

    def change(pictures: list[np.ndarray]) -> float:
        labs = [cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 1:] for p in pictures]
        return float(np.mean([np.abs(b[:-1, :-2] - a[1:, 2:]).mean() for a, b in itertools.pairwise(labs)]))

    rows = clips.decoded(colored)[:14]
    coding = planes.Coding(matrix="bt601")
    film = [planes.rgb_of(*p, coding) for _, p in rows]
    luma = [np.rint(np.clip((p[0].astype(np.float32) - 16) / 219, 0, 1) * 255).astype(np.uint8) for _, p in rows]
    stills = [colorizer.colorize(plane).array() for plane in luma]
    assert change(film) < change(stills) / 2


def test_a_stopped_run_goes_on_and_gives_the_same(film: Path, colored: Path, colorizer: Colorizer) -> None:
    class StopError(Exception):
        pass

    seen: list[int] = []

    def stop(progress: object) -> None:
        seen.append(progress.frames)  # type: ignore[attr-defined]
        if len(seen) == 20:
            raise StopError

    target = film.with_name("again.mp4")
    options = FilmOptions(lossless=True)
    with pytest.raises(StopError):
        color_film(film, target, colorizer, options, stop)
    assert not target.exists() and len(list(film.parent.glob(".again.mp4.barva-film/*/*.nut"))) == 1
    later: list[int] = []
    color_film(film, target, colorizer, options, lambda p: later.append(p.frames))
    assert later[0] == 15
    pairs = zip(clips.decoded(colored), clips.decoded(target), strict=True)
    assert all(np.array_equal(x, y) for (_, a), (_, b) in pairs for x, y in zip(a, b, strict=True))


def test_a_part_of_a_film(film: Path, colorizer: Colorizer) -> None:
    target = film.with_name("part.mp4")
    result = color_film(film, target, colorizer, FilmOptions(span=Span(0.25, 0.5)))
    rows = clips.decoded(target)
    assert result.frames == len(rows) == 6 and rows[0][0] == 0, "the frame at 0.5 s is of the next part"
    assert abs(float(clips.sound_packets(target)[0][0])) < 0.03


def test_cuts_are_found_and_flicker_is_none() -> None:
    def begins(pictures: list[np.ndarray]) -> list[int]:
        finder = shots.CutFinder()
        return [n for n, p in enumerate(pictures) if finder.begins(shots.thumbnail(p.astype(np.float32) / 255))]

    assert begins(clips.frames(((1, 20), (2, 15), (5, 20)))) == [0, 20, 35]
    assert begins(clips.frames(((1, 20), (2, 20)), flicker=0.25)) == [0, 20]
    one, two = clips.frames(((6, 30),)), clips.frames(((7, 30),))
    share = np.clip((np.arange(30) - 10) / 10, 0, 1)
    mixed = [np.rint(a * (1 - s) + b * s).astype(np.uint8) for a, b, s in zip(one, two, share, strict=True)]
    assert begins(mixed) == [0]  # a dissolve is no cut
    faded = [np.rint(a * np.clip(1 - n / 10, 0, 1)).astype(np.uint8) for n, a in enumerate(one[:20])]
    assert len(begins([*faded, *two[:10]])) == 2


def test_a_place_that_comes_again_has_the_colors_that_it_had(tmp_path: Path, colorizer: Colorizer) -> None:
    """Shot 1, shot 2, and shot 1 from elsewhere: its colors are nearer to the first one's than alone."""
    whole = cv2.cvtColor(np.asarray(photos.photo("astronaut")), cv2.COLOR_RGB2GRAY)
    first, again, size = whole[:360, :480], whole[20:380, 30:510], (90, 120)
    given = clips.write(tmp_path / "in.mkv", [first, again], codec="ffv1", sound=False)
    facts = source.facts_of(given)
    painter = color.Painter(colorizer, facts)
    luma = [np.rint(16 + p.astype(np.float32) * 219 / 255).astype(np.uint8) for p in (first, again)]
    light = [planes.light_of(p, facts.coding) for p in luma]
    strange = np.full((*size, 2), (25.0, -30.0), np.float32)  # no method answers all in one violet
    remembered = recall.remember(matching.view_of(light[0]), strange)
    hints = recall.hints_from(matching.view_of(light[1]), [remembered], size)
    assert hints is not None
    ab = painter.answer(Frame(0, luma[1]), size, hints)
    alone = painter.answer(Frame(0, luma[1]), size, None)
    shared = (slice(0, 80), slice(0, 105))
    assert np.abs(ab - strange)[shared].mean() < 0.7 * np.abs(alone - strange)[shared].mean()
    other = matching.view_of(planes.light_of(clips.frames(((5, 1),))[0], facts.coding))
    assert recall.hints_from(other, [remembered], size) is None
    remembered.save(tmp_path / "shot.npz")
    assert np.array_equal(recall.Remembered.load(tmp_path / "shot.npz").ab, remembered.ab)


def test_colors_fade_through_a_dissolve(tmp_path: Path, colorizer: Colorizer) -> None:
    one, two = clips.frames(((6, 33),)), clips.frames(((7, 33),))
    share = np.clip((np.arange(33) - 10) / 12, 0, 1)
    mixed = [np.rint(a * (1 - s) + b * s).astype(np.uint8) for a, b, s in zip(one, two, share, strict=True)]
    given = clips.write(tmp_path / "in.mkv", mixed, codec="ffv1", sound=False)
    color_film(given, tmp_path / "out.mkv", colorizer, FilmOptions(codec="ffv1"))
    chroma = [np.stack(p[1:]).astype(np.float32) for _, p in clips.decoded(tmp_path / "out.mkv")]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(chroma)]
    assert max(steps) < np.abs(chroma[-1] - chroma[0]).mean() / 2


def test_motion_is_found_and_not_trusted_where_there_is_none() -> None:
    first, second = clips.frames(((8, 2),))
    step = motion.step(motion.equalized(first.astype(np.float32)), motion.equalized(second.astype(np.float32)))
    inner = step.back[10:-10, 10:-10]
    assert np.median(inner[..., 0]) == pytest.approx(2, abs=0.3) and np.median(inner[..., 1]) == pytest.approx(
        1, abs=0.3
    )
    other = motion.equalized(clips.scene(9)[: clips.HEIGHT, : clips.WIDTH].astype(np.float32))
    assert step.sure.mean() > 0.8
    assert motion.step(motion.equalized(first.astype(np.float32)), other).sure.mean() < 0.4


@pytest.mark.parametrize("matrix", planes.WEIGHTS)
@pytest.mark.parametrize("bits", [8, 10])
def test_chroma_codes_give_the_color_back(matrix: str, bits: int) -> None:
    coding = planes.Coding(matrix, False, bits, False, False)
    luma = np.full((8, 8), 126 << (bits - 8), np.uint8 if bits == 8 else np.uint16)
    ab = np.full((8, 8, 2), (12.0, -20.0), np.float32)
    rgb = planes.rgb_of(luma, *planes.chroma_planes(luma, ab, coding), coding)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    assert np.abs(lab[..., 1:] - ab).max() < 3
    black = planes.chroma_planes(np.full((8, 8), 16 << (bits - 8), luma.dtype), ab, coding)
    assert all((plane == 128 << (bits - 8)).all() for plane in black)  # black carries no color


def test_tiny_and_short_films(tmp_path: Path, colorizer: Colorizer) -> None:
    one = clips.write(tmp_path / "one.mkv", clips.frames(((1, 1),)), codec="ffv1", sound=False)
    assert color_film(one, tmp_path / "one.color.mkv", colorizer).frames == 1
    small = [np.full((3, 3), 60 * n, np.uint8) for n in range(4)]
    tiny = clips.write(tmp_path / "tiny.mkv", small, codec="ffv1", pixels="gray", sound=False)
    assert color_film(tiny, tmp_path / "tiny.color.mkv", colorizer).frames == 4


def test_what_is_no_film_is_refused(film: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    target = tmp_path / "out.mp4"
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    sound = tmp_path / "sound.m4a"
    import av

    with av.open(str(film)) as given, av.open(str(sound), "w", format="mp4") as out:
        stream = out.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:200])
    for path, why in ((text, "not a film"), (sound, "only sound"), (cut, "not a film"), (tmp_path, "folder"),
                      (tmp_path / "none.mp4", "does not exist")):  # fmt: skip
        with pytest.raises(ReadError, match=why):
            color_film(path, target, colorizer)
    assert not target.exists()


def test_a_damaged_film_is_colored_only_when_asked(tmp_path: Path, colorizer: Colorizer) -> None:
    whole = clips.write(tmp_path / "whole.ts", clips.frames(((1, 12),)), sound=False).read_bytes()
    damaged = tmp_path / "damaged.mkv"
    clips.write(damaged, clips.frames(((1, 24),)), codec="ffv1", sound=False)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    damaged.write_bytes(data)
    assert whole
    try:
        color_film(damaged, tmp_path / "strict.mkv", colorizer)
    except ReadError as error:
        assert "--salvage" in str(error)
    result = color_film(damaged, tmp_path / "out.mkv", colorizer, FilmOptions(salvage=True))
    assert 1 <= result.frames <= 24


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("out.gif", {}, "written as"),
        ("out.mp4", {"codec": "h266"}, "did you mean"),
        ("out.mp4", {"quality": 99}, "0 .best. to 51"),
        ("out.mov", {"codec": "prores", "lossless": True}, "no lossless form"),
        ("out.mov", {"codec": "prores"}, "10 bits"),
    ],
)
def test_bad_options(film: Path, tmp_path: Path, colorizer: Colorizer, name: str, options: dict, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        color_film(film, tmp_path / name, colorizer, FilmOptions(**options))


def test_nothing_is_replaced_unasked(film: Path, colored: Path, colorizer: Colorizer) -> None:
    with pytest.raises(WriteError, match="exists already"):
        color_film(film, colored, colorizer)
    with pytest.raises(UsageError, match="film itself"):
        color_film(film, film, colorizer, FilmOptions(overwrite=True))
    with pytest.raises(UsageError, match="not after"):
        Span(2, 1)
    for text in ("1:2:3:4", "x", "-1", "nan"):
        with pytest.raises(UsageError, match="time"):
            times.seconds(text)
    assert times.seconds("1:20") == 80 and times.seconds("00:01:20.5") == 80.5


def test_a_preview_of_a_part_that_ends_after_the_film(film: Path) -> None:
    facts = source.facts_of(film)
    assert facts.duration is not None
    whole = sample_frames(facts, 4, Span())
    assert [f.pts for f in sample_frames(facts, 4, Span(0, 100 * facts.duration))] == [f.pts for f in whole]
    assert len(whole) == 4
    with pytest.raises(ReadError, match="no frame in that span"):
        sample_frames(facts, 4, Span(facts.duration + 1, facts.duration + 2))


def test_the_command(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["film", str(film), "-o", str(film.with_name("two-words.mp4"))]) == 0
    assert capsys.readouterr().out.strip().endswith("two-words.mp4")
    assert command(["film", str(film), "--preview", "4"]) == 0
    sheet = cv2.imread(str(film.with_name("reel.preview.png")))
    assert sheet.shape[1] == 960 and np.ptp(sheet.astype(int), axis=2).max() > 10
    assert command(["film", str(film.with_name("none.mp4"))]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_an_encoding_knows_what_a_codec_cannot() -> None:
    assert encode.encoding_for(Path("a.webm"), None, None, False).codec == "av1"
    with pytest.raises(UsageError, match="not written losslessly"):
        encode.Encoding("av1", lossless=True)
