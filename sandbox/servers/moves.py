"""What an application goes through, in the words of systems whose stages are all they know.

They have no versions of an offer: a new one is a step back and the offer stage again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.company.recruiting import STAGES, Application

DECISION = len(STAGES) - 1  # the stage in which an offer is being prepared
OFFER, HIRED, REJECTED, WITHDRAWN = "offer", "hired", "rejected", "withdrawn"
FORGOTTEN_AFTER = timedelta(days=60)


def moves(a: Application, end: datetime) -> list[tuple[int | str, datetime]]:
    """Return the stages (order) and outcomes (word) before `end` with their times, in order."""
    found: list[tuple[int | str, datetime]] = list(a.stages)
    for offer in a.offers:
        if offer.version > 1:
            found.append((DECISION, offer.created_at - timedelta(minutes=1)))
        found.append((OFFER, offer.created_at))
    if a.hire_seen_at:
        found.append((HIRED, a.hire_seen_at))
    if a.rejected_at:
        found.append((WITHDRAWN if a.offers else REJECTED, a.rejected_at))
    return [(stage, at) for stage, at in found if at < end]


def forgotten_at(a: Application, end: datetime) -> datetime | None:
    """Return when the person was taken out of a rejected application; None before or if never.

    Who is only known by a touchpoint stays: without the person, nothing would lead there.
    """
    if a.rejected_at is None or a.id % 5 or a.trace.kind == "touch":
        return None
    at = a.rejected_at + FORGOTTEN_AFTER
    return at if at < end else None
