"""The fake platforms answer as the real ones do: paging, credentials, errors, what a day shows."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.company import cutoff
from sandbox.serve import Sandbox
from tests.sandbox.conftest import HUBSPOT, LAST, LINKEDIN, call, greenhouse_token, zendesk_token

REPOSITORY = Path(__file__).parents[2]
URN = quote("urn:li:organization:2414183", safe="")
STATISTICS = "/linkedin/rest/organizationalEntityShareStatistics?q=organizationalEntity"
OF_PAGE = f"{STATISTICS}&organizationalEntity={URN}"


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _interval(first: date, end: date) -> str:
    return f"&timeIntervals=(timeRange:(start:{_ms(first)},end:{_ms(end)}),timeGranularityType:DAY)"


def _posts(url: str) -> list[dict]:
    found, href = [], f"/linkedin/rest/posts?q=author&author={URN}&count=20&start=0"
    while href:
        body = call(url + href, LINKEDIN).body
        found += body["elements"]
        links = [link["href"] for link in body["paging"]["links"] if link["rel"] == "next"]
        href = links[0] if links else ""
    return found


class TestLinkedIn:
    def test_posts_page_to_the_end_newest_first(self, served: Sandbox) -> None:
        posts = _posts(served.url)
        own = [p for p in served.company.social.posts if p.platform == "linkedin"]

        assert len({p["id"] for p in posts}) == len(posts) == len(own)
        times = [p["publishedAt"] for p in posts]
        assert times == sorted(times, reverse=True)
        assert (
            call(f"{served.url}/linkedin/rest/posts?q=author&author={URN}", LINKEDIN).body[
                "paging"
            ]["count"]
            == 10
        )

    def test_date_header_is_three_in_the_morning_after(self, served: Sandbox) -> None:
        answer = call(f"{served.url}{OF_PAGE}", LINKEDIN)
        assert answer.headers["Date"] == "Wed, 01 Jul 2026 01:00:00 GMT"

    @pytest.mark.parametrize(
        ("change", "status", "sign"),
        [
            ({"Authorization": ""}, 401, "Empty oauth2_access_token"),
            ({"Authorization": "Bearer nonsense"}, 401, "Invalid access token"),
            ({"LinkedIn-Version": ""}, 400, "VERSION_MISSING"),
            ({"LinkedIn-Version": "202301"}, 426, "NONEXISTENT_VERSION"),
        ],
    )
    def test_bad_headers(self, served: Sandbox, change: dict, status: int, sign: str) -> None:
        answer = call(f"{served.url}{OF_PAGE}", LINKEDIN | change)
        assert answer.status == status == answer.body["status"]
        assert sign in str(answer.body)

    def test_lifetime_is_the_sum_of_days_and_silent_posts_are_left_out(
        self, served: Sandbox
    ) -> None:
        posts = [p["id"] for p in _posts(served.url)]
        shares = ",".join(quote(p, safe="") for p in posts if ":share:" in p)
        others = ",".join(quote(p, safe="") for p in posts if ":ugcPost:" in p)
        asked = f"{OF_PAGE}&shares=List({shares})&ugcPosts=List({others})"
        lifetime = call(served.url + asked, LINKEDIN).body["elements"]
        span = _interval(LAST - timedelta(days=199), LAST + timedelta(days=1))
        daily = call(served.url + asked + span, LINKEDIN).body["elements"]

        likes: dict[str, int] = {}
        for element in daily:
            name = element.get("share") or element["ugcPost"]
            count = element["totalShareStatistics"]["likeCount"]
            likes[name] = likes.get(name, 0) + count
        totals = {
            e.get("share") or e["ugcPost"]: e["totalShareStatistics"]["likeCount"] for e in lifetime
        }
        assert totals == likes
        assert 0 < len(totals) < len(posts)
        assert "commentMentionsCount" in lifetime[0]["totalShareStatistics"]
        assert "commentMentionsCount" not in daily[0]["totalShareStatistics"]

    def test_page_totals_are_dense_and_posts_are_not(self, served: Sandbox) -> None:
        span = _interval(LAST - timedelta(days=9), LAST + timedelta(days=1))
        elements = call(f"{served.url}{OF_PAGE}{span}", LINKEDIN).body["elements"]
        assert [e["timeRange"]["start"] for e in elements] == [
            _ms(LAST - timedelta(days=n)) for n in range(9, -1, -1)
        ]

    def test_both_dialects_give_the_same(self, served: Sandbox) -> None:
        one = LINKEDIN | {"X-Restli-Protocol-Version": "1.0.0"}
        first, end = LAST - timedelta(days=3), LAST
        dotted = (
            f"&timeIntervals.timeGranularityType=DAY&timeIntervals.timeRange.start={_ms(first)}"
            f"&timeIntervals.timeRange.end={_ms(end)}"
        )
        old = call(f"{served.url}{OF_PAGE}{dotted}", one).body["elements"]
        new = call(f"{served.url}{OF_PAGE}{_interval(first, end)}", LINKEDIN).body["elements"]
        assert old == new
        assert len(new) == 3
        share = next(p["id"] for p in _posts(served.url) if ":share:" in p["id"])
        indexed = call(f"{served.url}{OF_PAGE}&shares[0]={share}", one).body["elements"]
        listed = call(f"{served.url}{OF_PAGE}&shares=List({quote(share, safe='')})", LINKEDIN).body[
            "elements"
        ]
        assert indexed == listed

    @pytest.mark.parametrize(
        "query",
        [
            "&timeIntervals=%28timeRange%3A%28start%3A1%2Cend%3A2%29%29",
            "&timeIntervals=(timeRange:(start:1,end:2),timeGranularityType:DAY)",
            "&shares=List(urn:li:share:1)",
            f"&shares=List({quote('urn:li:ugcPost:1', safe='')})",
        ],
    )
    def test_wrong_encoding_or_urn_is_400(self, served: Sandbox, query: str) -> None:
        assert call(f"{served.url}{OF_PAGE}{query}", LINKEDIN).status == 400

    def test_a_long_query_may_come_as_a_post(self, served: Sandbox) -> None:
        path, _, query = OF_PAGE.partition("?")
        tunnel = LINKEDIN | {
            "X-HTTP-Method-Override": "GET",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        posted = call(served.url + path, tunnel, query).body
        assert posted == call(f"{served.url}{OF_PAGE}", LINKEDIN).body

    def test_followers_come_two_days_late(self, served: Sandbox) -> None:
        path = OF_PAGE.replace("ShareStatistics", "FollowerStatistics")
        late = _interval(LAST - timedelta(days=5), LAST)
        assert call(served.url + path + late, LINKEDIN).status == 400
        good = _interval(LAST - timedelta(days=5), LAST - timedelta(days=1))
        gains = call(served.url + path + good, LINKEDIN).body["elements"]
        assert len(gains) == 4
        assert "organicFollowerGain" in gains[0]["followerGains"]
        size = f"/linkedin/rest/networkSizes/{URN}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        assert call(served.url + size, LINKEDIN).body["firstDegreeSize"] > 4200


class TestGreenhouse:
    def test_pages_by_link_to_the_end_in_descending_ids(self, served: Sandbox) -> None:
        headers = greenhouse_token(served.url)
        answer = call(f"{served.url}/greenhouse/v3/applications?per_page=100", headers)
        ids = [row["id"] for row in answer.body]
        while answer.next:
            assert answer.next.startswith(f"{served.url}/greenhouse/v3/applications?cursor=")
            answer = call(answer.next, headers)
            ids += [row["id"] for row in answer.body]
        assert ids == sorted(ids, reverse=True)
        assert len(set(ids)) == len(ids)
        applications = served.company.recruiting.applications
        assert len(ids) == sum(a.applied_at < cutoff(LAST) for a in applications)

    def test_window_filter_is_kept_by_the_cursor(self, served: Sandbox) -> None:
        headers = greenhouse_token(served.url)
        window = "updated_at=gte|2026-05-01T00:00:00.000Z|lte|2026-05-31T00:00:00.000Z"
        answer = call(f"{served.url}/greenhouse/v3/applications?per_page=10&{window}", headers)
        rows = answer.body
        while answer.next:
            answer = call(answer.next, headers)
            rows = rows + answer.body
        times = [row["updated_at"] for row in rows]
        assert len(times) > 10
        assert all("2026-05-01" <= text <= "2026-05-31" for text in times)

    def test_refusals(self, served: Sandbox) -> None:
        url, headers = f"{served.url}/greenhouse", greenhouse_token(served.url)
        cursor = call(f"{url}/v3/applications?per_page=1", headers).next or ""

        assert call(f"{url}/v3/applications").status == 401
        assert call(f"{url}/token", data="grant_type=client_credentials").body == {
            "error": "invalid_client"
        }
        mixed = call(f"{cursor}&per_page=5", headers)
        assert mixed.status == 422
        assert mixed.body["errors"] == ["When passing a cursor, do not include other query params."]
        assert call(f"{url}/v3/applications?per_page=501", headers).status == 422
        assert call(f"{url}/v3/applications?updated_at=2026-01-01", headers).status == 422
        assert call(f"{url}/v3/nothing", headers).status == 404

    def test_fields_leave_persons_out(self, served: Sandbox) -> None:
        headers = greenhouse_token(served.url)
        url = f"{served.url}/greenhouse/v3/candidates?fields=id,email_addresses"
        assert set(call(url, headers).body[0]) == {"id", "email_addresses"}
        assert "X-RateLimit-Remaining" in call(url, headers).headers

    def test_newest_offer_replaces_the_one_before(self, served: Sandbox) -> None:
        headers = greenhouse_token(served.url)
        offers = call(f"{served.url}/greenhouse/v3/offers?per_page=500", headers).body
        current = call(
            f"{served.url}/greenhouse/v3/offers?per_page=500&current_only=true", headers
        ).body
        assert {o["status"] for o in offers} == {"Created", "Accepted", "Rejected", "Deprecated"}
        assert "Deprecated" not in {o["status"] for o in current}
        assert len({o["application_id"] for o in offers}) == len(current)


class TestHubSpot:
    def test_search_pages_by_offset_and_everything_is_text(self, served: Sandbox) -> None:
        url = f"{served.url}/hubspot/crm/v3/objects/contacts/search"
        ids, after = [], "0"
        while after:
            body = {"limit": 100, "after": after, "properties": ["createdate", "utm_campaign"]}
            answer = call(url, HUBSPOT, body).body
            ids += [row["id"] for row in answer["results"]]
            after = answer.get("paging", {}).get("next", {}).get("after")
        assert len(ids) == len(set(ids)) == answer["total"]
        values = [v for row in answer["results"] for v in row["properties"].values()]
        assert all(value is None or isinstance(value, str) for value in values)

    def test_filters_by_time_and_beyond_the_limit(self, served: Sandbox) -> None:
        url = f"{served.url}/hubspot/crm/v3/objects/deals/search"
        since = str(_ms(date(2026, 6, 1)))
        recent = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": since}
        body = {"filterGroups": [{"filters": [recent]}], "limit": 200}
        rows = call(url, HUBSPOT, body).body["results"]
        assert rows
        assert all(r["properties"]["hs_lastmodifieddate"] >= "2026-06-01" for r in rows)
        far = call(url, HUBSPOT, {"limit": 200, "after": "9900"})
        assert far.status == 400
        assert far.body["category"] == "VALIDATION_ERROR"
        unknown = {"filters": [{"propertyName": "nope", "operator": "EQ", "value": "1"}]}
        assert call(url, HUBSPOT, {"filterGroups": [unknown]}).status == 400
        assert call(url, {"Authorization": "Bearer x"}, {}).status == 401

    def test_list_embeds_contacts_and_follows_links(self, served: Sandbox) -> None:
        url = f"{served.url}/hubspot/crm/v3/objects/deals?limit=50&associations=contacts"
        seen, linked = 0, 0
        while url:
            body = call(url, HUBSPOT).body
            seen += len(body["results"])
            linked += sum("associations" in row for row in body["results"])
            url = body.get("paging", {}).get("next", {}).get("link", "")
        end = cutoff(LAST)
        living = [d for d in served.company.sales.deals if d.counts(end)]
        assert seen == len(living)
        assert linked == sum(bool(d.contacts) for d in living)

    def test_merged_contacts_vanish_and_their_deals_move(self, served: Sandbox) -> None:
        end = cutoff(LAST)
        sales = served.company.sales
        moved = next(
            d for d in sales.deals
            if d.contacts and d.contacts[0].merged_at and d.contacts[0].merged_at < end
        )  # fmt: skip
        loser, winner = moved.contacts[0], moved.lead(end)
        assert winner is not None
        batch = f"{served.url}/hubspot/crm/v4/associations/deals/contacts/batch/read"
        found = call(batch, HUBSPOT, {"inputs": [{"id": str(moved.id)}]}).body["results"][0]["to"]
        assert [to["toObjectId"] for to in found] == [winner.id]
        read = f"{served.url}/hubspot/crm/v3/objects/contacts/batch/read"
        body = {
            "inputs": [{"id": str(loser.id)}, {"id": str(winner.id)}],
            "properties": ["hs_merged_object_ids"],
        }
        answer = call(read, HUBSPOT, body)
        assert answer.status == 207
        merged = answer.body["results"][0]["properties"]["hs_merged_object_ids"]
        assert str(loser.id) in merged.split(";")

    def test_campaigns_stand_in_utm_properties_or_in_the_ads_tools_drill_downs(
        self, served: Sandbox
    ) -> None:
        url = f"{served.url}/hubspot/crm/v3/objects/contacts/search"
        names = ["utm_campaign", "hs_analytics_source", "hs_analytics_source_data_2"]
        clicks = ["hs_facebook_click_id", "hs_google_click_id"]
        rows, after = [], "0"
        while after:
            body = {"limit": 200, "after": after, "properties": [*names, *clicks]}
            answer = call(url, HUBSPOT, body).body
            rows += [row["properties"] for row in answer["results"]]
            after = answer.get("paging", {}).get("next", {}).get("after")
        paid = [r for r in rows if r["hs_analytics_source"] == "PAID_SOCIAL"]
        assert paid
        assert all(r["hs_analytics_source_data_2"] and not r["utm_campaign"] for r in paid)
        assert [r for r in rows if r["utm_campaign"]]
        assert [r for r in rows if r["hs_facebook_click_id"]]

    def test_archived_objects_are_listed_apart(self, served: Sandbox) -> None:
        url = f"{served.url}/hubspot/crm/v3/objects/contacts?limit=100&archived=true"
        rows = call(url, HUBSPOT).body["results"]
        assert rows
        assert all(row["archived"] and row["archivedAt"] for row in rows)


class TestZendesk:
    def test_export_streams_to_its_end_and_goes_on_from_the_cursor(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        path = f"{served.url}/zendesk/api/v2/incremental/tickets/cursor.json"
        url = f"{path}?start_time=1&per_page=300&include=metric_sets"
        found, body = [], {"end_of_stream": False}
        while not body["end_of_stream"]:
            body = call(url, headers).body
            found += body["tickets"]
            url = f"{path}?cursor={quote(body['after_cursor'])}&per_page=300&include=metric_sets"
        assert len(found) == len({t["id"] for t in found}) == len(served.company.support.tickets)
        stamps = [t["generated_timestamp"] for t in found]
        assert stamps == sorted(stamps)
        again = call(url, headers).body
        assert again["tickets"] == []
        assert again["end_of_stream"] is True
        assert "metric_set" in found[0]
        assert "metric_set" not in call(f"{path}?start_time=1", headers).body["tickets"][0]

    def test_deleted_tickets_are_scrubbed_and_merged_ones_tagged(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        url = f"{served.url}/zendesk/api/v2/incremental/tickets/cursor?start_time=1&per_page=1000"
        tickets = call(url, headers).body["tickets"]
        deleted = [t for t in tickets if t["status"] == "deleted"]
        assert deleted
        assert {t["subject"] for t in deleted} == {"SCRUBBED"}
        merged = [t for t in tickets if "closed_by_merge" in t["tags"]]
        assert merged
        assert {t["status"] for t in merged} <= {"closed", "deleted"}
        without = call(f"{url}&exclude_deleted=true", headers).body["tickets"]
        assert "deleted" not in {t["status"] for t in without}

    def test_reopened_tickets_keep_their_solve_time(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        url = (
            f"{served.url}/zendesk/api/v2/incremental/tickets/cursor"
            "?start_time=1&per_page=1000&include=metric_sets"
        )
        tickets = call(url, headers).body["tickets"]
        reopened = [
            t for t in tickets if t["metric_set"]["reopens"] and t["status"] in ("open", "new")
        ]
        assert reopened
        assert all(t["metric_set"]["solved_at"] for t in reopened)

    def test_refusals(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        path = f"{served.url}/zendesk/api/v2/incremental/tickets/cursor.json"
        now = int(datetime(2026, 7, 1, 1, tzinfo=UTC).timestamp())
        recent = call(f"{path}?start_time={now - 30}", headers)
        assert (recent.status, recent.body["error"]) == (422, "StartTimeTooRecent")
        assert call(f"{path}?cursor=%25%25", headers).status == 422
        assert call(path).body == {"error": "Couldn't authenticate you"}
        wrong = call(path, {"Authorization": "Bearer x"})
        assert (wrong.status, wrong.body["error"]) == (401, "invalid_token")


class TestClock:
    def test_moving_the_day_moves_every_system_and_the_files(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        url = f"{served.url}/zendesk/api/v2/incremental/tickets/cursor?start_time=1&per_page=1000"
        try:
            answer = call(f"{served.url}/_sandbox/day", data={"date": "2026-04-01"})
            assert answer.body["date"] == "2026-04-01"
            assert len(_posts(served.url)) < sum(
                p.platform == "linkedin" for p in served.company.social.posts
            )
            tickets = call(url, headers).body["tickets"]
            assert max(t["created_at"] for t in tickets) < "2026-04-01T22:00:00Z"
            orders = (served.out / "exports/orders.csv").read_text("cp1252").splitlines()
            assert not [line for line in orders[1:] if ".05.2026" in line]
            assert [line for line in orders if "01.04.2026" in line]
        finally:
            served.set_day(LAST)

    def test_a_day_outside_the_history_is_refused(self, served: Sandbox) -> None:
        answer = call(f"{served.url}/_sandbox/day", data={"date": "2031-01-01"})
        assert answer.status == 400
        assert "2026-06-30" in answer.body["error"]

    def test_files_that_do_not_change_keep_their_time(self, served: Sandbox) -> None:
        before = (served.out / "company/kpi_targets.csv").stat().st_mtime
        orders = (served.out / "exports/orders.csv").stat().st_mtime
        try:
            served.set_day(LAST - timedelta(days=2))
            assert (served.out / "company/kpi_targets.csv").stat().st_mtime == before
            moved = (served.out / "exports/orders.csv").stat().st_mtime
            assert orders - moved == 2 * 86400
        finally:
            served.set_day(LAST)

    def test_truth_is_served(self, served: Sandbox) -> None:
        rows = call(f"{served.url}/_sandbox/truth").body["rows"]
        own = served.truth()
        assert len(rows) == len(own)
        assert rows[0]["kpi"] == own[0]["kpi"] == "qualified_applications"


def test_settings_and_credentials_lie_beside_the_exports(served: Sandbox) -> None:
    settings = (served.out / "sources.yml").read_text("utf-8")
    assert f"base_url: {served.url}/hubspot" in settings
    secret = served.out / ".env"
    assert secret.stat().st_mode & 0o077 == 0
    assert re.findall("BEYOND_LIKES_ZENDESK_CLIENT_ID=.+", secret.read_text("utf-8"))
    owners = (served.out / "company/kpi_owners.csv").read_text("utf-8")
    assert "click_to_order_rate" not in owners
    assert "hires," in owners


def test_a_served_company_is_the_same_on_any_machine(served: Sandbox, tmp_path: Path) -> None:
    from sandbox.files import write_files

    write_files(served.company, tmp_path, LAST, url=served.url, truth=True)
    first = (tmp_path / "truth.json").read_bytes()
    write_files(served.company, tmp_path / "again", LAST, url=served.url, truth=True)
    assert (tmp_path / "again/truth.json").read_bytes() == first


def test_serve_writes_the_truth_and_stops_on_a_signal(tmp_path: Path) -> None:
    command = (
        "from pathlib import Path; from datetime import date; from sandbox.serve import serve;"
        f"serve(out=Path({str(tmp_path)!r}), days=50, scale=0.05, last_day=date(2026, 6, 30),"
        " on_ready=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert call(f"{url}/_sandbox/day").body["date"] == "2026-06-30"
        assert '"kpi": "hires"' in (tmp_path / "truth.json").read_text("utf-8")
        process.terminate()
        assert process.wait(timeout=10) == 0
