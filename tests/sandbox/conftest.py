"""A small running company and a client that speaks plain HTTP to it."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.serve import Sandbox, running
from sandbox.servers import SECRETS

LAST = date(2026, 6, 30)
LINKEDIN = {
    "Authorization": f"Bearer {SECRETS['BEYOND_LIKES_LINKEDIN_ACCESS_TOKEN']}",
    "LinkedIn-Version": "202609",
    "X-Restli-Protocol-Version": "2.0.0",
}
HUBSPOT = {"Authorization": f"Bearer {SECRETS['BEYOND_LIKES_HUBSPOT_ACCESS_TOKEN']}"}


@dataclass(frozen=True)
class Answer:
    """One reply as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def next(self) -> str | None:
        link = self.headers.get("Link", "")
        return link[1 : link.index(">")] if link else None


def call(
    url: str, headers: dict[str, str] | None = None, data: Any = None, method: str | None = None
) -> Answer:
    """Return the reply to one request; `data` may be JSON or a form text."""
    sent = dict(headers or {})
    body = data.encode() if isinstance(data, str) else None
    if data is not None and body is None:
        body, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
    request = urllib.request.Request(url, data=body, headers=sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return Answer(reply.status, dict(reply.headers), json.load(reply))
    except urllib.error.HTTPError as error:
        return Answer(error.code, dict(error.headers), json.load(error))


def greenhouse_token(url: str) -> dict[str, str]:
    pair = ":".join(SECRETS[f"BEYOND_LIKES_GREENHOUSE_CLIENT_{n}"] for n in ("ID", "SECRET"))
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    token = call(f"{url}/greenhouse/token", basic, "grant_type=client_credentials").body
    return {"Authorization": f"Bearer {token['access_token']}"}


def zendesk_token(url: str) -> dict[str, str]:
    pair = {
        f"client_{n}": SECRETS[f"BEYOND_LIKES_ZENDESK_CLIENT_{n.upper()}"] for n in ("id", "secret")
    }
    body = {"grant_type": "client_credentials", "scope": "read", **pair}
    token = call(f"{url}/zendesk/oauth/tokens", data=body).body["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def company() -> Company:
    return Company(seed=1, last=LAST, days=400)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A company of 200 days and a fifth of the size; tests that move its clock move it back."""
    out = tmp_path_factory.mktemp("sandbox")
    with running(out, seed=3, days=200, scale=0.4, last_day=LAST) as sandbox:
        yield sandbox
