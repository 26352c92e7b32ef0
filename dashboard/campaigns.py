"""What the sections on campaigns show: metric beside KPI, levers, attribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from dashboard import charts, words
from dashboard.findings import levers as say_lever
from dashboard.funnels import wilson
from dashboard.marts import Marts
from dashboard.numbers import DASH, Formats, number
from dashboard.texts import Text, joined, plain, say

Row = dict[str, Any]
FIRST = 12  # rows shown before the rest is folded
ORDER = {"confirmed": 0, "suspected": 1, "undecided": 3, "no": 2, "withheld": 4}
MARKS = {"confirmed": "down", "suspected": "und", "undecided": "eq", "no": "eq", "withheld": "nod"}
NOTHING = Text("", "")
METRICS = (
    ("likes", Text("Likes", "Likes")),
    ("comments", Text("Comments", "Kommentare")),
    ("shares", Text("Shares", "Geteilt")),
    ("clicks", Text("Clicks", "Klicks")),
)


def vanity(marts: Marts, formats: Formats) -> Row:
    """Return finding, the flagged campaign beside the best of its peers, and all campaigns."""
    names = {row["platform"]: row["label"] for row in marts.names}
    rows = [row for row in marts.campaigns if row["goal"] and row["is_declared"]]
    rows.sort(key=lambda r: (ORDER[r["vanity_verdict"]], -(r["vanity_gap"] or -101), r["campaign"]))
    return {
        "finding": say_lever.vanity(rows),
        "pair": _pair(rows, names, formats),
        "rows": [_campaign(row, names, formats) for row in rows],
        "first": FIRST,
        "breaks": marts.breaks,
    }


def _campaign(row: Row, names: dict[str, str], formats: Formats) -> Row:
    return {
        "name": row["campaign"],
        "goal": words.named(words.GOALS, row["goal"]),
        "platform": _platform(row, names),
        "reactions": _sum(row, ("likes", "comments", "shares")),
        "engagement": _engagement(row),
        "clicks": _count(row["clicks"]),
        "outcomes": formats.withheld if row.get("is_withheld") else _count(row["outcomes"]),
        "rate": formats.amount(row["outcome_rate"], "rate"),
        "cost": formats.amount(row["cost_per_outcome"], "currency"),
        "ahead": _count(row["engagement_percentile"]),
        "result": _count(row["outcome_percentile"]),
        "mark": MARKS[row["vanity_verdict"]],
        "verdict": words.VERDICTS[row["vanity_verdict"]],
    }


def _engagement(row: Row) -> Text:
    """Return the rate as it stands under the reactions; empty where nobody can rate them."""
    return say_lever.engagement(row, NOTHING) if row["rated_by"] else NOTHING


def _platform(row: Row, names: dict[str, str]) -> Text:
    key = row["platform"] or "–"
    return words.SLICES.get(key, plain(names.get(key, key)))


def _sum(row: Row, keys: Sequence[str]) -> Text:
    known = [row[key] for key in keys if row[key] is not None]
    return number(sum(known)) if known else DASH


def _count(value: float | None) -> Text:
    return DASH if value is None else number(value)


def _pair(rows: Sequence[Row], names: dict[str, str], formats: Formats) -> Row | None:
    flagged = next((r for r in rows if r["vanity_verdict"] in ("confirmed", "suspected")), None)
    if flagged is None:
        return None
    peers = [
        row
        for row in rows
        if row["peer_group"] == flagged["peer_group"]
        and row is not flagged
        and row["outcome_percentile"] is not None
    ]
    if not peers:
        return None
    best = max(peers, key=lambda row: (row["outcome_percentile"], row["campaign"]))
    return _side_by_side((flagged, best), names, formats)


def _side_by_side(two: tuple[Row, Row], names: dict[str, str], formats: Formats) -> Row:
    sure = two[0]["vanity_verdict"] == "confirmed"
    marks = ("off", "on") if sure else ("", "")  # colour judges: not what is only suspected

    def bars(key: str, unit: str, marks: tuple[str, str] = ("", "")) -> list[tuple[Text, Markup]]:
        return _bars([row[key] for row in two], unit, formats, marks)

    rates = [
        (joined([text, _rate_interval(row, formats)]), bar)
        for row, (text, bar) in zip(two, bars("outcome_rate", "rate", marks), strict=True)
    ]
    return {
        "names": [
            (row["campaign"], joined([_platform(row, names), row["audience"] or ""], ", "))
            for row in two
        ],
        "metrics": [(name, bars(key, "count")) for key, name in METRICS],
        "kpis": [
            (words.word(words.OUTCOMES, two[0]["goal"]), bars("outcomes", "count")),
            (Text("Outcome rate, interval", "Ergebnisquote, Intervall"), rates),
            (Text("Cost per outcome", "Kosten je Ergebnis"), bars("cost_per_outcome", "currency")),
        ],
    }


def _rate_interval(row: Row, formats: Formats) -> Text:
    """Return the interval of outcomes per click, so that a small campaign is seen as such."""
    count, clicks, rate = row["outcomes"], row["clicks"], row["outcome_rate"]
    if rate is None or not clicks or not 0 <= count <= clicks:
        return NOTHING
    if not math.isclose(rate, count / clicks):  # per reaction, where the goal has no clicks
        return NOTHING
    return say("({i})", "({i})", i=formats.interval(*wilson(count, clicks), "rate"))


def _bars(
    values: Sequence[float | None], unit: str, formats: Formats, marks: tuple[str, str] = ("", "")
) -> list[tuple[Text, Markup]]:
    top = max((value for value in values if value is not None), default=0)
    return [
        (
            formats.amount(value, unit),
            charts.bar(value / top if value is not None and top else None, mark),
        )
        for value, mark in zip(values, marks, strict=True)
    ]


def levers(marts: Marts, formats: Formats) -> list[Row]:
    """Return each goal's levers ranked by shrunk rate, with interval and platform average."""
    platforms = {row["platform"]: row["label"] for row in marts.names}
    usable = [row for row in marts.levers if row["shrunk_rate"] is not None and row["trials"]]
    goals = sorted({row["goal"] for row in usable})
    return [
        _goal(goal, [row for row in usable if row["goal"] == goal], platforms, formats)
        for goal in goals
    ]


def _goal(goal: str, rows: list[Row], platforms: dict[str, str], formats: Formats) -> Row:
    ranked = sorted(rows, key=lambda r: (-r["shrunk_rate"], r["platform"], r["audience"] or ""))
    uppers = sorted(row["shrunk_upper_95"] or row["shrunk_rate"] for row in ranked)
    top = min(uppers[-1], 2 * max(row["shrunk_rate"] for row in ranked)) or 1.0
    return {
        "goal": words.named(words.GOALS, goal),
        "what": words.word(words.OUTCOMES, goal),
        "finding": say_lever.finding(goal, ranked, platforms),
        "top": formats.amount(top, "rate"),
        "rows": [_lever(row, top, platforms, formats) for row in ranked],
        "first": FIRST,
    }


def _lever(row: Row, top: float, platforms: dict[str, str], formats: Formats) -> Row:
    kind = say_lever.verdict(row)
    compared = kind != "not"
    low, high = row["shrunk_lower_95"], row["shrunk_upper_95"]
    return {
        "name": say_lever.lever_name(row, platforms),
        "strip": charts.strip(
            100 * row["shrunk_rate"] / top,
            None if low is None else 100 * low / top,
            None if high is None else 100 * high / top,
            kind,
            100 * row["prior_rate"] / top if compared else None,
        ),
        "rate": formats.amount(row["shrunk_rate"], "rate"),
        "interval": formats.interval(low, high, "rate"),
        "counted": joined([number(row["outcomes"]), number(row["trials"])], " / "),
        "mark": kind,
        "verdict": say_lever.VERDICTS[kind],
    }


def attribution(marts: Marts) -> list[Row]:
    """Return each conversion kind's campaigns with six models side by side and their range."""
    kinds: dict[str, dict[str, Row]] = {}
    for row in marts.attribution:
        of_kind = kinds.setdefault(row["conversion_kind"], {})
        one = of_kind.setdefault(row["campaign"], {"campaign": row["campaign"], "models": {}})
        one["models"][row["model"]] = row["conversions"]
    return [_kind(kind, list(rows.values())) for kind, rows in kinds.items()]


def _kind(kind: str, rows: list[Row]) -> Row:
    for row in rows:
        known = list(row["models"].values())
        row["low"], row["high"] = min(known), max(known)
    rows.sort(
        key=lambda r: (r["campaign"] == "unassigned", -r["models"].get("last", 0), r["campaign"])
    )
    top = max((r["high"] for r in rows if r["campaign"] != "unassigned"), default=0) or 1.0
    shown = rows if len(rows) <= FIRST + 2 else [*rows[:FIRST], _rest(rows[FIRST:]), *rows[-1:]]
    return {
        "kind": words.word(words.CONVERSIONS, kind),
        "finding": say_lever.attribution(kind, rows),
        "rows": [_models(row, top) for row in shown],
        "sums": _cells({m: sum(r["models"].get(m, 0) for r in rows) for m in words.MODELS}),
    }


def _rest(rows: Sequence[Row]) -> Row:
    """Return the campaigns with the fewest conversions as one row: credits add up."""
    rest = [row for row in rows if row["campaign"] != "unassigned"]
    models = {model: sum(row["models"].get(model, 0) for row in rest) for model in words.MODELS}
    name = say("{n} other campaigns", "{n} andere Kampagnen", n=number(len(rest)))
    return {"campaign": name, "models": models, "low": 0, "high": 0}


def _models(row: Row, top: float) -> Row:
    name, last = row["campaign"], row["models"].get("last", 0)
    single = isinstance(name, str) and name != "unassigned"
    range_ = (100 * last / top, 100 * row["low"] / top, 100 * row["high"] / top)
    return {
        "name": words.SLICES.get(name, plain(name)) if isinstance(name, str) else name,
        "strip": charts.strip(*range_, "") if single else Markup(""),
        "cells": _cells(row["models"]),
    }


def _cells(models: dict[str, float]) -> list[tuple[str, Text]]:
    found = [(model, models.get(model, 0)) for model in words.MODELS]
    return [(model, number(n, 0 if n == int(n) else 1)) for model, n in found]
