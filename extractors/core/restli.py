"""Rest.li 2.0 as LinkedIn speaks it: sign-in, versions by month, and the encoding of queries.

Values are percent-encoded, the brackets of lists and records stay raw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote, urlsplit

from extractors.core.auth import Bearer, OAuth
from extractors.core.errors import FatalError
from extractors.core.http import Client, Explain, Reply, Seen
from extractors.core.shape import inner
from extractors.core.types import Account

API_VERSION = "202609"
TOKEN_URL = "https://www.linkedin.com/oauth/v2/accessToken"
RENEWAL = ("refresh_token", "client_id", "client_secret")


def connected(account: Account, explain: Explain, **headers: str) -> Client:
    """Return a client; with refresh_token, client_id and client_secret it renews its token."""
    renewal = {name: account.secrets.get(name, "") for name in RENEWAL}
    token = account.secrets["access_token"]
    auth: Bearer | OAuth = Bearer(token, where=account.name)
    if all(renewal.values()):
        form = {"grant_type": "refresh_token", **renewal}
        address = account.settings.get("token_url", TOKEN_URL)
        auth = OAuth(address, form, where=account.name, keep=account.keep, token=token)
    always = {
        "LinkedIn-Version": account.settings.get("api_version", API_VERSION),
        "X-Restli-Protocol-Version": "2.0.0",
    }
    return Client(
        account.base_url, where=account.name, auth=auth, headers=always | headers, explain=explain
    )


def retired(reply: Reply) -> FatalError | None:
    """Say which setting helps when the version of the API has ended."""
    if reply.status != 426:
        return None
    name = reply.where.partition(".")[0]
    do = f"Set api_version under {name}: in sources.yml to a month of the last year (YYYYMM)"
    return FatalError(reply.where, "the API version is no longer active (426)", do)


def linked_pages(client: Client, path: str, query: str, *, where: str) -> Iterator[Reply]:
    """Follow a list to its end; a next link is relative to the host, base_url may have a path."""
    seen, target = Seen(where), path
    asked: str | None = query
    while True:
        reply = client.get(target, asked, where=where)
        yield reply
        links = inner(reply.body, "paging", "links") or []
        found = [str(inner(link, "href")) for link in links if inner(link, "rel") == "next"]
        if not found:
            return
        link = seen.check(found[0])
        target, asked = (link, None) if urlsplit(link).netloc else (path, urlsplit(link).query)


def encoded(value: str) -> str:
    """Return a value as Rest.li wants it inside a path, a list or a record."""
    return quote(value, safe="")


def listing(name: str, values: Iterable[str]) -> str:
    """Return `name=List(a,b)`."""
    return f"{name}=List({','.join(encoded(value) for value in values)})"


def day_intervals(first: date, end: date, step: int) -> Iterator[str]:
    """Yield `timeIntervals=(...)` of whole UTC days, `end` not included, `step` days at most."""
    while first < end:
        until = min(first + timedelta(days=step), end)
        bounds = f"start:{_milliseconds(first)},end:{_milliseconds(until)}"
        yield f"timeIntervals=(timeRange:({bounds}),timeGranularityType:DAY)"
        first = until


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000


def date_range(first: date, last: date) -> str:
    """Return `dateRange=(...)` of days, both included."""
    bounds = (
        f"{name}:(year:{day.year},month:{day.month},day:{day.day})"
        for name, day in (("start", first), ("end", last))
    )
    return f"dateRange=({','.join(bounds)})"
