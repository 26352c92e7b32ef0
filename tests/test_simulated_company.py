"""A company lives through some nights: every KPI equals what was counted from its events."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from extractors import run
from sandbox.company.campaigns import STORY, VANITY
from sandbox.serve import Sandbox, running
from tests.company import rows
from tests.sandbox.vanity import verdicts
from tests.truth import before, counted, differences, published, same, year_before

LAST = date(2026, 11, 22)
NIGHTS = 4
# Everything here heals or repeats: a night that meets it must give the figures of a quiet one.
FAULTS = (
    "*:429:0.04,*:5xx:0.04,*:cut_body:0.04,*:reset:0.03,*:repeat:0.2,*:reorder:0.3,"
    "*:unknown_key:0.5,zendesk:unknown_key,greenhouse:expired"
)
PROJECT = Path(__file__).parents[1] / "dbt_project"


@dataclass(frozen=True)
class Nights:
    """What is left after the nights: the sandbox still answers, the marts are published."""

    sandbox: Sandbox
    out: Path

    @property
    def settings(self) -> Path:
        return self.out / "sources.yml"

    @property
    def marts(self) -> Path:
        return self.out / "data" / "published" / "marts.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.out / "data" / "warehouse.duckdb"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    out = tmp_path_factory.mktemp("simulated")
    with running(out, seed=4, last_day=LAST, days=400, scale=0.4, faults=FAULTS) as sandbox:
        for back in range(NIGHTS - 1, -1, -1):
            day = LAST - timedelta(days=back)
            sandbox.set_day(day)
            outcomes = run.extract_all(out / "sources.yml", run.plan(out / "sources.yml", day))
            loaded = run.load(out / "sources.yml")
            assert [error for one in [*outcomes, *loaded] for error in one["errors"]] == []
        assert {"429", "5xx", "cut_body", "repeat", "reorder"} <= set(sandbox.faults.counts)
        run.build(out / "sources.yml", LAST)
        run.publish(out / "sources.yml")
        yield Nights(sandbox, out)


def test_every_kpi_slice_and_period_equals_the_ground_truth(nights: Nights) -> None:
    ours, truth = published(nights.marts), counted(nights.sandbox)
    assert len(truth) > 50_000
    assert differences(ours, truth) == {}
    assert {key[0] for key in truth} == {
        name for (name,) in rows(nights.marts, "select kpi from kpi_scorecard")
    }


def test_earlier_figures_are_those_of_the_earlier_period(nights: Nights) -> None:
    truth = counted(nights.sandbox)
    found = rows(
        nights.marts,
        "select kpi, period_grain, period_start, slice, slice_value, previous_value, value_year_ago"
        " from kpi_values where period_grain <> 'all'",
    )
    known = 0
    for kpi, grain, start, *part, previous, year_ago in found:
        for earlier, value in ((before, previous), (year_before, year_ago)):
            key = (kpi, grain, str(earlier(grain, start)), *part)
            assert same(value, truth.get(key, (None,))[-1]), (key, value)
            known += value is not None
    assert known > 10_000


def test_the_story_is_among_its_campaigns(nights: Nights) -> None:
    found = rows(
        nights.marts,
        "select likes, comments, outcomes from kpi_campaigns where campaign = ?",
        [STORY],
    )
    assert found == [(200, 50, 4)]
    applied = rows(
        nights.marts, "select count(*) from fct_applications where campaign = ?", [STORY]
    )
    assert applied == [(15,)]


def test_the_planted_vanity_campaign_is_confirmed_and_no_other(nights: Nights) -> None:
    """Once from the events, by the rule's own text, and once from the published mart."""
    found = dict(
        rows(
            nights.marts,
            "select campaign, vanity_verdict from kpi_campaigns"
            " where goal <> 'support' and engagement_rate is not null",
        )
    )
    assert found == verdicts(nights.sandbox.company, LAST)
    assert [name for name, verdict in found.items() if verdict == "confirmed"] == list(VANITY)
    assert found[STORY] == "undecided"


def test_metricflow_answers_with_the_published_figures(nights: Nights, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    built = nights.out / "data" / "dbt" / "target"
    (project / "target").mkdir()
    shutil.copy(built / "semantic_manifest.json", project / "target")
    out = tmp_path / "answer.csv"
    kpis = ("application_to_hire_rate", "cost_per_hire", "resolution_rate", "won_revenue")
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("mf"), "query", "--csv", out),
            *("--metrics", ",".join(kpis), "--group-by", "metric_time__month,platform"),
        ],
        cwd=project,
        env={
            **os.environ,
            "BEYOND_LIKES_WAREHOUSE": str(nights.warehouse),
            "DBT_PROFILES_DIR": str(project),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    published = {
        (row[0], str(row[1]), row[2]): row[3]
        for row in rows(
            nights.marts,
            "select kpi, period_start, slice_value, value from kpi_values"
            " where period_grain = 'month' and slice = 'platform'",
        )
    }
    compared = 0
    with out.open(newline="") as file:
        for line in csv.DictReader(file):
            for kpi in kpis:
                key = (kpi, line["metric_time__month"][:10], line["platform"])
                answer = float(line[kpi]) if line[kpi] not in ("", "nan", "None") else None
                assert same(answer, published.get(key)), (key, answer, published.get(key))
                compared += answer is not None
    assert compared > 100


def test_replay_rebuilds_raw_identical(nights: Nights) -> None:
    before = _raw(nights.warehouse)
    run.load(nights.settings, rebuild=True)
    after = _raw(nights.warehouse)
    assert len(before) > 30
    assert sum(count for count, _ in before.values()) > 10_000
    assert after == before


def test_no_person_is_named_in_what_a_run_leaves(nights: Nights) -> None:
    people = sorted({str(v).encode() for v in nights.sandbox.company.personal_values()})
    mails = [value for value in people if b"@" in value][:400]
    assert mails
    for file in (nights.out / "data").rglob("*"):
        if not file.is_file() or file.is_symlink() or file.suffix == ".zst":
            continue
        body = file.read_bytes().lower()
        assert not [value for value in mails if value.lower() in body], file
    with duckdb.connect() as db:
        parts = str(nights.out / "data" / "landing" / "**" / "*.zst")
        text = f"read_csv('{parts}', columns={{'line': 'varchar'}}, delim='\x01', quote='',"
        text += " filename=true)"
        leaks = db.execute(
            f"select count(*) from {text} where line like '%@%.example%'"
            " and filename not like '%/kpi_owners/%'"  # a desk to write to, as the company gave it
        )
        assert leaks.fetchall() == [(0,)]


def test_coverage_shows_what_a_source_brought(nights: Nights) -> None:
    found = rows(
        nights.marts,
        "select source, stream, status, freshness_days, drift from data_coverage"
        " where source = 'zendesk' order by stream",
    )
    assert [row[:4] for row in found] == [
        ("zendesk", "tickets", "ok", 0),
        ("zendesk", "users", "ok", 0),
    ]
    assert found[0][4]


def _raw(file: Path) -> dict[str, tuple[int, str]]:
    """Return row count and one checksum for each raw table, whatever the order of its rows."""
    with duckdb.connect(str(file), read_only=True) as db:
        names = db.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
        return {
            name: db.execute(
                f"select count(*), coalesce(cast(bit_xor(hash(t)) as varchar), '')"
                f' from raw."{name}" as t'
            ).fetchall()[0]
            for (name,) in names
        }
