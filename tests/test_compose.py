"""docker-compose.yml without containers: each command is one that its program knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.core.errors import FatalError
from extractors.run import project
from sandbox.serve import running
from tests.company import Company
from tests.test_docs_commands import parse

ROOT = Path(__file__).parents[1]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
)["services"]
CELERY: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.celery.yml").read_text(encoding="utf-8")
)["services"]
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer"}


def python_check(service: str) -> str:
    """Return the Python text of a service's health check."""
    return str(SERVICES[service]["healthcheck"]["test"][-1])


def test_profiles_add_services_and_leave_the_rest_alone() -> None:
    profiles = {name: one.get("profiles") for name, one in SERVICES.items()}
    assert profiles == {
        **dict.fromkeys(("postgres", "init", *AIRFLOW)),
        "sandbox": ["demo"], "superset-init": ["bi"], "superset": ["bi"],
    }  # fmt: skip


def test_what_stays_up_says_whether_it_is_well() -> None:
    lasting = {name for name, one in SERVICES.items() if one.get("restart") != "no"}
    assert {name for name in lasting if "healthcheck" not in SERVICES[name]} == set()


def test_only_the_step_that_hands_over_the_volumes_is_root() -> None:
    assert {name for name, one in SERVICES.items() if "user" in one} == {"init"}
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    assert [stage.split()[2] for stage in stages] == ["base", "superset", "beyond-likes"]
    assert all("\nUSER beyond\n" in stage for stage in stages[1:])
    assert re.search(r"^ARG PYTHON=python:3\.11\.\d+-", (ROOT / "Dockerfile").read_text(), re.M)


def test_the_image_gets_what_it_copies_and_no_secret() -> None:
    copied = set()
    for line in re.findall(r"^COPY (.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        copied |= {name.split("/")[0] for name in line.split()}
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[1] == "*"
    assert copied <= allowed
    assert {"extractors", "dashboard", "sandbox", "dags", "dbt_project"} <= copied
    assert {name for name in allowed if not (ROOT / name).exists()} == set()
    assert not {".env", "data", "own", ".venv"} & allowed


def test_airflows_commands_exist() -> None:
    help_text = subprocess.run(
        [str(Path(sys.executable).with_name("airflow")), "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"},
    ).stdout  # fmt: skip
    assert {SERVICES[name]["command"] for name in AIRFLOW} == AIRFLOW
    assert {name for name in AIRFLOW if not re.search(rf"^\s+{name}\s", help_text, re.M)} == set()


def test_with_celery_all_of_airflow_has_one_executor_and_image() -> None:
    mine = {name: one for name, one in CELERY.items() if name != "redis"}
    assert set(mine) == {"init", "worker", *AIRFLOW}
    shared = mine["init"]
    assert shared["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert (ROOT / shared["build"]["args"]["LOCK"]).exists()
    assert "ARG LOCK=requirements-server.lock\n" in (ROOT / "Dockerfile").read_text()
    for one in mine.values():
        assert one["environment"].items() >= shared["environment"].items()
        assert (one["image"], one["build"]) == (shared["image"], shared["build"])
    ours = {name for name in SERVICES["init"]["environment"] if name.startswith("BEYOND_LIKES_")}
    assert {name for name in ours if name not in mine["worker"]["environment"]} == set()


def test_a_host_that_is_not_told_otherwise_serves_no_writer() -> None:
    command = CELERY["worker"]["command"]
    assert command.startswith("celery worker --queues ${QUEUES:-default} ")
    guide = (ROOT / "docs" / "how-to" / "many-workers.md").read_text()
    assert "QUEUES=default,duckdb\n" in guide, "the first host's"


def test_the_sandboxs_command_parses_and_its_health_check_tells(tmp_path: Path) -> None:
    command = SERVICES["sandbox"]["command"]
    parse(" ".join(command))
    assert command[command.index("--out") + 1] == "/demo"
    assert f"127.0.0.1:{command[command.index('--port') + 1]}/" in python_check("sandbox")
    with running(tmp_path, days=3, scale=0.1) as sandbox:
        here = python_check("sandbox").replace("http://127.0.0.1:8900", sandbox.url)
        assert subprocess.run([sys.executable, "-c", here], check=False).returncode == 0
    gone = subprocess.run([sys.executable, "-c", here], check=False, capture_output=True)
    assert gone.returncode == 1


@pytest.mark.parametrize("service", ["api-server", "scheduler", "sandbox", "superset"])
def test_health_checks_are_python(service: str) -> None:
    ast.parse(python_check(service))


@pytest.mark.parametrize("service", ["init", "superset-init"])
def test_scripts_are_shell(service: str) -> None:
    assert SERVICES[service]["entrypoint"] == ["/bin/sh", "-ec"]
    script = SERVICES[service]["command"][0].replace("$$", "$")
    done = subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False)
    assert done.returncode == 0


def test_superset_asks_for_its_secret_by_name() -> None:
    file = str(ROOT / "docker" / "superset_config.py")
    without = {k: v for k, v in os.environ.items() if k != "SUPERSET_SECRET_KEY"}
    done = subprocess.run([sys.executable, file], env=without, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("SUPERSET_SECRET_KEY: shorter than 32 characters. Set it in .env")
    given = {**without, "SUPERSET_SECRET_KEY": "k" * 32}
    assert subprocess.run([sys.executable, file], env=given, check=False).returncode == 0


def test_a_secret_may_be_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company(tmp_path)
    settings = company.settings("sources: {hubspot: {}}\n")
    secret = company.write("secrets/hubspot", "t0ken\n")
    monkeypatch.setenv("BEYOND_LIKES_HUBSPOT_ACCESS_TOKEN_FILE", str(secret))
    assert project(settings).account("hubspot").secrets == {"access_token": "t0ken"}
    secret.unlink()
    with pytest.raises(FatalError, match="Name a file that this user may read"):
        project(settings)
