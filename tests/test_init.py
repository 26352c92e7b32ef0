"""`beyond-likes init`: a new company's files, what is missing, and whom to ask for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import yaml

from extractors import checking
from extractors.core.errors import ExtractError, FatalError, RetriableError
from extractors.core.types import Stream, Window
from extractors.project import Project, known_kpis, modules
from extractors.run import project
from extractors.sources import company as tables
from sandbox.serve import running
from tests.company import COMMAND, Company

FLAGS = ("--goal", "recruiting", "--source", "none", "--timezone", "Europe/Berlin", "--currency",
         "EUR", "--language", "de", "--name", "Acme", "--folder", "exports")  # fmt: skip


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def typed(company: Company, answers: str, *flags: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    return subprocess.run(
        [str(COMMAND), "init", *flags], cwd=company.folder, input=answers, capture_output=True,
        text=True, check=False, env=env, timeout=60,
    )  # fmt: skip


def test_every_question_has_a_flag(company: Company) -> None:
    done = company.run("init", *FLAGS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "by comma" not in done.stdout
    written = yaml.safe_load((company.folder / "sources.yml").read_text())
    assert written == {
        "home": "data", "timezone": "Europe/Berlin", "currency": "EUR", "company": "company",
        "language": "de", "name": "Acme", "drop": "exports", "sources": {"file_drop": {}},
    }  # fmt: skip
    assert (company.folder / "exports").is_dir()
    assert "recruiting: no system. Put applications*.csv into exports" in done.stdout


def test_the_questions_in_order(company: Company) -> None:
    """Recruiting alone: no question about a CRM; an unknown zone is asked again."""
    words = "recruiting linkedin none greenhouse none 77 Berlin Europe/Berlin usd fr de"
    done = typed(company, words.replace(" ", "\n") + "\n\nin\n")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Systems of crm" not in done.stdout
    assert "'Berlin' is no IANA time zone. Write one such as Europe/Berlin." in done.stdout
    written = yaml.safe_load((company.folder / "sources.yml").read_text())
    assert written["sources"] == {"file_drop": {}, "linkedin": {"organization": "77"},
                                  "greenhouse": {}}  # fmt: skip
    assert [written[key] for key in ("timezone", "currency", "language", "drop")] == [
        "Europe/Berlin", "USD", "de", "in"
    ]  # fmt: skip
    assert "name" not in written


def test_an_answer_that_does_not_come_names_its_flag(company: Company) -> None:
    done = typed(company, "recruiting\n")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert list(company.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--goal", "recruting"), "--goal: 'recruting' is unknown. Write recruiting."),
        (("--source", "linkedn"), "--source: 'linkedn' is unknown. Write linkedin."),
        (("--timezone", "Berlin"), "--timezone: 'Berlin' is no IANA time zone."),
        (("--currency", "€"), "--currency: '€' is no currency. Write its three letters"),
        (("--language", "fr"), "--language: 'fr' is no language of the page. Write en or de."),
        (("--set", "linkedin"), "--set linkedin: not a setting."),
        (("--set", "x.y=1"), "--set x: this system was not chosen. Add --source x."),
    ],
)
def test_wrong_use_writes_nothing(company: Company, flags: tuple[str, ...], words: str) -> None:
    done = company.run("init", "--yes", *flags)
    assert done.returncode == 2
    assert words in done.stderr
    assert list(company.folder.iterdir()) == []


def test_it_says_what_is_missing_and_whom_to_ask(company: Company) -> None:
    done = company.run("init", "--yes", "--source", "linkedin", "--source", "shopify")
    assert done.returncode == 0
    for words in (
        "LinkedIn pages is not connected yet. Ask: social media.",
        "let an administrator of the page authorise the app",
        "right: r_organization_social (for posts, follower_totals)",
        "sources.yml: organization: under linkedin:",
        ".env: BEYOND_LIKES_LINKEDIN_ACCESS_TOKEN=",
        ".env: BEYOND_LIKES_SHOPIFY_ACCESS_TOKEN=",
    ):
        assert words in done.stdout
    example = (company.folder / ".env.example").read_text().splitlines()
    assert "BEYOND_LIKES_LINKEDIN_ACCESS_TOKEN=" in example
    assert [line for line in example if line[:1] not in ("", "#") and line[-1:] != "="] == []


def test_what_exists_stays_and_the_rest_is_added(company: Company) -> None:
    before = "timezone: UTC\nsources: {file_drop: {}}\n"
    company.write("sources.yml", before)
    company.write("company/campaigns.csv", "campaign,goal\nSpring,sales\n")
    done = company.run("init", "--source", "hubspot", "--timezone", "Europe/Berlin")
    assert done.returncode == 0
    assert (company.folder / "sources.yml").read_text() == before
    assert "Spring" in (company.folder / "company" / "campaigns.csv").read_text()
    assert "sources.yml: kept as it was" in done.stdout
    assert "company/campaigns.csv: kept as it was" in done.stdout
    assert "company/kpi_targets.csv: written" in done.stdout
    assert "  hubspot: {}  # HubSpot\ntimezone: Europe/Berlin\n" in done.stdout


def test_an_export_of_another_name_gets_a_stub(company: Company) -> None:
    company.write("exports/bewerber.csv", "Nr;Datum;Kanal\n1;2026-03-01;LinkedIn\n")
    done = company.run("init", *FLAGS)
    assert "say in sources.yml what the columns of exports/bewerber.csv mean" in done.stdout
    text = (company.folder / "sources.yml").read_text()
    assert "exports/bewerber.csv has the columns: Nr, Datum, Kanal." in text
    stub = "".join(line.replace("    # ", "    ", 1) + "\n" for line in text.splitlines()
                   if line.startswith(("    # applications:", "    #   ")))  # fmt: skip
    assert yaml.safe_load(stub) == {
        "applications": [{"files": "exports/bewerber.csv",
                          "columns": {"application_id": "...", "applied_at": "..."}}]
    }  # fmt: skip


def test_credentials_at_hand_are_checked(company: Company) -> None:
    with running(company.folder / "demo", days=40, scale=0.1, sources=("greenhouse",)) as sandbox:
        base = f"greenhouse.base_url={sandbox.url}/greenhouse"
        token = f"greenhouse.token_url={sandbox.url}/greenhouse/token"
        flags = ("init", "--yes", "--source", "greenhouse", "--set", base, "--set", token, "--json")
        shutil.copy(company.folder / "demo" / ".env", company.folder / ".env")
        good = company.run(*flags)
        bad = company.run(*flags, BEYOND_LIKES_GREENHOUSE_CLIENT_SECRET="wrong")
        checked = company.run("check", "--json")
    report = json.loads(good.stdout)
    assert json.loads(checked.stdout) == report["checked"]
    assert good.returncode == 0, good.stdout
    assert report["missing"] == []
    assert {one["stream"]: one["error"] for one in report["checked"]} == {
        f"greenhouse.{name}": None for name in modules()["greenhouse"].SOURCE.permissions
    }
    assert bad.returncode == 1
    errors = {one["error"] for one in json.loads(bad.stdout)["checked"]}
    assert all("harvest:" in error for error in errors)


def test_the_tables_examples_are_rows_that_load(company: Company) -> None:
    company.run("init", *FLAGS)
    page = (company.folder / "company" / "README.md").read_text()
    for name in tables.STREAMS:
        example = page.partition(f"## {name}.csv")[2].split("```")[1].lstrip("\n")
        company.write(f"company/{name}.csv", example)
    day = date(2026, 4, 30)
    outcomes = tables.land_all(
        company.folder / "company", timezone="UTC", window=Window.of(day, day, "UTC"),
        root=company.folder / "landing", key=b"k" * 32, known={}, known_kpis=known_kpis(),
    )  # fmt: skip
    assert [(one.error, one.rows) for one in outcomes] == [(None, 1)] * 5


def test_an_export_in_the_folder_that_init_made_needs_no_mapping(company: Company) -> None:
    company.run("init", *FLAGS)
    company.write("exports/applications.csv", "application_id,applied_at\n1,2026-03-02\n")
    assert company.run("extract", "file_drop", "--until", "2026-04-30").returncode == 0
    assert company.run("load").returncode == 0
    assert company.warehouse("select application_id from raw.file_drop__applications") == [("1",)]


def test_a_system_that_does_not_answer_is_waited_for_once(company: Company) -> None:
    """The first of HubSpot's streams times out, Greenhouse's are refused one by one."""
    crm, ats = (len(modules()[name].SOURCE.permissions) for name in ("hubspot", "greenhouse"))
    own = project(company.settings("sources: {hubspot: {}, greenhouse: {}}\n"))
    asked = []

    def ask(_own: Project, stream: Stream, _day: date) -> ExtractError:
        asked.append(stream.source)
        kind = RetriableError if stream.source == "hubspot" else FatalError
        return kind(stream.label, "no", "Wait")

    tried = list(checking.tries(own, ["hubspot", "greenhouse"], date(2026, 3, 1), ask=ask))
    assert asked == ["hubspot", *["greenhouse"] * ats]
    assert len(tried) == crm + ats
    assert all(one.error for one in tried)
