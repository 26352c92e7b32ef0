"""The rules: what in the published marts is worth a message, each a function of its rows.

A rule never says more than its mart: a KPI is off target when its whole interval is, twice running
and on enough data; what a source lacks is counted, not estimated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from extractors.alerts.facts import Clock, Published, Row, days_until
from extractors.config import Rule

# Section 6 of docs/statistics.md: with at least this many expected on either side, a KPI exactly
# on target is twice off target in fewer than 3 of 100 years.
ENOUGH_EVENTS = 5
# A mean of durations is skewed to the right: its interval lies too low. From 30 of them on, one
# exactly on target is never called too long (0.0 % of years measured), yet too short in 13 %.
ENOUGH_FOR_A_MEAN = 30
# A failed attempt hides in data_coverage that a source is stale, too: the same limits as there.
STALE_DAYS, STALE_FILE_DAYS = 2, 35
FILES = ("file_drop", "company")
LASTING = frozenset({"drift"})  # a field that came once is no news when it comes again


@dataclass(frozen=True)
class Alert:
    """One thing to tell. It is told again when `parts` has something that was not told yet.

    `since` is the first day it is known of, None where only the night that saw it first knows;
    `facts` are figures for the sentence, by name.
    """

    rule: Rule
    thing: str
    name: str
    parts: tuple[str, ...]
    since: date | None = None
    owner: str | None = None
    contact: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the state knows it by."""
        return f"{self.rule}/{self.thing}"


def found(published: Published, clock: Clock, rules: Iterable[Rule]) -> list[Alert]:
    """Return the alerts of these rules that hold for a release, in a stable order."""
    return [alert for rule in CHECKS if rule in rules for alert in CHECKS[rule](published, clock)]


def kpi_off_target(published: Published, _clock: Clock) -> Iterator[Alert]:
    """Yield KPIs whose interval missed the target in the two newest mature months."""
    for row in published.scorecard:
        months = published.months.get(row["kpi"], ())
        if len(months) < 2 or any(month["status"] != "off_target" for month in months):
            continue
        if not all(has_enough(month, row["interval_method"]) for month in months):
            continue
        yield Alert(
            "kpi",
            row["kpi"],
            row["label"],
            (f"since {row['off_target_since']}, target {row['target']}",),
            row["off_target_since"],
            row["owner"],
            row["contact"],
            {"kpi": row, "months": months},
        )


def has_enough(month: Row, method: str | None) -> bool:
    """Return whether a month carries enough data for an alarm; never without an interval."""
    target, top, bottom = month["target"], month["numerator"], month["denominator"]
    if target is None or top is None or (month["lower_95"] is None and month["upper_95"] is None):
        return False
    if method == "count":
        return bool(target >= ENOUGH_EVENTS)
    if method == "cost_per_count":
        return bool(target > 0 and top / target >= ENOUGH_EVENTS)
    if bottom is None:
        return False
    if method == "wilson":
        return bool(min(bottom * target, bottom * (1 - target)) >= ENOUGH_EVENTS)
    return method == "mean" and month["direction"] == "down" and bool(bottom >= ENOUGH_FOR_A_MEAN)


def vanity_gap(published: Published, _clock: Clock) -> Iterator[Alert]:
    """Yield campaigns whose vanity gap is confirmed; the owner of its goal is asked."""
    for row in published.campaigns:
        if row["vanity_verdict"] != "confirmed":
            continue
        owner, contact = _owner_of_goal(published, row["goal"])
        facts = {"campaign": row}
        yield Alert(
            "vanity", row["campaign"], row["campaign"], ("confirmed",), None, owner, contact, facts
        )


def stale_source(published: Published, _clock: Clock) -> Iterator[Alert]:
    """Yield sources of which some stream has brought nothing new for too long: one alert each."""
    stale = [row for row in published.coverage if _is_stale(row)]
    for source in sorted({row["source"] for row in stale}):
        rows = [row for row in stale if row["source"] == source]
        loaded = [row["last_success"].date() for row in rows if row["last_success"]]
        since = min(loaded, default=None)
        errors = [row["last_error"] for row in rows if row["last_error"]]
        facts = {
            "streams": [row["stream"] for row in rows],
            "days": max((row["freshness_days"] or 0 for row in rows), default=0),
            "error": errors[0] if errors else None,
        }
        row = rows[0]
        who = (row["contact_name"], row["contact"])
        yield Alert("stale", source, source, (f"last {since}",), since, *who, facts)


def _is_stale(row: Row) -> bool:
    if row["status"] != "failed":
        return bool(row["status"] == "stale")
    limit = STALE_FILE_DAYS if row["source"] in FILES else STALE_DAYS
    return row["freshness_days"] is None or row["freshness_days"] > limit


def new_drift(published: Published, _clock: Clock) -> Iterator[Alert]:
    """Yield streams that send fields which nobody declared; told are only the new ones."""
    for row in published.coverage:
        if row["drift"]:
            names = tuple(sorted({name.strip() for name in row["drift"].split(",")}))
            yield _of_stream("drift", row, names)


def rejects(published: Published, clock: Clock) -> Iterator[Alert]:
    """Yield streams that rejected more of their rows than the limit in sources.yml allows."""
    for row in published.coverage:
        if (row["rejected_share"] or 0) > clock.reject_limit:
            facts = {"row": row, "limit": clock.reject_limit}
            yield _of_stream("rejects", row, (f"{row['rejected_rows']} rows",), facts)


def _of_stream(rule: Rule, row: Row, parts: tuple[str, ...], facts: Row | None = None) -> Alert:
    label = f"{row['source']}.{row['stream']}"
    who = (row["contact_name"], row["contact"])
    return Alert(rule, label, label, parts, None, *who, facts or {})


def late_run(published: Published, clock: Clock) -> Iterator[Alert]:
    """Yield one alert when the newest release is older than the business day that should be out."""
    behind = days_until(published.day, clock.expected)
    if behind > 0:
        facts = {"day": published.day, "behind": behind}
        yield Alert("late", "run", "run", (str(published.day),), published.day, facts=facts)


def _owner_of_goal(published: Published, goal: str | None) -> tuple[str | None, str | None]:
    named = [
        (row["owner"], row["contact"])
        for row in published.scorecard
        if row["goal"] == goal and (row["owner"] or row["contact"])
    ]
    return Counter(named).most_common(1)[0][0] if named else (None, None)


CHECKS: Mapping[Rule, Callable[[Published, Clock], Iterable[Alert]]] = {
    "late": late_run,
    "kpi": kpi_off_target,
    "vanity": vanity_gap,
    "stale": stale_source,
    "rejects": rejects,
    "drift": new_drift,
}
