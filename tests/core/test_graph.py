"""The Graph API against scripted answers: what codes, usage headers and paging links mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from extractors.core import graph
from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from extractors.core.types import Account
from tests.conftest import Platform

RIGHTS = {"posts": "pages_read_engagement"}
POSTS = "/v26.0/7/posts"


def client(platform: Platform, naps: list[float], **secrets: str) -> Client:
    account = Account("page", platform.url, {}, {"access_token": "t0", **secrets})
    own = graph.client(account, RIGHTS, "Grant {right} to the system user")
    own._sleep = naps.append
    return own


def failed(code: int, message: str = "", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, **more}}


def read(own: Client) -> list[dict[str, Any]]:
    replies = graph.pages(own, "/7/posts", {"limit": "100"}, "page.posts")
    return [dict(record) for reply in replies for record in graph.data(reply)]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "minutes", "least"), [(4, 0, [0.5, 1.0]), (80001, 3, [180.0, 180.0])]
)
def test_a_limit_is_waited_for_as_long_as_the_header_says(
    platform: Platform, status: int, code: int, minutes: int, least: list[float]
) -> None:
    limit = {"type": "pages", "call_count": 40, "estimated_time_to_regain_access": minutes}
    header = {"X-Business-Use-Case-Usage": json.dumps({"7": [limit]})}
    platform.says(POSTS, *[failed(code)] * 2, status=status, headers=header)
    platform.says(POSTS, {"data": [{"id": "1"}]})
    naps: list[float] = []

    assert read(client(platform, naps)) == [{"id": "1"}]

    longest = [wait if minutes else wait * 2 for wait in least]  # without a time: with jitter
    assert all(a <= nap <= b for a, nap, b in zip(least, naps, longest, strict=True))


def test_usage_near_its_limit_is_waited_for_before_the_next_call(platform: Platform) -> None:
    link = f"{platform.url}{POSTS}?after=a"
    usage = {"X-App-Usage": '{"call_count": 12, "total_time": 97, "total_cputime": 3}'}
    platform.says(POSTS, {"data": [{"id": "1"}], "paging": {"next": link}}, headers=usage)
    platform.says(POSTS, {"data": []}, headers={"X-App-Usage": '{"call_count": 94}'})
    naps: list[float] = []

    read(client(platform, naps))

    assert naps == [60.0]


def test_a_wait_of_more_than_a_quarter_of_an_hour_is_left_to_the_scheduler(
    platform: Platform,
) -> None:
    limit = {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 40}
    header = {"X-Business-Use-Case-Usage": json.dumps({"7": [limit]})}
    platform.says(POSTS, failed(32), status=400, headers=header)
    with pytest.raises(RetriableError, match="asks to wait 2400 s"):
        read(client(platform, []))


@pytest.mark.parametrize(
    ("subcode", "what"),
    [(463, "token refused, it has expired (401)"), (0, "token refused (401)")],
)
def test_a_token_that_ended_is_not_tried_again(platform: Platform, subcode: int, what: str) -> None:
    platform.says(POSTS, failed(190, "Error validating t0", error_subcode=subcode), status=400)
    with pytest.raises(FatalError) as caught:
        read(client(platform, []))
    assert str(caught.value) == (
        f'page.posts: {what}. Renew the key in connection "page"; nothing was loaded.'
    )
    assert len(platform.calls) == 1


@pytest.mark.parametrize("code", [10, 200, 283])
def test_a_missing_right_is_named_from_the_code(platform: Platform, code: int) -> None:
    platform.says(POSTS, failed(code), status=400)
    with pytest.raises(FatalError) as caught:
        read(client(platform, []))
    assert caught.value.do == "Grant pages_read_engagement to the system user"


def test_what_is_refused_says_its_code(platform: Platform) -> None:
    platform.says(POSTS, failed(100, "The value must be valid", error_subcode=33), status=400)
    with pytest.raises(graph.RefusedError, match="is refused \\(code 100, subcode 33\\)") as caught:
        read(client(platform, []))
    assert (caught.value.code, caught.value.subcode) == (100, 33)


def test_too_few_viewers_are_no_missing_right(platform: Platform) -> None:
    text = "(#10) Not enough viewers for the media to show insights"
    platform.says(POSTS, failed(10, text), status=400)
    with pytest.raises(graph.RefusedError) as caught:
        read(client(platform, []))
    assert caught.value.code == 10


def test_a_page_that_is_too_much_comes_in_halves(platform: Platform) -> None:
    text = "Please reduce the amount of data you're asking for, then retry your request"
    platform.says(POSTS, failed(1, text), failed(1, text), status=500)
    platform.says(POSTS, {"data": [{"id": "1"}]})

    assert read(client(platform, [])) == [{"id": "1"}]

    assert [query["limit"] for query in platform.asked(POSTS)] == ["100", "50", "25"]


def test_links_are_followed_without_the_token_they_carry(platform: Platform) -> None:
    link = f"{platform.url}{POSTS}?access_token=t0&appsecret_proof=p&limit=100&after=a"
    platform.says(POSTS, {"data": [{"id": "1"}], "paging": {"next": link}})
    platform.says(POSTS, {"data": [{"id": "2"}], "paging": {"cursors": {"after": "b"}}})

    assert read(client(platform, [], app_secret="s")) == [{"id": "1"}, {"id": "2"}]

    proof = hmac.new(b"s", b"t0", hashlib.sha256).hexdigest()
    assert platform.asked(POSTS) == [
        {"limit": "100", "appsecret_proof": proof},
        {"limit": "100", "after": "a", "appsecret_proof": proof},
    ]
    assert {call.headers["authorization"] for call in platform.calls} == {"Bearer t0"}


def test_a_link_to_another_host_is_refused(platform: Platform, other_platform: Platform) -> None:
    link = f"{other_platform.url}{POSTS}?after=a"
    platform.says(POSTS, {"data": [{"id": "1"}], "paging": {"next": link}})
    with pytest.raises(FatalError, match="a link leads to"):
        read(client(platform, []))
    assert other_platform.calls == []


def test_a_page_loop_ends(platform: Platform) -> None:
    link = f"{platform.url}{POSTS}?after=a"
    platform.says(POSTS, {"data": [{"id": "1"}], "paging": {"next": link}})
    with pytest.raises(FatalError, match="leads back"):
        read(client(platform, []))


def test_insights_without_data_are_left_out(platform: Platform) -> None:
    rows = [
        {"name": "reach", "values": [{"value": 9}]},
        {"name": "views", "total_value": {"value": 0}},
        {"name": "saved", "values": []},
    ]
    platform.says(POSTS, {"data": rows})
    reply = client(platform, []).get("/7/posts", where="page.posts")
    assert graph.figures(reply) == {"reach": 9, "views": 0, "saved": None}
