"""The night of `make run`: around dead sources, and what it shows to others on the machine."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests import company
from tests.conftest import serve
from tests.test_simulated_company import texts_in

ROOT = Path(__file__).parents[1]
CONNECTION = '{"conn_type": "http", "extra": {"%s": "%s"}}'
SECRETS = {
    "BEYOND_LIKES_HMAC_KEY": "secret-key-0123456789-0123456789-abc",
    "AIRFLOW_CONN_INTERCOM": CONNECTION % ("access_token", "secret-token-1"),
    "AIRFLOW_CONN_BEYOND_LIKES": CONNECTION % ("smtp_password", "secret-password-1"),
}
HIDDEN = re.compile(rb"secret-(key|token|password)-")


@dataclass(frozen=True)
class Night:
    """What is left of it, and what the machine showed of its processes while it ran."""

    folder: Path
    code: int
    stdout: str
    stderr: str
    commands: set[bytes]
    environment_of_dbt: list[bytes]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The real steps in the real DAG: two systems are dead, a file has two people."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "data" / "drop").mkdir(parents=True)
    (folder / "data" / "drop" / "applications.csv").write_text(
        "application_id,applied_at,source,qualified\n"
        "a1,2026-10-05T09:00:00Z,LinkedIn,true\n"
        "a2,2026-10-06T09:00:00Z,LinkedIn,false\n"
    )
    script = ROOT / "scripts" / "local_airflow.py"
    command = [sys.executable, str(script), "night", "--config", str(folder / "sources.yml")]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "BEYOND_"))}
    with ExitStack() as stack:
        intercom = stack.enter_context(contextmanager(serve)())
        intercom.says("/conversations/search", {"errors": ["secret-token-1 is bad"]}, status=401)
        (folder / "sources.yml").write_text(
            f"sources: {{x: {{}}, intercom: {{base_url: {intercom.url}}}}}\n"
        )
        stack.enter_context(company.parsed(folder / "data" / "dbt" / "target"))
        process = subprocess.Popen(
            [*command, "--date", "2026-11-20"],
            cwd=folder,
            env=inherited | SECRETS,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=0o022,
        )
        commands, of_dbt = set[bytes](), dict[str, bytes]()
        while process.poll() is None:
            look(folder, commands, of_dbt)
            time.sleep(1)  # dbt alone takes longer
        stdout, stderr = process.communicate()
        assert intercom.calls
    return Night(folder, process.returncode, stdout, stderr, commands, [*of_dbt.values()])


def look(folder: Path, commands: set[bytes], of_dbt: dict[str, bytes]) -> None:
    """Note the arguments of every process, and the environment of the dbt that works here."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            command = (process / "cmdline").read_bytes()
            commands.add(command)
            ours = (process / "cwd").resolve().is_relative_to(folder.resolve())
            if ours and b"/dbt\0" in command and b"build\0" in command:
                of_dbt[process.name] = (process / "environ").read_bytes()


def test_it_publishes_around_what_is_dead(night: Night) -> None:
    assert night.code == 1, night.stderr
    assert "verdict: failed. published, but not refreshed: x." in night.stdout
    assert "no credential access_token; nothing was loaded" in night.stdout
    assert "intercom.conversations: token refused (401)" in night.stdout
    assert "publish: done" in night.stdout
    with duckdb.connect(str(night.folder / "data/published/marts.duckdb"), read_only=True) as db:
        query = "select count(*), sum(cast(qualified as int)) from fct_applications"
        assert db.execute(query).fetchone() == (2, 1)
    assert [path.name for path in night.folder.iterdir() if path.suffix != ".yml"] == ["data"]


def test_no_secret_is_in_metadata_rendered_templates_results_or_logs(night: Night) -> None:
    texts = {"screen": (night.stdout + night.stderr).encode(), **texts_in(night.folder)}
    metadata = texts["data/airflow/airflow.db"]
    assert b"intercom.conversations" in metadata
    assert b"rendered_task_instance_fields" in metadata
    assert len(texts["data/airflow/night.log"]) > 1_000
    assert {name for name, text in texts.items() if HIDDEN.search(text)} == set()


def test_no_secret_is_in_the_process_list_or_given_to_dbt(night: Night) -> None:
    assert any(b"local_airflow.py" in one for one in night.commands)
    assert [one for one in night.commands if HIDDEN.search(one)] == []
    assert night.environment_of_dbt
    for environment in night.environment_of_dbt:
        assert b"PATH=" in environment
        assert not HIDDEN.search(environment)
        assert not re.search(rb"(^|\0)(AIRFLOW_|BEYOND_LIKES_)", environment)


def test_others_on_the_machine_read_the_release_and_nothing_else(night: Night) -> None:
    """The account has the usual umask 022."""
    home = night.folder / "data"
    shown = {
        one.name for one in home.iterdir() if one.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    }
    assert shown == {"drop", "published", "releases"}, "drop is the one that this test has made"
    files = [home / "published", *(home / "published").resolve().rglob("*")]
    assert {"marts.duckdb", "kpi_review.html", "catalog.json"} <= {file.name for file in files}
    for file in files:
        wanted = 0o755 if file.is_dir() else 0o644
        assert stat.S_IMODE(file.stat().st_mode) == wanted, file
