"""The index: rows that outlive kills, parts that are torn or newer, questions."""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from archive_kit import row, thing
from PIL import Image

pytest.importorskip("pyarrow")
import pyarrow.parquet as pq

from barva.archive.index import find as questions
from barva.archive.index import parts as files
from barva.archive.index import report, schema, store
from barva.archive.index.reading import read
from barva.archive.index.report import error_kind, write_report
from barva.archive.index.store import Index
from barva.archive.outcome import Outcome
from barva.archive.places import Place, place_of
from barva.archive.record import Record
from barva.archive.select import Item
from barva.cli.app import run
from barva.errors import ReadError, UsageError, WriteError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "out").mkdir()
    return place_of(str(tmp_path / "out"))


def parts(place: Place) -> list[Path]:
    return sorted((place.local / store.FOLDER).glob("part-*"))


def test_the_last_row_of_a_photo_counts(place: Place) -> None:
    index = Index(place)
    index.append(row("a", 1, state="failed"))
    index.append(row("b", 2))
    index.flush()
    index.append(row("a", 3))
    index.close()
    assert {r["path"]: (r["state"], r["at"]) for r in read(place).table.to_pylist()} == {
        "a": ("done", 3),
        "b": ("done", 2),
    }


def test_a_killed_run_loses_no_row(place: Place) -> None:
    Index(place).append(row("a", 1))  # and no more: killed
    journal = next((place.local / store.FOLDER).glob("journal-*"))
    with journal.open("a") as out:
        out.write('{"path": "b", "at"')
    assert read(place).table["path"].to_pylist() == ["a"]
    Index(place).close()
    assert not list((place.local / store.FOLDER).glob("journal-*")) and len(parts(place)) == 1
    assert read(place).table["path"].to_pylist() == ["a"]


def test_many_small_parts_become_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MANY", 3)
    index = Index(place)
    before = dict[Path, bytes]()
    for n in range(3):
        index.append(row(f"p{n}", n))
        index.flush()
        if n < 2:
            before = {path: path.read_bytes() for path in parts(place)}
    assert len(parts(place)) == 1 and read(place).table.num_rows == 3
    for path, data in before.items():  # killed before it could delete them
        path.write_bytes(data)
    assert read(place).table.num_rows == 3 and len(parts(place)) == 3
    Index(place).close()
    assert len(parts(place)) == 1, "the next run deletes them"


def test_what_a_part_stands_for_is_not_read_again(place: Place) -> None:
    index = Index(place)
    index.append(row("old", 1))
    index.flush()
    files.write_part(place, schema.table([row("new", 2)]), [parts(place)[0].name])
    assert read(place).table["path"].to_pylist() == ["new"]


def test_a_torn_part_is_left_out_with_a_note(place: Place) -> None:
    index = Index(place)
    index.append(row("a", 1))
    index.flush()
    index.append(row("b", 2))
    index.flush()
    first = parts(place)[0]
    first.write_bytes(first.read_bytes()[:-20])
    reading = read(place)
    assert reading.table["path"].to_pylist() == ["b"]
    assert reading.notes == (files.torn_note(first.name),)


def test_a_part_that_is_torn_inside_is_left_out_with_a_note(place: Place) -> None:
    index = Index(place)
    for name in "ab":
        index.append(row(name, 1, error="x" * 200 + name))
        index.flush()
    first = parts(place)[0]
    data = first.read_bytes()
    first.write_bytes(data[:4] + bytes(400) + data[404:])  # its end, which says what is in it, is whole
    reading = read(place)
    assert reading.table["path"].to_pylist() == ["b"]
    assert reading.notes == (files.torn_note(first.name),)
    first.write_bytes(b"")
    parts(place)[1].write_bytes(b"")
    with pytest.raises(ReadError, match="is torn, all of it"):
        read(place)


def test_a_part_that_goes_away_while_it_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a run merges parts while a report is made."""
    index = Index(place)
    for name in "ab":
        index.append(row(name, 1))
        index.flush()
    real, old = files.read_part, parts(place)

    def read_part(where: Place, name: str, columns: Any = None) -> Any:
        if old[0].exists():
            files.write_part(where, schema.table([row("a", 1), row("b", 1)]), [path.name for path in old])
            for path in old:
                path.unlink()
        return real(where, name, columns)

    monkeypatch.setattr(files, "read_part", read_part)
    assert sorted(read(place).table["path"].to_pylist()) == ["a", "b"]


def test_a_target_that_goes_away_is_not_made_anew(place: Place) -> None:
    index = Index(place)
    index.append(row("a", 1))
    place.local.rename(place.local.with_name("away"))
    for work in (lambda: index.append(row("b", 2)), index.close):
        with pytest.raises(WriteError, match="is gone; run the same command again"):
            work()
    assert not place.local.exists()


def test_an_older_index_lacks_columns(place: Place) -> None:
    pytest.importorskip("duckdb")
    old = schema.table([row("a", 1), row("b", 1)]).drop_columns(["perceived"])
    files.write_part(place, old)
    assert read(place, ["perceived"]).table["perceived"].to_pylist() == [None, None]
    ask = "SELECT path, perceived FROM photos ORDER BY path"
    assert questions.sql(place, ask)[1] == [("a", None), ("b", None)]
    index = Index(place)
    index.append(row("b", 2, perceived=True))
    index.flush()
    assert questions.sql(place, ask)[1] == [("a", None), ("b", True)]
    with Record(place) as record:
        assert record.lacks_objects("a", "a") and not record.lacks_objects("b", "b")


def test_a_newer_index_is_refused(place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    index = Index(place)
    index.append(row("a", 1))
    index.flush()
    table = schema.table([row("b", 2)]).replace_schema_metadata({schema.KEY: "2"})
    pq.write_table(table, parts(place)[0])
    with pytest.raises(ReadError, match="newer Barva"):
        read(place)
    with pytest.raises(ReadError, match="newer Barva"):
        Index(place)
    assert run(["archive", "report", str(place.local), "-o", str(tmp_path / "r.html")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_no_index(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["sql", "SELECT 1"], ["find", "--kind", "car"], ["report"]):
        assert run(["archive", command[0], str(place.local), *command[1:]]) == 1
        assert "has no index" in capsys.readouterr().err


@pytest.fixture
def street(place: Place) -> Place:
    index = Index(place)
    index.append(row("red car", 1, objects=[thing("car", 45, 50, 35), thing("sky", 75, -5, -20)], confidence=0.2))
    index.append(row("pale red truck", 2, objects=[thing("truck", 60, 16, 10)], confidence=0.5, tone="sepia",
                     cast_chroma=9.0, cast_hue=70.0))  # fmt: skip
    index.append(row("blue car", 3, objects=[thing("car", 35, 5, -40)]))
    index.append(row("grey car", 4, objects=[thing("car", 52, 1, 2)]))
    index.append(row("hat", 5, objects=[thing("hat", 20, 0, 1)]))
    index.append(row("/in/x17.png", 6, state="failed", error="/in/x17.png: broken at byte 1234", output="/out/x17.png"))
    index.append(row("/in/x18.png", 7, state="failed", error="/in/x18.png: broken at byte 77", output="/out/x18.png"))
    index.close()
    return place


@pytest.mark.parametrize(
    ("kind", "color", "names"),
    [
        ("car", None, ["red car", "blue car", "grey car"]),
        ("cars", "red", ["red car"]),
        ("vehicle", "red", ["red car", "pale red truck"]),
        ("clothing", None, ["hat"]),
        (None, "blue", ["red car", "blue car"]),
        ("vehicle", "grey", ["grey car"]),
        ("animal", None, []),
    ],
)
def test_find(street: Place, kind: str | None, color: str | None, names: list[str]) -> None:
    assert [finding.path for finding in questions.find(street, kind, color)[0]] == names


def test_find_names_what_it_does_not_know(street: Place) -> None:
    with pytest.raises(UsageError, match="no kind 'cra'; did you mean cat"):
        questions.find(street, "cra")
    with pytest.raises(UsageError):
        questions.find(street, "car", "reddd")


def test_sql(street: Place, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("duckdb")
    ask = ["archive", "sql", str(street.local)]
    assert run([*ask, "SELECT state, count(*) AS n FROM photos GROUP BY state ORDER BY n", "--json"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"state": "failed", "n": 2},
        {"state": "done", "n": 5},
    ]
    for question in (
        "DROP TABLE photos",
        "SELECT * FROM '/etc/passwd'",
        "SELECT 1; SELECT 2",
        "COPY photos TO 'x'",
        "x",
    ):
        assert run([*ask, question]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_sql_sees_the_last_row_of_each_photo(place: Place) -> None:
    pytest.importorskip("duckdb")
    index = Index(place)
    for n, names in enumerate((("a", "b"), ("b", "c"), ("d",))):
        for name in names:
            index.append(row(name, n, state="failed" if n == 0 else "done"))
        index.flush()
    index.append(row("d", 9, state="left"))  # in the journal
    columns, rows, notes = questions.sql(place, "SELECT path, state FROM photos ORDER BY path")
    assert columns == ("path", "state") and not notes
    assert rows == [("a", "failed"), ("b", "done"), ("c", "done"), ("d", "left")]


def test_a_report_is_one_page(street: Place) -> None:
    page, notes = write_report(street)
    assert not notes and "<script" not in page and "http:" not in page and "https:" not in page
    assert "<td>broken at byte N</td><td>2</td>" in page, "errors of one kind are one"
    assert "</i>hue 60° to 90°</td><td>1</td>" in page and "<td>car</td><td>3</td>" in page
    assert "<td>colored</td><td>5</td>" in page and "7 photos" in page
    assert page.index("red car") < page.index("pale red truck"), "the least sure first"


def test_kinds_of_errors() -> None:
    assert error_kind("/a/b.jpg does not exist", "/a/b.jpg", "/c/b.color.jpg") == "does not exist"
    assert error_kind("b.jpg is no JPEG 2000 at 7", "/a/b.jpg", "/c/b.color.jpg") == "is no JPEG 2000 at N"


def test_names_need_not_be_text(place: Place) -> None:
    """Two names that differ in bytes which are no text stay two photos."""
    with Record(place) as record:
        for name in ("caf\udce9.png", "caf\udce8.png"):
            record.add(outcome(place, name))
    assert sorted(Path(path).name for path in read(place).table["path"].to_pylist()) == ["caf\\xe8.png", "caf\\xe9.png"]
    assert schema.file_name(schema.name_text("caf\udce9 ї.png")) == "caf\udce9 ї.png"
    with Record(place) as record:
        assert record.has(str(place.local.parent / "in" / "caf\udce9.png"))


def outcome(place: Place, name: str, state: str = "done", folder: str = "in", **more: Any) -> Outcome:
    """What became of a photo of a folder beside the target."""
    item = Item(place.local.parent / folder / name, place.local / f"{name}.color.png", True)
    facts = row(str(item.source), more.pop("at", 1.0), state=state, confidence=0.5)
    if state in ("kept", "failed"):
        return Outcome(item, state, ("why",) if state == "failed" else (), **more)
    return Outcome(item, state, facts=facts | {"output": str(item.output)}, **more)


def test_a_result_that_other_settings_may_not_replace_keeps_its_row(place: Place) -> None:
    with Record(place) as record:
        record.add(outcome(place, "a"))
        record.add(outcome(place, "b"))
    with Record(place) as record:
        record.add(outcome(place, "a", "failed", stands=True))
        record.add(outcome(place, "b", "failed"))  # it could not be read
        record.add(outcome(place, "c", "failed", stands=True))  # no run knows this result
    rows = {Path(r["path"]).name: (r["state"], r["confidence"]) for r in read(place).table.to_pylist()}
    assert rows == {"a": ("done", 0.5), "b": ("failed", None), "c": ("failed", None)}


def test_photos_that_were_moved_stay_one_row_with_what_is_known(place: Place) -> None:
    pytest.importorskip("duckdb")
    with Record(place) as record:
        for name in ("a", "b", "caf\udce9"):
            record.add(outcome(place, name))
        record.add(outcome(place, "c", "failed"))
    with Record(place) as record:
        for name in ("a", "b", "caf\udce9"):
            record.add(outcome(place, name, "kept", "moved"))
    rows = [r for r in read(place).table.to_pylist() if r["state"] != "failed"]
    assert {Path(r["path"]).parent.name for r in rows} == {"moved"} and len(rows) == 3
    assert {(r["state"], r["confidence"]) for r in rows} == {("done", 0.5)}
    assert questions.sql(place, "SELECT state, count(*) FROM photos GROUP BY state ORDER BY state")[1] == [
        ("done", 3),
        ("failed", 1),
    ]


def test_a_photo_of_another_folder_does_not_take_a_result(place: Place) -> None:
    with Record(place) as record:
        record.add(outcome(place, "a"))
    with Record(place) as record:
        record.add(outcome(place, "a", "failed", "other", stands=True))
    states = {Path(r["path"]).parent.name: r["state"] for r in read(place).table.to_pylist()}
    assert states == {"in": "done", "other": "failed"}


def test_of_photos_with_one_result_the_failed_one_is_counted(place: Place) -> None:
    index = Index(place)
    index.append(row("a.png", 1) | {"output": "x"})
    index.append(row("b.png", 2, state="failed") | {"output": "x"})
    index.close()
    assert sorted(read(place).table["path"].to_pylist()) == ["a.png", "b.png"]


def test_a_word_of_sql_is_explained(place: Place) -> None:
    pytest.importorskip("duckdb")
    index = Index(place)
    index.append(row("a", 1.5))
    index.close()
    assert questions.sql(place, 'SELECT "at", to_timestamp("at") FROM photos')[1][0][0] == 1.5
    with pytest.raises(UsageError, match='"at" is a word of SQL'):
        questions.sql(place, "SELECT at FROM photos")
    with pytest.raises(UsageError) as other:
        questions.sql(place, "SELECT FROM WHERE")
    assert "word of SQL" not in str(other.value)


def test_numbers_of_single_precision_are_short(place: Place) -> None:
    pytest.importorskip("duckdb")
    index = Index(place)
    index.append(row("a", 1, confidence=0.584) | {"objects": [thing("car", 50.1, 60.2, 40.3)]})
    index.close()
    ((confidence, objects),) = questions.sql(place, "SELECT confidence, objects FROM photos")[1]
    assert confidence == 0.584 and objects[0]["a"] == 60.2


ODD = ["<b>&amp;.png", "100% #1 ?a=b&c.png", "new\nline.png", "\"q\" 'p'.png", "caf\udce9.png", "<\\i>.png"]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
def test_a_report_leads_to_results_with_odd_names(name: str, place: Place) -> None:
    result = place.local / "b 1" / f"{name}.color.png"
    result.parent.mkdir()
    with result.open("wb") as file:
        Image.new("RGB", (8, 8), (200, 20, 20)).save(file, "PNG")
    with Record(place) as record:
        item = Item(place.local.parent / "b 1" / name, result, True)
        facts = row(str(item.source), 1.0, confidence=0.5) | {"output": str(result)}
        record.add(Outcome(item, "done", facts=facts))
    page, _ = write_report(place)
    found = Figures()
    found.feed(page)
    assert found.tags == ["figure", "a", "img", "figcaption", "b", "small"]
    assert Path(unquote(urlsplit(found.link).path, errors="surrogateescape")) == result
    assert found.caption.strip().endswith(schema.name_text(name)) and "b 1/" in found.caption


class Figures(HTMLParser):
    """Tags inside of figures, the address of the link, and the caption."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.link = self.caption = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside |= tag == "figure"
        if self._inside:
            self.tags.append(tag)
            self.link = dict(attrs).get("href") or self.link

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "figure"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.caption += data


def test_a_report_names_what_failed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FAILED", 2)
    index = Index(place)
    for n in range(3):
        index.append(row(f"/scans/{n}<.png", n, state="failed", error=f"{n}<.png is empty"))
    index.append(row("a", 4, tone="neutral"))
    index.close()
    page, _ = write_report(place)
    assert "<td>/scans/0&lt;.png</td><td>0&lt;.png is empty</td>" in page and "<td>and 1 more</td>" in page
    assert "<td>gray</td><td>1</td>" in page
