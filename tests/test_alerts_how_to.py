"""docs/how-to/alerts.md to the letter: real marts, a real mail server, the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.company import Company
from tests.smtp import MailServer, mail_server

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "alerts.md"
LAST = date(2026, 7, 20)
PASSWORD = {"BEYOND_LIKES_SMTP_PASSWORD": "pass-word-7"}


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with mail_server(MailServer(user="beyond-likes", password="pass-word-7")) as known:
        yield known


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, server: MailServer) -> Company:
    """Social media brings 15 leads a day; 600 a month are the target. Nobody declared `mood`."""
    company = Company(tmp_path_factory.mktemp("told"))
    block = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    block = block.replace("host: smtp.example.org", "host: 127.0.0.1")
    block = re.sub(r"port: 587\b", f"port: {server.port}", block)
    block = block.replace("starttls: true", "starttls: false")  # it has no certificate
    company.settings("sources:\n  file_drop:\n    leads: [{files: exports/leads.csv}]\n" + block)
    company.write(
        "company/kpi_targets.csv",
        """
        kpi,slice,slice_value,valid_from,valid_to,target,reason
        leads,channel_kind,social,2026-01-01,,600,plan
        """,
    )
    company.write(
        "company/kpi_owners.csv",
        """
        kpi,source,department,contact_name,contact,valid_from,valid_to
        leads,,Sales,Ada,ada@example.org,2025-01-01,
        """,
    )
    company.write(
        "company/kpi_reviews.csv",
        """
        date,kpi,campaign,lever,decision,effective_from,next_review
        2026-07-10,leads,,budget,twice as much,2026-07-13,2026-07-24
        """,
    )
    days = [date(2026, 3, 1) + timedelta(days=back) for back in range(142)]
    leads = [f"{day}-{i},{day}T10:00:00+01:00,linkedin" for day in days for i in range(15)]
    company.write("exports/leads.csv", "\n".join(["lead_id,created_at,source", *leads]) + "\n")
    done = company.night(str(LAST))
    assert done.returncode == 0, done.stdout + done.stderr
    return company


def test_a_look_first_sends_nothing(company: Company, server: MailServer) -> None:
    shown = company.run("alert", "--dry-run", "--date", str(LAST), **PASSWORD)
    assert shown.returncode == 0, shown.stderr
    assert "- Leads from social media: off target. June 2026: 450" in shown.stdout
    agenda = company.run("digest", "--dry-run", **PASSWORD)
    assert "Sales: Ada, ada@example.org" in agenda.stdout
    assert server.mails == []


def test_the_alert_comes_once_from_real_marts(company: Company, server: MailServer) -> None:
    """450 leads in June and 465 in May; exact bounds beyond 100 are Byar's, worked out by hand."""
    for _night in (1, 2):
        done = company.run("alert", "--date", str(LAST), **PASSWORD)
        assert done.returncode == 0, done.stdout + done.stderr
    (recipients,) = server.recipients
    assert recipients == ["social@example.org", "hr@example.org"]
    text = server.text()
    assert "June 2026: 450, the target is at least 600." in text
    assert "423.7 to 509.2, then 409.4 to 493.6." in text
    assert "Since 1 Mar 2026\n  Ask: Ada, ada@example.org" in text
    assert "https://intranet.example/kpi_review.html#kpi-leads" in text
    (company.folder / "data" / "warehouse.duckdb").rename(company.folder / "data" / "away")
    again = company.run("alert", "--date", str(LAST), **PASSWORD)
    assert again.stdout.startswith("mail: nothing new\n"), "the warehouse is not needed"
    (company.folder / "data" / "away").rename(company.folder / "data" / "warehouse.duckdb")


def test_the_digest_goes_to_the_team_and_to_each_owner(
    company: Company, server: MailServer
) -> None:
    before = len(server.mails)
    done = company.run("digest", **PASSWORD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.recipients[before:] == [
        ["social@example.org", "hr@example.org"],
        ["ada@example.org"],
    ]
    text = server.text()
    assert server.mails[-1]["Subject"] == (
        "KPI review as of 20 Jul 2026: off target 1, reviews due 1"
    )
    assert "- Leads: review due 24 Jul 2026." in text
    assert "June 2026: 450 (95% interval 409.4 to 493.6), target 600." in text
    assert "Decided on 10 Jul 2026 (budget): twice as much. Too early to judge; from" in text
    assert "- Leads: off target since 1 Mar 2026." in text


def test_a_dead_server_ends_with_1_and_says_what_to_do(company: Company) -> None:
    (company.folder / "data" / "alerts.json").unlink()
    with mail_server() as gone:
        port = gone.port
    settings = company.folder / "sources.yml"
    text = settings.read_text()
    settings.write_text(re.sub(r"port: \d+", f"port: {port}", text))
    done = company.run("alert", "--date", str(LAST), **PASSWORD)
    settings.write_text(text)
    assert done.returncode == 1
    assert f"alerts.mail (127.0.0.1:{port}): not reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert "pass-word-7" not in done.stdout + done.stderr
