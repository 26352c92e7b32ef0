"""A company of exports erases a person: no byte is left, and no figure tells that there was one."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.core.privacy import pseudonymiser
from tests.company import KEY, Company
from tests.systems import unpacked

APPLICATIONS = """
    application_id,applied_at,person,source,qualified,hired
    a1,2026-03-02,ada@example.org,LinkedIn,true,true
    a2,2026-03-03,bob@example.org,LinkedIn,true,false
    a3,2026-03-04,cleo@example.org,Indeed,false,false
    a4,2026-03-05,Ada@Example.org ,Indeed,false,false
"""
TOUCHPOINTS = """
    touch_id,person,touched_at,platform,campaign
    t1,ada@example.org,2026-03-01,linkedin,spring
    t2,bob@example.org,2026-03-01,linkedin,spring
"""
DAY = "2026-03-31"
pytestmark = pytest.mark.long  # three builds; test_upkeep.py is the short form


def lived(folder: Path, *, without: str = "nobody") -> Company:
    """Return a company whose files lack the lines that name a person."""
    company = Company(folder)
    company.settings("sources: {file_drop: {}}")
    for name, text in (("applications", APPLICATIONS), ("touchpoints", TOUCHPOINTS)):
        lines = [line for line in text.splitlines(keepends=True) if without not in line.lower()]
        company.write(f"data/drop/{name}.csv", "".join(lines))
    done = company.night(DAY)
    assert done.returncode == 0, done.stdout + done.stderr
    return company


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, str]:
    company = lived(tmp_path_factory.mktemp("erased"))
    assert holders(company), "the person was here"
    done = company.run("erase", "--person", " ADA@example.org")
    assert done.returncode == 0, done.stdout + done.stderr
    return company, done.stdout


def holders(company: Company, person: str = "ada@example.org") -> list[str]:
    """Return the files under home that hold the person's pseudonym, landed parts unpacked."""
    code = str(pseudonymiser(KEY.encode())(person)).encode()
    found = []
    for file in (company.folder / "data").rglob("*"):
        if file.is_file() and not file.is_symlink() and code in unpacked(file):
            found.append(str(file.relative_to(company.folder / "data")))
    return found


def test_no_byte_of_an_erased_person_is_left(erased: tuple[Company, str]) -> None:
    company, said = erased
    assert holders(company) == ["secrets/erased.json"]
    assert (company.folder / "data/secrets/erased.json").stat().st_mode & 0o777 == 0o600
    assert "file_drop.applications: 2 records" in said
    assert "file_drop.touchpoints: 1 records" in said
    assert "still in data/drop/applications.csv" in said
    assert "ada" not in said.lower()
    assert len(list((company.folder / "data/releases").iterdir())) == 1


def test_the_others_stay(erased: tuple[Company, str]) -> None:
    company, _ = erased
    found = company.published("select application_id from fct_applications order by 1")
    assert found == [("a2",), ("a3",)]
    assert company.published("select touch_id from fct_touchpoints") == [("t2",)]


def test_figures_are_those_of_a_company_that_never_had_the_person(
    erased: tuple[Company, str], tmp_path: Path
) -> None:
    sql = "select * from kpi_values order by all"
    other = lived(tmp_path, without="ada@").published(sql)
    assert len(other) > 50
    assert erased[0].published(sql) == other


def test_the_person_stays_gone_when_the_file_comes_again(erased: tuple[Company, str]) -> None:
    company, _ = erased
    file = company.folder / "data/drop/applications.csv"
    file.write_text(file.read_text() + "a5,2026-03-06,ada@example.org,Indeed,true,true\n")
    assert company.run("extract", "--date", "2026-04-01").returncode == 0
    assert holders(company) == ["secrets/erased.json"]
    assert company.run("load").returncode == 0
    assert company.run("replay").returncode == 0
    assert holders(company) == ["secrets/erased.json"]
    found = company.warehouse("select application_id from raw.file_drop__applications order by 1")
    assert found == [("a2",), ("a3",)]
