"""What each KPI's own section shows: history, meaning, platforms, targets, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from dashboard import charts, german, history, words
from dashboard.findings import kpis as say_kpi
from dashboard.findings import reviews
from dashboard.marts import Marts
from dashboard.numbers import Formats, day, month
from dashboard.texts import Text, joined, plain, say

Row = dict[str, Any]
LONGEST = 37  # months: three years and the running one


def sections(
    views: Sequence[Row], marts: Marts, past: dict[str, list[Row]], formats: Formats
) -> list[Row]:
    """Return one section a KPI that ever had a figure, in the scorecard's order."""
    definitions = {row["kpi"]: row for row in marts.definitions}
    names = {row["platform"]: row["label"] for row in marts.names}
    return [
        _section(view, past[view["kpi"]][-LONGEST:], definitions.get(view["kpi"], {}), marts, names,
                 formats)
        for view in views
        if view["kpi"] in past
    ]  # fmt: skip


def _section(
    view: Row, rows: list[Row], definition: Row, marts: Marts, names: dict[str, str],
    formats: Formats,
) -> Row:  # fmt: skip
    row = view["row"]
    unit = row["unit"]
    decisions = sorted(
        (one for one in marts.effects if one["kpi"] == view["kpi"]),
        key=lambda one: one["effective_from"],
    )
    found = breaks(row, definition, marts.breaks, rows[0]["period_start"])
    days = [one["effective_from"] for one in decisions]
    cuts = [at for at, _ in found]
    judged = {**row, "status": "immature" if view["mark"] == "imm" else row["status"]}
    return {
        **view,
        "open": say_kpi.surely_off(row),
        "finding": say_kpi.verdict(judged, rows, formats)
        if view["mark"] != "imm"
        else Text("No month is mature yet.", "Noch ist kein Monat reif."),
        "wide": history.chart(rows, unit, formats, decisions=days, breaks=cuts),
        "narrow": history.chart(rows, unit, formats, decisions=days, breaks=cuts, narrow=True),
        "young": any(not one["mature"] and one["value"] is not None for one in rows),
        "definition": meaning(row, definition),
        "breaks": [text for _, text in found],
        "month": month(row["period_start"]),
        "platforms": platforms(marts, row, names, formats),
        "targets": _targets(rows, unit, formats),
        "decisions": [decision(i, one, formats, {}) for i, one in enumerate(decisions, 1)],
        "figures": [_figure(one, unit, formats) for one in reversed(rows)],
        "pace": pace(marts, row, formats),
    }


def meaning(row: Row, definition: Row) -> list[tuple[Text, Text]]:
    """Return what a KPI means as pairs of heading and words."""
    if not definition:
        return []
    kpi, text = row["kpi"], definition["description"]
    pairs = [
        (Text("In words", "In Worten"), Text(text, german.MEANINGS.get(kpi) or text)),
        (Text("Formula", "Formel"), plain(definition["formula"])),
        (Text("Mature", "Reif"), _maturity(definition["maturity_days"])),
        (
            Text("Interval", "Intervall"),
            words.word(words.METHODS, definition["interval_method"]),
        ),
    ]
    changed = say_kpi.changed_definition(row)
    return [*pairs, (Text("Changed", "Geändert"), changed)] if changed else pairs


def _maturity(days: int) -> Text:
    if not days:
        return Text("when the month ends", "mit dem Ende des Monats")
    return say("{n} days after the month ends", "{n} Tage nach dem Ende des Monats", n=days)


def breaks(row: Row, definition: Row, known: Sequence[Row], first: date) -> list[tuple[date, Text]]:
    """Return the days on which what is counted changed: the KPI's own and its measures'."""
    found = []
    if row["definition_since"] and row["definition_since"] >= first:
        found.append((row["definition_since"], say_kpi.changed_definition(row)))
    keys = ("numerator_measure", "denominator_measure")
    sides = [str(definition[key]) for key in keys if definition.get(key)]
    for one in known:
        base = one["day_measure"]
        touched = base and any(side == base or side.startswith(f"{base}_") for side in sides)
        if touched and one["break_on"] >= first:
            found.append((one["break_on"], reviews.break_note(one)))
    return found


def platforms(marts: Marts, row: Row, names: dict[str, str], formats: Formats) -> list[Row]:
    """Return the scorecard's month by platform, each with its interval on one scale from 0."""
    rows = [one for one in marts.platforms if one["kpi"] == row["kpi"]]
    top = max((one["upper_95"] or one["value"] for one in rows), default=0)
    top = min(top, 3 * max((one["value"] for one in rows), default=0))
    if top <= 0 or any(one["value"] < 0 for one in rows):
        return []
    return [
        {
            "name": words.SLICES.get(
                one["slice_value"], plain(names.get(one["slice_value"], one["slice_value"]))
            ),
            "value": formats.amount(one["value"], row["unit"]),
            "interval": formats.interval(one["lower_95"], one["upper_95"], row["unit"]),
            "strip": charts.strip(
                100 * one["value"] / top,
                None if one["lower_95"] is None else 100 * one["lower_95"] / top,
                None if one["upper_95"] is None else 100 * one["upper_95"] / top,
                "",
            ),
        }
        for one in rows
    ]


def _targets(rows: Sequence[Row], unit: str, formats: Formats) -> list[tuple[Text, Text]]:
    return [
        (say("from {m}", "ab {m}", m=month(at)), formats.target(value, unit))
        for at, value in reversed(say_kpi.target_steps(rows))
        if value is not None
    ]


def decision(number: int, row: Row, formats: Formats, names: dict[str, Text]) -> Row:
    """Return one decision with what the KPI did before and after it."""
    unit = row["unit"]
    kind = reviews.judged(row)
    change = Text("", "")
    if row["before_value"] is not None and row["after_value"] is not None:
        change = joined(
            [formats.amount(row["before_value"], unit), formats.amount(row["after_value"], unit)],
            " → ",
        )
    return {
        "number": number,
        "kpi": names.get(row["kpi"], plain(row["kpi"])),
        "row": row,
        "what": plain(row["decision"])
        if row["decision"]
        else words.word(words.LEVERS, row["lever"]),
        "when": day(row["effective_from"]),
        "lever": words.word(words.LEVERS, row["lever"]) if row["lever"] else Text("", ""),
        "campaign": row["campaign"],
        "change": change,
        "effect": reviews.effect_size(row),
        "mark": kind,
        "verdict": reviews.effect_verdict(row),
        "strip": effect_strip(row, kind),
        "weeks": row["weeks"],
        "also": row["also_changed"],
        "control": row["control"],
    }


def effect_strip(row: Row, kind: str) -> Markup:
    """Return the effect with its interval, no effect in the middle and better on the right."""
    values = [value for value in reviews.effect_of(row) if value is not None]
    if len(values) < 3:
        return Markup("")
    side = 1 if row["direction"] == "up" else -1
    if row["effect_kind"] == "ratio":
        places = [50 + side * 50 * charts.log_ratio(value, 4) for value in values]
    else:
        reach = 1.25 * max(abs(value) for value in values) or 1
        places = [50 + side * 50 * value / reach for value in values]
    return charts.strip(places[0], min(places[1:]), max(places[1:]), kind)


def _figure(row: Row, unit: str, formats: Formats) -> Row:
    status = row["status"] if row["mature"] else "immature"
    interval = formats.interval(row["lower_95"], row["upper_95"], unit)
    value = formats.amount(row["value"], unit)
    blank = formats.withheld if row["status"] == "withheld" else words.STATUS["no_data"]
    return {
        "month": f"{row['period_start']:%Y-%m}",
        "value": say("{v} ({i})", "{v} ({i})", v=value, i=interval) if interval else value,
        "target": formats.target(row["target"], unit),
        "status": blank if row["value"] is None else words.STATUS[status],
    }


def pace(marts: Marts, row: Row, formats: Formats) -> Text:
    """Return where the running month will end at its pace; empty while it is too early."""
    found = [one for one in marts.pace if one["kpi"] == row["kpi"]]
    if not found or found[0]["projection_lower_95"] is None:
        return Text("", "")
    one = found[0]
    if one["status"] not in ("on_target", "off_target", "undecided"):
        return Text("", "")
    end = {
        "on_target": Text("That reaches the target.", "Das erreicht das Ziel."),
        "off_target": Text("That misses the target.", "Das verfehlt das Ziel."),
    }.get(one["status"], Text("The target lies within.", "Das Ziel liegt darin."))
    return say(
        "{m} so far: {a}; at this pace {i} by its end, target {t}. {end}",
        "{m} bisher: {a}; in diesem Tempo {i} bis zum Ende, Ziel {t}. {end}",
        m=month(one["month_start"]),
        a=formats.amount(one["actual_to_date"], row["unit"]),
        i=formats.interval(one["projection_lower_95"], one["projection_upper_95"], row["unit"]),
        t=formats.target(one["target"], row["unit"]),
        end=end,
    )
