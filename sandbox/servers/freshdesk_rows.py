"""Freshdesk's tickets and ratings as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Company
from sandbox.company.people import Person
from sandbox.company.support import Ticket
from sandbox.servers.wire import iso

# codes from 101 are the company's own; nobody has mapped the last one
SOURCES = {
    "Email": 1,
    "Portal": 2,
    "Phone": 3,
    "Forum": 4,
    "Twitter": 5,
    "Facebook": 6,
    "Chat": 7,
    "MobiHelp": 8,
    "Feedback Widget": 9,
    "Outbound Email": 10,
    "Ecommerce": 11,
    "Bot": 12,
    "WhatsApp": 13,
    "Instagram DM": 101,
    "RCS pilot": 102,
}
CHANNELS = {
    "email": "Email",
    "web": "Portal",
    "voice": "Phone",
    "chat": "Chat",
    "facebook": "Facebook",
    "instagram_dm": "Instagram DM",
    "whatsapp": "WhatsApp",
    "twitter": "Twitter",
    "sunshine_conversations_rcs": "RCS pilot",
}
OPEN, RESOLVED, CLOSED = 2, 4, 5
REQUESTERS, AGENT, GROUP, SURVEY = 43_000_000_000, 43_000_000_055, 43_000_000_001, 43_000_000_301
RATINGS, SPAM = 7_000_000, 900_000
HAPPY, UNHAPPY = 103, -103
SPAM_EACH, SPAM_AFTER = 9, timedelta(minutes=10)


class Rows:
    """All tickets of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._end = end
        held = company.tickets("freshdesk")
        self._tickets = [ticket for ticket in held if ticket.created_at < end]

    def tickets(self) -> list[dict[str, Any]]:
        """Return every ticket, deleted ones and spam too, with all that may be included."""
        spam = [self._spam(ticket) for ticket in self._tickets if ticket.id % SPAM_EACH == 0]
        return [self._ticket(ticket) for ticket in self._tickets] + spam

    def ratings(self) -> list[dict[str, Any]]:
        """Return the answers to the survey, newest first."""
        rated = [t for t in self._tickets if t.rated_at and t.rated_at < self._end]
        rows = [_rating(ticket) for ticket in rated]
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)

    def _ticket(self, t: Ticket) -> dict[str, Any]:
        end = self._end
        deleted = bool(t.deleted_at and t.deleted_at < end)
        row = _row(t.id, t.person, t.created_at, SOURCES[CHANNELS[t.channel]], t.topic)
        row |= {
            "status": _status(t, end),
            "deleted": deleted,
            "updated_at": iso(max(_changes(t, end)), millis=False),
            "stats": _stats(t, end),
        }
        return row

    def _spam(self, t: Ticket) -> dict[str, Any]:
        """Return an unwanted mail that an agent put away some minutes after it came."""
        row = _row(t.id + SPAM, t.person, t.created_at, SOURCES["Email"], t.topic)
        at = iso(t.created_at + SPAM_AFTER, millis=False)
        times = {**_stats(t, t.created_at), "status_updated_at": at}
        return row | {"status": OPEN, "spam": True, "updated_at": at, "stats": times}


def _row(number: int, person: Person, at: datetime, source: int, topic: str) -> dict[str, Any]:
    requester = {
        "id": REQUESTERS + person.id,
        "name": person.name,
        "email": person.email,
        "mobile": None,
        "phone": person.phone,
    }
    return {
        "cc_emails": [],
        "fwd_emails": [],
        "reply_cc_emails": [],
        "ticket_cc_emails": [],
        "fr_escalated": False,
        "spam": False,
        "email_config_id": None,
        "group_id": GROUP,
        "priority": 1,
        "requester_id": requester["id"],
        "responder_id": AGENT,
        "source": source,
        "company_id": None,
        "subject": f"{topic}, from {person.name}",
        "association_type": None,
        "support_email": None,
        "to_emails": [person.email] if source == SOURCES["Email"] else None,
        "product_id": None,
        "id": number,
        "type": topic.capitalize(),
        "due_by": iso(at + timedelta(days=3), millis=False),
        "fr_due_by": iso(at + timedelta(days=1), millis=False),
        "is_escalated": False,
        "custom_fields": {"cf_phone": person.phone},
        "created_at": iso(at, millis=False),
        "tags": [topic],
        "description": f"<div>Call me: {person.phone}. {person.name}</div>",
        "description_text": f"Call me: {person.phone}. {person.name}",
        "requester": requester,
    }


def _status(t: Ticket, end: datetime) -> int:
    if t.closed_at and t.closed_at < end:
        return CLOSED
    return RESOLVED if t.resolved_at(end) else OPEN


def _stats(t: Ticket, end: datetime) -> dict[str, Any]:
    """Return the times of a ticket; a reopening takes those of solving and closing away."""
    replied = t.replied_at if t.replied_at and t.replied_at < end else None
    reopened = [at for at in t.reopened if at < end]
    closed = t.closed_at if t.closed_at and t.closed_at < end else None
    changed = [at for at in (*t.solved, *t.reopened, t.closed_at) if at and at < end]
    moments = {
        "agent_responded_at": replied,
        "requester_responded_at": reopened[-1] if reopened else None,
        "first_responded_at": replied,
        "status_updated_at": max(changed, default=t.created_at),
        "reopened_at": reopened[-1] if reopened else None,
        "resolved_at": t.resolved_at(end),
        "closed_at": closed,
        "pending_since": None,
    }
    return {name: iso(at, millis=False) for name, at in moments.items()}


def _changes(t: Ticket, end: datetime) -> list[datetime]:
    every = (t.created_at, t.replied_at, t.closed_at, t.deleted_at, *t.solved, *t.reopened)
    return [at for at in every if at is not None and at < end]


def _rating(t: Ticket) -> dict[str, Any]:
    score = HAPPY if t.rating else UNHAPPY
    at = iso(t.rated_at, millis=False)
    return {
        "id": t.id + RATINGS,
        "survey_id": SURVEY,
        "user_id": REQUESTERS + t.person.id,
        "agent_id": AGENT,
        "feedback": f"Call me: {t.person.phone}. {t.person.name}",
        "group_id": GROUP,
        "ticket_id": t.id,
        "created_at": at,
        "updated_at": at,
        "ratings": {"default_question": score, "question_43000000302": score},
    }
