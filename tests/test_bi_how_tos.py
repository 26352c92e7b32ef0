"""What docs/how-to says of BI tools and notebooks, done to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors import postgres
from tests.nights import FIRST, ROWS, Marts
from tests.postgres import Server, running

ROOT = Path(__file__).parents[1]
HOW_TOS = ROOT / "docs" / "how-to"
CLIENTS = ROOT / ".venv-clients" / "bin" / "python"
VALUES = """
create or replace table marts.kpi_values as
select 'hire_rate' as kpi, 'month' as period_grain, date '2026-10-01' as period_start,
    slice, slice_value, numerator, 20 as denominator, numerator / 20 as value,
    0.01 as lower_95, 0.5 as upper_95, 'rate' as unit, 'undecided' as status
from (values ('total', 'all', 3), ('platform', 'linkedin', 3)) as t (slice, slice_value, numerator)
"""
SCORECARD = """
create or replace table marts.kpi_scorecard as
select 'hire_rate' as kpi, 0.15 as value, 0.2 as target, 'undecided' as status, 'Ada' as owner
"""


def blocks(page: str, language: str) -> list[str]:
    text = (HOW_TOS / page).read_text(encoding="utf-8")
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with a published release of the tables that the page reads."""
    marts = Marts(tmp_path / "data")
    marts.release()
    marts.db.execute(VALUES)
    marts.db.execute(SCORECARD)
    marts.publish()
    return tmp_path


@pytest.mark.parametrize(
    ("number", "library"), list(enumerate(["pyarrow", "polars", "duckdb", "pandas"]))
)
def test_the_notebooks_lines_run(number: int, library: str, company: Path) -> None:
    python = Path(sys.executable) if library == "duckdb" else CLIENTS
    needs = subprocess.run([str(python), "-c", f"import {library}, pyarrow"], capture_output=True)
    if python == CLIENTS and needs.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"no {library} in .venv-clients (make test sets it up)")
    done = subprocess.run(
        [str(python), "-c", blocks("notebooks.md", "python")[number]],
        cwd=company, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = done.stdout + "".join(one.read_text("utf-8") for one in company.glob("*.csv"))
    assert "hire_rate" in found
    assert re.search(r"0[.,]15", found), found


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one


def test_the_databases_lines_let_one_write_and_one_read(server: Server, tmp_path: Path) -> None:
    [script] = blocks("bi-power-bi-tableau.md", "sql")
    for text in ("one long random text", "another long random text"):
        assert text in script
        script = script.replace(text, server.password)
    with server.connect() as db:
        db.run(script)
    marts = Marts(tmp_path / "data")
    postgres.copy(marts.release(), server.url("publisher"))
    assert server.rows("select count(*) from beyond_likes.fct_orders", "bi") == [[ROWS]]
    night = "select distinct business_date from beyond_likes.published_tables"
    assert server.rows(night, "bi") == [[FIRST]]
    with server.connect("bi") as db, pytest.raises(Exception, match="permission denied"):
        db.run("delete from beyond_likes.fct_orders")
