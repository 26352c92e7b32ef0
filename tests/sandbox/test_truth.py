"""The ground truth: worked out by hand on a handful of events, and counted naively on many."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.company import Company, cutoff
from sandbox.company.base import Answer, Trace
from sandbox.company.money import Cost
from sandbox.company.people import Person
from sandbox.company.recruiting import Application, Offer
from sandbox.company.sales import Contact, Deal
from sandbox.company.shop import Order
from sandbox.company.support import Ticket
from sandbox.truth import KPIS, count

DAY = date(2026, 6, 30)
LINKEDIN = Trace(Answer("linkedin", "Care for Hamburg", "social"), "utm")
PHONE = Trace(Answer("phone", "unassigned", "conventional"), "source")
NOBODY = Trace(Answer(), "none")
SOMEBODY = Person(1, "Alva", "Lohmar", "alva@example.com", "+49 1")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def empty() -> Company:
    """Return a company to which nothing happened; its campaigns stay."""
    company = Company(seed=1, last=DAY, days=60, scale=0.01)
    company.recruiting.applications = []
    company.sales.contacts, company.sales.deals = [], []
    company.support.tickets, company.shop.orders = [], []
    company.social.posts, company.social.ads, company.costs = [], [], []
    return company


def application(number: int, applied: str, trace: Trace = LINKEDIN, **later: Any) -> Application:
    return Application(number, SOMEBODY, 1, 310, at(applied), trace, **later)


class Rows:
    """Look-up in the truth of a company."""

    def __init__(self, company: Company, day: date = DAY) -> None:
        self.rows = count(company, day)
        self._by_key = {
            (r["kpi"], r["period_grain"], r["period_start"], r["slice"], r["slice_value"]): r
            for r in self.rows
        }

    def get(
        self, kpi: str, part: str = "total", value: str = "all", grain: str = "all",
        start: date | None = None,
    ) -> tuple[Any, Any, Any] | None:  # fmt: skip
        row = self._by_key.get((kpi, grain, start, part, value))
        return (row["numerator"], row["denominator"], row["value"]) if row else None


def test_recruiting_by_hand() -> None:
    company = empty()
    offered = Offer(1, 1, at("2026-06-10T10:00:00"), resolved_at=at("2026-06-12T08:00:00"))
    offered.accepted = True
    company.recruiting.applications = [
        # 22:30 UTC is the first of June already in Berlin
        application(
            1, "2026-05-31T22:30:00", offers=[offered], hire_seen_at=at("2026-06-12T08:00:00"),
            stages=[(0, at("2026-05-31T22:30:00")), (1, at("2026-06-03T08:00:00"))],
        ),
        # hired by hand: no date, so the hire counts on the day of application
        application(2, "2026-06-05T08:00:00", hire_seen_at=at("2026-06-20T08:00:00"), dated=False),
        application(3, "2026-06-06T08:00:00", stages=[(0, at("2026-06-06T08:00:00"))]),
        application(4, "2026-06-07T08:00:00", PHONE),
        application(5, "2026-06-08T08:00:00", prospect=True),
        application(6, "2026-06-30T22:00:00"),  # the first of July in Berlin: not known yet
    ]  # fmt: skip
    truth = Rows(company)

    assert truth.get("qualified_applications") == (2, None, 2)
    assert truth.get("qualification_rate") == (2, 4, 0.5)
    assert truth.get("qualification_rate", "channel_kind", "social") == (2, 3, 2 / 3)
    assert truth.get("qualification_rate", "platform", "phone") == (0, 1, 0.0)
    assert truth.get("hires", "platform", "phone") is None
    assert truth.get("hires", grain="day", start=date(2026, 6, 5)) == (1, None, 1)
    assert truth.get("hires", grain="day", start=date(2026, 6, 12)) == (1, None, 1)
    assert truth.get("application_to_hire_rate", grain="month", start=date(2026, 5, 1)) is None
    assert truth.get("offer_acceptance_rate") == (2, 2, 1.0)
    assert truth.get("offer_acceptance_rate", grain="day", start=date(2026, 6, 10)) == (1, 1, 1.0)
    # 31 May 22:30 to 12 June 08:00 are 11 days, 9 hours and 30 minutes
    assert truth.get("time_to_hire_days") == (984600 / 86400, 1, 984600 / 86400)
    assert truth.get("time_to_hire_days", grain="week", start=date(2026, 6, 8)) is not None
    assert truth.get("click_to_application_rate") == (3, None, None)
    assert truth.get("qualification_rate", "audience", "nurses") == (2, 3, 2 / 3)
    assert truth.get("qualification_rate", "audience", "unassigned") == (0, 1, 0.0)


def test_a_transfer_and_a_hire_written_down_late_by_hand() -> None:
    company = empty()
    moved = Offer(1, 1, at("2026-06-10T10:00:00"), resolved_at=at("2026-06-12T08:00:00"))
    company.recruiting.applications = [
        application(
            1, "2026-06-05T08:00:00", hire_seen_at=at("2026-06-20T08:00:00"),
            filled_at=at("2026-06-03T08:00:00"),
        ),
        application(
            2, "2026-06-06T08:00:00", offers=[moved], hire_seen_at=at("2026-06-12T08:00:00"),
            transfer=True,
        ),
    ]  # fmt: skip
    truth = Rows(company)

    assert truth.get("hires") == (1, None, 1)
    assert truth.get("hires", grain="day", start=date(2026, 6, 3)) == (1, None, 1)
    assert truth.get("time_to_hire_days") is None
    assert truth.get("offer_acceptance_rate") == (1, 1, 1.0)
    assert truth.get("application_to_hire_rate") == (1, 2, 0.5)
    assert truth.get("qualification_rate") == (2, 2, 1.0)


def test_money_by_hand() -> None:
    company = empty()
    story = next(c for c in company.campaigns if c.story)
    company.costs = [
        Cost("1", date(2026, 6, 29), date(2026, 7, 2), "HR", None, None, "x", Decimal("2.50")),
        Cost("2", date(2026, 6, 3), None, "Marketing", "LinkedIn", story, "x", Decimal("100.10")),
        Cost("3", date(2026, 6, 3), None, "Marketing", None, None, "x", Decimal("999")),
        Cost("4", date(2026, 7, 1), None, "HR", None, None, "x", Decimal("999")),
    ]
    company.recruiting.applications = [
        application(1, "2026-06-05T08:00:00", stages=[(1, at("2026-06-06T08:00:00"))])
    ]
    truth = Rows(company)

    # booked until the second of July: the days to come are kept
    assert truth.get("cost_per_qualified_application") == (Decimal("110.10"), 1, 110.1)
    july = truth.get("cost_per_hire", grain="month", start=date(2026, 7, 1))
    assert july == (Decimal("5.00"), None, None)
    social = truth.get("cost_per_qualified_application", "channel_kind", "social")
    assert social == (Decimal("100.10"), 1, 100.1)
    assert truth.get("cost_per_hire", "platform", "unattributed") == (Decimal("10.00"), None, None)


def test_sales_by_hand() -> None:
    company = empty()
    winner = Contact(1, SOMEBODY, at("2026-06-01T08:00:00"), LINKEDIN)
    winner.lifecycle = [("lead", winner.created_at), ("opportunity", at("2026-06-04T08:00:00"))]
    double = Contact(2, SOMEBODY, at("2026-06-02T08:00:00"), PHONE)
    double.merged_into, double.merged_at = winner, at("2026-06-20T08:00:00")
    silent = Contact(3, SOMEBODY, at("2026-06-03T08:00:00"), NOBODY)
    company.sales.contacts = [winner, double, silent]
    won = Deal(1, at("2026-06-05T08:00:00"), [double], None, Decimal("1200.50"), at("2026-07-30"))
    won.closed_at, won.won = at("2026-06-15T08:00:00"), True
    company.sales.deals = [won]

    after, before = Rows(company), Rows(company, date(2026, 6, 19))

    assert after.get("leads") == (2, None, 2)
    assert after.get("lead_to_win_rate") == (1, 2, 0.5)
    assert after.get("won_revenue", "platform", "linkedin") == (Decimal("1200.50"), None, 1200.5)
    # a lead of whose stage nobody knows anything: null, not 0
    assert after.get("qualified_lead_rate", "channel_kind", "unknown") == (None, 1, None)
    assert after.get("lead_to_win_rate", "channel_kind", "unknown") == (0, 1, 0.0)
    # before the merge the second record was a lead of its own, and the deal was its deal
    assert before.get("leads") == (3, None, 3)
    assert before.get("won_revenue", "platform", "phone") == (Decimal("1200.50"), None, 1200.5)


def test_deals_that_come_twice_come_back_or_come_in_francs_by_hand() -> None:
    company = empty()
    buyer = Contact(1, SOMEBODY, at("2026-06-01T08:00:00"), LINKEDIN)
    company.sales.contacts = [buyer]

    def deal(number: int, closed: str, **more: Any) -> Deal:
        due = at("2026-07-30")
        made = Deal(number, at("2026-06-05"), [buyer], None, Decimal("100.00"), due, **more)
        made.closed_at, made.won = at(closed), True
        return made

    company.sales.deals = [
        deal(1, "2026-06-10"),
        deal(2, "2026-06-11", currency="CHF"),
        deal(3, "2026-06-12", reopened_at=at("2026-06-20")),
    ]
    after, before = Rows(company), Rows(company, date(2026, 6, 19))

    assert after.get("lead_to_win_rate") == (1, 1, 1.0)
    assert after.get("cost_per_won_deal") == (None, 2, None)
    assert after.get("won_revenue") == (Decimal("100.00"), None, 100)
    assert after.get("won_revenue", grain="day", start=date(2026, 6, 11)) is None
    # on the day before it was opened again the third deal was a win like any other
    assert before.get("cost_per_won_deal") == (None, 3, None)
    assert before.get("won_revenue") == (Decimal("200.00"), None, 200)


def test_support_and_shop_by_hand() -> None:
    company = empty()
    opened = at("2026-06-01T08:00:00")
    social = Answer("facebook", "unassigned", "social")
    company.support.tickets = [
        Ticket(n, SOMEBODY, opened, "facebook", "x", None, social) for n in range(4)
    ]
    solved, reopened, merged, fresh = company.support.tickets
    solved.solved, solved.reply_minutes = [at("2026-06-01T11:00:00")], 30
    solved.rating, solved.rated_at = True, at("2026-06-01T12:00:00")
    reopened.solved, reopened.reopened = [at("2026-06-01T09:00:00")], [at("2026-06-01T10:00:00")]
    merged.solved, merged.merged_at = [at("2026-06-01T09:00:00")], at("2026-06-01T10:00:00")
    fresh.reply_minutes = 60 * 24 * 40
    orders = [
        Order(str(n), SOMEBODY, opened, PHONE, Decimal("50.00"), "paid", None) for n in range(6)
    ]
    orders[4].changed_at, orders[4].later = at("2026-06-02T08:00:00"), "refunded"
    orders[5].currency = "CHF"
    orders[0].new_customer = True
    orders[1].changed_at, orders[1].later = at("2026-06-02T08:00:00"), "partially_refunded"
    orders[1].later_amount, orders[1].new_customer = Decimal("20.00"), False
    orders[2].changed_at, orders[2].later = at("2026-06-02T08:00:00"), "cancelled"
    company.shop.orders = orders
    truth = Rows(company)

    assert truth.get("resolution_rate", "channel_kind", "social") == (1, 3, 1 / 3)
    assert truth.get("hours_to_resolution") == (3.0, 1, 3.0)
    assert truth.get("hours_to_first_response") == (0.5, 1, 0.5)
    assert truth.get("satisfaction") == (1, 1, 1.0)
    # all of the fifth order went back, the amount of the sixth is not known: both are orders
    assert truth.get("orders") == (5, None, 5)
    assert truth.get("order_revenue") == (Decimal("120.00"), None, 120)
    assert truth.get("average_order_value") == (Decimal("120.00"), 5, 24.0)
    assert truth.get("new_customer_share") == (1, 2, 0.5)
    assert Rows(company, date(2026, 6, 1)).get("orders") == (6, None, 6)


def test_all_kpis_and_periods_are_there(company: Company) -> None:
    rows = count(company, company.last)
    keys = {
        (r["kpi"], r["period_grain"], r["period_start"], r["slice"], r["slice_value"]) for r in rows
    }

    assert len(keys) == len(rows)
    assert {r["kpi"] for r in rows} == {kpi.name for kpi in KPIS}
    assert len(KPIS) == 28
    assert all(r["numerator"] is not None or r["denominator"] is not None for r in rows)
    weeks = {r["period_start"].weekday() for r in rows if r["period_grain"] == "week"}
    assert weeks == {0}
    quarters = {
        (r["period_start"].month, r["period_start"].day)
        for r in rows
        if r["period_grain"] == "quarter"
    }
    assert quarters <= {(1, 1), (4, 1), (7, 1), (10, 1)}


def test_naive_counts_agree(company: Company) -> None:
    """Loops without any cleverness over the events, for a few KPIs and one month."""
    truth, end, month = Rows(company, company.last), cutoff(company.last), date(2026, 3, 1)
    inside = (at("2026-02-28T23:00:00"), at("2026-03-31T22:00:00"))  # Berlin's March in UTC
    known = [a for a in company.recruiting.applications if not a.prospect and a.counts(end)]
    march = [a for a in known if inside[0] <= a.applied_at < inside[1]]
    orders = [o for o in company.shop.orders if o.status(end) not in ("cancelled", "test")]

    joined = [a for a in march if not a.transfer]
    hires = sum(1 for a in joined if a.hire_seen_at and a.hire_seen_at < end)
    wanted = (hires, len(march), hires / len(march))
    assert truth.get("application_to_hire_rate", grain="month", start=month) == wanted
    euros = [o for o in orders if o.currency == "EUR"]
    by_platform = [o for o in euros if o.trace.answer.platform == "google"]
    found = truth.get("order_revenue", "platform", "google")
    assert found
    assert found[0] == sum(o.net(end) for o in by_platform)
    tickets = [t for t in company.support.tickets if not (t.merged_at or t.deleted_at)]
    found = truth.get("support_requests")
    gone_later = [
        t for t in company.support.tickets
        if (t.merged_at or t.deleted_at) and (t.merged_at or t.deleted_at or end) >= end
    ]  # fmt: skip
    assert found
    assert found[0] == len(tickets) + len(gone_later)
    clicks = 0
    for post in company.social.posts:
        if post.campaign and post.campaign.goal == "recruiting" and post.published_at < end:
            clicks += sum(n[4] for d in post.days if (n := post.shown(d, company.last)))
    ads = [a for a in company.social.ads if a.campaign and a.campaign.goal == "recruiting"]
    clicks += sum(ad.shown(company.last)[1] for ad in ads if ad.day <= company.last)
    found = truth.get("click_to_application_rate")
    assert found
    assert found[1] == clicks
