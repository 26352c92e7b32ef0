"""Pipedrive's persons, leads and deals as they stood at the end of a business day.

A web form leaves its traces at the person, or at the lead from where they go on to the deal: who
has an even number did the first, the others the second.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any

from sandbox.company import Company
from sandbox.company.base import Trace
from sandbox.company.campaigns import answer_of
from sandbox.company.sales import DEAL_STAGES, Contact, Deal
from sandbox.servers.wire import iso

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
CHANNELS = (
    *("LinkedIn", "Facebook", "YouTube", "Instagram"),
    *("Email", "Organic search", "Offline", "Old campaigns", "Live chat"),
)
SOURCES = {"EMAIL_MARKETING": "Email", "ORGANIC_SEARCH": "Organic search", "OFFLINE": "Offline"}
SOURCES |= {"OTHER_CAMPAIGNS": "Old campaigns"}
CHANNEL_IDS = {name: 51 + number for number, name in enumerate(CHANNELS)}
SOURCE_IDS = {name: 151 + number for number, name in enumerate(CHANNELS)}
LEAD_LABELS = {str(uuid.UUID(int=7 + n)): name for n, name in enumerate(("Cold", "Qualified"))}
COLD, GOOD = LEAD_LABELS
PERSON_LABELS = {5: "Cold lead", 6: "Marketing qualified"}
ARCHIVED_AFTER = timedelta(days=60)  # a tidy user puts away what was lost

Row = dict[str, Any]


def code(kind: str, name: str) -> str:
    """Return the hash by which a custom field goes."""
    return sha1(f"sandbox {kind} {name}".encode()).hexdigest()


DEAL_CODES = {name: code("deal", name) for name in UTM}
PERSON_CODES = {name: code("person", name) for name in (*UTM, "source")}


def definitions(kind: str) -> list[Row]:
    """Return the fields of persons or deals."""
    usual = ["id", "title", "value"] if kind == "deal" else ["id", "name", "emails"]
    fields = [_definition(name, name.capitalize(), "varchar") for name in usual]
    codes = DEAL_CODES if kind == "deal" else PERSON_CODES
    for name in UTM:
        fields.append(_definition(codes[name], name.replace("_", " ").title(), "varchar"))
    if kind == "deal":
        channels = {number: name for name, number in CHANNEL_IDS.items()}
        return [*fields, _definition("channel", "Source channel", "enum", channels)]
    fields.append(_definition("label_ids", "Labels", "set", PERSON_LABELS))
    sources = {number: name for name, number in SOURCE_IDS.items()}
    return [*fields, _definition(codes["source"], "Lead source", "enum", sources)]


def _definition(field: str, name: str, type_: str, options: dict[int, str] | None = None) -> Row:
    listed = [{"id": number, "label": label} for number, label in (options or {}).items()]
    return {
        "field_code": field,
        "field_name": name,
        "field_type": type_,
        "is_custom_field": len(field) == 40,
        "options": listed or None,
    }


class Rows:
    """All records of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._end = end
        self._campaigns = {campaign.name: campaign for campaign in company.campaigns}
        self._contacts = [c for c in company.contacts("pipedrive") if c.counts(end)]
        self._deals = [d for d in company.deals("pipedrive") if d.counts(end)]
        self._customers = {lead.id for d in self._deals if (lead := d.lead(end))}

    def persons(self) -> list[Row]:
        """Return the persons, as API v2 shows them."""
        return [self._person(contact) for contact in self._contacts]

    def deals(self, archived: bool) -> list[Row]:
        """Return the deals at hand, or those that were put away."""
        return [row for deal in self._deals if (row := self._deal(deal))["is_archived"] is archived]

    def leads(self, archived: bool) -> list[Row]:
        """Return the leads inbox, as API v1 shows it; who has a deal has left it."""
        return [] if archived else list(self._leads())

    def _person(self, contact: Contact) -> Row:
        person, seen = contact.person, [at for _, at in contact.lifecycle if at < self._end]
        labels = [6 if contact.qualified(self._end) else 5] if seen and _at_person(contact) else []
        return {
            "id": contact.id,
            "name": person.name,
            "first_name": person.first,
            "last_name": person.last,
            "owner_id": 1,
            "org_id": None,
            "add_time": iso(contact.created_at, millis=False),
            "update_time": iso(max([contact.created_at, *seen]), millis=False),
            "emails": [
                {"value": f"old.{person.email}", "primary": False, "label": "home"},
                {"value": person.email, "primary": True, "label": "work"},
            ],
            "phones": [{"value": person.phone, "primary": True, "label": "work"}],
            "is_deleted": False,
            "visible_to": 3,
            "label_ids": labels,
            "picture_id": None,
            "custom_fields": _at_persons(contact.trace if _at_person(contact) else None),
        }

    def _leads(self) -> Iterator[Row]:
        for contact in self._contacts:
            if contact.id in self._customers or not contact.lifecycle:
                continue
            trace = None if _at_person(contact) else contact.trace
            own, at = self._custom(trace), contact.created_at
            qualified = contact.qualified(self._end) and not _at_person(contact)
            yield {
                "id": str(uuid.UUID(int=contact.id)),
                "title": f"{contact.person.name} lead",
                "owner_id": 1,
                "creator_id": 1,
                "label_ids": [GOOD if qualified else COLD],
                "person_id": contact.id,
                "organization_id": None,
                "source_name": "Web forms",
                "origin": "WebForms",
                "origin_id": None,
                "source_deal_id": None,
                "is_archived": False,
                "was_seen": True,
                "value": None,
                "expected_close_date": None,
                "next_activity_id": None,
                "add_time": iso(at),
                "update_time": iso(at),
                "visible_to": "3",
                "cc_email": "sandbox+lead@pipedrivemail.example",
                **self._channel(trace),
                **own,
            }

    def _deal(self, deal: Deal) -> Row:
        end = self._end
        stage, at = [(stage, at) for stage, at in deal.stages if at < end][-1]
        closed, won, lead = deal.is_closed(end), deal.is_won(end), deal.lead(end)
        status = "won" if won else "lost" if closed else "open"
        inherited = lead.trace if lead and not _at_person(lead) else None
        trace = deal.own or inherited
        close = iso(deal.closed_at, millis=False) if closed else None
        put_away = status == "lost" and at + ARCHIVED_AFTER < end
        return {
            "id": deal.id,
            "title": f"{lead.person.name if lead else 'Visitor'} deal",
            "owner_id": 1,
            "person_id": lead.id if lead else None,
            "org_id": None,
            "pipeline_id": 1,
            "stage_id": 1 + DEAL_STAGES.index(stage) if stage in DEAL_STAGES else 3,
            "value": 0 if deal.amount is None else float(deal.amount),
            "currency": deal.currency,
            "add_time": iso(deal.created_at, millis=False),
            "update_time": iso(at, millis=False),
            "stage_change_time": iso(at, millis=False),
            "status": status,
            "is_deleted": False,
            "is_archived": put_away,
            "probability": None,
            "lost_reason": "too dear" if status == "lost" else None,
            "visible_to": 3,
            "close_time": close,
            "won_time": close if won else None,
            "lost_time": close if status == "lost" else None,
            "expected_close_date": deal.expected_close.date().isoformat(),
            "label_ids": [],
            "origin": "API",
            "origin_id": None,
            **self._channel(trace),
            "custom_fields": self._custom(trace),
        }

    def _channel(self, trace: Trace | None) -> Row:
        campaign = self._campaign_only(trace)
        return {"channel": _option(CHANNEL_IDS, trace), "channel_id": campaign}

    def _custom(self, trace: Trace | None) -> Row:
        shown = None if self._campaign_only(trace) else trace
        return {DEAL_CODES[name]: getattr(shown, name) if shown else None for name in UTM}

    def _campaign_only(self, trace: Trace | None) -> str | None:
        """Return the tag of a trace whose channel tells it as well as its UTM would."""
        campaign = self._campaigns.get(trace.answer.campaign) if trace else None
        told = trace is not None and trace.kind == "utm" and trace.utm_content == "v1"
        if not (trace and campaign and told and trace.answer == answer_of(campaign, None)):
            return None
        return trace.utm_campaign


def _at_person(contact: Contact) -> bool:
    """Tell whether the traces stand at the person; who was never worked on has no lead."""
    return contact.id % 2 == 0 or not contact.lifecycle


def _at_persons(trace: Trace | None) -> Row:
    found: Row = {PERSON_CODES[name]: getattr(trace, name) if trace else None for name in UTM}
    return {**found, PERSON_CODES["source"]: _option(SOURCE_IDS, trace)}


def _option(ids: dict[str, int], trace: Trace | None) -> int | None:
    source = trace.source if trace else None
    return ids[SOURCES.get(source, source)] if source else None
