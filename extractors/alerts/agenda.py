"""The weekly digest: each owner's KPIs as an agenda: what is due, what is off, what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractors.alerts.facts import Published, Row, days_until
from extractors.alerts.message import Line, Message, Section
from extractors.alerts.words import Words

DUE_DAYS = 7  # the digest comes weekly: what is due before the next one is on this one
LEVERS = {
    "targeting": "Zielgruppe",
    "message": "Botschaft",
    "platform": "Plattform",
    "budget": "Budget",
    "target": "Ziel",
}
Owner = tuple[str | None, str | None]  # name, contact


def digest(published: Published, words: Words, *, link: str | None = None) -> Message:
    """Return the digest of all owners, one section each; rows that nobody owns come last."""
    owners = sorted(_owners(published), key=lambda owner: (owner == (None, None), str(owner)))
    sections = [_section(published, owner, words) for owner in owners]
    return _message(published, [one for one in sections if one.lines], published.scorecard, words,
                    link)  # fmt: skip


def per_owner(published: Published, words: Words, *, link: str | None = None) -> dict[str, Message]:
    """Return each owner's own digest by mail address; owners without an address have none."""
    found: dict[str, Message] = {}
    for owner in sorted(_owners(published), key=str):
        contact = owner[1]
        section = _section(published, owner, words)
        if not contact or "@" not in contact or " " in contact.strip() or not section.lines:
            continue
        rows = [row for row in published.scorecard if _owner(row) == owner]
        own = _message(published, [section], rows, words, link)
        known = found.get(contact)
        sections = (*(known.sections if known else ()), *own.sections)
        found[contact] = Message(own.subject, sections, own.link, own.closing)
    return found


def _message(
    published: Published,
    sections: Sequence[Section],
    rows: Sequence[Row],
    words: Words,
    link: str | None,
) -> Message:
    off = sum(row["status"] == "off_target" for row in rows)
    due = sum(_is_due(published, row) for row in rows)
    day = words.day(published.day)
    subject = words.say(
        f"KPI review as of {day}: off target {off}, reviews due {due}",
        f"KPI-Review, Stand {day}: Ziel verfehlt {off}, Reviews fällig {due}",
    )
    closing = words.say(
        "On or off target: the whole 95% interval lies on that side (a sum or ratio without an "
        "interval is judged by its value). Undecided: the interval holds the target. "
        "Before and after a decision is an observation, not a proof.",
        "Im Ziel oder verfehlt: das ganze 95-%-Intervall liegt auf dieser Seite (Summen und "
        "Verhältnisse ohne Intervall: der Wert). Unentschieden: das Ziel liegt im Intervall. "
        "Vorher und nachher ist eine Beobachtung, kein Beweis.",
    )
    return Message(subject, tuple(sections), f"{link}#agenda" if link else None, closing)


def _section(published: Published, owner: Owner, words: Words) -> Section:
    rows = [row for row in published.scorecard if _owner(row) == owner]
    departments = sorted({row["department"] for row in rows if row["department"]})
    name = ", ".join(part for part in owner if part) or words.say("Nobody is named", "Ohne Namen")
    title = f"{' · '.join(departments)}: {name}" if departments else name
    lines = (
        *(_due(published, row, words) for row in rows if _is_due(published, row)),
        *(_off(published, row, words) for row in rows if row["status"] == "off_target"),
        *_decided(published, rows, words),
        *_grouped(rows, words),
        *_gaps(published, owner, words),
    )
    return Section(title, lines)


def _is_due(published: Published, row: Row) -> bool:
    return bool(row["next_review"] and days_until(published.day, row["next_review"]) <= DUE_DAYS)


def _due(published: Published, row: Row, words: Words) -> Line:
    day = words.day(row["next_review"])
    over = days_until(row["next_review"], published.day)
    since = words.say(f", {over} days overdue", f", {over} Tage überfällig") if over > 0 else ""
    said = words.say(f"review due {day}{since}", f"Review fällig am {day}{since}")
    return Line(
        f"{words.label(row)}: {said}.", (_figure(row, words), *_last(published, row, words))
    )


def _off(published: Published, row: Row, words: Words) -> Line:
    since = words.day(row["off_target_since"])
    said = words.say(f"off target since {since}", f"Ziel verfehlt seit {since}")
    more = () if _is_due(published, row) else _last(published, row, words)
    return Line(f"{words.label(row)}: {said}.", (_figure(row, words), *more))


def _figure(row: Row, words: Words) -> str:
    if row["period_start"] is None or row["value"] is None:
        return words.say("No mature figure yet.", "Noch kein reifer Wert.")
    target = (
        words.say("no target", "ohne Ziel")
        if row["target"] is None
        else words.say("target ", "Ziel ") + words.amount(row["target"], row["unit"])
    )
    bounds = words.interval(row)
    if row["lower_95"] is not None or row["upper_95"] is not None:
        bounds = words.say("95% interval ", "95-%-Intervall ") + bounds
    value = words.amount(row["value"], row["unit"])
    return f"{words.month(row['period_start'])}: {value} ({bounds}), {target}."


def _decided(published: Published, rows: Sequence[Row], words: Words) -> Iterator[Line]:
    """Yield what was decided last on KPIs that no other line speaks of."""
    for row in rows:
        if not _is_due(published, row) and row["status"] != "off_target" and row["last_review"]:
            yield Line(words.label(row), _last(published, row, words))


def _last(published: Published, row: Row, words: Words) -> tuple[str, ...]:
    """Return the decisions of the last review, each with what was measured since."""
    return tuple(
        _decision(effect, words)
        for effect in published.reviews
        if effect["kpi"] == row["kpi"] and effect["review_date"] == row["last_review"]
    )


def _decision(effect: Row, words: Words) -> str:
    lever = effect["lever"] or ""
    named = (effect["campaign"], words.say(lever, LEVERS.get(lever, lever)))
    about = " / ".join(part for part in named if part)
    said = effect["decision"] or words.say("no text", "ohne Text")
    head = words.say("Decided on ", "Beschlossen am ") + words.day(effect["review_date"])
    return f"{head}{f' ({about})' if about else ''}: {said}. {_measured(effect, words)}"


def _measured(effect: Row, words: Words) -> str:
    verdict = effect["verdict"]
    if verdict == "too early":
        day = words.day(effect["judged_from"])
        return words.say(f"Too early to judge; from {day}.", f"Noch zu früh; ab {day}.")
    if verdict == "withheld":
        return words.say("The effect is withheld.", "Die Wirkung ist zurückgehalten.")
    if verdict == "no data" or effect["effect"] is None:
        return words.say("No comparison is possible.", "Kein Vergleich möglich.")
    found = {
        "up": words.say("rose", "gestiegen"),
        "down": words.say("fell", "gefallen"),
        "no clear effect": words.say("no clear effect", "keine klare Wirkung"),
    }.get(verdict, words.say("no verdict without an interval", "ohne Intervall kein Urteil"))
    better = {
        True: words.say(", for the better", ", zum Besseren"),
        False: words.say(", for the worse", ", zum Schlechteren"),
    }.get(effect["improved"], "")
    interim = "" if effect["is_final"] else words.say(" (interim)", " (vorläufig)")
    text = f"{found}{better}, {_size(effect, words)}{interim}{_visible(effect, words)}."
    control = effect["verdict_vs_control"]
    if control and control != verdict:
        beside = {"up": words.say("rose", "gestiegen"), "down": words.say("fell", "gefallen")}
        seen = beside.get(control, words.say("no clear effect", "keine klare Wirkung"))
        text += words.say(f" Beside the control: {seen}.", f" Neben der Kontrolle: {seen}.")
    return words.say("Since then: ", "Seitdem: ") + text


def _size(effect: Row, words: Words) -> str:
    lower, upper = effect["effect_lower_95"], effect["effect_upper_95"]
    shown = [_change(effect, value, words) for value in (effect["effect"], lower, upper)]
    if lower is None and upper is None:
        return shown[0]
    between = words.say(" to ", " bis ").join(shown[1:])
    return f"{shown[0]} ({words.say('95% interval', '95-%-Intervall')} {between})"


def _change(effect: Row, value: float | None, words: Words) -> str:
    if value is None:
        return "–"
    if effect["effect_kind"] == "ratio":
        return f"× {words.number(value, 2)}"
    if effect["unit"] == "rate":
        return words.number(100 * value, 1) + words.say(" points", " Punkte")
    return words.amount(value, effect["unit"])


def _visible(effect: Row, words: Words) -> str:
    """Return what windows of this size could have shown: mostly there was too little data."""
    if effect["verdict"] != "no clear effect" or effect["detectable_effect"] is None:
        return ""
    size = _change(effect, effect["detectable_effect"], words)
    return words.say(
        f"; an effect of {size} would have shown in 8 of 10 cases",
        f"; eine Wirkung von {size} hätte sich in 8 von 10 Fällen gezeigt",
    )


def _grouped(rows: Sequence[Row], words: Words) -> Iterator[Line]:
    """Yield one line a status for the KPIs that need no talk."""
    titles = {
        "undecided": words.say("Undecided", "Unentschieden"),
        "on_target": words.say("On target", "Im Ziel"),
        "no_target": words.say("No target", "Ohne Ziel"),
        "no_data": words.say("No data", "Keine Daten"),
        "withheld": words.say("Withheld: too few persons", "Zurückgehalten: zu wenige Personen"),
    }
    for status, title in titles.items():
        names = [words.label(row) for row in rows if row["status"] == status]
        if names:
            yield Line(f"{title}: {', '.join(names)}")


def _gaps(published: Published, owner: Owner, words: Words) -> Iterator[Line]:
    """Yield sources of the owner that are not as they should be."""
    states = {
        "failed": words.say("failed", "fehlgeschlagen"),
        "stale": words.say("stale", "veraltet"),
        "not_configured": words.say("not connected", "nicht angebunden"),
    }
    for row in published.coverage:
        if row["status"] == "ok" or (row["contact_name"], row["contact"]) != owner:
            continue
        name = f"{row['source']}.{row['stream']}" if row["source"] != "none" else row["department"]
        why = row["last_error"] or row["note"]
        yield Line(f"{name}: {states.get(row['status'], row['status'])}", (why,) if why else ())


def _owner(row: Row) -> Owner:
    return row["owner"], row["contact"]


def _owners(published: Published) -> set[Owner]:
    gaps = {(r["contact_name"], r["contact"]) for r in published.coverage if r["status"] != "ok"}
    return {_owner(row) for row in published.scorecard} | gaps
