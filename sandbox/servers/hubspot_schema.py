"""What HubSpot says about its objects: names of types, and every property with its type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Paths name a type in one or in many, or by its number.
TYPES = {
    **dict.fromkeys(("contacts", "contact", "0-1"), "contacts"),
    **dict.fromkeys(("deals", "deal", "0-3"), "deals"),
}
# Types that the simulated company has no objects of.
EMPTY = {
    *("companies", "company", "0-2", "tickets", "ticket", "0-5", "line_items", "line_item", "0-8"),
    *("products", "product", "0-7", "quotes", "quote", "0-14"),
}


def definitions(names: Iterable[str], version: int) -> Any:
    """Return the definition of each property, as v3 wraps it or bare as in v2."""
    found = [_definition(name) for name in sorted(names)]
    return {"results": found} if version == 3 else found


def _definition(name: str) -> dict[str, Any]:
    kind, field = "string", "text"
    if name.endswith(("date", "_timestamp")) or name.startswith("hs_v2_date_"):
        kind, field = "datetime", "date"
    elif name.startswith("amount") or name == "hs_object_id":
        kind, field = "number", "number"
    elif name.startswith("hs_is_"):
        kind, field = "bool", "booleancheckbox"
    elif name in ("lifecyclestage", "dealstage", "pipeline", "hs_analytics_source"):
        kind, field = "enumeration", "radio"
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": kind,
        "fieldType": field,
        "groupName": "information",
        "description": "",
        "options": [],
        "hidden": False,
        "calculated": False,
    }
