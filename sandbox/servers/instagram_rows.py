"""Instagram's rows: media and stories, and the metrics that each kind of them has."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sandbox.company.base import words
from sandbox.company.networks import totals
from sandbox.company.social import Post
from sandbox.servers.graph import moment
from sandbox.servers.linkedin_rows import tagged_link

FIELDS = words(
    "alt_text caption children comments_count id ig_id is_comment_enabled like_count media_type"
    " media_product_type media_url owner permalink shortcode thumbnail_url timestamp username"
)
STORY_FIELDS = [name for name in FIELDS if name not in ("children", "alt_text")]
HIDDEN = 7  # of every seventh post the owner hides the likes


def media_id(post: Post) -> str:
    """Return the platform's id of a post."""
    return post.id.rpartition("_")[2]


def product(post: Post) -> str:
    """Return media_product_type."""
    return {"video": "REELS", "story": "STORY"}.get(post.kind, "FEED")


def medium(post: Post, account: str, day: date) -> dict[str, Any]:
    """Return a medium with all of its fields; what it has not is left out."""
    number, seen = media_id(post), totals(post, day)
    found: dict[str, Any] = {
        "id": number,
        "ig_id": number[-15:],
        "media_type": _kind(post),
        "media_product_type": product(post),
        "media_url": f"https://scontent.example/{number}",
        "owner": {"id": account},
        "permalink": f"https://www.instagram.com/p/{number[-11:]}/",
        "shortcode": number[-11:],
        "timestamp": moment(post.published_at),
        "username": "acme",
        "is_comment_enabled": True,
        "comments_count": seen[2],
    }
    if int(number) % HIDDEN:
        found["like_count"] = seen[1]
    if post.kind == "video":
        found["thumbnail_url"] = f"https://scontent.example/{number}.jpg"
    if _kind(post) == "CAROUSEL_ALBUM":
        found["children"] = {"data": [{"id": one} for one in children(post)]}
    caption = _caption(post)
    return found | ({"caption": caption} if caption else {})


def children(post: Post) -> list[str]:
    """Return the ids of the pictures in an album."""
    return [f"{media_id(post)}{n}" for n in (1, 2)] if _kind(post) == "CAROUSEL_ALBUM" else []


def child(post: Post, number: str, account: str) -> dict[str, Any]:
    """Return one picture of an album: it has no figures of its own."""
    return {
        "id": number,
        "ig_id": number[-15:],
        "media_type": "IMAGE",
        "media_url": f"https://scontent.example/{number}",
        "owner": {"id": account},
        "permalink": f"https://www.instagram.com/p/{number[-11:]}/",
        "shortcode": number[-11:],
        "timestamp": moment(post.published_at),
        "username": "acme",
    }


def _kind(post: Post) -> str:
    if post.kind == "video":
        return "VIDEO"
    return "CAROUSEL_ALBUM" if post.kind == "image" and int(media_id(post)) % 3 == 0 else "IMAGE"


def _caption(post: Post) -> str | None:
    """Return the text; a link stands there as text, and some campaigns are declared by id."""
    if post.campaign is None:
        return None if post.kind == "story" else "News from the office with @mara.k"
    if post.link == "external":
        return post.campaign.message
    return f"{post.campaign.message}! {tagged_link(post.campaign, 'instagram')}"


def figures(post: Post, day: date) -> dict[str, Any]:
    """Return the metrics that a post or reel has, by name, as `day` shows them."""
    impressions, likes, comments, shares, _, reach = totals(post, day)
    saved = likes // 5
    told: dict[str, Any] = {
        "views": impressions,
        "reach": reach,
        "likes": likes,
        "comments": comments,
        "saved": saved,
        "shares": shares,
        "total_interactions": likes + comments + saved + shares,
    }
    if product(post) == "REELS":
        watched = {"ig_reels_avg_watch_time": 4200, "ig_reels_video_view_total_time": 4200 * reach}
        return told | watched
    return told | {"follows": shares // 4, "profile_visits": reach // 60, "profile_activity": 0}


def story_figures(post: Post, now: datetime) -> dict[str, Any]:
    """Return the metrics of a story, which grow by the hour while it lives."""
    hours = min((now - post.published_at) / timedelta(hours=1), 24.0)
    shown = [int(sum(day[n] for day in post.days.values()) * hours / 24) for n in (0, 2, 3)]
    views, replies, shares = shown[0] // 10, shown[1], shown[2]
    return {
        "views": views,
        "reach": views * 9 // 10,
        "replies": replies,
        "shares": shares,
        "total_interactions": replies + shares,
        "follows": 0,
        "profile_visits": views // 40,
        "navigation": views,
    }
