"""What the page says about one KPI: how sure a verdict is, since when it holds, what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dashboard.numbers import Formats, day, known, month, number, spelled
from dashboard.texts import Text, joined, listed, plain, say

Row = dict[str, Any]
FEW = 20  # events below which the sample is named as small
UNJUDGED = ("no_data", "no_target", "withheld")


def cases(row: Row, method: str | None) -> float | None:
    """Return how many events the interval stands on; None where the KPI has none."""
    side = "numerator" if method == "count" else "denominator"
    value = row[side] if method in ("count", "wilson", "mean", "cost_per_count") else None
    return None if value is None else float(value)


def small_sample(row: Row, method: str | None) -> Text:
    """Return the warning that names a small sample; empty for a large one."""
    count = cases(row, method)
    if count is None or count >= FEW:
        return Text("", "")
    if count == 1:
        return Text("Only 1 case.", "Nur 1 Fall.")
    return say("Only {n} cases.", "Nur {n} Fälle.", n=number(count))


def sides(row: Row, method: str | None) -> Text:
    """Return "9 of 118" for a share, "of 118" for a mean or cost, nothing for a count or sum."""
    top, bottom = row["numerator"], row["denominator"]
    if not known(bottom) or not known(top):
        return Text("", "")
    if method == "wilson":
        return say("{k} of {n}", "{k} von {n}", k=number(top), n=number(bottom))
    if method in ("mean", "cost_per_count"):
        return say("n = {n}", "n = {n}", n=number(bottom))
    return Text("", "")


def how_sure(row: Row, method: str | None, formats: Formats) -> Text:
    """Return whether the interval decides the status, with the interval."""
    unit, low, high = row["unit"], row["lower_95"], row["upper_95"]
    if row["status"] in UNJUDGED:
        return Text("", "")
    if low is None and high is None:
        return Text(
            "Not known. This KPI has no interval; its value alone is judged.",
            "Nicht bekannt. Diese KPI hat kein Intervall; nur ihr Wert wird beurteilt.",
        )
    shown = formats.interval(low, high, unit)
    words = {
        ("off_target", "up"): ("ends below the target", "endet unter dem Ziel"),
        ("off_target", "down"): ("begins above the target", "beginnt über dem Ziel"),
        ("on_target", "up"): ("begins at the target or above", "beginnt beim Ziel oder darüber"),
        ("on_target", "down"): ("ends at the target or below", "endet beim Ziel oder darunter"),
    }.get((row["status"], row["direction"]))
    if words is None:
        said = say(
            "Not sure. The 95% interval, {i}, holds the target.",
            "Nicht sicher. Das 95-%-Intervall, {i}, enthält das Ziel.",
            i=shown,
        )
    else:
        said = say(
            "Sure. The 95% interval, {i}, {end}.",
            "Sicher. Das 95-%-Intervall, {i}, {end}.",
            i=shown,
            end=Text(*words),
        )
    return joined([said, small_sample(row, method)])


def months_between(first: date, last: date) -> int:
    """Return how many months from `first` to `last`, both counted."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def run_start(history: Sequence[Row], last: date, status: str) -> date | None:
    """Return the first month of the unbroken row of `status` that ends with month `last`."""
    start = None
    for row in reversed([one for one in history if one["period_start"] <= last]):
        if row["status"] != status:
            break
        start = row["period_start"]
    return start


def since(row: Row, history: Sequence[Row], formats: Formats) -> Text:
    """Return since when a KPI is off target, and whether the target moved then."""
    first, last = row["off_target_since"], row["period_start"]
    if first is None or last is None:
        return Text("", "")
    count = months_between(first, last)
    months = (
        Text("one month", "ein Monat")
        if count == 1
        else say("{n} months", "{n} Monate", n=spelled(count))
    )
    said = say("{first}, {months}.", "{first}, {months}.", first=month(first), months=months)
    values = [one for one in history if known(one["value"])]
    if values and values[0]["period_start"] == first:
        return said + Text(
            " That is as far back as the data go.", " So weit reichen die Daten zurück."
        )
    return joined([said, target_moved(history, first, row["unit"], formats)])


def target_moved(history: Sequence[Row], at: date, unit: str, formats: Formats) -> Text:
    """Return that the target changed with the month `at`; empty when it did not."""
    before = [one["target"] for one in history if one["period_start"] < at]
    now = [one["target"] for one in history if one["period_start"] == at]
    if not before or not now or before[-1] is None or now[0] is None or before[-1] == now[0]:
        return Text("", "")
    return say(
        "The target changed then, from {a} to {b}.",
        "Da änderte sich das Ziel, von {a} auf {b}.",
        a=formats.target(before[-1], unit),
        b=formats.target(now[0], unit),
    )


def target_steps(history: Sequence[Row]) -> list[tuple[date, float | None]]:
    """Return each first month of a target with it, oldest first; None where none was set."""
    found: list[tuple[date, float | None]] = []
    for row in history:
        if not found or found[-1][1] != row["target"]:
            found.append((row["period_start"], row["target"]))
    return found


def status_note(row: Row, history: Sequence[Row]) -> Text:
    """Return the second line of a status: since when, or why there is none."""
    status = row["status"]
    if status == "off_target":
        return say("since {m}", "seit {m}", m=month(row["off_target_since"]))
    if status == "on_target":
        return say(
            "since {m}",
            "seit {m}",
            m=month(run_start(history, row["period_start"], status) or row["period_start"]),
        )
    return {
        "undecided": Text("interval holds the target", "Ziel liegt im Intervall"),
        "no_target": Text("set a target to judge it", "Ziel festlegen, um zu urteilen"),
        "immature": Text("no month is mature yet", "noch kein Monat ist reif"),
        "withheld": Text("tells of too few persons", "verrät zu wenige Personen"),
    }.get(status, Text("not drawn as 0", "nicht als 0 gezeichnet"))


def verdict(row: Row, history: Sequence[Row], formats: Formats) -> Text:
    """Return the finding that opens a KPI's section."""
    value = formats.amount(row["value"], row["unit"])
    at, when = formats.target(row["target"], row["unit"]), month(row["period_start"])
    status = row["status"]
    if status == "no_data":
        return Text("No data. Nothing is judged.", "Keine Daten. Nichts wird beurteilt.")
    if status == "withheld":
        return say("Newest month: {w}.", "Jüngster Monat: {w}.", w=formats.withheld)
    if status == "no_target":
        return say("{m}: {v}. No target is set.", "{m}: {v}. Es gibt kein Ziel.", m=when, v=value)
    if status == "undecided":
        return say(
            "{m}: {v}. It cannot be told whether the target, {t}, is reached.",
            "{m}: {v}. Ob das Ziel, {t}, erreicht ist, lässt sich nicht sagen.",
            m=when, v=value, t=at,
        )  # fmt: skip
    first = run_start(history, row["period_start"], status) or row["period_start"]
    side = {
        ("off_target", "up"): Text("Below target", "Unter dem Ziel"),
        ("off_target", "down"): Text("Above target", "Über dem Ziel"),
    }.get((status, row["direction"]), Text("On target", "Im Ziel"))
    doubt = Text("", "")
    if row["lower_95"] is None and row["upper_95"] is None:
        doubt = Text(" by its value alone", " nach dem bloßen Wert")
    return say(
        "{side}{doubt} since {first}. {m}: {v}, target {t}.",
        "{side}{doubt} seit {first}. {m}: {v}, Ziel {t}.",
        side=side, doubt=doubt, first=month(first), m=when, v=value, t=at,
    )  # fmt: skip


def trend_words(rows: Sequence[Row], unit: str, formats: Formats) -> Text:
    """Return what a sparkline shows, for those who do not see it."""
    values = [row["value"] for row in rows if known(row["value"]) and row["mature"]]
    if not values:
        return Text("No mature month.", "Kein reifer Monat.")
    young = sum(1 for row in rows if known(row["value"]) and not row["mature"])
    said = say(
        "{n} months: {a} to {b}, newest {c}.",
        "{n} Monate: {a} bis {b}, zuletzt {c}.",
        n=number(len(values)),
        a=formats.amount(min(values), unit),
        b=formats.amount(max(values), unit),
        c=formats.amount(values[-1], unit),
    )
    more = say("{n} immature.", "{n} noch nicht reif.", n=spelled(young, capital=True))
    return joined([said, more if young else ""])


def brief(rows: Sequence[Row], names: dict[str, Text]) -> Text:
    """Return the page's first sentence: how many KPIs surely miss their target, and which."""
    off = [row for row in rows if surely_off(row)]
    aimed = [row for row in rows if row["status"] not in UNJUDGED]
    if all(row["status"] == "no_data" for row in rows):
        return Text("No KPI has any data yet.", "Noch hat keine KPI Daten.")
    if not aimed:
        return Text("No KPI has a target yet.", "Noch hat keine KPI ein Ziel.")
    if not off:
        return say(
            "None of {all} KPIs with a target surely misses it.",
            "Keine von {all} KPIs mit Ziel verfehlt es sicher.",
            all=number(len(aimed)),
        )
    verb = Text("surely misses it", "verfehlt es sicher")
    if len(off) > 1:
        verb = Text("surely miss it", "verfehlen es sicher")
    return say(
        "{n} of {all} KPIs with a target {verb}: {which}.",
        "{n} von {all} KPIs mit Ziel {verb}: {which}.",
        n=spelled(len(off), capital=True),
        all=number(len(aimed)),
        verb=verb,
        which=listed([names[row["kpi"]] for row in off]),
    )


def surely_off(row: Row) -> bool:
    """Whether the whole interval misses the target, not a bare value."""
    bounded = row["lower_95"] is not None or row["upper_95"] is not None
    return row["status"] == "off_target" and bounded


def brief_rest(rows: Sequence[Row], names: dict[str, Text]) -> Text:
    """Return the second sentence: who is on target, what cannot be judged, what a value says."""
    bare = [names[r["kpi"]] for r in rows if r["status"] == "off_target" and not surely_off(r)]
    on = sum(1 for row in rows if row["status"] == "on_target")
    rest = sum(1 for row in rows if row["status"] not in ("on_target", "off_target"))
    parts = []
    if bare:
        verb = Text("misses", "verfehlt") if len(bare) == 1 else Text("miss", "verfehlen")
        parts.append(
            say(
                "By value alone, without an interval, {which} {verb} the target{too}.",
                "Nach dem bloßen Wert, ohne Intervall, {verb}{too} {which} das Ziel.",
                which=listed(bare), verb=verb,
                too=Text(", too", " auch") if any(map(surely_off, rows)) else plain(""),
            )
        )  # fmt: skip
    if on:
        be = Text("is", "ist") if on == 1 else Text("are", "sind")
        parts.append(
            say("{n} {be} on target.", "{n} {be} im Ziel.", n=spelled(on, capital=True), be=be)
        )
    if rest:
        parts.append(
            say(
                "{n} cannot be judged; the scorecard says why.",
                "{n} {be} nicht zu beurteilen; die Scorecard sagt, warum.",
                n=spelled(rest, capital=True),
                be="ist" if rest == 1 else "sind",
            )
        )
    return joined(parts)


def changed_definition(row: Row) -> Text:
    """Return what a definition changed and since when; empty for a first version."""
    if not row["definition_change"] or row["definition_since"] is None:
        return Text("", "")
    return say(
        "Defined so since {d}: {change} All months are computed with this definition.",
        "So definiert seit {d}: {change} Alle Monate sind mit dieser Definition gerechnet.",
        d=day(row["definition_since"]),
        change=plain(row["definition_change"].rstrip(".") + "."),
    )
