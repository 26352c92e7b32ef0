"""TikTok's API for Business v1.3 for ads: lists by page, the integrated report, codes in a 200.

Source: the portal's pages of API for Business, and the platform's own SDK for Python; read 2026-11.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sandbox.company.networks import ads_on
from sandbox.company.social import AdDay
from sandbox.servers.tiktok_ads_rows import (
    ADVERTISER,
    METRICS,
    ad,
    ad_group,
    advertiser,
    campaign,
    figures,
    personal,
)
from sandbox.servers.wire import Reply, Request, World

CREDENTIALS = {"access_token": "sandbox-tiktok-token"}
SETTINGS = {"advertiser": ADVERTISER}
COVERS: dict[str, list[str]] = {"ad_performance": ["tiktok"]}
APP, SECRET = "7400000000000000001", "sandbox-tiktok-secret"
API = "/open_api/v1.3"
MOST_ROWS, MOST_DAYS, USUAL = 1000, 30, 10
NO_SCHEMA, NO_RIGHT, WRONG, TOO_MANY = 40006, 40001, 40002, 40100
MISSING_TOKEN, BAD_TOKEN = 40104, 40105
LEVELS = {"AUCTION_ADVERTISER", "AUCTION_CAMPAIGN", "AUCTION_ADGROUP", "AUCTION_AD"}


class WrongError(Exception):
    """A parameter that the platform refuses with code 40002."""


class TikTokAds:
    """One advertiser with all TikTok ads of the company; the token has no end of its own."""

    def __init__(self, world: World) -> None:
        self._world, self._revoked, self._calls = world, False, 0
        self._days: list[AdDay] | None = None

    def expire(self) -> None:
        """Revoke the token."""
        self._revoked = True

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses: its code, with status 200."""
        codes = {
            401: (BAD_TOKEN, "Access token is incorrect or has been revoked."),
            403: (NO_RIGHT, "No permission to operate the advertiser."),
            429: (TOO_MANY, "Too many requests. Please try again later."),
        }
        return _said(*codes[status])

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        self._calls += 1
        try:
            reply = self._answer(request)
        except WrongError as error:
            reply = _said(WRONG, f"{error}: Invalid value.")
        reply.body["request_id"] = f"{self._world.clock.day:%Y%m%d}{self._calls:012X}"
        return reply

    def _answer(self, request: Request) -> Reply:
        path = request.path.removesuffix("/")
        if request.method == "POST" and path == f"{API}/oauth2/access_token":
            return self._exchanged(request)
        routes: dict[str, Callable[[Request], Reply]] = {
            f"{API}/oauth2/advertiser/get": self._authorised,
            f"{API}/advertiser/info": self._info,
            f"{API}/campaign/get": self._campaigns,
            f"{API}/adgroup/get": self._ad_groups,
            f"{API}/ad/get": self._ads,
            f"{API}/report/integrated/get": self._report,
        }
        if path not in routes or request.method != "GET":
            return _said(NO_SCHEMA, "no schema found")
        token = request.headers.get("access-token", "")
        if not token:
            return _said(MISSING_TOKEN, "Access token is null.")
        if self._revoked or token != self._world.secrets["BEYOND_LIKES_TIKTOK_ADS_ACCESS_TOKEN"]:
            return self.refusal(401)
        return routes[path](request)

    def _exchanged(self, request: Request) -> Reply:
        given = request.json or {}
        if (given.get("app_id"), given.get("secret")) != (APP, SECRET):
            return _said(40110, "Auth code is invalid.")
        token = self._world.secrets["BEYOND_LIKES_TIKTOK_ADS_ACCESS_TOKEN"]
        self._revoked = False
        return _good({"access_token": token, "advertiser_ids": [ADVERTISER], "scope": [4]})

    def _authorised(self, request: Request) -> Reply:
        if (request.params.get("app_id"), request.params.get("secret")) != (APP, SECRET):
            raise WrongError("secret")
        return _good({"list": [{"advertiser_id": ADVERTISER, "advertiser_name": "Acme"}]})

    def _info(self, request: Request) -> Reply:
        """Answer the advertiser with what its owner left there; `fields` leaves that out."""
        asked = _listed(request, "advertiser_ids")
        if not asked:
            raise WrongError("advertiser_ids")
        if asked != [ADVERTISER]:
            return self.refusal(403)
        row = advertiser() | personal(self._world.company.people.all[0])
        rows = [_only(row, _listed(request, "fields"))]
        return _good({"list": rows}, rows, ("advertiser_id",))

    def _campaigns(self, request: Request) -> Reply:
        today = self._world.clock.day
        rows = {row["campaign_id"]: row for row in
                (campaign(number, day, today) for number, day in self._known())}  # fmt: skip
        return self._list(request, list(rows.values()), "CAMPAIGN", "campaign_id")

    def _ad_groups(self, request: Request) -> Reply:
        rows = [ad_group(number, day) for number, day in self._known()]
        return self._list(request, rows, "ADGROUP", "adgroup_id")

    def _ads(self, request: Request) -> Reply:
        rows = [ad(number, day) for number, day in self._known()]
        return self._list(request, rows, "AD", "ad_id")

    def _known(self) -> list[tuple[int, AdDay]]:
        """Return the first day of every ad that has run, with a number that never changes."""
        found: dict[str, tuple[int, AdDay]] = {}
        for day in self._all():
            found.setdefault(day.ad_id, (len(found) + 1, day))
        return [known for known in found.values() if known[1].day <= self._world.clock.day]

    def _all(self) -> list[AdDay]:
        if self._days is None:
            self._days = ads_on(self._world.company, "tiktok")
        return self._days

    def _list(self, request: Request, rows: list[dict[str, Any]], kind: str, key: str) -> Reply:
        """Answer one page of a list; without a status, what was deleted is left out."""
        if request.params.get("advertiser_id") != ADVERTISER:
            return self._foreign(request)
        filtering = _parsed(request, "filtering") or {}
        if not isinstance(filtering, dict):
            raise WrongError("filtering")
        status = filtering.get("secondary_status", f"{kind}_STATUS_NOT_DELETE")
        if status not in (f"{kind}_STATUS_ALL", f"{kind}_STATUS_NOT_DELETE"):
            raise WrongError("filtering.secondary_status")
        if status == f"{kind}_STATUS_NOT_DELETE":
            rows = [row for row in rows if row["secondary_status"] != f"{kind}_STATUS_DELETE"]
        fields = _listed(request, "fields")
        return _paged(request, [_only(row, fields) for row in rows], (key,))

    def _report(self, request: Request) -> Reply:
        """Answer the days of ads; days without delivery have no row."""
        asked = request.params
        if asked.get("advertiser_id") != ADVERTISER:
            return self._foreign(request)
        if asked.get("service_type", "AUCTION") != "AUCTION" or asked.get("report_type") != "BASIC":
            raise WrongError("report_type")
        if asked.get("data_level") not in LEVELS:
            raise WrongError("data_level")
        if asked["data_level"] != "AUCTION_AD":
            raise WrongError("data_level (this sandbox has ads alone)")
        if sorted(_listed(request, "dimensions") or []) != ["ad_id", "stat_time_day"]:
            raise WrongError("dimensions")
        metrics = _listed(request, "metrics") or ["spend", "impressions"]
        if not set(metrics) <= METRICS:
            raise WrongError("metrics")
        first, last = _day(asked, "start_date"), _day(asked, "end_date")
        if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
            raise WrongError("end_date: the time span is over 30 days")
        today, numbers = self._world.clock.day, {d.ad_id: n for n, d in self._known()}
        rows = [
            figures(numbers[day.ad_id], day, today, metrics)
            for day in self._all()
            if first <= day.day <= min(last, today)
        ]
        return _paged(request, rows, ("dimensions", "metrics"))

    def _foreign(self, request: Request) -> Reply:
        if not request.params.get("advertiser_id"):
            raise WrongError("advertiser_id")
        return self.refusal(403)


def _said(code: int, message: str) -> Reply:
    return Reply({"code": code, "message": message, "data": {}})


def _good(
    data: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
    keys: tuple[str, ...] = ("id",),
) -> Reply:
    return Reply({"code": 0, "message": "OK", "data": data}, records=rows, key_fields=keys)


def _paged(request: Request, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> Reply:
    """Answer one page by number with the counts of all."""
    try:
        page = int(request.params.get("page", 1))
        size = int(request.params.get("page_size", USUAL))
    except ValueError:
        raise WrongError("page") from None
    if page < 1 or not 1 <= size <= MOST_ROWS:
        raise WrongError("page_size")
    shown = rows[(page - 1) * size : page * size]
    pages = -(-len(rows) // size)
    info = {"page": page, "page_size": size, "total_number": len(rows), "total_page": pages}
    return _good({"list": shown, "page_info": info}, shown, keys)


def _only(row: dict[str, Any], fields: list[Any] | None) -> dict[str, Any]:
    """Return the fields asked for; one that does not exist is refused."""
    if fields is None:
        return row
    if not set(fields) <= set(row):
        raise WrongError("fields")
    return {name: value for name, value in row.items() if name in fields}


def _listed(request: Request, name: str) -> list[Any] | None:
    found = _parsed(request, name)
    if found is not None and not isinstance(found, list):
        raise WrongError(name)
    return found


def _parsed(request: Request, name: str) -> Any:
    """Return a parameter that holds JSON; lists in single quotes are taken, too."""
    text = request.params.get(name)
    if text is None:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            continue
    raise WrongError(name)


def _day(asked: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(asked.get(name, ""))
    except ValueError:
        raise WrongError(name) from None


PLATFORM = TikTokAds
