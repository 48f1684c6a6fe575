"""Albums: the same thing in the same color, decisions that stay."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from barva.archive import select as selecting
from barva.archive.album import LOOKS, AlbumRun, album
from barva.archive.album_book import JOURNAL, NAME, Book, Decision, file_sha256, pack_colors
from barva.archive.select import select
from barva.cli.app import run
from barva.color import spaces
from barva.engine.colorizer import Colorizer
from barva.errors import ReadError, UsageError, WriteError
from barva.guidance.marks import Guidance, Point


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


@pytest.fixture
def photos(tmp_path: Path, astronaut: np.ndarray) -> Path:
    """The astronaut, a part of her, her mirror image in less light, and a stranger."""
    place = tmp_path / "photos"
    place.mkdir()
    grey = Image.fromarray(astronaut).convert("L")
    grey.save(place / "b-whole.png")
    grey.crop((60, 0, 460, 400)).save(place / "a-part.png")
    dim = np.asarray(grey)[:, ::-1] * 0.8
    Image.fromarray(dim.astype(np.uint8)).save(place / "c-mirrored.png")
    noise = np.random.default_rng(0).normal(120, 20, (300, 300)).clip(0, 255)
    Image.fromarray(noise.astype(np.uint8)).save(place / "d-stranger.png")
    return place


SUIT = (100, 440)
"""On the whole photo, in pixels: orange cloth."""
GREEN = Guidance((Point(SUIT, "lab(50, -40, 30)"),))


def ab(path: Path, x: int, y: int) -> np.ndarray:
    pixels = np.asarray(Image.open(path))[y - 4 : y + 5, x - 4 : x + 5, :3]
    return spaces.fast_rgb_to_lab(np.ascontiguousarray(pixels))[..., 1:].mean((0, 1))


def test_a_marked_thing_has_its_colour_everywhere(
    photos: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("barva.archive.album.LOOKS", 2)
    monkeypatch.setattr("barva.archive.album.pages", lambda *_: pytest.fail("a photo is looked at twice"))
    ended = album(photos, out, guide=photos / "b-whole.png", guidance=GREEN, colorizer=colorizer)
    assert [e.item.source.name for e in ended] == ["b-whole.png", "a-part.png", "c-mirrored.png", "d-stranger.png"]
    assert all(e.state == "done" for e in ended)
    x, y = SUIT
    whole = ab(out / "b-whole.color.png", x, y - 80)
    assert whole[0] < -8
    assert np.abs(ab(out / "a-part.color.png", x - 60, y - 80) - whole).max() < 12
    assert np.abs(ab(out / "c-mirrored.color.png", 511 - x, y - 80) - whole).max() < 12
    alone = colorizer.colorize(photos / "d-stranger.png").array()
    assert np.array_equal(np.asarray(Image.open(out / "d-stranger.color.png")), alone)
    assert any("carried from b-whole.png" in s for s in ended[1].notes)


def test_decisions_stay(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    out = tmp_path / "out"
    later = tmp_path / "later.png"
    shutil.move(photos / "a-part.png", later)
    album(photos, out, guide=photos / "b-whole.png", guidance=GREEN, colorizer=colorizer)
    pictures = {p.name: np.asarray(Image.open(p)) for p in out.glob("*.png")}
    shutil.move(later, photos / "a-part.png")
    (out / "c-mirrored.color.png").unlink()
    ended = album(photos, out, colorizer=colorizer)  # the marks are the album's own
    assert {e.item.source.name: e.state for e in ended} == {
        "a-part.png": "done",
        "b-whole.png": "kept",
        "c-mirrored.png": "done",
        "d-stranger.png": "kept",
    }
    for name, was in pictures.items():
        assert np.array_equal(np.asarray(Image.open(out / name)), was), name
    kept = Book.open(out, "guided").decisions
    assert len(kept) == 4
    assert len(next(d.hints for d in kept.values() if d.name == "a-part.png")) > 20


def test_a_book_writes_each_decision_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []
    compress = zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda data, level: (packed.append(len(data)), compress(data, level))[1])
    book = Book.open(tmp_path, "guided")
    colors = np.random.default_rng(0).integers(-128, 128, (4, 6, 2)).astype(np.float32)
    for name in ("caf\udce9.png", "бабуся.png", "c.png"):  # a name may be no UTF-8
        book.decisions[name] = Decision(name, np.full((2, 5), 0.5, np.float32), pack_colors(colors), ("a.png",))
        book.save()
    assert len(packed) == 3
    back = Book.open(tmp_path, "guided")
    assert [d.name for d in back.decisions.values()] == [d.name for d in book.decisions.values()]
    assert all(np.array_equal(d.colors, colors) and d.like == ("a.png",) for d in back.decisions.values())


def test_views_that_are_not_compared_any_more_go(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    going = AlbumRun(colorizer, tmp_path / "out")
    going._sources = {str(n): photos / "d-stranger.png" for n in range(LOOKS + 5)}
    views = [weakref.ref(going._view(key)) for key in going._sources]
    gc.collect()
    assert sum(v() is not None for v in views) == LOOKS + 1
    assert going._view(str(LOOKS + 4)) is views[-1]()


def test_photos_are_read_when_it_is_their_turn(
    photos: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr("barva.archive.album.file_sha256", lambda p: (read.append(p.name), file_sha256(p))[1])
    going = AlbumRun(colorizer, tmp_path / "out", photos / "b-whole.png", GREEN)
    outcomes = going.outcomes(select([photos], tmp_path / "out", False, None).items)
    assert next(outcomes).item.source.name == "b-whole.png"
    outcomes.close()
    assert set(read) == {"b-whole.png"}


def test_other_marks_need_overwrite(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    guide, out = photos / "d-stranger.png", tmp_path / "out"
    for name in ("a-part.png", "b-whole.png", "c-mirrored.png"):
        (photos / name).unlink()
    point = Guidance((Point((20, 20), "red"),))
    album(photos, out, guide=guide, guidance=point, colorizer=colorizer)
    other = Guidance((Point((20, 20), "blue"),))
    with pytest.raises(UsageError, match="--overwrite decides anew"):
        album(photos, out, guide=guide, guidance=other, colorizer=colorizer)
    (ended,) = album(photos, out, guide=guide, guidance=other, colorizer=colorizer, overwrite=True)
    assert ended.state == "done"


def test_a_lost_decision(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    for name in ("a-part.png", "b-whole.png", "c-mirrored.png"):
        (photos / name).unlink()
    out = tmp_path / "out"
    album(photos, out, colorizer=colorizer)
    (out / NAME).unlink()
    (ended,) = album(photos, out, colorizer=colorizer)
    assert ended.state == "failed" and "has no entry for" in ended.notes[0]
    for state in ("done", "kept"):
        (ended,) = album(photos, out, colorizer=colorizer, overwrite=True)
        assert ended.state == state


def test_a_broken_book_is_one_line(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for text in ("{", "[]", '{"barva": "album", "version": 2}', '{"barva": "album", "version": 1, "photos": 3}'):
        (out / NAME).write_text(text)
        with pytest.raises(ReadError, match="delete it to decide anew"):
            album(photos, out, colorizer=colorizer)


def test_at_the_command_line(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    (photos / "a-part.png").write_bytes(b"no photo")
    for name in ("c-mirrored.png", "d-stranger.png"):
        (photos / name).unlink()
    asked = ["album", str(photos), "-o", str(out), "--guide", str(photos / "b-whole.png"), "--point", "100,440=green"]
    assert run(asked) == 1
    assert "1 colored, 0 finished before, 1 failed" in capsys.readouterr().err
    assert len(json.loads((out / NAME).read_text())["photos"]) == 1
    assert run(asked) == 1
    assert "0 colored, 1 finished before, 1 failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--point", "1,1=red"], "name it with --guide"),
        (["--guide", "b-whole.png"], "needs a mark"),
        (["--guide", "absent.png", "--point", "1,1=red"], "does not exist"),
        (["--guide", "b-whole.png", "--point", "9999,1=red"], "outside the photo"),
        (["--vividness", "3"], "from 0 to 2"),
    ],
)
def test_bad_requests(photos: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = [str(photos / o) if o.endswith(".png") else o for o in options]
    assert run(["album", str(photos), *options]) in (1, 2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert not (photos / NAME).exists()


def test_a_killed_album_goes_on(tmp_path: Path) -> None:
    book = Book.open(tmp_path, "guided")
    colors = np.zeros((4, 6, 2), np.float32)
    book.add("one", Decision("бабуся.png", np.full((2, 5), 0.5, np.float32), pack_colors(colors), ("a.png",)))
    assert not (tmp_path / NAME).exists(), "it is not written whole after each photo"
    with (tmp_path / JOURNAL).open("a") as out:
        out.write('{"of": "torn')
    book.add("two", Decision("c.png", np.zeros((0, 5), np.float32), pack_colors(colors)))
    back = Book.open(tmp_path, "guided")
    assert [d.name for d in back.decisions.values()] == ["бабуся.png", "c.png"]
    assert not Book.open(tmp_path, "classes").decisions, "another album's"
    back.save()
    assert not (tmp_path / JOURNAL).exists() and len(Book.open(tmp_path, "guided").decisions) == 2


def test_an_old_photo_of_the_same_thing_is_compared(
    photos: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many strangers lie between the marked photo and the next one that shows the thing."""
    monkeypatch.setattr("barva.archive.album.LOOKS", 4)
    monkeypatch.setattr("barva.archive.album.LATEST", 1)
    for name in ("c-mirrored.png", "d-stranger.png"):
        (photos / name).unlink()
    (photos / "a-part.png").rename(photos / "z-part.png")
    (photos / "b-whole.png").rename(photos / "b.png")
    rng = np.random.default_rng(0)
    for n in range(8):
        coarse = Image.fromarray(rng.integers(0, 256, (24, 24), dtype=np.uint8))
        coarse.resize((300, 300), Image.Resampling.BICUBIC).save(photos / f"c{n}.png")
    (photos / "c0.png").rename(photos / "a-guide.png")
    marks = Guidance((Point((20, 20), "red"),))
    album(photos, tmp_path / "out", guide=photos / "a-guide.png", guidance=marks, colorizer=colorizer)
    last = next(d for d in Book.open(tmp_path / "out", "guided").decisions.values() if d.name == "z-part.png")
    assert "b.png" in last.like


def test_an_album_of_very_many_photos_is_colored(
    photos: Path,
    tmp_path: Path,
    colorizer: Colorizer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(selecting, "EAGER", 1)
    outcomes = album(photos, tmp_path / "one", guide=photos / "b-whole.png", guidance=GREEN, colorizer=colorizer)
    assert [o.state for o in outcomes] == ["done"] * 4
    asked = ["album", str(photos), "-o", str(tmp_path / "two"), "--guide", str(photos / "b-whole.png")]
    assert run([*asked, "--point", "100,440=green"]) == 0
    assert "4 colored" in capsys.readouterr().err


def test_one_run_colors_an_album_at_a_time(photos: Path, tmp_path: Path, colorizer: Colorizer) -> None:
    first = AlbumRun(colorizer, tmp_path / "out")
    with pytest.raises(UsageError, match="another run colors the album in"):
        AlbumRun(colorizer, tmp_path / "out")
    first.close()
    second = AlbumRun(colorizer, tmp_path / "out")
    items = select([photos], tmp_path / "out", False, None).items[:1]
    assert [o.state for o in second.outcomes(items)] == ["done"]
    AlbumRun(colorizer, tmp_path / "out").close()


def test_an_album_is_free_again_after_an_error(
    photos: Path, tmp_path: Path, colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked = tmp_path / "out", {"guide": photos / "b-whole.png", "guidance": GREEN, "colorizer": colorizer}
    (photos / "d-stranger.png").unlink()
    album(photos, out, colorizer=colorizer)
    for _ in range(2):
        with pytest.raises(UsageError, match="decided") as caught:  # its traceback holds the run, and with it the lock
            album(photos, out, **asked)
        assert "another run" not in str(caught.value)
    with monkeypatch.context() as patched:
        patched.setattr(Book, "save", lambda _: (_ for _ in ()).throw(WriteError("the disk is full")))
        with pytest.raises(WriteError, match="full") as full:
            album(photos, out, **asked, overwrite=True)
    assert [one.state for one in album(photos, out, **asked, overwrite=True)] == ["kept"] * 3 and full
    other = tmp_path / "other"
    guided = AlbumRun(colorizer, other, photos / "b-whole.png", GREEN)
    with pytest.raises(UsageError, match="is not among"):
        list(guided.outcomes(select([photos / "a-part.png"], other, False, None).items))
    AlbumRun(colorizer, other).close()


def test_marks_are_about_the_guides_first_page(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = Image.open(photos / "b-whole.png"), Image.open(photos / "d-stranger.png")
    for name in ("a-part.png", "b-whole.png", "c-mirrored.png"):
        (photos / name).unlink()
    first.save(photos / "guide.tif", save_all=True, append_images=[second])
    asked = ["album", str(photos), "-o", str(tmp_path / "out"), "--guide", str(photos / "guide.tif")]
    assert run([*asked, "--point", "100,440=green"]) == 0, "it lies outside of the second page"
    assert "2 colored" in capsys.readouterr().err
