"""What the header, the brief and the scorecard show, ready for the templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from dashboard import charts, german, words
from dashboard.findings import kpis as say_kpi
from dashboard.marts import Marts
from dashboard.numbers import Formats, day, month, number
from dashboard.texts import Text, joined, plain, say

Row = dict[str, Any]
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
ORDER = ("off_target", "on_target", "undecided", "immature", "no_target", "no_data", "withheld")
GOAL_ORDER = ("recruiting", "sales", "support", "commerce")
SPARK = 17  # months


def names_of(marts: Marts) -> dict[str, Text]:
    """Return each KPI's name in both languages."""
    return {
        row["kpi"]: Text(row["label"], german.NAMES.get(row["kpi"]) or row["label"])
        for row in marts.scorecard
    }


def histories(marts: Marts, last: date) -> dict[str, list[Row]]:
    """Return each KPI's months without a gap, oldest first; a month without a row is all null.

    The running month is in: its figures are not mature.
    """
    found: dict[str, dict[date, Row]] = {}
    for row in marts.history:
        if row["period_start"] <= last:
            found.setdefault(row["kpi"], {})[row["period_start"]] = row
    filled = {}
    for kpi, rows in found.items():
        first = next((at for at in sorted(rows) if rows[at]["value"] is not None), None)
        if first is not None:
            span = months(first, last)
            filled[kpi] = [rows.get(at) or _gap(kpi, at) for at in span]
    return filled


def months(first: date, last: date) -> list[date]:
    """Return the first days of the months from `first` to `last`."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    at = first.year * 12 + first.month - 1
    return [date((at + i) // 12, (at + i) % 12 + 1, 1) for i in range(count)]


def _gap(kpi: str, at: date) -> Row:
    blank = dict.fromkeys(("numerator", "denominator", "value", "lower_95", "upper_95", "target"))
    return {"kpi": kpi, "period_start": at, "mature": True, "status": "no_data", **blank}


def person(name: str | None, contact: str | None, department: str | None) -> Row:
    """Return whom to ask; a mail address becomes a link, anything else stays text."""
    link = f"mailto:{contact}" if contact and ADDRESS.fullmatch(contact) else None
    return {
        "name": plain(name) if name else Text("nobody named", "niemand benannt"),
        "link": link,
        "contact": None if link else contact,
        "department": words.named(words.AREAS, department) if department else None,
    }


def shown_status(row: Row, history: Sequence[Row]) -> str:
    """Return the status, immature where there are figures but no month is old enough."""
    if row["status"] == "no_data" and row["period_start"] is None:
        return "immature" if any(one["value"] is not None for one in history) else "no_data"
    return str(row["status"])


def rows_of(marts: Marts, history: dict[str, list[Row]], formats: Formats) -> list[Row]:
    """Return one view a KPI of the scorecard."""
    names = names_of(marts)
    methods = {row["kpi"]: row["interval_method"] for row in marts.definitions}
    views = []
    for row in marts.scorecard:
        past = history.get(row["kpi"], [])
        view = _view({**row, "status": shown_status(row, past)}, past, methods, formats)
        views.append({**view, "name": names[row["kpi"]], "row": row})
    return sorted(views, key=lambda view: _place(view["goal"]))


def _view(row: Row, past: list[Row], methods: dict[str, str], formats: Formats) -> Row:
    unit, status = row["unit"], row["status"]
    mark = words.GLYPH.get(status, "nod")
    method = methods.get(row["kpi"])
    sparked = past[:-1][-SPARK:]  # the running month would look like a fall
    return {
        "kpi": row["kpi"],
        "goal": row["goal"],
        "period": joined(
            [month(row["period_start"]) if row["period_start"] else "", _slice(row)], ", "
        ),
        "sides": say_kpi.sides(row, method),
        "small": say_kpi.small_sample(row, method) if row["value"] is not None else Text("", ""),
        "beside": _beside(row, formats),
        "value": formats.amount(row["value"], unit),
        "interval": _interval(row, formats),
        "target": _target(row, formats),
        "target_note": _target_note(row, past, formats),
        "distance": charts.distance(row, mark),
        "no_distance": _no_distance(row),
        "mark": mark,
        "status": formats.withheld
        if status == "withheld"
        else words.STATUS.get(status, plain(status)),
        "status_note": say_kpi.status_note(row, past),
        "sure": say_kpi.how_sure(row, method, formats),
        "since": say_kpi.since(row, past, formats),
        "spark": charts.spark(sparked, mark) if sparked else Markup(""),
        "spark_words": say_kpi.trend_words(sparked, unit, formats),
        "owner": person(row["owner"], row["contact"], row["department"]),
    }


def _slice(row: Row) -> Text:
    return words.named(words.SLICES, row["slice_value"])


def _beside(row: Row, formats: Formats) -> Text:
    if row["beside_value"] is None:
        return Text("", "")
    other = words.named(words.SLICES, row["beside_slice_value"])
    return other + " " + formats.amount(row["beside_value"], row["unit"])


def _interval(row: Row, formats: Formats) -> Text:
    shown = formats.interval(row["lower_95"], row["upper_95"], row["unit"])
    if shown or row["value"] is None:
        return shown
    return Text("no interval", "kein Intervall")


def _target(row: Row, formats: Formats) -> Text:
    if row["target"] is None:
        return Text("none", "keines")
    sign = "≥" if row["direction"] == "up" else "≤"
    return plain(f"{sign} ") + formats.target(row["target"], row["unit"])


def _target_note(row: Row, past: list[Row], formats: Formats) -> Text:
    upto = [
        one for one in past if row["period_start"] and one["period_start"] <= row["period_start"]
    ]
    found = say_kpi.target_steps(upto)
    if len(found) < 2 or found[-1][1] is None:
        return Text("", "")
    since, before = month(found[-1][0]), found[-2][1]
    if before is None:
        return say("since {m}", "seit {m}", m=since)
    return say(
        "since {m}; before {b}",
        "seit {m}; vorher {b}",
        m=since,
        b=formats.target(before, row["unit"]),
    )


def _no_distance(row: Row) -> Text:
    if row["value"] is None:
        return Text("no figure: not drawn as 0", "keine Zahl: nicht als 0 gezeichnet")
    if row["target"] is None:
        return Text("no target, no distance", "ohne Ziel kein Abstand")
    return Text("not drawable on this scale", "auf dieser Skala nicht darstellbar")


def groups(views: Sequence[Row]) -> list[Row]:
    """Return the goals in their order with their rows."""
    goals = sorted({view["goal"] for view in views}, key=_place)
    return [
        {
            "goal": words.named(words.GOALS, goal),
            "rows": [view for view in views if view["goal"] == goal],
        }
        for goal in goals
    ]


def _place(goal: str) -> tuple[int, str]:
    return (GOAL_ORDER.index(goal) if goal in GOAL_ORDER else len(GOAL_ORDER), goal)


def tally(views: Sequence[Row]) -> list[Row]:
    """Return how many KPIs have each status, the ones that ask for action first."""
    codes = [code(view) for view in views]
    return [
        {"mark": words.GLYPH[one], "count": codes.count(one), "word": words.STATUS[one]}
        for one in ORDER
        if one in codes
    ]


def code(view: Row) -> str:
    """Return the status that a view shows."""
    return "immature" if view["mark"] == "imm" else str(view["row"]["status"])


def as_of(business_day: date, timezone: str, formats: Formats) -> Text:
    """Return the line that dates the page, names time zone and currency and what is withheld."""
    dated = say(
        "Figures up to {d}. Times in {z}, amounts in {c}.",
        "Zahlen bis {d}. Zeiten in {z}, Beträge in {c}.",
        d=day(business_day),
        z=timezone,
        c=formats.currency,
    )
    if formats.smallest is None:
        return dated
    withheld = say(
        "Figures that would tell the number of fewer than {n} persons are withheld; levers,"
        " attribution and effects of decisions as a whole.",
        "Zahlen, die eine Anzahl von weniger als {n} Personen verrieten, sind zurückgehalten;"
        " Hebel, Attribution und Wirkungen von Entscheidungen ganz.",
        n=number(formats.smallest),
    )
    return joined([dated, withheld])
