"""The story that must always come out right: 200 likes, 50 comments, 15 applications to 4."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors import handover
from extractors.project import FILE_SOURCES, modules
from tests.company import Company
from tests.counting import INTO

CLIENTS = Path(__file__).parents[1] / ".venv-clients" / "bin" / "python"
STORY = "Nurses spring"
FIRST_HOME = Path(__file__).parent / "data" / "first-home.tar.zst"
OF_THE_LOADS = {"data_coverage", "reconciliation"}  # they tell when and how rows came
SLICE = "where kpi = ? and period_grain = 'month' and period_start = '2026-03-01'"


def tell(company: Company) -> None:
    """Write the story: a campaign on LinkedIn beside applications that came through a job board."""
    company.settings(
        """
        sources:
          file_drop:
            applications: [{files: exports/applications.csv}]
            posts: [{files: exports/posts.csv}]
            post_metrics: [{files: exports/post_metrics.csv}]
            ad_performance: [{files: exports/ads.csv}]
            costs: [{files: exports/costs.csv}]
        """
    )
    company.write(
        "company/campaigns.csv",
        f"""
        campaign,goal,department,platform,audience,message,utm_campaign
        {STORY},recruiting,hr,linkedin,nurses,team,nurses_spring
        """,
    )
    company.write(
        "company/kpi_targets.csv",
        f"""
        kpi,slice,slice_value,valid_from,valid_to,target,reason
        qualified_applications,campaign,{STORY},2026-01-01,,10,plan 2026
        qualification_rate,campaign,{STORY},2026-01-01,,0.2,plan 2026
        """,
    )
    social = [
        f"s{i},2026-03-{i:02d}T10:00:00+01:00,p{i}@example.org,,linkedin,nurses_spring,{i <= 4}"
        for i in range(1, 16)
    ]
    board = [
        f"b{i},2026-03-{i:02d}T10:00:00+01:00,q{i}@example.org,Indeed,,,{i <= 8}"
        for i in range(1, 21)
    ]
    head = "application_id,applied_at,person,source,utm_source,utm_campaign,qualified"
    company.write("exports/applications.csv", "\n".join([head, *social, *board]) + "\n")
    url = "https://jobs.example.org/nurse?utm_source=linkedin&utm_campaign=nurses_spring"
    company.write(
        "exports/posts.csv",
        f"""
        platform,post_id,published_at,type,url
        LinkedIn,post-1,2026-03-01T08:00:00+01:00,image,{url}
        """,
    )
    company.write(
        "exports/post_metrics.csv",
        """
        platform,post_id,as_of,basis,impressions,likes,comments,shares,clicks
        LinkedIn,post-1,2026-03-10,lifetime,9000,150,30,5,200
        LinkedIn,post-1,2026-03-31,lifetime,12000,200,50,8,250
        """,
    )
    company.write(
        "exports/ads.csv",
        """
        platform,ad_id,date,campaign,impressions,clicks,spend,currency
        linkedin,ad-1,2026-03-05,nurses_spring,5000,50,450.00,EUR
        """,
    )
    company.write(
        "exports/costs.csv",
        f"""
        cost_id,date,until,department,platform,campaign,category,amount,currency
        c1,2026-03-01,2026-03-31,hr,linkedin,{STORY},design,1500.00,EUR
        """,
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("story"))
    tell(company)
    night = company.night("2026-05-31", **{INTO: str(company.folder / "counts.json")})
    assert night.returncode == 0, night.stdout + night.stderr
    return company


def unpacked(folder: Path) -> Company:
    """Return the company as the first version left it, its exports gone: all it has is in raw."""
    company = Company(folder)
    tell(company)
    shutil.rmtree(folder / "exports")
    company.settings("sources: {file_drop: }")
    packed = zstandard.ZstdDecompressor().decompressobj().decompress(FIRST_HOME.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder / "data", filter="data")
    return company


def raw(company: Company) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every raw table that has some, without empty cells: columns were added."""
    found = {}
    with duckdb.connect(str(company.folder / "data" / "warehouse.duckdb"), read_only=True) as db:
        names = "select table_name from duckdb_tables() where schema_name = 'raw'"
        for (name,) in db.execute(names).fetchall():
            answer = db.execute(f'from raw."{name}"')
            columns = [one for one, *_ in answer.description]
            full = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
            some = [{n: v for n, v in row.items() if v is not None} for row in full]
            found[name] = sorted(some, key=lambda row: str(sorted(row.items(), key=str)))
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.long
def test_what_the_first_version_loaded_gives_the_same_facts_and_kpis(
    story: Company, tmp_path: Path
) -> None:
    company = unpacked(tmp_path)
    before = raw(company)
    night = company.night("2026-05-31")
    assert night.returncode == 0, night.stdout + night.stderr
    after = raw(company)
    kept = [name for name in before if name.startswith("file_drop__")]  # the others are read anew
    assert len(kept) == 5
    assert [name for name in kept if before[name] != after[name]] == []
    names = [name for (name,) in story.published("select table_name from duckdb_tables()")]
    assert len(names) > 30
    for name in sorted(set(names) - OF_THE_LOADS):
        rows = f'from "{name}" order by all'
        assert company.published(rows) == story.published(rows), name


def test_raw_of_the_first_version_is_rebuilt_from_its_landing(tmp_path: Path) -> None:
    company = unpacked(tmp_path)
    before = raw(company)
    assert len(before["file_drop__applications"]) == 35
    done = company.run("replay")
    assert done.returncode == 0, done.stderr
    assert raw(company) == before


def test_the_metric_and_the_kpi_stand_side_by_side(story: Company) -> None:
    columns = "likes, comments, shares, clicks, spend, outcomes, vanity_verdict"
    found = story.published(f"select {columns} from kpi_campaigns where campaign = ?", [STORY])
    assert found == [(200, 50, 8, 300, 450, 4, "undecided")]


@pytest.mark.parametrize(
    ("kpi", "numerator", "denominator", "value"),
    [
        ("qualified_applications", 4, None, 4),
        ("qualification_rate", 4, 15, 4 / 15),
        ("cost_per_qualified_application", 1950, 4, 487.5),
        ("click_to_application_rate", 15, 300, 0.05),
    ],
)
def test_the_story_as_kpis(
    story: Company, kpi: str, numerator: float, denominator: float | None, value: float
) -> None:
    for name, key in (("campaign", STORY), ("platform", "linkedin"), ("channel_kind", "social")):
        found = story.published(
            f"select numerator, denominator, value from kpi_values {SLICE}"
            " and slice = ? and slice_value = ?",
            [kpi, name, key],
        )
        assert found == [(numerator, denominator, pytest.approx(value, abs=1e-12))], (kpi, name)


def test_fifteen_to_four_carries_its_interval_and_status(story: Company) -> None:
    found = story.published(
        f"select lower_95, upper_95, target, status, mature from kpi_values {SLICE}"
        " and slice = 'campaign' and slice_value = ?",
        ["qualification_rate", STORY],
    )
    # Wilson 4 of 15: centre (4 + z²/2) / (15 + z²), half-width z/(15+z²) · sqrt(4·11/15 + z²/4)
    low, high = pytest.approx(0.108975, abs=1e-6), pytest.approx(0.519504, abs=1e-6)
    assert found == [(low, high, 0.2, "undecided", True)]


def test_a_count_of_four_carries_the_exact_poisson_interval(story: Company) -> None:
    found = story.published(
        f"select lower_95, upper_95, status from kpi_values {SLICE}"
        " and slice = 'campaign' and slice_value = ?",
        ["qualified_applications", STORY],
    )
    # chi2.ppf(0.025, 8) / 2 and chi2.ppf(0.975, 10) / 2; the target of 10 lies inside
    low, high = pytest.approx(1.089865, abs=1e-6), pytest.approx(10.241589, abs=1e-6)
    assert found == [(low, high, "undecided")]


def test_the_job_board_is_conventional_and_without_campaign(story: Company) -> None:
    found = story.published(
        "select platform, campaign, channel_kind, count(*), count_if(qualified)"
        " from fct_applications group by all order by all"
    )
    assert found == [
        ("indeed", "unassigned", "conventional", 20, 8),
        ("linkedin", STORY, "social", 15, 4),
    ]


def test_no_hire_is_null_and_not_zero(story: Company) -> None:
    found = story.published(
        "select count(*) from kpi_values where kpi = 'cost_per_hire' and value is not null"
    )
    assert found == [(0,)]


def test_nobody_is_named_in_what_a_run_leaves(story: Company) -> None:
    for file in (story.folder / "data").rglob("*"):
        if file.is_file() and not file.is_symlink():
            assert b"@example.org" not in file.read_bytes(), file


def test_published_files_agree(story: Company) -> None:
    published = Path(story.folder / "data" / "published")
    parquet = published / "parquet" / "kpi_values.parquet"
    here = story.published("select count(*), sum(value) from kpi_values")
    assert here == story.published(f"select count(*), sum(value) from '{parquet}'")
    assert here[0][0] > 0


READ_ALL = """
import duckdb, sys
db = duckdb.connect(sys.argv[1], read_only=True)
for (name,) in db.execute("select table_name from duckdb_tables() order by 1").fetchall():
    print(name, sorted(map(str, db.execute(f'select * from "{name}"').fetchall())))
"""


def test_duckdb_1_4_reads_what_ours_reads(story: Company) -> None:
    """The version in .venv-clients is one that BI drivers still carry."""
    file = story.folder / "data" / "published" / "marts.duckdb"
    is_old = "import duckdb; assert duckdb.__version__.startswith('1.4.')"
    if subprocess.run([str(CLIENTS), "-c", is_old], capture_output=True, check=False).returncode:
        assert os.environ.get("CI") != "true", "run `make test`: it sets up .venv-clients"
        pytest.skip(".venv-clients has no DuckDB 1.4: `make test` sets it up")
    theirs, ours = (
        subprocess.run([python, "-c", READ_ALL, str(file)], capture_output=True, text=True)
        for python in (str(CLIENTS), sys.executable)
    )
    assert theirs.stderr == ""
    assert len(ours.stdout.splitlines()) > 30
    assert theirs.stdout == ours.stdout


def test_a_night_builds_no_model_of_a_source_that_holds_nothing(story: Company) -> None:
    results = story.folder / "data" / "dbt" / "target" / "run_results.json"
    ran = {row["unique_id"] for row in json.loads(results.read_text("utf-8"))["results"]}
    built = {name for one in ran for name in re.findall(r"\.(?:stg|int)_(\w+?)__\w+$", one)}
    assert built & set(modules()) == {*FILE_SOURCES, *handover.BY_NAME}


def test_a_build_costs_no_more_than_it_did(story: Company) -> None:
    """In counts, which do not vary as seconds do: who needs more raises one here and says why."""
    results = story.folder / "data" / "dbt" / "target" / "run_results.json"
    cost = json.loads((story.folder / "counts.json").read_text("utf-8"))
    scanned = cost["scanned"]
    assert len(json.loads(results.read_text("utf-8"))["results"]) <= 153  # nodes of dbt
    assert cost["statements"] <= 520
    assert 0 < scanned["raw.file_drop__applications"] <= 4 * 35  # its view is read so often
    assert scanned["marts.fct_applications"] <= 8 * 35
    assert sum(scanned.values()) <= 415_000  # most of it the calendar
