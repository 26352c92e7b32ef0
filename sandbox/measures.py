"""What happened, as additive measures per day and slice: the counting half of the ground truth.

Read from the simulated events alone; neither the served data nor any SQL takes part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from sandbox.company import Company, cutoff
from sandbox.company.base import CURRENCY, UNASSIGNED, UNATTRIBUTED, UNKNOWN, Answer, day_of
from sandbox.company.campaigns import Campaign, kind_of
from sandbox.company.networks import all_ads
from sandbox.company.rates import in_business_currency
from sandbox.company.recruiting import Application
from sandbox.company.sales import Contact, Deal
from sandbox.company.shop import NO_ORDER

Number = int | Decimal
Slice = tuple[str, str]
Days = dict[date, Number]
NAMES = {"Indeed": "indeed", "StepStone": "stepstone", "Google": "google", "Email": "email"}
GOALS = {"HR": "recruiting", "Recruiting": "recruiting", "Sales": "sales"}
GOALS |= {"Shop": "commerce", "Commerce": "commerce", "Support": "support"}


class Measures:
    """Sums by measure, slice and day as known at the end of business day `day`."""

    def __init__(self, company: Company, day: date) -> None:
        self._company, self._day, self._end = company, day, cutoff(day)
        self._campaigns = {c.name: c for c in company.campaigns}
        self.sums: dict[str, dict[Slice, Days]] = defaultdict(lambda: defaultdict(dict))
        self._with_spend = {
            _tagged(ad.campaign, ad.tag) for ad in all_ads(company) if ad.day <= day
        }
        self._with_spend.discard(UNASSIGNED)
        steps: tuple[Callable[[], None], ...] = (
            self._applications,
            self._leads,
            self._deals,
            self._tickets,
            self._orders,
            self._ads,
            self._posts,
            self._costs,
        )
        for step in steps:
            step()

    def _slices(self, answer: Answer, audience: str | None = None) -> tuple[Slice, ...]:
        campaign = self._campaigns.get(answer.campaign)
        return (
            ("total", "all"),
            ("channel_kind", answer.channel_kind),
            ("platform", answer.platform),
            ("campaign", answer.campaign),
            ("audience", audience or (campaign.audience if campaign else UNASSIGNED)),
            ("message", campaign.message if campaign else UNASSIGNED),
        )

    def _add(self, slices: tuple[Slice, ...], day: date, **values: Number | bool | None) -> None:
        """Add values to their measures; None adds no row, so a side without rows stays null."""
        for measure, value in values.items():
            if value is None:
                continue
            cells, number = self.sums[measure], int(value) if isinstance(value, bool) else value
            for part in slices:
                days = cells[part]
                days[day] = days.get(day, 0) + number

    def _converted(self, amount: Decimal | None, currency: str, day: date) -> Decimal | None:
        """Return an amount in the business currency: one of another needs a source of rates."""
        if amount is None or (currency != CURRENCY and "ecb" not in self._company.sources):
            return None
        return in_business_currency(amount, currency, day)

    def _goal(self, answer: Answer) -> str | None:
        campaign = self._campaigns.get(answer.campaign)
        return campaign.goal if campaign else None

    def _applications(self) -> None:
        for application in self._company.recruiting.applications:
            if application.counts(self._end) and not application.prospect:
                self._application(application)

    def _application(self, a: Application) -> None:
        slices, end = self._slices(a.trace.answer), self._end
        applied, hired = day_of(a.applied_at), a.hired(end) and not a.transfer
        qualified = a.qualified(end)
        self._add(slices, applied, applications=1, qualified=qualified, hires_of_these=hired)
        if self._goal(a.trace.answer) == "recruiting":
            self._add(slices, applied, recruiting_campaign_applications=1)
        hired_at, offer = a.hired_at(end), a.offer(end)
        hired_on = day_of(hired_at) if hired_at else applied
        if hired:
            backwards = hired_at is None or hired_at < a.applied_at
            seconds = None if backwards or not hired_at else _seconds(a.applied_at, hired_at)
            dated = None if seconds is None else 1
            self._add(slices, hired_on, hires=1, seconds_to_hire=seconds, dated_hires=dated)
        if (offer or hired) and not a.transfer:
            offered_on = day_of(offer.created_at) if offer else hired_on
            self._add(slices, offered_on, offers=1, hires_of_these_offers=hired)

    def _leads(self) -> None:
        won = {
            lead.id
            for deal in self._company.sales.deals
            if deal.counts(self._end) and deal.is_won(self._end) and (lead := deal.lead(self._end))
        }
        for lead in self._company.sales.contacts:
            if lead.counts(self._end):
                slices, created = self._slices(lead.trace.answer), day_of(lead.created_at)
                qualified = lead.qualified(self._end)
                self._add(slices, created, leads=1, qualified_leads=qualified)
                self._add(slices, created, leads_won=lead.id in won)

    def _deals(self) -> None:
        for deal in self._company.sales.deals:
            if deal.counts(self._end) and deal.is_won(self._end) and deal.closed_at:
                answer = deal_answer(deal, self._end)
                slices, closed = self._slices(answer), day_of(deal.closed_at)
                known = self._converted(deal.amount, deal.currency, closed)
                self._add(slices, closed, won_deals=1, won_revenue=known)
                if answer.campaign in self._with_spend:
                    self._add(slices, closed, ad_revenue=known)

    def _tickets(self) -> None:
        for ticket in self._company.support.tickets:
            if not ticket.counts(self._end):
                continue
            slices, opened = self._slices(ticket.answer), day_of(ticket.created_at)
            resolved, replied = ticket.resolved_at(self._end), ticket.replied_at
            self._add(slices, opened, requests=1, resolved=resolved is not None)
            if resolved:
                seconds = _seconds(ticket.created_at, resolved)
                self._add(slices, opened, seconds_to_resolution=seconds, dated_resolutions=1)
            if replied and replied < self._end:
                seconds = _seconds(ticket.created_at, replied)
                self._add(slices, opened, seconds_to_response=seconds, dated_responses=1)
            if ticket.rated_at and ticket.rated_at < self._end:
                self._add(slices, opened, satisfaction=ticket.rating, rated=1)

    def _orders(self) -> None:
        for order in self._company.shop.orders:
            if order.ordered_at >= self._end or order.status(self._end) in NO_ORDER:
                continue
            answer = order.trace.answer
            slices, on = self._slices(answer), day_of(order.ordered_at)
            net = self._converted(order.net(self._end), order.currency, on)
            known = None if order.new_customer is None else 1
            self._add(slices, on, orders=1, order_revenue=net)
            self._add(slices, on, first_orders=order.new_customer, flagged_orders=known)
            if self._goal(answer) == "commerce":
                self._add(slices, on, commerce_campaign_orders=1)
            if answer.campaign in self._with_spend:
                self._add(slices, on, ad_revenue=net)

    def _ads(self) -> None:
        for ad in all_ads(self._company):
            if ad.day > self._day:
                continue
            _, clicks, spend, _ = ad.shown(self._day)
            name = _tagged(ad.campaign, ad.tag)
            answer = Answer(ad.platform, name, kind_of(ad.platform))
            slices, goal = self._slices(answer, ad.audience), self._goal(answer)
            self._add(slices, ad.day, **{f"{goal}_clicks": clicks})
            self._add(slices, ad.day, **{f"{goal}_cost": spend})
            if name in self._with_spend:
                self._add(slices, ad.day, ad_spend=spend)

    def _posts(self) -> None:
        for post in self._company.social.posts:
            if post.published_at >= self._end or post.campaign is None:
                continue
            answer = Answer(post.platform, post.campaign.name, kind_of(post.platform))
            slices = self._slices(answer)
            for on, clicks in post.clicks(self._day, self._company.sources):
                self._add(slices, on, **{f"{post.campaign.goal}_clicks": clicks})

    def _costs(self) -> None:
        for cost in self._company.costs:
            if cost.day > self._day:
                continue
            campaign = cost.campaign
            platform = campaign.platform if campaign else NAMES.get(cost.platform or "")
            kind = kind_of(platform) if platform else UNKNOWN
            name = campaign.name if campaign else UNASSIGNED
            slices = self._slices(Answer(platform or UNATTRIBUTED, name, kind))
            goal = campaign.goal if campaign else GOALS.get(cost.department)
            for on in cost.days:
                self._add(slices, on, **{f"{goal}_cost": cost.daily})


def deal_answer(deal: Deal, end: datetime) -> Answer:
    """Return the answer of a deal: its own UTM, else its lead's, else its own source."""
    lead: Contact | None = deal.lead(end)
    if deal.own is not None and (lead is None or deal.own.utm_campaign):
        return deal.own.answer
    return lead.trace.answer if lead else Answer()


def _tagged(campaign: Campaign | None, tag: str | None) -> str:
    if campaign:
        return campaign.name
    return tag.strip().lower() if tag else UNASSIGNED


def _seconds(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds())
