"""Rows of TikTok's lists and of its report, as texts; times of objects are UTC."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.company.base import CURRENCY, TIMEZONE
from sandbox.company.networks import BOOST
from sandbox.company.people import Person
from sandbox.company.social import AdDay

ADVERTISER = "7100000000000000007"
COUNTS = {"impressions", "clicks", "conversion", "onsite_form", "reach", "video_play_actions"}
RATES = {"ctr", "cpc", "cpm"}
PLACES = {"campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "ad_name"}
METRICS = COUNTS | RATES | PLACES | {"spend", "objective_type", "currency"}
OBJECTIVES = {"recruiting": "LEAD_GENERATION", "commerce": "WEB_CONVERSIONS"}


def advertiser() -> dict[str, Any]:
    """Return the one advertiser."""
    return {
        "advertiser_id": ADVERTISER,
        "name": "Acme",
        "currency": CURRENCY,
        "timezone": TIMEZONE,
        "display_timezone": TIMEZONE,
        "status": "STATUS_ENABLE",
        "country": "DE",
        "balance": 812.5,
    }


def personal(person: Person) -> dict[str, Any]:
    """Return what the platform knows of the advertiser's owner."""
    return {
        "contacter": f"{person.first} {person.last}",
        "email": person.email,
        "telephone_number": person.phone,
        "cellphone_number": person.phone,
    }


def campaign(number: int, day: AdDay, today: date) -> dict[str, Any]:
    """Return the campaign of an ad; what ended is deleted, and has cost money all the same."""
    ended = bool(day.campaign and day.campaign.ends < today)
    return {
        "campaign_id": _campaign_id(number, day),
        "campaign_name": _campaign_name(day),
        "advertiser_id": ADVERTISER,
        "objective_type": _objective(day),
        "budget": 50.0,
        "budget_mode": "BUDGET_MODE_DAY",
        "operation_status": "DISABLE" if ended else "ENABLE",
        "secondary_status": f"CAMPAIGN_STATUS_{'DELETE' if ended else 'ENABLE'}",
        "campaign_type": "REGULAR_CAMPAIGN",
        "is_smart_performance_campaign": False,
        **_times(day),
    }


def ad_group(number: int, day: AdDay) -> dict[str, Any]:
    """Return the ad group of an ad: its audience's name, else the platform's own."""
    claims = day.campaign is not None
    return {
        "adgroup_id": _ad_group_id(number),
        "adgroup_name": _ad_group_name(day),
        "campaign_id": _campaign_id(number, day),
        "advertiser_id": ADVERTISER,
        "click_attribution_window": "SEVEN_DAYS" if claims else "OFF",
        "view_attribution_window": "ONE_DAY" if claims and day.audience else "OFF",
        "optimization_goal": "CONVERT" if claims else "VIDEO_VIEW",
        "operation_status": "ENABLE",
        "secondary_status": "ADGROUP_STATUS_DELIVERY_OK",
        **_times(day),
    }


def ad(number: int, day: AdDay) -> dict[str, Any]:
    """Return the ad; a boosted one shows a video of the own profile."""
    boosted = day.ad_id == BOOST
    row = {
        "ad_id": _ad_id(number),
        "ad_name": day.ad_id,
        "adgroup_id": _ad_group_id(number),
        "campaign_id": _campaign_id(number, day),
        "advertiser_id": ADVERTISER,
        "tiktok_item_id": f"73{number:017}" if boosted else None,
        "video_id": f"v10033g5{number:04}",
        "landing_page_url": None if boosted else "https://www.acme.example/",
        "operation_status": "ENABLE",
        "secondary_status": "AD_STATUS_DELIVERY_OK",
    }
    return row | _times(day)


def figures(number: int, day: AdDay, today: date, metrics: list[str]) -> dict[str, Any]:
    """Return a row of the report; where an ad has no goal, its conversions are no number."""
    impressions, clicks, spend, leads = day.shown(today)
    forms = leads if _objective(day) == "LEAD_GENERATION" else 0
    known = {
        "impressions": str(impressions),
        "clicks": str(clicks),
        "spend": str(spend),
        "conversion": str(leads) if day.campaign else "-",
        "onsite_form": str(forms),
        "reach": str(impressions * 4 // 5),
        "video_play_actions": str(impressions * 9 // 10),
        "ctr": f"{100 * clicks / impressions:.2f}" if impressions else "0.00",
        "cpc": f"{spend / clicks:.2f}" if clicks else "0.00",
        "cpm": f"{1000 * spend / impressions:.2f}" if impressions else "0.00",
        "campaign_id": _campaign_id(number, day),
        "campaign_name": _campaign_name(day),
        "adgroup_id": _ad_group_id(number),
        "adgroup_name": _ad_group_name(day),
        "ad_name": day.ad_id,
        "objective_type": _objective(day),
        "currency": CURRENCY,
    }
    dimensions = {"ad_id": _ad_id(number), "stat_time_day": f"{day.day} 00:00:00"}
    return {"dimensions": dimensions, "metrics": {name: known[name] for name in metrics}}


def _campaign_name(day: AdDay) -> str:
    return day.tag or day.ad_id


def _ad_group_name(day: AdDay) -> str:
    return day.audience or f"Ad group{day.day:%Y%m%d}093000"


def _campaign_id(number: int, day: AdDay) -> str:
    """Return one number for both ads of a campaign."""
    name = _campaign_name(day)
    return f"17{sum(ord(letter) * 31**n for n, letter in enumerate(name)) % 10**14:014}"


def _ad_group_id(number: int) -> str:
    return str(1790000000000000 + number)


def _ad_id(number: int) -> str:
    return str(1795000000000000 + number)


def _objective(day: AdDay) -> str:
    return OBJECTIVES.get(day.campaign.goal, "TRAFFIC") if day.campaign else "VIDEO_VIEWS"


def _times(day: AdDay) -> dict[str, str]:
    return {"create_time": f"{day.day} 08:00:00", "modify_time": f"{day.day} 08:00:00"}
