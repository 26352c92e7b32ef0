"""What each platform's metric means: versions without gaps, breaks marked, no sum of people."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import pairwise

import jinja2

from tests.test_kpis import PROJECT

SEED = PROJECT / "seeds" / "metric_definitions.csv"
READ = {
    "post_metrics": "impressions reach likes comments shares saves clicks video_views",
    "account_metrics": "followers",
    "ad_performance": "impressions clicks spend leads conversions",
}


def definitions() -> list[dict[str, str]]:
    with SEED.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_versions_of_a_measure_follow_each_other_without_a_gap() -> None:
    series: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in definitions():
        series.setdefault((row["platform"], row["entity"], row["measure"]), []).append(row)
    for key, rows in series.items():
        rows.sort(key=lambda row: int(row["version"]))
        assert [int(row["version"]) for row in rows] == list(range(1, len(rows) + 1)), key
        for older, newer in pairwise(rows):
            end, begin = map(date.fromisoformat, (older["valid_to"], newer["valid_from"]))
            assert begin == end + timedelta(days=1), key
    assert sum(len(rows) > 1 for rows in series.values()) >= 4


def test_every_column_that_is_read_from_files_is_defined() -> None:
    found = {(row["entity"], row["measure"]) for row in definitions() if row["platform"] == "*"}
    assert found == {(entity, m) for entity, names in READ.items() for m in names.split()}


def test_the_macro_knows_what_cannot_be_added_up() -> None:
    text = (PROJECT / "macros" / "measures.sql").read_text(encoding="utf-8")
    kept: list[list[str]] = []
    module = jinja2.Environment().from_string(text).make_module({"return": kept.append})
    module.not_additive()  # type: ignore[attr-defined]
    people = {row["measure"] for row in definitions() if row["additivity"] != "additive"}
    assert kept == [sorted(people)]
