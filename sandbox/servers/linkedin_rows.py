"""LinkedIn's elements: posts, statistics and the company's page, as the API writes them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from sandbox.company.campaigns import Campaign
from sandbox.company.social import Post, visible
from sandbox.servers.restli import millis

ORGANIZATION = 2414183
URN = f"urn:li:organization:{ORGANIZATION}"


def added(rows: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the sums of each measure over rows."""
    return tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * 6


def bucket(day: date) -> dict[str, int]:
    """Return the bounds of a UTC day."""
    return {"start": millis(day), "end": millis(day + timedelta(days=1))}


def totals(now: tuple[int, ...], lifetime: bool = False) -> dict[str, Any]:
    """Return figures under LinkedIn's names."""
    impressions, likes, comments, shares, clicks, reach = now
    acts = clicks + likes + comments + shares
    found: dict[str, Any] = {
        "uniqueImpressionsCount": reach,
        "shareCount": shares,
        "engagement": acts / impressions if impressions else 0.0,
        "clickCount": clicks,
        "likeCount": likes,
        "impressionCount": impressions,
        "commentCount": comments,
    }
    return found | ({"commentMentionsCount": 0, "shareMentionsCount": 0} if lifetime else {})


def page_views(day: date, today: date, clicks: int, lifetime: bool = False) -> dict[str, Any]:
    """Return how often the page was opened on a day; only days tell how many looked."""
    every = visible(30 + day.toordinal() * 37 % 60 + clicks, day, today)
    parts = {"overview": every // 2, "careers": every // 4, "jobs": every // 8}
    parts |= {"about": every // 16, "lifeAt": every // 20, "people": 0, "insights": 0}
    parts["allDesktop"], parts["allMobile"] = every - every // 3, every // 3
    counts = {"all": every, **parts}
    unique = () if lifetime else ("uniquePageViews",)
    views = {
        f"{name}PageViews": {"pageViews": n} | {key: n * 4 // 5 for key in unique}
        for name, n in counts.items()
    }
    buttons: list[dict[str, Any]] = []
    return {"clicks": {"desktopCustomButtonClickCounts": buttons}, "views": views}


def tagged_link(campaign: Campaign, platform: str) -> str:
    """Return the link that a post of this campaign carries."""
    tag = quote(campaign.utm, safe="")
    return f"https://www.acme.example/{campaign.goal}?utm_source={platform}&utm_campaign={tag}"


def post_element(post: Post) -> dict[str, Any]:
    """Return a post as the list shows it."""
    at = int(post.published_at.timestamp() * 1000)
    text = post.campaign.message if post.campaign else "News from the office"
    found: dict[str, Any] = {
        "id": post.id,
        "author": URN,
        "commentary": f"{text} {{hashtag|\\#|work}}",
        "createdAt": at,
        "publishedAt": at,
        "lastModifiedAt": at + 54,
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        "isReshareDisabledByAuthor": False,
        "lifecycleStateInfo": {"isEditedByAuthor": False},
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "thirdPartyDistributionChannels": [],
            "targetEntities": [],
        },
    }
    if post.kind == "article" and post.campaign:
        source = tagged_link(post.campaign, "linkedin")
        found["content"] = {"article": {"source": source, "title": post.campaign.message}}
    else:
        found["content"] = {"media": {"title": text, "id": f"urn:li:{post.kind}:C5F{at}"}}
        if post.link == "landing" and post.campaign:
            found["contentLandingPage"] = tagged_link(post.campaign, "linkedin")
    return found


def organization_element() -> dict[str, Any]:
    """Return the company's page."""
    locale = {"country": "US", "language": "en"}
    return {
        "id": ORGANIZATION,
        "localizedName": "Acme",
        "vanityName": "acme",
        "name": {"localized": {"en_US": "Acme"}, "preferredLocale": locale},
        "defaultLocale": locale,
        "primaryOrganizationType": "NONE",
        "versionTag": "1",
        "$URN": URN,
    }
