"""The table of formats: a format is one row, and everything else follows it."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from barva.archive import folder
from barva.cli import options
from barva.errors import UsageError
from barva.imaging import Envelope, formats, read
from barva.imaging.formats import FORMATS, Format
from barva.imaging.write import output_format, write

DECODER = """
import numpy as np
from barva.imaging.raster import Raster

def open_ppm(encoded, check):
    with encoded.file() as file:
        magic, size, top, data = file.read().split(b"\\n", 3)
    width, height = map(int, size.split())
    check(width, height)
    return Raster(width, height, 3, "uint8", lambda: np.frombuffer(data, np.uint8).reshape(height, width, 3)), None
"""


@pytest.fixture
def ppm(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Format:
    """A format that Barva does not know, added as its one row beside its decoder."""
    place = tmp_path_factory.mktemp("plugin")
    (place / "ppm_decoder.py").write_text(DECODER)
    monkeypatch.syspath_prepend(place)
    row = Format(
        "ppm", "PPM", (".ppm",), "image/x-portable-pixmap", lambda head: head.startswith(b"P6"),
        decoder="ppm_decoder:open_ppm", saver="pillow", pillow=("PPM",), alpha=False, metadata=False,
    )  # fmt: skip
    monkeypatch.setitem(FORMATS, "ppm", row)
    return row


def test_a_row_is_read_and_written(ppm: Format, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    written = write([(array, Envelope("array"))], tmp_path / "a.ppm")
    assert written.format == "ppm" and (tmp_path / "a.ppm").read_bytes().startswith(b"P6")
    photo = read(tmp_path / "a.ppm")
    assert photo.envelope.format == "ppm" and np.array_equal(photo.pixels(), array)
    assert output_format(photo.envelope) == "ppm"
    wide = write([(array.astype(np.uint16) * 257, Envelope("png", bits=16))], tmp_path / "b.ppm")
    assert wide.depth == 8 and any("PPM holds 8 bits" in note for note in wide.notes)
    assert np.array_equal(read(tmp_path / "b.ppm").pixels(), array)
    rgba = np.dstack([array, np.full((20, 30), 255, np.uint8)])
    assert any("PPM has no transparency" in note for note in write([(rgba, Envelope("png"))], tmp_path / "c.ppm").notes)


def test_a_row_is_known_everywhere(ppm: Format, tmp_path: Path) -> None:
    answers = pytest.importorskip("barva.studio.api.responses")
    (tmp_path / "a.PPM").write_bytes(b"P6")
    assert [path.name for path in folder.scan(tmp_path, recursive=False).photos] == ["a.PPM"]
    assert formats.format_of("x.ppm") == formats.readable_format("x.ppm") == formats.detect(b"P6 ...") == "ppm"
    assert "PPM" in formats.readable_titles() and ".ppm" in formats.accept().split(",")
    assert answers.file(b"P6", "ppm", "a.ppm").media_type == ppm.mime
    with pytest.raises(UsageError, match="PPM"):
        formats.format_of("x.xyz")


def test_rows_do_not_contradict_each_other() -> None:
    import pyvips

    rows = FORMATS.values()
    endings = [ending for row in rows for ending in row.suffixes]
    assert len(set(endings)) == len(endings) and all(e.startswith(".") and e == e.lower() for e in endings)
    assert len({row.mime for row in rows}) == len(rows) and len({row.title for row in rows}) == len(rows)
    for row in rows:
        assert bool(row.loader) != bool(row.decoder)
        for operation in (row.loader, row.saver):
            if operation and operation != "pillow":
                pyvips.Introspect.get(operation)
        if row.decoder:
            module, _, function = row.decoder.partition(":")
            assert callable(getattr(importlib.import_module(module), function))
        assert formats.result_format(row.name) in [w.name for w in formats.writable()]
        assert (row.quality is not None) == (row.lossy and bool(row.saver))


@pytest.mark.parametrize("row", formats.writable(), ids=lambda row: row.name)
def test_rows_are_true(row: Format) -> None:
    """What a row states of a format is what a written file shows."""
    y, x = np.mgrid[:48, :64]
    array = np.dstack([x * 1000, y * 1300, (x + y) * 500, (x > 30) * 65535]).astype(np.uint16)
    written = write([(array, Envelope("png", bits=16))], None, format=row.name)
    assert written.data is not None and formats.detect(written.data[: formats.HEAD]) == row.name
    photo = read(written.data)
    assert written.depth == max(row.depths) and photo.alpha == row.alpha
    plain = write([((array[..., :3] // 257).astype(np.uint8), Envelope("png"))], None, format=row.name)
    assert plain.data is not None
    exact = np.array_equal(read(plain.data).pixels()[..., :3], array[..., :3] // 257)
    assert exact == (row in formats.lossless())


def test_the_help_text_lists_the_formats() -> None:
    option = options.Format.__metadata__[0]
    assert option.help.startswith(formats.names(formats.writable()) + ";")
