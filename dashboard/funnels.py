"""What the sections on funnels, support and shop show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dashboard import charts, words
from dashboard.findings import steps as say_step
from dashboard.marts import Marts
from dashboard.numbers import DASH, Formats, month, number
from dashboard.texts import Text, plain, say

Row = dict[str, Any]
Z = 1.959963984540054
KINDS = ("social", "conventional", "unknown")
TOGETHER, WITHHELD = " + ", "withheld"  # between names that are counted as one; nothing is told
SIGNS = {"better": "up", "worse": "down", "no clear difference": "eq"}


def wilson(count: float, of: float) -> tuple[float, float]:
    """Return the 95 % interval (Wilson) of a share; sums over months have it in no mart."""
    centre = (count + Z * Z / 2) / (of + Z * Z)
    half = Z / (of + Z * Z) * math.sqrt(count * (of - count) / of + Z * Z / 4)
    return (0.0 if count == 0 else centre - half), (1.0 if count == of else centre + half)


def funnel(
    rows: Sequence[Row], span: Sequence[Row], names: dict[str, str], formats: Formats
) -> Row:
    """Return a funnel by channel kind and by social platform, over the newest mature months."""
    if not rows:
        return {"rows": [], "stages": []}
    stages = [r["stage"] for r in sorted({r["stage"]: r for r in rows}.values(), key=_number)]
    kinds = [_line(kind, _of("channel_kind", kind, rows), stages, formats) for kind in KINDS]
    social = _of("channel_kind", "social", rows)
    alone = [r for r in social if r["channel_kind"] == "social"]
    names_of_social = {name for r in alone for name in r["platform"].split(TOGETHER)}
    platforms = [
        _line(name, _of("platform", name, social), stages, formats)
        for name in sorted(names_of_social.difference([WITHHELD]))
    ]
    platforms.sort(key=lambda line: -(line["reached"][0] or 0))
    lines = [line for line in [*platforms, *kinds] if line["reached"][0] or line["withheld"][0]]
    top = min(1.0, max((line["high"] or 0 for line in lines), default=1) or 1)
    by_kind = {line["key"]: line for line in kinds}
    summed = [
        {"stage": stage, "reached": value}
        for stage, value in zip(stages, by_kind["social"]["reached"], strict=True)
    ]
    ends = [_ends(by_kind[kind]) for kind in ("social", "conventional")]
    return {
        "finding": say_step.funnel(ends[0], ends[1], formats),
        "lost": say_step.lost(summed),
        "span": _span(span),
        "stages": [words.word(words.STAGES, stage) for stage in stages],
        "rows": [_shown(line, top, names, formats) for line in lines],
    }  # fmt: skip


def _number(row: Row) -> int:
    return int(row["stage_number"])


def _of(column: str, key: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that count the key: alone, together with others, or wholly withheld."""
    return [r for r in rows if {key, WITHHELD}.intersection(r[column].split(TOGETHER))]


def _line(key: str, rows: Sequence[Row], stages: Sequence[str], formats: Formats) -> Row:
    reached, withheld = [], []
    for stage in stages:
        found = [r for r in rows if r["stage"] == stage]
        known = [r["reached"] for r in found if r["reached"] is not None]
        hidden = any(
            r.get("is_withheld") or key not in (r["channel_kind"], r["platform"]) for r in found
        )
        reached.append(None if hidden or not known else sum(known))
        withheld.append(formats.withheld if hidden else None)
    line: Row = {"key": key, "reached": reached, "rate": None, "low": None, "high": None}
    line["withheld"] = withheld
    first, last = reached[0], reached[-1]
    if first and last is not None and last <= first:
        low, high = wilson(last, first)
        line.update(rate=last / first, low=low, high=high)
    return line


def _ends(line: Row) -> Row | None:
    if line["rate"] is None:
        return None
    return {**line, "first": line["reached"][0], "last": line["reached"][-1]}


def _span(span: Sequence[Row]) -> Text:
    if not span or span[0]["first"] is None:
        return Text("", "")
    return say("{a} to {b}", "{a} bis {b}", a=month(span[0]["first"]), b=month(span[0]["last"]))


def _shown(line: Row, top: float, names: dict[str, str], formats: Formats) -> Row:
    first = line["reached"][0]
    scaled = [None if line[k] is None else 100 * line[k] / top for k in ("rate", "low", "high")]
    return {
        "name": words.SLICES.get(line["key"], plain(names.get(line["key"], line["key"]))),
        "sum": line["key"] in KINDS,
        "cells": [
            (
                line["withheld"][i] or DASH if n is None else number(n),
                formats.amount(n / first, "rate")
                if n is not None and first and i
                else Text("", ""),
                charts.bar(n / first if n is not None and first else None),
            )
            for i, n in enumerate(line["reached"])
        ],
        "rate": formats.amount(line["rate"], "rate"),
        "interval": formats.interval(line["low"], line["high"], "rate"),
        "strip": charts.strip(scaled[0], scaled[1], scaled[2], ""),
    }


def support(marts: Marts, formats: Formats) -> Row:
    """Return social beside conventional support in the newest mature month."""
    rows = [row for row in marts.support if row["channel"] != WITHHELD]
    if not marts.support:
        return {"rows": []}
    names = {row["platform"]: row["label"] for row in marts.names}
    social = next(
        (r for r in rows if r["level"] == "channel_kind" and r["channel"] == "social"), None
    )
    known = [r for r in rows if r["resolution_rate"] is not None]
    low = min((r["resolution_rate_lower_95"] for r in known), default=0)
    return {
        "finding": say_step.support(social, formats),
        "month": month(marts.support[0]["month"]),
        "low": formats.amount(low, "rate"),
        "rows": [_channel(row, low, names, formats) for row in rows],
        "withheld": formats.withheld if len(rows) < len(marts.support) else None,
    }


def _channel(row: Row, low: float, names: dict[str, str], formats: Formats) -> Row:
    def place(value: float | None) -> float | None:
        return None if value is None else 100 * (value - low) / ((1 - low) or 1)

    bounds = (row["resolution_rate_lower_95"], row["resolution_rate_upper_95"])
    few = row["requests"] < 20
    return {
        "name": words.SLICES.get(row["channel"], plain(names.get(row["channel"], row["channel"]))),
        "sum": row["level"] == "channel_kind",
        "kind": words.word(words.SLICES, row["channel_kind"]),
        "requests": number(row["requests"]),
        "few": few,
        "rate": formats.amount(row["resolution_rate"], "rate"),
        "interval": formats.interval(*bounds, "rate"),
        "strip": charts.strip(
            place(row["resolution_rate"]), place(bounds[0]), place(bounds[1]), ""
        ),
        "first": formats.amount(row["hours_to_first_response"], "hours"),
        "solved": formats.amount(row["hours_to_resolution"], "hours"),
        "mark": SIGNS.get(row["verdict"], ""),
        "verdict": {
            "up": Text("surely better", "sicher besser"),
            "down": Text("surely worse", "sicher schlechter"),
            "eq": Text("no difference shown", "kein Unterschied belegt"),
        }.get(SIGNS.get(row["verdict"], ""), Text("", "")),
        "difference": formats.interval(
            row["difference_lower_95"], row["difference_upper_95"], "rate"
        ),
    }


def commerce(marts: Marts, formats: Formats) -> list[Row]:
    """Return the shop's campaigns of the last months: orders, revenue, clicks and cost."""
    cut = formats.smallest is not None  # months that are withheld are missing from the sums
    return [
        {
            "name": words.SLICES.get(row["campaign"], plain(row["campaign"])),
            "orders": formats.withheld if cut else number(row["orders"]),
            "revenue": formats.amount(
                None if row["order_revenue"] is None or cut else float(row["order_revenue"]),
                "currency",
            ),
            "clicks": DASH if row["clicks"] is None else number(row["clicks"]),
            "cost": formats.amount(None if row["cost"] is None else float(row["cost"]), "currency"),
        }
        for row in marts.commerce
        if row["campaign"] != WITHHELD
    ]
