"""The campaigns of the company and the names under which the world knows a platform."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

from sandbox.company.base import CONVENTIONAL, SOCIAL, Answer

SOCIAL_PLATFORMS = ("linkedin", "instagram", "facebook", "youtube", "tiktok", "whatsapp", "x")
LABELS = {
    "linkedin": "LinkedIn",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "x": "Twitter",
    "whatsapp": "WhatsApp",
}
STORY = "Care for Hamburg"
VANITY = (
    "Office Dogs",
)  # planted: three times the engagement of its peers, few of its applicants qualify
DECLARED_BEFORE = timedelta(days=14)


@dataclass(slots=True)
class Campaign:
    """One declared campaign and how the world answers it.

    Shape: `outcomes` is its weight among the conversions of its goal; likes, comments and clicks
    are expected per post; `ad_clicks` per day of running ads (0: no ads). Units: `cpc` in EUR.
    """

    name: str
    utm: str
    goal: str
    department: str
    platform: str | None
    audience: str
    message: str
    starts: date
    ends: date
    outcomes: float
    posts: int
    likes: int
    comments: int
    clicks: int
    ad_clicks: int = 0
    cpc: float = 0.0
    story: bool = False
    vanity: bool = False
    external_ids: list[tuple[date, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of the campaign's platform."""
        if self.platform is None:
            return "unknown"
        return SOCIAL if self.platform in SOCIAL_PLATFORMS else CONVENTIONAL

    @property
    def declared(self) -> date:
        """The day on which campaigns.csv shows it first."""
        return self.starts - DECLARED_BEFORE

    def runs(self, day: date) -> bool:
        """Tell whether people can come from this campaign on `day`."""
        return self.starts <= day <= self.ends


# name; utm_campaign; goal; department; platform; audience; message
# then: starts n days before the last day; days; outcomes; posts; likes; comments; clicks;
# ad clicks a day; cost per click
_PLAN = """
Care for Hamburg;care_hamburg;recruiting;HR;linkedin;nurses;team spirit
  170;30;0;4;50;12;40;0;0
Engineers Wanted;engineers-wanted;recruiting;HR;linkedin;engineers;hard problems
  330;340;9;24;35;6;95;22;2.40
Office Dogs;office_dogs;recruiting;HR;linkedin;students;fun at work
  300;310;2.5;22;130;24;70;12;1.10
Team Leads North;team_leads_north;recruiting;Recruiting;linkedin;managers;responsibility
  240;250;6;16;30;5;70;14;3.10
Welcome Back;welcome_back;recruiting;Recruiting;linkedin;returners;flexible hours
  205;190;5;12;33;5;75;10;2.20
Apprentice Stories;apprentice.stories;recruiting;HR;instagram;school leavers;learn a trade
  340;350;8;22;90;12;75;10;0.70
Night Shift;night_shift;recruiting;HR;facebook;warehouse;fair pay
  280;220;6;12;40;9;80;16;0.55
Behind the Scenes;bts_video;recruiting;HR;youtube;engineers;hard problems
  200;150;3;6;60;14;60;0;0
Open Day;open-day;recruiting;HR;;students;fun at work
  120;40;2;0;0;0;0;0;0
Logistics Whitepaper;whitepaper_logistics;sales;Sales;linkedin;logistics;save cost
  345;260;9;13;28;5;85;18;3.80
Spring Webinar;spring_webinar;sales;Sales;linkedin;manufacturing;know-how
  260;120;7;10;33;7;90;14;3.30
Case Studies;case-studies;sales;Sales;linkedin;logistics;proof
  220;230;5;13;25;4;70;0;0
Fun Friday;fun_friday;sales;Sales;linkedin;manufacturing;brand fun
  310;240;7;17;110;20;60;8;1.20
CFO Podcast;cfo_podcast;sales;Sales;youtube;finance;know-how
  230;240;4;9;50;9;65;0;0
Retarget Leads;retarget;sales;Sales;facebook;finance;save cost
  180;190;4;5;20;3;60;20;0.90
Summer Sale;summer_sale;commerce;Shop;instagram;families;discount
  320;90;10;12;120;15;160;60;0.45
Gift Guide;gift-guide;commerce;Shop;instagram;gift buyers;inspiration
  210;120;8;10;100;12;150;45;0.50
Creator Drop;creator_drop;commerce;Commerce;instagram;young adults;exclusive
  140;150;6;10;140;20;130;30;0.60
Cute Unboxing;cute_unboxing;commerce;Shop;instagram;young adults;cuteness
  260;270;12;16;300;40;140;15;0.40
Back to School;back_to_school;commerce;Shop;facebook;families;discount
  150;80;6;7;60;9;120;50;0.38
Winter Newsletter;newsletter_winter;commerce;Shop;email;gift buyers;inspiration
  100;60;4;0;0;0;0;0;0
Ask Us Anything;ask_us;support;Support;facebook;customers;help
  300;310;5;12;30;40;30;0;0
Help on Insta;help-insta;support;Support;instagram;customers;help
  190;200;4;9;35;30;25;0;0
"""

UNDECLARED = ("spring_push", "li-test-42", "partner mailing")


def make_campaigns(last: date, first: date, scale: float) -> list[Campaign]:
    """Return the declared campaigns, placed before `last` and cut at the first simulated day."""
    found = []
    for line in _PLAN.strip().replace("\n  ", ";").splitlines():
        part = line.split(";")
        planned = last - timedelta(days=int(part[7]))
        ends = planned + timedelta(days=int(part[8]) - 1)
        story = part[0] == STORY
        if story:
            ends += max(first - planned, timedelta(0))
        elif ends < first:
            continue
        starts = max(planned, first)
        share = ((ends - starts).days + 1) / int(part[8])
        counts = [int(n) for n in part[10:15]]
        posts = counts[0] if story else math.ceil(counts[0] * scale * share)
        found.append(
            Campaign(
                name=part[0],
                utm=part[1],
                goal=part[2],
                department=part[3],
                platform=part[4] or None,
                audience=part[5],
                message=part[6],
                starts=starts,
                ends=ends,
                outcomes=float(part[9]),
                posts=posts,
                likes=counts[1],
                comments=counts[2],
                clicks=counts[3],
                ad_clicks=counts[4],
                cpc=float(part[15]),
                story=story,
                vanity=part[0] in VANITY,
            )
        )
    return found


def answer_of(campaign: Campaign, platform: str | None) -> Answer:
    """Return rule 1's answer for a declared campaign; `platform` is the mapped utm_source."""
    key = platform or campaign.platform
    return Answer(key, campaign.name, kind_of(key)) if key else Answer(campaign=campaign.name)


def kind_of(platform: str) -> str:
    """Return the kind of a known platform."""
    return SOCIAL if platform in SOCIAL_PLATFORMS else CONVENTIONAL
