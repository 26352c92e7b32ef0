"""What the page calls things in both languages; a KPI or goal without a word here keeps its own."""

from __future__ import annotations

from dashboard.texts import Text, plain

STATUS = {
    "off_target": Text("Off target", "Ziel verfehlt"),
    "on_target": Text("On target", "Im Ziel"),
    "undecided": Text("Undecided", "Unentschieden"),
    "immature": Text("Immature", "Noch nicht reif"),
    "no_target": Text("No target", "Ohne Ziel"),
    "no_data": Text("No data", "Keine Daten"),
    "withheld": Text("Withheld", "Zurückgehalten"),
}
GLYPH = {
    "off_target": "off",
    "on_target": "on",
    "undecided": "und",
    "immature": "imm",
    "no_target": "not",
    "no_data": "nod",
    "withheld": "nod",
}
GOALS = {
    "recruiting": Text("Recruiting", "Recruiting"),
    "sales": Text("Sales", "Vertrieb"),
    "support": Text("Support", "Support"),
    "commerce": Text("Shop", "Shop"),
}
AREAS = {
    **GOALS,
    "hr": Text("HR", "Personal"),
    "social": Text("Social media", "Social Media"),
    "ads": Text("Ads", "Anzeigen"),
    "money": Text("Costs", "Kosten"),
    "finance": Text("Finance", "Finanzen"),
    "marketing": Text("Marketing", "Marketing"),
    "company": Text("Company tables", "Tabellen des Unternehmens"),
}
OUTCOMES = {
    "recruiting": Text("qualified applications", "qualifizierte Bewerbungen"),
    "sales": Text("won deals", "Abschlüsse"),
    "support": Text("resolved requests", "gelöste Anfragen"),
    "commerce": Text("orders", "Bestellungen"),
}
RATED_BY = {
    "impressions": Text("impressions", "Impressionen"),
    "views": Text("views", "Aufrufe"),
    "engaged_views": Text("engaged views", "Engaged Views"),
    "video_views": Text("video views", "Videoaufrufe"),
}
SLICES = {
    "social": Text("social", "Social"),
    "conventional": Text("conventional", "konventionell"),
    "unknown": Text("unknown channel", "Kanal unbekannt"),
    "all": Text("all channels", "alle Kanäle"),
    "unattributed": Text("without a platform", "ohne Plattform"),
    "unassigned": Text("without a campaign", "ohne Kampagne"),
}
STAGES = {
    "applied": Text("Applied", "Beworben"),
    "qualified": Text("Qualified", "Qualifiziert"),
    "interviewed": Text("Interviewed", "Gespräch"),
    "offered": Text("Offered", "Angebot"),
    "hired": Text("Hired", "Eingestellt"),
    "lead": Text("Leads", "Leads"),
    "deal": Text("Deals", "Deals"),
    "won": Text("Won", "Gewonnen"),
}
LEVERS = {
    "targeting": Text("targeting", "Targeting"),
    "message": Text("message", "Botschaft"),
    "platform": Text("platform", "Plattform"),
    "budget": Text("budget", "Budget"),
    "target": Text("target", "Ziel"),
}
MODELS = {
    "first": Text("First", "Erster"),
    "last": Text("Last", "Letzter"),
    "linear": Text("Linear", "Linear"),
    "position": Text("Position", "Position"),
    "time_decay": Text("Time decay", "Zeitverfall"),
    "markov": Text("Markov", "Markov"),
}
CONVERSIONS = {
    "application": Text("Applications", "Bewerbungen"),
    "lead": Text("Leads", "Leads"),
    "deal": Text("Won deals", "Abschlüsse"),
    "order": Text("Orders", "Bestellungen"),
    "request": Text("Support requests", "Supportanfragen"),
    "support_request": Text("Support requests", "Supportanfragen"),
}
VERDICTS = {
    "confirmed": Text("vanity gap", "Like-Falle"),
    "suspected": Text("vanity gap suspected", "Verdacht auf Like-Falle"),
    "undecided": Text("undecided", "unentschieden"),
    "no": Text("none shown", "keine belegt"),
    "withheld": Text("withheld", "zurückgehalten"),
}
METHODS = {
    "wilson": Text("95%, Wilson (a share)", "95 %, Wilson (ein Anteil)"),
    "count": Text("95%, Poisson (a count)", "95 %, Poisson (eine Anzahl)"),
    "cost_per_count": Text(
        "95%, cost over the Poisson bounds of the count",
        "95 %, Kosten durch die Poisson-Grenzen der Anzahl",
    ),
    "mean": Text("95%, t of the mean", "95 %, t des Mittelwerts"),
    "none": Text("none; judged by its value", "keines; der Wert allein zählt"),
}


def word(table: dict[str, Text], key: str | None) -> Text:
    """Return the word for a key; a key without one speaks for itself."""
    return Text("–", "–") if key is None else table.get(key.lower(), plain(key.replace("_", " ")))


def named(table: dict[str, Text], key: str | None) -> Text:
    """Return the word for a key; a name without one stays exactly as it is."""
    return Text("–", "–") if key is None else table.get(key.lower(), plain(key))
