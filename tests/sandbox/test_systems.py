"""Several systems of one kind share the company's records: each record has one home."""

from __future__ import annotations

from datetime import date

from sandbox.company import Company
from sandbox.company.systems import APPLICATIONS

LAST = date(2026, 6, 30)
EVERY = ("greenhouse", "personio", "hubspot", "salesforce", "pipedrive", "zendesk", "freshdesk")


def company(*sources: str) -> Company:
    return Company(seed=3, last=LAST, days=150, scale=0.3, sources=sources)


def test_every_record_has_one_home_and_nothing_is_lost_where_one_can_hold_all() -> None:
    whole, shared = company("greenhouse", "hubspot", "zendesk"), company(*EVERY)
    assert [a.id for a in shared.recruiting.applications] == [
        a.id for a in whole.recruiting.applications
    ]
    assert [c.id for c in shared.sales.contacts] == [c.id for c in whole.sales.contacts]
    assert [d.id for d in shared.sales.deals] == [d.id for d in whole.sales.deals]
    assert {a.system for a in shared.recruiting.applications} == {"greenhouse", "personio"}
    assert {t.system for t in shared.support.tickets} == {"zendesk", "freshdesk"}
    assert {c.system for c in shared.sales.contacts} == {"hubspot", "salesforce", "pipedrive"}
    assert {o.system for o in shared.shop.orders} == {"file_drop"}


def test_a_system_without_utm_fields_holds_no_tagged_application() -> None:
    alone = company("personio").recruiting.applications
    assert len(alone) > 50
    assert not [a for a in alone if a.trace.utm_source or a.trace.utm_campaign]


def test_a_system_that_knows_stages_alone_holds_no_hire_that_they_do_not_date() -> None:
    every = Company(seed=3, last=LAST, sources=["greenhouse"]).recruiting.applications
    by_hand = [a for a in every if a.hire_seen_at and not a.offers]
    lever = [a for a in every if APPLICATIONS["lever"](a)]
    personio = [a for a in every if APPLICATIONS["personio"](a)]
    assert len(by_hand) > 0
    assert len(every) == len(lever) + len(by_hand)
    assert not [a for a in personio if a.prospect or a in by_hand]


def test_a_deal_lies_with_its_contacts_and_a_merge_in_one_crm() -> None:
    sales = company("salesforce", "hubspot").sales
    several = [d for d in sales.deals if d.contacts]
    assert [d for d in several if {c.system for c in d.contacts} != {d.system}] == []
    merged = [c for c in sales.contacts if c.merged_into]
    assert merged
    assert [c for c in merged if c.merged_into and c.merged_into.system != c.system] == []


def test_what_no_system_holds_was_never_written_down() -> None:
    nobody = company("mastodon")
    assert nobody.recruiting.applications == []
    assert (nobody.sales.contacts, nobody.sales.deals) == ([], [])
    assert nobody.support.tickets == []
    assert nobody.shop.orders != []
