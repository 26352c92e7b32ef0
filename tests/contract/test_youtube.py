"""YouTube against scripted answers: two APIs, one token; tables by their header; late days."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.types import Account, Scan, Stream, Window
from extractors.sources import youtube
from sandbox.company.networks import followers_on
from sandbox.company.social import LATE
from sandbox.serve import running
from sandbox.servers.youtube import CREDENTIALS
from sandbox.servers.youtube_rows import DELETED, DRAFT, Rows
from tests.conftest import Platform
from tests.contract.cases import TOKEN_REPLY, Case, connect, load, pages

CHANNEL = {
    "kind": "youtube#channel",
    "etag": "e",
    "id": "UC7",
    "statistics": {
        "viewCount": "900719925474099312",
        "subscriberCount": "12300",
        "hiddenSubscriberCount": False,
        "videoCount": "3",
    },
    "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU7"}},
}
OWN = {"kind": "youtube#channelListResponse", "items": [CHANNEL]}
TOKEN = {"/token": TOKEN_REPLY}
HEADER = ["day", "video", "views", "engagedViews", "likes", "comments", "shares", "cardClicks"]


def upload(video: str) -> dict[str, Any]:
    return {"kind": "youtube#playlistItem", "contentDetails": {"videoId": video}}


def result(*rows: list[Any], header: list[str] = HEADER) -> dict[str, Any]:
    columns = [{"name": name, "columnType": "METRIC", "dataType": "INTEGER"} for name in header]
    body = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": columns}
    return body | ({"rows": list(rows)} if rows else {})


def video(number: str, **snippet: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#video",
        "etag": "e",
        "id": number,
        "snippet": {
            "publishedAt": "2026-02-20T10:00:00Z",
            "channelId": "UC7",
            "title": "Meet us",
            "description": "",
            "liveBroadcastContent": "none",
            **snippet,
        },
        "status": {"privacyStatus": "public"},
    }


BEFORE = {**TOKEN, youtube.CHANNELS: OWN, youtube.UPLOADS: {"items": [upload("v1")]}}
CASES = [
    Case(youtube, youtube.channels, youtube.CHANNELS, OWN, TOKEN, is_list=False),
    Case(youtube, youtube.videos, youtube.VIDEOS, {"items": []}, BEFORE),
    Case(youtube, youtube.video_days, youtube.REPORTS, result(), BEFORE),
]


@pytest.fixture
def channel(platform: Platform) -> Client:
    platform.says("/token", TOKEN_REPLY)
    platform.says(youtube.CHANNELS, OWN)
    return connect(youtube, platform.url, [])


def test_the_refresh_token_is_traded_for_an_access_token(
    platform: Platform, channel: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    landed, rows = load(youtube.channels, pages(youtube.channels, channel), tmp_path, db)

    assert rows == [
        {
            "channel_id": "UC7",
            "read_on": date(2026, 3, 2),
            "subscribers": 12300,
            "subscribers_hidden": False,
        }
    ]
    assert landed.drift == ()
    (asked,) = [call for call in platform.calls if call.path == "/token"]
    assert "grant_type=refresh_token" in asked.body
    assert "refresh_token=refresh-token-x" in asked.body
    assert platform.asked(youtube.CHANNELS) == [{"part": "statistics", "mine": "true"}]


def test_uploads_are_followed_to_the_end_and_asked_for_in_batches(
    platform: Platform, channel: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    first = {"items": [upload("v1"), upload("v2"), upload("v1")], "nextPageToken": "CAUQAA"}
    platform.says(youtube.UPLOADS, first, {"items": [upload("v3")]})
    platform.says(youtube.VIDEOS, {"items": [video("v1")]}, {"items": [video("v3")]})

    landed, rows = load(youtube.videos, pages(youtube.videos, channel), tmp_path, db)

    assert platform.asked(youtube.UPLOADS) == [
        {"part": "contentDetails", "playlistId": "UU7", "maxResults": "50"},
        {"part": "contentDetails", "playlistId": "UU7", "maxResults": "50", "pageToken": "CAUQAA"},
    ]
    assert [asked["id"] for asked in platform.asked(youtube.VIDEOS)] == ["v1,v2", "v3"]
    assert [row["video_id"] for row in rows] == ["v1", "v3"]  # v2 was deleted
    assert rows[0]["published_at"].isoformat() == "2026-02-20T10:00:00+00:00"
    assert (rows[0]["privacy"], rows[0]["broadcast"]) == ("public", "none")
    assert landed.drift == ()


NOT_FOUND = {"error": {"code": 404, "errors": [{"reason": "playlistNotFound"}]}}


@pytest.mark.parametrize("stream", [youtube.videos, youtube.video_days])
def test_a_channel_without_an_upload_has_a_playlist_that_is_not_found(
    platform: Platform, channel: Client, stream: Stream
) -> None:
    platform.says(youtube.UPLOADS, NOT_FOUND, status=404)

    assert [page.records for page in pages(stream, channel)] == []

    platform.replies[youtube.UPLOADS].clear()
    platform.says(youtube.UPLOADS, {"error": {"errors": [{"reason": "notFound"}]}}, status=404)
    with pytest.raises(FatalError, match="playlistItems answered 404"):
        pages(stream, channel)


def test_a_channel_that_does_not_name_its_uploads_is_an_error(
    platform: Platform, channel: Client
) -> None:
    platform.replies[youtube.CHANNELS].clear()
    platform.says(youtube.CHANNELS, {"items": [{**CHANNEL, "contentDetails": {}}]})

    with pytest.raises(FatalError, match="does not say which playlist its uploads are"):
        pages(youtube.videos, channel)


def test_texts_keep_links_and_no_person(
    platform: Platform, channel: Client, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    platform.says(youtube.UPLOADS, {"items": [upload("v1")]})
    text = "Thanks @AdaExample!\nhttps://a.example/x?utm_campaign=care https://youtube.com/@acme"
    shown = video("v1", title="With @bob-b", description=text, tags=["Ada Example"])
    platform.says(youtube.VIDEOS, {"items": [shown]})

    _, rows = load(youtube.videos, pages(youtube.videos, channel), tmp_path, db)

    assert rows[0]["title"] == "With @person"
    assert rows[0]["description"] == (
        "Thanks @person!\nhttps://a.example/x?utm_campaign=care https://youtube.com/@acme"
    )
    (part,) = tmp_path.glob("**/part-*.ndjson.zst")
    kept = zstandard.ZstdDecompressor().decompressobj().decompress(part.read_bytes()).decode()
    assert "Ada" not in kept


def test_days_are_read_by_the_header_and_to_the_last_full_page(
    platform: Platform,
    channel: Client,
    tmp_path: Path,
    db: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(youtube, "ROWS", 2)
    platform.says(youtube.UPLOADS, {"items": [upload("v1"), upload("v2")]})
    header = ["video", "day", "cardClicks", "views", "engagedViews", "likes", "comments", "shares"]
    platform.says(
        youtube.REPORTS,
        result(
            ["v1", "2026-02-20", 3, 412, 300, 9, 1, 0],
            ["v2", "2026-02-20", 0, 7, 7, 0, 0, 0],
            header=header,
        ),
        result(["v1", "2026-02-21", None, 388, 280, -1, 0, 0], header=header),
    )

    landed, rows = load(youtube.video_days, pages(youtube.video_days, channel), tmp_path, db)

    first, second = platform.asked(youtube.REPORTS)
    assert first == {
        "ids": "channel==MINE",
        "startDate": "2026-02-20",
        "endDate": "2026-02-26",
        "metrics": "views,engagedViews,likes,comments,shares,cardClicks",
        "dimensions": "day,video",
        "filters": "video==v1,v2",
        "sort": "day,video",
        "maxResults": "2",
        "startIndex": "1",
    }
    assert second == first | {"startIndex": "3"}
    assert [tuple(row.values()) for row in rows] == [
        ("v1", date(2026, 2, 20), 412, 300, 9, 1, 0, 3),
        ("v1", date(2026, 2, 21), 388, 280, -1, 0, 0, None),
        ("v2", date(2026, 2, 20), 7, 7, 0, 0, 0, 0),
    ]
    assert landed.drift == ()


def test_many_videos_take_several_reports(platform: Platform, channel: Client) -> None:
    ids = [f"v{number}" for number in range(450)]
    platform.says(youtube.UPLOADS, {"items": [upload(one) for one in ids]})
    platform.says(youtube.REPORTS, result())

    pages(youtube.video_days, channel)

    asked = [one["filters"].split(",") for one in platform.asked(youtube.REPORTS)]
    assert [len(one) for one in asked] == [200, 200, 50]


def test_a_report_that_repeats_and_rows_that_do_not_fit_are_errors(
    platform: Platform, channel: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(youtube, "ROWS", 1)
    platform.says(youtube.UPLOADS, {"items": [upload("v1")]})
    platform.says(youtube.REPORTS, result(["2026-02-20", "v1", 1, 1, 1, 1, 1, 1]))
    with pytest.raises(FatalError, match=r"youtube\.video_days: page 2 leads back"):
        list(islice(youtube.video_days.extract(channel, _scan()), 9))

    platform.replies[youtube.REPORTS].clear()
    platform.says(youtube.REPORTS, result(["2026-02-20", "v1", 1]))
    with pytest.raises(FatalError, match="gave rows that do not fit their columnHeaders"):
        pages(youtube.video_days, channel)


def test_a_page_token_in_a_circle_is_an_error(platform: Platform, channel: Client) -> None:
    platform.says(youtube.UPLOADS, {"items": [upload("v1")], "nextPageToken": "A"})
    platform.says(youtube.VIDEOS, {"items": []})

    with pytest.raises(FatalError, match=r"youtube\.videos: page 2 leads back"):
        list(islice(youtube.videos.extract(channel, _scan()), 9))


def test_reports_are_asked_for_at_the_other_address_and_no_third_one(
    platform: Platform, other_platform: Platform
) -> None:
    secrets = dict.fromkeys(("client_id", "client_secret", "refresh_token"), "x")
    settings = {"token_url": f"{platform.url}/token", "analytics_url": other_platform.url}
    client = youtube.connect(Account("youtube", platform.url, settings, secrets))
    platform.says("/token", TOKEN_REPLY)
    platform.says(youtube.CHANNELS, OWN)
    platform.says(youtube.UPLOADS, {"items": [upload("v1")]})
    other_platform.says(youtube.REPORTS, result())

    pages(youtube.video_days, client)

    assert [call.path for call in other_platform.calls] == [youtube.REPORTS]
    assert other_platform.calls[0].headers["authorization"].startswith("Bearer ")
    with pytest.raises(FatalError, match=r"a link leads to http://127\.0\.0\.1:1"):
        client.get("http://127.0.0.1:1/v2/reports")


def test_an_account_without_a_channel_says_what_to_do(platform: Platform) -> None:
    platform.says("/token", TOKEN_REPLY)
    platform.says(youtube.CHANNELS, {"pageInfo": {"totalResults": 0}})

    with pytest.raises(FatalError, match=r"has no channel\. Authorise again, and choose"):
        pages(youtube.channels, connect(youtube, platform.url, []))


@pytest.mark.parametrize(
    ("status", "reason", "message", "error", "text"),
    [
        (403, "quotaExceeded", "", FatalError, "quota of the day is used up (403). Run again aft"),
        (429, "x", "Quota exceeded for Queries per day", FatalError, "quota of the day is used"),
        (403, "accessNotConfigured", "", FatalError, "this API is switched off (403). Enable it"),
        (403, "userRateLimitExceeded", "", RetriableError, "too many calls after 6 attempts"),
        (429, "rateLimitExceeded", "", RetriableError, "too many calls after 6 attempts"),
        (403, "forbidden", "", FatalError, "with https://www.googleapis.com/auth/youtube.readonl"),
    ],
)
def test_a_refusal_is_told_apart_by_its_reason(
    platform: Platform, status: int, reason: str, message: str, error: type[Exception], text: str
) -> None:
    platform.says("/token", TOKEN_REPLY)
    body = {"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}
    platform.says(youtube.CHANNELS, body, status=status)

    with pytest.raises(error) as caught:
        pages(youtube.channels, connect(youtube, platform.url, []))
    assert text in str(caught.value)


def test_a_revoked_authorisation_is_named(platform: Platform) -> None:
    text = "Token has been expired or revoked."
    body = {"error": "invalid_grant", "error_description": text}
    platform.says("/token", body, status=400)

    with pytest.raises(FatalError, match=r'invalid_grant \(400\). Authorise connection "youtube"'):
        pages(youtube.channels, connect(youtube, platform.url, []))


def test_everything_that_the_sandbox_shows_arrives_and_nothing_else(
    tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    last = date(2026, 6, 30)
    out, names = tmp_path / "out", ["youtube"]
    with running(out, seed=5, days=90, scale=0.5, last_day=last, sources=names) as sandbox:
        url = f"{sandbox.url}/youtube"
        settings = {"token_url": f"{url}/token", "analytics_url": url}
        client = youtube.connect(Account("youtube", url, settings, CREDENTIALS))
        scan = Scan(Window.of(date(2026, 4, 1), last, "Europe/Berlin"), None, settings)
        landed, rows = load(youtube.videos, pages(youtube.videos, client, asked=scan), tmp_path, db)
        counted, days = load(
            youtube.video_days, pages(youtube.video_days, client, asked=scan), tmp_path, db
        )
        _, channels = load(youtube.channels, pages(youtube.channels, client), tmp_path, db)
        company = sandbox.company

    posts = Rows(company).posts(last)
    figures = {
        (post.id, day): now for post in posts for day in post.days if (now := post.shown(day, last))
    }
    assert (landed.drift, counted.drift) == ((), ())
    assert {row["video_id"] for row in rows} == {DRAFT, *(post.id for post in posts)}
    assert len(posts) > 2 * youtube.LISTED
    assert DELETED not in {row["video_id"] for row in rows}
    assert {
        (row["video_id"], row["day"]): (row["views"], row["likes"], row["card_clicks"])
        for row in days
    } == {key: (now[0], now[1], now[4]) for key, now in figures.items()}
    assert len(days) > youtube.ROWS
    assert (last - max(row["day"] for row in days)).days == LATE["youtube"] == 3
    assert followers_on(company, "youtube", last) == 1111
    assert channels[0]["subscribers"] == 1110  # three digits, for the owner too
    links = [row["description"] for row in rows if "utm_campaign=" in row["description"]]
    own = [post for post in posts if post.campaign and post.link != "external"]
    assert len(links) == len(own) > 0
    assert not [row for row in rows if "acme-fans" in row["description"]]


def _scan() -> Scan:
    return Scan(Window.of(date(2026, 2, 20), date(2026, 2, 26), "UTC"))
