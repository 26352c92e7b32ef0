"""Sales: contacts, their way to a deal, merged and archived records."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sandbox.company.base import CURRENCY, FOREIGN, Trace, any_time, office_time, pick_days, stream
from sandbox.company.campaigns import Campaign
from sandbox.company.people import People, Person
from sandbox.company.traces import Tracer

QUALIFIED = ("marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
DEAL_STAGES = ("appointmentscheduled", "presentationscheduled", "contractsent")


@dataclass(slots=True)
class Contact:
    """One contact of the CRM. `lifecycle` lists (stage, at); `merged_into` survives a merge."""

    id: int
    person: Person
    created_at: datetime
    trace: Trace
    lifecycle: list[tuple[str, datetime]] = field(default_factory=list)
    merged_into: Contact | None = None
    merged_at: datetime | None = None
    absorbed: list[Contact] = field(default_factory=list)
    archived_at: datetime | None = None
    system: str = ""

    def counts(self, end: datetime) -> bool:
        """Tell whether the CRM shows this contact just before `end`."""
        gone = [at for at in (self.merged_at, self.archived_at) if at is not None]
        return self.created_at < end and all(at >= end for at in gone)

    def qualified(self, end: datetime) -> bool | None:
        """Return the flag; null while the CRM says nothing about the stage."""
        seen = [stage for stage, at in self.lifecycle if at < end]
        return seen[-1] in QUALIFIED if seen else None


@dataclass(slots=True)
class Deal:
    """One deal. `own` is a UTM of the deal itself, else its contact's answer holds.

    Shape: a deal that was opened again at `reopened_at` stays open.
    """

    id: int
    created_at: datetime
    contacts: list[Contact]
    own: Trace | None
    amount: Decimal | None
    expected_close: datetime
    stages: list[tuple[str, datetime]] = field(default_factory=list)
    closed_at: datetime | None = None
    won: bool = False
    currency: str = CURRENCY
    reopened_at: datetime | None = None
    archived_at: datetime | None = None
    system: str = ""

    def counts(self, end: datetime) -> bool:
        """Tell whether the CRM shows this deal just before `end`."""
        return self.created_at < end and (self.archived_at is None or self.archived_at >= end)

    def is_won(self, end: datetime) -> bool:
        """Tell whether it was won before `end`, and not opened again."""
        return self.won and self.is_closed(end)

    def is_closed(self, end: datetime) -> bool:
        """Tell whether it stands closed just before `end`."""
        reopened = self.reopened_at is not None and self.reopened_at < end
        return self.closed_at is not None and self.closed_at < end and not reopened

    def lead(self, end: datetime) -> Contact | None:
        """Return its first contact; after a merge that is the surviving one."""
        if not self.contacts:
            return None
        first = self.contacts[0]
        merged = first.merged_at is not None and first.merged_at < end
        return first.merged_into if merged else first


class Sales:
    """All contacts and deals of the simulated history."""

    def __init__(self, seed: int, people: People, tracer: Tracer) -> None:
        self._seed, self._rng = seed, stream(seed, "sales")
        self._people, self._tracer = people, tracer
        self.contacts: list[Contact] = []
        self.deals: list[Deal] = []

    def fill(
        self, campaigns: list[Campaign], first: date, last: date, leads: int, deals: int
    ) -> None:
        """Create contacts, then deals of some of them, then doubles, deletions and orphans."""
        rng = self._rng
        own = [c for c in campaigns if c.goal == "sales"]
        weights = []
        for day in pick_days(rng, first, last, leads):
            origin, person, moment = _origin(rng, own, day), self._people.new(), any_time(rng, day)
            trace = self._tracer.make(rng, origin, moment, person, "hubspot")
            self.contacts.append(Contact(0, person, moment, trace))
            healthy = isinstance(origin, Campaign) and not origin.vanity
            weights.append(3.0 if healthy else 0.2 if isinstance(origin, Campaign) else 1.0)
        chosen = _distinct(rng, self.contacts, weights, round(deals * 0.87))
        for contact in self.contacts:
            self._grow(contact, id(contact) in chosen)
        for contact in [c for c in self.contacts if id(c) in chosen]:
            self._deal(contact)
        self._second_contacts()
        for day in pick_days(rng, first, last, max(deals - len(self.deals), 0)):
            self._orphan(day)
        self._merge_some()
        self._archive_some()
        self._rng = stream(self._seed, "sales, later")
        self._win_again()
        self._reopen_some()
        self._number()

    def _grow(self, contact: Contact, has_deal: bool) -> None:
        rng = self._rng
        if not has_deal and rng.random() < 0.02:
            return  # a contact without any stage: nobody knows whether it is qualified
        contact.lifecycle.append(("lead", contact.created_at))
        if has_deal or rng.random() < 0.25:
            at = office_time(rng, contact.created_at, rng.randint(1, 12))
            contact.lifecycle.append(("marketingqualifiedlead", at))
            if has_deal or rng.random() < 0.4:
                at = office_time(rng, at, rng.randint(1, 9))
                contact.lifecycle.append(("salesqualifiedlead", at))

    def _deal(self, contact: Contact) -> None:
        rng = self._rng
        created = office_time(rng, contact.lifecycle[-1][1], rng.randint(0, 6))
        own = None
        if rng.random() < 0.06:
            own = self._tracer.make(rng, "undeclared", created, contact.person, "hubspot", False)
        deal = self._new(created, [contact], own)
        contact.lifecycle.append(("opportunity", created))
        if deal.won and deal.closed_at:
            contact.lifecycle.append(("customer", deal.closed_at))

    def _new(self, created: datetime, contacts: list[Contact], own: Trace | None) -> Deal:
        rng = self._rng
        amount = Decimal(rng.randint(120000, 2800000)) / 100
        deal = Deal(0, created, contacts, own, amount, office_time(rng, created, 45))
        now = created
        for stage in DEAL_STAGES[: rng.randint(1, 3)]:
            deal.stages.append((stage, now))
            now = office_time(rng, now, rng.randint(2, 12))
        chance = rng.random()
        if chance < 0.36:
            deal.won, deal.closed_at = True, now
        elif chance < 0.85:
            deal.closed_at = now
        if not deal.won and rng.random() < 0.1:
            deal.amount = None
        if deal.closed_at:
            deal.stages.append(("closedwon" if deal.won else "closedlost", deal.closed_at))
        self.deals.append(deal)
        return deal

    def _second_contacts(self) -> None:
        """Give some deals a later second contact; the first one stays the lead."""
        rng = self._rng
        for deal in self.deals:
            if rng.random() < 0.05:
                later = [c for c in self.contacts if c.created_at > deal.contacts[0].created_at]
                free = [
                    c for c in later if c.created_at < deal.created_at and len(c.lifecycle) == 1
                ]
                if free:
                    deal.contacts.append(rng.choice(free))

    def _orphan(self, day: date) -> None:
        """Add a deal that hangs on no contact: its own source field is all there is."""
        rng = self._rng
        created, person = any_time(rng, day, 9, 17), self._people.new()
        origin = rng.choice(("linkedin", "search", "email", None, "undeclared"))
        trace = self._tracer.make(rng, origin, created, person, "hubspot", False)
        self._new(created, [], trace)

    def _merge_some(self) -> None:
        """Let a second record of the same person appear and be merged into the first."""
        rng = self._rng
        for winner in list(self.contacts):
            if rng.random() > 0.025 or any(winner in d.contacts[1:] for d in self.deals):
                continue
            created = office_time(rng, winner.created_at, rng.randint(1, 15))
            person = self._people.new(like=winner.person)
            trace = self._tracer.make(
                rng, rng.choice(("facebook", "search")), created, person, "hubspot", False
            )
            loser = Contact(0, person, created, trace, [("lead", created)])
            loser.merged_into, loser.merged_at = (
                winner,
                office_time(rng, created, rng.randint(2, 12)),
            )
            winner.absorbed.append(loser)
            self.contacts.append(loser)
            if rng.random() < 0.3:
                self._new(office_time(rng, created, 1), [loser], None)

    def _archive_some(self) -> None:
        """Delete a few records that nothing hangs on."""
        rng = self._rng
        busy = {id(c) for deal in self.deals for c in deal.contacts}
        for contact in self.contacts:
            free = not (id(contact) in busy or contact.absorbed or contact.merged_into)
            if free and rng.random() < 0.008:
                contact.archived_at = office_time(rng, contact.created_at, rng.randint(1, 30))
        for deal in self.deals:
            if not deal.won and rng.random() < 0.015:
                deal.archived_at = office_time(rng, deal.created_at, rng.randint(20, 40))

    def _win_again(self) -> None:
        """Let some customers buy twice: two deals, and the lead is won once."""
        rng = self._rng
        for deal in [d for d in self.deals if d.won and d.closed_at and d.contacts]:
            if rng.random() < 0.08 and deal.closed_at:
                created = office_time(rng, deal.closed_at, rng.randint(5, 30))
                self._new(created, deal.contacts[:1], None)

    def _reopen_some(self) -> None:
        """Open some closed deals again, won ones too, and sell some in another currency."""
        rng = self._rng
        for deal in self.deals:
            if deal.closed_at and deal.archived_at is None and rng.random() < 0.03:
                deal.reopened_at = office_time(rng, deal.closed_at, rng.randint(2, 25))
                deal.stages.append((DEAL_STAGES[-1], deal.reopened_at))
            if rng.random() < 0.02:
                deal.currency = FOREIGN

    def _number(self) -> None:
        self.contacts.sort(key=lambda c: (c.created_at, c.person.id))
        for number, contact in enumerate(self.contacts):
            contact.id = 9001 + number
        self.deals.sort(key=lambda d: (d.created_at, d.expected_close, d.amount or 0))
        for number, deal in enumerate(self.deals):
            deal.id = 500001 + number


def _origin(rng: random.Random, campaigns: list[Campaign], day: date) -> Campaign | str | None:
    running = [c for c in campaigns if c.runs(day)]
    names: list[Campaign | str | None] = [*running, "undeclared", None]
    weights = [c.outcomes for c in running] + [1, 4]
    plain = {"linkedin": 4, "facebook": 1.5, "youtube": 1, "instagram": 0.5, "search": 6}
    plain |= {"google": 1, "email": 5, "offline": 2}
    return rng.choices([*names, *plain], [*weights, *plain.values()])[0]


def _distinct(
    rng: random.Random, items: list[Contact], weights: list[float], count: int
) -> set[int]:
    """Return ids of `count` different items, heavier ones more often (Efraimidis-Spirakis keys)."""
    keyed = sorted(
        ((rng.random() ** (1 / weight), n) for n, weight in enumerate(weights)), reverse=True
    )
    return {id(items[n]) for _, n in keyed[:count]}
