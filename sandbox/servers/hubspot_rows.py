"""HubSpot's contacts and deals as they stood at the end of a business day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.company import Company
from sandbox.company.base import Trace
from sandbox.company.campaigns import LABELS
from sandbox.company.names import UTM_SOURCES
from sandbox.company.sales import DEAL_STAGES, Contact, Deal
from sandbox.servers.wire import iso

ARCHIVE_KEPT = timedelta(days=90)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
LIFECYCLE = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
CLOSED = {"closedwon": "1.0", "closedlost": "0.0"}
PROBABILITY = {"appointmentscheduled": "0.2", "presentationscheduled": "0.6", "contractsent": "0.9"}
DEFAULTS = {
    "contacts": (
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ),
    "deals": (
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
}


def _stage(name: str, number: int) -> dict[str, Any]:
    closed = str(name in CLOSED).lower()
    probability = CLOSED.get(name) or PROBABILITY[name]
    return {
        "id": name,
        "label": name.capitalize(),
        "displayOrder": number,
        "metadata": {"probability": probability, "isClosed": closed},
        "archived": False,
    }


STAGES: dict[str, Any] = {
    "id": "default",
    "label": "Sales pipeline",
    "displayOrder": 0,
    "archived": False,
    "stages": [_stage(name, n) for n, name in enumerate((*DEAL_STAGES, *CLOSED))],
}


class Rows:
    """All objects of one day; events at or after `end` have not happened."""

    def __init__(self, company: Company, end: datetime) -> None:
        self._company, self._end = company, end

    def contacts(self, archived: bool) -> list[dict[str, Any]]:
        """Return the living contacts, or those deleted in the last 90 days."""
        known = (c for c in self._company.contacts("hubspot") if c.created_at < self._end)
        if archived:
            return [self._contact(c) for c in known if self._kept(c.archived_at)]
        return [self._contact(c) for c in known if c.counts(self._end)]

    def deals(self, archived: bool) -> list[dict[str, Any]]:
        """Return the living deals, or those deleted in the last 90 days."""
        known = (d for d in self._company.deals("hubspot") if d.created_at < self._end)
        if archived:
            return [self._deal(d) for d in known if self._kept(d.archived_at)]
        return [self._deal(d) for d in known if d.counts(self._end)]

    def _kept(self, archived_at: datetime | None) -> bool:
        return archived_at is not None and self._end - ARCHIVE_KEPT <= archived_at < self._end

    def _contact(self, contact: Contact) -> dict[str, Any]:
        end = self._end
        seen = [(stage, at) for stage, at in contact.lifecycle if at < end]
        absorbed = [c for c in contact.absorbed if c.merged_at and c.merged_at < end]
        entered: dict[str, str | None] = dict.fromkeys(f"hs_v2_date_entered_{s}" for s in LIFECYCLE)
        entered |= {f"hs_v2_date_entered_{stage}": iso(at) for stage, at in seen}
        merges = [c.merged_at for c in absorbed if c.merged_at]
        person = contact.person
        properties = {
            "email": person.email,
            "firstname": person.first,
            "lastname": person.last,
            "phone": person.phone,
            "lifecyclestage": seen[-1][0] if seen else None,
            "hs_merged_object_ids": ";".join(str(c.id) for c in absorbed) or None,
            "hs_facebook_click_id": _click(contact, "facebook"),
            "hs_google_click_id": _click(contact, "google"),
            **entered,
            **_origin(contact.trace),
        }
        changed = max([contact.created_at, *(at for _, at in seen), *merges])
        archived = contact.archived_at
        row = self._object(contact.id, contact.created_at, changed, archived, properties, "")
        row["_history"] = {"lifecyclestage": [(stage, iso(at)) for stage, at in seen]}
        return row

    def _deal(self, deal: Deal) -> dict[str, Any]:
        end = self._end
        stage, at = [(stage, at) for stage, at in deal.stages if at < end][-1]
        closed = deal.is_closed(end)
        won = deal.is_won(end)
        due = deal.closed_at if closed else deal.expected_close
        # The source of a deal is copied from its contact, where it has one.
        lead = deal.lead(end)
        copied = _origin(lead.trace, with_utm=False) if lead else {}
        own = _origin(deal.own) if deal.own else _origin(None)
        merges = [c.merged_at for c in deal.contacts if c.merged_at and c.merged_at < end]
        changed = max([at, *merges])
        properties = {
            "dealname": f"Offer for {lead.person.name if lead else 'a visitor'}",
            "amount": None if deal.amount is None else str(deal.amount),
            "amount_in_home_currency": None if deal.amount is None else str(deal.amount),
            "deal_currency_code": deal.currency,
            "pipeline": "default",
            "dealstage": stage,
            "closedate": iso(due),
            "hs_is_closed": str(closed).lower(),
            "hs_is_closed_won": str(won).lower(),
            "hs_merged_object_ids": None,
            **{**own, **copied},
        }
        row = self._object(deal.id, deal.created_at, changed, deal.archived_at, properties, "hs_")
        row["_history"] = {"dealstage": [(s, iso(at)) for s, at in deal.stages if at < end]}
        row["_contacts"] = [str(self._living(c).id) for c in deal.contacts]
        return row

    def _living(self, contact: Contact) -> Contact:
        merged = contact.merged_at is not None and contact.merged_at < self._end
        return contact.merged_into if merged and contact.merged_into else contact

    def _object(
        self,
        number: int,
        created: datetime,
        changed: datetime,
        archived: datetime | None,
        properties: dict[str, Any],
        prefix: str,
    ) -> dict[str, Any]:
        """Return the envelope of an object around its properties."""
        gone = archived if archived and archived < self._end else None
        times = {"createdate": iso(created), f"{prefix}lastmodifieddate": iso(gone or changed)}
        row = {
            "id": str(number),
            "properties": {**properties, **times, "hs_object_id": str(number)},
            "createdAt": iso(created),
            "updatedAt": iso(gone or changed),
            "archived": gone is not None,
        }
        return row | ({"archivedAt": iso(gone)} if gone else {})


def _origin(trace: Trace | None, *, with_utm: bool = True) -> dict[str, str | None]:
    """Return where HubSpot thinks that somebody came from, and the custom UTM properties.

    Shape: a paid social campaign stands in the drill-downs too; other drill-downs are no campaign.
    """
    found: dict[str, str | None] = {
        "hs_analytics_source": None,
        "hs_analytics_source_data_1": None,
        "hs_analytics_source_data_2": None,
    }
    if with_utm:
        found |= dict.fromkeys(UTM)
    if trace is None:
        return found
    if with_utm:
        found |= {
            "utm_source": trace.utm_source,
            "utm_medium": trace.utm_medium,
            "utm_campaign": trace.utm_campaign,
            "utm_content": trace.utm_content,
        }
    if trace.kind == "utm" and trace.utm_content == "v1" and _mapped(trace):
        # The ads tool of the CRM noted the campaign, the form carried no parameters.
        paid = ("PAID_SOCIAL", LABELS[trace.answer.platform], trace.utm_campaign)
        nothing = dict.fromkeys(UTM) if with_utm else {}
        return {**dict(zip(found, paid, strict=False)), **nothing}
    network = trace.source in LABELS.values()
    found["hs_analytics_source"] = "SOCIAL_MEDIA" if network else trace.source
    if network:
        found["hs_analytics_source_data_1"] = trace.source
    elif trace.source == "ORGANIC_SEARCH":
        found["hs_analytics_source_data_1"] = "Unknown keywords (SSL)"
    elif trace.source == "OFFLINE":
        found["hs_analytics_source_data_1"] = "CRM_UI"
        found["hs_analytics_source_data_2"] = "userId:42"
    return found


def _mapped(trace: Trace) -> bool:
    """Tell whether the trace's own utm_source names a social network that HubSpot knows."""
    platform = trace.answer.platform
    return platform in LABELS and trace.utm_source in UTM_SOURCES.get(platform, ())


def _click(contact: Contact, platform: str) -> str | None:
    clicked = contact.trace.kind == "click" and contact.trace.answer.platform == platform
    return f"click.1.{contact.id}" if clicked else None
