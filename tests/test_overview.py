"""`beyond-likes sources`: what is on, fresh, broken, and whose it is, at a glance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from extractors.core import loader
from extractors.project import streams
from tests.company import Company

TODAY = datetime.now(UTC).date()
SETTINGS = "sources: {file_drop: {}, ecb: {}, hubspot: {}, mastodon: {base_url: 'http://x'}}\n"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path)
    made.settings(SETTINGS)
    return made


def ledger(company: Company, *attempts: tuple[str, str, int, str, str | None]) -> None:
    """Write attempts: source, stream, days ago, status, error; later ones are newer."""
    (company.folder / "data").mkdir(exist_ok=True)
    with loader.connect(company.folder / "data" / "warehouse.duckdb") as db:
        loader.prepare(db, streams().values())
        for number, (source, stream, ago, status, error) in enumerate(attempts):
            db.execute(
                "insert into ops.load_ledger by name select ? as source, ? as stream,"
                " ? as window_last, ? as attempt, ? as status, ? as error, 5 as rows_written,"
                " timestamptz '2026-03-01 03:00+00' + ? * interval 1 minute as loaded_at",
                [source, stream, TODAY - timedelta(days=ago), str(number), status, error, number],
            )


def states(company: Company) -> dict[str, str]:
    done = company.run("sources", "--json", BEYOND_LIKES_MASTODON_ACCESS_TOKEN="t")
    assert done.returncode == 0, done.stderr
    found = {row["source"]: row["state"] for row in json.loads(done.stdout)}
    return {name: state for name, state in found.items() if state != "off"}


def test_before_the_first_night(company: Company) -> None:
    assert states(company) == {
        "hubspot": "broken", "ecb": "waiting", "file_drop": "waiting", "mastodon": "waiting"
    }  # fmt: skip


def test_the_stream_that_is_furthest_behind_counts(company: Company) -> None:
    ledger(
        company,
        ("mastodon", "accounts", 1, "loaded", None),
        ("mastodon", "statuses", 9, "loaded", None),
        ("file_drop", "leads", 30, "loaded", None),
        ("ecb", "rates", 1, "loaded", None),
    )
    assert list(states(company).items()) == [
        ("hubspot", "broken"), ("mastodon", "stale"), ("ecb", "fresh"), ("file_drop", "fresh")
    ]  # fmt: skip


def test_an_error_is_over_when_its_stream_loads_again(company: Company) -> None:
    failed = ("ecb", "rates", 2, "failed", "ecb.rates: no answer. Wait.")
    ledger(company, ("ecb", "rates", 3, "loaded", None), failed)
    assert states(company)["ecb"] == "broken"
    ledger_again = ("ecb", "rates", 1, "loaded", None)
    with duckdb.connect(str(company.folder / "data" / "warehouse.duckdb")) as db:
        db.execute("delete from ops.load_ledger")
    ledger(company, ("ecb", "rates", 3, "loaded", None), failed, ledger_again)
    assert states(company)["ecb"] == "fresh"


def test_what_is_shown_fits_on_a_screen_and_names_the_error(company: Company) -> None:
    ledger(company, ("ecb", "rates", 2, "failed", "ecb.rates: no answer. Wait."))
    done = company.run("sources")
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + 4 + 1 + 1
    assert lines[0].split() == ["source", "state", "credentials", "last", "day", "loaded", "at",
                                "(UTC)", "rows", "owner"]  # fmt: skip
    assert {line.split()[1] for line in lines[1:3]} == {"broken"}
    assert "ecb: ecb.rates: no answer. Wait." in lines
    assert lines[-1].startswith("off: bluesky, ")
    assert "no owner" in lines[1]
    assert "\x1b[" not in done.stdout
