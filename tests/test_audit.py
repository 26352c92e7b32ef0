"""What platforms claim beside what we counted, and where the way from spend to outcome is cut."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.audited import audited
from tests.company import Company

PROJECT = Path(__file__).parents[1] / "dbt_project"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return audited(tmp_path_factory)


def test_claims_stand_beside_our_own_conversions(company: Company) -> None:
    """5 March: two applications came in, both qualified in the end; two ads claim 20 and 3."""
    found = company.published(
        "select campaign, strftime(day, '%m-%d'), claim, claimed, ours, attribution_window"
        " from fct_claimed_conversions where platform = 'linkedin'"
    )
    assert found == [
        ("Nurses spring", "03-05", "conversion", 6, 2, None),
        ("Nurses spring", "03-05", "lead", 23, 2, None),
        ("Nurses spring", "03-06", "lead", 0, 1, None),
        ("Quiet push", "05-01", "conversion", 1, 0, None),
        ("Quiet push", "05-01", "lead", 5, 0, None),
    ]


def test_what_no_system_of_ours_reports_is_null_and_not_zero(company: Company) -> None:
    """No help desk is on, so nothing answers 3 claimed resolutions; applications are reported."""
    found = company.published(
        "select claim, claimed, ours from fct_claimed_conversions where campaign = 'Help line'"
    )
    assert found == [("conversion", 3, None), ("lead", 1, 0)]


def test_no_measure_and_no_kpi_reads_what_a_platform_claims() -> None:
    semantic = [
        (file, model)
        for file in (PROJECT / "models").rglob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("semantic_models", [])
    ]
    assert len(semantic) > 8
    for file, model in semantic:
        assert "claimed" not in str(model), file
        if "fct_ad_days" in model["model"]:
            read = " ".join(one.get("expr") or one["name"] for one in model["measures"])
            assert not re.search(r"\b(leads|conversions)\b", read)
    readers = {
        file.stem
        for file in (PROJECT / "models").rglob("*.sql")
        if not (file.stem.endswith("__claimed_conversions") and "staging" in file.parts)
        and any(
            "claimed_conversions" in line and not line.startswith("--")
            for line in file.read_text(encoding="utf-8").splitlines()
        )
    }
    own = {"fct_claimed_conversions", "int_claimed_conversions__unioned"}
    assert readers == own
    for name in ("int_clicks__unified", "int_costs__unified"):  # what measures take from ads
        (file,) = (PROJECT / "models").rglob(f"{name}.sql")
        assert not re.search(r"\b(leads|conversions)\b", file.read_text(encoding="utf-8"))


def test_each_cut_of_the_way_is_one_finding_with_somebody_to_mend_it(company: Company) -> None:
    """Fresh push spent 6 days ago: too early. Help line: no help desk, so no missing outcome."""
    found = company.published(
        "select problem, system, platform, thing_kind, thing, rows, spend, first_day, last_day,"
        " contact_name from utm_audit"
    )
    may, march = date(2026, 5, 1), date(2026, 3, 2)
    marketing = "Marketing desk"
    assert found == [
        ("campaign_without_outcome", "all", "linkedin", "campaign", "Quiet push", 1, 100, may, may,
         "HR desk"),
        ("campaign_without_tag", "all", "facebook", "campaign", "Help line", 1, 10, march, march,
         None),
        ("campaign_without_tag", "all", "linkedin", "campaign", "Quiet push", 1, 100, may, may,
         "HR desk"),
        ("source_without_campaign", "file_drop", "linkedin", "utm_source", "linkedin", 1, None,
         date(2026, 3, 7), date(2026, 3, 7), marketing),
        ("spend_without_tag", "file_drop", "linkedin", "ad", "ad-5", 2, 50, date(2026, 5, 2),
         date(2026, 5, 3), marketing),
        ("tag_without_campaign", "file_drop", "linkedin", "utm_campaign", "nurses_sprnig", 1, 5,
         date(2026, 4, 1), date(2026, 4, 1), marketing),
        ("tag_without_campaign", "file_drop", "linkedin", "utm_campaign", "spring_fair", 1, None,
         date(2026, 3, 8), date(2026, 3, 8), marketing),
    ]  # fmt: skip


def test_each_finding_says_what_to_do(company: Company) -> None:
    found = company.published("select distinct problem, what_to_do from utm_audit order by 1")
    assert len(found) == 5
    assert all("link" in sentence for _, sentence in found)
