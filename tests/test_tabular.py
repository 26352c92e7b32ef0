"""Whatever program wrote a file, every cell comes back as text with the line it stands on."""

from __future__ import annotations

import re
import tracemalloc
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.core import tabular
from extractors.core.errors import FatalError
from extractors.core.table import Reading, Row, batches

NAMES = ("lead_id", "created_at", "source")
MIDNIGHT = datetime(2026, 1, 5)  # noqa: DTZ001 - a workbook knows no zone
MORNING = datetime(2026, 1, 5, 10, 30)  # noqa: DTZ001
EXPECTING = Reading(expected=NAMES)


def read(path: Path, reading: Reading = EXPECTING) -> tuple[tuple[str, ...], list[Row]]:
    table = tabular.read(path, "file_drop.leads x", reading)
    return table.columns, list(table.rows)


def file(folder: Path, body: bytes | str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def complaint(path: Path, reading: Reading = EXPECTING) -> str:
    with pytest.raises(FatalError) as caught:
        read(path, reading)
    return str(caught.value)


WIDE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8)
NARROW = st.text(st.sampled_from("aZ09 äöüßéœ,;\t|\"'\r\n–€"), max_size=8)


def quoted(cell: str, delimiter: str, *, always: bool) -> str:
    special = any(char in cell for char in f'{delimiter}"\r\n')
    return '"' + cell.replace('"', '""') + '"' if always or special else cell


@st.composite
def exports(draw: st.DrawFn) -> tuple[bytes, Reading, list[Row]]:
    """Return a file's bytes, what is said about it, and the rows it holds."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    said = encoding == "cp1252"  # its bytes may be valid UTF-8 by chance: then it has to be said
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    always = draw(st.booleans())
    cells = st.lists(NARROW if said else WIDE, min_size=3, max_size=3)
    whole, rows = "", []
    for number, row in enumerate([list(NAMES), *draw(st.lists(cells, max_size=6))]):
        if number and any(cell.strip() for cell in row):
            rows.append(Row(1 + len(re.findall("\r\n|\r|\n", whole)), row))
        whole += delimiter.join(quoted(cell, delimiter, always=always) for cell in row) + newline
        whole += newline if draw(st.booleans()) else ""
    whole = whole if draw(st.booleans()) else whole.removesuffix(newline)
    reading = Reading(encoding=encoding if said else None, expected=NAMES)
    return whole.encode(encoding), reading, rows


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(exports())
def test_csv_gives_back_every_cell_and_its_line(
    tmp_path: Path, export: tuple[bytes, Reading, list[Row]]
) -> None:
    body, reading, rows = export
    assert read(file(tmp_path, body), reading) == (NAMES, rows)


def test_a_cell_over_several_lines_counts_them(tmp_path: Path) -> None:
    body = 'lead_id,source\nl1,"two\nlines"\n\n\nl2,x\r\n , \nl3,y'
    _, rows = read(file(tmp_path, body))
    assert rows == [Row(2, ["l1", "two\nlines"]), Row(6, ["l2", "x"]), Row(8, ["l3", "y"])]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    body = "lead_id;source\nl1;Müller-Straße é\n".encode(encoding)
    assert read(file(tmp_path, body)) == (
        ("lead_id", "source"),
        [Row(2, ["l1", "Müller-Straße é"])],
    )


def test_what_cp1252_lacks_is_latin_1(tmp_path: Path) -> None:
    _, rows = read(file(tmp_path, b"lead_id,source\nl1,\xfc\x81\n"))
    assert rows == [Row(2, ["l1", "ü\x81"])]


def test_a_configured_encoding_and_delimiter_count(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b|c\n1,2|ł\n".encode("iso8859-2"))
    reading = Reading(encoding="iso8859-2", delimiter="|")
    assert read(path, reading) == (("a,b", "c"), [Row(2, ["1,2", "ł"])])


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ("id;amount\n1;2,50\n2;3,50\n", ("id", "amount")),
        ("name, first;x\nMeier, Anna;1\nKunz;2\n", ("name, first", "x")),
        ("a\tb\n1,2\t3\n", ("a", "b")),
        ("only\n1;2\n", ("only",)),
        ("sep=;\na;b\n1;2\n", ("a", "b")),
        ('"Straße; Ort",b\n"x; y",2\n', ("Straße; Ort", "b")),
    ],
)
def test_delimiters_are_recognised(tmp_path: Path, body: str, columns: tuple[str, ...]) -> None:
    assert read(file(tmp_path, body), Reading())[0] == columns


def test_excel_says_its_delimiter_and_lines_still_count(tmp_path: Path) -> None:
    _, rows = read(file(tmp_path, "sep=;\r\nlead_id;source\r\nl1;x\r\n"))
    assert rows == [Row(3, ["l1", "x"])]


def test_ragged_rows(tmp_path: Path) -> None:
    body = "lead_id,source\nl1\nl2,x,,\nl3,x,y,z\n"
    _, rows = read(file(tmp_path, body))
    assert rows == [
        Row(2, ["l1", ""]),
        Row(3, ["l2", "x"]),
        Row(4, ["l3", "x"], "the row has 4 cells, the header 2"),
    ]


def test_names_are_unique_whatever_their_case(tmp_path: Path) -> None:
    path = file(tmp_path, " Status ,,status,_line\na,b,c,d\n")
    table = tabular.read(path, "x", Reading())
    assert table.columns == ("Status", "column_2", "status (2)", "_line (2)")
    assert table.doubled == {"status"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "the file is empty"),
        (b'a,b\n1,"open\n2,3\n', "line 2: a quote that opens in this row never closes"),
        (b"PK\x03\x04....", "a workbook or an archive, not a text"),
        (b"a,b\n1,2\0\n", "zero bytes"),
        ("a,b\n1,é".encode()[:-1], "ends in the middle of a character"),
    ],
)
def test_what_is_no_csv_is_said(tmp_path: Path, body: bytes, words: str) -> None:
    assert words in complaint(file(tmp_path, body))


def test_a_wrong_encoding_names_the_setting(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b\n1,é\n".encode("cp1252"))
    assert complaint(path, Reading(encoding="utf-8")) == (
        "file_drop.leads x: not readable as utf-8-sig near line 1."
        " Set the right encoding: in sources.yml, such as cp1252."
    )
    assert "unknown encoding 'utf8000'" in complaint(path, Reading(encoding="utf8000"))
    assert "is not one character" in complaint(path, Reading(delimiter=";;"))


def test_an_unknown_ending_lists_the_known_ones(tmp_path: Path) -> None:
    assert "no reader for '.pdf'. Use .csv, .tsv" in complaint(file(tmp_path, b"x", "x.pdf"))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Notes"
    sheet.append(["nothing here"])
    leads = book.create_sheet("Leads")
    leads["B3"], leads["A3"], leads["C3"] = "created_at", "lead_id", "source"
    leads["A5"], leads["B5"], leads["C5"] = 17, MIDNIGHT, "#N/A"
    leads["A6"], leads["B6"], leads["C6"] = 1.5, MORNING, True
    leads["A8"], leads["B8"] = "l8", date(2026, 2, 1)
    path = tmp_path / "x.xlsx"
    book.save(path)
    return path


def test_a_sheet_keeps_dates_numbers_and_row_numbers(workbook: Path) -> None:
    assert read(workbook, Reading(sheet="Leads")) == (
        NAMES,
        [
            Row(5, ["17", "2026-01-05", ""]),
            Row(6, ["1.5", "2026-01-05 10:30:00", "true"]),
            Row(8, ["l8", "2026-02-01", ""]),
        ],
    )
    comma = Reading(sheet="Leads", decimal=",")
    assert read(workbook, comma)[1][1].cells[0] == "1,5"


def test_the_first_sheet_is_read_and_a_missing_one_named(workbook: Path) -> None:
    assert read(workbook) == (("nothing here",), [])
    assert "no sheet 'leads'; the file has: Notes, Leads" in complaint(
        workbook, Reading(sheet="leads")
    )


def test_a_workbook_that_unpacks_to_more_than_a_disk_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular, "LARGEST_WORKBOOK", 2**20)
    bomb = tmp_path / "bomb.xlsx"
    with ZipFile(bomb, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 2**23)
    assert bomb.stat().st_size < 20_000
    assert "the workbook unpacks to 8 MB" in complaint(bomb)


def test_what_a_workbook_has_to_hold_in_memory_is_bounded_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular, "LARGEST_HELD", 2**20)
    bomb = tmp_path / "bomb.xlsx"
    with ZipFile(bomb, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b" " * 2**21)
    assert "the workbook unpacks to 2 MB" in complaint(bomb)


def test_a_damaged_workbook_is_one_error_wherever_the_damage_is(
    workbook: Path, tmp_path: Path
) -> None:
    whole = workbook.read_bytes()
    refused = 0
    for at in range(0, len(whole), 97):
        damaged = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        with suppress(FatalError):  # any other error ends the test
            read(file(tmp_path, damaged, "damaged.xlsx"), Reading(sheet="Leads"))
            continue
        refused += 1
    assert refused > 20


def test_a_text_called_xlsx(tmp_path: Path) -> None:
    assert "not readable as an XLSX workbook" in complaint(file(tmp_path, b"a,b\n1,2\n", "x.xlsx"))


@pytest.mark.parametrize("levels", [500, 5_000, 200_000])
def test_json_nested_without_end_is_a_line_that_cannot_be_read(tmp_path: Path, levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    _, rows = read(
        file(tmp_path, f'{{"lead_id": "l1"}}\n{deep}\n{{"lead_id": "l3"}}\n', "x.ndjson")
    )
    assert [row.line for row in rows] == [1, 2, 3]
    assert [row.cells[0] for row in rows] == ["l1", "", "l3"]
    assert levels == 500 or rows[1].problem == "the line is no JSON object"


def test_ndjson_keeps_numbers_as_written(tmp_path: Path) -> None:
    body = (
        '\ufeff{"lead_id": 12345678901234567890, "score": 1.10, "utm": {"source": "x"}}\n'
        '\n{"lead_id": "l2", "tags": ["a", 1], "score": null, "ok": true}\nnot json\n[1]\n'
    )
    columns, rows = read(file(tmp_path, body, "x.ndjson"))
    assert columns == ("lead_id", "score", "utm.source", "tags", "ok")
    assert rows == [
        Row(1, ["12345678901234567890", "1.10", "x", "", ""]),
        Row(3, ["l2", "", "", '["a", "1"]', "true"]),
        Row(4, [""] * 5, "the line is no JSON object"),
        Row(5, [""] * 5, "the line is no JSON object"),
    ]


def test_half_a_character_is_no_text_in_names_and_cells(tmp_path: Path) -> None:
    body = r'{"lead_id": "l\ud800", "na\ud800me": "x", "in\udfff": {"y": 1}, "z": ["\ud800"]}'
    columns, rows = read(file(tmp_path, body, "x.ndjson"))
    assert columns == ("lead_id", "na?me", "in?.y", "z")
    assert rows[0].cells == ["l?", "x", "1", r'["\ud800"]']


def test_one_json_list_is_told(tmp_path: Path) -> None:
    assert "one JSON list" in complaint(file(tmp_path, '[{"a": 1}]', "x.ndjson"))
    assert "the file is empty" in complaint(file(tmp_path, "\n", "x.jsonl"))


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    duckdb.execute(
        "copy (select 'l' || i as lead_id, timestamptz '2026-01-05 10:00:00+02' as created_at,"
        " case when i = 2 then null else i / 4 end as score from range(1, 4) as t(i))"
        f" to '{path}'"
    )
    expected = [
        Row(1, ["l1", "2026-01-05 08:00:00+00", "0.25"]),
        Row(2, ["l2", "2026-01-05 08:00:00+00", ""]),
        Row(3, ["l3", "2026-01-05 08:00:00+00", "0.75"]),
    ]
    assert read(path) == (("lead_id", "created_at", "score"), expected)
    assert read(path, Reading(decimal=","))[1][0].cells[2] == "0,25"
    assert "not readable as Parquet" in complaint(file(tmp_path, b"PAR1 no", "y.parquet"))


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = file(tmp_path, "lead_id,source\n" + ("l1," + "x" * 400 + "\n") * rows)
        tracemalloc.start()
        table = tabular.read(path, "x", EXPECTING)
        count = sum(len(batch) for batch in batches(table.rows, size=500, characters=10**6))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return most

    peak(10)  # the first use of a codec stays in memory; a block of bytes is 1 MB
    assert peak(20_000) < 1.1 * peak(5_000)


def test_a_batch_ends_at_its_size_or_weight() -> None:
    rows = [Row(n, ["x" * 10]) for n in range(7)]
    assert [len(b) for b in batches(rows, size=3, characters=1000)] == [3, 3, 1]
    assert [len(b) for b in batches(rows, size=100, characters=40)] == [4, 3]
