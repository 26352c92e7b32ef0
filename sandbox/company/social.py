"""Posts and ads with their daily figures, which grow for four days after each day.

What is known of a post's clicks depends on who tells it. LinkedIn and the export files have them by
day. Facebook tells totals only, so its clicks lie on the day on which they were read first, as the
warehouse counts them: the truth knows the nights on which a post was read, and takes it that the
night it is asked for is one of them. Instagram tells nobody: its clicks are known to no one who
reads it, though they happened.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.company.base import any_time, day_of, pick_days, served_at, split, stream
from sandbox.company.campaigns import Campaign

MEASURES = ("impressions", "likes", "comments", "shares", "clicks", "reach")
GROWN = (70, 85, 93, 98)  # percent of the final figure that is visible 0, 1, 2, 3 days later
LATE = {"youtube": 3}  # days until a platform has any figure of a day
ACTIVE_DAYS = 21
FACEBOOK_PAGE = "104729385610"
CLICKS_UNTOLD = ("instagram",)
CLICKS_IN_TOTALS = ("facebook",)
LINKEDIN_REACH = 350  # the platform answers for twelve months only: no post is older


def video_id(number: int) -> str:
    """Return a number as YouTube writes ids: eleven letters, digits, - and _."""
    return base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def visible(value: int, day: date, today: date) -> int:
    """Return what a platform shows on `today` for a figure of `day`."""
    age = (today - day).days
    return value if age >= len(GROWN) else int(value * GROWN[age] / 100)


@dataclass(slots=True)
class Post:
    """One post. `days` holds final figures per day, in the order of MEASURES.

    Shape: `link` is where its campaign is written: article, landing, external or none. `readings`
    are the days on which a platform told its totals, noted by the server that told them.
    """

    id: str
    platform: str
    published_at: datetime
    campaign: Campaign | None
    kind: str
    link: str
    days: dict[date, tuple[int, ...]] = field(default_factory=dict)
    readings: set[date] = field(default_factory=set)

    def shown(self, day: date, today: date) -> tuple[int, ...] | None:
        """Return the figures of `day` as `today` shows them; None without any, and before."""
        final = self.days.get(day)
        if final is None or (today - day).days < LATE.get(self.platform, 0):
            return None
        now = tuple(visible(value, day, today) for value in final)
        return now if any(now) else None

    def lifetime(self, today: date, since: date) -> tuple[int, ...] | None:
        """Return the sums over the shown days from `since` on; None without any activity."""
        seen = [now for day in self.days if day >= since and (now := self.shown(day, today))]
        return tuple(map(sum, zip(*seen, strict=True))) if seen else None

    def clicks(self, today: date, sources: Collection[str]) -> Iterator[tuple[date, int]]:
        """Yield days and clicks as a company that reads `sources` knows them on `today`."""
        read = self.platform in sources
        if read and self.platform in CLICKS_UNTOLD:
            return
        if read and self.platform in CLICKS_IN_TOTALS:
            before = 0
            for day in sorted({today, *(one for one in self.readings if one < today)}):
                total = (self.lifetime(day, date.min) or (0,) * len(MEASURES))[4]
                yield day_of(served_at(day)), total - before
                before = total
            return
        for day in self.days:
            if now := self.shown(day, today):
                yield day, now[4]


@dataclass(frozen=True, slots=True)
class AdDay:
    """One ad on one day, with its final figures."""

    platform: str
    ad_id: str
    day: date
    campaign: Campaign | None
    tag: str | None
    audience: str | None
    impressions: int
    clicks: int
    spend: Decimal
    leads: int

    def shown(self, today: date) -> tuple[int, int, Decimal, int]:
        """Return impressions, clicks, spend and claimed leads as `today` shows them."""
        age = (today - self.day).days
        share = 100 if age >= len(GROWN) else GROWN[age]
        spend = (self.spend * share / 100).quantize(Decimal("0.01"))
        grown = [visible(n, self.day, today) for n in (self.impressions, self.clicks, self.leads)]
        return grown[0], grown[1], spend, grown[2]


class Social:
    """All posts, ads and followers of the simulated history."""

    def __init__(self, seed: int, sources: Collection[str] = ()) -> None:
        self._rng = stream(seed, "social")
        self._named_by = {"linkedin", *sources}  # platforms whose own ids of posts are known
        self.posts: list[Post] = []
        self.ads: list[AdDay] = []
        self.follower_gains: dict[date, tuple[int, int]] = {}

    def fill(self, campaigns: list[Campaign], first: date, last: date, scale: float) -> None:
        """Create the posts and ads of every campaign and everyday posts beside them."""
        rng = self._rng
        start = max(first, last - timedelta(days=LINKEDIN_REACH))
        for campaign in campaigns:
            begin = max(campaign.starts, start)
            days = pick_days(rng, begin, max(campaign.ends, begin), campaign.posts)
            for number, day in enumerate(days):
                self._campaign_post(
                    campaign, begin + timedelta(days=7 * number) if campaign.story else day
                )
            self._ads(campaign, last)
        for platform in ("linkedin", "instagram", "facebook"):
            for number, day in enumerate(pick_days(rng, start, last, max(1, round(7 * scale)))):
                self._plain_post(platform, day, silent=number == 0)
        self._boost(last)
        self._settle()
        for number in range((last - first).days + 1):
            gains = rng.randint(-2, 14), rng.randint(0, 5)
            self.follower_gains[first + timedelta(days=number)] = gains

    def _campaign_post(self, campaign: Campaign, day: date) -> None:
        rng = self._rng
        assert campaign.platform is not None
        kind = rng.choice(("article", "article", "image", "video"))
        link = "article" if kind == "article" else rng.choice(("landing", "external"))
        post = Post("", campaign.platform, any_time(rng, day, 8, 17), campaign, kind, link)
        factors = [1.0 if campaign.story else rng.uniform(0.6, 1.4) for _ in range(3)]
        expected = (campaign.likes, campaign.comments, campaign.clicks)
        likes, comments, clicks = (round(n * f) for n, f in zip(expected, factors, strict=True))
        if campaign.story:  # 4 posts: 200 likes and 50 comments in all
            comments = (12, 12, 13, 13)[len([p for p in self.posts if p.campaign is campaign])]
        totals = (clicks * 45 + likes * 9, likes, comments, likes // 12, clicks)
        self._spread(post, day, totals)
        if not campaign.story and campaign.platform == "linkedin" and rng.random() < 0.2:
            self._unlike(post)
        self.posts.append(post)

    def _plain_post(self, platform: str, day: date, *, silent: bool) -> None:
        rng = self._rng
        post = Post("", platform, any_time(rng, day, 8, 17), None, "image", "none")
        if not silent and rng.random() < 0.75:  # the rest meets no reaction at all
            self._spread(
                post,
                day,
                (
                    rng.randint(40, 900),
                    rng.randint(0, 25),
                    rng.randint(0, 4),
                    0,
                    rng.randint(0, 12),
                ),
            )
        self.posts.append(post)

    def _spread(self, post: Post, day: date, totals: tuple[int, ...]) -> None:
        """Spread totals over the days after publishing; reach is what unique people saw a day."""
        weights = [0.8**n for n in range(ACTIVE_DAYS)]
        columns = [split(self._rng, total, weights) for total in totals]
        for n, figures in enumerate(zip(*columns, strict=True)):
            if any(figures):
                reach = int(figures[0] * 0.8)
                post.days[day + timedelta(days=n)] = (*figures, reach)

    def _unlike(self, post: Post) -> None:
        """Somebody takes back a like given to the sponsored copy: organic likes go below zero."""
        day = max(post.days) + timedelta(days=1)
        post.days[day] = (3, -1, 0, 0, 0, 3)

    def _ads(self, campaign: Campaign, last: date) -> None:
        if not campaign.ad_clicks or campaign.platform is None:
            return
        days = (min(campaign.ends, last) - campaign.starts).days + 1
        for ad in (1, 2):
            audience = f"{campaign.audience} lookalike" if ad == 2 else None
            for n in range(days):
                self._ad_day(campaign, campaign.starts + timedelta(days=n), ad, audience)

    def _ad_day(self, campaign: Campaign, day: date, ad: int, audience: str | None) -> None:
        rng = self._rng
        if rng.random() < 0.5:  # each ad runs on about half of the days
            return
        clicks = rng.randint(campaign.ad_clicks // 2, campaign.ad_clicks * 3 // 2)
        spend = (Decimal(clicks) * Decimal(str(campaign.cpc))).quantize(Decimal("0.01"))
        ad_id = f"{campaign.platform}-{campaign.utm}-{ad}"
        tag = rng.choice((campaign.utm, campaign.name, campaign.utm.upper()))
        figures = (clicks * rng.randint(60, 140), clicks, max(spend, Decimal("0.01")), clicks // 20)
        assert campaign.platform is not None
        self.ads.append(AdDay(campaign.platform, ad_id, day, campaign, tag, audience, *figures))

    def _boost(self, last: date) -> None:
        """Add a boosted post that nobody tagged and one with a tag that nobody declared."""
        for n in range(20):
            day = last - timedelta(days=60 - n)
            self.ads.append(
                AdDay("facebook", "boost-1", day, None, None, None, 900, 11, Decimal("6.50"), 0)
            )
            self.ads.append(
                AdDay(
                    "linkedin",
                    "test-42",
                    day,
                    None,
                    "LI-Test-42",
                    None,
                    700,
                    9,
                    Decimal("18.20"),
                    0,
                )
            )

    def _settle(self) -> None:
        """Give posts their ids in order of time, and campaigns the ids that they declare."""
        self.posts.sort(key=lambda post: (post.published_at, post.platform))
        for number, post in enumerate(self.posts):
            millis = int(post.published_at.timestamp() * 1000)
            snowflake = (millis << 22) + number
            kind, own = "share" if post.kind == "article" else "ugcPost", str(snowflake)
            ids = {
                "linkedin": f"urn:li:{kind}:{own}",
                "facebook": f"{FACEBOOK_PAGE}_{own}",
                "youtube": video_id(snowflake),
            }
            if post.platform in self._named_by:
                post.id = ids.get(post.platform, own)
            else:
                post.id = f"{post.platform}_{own}"
            if post.link == "external" and post.campaign:
                name = post.platform if post.platform in self._named_by else "file_drop"
                from_day = post.published_at.date()
                post.campaign.external_ids.append((from_day, f"{name}:{post.id}"))
        self._sponsor()
        self.ads.sort(key=lambda ad: (ad.day, ad.ad_id))

    def _sponsor(self) -> None:
        """Let LinkedIn's second ads be sponsored posts: a share URN, no tag, the id declared."""
        urns: dict[str, str] = {}
        for number, ad in enumerate(self.ads):
            if ad.platform == "linkedin" and ad.campaign and ad.ad_id.endswith("-2"):
                if ad.ad_id not in urns:
                    urns[ad.ad_id] = f"urn:li:share:{7_000_000_000_000_000_000 + number}"
                    declared = (ad.campaign.starts, f"linkedin:{urns[ad.ad_id]}")
                    ad.campaign.external_ids.append(declared)
                self.ads[number] = replace(ad, ad_id=urns[ad.ad_id], tag=None)
