"""Files are whole or absent, whatever the file system does."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from barva.errors import ReadError, UsageError, WriteError
from barva.files import read_whole, reason, replace_together, replace_whole, write_together, write_whole


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


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"1", overwrite=False)
    with pytest.raises(WriteError, match="exists already"):
        write_whole(tmp_path / "a", b"2", overwrite=False)
    write_whole(tmp_path / "a", b"2", overwrite=True)
    assert (tmp_path / "a").read_bytes() == b"2"


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
