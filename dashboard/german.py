"""German names and meanings of the KPIs that ship; one that is not here keeps its own words."""

from __future__ import annotations

NAMES = {
    "qualified_applications": "Qualifizierte Bewerbungen",
    "qualification_rate": "Qualifizierungsquote",
    "application_to_hire_rate": "Bewerbung zu Einstellung",
    "hires": "Einstellungen",
    "cost_per_qualified_application": "Kosten je qualifizierter Bewerbung",
    "cost_per_hire": "Kosten je Einstellung",
    "click_to_application_rate": "Klick zu Bewerbung",
    "offer_acceptance_rate": "Angebotsannahme",
    "time_to_hire_days": "Dauer bis zur Einstellung",
    "leads": "Leads",
    "qualified_lead_rate": "Quote qualifizierter Leads",
    "lead_to_win_rate": "Lead zu Abschluss",
    "won_revenue": "Gewonnener Umsatz",
    "cost_per_lead": "Kosten je Lead",
    "cost_per_won_deal": "Kosten je Abschluss",
    "return_on_ad_spend": "Umsatz je Werbeausgabe",
    "support_requests": "Supportanfragen",
    "resolved_requests": "Gelöste Anfragen",
    "resolution_rate": "Lösungsquote",
    "hours_to_resolution": "Stunden bis zur Lösung",
    "hours_to_first_response": "Stunden bis zur ersten Antwort",
    "satisfaction": "Zufriedenheit",
    "orders": "Bestellungen",
    "order_revenue": "Bestellumsatz",
    "average_order_value": "Mittlerer Bestellwert",
    "new_customer_share": "Neukundenanteil",
    "click_to_order_rate": "Klick zu Bestellung",
    "cost_per_order": "Kosten je Bestellung",
}
MEANINGS = {
    "qualified_applications": (
        "Bewerbungen, die qualifiziert sind oder im Verfahren weiter kamen; es "
        "zählt der Tag der Bewerbung."
    ),
    "qualification_rate": (
        "Anteil der Bewerbungen, die qualifiziert sind oder weiter kamen, nach "
        "dem Tag der Bewerbung."
    ),
    "application_to_hire_rate": (
        "Anteil der Bewerbungen, die zur Einstellung führten, nach dem Tag der "
        "Bewerbung, gleich wann eingestellt wurde."
    ),
    "hires": "Einstellungen am Tag der Einstellung.",
    "cost_per_qualified_application": "Recruiting-Kosten durch qualifizierte Bewerbungen.",
    "cost_per_hire": "Recruiting-Kosten durch Einstellungen.",
    "click_to_application_rate": "Bewerbungen aus Recruiting-Kampagnen durch deren Klicks.",
    "offer_acceptance_rate": (
        "Anteil der Angebote, die zur Einstellung führten, nach dem Tag des "
        "Angebots; eine Einstellung ohne Angebot zählt als angenommenes."
    ),
    "time_to_hire_days": (
        "Mittlere Tage von der Bewerbung bis zur Einstellung, wo beide Daten "
        "bekannt sind, nach dem Tag der Einstellung."
    ),
    "leads": "Leads, die eingegangen sind.",
    "qualified_lead_rate": (
        "Anteil der Leads, die der Vertrieb als qualifiziert annahm, nach dem Tag des Eingangs."
    ),
    "lead_to_win_rate": (
        "Anteil der Leads mit gewonnenem Deal, nach dem Tag des Eingangs, "
        "gleich wann gewonnen wurde."
    ),
    "won_revenue": (
        "Betrag gewonnener Deals in der Währung des Unternehmens, am Tag des Abschlusses."
    ),
    "cost_per_lead": "Vertriebskosten durch Leads.",
    "cost_per_won_deal": "Vertriebskosten durch gewonnene Deals.",
    "return_on_ad_spend": (
        "Umsatz aus Deals und Bestellungen von Kampagnen mit Anzeigen durch deren Anzeigenausgaben."
    ),
    "support_requests": "Anfragen, die eröffnet wurden.",
    "resolved_requests": "Anfragen, die gelöst sind; es zählt der Tag der Eröffnung.",
    "resolution_rate": (
        "Anteil der eröffneten Anfragen, die gelöst sind, nach dem Tag der Eröffnung."
    ),
    "hours_to_resolution": (
        "Mittlere Stunden von der Eröffnung bis zur Lösung, über gelöste Anfragen mit Datum."
    ),
    "hours_to_first_response": (
        "Mittlere Stunden von der Eröffnung bis zur ersten Antwort, über beantwortete Anfragen."
    ),
    "satisfaction": (
        "Mittlere Bewertung der bewerteten Anfragen, nach dem Tag der "
        "Eröffnung, in der Skala des Helpdesks."
    ),
    "orders": "Bestellungen ohne Tests und Stornos.",
    "order_revenue": (
        "Betrag der Bestellungen in der Währung des Unternehmens, am Tag der Bestellung."
    ),
    "average_order_value": "Bestellumsatz durch Bestellungen.",
    "new_customer_share": (
        "Anteil der Bestellungen, die die ersten ihrer Kundschaft sind, unter "
        "denen, die es angeben."
    ),
    "click_to_order_rate": "Bestellungen aus Shop-Kampagnen durch deren Klicks.",
    "cost_per_order": "Shop-Kosten durch Bestellungen.",
}
