"""Shop: orders with their sources, some cancelled, some of them tests, some refunded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.company.base import CURRENCY, FOREIGN, Trace, any_time, pick_days, stream
from sandbox.company.campaigns import Campaign
from sandbox.company.people import People, Person
from sandbox.company.traces import Tracer

NO_ORDER = ("cancelled", "test")


@dataclass(slots=True)
class Order:
    """One order. At `changed_at` it turns into `later` with `later_amount` (net of refunds)."""

    id: str
    person: Person
    ordered_at: datetime
    trace: Trace
    amount: Decimal
    first: str
    new_customer: bool | None
    changed_at: datetime | None = None
    later: str = ""
    later_amount: Decimal = Decimal(0)
    currency: str = CURRENCY
    system: str = ""

    def status(self, end: datetime) -> str:
        """Return the status just before `end`."""
        return self.later if self.changed_at and self.changed_at < end else self.first

    def net(self, end: datetime) -> Decimal:
        """Return the amount just before `end`, refunds taken off."""
        return self.later_amount if self.changed_at and self.changed_at < end else self.amount


class Shop:
    """All orders of the simulated history."""

    def __init__(self, seed: int, people: People, tracer: Tracer) -> None:
        self._rng = stream(seed, "shop")
        self._people, self._tracer = people, tracer
        self.orders: list[Order] = []

    def fill(self, campaigns: list[Campaign], first: date, last: date, count: int) -> None:
        """Create `count` orders; about a third come from customers who ordered before."""
        rng = self._rng
        own = [c for c in campaigns if c.goal == "commerce"]
        regulars: list[Person] = []
        for day in pick_days(rng, first, last, count):
            moment = any_time(rng, day, 6, 23).replace(second=0)
            again = bool(regulars) and rng.random() < 0.35
            person = rng.choice(regulars) if again else self._people.new()
            trace = self._tracer.make(
                rng, _origin(rng, own, day), moment, person, "shop", not again
            )
            order = self._order(person, moment, trace, again)
            self.orders.append(order)
            if not person.touched and not again:
                regulars.append(person)
        self.orders.sort(key=lambda o: (o.ordered_at, o.person.id))
        for number, order in enumerate(self.orders):
            order.id = f"B-{100001 + number}"

    def _order(self, person: Person, moment: datetime, trace: Trace, again: bool) -> Order:
        rng, amount = self._rng, Decimal(self._rng.randint(990, 24900)) / 100
        chance = rng.random()
        known = None if rng.random() < 0.08 else not again
        if chance < 0.01:
            return Order("", person, moment, trace, Decimal(1), "test", known)
        order = Order("", person, moment, trace, amount, "paid", known)
        order.changed_at = moment + timedelta(minutes=rng.randint(60, 9000))
        order.later, order.later_amount = "fulfilled", amount
        if chance < 0.06:
            order.later = "cancelled"
        elif chance < 0.1:
            back = (amount * rng.randint(10, 60) / 100).quantize(Decimal("0.01"))
            order.later, order.later_amount = "partially_refunded", amount - back
        elif chance < 0.11:
            order.later, order.later_amount = "refunded", Decimal(0)
        elif chance < 0.12:
            order.currency = FOREIGN
        return order


def _origin(rng: random.Random, campaigns: list[Campaign], day: date) -> Campaign | str | None:
    running = [c for c in campaigns if c.runs(day)]
    names: list[Campaign | str | None] = [*running, "undeclared", None]
    weights = [c.outcomes for c in running] + [1, 6]
    plain = {"instagram": 4, "facebook": 3, "tiktok": 1, "youtube": 1, "google": 9, "email": 6}
    plain |= {"phone": 2, "loyalty_card": 1}
    return rng.choices([*names, *plain], [*weights, *plain.values()])[0]
