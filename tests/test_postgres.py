"""`publish --to postgres`: what readers of a real PostgreSQL find before, during and after."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors import postgres
from extractors.core.errors import ExtractError, FatalError, RetriableError, UsageError
from extractors.run import project
from tests.company import COMMAND, Company
from tests.nights import FIRST, ROWS, Marts
from tests.postgres import Server, running

SCHEMA = "beyond_likes"
NIGHTS = f"select distinct night from {SCHEMA}.fct_orders"
BOTH = (
    f"select (select night from {SCHEMA}.kpi_scorecard),"
    f" (select min(night) from {SCHEMA}.fct_orders), max(night), count(*) from {SCHEMA}.fct_orders"
)


@pytest.fixture(scope="module")
def running_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    """The server without the schemas and users of the test before."""
    with running_server.connect() as db:
        db.run(f"drop schema if exists {SCHEMA} cascade")
        db.run("drop schema if exists mine cascade")
        db.run("drop schema if exists elsewhere cascade")
    return running_server


@pytest.fixture
def marts(tmp_path: Path) -> Marts:
    return Marts(tmp_path / "data")


def test_values_types_and_descriptions_arrive(server: Server, marts: Marts) -> None:
    columns = {
        "whole": ("bigint", "9007199254740993"),
        "part": ("double", "'nan'::double"),
        "money": ("decimal(38,4)", "12345678901234567890.1234"),
        "day": ("date", "'2026-02-28'"),
        "moment": ("timestamp", "'2026-02-28 03:04:05.678901'"),
        "yes": ("boolean", "true"),
        "empty": ("varchar", "''"),
        "missing": ("varchar", "null"),
        "hard": ("varchar", "'a\"b,' || chr(10) || '\\.' || chr(10) || '\\N;ü😀' || chr(0) || '!'"),
        "several": ("integer[]", "[1, 2]"),
    }
    cells = ", ".join(
        f'cast({text} as {kind}) as "{name}"' for name, (kind, text) in columns.items()
    )
    marts.db.execute(f'create table marts."kpi_odd" as select {cells}')
    marts.describe("kpi_odd", "One row. It's :odd; 100 %.", part="Of \\ it, 'quoted'.")
    done = postgres.copy(marts.release(), server.url())
    assert done == {
        "business_date": "2026-11-01", "release": marts_release(marts), "schema": SCHEMA,
        "tables": 3, "rows": ROWS + 2,
    }  # fmt: skip
    [row] = server.rows(f"select * from {SCHEMA}.kpi_odd")
    assert math.isnan(row.pop(1))
    assert row == [
        9007199254740993, Decimal("12345678901234567890.1234"), date(2026, 2, 28),
        datetime.fromisoformat("2026-02-28T03:04:05.678901"), True, "", None,
        'a"b,\n\\.\n\\N;ü😀!', "[1, 2]",
    ]  # fmt: skip
    kinds = (
        "select column_name, data_type, col_description(c.oid, ordinal_position)"
        " from information_schema.columns join pg_class c on relname = table_name"
        " where table_name = 'kpi_odd' order by ordinal_position"
    )
    assert server.rows(kinds) == [
        ["whole", "bigint", None], ["part", "double precision", "Of \\ it, 'quoted'."],
        ["money", "numeric", None], ["day", "date", None],
        ["moment", "timestamp without time zone", None], ["yes", "boolean", None],
        ["empty", "text", None], ["missing", "text", None], ["hard", "text", None],
        ["several", "text", None],
    ]  # fmt: skip
    described = f"select obj_description('{SCHEMA}.kpi_odd'::regclass)"
    assert server.rows(described) == [["One row. It's :odd; 100 %."]]
    listed = (
        f"select table_name, row_count, business_date from {SCHEMA}.published_tables order by 1"
    )
    assert server.rows(listed) == [
        ["fct_orders", ROWS, FIRST], ["kpi_odd", 1, FIRST], ["kpi_scorecard", 1, FIRST],
    ]  # fmt: skip


def marts_release(marts: Marts) -> str:
    return (marts.home / "published").resolve().name


class Poller(threading.Thread):
    """A reader that looks again and again, by one statement or by one transaction of two."""

    def __init__(self, server: Server, *, transaction: bool) -> None:
        super().__init__()
        self.server, self.transaction = server, transaction
        self.over = threading.Event()
        self.seen: list[date] = []
        self.wrong: list[str] = []
        self.slowest = 0.0

    def run(self) -> None:
        with self.server.connect() as db:
            while not self.over.is_set():
                began = time.monotonic()
                try:
                    self.look(db)
                except Exception as error:
                    self.wrong.append(repr(error))
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.over.wait(0.005)

    def look(self, db: Any) -> None:
        if self.transaction:
            db.run("begin isolation level repeatable read read only")
            [[night]] = db.run(f"select night from {SCHEMA}.kpi_scorecard")
            time.sleep(0.02)  # long enough for a commit in between
            [[low, high, rows]] = db.run(
                f"select min(night), max(night), count(*) from {SCHEMA}.fct_orders"
            )
            db.run("commit")
        else:
            [[night, low, high, rows]] = db.run(BOTH)
        if (low, high, rows) != (night, night, ROWS):
            self.wrong.append(f"{night}: {low} to {high}, {rows} rows")
        self.seen.append(night)


def test_readers_see_one_night_or_the_next(server: Server, marts: Marts) -> None:
    """No reader fails, none sees a mixture, and each sees several nights."""
    postgres.copy(marts.release(), server.url())
    pollers = [Poller(server, transaction=one) for one in (False, True)]
    for poller in pollers:
        poller.start()
    try:
        for number in range(1, 26):
            postgres.copy(marts.release(FIRST + timedelta(days=number)), server.url())
    finally:
        for poller in pollers:
            poller.over.set()
            poller.join()
    for poller in pollers:
        assert poller.wrong == []
        assert poller.seen == sorted(poller.seen)
        assert len(set(poller.seen)) > 10
    assert server.rows(NIGHTS) == [[FIRST + timedelta(days=25)]]


def test_a_table_takes_the_space_of_two_nights_at_most(server: Server, marts: Marts) -> None:
    size = f"select pg_relation_size('{SCHEMA}.fct_orders')"
    postgres.copy(marts.release(rows=20_000), server.url())
    [[first]] = server.rows(size)
    for number in range(1, 8):
        postgres.copy(marts.release(FIRST + timedelta(days=number), rows=20_000), server.url())
    [[last]] = server.rows(size)
    assert last <= 2.1 * first


def test_a_killed_publish_leaves_the_last_night(server: Server, marts: Marts) -> None:
    """Killed while rows flow; the next publish finds nothing in its way."""
    postgres.copy(marts.release(), server.url())
    company = Company(marts.home.parent)
    company.settings()
    marts.release(FIRST + timedelta(days=1), rows=1_500_000)
    env = {**os.environ, "BEYOND_LIKES_POSTGRES_URL": server.url()}
    command = [str(COMMAND), "publish", "--to", "postgres"]
    with subprocess.Popen(command, cwd=company.folder, env=env, stdout=subprocess.PIPE) as one:
        flows = "select 1 from pg_stat_progress_copy where tuples_processed > 1000"
        until = time.monotonic() + 60
        while not server.rows(flows):
            assert one.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        one.send_signal(signal.SIGKILL)
    assert server.rows(BOTH) == [[FIRST, FIRST, FIRST, ROWS]]
    postgres.copy(marts.release(FIRST + timedelta(days=2)), server.url())
    assert server.rows(NIGHTS) == [[FIRST + timedelta(days=2)]]


def test_what_readers_made_themselves_stays(server: Server, marts: Marts) -> None:
    postgres.copy(marts.release(), server.url())
    with server.connect() as db:
        db.run("drop role if exists bi")
        db.run(f"create role bi login password '{server.password}'")
        db.run(f"grant usage on schema {SCHEMA} to bi")
        db.run(f"grant select on {SCHEMA}.fct_orders to bi")
        db.run(f"create view {SCHEMA}.ours as select * from {SCHEMA}.kpi_scorecard")
        db.run(f"create index by_order on {SCHEMA}.fct_orders (order_id)")
        db.run(f"create table {SCHEMA}.notes as select 'keep' as text")
    postgres.copy(marts.release(FIRST + timedelta(days=1)), server.url())
    tomorrow = [[FIRST + timedelta(days=1)]]
    assert server.rows(NIGHTS, "bi") == tomorrow
    assert server.rows(f"select night from {SCHEMA}.ours") == tomorrow
    assert server.rows(f"select text from {SCHEMA}.notes") == [["keep"]]
    assert server.rows(f"select '{SCHEMA}.by_order'::regclass::text") == [[f"{SCHEMA}.by_order"]]
    with server.connect() as db:
        db.run("drop owned by bi")
        db.run("drop role bi")


def test_columns_and_tables_come_and_go(server: Server, marts: Marts) -> None:
    marts.db.execute("create table marts.kpi_old as select 1 as value")
    postgres.copy(marts.release(more=", 1::bigint as amount, 'x' as gone"), server.url())
    marts.db.execute("drop table marts.kpi_old")
    postgres.copy(marts.release(more=", 1.5::double as amount, 'y' as new"), server.url())
    with server.connect() as db:
        row = db.run(f"select * from {SCHEMA}.fct_orders limit 1")[0]
        names = [column["name"] for column in db.columns]
        tables = db.run(f"select tablename from pg_tables where schemaname = '{SCHEMA}' order by 1")
    assert dict(zip(names, row, strict=True)) == {
        "order_id": 0, "night": FIRST, "amount": 1.5, "new": "y",
    }  # fmt: skip
    assert tables == [["fct_orders"], ["kpi_scorecard"], ["published_tables"]]


def test_a_changed_table_that_a_reader_holds_makes_nobody_wait(
    server: Server, marts: Marts
) -> None:
    """The publish gives up and names the table; meanwhile other readers read as ever."""
    postgres.copy(marts.release(), server.url())
    other = Poller(server, transaction=False)
    with server.connect() as holder:
        holder.run("begin")
        holder.run(f"select count(*) from {SCHEMA}.fct_orders")
        other.start()
        with pytest.raises(RetriableError, match="fct_orders: columns changed, but readers hold"):
            postgres.copy(marts.release(more=", 1 as new"), server.url(), patience=3.0)
        other.over.set()
        other.join()
        holder.run("commit")
    assert other.wrong == []
    assert other.slowest < 2.5, "it waited behind the publish"
    postgres.copy(marts.release(more=", 1 as new"), server.url())
    assert server.rows(f"select sum(new) from {SCHEMA}.fct_orders") == [[ROWS]]


def test_a_view_on_a_column_that_goes_is_named(server: Server, marts: Marts) -> None:
    postgres.copy(marts.release(more=", 1 as gone"), server.url())
    with server.connect() as db:
        db.run(f"create view {SCHEMA}.ours as select gone from {SCHEMA}.fct_orders")
    with pytest.raises(FatalError, match=r"view beyond_likes.ours.*Drop what depends on it"):
        postgres.copy(marts.release(FIRST + timedelta(days=1)), server.url())
    assert server.rows(NIGHTS) == [[FIRST]]


def test_a_table_of_others_is_not_touched(server: Server, marts: Marts) -> None:
    with server.connect() as db:
        db.run("create schema mine")
        db.run("create table mine.fct_orders as select 'theirs' as text")
    with pytest.raises(FatalError, match=r"mine\.fct_orders is there and not ours"):
        postgres.copy(marts.release(), server.url(), schema="mine")
    assert server.rows("select text from mine.fct_orders") == [["theirs"]]
    assert server.rows("select tablename from pg_tables where schemaname = 'mine'") == [
        ["fct_orders"]
    ]


def test_a_user_who_owns_the_schema_needs_no_more(server: Server, marts: Marts) -> None:
    with server.connect() as db:
        db.run("drop role if exists publisher")
        db.run(f"create role publisher login password '{server.password}'")
    with pytest.raises(FatalError, match="permission denied for database postgres"):
        postgres.copy(marts.release(), server.url("publisher"), schema="elsewhere")
    with server.connect() as db:
        db.run("create schema elsewhere authorization publisher")
    for _ in range(2):
        postgres.copy(marts.release(), server.url("publisher"), schema="elsewhere")
    assert server.rows("select count(*) from elsewhere.fct_orders", "publisher") == [[ROWS]]
    with server.connect() as db:
        db.run("drop owned by publisher")
        db.run("drop role publisher")


def test_the_command_copies_what_is_published(server: Server, marts: Marts) -> None:
    """The URL from .env; the warehouse is not needed."""
    company = Company(marts.home.parent)
    company.settings()
    company.write(".env", f"BEYOND_LIKES_POSTGRES_URL={server.url()}\n")
    nothing = company.run("publish", "--to", "postgres")
    assert nothing.returncode == 1
    assert "nothing is published. Run `beyond-likes publish` first." in nothing.stderr
    marts.release()
    done = company.run("publish", "--to", "postgres", "--schema", "elsewhere")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "  fct_orders: 2000 rows",
        "  kpi_scorecard: 1 rows",
        "2026-11-01: 2 tables, 2001 rows in elsewhere",
    ]
    assert server.rows("select night from elsewhere.kpi_scorecard") == [[FIRST]]
    assert not (marts.home / "warehouse.duckdb").exists()


def test_no_error_shows_the_password(server: Server, marts: Marts) -> None:
    ready = marts.release()
    tries = {
        server.url(password="s3cret"): (FatalError, "password authentication failed"),
        server.url(database="s0me", password=server.password): (
            FatalError,
            '"s0me" does not exist',
        ),
        "postgresql://u:s3cret@127.0.0.1:1/d": (RetriableError, "refused"),
        "postgresql://u:s3cret@127.0.0.1:s3cret/d": (UsageError, "not of the form"),
        "mysql://u:s3cret@127.0.0.1/d": (UsageError, "not of the form"),
        "postgresql://u:s3cret@/d": (UsageError, "not of the form"),
        "postgresql://u:s3cret@127.0.0.1/d?options=x": (UsageError, "unknown parameter 'options'"),
        "postgresql://u:s3cret@127.0.0.1/d?sslmode=maybe": (UsageError, "unknown sslmode"),
        server.url() + "?sslmode=require": (RetriableError, "Server refuses SSL"),
    }
    for url, (kind, text) in tries.items():
        with pytest.raises(ExtractError, match=text) as found:
            postgres.copy(ready, url)
        assert type(found.value) is kind, url
        assert "s3cret" not in str(found.value)
        assert server.password not in str(found.value)


def test_without_a_url_it_says_where_to_set_one(tmp_path: Path) -> None:
    own = project(Company(tmp_path).settings())
    with pytest.raises(FatalError, match="Set BEYOND_LIKES_POSTGRES_URL in the environment or"):
        postgres.publish(own)
