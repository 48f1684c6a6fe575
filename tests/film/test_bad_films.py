"""Films that are damaged, cut off, in color, turned, interlaced, empty or impossible: one clear line, and nothing is
half-written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("av")

import film_clips as clips

from barva.cli.app import run as command
from barva.engine.colorizer import Colorizer
from barva.errors import BarvaError, ReadError, UsageError, WriteError
from barva.film import encode, join, planes, source
from barva.film.frames import frames_of
from barva.film.pipeline import FilmOptions, color_film
from barva.film.times import Span


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def refused(film: Path, target: Path, colorizer: Colorizer, why: str, **options: object) -> None:
    """One line says why, and nothing is left."""
    with pytest.raises(BarvaError, match=why) as caught:
        color_film(film, target, colorizer, FilmOptions(**options))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and not target.exists()
    assert not [p for p in target.parent.glob(f".{target.name}*") if p.is_file()]


def test_a_film_that_is_cut_off(tmp_path: Path, colorizer: Colorizer) -> None:
    """Within a packet, its head still telling of all: refused, and colored as far as it goes when asked."""
    whole = clips.write(
        tmp_path / "whole.mp4", clips.frames(((1, 48),)), sound=False, gop=8, format_options={"movflags": "faststart"}
    ).read_bytes()
    film = tmp_path / "cut.mp4"
    film.write_bytes(whole[: len(whole) // 3])
    refused(film, tmp_path / "out.mp4", colorizer, "damaged.*--salvage")
    result = color_film(film, tmp_path / "out.mp4", colorizer, FilmOptions(salvage=True))
    assert 4 <= result.frames < 40
    assert len(clips.decoded(tmp_path / "out.mp4")) == result.frames


def test_an_unknown_codec(tmp_path: Path, colorizer: Colorizer) -> None:
    data = clips.write(tmp_path / "in.mp4", clips.frames(((1, 3),)), sound=False).read_bytes()
    film = tmp_path / "odd.mp4"
    film.write_bytes(data.replace(b"avc1", b"zzz9"))
    refused(film, tmp_path / "out.mp4", colorizer, "codec")


def test_a_film_without_frames(tmp_path: Path, colorizer: Colorizer) -> None:
    import av

    film = tmp_path / "none.mkv"
    with av.open(str(film), "w") as out:
        video = out.add_stream("ffv1", rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, "gray"
        out.start_encoding()
    refused(film, tmp_path / "out.mkv", colorizer, "no frame|not a film|cannot be")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    refused(empty, tmp_path / "out.mp4", colorizer, "not a film")


def test_a_full_disk(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 6),)), codec="ffv1", sound=False)
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(WriteError, match="cannot be written"):
            color_film(film, tmp_path / "out.mkv", colorizer, FilmOptions(codec="ffv1"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "out.mkv").exists() and not list(tmp_path.rglob("*.part"))
    assert color_film(film, tmp_path / "out.mkv", colorizer, FilmOptions(codec="ffv1")).frames == 6


def test_a_film_in_color_is_told_and_can_stay(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 5),)), codec="ffv1", sound=False, color=(90, 170))
    anew = color_film(film, tmp_path / "anew.mkv", colorizer, FilmOptions(codec="ffv1"))
    assert "in color already" in anew.notes[0]
    result = color_film(film, tmp_path / "kept.mkv", colorizer, FilmOptions(codec="ffv1", keep_color=True))
    assert result.notes == ("shots in color already: 1 of 1; they were left as they are",)
    pairs = zip(clips.decoded(film), clips.decoded(tmp_path / "kept.mkv"), strict=True)
    assert all(np.array_equal(x, y) for (_, a), (_, b) in pairs for x, y in zip(a, b, strict=True))


def test_a_film_with_a_shot_in_color_is_not_told_to_be_in_color(tmp_path: Path, colorizer: Colorizer) -> None:
    film = tmp_path / "reel.mkv"
    colors = [(128, 128)] * 8 + [(90, 170)] * 8
    clips.write(film, clips.frames(((1, 8), (3, 8))), codec="ffv1", sound=False, colors=colors)
    (note,) = color_film(film, tmp_path / "out.mkv", colorizer, FilmOptions(codec="ffv1")).notes
    assert note.startswith("shots in color already: 1 of 2; they were colored anew") and "--keep-color" in note


def test_rotation_pixel_shape_fields_and_tags_come_along(tmp_path: Path, colorizer: Colorizer) -> None:
    import av

    plain = clips.write(tmp_path / "plain.mp4", clips.frames(((1, 4),)), options={"flags": "+ildct+ilme", "x264-params":
                        "tff=1"})  # fmt: skip
    film = tmp_path / "in.mp4"
    with av.open(str(plain)) as given, av.open(str(film), "w") as out:
        out.metadata["title"] = "Turned"
        streams = {s.index: out.add_stream_from_template(s) for s in given.streams}
        video = streams[given.streams.video[0].index]
        video.set_display_rotation(90)
        video.sample_aspect_ratio = Fraction(16, 11)
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    before = source.facts_of(film)
    assert before.field == "tt" and before.orientation == 8
    color_film(film, tmp_path / "out.mp4", colorizer)
    after = source.facts_of(tmp_path / "out.mp4")
    assert (after.matrix, after.field, after.pixel_aspect) == (before.matrix, "tt", before.pixel_aspect)
    assert after.coding == before.coding
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.metadata["title"] == "Turned"


def test_a_film_of_an_ending_that_is_not_written_becomes_matroska(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = clips.write(tmp_path / "in.flv", clips.frames(((1, 4),)))
    assert encode.target_of(film) == tmp_path / "in.color.mkv"
    assert command(["film", str(film)]) == 0
    assert capsys.readouterr().out.strip().endswith("in.color.mkv")
    assert len(clips.decoded(tmp_path / "in.color.mkv")) == 4


def test_a_frame_larger_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = clips.write(tmp_path / "in.mkv", clips.frames(((1, 1),)), codec="ffv1", sound=False)
    monkeypatch.setattr(source, "LARGEST", 1000)
    with pytest.raises(ReadError, match="128 x 96 px are larger than the limit"):
        source.facts_of(film)


def test_a_film_that_is_not_there_is_told_as_such(tmp_path: Path, colorizer: Colorizer) -> None:
    there = clips.write(tmp_path / "out.mp4", clips.frames(((1, 3),)), sound=False)
    before = there.read_bytes()
    with pytest.raises(ReadError, match=r"none\.mp4 does not exist"):
        color_film(tmp_path / "none.mp4", there, colorizer, FilmOptions(overwrite=True))
    assert there.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_what_a_container_cannot_hold(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mp4", clips.frames(((1, 3),)))
    refused(film, tmp_path / "out.webm", colorizer, "cannot hold|cannot be written", codec="h264")
    with pytest.raises(UsageError, match="not after"):
        Span(2, 2)


def test_sound_that_is_damaged_is_the_films_fault(
    tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of the file that is written."""
    film = clips.write(tmp_path / "in.mp4", clips.frames(((1, 3),)))

    def damaged(*_: object) -> Iterator[tuple[int, float, object]]:
        yield from ()
        raise ReadError("{file}: its sound is damaged", code="film.sound", file=film)

    monkeypatch.setattr(join, "_sounds", damaged)
    with pytest.raises(ReadError) as caught:
        color_film(film, tmp_path / "out.mp4", colorizer)
    assert caught.value.code == "film.sound" and str(caught.value).startswith(str(film))
    assert not (tmp_path / "out.mp4").exists() and not list(tmp_path.glob("*.barva-part"))


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [("ffv1", "gray10le"), ("ffv1", "gray16le"), ("rawvideo", "gray16be"), ("rawvideo", "yuv420p10be")],
)
def test_luma_is_read_whatever_its_bits_and_byte_order(tmp_path: Path, codec: str, pixels: str) -> None:
    """Black to white of scans: those of gray alone use all codes, as those of 8 bits do."""
    import av

    gray = pixels.startswith("gray")
    bits = 16 if "16" in pixels else 10
    white = (1 << bits) - 1
    ramp = np.tile(np.linspace(0, white, 64) if gray else np.linspace(64, 940, 64), (48, 1))
    codes = np.rint(ramp).astype(">u2" if pixels.endswith("be") else "<u2")
    film = tmp_path / "in.nut"
    with av.open(str(film), "w") as out:
        video = out.add_stream(codec, rate=24)
        video.width, video.height, video.pix_fmt = 64, 48, pixels
        frame = av.VideoFrame(64, 48, pixels)
        for n, plane in enumerate(frame.planes):
            rows = np.frombuffer(plane, codes.dtype).reshape(plane.height, -1)
            rows[:] = 512
            if n == 0:
                rows[:, :64] = codes
        frame.pts = 0
        out.mux([*video.encode(frame), *video.encode(None)])
    facts = source.facts_of(film)
    assert (facts.coding.bits, facts.coding.full) == (10, gray)
    shown = planes.gray_of(next(frames_of(facts)).luma, facts.coding)
    assert np.abs(shown - np.linspace(0, 1, 64)).max() < 0.002


def test_a_folder_that_cannot_be_made_is_the_one_that_was_typed(tmp_path: Path, colorizer: Colorizer) -> None:
    film = clips.write(tmp_path / "in.mp4", clips.frames(((1, 2),)), sound=False)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WriteError) as caught:
        color_film(film, tmp_path / "file" / "out.mp4", colorizer)
    assert f"{tmp_path / 'file'} cannot be made" in str(caught.value) and "barva-film" not in str(caught.value)


def test_a_photo_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), np.zeros((48, 64), np.uint8))
    assert command(["film", str(photo)]) == 1
    assert "barva colorize" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.parametrize("name", ["12:30 reel.mkv", "file:a.mkv", "-a%d.mkv"])
def test_a_name_that_looks_like_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if sys.platform == "win32" and ":" in name:
        pytest.skip("no file has such a name there")
    monkeypatch.chdir(tmp_path)
    clips.write(tmp_path / "in.mkv", clips.frames(((1, 3),)), sound=False).rename(name)
    assert command(["film", "-o", f"{name}.mkv", "--", name]) == 0
    assert capsys.readouterr().out.strip() == f"{name}.mkv" and len(clips.decoded(tmp_path / f"{name}.mkv")) == 3
    assert command(["film", "--still", "s.png", "--at", "0", "--", name]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"{name}.mkv", "s.png"])


def test_words_that_are_not_understood_leave_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = clips.write(tmp_path / "a.mkv", clips.frames(((1, 3),)), sound=False)
    assert command(["film", str(film), "-m", "levin", "--say", "make the zebra red"]) == 2
    assert "zebra" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [film]


@pytest.mark.parametrize(
    "options",
    [
        ["--still", "s.png", "--at", "0", "-o", "b.mkv"],
        ["--still", "s.png", "--at", "0", "--preview", "3"],
        ["--lossless", "--quality", "20"],
        ["--engine", "spark"],
    ],
)
def test_options_that_do_not_go_together(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["film", str(tmp_path / "a.mkv"), *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert any(word in error for word in ("leave out", "local and ray"))
