"""What a run takes and leaves, and how it names results; nothing is painted here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from barva.archive import folder, select
from barva.archive.manifest import Manifest
from barva.errors import ReadError, UsageError


def picture(path: Path, format: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize((24, 16)).save(path, format)
    return path


def results(*sources: Path, output: Path | None = None, **more: Any) -> list[str]:
    chosen = select.select(sources, output, more.pop("recursive", False), more.pop("format_", None), **more)
    return [item.output.name for item in chosen.items]


@pytest.mark.parametrize(
    "place",
    ["@eaDir/x.jpg", "#recycle", "$RECYCLE.BIN", "__MACOSX", ".Trashes", ".Trash-1000/files", "lost+found",
     "System Volume Information", ".thumbnails", "@Recycle", "#snapshot"],
)  # fmt: skip
def test_system_folders_are_passed_over(place: str, tmp_path: Path) -> None:
    mine = picture(tmp_path / "x.jpg")
    picture(tmp_path / place / "y.jpg")
    picture(tmp_path / "sub" / place / "z.jpg")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    found = folder.scan(tmp_path, recursive=True)
    assert found.photos == (mine,)
    assert found.left_out.line() == ""


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    for name in ("a.CR2", "b.cr2", "c.psd", "notes", "a.jpg.xmp", "a.color.jpg", "album.json"):
        (tmp_path / name).write_bytes(b"x")
    picture(tmp_path / "a.jpg")
    assert folder.scan(tmp_path, True).left_out.line() == "4 files left out: 2 .cr2, 1 .psd, 1 without a suffix"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_a_circle_hides_no_photo(tmp_path: Path) -> None:
    for name in "abcdefgh":
        (tmp_path / f"{name}.jpg").write_bytes(b"1")
    (tmp_path / "circle.jpg").symlink_to("circle.jpg")
    found = folder.scan(tmp_path, True)
    assert len(found.photos) == 8 and not found.left_out.unreadable
    assert found.left_out.line() == "1 file left out: 1 that is no plain file"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_not_followed_and_counted(tmp_path: Path) -> None:
    picture(tmp_path / "elsewhere" / "y.jpg")
    mine = picture(tmp_path / "album" / "x.jpg")
    (tmp_path / "album" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "album" / "broken.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "album" / "round").symlink_to(tmp_path / "album")
    found = folder.scan(tmp_path / "album", True)
    assert found.photos == (mine,)
    assert found.left_out.line() == "1 file left out: 1 that is no plain file; 2 folders not followed: links"


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        (["proofs"], ["a.jpg", "sub/b.JPG"]),
        (["*.jpg"], []),
        (["b.*", "proofs/"], ["a.jpg"]),
        (["sub/*"], ["a.jpg"]),
        (["nothing"], ["a.jpg", "sub/b.JPG", "sub/proofs/c.jpg"]),
    ],
)
def test_exclude(globs: list[str], left: list[str], tmp_path: Path) -> None:
    for name in ("a.jpg", "sub/b.JPG", "sub/proofs/c.jpg"):
        picture(tmp_path / name)
    found = folder.scan(tmp_path, True, globs)
    assert [p.relative_to(tmp_path).as_posix() for p in found.photos] == left
    assert (found.left_out.line() != "") == (globs != ["nothing"])


@pytest.fixture
def denied(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Folders called "denied" cannot be read, not by root either."""
    real = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(os.fsdecode(path)).name == "denied":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    yield


def test_folders_that_cannot_be_read_are_named(denied: None, tmp_path: Path) -> None:
    mine = picture(tmp_path / "x.jpg")
    picture(tmp_path / "denied" / "y.jpg")
    found = folder.scan(tmp_path, True)
    assert found.photos == (mine,)
    assert found.left_out.unreadable == [(tmp_path / "denied", "Permission denied")]
    with pytest.raises(ReadError, match=r"denied cannot be read: Permission denied"):
        list(folder.photos_in(tmp_path, recursive=True))
    with pytest.raises(ReadError, match=r"denied cannot be read: Permission denied"):
        results(tmp_path / "denied")


def test_names_are_the_librarys(tmp_path: Path) -> None:
    for name, format, result in [
        ("photo.mpo", "JPEG", "photo.color.jpg"),
        ("no_suffix", "JPEG", "no_suffix.color.jpg"),
        ("scan.001", "TIFF", "scan.color.tif"),
        ("a.JPEG", "JPEG", "a.color.JPEG"),
        ("a.gif", "GIF", "a.color.png"),
        ("wrong.jpg", "PNG", "wrong.color.png"),
    ]:
        assert results(picture(tmp_path / name, format)) == [result]
        assert results(tmp_path / name, output=tmp_path) == [result]
    (tmp_path / "text.jpg").write_text("no picture")
    assert results(tmp_path / "text.jpg", tmp_path / "absent.png") == ["text.color.jpg", "absent.color.png"]


def test_results_have_names_of_their_own(tmp_path: Path) -> None:
    same = [picture(tmp_path / name) for name in ("same.gif", "same.png")]
    assert results(*same) == results(tmp_path) == ["same.gif.color.png", "same.color.png"]
    assert results(*same, format_="webp") == ["same.gif.color.webp", "same.png.color.webp"]
    assert results(same[0], same[0], tmp_path) == ["same.gif.color.png", "same.color.png"], "each photo once"


def test_an_earlier_runs_name_stays(tmp_path: Path) -> None:
    gif = picture(tmp_path / "same.gif")
    Manifest(tmp_path, {}).record_plan(gif, tmp_path / "same.color.png")
    picture(tmp_path / "same.color.png")
    assert results(tmp_path) == ["same.color.png"]
    picture(tmp_path / "same.png")
    assert results(tmp_path) == ["same.color.png", "same.png.color.png"]
    alone = select.item(tmp_path / "same.png", tmp_path, None, None)
    assert [i.output.name for i in select.unique_items([alone])] == ["same.png.color.png"], "as --watch asks"


def test_results_in_one_place_are_refused(tmp_path: Path) -> None:
    one, two = picture(tmp_path / "1" / "a.jpg"), picture(tmp_path / "2" / "a.jpg")
    assert results(one, two) == ["a.color.jpg"] * 2, "beside each"
    for sources in ((one, two), (one.parent, two.parent)):
        with pytest.raises(UsageError, match="would both become"):
            results(*sources, output=tmp_path / "out")
    mine = picture(tmp_path / "1" / "a.color.jpg")
    with pytest.raises(UsageError, match=r"would replace .*a\.color\.jpg"):
        results(one, mine)
    assert results(one.parent) == ["a.color.jpg"], "a result in a folder is no photo of the run"


def test_file_systems_without_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a.jpg and A.JPG are one file; the probe is asked of the file system itself, here of a stand-in."""
    photos = [picture(tmp_path / "in" / name) for name in ("a.jpg", "A.JPG")]
    if len(list((tmp_path / "in").iterdir())) < 2:
        pytest.skip("this file system is such a one")
    assert results(*photos) == ["a.color.jpg", "A.color.JPG"]
    assert not list((tmp_path / "in").glob(".*")), "the probe is gone"
    real = Path.exists

    def exists(path: Path, **more: Any) -> bool:
        names = [p.name.casefold() for p in path.parent.iterdir()] if real(path.parent) else []
        return path.name.casefold() in names

    monkeypatch.setattr(Path, "exists", exists)
    with pytest.raises(UsageError, match="would both become"):
        results(*photos)


def test_where_several_photos_go(tmp_path: Path) -> None:
    photos = [picture(tmp_path / name) for name in ("a.jpg", "b.jpg")]
    assert select.select(photos, tmp_path / "new", False, None).into == tmp_path / "new"
    for name, why in (("a.jpg", "is a file"), ("new.jpg", "is named like a file")):
        with pytest.raises(UsageError, match=why):
            select.select(photos, tmp_path / name, False, None)
    assert select.select(photos[:1], tmp_path / "new.png", False, None).items[0].output == tmp_path / "new.png"
    with pytest.raises(UsageError, match="leaves no photo"):
        select.select(photos, None, False, None, ["*.jpg"])
