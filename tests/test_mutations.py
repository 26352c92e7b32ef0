"""The list of mutations stays true: each still applies, and every KPI has one."""

from __future__ import annotations

import pytest
import yaml

from tests.mutate import PROJECT, changed, mutations
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
    if mutation["file"].endswith(".yml"):
        yaml.safe_load(broken)


def test_every_kpi_has_a_mutation() -> None:
    assert set(KPIS) <= {mutation["kpi"] for mutation in mutations()}


def test_every_kind_of_mistake_is_made() -> None:
    assert {mutation["kind"] for mutation in mutations()} == KINDS
