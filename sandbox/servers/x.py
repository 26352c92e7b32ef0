"""X's API v2: the own account, its timeline, posts by id; private figures for thirty days.

Source: docs.x.com (users, posts, metrics, rate limits), read 2026-11.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from sandbox.company import cutoff
from sandbox.company.networks import followers_on, posts_on, totals
from sandbox.company.social import Post
from sandbox.servers.linkedin_rows import tagged_link
from sandbox.servers.wire import Reply, Request, World, as_moment, iso

ACCOUNT, NAME = "1519203344556677889", "acme"
CREDENTIALS = {
    "access_token": "sandbox-x-access",
    "refresh_token": "sandbox-x-refresh",
    "client_id": "sandbox-x-client",
    "client_secret": "sandbox-x-secret",
}
SETTINGS = {"token_url": "{url}/2/oauth2/token", "post_days": 400}
COVERS = {"posts": ["x"], "post_metrics": ["x"], "account_metrics": ["x"]}
PRIVATE = ("non_public_metrics", "organic_metrics", "promoted_metrics")
PROBLEM = "https://api.twitter.com/2/problems"
SHARED = {"tweet.fields", "expansions", "media.fields", "user.fields"}
TIMELINE = SHARED | {"max_results", "pagination_token", "start_time", "end_time", "exclude"}
TIMELINE |= {"since_id", "until_id"}
LATEST = 3200


class X:
    """The platform as the company's own account sees it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens = {world.secrets["BEYOND_LIKES_X_ACCESS_TOKEN"]}
        self._refresh, self._given = world.secrets["BEYOND_LIKES_X_REFRESH_TOKEN"], 0
        self._posts: list[Post] | None = None

    def expire(self) -> None:
        """Let the two hours of every token pass."""
        self._tokens.clear()

    @staticmethod
    def refusal(status: int) -> Reply:
        """Return what the platform answers to a call that it refuses."""
        titles = {401: "Unauthorized", 403: "Forbidden", 429: "Too Many Requests"}
        title = titles[status]
        return Reply({"title": title, "type": "about:blank", "status": status, "detail": title},
                     status)  # fmt: skip

    def handle(self, request: Request) -> Reply:
        """Return the answer to one call."""
        reply = self._answer(request)
        reset = int((self._world.clock.now + timedelta(minutes=15)).timestamp())
        reply.headers |= {
            "x-rate-limit-limit": "900",
            "x-rate-limit-remaining": "899",
            "x-rate-limit-reset": str(reset),
        }
        return reply

    def _answer(self, request: Request) -> Reply:
        if request.path == "/2/oauth2/token":
            return self._token(request)
        if request.bearer not in self._tokens:
            return self.refusal(401)
        if request.path in ("/2/users/me", f"/2/users/{ACCOUNT}", f"/2/users/by/username/{NAME}"):
            return self._account(request)
        if request.path == f"/2/users/{ACCOUNT}/tweets":
            return self._timeline(request)
        if request.path == "/2/tweets":
            return self._lookup(request)
        return Reply({"title": "Not Found", "type": "about:blank", "status": 404}, 404)

    def _token(self, request: Request) -> Reply:
        """Answer a renewal: the refresh token is good once."""
        form, secrets = request.form, self._world.secrets
        pair = f"{secrets['BEYOND_LIKES_X_CLIENT_ID']}:{secrets['BEYOND_LIKES_X_CLIENT_SECRET']}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if request.method != "POST" or request.headers.get("authorization") != basic:
            text = "Missing valid authorization header"
            return Reply({"error": "unauthorized_client", "error_description": text}, 401)
        good = form.get("grant_type") == "refresh_token" and form.get("refresh_token")
        if good != self._refresh:
            text = "Value passed for the token was invalid."
            return Reply({"error": "invalid_request", "error_description": text}, 400)
        self._given += 1
        access, self._refresh = f"x-access-{self._given}", f"x-refresh-{self._given}"
        self._tokens.add(access)
        body = {"token_type": "bearer", "expires_in": 7200, "access_token": access}
        return Reply(body | {"refresh_token": self._refresh, "scope": "tweet.read users.read"})

    def _account(self, request: Request) -> Reply:
        data: dict[str, Any] = {"id": ACCOUNT, "name": "Acme", "username": NAME}
        if "public_metrics" in request.params.get("user.fields", "").split(","):
            company, day = self._world.company, self._world.clock.day
            followers = followers_on(company, "x", day)
            data["public_metrics"] = {
                "followers_count": followers,
                "following_count": 10,
                "tweet_count": len(self._published()),
                "listed_count": 4,
            }
        return Reply({"data": data})

    def _published(self) -> list[Post]:
        if self._posts is None:
            self._posts = posts_on(self._world.company, "x")
        end = cutoff(self._world.clock.day)
        return [post for post in self._posts if post.published_at < end]

    def _timeline(self, request: Request) -> Reply:
        """Answer one page, newest first; `meta` is always there, `data` is not when empty."""
        params = request.params
        unknown = sorted(set(params) - TIMELINE)
        size = params.get("max_results", "10")
        if unknown:
            return _invalid(unknown[0], params[unknown[0]], "is not one of the known parameters")
        if not size.isdigit() or not 5 <= int(size) <= 100:
            return _invalid("max_results", size, "is not between 5 and 100")
        try:
            first, end = (self._time(params, name) for name in ("start_time", "end_time"))
            start = int(params.get("pagination_token", "p0").removeprefix("p"))
        except ValueError:
            return _invalid("start_time", params.get("start_time", ""), "is not a valid RFC3339")
        rows = self._rows(params.get("exclude", "").split(","))[:LATEST]
        rows = [row for row in rows if _within(row, first, end)]
        page = rows[start : start + int(size)]
        body, found = self._shown(page, params)
        body["meta"] = {"result_count": len(page)}
        if page:
            body["meta"] |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        reply = Reply(body, records=found, key_fields=("id", "created_at"))
        if start + len(page) < len(rows):
            meta, token = body["meta"], f"p{start + len(page)}"
            meta["next_token"] = token
            reply.next_url = f"{request.base}{request.path}?pagination_token={token}"
            reply.set_next = lambda _url: meta.update(next_token=f"p{start}")
        return reply

    def _time(self, params: dict[str, str], name: str) -> datetime | None:
        text = params.get(name)
        if text is not None and (not text.endswith("Z") or text[:-1].isdigit()):
            raise ValueError(name)
        return None if text is None else as_moment(text)

    def _rows(self, exclude: list[str]) -> list[dict[str, Any]]:
        """Return the timeline: own posts, beside some a repost and an answer to somebody."""
        person = self._world.company.people.all[0]
        found = []
        for number, post in enumerate(self._published()):
            found.append({"id": post.id, "post": post})
            aside = {"id": str(int(post.id) + (1 << 20)), "post": post}
            if number % 10 == 0 and "retweets" not in exclude:
                found.append(aside | {"text": f"RT @{person.first}: hi", "kind": "retweeted"})
            if number % 10 == 5 and "replies" not in exclude:
                found.append(aside | {"text": f"@{person.first} hi", "kind": "replied_to"})
        return sorted(found, key=lambda row: int(row["id"]), reverse=True)

    def _lookup(self, request: Request) -> Reply:
        """Answer posts by id; what is not there is an error inside a good answer."""
        ids = request.params.get("ids", "").split(",")
        if not ids[0] or len(ids) > 100:
            return _invalid("ids", str(len(ids)), "has not between 1 and 100 values")
        rows = {row["id"]: row for row in self._rows([])}
        body, found = self._shown([rows[i] for i in ids if i in rows], request.params)
        missing = [_problem("resource-not-found", "Not Found Error", i, None) for i in ids
                   if i not in rows]  # fmt: skip
        if missing:
            body["errors"] = [*body.get("errors", []), *missing]
        return Reply(body, records=found, key_fields=("id",))

    def _shown(
        self, rows: list[dict[str, Any]], params: dict[str, str]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return body and posts with the fields asked for; private ones only of young posts."""
        fields = params.get("tweet.fields", "").split(",")
        since = self._world.clock.now - timedelta(days=30)
        data, errors = [], []
        for row in rows:
            whole = _tweet(row, totals(row["post"], self._world.clock.day))
            refused = row["post"].published_at < since or "kind" in row
            names = ["id", "text", "edit_history_tweet_ids", *fields]
            data.append(
                {n: whole[n] for n in names if n in whole and not (refused and n in PRIVATE)}
            )
            if refused:
                title, kind = "Field Authorization Error", "not-authorized-for-field"
                errors += [_problem(kind, title, row["id"], n) for n in fields if n in PRIVATE]
        body: dict[str, Any] = {"data": data} if data else {}
        media = [_medium(row["post"]) for row in rows if row["post"].kind in ("image", "video")]
        if media and "attachments.media_keys" in params.get("expansions", ""):
            body["includes"] = {"media": media}
        return body | ({"errors": errors} if errors else {}), data


def _within(row: dict[str, Any], first: datetime | None, end: datetime | None) -> bool:
    at: datetime = row["post"].published_at
    return (first is None or at >= first) and (end is None or at < end)


def _tweet(row: dict[str, Any], figures: tuple[int, ...]) -> dict[str, Any]:
    post: Post = row["post"]
    impressions, likes, comments, shares, clicks, _ = figures
    text, urls = "News from the office", []
    if post.campaign:
        text = f"{post.campaign.message} https://t.co/{post.id[-10:]}"
        link = {"url": text.split()[-1], "expanded_url": tagged_link(post.campaign, "x")}
        urls.append({"start": 0, "end": 23, **link})
    private = {"impression_count": impressions, "user_profile_clicks": clicks // 9}
    private |= {"url_link_clicks": clicks} if post.campaign else {}
    found: dict[str, Any] = {
        "id": row["id"],
        "text": row.get("text", text),
        "edit_history_tweet_ids": [row["id"]],
        "author_id": ACCOUNT,
        "created_at": iso(post.published_at),
        "entities": {"urls": urls},
        "public_metrics": {
            "retweet_count": shares - shares // 3,
            "reply_count": comments,
            "like_count": likes,
            "quote_count": shares // 3,
            "bookmark_count": likes // 4,
            "impression_count": impressions,
        },
        "non_public_metrics": private,
        "organic_metrics": {**private, "like_count": likes, "reply_count": comments},
    }
    if post.kind in ("image", "video"):
        found["attachments"] = {"media_keys": [_medium(post)["media_key"]]}
    if "kind" in row:
        found["referenced_tweets"] = [{"type": row["kind"], "id": "1"}]
    return found


def _medium(post: Post) -> dict[str, Any]:
    if post.kind == "image":
        return {"media_key": f"3_{post.id}", "type": "photo"}
    return {"media_key": f"13_{post.id}", "type": "video", "public_metrics": {"view_count": 77}}


def _problem(kind: str, title: str, number: str, field: str | None) -> dict[str, Any]:
    found = {"resource_type": "tweet", "resource_id": number, "title": title, "section": "data"}
    return found | {"type": f"{PROBLEM}/{kind}"} | ({"field": field} if field else {})


def _invalid(name: str, value: str, text: str) -> Reply:
    message = f"The `{name}` query parameter value [{value}] {text}"
    body: dict[str, Any] = {"errors": [{"parameters": {name: [value]}, "message": message}]}
    text = "One or more parameters to your request was invalid."
    body |= {"title": "Invalid Request", "detail": text, "type": f"{PROBLEM}/invalid-request"}
    return Reply(body, 400)


PLATFORM = X
