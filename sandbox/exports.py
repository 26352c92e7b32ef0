"""The company's export files as rows: orders, costs, ads, touchpoints, posts and their figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence, Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

from sandbox.company import Company, cutoff
from sandbox.company.base import CURRENCY, ZONE, words
from sandbox.company.campaigns import LABELS
from sandbox.company.social import Post
from sandbox.company.systems import FILES
from sandbox.servers.wire import iso

STATUS = {
    "paid": "bezahlt",
    "fulfilled": "versendet",
    "cancelled": "storniert",
    "partially_refunded": "teilweise erstattet",
    "refunded": "erstattet",
    "test": "Test",
}
Covered = Set[tuple[str, str]]


def text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Return rows as CSV; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def exports(company: Company, day: date, covered: Covered = frozenset()) -> dict[str, bytes]:
    """Return every export file as it lay there on the morning after `day`.

    Shape: `covered` holds the pairs of entity and platform that a source brings instead.
    """
    files = {
        "exports/orders.csv": text(_orders(company, day), ";").encode("cp1252"),
        "exports/costs.csv": text(_costs(company, day), ";").encode("utf-8-sig"),
        "exports/ad_performance.csv": text(_ads(company, day, covered)).encode(),
        "exports/touchpoints.csv": text(_touches(company, day)).encode(),
        "exports/posts.csv": text(_posts(company, day, covered)).encode(),
        "exports/post_metrics.csv": text(_post_days(company, day, covered)).encode(),
    }
    whole = {f"exports/{entity}.csv" for entity, platform in covered if platform == "*"}
    return {name: body for name, body in files.items() if name not in whole}


def _orders(company: Company, day: date) -> Iterable[Sequence[object]]:
    """Yield the shop's German export: local times, decimal comma, net amounts."""
    yield words(
        "Bestellnummer;Bestelldatum;Kunde;Kanal;utm_source;utm_medium;"
        "utm_campaign;utm_content;Betrag;Währung;Status;Neukunde",
        ";",
    )
    end = cutoff(day)
    for order in company.orders(FILES):
        if order.ordered_at >= end:
            return
        trace = order.trace
        at = order.ordered_at.astimezone(ZONE).strftime("%d.%m.%Y %H:%M")
        utm = (trace.utm_source, trace.utm_medium, trace.utm_campaign, trace.utm_content)
        new = {True: "ja", False: "nein", None: ""}[order.new_customer]
        amount, status = _comma(order.net(end)), STATUS[order.status(end)]
        person = order.person.email
        yield (order.id, at, person, trace.source, *utm, amount, order.currency, status, new)


def _costs(company: Company, day: date) -> Iterable[Sequence[object]]:
    yield words("Beleg;Datum;bis;Abteilung;Plattform;Kampagne;Art;Betrag;Währung", ";")
    for cost in company.costs:
        if cost.day <= day:
            until = cost.until and cost.until.strftime("%d.%m.%Y")
            head = (cost.id, cost.day.strftime("%d.%m.%Y"), until, cost.department, cost.platform)
            campaign = cost.campaign and cost.campaign.name
            yield (*head, campaign, cost.category, _comma(cost.amount), CURRENCY)


def _ads(company: Company, day: date, covered: Covered) -> Iterable[Sequence[object]]:
    """Yield the ad tool's export, whose last four days still grow."""
    yield words(
        "Network,Ad ID,Day,Campaign name,Audience,Impressions,Clicks,Spend,Currency,Leads", ","
    )
    for ad in company.social.ads:
        if ad.day <= day and ("ad_performance", ad.platform) not in covered:
            impressions, clicks, spend, leads = ad.shown(day)
            head = (LABELS[ad.platform], ad.ad_id, ad.day.strftime("%m/%d/%Y"), ad.tag, ad.audience)
            yield (*head, impressions, clicks, spend, CURRENCY, leads)


def _touches(company: Company, day: date) -> Iterable[Sequence[object]]:
    yield words("touch_id,person,touched_at,platform,campaign,kind", ",")
    end = cutoff(day)
    for number, touch in enumerate(company.tracer.touches):
        if touch.at >= end:
            return
        email = touch.person.email
        person = f" {email.upper()}" if number % 9 == 0 else email
        at = iso(touch.at, millis=False)
        yield (touch.id, person, at, touch.platform, touch.campaign, touch.kind)


def _elsewhere(company: Company, end: datetime, covered: Covered) -> Iterable[Post]:
    """Yield the posts that no source brings."""
    for post in company.social.posts:
        if ("posts", post.platform) not in covered and post.published_at < end:
            yield post


def _posts(company: Company, day: date, covered: Covered) -> Iterable[Sequence[object]]:
    """Yield posts; the campaign stands in the link, in an own column, or in campaigns.csv."""
    yield words("platform,post_id,published_at,type,url,campaign", ",")
    for post in _elsewhere(company, cutoff(day), covered):
        campaign, url, own = post.campaign, f"https://{post.platform}.example/p/{post.id}", None
        if campaign and post.link == "article":
            tag = quote(campaign.utm, safe="")
            url = f"https://www.acme.example/{campaign.goal}?utm_source={post.platform}&utm_campaign={tag}"
        elif campaign and post.link == "landing":
            own = campaign.name
        at = iso(post.published_at, millis=False)
        yield (LABELS[post.platform], post.id, at, post.kind, url, own)


def _post_days(company: Company, day: date, covered: Covered) -> Iterable[Sequence[object]]:
    yield words("platform,post_id,as_of,basis,impressions,reach,likes,comments,shares,clicks", ",")
    for post in _elsewhere(company, cutoff(day), covered):
        for of in sorted(post.days):
            now = post.shown(of, day)
            if now:
                impressions, likes, comments, shares, clicks, reach = now
                head = (LABELS[post.platform], post.id, of, "daily", impressions, reach)
                yield (*head, likes, comments, shares, clicks)


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def exported_on(day: date) -> datetime:
    """Return when the nightly exports of `day` were written."""
    return cutoff(day) + timedelta(hours=2)
