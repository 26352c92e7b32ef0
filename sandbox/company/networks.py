"""Posts, followers and ads on the small networks, drawn apart so that nothing else moves.

Posts carry no campaign but those of support, whose clicks are part of no KPI: the ground truth of a
company is the same whether a network is read or not. Ads cost money: they are part of the truth
where a source brings them (PAID).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.company.base import any_time, pick_days, split, stream
from sandbox.company.social import ACTIVE_DAYS, AdDay, Post

if TYPE_CHECKING:
    from sandbox.company import Company

POSTS = 110  # more than one page of every network
REACH_DAYS = 350
FOLLOWERS_AT_START = 900
PAID = {"tiktok_ads": "tiktok"}  # the network whose ads only this source brings
# Campaign: clicks a day of each of its two ads, and what one click costs.
ADVERTISED = {
    "Apprentice Stories": (14, "0.42"),
    "Creator Drop": (40, "0.35"),
    "Cute Unboxing": (24, "0.29"),
}
BOOSTED_DAYS, BOOST = 25, "boosted-1"


def posts_on(company: Company, platform: str) -> list[Post]:
    """Return the company's posts on a network in order of time, the same for the same company."""
    rng = stream(company.seed, f"posts on {platform}")
    first = max(company.first, company.last - timedelta(days=REACH_DAYS))
    found = []
    for number, day in enumerate(pick_days(rng, first, company.last, POSTS)):
        running = [c for c in company.campaigns if c.goal == "support" and c.runs(day)]
        campaign = rng.choice(running) if running and rng.random() < 0.4 else None
        kind = rng.choice(("text", "image", "video"))
        at = any_time(rng, day, 8, 17)
        post = Post("", platform, at, campaign, kind, "article" if campaign else "none")
        post.id = str((int(at.timestamp() * 1000) << 22) + number)
        if number % 5:  # the rest meets no reaction at all
            ranges = ((200, 4000), (1, 60), (0, 9), (0, 14), (0, 40))
            columns = [split(rng, rng.randint(*one), _WEIGHTS) for one in ranges]
            for n, figures in enumerate(zip(*columns, strict=True)):
                if any(figures):
                    post.days[day + timedelta(days=n)] = (*figures, int(figures[0] * 0.8))
        found.append(post)
    return sorted(found, key=lambda post: (post.published_at, post.id))


def followers_on(company: Company, platform: str, day: date) -> int:
    """Return the followers at the end of `day`."""
    rng = stream(company.seed, f"followers on {platform}")
    days = (day - company.first).days + 1
    return FOLLOWERS_AT_START + sum(rng.randint(-2, 6) for _ in range(days))


def ads_on(company: Company, network: str) -> list[AdDay]:
    """Return the company's ads on a network by day, the same for the same company.

    Shape: two ads a campaign, the second one for an audience of its own; a boosted video and a test
    whose campaigns nobody declared.
    """
    rng = stream(company.seed, f"ads on {network}")
    found = []
    for campaign in company.campaigns:
        if campaign.name not in ADVERTISED:
            continue
        clicks_a_day, cost = ADVERTISED[campaign.name]
        days = (min(campaign.ends, company.last) - campaign.starts).days + 1
        for n, ad in [(n, ad) for n in range(days) for ad in (1, 2)]:
            if rng.random() < 0.5:  # each ad runs on about half of the days
                continue
            clicks = rng.randint(clicks_a_day // 2, clicks_a_day * 3 // 2)
            spend = (clicks * Decimal(cost)).quantize(Decimal("0.01"))
            audience = f"{campaign.audience} lookalike" if ad == 2 else None
            ad_id, day = f"{network}-{campaign.utm}-{ad}", campaign.starts + timedelta(days=n)
            seen = clicks * rng.randint(60, 140)
            found.append(
                AdDay(network, ad_id, day, campaign, campaign.name, audience, seen, clicks, spend,
                      clicks // 15)
            )  # fmt: skip
    for n in range(BOOSTED_DAYS):
        day, spend = company.last - timedelta(days=70 - n), Decimal("4.80") + n
        for ad_id, tag in ((BOOST, "Promote20260101120000"), ("test-1", f"{network}-test-7")):
            found.append(AdDay(network, ad_id, day, None, tag, None, 800 + n, 7, spend, 0))
    own = (ad for ad in found if company.first <= ad.day)
    return sorted(own, key=lambda ad: (ad.day, ad.ad_id))


def all_ads(company: Company) -> list[AdDay]:
    """Return the ads of every network that a file or a source of the company brings."""
    bought = [PAID[name] for name in company.sources if name in PAID]
    return [*company.social.ads, *(ad for network in bought for ad in ads_on(company, network))]


def totals(post: Post, day: date) -> tuple[int, ...]:
    """Return the totals of a post as `day` shows them, zeros without any activity."""
    return post.lifetime(day, date.min) or (0,) * 6


_WEIGHTS = [0.8**n for n in range(ACTIVE_DAYS)]
