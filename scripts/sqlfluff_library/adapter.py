"""What sqlfluff's jinja templater shows in place of a dispatched macro: its first argument."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(_macro: str, *_packages: str) -> Callable[..., str]:
    return lambda *arguments, **_named: str(arguments[0]) if arguments else "1"
