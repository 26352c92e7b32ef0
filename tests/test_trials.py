"""Short form of `python -m tests.trials`: a few exports, extracted and loaded, raw compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.disturbances import SHORT
from tests.ground import Ground
from tests.trials import trial


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground.open(tmp_path_factory.mktemp("ground"), whole=False) as ground:
        assert ground.raw["file_drop__touchpoints"][0] == 90
        yield ground


@pytest.mark.parametrize("name", SHORT)
def test_a_disturbed_night_is_told_and_the_next_run_mends_it(ground: Ground, name: str) -> None:
    assert trial(ground, name, "test")["problems"] == []
