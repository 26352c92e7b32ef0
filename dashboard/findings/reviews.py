"""What the page says about decisions and about the data they rest on, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dashboard import words
from dashboard.numbers import day, month, number, spelled
from dashboard.texts import Text, joined, listed, plain, say

Row = dict[str, Any]
SOON = timedelta(days=14)
HALF = 0.5
NO_COMPARISON = {
    "nothing was counted, or it is not known, in one of the windows": (
        "in einem der Zeiträume wurde nichts gezählt, oder es ist nicht bekannt"
    ),
    "less than 4 weeks of data before what triggered it": (
        "weniger als vier Wochen Daten vor dem Anlass"
    ),
}


def judged(row: Row) -> str:
    """Return up (better), down (worse), eq (not shown), imm (too early) or nod (not measurable).

    Where there is a control that the decision did not touch, the comparison with it counts.
    """
    verdict = row["verdict_vs_control"] or row["verdict"]
    if verdict in ("up", "down"):
        return "up" if (verdict == "up") == (row["direction"] == "up") else "down"
    return {"no clear effect": "eq", "too early": "imm"}.get(verdict, "nod")


def effect_verdict(row: Row) -> Text:
    """Return the verdict on a decision in words."""
    kind = judged(row)
    early = Text("", "") if row["is_final"] else Text(" (so far)", " (bisher)")
    if kind == "imm":
        return say("too early: from {d}", "zu früh: ab {d}", d=day(row["judged_from"]))
    if kind == "nod":
        if row["verdict"] == "withheld":
            return Text("withheld", "zurückgehalten")
        if row["verdict"] == "no interval":
            return Text("no interval, no verdict", "kein Intervall, kein Urteil")
        why = row["why_no_data"] or "no data"
        return say("not measurable: {w}", "nicht messbar: {w}", w=Text(why, _german(why)))
    beside = Text(" than its control", " als die Kontrolle") if row["verdict_vs_control"] else ""
    return {
        "up": say("better{b}", "besser{b}", b=beside),
        "down": say("worse{b}", "schlechter{b}", b=beside),
    }.get(kind, Text("no difference shown", "kein Unterschied belegt")) + early


def _german(why: str) -> str:
    return NO_COMPARISON.get(why, "keine Daten" if why == "no data" else why)


def effect_of(row: Row) -> tuple[float | None, float | None, float | None]:
    """Return the effect that the verdict rests on, and its interval: beside a control, or alone."""
    name = "effect_vs_control" if row["verdict_vs_control"] else "effect"
    return row[name], row[f"{name}_lower_95"], row[f"{name}_upper_95"]


def effect_size(row: Row) -> Text:
    """Return that effect with its interval: percent of counts and costs, points of rates."""
    value, low, high = effect_of(row)
    if value is None:
        return Text("", "")
    beside = BESIDE if row["verdict_vs_control"] else plain("")
    if row["effect_kind"] == "ratio":
        ends = [None if end is None else signed((end - 1) * 100, 0) for end in (low, high)]
        said = signed((value - 1) * 100, 0) + PERCENT
        after = PERCENT
    else:
        scale = 100 if row["unit"] == "rate" else 1
        ends = [None if end is None else signed(end * scale, 1) for end in (low, high)]
        after = POINTS if row["unit"] == "rate" else plain("")
        said = signed(value * scale, 1) + after
    if ends[0] is None or ends[1] is None:
        return said + beside
    span = say("({a} to {b}{u})", "({a} bis {b}{u})", a=ends[0], b=ends[1], u=after)
    return joined([said, span], " ") + beside


BESIDE = Text(" beside the control", " gegenüber der Kontrolle")
PERCENT = Text("%", "\N{NO-BREAK SPACE}%")
POINTS = Text(" points", " Punkte")


def signed(value: float, decimals: int) -> Text:
    """Return a difference with its sign."""
    text = number(value, decimals)
    return plain("+") + text if value > 0 and not text.en.startswith("+") else text


def effects(rows: Sequence[Row]) -> Text:
    """Return how many decisions surely helped, hurt, show nothing or cannot be measured."""
    if not rows:
        return Text(
            "No decision is recorded; company/kpi_reviews.csv keeps them.",
            "Keine Entscheidung ist festgehalten; company/kpi_reviews.csv bewahrt sie.",
        )
    kinds = ["so far" if _unfinished(row) else judged(row) for row in rows]
    count = {k: kinds.count(k) for k in ("up", "down", "eq", "so far", "imm", "nod")}
    shown = [
        say("{n} surely better", "{n} sicher besser", n=spelled(count["up"])),
        say("{n} surely worse", "{n} sicher schlechter", n=spelled(count["down"])),
        say(
            "{n} without a difference shown",
            "{n} ohne belegten Unterschied",
            n=spelled(count["eq"]),
        ),
        say("{n} with a window that still grows", "{n} vorläufig", n=spelled(count["so far"])),
        say("{n} too early", "{n} zu früh", n=spelled(count["imm"])),
        say("{n} not measurable", "{n} nicht messbar", n=spelled(count["nod"])),
    ]
    parts = [one for one, n in zip(shown, count.values(), strict=True) if n]
    return say(
        "The KPI after {all}: {x}.",
        "Die KPI nach {all}: {x}.",
        all=Text("one decision", "einer Entscheidung")
        if len(rows) == 1
        else say("{n} decisions", "{n} Entscheidungen", n=number(len(rows))),
        x=listed(parts),
    )


def _unfinished(row: Row) -> bool:
    """Whether a verdict may still change: weekly looks give one by chance in 15 of 100 cases."""
    return judged(row) in ("up", "down") and not row["is_final"]


def source_state(row: Row) -> str:
    """Return nod (not connected), off (failed), imm (stale), und (fresh with a gap) or on."""
    if row["status"] in ("not_configured", "failed", "stale"):
        return {"not_configured": "nod", "failed": "off", "stale": "imm"}[row["status"]]
    gaps = row["rejected_rows"] or row["drift"] or row["unknown_values"] or row["note"]
    gaps = gaps or row["negative_durations"] or row["likely_double_entries"]
    return "und" if gaps or few_reach(row) else "on"


def few_reach(row: Row) -> bool:
    """Whether less than half of a source's rows reach a campaign."""
    return row["campaign_share"] is not None and row["campaign_share"] < HALF


STATES = {
    "nod": Text("not connected", "nicht angebunden"),
    "off": Text("failed", "fehlgeschlagen"),
    "imm": Text("stale", "veraltet"),
    "und": Text("fresh, with a gap", "aktuell, mit Lücke"),
    "on": Text("fresh", "aktuell"),
}


def source_advice(row: Row) -> Text:
    """Return what to do about a source; empty where nothing is."""
    if row["status"] == "not_configured":
        return Text("Connect a source for it.", "Eine Quelle dafür anbinden.")
    parts: list[Text | str] = []
    if row["last_error"]:
        parts.append(plain(row["last_error"]))
    if row["rejected_rows"]:
        parts.append(
            say(
                "{n} rows could not be read.",
                "{n} Zeilen waren nicht lesbar.",
                n=number(row["rejected_rows"]),
            )
        )
    if row["drift"]:
        parts.append(say("New fields: {x}.", "Neue Felder: {x}.", x=row["drift"]))
    if row["unknown_values"]:
        parts.append(
            say(
                "Add to company/source_map.csv: {x}.",
                "In company/source_map.csv aufnehmen: {x}.",
                x=row["unknown_values"],
            )
        )
    if row["likely_double_entries"]:
        parts.append(
            say(
                "{n} media costs stand beside ad spend: entered twice?",
                "{n} Mediakosten stehen neben Anzeigenausgaben: doppelt erfasst?",
                n=number(row["likely_double_entries"]),
            )
        )
    if few_reach(row) and row["status"] == "ok":
        parts.append(
            Text(
                "Most rows reach no campaign: tag the links or add ids to campaigns.csv.",
                "Die meisten Zeilen erreichen keine Kampagne: Links taggen oder Ids in"
                " campaigns.csv ergänzen.",
            )
        )
    if row["note"]:
        parts.append(plain(row["note"][0].upper() + row["note"][1:] + "."))
    return joined(parts)


def coverage(rows: Sequence[Row]) -> Text:
    """Return how many sources are fresh and which one is missing, failed or stale."""
    if not rows:
        return Text("No source is connected yet.", "Noch ist keine Quelle angebunden.")
    bad = [row for row in rows if row["state"] in ("nod", "off", "imm")]
    linked = [row for row in rows if row["state"] != "nod"]
    fresh = [row for row in linked if row["state"] in ("on", "und")]
    said = say(
        "{a} of {b} sources are fresh.",
        "{a} von {b} Quellen sind aktuell.",
        a=number(len(fresh)),
        b=number(len(linked)),
    )
    if not linked:
        said = Text("No source is connected yet.", "Noch ist keine Quelle angebunden.")
    if not bad:
        return said
    names = [say("{n} ({s})", "{n} ({s})", n=row["name"], s=STATES[row["state"]]) for row in bad]
    return joined([said, say("To mend: {x}.", "Zu beheben: {x}.", x=listed(names, 4))])


def agenda(points: Sequence[Row]) -> Text:
    """Return how many points the next review has."""
    if not points:
        return Text(
            "Nothing is due, nothing is off target.",
            "Nichts ist fällig, nichts verfehlt sein Ziel.",
        )
    one = Text("One point for the next review.", "Ein Punkt für das nächste Review.")
    if len(points) == 1:
        return one
    n = spelled(len(points), capital=True)
    return say("{n} points for the next review.", "{n} Punkte für das nächste Review.", n=n)


def due(row: Row, today: date) -> Text:
    """Return that a KPI's review is due or overdue; empty while there is time, or none is set."""
    at = row["next_review"]
    if at is None or at > today + SOON:
        return Text("", "")
    if at < today:
        return say("Its review was due on {d}.", "Das Review war am {d} fällig.", d=day(at))
    return say("Its review is due on {d}.", "Das Review ist am {d} fällig.", d=day(at))


def last_decision(row: Row) -> Text:
    """Return what was decided last time, with the verdict on it."""
    return say(
        "Decided on {d}: {what} ({verdict}).",
        "Am {d} beschlossen: {what} ({verdict}).",
        d=day(row["review_date"]),
        what=plain(row["decision"] or words.word(words.LEVERS, row["lever"])),
        verdict=effect_verdict(row),
    )


def break_note(row: Row) -> Text:
    """Return what a platform redefined and when; the description is the source's own."""
    at = day(row["break_on"]) if row["is_day_exact"] else month(row["break_on"])
    return say(
        "{p}, {m}, {d}: {c}",
        "{p}, {m}, {d}: {c}",
        p=row["platform"],
        m=row["measure"],
        d=at,
        c=row["change"] or row["to_meaning"],
    )
