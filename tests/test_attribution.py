"""Six attribution models: against exact fractions, against a peer, and on awkward journeys."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

from tests import attribution_warehouse as made
from tests.attribution_warehouse import Compiled, Conversion, Touch
from tests.test_statistics import assert_equal, rows_of, vectors

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers"
VECTORS = Path(__file__).with_name("statistics_vectors.json")
MODELS = ("first", "last", "linear", "position", "time_decay", "markov")
NOON = datetime(2026, 5, 15, 12, tzinfo=UTC)
# Long enough before the business date that nobody may still convert.
SPENT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@cache
def markov() -> Any:
    text = (ROOT / "dbt_project" / "macros" / "markov.sql").read_text(encoding="utf-8")
    return jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return made.compile_models(tmp_path_factory.mktemp("attribution"))


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with made.connect() as opened:
        yield opened


def credits(
    db: duckdb.DuckDBPyConnection, table: str = "kpi_attribution"
) -> dict[str, dict[str, float]]:
    """Return model → campaign → conversions."""
    found: dict[str, dict[str, float]] = {model: {} for model in MODELS}
    if table == "kpi_attribution":
        rows = db.execute("select model, campaign, conversions from marts.kpi_attribution")
    else:
        rows = db.execute(
            " union all ".join(
                f"select '{model}', campaign, sum(credit_{model})"
                " from marts.fct_attributed_conversions group by campaign"
                for model in MODELS
            )
        )
    for model, campaign, conversions in rows.fetchall():
        found[model][campaign] = conversions
    return found


def assert_credits_sum_to_one(db: duckdb.DuckDBPyConnection) -> None:
    sums = ", ".join(f"sum(credit_{model}) as {model}" for model in MODELS)
    worst = ", ".join(f"max(abs({model} - 1))" for model in MODELS)
    found = db.execute(
        f"select {worst} from (select {sums} from marts.fct_attributed_conversions"
        " group by conversion_kind, system, conversion_id)"
    ).fetchone()
    assert found
    assert max(found) <= 1e-9


def test_dbts_own_tests_by_hand_ran_with_the_build(compiled: Compiled) -> None:
    results = json.loads(compiled.results.read_text(encoding="utf-8"))["results"]
    names = [row["unique_id"] for row in results if row["status"] == "pass"]
    assert sum(name.startswith("unit_test.") for name in names) >= 4
    assert sum("attribution_adds_up" in name or "walk_ends" in name for name in names) == 2


def test_credit_of_each_touch_equals_its_reference() -> None:
    columns, cases = vectors("attribution_touch")
    own = markov()
    weight = own.time_decay_weight("(days_before - last_days) * 86400")
    models = {
        "first": own.credit_first("rn"),
        "last": own.credit_last("rn", "n"),
        "linear": own.credit_linear("n"),
        "position": own.credit_position("rn", "n"),
        "time_decay": f"cast({weight} as double) / cast(sum({weight}) over p as double)",
    }
    sql = f"""
        with numbered as (
            select t.*,
                row_number() over (partition by path_id order by touch_no) as rn,
                count(*) over (partition by path_id) as n,
                min(days_before) over (partition by path_id) as last_days
            from {rows_of(columns, cases)}
        )
        select {", ".join(f"conv * {formula} as {name}" for name, formula in models.items())}
        from numbered window p as (partition by path_id) order by id
    """
    assert_equal(duckdb.execute(sql).fetchall(), cases, list(models))


def worked_example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["attribution_totals"]
    return found


def example_rows(with_nulls: bool) -> tuple[list[Conversion], list[Touch]]:
    """Return the worked example; the answer of the rules is always the last touchpoint."""
    conversions, touches = [], []
    for path in worked_example()["paths"]:
        name = path["path"]
        if not path["conversions"] and not with_nulls:
            continue
        for number, touch in enumerate(path["touches"]):
            at = NOON - timedelta(days=touch["days_before"])
            touches.append(Touch(f"{name}-{number}", name, at, "x", touch["channel"]))
        if path["conversions"]:
            conversions.append(
                Conversion("lead", name, name, NOON, "x", path["touches"][-1]["channel"])
            )
    return conversions, touches


@pytest.mark.parametrize(
    ("chain", "with_nulls"),
    [("markov_order1_with_null", True), ("markov_order1_converting_paths_only", False)],
)
def test_the_worked_example_comes_out_in_fractions(
    compiled: Compiled, db: duckdb.DuckDBPyConnection, chain: str, with_nulls: bool
) -> None:
    made.write(db, *example_rows(with_nulls))
    compiled.run(db)
    found = credits(db)
    expected = {
        (row["model"].replace(chain, "markov"), row["channel"]): row
        for row in worked_example()["vectors"]
        if row["model"] in (chain, *MODELS)
    }
    assert len(expected) == 18
    for (model, channel), row in expected.items():
        top, _, bottom = row["credit"].partition("/")
        assert found[model][channel] == pytest.approx(
            int(top) / int(bottom or 1), rel=1e-9, abs=1e-9
        ), (model, channel)
        if model == "markov":
            top, _, bottom = row["removal_effect"].partition("/")
            [(effect,)] = db.execute(
                "select removal_effect from intermediate.int_journeys__removal_effects"
                " where campaign = ?",
                [channel],
            ).fetchall()
            assert effect == pytest.approx(int(top) / int(bottom), rel=1e-9)
    assert_credits_sum_to_one(db)


def test_a_journeys_markov_credit_is_its_share_of_the_effects(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    """P5 met A, B twice, and C: 17/26, 11/24 and 19/36, B's shared by its two touches."""
    made.write(db, *example_rows(True))
    compiled.run(db)
    found = db.execute(
        "select campaign, credit_markov from marts.fct_attributed_conversions"
        " where conversion_id = 'P5' order by touch_number"
    ).fetchall()
    total = 17 / 26 + 11 / 24 + 19 / 36
    assert [campaign for campaign, _ in found] == ["A", "B", "B", "C"]
    expected = [17 / 26, 11 / 48, 11 / 48, 19 / 36]
    for (_, credit), effect in zip(found, expected, strict=True):
        assert credit == pytest.approx(effect / total, rel=1e-9)
    # P2 met A alone, P3 B and A: what journeys give A is not what the chain gives it
    by_journey = credits(db, "fct")["markov"]["A"]
    assert by_journey == pytest.approx(
        17 / 26 / total * 2 + 1 + 17 / 26 / (17 / 26 + 11 / 24), rel=1e-9
    )
    assert credits(db)["markov"]["A"] == pytest.approx(2448 / 1535, rel=1e-9)


def test_steps_stored_one_by_one_give_the_same_effects(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    """As on Spark, with that macro's own patterns; there `make spark` compares the figures."""
    macro = (ROOT / "dbt_project" / "macros" / "stepwise.sql").read_text("utf-8")
    cte, last = re.findall(r"modules\.re\.\w+\(\s*'(\(\?.*?)', sql\)", macro)
    cte, last = (one.replace("\\\\", "\\") for one in (cte, last))
    made.write(db, *example_rows(True))
    compiled.run(db)
    text = compiled.sql["int_journeys__removal_effects"]
    steps = re.findall(cte, text)
    assert {"walks", "visits_14", "walking_14", "final"} <= {name for name, _ in steps}
    for name, body in steps:
        db.execute(f"create temp table {name} as {body}")
    effects = db.execute(f"from ({re.split(last, text)[-1]}) order by all").fetchall()
    assert len(effects) == 3
    assert (
        effects
        == db.execute("from intermediate.int_journeys__removal_effects order by all").fetchall()
    )


def test_what_nobody_claims_stays_nobodys_in_every_model(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    """Three orders: one by A alone, one without a contact, one that only a test order was."""
    orders = [
        Conversion("order", "o1", "p1", NOON, "x", "A", amount=100),
        Conversion("order", "o2", None, NOON, *made.NOBODY, amount=40),
        Conversion("order", "o3", "p1", NOON, "x", "A", amount=7, counts=False),
    ]
    made.write(db, orders, [Touch("t1", "p1", NOON, "x", "A")])
    compiled.run(db)
    found = db.execute(
        "select distinct campaign, goal, conversions, share, cast(amount as double),"
        " difference_to_last from marts.kpi_attribution order by campaign"
    ).fetchall()
    assert found == [("A", "sales", 1, 0.5, 100, 0), ("unassigned", None, 1, 0.5, 40, 0)]


def test_last_touch_sums_and_totals_are_checked_against_the_kpis(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    made.write(db, *example_rows(True))
    compiled.run(db)
    check = compiled.sql["attribution_adds_up"]
    db.execute(
        "insert into marts.metric_days values ('leads', 'x', 'A', 2), ('leads', 'x', 'C', 2)"
    )
    assert db.execute(check).fetchall() == []
    db.execute("update marts.metric_days set value = 3 where campaign = 'C'")
    assert db.execute(check).fetchall() == [("lead", "x", "C", 2, 3)]
    db.execute(
        "update marts.fct_attributed_conversions set credit_linear = 0.5 where conversion_id = 'P2'"
    )
    assert ("lead", "sys", "P2", 1, 1) in db.execute(check).fetchall()
    db.execute("update marts.kpi_attribution set conversions = 0 where model = 'markov'")
    assert ("lead", "markov", "total", 0, 4) in db.execute(check).fetchall()


def test_a_conversion_with_a_thousand_touches(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    """Two campaigns in turn, every ten minutes: the chain walks on and on, and yet ends."""
    touches = [
        Touch(f"t{i:04}", "p", NOON - timedelta(minutes=10 * (1000 - i)), "x", "AB"[i % 2])
        for i in range(1000)
    ]
    made.write(db, [Conversion("lead", "l1", "p", NOON, "x", "B")], touches)
    started = time.monotonic()
    compiled.run(db)
    assert time.monotonic() - started < 10
    assert_credits_sum_to_one(db)
    found = credits(db)
    assert found["linear"] == pytest.approx({"A": 0.5, "B": 0.5}, rel=1e-9)
    assert found["position"] == pytest.approx({"A": 0.4 + 0.1, "B": 0.4 + 0.1}, rel=1e-9)
    # every walk passes through both: without either of them there is no conversion
    assert found["markov"] == pytest.approx({"A": 0.5, "B": 0.5}, rel=1e-6)
    walking = "select max(still_walking) from intermediate.int_journeys__removal_effects"
    assert db.execute(walking).fetchall()[0][0] < 1e-6


def test_a_person_with_a_thousand_conversions(
    compiled: Compiled, db: duckdb.DuckDBPyConnection
) -> None:
    """An order and a touchpoint every hour: from the 720th on, a journey holds 721 touches."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=i) for i in range(1000)]
    orders = [
        Conversion("order", f"o{i:04}", "p", at, "x", "ABC"[i % 3]) for i, at in enumerate(hours)
    ]
    touches = [Touch(f"t{i:04}", "p", at, "x", "ABC"[i % 3]) for i, at in enumerate(hours)]
    made.write(db, orders, touches)
    started = time.monotonic()
    compiled.run(db)
    assert time.monotonic() - started < 20
    found = db.execute(
        "select touches, count(distinct conversion_id) from marts.fct_attributed_conversions"
        " group by touches order by touches"
    ).fetchall()
    assert found[:3] == [(1, 1), (2, 1), (3, 1)]
    assert found[-1] == (721, 1000 - 720)
    assert_credits_sum_to_one(db)
    assert sum(credits(db)["markov"].values()) == pytest.approx(1000, rel=1e-9)


# -- a peer: ChannelAttribution 2.2.5, in an environment of its own


@cache
def journeys() -> list[tuple[str, bool]]:
    """Return 10,000 paths over six channels, each with whether it converted."""
    dice = random.Random(20261124)
    converts = {"A": 0.5, "B": 0.2, "C": 0.6, "D": 0.1, "E": 0.35, "F": 0.7}
    found = []
    for _ in range(10_000):
        length = 1
        while length < 12 and dice.random() < 0.55:
            length += 1
        path = "".join(dice.choices("ABCDEF", weights=(30, 20, 15, 10, 8, 5), k=length))
        found.append((path, dice.random() < converts[path[-1]]))
    return found


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    if not [*PEERS.glob(".ready-*")]:
        missing = f"not compared with ChannelAttribution: {PEERS} is not set up (`make test` does)"
        assert os.environ.get("CI") != "true", missing
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("peer")
    counts: dict[str, list[int]] = {}
    for path, converted in journeys():
        counts.setdefault(" > ".join(path), [0, 0])[0 if converted else 1] += 1
    with (folder / "paths.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "conversions", "nulls"])
        rows.writerows([path, *both] for path, both in counts.items())
    script = Path(__file__).with_name("peer_attribution.py")
    done = subprocess.run(
        [
            str(PEERS / "bin" / "python"),
            str(script),
            str(folder / "paths.csv"),
            str(folder / "credits.json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, float]] = json.loads((folder / "credits.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def ours(compiled: Compiled) -> dict[str, dict[str, float]]:
    """Return our credits: each path a person, an hour between touches, all long ago."""
    with made.connect() as db:
        made.write(db)
        people, (paths, done) = range(10_000), zip(*journeys(), strict=True)
        db.execute(
            "create table rows.paths as select 'p' || unnest(?) as person, unnest(?) as path,"
            " unnest(?) as converted",
            [[*people], [*paths], [*done]],
        )
        start = f"timestamp '{SPENT:%Y-%m-%d %H:%M:%S}'"
        db.execute(f"""
            insert into rows.touches
            select person || '-' || i, person, {start} + to_hours(cast(i as integer)),
                'x', path[i], 'social', true
            from rows.paths, range(1, 13) as t(i) where i <= length(path);
            insert into rows.conversions
            select 'order', person, person, {start} + to_hours(14), 'x', path[-1],
                'social', 10, true
            from rows.paths where converted
        """)
        compiled.run(db)
        assert_credits_sum_to_one(db)
        return credits(db)


@pytest.mark.parametrize("model", ["first", "last", "linear"])
def test_rules_equal_the_peers(
    ours: dict[str, dict[str, float]], peer: dict[str, dict[str, float]], model: str
) -> None:
    assert sum(peer[model].values()) == pytest.approx(sum(done for _, done in journeys()))
    assert ours[model] == pytest.approx(peer[model], rel=1e-9)


def test_markov_is_within_a_percent_of_the_peers_simulation(
    ours: dict[str, dict[str, float]], peer: dict[str, dict[str, float]]
) -> None:
    assert ours["markov"] == pytest.approx(peer["markov"], rel=0.01)
