"""The company's own tables: loaded whole, and explained to the person who made a mistake in one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from extractors.core import ledger, loader
from extractors.core.exports import Outcome
from extractors.core.types import Window
from extractors.sources import company as source
from tests.conftest import SECRET

LABELS = {stream.label: stream for stream in source.STREAMS.values()}
KPIS = ("hires", "leads", "qualification_rate")
TARGETS = "kpi,slice,slice_value,valid_from,valid_to,target,reason\n"
CAMPAIGNS = "campaign,goal,utm_campaign,external_ids,starts,ends\n"


@dataclass
class Tables:
    """The folder company/ and what a night makes of it."""

    folder: Path
    db: duckdb.DuckDBPyConnection
    window: Window

    def write(self, name: str, text: str, *, at: int = 10) -> Path:
        path = self.folder / "company" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (at, at))
        return path

    def night(self, kpis: tuple[str, ...] | None = KPIS) -> dict[str, Outcome]:
        loader.prepare(self.db, LABELS.values())
        outcomes = source.land_all(
            self.folder / "company",
            timezone="Europe/Berlin",
            window=self.window,
            root=self.folder / "landing",
            key=SECRET,
            known={n: ledger.fingerprints(self.db, s) for n, s in source.STREAMS.items()},
            known_kpis=kpis,
        )
        loader.load(self.db, LABELS, self.folder / "landing")
        return {one.label.removeprefix("company."): one for one in outcomes}

    def complaint(self, name: str, text: str) -> str:
        self.write(name, text)
        return str(self.night()[Path(name).stem].error)

    def ask(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        return self.db.execute(
            f"select {columns} from raw.company__{table} order by all"
        ).fetchall()


@pytest.fixture
def tables(tmp_path: Path, db: duckdb.DuckDBPyConnection, day: Window) -> Tables:
    return Tables(tmp_path, db, day)


def test_no_folder_no_tables(tables: Tables) -> None:
    assert tables.night() == {}
    assert not (tables.folder / "landing").exists()


def test_a_header_alone_has_no_rows(tables: Tables) -> None:
    tables.write("kpi_targets.csv", TARGETS)
    tables.write("campaigns.csv", "campaign,goal\n")
    assert {n: (o.status, o.rows) for n, o in tables.night().items()} == {
        "kpi_targets": ("landed", 0), "campaigns": ("landed", 0)
    }  # fmt: skip
    assert tables.ask("*", "kpi_targets") == []


def test_targets_as_people_write_them(tables: Tables) -> None:
    tables.write(
        "kpi_targets.csv",
        "KPI;Slice;Slice value;Valid from;Valid to;Target;Reason;Our note\n"
        "hires;;;1.1.2026;30.06.2026;12,5;plan;x\n"
        "hires;total;;2026-07-01;;1.234,5;;\n"
        "hires;campaign;Nurses spring;;;3;;\n"
        "qualification_rate;Channel_kind;social;2026-01-01 00:00;;15 %;;\n",
    )
    assert tables.night()["kpi_targets"].rows == 4
    columns = "kpi, slice, slice_value, valid_from, valid_to, target, reason"
    assert tables.ask(columns, "kpi_targets") == [
        ("hires", "campaign", "Nurses spring", date(1900, 1, 1), None, 3.0, None),
        ("hires", "total", "all", date(2026, 1, 1), date(2026, 6, 30), 12.5, "plan"),
        ("hires", "total", "all", date(2026, 7, 1), None, 1234.5, None),
        ("qualification_rate", "channel_kind", "social", date(2026, 1, 1), None, 0.15, None),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "leads,total,,,,1,\n\nhires,total,,2026-01-01,2026-06-30,5,\nleads,platform,x,,,1,\n\n"
            "hires,,,2026-06-30,,6,\n",
            " line 7: target for hires (total) overlaps line 4 (2026-01-01 to 2026-06-30)."
            " End one before the other begins.",
        ),
        (
            "hires,platform,linkedin,2026-06-01,,6,\nhires,platform,linkedin,2026-01-01,,5,\n",
            " line 3: target for hires (platform linkedin) overlaps line 2 (from 2026-06-01 on)."
            " End one before the other begins.",
        ),
        (
            "hires,total,,2026-01-01,2025-12-31,5,\n",
            " line 2: valid_to 2025-12-31 lies before valid_from 2026-01-01."
            " Swap or correct the two dates.",
        ),
        (
            "hires,total,,07/01/2026,,5,\n",
            " line 2: valid_from '07/01/2026' is no readable date. Write it as 2026-07-01.",
        ),
        (
            "hires,total,,2026-02-30,,5,\n",
            " line 2: valid_from '2026-02-30' is no day of the calendar. Write it as 2026-07-01.",
        ),
        ("hirse,total,,,,5,\n", " line 2: KPI 'hirse' is unknown. Write hires."),
        (
            "likes!,total,,,,5,\n",
            " line 2: KPI 'likes!' is unknown. Choose from: hires, leads, qualification_rate.",
        ),
        ("hires,total,,,,five,\n", " line 2: target 'five' is not a number. Write it as 12.5."),
        ("hires,total,,,,,\n", " line 2: target is empty. Fill in target, or remove the line."),
        (
            'hires,total,,,,"1,234",\n',
            " line 2: target '1,234' can be read in two ways. Write 1234 or 1.234.",
        ),
        ("hires,plattform,x,,,5,\n", " line 2: slice 'plattform' is unknown. Write platform."),
        (
            "hires,platform,,,,5,\n",
            " line 2: slice_value is empty. Fill in slice_value, or remove the line.",
        ),
        (
            "hires,total,,,,12,5,because,x\n",
            " line 2: the row has 9 cells, the header 7."
            " Put a cell that holds the delimiter in double quotes.",
        ),
    ],
)
def test_mistakes_in_targets(tables: Tables, lines: str, message: str) -> None:
    assert tables.complaint("kpi_targets.csv", TARGETS + lines) == (
        "company/kpi_targets.csv" + message
    )


def test_days_that_meet_and_other_slices_do_not_overlap(tables: Tables) -> None:
    tables.write(
        "kpi_targets.csv",
        TARGETS + "hires,total,,2026-01-01,2026-06-30,5,\nhires,total,,2026-07-01,,5,\n"
        "hires,platform,linkedin,2026-01-01,,5,\nleads,total,,2026-01-01,,5,\n",
    )
    assert tables.night()["kpi_targets"].status == "landed"


def test_without_known_kpis_any_name_is_good(tables: Tables) -> None:
    tables.write("kpi_targets.csv", TARGETS + "anything,total,,,,5,\n")
    assert tables.night(kpis=None)["kpi_targets"].status == "landed"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "kpi_targets.csv",
            "kpi,goal_value\nhires,5\n",
            ": column target is missing; the file has: kpi, goal_value. Add the column target.",
        ),
        (
            "kpi_targets.csv",
            "kpi,target,valid_til\nhires,5,2026-01-01\n",
            ": column valid_til is unknown. Call it valid_to, if that is what it holds.",
        ),
        (
            "campaigns.csv",
            "campaign,department\nx,hr\n",
            ": column goal is missing; the file has: campaign, department. Add the column goal.",
        ),
        ("campaigns.csv", "", ": the file is empty. Export it again, or remove it."),
        (
            "campaigns.csv",
            CAMPAIGNS + "Nurses,recruiting,,,,\nBakers,recruiting,,,,\n nurses ,sales,,,,\n",
            " line 4: campaign 'nurses' stands already in line 2. Keep one of the two lines.",
        ),
        (
            "campaigns.csv",
            CAMPAIGNS + "a,sales,Spring,,,\nb,sales,spring,,,\n",
            " line 3: utm_campaign 'spring' stands already in line 2. Keep one of the two lines.",
        ),
        (
            "campaigns.csv",
            CAMPAIGNS + "a,sales,,x:1;x:2,,\nb,sales,,x:2,,\n",
            " line 3: external id 'x:2' stands already in line 2. Keep one of the two lines.",
        ),
        (
            "campaigns.csv",
            CAMPAIGNS + "a,sales,,4711,,\n",
            " line 2: external id '4711' does not name its source."
            " Write source:id, such as linkedin_ads:123, several by ;.",
        ),
        (
            "campaigns.csv",
            CAMPAIGNS + "a,recruitment,,,,\n",
            " line 2: goal 'recruitment' is unknown. Write recruiting.",
        ),
        (
            "campaigns.csv",
            CAMPAIGNS + "a,sales,,,2026-02-01,2026-01-01\n",
            " line 2: ends 2026-01-01 lies before starts 2026-02-01."
            " Swap or correct the two dates.",
        ),
        (
            "kpi_reviews.csv",
            "date,kpi,lever\n2026-02-01,hires,prayer\n",
            " line 2: lever 'prayer' is unknown."
            " Choose from: budget, message, platform, target, targeting.",
        ),
        (
            "kpi_reviews.csv",
            "date,kpi\nyesterday,hires\n",
            " line 2: date 'yesterday' is no readable date. Write it as 2026-07-01.",
        ),
        (
            "kpi_owners.csv",
            "kpi,contact\nhires,a\nhires,b\n",
            " line 3: owner of hires overlaps line 2 (always). End one before the other begins.",
        ),
        (
            "kpi_owners.csv",
            "kpi,source,contact\n,,a\n",
            " line 2: kpi and source are both empty. Name the KPI or the source.",
        ),
        (
            "source_map.csv",
            "system,value,platform,channel_kind\n*,Xing,xing,social\n,XING ,,conventional\n",
            " line 3: 'XING' of system * contradicts line 2. Keep one of the two lines.",
        ),
        (
            "source_map.csv",
            "system,value,platform,channel_kind\n*,Xing,xing,socail\n",
            " line 2: channel_kind 'socail' is unknown. Write social.",
        ),
    ],
)
def test_mistakes_in_other_tables(tables: Tables, name: str, text: str, message: str) -> None:
    assert tables.complaint(name, text) == f"company/{name}{message}"


def test_a_mistake_keeps_what_was_there_and_lets_the_others_on(tables: Tables) -> None:
    tables.write("kpi_targets.csv", TARGETS + "hires,total,,,,5,\n")
    tables.night()
    tables.write("kpi_targets.csv", TARGETS + "hires,total,,,,six,\n", at=20)
    tables.write("source_map.csv", "system,value,platform,channel_kind\n*,Xing,xing,social\n")
    first, second = tables.night(), tables.night()
    assert [one["kpi_targets"].status for one in (first, second)] == ["failed", "failed"]
    assert [one["source_map"].status for one in (first, second)] == ["landed", "unchanged"]
    assert tables.ask("target", "kpi_targets") == [(5.0,)]
    tables.write("kpi_targets.csv", TARGETS + "hires,total,,,,6,\n", at=30)
    tables.night()
    assert tables.ask("target", "kpi_targets") == [(6.0,)]


def test_a_removed_file_empties_its_table_and_the_same_file_fills_it_again(tables: Tables) -> None:
    path = tables.write("kpi_targets.csv", TARGETS + "hires,total,,,,5,\n")
    tables.night()
    path.rename(path.with_suffix(".old"))
    assert tables.night()["kpi_targets"].status == "landed"
    assert tables.ask("*", "kpi_targets") == []
    assert tables.night()["kpi_targets"].status == "unchanged"
    path.with_suffix(".old").rename(path)
    assert tables.night()["kpi_targets"].status == "landed"
    assert tables.ask("target", "kpi_targets") == [(5.0,)]


def test_a_new_kpi_makes_an_old_table_good(tables: Tables) -> None:
    tables.write("kpi_targets.csv", TARGETS + "referrals,total,,,,5,\n")
    assert tables.night()["kpi_targets"].status == "failed"
    assert tables.night(kpis=(*KPIS, "referrals"))["kpi_targets"].status == "landed"
    assert tables.night()["kpi_targets"].status == "failed"


def test_owners_of_kpis_and_sources(tables: Tables) -> None:
    tables.write(
        "kpi_owners.csv",
        "kpi or source,department,contact name,contact,valid_from,valid_to\n"
        "hires,hr,Kim,kim@example.org,2026-01-01,2026-03-31\n"
        "hires,hr,Lee,lee@example.org,2026-04-01,\n"
        "hires,marketing,Mo,mo@example.org,,\n"
        "greenhouse,hr,Kim,kim@example.org,,\n",
    )
    tables.night()
    columns = "kpi, source, department, contact_name, contact, valid_from"
    assert tables.ask(columns, "kpi_owners") == [
        ("hires", None, "hr", "Kim", "kim@example.org", date(2026, 1, 1)),
        ("hires", None, "hr", "Lee", "lee@example.org", date(2026, 4, 1)),
        ("hires", None, "marketing", "Mo", "mo@example.org", date(1900, 1, 1)),
        (None, "greenhouse", "hr", "Kim", "kim@example.org", date(1900, 1, 1)),
    ]


def test_equal_names_of_the_source_map_are_one(tables: Tables) -> None:
    tables.write(
        "source_map.csv",
        "system,value,platform,channel_kind\n*,Xing,xing,social\n,xing ,Xing,Social\n"
        "greenhouse,Xing,,conventional\n",
    )
    assert tables.night()["source_map"].rows == 2
    assert tables.ask("system, value, platform, channel_kind", "source_map") == [
        ("*", "Xing", "xing", "social"),
        ("greenhouse", "Xing", None, "conventional"),
    ]


def test_campaigns_and_reviews_from_workbooks(tables: Tables) -> None:
    (tables.folder / "company").mkdir()
    books: dict[str, list[list[Any]]] = {
        "campaigns": [
            ["campaign", "goal", "platform", "starts", "utm_campaign", "external_ids"],
            ["Nurses", "Recruiting", "linkedin", date(2026, 3, 1), "nurses_spring",
             "linkedin:urn:li:share:1; meta_ads:2"],
        ],
        "kpi_reviews": [
            ["date", "kpi", "campaign", "lever", "decision", "next_review"],
            [date(2026, 4, 1), "hires", "Nurses", "Message", "say less", date(2026, 5, 1)],
        ],
    }  # fmt: skip
    for name, lines in books.items():
        book = openpyxl.Workbook()
        assert book.active is not None
        for line in lines:
            book.active.append(line)
        book.save(tables.folder / "company" / f"{name}.xlsx")
    assert {name: one.status for name, one in tables.night().items()} == {
        "campaigns": "landed", "kpi_reviews": "landed"
    }  # fmt: skip
    assert tables.ask("* exclude (_attempt, _fetched_at)", "campaigns") == [
        ("Nurses", "recruiting", None, "linkedin", None, None, date(2026, 3, 1), None,
         "nurses_spring", "linkedin:urn:li:share:1; meta_ads:2", "company/campaigns.xlsx", 1)
    ]  # fmt: skip
    columns = "date, kpi, campaign, lever, decision, effective_from, next_review"
    assert tables.ask(columns, "kpi_reviews") == [
        (date(2026, 4, 1), "hires", "Nurses", "message", "say less", None, date(2026, 5, 1))
    ]


def test_two_files_for_one_table(tables: Tables) -> None:
    tables.write("campaigns.csv", CAMPAIGNS)
    openpyxl.Workbook().save(tables.folder / "company" / "campaigns.xlsx")
    assert str(tables.night()["campaigns"].error) == (
        "company/campaigns.csv: there are two files, campaigns.csv and campaigns.xlsx."
        " Keep one of them."
    )
