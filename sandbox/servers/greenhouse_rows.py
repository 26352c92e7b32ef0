"""Rows of Greenhouse's lists as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Company
from sandbox.company.base import day_of
from sandbox.company.names import GREENHOUSE_TYPES
from sandbox.company.people import Person
from sandbox.company.recruiting import JOBS, STAGES, Application, Offer
from sandbox.servers.wire import iso

SOURCE_IDS = {name: 21 + n for n, name in enumerate(GREENHOUSE_TYPES)}
SOURCE_TYPES = {name: n for n, name in enumerate(sorted(set(GREENHOUSE_TYPES.values())), 1)}
RECRUITER = 120045


class Rows:
    """All lists of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._company, self._end = company, end
        # what was deleted leaves no sign, and its stages and offers go with it
        self._known = [a for a in company.applications("greenhouse") if a.counts(end)]

    def applications(self) -> list[dict[str, Any]]:
        """Return applications and prospects."""
        return [self._application(application) for application in self._known]

    def _application(self, a: Application) -> dict[str, Any]:
        end = self._end
        times = _times(a, end)
        rejected = a.rejected_at if a.rejected_at and a.rejected_at < end else None
        converted = a.converted_at is not None and a.converted_at < end
        status = "hired" if a.hired(end) else "rejected" if rejected else "in_process"
        stages = [order for order, at in a.stages if at < end]
        stage = stages[-1] if stages and status == "in_process" else None
        stage_id = None if stage is None else a.job * 10 + stage
        tags = ("utm_campaign", a.trace.utm_campaign), ("utm_source", a.trace.utm_source)
        return {
            "id": a.id,
            "candidate_id": a.candidate_id,
            "job_id": None if a.prospect else a.job,
            "job_post_id": None if a.prospect else a.job + 680,
            "prospective_job_ids": [a.job] if a.prospect else [],
            "prospect": a.prospect,
            "status": "converted" if converted else status,
            "stage_id": stage_id,
            "stage_name": None if stage is None else STAGES[stage],
            "job_interview_stage_id": stage_id,
            "source_id": SOURCE_IDS[a.trace.source] if a.trace.source else None,
            "referrer_id": None,
            "recruiter_id": RECRUITER,
            "coordinator_id": None,
            "agency_note_id": None,
            "needs_decision": False,
            "rejected_at": iso(rejected),
            "rejection_reason_id": 9 if rejected else None,
            "location_address": None,
            "answers": [{"question": "How can we reach you?", "answer": a.person.phone}],
            "custom_fields": {
                key: {"name": key.replace("_", " "), "type": "short_text", "value": value}
                for key, value in tags
            },
            "last_activity_at": iso(times[-1]),
            "created_at": iso(a.applied_at),
            "updated_at": iso(times[-1]),
        }

    def application_stages(self) -> list[dict[str, Any]]:
        """Return the stage history; a stage ends with the next one or with the application."""
        found = []
        for a in self._known:
            ends = [at for at in (a.hire_seen_at, a.rejected_at) if at]
            for n, (order, entered) in enumerate(a.stages):
                if entered >= self._end:
                    break
                after = a.stages[n + 1][1] if n + 1 < len(a.stages) else min(ends, default=None)
                found.append(self._stage(a, order, entered, after))
        return found

    def _stage(
        self, a: Application, order: int, entered: datetime, after: datetime | None
    ) -> dict[str, Any]:
        left = after if after and after < self._end else None
        return {
            "id": a.id * 10 + order,
            "application_id": a.id,
            "job_interview_stage_id": a.job * 10 + order,
            "entered_at": iso(entered),
            "exited_at": iso(left),
            "days_in_stage": ((left or self._end) - entered).days,
            "current": left is None,
            "created_at": iso(entered),
            "updated_at": iso(left or entered),
        }

    def offers(self) -> list[dict[str, Any]]:
        """Return every version of every offer."""
        return [
            self._offer(a, offer, offer is a.offer(self._end))
            for a in self._known
            for offer in a.offers
            if offer.created_at < self._end
        ]

    def _offer(self, a: Application, offer: Offer, current: bool) -> dict[str, Any]:
        resolved = (
            offer.resolved_at if offer.resolved_at and offer.resolved_at < self._end else None
        )
        replaced = (
            offer.replaced_at if offer.replaced_at and offer.replaced_at < self._end else None
        )
        answered = "Accepted" if offer.accepted else "Rejected"
        status = "Deprecated" if replaced else answered if resolved else "Created"
        sent = day_of(offer.created_at)
        return {
            "id": offer.id,
            "application_id": a.id,
            "candidate_id": a.candidate_id,
            "job_id": a.job,
            "opening_id": 80000 + a.id,
            "version": offer.version,
            "status": status,
            "sent_on": sent.isoformat(),
            "starts_on": (sent + timedelta(days=45)).isoformat(),
            "resolved_at": iso(resolved),
            "custom_fields": {
                "salary": {"name": "Salary", "type": "currency", "value": "51234.00"}
            },
            "created_at": iso(offer.created_at),
            "updated_at": iso(replaced or resolved or offer.created_at),
            "_current": current,
        }

    def openings(self) -> list[dict[str, Any]]:
        """Return the openings that a hire has closed."""
        found = []
        for a in self._known:
            hired = a.hired_at(self._end)
            if hired is None:
                continue
            found.append(
                {
                    "id": 80000 + a.id,
                    "job_id": a.job,
                    "opening_id": f"{a.job}-{a.id}",
                    "open": False,
                    "opened_at": iso(a.applied_at - timedelta(days=20)),
                    "closed_at": iso(hired),
                    "target_start_on": None,
                    "application_id": a.id,
                    "close_reason_id": 1,
                    "sort_order": 0,
                    "custom_fields": {},
                    "created_at": iso(a.applied_at - timedelta(days=20)),
                    "updated_at": iso(hired),
                }
            )
        return found

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs, all open since before the first day."""
        opened = self._opened()
        return [
            {
                "id": 310 + n,
                "name": name,
                "requisition_id": f"R-{310 + n}",
                "status": "open",
                "department_id": 1 + n % 3,
                "office_ids": [1],
                "opened_at": opened,
                "closed_at": None,
                "is_template": False,
                "confidential": False,
                "custom_fields": {},
                "created_at": opened,
                "updated_at": opened,
            }
            for n, name in enumerate(JOBS)
        ]

    def job_interview_stages(self) -> list[dict[str, Any]]:
        """Return the stages of every job; `sort_order` 0 is the first."""
        opened = self._opened()
        return [
            {
                "id": job["id"] * 10 + order,
                "job_id": job["id"],
                "name": name,
                "sort_order": order,
                "active": True,
                "created_at": opened,
                "updated_at": opened,
            }
            for job in self.jobs()
            for order, name in enumerate(STAGES)
        ]

    def sources(self) -> list[dict[str, Any]]:
        """Return the names of sources with their strategy."""
        opened = self._opened()
        return [
            {
                "id": number,
                "name": name,
                "type": {
                    "id": SOURCE_TYPES[GREENHOUSE_TYPES[name]],
                    "name": GREENHOUSE_TYPES[name],
                },
                "created_at": opened,
                "updated_at": opened,
            }
            for name, number in SOURCE_IDS.items()
        ]

    def candidates(self) -> list[dict[str, Any]]:
        """Return one candidate per person, full of personal data."""
        first: dict[int, Application] = {}
        latest: dict[int, datetime] = {}
        for a in self._known:
            first.setdefault(a.candidate_id, a)
            latest[a.candidate_id] = a.applied_at
        return [_candidate(a.person, n, a.applied_at, latest[n]) for n, a in first.items()]

    def _opened(self) -> str | None:
        first = self._company.applications("greenhouse")[0].applied_at
        return iso(first - timedelta(days=100))


def _times(a: Application, end: datetime) -> list[datetime]:
    """Return the moments at which something of this application changed, in order."""
    offers = [at for o in a.offers for at in (o.created_at, o.replaced_at, o.resolved_at)]
    single = (a.applied_at, a.rejected_at, a.hire_seen_at, a.converted_at)
    every = [*single, *offers, *(at for _, at in a.stages)]
    return sorted(at for at in every if at is not None and at < end)


def _candidate(person: Person, number: int, created: datetime, latest: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "first_name": person.first,
        "last_name": person.last,
        "preferred_name": None,
        "company": None,
        "title": None,
        "email_addresses": [{"value": person.email, "type": "personal"}],
        "phone_numbers": [{"value": person.phone, "type": "mobile"}],
        "addresses": [],
        "social_media_addresses": [{"value": person.profile_url}],
        "website_addresses": [],
        "tags": [],
        "private": False,
        "can_email": True,
        "time_zone": None,
        "linked_user_ids": [],
        "custom_fields": {},
        "last_activity_at": iso(latest),
        "created_at": iso(created),
        "updated_at": iso(latest),
    }
