"""Faults: those that heal stop after two hits of the same call, the others do what they say."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from sandbox.faults import Faults
from sandbox.serve import Sandbox, running
from tests.sandbox.conftest import HUBSPOT, LINKEDIN, Answer, call, greenhouse_token, zendesk_token

POSTS = "/linkedin/rest/posts?q=author&author=urn%3Ali%3Aorganization%3A2414183&count=10"
Serve = Callable[[str], AbstractContextManager[Sandbox]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    def start(faults: str) -> AbstractContextManager[Sandbox]:
        day = date(2026, 6, 30)
        return running(tmp_path, seed=2, days=60, scale=0.5, last_day=day, faults=faults)

    return start


def persist(url: str, headers: dict[str, str]) -> tuple[int, Answer]:
    """Return how many tries failed, and the answer of the first that did not."""
    for tries in range(5):
        try:
            answer = call(url, headers)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, ValueError):
            continue
        if answer.status == 200:
            return tries, answer
    raise AssertionError("never healed")


@pytest.mark.parametrize("fault", ["429", "429_wait", "5xx", "reset", "cut_body", "encoding"])
def test_healing_faults_fire_twice_for_a_call(serve: Serve, fault: str) -> None:
    with serve(f"linkedin:{fault}:1") as sandbox:
        tries, answer = persist(sandbox.url + POSTS, LINKEDIN)
        assert tries == 2
        assert len(answer.body["elements"]) == 10
        assert sandbox.faults.counts == {fault: 2}


def test_all_healing_faults_together_fire_three_times_for_a_call(serve: Serve) -> None:
    with serve("*:429:1,*:5xx:1,*:reset:1,*:cut_body:1") as sandbox:
        tries, _ = persist(sandbox.url + POSTS, LINKEDIN)
        assert tries == 3


def test_a_record_that_changes_between_two_pages_comes_again_as_it_is_now(serve: Serve) -> None:
    url = "/greenhouse/v3/application_stages?per_page=23"
    with serve("") as sandbox:
        plain = call(sandbox.url + url, greenhouse_token(sandbox.url)).body[-1]
    with serve("greenhouse:changed") as sandbox:
        headers = greenhouse_token(sandbox.url)
        first = call(sandbox.url + url, headers)
        second = call(first.next or "", headers)
    assert plain["days_in_stage"] > 0
    assert first.body[-1] == plain | {"days_in_stage": plain["days_in_stage"] // 2}
    assert second.body[-1] == plain


def test_a_key_that_is_gone_is_back_when_the_fault_ends(serve: Serve) -> None:
    """Pipelines are the same records for every company of a process."""
    found = []
    for faults in ("", "hubspot:key_gone", ""):
        with serve(faults) as sandbox:
            answer = call(f"{sandbox.url}/hubspot/crm/v3/pipelines/deals", HUBSPOT)
            found.append([sorted(one) for one in answer.body["results"]])
    assert found[0] == found[2] != found[1]


def test_a_clock_that_is_off_and_a_body_that_drips_change_no_row(serve: Serve) -> None:
    with serve("") as sandbox:
        plain = call(sandbox.url + POSTS, LINKEDIN)
    with serve("linkedin:skew,linkedin:drip:1") as sandbox:
        begin = time.monotonic()
        answer = call(sandbox.url + POSTS, LINKEDIN)
        assert time.monotonic() - begin > 0.05
        assert [one["id"] for one in answer.body["elements"]] == [
            one["id"] for one in plain.body["elements"]
        ]
    clocks = [parsedate_to_datetime(one.headers["Date"]) for one in (plain, answer)]
    assert abs(clocks[1] - clocks[0]) == timedelta(minutes=7)


def test_a_fault_can_be_kept_to_one_path(serve: Serve) -> None:
    with serve("greenhouse:forbidden@offers") as sandbox:
        headers = greenhouse_token(sandbox.url)
        assert call(f"{sandbox.url}/greenhouse/v3/offers", headers).status == 403
        assert call(f"{sandbox.url}/greenhouse/v3/jobs", headers).status == 200


def test_rate_limits_say_so_in_each_platforms_words(serve: Serve) -> None:
    with serve("linkedin:429:1,zendesk:429:1") as sandbox:
        first = call(sandbox.url + POSTS, LINKEDIN)
        assert (first.status, first.body["serviceErrorCode"]) == (429, 101)
        assert "Retry-After" not in first.headers
        answer = call(f"{sandbox.url}/zendesk/api/v2/tags.json")
        assert answer.body["error"] == "APIRateLimitExceeded"
        assert answer.headers["Retry-After"] in ("0", "1")


def test_a_cut_body_has_status_200_and_is_no_json(serve: Serve) -> None:
    with serve("linkedin:cut_body:1") as sandbox, pytest.raises(json.JSONDecodeError):
        call(sandbox.url + POSTS, LINKEDIN)


def test_repeated_and_reordered_pages_hold_the_same_rows(serve: Serve) -> None:
    with serve("") as sandbox:
        plain = _all_posts(sandbox)
    with serve("linkedin:repeat,linkedin:reorder") as sandbox:
        found = _all_posts(sandbox)
    assert len(found) > len(plain)
    assert set(found) == set(plain)
    assert found[: len(plain)] != plain


def _all_posts(sandbox: Sandbox) -> list[str]:
    ids, href = [], POSTS
    while href:
        body = call(sandbox.url + href, LINKEDIN).body
        ids += [post["id"] for post in body["elements"]]
        href = next((link["href"] for link in body["paging"]["links"]), "")
    return ids


def test_keys_appear_vanish_and_change(serve: Serve) -> None:
    with serve("linkedin:unknown_key") as sandbox:
        elements = call(sandbox.url + POSTS, LINKEDIN).body["elements"]
        assert all("sandboxNews" in element for element in elements)
    with serve("linkedin:missing_key") as sandbox:
        elements = call(sandbox.url + POSTS, LINKEDIN).body["elements"]
        assert "author" not in elements[0]
        assert "author" in elements[1]
        assert all("id" in element for element in elements)
    with serve("linkedin:type") as sandbox:
        elements = call(sandbox.url + POSTS, LINKEDIN).body["elements"]
        assert elements[0]["id"] == {"changed": True}


def test_a_loop_and_a_link_to_another_host(serve: Serve) -> None:
    with serve("greenhouse:loop") as sandbox:
        headers = greenhouse_token(sandbox.url)
        url = f"{sandbox.url}/greenhouse/v3/applications?per_page=5"
        first = call(url, headers)
        assert first.next == url
    with serve("greenhouse:other_host") as sandbox:
        headers = greenhouse_token(sandbox.url)
        answer = call(f"{sandbox.url}/greenhouse/v3/applications?per_page=5", headers)
        assert (answer.next or "").startswith("http://other.example/greenhouse/v3/")
    with serve("zendesk:loop") as sandbox:
        headers = zendesk_token(sandbox.url)
        path = f"{sandbox.url}/zendesk/api/v2/incremental/tickets/cursor.json"
        cursor = call(f"{path}?start_time=1&per_page=5", headers).body["after_cursor"]
        again = call(f"{path}?cursor={cursor}&per_page=5", headers).body["after_cursor"]
        assert again == cursor


def test_tokens_die_once_in_the_middle(serve: Serve) -> None:
    with serve("greenhouse:expired") as sandbox:
        headers = greenhouse_token(sandbox.url)
        url = f"{sandbox.url}/greenhouse/v3/jobs"
        assert [call(url, headers).status for _ in range(3)] == [200, 401, 401]
        fresh = greenhouse_token(sandbox.url)
        assert [call(url, fresh).status for _ in range(6)] == [200] * 6


def test_a_missing_permission_stays_missing(serve: Serve) -> None:
    with serve("linkedin:forbidden") as sandbox:
        assert [call(sandbox.url + POSTS, LINKEDIN).status for _ in range(3)] == [403] * 3
        headers = greenhouse_token(sandbox.url)
        assert call(f"{sandbox.url}/greenhouse/v3/jobs", headers).status == 200


@pytest.mark.parametrize("spec", ["linkedin:boom", "myspace:429", "linkedin"])
def test_a_wrong_specification_names_what_is_known(spec: str) -> None:
    with pytest.raises(ValueError, match="known:"):
        Faults.parse(spec, seed=1, platforms=["linkedin"])
