"""Clients that others wrote read the sandbox as if it were the platform, and find our rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.core.types import Column, Stream, streams_of
from extractors.project import FILE_SOURCES, modules
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES
from tests.clients import proof, table
from tests.clients.proof import Script

SCRIPTS = proof.scripts()
SLOW = (  # seconds of CPU to import; `long`
    *("bluesky", "ecb", "ga4", "intercom", "lever", "linkedin_ads", "tiktok_ads", "youtube"),
)
LAST = date(2026, 6, 30)
Reading = dict[str, "Future[dict[str, list[Any]]]"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    out = tmp_path_factory.mktemp("company")
    # A small company in which no stream is empty, with its records spread over every system.
    with running(out, seed=4, days=90, scale=0.3, last_day=LAST, sources=list(MODULES)) as started:
        yield started


@pytest.fixture(scope="module")
def reading(
    sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reading]:
    """Start the scripts that were chosen, two at a time, while the tests extract."""
    if not proof.PYTHON.exists() or not list(proof.PYTHON.parents[1].glob(".ready-*")):
        assert os.environ.get("CI") != "true", "run `make test`: it sets up .venv-clients"
        pytest.skip(".venv-clients is not set up: `make test` does")
    chosen = {item.callspec.params["script"] for item in request.session.items
              if hasattr(item, "callspec") and "script" in item.callspec.params}  # fmt: skip
    folder = tmp_path_factory.mktemp("clients")
    with ThreadPoolExecutor(2) as pool:
        yield {
            script.name: pool.submit(proof.read_by_others, sandbox, script, folder)
            for script in SCRIPTS
            if script in chosen
        }


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(script, marks=[pytest.mark.long] * (script.name in SLOW), id=script.name)
        for script in SCRIPTS
    ],
)
def test_a_client_of_others_reads_the_rows_that_we_read(
    script: Script, reading: Reading, sandbox: Sandbox, tmp_path: Path
) -> None:
    ours = proof.read_by_us(sandbox, script.name, script.streams, tmp_path)
    theirs = reading[script.name].result()

    streams = streams_of(modules()[script.name])
    assert set(theirs) == set(script.streams)
    assert {name: len(rows) for name, rows in theirs.items() if not rows} == {}
    found = [proof.differences(streams[name], ours[name], theirs[name]) for name in script.streams]
    if any(found):
        pytest.fail("\n".join(line for lines in found for line in lines), pytrace=False)


def test_the_table_of_sources_is_what_the_tests_prove() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), "run `make docs`"


@pytest.mark.parametrize("name", [name for name in modules() if name not in FILE_SOURCES])
def test_a_source_is_read_by_a_client_of_others_or_says_why_not(name: str) -> None:
    proven = name in {script.source for script in SCRIPTS}
    assert proven is not bool(modules()[name].SOURCE.unproven)


def test_a_row_that_differs_is_found() -> None:
    columns = {
        "id": Column(),
        "at": Column("TIMESTAMPTZ"),
        "likes": Column("BIGINT"),
        "mail": Column(personal=True),
    }
    stream = Stream("x", "posts", ("id",), columns, "window", lambda *_: iter(()), ("id",))
    ours = [{"id": "1", "at": "2026-01-01T12:00:00+01:00", "likes": 3, "mail": "h1"}]
    same = {"id": 1, "at": "2026-01-01T11:00:00Z", "likes": 3, "mail": "ada@acme.example"}

    assert proof.differences(stream, ours, [same]) == []
    assert proof.differences(stream, ours, [{"id": "1"}]) == []
    assert proof.differences(stream, ours, []) == ["x.posts: 1 rows of ours, 0 of the client"]
    (mine, other) = proof.differences(stream, ours, [same | {"likes": None}])
    assert "only ours, 1 rows" in mine
    assert "only the client's, 1 rows" in other
    assert len(proof.differences(stream, ours, [same, same])) == 2
    assert len(proof.differences(stream, ours, [same | {"mail": None}])) == 3
    assert "{'nope'}" in proof.differences(stream, ours, [same | {"nope": 1}])[0]
