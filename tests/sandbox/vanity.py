"""Vanity verdicts of a simulated company, by our rule over what its events say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import duckdb

from benchmarks.statistics.macros import macros
from sandbox.company import Company
from sandbox.measures import Measures

OUTCOMES = {"recruiting": "qualified", "sales": "won_deals", "commerce": "orders"}
Cell = tuple[str, str, float, float, float, float]


def cells(company: Company, day: date) -> list[Cell]:
    """Return peer group, campaign, impressions, engagements, clicks and outcomes; as the marts do:
    within goal and platform where that has four campaigns, else within the goal."""
    seen: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for post in company.social.posts:
        totals = post.lifetime(day, company.first) if post.campaign else None
        if post.campaign and totals:
            counts = seen[post.campaign.name]
            counts[0] += totals[0]
            counts[1] += sum(totals[1:4])
            counts[2] += totals[4]
    for ad in company.social.ads:
        if ad.campaign and ad.day <= day:
            seen[ad.campaign.name][2] += ad.shown(day)[1]
    sums = Measures(company, day).sums
    peers: dict[tuple[str, str | None], int] = defaultdict(int)
    for campaign in company.campaigns:
        peers[campaign.goal, campaign.platform] += 1
    found: list[Cell] = []
    for c in company.campaigns:
        if c.goal in OUTCOMES and c.platform and seen[c.name][0]:
            own = peers[c.goal, c.platform] >= 4
            days = sums[OUTCOMES[c.goal]].get(("campaign", c.name), {})
            for group, counted in ((f"{c.goal} on {c.platform}", own), (c.goal, True)):
                if counted:
                    name = c.name if own == (group != c.goal) else f"({c.name})"
                    shown, engaged, clicked = seen[c.name]
                    outcomes = float(sum(days.values()))
                    found.append((group, name, shown, engaged, clicked, outcomes))
    return found


def verdicts(company: Company, day: date) -> dict[str, str]:
    """Return each campaign's verdict within its own peer group."""
    rows = ", ".join(
        f"('{group}', '{name}', {', '.join(f'{n}::double' for n in numbers)})"
        for group, name, *numbers in cells(company, day)
    )
    columns = "peer_group, campaign, impressions, engagements, trials, outcomes"
    rule = macros().vanity_verdicts("cells")
    found = duckdb.execute(
        f"with cells as (select * from (values {rows}) as t({columns}))"
        f" select campaign, verdict from ({rule}) where campaign not like '(%'"
    ).fetchall()
    return dict(found)
