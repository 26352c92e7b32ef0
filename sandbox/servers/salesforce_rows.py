"""Salesforce's records as they stood at the end of a business day."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.company import Company
from sandbox.company.base import Trace, day_of
from sandbox.company.campaigns import Campaign, answer_of
from sandbox.company.sales import Contact, Deal

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECK = string.ascii_uppercase + "012345"
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
SOURCES = {"EMAIL_MARKETING": "Email", "ORGANIC_SEARCH": "Organic Search", "OFFLINE": "Offline"}
SOURCES |= {"OTHER_CAMPAIGNS": "Other"}
STATUSES = {
    "lead": "Open - Not Contacted",
    "marketingqualifiedlead": "Marketing Qualified",
    "salesqualifiedlead": "Sales Qualified",
}
CONVERTED, PARKED = "Closed - Converted", "Parked"
STAGES = {
    "appointmentscheduled": "Qualification",
    "presentationscheduled": "Proposal/Price Quote",
    "contractsent": "Negotiation/Review",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}
BIN = timedelta(days=15)  # the recycle bin is emptied after them

Row = dict[str, Any]


def sf_id(prefix: str, number: int) -> str:
    """Return an id of 18 characters: 15 that tell case apart, and 3 that check it."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    plain = f"{prefix}Qy{digits.rjust(10, '0')}"
    parts = (plain[:5], plain[5:10], plain[10:])
    marks = (sum((char in string.ascii_uppercase) << n for n, char in enumerate(p)) for p in parts)
    return plain + "".join(CHECK[mark] for mark in marks)


def moment(at: datetime) -> str:
    """Return a time as the platform writes it in JSON."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Rows:
    """All records of one day; events at or after `end` have not happened.

    Shape: every object is a list of rows by field; `_gone` is when a row was deleted.
    """

    def __init__(self, company: Company, end: datetime) -> None:
        self._end = end
        self._campaigns = {campaign.name: campaign for campaign in company.campaigns}
        self._contacts = [c for c in company.contacts("salesforce") if c.created_at < end]
        self._deals = [d for d in company.deals("salesforce") if d.created_at < end]
        self._first: dict[int, Deal] = {}  # a lead becomes one opportunity, the first
        for deal in self._deals:
            if deal.contacts:
                self._first.setdefault(deal.contacts[0].id, deal)

    def all(self) -> Mapping[str, list[Row]]:
        """Return the rows of every object."""
        return {
            "Lead": [self._lead(contact) for contact in self._contacts],
            "Opportunity": [self._opportunity(deal) for deal in self._deals],
            "OpportunityContactRole": list(self._roles()),
            "Campaign": [self._campaign(campaign) for campaign in self._campaigns.values()],
            "CampaignMember": list(self._members()),
        }

    def _lead(self, contact: Contact) -> Row:
        seen = [(stage, at) for stage, at in contact.lifecycle if at < self._end]
        deal = self._first.get(contact.id)
        gone = _earliest(self._end, contact.merged_at, contact.archived_at)
        merges = [c.merged_at for c in contact.absorbed if c.merged_at and c.merged_at < self._end]
        changed = max([contact.created_at, *(at for _, at in seen), *merges])
        utm = self._campaign_only(contact.trace)
        merged = contact.merged_into if gone and gone == contact.merged_at else None
        status = STATUSES.get(seen[-1][0], CONVERTED) if seen else PARKED
        return _system(sf_id("00Q", contact.id), contact.created_at, changed, gone) | {
            "FirstName": contact.person.first,
            "LastName": contact.person.last,
            "Name": contact.person.name,
            "Email": contact.person.email,
            "Phone": contact.person.phone,
            "Company": "[not provided]",
            "Status": CONVERTED if deal else status,
            "LeadSource": _source(contact.trace),
            "IsConverted": deal is not None,
            "ConvertedDate": day_of(deal.created_at).isoformat() if deal else None,
            "ConvertedOpportunityId": sf_id("006", deal.id) if deal else None,
            "ConvertedContactId": sf_id("003", contact.id) if deal else None,
            "ConvertedAccountId": sf_id("001", contact.id) if deal else None,
            "MasterRecordId": sf_id("00Q", merged.id) if merged else None,
            **_utm(None if utm else contact.trace),
        }

    def _opportunity(self, deal: Deal) -> Row:
        stage, at = [(stage, at) for stage, at in deal.stages if at < self._end][-1]
        closed, lead = deal.is_closed(self._end), deal.lead(self._end)
        due = deal.closed_at if deal.closed_at and deal.closed_at < self._end else None
        gone = _earliest(self._end, deal.archived_at)
        trace = lead.trace if lead else deal.own
        campaign = self._campaign_only(trace) if trace else None  # copied when it is converted
        return _system(sf_id("006", deal.id), deal.created_at, at, gone) | {
            "Name": f"Offer for {lead.person.name if lead else 'a visitor'}",
            "AccountId": sf_id("001", lead.id) if lead else None,
            "CampaignId": sf_id("701", self._number(campaign)) if campaign else None,
            "LeadSource": _source(trace),
            "StageName": STAGES[stage],
            "IsClosed": closed,
            "IsWon": deal.is_won(self._end),
            "Amount": None if deal.amount is None else float(deal.amount),
            "CurrencyIsoCode": deal.currency,
            "CloseDate": day_of(due or deal.expected_close).isoformat(),
            "LastStageChangeDate": moment(at),
            **_utm(deal.own),
        }

    def _roles(self) -> Iterator[Row]:
        """Yield the contact of every deal; of the second contact, which is no customer, none."""
        for deal in self._deals:
            if deal.contacts:
                gone = _earliest(self._end, deal.archived_at)
                id_ = sf_id("00K", deal.id)
                yield _system(id_, deal.created_at, deal.created_at, gone) | {
                    "OpportunityId": sf_id("006", deal.id),
                    "ContactId": sf_id("003", deal.contacts[0].id),
                    "IsPrimary": True,
                    "Role": None,
                }

    def _campaign(self, campaign: Campaign) -> Row:
        at = datetime.combine(campaign.declared, datetime.min.time(), UTC)
        return _system(sf_id("701", self._number(campaign)), at, at, None) | {
            "Name": campaign.name,
            "Type": "Other",
            "IsActive": campaign.runs(day_of(self._end)),
            "StartDate": campaign.starts.isoformat(),
            "EndDate": campaign.ends.isoformat(),
            "ActualCost": None,
        }

    def _members(self) -> Iterator[Row]:
        """Yield the campaign that a form noted instead of a UTM, and some that prove nothing."""
        for contact in self._contacts:
            came_from = self._campaign_only(contact.trace)
            at, gone = contact.created_at, _earliest(self._end, contact.archived_at)
            if came_from:
                yield self._member(contact, came_from, 0, at, gone)
            # Tagged visitors are listed elsewhere, too; others are invited days later.
            at += timedelta(days=0 if contact.trace.utm_campaign else 9)
            if contact.id % 5 == 0 and at < self._end:
                invited = list(self._campaigns.values())[contact.id % len(self._campaigns)]
                if not came_from:
                    yield self._member(contact, invited, 1, at, gone)

    def _member(
        self, contact: Contact, campaign: Campaign, number: int, at: datetime, gone: datetime | None
    ) -> Row:
        return _system(sf_id("00v", 2 * contact.id + number), at, at, gone) | {
            "CampaignId": sf_id("701", self._number(campaign)),
            "LeadId": sf_id("00Q", contact.id),
            "ContactId": None,
            "Status": "Sent",
            "Email": contact.person.email,
        }

    def _number(self, campaign: Campaign) -> int:
        return list(self._campaigns).index(campaign.name) + 1

    def _campaign_only(self, trace: Trace) -> Campaign | None:
        """Return the campaign of a trace that a membership tells as well as its UTM would."""
        campaign = self._campaigns.get(trace.answer.campaign)
        same = campaign is not None and trace.answer == answer_of(campaign, None)
        told = trace.kind == "utm" and trace.utm_content == "v1"
        return campaign if same and told else None


def _system(id_: str, created: datetime, changed: datetime, gone: datetime | None) -> Row:
    return {
        "Id": id_,
        "IsDeleted": gone is not None,
        "CreatedDate": moment(created),
        "LastModifiedDate": moment(gone or changed),
        "SystemModstamp": moment(gone or changed),
        "_gone": gone,
    }


def _earliest(end: datetime, *moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at and at < end), default=None)


def _source(trace: Trace | None) -> str | None:
    source = trace.source if trace else None
    return SOURCES.get(source, source) if source else None


def _utm(trace: Trace | None) -> Row:
    return {f"{name}__c": getattr(trace, name) if trace else None for name in UTM}
