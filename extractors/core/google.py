"""What Google's APIs share: a refresh token that stays, and the reasons of their refusals.

Source: OAuth 2.0 for web server applications and the error model of Google APIs; read November
2026. A used-up quota, a busy minute and a missing right all come as 403: the reason in the body
tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.core.auth import OAuth
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.replies import Reply
from extractors.core.shape import inner, naming_rights
from extractors.core.types import Account

TOKEN_URL = "https://oauth2.googleapis.com/token"
CREDENTIALS = ("client_id", "client_secret", "refresh_token")
USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})


def oauth(account: Account) -> OAuth:
    """Return what fetches an access token of an hour; the refresh token is never rotated."""
    form = {name: account.secrets[name] for name in CREDENTIALS}
    address = account.settings.get("token_url", TOKEN_URL)
    return OAuth(address, {"grant_type": "refresh_token", **form}, where=account.name)


def explaining(rights: Mapping[str, str], do: str) -> Callable[[Reply], ExtractError | None]:
    """Return an `explain` for Client; `rights` and `do` are those of naming_rights."""
    forbidden = naming_rights(rights, do)

    def explain(reply: Reply) -> ExtractError | None:
        if reply.status not in (403, 429):
            return None
        found = reasons(reply.body)
        # the Analytics APIs say it in words alone: "... tokens per day", "Queries per day"
        if found & USED_UP or " per day" in str(inner(reply.body, "error", "message")):
            what = f"the quota of the day is used up ({reply.status})"
            return FatalError(reply.where, what, "Run again after midnight Pacific time")
        if found & SWITCHED_OFF:
            what = f"{reply.request}: this API is switched off ({reply.status})"
            do_this = "Enable it in the Google Cloud project that client_id belongs to"
            return FatalError(reply.where, what, do_this)
        if found & TOO_FAST:
            what = f"{reply.request} answered {reply.status}: too many calls"
            return RetriableError(reply.where, what, "Run again later")
        return forbidden(reply)

    return explain


def reasons(body: Any) -> set[str]:
    """Return the reasons of an error, in the older list `errors` and the newer one `details`."""
    lists = (inner(body, "error", name) for name in ("errors", "details"))
    items = [item for found in lists if isinstance(found, list) for item in found]
    return {str(inner(item, "reason")) for item in items}
