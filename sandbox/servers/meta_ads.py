"""Meta's Marketing API: one ad account with all ads of the company on Facebook and Instagram.

Source: developers.facebook.com, Marketing API v21.0 to v26.0, and Meta's SDK; read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.company.social import AdDay
from sandbox.servers.graph import Door, GraphError, Row, chosen, listing, refusal
from sandbox.servers.meta_ads_rows import (
    ACCOUNT,
    BREAKDOWNS,
    FIELDS,
    FIGURES,
    WINDOWS,
    account,
    ad_object,
    ad_set,
    campaign,
    figures,
    has_form,
    lead,
)
from sandbox.servers.wire import Reply, Request, World

CREDENTIALS = {"access_token": "sandbox-meta-ads-token", "app_secret": "sandbox-meta-ads-secret"}
COVERS = {"ad_performance": ["facebook", "instagram"]}
PLATFORMS = ("facebook", "instagram")
MOST_ROWS, MOST_MONTHS, LEAD_DAYS = 1000, 37, 90
EDGES = ("campaigns", "adsets", "ads")
HIDDEN = ("ARCHIVED", "DELETED")


class MetaAds:
    """The platform as a system user sees it; a report is made while it is asked about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._door = Door(
            {world.secrets["BEYOND_LIKES_META_ADS_ACCESS_TOKEN"]},
            world.secrets["BEYOND_LIKES_META_ADS_APP_SECRET"],
            "ads_insights",
            ACCOUNT,
        )
        self._days: list[AdDay] | None = None
        self._runs: dict[str, dict[str, str]] = {}
        self._polls: dict[str, int] = {}

    def expire(self) -> None:
        """Let every token expire."""
        self._door.end(set(self._door.tokens))

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        return refusal(status, 17)

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        reply = self._door.answer(request, self._route)
        usage = {"acc_id_util_pct": 9.67, "reset_time_duration": 0}
        tier = {"ads_api_access_tier": "standard_access"}
        reply.headers["X-Ad-Account-Usage"] = json.dumps(usage | tier)
        return reply

    def _route(self, parts: list[str], request: Request) -> Reply:
        if request.method == "POST" and parts == [f"act_{ACCOUNT}", "insights"]:
            return self._start(request)
        if request.method != "GET":
            raise GraphError(100, "Unsupported post request.", 33)
        if parts == ["me", "adaccounts"]:
            asked = request.params.get("fields")
            return listing(request, [account()], lambda row: _node(row, asked, "account"))
        if parts == [f"act_{ACCOUNT}"]:
            return Reply(_node(account(), request.params.get("fields"), "account"))
        if len(parts) == 2 and parts[0] == f"act_{ACCOUNT}" and parts[1] in EDGES:
            return self._edge(parts[1], request)
        if parts == [f"act_{ACCOUNT}", "insights"]:
            return self._insights(request, request.params)
        if parts and parts[0] in self._runs:
            return self._run(parts, request)
        if len(parts) == 2 and parts[1] == "leads":
            return self._leads(parts[0], request)
        raise GraphError(100, "Unsupported get request. Object does not exist", 33)

    def _known(self) -> dict[str, tuple[int, AdDay]]:
        """Return the first day of every ad that has run, with a number that never changes."""
        if self._days is None:
            ads = self._world.company.social.ads
            self._days = [ad for ad in ads if ad.platform in PLATFORMS]
        found: dict[str, tuple[int, AdDay]] = {}
        for day in self._days:
            found.setdefault(day.ad_id, (len(found) + 1, day))
        today = self._world.clock.day
        return {ad_id: known for ad_id, known in found.items() if known[1].day <= today}

    def _edge(self, edge: str, request: Request) -> Reply:
        """Answer a list; without a filter, what is archived or deleted is left out."""
        make: Callable[[int, AdDay, date], Row]
        make, kind = {
            "campaigns": (campaign, "campaign"),
            "adsets": (ad_set, "adset"),
            "ads": (ad_object, "ad"),
        }[edge]
        today = self._world.clock.day
        rows = {row["id"]: row for row in
                (make(number, day, today) for number, day in self._known().values())}  # fmt: skip
        states = _states(request.params, kind)
        shown = [row for row in rows.values() if _visible(row["effective_status"], states)]
        asked = request.params.get("fields")
        return listing(request, shown, lambda row: _node(row, asked, kind), MOST_ROWS)

    def _start(self, request: Request) -> Reply:
        """Begin a report; it is whole at the third question about it."""
        self._rows(request.form)
        run = f"60239201{len(self._runs):08}"
        self._runs[run], self._polls[run] = request.form, 0
        return Reply({"report_run_id": run})

    def _run(self, parts: list[str], request: Request) -> Reply:
        run = parts[0]
        done = self._polls[run]
        if parts[1:] == ["insights"]:
            if done < 3:
                raise GraphError(2601, "(#2601) The report is not complete yet")
            return self._insights(request, self._runs[run])
        self._polls[run] = done = done + 1
        span = json.loads(self._runs[run]["time_range"])
        state: Row = {
            "id": run,
            "account_id": ACCOUNT,
            "time_ref": int(self._world.clock.now.timestamp()),
            "async_status": "Job Running" if done < 2 else "Job Completed",
            # For a moment a report is complete and not yet whole.
            "async_percent_completion": (45, 95, 100)[min(done, 3) - 1],
            "is_running": done < 2,
            "date_start": span["since"],
            "date_stop": span["until"],
        }
        return Reply(state)

    def _insights(self, request: Request, asked: dict[str, str]) -> Reply:
        reply = listing(request, self._rows(asked), most=MOST_ROWS)
        reply.key_fields = ("ad_id", "date_start", "publisher_platform")
        return reply

    def _rows(self, asked: dict[str, str]) -> list[Row]:
        """Return the figures: by day, or of the whole span where no increment is asked for."""
        if asked.get("level") != "ad":
            raise GraphError(100, "(#100) level must be ad: this sandbox has no other")
        fields = _listed(asked, "fields") or ["impressions", "spend"]
        for name in fields:
            if name not in FIGURES:
                raise GraphError(100, f"(#100) {name} is not valid for fields param.")
        broken = _listed(asked, "breakdowns")
        windows = _listed(asked, "action_attribution_windows")
        if not set(broken) <= BREAKDOWNS or not set(windows) <= set(WINDOWS):
            raise GraphError(100, "(#100) breakdowns or action_attribution_windows is not valid")
        if not set(_listed(asked, "action_breakdowns")) <= {"action_type"}:
            raise GraphError(100, "(#100) action_breakdowns is not valid")
        first, last = self._span(asked)
        known, today = self._known(), self._world.clock.day
        states = _states(asked, "ad")
        days = [
            day
            for day in self._days or []
            if first <= day.day <= min(last, today)
            and _visible(ad_object(*known[day.ad_id], today)["effective_status"], states)
        ]
        if asked.get("time_increment") == "1":
            groups = [([day], day.day, day.day) for day in days]
        elif asked.get("time_increment", "all_days") == "all_days":
            names = dict.fromkeys(day.ad_id for day in days)
            groups = [([day for day in days if day.ad_id == name], first, last) for name in names]
        else:
            raise GraphError(100, "(#100) time_increment is not valid")
        return [
            figures(known[group[0].ad_id][0], group, span, today, (fields, broken, windows))
            for group, *span in groups
        ]

    def _span(self, asked: dict[str, str]) -> tuple[date, date]:
        try:
            span = json.loads(asked.get("time_range", ""))
            first, last = (date.fromisoformat(span[name]) for name in ("since", "until"))
        except (ValueError, KeyError, TypeError):
            raise GraphError(100, "(#100) time_range must have since and until") from None
        if first > last:
            raise GraphError(100, "(#100) since must be before until")
        if first < self._world.clock.day - timedelta(days=MOST_MONTHS * 30.5):
            raise GraphError(3018, "(#3018) The start date of the time range is beyond 37 months")
        return first, last

    def _leads(self, ad_id: str, request: Request) -> Reply:
        """Answer what was sent in by the forms of one ad in the last ninety days."""
        today, people = self._world.clock.day, self._world.company.people.all
        found: list[Row] = []
        for number, first in self._known().values():
            if ad_object(number, first, today)["id"] != ad_id or not has_form(first):
                continue
            for day in self._days or []:
                if day.ad_id == first.ad_id and today - timedelta(LEAD_DAYS) <= day.day <= today:
                    for n in range(day.shown(today)[3]):
                        found.append(lead(number, day, n, people[len(found) % len(people)]))
        after, before = 0, int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
        for one in _filters(request.params):
            if one.get("field") != "time_created":
                raise GraphError(100, "(#100) Filtering field is invalid")
            if one.get("operator") == "GREATER_THAN":
                after = int(one["value"])
            else:
                before = int(one["value"])
        rows = [row for row in found if after < row["at"] < before]
        asked = request.params.get("fields")
        return listing(request, rows, lambda row: _node(row, asked, "lead"))


def _node(row: Row, asked: str | None, kind: str) -> Row:
    found = chosen(row, asked, FIELDS[kind], kind)
    return {name: value for name, value in found.items() if value is not None}


def _listed(asked: dict[str, str], name: str) -> list[str]:
    text = asked.get(name, "")
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part]
    return [str(part) for part in json.loads(text)]


def _filters(asked: dict[str, str]) -> list[dict[str, Any]]:
    try:
        found = json.loads(asked.get("filtering") or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise GraphError(100, "(#100) param filtering must be an array of objects")
    return found


def _states(asked: dict[str, str], kind: str) -> list[str] | None:
    """Return the states asked for; None: whatever is not archived or deleted."""
    for one in _filters(asked):
        if (one.get("field"), one.get("operator")) != (f"{kind}.effective_status", "IN"):
            raise GraphError(100, "(#100) Filtering field is invalid")
        return [str(state) for state in one["value"]]
    return _listed(asked, "effective_status") or None


def _visible(state: str, states: list[str] | None) -> bool:
    return state in states if states is not None else state not in HIDDEN


PLATFORM = MetaAds
