"""The simulated company: one object that holds its whole seeded history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sandbox.company.base import cutoff, served_at, stream
from sandbox.company.campaigns import make_campaigns
from sandbox.company.money import make_costs
from sandbox.company.people import People
from sandbox.company.recruiting import Application, Recruiting, delete_some
from sandbox.company.sales import Contact, Deal, Sales
from sandbox.company.shop import Order, Shop
from sandbox.company.social import Social
from sandbox.company.support import Support, Ticket
from sandbox.company.systems import (
    APPLICATIONS,
    FILES,
    ORDERS,
    STACK,
    TICKETS,
    share,
    share_sales,
)
from sandbox.company.traces import Tracer

__all__ = ["Company", "cutoff", "served_at"]


class Company:
    """Everything that happens from the first day to `last`, and some days beyond.

    Shape: events after a day's `cutoff` exist but nobody shows them; the same seed, days, scale
    and last day give the same company to the byte. With `ticket_campaigns` agents note a campaign
    in a field of some tickets. `sources` are the systems it uses: each holds its part.
    """

    def __init__(
        self,
        *,
        seed: int,
        last: date,
        days: int = 400,
        scale: float = 1.0,
        ticket_campaigns: bool = False,
        sources: Sequence[str] = STACK,
    ) -> None:
        self.seed, self.last, self.days, self.sources = seed, last, days, tuple(sources)
        self.first = last - timedelta(days=days - 1)
        share = scale * days / 400
        self.people, self.tracer = People(seed), Tracer()
        self.campaigns = make_campaigns(last, self.first, scale)
        self.social = Social(seed, self.sources)
        self.social.fill(self.campaigns, self.first, last, scale)
        self.recruiting = Recruiting(seed, self.people, self.tracer)
        self.recruiting.fill(self.campaigns, self.first, last, round(2860 * share))
        self.sales = Sales(seed, self.people, self.tracer)
        self.sales.fill(self.campaigns, self.first, last, round(2450 * share), round(780 * share))
        self.support = Support(seed, self.people, ticket_campaigns)
        self.support.fill(self.campaigns, self.first, last, round(4000 * share))
        self.shop = Shop(seed, self.people, self.tracer)
        self.shop.fill(self.campaigns, self.first, last, round(5000 * share))
        self.costs = make_costs(seed, self.campaigns, self.first, last)
        self._strays()
        self._share()

    def _strays(self) -> None:
        """Add touchpoints of people who never did anything else."""
        rng = stream(self.seed, "strays")
        for order in self.shop.orders[::25]:
            platform = rng.choice(("linkedin", "instagram", "facebook", "email"))
            self.tracer.stray(rng, self.people.new(), order.ordered_at, platform)
        self.tracer.touches.sort(key=lambda touch: (touch.at, touch.id))

    def _share(self) -> None:
        """Leave everything to the one system that holds it."""
        recruiting, support, shop = self.recruiting, self.support, self.shop
        recruiting.applications = share(recruiting.applications, APPLICATIONS, self.sources)
        support.tickets = share(support.tickets, TICKETS, self.sources)
        shop.orders = share(shop.orders, ORDERS, self.sources, FILES)
        share_sales(self.sales, self.sources)
        story = next(c.name for c in self.campaigns if c.story)
        delete_some(self.seed, self.applications("greenhouse"), story)

    def applications(self, system: str) -> list[Application]:
        """Return the applications that one recruiting system holds, in order of time."""
        return [one for one in self.recruiting.applications if one.system == system]

    def contacts(self, system: str) -> list[Contact]:
        """Return the contacts that one CRM holds, in order of time."""
        return [one for one in self.sales.contacts if one.system == system]

    def deals(self, system: str) -> list[Deal]:
        """Return the deals that one CRM holds, in order of time."""
        return [one for one in self.sales.deals if one.system == system]

    def tickets(self, system: str) -> list[Ticket]:
        """Return the tickets that one help desk holds, in order of time."""
        return [one for one in self.support.tickets if one.system == system]

    def orders(self, system: str) -> list[Order]:
        """Return the orders that one shop, or the file (file_drop), holds, in order of time."""
        return [one for one in self.shop.orders if one.system == system]

    def personal_values(self) -> list[str]:
        """Return every personal text of the simulation, for leak tests."""
        return self.people.personal_values()
