"""What Spark is handed, and that its comparison sees one cell; `make spark` runs the real one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from extractors import run
from extractors.core.errors import FatalError, UsageError
from tests.company import KEY, Company
from tests.spark_tables import difference

DAY = date(2026, 3, 2)
Db = duckdb.DuckDBPyConnection


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Two nights: orders told anew, one unreadable; a file above its limit; campaigns replaced."""
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", KEY)
    own = Company(tmp_path)
    config = own.settings("drop: exports\nsources: {file_drop: {}}\nreject_limit: 0.5\n")
    own.write(
        "exports/costs.csv", "cost_id,date,department,category,amount,currency\nc,x,y,z,1,EUR\n"
    )
    for night, orders in enumerate(("o1,2026-03-01\no2,soon\n", "o1,2026-03-02\no3,later\n")):
        head = "campaign,goal,department\n"
        own.write("company/campaigns.csv", f"{head}autumn {night},sales,team\n")
        file = own.write("exports/orders.csv", f"order_id,ordered_at\n{orders}")
        os.utime(file, (1_700_000_000 + night, 1_700_000_000 + night))
        run.extract_all(config, run.plan(config, DAY))
        run.load(config, DAY)
    return own


def handed(own: Company) -> Path:
    run.hand_over(own.folder / "sources.yml", own.folder / "handed", DAY)
    return own.folder / "handed"


def test_parts_that_count_are_named(company: Company) -> None:
    parts = handed(company) / "ops" / "landed_parts.parquet"
    sql = f"select source, stream, is_counted, is_refused, batch from '{parts}' order by all"
    assert duckdb.execute(sql).fetchall() == [
        ("company", "campaigns", True, False, "company/campaigns.csv"),  # the second night's
        ("file_drop", "costs", False, True, "exports/costs.csv"),  # all of it is refused
        ("file_drop", "orders", True, False, "exports/orders.csv"),
        ("file_drop", "orders", True, True, "exports/orders.csv"),  # the newest attempt's rejects
    ]


def test_streams_say_how_their_rows_are_read(company: Company) -> None:
    told = json.loads((handed(company) / "handed.json").read_text("utf-8"))
    orders = next(one for one in told["streams"] if one["table"] == "file_drop__orders")
    assert orders["columns"]["amount"] == "DECIMAL(18,4)"
    assert (orders["key"], orders["is_file"], orders["has_refused"]) == (["order_id"], True, True)
    found = company.folder.glob(str(Path(orders["landed"]).relative_to(company.folder)))
    assert len(list(found)) == 2
    assert {one["table"] for one in told["streams"] if one["landed"]} == {
        "company__campaigns", "file_drop__costs", "file_drop__orders"
    }  # fmt: skip
    assert "landed_parts" in told["tables"]
    assert "run" in told["tables"]


def test_the_warehouse_stays_as_it_is(company: Company) -> None:
    warehouse = company.folder / "data" / "warehouse.duckdb"
    before = warehouse.read_bytes()
    handed(company)
    assert warehouse.read_bytes() == before
    with pytest.raises(UsageError, match="there already"):
        handed(company)


def test_the_command_prints_the_arguments_of_the_build(company: Company) -> None:
    done = company.run("hand-over", "out/handed", "--date", str(DAY))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("--exclude-resource-type unit_test test --exclude staging.")
    assert (company.folder / "out" / "handed" / "handed.json").is_file()


def test_what_is_damaged_since_its_load_is_told(company: Company) -> None:
    part = next(company.folder.glob("data/landing/file_drop/orders/*/*/part-*"))
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(FatalError, match="damaged"):
        handed(company)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Db]:
    with duckdb.connect() as db:
        (tmp_path / "spark").mkdir()
        db.execute("create table t as select n, n / 3 as third, n = 1 as one from range(3) as r(n)")
        yield db


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("true", ""),
        ("third = third * (1 + 1e-12)", ""),
        ("third = third * (1 + 1e-6)", "2 cells in ['third']"),
        ("one = null", "3 cells in ['one']"),
        ("n = 7", "7 cells in"),
    ],
)
def test_one_cell_apart_is_a_difference(db: Db, tmp_path: Path, change: str, found: str) -> None:
    db.execute("create table theirs as from t")
    if change != "true":
        db.execute(f"update theirs set {change}")
    db.execute(f"copy theirs to '{tmp_path}/spark/part-0.parquet'")
    assert difference(db, "t", tmp_path / "spark").startswith(found)
    assert bool(difference(db, "t", tmp_path / "spark")) == bool(found)


def test_a_table_that_was_not_built_or_is_short_is_a_difference(db: Db, tmp_path: Path) -> None:
    assert difference(db, "t", tmp_path / "none") == "was not built"
    assert difference(db, "t", tmp_path / "spark").startswith("3 rows are DuckDB's alone")
    db.execute(f"copy (from t limit 2) to '{tmp_path}/spark/part-0.parquet'")
    assert difference(db, "t", tmp_path / "spark").startswith("1 rows are DuckDB's alone")
