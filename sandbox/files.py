"""Writes what lies on the company's disk on a morning: exports, tables, settings, credentials."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from sandbox.company import Company
from sandbox.company.base import CURRENCY, TIMEZONE
from sandbox.company.systems import STACK
from sandbox.exports import exported_on, exports
from sandbox.servers import SECRETS, covered, settings
from sandbox.tables import tables
from sandbox.truth import as_json, count

SETTINGS = """\
# Written by `beyond-likes sandbox serve`: the simulated company's settings.
home: data
name: Acme (simulated)
timezone: {timezone}
currency: {currency}
company: company
since: {since}
sources:
{platforms}  file_drop:
    orders:
      - files: exports/orders.csv
        encoding: cp1252
        delimiter: ";"
        decimal: ","
        columns: {{order_id: Bestellnummer, ordered_at: Bestelldatum, person: Kunde, source: Kanal,
                  amount: Betrag, currency: Währung, status: Status, new_customer: Neukunde}}
        formats: {{ordered_at: "%d.%m.%Y %H:%M"}}
        values:
          status: {{bezahlt: paid, versendet: fulfilled, storniert: cancelled,
                   teilweise erstattet: partially_refunded, erstattet: refunded, Test: test}}
          new_customer: {{ja: "true", nein: "false"}}
    costs:
      - files: exports/costs.csv
        delimiter: ";"
        decimal: ","
        columns: {{cost_id: Beleg, date: Datum, until: bis, department: Abteilung,
                  platform: Plattform, campaign: Kampagne, category: Art, amount: Betrag,
                  currency: Währung}}
        formats: {{date: "%d.%m.%Y", until: "%d.%m.%Y"}}
    ad_performance:
      - files: exports/ad_performance.csv
        columns: {{platform: Network, ad_id: Ad ID, date: Day, campaign: Campaign name,
                  audience: Audience, impressions: Impressions, clicks: Clicks, spend: Spend,
                  currency: Currency, leads: Leads}}
        formats: {{date: "%m/%d/%Y"}}
    touchpoints:
      - files: exports/touchpoints.csv
    posts:
      - files: exports/posts.csv
    post_metrics:
      - files: exports/post_metrics.csv
"""


def write_files(
    company: Company,
    out: Path,
    day: date,
    *,
    url: str,
    sources: Sequence[str] = STACK,
    truth: bool = True,
) -> None:
    """Write everything that a run on `day` finds under `out`; equal files stay untouched.

    Shape: exports and tables hold what was known at the end of `day`; their time is that of the
    nightly export. Without `truth` an older truth.json is removed: it would be another day's.
    """
    content = exports(company, day, covered(sources)) | tables(company, day)
    content["sources.yml"] = _settings(company, url, sources).encode()
    content[".env"] = "".join(f"{name}={value}\n" for name, value in SECRETS.items()).encode()
    if truth:
        content["truth.json"] = as_json(count(company, day))
    else:
        (out / "truth.json").unlink(missing_ok=True)
    stamp = exported_on(day).timestamp()
    for name, body in content.items():
        _write(out / name, body, stamp)


def _settings(company: Company, url: str, sources: Sequence[str]) -> str:
    """Return sources.yml: the sources, and of the files those that no source covers."""
    found = yaml.safe_dump({name: settings(name, url) for name in sources}, sort_keys=False)
    platforms = "".join(f"  {line}\n" for line in found.splitlines())
    fields = {"timezone": TIMEZONE, "currency": CURRENCY, "since": company.first}
    written = SETTINGS.format(**fields, platforms=platforms)
    whole = {entity for entity, platform in covered(sources) if platform == "*"}
    if not whole:
        return written
    content = yaml.safe_load(written)
    for entity in whole:
        content["sources"]["file_drop"].pop(entity, None)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _write(file: Path, body: bytes, stamp: float) -> None:
    """Replace a file at once, so that a reader sees the old one or the new one."""
    if file.exists() and file.read_bytes() == body:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    draft.write_bytes(body)
    if file.name == ".env":
        draft.chmod(0o600)
    os.utime(draft, (stamp, stamp))
    draft.replace(file)
