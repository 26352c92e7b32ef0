"""Meta ads (Facebook and Instagram): accounts, structure, daily figures of ads, form leads.

Source: Marketing API v26.0; reference read November 2026. Numbers come as texts, and what is zero
is not there at all. Days are those of the account's time zone; conversions come back to the day of
the click or view for 28 days. Each figure is asked for by the platform that showed the ad: an ad
runs on Facebook and Instagram at once. Action types overlap and are never summed. Of a lead sent by
form, no answer is asked for; it lives for 90 days.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from extractors.core import graph, jobs
from extractors.core.errors import RetriableError
from extractors.core.http import Client, Reply
from extractors.core.shape import inner, names
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

ACCOUNTS = "me/adaccounts"
LISTED, FIGURES_A_PAGE = 100, 500
DAYS_A_CALL, DAYS_AT_ONCE, DAYS_A_REPORT = 7, 35, 30
HISTORY_DAYS = 37 * 30  # of 37 months; older days are refused
LEAD_DAYS, RESTATED_DAYS = 90, 28
WINDOWS = ("1d_click", "7d_click", "28d_click", "1d_view")
FORM = "onsite_conversion.lead_grouped"
FIGURES = (
    "account_id,account_currency,campaign_id,campaign_name,adset_id,adset_name,ad_id,impressions"
    ",inline_link_clicks,clicks,spend,actions,action_values"
)
LEAD_FIELDS = "id,created_time,ad_id,adset_id,campaign_id,form_id,is_organic,platform"
# Without a list of states, the platform leaves out what is archived or deleted and had cost money.
STATES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
SET_STATES = (*STATES, "CAMPAIGN_PAUSED")
REVIEWED = ("PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO")
AD_STATES = (*SET_STATES, "ADSET_PAUSED", *REVIEWED)
OF_ACCOUNT = ("accounts", "campaigns", "ad_sets", "ads", "ad_days")
RIGHTS = dict.fromkeys(OF_ACCOUNT, "ads_read") | {"lead_responses": "leads_retrieval"}
GRANT = "Grant {right} and give the system user the ad account to read"


def connect(account: Account) -> Client:
    """Return a client; a system user's token has no end, a person's lives for 60 days."""
    return graph.client(account, RIGHTS, GRANT)


@stream(
    key=("account_id",),
    columns={
        "account_id": Column(),
        "currency": Column(),
        "time_zone": Column(path="timezone_name"),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names("id"),
)
def accounts(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ad accounts that the token may read."""
    asked = {"fields": "account_id,currency,timezone_name", "limit": str(LISTED)}
    for reply in graph.pages(client, ACCOUNTS, asked, "meta_ads.accounts"):
        yield Page(graph.data(reply), reply.fetched_at)


@stream(
    key=("campaign_id",),
    columns={
        "campaign_id": Column(path="id"),
        "name": Column(),
        "objective": Column(),
    },
    mode="replace",
    page_size=LISTED,
)
def campaigns(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the campaigns of every account, archived and deleted ones too."""
    yield from _of_accounts(client, scan, "campaigns", "id,name,objective", ("campaign", STATES))


@stream(
    key=("ad_set_id",),
    columns={
        "ad_set_id": Column(path="id"),
        "campaign_id": Column(),
        "name": Column(),
    },
    mode="replace",
    page_size=LISTED,
)
def ad_sets(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ad sets of every account, archived and deleted ones too."""
    yield from _of_accounts(client, scan, "ad_sets", "id,campaign_id,name", ("adset", SET_STATES))


@stream(
    key=("ad_id",),
    columns={
        "ad_id": Column(path="id"),
        "ad_set_id": Column(path="adset_id"),
        "campaign_id": Column(),
        "facebook_post": Column(path="creative.effective_object_story_id"),
        "instagram_post": Column(path="creative.effective_instagram_media_id"),
    },
    mode="replace",
    page_size=LISTED,
    ignored=names("creative"),
)
def ads(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the ads of every account with the posts that each one shows."""
    posts = "creative{effective_object_story_id,effective_instagram_media_id}"
    asked = f"id,adset_id,campaign_id,{posts}"
    yield from _of_accounts(client, scan, "ads", asked, ("ad", AD_STATES))


@stream(
    key=("ad_id", "metric_date", "publisher_platform"),
    columns={
        "ad_id": Column(),
        "metric_date": Column("DATE", "date_start"),
        "publisher_platform": Column(),
        "account_id": Column(),
        "campaign_id": Column(),
        "campaign_name": Column(),
        "ad_set_id": Column(path="adset_id"),
        "ad_set_name": Column(path="adset_name"),
        "currency": Column(path="account_currency"),
        "impressions": Column("BIGINT"),
        "link_clicks": Column("BIGINT", "inline_link_clicks"),
        "all_clicks": Column("BIGINT", "clicks"),
        "spend": Column("DECIMAL(18,4)"),
        "actions": Column(),
        "action_values": Column(),
    },
    mode="window",
    basis="daily",
    lookback_days=RESTATED_DAYS,
    page_size=FIGURES_A_PAGE,
    ignored=names("date_stop"),
)
def ad_days(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield the figures of every ad, platform and day of the window, with what Meta claims.

    Shape: days without delivery are missing. actions and action_values are JSON lists as they came:
    what is claimed no longer goes with them. Units: spend in the account's currency.
    """
    where = "meta_ads.ad_days"
    first = max(scan.window.first, scan.window.last - timedelta(days=HISTORY_DAYS))
    small = (scan.window.last - first).days < DAYS_AT_ONCE
    read, step = (_asked, DAYS_A_CALL) if small else (_reported, DAYS_A_REPORT)
    for account in _accounts(client, scan, where):
        for begin, end in _spans(first, scan.window.last, step):
            for reply in read(client, where, account, begin, end):
                yield Page([_figures(row) for row in graph.data(reply)], reply.fetched_at)


@stream(
    key=("lead_id",),
    columns={
        "lead_id": Column(path="id"),
        "created_at": Column("TIMESTAMPTZ", "created_time"),
        "ad_id": Column(),
        "ad_set_id": Column(path="adset_id"),
        "campaign_id": Column(),
        "form_id": Column(),
        "is_organic": Column("BOOLEAN"),
        "platform": Column(),
    },
    mode="window",
    lookback_days=7,
    history_days=LEAD_DAYS,
    page_size=LISTED,
    ignored=names("field_data"),
)
def lead_responses(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield when and from which ad a form was sent in, never what stands in it nor by whom.

    Shape: the platform deletes leads after 90 days. `leads: off` in sources.yml asks for nothing.
    """
    where = "meta_ads.lead_responses"
    if scan.settings.get("leads", "on").lower() in ("off", "no", "false"):
        return
    start, end = (int(one.timestamp()) for one in (scan.window.start, scan.window.end))
    within = [
        {"field": "time_created", "operator": "GREATER_THAN", "value": start - 1},
        {"field": "time_created", "operator": "LESS_THAN", "value": end},
    ]
    asked = {"fields": LEAD_FIELDS, "filtering": json.dumps(within), "limit": str(LISTED)}
    for account in _accounts(client, scan, where):
        for ad in _with_forms(client, where, account, scan):
            for reply in graph.pages(client, f"{ad}/leads", asked, where):
                yield Page(graph.data(reply), reply.fetched_at)


def _accounts(client: Client, scan: Scan, where: str) -> Iterator[str]:
    """Yield the accounts' numbers; `account` in sources.yml may name some."""
    written = (one.strip() for one in scan.settings.get("account", "").split(","))
    chosen = {one.removeprefix("act_") for one in written if one}
    asked = {"fields": "account_id", "limit": str(LISTED)}
    for reply in graph.pages(client, ACCOUNTS, asked, where):
        for record in graph.data(reply):
            number = str(record.get("account_id"))
            if not chosen or number in chosen:
                yield number


def _of_accounts(
    client: Client, scan: Scan, name: str, fields: str, states: tuple[str, tuple[str, ...]]
) -> Iterator[Page]:
    """Yield a list of every account."""
    where, edge = f"meta_ads.{name}", name.replace("_", "")
    asked = {"fields": fields, "limit": str(LISTED), "filtering": _states(*states)}
    for account in _accounts(client, scan, where):
        for reply in graph.pages(client, f"act_{account}/{edge}", asked, where):
            yield Page(graph.data(reply), reply.fetched_at)


def _states(level: str, states: tuple[str, ...]) -> str:
    field = f"{level}.effective_status"
    return json.dumps([{"field": field, "operator": "IN", "value": list(states)}])


def _spans(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """Yield spans of at most so many days, both ends included."""
    while first <= last:
        until = min(first + timedelta(days=days - 1), last)
        yield first, until
        first = until + timedelta(days=1)


def _question(first: date, last: date) -> dict[str, str]:
    """Return what figures are asked for, the same whether at once or as a report."""
    return {
        "level": "ad",
        "fields": FIGURES,
        "time_range": json.dumps({"since": str(first), "until": str(last)}),
        "time_increment": "1",
        "breakdowns": json.dumps(["publisher_platform"]),
        "action_breakdowns": json.dumps(["action_type"]),
        "action_attribution_windows": json.dumps(list(WINDOWS)),
        "use_unified_attribution_setting": "true",
        "filtering": _states("ad", AD_STATES),
        "limit": str(FIGURES_A_PAGE),
    }


def _asked(client: Client, where: str, account: str, first: date, last: date) -> Iterator[Reply]:
    """Yield the answers for a few days, at once."""
    yield from graph.pages(client, f"act_{account}/insights", _question(first, last), where)


def _reported(client: Client, where: str, account: str, first: date, last: date) -> Iterator[Reply]:
    """Let the platform make a report and yield its pages; one that fails is made in halves."""
    form = _question(first, last)
    limit = {"limit": form.pop("limit")}
    started = client.post(f"act_{account}/insights", form=form, where=where)
    run = str(inner(started.body, "report_run_id"))
    if _made(client, where, run):
        yield from graph.pages(client, f"{run}/insights", limit, where)
        return
    if first == last:
        raise RetriableError(where, f"the report on {first} failed", "Run again later")
    middle = first + (last - first) // 2
    yield from _reported(client, where, account, first, middle)
    yield from _reported(client, where, account, middle + timedelta(days=1), last)


def _made(client: Client, where: str, run: str) -> bool:
    """Wait for a report; False where it failed. It may be complete a moment before it is whole."""
    fields = {"fields": "async_status,async_percent_completion"}

    def made() -> bool | None:
        state = client.get(run, fields, where=where)
        status, percent = (inner(state.body, name) for name in fields["fields"].split(","))
        if status in ("Job Failed", "Job Skipped"):
            return False
        return True if status == "Job Completed" and percent == 100 else None

    return jobs.awaited(client, where, made, "a report")


def _figures(row: Record) -> dict[str, Any]:
    """Write the lists of claims as text: they are taken apart where claims are compared."""
    lists = {name: row[name] for name in ("actions", "action_values") if row.get(name)}
    return {**row, **{name: json.dumps(value) for name, value in lists.items()}}


def _with_forms(client: Client, where: str, account: str, scan: Scan) -> Iterator[str]:
    """Yield the ads whose forms were sent in; a lead counts on the day that the ad was seen."""
    first = scan.window.first - timedelta(days=RESTATED_DAYS)
    span = {"since": str(first), "until": str(scan.window.last)}
    asked = {
        "level": "ad",
        "fields": "ad_id,actions",
        "time_range": json.dumps(span),
        "filtering": _states("ad", AD_STATES),
        "limit": str(FIGURES_A_PAGE),
    }
    for reply in graph.pages(client, f"act_{account}/insights", asked, where):
        for row in graph.data(reply):
            actions = row.get("actions") or ()
            if any(inner(action, "action_type") == FORM for action in actions):
                yield str(row.get("ad_id"))


SOURCE = Source(
    area="ads",
    title="Meta ads",
    base_url=graph.BASE_URL,
    connect=connect,
    credentials=("access_token",),
    optional_credentials=("app_secret",),
    permissions=RIGHTS,
    access=(
        "In Meta's Business settings, make a system user with the role of an employee, give it the "
        "ad account to view, and create a token of your app for it with ads_read and, for form "
        "leads, leads_retrieval. Where the app asks for proofs, app_secret is its secret."
    ),
)
