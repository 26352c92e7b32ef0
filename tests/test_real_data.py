"""Real public exports by mapping alone: the figures are those that others have computed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.company import Company

DATA = Path(
    os.environ.get("BEYOND_LIKES_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
RESOLUTION = """
select slice_value, numerator, denominator, value from kpi_values
where kpi = 'resolution_rate' and slice = 'channel_kind' and period_grain = 'all'
order by slice_value
"""

if not DATA.is_dir():
    message = f"no real data at {DATA}: set BEYOND_LIKES_TEST_DATA"
    if os.environ.get("CI"):
        raise FileNotFoundError(message)
    pytest.skip(f"NOT TESTED on real data: {message}", allow_module_level=True)


def reference(folder: str) -> Any:
    return json.loads((DATA / folder / "reference.json").read_text())


def night(folder: Path, settings: str, day: str, **tables: str) -> Company:
    company = Company(folder)
    company.settings(settings)
    for name, text in tables.items():
        company.write(f"company/{name}.csv", text)
    done = company.night(day)
    assert done.returncode == 0, done.stdout + done.stderr
    return company


@pytest.fixture(scope="module")
def san_francisco(tmp_path_factory: pytest.TempPathFactory) -> Company:
    settings = f"""
    sources:
      file_drop:
        support_requests:
          - files: {DATA}/sf311_2019_sample/sf311.csv
            columns:
              request_id: unique_key
              opened_at: created_date
              resolved_at: closed_date
              channel: source
            values: {{channel: {{"Mobile/Open311": app}}}}
            derive: {{resolved: "status = 'Closed'"}}
    """
    return night(tmp_path_factory.mktemp("sf"), settings, "2019-11-30")


def test_san_francisco_by_channel_kind(san_francisco: Company) -> None:
    expected = reference("sf311_2019_sample")
    found = {row[0]: row[1:] for row in san_francisco.published(RESOLUTION)}
    for kind in ("social", "conventional"):
        known = expected[kind]
        assert found[kind][:2] == (known["resolved"], known["cases"])
        assert round(100 * found[kind][2], 4) == known["resolution_rate_pct"]
    assert found["social"][:2] == (87, 89)
    assert found["conventional"][:2] == (7299, 7562)


def test_san_francisco_keeps_every_row_and_no_negative_duration(san_francisco: Company) -> None:
    found = san_francisco.published(
        "select count(*), count_if(resolved), count_if(seconds_to_resolution < 0),"
        " count_if(is_duration_negative) from fct_support_requests"
    )
    assert found == [(10000, 9637, 0, 48)]
    shown = san_francisco.published(
        "select negative_durations from data_coverage where stream = 'support_requests'"
        " and source = 'file_drop'"
    )
    assert shown == [(48,)]


def test_san_francisco_unmapped_channels_are_unknown_and_listed(san_francisco: Company) -> None:
    found = san_francisco.published(
        "select lower(channel), count(*) from fct_support_requests"
        " where channel_kind = 'unknown' group by all order by all"
    )
    assert found == [("app", 2256), ("integrated agency", 93)]
    (listed,) = san_francisco.published(
        "select unknown_values from data_coverage where stream = 'support_requests'"
        " and source = 'file_drop'"
    )
    assert "app" in listed[0].lower()
    assert "integrated agency" in listed[0].lower()


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Boston's requests beside a page's posts: the two share nothing but the night."""
    posts = DATA / "uci_facebook_metrics" / "dataset_Facebook.csv"
    settings = f"""
    sources:
      file_drop:
        support_requests:
          - files: {DATA}/boston311_100/boston311-100.csv
            columns:
              request_id: case_enquiry_id
              opened_at: open_dt
              resolved_at: closed_dt
              channel: source
            derive: {{resolved: "case_status = 'Closed'"}}
            timezone: America/New_York
        posts:
          - files: {posts}
            columns: {{type: Type}}
            derive:
              post_id: "'uci-' || _line"
              published_at: "'2014-' || \\"Post Month\\" || '-01'"
            constants: {{platform: Facebook}}
        post_metrics:
          - files: {posts}
            columns:
              reach: Lifetime Post Total Reach
              impressions: Lifetime Post Total Impressions
              likes: like
              comments: comment
              shares: share
            derive: {{post_id: "'uci-' || _line"}}
            constants: {{platform: Facebook, as_of: "2014-12-31", basis: lifetime}}
    """
    source_map = """
    system,value,platform,channel_kind
    file_drop,Constituent Call,phone,conventional
    file_drop,Self Service,web,conventional
    """
    folder = tmp_path_factory.mktemp("boston")
    return night(folder, settings, "2022-02-28", source_map=source_map)


def test_boston_has_no_social_channel_and_says_so(boston: Company) -> None:
    found = {row[0]: row[1:] for row in boston.published(RESOLUTION)}
    known = reference("boston311_100")["conventional"]
    assert found["conventional"][:2] == (known["resolved"], known["cases"]) == (26, 33)
    assert found.get("social", (None, None, None)) == (None, None, None)
    scorecard = boston.published(
        "select value, status from kpi_scorecard where kpi = 'resolution_rate'"
    )
    assert scorecard == [(None, "no_data")]


def test_facebook_posts_keep_what_is_missing_missing(boston: Company) -> None:
    total = reference("uci_facebook_metrics")["total"]
    found = boston.published(
        "select count(*), sum(reach), sum(impressions), sum(likes), sum(comments), sum(shares),"
        " count(*) - count(likes), count(*) - count(shares) from fct_posts"
    )
    assert found == [
        (
            500,
            total["Lifetime Post Total Reach"],
            total["Lifetime Post Total Impressions"],
            total["like"],
            total["comment"],
            total["share"],
            1,
            4,
        )
    ]
    by_type = boston.published("select type, count(*), sum(likes) from fct_posts group by all")
    known = reference("uci_facebook_metrics")["by_type"]
    assert {row[0]: row[1:] for row in by_type} == {
        name: (row["posts"], row["like"]) for name, row in known.items()
    }
