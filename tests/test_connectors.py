"""Whole connectors of others read the sandbox and find our rows: `make clients`, else skipped."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from extractors.core.types import streams_of
from extractors.project import modules
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES, settings
from tests.clients import proof
from tests.clients.front import fronted
from tests.clients.proof import Script
from tests.clients.script import Given
from tests.connectors import run

CONNECTORS = proof.scripts(proof.CONNECTORS)
LAST = date(2026, 6, 30)
WANTED = os.environ.get("BEYOND_LIKES_CONNECTORS") == "true"  # said by `make clients`


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The company that tests/test_clients.py has."""
    out = tmp_path_factory.mktemp("company")
    with running(out, seed=4, days=90, scale=0.3, last_day=LAST, sources=list(MODULES)) as started:
        yield started


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.name)
def test_a_connector_of_others_reads_the_rows_that_we_read(
    connector: Script, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(f"tests.connectors.{connector.name}")
    command = proof.environment_of(connector.lock) / "bin" / module.COMMAND
    if not command.exists():
        assert not WANTED, f"{command.parents[1].name} is not set up"
        pytest.skip(f"{command.parents[1].name} is not set up: `make clients` does")
    name = connector.source
    env = proof.environment(sandbox) | {"SANDBOX_SETTINGS": json.dumps(settings(name, sandbox.url))}
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    given = Given(f"{sandbox.url}/{name}", sandbox.company.first, sandbox.day)

    read = run.singer if module.COMMAND.startswith("tap-") else run.airbyte
    with fronted(sandbox, tmp_path / "front", name, connector.hosts) as front:
        found = read(command, module.config(given), module.THEIRS, env | front.env(), tmp_path)

    theirs = {stream: list(rows) for stream, rows in module.rows(found).items()}
    assert set(theirs) == set(connector.streams)
    ours = proof.read_by_us(sandbox, name, connector.streams, tmp_path)
    streams = streams_of(modules()[name])
    differ = [
        line
        for stream in connector.streams
        for line in proof.differences(streams[stream], ours[stream], theirs[stream])
    ]
    if differ:
        pytest.fail("\n".join(differ), pytrace=False)
