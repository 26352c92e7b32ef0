"""What the page says about funnels and support: where people are lost, who solves more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dashboard import words
from dashboard.numbers import Formats, number
from dashboard.texts import Text, say

Row = dict[str, Any]


def funnel(social: Row | None, conventional: Row | None, formats: Formats) -> Text:
    """Return how many of the first stage reach the last, social beside conventional.

    The two are called different only where their intervals do not touch.
    """
    if social is None or social["first"] == 0:
        return Text("No one came through social media.", "Über Social Media kam niemand.")
    said = say(
        "Of {n} who came through social media, {k} reached the last stage: {r} ({i}).",
        "Von {n} über Social Media erreichten {k} die letzte Stufe: {r} ({i}).",
        n=number(social["first"]),
        k=number(social["last"]),
        r=formats.amount(social["rate"], "rate"),
        i=formats.interval(social["low"], social["high"], "rate"),
    )
    if conventional is None or conventional["first"] == 0:
        return said
    beside = formats.amount(conventional["rate"], "rate")
    if social["low"] > conventional["high"] or social["high"] < conventional["low"]:
        more = social["low"] > conventional["high"]
        return said + say(
            " Conventional channels: {r}; the share through social media is surely {w}.",
            " Konventionelle Kanäle: {r}; der Anteil über Social Media ist sicher {w}.",
            r=beside,
            w=Text("larger", "größer") if more else Text("smaller", "kleiner"),
        )
    return said + say(
        " Conventional channels: {r}; the intervals touch, a difference is not shown.",
        " Konventionelle Kanäle: {r}; die Intervalle berühren sich, ein Unterschied ist nicht"
        " belegt.",
        r=beside,
    )


def lost(stages: Sequence[Row]) -> Text:
    """Return the step that keeps the smallest share; empty with fewer than 20 before it."""
    found = [
        (after["reached"] / before["reached"], before, after)
        for before, after in pairwise(stages)
        if before["reached"] and before["reached"] >= 20 and after["reached"] is not None
    ]
    if not found:
        return Text("", "")
    _, before, after = min(found, key=lambda one: one[0])
    return say(
        "The step that the fewest pass is from {a} to {b}: {k} of {n}.",
        "Am wenigsten schaffen den Schritt von {a} zu {b}: {k} von {n}.",
        a=words.word(words.STAGES, before["stage"]),
        b=words.word(words.STAGES, after["stage"]),
        k=number(after["reached"]),
        n=number(before["reached"]),
    )


def support(social: Row | None, formats: Formats) -> Text:
    """Return social beside conventional support, and whether the difference is shown."""
    hidden = formats.smallest is not None
    if hidden and (social is None or None in (social["resolution_rate"], social["difference"])):
        return say("Social media: {w}.", "Social Media: {w}.", w=formats.withheld)
    if social is None or social["resolution_rate"] is None:
        return Text(
            "No support request came through social media in the newest mature month.",
            "Im jüngsten reifen Monat kam keine Supportanfrage über Social Media.",
        )
    rate = formats.amount(social["resolution_rate"], "rate")
    if social["difference"] is None:
        return say(
            "Social media: {r} of {n} requests resolved. There is nothing to compare with.",
            "Social Media: {r} von {n} Anfragen gelöst. Ein Vergleich fehlt.",
            r=rate,
            n=number(social["requests"]),
        )
    end = {
        "better": Text("That is surely more.", "Das sind sicher mehr."),
        "worse": Text("That is surely less.", "Das sind sicher weniger."),
    }.get(
        social["verdict"], Text("A difference is not shown.", "Ein Unterschied ist nicht belegt.")
    )
    return say(
        "Social media resolves {r} of requests, conventional channels {c}. {end}",
        "Social Media löst {r} der Anfragen, konventionelle Kanäle {c}. {end}",
        r=rate,
        c=formats.amount(social["conventional_resolution_rate"], "rate"),
        end=end,
    )
