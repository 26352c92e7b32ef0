"""What an alert says, in both languages: what, how sure, since when, whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.alerts.message import Line
from extractors.alerts.rules import Alert
from extractors.alerts.words import Words

Said = tuple[str, str]  # what is so, how sure that is
RATED_BY = {
    "impressions": ("impression", "Impression"),
    "views": ("view", "Aufruf"),
    "engaged_views": ("engaged view", "Engaged View"),
    "video_views": ("video view", "Videoaufruf"),
}


def line(alert: Alert, words: Words, *, link: str | None = None) -> Line:
    """Return an alert as the reader sees it, with the part of the page under `link` about it."""
    what, sure = PHRASES[alert.rule](alert, words)
    since = words.say("Since ", "Seit ") + words.day(alert.since)
    who = () if alert.rule == "late" else (words.who(alert.owner, alert.contact),)
    part = PARTS.get(alert.rule, "coverage").format(thing=alert.thing)
    return Line(what, (sure, since, *who), f"{link}#{part}" if link else None)


def over(entry: Mapping[str, Any], words: Words) -> Line:
    """Return the line about an alert that no longer holds; it claims no more than that."""
    en, de = OVER[entry["rule"]]
    return Line(f"{entry['name']}: {words.say(en, de)}")


def _kpi(alert: Alert, words: Words) -> Said:
    row, months = alert.facts["kpi"], alert.facts["months"]
    before, last = months[0], months[-1]
    target = words.amount(last["target"], row["unit"])
    bar = (
        words.say(f"at least {target}", f"mindestens {target}")
        if row["direction"] == "up"
        else words.say(f"at most {target}", f"höchstens {target}")
    )
    off, slice_ = words.say("off target", "Ziel verfehlt"), _slice(row, words)
    what = (
        f"{words.label(row)}{slice_}: {off}. {words.month(last['period_start'])}: "
        f"{words.amount(last['value'], row['unit'])}, "
        + words.say(f"the target is {bar}.", f"das Ziel ist {bar}.")
    )
    return what, words.say(
        f"Two months running the whole 95% interval misses the target: {words.interval(before)}, "
        f"then {words.interval(last)}. A KPI exactly on target, its events independent, does "
        "that in fewer than 3 of 100 years.",
        f"In zwei Monaten nacheinander verfehlt das ganze 95-%-Intervall das Ziel: "
        f"{words.interval(before)}, dann {words.interval(last)}. Einer KPI genau im Ziel, mit "
        "unabhängigen Ereignissen, passiert das in weniger als 3 von 100 Jahren.",
    )


def _slice(row: Mapping[str, Any], words: Words) -> str:
    if row["slice"] == "channel_kind" and row["slice_value"] == "social":
        return words.say(" from social media", " aus Social Media")
    return "" if row["slice"] == "total" else f" ({row['slice_value']})"


def _vanity(alert: Alert, words: Words) -> Said:
    row = alert.facts["campaign"]
    shown = words.say(*RATED_BY[row["rated_by"]])
    share = words.number(row["engagement_percentile"] or 0)
    outcomes = words.amount(row["outcomes"], "count")
    rate = words.amount(row["outcome_rate"], "rate")
    what = words.say(
        f"{row['campaign']}: much liked, little reached. More reactions per {shown} than "
        f"{share}% of its peers, {outcomes} outcomes, outcome rate {rate}.",
        f"{row['campaign']}: Like-Falle. Mehr Reaktionen je {shown} als {share} % der "
        f"Vergleichskampagnen, {outcomes} Ergebnisse, Ergebnisquote {rate}.",
    )
    return what, words.say(
        "Beyond chance (95%): its outcome rate is at least a quarter below its peers "
        f"({row['campaigns_in_group']} campaigns of {row['peer_group']}).",
        "Mehr als Zufall (95 %): Die Ergebnisquote liegt mindestens ein Viertel unter der von "
        f"{row['peer_group']} ({row['campaigns_in_group']} Kampagnen).",
    )


def _stale(alert: Alert, words: Words) -> Said:
    streams = words.listed(alert.facts["streams"])
    days = alert.facts["days"]
    what = words.say(
        f"{alert.name}: nothing new for {days} days ({streams}). Its KPIs stand still."
        if days
        else f"{alert.name}: nothing has been loaded yet ({streams}).",
        f"{alert.name}: seit {days} Tagen nichts Neues ({streams}). Die KPIs daraus stehen still."
        if days
        else f"{alert.name}: noch nichts geladen ({streams}).",
    )
    if error := alert.facts["error"]:
        what = f"{what} {words.say('Last error', 'Letzter Fehler')}: {error}"
    return what, _counted(words)


def _drift(alert: Alert, words: Words) -> Said:
    names = words.listed(alert.parts)
    what = words.say(
        f"{alert.name}: sends fields that nobody declared: {names}. They are not loaded.",
        f"{alert.name}: liefert Felder, die niemand deklariert hat: {names}. "
        "Sie werden nicht geladen.",
    )
    return what, _counted(words)


def _rejects(alert: Alert, words: Words) -> Said:
    row = alert.facts["row"]
    share, limit = (
        words.amount(value, "rate") for value in (row["rejected_share"], alert.facts["limit"])
    )
    rows = words.number(row["rejected_rows"])
    what = words.say(
        f"{alert.name}: {rows} rows rejected, {share} of what arrived; the limit is {limit}.",
        f"{alert.name}: {rows} Zeilen abgelehnt, {share} der gelieferten; die Grenze ist {limit}.",
    )
    return what, _counted(words)


def _late(alert: Alert, words: Words) -> Said:
    day, behind = words.day(alert.facts["day"]), alert.facts["behind"]
    what = words.say(
        f"The nightly run is late: readers still see {day}, {behind} "
        f"{'day' if behind == 1 else 'days'} behind. See which task failed, or run "
        "`beyond-likes run`.",
        f"Der nächtliche Lauf ist im Verzug: sichtbar ist der Stand {day}, {behind} "
        f"{'Tag' if behind == 1 else 'Tage'} zurück. Nachsehen, welcher Schritt fehlschlug, oder "
        "`beyond-likes run` starten.",
    )
    return what, _counted(words)


def _counted(words: Words) -> str:
    return words.say("Counted, not estimated.", "Gezählt, nicht geschätzt.")


PHRASES: Mapping[str, Callable[[Alert, Words], Said]] = {
    "kpi": _kpi,
    "vanity": _vanity,
    "stale": _stale,
    "drift": _drift,
    "rejects": _rejects,
    "late": _late,
}
PARTS = {"kpi": "kpi-{thing}", "vanity": "vanity"}  # anchors of the review page
OVER = {
    "kpi": (
        "no longer surely off target two months running.",
        "nicht mehr zwei Monate nacheinander sicher am Ziel vorbei.",
    ),
    "vanity": ("the vanity gap is no longer confirmed.", "Like-Falle nicht mehr bestätigt."),
    "stale": ("brings data again, or is switched off.", "liefert wieder oder ist abgeschaltet."),
    "rejects": ("rejects are within the limit again.", "Ablehnungen wieder unter der Grenze."),
    "late": ("the nightly run is on time again.", "der nächtliche Lauf ist wieder pünktlich."),
}
