"""docs/reference holds what the code says, and docs/README.md leads to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extractors.project import known_kpis
from scripts.reference_pages import DOCS, pages


def test_every_page_is_what_the_code_says() -> None:
    stale = [name for name, text in pages().items() if (DOCS / name).read_text("utf-8") != text]
    assert stale == [], "run `make docs`"


def test_every_mart_and_kpi_is_there() -> None:
    made = pages()
    tables = set(re.findall(r"^## (\w+)$", made["reference/marts.md"], re.MULTILINE))
    assert {"kpi_values", "fct_applications", "dim_dates", "metric_definitions"} <= tables
    assert set(re.findall(r"^\| `(\w+)` \|", made["reference/kpis.md"], re.MULTILINE)) == {
        *known_kpis()
    }
    assert "{{" not in made["reference/marts.md"]


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), DOCS.parent / "README.md"], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)[^):]*\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
