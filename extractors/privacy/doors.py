"""What a stream's rows pass before they reach the disk: nobody who was erased, nothing too old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from extractors.core.ages import dated, day_of
from extractors.core.erasing import Screen
from extractors.core.picking import Keep
from extractors.core.types import Record, Stream
from extractors.privacy.state import State
from extractors.project import Project


def doors(own: Project, day: date) -> Callable[[Stream], Keep | None]:
    """Return what makes a stream's door; None where every row may pass.

    Ages are counted from the newest day that this home has seen, so that the night of an older day
    brings nothing back.
    """
    erased, key = own.erased, own.hmac_key()
    names = erased.read()
    newest = max(day, date.fromisoformat(State.read(own.config.home).day))
    first_days = own.first_days(newest) if own.config.keep else {}

    def door(stream: Stream) -> Keep | None:
        first, columns = first_days.get(stream.label), dated(stream)
        screen = Screen(stream, names, key) if names and stream.about_persons else None
        if not first and not screen:
            return None

        def keep(row: Record) -> bool:
            if screen and screen.leaves(row):
                erased.add(screen.found)  # at once: what leaves with it may have landed already
                return False
            started = day_of(row, columns) if first else None
            return not (first and started and started < first)

        return keep

    return door
