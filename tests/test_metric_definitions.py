"""What each platform's metrics mean: the seed is whole, and what it forbids to add up is not."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import jinja2
import pytest

PROJECT = Path(__file__).parents[1] / "dbt_project"
SEED = PROJECT / "seeds" / "metric_definitions.csv"
FACTS = {
    "post_metrics": "fct_post_days",
    "account_metrics": "fct_account_days",
    "ad_performance": "fct_ad_days",
}
COLUMNS = {
    "post_metrics": {
        *("impressions", "reach", "likes", "comments", "shares", "saves", "clicks", "video_views"),
        *("views", "engaged_views"),
    },
    "account_metrics": {"followers"},
    "ad_performance": {"impressions", "clicks", "spend", "leads", "conversions"},
}
Row = dict[str, str]


def definitions() -> list[Row]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def chains() -> dict[tuple[str, str, str], list[Row]]:
    """Return the versions of each platform's measure, oldest first."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in definitions():
        found.setdefault((row["platform"], row["entity"], row["measure"]), []).append(row)
    return {key: sorted(rows, key=lambda row: int(row["version"])) for key, rows in found.items()}


def test_every_platform_of_the_design_is_defined() -> None:
    assert {row["platform"] for row in definitions()} == {
        *("*", "linkedin", "instagram", "facebook", "youtube", "tiktok", "x", "bluesky"),
        "mastodon",
    }
    advertised = {row["platform"] for row in definitions() if row["entity"] == "ad_performance"}
    assert advertised == {"*", "linkedin", "facebook", "instagram", "tiktok"}


def test_versions_follow_each_other_without_a_gap() -> None:
    for key, rows in chains().items():
        assert [int(row["version"]) for row in rows] == list(range(1, len(rows) + 1)), key
        assert rows[-1]["valid_to"] == "", key
        for older, newer in pairwise(rows):
            next_day = date.fromisoformat(older["valid_to"]) + timedelta(days=1)
            assert newer["valid_from"] == next_day.isoformat(), key
            assert newer["change"], key


def test_every_line_says_what_it_counts_and_where_that_is_written() -> None:
    allowed = {
        "entity": set(FACTS),
        "additivity": {"additive", "semi_additive", "non_additive"},
        "counted_by": {"platform", "us"},
        "claimed": {"true", "false"},
        "is_day_exact": {"true", "false"},
        "unit": {"count", "people", "currency"},
    }
    for row in definitions():
        assert all(row[column] in values for column, values in allowed.items()), row
        assert row["source"], row
        assert row["meaning"].endswith("."), row
        assert not row["change"] or row["change"].endswith("."), row


def test_views_plays_and_impressions_are_never_one_measure() -> None:
    names = {
        "impressions": "impression",
        "views": "view",
        "plays": "play",
        "reach": "|unique|reach",
    }
    for (platform, _, measure), rows in chains().items():
        if platform == "*" or measure not in names:
            continue
        counted = [row["metric"].lower() for row in rows if row["metric"]]
        assert all(re.search(names[measure], metric) for metric in counted), (platform, measure)


def test_the_known_breaks_are_there() -> None:
    """As the platforms announced them; see the column source for the pages."""
    found = {
        (*key, row["valid_from"], row["is_day_exact"])
        for key, rows in chains().items()
        for row in rows[1:]
    }
    assert found == {
        ("instagram", "post_metrics", "impressions", "2025-04-21", "true"),
        ("instagram", "post_metrics", "plays", "2025-04-21", "true"),
        ("facebook", "post_metrics", "impressions", "2025-11-15", "true"),
        ("facebook", "post_metrics", "reach", "2026-06-15", "false"),
        ("facebook", "account_metrics", "followers", "2025-11-15", "true"),
        ("facebook", "ad_performance", "conversions", "2026-01-12", "true"),
        ("instagram", "ad_performance", "conversions", "2026-01-12", "true"),
        ("linkedin", "ad_performance", "reach", "2024-07-01", "false"),
        ("youtube", "post_metrics", "video_views", "2025-03-31", "true"),
        ("youtube", "post_metrics", "video_views", "2026-08-24", "false"),
        ("x", "post_metrics", "impressions", "2023-01-01", "false"),
    }


TOLD_BY_ROW = {
    "int_meta_ads__ad_performance": ["facebook", "instagram"]
}  # a row names its platform


def fed() -> list[tuple[str, str, str]]:
    """Return platform, entity and column of every number that a source or a file brings."""
    found = [("*", entity, column) for entity, columns in COLUMNS.items() for column in columns]
    for entity, columns in COLUMNS.items():
        for file in PROJECT.glob(f"models/staging/*/int_*__{entity}.sql"):
            text = file.read_text(encoding="utf-8")
            platforms = re.findall(r"'(\w+)' as platform\b", text) or TOLD_BY_ROW[file.stem]
            empty = set(re.findall(r"cast\(null as [^\n]+\) as (\w+)", text))
            found += [(name, entity, one) for name in set(platforms) for one in columns - empty]
    return found


def test_every_number_that_comes_in_is_defined() -> None:
    assert ("linkedin", "post_metrics", "likes") in fed()
    assert ("linkedin", "post_metrics", "saves") not in fed()
    assert set(fed()) <= set(chains())


def test_what_platforms_claim_is_marked() -> None:
    claimed = {row["measure"] for row in definitions() if row["claimed"] == "true"}
    assert claimed == {"leads", "conversions"}
    assert all(row["claimed"] == "true" for row in definitions() if row["measure"] in claimed)


def test_the_semantic_layer_refuses_exactly_what_the_seed_calls_not_additive() -> None:
    text = (PROJECT / "macros" / "measures.sql").read_text(encoding="utf-8")
    kept_apart: list[list[str]] = []
    rendered = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text)
    rendered.make_module({"return": kept_apart.append}).not_additive()  # type: ignore[attr-defined]
    refused = {row["measure"] for row in definitions() if row["additivity"] != "additive"}
    assert kept_apart == [sorted(refused)] == [["followers", "reach"]]
    kept = {row["measure"] for row in definitions() if row["additivity"] == "additive"}
    assert not kept & refused


def test_growth_is_cut_for_exactly_the_sums_that_the_seed_redefines() -> None:
    text = (PROJECT / "macros" / "measures.sql").read_text(encoding="utf-8")
    listed: list[list[str]] = []
    rendered = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text)
    rendered.make_module({"return": listed.append}).redefined()  # type: ignore[attr-defined]
    redefined = {
        measure
        for (_, entity, measure), rows in chains().items()
        if entity == "post_metrics" and len(rows) > 1 and rows[0]["additivity"] == "additive"
    }
    assert (
        listed == [sorted(redefined & COLUMNS["post_metrics"])] == [["impressions", "video_views"]]
    )


@pytest.mark.parametrize("column", ["reach", "followers"])
def test_no_model_sums_people_over_days_or_posts(column: str) -> None:
    summed = re.compile(rf"\b(?:sum|avg)\s*\(\s*(?:\w+\.)?{column}\b", re.I)
    assert summed.search("select sum(days.reach), avg( followers )") is not None
    files = [*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("tests/*.sql")]
    assert len(files) > 100
    assert [file.name for file in files if summed.search(file.read_text("utf-8"))] == []
