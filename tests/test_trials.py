"""Short form of `python -m tests.trials`: a few exports, extracted and loaded, raw compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.disturbances import EVENING, MORNING, SHORT
from tests.ground import Ground
from tests.prove import ROOT
from tests.trials import trial


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground.open(tmp_path_factory.mktemp("ground"), whole=False) as ground:
        assert ground.raw["file_drop__touchpoints"][0] == 90
        yield ground


@pytest.mark.parametrize("name", SHORT)
def test_a_disturbed_night_is_told_and_the_next_run_mends_it(ground: Ground, name: str) -> None:
    assert trial(ground, name, "test")["problems"] == []


def test_the_page_names_every_trial_and_no_test_that_is_not_there() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_0-9]+)`", text))
    assert {*EVENING, *MORNING} <= named
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(tests) > 8
    for file, test in tests:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
