"""Zendesk's tickets and users as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.company import Company
from sandbox.company.support import Ticket
from sandbox.servers.wire import iso

CAMPAIGN_FIELD = 27642
REQUESTERS = 20_000_000_000  # ids go beyond 32 bits
AGENT, GROUP = 235323, 98738
SYSTEM_DELAY = 5  # the change that the export sees is noted some seconds later


class Rows:
    """All tickets of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._company, self._end = company, end

    def tickets(self) -> list[dict[str, Any]]:
        """Return every ticket, deleted and merged ones too, each with its metric set."""
        known = (t for t in self._company.tickets("zendesk") if t.created_at < self._end)
        return [self._ticket(ticket) for ticket in known]

    def users(self) -> list[dict[str, Any]]:
        """Return the requesters; their times are those of their first ticket."""
        first: dict[int, Ticket] = {}
        for ticket in self._company.tickets("zendesk"):
            if ticket.created_at < self._end:
                first.setdefault(ticket.person.id, ticket)
        users = [_user(ticket) for ticket in first.values()]
        return sorted(users, key=lambda user: (user["generated_timestamp"], user["id"]))

    def _ticket(self, t: Ticket) -> dict[str, Any]:
        end, status = self._end, _status(t, self._end)
        changed = max(_changes(t, end))
        deleted, merged = status == "deleted", bool(t.merged_at and t.merged_at < end)
        rated = t.rated_at is not None and t.rated_at < end
        score = ("good" if t.rating else "bad") if rated else "offered" if t.solved else "unoffered"
        fields = [{"id": CAMPAIGN_FIELD, "value": None if deleted else t.campaign_tag}]
        name = "SCRUBBED" if deleted else f"{t.topic}, from {t.person.name}"
        return {
            "url": f"https://acme.zendesk.example/api/v2/tickets/{t.id}.json",
            "id": t.id,
            "external_id": None,
            "via": {"channel": t.channel, "source": {} if deleted else _via(t)},
            "created_at": iso(t.created_at, millis=False),
            "updated_at": iso(changed, millis=False),
            "generated_timestamp": int(changed.timestamp()) + SYSTEM_DELAY,
            "type": "question",
            "subject": name,
            "raw_subject": name,
            "description": "SCRUBBED" if deleted else f"Call me: {t.person.phone}. {t.person.name}",
            "priority": "normal",
            "status": status,
            "custom_status_id": 900001,
            "recipient": None if deleted else t.person.email,
            "requester_id": REQUESTERS + t.person.id,
            "submitter_id": REQUESTERS + t.person.id,
            "assignee_id": AGENT,
            "organization_id": None,
            "group_id": GROUP,
            "collaborator_ids": [],
            "follower_ids": [],
            "email_cc_ids": [],
            "problem_id": None,
            "has_incidents": False,
            "is_public": True,
            "due_at": None,
            "tags": ["closed_by_merge"] if merged else [t.topic],
            "custom_fields": fields,
            "fields": fields,
            "satisfaction_rating": None if deleted else {"score": score},
            "sharing_agreement_ids": [],
            "followup_ids": [],
            "ticket_form_id": 2,
            "brand_id": 1,
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": False,
            "metric_set": self._metrics(t, changed),
        }

    def _metrics(self, t: Ticket, changed: datetime) -> dict[str, Any]:
        """Return the metric set; `solved_at` keeps the last solve even after a reopening."""
        end = self._end
        solved = [at for at in t.solved if at < end]
        replied = t.replied_at is not None and t.replied_at < end
        reply = t.reply_minutes if replied else None
        first, last = (_minutes(t, solved[0]), _minutes(t, solved[-1])) if solved else (None, None)
        return {
            "id": t.id + 1_000_000,
            "ticket_id": t.id,
            "created_at": iso(t.created_at, millis=False),
            "updated_at": iso(changed, millis=False),
            "group_stations": 1,
            "assignee_stations": 1,
            "reopens": sum(at < end for at in t.reopened),
            "replies": 1 if replied else 0,
            "assigned_at": iso(t.created_at, millis=False),
            "initially_assigned_at": iso(t.created_at, millis=False),
            "solved_at": iso(solved[-1], millis=False) if solved else None,
            "status_updated_at": iso(changed, millis=False),
            "latest_comment_added_at": iso(changed, millis=False),
            "reply_time_in_minutes": {"calendar": reply, "business": reply},
            "first_resolution_time_in_minutes": {"calendar": first, "business": first},
            "full_resolution_time_in_minutes": {"calendar": last, "business": last},
            "agent_wait_time_in_minutes": {"calendar": 0, "business": 0},
            "requester_wait_time_in_minutes": {"calendar": last, "business": last},
            "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
        }


def _status(t: Ticket, end: datetime) -> str:
    if t.deleted_at and t.deleted_at < end:
        return "deleted"
    if (t.merged_at and t.merged_at < end) or (t.closed_at and t.closed_at < end):
        return "closed"
    if t.resolved_at(end):
        return "solved"
    return "open" if t.replied_at and t.replied_at < end else "new"


def _changes(t: Ticket, end: datetime) -> list[datetime]:
    single = (t.created_at, t.replied_at, t.closed_at, t.merged_at, t.deleted_at, t.rated_at)
    every = [*single, *t.solved, *t.reopened]
    return [at for at in every if at is not None and at < end]


def _minutes(t: Ticket, at: datetime) -> int:
    return int((at - t.created_at).total_seconds() // 60)


def _via(t: Ticket) -> dict[str, Any]:
    person = t.person
    sender = {"name": person.name, "address": person.email}
    if t.channel in ("facebook", "twitter", "instagram_dm", "whatsapp"):
        sender = {"name": person.name, "profile_url": person.profile_url}
    if t.channel == "voice":
        sender = {"name": person.name, "phone": person.phone}
    return {"from": sender, "to": {"name": "Acme"}, "rel": None}


def _user(first: Ticket) -> dict[str, Any]:
    """Return a requester; who first called or wrote from a phone is known by the number alone."""
    person, at = first.person, iso(first.created_at, millis=False)
    return {
        "id": REQUESTERS + person.id,
        "url": f"https://acme.zendesk.example/api/v2/users/{REQUESTERS + person.id}.json",
        "name": person.name,
        "email": None if first.channel in ("voice", "whatsapp") else person.email,
        "phone": person.phone,
        "role": "end-user",
        "active": True,
        "created_at": at,
        "updated_at": at,
        "generated_timestamp": int(first.created_at.timestamp()),
    }
