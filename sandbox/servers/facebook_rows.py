"""Facebook's rows: posts of a page with what people did with them, and their insights."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.company.base import words
from sandbox.company.networks import totals
from sandbox.company.social import FACEBOOK_PAGE as PAGE
from sandbox.company.social import Post
from sandbox.servers import graph
from sandbox.servers.graph import moment
from sandbox.servers.linkedin_rows import tagged_link

FIELDS = words(
    "attachments comments created_time full_picture id is_hidden is_published message"
    " permalink_url reactions shares status_type story updated_time"
)
STATUS = {"article": "shared_story", "image": "added_photos", "video": "added_video"}
ATTACHED = {"article": "link", "image": "photo", "video": "video"}
METRICS = words(
    "post_activity_by_action_type post_clicks post_clicks_by_type post_media_view"
    " post_reactions_by_type_total post_reactions_like_total post_total_media_view_unique"
    " post_video_view_time post_video_views"
)


def post_id(post: Post) -> str:
    """Return the platform's id of a post, which begins with the page's."""
    return f"{PAGE}_{post.id.rpartition('_')[2]}"


def page_post(post: Post, day: date) -> dict[str, Any]:
    """Return a post with all of its fields; what it has not is left out."""
    _, likes, comments, shares, _, _ = totals(post, day)
    number = post_id(post).partition("_")[2]
    found: dict[str, Any] = {
        "id": post_id(post),
        "created_time": moment(post.published_at),
        "updated_time": moment(post.published_at),
        "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{number}",
        "status_type": STATUS[post.kind],
        "is_published": True,
        "is_hidden": False,
        "attachments": {"data": [_attached(post)]},
        "comments": {"data": [], "summary": _summary(comments, can_comment=True)},
        "reactions": {"data": [], "summary": _summary(likes, viewer_reaction="NONE")},
        "message": _message(post),
    }
    return found | ({"shares": {"count": shares}} if shares else {})


def _summary(count: int, **more: Any) -> dict[str, Any]:
    return {"order": "chronological", "total_count": count} | more


def _attached(post: Post) -> dict[str, Any]:
    kind = ATTACHED[post.kind]
    if kind == "link" and post.campaign:
        link = tagged_link(post.campaign, "facebook")
        shim = f"https://l.facebook.com/l.php?u={link.replace('&', '%26')}"
        return {"media_type": kind, "type": "share", "url": shim, "unshimmed_url": link}
    url = f"https://www.facebook.com/{PAGE}/{kind}s/1"
    return {"media_type": kind, "type": kind, "url": url, "unshimmed_url": url}


def _message(post: Post) -> str:
    if post.campaign is None:
        return "News from the office with @mara.k"
    link = f" {tagged_link(post.campaign, 'facebook')}" if post.link == "landing" else ""
    return f"{post.campaign.message}!{link}"


def shown(row: dict[str, Any], asked: str | None) -> dict[str, Any]:
    """Return the fields of a post that were asked for, of the attachments those in braces."""
    found = graph.chosen(row, asked or "created_time,message,id", FIELDS, "Post")
    inside = graph.fields(asked or "").get("attachments", "").strip("{}")
    if "attachments" in found and inside:
        names = graph.fields(inside)
        kept = [{n: one[n] for n in names if n in one} for one in found["attachments"]["data"]]
        found = found | {"attachments": {"data": kept}}
    return found


def figures(post: Post, day: date) -> dict[str, Any]:
    """Return the metrics of a post by name as `day` shows them; absent kinds are none."""
    views, likes, comments, shares, clicks, reach = totals(post, day)
    love, photo = likes // 6, clicks // 4
    told: dict[str, Any] = {
        "post_media_view": views,
        "post_total_media_view_unique": reach,
        "post_clicks": clicks + photo,
        "post_clicks_by_type": _kinds({"link clicks": clicks, "photo view": photo}),
        "post_reactions_by_type_total": _kinds({"like": likes - love, "love": love}),
        "post_reactions_like_total": likes - love,
        "post_activity_by_action_type": _kinds(
            {"like": likes, "comment": comments, "share": shares}
        ),
    }
    if post.kind == "video":
        told |= {"post_video_views": views // 3, "post_video_view_time": views * 900}
    return told


def _kinds(counts: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if count}
