"""Files are whole or absent, whatever the file system does."""

from __future__ import annotations

import errno
import ntpath
import os
from pathlib import Path, PureWindowsPath

import pytest

from barva.errors import ReadError, UsageError, WriteError
from barva.files import (
    mirror,
    read_list,
    read_whole,
    reason,
    replace_together,
    replace_whole,
    write_together,
    write_whole,
)


def full(part: Path) -> None:
    part.write_bytes(b"half of it")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(WriteError, match=r"a cannot be written: No space left on device"):
        replace_whole(tmp_path / "a", full)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_both_or_neither(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="b cannot be written"):
        replace_together({tmp_path / "a": lambda part: part.write_bytes(b"1"), tmp_path / "b": full})
    assert not list(tmp_path.iterdir())


def test_names_as_long_as_a_file_system_takes(tmp_path: Path) -> None:
    target = tmp_path / (80 * "字" + ".json")  # 245 bytes
    write_whole(target, b"1", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"1", overwrite=False)
    with pytest.raises(WriteError, match="exists already"):
        write_whole(tmp_path / "a", b"2", overwrite=False)
    write_whole(tmp_path / "a", b"2", overwrite=True)
    assert (tmp_path / "a").read_bytes() == b"2"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    real, link = tmp_path / "store" / "real", tmp_path / "link"
    real.write_bytes(b"1")
    link.symlink_to(real)
    write_whole(link, b"2", overwrite=True)
    assert link.is_symlink() and real.read_bytes() == b"2"
    device = tmp_path / "device"
    device.symlink_to(os.devnull)
    write_whole(device, b"3", overwrite=True)
    assert not device.is_symlink() and device.read_bytes() == b"3"


def test_reasons_are_a_few_words() -> None:
    wrapped = ValueError("Error while serializing: I/O error: No space left on device (os error 28)")
    assert reason(wrapped) == "No space left on device"
    assert reason(OSError(errno.EACCES, "Permission denied")) == "Permission denied"
    assert reason(ValueError()) == "ValueError"


def test_a_path_that_no_system_takes_is_a_write_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_whole(tmp_path / "a\0b", b"1", overwrite=True)


def test_files_that_belong_together_change_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(WriteError, match="no/b"):
        write_together({tmp_path / "a": b"new", tmp_path / "no" / "b": b"new"})
    assert [p.name for p in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_bytes() == b"old"


def test_reading_names_the_file_and_what_it_should_be(tmp_path: Path) -> None:
    def parse(data: bytes, folder: Path) -> str:
        if data == b"bad":
            raise UsageError("line 1 is wrong")
        return f"{data.decode()} in {folder.name}"

    path = tmp_path / "a"
    with pytest.raises(ReadError, match="a: there is no such list"):
        read_whole(path, "list", 5, parse)
    path.write_bytes(b"bad")
    with pytest.raises(UsageError, match="a: line 1 is wrong"):
        read_whole(path, "list", 5, parse)
    path.write_bytes(b"fine")
    assert read_whole(path, "list", 5, parse) == f"fine in {tmp_path.name}"
    with pytest.raises(ReadError, match="too large for a list"):
        read_whole(path, "list", 3, parse)


def folders(files: list[Path], into: Path | None) -> list[str]:
    """Where the results go, seen from the folder of all results, or from the root on."""
    rows = mirror(files, into)
    return [(folder if into is None else folder.relative_to(into)).as_posix() for _, folder in rows]


def test_listed_files_are_mirrored_below_their_common_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = ["b/c/one", "b/two", "b/c/d/three"]
    assert folders([tmp_path / name for name in names], out) == ["c", ".", "c/d"]
    assert folders([tmp_path / name for name in ("a/one", "ab/two")], out) == ["a", "ab"]
    assert folders([tmp_path / "b/c/one"], out) == ["."]
    assert folders([tmp_path / "b/one", tmp_path / "b/one"], out) == [".", "."]
    assert folders([tmp_path / "b/c/one", tmp_path / "b/two"], None) == [f"{tmp_path.as_posix()}/b/c",
                                                                         f"{tmp_path.as_posix()}/b"]  # fmt: skip
    assert mirror([], out) == []


def test_relative_paths_of_a_list_stay_below_the_folder_of_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lists").mkdir()
    # as editors on Windows begin a file in UTF-8
    (tmp_path / "lists" / "all.txt").write_text("\ufeffone\n../two\n./b/../b/three\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    files = read_list(Path("lists/all.txt"))
    assert [file for file, _ in mirror(files, None)] == [
        tmp_path / "lists" / "one", tmp_path / "two", tmp_path / "lists" / "b" / "three"
    ]  # fmt: skip
    assert folders(files, Path("out")) == ["lists", ".", "lists/b"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_stay_links(tmp_path: Path) -> None:
    (tmp_path / "store" / "x").mkdir(parents=True)
    (tmp_path / "store" / "x" / "one").touch()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "folder").symlink_to(tmp_path / "store" / "x")
    (tmp_path / "a" / "file").symlink_to(tmp_path / "store" / "x" / "one")
    files = [tmp_path / "a" / "folder" / "one", tmp_path / "a" / "file"]
    assert [file for file, _ in mirror(files, None)] == files
    assert folders(files, tmp_path / "out") == ["folder", "."]


@pytest.mark.skipif(os.name == "nt", reason="paths of other systems")
def test_roots_of_two_slashes_are_the_root() -> None:
    assert folders([Path("//reels/one"), Path("/reels/b/two")], Path("/out")) == [".", "b"]


def test_files_on_different_drives_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    drives = [ntpath.abspath(f"{drive}:\\reels\\one") for drive in "CD"]
    monkeypatch.setattr(os.path, "commonpath", lambda _: ntpath.commonpath(drives))
    monkeypatch.setattr("barva.files.absolute", PureWindowsPath)
    with pytest.raises(UsageError, match=r"^C:.*one and D:.*one lie on different drives"):
        mirror([PureWindowsPath(drive) for drive in drives], Path("out"))  # type: ignore[list-item]
    assert [folder for _, folder in mirror([PureWindowsPath(drives[1])], None)] == [PureWindowsPath("D:/reels")]
