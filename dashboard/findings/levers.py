"""What the page says about levers: platform, audience and message, each beside its platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dashboard import words
from dashboard.numbers import Formats, number, spelled
from dashboard.texts import Text, joined, listed, plain, quoted, say

Row = dict[str, Any]
REACTIONS = Text("reactions ", "Reaktionen ")
FEWEST = 3  # outcomes below which no lever is called better


def verdict(row: Row) -> str:
    """Return up, down, eq (cannot tell) or not (nothing to compare with) against its platform."""
    low, high = row["shrunk_lower_95"], row["shrunk_upper_95"]
    if (row["levers_in_group"] or 0) < FEWEST or low is None or high is None:
        return "not"
    if low > row["prior_rate"] and row["outcomes"] >= FEWEST:
        return "up"
    return "down" if high < row["prior_rate"] else "eq"


VERDICTS = {
    "up": Text("above average", "über dem Schnitt"),
    "down": Text("below average", "unter dem Schnitt"),
    "eq": Text("cannot tell", "nicht zu sagen"),
    "not": Text("nothing to compare with", "ohne Vergleich"),
}


def lever_name(row: Row, platforms: dict[str, str]) -> Text:
    """Return platform, audience and message as one name."""
    label = platforms.get(row["platform"], row["platform"])
    parts = [words.SLICES.get(row["platform"], plain(label))]
    for part in (row["audience"], row["message"]):
        parts.append(Text("not named", "ohne Angabe") if part == "unassigned" else plain(part))
    return joined(parts, " · ")


def finding(goal: str, rows: Sequence[Row], platforms: dict[str, str]) -> Text:
    """Return which levers of a goal are surely above or below their platform's average."""
    kinds = {kind: [r for r in rows if verdict(r) == kind] for kind in VERDICTS}
    if not kinds["up"] and not kinds["down"]:
        return say(
            "{goal}: no lever is surely above or below its platform's average.",
            "{goal}: Kein Hebel liegt sicher über oder unter dem Schnitt seiner Plattform.",
            goal=words.named(words.GOALS, goal),
        )
    parts = []
    for kind, en, de in (
        ("up", "surely above: {x}", "sicher über dem Schnitt: {x}"),
        ("down", "surely below: {x}", "sicher darunter: {x}"),
    ):
        if kinds[kind]:
            names = listed([lever_name(row, platforms) for row in kinds[kind]], 3)
            parts.append(say(en, de, x=names))
    return say(
        "{goal}, against the platform's average: {x}.",
        "{goal}, gegen den Schnitt der Plattform: {x}.",
        goal=words.named(words.GOALS, goal),
        x=joined(parts, "; "),
    )


def to_try(goal: str, rows: Sequence[Row], platforms: dict[str, str], formats: Formats) -> Text:
    """Return the lever of a goal that its figures carry, or that none stands out."""
    better = [row for row in rows if row["goal"] == goal and verdict(row) == "up"]
    if not better:
        return Text(
            "No lever is surely above its platform's average; a test would tell more.",
            "Kein Hebel liegt sicher über dem Schnitt seiner Plattform; ein Test sagt mehr.",
        )
    best = max(better, key=lambda row: row["shrunk_rate"])
    return say(
        "{name}: {k} {what} of {n}, {r} ({i}); average of its levers {p}.",
        "{name}: {k} {what} von {n}, {r} ({i}); Schnitt der Hebel dort {p}.",
        name=lever_name(best, platforms),
        k=number(best["outcomes"]),
        what=words.word(words.OUTCOMES, goal),
        n=trials(best["trials"]),
        r=formats.amount(best["shrunk_rate"], "rate"),
        i=formats.interval(best["shrunk_lower_95"], best["shrunk_upper_95"], "rate"),
        p=formats.amount(best["prior_rate"], "rate"),
    )


def trials(count: float) -> Text:
    """Return how many clicks; reactions where no campaign of the goal has clicks."""
    return say("{n} clicks or reactions", "{n} Klicks oder Reaktionen", n=number(count))


def vanity(rows: Sequence[Row]) -> Text:
    """Return the vanity gap of the campaigns, as a comparison with peers and never as blame."""
    flagged = [row for row in rows if row["vanity_verdict"] == "confirmed"]
    guessed = [row for row in rows if row["vanity_verdict"] == "suspected"]
    if flagged:
        return joined([_gap(flagged[0]), _others(flagged[1:])])
    if guessed:
        return say(
            "Perhaps a vanity gap: {name} is in the top quarter by engagement ({r}); its outcome"
            " rate may lie a quarter below its peers. Chance is not ruled out.",
            "Vielleicht eine Like-Falle: {name} liegt bei Reaktionen im obersten Viertel ({r}); die"
            " Ergebnisquote liegt womöglich ein Viertel unter der Vergleichsgruppe. Zufall ist"
            " nicht ausgeschlossen.",
            name=quoted(guessed[0]["campaign"]),
            r=engagement(guessed[0]),
        )
    return joined(
        [Text("No vanity gap is shown.", "Eine Like-Falle ist nicht belegt."), *_open(rows)]
    )


def engagement(row: Row, what: Text = REACTIONS) -> Text:
    """Return the engagement rate with the measure that it is of: 2.5 reactions per 100 views."""
    return say(
        "{n} {what}per 100 {shown}",
        "{n} {what}je 100 {shown}",
        n=number(100 * row["engagement_rate"], 1),
        what=what,
        shown=words.word(words.RATED_BY, row["rated_by"]),
    )


def _open(rows: Sequence[Row]) -> Iterator[Text]:
    """Yield of how many campaigns nothing can be said, and why."""
    unsure = [row for row in rows if row["vanity_verdict"] in ("undecided", "withheld")]
    unrated = sum(1 for row in unsure if row["rated_by"] is None)
    if len(unsure) > unrated:
        yield say(
            "Of {n} of {all} campaigns the figures are too small or the peers too few to tell.",
            "Bei {n} von {all} Kampagnen sind die Zahlen zu klein oder die Vergleichskampagnen zu"
            " wenige für ein Urteil.",
            n=number(len(unsure) - unrated),
            all=number(len(rows)),
        )
    if unrated:
        yield say(
            "Of {n} nobody knows how often most of it was shown.",
            "Bei {n} weiß niemand, wie oft das meiste davon gezeigt wurde.",
            n=number(unrated),
        )


def _gap(row: Row) -> Text:
    reactions = [
        say("{n} likes", "{n} Likes", n=number(row["likes"])) if row["likes"] is not None else "",
        say("{n} comments", "{n} Kommentare", n=number(row["comments"]))
        if row["comments"] is not None
        else "",
    ]
    return say(
        "Vanity gap: {name} won {likes} ({r}), but brought {k} {what}. Its outcome rate is at least"
        " a quarter below its peers.",
        "Like-Falle: {name} bekam {likes} ({r}), brachte aber {k} {what}. Die Ergebnisquote liegt"
        " mindestens ein Viertel unter der Vergleichsgruppe.",
        name=quoted(row["campaign"]),
        likes=listed([one for one in reactions if one]),
        r=engagement(row),
        k=number(row["outcomes"] or 0),
        what=words.word(words.OUTCOMES, row["goal"]),
    )


def _others(rows: Sequence[Row]) -> Text:
    if not rows:
        return Text("", "")
    return say(
        "The same holds for {x}.",
        "Das gilt auch für {x}.",
        x=listed([quoted(row["campaign"]) for row in rows]),
    )


def attribution(kind: str, rows: Sequence[Row]) -> Text:
    """Return which campaign the models disagree about most; bookkeeping, not cause."""
    named = [row for row in rows if row["campaign"] != "unassigned"]
    if not named:
        return say(
            "{kind}: no campaign is credited by any model.",
            "{kind}: Kein Modell schreibt einer Kampagne etwas zu.",
            kind=words.word(words.CONVERSIONS, kind),
        )
    widest = max(named, key=lambda row: row["high"] - row["low"])
    if widest["high"] - widest["low"] < 0.5:
        return say(
            "{kind}: the six models differ by less than half a conversion for every campaign.",
            "{kind}: Die sechs Modelle liegen je Kampagne weniger als eine halbe Conversion"
            " auseinander.",
            kind=words.word(words.CONVERSIONS, kind),
        )
    return say(
        "{kind}: the models differ most about {name}, {a} to {b}; the KPIs use the last contact,"
        " {c}.",
        "{kind}: Am weitesten auseinander liegen die Modelle bei {name}, {a} bis {b}; die KPIs"
        " nehmen den letzten Kontakt, {c}.",
        kind=words.word(words.CONVERSIONS, kind),
        name=quoted(widest["campaign"]),
        a=number(widest["low"]),
        b=number(widest["high"]),
        c=number(widest["models"].get("last") or 0),
    )


def many(count: int, one: Text, more: Text) -> Text:
    """Return "one campaign" or "three campaigns"."""
    return say("{n} {w}", "{n} {w}", n=spelled(count), w=one if count == 1 else more)
