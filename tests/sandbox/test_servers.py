"""The fake business systems answer as the real ones do: paging, credentials, errors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import quote

from sandbox.company import cutoff
from sandbox.serve import Sandbox
from tests.sandbox.conftest import HUBSPOT, LAST, call, greenhouse_token, zendesk_token


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


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
        assert len(ids) == sum(a.counts(cutoff(LAST)) for a in applications)

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
        for _ in range(3):  # the cursor of an empty page goes on working
            again = call(url, headers).body
            assert again["tickets"] == []
            assert again["end_of_stream"] is True
            url = f"{path}?cursor={quote(again['after_cursor'])}&per_page=300"
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
