"""Facebook pages: posts with their totals, and the page's followers by day.

Source: Graph API v26.0; reference read November 2026. Post insights are lifetime totals, paid and
organic together, and settle within 48 hours. Metrics are retired for all versions at once, and one
that is gone fails the whole call: they are asked for together, then one by one, and what is refused
is null. Media views replaced impressions on 15 November 2025 and come out lower: they are landed as
views, not as impressions; the people who viewed replaced those reached on 15 June 2026. Clicks on
links are told apart from clicks anywhere on the post. Days of pages end at midnight in California,
so the newest one is a day behind ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from requests import PreparedRequest

from extractors.core import graph
from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.shape import inner, names
from extractors.core.texts import without_persons
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

LISTED = 100
POST_DAYS = 90
DAYS_A_CALL = 90
HISTORY_DAYS = 730
INVALID = 100  # code: a metric is not offered (any longer)
FIELDS = (
    "id,message,created_time,permalink_url,status_type,attachments{media_type,url,unshimmed_url},"
    "shares,comments.limit(0).summary(total_count)"
)
METRICS = (
    "post_media_view",
    "post_total_media_view_unique",
    "post_clicks",
    "post_clicks_by_type",
    "post_reactions_by_type_total",
    "post_video_views",
)
PAGE = re.compile(r"/v\d+\.\d+/(\d+)(?:_\d+)?(?=[/?]|$)")  # a post's id begins with its page's
RIGHTS = {
    "posts": "pages_read_engagement, pages_read_user_content and read_insights",
    "page_days": "pages_read_engagement and read_insights",
}
TOKEN_RIGHTS = {"page_token": "pages_show_list and pages_read_engagement"}
NEEDED = "Give {right} to the system user, and the page to it as an asset"


class PageTokens:
    """Sends each page's own token, which is fetched with the system user's.

    Raises: FatalError when the system user is given none for a page.
    """

    def __init__(self, account: Account) -> None:
        self._secret = account.secrets.get("app_secret", "")
        self._where = f"{account.name}.page_token"
        self._client = graph.client(account, TOKEN_RIGHTS, NEEDED)
        self._tokens: dict[str, graph.Token] = {}

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the token of the page that the address names."""
        found = PAGE.search(str(request.path_url))
        page = found[1] if found else ""
        if page not in self._tokens:
            self._tokens[page] = self._fetched(page)
        return self._tokens[page](request)

    def refresh(self) -> None:
        """Forget all tokens; the next call fetches its own anew."""
        self._tokens.clear()

    def _fetched(self, page: str) -> graph.Token:
        body = self._client.get(f"/{page}", {"fields": "access_token"}, where=self._where).body
        token = inner(body, "access_token")
        if not isinstance(token, str):
            what, do = f"no token for page {page}", NEEDED.format(right=TOKEN_RIGHTS["page_token"])
            raise FatalError(self._where, what, do)
        return graph.Token(token, where=self._where, app_secret=self._secret)


def connect(account: Account) -> Client:
    """Return a client that speaks as the pages themselves."""
    return graph.client(account, RIGHTS, NEEDED, auth=PageTokens(account))


@stream(
    key=("post_id", "read_on"),
    columns={
        "post_id": Column(path="id"),
        "read_on": Column("DATE"),
        "page_id": Column(),
        "published_at": Column("TIMESTAMPTZ", "created_time"),
        "message": Column(),
        "permalink": Column(path="permalink_url"),
        "status_type": Column(),
        "media_type": Column(),
        "link": Column(),
        "media_views": Column("BIGINT", "post_media_view"),
        "people_who_viewed": Column("BIGINT", "post_total_media_view_unique"),
        "clicks": Column("BIGINT", "post_clicks"),
        "link_clicks": Column("BIGINT"),
        "reactions": Column("BIGINT"),
        "comments": Column("BIGINT", "comments.summary.total_count"),
        "shares": Column("BIGINT"),
        "video_views": Column("BIGINT", "post_video_views"),
    },
    mode="snapshot",
    basis="lifetime",
    page_size=LISTED,
    ignored=names("attachments post_clicks_by_type post_reactions_by_type_total"),
)
def posts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the published posts of the last post_days with their totals so far, newest first.

    Shape: one record per post and UTC day of reading; persons mentioned in a text are left out.
    A page lists about 600 posts a year. Units: reactions of all kinds together; shares are left out
    by the platform where there are none, so nothing is 0; link_clicks likewise, once clicks are
    told by kind.
    """
    where, refused = "facebook.posts", set[str]()
    since = scan.window.end - timedelta(days=int(scan.settings.get("post_days", POST_DAYS)))
    asked = {"fields": FIELDS, "limit": str(LISTED), "since": str(int(since.timestamp()))}
    for page in _pages(scan):
        for reply in graph.pages(client, f"/{page}/published_posts", asked, where):
            shared = {"page_id": page, "read_on": reply.fetched_at.date().isoformat()}
            records = [
                {**_post(post), **shared, **_counted(_figures(client, post, refused))}
                for post in graph.data(reply)
            ]
            yield Page(records, reply.fetched_at)


@stream(
    key=("page_id", "day_end"),
    columns={
        "page_id": Column(),
        "day_end": Column("TIMESTAMPTZ", "end_time"),
        "follows": Column("BIGINT", "value"),
    },
    mode="window",
    basis="daily",
    lookback_days=7,
    history_days=HISTORY_DAYS,
)
def page_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield how many people followed the page at the end of each of its days.

    Shape: one record per page and day, named by the moment at which it ended in California; pages
    with fewer than a hundred likes have none.
    """
    where = "facebook.page_days"
    for page in _pages(scan):
        for first, end in _spans(scan):
            asked = {"metric": "page_follows", "period": "day", "since": first, "until": end}
            reply = client.get(f"/{page}/insights", asked, where=where)
            values = [value for metric in graph.data(reply) for value in _values(metric)]
            yield Page([{**value, "page_id": page} for value in values], reply.fetched_at)


def _pages(scan: Scan) -> list[str]:
    """Return the ids of the configured pages."""
    return [part.strip() for part in scan.settings["page"].split(",") if part.strip()]


def _spans(scan: Scan) -> Iterator[tuple[str, str]]:
    """Yield the window in parts that one call answers, the end not included."""
    first, end = scan.window.first, scan.window.last + timedelta(days=1)
    while first < end:
        last = min(first + timedelta(days=DAYS_A_CALL), end)
        yield _text(first), _text(last)
        first = last


def _text(day: date) -> str:
    return day.isoformat()


def _values(metric: Record) -> list[Record]:
    values = metric.get("values")
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _post(post: Record) -> dict[str, Any]:
    attached = inner(post, "attachments", "data")
    first = attached[0] if isinstance(attached, list) and attached else None
    text = post.get("message")
    return {
        **post,
        "message": without_persons(text) if isinstance(text, str) else None,
        "media_type": inner(first, "media_type"),
        "link": inner(first, "unshimmed_url") or inner(first, "url"),
        "shares": inner(post, "shares", "count") or 0,
    }


def _figures(client: Client, post: Record, refused: set[str]) -> dict[str, Any]:
    """Return the metrics of a post; `refused` are those that the platform was seen to refuse."""
    where = "facebook.posts"
    path = f"{graph.node(post, where)}/insights"

    def read(metrics: list[str]) -> dict[str, Any]:
        asked = {"metric": ",".join(metrics), "period": "lifetime"}
        return graph.figures(client.get(path, asked, where=where))

    wanted = [name for name in METRICS if name not in refused]
    try:
        return read(wanted) if wanted else {}
    except graph.RefusedError as error:
        if error.code != INVALID or error.subcode:
            raise
    found: dict[str, Any] = {}
    for name in wanted:
        try:
            found |= read([name])
        except graph.RefusedError as error:
            if error.code != INVALID or error.subcode:
                raise
            refused.add(name)
    return found


def _counted(figures: dict[str, Any]) -> dict[str, Any]:
    """Return metrics as numbers; of a metric by kind, kinds without any are left out."""
    kinds = figures.get("post_clicks_by_type")
    reactions = figures.get("post_reactions_by_type_total")
    return {
        **figures,
        "link_clicks": kinds.get("link clicks", 0) if isinstance(kinds, dict) else None,
        "reactions": _sum(reactions) if isinstance(reactions, dict) else None,
    }


def _sum(counts: dict[str, Any]) -> int:
    return sum(count for count in counts.values() if isinstance(count, int))


SOURCE = Source(
    area="social",
    title="Facebook pages",
    base_url=graph.BASE_URL,
    connect=connect,
    credentials=("access_token",),
    optional_credentials=("app_secret",),
    settings=("page",),
    permissions=RIGHTS,
    access=(
        "In Meta's business settings make a system user, give it the page, and generate a token for"
        " your app with pages_show_list and the rights named below. `page` is the page's id, which"
        " its About section shows."
    ),
)
