"""Who works in a home at the same time: a look waits for its turn, a second night is told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from extractors import locks, run
from extractors.core.errors import RetriableError
from extractors.overview import overview
from tests.company import Company

DAY = date(2026, 3, 1)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return Company(tmp_path).settings()


@pytest.mark.parametrize("look", ["plan", "sources"])
def test_a_look_at_the_ledger_waits_for_its_turn(settings: Path, look: str) -> None:
    """DuckDB lets one process in: whoever looks without a turn makes the night's load fail."""
    run.plan(settings, DAY)
    own = run.project(settings)
    looks = {"plan": lambda: run.plan(settings, DAY), "sources": lambda: overview(own, DAY)}
    with ThreadPoolExecutor(1) as pool:
        with locks.writer(own):
            looking = pool.submit(looks[look])
            time.sleep(0.3)
            assert not looking.done(), "it looked while another command had its turn"
        assert looking.result()


def test_who_waits_too_long_is_told(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.1)
    words = r"writer\.lock: another run is loading, building or publishing here\. Wait until"
    with locks.writer(run.project(settings)), pytest.raises(RetriableError, match=words):
        run.load(settings)


def test_a_second_night_is_told_at_once_and_steps_are_not(settings: Path) -> None:
    words = r"night\.lock: another night is running here\. Wait until it ends"
    with run.alone(settings):
        with pytest.raises(RetriableError, match=words), run.alone(settings):
            pass
        assert run.load(settings) == []
    with run.alone(settings):
        pass
