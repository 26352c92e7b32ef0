from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from extractors.core.auth import Basic, Bearer, OAuth
from extractors.core.errors import FatalError, RetriableError
from extractors.core.http import Client
from tests.conftest import Answer, Platform

FORM = {"grant_type": "refresh_token", "client_id": "me", "refresh_token": "r1"}


def oauth(platform: Platform, **more: object) -> OAuth:
    settings: dict[str, object] = {"where": "crm", "attempts": 2, "sleep": lambda _s: None, **more}
    return OAuth(f"{platform.url}/token", FORM, **settings)  # type: ignore[arg-type]


def sent(platform: Platform, path: str) -> list[str]:
    return [call.headers.get("authorization", "") for call in platform.calls if call.path == path]


def test_bearer_and_basic(platform: Platform) -> None:
    platform.says("/me", {})
    Client(platform.url, where="crm", auth=Bearer(" abc\n")).get("/me")
    Client(platform.url, where="crm", auth=Basic("Aladdin", "open sesame")).get("/me")
    assert sent(platform, "/me") == ["Bearer abc", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]


@pytest.mark.parametrize("token", ["", "two words", "quoted“", "line\nbreak"])
def test_a_token_that_no_header_can_carry_is_refused_unseen(token: str) -> None:
    with pytest.raises(FatalError, match="crm: the token is empty or holds") as caught:
        Bearer(token, where="crm")
    assert not token or token not in str(caught.value)


def test_a_refused_token_is_renewed_once(platform: Platform, naps: list[float]) -> None:
    platform.says("/token", {"access_token": "new", "expires_in": 1800})
    platform.does(
        "/leads",
        lambda call: Answer([1], 200 if call.headers["authorization"] == "Bearer new" else 401),
    )
    auth = oauth(platform, token="old")
    client = Client(platform.url, where="crm.leads", auth=auth, attempts=1, sleep=naps.append)
    assert client.get("/leads").body == [1]
    assert sent(platform, "/leads") == ["Bearer old", "Bearer new"]
    assert naps == []


def test_a_token_that_stays_refused_is_fatal(platform: Platform) -> None:
    platform.says("/token", {"access_token": "new"})
    platform.says("/leads", {}, status=401)
    client = Client(platform.url, where="crm.leads", auth=oauth(platform))
    with pytest.raises(FatalError) as caught:
        client.get("/leads")
    assert str(caught.value) == (
        'crm.leads: token refused (401). Renew the key in connection "crm"; nothing was loaded.'
    )
    assert len(sent(platform, "/leads")) == 2


def test_rotated_tokens_are_kept_before_they_are_used(platform: Platform) -> None:
    kept: list[Mapping[str, str]] = []
    platform.says(
        "/token",
        {"access_token": "a1", "refresh_token": "r2"},
        {"access_token": "a2", "refresh_token": "r2"},
    )
    auth = oauth(platform, keep=kept.append)
    auth.refresh()
    auth.refresh()
    assert kept == [{"refresh_token": "r2"}]
    bodies = [call.body for call in platform.calls]
    assert bodies == [
        "grant_type=refresh_token&client_id=me&refresh_token=r1",
        "grant_type=refresh_token&client_id=me&refresh_token=r2",
    ]


@pytest.mark.parametrize(
    ("ends", "tokens"),
    [
        ({"expires_in": 59}, 2),
        ({"expires_in": "3600"}, 1),
        ({"expires_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}, 2),
        ({"expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, 1),
        ({}, 1),
    ],
)
def test_a_token_is_renewed_before_it_ends(
    platform: Platform, ends: dict[str, object], tokens: int
) -> None:
    platform.says("/token", {"access_token": "a", **ends})
    platform.says("/leads", {})
    client = Client(platform.url, where="crm.leads", auth=oauth(platform))
    client.get("/leads")
    client.get("/leads")
    assert len([call for call in platform.calls if call.path == "/token"]) == tokens


def test_a_refused_renewal_names_the_code_and_no_secret(platform: Platform) -> None:
    body = {"error": "invalid_grant", "error_description": "token r1 of ada@example.org"}
    platform.says("/token", body, status=400)
    with pytest.raises(FatalError) as caught:
        oauth(platform).refresh()
    assert str(caught.value) == (
        'crm: no new token: invalid_grant (400). Authorise connection "crm" again; nothing was'
        " loaded."
    )


def test_a_renewal_that_gives_no_token_is_fatal(platform: Platform) -> None:
    platform.says("/token", {"token": "a"})
    with pytest.raises(FatalError, match="the token reply has no access_token"):
        oauth(platform).refresh()


def test_an_overloaded_token_address_is_retried(platform: Platform) -> None:
    platform.says("/token", {}, status=503)
    with pytest.raises(RetriableError, match="POST /token answered 503 after 2 attempts"):
        oauth(platform).refresh()


def test_an_overloaded_token_address_is_not_asked_anew_for_each_request(platform: Platform) -> None:
    platform.says("/token", {}, status=503)
    client = Client(platform.url, where="crm.leads", auth=oauth(platform), sleep=lambda _: None)
    with pytest.raises(RetriableError) as caught:
        client.get("/leads")
    assert str(caught.value).count("after 2 attempts") == 1
    assert "after 6" not in str(caught.value)
    assert [call.path for call in platform.calls] == ["/token"] * 2


def test_client_credentials_may_go_by_basic(platform: Platform) -> None:
    platform.does(
        "/token", lambda call: Answer({"access_token": call.headers["authorization"][:5]})
    )
    platform.says("/leads", {})
    auth = oauth(platform, basic=("id", "secret"))
    Client(platform.url, where="crm.leads", auth=auth).get("/leads")
    assert sent(platform, "/leads") == ["Bearer Basic"]
