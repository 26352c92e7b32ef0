"""Which phase of the funnel a company's own stage stands for, as it says in its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def named_phase(name: Any, phases: Sequence[str], settings: Mapping[str, str]) -> str | None:
    """Return the phase whose setting names the stage; None where no setting does.

    Shape: the setting of phase `entry` is `entry_stages`, a comma list of names in any case.
    """
    wanted = str(name or "").strip().lower()
    for phase in phases:
        named = settings.get(f"{phase}_stages", "").lower().split(",")
        if wanted and wanted in (text.strip() for text in named):
            return phase
    return None
