"""Credentials for requests: a fixed token, a user with password, or OAuth tokens that expire."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest

from extractors.core.errors import ExtractError, FatalError
from extractors.core.http import Client, Reply
from extractors.core.keeping import Kept

EARLY_SECONDS = 60.0  # renew before the platform's clock says so


class Bearer:
    """Sends `Authorization: Bearer <token>`, or the token alone under a platform's own header."""

    def __init__(self, token: str, *, where: str = "token", header: str = "") -> None:
        plain = _plain(token, where)
        self._name, self._value = (
            (header, plain) if header else ("Authorization", f"Bearer {plain}")
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header to a request that is about to be sent."""
        request.headers[self._name] = self._value
        return request


class Basic:
    """Sends user and password (RFC 7617); platforms often want the key as user, no password."""

    def __init__(self, user: str, password: str = "") -> None:
        pair = f"{user.strip()}:{password.strip()}".encode()
        self._value = f"Basic {base64.b64encode(pair).decode()}"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header to a request that is about to be sent."""
        request.headers["Authorization"] = self._value
        return request


class OAuth:
    """Fetches access tokens, renews them before they end or after a 401, and keeps rotated ones.

    Shape: `form` is the body of the token request (grant_type, client_id, client_secret,
    refresh_token ...); `keep` is given a new refresh_token before it is used, and where it is Kept,
    processes renew in turn and use what another one has just fetched, since a rotating token is
    good for one renewal only; `header` is the name under which the platform wants the token alone;
    `json` sends the form as JSON; `meaning` is the Client's, for replies in an envelope.
    Raises: FatalError when the platform refuses; RetriableError when it does not answer.
    """

    def __init__(
        self,
        token_url: str,
        form: Mapping[str, str],
        *,
        where: str,
        keep: Callable[[Mapping[str, str]], None] = lambda _tokens: None,
        basic: tuple[str, str] | None = None,
        token: str = "",
        header: str = "",
        json: bool = False,
        meaning: Callable[[Reply], Reply] | None = None,
        attempts: int = 6,
        backoff_seconds: float = 1.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        parts = urlsplit(token_url)
        self._path, self._form = parts.path or "/", dict(form)
        self._where, self._keep, self._token, self._header = where, keep, token, header
        self._ends, self._json = float("inf"), json
        self._client = Client(
            f"{parts.scheme}://{parts.netloc}",
            where=where,
            auth=Basic(*basic) if basic else None,
            attempts=attempts,
            backoff_seconds=backoff_seconds,
            sleep=sleep,
            explain=self._explain,
            meaning=meaning,
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add a token that is still good to a request that is about to be sent."""
        if not self._token or time.time() > self._ends - EARLY_SECONDS:
            self.refresh()
        return Bearer(self._token, where=self._where, header=self._header)(request)

    def refresh(self) -> None:
        """Fetch a new access token now, or take the one that another process has fetched."""
        alone = nullcontext[Mapping[str, str]]({})
        turn: AbstractContextManager[Mapping[str, str]] = (
            self._keep.turn() if isinstance(self._keep, Kept) else alone
        )
        with turn as kept:
            if not self._take(kept):
                self._renew()

    def _take(self, kept: Mapping[str, str]) -> bool:
        """Go on from what is kept; tell whether its access token is new to us and still good."""
        if "refresh_token" in self._form and kept.get("refresh_token"):
            self._form["refresh_token"] = kept["refresh_token"]
        token, ends = kept.get("access_token", ""), _ends(kept)
        if not token or token == self._token or time.time() > ends - EARLY_SECONDS:
            return False
        self._token, self._ends = token, ends
        return True

    def _renew(self) -> None:
        sent: dict[str, Any] = {"json": self._form} if self._json else {"form": self._form}
        body = self._client.post(self._path, **sent).body
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            do = "Compare the token address with the platform's documentation"
            raise FatalError(self._where, "the token reply has no access_token", do)
        ends, rotated = _ends(body), body.get("refresh_token")
        if isinstance(rotated, str) and rotated != self._form.get("refresh_token"):
            tokens = {"refresh_token": rotated}
            if isinstance(self._keep, Kept):
                tokens |= {"access_token": token, "expires_at": _moment(ends)}
            self._keep(tokens)
            if "refresh_token" in self._form:
                self._form["refresh_token"] = rotated
        self._token, self._ends = token, ends

    def _explain(self, reply: Reply) -> ExtractError | None:
        """Name the platform's error code (invalid_grant ...), which holds no secret."""
        if reply.status not in (400, 401, 403):
            return None
        code = reply.body.get("error") if isinstance(reply.body, dict) else None
        known = code if re.fullmatch(r"[a-z_]{3,40}|\d{3,6}", str(code)) else "refused"
        connection = self._where.partition(".")[0]
        what = f"no new token: {known} ({reply.status})"
        do = f'Authorise connection "{connection}" again; nothing was loaded'
        return FatalError(self._where, what, do)


def _ends(body: Mapping[str, Any]) -> float:
    """Return the epoch second at which a token ends; infinity where the platform does not say."""
    try:
        if body.get("expires_in") is not None:
            return time.time() + float(body["expires_in"])
        return datetime.fromisoformat(body["expires_at"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return float("inf")


def _moment(ends: float) -> str:
    """Write an end so that _ends reads it; nothing where there is none."""
    return "" if ends == float("inf") else datetime.fromtimestamp(ends, UTC).isoformat()


def _plain(token: str, where: str) -> str:
    """Refuse a token that no header can carry, before a library prints it in its error."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        what = "the token is empty or holds a space, a line break or a letter that no token has"
        raise FatalError(where, what, "Copy it again, without quotes")
    return token
