"""Which system of the company holds what: several of one kind share it, and none holds it twice.

A system holds only what its fields can tell, so that the ground truth is the same whoever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sandbox.company.base import Trace
from sandbox.company.recruiting import Application
from sandbox.company.sales import Contact, Deal, Sales
from sandbox.company.shop import Order
from sandbox.company.support import Ticket

STACK = ("linkedin", "greenhouse", "hubspot", "zendesk")
FILES = "file_drop"

Thing = TypeVar("Thing", Application, Ticket, Order)
Holds = Callable[[Thing], bool]


def anything(_thing: object) -> bool:
    """A system that can tell all there is."""
    return True


def untagged(trace: Trace) -> bool:
    """Tell whether a trace says nothing that needs a field for UTM or a click id."""
    return not (trace.utm_source or trace.utm_campaign) and trace.kind != "click"


def dated(application: Application) -> bool:
    """Tell whether a hire happened when the system was told: its stages date it, nothing else."""
    told = application.dated and application.filled_at is None
    return application.hire_seen_at is None or told


def _doubled(contact: Contact) -> bool:
    """Tell whether a contact took part in a merge."""
    return bool(contact.absorbed or contact.merged_into)


def told_by_freshdesk(ticket: Ticket) -> bool:
    """Tell whether it was never merged, which no field shows, and has no campaign's field."""
    return ticket.merged_at is None and ticket.campaign_tag is None


def told_by_intercom(ticket: Ticket) -> bool:
    """Tell whether it is a conversation that nothing takes away again; forms are no channel."""
    lasting = ticket.merged_at is None and ticket.deleted_at is None
    known = ticket.channel not in ("web", "sunshine_conversations_rcs")
    return lasting and known and ticket.campaign_tag is None


APPLICATIONS: Mapping[str, Holds[Application]] = {
    "greenhouse": anything,
    "lever": dated,
    "personio": lambda a: dated(a) and untagged(a.trace) and not a.prospect,
}
CONTACTS: Mapping[str, Callable[[Contact], bool]] = {
    "hubspot": anything,
    "pipedrive": lambda contact: contact.trace.kind != "click",
    "salesforce": lambda contact: contact.trace.kind != "click",
}
DEALS: Mapping[str, Callable[[Deal], bool]] = {
    "hubspot": anything,
    # Pipedrive knows a customer by the deal: with that, where the person came from is gone, too.
    "pipedrive": lambda deal: (
        not deal.contacts or not (deal.own or deal.archived_at or deal.contacts[0].merged_into)
    ),
    # Salesforce merges no lead that has become an opportunity.
    "salesforce": lambda deal: not any(_doubled(contact) for contact in deal.contacts),
}
TICKETS: Mapping[str, Holds[Ticket]] = {
    "zendesk": anything,
    "freshdesk": told_by_freshdesk,
    "intercom": told_by_intercom,
}
# where a shop's own visits come from, as its statistics name them
VISITS = ("Instagram", "Facebook", "YouTube", "TikTok", "Google", "Email", "Newsletter")


def visited(order: Order) -> bool:
    """Tell whether an online shop knows all of an order: of a till's it has no customer history."""
    by_visit = not untagged(order.trace) or order.trace.source in (None, *VISITS)
    return by_visit or order.new_customer is None


ORDERS: Mapping[str, Holds[Order]] = {"shopify": visited}


def share(
    things: Sequence[Thing],
    holds: Mapping[str, Holds[Thing]],
    sources: Sequence[str],
    rest: str = "",
) -> list[Thing]:
    """Give each thing to one of the sources that can hold it, by its person; to `rest` if none can.

    What nobody holds was never written down: it is left out. Without `rest`, of a company that
    reads no system of the kind nothing remains.
    """
    for thing in things:
        able = [name for name in sources if name in holds and holds[name](thing)]
        thing.system = able[thing.person.id % len(able)] if able else rest
    return [thing for thing in things if thing.system]


def share_sales(sales: Sales, sources: Sequence[str]) -> None:
    """Give contacts and deals that hang together to one CRM that can hold them all."""
    for contacts, deals in _groups(sales):
        able = [
            name
            for name in sources
            if name in CONTACTS
            and all(CONTACTS[name](contact) for contact in contacts)
            and all(DEALS[name](deal) for deal in deals)
        ]
        first = min([contact.id for contact in contacts] or [deal.id for deal in deals])
        system = able[first % len(able)] if able else ""
        for contact in contacts:
            contact.system = system
        for deal in deals:
            deal.system = system
    sales.contacts = [contact for contact in sales.contacts if contact.system]
    sales.deals = [deal for deal in sales.deals if deal.system]


def _groups(sales: Sales) -> list[tuple[list[Contact], list[Deal]]]:
    """Return contacts with the deals and merges that tie them together, and deals of nobody."""
    leader = {contact.id: contact.id for contact in sales.contacts}

    def find(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    ties = [[c, c.merged_into] for c in sales.contacts if c.merged_into]
    for tied in [*ties, *(deal.contacts for deal in sales.deals if deal.contacts)]:
        roots = sorted(find(contact.id) for contact in tied)
        leader.update(dict.fromkeys(roots, roots[0]))
    groups: dict[int, tuple[list[Contact], list[Deal]]] = {}
    for contact in sales.contacts:
        groups.setdefault(find(contact.id), ([], []))[0].append(contact)
    alone: list[tuple[list[Contact], list[Deal]]] = []
    for deal in sales.deals:
        if deal.contacts:
            groups[find(deal.contacts[0].id)][1].append(deal)
        else:
            alone.append(([], [deal]))
    return [*groups.values(), *alone]
