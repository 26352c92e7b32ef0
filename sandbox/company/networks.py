"""Posts and followers on the small networks, drawn apart so that nothing else of a company moves.

They carry no campaign but those of support, whose clicks are part of no KPI: the ground truth of a
company is the same whether a network is read or not.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox.company.base import any_time, pick_days, split, stream
from sandbox.company.social import ACTIVE_DAYS, Post

if TYPE_CHECKING:
    from sandbox.company import Company

POSTS = 110  # more than one page of every network
REACH_DAYS = 350
FOLLOWERS_AT_START = 900


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


def totals(post: Post, day: date) -> tuple[int, ...]:
    """Return the totals of a post as `day` shows them, zeros without any activity."""
    return post.lifetime(day, date.min) or (0,) * 6


_WEIGHTS = [0.8**n for n in range(ACTIVE_DAYS)]
