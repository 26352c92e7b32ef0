"""Exports of all kinds become rows of eleven entities, by sources.yml alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from extractors.core import ledger, loader
from extractors.core.errors import FatalError, RetriableError, UsageError
from extractors.core.exports import Export, Outcome, read_pages
from extractors.core.http import Client
from extractors.core.mapping import OPTIONS, FileMapping
from extractors.core.privacy import pseudonymiser
from extractors.core.types import Scan, Window
from extractors.sources import file_drop
from tests.conftest import SECRET

LABELS = {stream.label: stream for stream in file_drop.STREAMS.values()}
DATA = Path(
    os.environ.get("BEYOND_LIKES_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
UTC = "%Y-%m-%d %H:%M:%S"


@dataclass
class Company:
    """A folder with exports; `night` lands and loads them, `ask` reads the warehouse."""

    folder: Path
    db: duckdb.DuckDBPyConnection
    window: Window
    loaded: list[loader.Loaded] = field(default_factory=list)

    def write(self, name: str, text: str, *, at: int = 1_000_000_000) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        os.utime(path, (at, at))
        return path

    def land(
        self,
        settings: str = "",
        *,
        key: bytes = SECRET,
        timezone: str = "Europe/Berlin",
        only: Collection[str] | None = None,
    ) -> list[Outcome]:
        loader.prepare(self.db, LABELS.values())
        return file_drop.land_all(
            yaml.safe_load(settings) or {},
            folder=self.folder,
            default_folder=self.folder / "data" / "drop",
            timezone=timezone,
            window=self.window,
            root=self.folder / "landing",
            key=key,
            known={n: ledger.fingerprints(self.db, s) for n, s in file_drop.STREAMS.items()},
            reject_limit=0.5,
            only=only,
        )

    def night(self, settings: str = "", **options: Any) -> list[Outcome]:
        outcomes = self.land(settings, **options)
        self.loaded = loader.load(self.db, LABELS, self.folder / "landing")
        return outcomes

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.execute(sql).fetchall()


@pytest.fixture
def company(tmp_path: Path, db: duckdb.DuckDBPyConnection, day: Window) -> Company:
    return Company(tmp_path, db, day)


def states(outcomes: list[Outcome]) -> list[tuple[str, str, int]]:
    return [(one.file, one.status, one.rows) for one in outcomes]


def errors(outcomes: list[Outcome]) -> list[str]:
    return [str(one.error) for one in outcomes if one.error]


def test_the_design_names_the_columns() -> None:
    count = {name: len(stream.columns) for name, stream in file_drop.STREAMS.items()}
    assert count == {
        "posts": 10, "post_metrics": 14, "account_metrics": 4, "ad_performance": 12,
        "applications": 17, "leads": 11, "deals": 13, "support_requests": 10, "orders": 12,
        "costs": 9, "touchpoints": 6,
    }  # fmt: skip
    kinds = {n: c.type for s in file_drop.STREAMS.values() for n, c in s.columns.items()}
    assert {n for n, kind in kinds.items() if kind == "TIMESTAMPTZ"} == {
        name for name in kinds if name.endswith("_at")
    }
    assert {name for s in file_drop.STREAMS.values() for name in s.personal} == {"person"}
    assert file_drop.STREAMS["costs"].required == (
        "cost_id", "date", "department", "category", "amount", "currency"
    )  # fmt: skip


def test_a_foreign_export_by_mapping_alone(company: Company) -> None:
    company.write(
        "exports/cases_1.csv",
        "\ufeffCaseID;Opened;Closed;Source;Status;Kunde;Note\r\n"
        "1;10/06/2019 01:02:03 PM;;Mobile/Open311;Open; Anna@Example.org ;4,5\r\n"
        "2;10/07/2019 12:00:00 AM;10/08/2019 12:00:00 AM;Phone;Closed;;NA\r\n",
    )
    settings = """
    support_requests:
      - files: exports/cases_*.csv
        columns: {request_id: CaseID, opened_at: Opened, resolved_at: Closed, channel: Source,
                  person: Kunde, satisfaction: Note}
        values: {channel: {"Mobile/Open311": app}}
        formats: {opened_at: "%m/%d/%Y %I:%M:%S %p", resolved_at: "%m/%d/%Y %I:%M:%S %p"}
        derive: {resolved: "Status = 'Closed' and Closed <> ''", topic: "_file || ' ' || _line"}
        constants: {first_response_at: 2019-12-31}
        decimal: ","
    """
    assert states(company.night(settings)) == [("exports/cases_1.csv", "landed", 2)]
    assert company.ask(
        f"""select request_id, strftime(opened_at, '{UTC}'), strftime(resolved_at, '{UTC}'),
        channel, status, resolved, topic, satisfaction, strftime(first_response_at, '{UTC}'),
        _line, _batch
        from raw.file_drop__support_requests order by request_id"""
    ) == [
        ("1", "2019-10-06 11:02:03", None, "app", "Open", False, "exports/cases_1.csv 2", 4.5,
         "2019-12-30 23:00:00", 2, "exports/cases_1.csv"),
        ("2", "2019-10-06 22:00:00", "2019-10-07 22:00:00", "Phone", "Closed", True,
         "exports/cases_1.csv 3", None, "2019-12-30 23:00:00", 3, "exports/cases_1.csv"),
    ]  # fmt: skip
    code = pseudonymiser(SECRET)("anna@example.org")
    assert company.ask("select person from raw.file_drop__support_requests order by 1") == [
        (code,), (None,)
    ]  # fmt: skip
    assert company.loaded[0].cells_rejected == 1
    ledgers = company.ask("select drift, strftime(fetched_at, '%Y-%m-%d') from ops.load_ledger")
    assert ledgers == [(None, "2001-09-09")]


def test_nothing_personal_reaches_the_disk(company: Company) -> None:
    company.write(
        "data/drop/leads.csv",
        "lead_id,created_at,person\nl1,anna@example.org,Anna Muster\nl2,Anna Muster,x\n",
    )
    company.night()
    for path in (company.folder / "landing").rglob("*"):
        body = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".zst":
            body = b"".join(
                json.dumps(row).encode()
                for row in company.ask(f"from read_json('{path}', compression = 'zstd')")
            )
        assert b"nna" not in body, path
    assert "nna" not in str(company.ask("from raw.rejected_rows"))


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-03-01", "2026-02-28 23:00:00"),
        ("2026-03-29 01:59:59", "2026-03-29 00:59:59"),  # the hour before summer time
        ("2026-03-29 03:00:00", "2026-03-29 01:00:00"),  # the one after
        ("2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        ("2026-07-01T12:00", "2026-07-01 10:00:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01 12:00:00"),
        ("2026-07-01 12:00:00 UTC", "2026-07-01 12:00:00"),
        ("2026-07-01T12:00:00.5+05:30", "2026-07-01 06:30:00"),
        ("2026-07-01 12:00:00 -0800", "2026-07-01 20:00:00"),
        ("2026/07/01 12:00", "2026-07-01 10:00:00"),
    ],
)
def test_times_become_utc(company: Company, cell: str, utc: str) -> None:
    company.write("data/drop/leads.csv", f"lead_id,created_at\nl1,{cell}\n")
    company.night()
    assert company.ask(f"select strftime(created_at, '{UTC}') from raw.file_drop__leads") == [
        (utc,)
    ]


def test_a_mapping_has_its_own_time_zone_and_several_formats(company: Company) -> None:
    company.write("a.csv", "lead_id,created_at\nl1,07/01/26 12:00\nl2,1.7.2026\n")
    company.write("b.csv", "touch_id,person,touched_at,platform\nt1,x,2026-07-01T23:30:00Z,a\n")
    company.write("c.csv", "cost_id,date,department,category,amount,currency\n"
                           "c1,2026-07-01T23:30:00Z,hr,x,1,EUR\n")  # fmt: skip
    company.night(
        """
        leads: [{files: a.csv, timezone: America/New_York,
                 formats: {created_at: ["%m/%d/%y %H:%M", "%d.%m.%Y"]}}]
        touchpoints: {files: b.csv}
        costs: [{files: c.csv}]
        """
    )
    sql = f"select strftime(created_at, '{UTC}') from raw.file_drop__leads order by lead_id"
    assert company.ask(sql) == [("2026-07-01 16:00:00",), ("2026-07-01 04:00:00",)]
    assert str(company.ask("select date from raw.file_drop__costs")[0][0]) == "2026-07-02"


@pytest.mark.parametrize(
    ("decimal", "cell", "amount"),
    [
        (None, "1234.5", "1234.5000"),
        (None, "-.5", "-0.5000"),
        (None, "1e3", "1000.0000"),
        (None, "12,5", None),
        (None, "1_000", None),
        (None, "nan", None),
        (",", "12,5", "12.5000"),
        (",", "1.234,56", "1234.5600"),
        (",", "1 234 567", "1234567.0000"),
        (",", "1.5", None),
        (",", "1234.567", None),
        (".", "1,234.56", "1234.5600"),
        (".", "12,5", None),
        (".", "1'234", "1234.0000"),
    ],
)
def test_amounts(company: Company, decimal: str | None, cell: str, amount: str | None) -> None:
    company.write("deals.csv", f'deal_id,created_at,amount\nd1,2026-01-05,"{cell}"\n')
    mapping = {"files": "deals.csv", **({"decimal": decimal} if decimal else {})}
    company.night(json.dumps({"deals": [mapping]}))
    (found,) = company.ask("select amount::varchar from raw.file_drop__deals")
    assert found == (amount,)
    assert company.loaded[0].cells_rejected == (amount is None)


@pytest.mark.parametrize(
    ("cell", "count"), [("12", 12), ("12.0", 12), ("+7", 7), ("12.7", None), ("1e19", None)]
)
def test_counts_are_whole(company: Company, cell: str, count: int | None) -> None:
    company.write(
        "data/drop/account_metrics.csv",
        f"platform,account_id,as_of,followers\nx,1,2026-01-05,{cell}\n",
    )
    company.night()
    assert company.ask("select followers from raw.file_drop__account_metrics") == [(count,)]


def test_flags(company: Company) -> None:
    cells = ["TRUE", "no", "1", "0", "F", "y", " ", "maybe"]
    lines = "".join(f"l{n},2026-01-05,{cell}\n" for n, cell in enumerate(cells))
    company.write("data/drop/leads.csv", "lead_id,created_at,qualified\n" + lines)
    company.night()
    found = company.ask("select qualified from raw.file_drop__leads order by lead_id")
    assert [row[0] for row in found] == [True, False, True, False, False, True, None, None]
    assert company.loaded[0].cells_rejected == 1


def test_too_many_rejects_fail_the_file_and_name_the_first(company: Company) -> None:
    company.write(
        "m.csv",
        "Id,as_of,kind,likes\n"
        "p1,01/31/2026,lifetime,5\n"
        "p2,2026-01-31,lifetime,5\n"
        "\n"
        ",01/31/2026,lifetime,5\n"
        "p4,01/31/2026,weekly,5\n"
        "p5,01/31/2026,daily,5,6\n"
        "p6,02/30/2026,daily,5\n"
        "p7,01/31/2026,Daily,n/a\n",
    )
    outcomes = company.night(
        """
        post_metrics:
          - files: m.csv
            columns: {post_id: Id, basis: kind}
            constants: {platform: Facebook}
            formats: {as_of: "%m/%d/%Y"}
        """
    )
    assert states(outcomes) == [("m.csv", "landed", 7)]
    assert company.ask("select count(*) from raw.file_drop__post_metrics") == [(0,)]
    (error,) = company.loaded[0].errors
    assert "5 of 7 rows of post_metrics cannot be read" in error
    assert "line 3, as_of: '2026-01-31' does not match '%m/%d/%Y'" in error


def test_rejected_rows_have_file_line_column_and_reason_and_leave_the_others(
    company: Company,
) -> None:
    good = "".join(f"g{n},01/31/2026,daily,1\n" for n in range(6))
    company.write(
        "m.csv",
        "Id,as_of,kind,likes\n"
        + good
        + ",01/31/2026,lifetime,5\np4,01/31/2026,weekly,5\np5,01/31/2026,daily,5,6\n"
        "p6,02/30/2026,daily,5\nBad Man,Anna Muster,daily,1\nNA,NA,daily,1\n",
    )
    company.night(
        """
        post_metrics:
          - {files: m.csv, columns: {post_id: Id, basis: kind}, constants: {platform: Facebook},
             formats: {as_of: "%m/%d/%Y"}, values: {post_id: {NA: null}}}
        """
    )
    assert company.ask("select count(*), sum(likes) from raw.file_drop__post_metrics") == [(6, 6)]
    assert company.ask(
        "select line, column_name, reason from raw.rejected_rows where file = 'm.csv' order by line"
    ) == [
        (8, "post_id", "is empty"),
        (9, "as_of", "basis is not lifetime or daily"),
        (10, "as_of", "the row has 5 cells, the header 4"),
        (11, "as_of", "'02/30/2026' does not match '%m/%d/%Y'"),
        (12, "as_of", "a text of 11 characters does not match '%m/%d/%Y'"),
        (13, "post_id", "is empty"),
    ]


def test_the_same_names_need_no_line_in_any_format(company: Company, tmp_path: Path) -> None:
    drop = company.folder / "data" / "drop"
    company.write("data/drop/orders_1.csv", "ORDER_ID,Ordered_At,amount\no1,2026-01-05,1.5\n")
    company.write("data/drop/orders_2.ndjson", '{"order_id": 2, "ordered_at": "2026-01-05"}\n')
    duckdb.execute(
        "copy (select 'o3' as order_id, timestamptz '2026-01-05 10:00:00Z' as ordered_at,"
        f" 2.5::decimal(9, 2) as amount) to '{drop / 'orders_3.parquet'}'"
    )
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["order_id", "ordered_at", "amount", "new_customer"])
    book.active.append([4, company.window.start.replace(tzinfo=None), 3.5, True])
    book.save(drop / "orders_4.xlsx")
    company.write("data/drop/~$orders_4.xlsx", "lock file of an office program")
    outcomes = company.night(timezone="UTC")
    assert states(outcomes) == [
        (f"data/drop/orders_{n}", "landed", 1) for n in ("1.csv", "2.ndjson", "3.parquet", "4.xlsx")
    ]
    assert company.ask(
        f"select order_id, strftime(ordered_at, '{UTC}'), amount::double, new_customer"
        " from raw.file_drop__orders order by _batch"
    ) == [
        ("o1", "2026-01-05 00:00:00", 1.5, None),
        ("2", "2026-01-05 00:00:00", None, None),
        ("o3", "2026-01-05 10:00:00", 2.5, None),
        ("4", "2026-03-01 00:00:00", 3.5, True),
    ]


def test_a_format_is_for_texts_not_for_the_dates_of_a_workbook(company: Company) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["lead_id", "created_at"])
    book.active.append(["l1", company.window.start.replace(tzinfo=None)])
    book.active.append(["l2", "02.03.2026"])
    book.save(company.folder / "l.xlsx")
    company.night("leads: [{files: l.xlsx, timezone: UTC, formats: {created_at: '%d.%m.%Y'}}]")
    sql = "select strftime(created_at, '%m-%d') from raw.file_drop__leads order by 1"
    assert company.ask(sql) == [("03-01",), ("03-02",)]


def test_newest_by_modification_time_name_and_line_never_by_arrival(company: Company) -> None:
    head = "lead_id,created_at,source\n"
    company.write("data/drop/leads_b.csv", head + "l1,2026-01-05,first\nl1,2026-01-05,b\n", at=20)
    company.night()
    company.write("data/drop/leads_a.csv", head + "l1,2026-01-05,a\nl2,2026-01-05,a\n", at=20)
    company.write("data/drop/leads_z.csv", head + "l1,2026-01-05,old\nl3,2026-01-05,z\n", at=10)
    company.night()
    sql = "select lead_id, source from raw.file_drop__leads order by 1"
    assert company.ask(sql) == [("l1", "b"), ("l2", "a"), ("l3", "z")]


def test_only_what_changed_is_landed_again(company: Company) -> None:
    body = "lead_id,created_at\nl1,2026-01-05\n"
    path = company.write("data/drop/leads.csv", body, at=10)
    status = [states(company.night())[0][1], states(company.night())[0][1]]
    company.write("data/drop/leads.csv", body, at=11)
    status.append(states(company.night())[0][1])
    mapping = f"leads: [{{files: {path}, timezone: UTC}}]"
    status += [states(company.night(mapping))[0][1], states(company.night(mapping))[0][1]]
    status.append(states(company.night(mapping, key=b"another key, as long as it must be"))[0][1])
    assert status == ["landed", "unchanged", "landed", "landed", "unchanged", "landed"]
    assert company.ask("select count(*) from raw.file_drop__leads") == [(1,)]


def test_a_failed_file_is_tried_again_and_never_stops_the_others(company: Company) -> None:
    company.write("x/leads_1.csv", "")
    company.write("x/leads_2.csv", "lead_id,created_at\n")
    company.write("x/leads_3.csv", "Nr,created_at\n1,2026-01-05\n")
    company.write("x/leads_4.csv", "lead_id,created_at\nl4,2026-01-05\n")
    settings = "leads: [{files: x/*.csv}]\ndeals: [{files: [x/deals.csv, x/more/*.csv]}]"
    expected = [
        "file_drop.leads x/leads_1.csv: the file is empty. Export it again, or remove it.",
        "file_drop.leads x/leads_3.csv: column lead_id is missing; the file has: Nr, created_at."
        " Map it in sources.yml (columns: {lead_id: ...}).",
        "file_drop.deals x/deals.csv: no file matches. Correct files: in sources.yml (paths are"
        " relative to it) or put the export there.",
        "file_drop.deals x/more/*.csv: no file matches. Correct files: in sources.yml (paths are"
        " relative to it) or put the export there.",
    ]
    first, second = company.night(settings), company.night(settings)
    assert [one.status for one in first[:4]] == ["failed", "landed", "failed", "landed"]
    assert [one.status for one in second[:4]] == ["failed", "unchanged", "failed", "unchanged"]
    assert errors(first) == errors(second) == expected
    assert company.ask("select lead_id from raw.file_drop__leads") == [("l4",)]
    failed = company.ask("select error from ops.load_ledger where status = 'failed' order by 1")
    assert failed == [(error,) for error in sorted([*expected, *expected])]


def test_only_some_entities(company: Company) -> None:
    company.write("data/drop/leads.csv", "lead_id,created_at\nl1,2026-01-05\n")
    company.write("data/drop/deals.csv", "deal_id,created_at\nd1,2026-01-05\n")
    assert states(company.night(only={"deals"})) == [("data/drop/deals.csv", "landed", 1)]


def test_a_file_that_nothing_reads_is_named(company: Company) -> None:
    company.write("data/drop/lead_list.csv", "lead_id,created_at\nl1,2026-01-05\n")
    company.write("data/drop/notes.pdf", "")
    company.write("data/drop/hubspot.csv", "lead_id,created_at\nl1,2026-01-05\n")
    (error,) = errors(company.night("leads: [{files: data/drop/hubspot.csv}]"))
    assert error.startswith("file_drop data/drop/lead_list.csv: nothing reads this file. Let its")


def test_unknown_columns_of_an_own_file_are_drift(company: Company) -> None:
    company.write("data/drop/leads.csv", "lead_id,created_at,campain\nl1,2026-01-05,x\n")
    company.night()
    assert company.ask("select drift from ops.load_ledger") == [("campain",)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("lead: []", "file_drop: unknown entity 'lead'. Choose from: posts, post_metrics"),
        ("leads: [{file: x.csv}]", "file_drop.leads: unknown option 'file'. Choose from: files,"),
        ("leads: [{columns: {}}]", "a mapping has no files"),
        ("leads: [x.csv]", "a mapping is a set of options, not a str"),
        ("leads: x.csv", "expected a list of mappings"),
        ("leads: [{files: x, columns: {id: y}}]", "columns: unknown column 'id'. Choose from: lea"),
        ("leads: [{files: x, derive: [y]}]", "derive is a list, not a list of `our column: ...`"),
        ("leads: [{files: x, columns: {lead_id: [y]}}]", "columns lead_id: expected a text"),
        ("leads: [{files: x, formats: {source: y}}]", "source is neither. Choose from: created_at"),
        ("leads: [{files: x, decimal: ';'}]", "decimal is ';'"),
        ("leads: [{files: x, timezone: Berlin}]", "timezone 'Berlin' is no IANA name"),
        ("leads: [{files: x, values: {qualified: {yes: 1}}}]", "Put the value in quotes"),
        (
            "leads: [{files: x, columns: {source: y}, constants: {source: z}}]",
            "source stands in columns and constants. Keep one of them",
        ),
    ],
)
def test_settings_that_nobody_could_follow(company: Company, settings: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        company.land(settings)
    assert words in str(caught.value)
    assert not (company.folder / "landing").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"derive": {"source": "Stattus || ''"}},
            "derive or formats cannot be read by DuckDB (Bin",
        ),
        ({"derive": {"source": "Status)"}}, "derive or formats cannot be read by DuckDB"),
        ({"formats": {"created_at": "%Q"}}, "derive or formats cannot be read by DuckDB (Inv"),
        ({"derive": {"source": "Status::int"}}, "derive fails on a row of lines 2 to 3. Allow for"),
        ({"derive": {"source": "unnest([1, 2])"}}, "derive makes 4 rows of 2"),
        ({"columns": {"source": "Canal"}}, "column Canal is missing; the file has: lead_id, creat"),
        ({"columns": {"source": "twice"}}, "two columns are called twice"),
        ({"derive": {"source": "(select content from read_text('/etc/passwd'))"}}, "disabled by c"),
        ({"derive": {"source": "(select Status from '/etc/passwd')"}}, "derive or formats cannot"),
        (
            {"derive": {"source": "1); attach '/tmp/x.duckdb'; select (1"}},
            "derive or formats cannot",
        ),
        ({"derive": {"source": "1); set lock_configuration = false; select (1"}}, "derive or form"),
        (
            {"columns": {"source": 'Status"; drop table x; --'}},
            'column Status"; drop table x; -- is',
        ),
        ({"sheet": "x", "encoding": "nope"}, "unknown encoding 'nope'"),
    ],
)
def test_mappings_that_do_not_fit_the_file(
    company: Company, options: dict[str, Any], words: str
) -> None:
    company.write(
        "l.csv",
        "lead_id,created_at,Status,twice,Twice\nl1,2026-01-05,Secret,,\nl2,2026-01-05,4,,\n",
    )
    (error,) = errors(company.night(json.dumps({"leads": [{"files": "l.csv", **options}]})))
    assert error.startswith("file_drop.leads l.csv: ")
    assert words in error
    assert "Secret" not in error


def test_derive_sees_an_empty_cell_as_text_and_makes_keys(company: Company) -> None:
    company.write("p.csv", "Post Month;Type;like\n12;Photo;\n1;;7\n")
    company.night(
        """
        posts:
          - files: p.csv
            columns: {type: Type}
            derive: {post_id: "'uci-' || _line",
                     published_at: "'2014-' || \\"Post Month\\" || '-01'",
                     text: "case when \\"like\\" = '' then 'none' else 'some' end -- a remark"}
            constants: {platform: Facebook}
            timezone: UTC
        """
    )
    assert company.ask(
        "select platform, post_id, strftime(published_at, '%Y-%m-%d'), type, text"
        " from raw.file_drop__posts order by 2"
    ) == [
        ("Facebook", "uci-2", "2014-12-01", "Photo", "none"),
        ("Facebook", "uci-3", "2014-01-01", None, "some"),
    ]


def test_a_file_that_changes_while_it_is_read_is_left_for_later(company: Company) -> None:
    path = company.write("leads.csv", "lead_id,created_at\nl1,2026-01-05\n")
    export = Export.at(path, company.folder)
    pages = read_pages(export, FileMapping(file_drop.STREAMS["leads"], "UTC"), "x", allowed={})
    next(pages)
    company.write("leads.csv", "lead_id,created_at\nl1,2026-01-05\nl2,2026-01-05\n", at=5)
    with pytest.raises(RetriableError, match="changed while it was read"):
        next(pages)


def test_many_batches_keep_every_row(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.core.exports.BATCH_ROWS", 100)
    lines = "".join(f"l{n},2026-01-05\n" for n in range(1050))
    company.write("data/drop/leads.csv", "lead_id,created_at\n" + lines)
    assert states(company.night()) == [("data/drop/leads.csv", "landed", 1050)]
    sql = "select count(distinct lead_id), min(_line), max(_line) from raw.file_drop__leads"
    assert company.ask(sql) == [(1050, 2, 1051)]


def test_streams_are_not_asked_for_days(day: Window, client: Client) -> None:
    with pytest.raises(FatalError, match="Run beyond-likes extract file_drop"):
        file_drop.STREAMS["leads"].extract(client, Scan(day))


def test_the_how_to_is_true(company: Company) -> None:
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "own-export.md").read_text("utf-8")
    entities = dict(re.findall(r"^\| `(\w+)` \| (\w+\*.*) \|$", page, re.MULTILINE))
    assert {name: re.findall(r"\w+\*?", text.replace(" (lifetime or daily)", ""))
            for name, text in entities.items()} == {
        name: [one + "*" * (one in stream.required) for one in stream.columns]
        for name, stream in file_drop.STREAMS.items()
    }  # fmt: skip
    said = re.search(r"## What a mapping can say.*?## ", page, re.DOTALL)
    assert said is not None
    assert set(OPTIONS) <= set(re.findall(r"`(\w+)`", said[0]))
    export, settings = re.findall(r"```(?:yaml)?\n((?:timezone|Applicant).*?)```", page, re.DOTALL)
    company.write("exports/applicants_march.csv", export)
    company.night(yaml.safe_dump(yaml.safe_load(settings)["sources"]["file_drop"]))
    assert company.ask(
        f"select application_id, strftime(applied_at, '{UTC}'), source, hired"
        " from raw.file_drop__applications order by 1"
    ) == [
        ("17", "2026-03-01 23:00:00", "LinkedIn", True),
        ("18", "2026-03-02 23:00:00", "Indeed", False),
    ]


needs_data = pytest.mark.skipif(
    not DATA.is_dir() and not os.environ.get("CI"),
    reason=f"NOT TESTED on real data: none at {DATA}, set BEYOND_LIKES_TEST_DATA",
)


def reference(folder: str) -> Any:
    return json.loads((DATA / folder / "reference.json").read_text())


@needs_data
def test_san_francisco(company: Company) -> None:
    file = DATA / "sf311_2019_sample" / "sf311.csv"
    company.night(
        f"""
        support_requests:
          - files: {file}
            columns: {{request_id: unique_key, opened_at: created_date, resolved_at: closed_date,
                       channel: source}}
            derive: {{resolved: "status = 'Closed'"}}
        """
    )
    known = reference("sf311_2019_sample")
    found = company.ask(
        "select channel, count(*), count_if(resolved) from raw.file_drop__support_requests"
        " group by all"
    )
    assert {row[0]: row[1:] for row in found} == {
        name: (one["cases"], one["resolved"]) for name, one in known["by_source"].items()
    }
    assert company.ask(
        "select count(distinct request_id), count_if(resolved_at < opened_at)"
        " from raw.file_drop__support_requests"
    ) == [(10000, 48)]
    # the first line of the file: 2019-10-06 00:05:55 UTC, whatever the business's zone is
    sql = (
        f"select strftime(opened_at, '{UTC}') from raw.file_drop__support_requests where _line = 2"
    )
    assert company.ask(sql) == [("2019-10-06 00:05:55",)]
    assert company.ask("select rows_rejected, cells_rejected from ops.load_ledger") == [(0, 0)]


@needs_data
def test_boston(company: Company) -> None:
    file = DATA / "boston311_100" / "boston311-100.csv"
    company.night(
        f"""
        support_requests:
          - files: {file}
            columns: {{request_id: case_enquiry_id, opened_at: open_dt, resolved_at: closed_dt,
                       channel: source, topic: closure_reason}}
            derive: {{resolved: "case_status = 'Closed'"}}
            timezone: America/New_York
        """
    )
    known = reference("boston311_100")
    found = company.ask(
        "select channel, count(*), count_if(resolved) from raw.file_drop__support_requests"
        " group by all"
    )
    assert {row[0]: row[1:] for row in found} == {
        name: (one["cases"], one["resolved"]) for name, one in known["by_source"].items()
    }
    # Open cases have a closure_reason of one blank: that is null
    sql = "select count(topic) from raw.file_drop__support_requests where not resolved"
    assert company.ask(sql) == [(0,)]
    sql = (
        f"select strftime(opened_at, '{UTC}') from raw.file_drop__support_requests where _line = 2"
    )
    assert company.ask(sql) == [("2022-01-21 18:47:00",)]


@needs_data
def test_facebook(company: Company) -> None:
    file = DATA / "uci_facebook_metrics" / "dataset_Facebook.csv"
    company.night(
        f"""
        post_metrics:
          - files: {file}
            columns: {{reach: Lifetime Post Total Reach,
                       impressions: Lifetime Post Total Impressions,
                       likes: like, comments: comment, shares: share}}
            derive: {{post_id: "'uci-' || _line"}}
            constants: {{platform: Facebook, as_of: 2014-12-31, basis: lifetime}}
        """
    )
    total = reference("uci_facebook_metrics")["total"]
    assert company.ask(
        "select count(*), sum(reach), sum(impressions), sum(likes), sum(comments), sum(shares),"
        " count(*) - count(likes), count(*) - count(shares) from raw.file_drop__post_metrics"
    ) == [
        (500, 6951680, total["Lifetime Post Total Impressions"], 88795, 3741, 13524, 1, 4)
    ]  # fmt: skip
    assert company.ask("select cells_rejected from ops.load_ledger") == [(0,)]
