"""Every source at once: some nights full of faults that heal, and one with faults that do not."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES, SECRETS
from tests.company import rows
from tests.stack import HEALING, LAST, live
from tests.truth import counted, differences, published

SIZE = {"seed": 4, "last_day": LAST, "days": 150, "scale": 0.2, "sources": list(MODULES)}
# Platforms that no KPI reads: whatever happens to them, every figure must stay equal.
FATAL = "mastodon:other_host,bluesky:key_gone,x:forbidden@/tweets"
REFUSED = {
    ("mastodon", "statuses"): "a link leads to http://other.example",
    ("bluesky", "posts"): "a record has no field 'uri'",
    ("x", "posts"): "tweet.read",
}


@dataclass(frozen=True)
class Lived:
    """A company after its nights: what failed, and what was logged at debug level."""

    sandbox: Sandbox
    out: Path
    errors: list[str]
    log: str

    @property
    def marts(self) -> Path:
        return self.out / "data" / "published" / "marts.duckdb"


def lived(out: Path, faults: str, nights: int) -> Iterator[Lived]:
    """Live through the nights; read everything that is logged on the way."""
    heard, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    days = [LAST - timedelta(days=back) for back in range(nights - 1, -1, -1)]
    try:
        with running(out, faults=faults, **SIZE) as sandbox:  # type: ignore[arg-type]
            errors = live(sandbox, out / "sources.yml", days)
            yield Lived(sandbox, out, errors, heard.getvalue())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.fixture(scope="module")
def bad_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    yield from lived(tmp_path_factory.mktemp("healing"), HEALING, 3)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    yield from lived(tmp_path_factory.mktemp("fatal"), FATAL, 1)


def test_every_kpi_equals_the_truth_after_nights_of_every_fault_that_heals(bad_days: Lived) -> None:
    assert bad_days.errors == []
    truth = counted(bad_days.sandbox)
    assert len(truth) > 20_000
    assert differences(published(bad_days.marts), truth) == {}
    named = {part.split(":")[1].partition("@")[0] for part in HEALING.split(",")}
    assert set(bad_days.sandbox.faults.counts) == named


def test_every_stream_of_every_source_is_covered(bad_days: Lived) -> None:
    found = rows(
        bad_days.marts,
        "select source, stream, status, freshness_days from data_coverage "
        " where status <> 'no_source' and source not in ('file_drop', 'company')",
    )
    assert {row[0] for row in found} == set(MODULES)
    assert [row for row in found if row[2] != "ok" or (row[3] or 0) > 0] == []


def test_no_person_and_no_secret_is_in_a_file_or_a_log(bad_days: Lived) -> None:
    people = bad_days.sandbox.company.people.all
    marks = {value.encode().lower() for one in people for value in (one.email, one.phone, one.name)}
    secrets = {value.encode() for value in SECRETS.values() if len(value) > 8}
    texts = {"log": bad_days.log.encode()}
    for file in (bad_days.out / "data").rglob("*"):
        if file.is_file() and not file.is_symlink():
            body = file.read_bytes()
            if file.suffix == ".zst":
                body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
            texts[str(file.relative_to(bad_days.out))] = body
    assert len(texts) > 200
    assert len(bad_days.log) > 50_000
    for name, body in texts.items():
        if not name.startswith("data/secrets/"):  # tokens that a platform rotates, mode 0600
            assert [s for s in secrets if s in body] == [], name
    for name, body in texts.items():
        low = body.lower()
        if b"@example." in low or b"+49 4000" in low or name == "log":
            assert [mark for mark in marks if mark in low] == [], name
    names = {one.name.encode().lower() for one in people}
    for name, body in texts.items():
        if name.endswith(".zst"):
            low = body.lower()
            assert [mark for mark in names if mark in low] == [], name


def test_what_no_retry_heals_ends_one_stream_and_nothing_else(refused: Lived) -> None:
    assert len(refused.errors) == len(REFUSED)
    for (source, stream), text in REFUSED.items():
        (error,) = [one for one in refused.errors if one.startswith(f"{source}.{stream}: ")]
        assert text in error
    assert differences(published(refused.marts), counted(refused.sandbox)) == {}


def test_the_coverage_names_the_streams_that_failed(refused: Lived) -> None:
    found = rows(
        refused.marts,
        "select source, stream, status, last_error from data_coverage where status <> 'no_source'"
        " and source not in ('file_drop', 'company') and status <> 'ok'",
    )
    assert {(row[0], row[1]) for row in found} == set(REFUSED)
    for source, stream, _, error in found:
        assert REFUSED[source, stream] in error
