"""What the company's web analytics counted: sessions, purchases and key events by their origin.

Made of the clicks of ads and posts and of what people did, without chance: one in eight clicks
never becomes a session, one in four people did not consent. Figures of a day grow like those of
the platforms, and of its first two days some people have no origin yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sandbox.company import Company
from sandbox.company.base import Trace, day_of
from sandbox.company.networks import all_ads
from sandbox.company.people import Person
from sandbox.company.social import AdDay, visible
from sandbox.company.traces import CLICK_IDS

NOT_SET = "(not set)"
LATER = (NOT_SET, NOT_SET, NOT_SET, "Unassigned")
DIRECT = ("(direct)", "(none)", "(direct)", "Direct")
SEARCH = ("google", "organic", "(organic)", "Organic Search")
KEY_EVENTS = ("submit_application", "generate_lead", "purchase")
Origin = tuple[str, str, str, str]


@dataclass(slots=True)
class Cell:
    """What was counted of one origin on one day."""

    sessions: int = 0
    engaged: int = 0
    revenue: Decimal = Decimal(0)
    events: dict[str, int] = field(default_factory=dict)

    def add(self, event: str) -> None:
        """Count one more event of a kind."""
        self.events[event] = self.events.get(event, 0) + 1


@dataclass(frozen=True, slots=True)
class _Act:
    """Something that a person did on the site."""

    person: Person
    at: datetime
    trace: Trace
    event: str
    amount: Decimal = Decimal(0)


class Rows:
    """The cells of every day."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._acts: dict[date, list[_Act]] = {}
        for act in self._all_acts():
            self._acts.setdefault(day_of(act.at), []).append(act)
        self._ads: dict[date, list[AdDay]] = {}
        for ad in all_ads(company):
            self._ads.setdefault(ad.day, []).append(ad)
        self._known: dict[tuple[date, date], dict[Origin, Cell]] = {}

    def cells(self, day: date, today: date) -> dict[Origin, Cell]:
        """Return what `today` shows of `day`; days to come have nothing."""
        key = (day, today)
        if key not in self._known:
            if len(self._known) > 4000:
                self._known.clear()
            self._known[key] = self._made(day, today) if day <= today else {}
        return self._known[key]

    def _made(self, day: date, today: date) -> dict[Origin, Cell]:
        found: dict[Origin, Cell] = {}
        for origin, clicks in self._clicks(day, today):
            cell = found.setdefault(origin, Cell())
            cell.sessions += clicks - clicks // 8
            cell.engaged += clicks // 2
        for act in self._acts.get(day, []):
            number = act.person.id
            if number % 4 == 0 or number % 100 >= visible(100, day, today):
                continue
            early = (today - day).days < 2 and number % 5 == 0
            cell = found.setdefault(LATER if early else _origin(act.trace), Cell())
            cell.sessions += 1
            cell.engaged += 1
            cell.revenue += act.amount
            cell.add(act.event)
        return {origin: cell for origin, cell in found.items() if cell.sessions}

    def _clicks(self, day: date, today: date) -> Iterator[tuple[Origin, int]]:
        for ad in self._ads.get(day, []):
            tag = ad.campaign.utm if ad.campaign else ad.tag
            yield (ad.platform, "cpc", tag or NOT_SET, "Paid Social"), ad.shown(today)[1]
        for post in self._company.social.posts:
            figures = post.days.get(day)
            if figures and post.campaign and post.link != "external":
                group = "Organic Video" if post.platform == "youtube" else "Organic Social"
                origin = (post.platform, "social", post.campaign.utm, group)
                yield origin, visible(figures[4], day, today)

    def _all_acts(self) -> Iterator[_Act]:
        company = self._company
        for one in company.recruiting.applications:
            if not one.prospect:
                yield _Act(one.person, one.applied_at, one.trace, "submit_application")
        for lead in company.sales.contacts:
            yield _Act(lead.person, lead.created_at, lead.trace, "generate_lead")
        for order in company.shop.orders:
            if order.first != "test":
                yield _Act(order.person, order.ordered_at, order.trace, "purchase", order.amount)


def _origin(trace: Trace) -> Origin:
    """Return where a person came from, as far as the address of the first page tells."""
    if trace.utm_source or trace.utm_campaign:
        medium = trace.utm_medium or NOT_SET
        group = "Organic Social" if medium == "social" else "Referral"
        source = (trace.utm_source or NOT_SET).strip()
        return source, medium, (trace.utm_campaign or NOT_SET).strip(), group
    if trace.kind == "click":
        return CLICK_IDS[0], "referral", "(referral)", "Organic Social"
    return SEARCH if trace.source else DIRECT
