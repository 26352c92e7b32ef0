"""Rows of Lever's lists as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.company import Company
from sandbox.company.recruiting import JOBS, Application
from sandbox.servers.moves import DECISION, HIRED, OFFER, REJECTED, WITHDRAWN, forgotten_at, moves

OWNER = "0aa05c1e-0000-4a2b-9c3d-00000000000a"
DELETED_AFTER = timedelta(days=40)
CONVERTED = "converted"


def uuid(kind: str, number: object) -> str:
    """Return the same id for the same thing at every start."""
    return str(uuid5(NAMESPACE_URL, f"lever:{kind}:{number}"))


stage_id = partial(uuid, "stage")
reason_id = partial(uuid, "reason")
STAGES = {
    "lead-new": "New lead",
    "lead-reached-out": "Reached out",
    "applicant-new": "New applicant",
    stage_id(1): "Recruiter screen",
    stage_id(2): "Interview",
    stage_id(3): "Final interview",
    stage_id(DECISION): "Decision",
    "offer": "Offer",
}
INDEX = {number: n for n, number in enumerate(STAGES)}
REASONS = {
    HIRED: ("Hired", "hired"),
    REJECTED: ("Underqualified", "non-hired"),
    WITHDRAWN: ("Offer declined", "non-hired"),
    CONVERTED: ("Applied without us", "non-hired"),
}
ORIGINS = {
    "Employee Referral": "referred",
    "Stage Door Agency": "agency",
    "Campus Fair": "university",
    "Internal Applicant": "internal",
}


def millis(at: datetime | None) -> int | None:
    """Return epoch milliseconds; None stays null."""
    return None if at is None else int(at.timestamp()) * 1000


class Rows:
    """All lists of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._end = end
        self._known = [a for a in company.applications("lever") if a.applied_at < end]

    def opportunities(self) -> list[dict[str, Any]]:
        """Return the opportunities that are not deleted, each application as an object."""
        return [self._opportunity(a) for a in self._known if self._deleted_at(a) is None]

    def deleted(self) -> list[dict[str, Any]]:
        """Return the delete feed."""
        gone = [(a, self._deleted_at(a)) for a in self._known]
        return [{"id": uuid("opportunity", a.id), "deletedAt": millis(at)} for a, at in gone if at]

    def _deleted_at(self, a: Application) -> datetime | None:
        """Return when a lead that answered nothing was deleted."""
        at = a.applied_at + DELETED_AFTER
        return (
            at if a.prospect and not a.converted_at and a.id % 3 == 0 and at < self._end else None
        )

    def _opportunity(self, a: Application) -> dict[str, Any]:
        changes, archived = self._history(a)
        forgotten = forgotten_at(a, self._end)
        last = forgotten or max(at for _, at in [*changes, *archived])
        person = None if forgotten else a.person
        reason, archived_at = archived[-1] if archived else (None, None)
        number = uuid("opportunity", a.id)
        shown = None if archived_at is None else _archived(reason, archived_at)
        return {
            "id": number,
            "name": person and person.name,
            "contact": uuid("contact", a.candidate_id),
            "headline": None if forgotten else "",
            "stage": changes[-1][0],
            "stageChanges": [
                {
                    "toStageId": stage,
                    "toStageIndex": INDEX[stage],
                    "userId": OWNER,
                    "updatedAt": millis(at),
                }
                for stage, at in changes
            ],
            "confidentiality": "non-confidential",
            "location": None if forgotten else "",
            "phones": [{"type": "mobile", "value": person.phone}] if person else [],
            "emails": [person.email] if person else [],
            "links": [person.profile_url] if person else [],
            "archived": shown,
            "tags": [],
            "sources": _sources(a),
            "origin": "sourced" if a.prospect else ORIGINS.get(a.trace.source or "", "applied"),
            "sourcedBy": OWNER if a.prospect else None,
            "owner": OWNER,
            "followers": [],
            "applications": [] if a.prospect else [_application(a, number, shown, bool(forgotten))],
            "createdAt": millis(a.applied_at),
            "updatedAt": millis(last),
            "lastInteractionAt": millis(last),
            "lastAdvancedAt": millis(changes[-1][1]),
            "snoozedUntil": None,
            "urls": {
                "list": "https://hire.lever.co/candidates",
                "show": f"https://hire.lever.co/candidates/{number}",
            },
            "isAnonymized": forgotten is not None,
            "dataProtection": None,
            "opportunityLocation": "Berlin",
        }

    def _history(
        self, a: Application
    ) -> tuple[list[tuple[str, datetime]], list[tuple[str, datetime]]]:
        """Return the changes of stage and the archiving, if it happened."""
        if a.prospect:
            archived = [(CONVERTED, a.converted_at)] if a.converted_at else []
            reached = ("lead-reached-out", a.applied_at + timedelta(minutes=40))
            changes = [("lead-new", a.applied_at), reached]
            return (
                [(stage, at) for stage, at in changes if at < self._end],
                [(reason, at) for reason, at in archived if at < self._end],
            )
        stages, outcomes = list[tuple[str, datetime]](), list[tuple[str, datetime]]()
        for move, at in moves(a, self._end):
            if move == OFFER:
                stages.append(("offer", at))
            elif isinstance(move, str):
                outcomes.append((move, at))
            else:
                stages.append((stage_id(move) if move else "applicant-new", at))
        return stages, outcomes


def stages() -> list[dict[str, Any]]:
    """Return every stage."""
    return [{"id": number, "text": text} for number, text in STAGES.items()]


def archive_reasons() -> list[dict[str, Any]]:
    """Return every archive reason."""
    return [
        {"id": reason_id(word), "text": text, "status": "active", "type": kind}
        for word, (text, kind) in REASONS.items()
    ]


def postings(opened: datetime) -> list[dict[str, Any]]:
    """Return the jobs."""
    return [
        {
            "id": uuid("posting", 310 + n),
            "text": name,
            "state": "published",
            "categories": {
                "team": "Operations",
                "department": "Company",
                "location": "Berlin",
                "commitment": "Full-time",
            },
            "tags": [],
            "createdAt": millis(opened),
            "updatedAt": millis(opened),
        }
        for n, name in enumerate(JOBS)
    ]


def _archived(word: str | None, at: datetime) -> dict[str, Any]:
    return {"reason": reason_id(word), "archivedAt": millis(at)}


def _sources(a: Application) -> list[str]:
    """Return the sources that the job link carried: the network, and each UTM field as a text."""
    trace = a.trace
    fields = {
        "utm_source": trace.utm_source,
        "utm_medium": trace.utm_medium,
        "utm_campaign": trace.utm_campaign,
        "utm_content": trace.utm_content,
    }
    tagged = [f"{name}={value}" for name, value in fields.items() if value is not None]
    return [trace.source, *tagged] if trace.source else tagged


def _application(
    a: Application, opportunity: str, archived: dict[str, Any] | None, forgotten: bool
) -> dict[str, Any]:
    person = None if forgotten else a.person
    return {
        "id": uuid("application", a.id),
        "opportunityId": opportunity,
        "candidateId": opportunity,
        "type": "posting",
        "posting": uuid("posting", a.job),
        "postingHiringManager": OWNER,
        "postingOwner": OWNER,
        "user": None,
        "name": person and person.name,
        "email": person and person.email,
        "phone": {"type": "mobile", "value": person.phone} if person else None,
        "company": None,
        "links": [],
        "comments": None if forgotten else "Please call me in the evening",
        "customQuestions": [],
        "createdAt": millis(a.applied_at),
        "archived": archived,
        "requisitionForHire": None,
    }
