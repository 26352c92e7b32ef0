"""What Meta's Graph API does everywhere: versions, tokens, errors, usage, fields and cursors.

Source: developers.facebook.com, Graph API v21.0 to v26.0, read 2026-11. A platform's own module
asks `Door` to let a call in and answers with `listing`, `chosen` and `insight`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sandbox.servers.wire import Reply, Request

VERSION = re.compile(r"/v(\d+)\.\d+(?=/|$)")
OLDEST_VERSION = 21
PACIFIC = ZoneInfo("America/Los_Angeles")  # where a day of insights begins and ends
Row = dict[str, Any]


class GraphError(Exception):
    """A call that the platform refuses; `reply` is its answer."""

    def __init__(self, code: int, text: str, subcode: int = 0, status: int = 400) -> None:
        super().__init__(text)
        self.reply = failure(code, text, subcode, status)


def failure(code: int, text: str, subcode: int = 0, status: int = 400) -> Reply:
    """Return an error as every part of the Graph API writes it."""
    passing = code in (1, 2, 4, 17, 32, 613) or 80000 <= code < 80015
    error: Row = {"message": text, "type": "OAuthException", "code": code}
    error |= {"error_subcode": subcode} if subcode else {}
    error |= {"is_transient": passing, "fbtrace_id": "AbCdEf123"}
    return Reply({"error": error}, status)


def refusal(status: int, limit: int = 4) -> Reply:
    """Return the answer to a call that is refused: its token (401), right (403) or number (429)."""
    if status == 401:
        text = "Error validating access token: The session is invalid."
        return failure(190, text, 467)
    if status == 403:
        return failure(10, "(#10) Application does not have permission for this action")
    return failure(limit, f"(#{limit}) Application request limit reached")


class Door:
    """Lets calls with a good token in; `tokens` may be changed by the platform behind it.

    Shape: with `app_secret` a proof that is sent must be the right one. `kind` and `account` name
    the use case in the usage header.
    """

    def __init__(self, tokens: set[str], app_secret: str, kind: str, account: str) -> None:
        self.tokens, self.ended = tokens, set[str]()
        self._secret, self._kind, self._account = app_secret, kind, account

    def end(self, tokens: set[str]) -> None:
        """Let tokens expire."""
        self.ended |= tokens
        self.tokens -= tokens

    def answer(self, request: Request, route: Callable[[list[str], Request], Reply]) -> Reply:
        """Return what `route` answers to the parts of the path below the version."""
        try:
            self._check(request)
            reply = route(_parts(request.path), request)
        except GraphError as error:
            reply = error.reply
        found = VERSION.match(request.path)
        reply.headers["facebook-api-version"] = found[0][1:] if found else f"v{OLDEST_VERSION}.0"
        reply.headers |= self._usage()
        return reply

    def _check(self, request: Request) -> None:
        token = token_of(request)
        if token is None:
            raise GraphError(104, "An access token is required to request this resource.")
        if token in self.ended:
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        if token not in self.tokens:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        proof = request.form.get("appsecret_proof")
        if proof is not None and proof != proof_of(token, self._secret):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")

    def _usage(self) -> dict[str, str]:
        shares = {"call_count": 28, "total_cputime": 5, "total_time": 7}
        limit = {"type": self._kind, **shares, "estimated_time_to_regain_access": 0}
        return {
            "X-App-Usage": json.dumps(shares),
            "X-Business-Use-Case-Usage": json.dumps({self._account: [limit]}),
        }


def token_of(request: Request) -> str | None:
    """Return the token, from the header, the query or the form."""
    return request.bearer or request.form.get("access_token")


def proof_of(token: str, app_secret: str) -> str:
    """Return appsecret_proof."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _parts(path: str) -> list[str]:
    """Return the parts of a path below its version; without one the oldest answers."""
    found = VERSION.match(path)
    if found and int(found[1]) < OLDEST_VERSION:
        raise GraphError(2635, f"(#2635) You are calling a deprecated version of the API, {path}")
    rest = path[found.end() :] if found else path
    return [part for part in rest.split("/") if part]


def fields(text: str) -> dict[str, str]:
    """Return the fields asked for, with what stands behind each name: .limit(0), {id}, (a,b)."""
    found, depth, begin = {}, 0, 0
    for at, letter in enumerate(f"{text},"):
        depth += (letter in "({") - (letter in ")}")
        if letter == "," and depth == 0:
            part = text[begin:at].strip()
            name = re.match(r"\w*", part)[0]  # type: ignore[index]  # an empty name matches, too
            if name:
                found[name] = part[len(name) :]
            begin = at + 1
    return found


def chosen(row: Row, asked: str | None, known: Sequence[str], node: str) -> Row:
    """Return the fields of a node that were asked for, always its id; unknown ones are an error."""
    names = fields(asked or "id")
    for name in names:
        if name not in known:
            text = f"(#100) Tried accessing nonexistent field ({name}) on node type ({node})"
            raise GraphError(100, text)
    return {name: row[name] for name in dict.fromkeys((*names, "id")) if name in row}


def listing(
    request: Request, rows: Sequence[Row], show: Callable[[Row], Row] = dict, most: int = 100
) -> Reply:
    """Answer one page of an edge; the last one has cursors and no next link."""
    params = request.params
    try:
        size, start = int(params.get("limit", "25")), _place(params.get("after"))
    except ValueError:
        raise GraphError(100, "(#100) param after must be a cursor, limit a number") from None
    if size > most:
        raise GraphError(100, f"(#100) Param limit must be a number less than or equal to {most}")
    page = [show(row) for row in rows[start : start + size]]
    reply = Reply({"data": page}, records=page)
    if page:
        after = _cursor(start + len(page))
        paging: Row = {"cursors": {"before": _cursor(start), "after": after}}
        reply.body["paging"] = paging
        if start + len(page) < len(rows):
            kept = {"access_token": token_of(request) or "", **params, "after": after}
            reply.next_url = f"{request.base}{request.path}?{urlencode(kept)}"
            paging["next"] = reply.next_url
            reply.set_next = lambda url: paging.update(next=url)
    return reply


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"QVFI{place:012d}".encode()).decode()


def _place(cursor: str | None) -> int:
    return int(base64.urlsafe_b64decode(cursor.encode())[4:]) if cursor else 0


def insight(node: str, name: str, value: Any, period: str = "lifetime", title: str = "") -> Row:
    """Return one metric of a node with its only value."""
    head: Row = {"name": name, "period": period, "values": [{"value": value}]}
    return head | {
        "title": title or name.replace("_", " ").capitalize(),
        "description": "",
        "id": f"{node}/insights/{name}/{period}",
    }


def metrics_asked(request: Request, known: Sequence[str]) -> list[str]:
    """Return the metrics asked for; one that is not offered fails the whole call."""
    text = request.params.get("metric", "")
    names = [name.strip(' "[]') for name in text.split(",") if name.strip(' "[]')]
    for name in names:
        if name not in known:
            raise GraphError(100, "(#100) The value must be a valid insights metric")
    if not names:
        raise GraphError(100, "(#100) The parameter metric is required")
    return names


def day_end(day: date) -> str:
    """Return the end of a Pacific day, as insights name the day."""
    return moment(datetime.combine(day + timedelta(days=1), time(), PACIFIC))


def days_asked(request: Request, now: datetime, most: int) -> Iterator[date]:
    """Yield the days that are over and lie within since and until (dates, ISO, epoch seconds)."""
    params, default = request.params, datetime.combine(now.astimezone(PACIFIC), time(), PACIFIC)
    since = _instant(params.get("since"), default - timedelta(days=2))
    until = _instant(params.get("until"), default)
    if since > until or until - since > timedelta(days=most):
        raise GraphError(100, f"(#100) There cannot be more than {most} days between since, until")
    day = since.astimezone(PACIFIC).date()
    while (end := datetime.combine(day + timedelta(days=1), time(), PACIFIC)) <= min(until, now):
        yield day
        day = end.date()


def _instant(text: str | None, default: datetime) -> datetime:
    if not text:
        return default
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise GraphError(100, f"(#100) {text} is no time") from None
    return found if found.tzinfo else found.replace(tzinfo=PACIFIC)


def moment(at: datetime) -> str:
    """Return a UTC time as the Graph API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
