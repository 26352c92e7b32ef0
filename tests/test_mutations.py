"""The list of mutations stays true: each still applies, and every KPI has one."""

from __future__ import annotations

import pytest
import yaml

from tests.mutate import PROJECT, changed, mutations, name_of
from tests.test_kpis import KPIS

KINDS = {
    "wrong date",
    "wrong join",
    "null as 0",
    "average of averages",
    "double count",
    "wrong rule",
}


@pytest.mark.parametrize("number", range(len(mutations())))
def test_a_mutation_applies(number: int) -> None:
    mutation = mutations()[number]
    text = (PROJECT / mutation["file"]).read_text(encoding="utf-8")
    broken = changed(text, mutation)
    assert broken != text
    assert mutation["kind"] in KINDS
    assert (PROJECT.parent / mutation.get("test", "tests/test_kpis.py")).is_file()
    if mutation["file"].endswith(".yml"):
        yaml.safe_load(broken)


def test_no_mutation_hides_another_one() -> None:
    assert len({name_of(mutation) for mutation in mutations()}) == len(mutations())


def test_every_kpi_has_a_mutation() -> None:
    assert set(KPIS) <= {mutation["kpi"] for mutation in mutations()}


def test_every_table_with_a_rule_has_a_mutation() -> None:
    """The other marts are facts, which their KPIs' mutations break, and what kpi_values shows."""
    folders = ("attribution", "funnels", "kpi", "levers", "quality", "reviews")
    marts = PROJECT / "models" / "marts"
    tables = {file.stem for name in folders for file in (marts / name).glob("*.sql")}
    assert len(tables) > 15
    assert tables <= {mutation["kpi"] for mutation in mutations()}


def test_every_kind_of_mistake_is_made() -> None:
    assert {mutation["kind"] for mutation in mutations()} == KINDS
