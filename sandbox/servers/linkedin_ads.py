"""LinkedIn's Marketing API for ads: the structure by page token, adAnalytics, form responses.

Source: the Marketing API pages of 2025-11 to 2026-09; the app and its token are those of the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.company.social import AdDay
from sandbox.servers.linkedin import CREDENTIALS as CREDENTIALS
from sandbox.servers.linkedin import LinkedIn
from sandbox.servers.restli import BadParameterError, Restli, millis
from sandbox.servers.wire import Reply, Request, World

ACCOUNT = 512345678
URN = f"urn:li:sponsoredAccount:{ACCOUNT}"
SETTINGS = {"token_url": "{url}/oauth/v2/accessToken"}
COVERS = {"ad_performance": ["linkedin"]}
DEFAULT_GROUP = "Default Campaign Group"
MOST_FIELDS, MOST_ROWS, LEAD_DAYS = 20, 15_000, 90
CAMPAIGNS, CREATIVES = 2000, 3000  # each ad has one of both, numbered alike
PIVOTS = {
    "CREATIVE": ("urn:li:sponsoredCreative", CREATIVES),
    "CAMPAIGN": ("urn:li:sponsoredCampaign", CAMPAIGNS),
}
MONEY = "costInLocalCurrency"


class LinkedInAds(LinkedIn):
    """The fake platform under `/rest`: one account with all LinkedIn ads of the company.

    Shape: of a campaign, the first ad stands in its group under its name; the second one is a
    sponsored post in LinkedIn's default group, in a campaign that is named after its audience.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._known: list[AdDay] | None = None

    def _route(self, route: str, query: Restli, request: Request) -> Reply:
        finders = {
            "/adAccounts": ("search", self._accounts, 1000),
            f"/adAccounts/{ACCOUNT}/adCampaignGroups": ("search", self._groups, 1000),
            f"/adAccounts/{ACCOUNT}/adCampaigns": ("search", self._campaigns, 1000),
            f"/adAccounts/{ACCOUNT}/creatives": ("criteria", self._creatives, 100),
        }
        if route in finders:
            name, rows, most = finders[route]
            if query.get("q") != name:
                raise BadParameterError("q")
            finder = request.headers.get("x-restli-method", "").upper()
            if name == "criteria" and finder != "FINDER":
                return Reply({"status": 400, "message": "X-RestLi-Method: FINDER is missing"}, 400)
            found = _chosen(rows(), query)
            if query.has("campaigns"):  # a criterion of creatives
                found = [row for row in found if row["campaign"] in query.items("campaigns")]
            return _paged(found, query, request, most)
        if route == "/adAnalytics":
            return self._analytics(query)
        if route == "/leadFormResponses":
            return self._leads(query)
        return Reply({"status": 404, "message": "Not Found"}, 404)

    def _ads(self) -> dict[str, tuple[int, AdDay]]:
        """Return the first day of every ad that has run, with a number that never changes."""
        if self._known is None:
            ads = self._world.company.social.ads
            self._known = [ad for ad in ads if ad.platform == "linkedin"]
        found: dict[str, tuple[int, AdDay]] = {}
        for ad in self._known:
            if ad.ad_id not in found:
                found[ad.ad_id] = (len(found) + 1, ad)
        today = self._world.clock.day
        return {name: known for name, known in found.items() if known[1].day <= today}

    def _accounts(self) -> list[dict[str, Any]]:
        head: dict[str, Any] = {
            "id": ACCOUNT,
            "name": "Acme ads",
            "currency": "EUR",
            "status": "ACTIVE",
        }
        head |= {"type": "BUSINESS", "test": False, "servingStatuses": ["RUNNABLE"]}
        return [head | _stamps(self._world.company.first)]

    def _groups(self) -> list[dict[str, Any]]:
        """Return LinkedIn's default group and one for each campaign, the ended ones archived."""
        began = _stamps(self._world.company.first)
        groups = {1: {"name": DEFAULT_GROUP, "status": "ACTIVE", **began}}
        for number, ad in self._ads().values():
            if ad.campaign and not _is_post(ad):
                ended = ad.campaign.ends < self._world.clock.day
                status = "ARCHIVED" if ended else "ACTIVE"
                named = {"name": ad.campaign.name, "status": status}
                groups[100 + number] = {**named, **_stamps(ad.day)}
        head = {"account": URN, "backfilled": False, "test": False}
        return [{"id": number, **head, **group} for number, group in groups.items()]

    def _campaigns(self) -> list[dict[str, Any]]:
        found = []
        for number, ad in self._ads().values():
            group, name = 1, ad.audience or ad.tag or ad.ad_id
            if ad.campaign and not _is_post(ad):
                group, name = 100 + number, ad.campaign.name
            ended = bool(ad.campaign and ad.campaign.ends < self._world.clock.day)
            found.append(
                {
                    "id": CAMPAIGNS + number,
                    "account": URN,
                    "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group}",
                    "name": name,
                    "status": "COMPLETED" if ended else "ACTIVE",
                    "type": "SPONSORED_UPDATES",
                    "costType": "CPC",
                    "dailyBudget": {"amount": "50.00", "currencyCode": "EUR"},
                    "test": False,
                    **_stamps(ad.day),
                }
            )
        return found

    def _creatives(self) -> list[dict[str, Any]]:
        found = []
        for number, ad in self._ads().values():
            at = millis(ad.day)
            post = ad.ad_id if _is_post(ad) else f"urn:li:share:{number}"
            found.append(
                {
                    "id": f"urn:li:sponsoredCreative:{CREATIVES + number}",
                    "account": URN,
                    "campaign": f"urn:li:sponsoredCampaign:{CAMPAIGNS + number}",
                    "content": {"reference": post},
                    "intendedStatus": "ACTIVE",
                    "isServing": True,
                    "createdAt": at,
                    "lastModifiedAt": at,
                }
            )
        return found

    def _analytics(self, query: Restli) -> Reply:
        """Answer the days of creatives or campaigns; days without activity have no element."""
        fields = (query.get("fields") or "impressions,clicks").split(",")
        if query.get("q") != "analytics":
            raise BadParameterError("q")
        pivot, by = _named(query, "pivot"), _named(query, "timeGranularity")
        if pivot not in PIVOTS or by != "DAILY":
            raise BadParameterError("timeGranularity" if pivot in PIVOTS else "pivot")
        wanted = self._asked_for(query)
        if len([f for f in fields if f not in ("pivotValues", "dateRange")]) > MOST_FIELDS:
            raise BadParameterError("fields")
        first, last = _range(query, "dateRange", _date)
        today, ads = self._world.clock.day, self._ads()
        rows = [
            {name: value for name, value in _figures(ads[ad.ad_id][0], ad, today, pivot).items()
             if name in fields}
            for ad in self._known or []
            if first <= ad.day <= min(last, today) and ads[ad.ad_id][0] in wanted
        ][:MOST_ROWS]  # fmt: skip
        body = {"paging": {"start": 0, "count": 10, "links": []}, "elements": rows}
        return Reply(body, records=rows, key_fields=("pivotValues", "dateRange"))

    def _asked_for(self, query: Restli) -> set[int]:
        """Return the numbers of the ads that a facet names: an account, campaigns or creatives."""
        every = {number for number, _ad in self._ads().values()}
        if query.has("accounts"):
            if query.items("accounts") != [URN]:
                raise BadParameterError("accounts")
            return every
        for facet, start in (("campaigns", CAMPAIGNS), ("creatives", CREATIVES)):
            if query.has(facet):
                return every & {int(urn.rpartition(":")[2]) - start for urn in query.items(facet)}
        raise BadParameterError("accounts")

    def _leads(self, query: Restli) -> Reply:
        """Answer form responses by offset; past the end the total is 0."""
        first, end = _range(query, "submittedAtTimeRange", int)
        if query.get("q") != "owner" or query.record("owner") != {"sponsoredAccount": URN}:
            raise BadParameterError("owner")
        if query.record("leadType") != {"leadType": "SPONSORED"}:
            raise BadParameterError("leadType")
        start, count = query.number("start", 0), query.number("count", 10)
        fields = (query.get("fields") or "").split(",")
        rows = [row for row in self._responses() if first <= row["submittedAt"] < end]
        page = [{n: v for n, v in row.items() if fields == [""] or n in fields}
                for row in rows[start : start + count]]  # fmt: skip
        total = len(rows) if page else 0
        body = {
            "paging": {"start": start, "count": count, "links": [], "total": total},
            "elements": page,
        }
        return Reply(body, records=page, key_fields=("id", "submittedAt"))

    def _responses(self) -> list[dict[str, Any]]:
        """Return what was sent in by form in the last ninety days, one for each claimed lead."""
        ads, today, people = self._ads(), self._world.clock.day, self._world.company.people.all
        oldest = today - timedelta(days=LEAD_DAYS)
        found: list[dict[str, Any]] = []
        for ad in self._known or []:
            if not oldest <= ad.day <= today:
                continue
            for n in range(ad.shown(today)[3]):
                at = datetime.combine(ad.day, time(12, 0, n % 60), UTC)
                person = people[len(found) % len(people)]
                found.append(_response(ads[ad.ad_id][0], at, len(found), person.email))
        return found


def _stamps(day: date) -> dict[str, Any]:
    """Return when something was made and changed last: of ads it is the same."""
    at = {"time": millis(day), "actor": "urn:li:unknown:0"}
    return {"changeAuditStamps": {"created": at, "lastModified": at}}


def _is_post(ad: AdDay) -> bool:
    return ad.ad_id.startswith("urn:li:share:")


def _named(query: Restli, name: str) -> Any:
    """Return an enumeration's value, which may stand in a record of its own."""
    value = query.record(name)
    return value.get("value") if isinstance(value, dict) else value


def _figures(number: int, ad: AdDay, today: date, pivot: str) -> dict[str, Any]:
    impressions, clicks, spend, leads = ad.shown(today)
    day = {"year": ad.day.year, "month": ad.day.month, "day": ad.day.day}
    return {
        "pivotValues": [f"{PIVOTS[pivot][0]}:{PIVOTS[pivot][1] + number}"],
        "dateRange": {"start": day, "end": day},
        "impressions": impressions,
        "clicks": clicks,
        "landingPageClicks": clicks * 2 // 3,
        MONEY: f"{spend}000000",
        "costInUsd": f"{spend}",
        "oneClickLeads": leads,
        "externalWebsiteConversions": 0,
    }


def _response(number: int, at: datetime, count: int, email: str) -> dict[str, Any]:
    creative = f"urn:li:sponsoredCreative:{CREATIVES + number}"
    answer = {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": email}}}
    return {
        "id": f"a1b2c3d4-{number:04}-{int(at.timestamp())}-{count}",
        "owner": {"sponsoredAccount": URN},
        "leadType": "SPONSORED",
        "submittedAt": int(at.timestamp() * 1000),
        "testLead": count % 50 == 0,
        "submitter": f"urn:li:person:{count}",
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:99,1)",
        "associatedEntity": {"associatedCreative": creative},
        "leadMetadata": {
            "sponsoredLeadMetadata": {"campaign": f"urn:li:sponsoredCampaign:{CAMPAIGNS + number}"}
        },
        "formResponse": {"answers": [answer]},
    }


def _chosen(rows: list[dict[str, Any]], query: Restli) -> list[dict[str, Any]]:
    """Keep what the search asks for; without it, what is archived or removed is left out."""
    search = query.record("search")
    if search is None:
        return [row for row in rows if row.get("status") != "ARCHIVED"]
    if not isinstance(search, dict) or not set(search) <= {"id", "status", "name", "test", "type"}:
        raise BadParameterError("search")
    return [row for row in rows if all(_is_one_of(row, *pair) for pair in search.items())]


def _is_one_of(row: dict[str, Any], name: str, wanted: Any) -> bool:
    """Tell whether a field has one of the values that a search names; ids may come as URNs."""
    values = wanted.get("values", []) if isinstance(wanted, dict) else [wanted]
    own = str(row.get(name)).lower()
    return any(value.lower() == own or value.rpartition(":")[2] == own for value in values)


def _range(query: Restli, name: str, kind: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Return start and end of a range, each as `kind` reads it."""
    try:
        asked = query.record(name)
        return kind(asked["start"]), kind(asked["end"])
    except (KeyError, TypeError, ValueError):
        raise BadParameterError(name) from None


def _date(parts: dict[str, str]) -> date:
    return date(*(int(parts[name]) for name in ("year", "month", "day")))


def _paged(rows: list[dict[str, Any]], query: Restli, request: Request, most: int) -> Reply:
    """Answer one page by token; the last one has none."""
    size, token = query.number("pageSize", 100), query.get("pageToken") or "DgGer0"
    if not 1 <= size <= most or not token.startswith("DgGer"):
        raise BadParameterError("pageSize")
    start = int(token.removeprefix("DgGer"))
    page = rows[start : start + size]
    metadata: dict[str, Any] = {}
    reply = Reply({"elements": page, "metadata": metadata}, records=page,
                  key_fields=("id", "name"))  # fmt: skip
    if start + size < len(rows):
        metadata["nextPageToken"] = f"DgGer{start + size}"
        reply.next_url = f"{request.base}{request.path}?pageToken={metadata['nextPageToken']}"
        reply.set_next = lambda _url: metadata.update(nextPageToken=token)
    return reply


PLATFORM = LinkedInAds
