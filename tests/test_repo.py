"""The repository's own files: what they promise exists, and they name no machine or host."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return document


def test_make_commands_of_readme_and_docs_exist() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    commands = {
        (page.name, command)
        for page in pages
        for command in re.findall(r"^\s*make ([a-z]+)|`make ([a-z]+)", page.read_text(), re.M)
    }
    named = {first or second for _, (first, second) in commands}
    assert {"run", "test"} <= named
    assert named <= targets()


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert "LICENSE" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_help_lists_the_promised_targets() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True)
    listed = {line.split()[1] for line in shown.stdout.splitlines()}
    assert {"help", "setup", "run", "test", "prove", "clients", "up", "bench", "docs"} <= listed


def test_locks_pin_every_package_by_hash_and_name_no_host() -> None:
    assert len(LOCKS) == 15
    for lock in LOCKS:
        text = lock.read_text()
        assert "//" not in text, f"{lock.name} names a host"
        assert "index" not in text.replace("index-", "")
        for entry in re.split(r"\n(?=\S)", text.strip()):
            assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry[:80]
            assert "--hash=sha256:" in entry, entry[:80]


def test_server_and_workers_run_the_packages_that_were_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-server.lock")
    assert pins("requirements-server.lock") <= pins("requirements-celery.lock")


def test_what_opens_a_bucket_lies_over_the_packages_that_were_tested() -> None:
    def pins(name: str) -> dict[str, str]:
        found = re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
        return dict(found)

    ours, over = pins("requirements.lock"), pins("requirements-objects.lock")
    assert {name: over[name] for name in over if ours.get(name, over[name]) != over[name]} == {}


def test_direct_dependencies_have_a_reason_and_are_locked() -> None:
    locked = (ROOT / "requirements.lock").read_text()
    for line in (ROOT / "requirements.in").read_text().splitlines():
        if line.startswith("#"):
            continue
        requirement, _, reason = line.partition("#")
        name = re.split(r"[=<>[]", requirement.strip())[0]
        assert len(reason) > 10, f"{name} has no reason"
        assert re.search(rf"^{re.escape(name)}==", locked, re.MULTILINE), f"{name} is not locked"


def test_compose_file_follows_the_compose_schema() -> None:
    schema = json.loads((ROOT / "tests" / "compose-spec.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(compose())
    jsonschema.Draft201909Validator(schema).validate(compose("docker-compose.celery.yml"))
    broken = compose() | {"services": {"postgres": {"imagee": "postgres:16"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft201909Validator(schema).validate(broken)


def test_compose_publishes_on_loopback_only_and_keeps_no_secret() -> None:
    services = compose()["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8080", "127.0.0.1:8088:8088"]
    secrets = {"API_SECRET_KEY", "JWT_SECRET", "FERNET_KEY", "PG_PASSWORD", "BEYOND_LIKES_HMAC_KEY"}
    text = (ROOT / "docker-compose.yml").read_text()
    for secret in secrets:
        assert f"${{{secret}:?" in text, f"{secret} has no default and says so when it is missing"
    assert {"api-server", "scheduler", "dag-processor", "triggerer", "postgres"} <= set(services)


def test_several_hosts_meet_on_addresses_that_somebody_has_named() -> None:
    services = compose("docker-compose.celery.yml")["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert [port.rpartition("}")[2] for port in ports] == [":8080:8080", ":6379:6379", ":8793:8793"]
    assert all(re.match(r"\$\{(FIRST_)?ADDRESS:\?", port) for port in ports)
    given = {name for name, value in services["worker"]["environment"].items() if ":?" in value}
    assert given == {
        "AIRFLOW__API__SECRET_KEY", "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__CELERY__RESULT_BACKEND", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "BEYOND_LIKES_HMAC_KEY",
    }  # fmt: skip


def test_no_tracked_file_names_this_machine_or_a_package_host() -> None:
    above = f"{ROOT.parent}/"
    home = f"{Path.home()}/"
    hosts = re.compile(r"https?://[^ ]*(/simple/?\b|/packages/|\.whl\b|\.tar\.gz\b)")
    for file in tracked():
        text = file.read_text(encoding="utf-8", errors="ignore")
        for place in {above, home} - {"/"}:
            assert place not in text, f"{file.relative_to(ROOT)} names {place}"
        assert not hosts.search(text), f"{file.relative_to(ROOT)} names a package host"


def test_what_a_run_makes_is_ignored() -> None:
    made = [
        "data/warehouse.duckdb",
        ".env",
        ".venv/x",
        ".venv-lint/x",
        ".venv-peers/x",
        ".venv-clients/x",
        "dbt_project/target/x",
    ]
    ignored = subprocess.run(
        ["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    assert ignored == made


def test_licence_and_python_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    assert project["requires-python"] == ">=3.11,<3.14"
