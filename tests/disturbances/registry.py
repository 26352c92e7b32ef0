"""The names of what may happen to a night."""

from __future__ import annotations

from collections.abc import Callable

from tests.ground import Case

Disturbance = Callable[[Case], None]
EVENING: dict[str, Disturbance] = {}  # begin on the evening before DAY
MORNING: dict[str, Disturbance] = {}  # begin when DAY is published
SHORT: list[str] = []  # those of `make test`: they cost two or three CPU seconds each


def disturbance(
    of: dict[str, Disturbance], *, short: bool = False
) -> Callable[[Disturbance], Disturbance]:
    """Register a function under its name."""

    def wrap(function: Disturbance) -> Disturbance:
        of[function.__name__] = function
        if short:
            SHORT.append(function.__name__)
        return function

    return wrap
