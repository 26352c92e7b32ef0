"""Ratings and vanity verdicts of a simulated company, by our rule over what its events say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from benchmarks.statistics.macros import macros
from sandbox.company import Company
from sandbox.company.campaigns import Campaign
from sandbox.company.networks import all_ads, posts_on
from sandbox.company.social import Post
from sandbox.measures import Measures
from sandbox.servers.youtube_rows import METRICS

OUTCOMES = {"recruiting": "qualified", "sales": "won_deals", "commerce": "orders"}
# What a platform that is read tells of how often a post was shown; files tell impressions of all.
TOLD = {
    "instagram": "views",
    "facebook": "views",
    "youtube": "engaged_views",
    "tiktok": "video_views",
    "bluesky": None,
    "mastodon": None,
}
NETWORKS = ("youtube", "tiktok", "x", "bluesky", "mastodon")  # whose posts are drawn apart
PEERS = 4
NOBODY = (None, None, None)
Rating = tuple[str | None, float | None, float | None]


@dataclass
class Shown:
    """How often posts were shown by one measure, and what was answered on the same days."""

    times: float = 0.0
    engagements: float = 0.0


def ratings(company: Company, day: date) -> dict[str, Rating]:
    """Return measure, times shown and engagements of each campaign: of the measure beside most of
    its engagements, where that is half of them or more."""
    seen: dict[str, dict[str | None, Shown]] = defaultdict(lambda: defaultdict(Shown))
    for campaign, post in _posts(company):
        measure = TOLD.get(post.platform, "impressions")
        if post.platform not in company.sources:
            measure = "impressions"
        for of in post.days:
            if now := post.shown(of, day):
                one = seen[campaign.name][measure]
                one.times += METRICS["engagedViews"](now) if measure == "engaged_views" else now[0]
                one.engagements += sum(now[1:4])
    return {c.name: _rating(seen[c.name]) for c in company.campaigns}


def _posts(company: Company) -> Iterator[tuple[Campaign, Post]]:
    apart = (
        post for name in NETWORKS if name in company.sources for post in posts_on(company, name)
    )
    for post in (*company.social.posts, *apart):
        if post.campaign:
            yield post.campaign, post


def _rating(seen: dict[str | None, Shown]) -> Rating:
    known = [(name, one) for name, one in seen.items() if name and one.times]
    if not known:
        return NOBODY
    name, most = max(known, key=lambda pair: pair[1].engagements)
    if 2 * most.engagements < sum(one.engagements for one in seen.values()):
        return NOBODY
    return name, most.times, most.engagements


def verdicts(company: Company, day: date) -> dict[str, str]:
    """Return each campaign's verdict beside the others of its goal that are rated by the same
    measure, on its own platform where these are four; fewer than four say nothing."""
    rated = ratings(company, day)
    clicks = _clicks(company, day)
    sums = Measures(company, day).sums
    groups: dict[str, list[Campaign]] = defaultdict(list)
    for c in company.campaigns:
        if c.goal in OUTCOMES and rated[c.name][0]:
            groups[f"{c.goal} by {rated[c.name][0]}"].append(c)
            groups[f"{c.goal} on {c.platform} by {rated[c.name][0]}"].append(c)
    found = {c.name: "undecided" for c in company.campaigns}
    for group in sorted(groups, key=lambda name: " on " in name):  # the closer group has the word
        if len(groups[group]) < PEERS:
            continue
        rows = [
            (c.name, *rated[c.name][1:], clicks[c.name],
             float(sum(sums[OUTCOMES[c.goal]].get(("campaign", c.name), {}).values())))
            for c in groups[group]
        ]  # fmt: skip
        found |= _judged(rows)
    return found


def _clicks(company: Company, day: date) -> dict[str, float]:
    """Return the clicks on posts and ads that the company knows of."""
    found: dict[str, float] = defaultdict(float)
    for post in company.social.posts:
        if post.campaign:
            found[post.campaign.name] += sum(n for _, n in post.clicks(day, company.sources))
    for ad in all_ads(company):
        if ad.campaign and ad.day <= day:
            found[ad.campaign.name] += ad.shown(day)[1]
    return found


def _judged(rows: Sequence[tuple[str | float | None, ...]]) -> dict[str, str]:
    """Return the verdict of each campaign of one group, by the rule's own text."""
    values = ", ".join(
        f"('group', '{name}', {', '.join(f'{n}::double' for n in numbers)})"
        for name, *numbers in rows
    )
    columns = "peer_group, campaign, impressions, engagements, trials, outcomes"
    rule = macros().vanity_verdicts("cells")
    found = duckdb.execute(
        f"with cells as (select * from (values {values}) as t({columns}))"
        f" select campaign, verdict from ({rule})"
    ).fetchall()
    return dict(found)
