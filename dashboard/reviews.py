"""What the sections on data, decisions and the next review show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import words
from dashboard.findings import kpis as say_kpi
from dashboard.findings import reviews as say_review
from dashboard.marts import Marts
from dashboard.numbers import DASH, Formats, moment
from dashboard.scorecard import person
from dashboard.texts import Text, joined, plain, say

Row = dict[str, Any]
WORST = ("off", "imm", "und", "on")
NOT_CONNECTED = "none"
FILES = "file_drop"


def coverage(marts: Marts, formats: Formats, zone: ZoneInfo) -> Row:
    """Return one row a department and source, the ones that need work first."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in marts.coverage:
        groups.setdefault((row["department"], row["source"]), []).append(row)
    rows = [_source(key, streams, formats, zone) for key, streams in groups.items()]
    order = ("nod", *WORST)
    rows.sort(key=lambda row: (order.index(row["state"]), str(row["name"].en).lower()))
    return {"finding": say_review.coverage(rows), "rows": rows, "audit": _audit(marts)}


def _source(key: tuple[str, str], streams: list[Row], formats: Formats, zone: ZoneInfo) -> Row:
    department, source = key
    states = [say_review.source_state(row) for row in streams]
    state = next((one for one in ("nod", *WORST) if one in states), "on")
    advice = list(dict.fromkeys(say_review.source_advice(row) for row in streams))
    days = [row["freshness_days"] for row in streams if row["freshness_days"] is not None]
    loaded = [row["last_success"] for row in streams if row["last_success"] is not None]
    share = next((r["campaign_share"] for r in streams if r["campaign_share"] is not None), None)
    asked = next((row for row in streams if row["contact_name"]), streams[0])
    missing = source == NOT_CONNECTED
    return {
        "name": words.word(words.AREAS, department) if missing else _name(source, streams),
        "department": Text("", "") if missing else words.word(words.AREAS, department),
        "streams": len(streams),
        "state": state,
        "word": say_review.STATES[state],
        "age": _age(max(days)) if days and state == "imm" else Text("", ""),
        "loaded": moment(_local(max(loaded), zone)) if loaded else Text("never", "nie"),
        "share": DASH if share is None else formats.amount(share, "rate"),
        "advice": joined([one for one in advice if one]),
        "who": person(asked["contact_name"], asked["contact"], None),
    }


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment of the marts, which are in UTC, on the company's clock."""
    return at.replace(tzinfo=UTC).astimezone(zone)


def _name(source: str, streams: list[Row]) -> Text:
    if source != FILES:
        return plain(source)
    names = ", ".join(str(row["stream"]).replace("_", " ") for row in streams)
    return say("Files: {n}", "Dateien: {n}", n=names)


def _age(days: int) -> Text:
    return say("{n} days old", "{n} Tage alt", n=days)


def _audit(marts: Marts) -> list[Row]:
    problems: dict[str, list[Row]] = {}
    for row in marts.audit:
        problems.setdefault(row["problem"], []).append(row)
    return [
        {
            "problem": PROBLEMS.get(problem, plain(problem.replace("_", " "))),
            "count": len(rows),
            "names": ", ".join(
                list(dict.fromkeys(str(r["campaign"] or r["thing"]) for r in rows))[:5]
            ),
        }
        for problem, rows in problems.items()
    ]


PROBLEMS = {
    "spend_without_tag": Text("Ad spend without a tag", "Anzeigenausgaben ohne Tag"),
    "tag_without_campaign": Text("Tags without a campaign", "Tags ohne Kampagne"),
    "campaign_without_outcome": Text("Campaigns without an outcome", "Kampagnen ohne Ergebnis"),
    "campaign_without_tag": Text("Campaigns nobody came by", "Kampagnen, über die niemand kam"),
    "source_without_campaign": Text("Sources without a campaign", "Quellen ohne Kampagne"),
}


def agenda(views: Sequence[Row], marts: Marts, sources: Sequence[Row], today: date) -> list[Row]:
    """Return what the next review has to settle: misses, what is due, gaps in targets and data."""
    last: dict[str, Row] = {}
    for row in marts.effects:
        if row["kpi"] not in last or row["review_date"] > last[row["kpi"]]["review_date"]:
            last[row["kpi"]] = row
    points = [_miss(view, last.get(view["kpi"]), today) for view in views if _missed(view)]
    points += [
        _follow_up(view, last.get(view["kpi"]), today)
        for view in views
        if not _missed(view) and say_review.due(view["row"], today)
    ]
    points += _unnamed(views)
    points += [
        {"what": joined([row["name"], row["word"]], ": "), "more": row["advice"], "who": row["who"]}
        for row in sources
        if row["state"] in ("nod", "off", "imm")
    ]
    return points


def _missed(view: Row) -> bool:
    return bool(say_kpi.surely_off(view["row"]))


def _miss(view: Row, decided: Row | None, today: date) -> Row:
    return {
        "what": say(
            "{k}: off target. {s}", "{k}: Ziel verfehlt. {s}", k=view["name"], s=_since(view)
        ),
        "more": _more(view, decided, today),
        "who": view["owner"],
    }


def _since(view: Row) -> Text:
    return say("Since {s}", "Seit {s}", s=view["since"]) if view["since"] else Text("", "")


def _follow_up(view: Row, decided: Row | None, today: date) -> Row:
    return {
        "what": say("{k}: follow up.", "{k}: Wiedervorlage.", k=view["name"]),
        "more": _more(view, decided, today),
        "who": view["owner"],
    }


def _more(view: Row, decided: Row | None, today: date) -> Text:
    parts = [say_review.due(view["row"], today)]
    if decided is not None:
        parts.append(say_review.last_decision(decided))
    return joined(parts)


def _unnamed(views: Sequence[Row]) -> list[Row]:
    """Return one point for all KPIs with figures but no target, one for those without an owner."""
    aimless = [v for v in views if v["row"]["status"] == "no_target"]
    alone = [v for v in views if not v["row"]["owner"] and v["row"]["value"] is not None]
    points = []
    for found, en, de in (
        (aimless, "Set a target: {x}.", "Ziel festlegen: {x}."),
        (alone, "Name an owner: {x}.", "Verantwortliche benennen: {x}."),
    ):
        if found:
            names = joined([view["name"] for view in found], ", ")
            points.append({"what": say(en, de, x=names), "more": Text("", ""), "who": None})
    return points
