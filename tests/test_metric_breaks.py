"""The breaks of four platforms from raw rows to marts: no sum crosses one without its day.

Instagram and Facebook end impressions, YouTube redefines views twice, X answers for link clicks for
30 days. One company has rows around all of these days, from files and as the platforms send them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.core import landing
from extractors.core.types import Page, Stream, Window
from extractors.sources import facebook, instagram, x, youtube
from tests.company import KEY, Company, parsed

MODELS = Path(__file__).parents[1] / "dbt_project" / "models" / "marts"
LINK = "https://jobs.example.org/?utm_source=s&utm_campaign="
CAMPAIGNS = """
    campaign,goal,department,platform,audience,message,utm_campaign
    By instagram,recruiting,HR,instagram,,,ig
    By facebook,recruiting,HR,facebook,,,fb
    By youtube,recruiting,HR,youtube,,,yt
    By x,recruiting,HR,x,,,tw
"""
POSTS = f"""
    platform,post_id,published_at,type,url
    instagram,ig-file,2025-04-18T08:00:00+02:00,image,{LINK}ig
    facebook,fb-file,2025-11-12T08:00:00+01:00,image,{LINK}fb
"""
# Instagram by day; Facebook's export goes on under its old heading with what took its place.
POST_METRICS = """
    platform,post_id,as_of,basis,impressions,likes,views
    instagram,ig-file,2025-04-19,daily,100,5,
    instagram,ig-file,2025-04-20,daily,110,6,
    instagram,ig-file,2025-04-21,daily,,4,300
    facebook,fb-file,2025-11-13,lifetime,1000,10,
    facebook,fb-file,2025-11-14,lifetime,1100,11,
    facebook,fb-file,2025-11-16,lifetime,5000,13,
    facebook,fb-file,2025-11-17,lifetime,5200,14,
"""
VIDEO_DAYS = {
    "v1": {
        "2025-03-30": (10, 10),
        "2025-03-31": (25, 11),
        "2026-08-23": (12, 9),
        "2026-08-24": (40, 9),
    },
    "v2": {"2025-03-31": (5, 3), "2026-08-23": (6, 4)},
    "v3": {"2026-08-24": (7, 2), "2026-08-25": (8, 1)},
}
X_READINGS = {  # published on 1 July: read for the last time with link clicks 30 days later
    "2026-07-30": (900, 7),
    "2026-07-31": (950, 8),
    "2026-08-02": (1000, None),
    "2026-08-03": (1010, None),
}


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T06:00:00").replace(tzinfo=UTC)


def land(company: Company, stream: Stream, pages: Sequence[tuple[str, list[Any]]]) -> None:
    """Land records as the platform's answers of these days."""
    window = Window.of(date(2025, 3, 1), date(2026, 8, 31), "Europe/Berlin")
    landing.land(
        stream,
        window,
        [Page(records, at(day)) for day, records in pages],
        root=company.folder / "data" / "landing",
        key=KEY.encode(),
    )


def video(number: str) -> Mapping[str, Any]:
    return {
        "id": number,
        "snippet": {"channelId": "c", "publishedAt": "2025-03-29T10:00:00Z"},
        "title": number,
        "description": f"{LINK}yt",
        "status": {"privacyStatus": "public"},
    }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company(tmp_path_factory.mktemp("breaks"))
    company.settings("""
        sources:
          file_drop:
            posts: [{files: exports/posts.csv}]
            post_metrics: [{files: exports/post_metrics.csv}]
          instagram: {}
          facebook: {}
          youtube: {}
          x: {}
    """)
    company.write("company/campaigns.csv", CAMPAIGNS)
    company.write("exports/posts.csv", POSTS)
    company.write("exports/post_metrics.csv", POST_METRICS)
    for source in ("file_drop", "company"):
        done = company.run("extract", source, "--until", "2026-08-31")
        assert done.returncode == 0, done.stdout + done.stderr
    days = [
        {"video": v, "day": day, "views": views, "engagedViews": engaged, "likes": 1}
        for v, counted in VIDEO_DAYS.items()
        for day, (views, engaged) in counted.items()
    ]
    land(company, youtube.videos, [("2026-08-31", [video(v) for v in VIDEO_DAYS])])
    land(company, youtube.video_days, [("2026-08-31", days)])
    medium = {"id": "ig", "timestamp": "2026-07-01T10:00:00+0000", "caption": f"{LINK}ig"}
    read: list[tuple[Stream, dict[str, Any]]] = [
        (
            instagram.media,
            {
                "2026-07-02": {**medium, "views": 500, "likes": 2},
                "2026-07-03": {**medium, "views": 650, "likes": 3},
            },
        ),
        (
            facebook.posts,
            {
                "2025-11-14": {"id": "fb", "post_media_view": 70, "reactions": 1},
                "2025-11-15": {"id": "fb", "post_media_view": 90, "reactions": 2},
            },
        ),
        (
            x.posts,
            {
                day: {
                    "id": "tw",
                    "created_at": "2026-07-01T10:00:00.000Z",
                    "text": f"{LINK}tw",
                    "public_metrics": {"impression_count": shown, "like_count": 1},
                    "non_public_metrics": {"url_link_clicks": clicks},
                }
                for day, (shown, clicks) in X_READINGS.items()
            },
        ),
    ]
    for stream, own in read:
        land(company, stream, [(day, [{**row, "read_on": day}]) for day, row in own.items()])
    with parsed(company.folder / "data" / "dbt" / "target"):
        for words in (("load",), ("build", "--date", "2026-08-31"), ("publish",)):
            done = company.run(*words)
            assert done.returncode == 0, done.stdout + done.stderr
    return company


def days(company: Company, platform: str, measure: str) -> dict[str, int]:
    found = company.warehouse(
        "select cast(day as varchar), cast(sum(value) as integer) from marts.metric_days"
        f" where platform = '{platform}' and measure = '{measure}' group by day order by day"
    )
    return {str(day): int(value) for day, value in found}


def breaks(company: Company, platform: str, measure: str) -> list[str]:
    found = company.published(
        "select cast(break_on as varchar) from metric_breaks where platform = ?"
        " and day_measure = ? order by break_on",
        [platform, measure],
    )
    return [str(day) for (day,) in found]


def campaign(company: Company, name: str) -> tuple[Any, ...]:
    (found,) = company.published(
        "select post_impressions, likes, clicks, cast(break_on as varchar) from kpi_campaigns"
        " where campaign = ?",
        [name],
    )
    return found


def rating(company: Company, name: str) -> tuple[Any, ...]:
    (found,) = company.published(
        "select rated_by, base_count, base_engagements from kpi_campaigns where campaign = ?",
        [name],
    )
    return found


def test_instagram_ends_impressions_and_views_are_a_measure_of_their_own(company: Company) -> None:
    assert days(company, "instagram", "impressions") == {"2025-04-19": 100, "2025-04-20": 110}
    assert days(company, "instagram", "views") == {
        "2025-04-21": 300,
        "2026-07-02": 500,
        "2026-07-03": 150,
    }
    assert breaks(company, "instagram", "impressions") == ["2025-04-21"]
    assert breaks(company, "instagram", "views") == ["2025-04-21"]
    # likes go on after the break, so that a rate of both would compare two spans
    assert campaign(company, "By instagram") == (210, 18, None, "2025-04-21")
    assert rating(company, "By instagram") == ("impressions", 210, 11)


def test_facebook_growth_is_never_taken_between_two_definitions(company: Company) -> None:
    found = days(company, "facebook", "impressions")
    assert found == {"2025-11-13": 1000, "2025-11-14": 100, "2025-11-17": 200}
    assert days(company, "facebook", "likes") == {
        "2025-11-13": 10,
        "2025-11-14": 2,
        "2025-11-15": 1,
        "2025-11-16": 2,
        "2025-11-17": 1,
    }
    assert days(company, "facebook", "views") == {"2025-11-14": 70, "2025-11-15": 20}
    assert breaks(company, "facebook", "impressions") == ["2025-11-15"]
    assert campaign(company, "By facebook") == (1300, 14, None, "2025-11-15")
    # two likes more on the day whose growth spans both definitions: no part of the rate
    assert rating(company, "By facebook") == ("impressions", 1300, 12)


def test_youtube_views_are_marked_on_both_days_and_engaged_views_go_through(
    company: Company,
) -> None:
    assert days(company, "youtube", "video_views") == {
        "2025-03-30": 10,
        "2025-03-31": 30,
        "2026-08-23": 18,
        "2026-08-24": 47,
        "2026-08-25": 8,
    }
    assert breaks(company, "youtube", "video_views") == ["2025-03-31", "2026-08-24"]
    assert breaks(company, "youtube", "engaged_views") == []
    found = company.published(
        "select post_id, video_views, engaged_views, cast(break_on as varchar) from fct_posts"
        " where platform = 'youtube' order by post_id"
    )
    assert found == [
        ("v1", 87, 39, "2026-08-24"),
        ("v2", 11, 7, None),  # both days by the rule of 31 March 2025
        ("v3", 15, 3, None),
    ]
    assert campaign(company, "By youtube") == (None, 8, None, None)
    assert rating(company, "By youtube") == ("engaged_views", 49, 8)  # through both breaks


def test_x_link_clicks_end_after_thirty_days_and_are_unknown_then(company: Company) -> None:
    assert x.PRIVATE_DAYS == 30
    assert days(company, "x", "post_clicks") == {"2026-07-30": 7, "2026-07-31": 1}
    assert days(company, "x", "impressions") == {
        "2026-07-30": 900,
        "2026-07-31": 50,
        "2026-08-02": 50,
        "2026-08-03": 10,
    }
    restated = company.published("select count(*) from fct_post_days where is_restated")
    assert restated == [(0,)]
    (meaning,) = company.published(
        "select meaning from metric_definitions where platform = 'x' and measure = 'clicks'"
    )[0]
    assert "until it is 30 days old" in meaning
    assert company.published("select clicks from fct_posts where post_id = 'tw'") == [(None,)]
    assert campaign(company, "By x") == (1010, 1, 8, None)


def test_a_table_that_shows_such_a_sum_has_its_day_or_the_day_of_its_break() -> None:
    redefined = {"impressions", "video_views", "views", "engaged_views"}
    found = {}
    for file in MODELS.glob("*/_*.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", []):
            columns = {column["name"] for column in model.get("columns", [])}
            if columns & redefined:
                found[model["name"]] = bool(columns & {"day", "break_on"})
    assert found == dict.fromkeys(
        ("fct_ad_days", "fct_post_days", "fct_posts", "kpi_campaigns"), True
    )
