"""Tokens that a platform rotates: kept for the next night, renewed by one process at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extractors.config import Config
from extractors.core.auth import OAuth
from extractors.core.errors import FatalError
from extractors.core.http import Client
from extractors.core.keeping import Kept
from extractors.core.types import Account
from extractors.project import Project
from tests.conftest import Answer, Call, Platform

ROOT = Path(__file__).parents[2]
ENV = {
    "BEYOND_LIKES_ZENDESK_CLIENT_ID": "id",
    "BEYOND_LIKES_ZENDESK_CLIENT_SECRET": "secret",
    "BEYOND_LIKES_ZENDESK_REFRESH_TOKEN": "r0",
}
# What one task of Airflow does: its own process asks for its own stream.
TASK = """
import sys
from extractors.core.http import Client
from tests.core.test_keeping import account, renewing
url, home = sys.argv[1:]
client = Client(url, where="zendesk.tickets", auth=renewing(account(home, url)), attempts=1)
print("ready", flush=True)
sys.stdin.readline()
print(*[client.get("/tickets").body["night"] for _ in range(3)])
"""


def account(home: Path | str, url: str, **env: str) -> Account:
    config = Config(folder=Path(home), home=Path(home), sources={"zendesk": {"base_url": url}})
    return Project(config, ENV | env).account("zendesk")


def renewing(account: Account) -> OAuth:
    form = {"grant_type": "refresh_token", "refresh_token": account.secrets["refresh_token"]}
    return OAuth(f"{account.base_url}/token", form, where=account.name, keep=account.keep)


class Rotating:
    """A platform whose refresh token is good once, and ends every access token before it."""

    def __init__(self, platform: Platform, *, expires_in: int = 1800) -> None:
        self.renewals = 0
        self._lives = {"expires_in": expires_in}
        platform.does("/token", self._renew)
        platform.does("/tickets", self._tickets)

    def _renew(self, call: Call) -> Answer:
        if not call.body.endswith(f"refresh_token=r{self.renewals}"):
            return Answer({"error": "invalid_grant"}, 400)
        self.renewals += 1
        names = {"access_token": f"a{self.renewals}", "refresh_token": f"r{self.renewals}"}
        return Answer(names | self._lives)

    def _tickets(self, call: Call) -> Answer:
        good = call.headers["authorization"] == f"Bearer a{self.renewals}"
        return Answer({"night": "read"}, 200 if good else 401)


def test_processes_of_one_source_share_a_token_that_is_good_once(
    platform: Platform, tmp_path: Path
) -> None:
    known = Rotating(platform)
    command = [sys.executable, "-c", TASK, platform.url, str(tmp_path)]
    tasks = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})
        for _ in range(3)
    ]  # fmt: skip

    # each knows the token of before when it begins
    assert [task.stdout.readline() for task in tasks if task.stdout] == ["ready\n"] * 3
    for task in tasks:
        assert task.stdin
        task.stdin.write("go\n")
        task.stdin.flush()

    assert [task.communicate(timeout=60)[0] for task in tasks] == ["read read read\n"] * 3
    assert known.renewals == 1


def test_a_token_that_was_revoked_early_is_renewed(platform: Platform, tmp_path: Path) -> None:
    known = Rotating(platform)
    for night in range(1, 3):
        auth = renewing(account(tmp_path, platform.url))
        client = Client(platform.url, where="zendesk.tickets", auth=auth, attempts=1)
        assert client.get("/tickets").body == {"night": "read"}
        assert known.renewals == night
        platform.replies["/tickets"] = [Answer({}, 401), *platform.replies["/tickets"]]


def test_a_kept_token_that_has_ended_is_not_used(platform: Platform, tmp_path: Path) -> None:
    known = Rotating(platform, expires_in=59)
    for night in range(1, 3):
        renewing(account(tmp_path, platform.url)).refresh()
        assert known.renewals == night


def test_a_connection_authorised_again_forgets_the_old_tokens(
    platform: Platform, tmp_path: Path
) -> None:
    account(tmp_path, platform.url).keep({"refresh_token": "dead"})
    assert account(tmp_path, platform.url).secrets["refresh_token"] == "dead"

    anew = account(tmp_path, platform.url, BEYOND_LIKES_ZENDESK_REFRESH_TOKEN="r7")

    assert anew.secrets["refresh_token"] == "r7"
    platform.says("/token", {"error": "invalid_grant"}, status=400)
    with pytest.raises(FatalError, match="no new token: invalid_grant"):
        renewing(anew).refresh()
    assert [call.body for call in platform.calls] == ["grant_type=refresh_token&refresh_token=r7"]


def test_what_older_versions_kept_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "zendesk.json").write_text(json.dumps({"refresh_token": "r1"}))
    assert Kept(tmp_path / "zendesk.json", given="r0").read() == {"refresh_token": "r1"}


def test_tokens_are_for_the_owner_alone(tmp_path: Path) -> None:
    Kept(tmp_path / "secrets" / "zendesk.json", given="r0")({"refresh_token": "r1"})
    (file,) = (tmp_path / "secrets").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "r0" not in file.read_text()


def test_the_environment_may_hold_the_token_no_more(tmp_path: Path) -> None:
    Kept(tmp_path / "zendesk.json", given="r0")({"refresh_token": "r1"})
    assert Kept(tmp_path / "zendesk.json").read() == {"refresh_token": "r1"}
