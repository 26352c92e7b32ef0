"""Objects, figures and leads of Meta's Marketing API: numbers are texts, zeros are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sandbox.company.base import CURRENCY, TIMEZONE, words
from sandbox.company.people import Person
from sandbox.company.social import AdDay
from sandbox.servers.graph import Row, moment

ACCOUNT, PAGE = "918273645546372", "104455667788990"
WINDOWS = ("1d_click", "7d_click", "28d_click", "1d_view")
BREAKDOWNS = {"publisher_platform"}
BOOSTED = 'Post: "Look behind our doors"'
UNNAMED = "New Leads Ad Set"
OBJECTIVES = {"recruiting": "OUTCOME_LEADS", "sales": "OUTCOME_LEADS", "commerce": "OUTCOME_SALES"}
FORM, LEAD, SHOP = "onsite_conversion.lead_grouped", "lead", "purchase"
VALUE_EACH = Decimal("39.90")
STATE = words("status effective_status configured_status created_time updated_time")
FIELDS = {
    "account": words(
        "id account_id name currency timezone_name timezone_id account_status amount_spent balance"
        " spend_cap"
    ),
    "campaign": ["id", "account_id", "name", "objective", "buying_type", "daily_budget", *STATE],
    "adset": ["id", "account_id", "campaign_id", "name", "daily_budget", "billing_event",
              "optimization_goal", "attribution_spec", *STATE],
    "ad": ["id", "account_id", "campaign_id", "adset_id", "name", "creative", *STATE],
    "lead": words(
        "id created_time ad_id ad_name adset_id adset_name campaign_id campaign_name form_id"
        " is_organic platform field_data"
    ),
}  # fmt: skip
FIGURES = words(
    "account_id account_name account_currency campaign_id campaign_name adset_id adset_name ad_id"
    " ad_name objective impressions reach frequency clicks inline_link_clicks spend cpc cpm ctr"
    " actions action_values attribution_setting date_start date_stop publisher_platform"
)
Asked = tuple[Sequence[str], Sequence[str], Sequence[str]]


def account() -> Row:
    """Return the ad account; its budgets are in cents, its figures are not."""
    return {
        "id": f"act_{ACCOUNT}",
        "account_id": ACCOUNT,
        "name": "Acme ads",
        "currency": CURRENCY,
        "timezone_name": TIMEZONE,
        "timezone_id": 47,
        "account_status": 1,
        "amount_spent": "1234567",
        "balance": "0",
        "spend_cap": "0",
    }


def campaign(number: int, day: AdDay, today: date) -> Row:
    """Return the campaign of an ad; what has ended is archived."""
    goal = day.campaign.goal if day.campaign else ""
    return {
        "id": _campaign_id(day),
        "account_id": ACCOUNT,
        "name": _campaign_name(day),
        "objective": OBJECTIVES.get(goal, "OUTCOME_ENGAGEMENT"),
        "buying_type": "AUCTION",
        "daily_budget": "5000",
        **_state(day, "ARCHIVED" if _ended(day, today) else "ACTIVE"),
    }


def ad_set(number: int, day: AdDay, today: date) -> Row:
    """Return the ad set of an ad: named after its audience, or by Meta."""
    spec = [{"event_type": "CLICK_THROUGH", "window_days": 7}]
    return {
        "id": _ad_set_id(number),
        "account_id": ACCOUNT,
        "campaign_id": _campaign_id(day),
        "name": _ad_set_name(number, day),
        "daily_budget": "2500",
        "billing_event": "IMPRESSIONS",
        "optimization_goal": "LINK_CLICKS",
        "attribution_spec": [*spec, {"event_type": "VIEW_THROUGH", "window_days": 1}],
        **_state(day, "DELETED" if _ended(day, today) else "ACTIVE"),
    }


def ad_object(number: int, day: AdDay, today: date) -> Row:
    """Return the ad with the post that it shows."""
    creative: Row = {"id": str(23850000000000000 + number)}
    if day.platform == "facebook":
        creative["effective_object_story_id"] = f"{PAGE}_{900000000000 + number}"
    else:
        creative["effective_instagram_media_id"] = str(17900000000000000 + number)
    return {
        "id": _ad_id(number),
        "account_id": ACCOUNT,
        "campaign_id": _campaign_id(day),
        "adset_id": _ad_set_id(number),
        "name": day.ad_id,
        "creative": creative,
        **_state(day, "DELETED" if _ended(day, today) else "ACTIVE"),
    }


def figures(
    number: int, days: Sequence[AdDay], span: Sequence[date], today: date, asked: Asked
) -> Row:
    """Return a row of insights over the days of one ad; what is zero has no key."""
    fields, broken, windows = asked
    first, shown = days[0], [day.shown(today) for day in days]
    impressions, clicks = sum(one[0] for one in shown), sum(one[1] for one in shown)
    leads = sum(one[3] for one in shown)
    spend = sum((one[2] for one in shown), Decimal(0))
    later = sum(1 for day in days if day.leads and (today - day.day).days >= 10)
    actions = _actions(first, clicks, leads, later, windows)
    known: Row = {
        "account_id": ACCOUNT,
        "account_name": "Acme ads",
        "account_currency": CURRENCY,
        "campaign_id": _campaign_id(first),
        "campaign_name": _campaign_name(first),
        "adset_id": _ad_set_id(number),
        "adset_name": _ad_set_name(number, first),
        "ad_id": _ad_id(number),
        "ad_name": first.ad_id,
        "objective": campaign(number, first, today)["objective"],
        "impressions": str(impressions),
        "reach": str(impressions * 4 // 5),
        "clicks": str(clicks * 3 // 2) if clicks else None,
        "inline_link_clicks": str(clicks) if clicks else None,
        "spend": str(spend),
        "ctr": f"{150 * clicks / impressions:.6f}" if impressions else None,
        "actions": actions or None,
        "action_values": _values(actions) or None,
    }
    row = {name: known[name] for name in fields if known.get(name) is not None}
    row |= {"date_start": str(span[0]), "date_stop": str(span[1])}
    return row | ({"publisher_platform": first.platform} if broken else {})


def lead(number: int, day: AdDay, n: int, person: Person) -> Row:
    """Return a form that was sent in, with what stands in it; `at` is when, in epoch seconds."""
    at = datetime.combine(day.day, time(12, n % 60), UTC)
    answers = {"full_name": person.name, "email": person.email, "phone_number": person.phone}
    return {
        "id": f"{number:04}{int(at.timestamp())}{n:03}",
        "at": int(at.timestamp()),
        "created_time": moment(at),
        "ad_id": _ad_id(number),
        "ad_name": day.ad_id,
        "adset_id": _ad_set_id(number),
        "adset_name": _ad_set_name(number, day),
        "campaign_id": _campaign_id(day),
        "campaign_name": _campaign_name(day),
        "form_id": "555000111222333",
        "is_organic": False,
        "platform": "ig" if day.platform == "instagram" else "fb",
        "field_data": [{"name": name, "values": [text]} for name, text in answers.items()],
    }


def _actions(day: AdDay, clicks: int, leads: int, later: int, windows: Sequence[str]) -> list[Row]:
    """Return what Meta claims: types that overlap, each in the windows asked for.

    `value` is within seven days after a click and one after a view; a month claims some more.
    """
    counts = Counter(link_click=clicks, post_engagement=clicks)
    seen = leads // 4
    if leads:
        named = (SHOP, "omni_purchase", "offsite_conversion.fb_pixel_purchase")
        types = (LEAD, FORM) if has_form(day) else named
        counts.update(dict.fromkeys(types, leads))
    found = []
    for name, value in counts.items():
        if not value:
            continue
        views = 0 if name in ("link_click", "post_engagement") else seen
        within = {
            "1d_click": value - views - (value - views) // 5,
            "7d_click": value - views,
            "28d_click": value - views + (later if views or leads else 0),
            "1d_view": views,
        }
        row = {"action_type": name, "value": str(value)}
        found.append(row | {w: str(within[w]) for w in WINDOWS if w in windows and within[w]})
    return found


def _values(actions: Sequence[Row]) -> list[Row]:
    """Return what the claimed purchases were worth."""
    return [
        {name: text if name == "action_type" else str(VALUE_EACH * int(text))
         for name, text in action.items()}
        for action in actions
        if "purchase" in action["action_type"]
    ]  # fmt: skip


def has_form(day: AdDay) -> bool:
    """Tell whether the ad ends in a form, not in the shop."""
    return day.campaign is None or day.campaign.goal != "commerce"


def _ended(day: AdDay, today: date) -> bool:
    return bool(day.campaign and day.campaign.ends < today)


def _campaign_name(day: AdDay) -> str:
    """Return the name; a boosted post has one that Meta made of its text."""
    return day.campaign.name if day.campaign else day.tag or BOOSTED


def _ad_set_name(number: int, day: AdDay) -> str:
    if day.audience:
        return day.audience
    return UNNAMED if day.campaign and number % 2 else _campaign_name(day)


def _campaign_id(day: AdDay) -> str:
    """Return one number for all ads of a campaign."""
    name = _campaign_name(day)
    return f"2385{sum(ord(letter) * 31**n for n, letter in enumerate(name)) % 10**13:013}"


def _ad_set_id(number: int) -> str:
    return str(23851000000000000 + number)


def _ad_id(number: int) -> str:
    return str(23852000000000000 + number)


def _state(day: AdDay, state: str) -> Row:
    at = moment(datetime.combine(day.day, time(8), UTC))
    status = "PAUSED" if state != "ACTIVE" else state
    head = {"status": status, "configured_status": status, "effective_status": state}
    return head | {"created_time": at, "updated_time": at}
