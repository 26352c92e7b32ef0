"""What the command line prints while dbt builds, and of a scorecard that is mostly empty."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from extractors import show

HOOK = ["1 of 1 START hook: x.on-run-start.0", "1 of 1 OK hook: x.on-run-start.0 [OK in 0.1s]"]
MESSAGES = ["Found 400 models", *HOOK, *(text for n in range(1, 11) for text in (
    f"{n} of 10 START sql table model marts.x [RUN]", f"{n} of 10 OK created x [OK in 0.1s]",
))]  # fmt: skip
COLUMNS = ("goal varchar, label varchar, kpi varchar, period_start date, value double,"
           " lower_95 double, upper_95 double, target double, status varchar, numerator double,"
           " denominator double, unit varchar, owner varchar")  # fmt: skip


def test_a_build_tells_five_times_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with show.building(quiet=False) as tell:
        for message in MESSAGES:
            tell(message)
    assert capsys.readouterr().out.splitlines() == [
        f"  {n} of 10 models and tests" for n in (2, 4, 6, 8, 10)
    ]


def test_a_program_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show.building(quiet=True) as tell:
        tell(MESSAGES[-1])
    assert capsys.readouterr().out == ""


def test_a_goal_without_data_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as db:
        db.execute(f"create table kpi_scorecard ({COLUMNS})")
        db.execute("insert into kpi_scorecard by name select 'sales' as goal, 'Leads' as label,"
                   " 'leads' as kpi, 'no_data' as status, 'count' as unit")  # fmt: skip
        db.execute("insert into kpi_scorecard by name select 'recruiting' as goal,"
                   " 'Hires' as label, 'hires' as kpi, date '2026-03-01' as period_start,"
                   " 1 as value, 1 as numerator, 'no_target' as status, 'count' as unit"
                   " union all by name select 'recruiting' as goal, 'Rate' as label,"
                   " 'rate' as kpi, 'no_data' as status, 'rate' as unit")  # fmt: skip
    show.scorecard(tmp_path)
    out = capsys.readouterr().out
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["goal", "KPI"], ["recruiting", "Hires"], ["recruiting", "Rate"], ["sales:", "no"]
    ]  # fmt: skip
    assert "sales: no data for any KPI (1)" in out
