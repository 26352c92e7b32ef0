from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from extractors.core import http
from extractors.core.auth import Bearer
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.http import Client, RateSignal, Reply, Seen, once
from tests.conftest import Answer, Call, Platform

PATH = "/v1/posts"


def follow(client: Client, where: str = "social.posts") -> Iterator[Any]:
    """Read all pages of PATH, each named by the one before."""
    seen, link = Seen(where), PATH
    while link:
        reply = client.get(seen.check(link))
        yield reply.body
        link = reply.next_link() or ""


def test_pages_are_followed_to_the_end(platform: Platform, client: Client) -> None:
    def page(call: Call) -> Answer:
        number = int(call.query.get("page", "1"))
        link = f'<{platform.url}{PATH}?page={number + 1}>; rel="next"' if number < 3 else ""
        return Answer([number], headers={"Link": link})

    platform.does(PATH, page)
    assert list(follow(client)) == [[1], [2], [3]]
    assert platform.asked(PATH) == [{}, {"page": "2"}, {"page": "3"}]


def test_empty_answers(platform: Platform, client: Client) -> None:
    platform.says(PATH, [], b"")
    assert client.get(PATH).body == []
    assert client.get(PATH).body == {}


def test_parameters_are_encoded_and_a_text_is_left_as_it_is(
    platform: Platform, client: Client
) -> None:
    platform.says(PATH, {})
    client.get(PATH, {"since": "2026-03-01T00:00:00+00:00"})
    client.get(PATH, "ids=List(urn%3Ali%3A1,urn%3Ali%3A2)")
    assert platform.asked(PATH) == [
        {"since": "2026-03-01T00:00:00+00:00"},
        {"ids": "List(urn:li:1,urn:li:2)"},
    ]


def test_the_time_of_a_reply_is_the_platforms(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, headers={"Date": "Sun, 01 Mar 2026 23:59:59 GMT"})
    assert client.get(PATH).fetched_at.isoformat() == "2026-03-01T23:59:59+00:00"


def test_a_search_by_post_is_retried_like_a_get(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    platform.says(PATH, {}, status=502)
    platform.says(PATH, {"results": []})
    assert client.post(PATH, json={"limit": 1}).body == {"results": []}
    assert [call.body for call in platform.calls] == ['{"limit": 1}'] * 2
    assert len(naps) == 1


def test_overload_is_retried_with_growing_waits(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    platform.says(PATH, {}, status=429)
    platform.says(PATH, {}, status=503)
    platform.says(PATH, {"ok": 1})
    assert client.get(PATH).body == {"ok": 1}
    assert len(platform.calls) == 3
    assert 0.5 <= naps[0] <= 1.0 <= naps[1] <= 2.0


def test_endless_overload_may_be_tried_later(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, status=503)
    with pytest.raises(RetriableError) as caught:
        client.get(PATH)
    expected = "social.posts: GET /v1/posts answered 503 after 3 attempts. Run again later."
    assert str(caught.value) == expected
    assert len(platform.calls) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("Mon, 02 Mar 2026 12:00:30 GMT", 31.0), ("-3", 0.0)],
)
def test_retry_after_is_honoured(
    platform: Platform, client: Client, naps: list[float], value: str, seconds: float
) -> None:
    platform.says(PATH, {}, status=429, headers={"Retry-After": value})
    platform.says(PATH, {})
    client.get(PATH)
    assert naps == [seconds]


def test_a_wait_of_hours_is_left_to_the_scheduler(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, status=429, headers={"Retry-After": "7200"})
    with pytest.raises(RetriableError, match=r"127\.0\.0\.1 asks to wait 7200 s"):
        client.get(PATH)
    assert len(platform.calls) == 1


@pytest.mark.parametrize(
    ("signal", "headers", "seconds"),
    [
        (RateSignal(), {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"}, 20.0),
        (RateSignal(), {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772452810"}, 11.0),
        (RateSignal(), {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772452810000"}, 11.0),
        (
            RateSignal("ratelimit-remaining", "ratelimit-reset"),
            {"RateLimit-Remaining": "0", "RateLimit-Reset": "2026-03-02T12:00:05.000Z"},
            6.0,
        ),
        (
            RateSignal("X-Left", "X-Interval-Milliseconds", milliseconds=True, floor=5),
            {"X-Left": "5", "X-Interval-Milliseconds": "10000"},
            10.0,
        ),
    ],
)
def test_used_up_quota_waits_before_the_next_request(
    platform: Platform,
    naps: list[float],
    signal: RateSignal,
    headers: dict[str, str],
    seconds: float,
) -> None:
    client = Client(platform.url, where="social.posts", rate=signal, sleep=naps.append)
    platform.says(PATH, {}, headers=headers)
    platform.says(PATH, {})
    client.get(PATH)
    assert naps == []
    client.get(PATH)
    client.get(PATH)
    assert naps == [seconds]


def test_quota_that_is_left_costs_no_wait(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    platform.says(PATH, {}, headers={"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "20"})
    client.get(PATH)
    client.get(PATH)
    assert naps == []


def test_too_many_requests_with_a_reset_waits_once(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"}
    platform.says(PATH, {}, status=429, headers=spent)
    platform.says(PATH, {})
    client.get(PATH)
    assert naps == [20.0]


@pytest.mark.parametrize("cut", [True, False])
def test_a_body_cut_off_with_status_200_is_retried(
    platform: Platform, client: Client, naps: list[float], cut: bool
) -> None:
    platform.says(PATH, b'{"data": [1, 2', cut=cut)
    platform.says(PATH, {"data": [1, 2]})
    assert client.get(PATH).body == {"data": [1, 2]}
    assert len(naps) == 1


def test_a_page_that_is_no_json_is_named(platform: Platform, client: Client) -> None:
    platform.says(PATH, b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(RetriableError) as caught:
        client.get(PATH)
    assert str(caught.value) == (
        "social.posts: GET /v1/posts gave 6 bytes that are no whole JSON (text/html)"
        " after 3 attempts. Check base_url, then run again."
    )


def test_text_is_asked_for_again_until_it_is_whole(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    platform.says(PATH, b"id\n1\n2")
    platform.says(PATH, b"\xef\xbb\xbfid\n1\n2\n", headers={"X-Rows": "2"})

    reply = client.text(
        PATH, {"rows": "9"}, accept="text/csv", whole=lambda text, _: text.endswith("\n")
    )

    assert (reply.body, reply.headers["X-Rows"]) == ("id\n1\n2\n", "2")
    assert len(naps) == 1
    assert platform.asked(PATH) == [{"rows": "9"}] * 2
    assert platform.calls[0].headers["accept"] == "text/csv"


def test_an_error_is_json_where_text_was_asked_for(platform: Platform, naps: list[float]) -> None:
    def explain(reply: Reply) -> ExtractError | None:
        return FatalError(reply.where, f"code {reply.body['code']}", "Read the manual")

    client = Client(platform.url, where="social.posts", sleep=naps.append, explain=explain)
    platform.says(PATH, {"code": 7}, status=400)
    with pytest.raises(FatalError, match="code 7"):
        client.text(PATH, accept="text/csv", whole=lambda _text, _headers: True)
    assert naps == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            401,
            "social.posts: token refused (401)."
            ' Renew the key in connection "social"; nothing was loaded.',
        ),
        (
            403,
            "social.posts: GET /v1/posts is not permitted (403)."
            ' Give connection "social" the right to read this; nothing was loaded.',
        ),
        (
            404,
            "social.posts: GET /v1/posts answered 404. Compare base_url, the settings of this"
            " source and the platform's API version.",
        ),
    ],
)
def test_a_fatal_status_says_what_to_do(
    platform: Platform, client: Client, naps: list[float], status: int, message: str
) -> None:
    platform.says(PATH, b"<html>", status=status)
    with pytest.raises(FatalError) as caught:
        client.get(PATH)
    assert str(caught.value) == message
    assert (len(platform.calls), naps) == (1, [])


def test_a_source_explains_error_codes_inside_a_good_status(
    platform: Platform, naps: list[float]
) -> None:
    def explain(reply: Reply) -> ExtractError | None:
        if reply.body["code"] == 40100:
            return RetriableError(reply.where, "too frequent (40100)", "Run again later")
        if reply.body["code"]:
            return FatalError(reply.where, f"code {reply.body['code']}", "Read the manual")
        return None

    client = Client(platform.url, where="social.posts", sleep=naps.append, explain=explain)
    platform.says(PATH, {"code": 40100}, {"code": 0}, {"code": 40001})
    assert client.get(PATH, where="social.ads").body == {"code": 0}
    assert len(naps) == 1
    with pytest.raises(FatalError, match=r"social\.ads: code 40001\. Read the manual\."):
        client.get(PATH, where="social.ads")


def test_a_lost_connection_may_be_tried_later(naps: list[float]) -> None:
    nobody = Client("http://127.0.0.1:9", where="social.posts", attempts=2, sleep=naps.append)
    with pytest.raises(RetriableError, match=r"no whole reply from 127\.0\.0\.1"):
        nobody.get(PATH)
    assert len(naps) == 1


@pytest.mark.parametrize("spelling", ["{url}/v1/posts", "//{bare}/v1/posts", "{other}@{bare}/v1"])
def test_a_link_to_another_host_is_refused(
    platform: Platform, other_platform: Platform, client: Client, spelling: str
) -> None:
    foreign = other_platform.url
    link = spelling.format(url=foreign, bare=foreign.removeprefix("http://"), other=platform.url)
    with pytest.raises(FatalError, match=r"not to the configured 127\.0\.0\.1"):
        client.get(link)
    assert other_platform.calls == []


@pytest.mark.parametrize("base", ["127.0.0.1:8000", "ftp://example.com", "https://x.org/?a=1", ""])
def test_a_base_address_must_be_one(base: str) -> None:
    with pytest.raises(FatalError, match="is no plain http"):
        Client(base, where="social")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_refused(
    platform: Platform, other_platform: Platform, client: Client, status: int
) -> None:
    target = {"Location": f"{other_platform.url}/v1/posts"}
    platform.says(PATH, {}, status=status, headers=target)
    with pytest.raises(FatalError, match=r"a link leads to http://127\.0\.0\.1:"):
        client.get(PATH)
    assert other_platform.calls == []


def test_a_redirect_on_the_same_host_is_followed(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, status=302, headers={"Location": "/v2/posts?page=1"})
    platform.says("/v2/posts", {"moved": True})
    assert client.get(PATH, {"since": "x"}).body == {"moved": True}
    assert platform.asked("/v2/posts") == [{"page": "1"}]


def test_redirects_that_lead_nowhere_end(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, status=302, headers={"Location": PATH})
    with pytest.raises(FatalError, match="redirected five times in a row"):
        client.get(PATH)
    assert len(platform.calls) == 5


def test_a_packed_reply_that_never_ends_is_refused(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST_BODY", 2**20)
    packed = gzip.compress(b" " * 2**23)
    assert len(packed) < 10_000
    platform.says(PATH, packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FatalError, match="GET /v1/posts gave more than 1 MB"):
        client.get(PATH)
    assert len(platform.calls) == 1
    platform.says("/v1/small", gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"})
    assert client.get("/v1/small").body == [1]


def test_a_redirect_may_have_no_endless_body_either(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST_BODY", 2**20)
    packed = gzip.compress(b" " * 2**23)
    headers = {"Content-Encoding": "gzip", "Location": "/v2/posts"}
    platform.says(PATH, packed, status=302, headers=headers)
    with pytest.raises(FatalError, match="GET /v1/posts gave more than 1 MB"):
        client.get(PATH)
    assert platform.asked("/v2/posts") == []


def test_an_address_that_nobody_can_read_is_refused(platform: Platform, client: Client) -> None:
    platform.says(PATH, {}, status=302, headers={"Location": "http://["})
    with pytest.raises(FatalError, match=r"a link leads to \?://an unreadable address"):
        client.get(PATH)
    with pytest.raises(FatalError, match=r"a link leads to \?://an unreadable address"):
        client.get("http://[/v1/posts")


@pytest.mark.parametrize("text", ["nan", "inf", "1e999"])
def test_a_wait_that_no_clock_knows_is_none(
    platform: Platform, client: Client, naps: list[float], text: str
) -> None:
    platform.says(PATH, {}, status=429, headers={"Retry-After": text})
    quota = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": text}
    platform.says(PATH, [1], headers=quota)
    assert client.get(PATH).body == [1]
    client.get(PATH)
    assert [nap < 2 for nap in naps] == [True]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "Fri, 31 Dec 9999 23:59:59 -1400"])
def test_a_time_outside_the_calendar_is_none(platform: Platform, client: Client, text: str) -> None:
    platform.says(PATH, [1], headers={"Date": text})
    assert abs(client.get(PATH).fetched_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_json_of_a_hundred_thousand_levels_is_no_reply(
    platform: Platform, client: Client, naps: list[float]
) -> None:
    platform.says(PATH, b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(RetriableError, match="gave 200000 bytes that are no whole JSON"):
        client.get(PATH)


def test_a_page_loop_ends(platform: Platform, client: Client) -> None:
    platform.says(PATH, [], headers={"Link": f'<{PATH}?page=1>; rel="next"'})
    with pytest.raises(FatalError, match="page 3 leads back to a page that was read already"):
        list(islice(follow(client), 9))
    assert len(platform.calls) == 2


def test_cursors_are_taken_once() -> None:
    tokens = once(iter(["a", "b", "a"]), "social.posts")
    assert list(islice(tokens, 2)) == ["a", "b"]
    with pytest.raises(FatalError, match="leads back"):
        next(tokens)


def test_nothing_secret_is_logged_or_raised(
    platform: Platform, naps: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    client = Client(
        platform.url,
        where="social.posts",
        auth=Bearer("s3cr3t-token"),
        headers={"X-Api-Key": "s3cr3t-key"},
        attempts=2,
        sleep=naps.append,
    )
    platform.says(PATH, b"half", cut=True)
    platform.says(PATH, {})
    client.get(PATH, {"access_token": "s3cr3t-query"})
    platform.says("/gone", {}, status=404)
    with pytest.raises(FatalError) as fatal:
        client.get("/gone", "access_token=s3cr3t-query")
    nobody = Client("http://127.0.0.1:9", where="social.posts", attempts=1)
    with pytest.raises(RetriableError) as lost:
        nobody.get(PATH, {"access_token": "s3cr3t-query"})

    assert platform.calls[0].headers["authorization"] == "Bearer s3cr3t-token"
    assert "GET /v1/posts: 200" in caplog.text
    told = caplog.text + str(fatal.value) + str(lost.value) + repr(client)
    assert "s3cr3t" not in told
    assert lost.value.__cause__ is None
    assert lost.value.__suppress_context__
