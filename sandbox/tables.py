"""The tables that business people keep in `company/`, as they stood on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sandbox.company import Company
from sandbox.company.base import words
from sandbox.company.names import SOURCE_MAP
from sandbox.exports import text

DEPARTMENTS = {"recruiting": "HR", "sales": "Sales", "commerce": "Shop", "support": "Support"}
CONTACTS = {
    "HR": ("HR desk", "hr@acme.example"),
    "Sales": ("Sales desk", "sales@acme.example"),
    "Shop": ("Shop desk", "shop@acme.example"),
    "Support": ("Help desk", "help@acme.example"),
}
# kpi, goal, first target, target of the last 120 days
TARGETS = (
    ("qualified_applications", "recruiting", "28", "32"),
    ("qualification_rate", "recruiting", "0.25", "0.30"),
    ("application_to_hire_rate", "recruiting", "0.04", "0.04"),
    ("hires", "recruiting", "4", "5"),
    ("cost_per_qualified_application", "recruiting", "150", "120"),
    ("cost_per_hire", "recruiting", "900", "900"),
    ("offer_acceptance_rate", "recruiting", "0.75", "0.80"),
    ("leads", "sales", "90", "100"),
    ("qualified_lead_rate", "sales", "0.40", "0.45"),
    ("lead_to_win_rate", "sales", "0.10", "0.10"),
    ("won_revenue", "sales", "120000", "150000"),
    ("cost_per_lead", "sales", "60", "55"),
    ("return_on_ad_spend", "sales", "4", "5"),
    ("resolution_rate", "support", "0.90", "0.92"),
    ("hours_to_first_response", "support", "2", "1.5"),
    ("hours_to_resolution", "support", "18", "16"),
    ("satisfaction", "support", "0.80", "0.85"),
    ("orders", "commerce", "140", "150"),
    ("order_revenue", "commerce", "15000", "17000"),
    ("new_customer_share", "commerce", "0.6", "0.6"),
)
# nobody owns the KPIs of the shop's clicks, and nobody the data of the help desk
UNOWNED_KPI, UNOWNED_SOURCE = "click_to_order_rate", "zendesk"
OWNED = (
    *((kpi, goal) for kpi, goal, _, _ in TARGETS),
    ("time_to_hire_days", "recruiting"),
    ("click_to_application_rate", "recruiting"),
    ("cost_per_won_deal", "sales"),
    ("support_requests", "support"),
    ("resolved_requests", "support"),
    ("average_order_value", "commerce"),
    ("cost_per_order", "commerce"),
)
SOURCES = (("linkedin", "HR"), ("greenhouse", "HR"), ("hubspot", "Sales"), ("file_drop", "Shop"))


def tables(company: Company, day: date) -> dict[str, bytes]:
    """Return every company table as it lay there on the morning after `day`."""
    found = {
        "campaigns": _campaigns(company, day),
        "kpi_targets": _targets(company),
        "kpi_owners": _owners(company),
        "kpi_reviews": _reviews(company, day),
        "source_map": [("system", "value", "platform", "channel_kind"), *SOURCE_MAP],
    }
    return {f"company/{name}.csv": text(rows).encode() for name, rows in found.items()}


def _campaigns(company: Company, day: date) -> Iterable[Sequence[object]]:
    yield words(
        "campaign,goal,department,platform,audience,message,starts,ends,utm_campaign,external_ids",
        ",",
    )
    for c in company.campaigns:
        if c.declared <= day:
            ids = ";".join(name for since, name in c.external_ids if since <= day)
            plan = (c.name, c.goal, c.department, c.platform, c.audience, c.message)
            yield (*plan, c.starts, c.ends, c.utm, ids)


def _targets(company: Company) -> Iterable[Sequence[object]]:
    """Yield targets that step once; the plan is known from the first day on."""
    yield words("kpi,slice,slice_value,valid_from,valid_to,target,reason", ",")
    step = company.last - timedelta(days=120)
    for kpi, _, before, after in TARGETS:
        scope = (kpi, "channel_kind", "social")
        if before == after or step <= company.first:
            yield (*scope, company.first, None, after, "yearly plan")
        else:
            yield (*scope, company.first, step - timedelta(days=1), before, "yearly plan")
            yield (*scope, step, None, after, "raised after the half-year review")
    yield (
        "qualified_applications",
        "platform",
        "linkedin",
        company.first,
        None,
        "15",
        "yearly plan",
    )


def _owners(company: Company) -> Iterable[Sequence[object]]:
    yield words("kpi,source,department,contact_name,contact,valid_from,valid_to", ",")
    for kpi, goal in OWNED:
        department = DEPARTMENTS[goal]
        yield (kpi, None, department, *CONTACTS[department], company.first, None)
    for source, department in SOURCES:
        yield (None, source, department, *CONTACTS[department], company.first, None)


def _reviews(company: Company, day: date) -> Iterable[Sequence[object]]:
    yield words("date,kpi,campaign,lever,decision,effective_from,next_review", ",")
    plans = (
        (160, "qualified_applications", "Office Dogs", "message", "show the work, not the dogs"),
        (150, "cost_per_lead", "Fun Friday", "budget", "move half of the budget to case studies"),
        (120, "orders", None, "message", "show bundles instead of single products"),
        (30, "resolution_rate", None, "target", "keep the target for another quarter"),
    )
    for ago, kpi, campaign, lever, decision in plans:
        on = company.last - timedelta(days=ago)
        if company.first <= on <= day:
            effective, following = on + timedelta(days=7), on + timedelta(days=42)
            yield (on, kpi, campaign, lever, decision, effective, following)
