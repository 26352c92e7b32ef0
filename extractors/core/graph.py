"""What Meta's Graph API does everywhere: versions, tokens, error codes, usage headers, paging.

Source: Graph API v26.0; reference read November 2026. Errors come as status 400, now and then as
200, and mean what their code says: they are given the status that HTTP has for it, so that the
client waits, renews or stops as it does elsewhere. Usage is told in percent before a limit holds,
the time until it ends in minutes. Paging links carry the token, which is taken off: the header has
the one that is good.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from requests import PreparedRequest

from extractors.core.auth import Bearer
from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Auth, Client, RateSignal, Reply, Seen
from extractors.core.shape import inner, listed, naming_rights
from extractors.core.types import Account, Record

API_VERSION = "v26.0"
BASE_URL = "https://graph.facebook.com"
LIMITS = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
RIGHTS = frozenset({3, 10, *range(200, 300)})
LOGIN, PASSING = frozenset({102, 190}), frozenset({1, 2, 104, 960})
ENDED = {
    458: "the app was removed",
    460: "the password was changed",
    463: "it has expired",
    467: "it was made invalid",
}
FULL_PERCENT, FULL_SECONDS = 95.0, 60.0  # usage falls by the minute, over a rolling hour
USAGE = ("X-App-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage")
NODE = re.compile(r"\d+(?:_\d+)?")
SECRETS = frozenset({"access_token", "appsecret_proof"})
TOO_MUCH, FEW_VIEWERS = "reduce the amount of data", "Not enough viewers"
SMALLEST_PAGE = 5


class RefusedError(FatalError):
    """The platform understood the call and does not answer it: `code` and `subcode` say why."""

    def __init__(self, where: str, what: str, do: str, code: int, subcode: int = 0) -> None:
        super().__init__(where, what, do)
        self.code, self.subcode = code, subcode


class Token:
    """Sends a token in the header and, with the app's secret, the proof that the app sends it."""

    def __init__(self, token: str, *, where: str, app_secret: str = "") -> None:
        self._bearer, self._proof = Bearer(token, where=where), ""
        if app_secret:
            key, text = app_secret.strip().encode(), token.strip().encode()
            self._proof = hmac.new(key, text, hashlib.sha256).hexdigest()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add token and proof to a request that is about to be sent."""
        if self._proof:
            request.prepare_url(request.url, {"appsecret_proof": self._proof})
        return self._bearer(request)


@dataclass(frozen=True, slots=True)
class Usage(RateSignal):
    """Reads the usage headers: the highest percentage of any limit, and when it ends."""

    def exhausted(self, headers: Mapping[str, str], at: datetime) -> float:
        """Return the seconds to wait before the next request; 0 while there is quota."""
        full, seconds = _usage(headers)
        return max(seconds, FULL_SECONDS) if full >= FULL_PERCENT else seconds

    def asked(self, reply: Reply) -> float | None:
        """Return the wait that a busy reply names: Retry-After, else the end of its limit."""
        if "Retry-After" in reply.headers or reply.status != 429:
            return RateSignal.asked(self, reply)
        return _usage(reply.headers)[1] or None


def client(
    account: Account, rights: Mapping[str, str], do: str, *, auth: Auth | None = None
) -> Client:
    """Return a client below the API's version; `rights` and `do` are those of naming_rights.

    Shape: credentials access_token and, where the app asks for proofs, app_secret; the setting
    api_version. `auth` replaces the token.
    """
    secret = account.secrets.get("app_secret", "")
    name = account.name
    own = auth or Token(account.secrets["access_token"], where=name, app_secret=secret)
    forbidden = naming_rights(rights, do)

    def explain(reply: Reply) -> ExtractError | None:
        return forbidden(reply) or _refused(reply)

    base = f"{account.base_url.rstrip('/')}/{account.settings.get('api_version', API_VERSION)}"
    return Client(base, where=name, auth=own, rate=Usage(), explain=explain, meaning=meaning)


def meaning(reply: Reply) -> Reply:
    """Return the reply under the status that its error code has in HTTP."""
    error = inner(reply.body, "error")
    if not isinstance(error, dict):
        return reply
    code, text = _code(error), str(error.get("message"))
    status = reply.status if reply.status >= 400 else 400
    if code in LIMITS:
        status = 429
    elif code in LOGIN:
        status = 401
    elif code in RIGHTS:
        status = 400 if FEW_VIEWERS in text else 403
    elif TOO_MUCH in text:
        status = 400
    elif code in PASSING or error.get("is_transient") is True:
        status = 503
    return replace(reply, status=status)


def pages(client: Client, path: str, asked: Mapping[str, str], where: str) -> Iterator[Reply]:
    """Yield the replies of an edge to its last page; a page that is too much comes in parts.

    Raises: FatalError when a link leads to another host or back to a page that was read.
    """
    seen, target, query = Seen(where), path, dict(asked)
    while True:
        try:
            reply = client.get(target, query, where=where)
        except RefusedError as error:
            size = int(query.get("limit", "0")) // 2
            if error.code not in PASSING or size < SMALLEST_PAGE:
                raise
            query["limit"] = str(size)
            continue
        yield reply
        link = inner(reply.body, "paging", "next")
        if not isinstance(link, str) or not link:
            return
        target, _, text = link.partition("?")
        found = parse_qsl(text, keep_blank_values=True)
        query = {name: value for name, value in found if name not in SECRETS}
        seen.check(f"{urlsplit(target).path}?{sorted(query.items())}")


def data(reply: Reply) -> list[Record]:
    """Return the records of a list; FatalError when there is none."""
    return listed(reply, "data")


def node(record: Record, where: str) -> str:
    """Return the address of an object below the version; FatalError when its id is none."""
    number = record.get("id")
    if isinstance(number, str) and NODE.fullmatch(number):
        return f"/{number}"
    what = "an object of a list has no id of digits"
    raise FatalError(where, what, "Compare with the platform's change log")


def figures(reply: Reply) -> dict[str, Any]:
    """Return an object's insights by metric; one without data is left out by the platform."""
    found: dict[str, Any] = {}
    for metric in data(reply):
        values, total = metric.get("values"), inner(metric, "total_value", "value")
        first = values[0] if isinstance(values, list) and values else None
        found[str(metric.get("name"))] = inner(first, "value") if total is None else total
    return found


def _refused(reply: Reply) -> ExtractError | None:
    """Name the code of what no waiting helps against; None leaves the judgement to the status."""
    error, connection = inner(reply.body, "error"), reply.where.partition(".")[0]
    if not isinstance(error, dict) or reply.status not in (400, 401, 404):
        return None
    code, subcode = _code(error), _number(error.get("error_subcode"))
    if reply.status == 401:
        why = ENDED.get(subcode)
        do = f'Renew the key in connection "{connection}"; nothing was loaded'
        return FatalError(reply.where, f"token refused, {why} (401)", do) if why else None
    named = f"code {code}, subcode {subcode}" if subcode else f"code {code}"
    do = f"Compare the ids under {connection}: in sources.yml and the API version with the platform"
    what = f"{reply.request} is refused ({named})"
    return RefusedError(reply.where, what, do, code, subcode)


def _code(error: Mapping[str, Any]) -> int:
    return _number(error.get("code"))


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """Return the highest percentage that any limit has used, and the seconds until it ends."""
    full = seconds = 0.0
    for name in USAGE:
        for limit in _limits(headers.get(name)):
            for field, value in limit.items():
                if not isinstance(value, int | float):
                    continue
                if field == "estimated_time_to_regain_access":  # in minutes
                    seconds = max(seconds, value * 60.0)
                elif field == "reset_time_duration":
                    continue  # when a window ends, full or not
                else:
                    full = max(full, float(value))
    return full, seconds


def _limits(text: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the limits of a header: one object, or lists of them by business or account."""
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return
    if not isinstance(found, dict):
        return
    lists = [value for value in found.values() if isinstance(value, list)]
    yield from ([found] if not lists else (one for many in lists for one in many
                                            if isinstance(one, dict)))  # fmt: skip
