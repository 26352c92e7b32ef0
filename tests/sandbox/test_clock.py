"""The clock of the sandbox: every system, the files and the truth move with it."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sandbox.serve import Sandbox
from tests.sandbox.conftest import LAST, call, zendesk_token
from tests.sandbox.test_linkedin import posts_of

REPOSITORY = Path(__file__).parents[2]


class TestClock:
    def test_moving_the_day_moves_every_system_and_the_files(self, served: Sandbox) -> None:
        headers = zendesk_token(served.url)
        url = f"{served.url}/zendesk/api/v2/incremental/tickets/cursor?start_time=1&per_page=1000"
        try:
            answer = call(f"{served.url}/_sandbox/day", data={"date": "2026-04-01"})
            assert answer.body["date"] == "2026-04-01"
            assert len(posts_of(served.url)) < sum(
                p.platform == "linkedin" for p in served.company.social.posts
            )
            tickets = call(url, headers).body["tickets"]
            assert max(t["created_at"] for t in tickets) < "2026-04-01T22:00:00Z"
            orders = (served.out / "exports/orders.csv").read_text("cp1252").splitlines()
            assert not [line for line in orders[1:] if ".05.2026" in line]
            assert [line for line in orders if "01.04.2026" in line]
        finally:
            served.set_day(LAST)

    def test_a_day_outside_the_history_is_refused(self, served: Sandbox) -> None:
        answer = call(f"{served.url}/_sandbox/day", data={"date": "2031-01-01"})
        assert answer.status == 400
        assert "2026-06-30" in answer.body["error"]

    def test_files_that_do_not_change_keep_their_time(self, served: Sandbox) -> None:
        before = (served.out / "company/kpi_targets.csv").stat().st_mtime
        orders = (served.out / "exports/orders.csv").stat().st_mtime
        try:
            served.set_day(LAST - timedelta(days=2))
            assert (served.out / "company/kpi_targets.csv").stat().st_mtime == before
            moved = (served.out / "exports/orders.csv").stat().st_mtime
            assert orders - moved == 2 * 86400
        finally:
            served.set_day(LAST)

    def test_truth_is_served(self, served: Sandbox) -> None:
        rows = call(f"{served.url}/_sandbox/truth").body["rows"]
        own = served.truth()
        assert len(rows) == len(own)
        assert rows[0]["kpi"] == own[0]["kpi"] == "qualified_applications"


def test_settings_and_credentials_lie_beside_the_exports(served: Sandbox) -> None:
    settings = (served.out / "sources.yml").read_text("utf-8")
    assert f"base_url: {served.url}/hubspot" in settings
    secret = served.out / ".env"
    assert secret.stat().st_mode & 0o077 == 0
    assert re.findall("BEYOND_LIKES_ZENDESK_CLIENT_ID=.+", secret.read_text("utf-8"))
    owners = (served.out / "company/kpi_owners.csv").read_text("utf-8")
    assert "click_to_order_rate" not in owners
    assert "hires," in owners


def test_a_served_company_is_the_same_on_any_machine(served: Sandbox, tmp_path: Path) -> None:
    from sandbox.files import write_files

    write_files(served.company, tmp_path, LAST, url=served.url, truth=True)
    first = (tmp_path / "truth.json").read_bytes()
    write_files(served.company, tmp_path / "again", LAST, url=served.url, truth=True)
    assert (tmp_path / "again/truth.json").read_bytes() == first


def test_serve_writes_the_truth_and_stops_on_a_signal(tmp_path: Path) -> None:
    command = (
        "from pathlib import Path; from datetime import date; from sandbox.serve import serve;"
        f"serve(out=Path({str(tmp_path)!r}), days=50, scale=0.05, last_day=date(2026, 6, 30),"
        " on_ready=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert call(f"{url}/_sandbox/day").body["date"] == "2026-06-30"
        assert '"kpi": "hires"' in (tmp_path / "truth.json").read_text("utf-8")
        process.terminate()
        assert process.wait(timeout=10) == 0
