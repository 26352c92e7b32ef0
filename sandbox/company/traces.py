"""Traces: what a conversion leaves behind, made so that the rules give the decided answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.company.base import UNASSIGNED, Answer, Trace, any_time, day_of
from sandbox.company.campaigns import LABELS, UNDECLARED, Campaign, answer_of, kind_of
from sandbox.company.names import SYSTEM_NAMES, UNKNOWN_NAMES, UNMAPPED_UTM, UTM_SOURCES
from sandbox.company.people import Person

LOOK_BACK = timedelta(days=30)
CLICK_IDS = ("facebook", "google")  # the CRM keeps the click ids of these
# shares of the ways in which a trace gets lost, per kind of origin
CAMPAIGN_KINDS = {"utm": 74, "utm_no_source": 6, "touch": 11, "utm_source": 5, "source": 4}
PLATFORM_KINDS = {"utm_source": 42, "source": 46, "touch": 12}
CONVENTIONAL_KINDS = {"source": 78, "utm_source": 12, "touch": 10}
NONE_KINDS = {"none": 55, "unknown_source": 25, "unmapped_utm": 20}


@dataclass(slots=True)
class Touch:
    """A contact of a person with the company that the web analytics noted."""

    id: str
    person: Person
    at: datetime
    platform: str
    campaign: str | None
    kind: str


class Tracer:
    """Turns an origin (campaign, platform, `undeclared` or nothing) into a trace."""

    def __init__(self) -> None:
        self.touches: list[Touch] = []

    def make(
        self,
        rng: random.Random,
        origin: Campaign | str | None,
        moment: datetime,
        person: Person,
        system: str,
        touchable: bool = True,
    ) -> Trace:
        """Return the trace of a conversion at `moment`; may add touchpoints of the person.

        `touchable` is false for a person with other conversions: no touchpoint is then made.
        """
        kind, platform = self._kind(rng, origin)
        if kind == "touch" and not touchable:
            kind = "utm" if isinstance(origin, Campaign) else "utm_source"
        trace = self._build(rng, kind, origin, platform, system)
        if kind == "touch":
            self._touched(rng, moment, person, trace)
        elif touchable:
            self._decoys(rng, moment, person, trace.kind)
        return trace

    @staticmethod
    def _kind(rng: random.Random, origin: Campaign | str | None) -> tuple[str, str | None]:
        if isinstance(origin, Campaign):
            if origin.story:
                return "utm", origin.platform
            if origin.platform is None:
                return rng.choice(("utm", "utm_no_source")), rng.choice(("linkedin", "facebook"))
            table, platform = CAMPAIGN_KINDS, origin.platform
        elif origin == "undeclared":
            return "undeclared", rng.choice(("linkedin", "facebook", "email", ""))
        elif origin is None:
            table, platform = NONE_KINDS, None
        else:
            social = kind_of(origin) == "social"
            table, platform = (PLATFORM_KINDS if social else CONVENTIONAL_KINDS), origin
        kind = rng.choices(list(table), list(table.values()))[0]
        if kind == "utm_source" and platform not in UTM_SOURCES:
            kind = "source"
        if kind == "touch" and platform not in UTM_SOURCES:
            kind = "source"
        return kind, platform

    def _build(
        self,
        rng: random.Random,
        kind: str,
        origin: Campaign | str | None,
        platform: str | None,
        system: str,
    ) -> Trace:
        plain = Answer(platform, UNASSIGNED, kind_of(platform)) if platform else Answer()
        if kind in ("utm", "utm_no_source") and isinstance(origin, Campaign):
            return self._tagged(rng, origin, platform, system, kind == "utm")
        if kind == "undeclared":
            return self._undeclared(rng, platform, system)
        clicked = system == "hubspot" and platform in CLICK_IDS
        if kind == "utm_source" and clicked and rng.random() < 0.4:
            return Trace(plain, "click", source=self._any_name(rng, system))
        if kind == "utm_source":
            utm_source = _utm_source(rng, platform)
            return Trace(plain, kind, utm_source, "social", source=self._any_name(rng, system))
        if kind == "touch":
            if isinstance(origin, Campaign):
                plain = answer_of(origin, platform)
            return Trace(plain, kind, source=self._any_name(rng, system))
        name = self._name(rng, system, platform)
        if kind == "source" and name:
            return Trace(plain, kind, source=name)
        if kind == "unmapped_utm":
            return Trace(Answer(), "none", rng.choice(UNMAPPED_UTM), "referral")
        unknown = rng.choice(UNKNOWN_NAMES[system]) if kind == "unknown_source" else None
        return Trace(Answer(), "none", source=unknown)

    def _tagged(
        self,
        rng: random.Random,
        campaign: Campaign,
        platform: str | None,
        system: str,
        mapped: bool,
    ) -> Trace:
        """Return rule 1 with a declared campaign; its utm_source is in the source map or not."""
        own = _utm_source(rng, platform)
        given = own if mapped else rng.choice((*UNMAPPED_UTM, None))
        answer = answer_of(campaign, platform if mapped else None)
        source = self._name(rng, system, platform) or self._any_name(rng, system)
        content = f"v{rng.randint(1, 3)}"
        return Trace(answer, "utm", given, "social", _written(rng, campaign), content, source)

    def _undeclared(self, rng: random.Random, platform: str | None, system: str) -> Trace:
        """Return rule 1 with a campaign that nobody declared."""
        name = rng.choice(UNDECLARED)
        if platform:
            given, answer = _utm_source(rng, platform), Answer(platform, name, kind_of(platform))
        else:
            given, answer = rng.choice((*UNMAPPED_UTM, None)), Answer(campaign=name)
        source = self._any_name(rng, system)
        return Trace(answer, "undeclared", given, "social", name, None, source)

    @staticmethod
    def _name(rng: random.Random, system: str, platform: str | None) -> str | None:
        names = SYSTEM_NAMES[system].get(platform or "")
        return rng.choice(names) if names else None

    @staticmethod
    def _any_name(rng: random.Random, system: str) -> str | None:
        """Return a name that an earlier rule makes meaningless, as in life."""
        known = [name for names in SYSTEM_NAMES[system].values() for name in names]
        return rng.choice((*known, *UNKNOWN_NAMES[system], None, None))

    def _touched(self, rng: random.Random, moment: datetime, person: Person, trace: Trace) -> None:
        """Add the deciding touchpoint, sometimes an earlier one that must not decide."""
        edge = rng.random()
        gap = timedelta(seconds=rng.randint(60, 29 * 86400))
        if edge < 0.05:
            gap = LOOK_BACK
        elif edge < 0.1:
            gap = timedelta(0)
        campaign = None if trace.answer.campaign == UNASSIGNED else trace.answer.campaign
        self._add(rng, person, moment - gap, trace.answer.platform, campaign)
        if rng.random() < 0.5:
            earlier = moment - gap - timedelta(seconds=rng.randint(1, 10 * 86400))
            self._add(rng, person, earlier, rng.choice(("facebook", "google")), None)

    def _decoys(self, rng: random.Random, moment: datetime, person: Person, kind: str) -> None:
        """Add touchpoints that the rules must not use."""
        chance = rng.random()
        platform = rng.choice(("linkedin", "instagram", "facebook", "email"))
        if kind in ("utm", "undeclared", "utm_source", "click") and chance < 0.15:
            gap = timedelta(seconds=rng.randint(0, 29 * 86400))
            self._add(rng, person, moment - gap, platform, None)
        elif chance < 0.06:
            late = timedelta(seconds=rng.choice((1, rng.randint(2, 20 * 86400))))
            self._add(rng, person, moment - LOOK_BACK - late, platform, None)
        elif chance < 0.1:
            soon = timedelta(seconds=rng.choice((1, rng.randint(2, 20 * 86400))))
            self._add(rng, person, moment + soon, platform, None)

    def stray(
        self, rng: random.Random, person: Person, day_moment: datetime, platform: str
    ) -> None:
        """Add a touchpoint of somebody who never converts."""
        self._add(rng, person, any_time(rng, day_of(day_moment)), platform, None)

    def _add(
        self,
        rng: random.Random,
        person: Person,
        at: datetime,
        platform: str,
        campaign: str | None,
    ) -> None:
        person.touched = True
        kind = rng.choice(("click", "view", "visit"))
        label = LABELS.get(platform, platform.capitalize())
        number = f"T{len(self.touches) + 1:06d}"
        self.touches.append(Touch(number, person, at, label, campaign, kind))


def _utm_source(rng: random.Random, platform: str | None) -> str | None:
    names = UTM_SOURCES.get(platform or "")
    return rng.choice(names) if names else None


def _written(rng: random.Random, campaign: Campaign) -> str:
    """Return the campaign's tag as people write it: other case, spaces, or the name itself."""
    chance = rng.random()
    if chance < 0.06:
        return f" {campaign.utm.upper()} "
    return campaign.name.upper() if chance < 0.1 else campaign.utm
