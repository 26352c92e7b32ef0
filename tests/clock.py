"""Another machine clock for one command: what the product reads as now is shifted."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

SHIFT = "BEYOND_LIKES_TESTS_CLOCK"  # seconds, for commands of tests/warm.py


class Shifted:
    """Stands in for `datetime` in the product's modules; only `now` differs."""

    def __init__(self, seconds: float) -> None:
        self._by = timedelta(seconds=seconds)

    def now(self, zone: Any = None) -> datetime:
        """Return the machine's time, moved."""
        return datetime.now(zone) + self._by

    def __instancecheck__(self, value: Any) -> bool:
        """Tell what the real one would."""
        return isinstance(value, datetime)

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has."""
        return getattr(datetime, name)


def shift(seconds: float) -> None:
    """Move the clock of this process's product code for good."""
    from extractors.project import modules

    modules()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "extractors" and vars(module).get("datetime") is datetime:
            vars(module)["datetime"] = Shifted(seconds)
