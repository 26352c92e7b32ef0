"""Intercom's conversations and contacts as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Company
from sandbox.company.people import Person
from sandbox.company.support import Ticket

SOURCES = {
    "email": "email",
    "voice": "phone_call",
    "chat": "conversation",
    "facebook": "facebook",
    "instagram_dm": "instagram",
    "whatsapp": "whatsapp",
    "twitter": "twitter",
}
SOCIAL = ("facebook", "instagram", "twitter", "whatsapp")
ADMIN = {"type": "admin", "id": "991", "name": "Support", "email": "support@acme.example"}
# Some contacts wrote in answer to a message of the company, and some never answered one.
WRITTEN_TO_EACH, WRITTEN_TO_BEFORE = 5, timedelta(hours=2)
UNANSWERED_EACH, UNANSWERED = 9, 900_000
OFFICE_SHARE = 3  # the platform's durations leave out closing hours


class Rows:
    """All conversations of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._tickets, self._end = company.tickets("intercom"), end

    def conversations(self) -> list[dict[str, Any]]:
        """Return every conversation, those that the company began too."""
        begun = [t for t in self._tickets if _begun_at(t) < self._end]
        answered = [_conversation(ticket, self._end) for ticket in begun]
        alone = [t for t in begun if t.id % UNANSWERED_EACH == 0 and t.created_at < self._end]
        return answered + [_unanswered(ticket) for ticket in alone]

    def contacts(self) -> list[dict[str, Any]]:
        """Return everybody of whom there is a conversation."""
        first: dict[int, Ticket] = {}
        for ticket in self._tickets:
            if _begun_at(ticket) < self._end:
                first.setdefault(ticket.person.id, ticket)
        return [_contact(ticket) for ticket in first.values()]


def _written_to(t: Ticket) -> bool:
    return t.id % WRITTEN_TO_EACH == 0 and t.channel in ("email", "chat")


def _begun_at(t: Ticket) -> datetime:
    return t.created_at - WRITTEN_TO_BEFORE if _written_to(t) else t.created_at


def _conversation(t: Ticket, end: datetime) -> dict[str, Any]:
    begun, closed = _begun_at(t), t.resolved_at(end)
    source = SOURCES[t.channel]
    events = (begun, t.created_at, t.replied_at, t.rated_at, *t.solved, *t.reopened)
    changed = max(at for at in events if at and at < end)
    written = _written_to(t)
    row = _row(str(t.id), t.person, begun, source, ADMIN if written else _author(t.person, source))
    row["source"]["delivered_as"] = "admin_initiated" if written else "customer_initiated"
    return row | {
        "updated_at": _seconds(changed),
        "open": closed is None,
        "state": "open" if closed is None else "closed",
        "tags": {"type": "tag.list", "tags": [_tag(t.topic)]},
        "conversation_rating": _rating(t, closed, end),
        "statistics": _statistics(t, end),
    }


def _unanswered(t: Ticket) -> dict[str, Any]:
    """Return a message of the company that its contact left without an answer."""
    row = _row(str(t.id + UNANSWERED), t.person, t.created_at, "email", ADMIN)
    row["source"]["delivered_as"] = "admin_initiated"
    nothing = dict.fromkeys(_statistics(t, t.created_at))
    return row | {"statistics": nothing | {"type": "conversation_statistics"}}


def _row(
    number: str, person: Person, at: datetime, source: str, author: dict[str, Any]
) -> dict[str, Any]:
    contact = {"type": "contact", "id": contact_id(person), "external_id": None}
    body = f"<p>Call me: {person.phone}. {person.name}</p>"
    return {
        "type": "conversation",
        "id": number,
        "title": f"Request of {person.name}",
        "created_at": _seconds(at),
        "updated_at": _seconds(at),
        "waiting_since": None,
        "snoozed_until": None,
        "open": True,
        "state": "open",
        "read": True,
        "priority": "not_priority",
        "admin_assignee_id": 991,
        "team_assignee_id": None,
        "tags": {"type": "tag.list", "tags": []},
        "conversation_rating": None,
        "source": {
            "type": source,
            "id": f"40{number}",
            "delivered_as": "customer_initiated",
            "subject": f"Request of {person.name}",
            "body": body,
            "author": author,
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [contact]},
        "teammates": {"type": "admin.list", "admins": [{"type": "admin", "id": "991"}]},
        "custom_attributes": {},
        "first_contact_reply": None,
        "sla_applied": None,
        "statistics": None,
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent_participated": False,
        "ai_agent": None,
    }


def _author(person: Person, source: str) -> dict[str, Any]:
    """Return who wrote; of a message on a network the platform knows no address."""
    social = source in SOCIAL
    kind, email = ("lead", None) if social else ("user", person.email)
    return {"type": kind, "id": contact_id(person), "name": person.name, "email": email}


def _tag(topic: str) -> dict[str, Any]:
    by = {"type": "admin", "id": "991"}
    number = str(sum(topic.encode()))
    return {"type": "tag", "id": number, "name": topic, "applied_at": 1700000000, "applied_by": by}


def _rating(t: Ticket, closed: datetime | None, end: datetime) -> dict[str, Any] | None:
    """Return the answer to the question that every closed conversation ends with."""
    if closed is None:
        return None
    rated = t.rated_at is not None and t.rated_at < end
    return {
        "rating": (5 if t.rating else 1) if rated else None,
        "remark": f"Call me: {t.person.phone}" if rated else None,
        "created_at": _seconds(closed),
        "updated_at": _seconds(t.rated_at if rated and t.rated_at else closed),
        "contact": {"type": "contact", "id": contact_id(t.person), "external_id": None},
        "teammate": {"type": "admin", "id": "991"},
    }


def _statistics(t: Ticket, end: datetime) -> dict[str, Any]:
    begun = t.created_at if t.created_at < end else None
    replied = t.replied_at if t.replied_at and t.replied_at < end else None
    solved = [at for at in t.solved if at < end]
    first, last = (solved[0], solved[-1]) if solved else (None, None)
    return {
        "type": "conversation_statistics",
        "time_to_assignment": 0,
        "time_to_admin_reply": _worked(t, replied),
        "time_to_first_close": _worked(t, first),
        "time_to_last_close": _worked(t, last),
        "median_time_to_reply": _worked(t, replied),
        "first_contact_reply_at": _seconds(begun),
        "first_assignment_at": _seconds(begun),
        "first_admin_reply_at": _seconds(replied),
        "first_close_at": _seconds(first),
        "last_assignment_at": _seconds(begun),
        "last_assignment_admin_reply_at": _seconds(replied),
        "last_contact_reply_at": _seconds(begun),
        "last_admin_reply_at": _seconds(replied),
        "last_close_at": _seconds(last),
        "last_closed_by_id": 991 if last else None,
        "count_reopens": sum(at < end for at in t.reopened),
        "count_assignments": 1,
        "count_conversation_parts": 4,
        "handling_time": 60,
    }


def _worked(t: Ticket, at: datetime | None) -> int | None:
    return int((at - t.created_at).total_seconds()) // OFFICE_SHARE if at else None


def _contact(t: Ticket) -> dict[str, Any]:
    person = t.person
    return {
        "type": "contact",
        "id": contact_id(person),
        "external_id": None,
        "workspace_id": "sandbox",
        "role": "user",
        "email": person.email,
        "email_domain": person.email.partition("@")[2],
        "phone": person.phone,
        "name": person.name,
        "avatar": None,
        "owner_id": None,
        "has_hard_bounced": False,
        "marked_email_as_spam": False,
        "unsubscribed_from_emails": False,
        "created_at": _seconds(_begun_at(t)),
        "updated_at": _seconds(_begun_at(t)),
        "custom_attributes": {},
    }


def contact_id(person: Person) -> str:
    """Return the platform's id of a person, 24 hexadecimal digits."""
    return f"6a1{person.id:021x}"


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
