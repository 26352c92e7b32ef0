"""Rows of Personio's recruiting lists as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.company import Company
from sandbox.company.base import TIMEZONE, ZONE, day_of
from sandbox.company.names import GREENHOUSE_TYPES
from sandbox.company.recruiting import JOBS, STAGES, Application
from sandbox.servers.moves import DECISION, forgotten_at, moves
from sandbox.servers.wire import iso

FIRST_ID = 490_000
CHANNELS = {name: str(50 + n) for n, name in enumerate(sorted(GREENHOUSE_TYPES))}
CATEGORY = {"id": "3", "name": "Standard"}
DEPARTMENT = {"id": "7", "name": "Operations"}
OWN = {
    1: ("Recruiter Screen", "SCREENING"),
    2: ("Interview", "INTERVIEW"),
    3: ("Final Interview", "INTERVIEW"),
    DECISION: ("Decision", "DECISION"),
}


def wall(moment: datetime) -> dict[str, str]:
    """Return a time as Personio writes it: on the company's clock, with the zone beside it."""
    return {
        "date-time": moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S"),
        "timezone": TIMEZONE,
    }


class Rows:
    """All lists of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._end = end
        self._known = [a for a in company.applications("personio") if a.applied_at < end]

    def applications(self) -> list[dict[str, Any]]:
        """Return the applications; `_changed` is when each was changed last."""
        return [self._application(a) for a in self._known]

    def candidates(self) -> list[dict[str, Any]]:
        """Return one candidate per person."""
        found: dict[int, list[Application]] = {}
        for a in self._known:
            found.setdefault(a.candidate_id, []).append(a)
        return [self._candidate(number, owned) for number, owned in found.items()]

    def _application(self, a: Application) -> dict[str, Any]:
        forgotten = forgotten_at(a, self._end)
        passed = moves(a, self._end)
        changed = forgotten or passed[-1][1]
        return {
            "id": str(FIRST_ID + a.id),
            "application_date": day_of(a.applied_at).isoformat(),
            "candidate": _embedded(a, forgotten is not None),
            "job": job(a.job - 310),
            "current_stage": stage(passed[-1][0]),
            "channel": _channel(a.trace.source),
            "hiring_team": [],
            "is_anonymized": forgotten is not None,
            "created_at": wall(a.applied_at),
            "updated_at": wall(changed),
            "_changed": changed,
            "_history": [
                {"stage": stage(move), "entered_at": wall(at)} for move, at in reversed(passed)
            ],
        }

    def _candidate(self, number: int, owned: list[Application]) -> dict[str, Any]:
        person, forgotten = owned[0].person, any(forgotten_at(a, self._end) for a in owned)
        known = None if forgotten else person
        changed = max(forgotten_at(a, self._end) or a.applied_at for a in owned)
        return {
            "id": str(number),
            "first_name": known and known.first,
            "last_name": known and known.last,
            "email": known and known.email,
            "gender": "undefined",
            "phone": known and known.phone,
            "location": None,
            "birthday": None,
            "linkedin_profile": known and known.profile_url,
            "available_from": None,
            "applications": [
                {
                    "id": str(FIRST_ID + a.id),
                    "application_date": day_of(a.applied_at).isoformat(),
                }
                for a in owned
            ],
            "created_at": iso(owned[0].applied_at, millis=False),
            "updated_at": iso(changed, millis=False),
            "_changed": changed,
        }


def stage(move: int | str) -> dict[str, Any]:
    """Return a stage: Personio's own have neither id nor name."""
    if move == 0:
        move = "unassigned"
    if isinstance(move, str):
        return {"id": None, "kind": "SYSTEM", "name": None, "type": move.upper()}
    name, kind = OWN[move]
    return {"id": str(910 + move), "kind": "CUSTOM", "name": name, "type": kind}


def job(number: int) -> dict[str, Any]:
    """Return a job as it stands in an application."""
    return {
        "id": str(1200 + number),
        "name": JOBS[number],
        "department": DEPARTMENT,
        "category": CATEGORY,
    }


def jobs(opened: datetime) -> list[dict[str, Any]]:
    """Return every job; all of them were opened at one time."""
    more = {"hiring_team": [], "company": {"id": "1"}}
    times = {"created_at": wall(opened), "updated_at": wall(opened), "_changed": opened}
    return [{**job(number), **more, **times} for number in range(len(JOBS))]


def categories(end: datetime) -> list[dict[str, Any]]:
    """Return the one category with its stages."""
    stages = [stage(order) for order in range(len(STAGES))]
    return [{**CATEGORY, "stages": stages, "company": {"id": "1"}, "_changed": end}]


def _embedded(a: Application, forgotten: bool) -> dict[str, Any]:
    known = None if forgotten else a.person
    return {
        "id": str(a.candidate_id),
        "email": known and known.email,
        "first_name": known and known.first,
        "last_name": known and known.last,
        "gender": "undefined",
    }


def _channel(source: str | None) -> dict[str, str] | None:
    return {"id": CHANNELS[source], "name": source} if source else None
