"""Builds the KPI review page: one HTML file that needs no network and no script."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard import campaigns, charts, funnels, kpi_sections, marts, reviews, scorecard, words
from dashboard.findings import kpis as say_kpi
from dashboard.findings import levers as say_lever
from dashboard.findings import reviews as say_review
from dashboard.numbers import Formats
from dashboard.texts import Text, html
from extractors.config import Config
from extractors.core.errors import FatalError, UsageError

FILE = "kpi_review.html"
TEMPLATES = Path(__file__).parent / "templates"
RECRUITING = Text("Recruiting funnel", "Recruiting-Funnel")
SALES = Text("Sales funnel", "Vertriebs-Funnel")


@dataclass(frozen=True)
class About:
    """Whose page it is: `day` is the last complete business day, `language` en or de."""

    day: date
    company: str = "beyond-likes"
    timezone: str = "UTC"
    currency: str = "EUR"
    language: str = "en"


def build(file: Path, about: About) -> str:
    """Return the page of one release's marts.duckdb as HTML."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8").strip()
    values = {"about": about, "style": Markup(style), "style_hash": _hash(style)}
    return _environment().get_template("page.html").render(**values, **_views(file, about))


def _views(file: Path, about: About) -> dict[str, Any]:
    found = marts.read(file)
    formats = Formats(about.currency, found.cells[0]["smallest_cell"] if found.cells else None)
    history = scorecard.histories(found, about.day.replace(day=1))
    views = scorecard.rows_of(found, history, formats)
    names = scorecard.names_of(found)
    rows = [{**view["row"], "status": scorecard.code(view)} for view in views]
    labels = {row["platform"]: row["label"] for row in found.names}
    sources = reviews.coverage(found, formats, ZoneInfo(about.timezone))
    effects = [
        kpi_sections.decision(i, row, formats, names) for i, row in enumerate(found.effects, 1)
    ]
    for view in views:
        view["try"] = say_lever.to_try(view["goal"], found.levers, labels, formats)
    return {
        "linked": set(history),
        "kpis": kpi_sections.sections(views, found, history, formats),
        "vanity": campaigns.vanity(found, formats),
        "levers": campaigns.levers(found, formats),
        "attribution": campaigns.attribution(found),
        "models": list(words.MODELS.items()),
        "funnels": [
            (key, title, funnels.funnel(rows, span, labels, formats))
            for key, title, rows, span in (
                ("recruiting", RECRUITING, found.recruiting, found.recruiting_span),
                ("sales", SALES, found.sales, found.sales_span),
            )
        ],
        "support": funnels.support(found, formats),
        "commerce": funnels.commerce(found, formats),
        "coverage": sources,
        "effects": effects,
        "effects_finding": say_review.effects(found.effects),
        "agenda": (points := reviews.agenda(views, found, sources["rows"], about.day)),
        "agenda_finding": say_review.agenda(points),
        "as_of": scorecard.as_of(about.day, about.timezone, formats),
        "views": views,
        "groups": scorecard.groups(views),
        "tally": scorecard.tally(views),
        "brief": say_kpi.brief(rows, names),
        "brief_rest": say_kpi.brief_rest(rows, names),
        "attention": [view for view in views if say_kpi.surely_off(view["row"])],
    }


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["t"] = html
    made.globals["glyph"] = charts.glyph
    return made


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def of_release(file: Path, day: date, config: Config) -> str:
    """Return the page of a release that is being published."""
    return build(file, about(day, config))


def review(config: Config, language: str | None = None, out: Path | None = None) -> Path:
    """Build the page of the published release anew, in its place or as `out`; return its path.

    Raises: UsageError on an unknown language; FatalError while nothing is published, or where the
    page cannot be written.
    """
    if language not in (None, "en", "de"):
        raise UsageError("--language", f"{language!r} is not spoken", "Choose from: en, de")
    published = (config.home / "published").resolve()  # the release of this moment
    try:
        catalog = json.loads((published / "catalog.json").read_text(encoding="utf-8"))
    except OSError as error:
        do = "Run `beyond-likes publish`, or name another --config"
        raise FatalError(str(published), "nothing is published here", do) from error
    day = date.fromisoformat(catalog["business_date"])
    page = build(published / "marts.duckdb", about(day, config, language))
    target = out or published / FILE
    _write(target, page)
    return target


def _write(target: Path, page: str) -> None:
    """Write the whole page or none."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_text(page, encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        what = f"the page could not be written ({error.strerror})"
        do = "Free space there or name another place with --out; readers keep the last page"
        raise FatalError(str(target), what, do) from error


def about(day: date, config: Config, language: str | None = None) -> About:
    """Return what the settings say about the page's company."""
    return About(
        day=day,
        company=config.name or "beyond-likes",
        timezone=config.timezone,
        currency=config.currency,
        language=language or config.language,
    )
