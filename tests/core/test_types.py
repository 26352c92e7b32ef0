"""Windows: whole business days, however long the clocks make them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from extractors.core.types import Window


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        ("2026-03-28", "2026-03-28", 24),
        ("2026-03-29", "2026-03-29", 23),
        ("2026-10-25", "2026-10-25", 25),
        ("2026-03-28", "2026-03-30", 71),
        ("2024-02-28", "2024-03-01", 72),
        ("2026-12-31", "2027-01-01", 48),
    ],
)
def test_a_window_is_as_long_as_its_days_are(first: str, last: str, hours: int) -> None:
    window = Window.of(date.fromisoformat(first), date.fromisoformat(last), "Europe/Berlin")
    assert window.end - window.start == timedelta(hours=hours)


def test_windows_meet_on_every_day_of_three_years() -> None:
    """No hour lies between two of them and none in both, wherever the clocks change."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(3 * 365)]
    for zone in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        windows = [Window.of(day, day, zone) for day in days]
        ends = [one.end for one in windows[:-1]]
        assert ends == [one.start for one in windows[1:]]
