"""Recruiting: applications, stages, offers, hires and the prospects who must not count."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sandbox.company.base import (
    CONVENTIONAL,
    Answer,
    Trace,
    any_time,
    office_time,
    pick_days,
    stream,
    words,
)
from sandbox.company.campaigns import Campaign
from sandbox.company.people import People, Person
from sandbox.company.traces import Tracer

STAGES = ("Application Review", "Recruiter Screen", "Interview", "Final Interview", "Offer")
JOBS = words(
    "Nurse Ward 4,Nurse Night Shift,Software Engineer,Data Engineer,Team Lead Operations,"
    "Apprentice Logistics,Apprentice Office,Warehouse Clerk,Forklift Driver,Shift Lead,Buyer",
    ",",
)
TRANSFER = "Internal Applicant"  # the source under which the recruiting system keeps them
QUALIFIED_FROM = (
    1  # an application is qualified once it entered the stage with this order or a later one
)


@dataclass(slots=True)
class Offer:
    """One version of an offer; `replaced_at` deprecates it, `resolved_at` answers it."""

    id: int
    version: int
    created_at: datetime
    replaced_at: datetime | None = None
    resolved_at: datetime | None = None
    accepted: bool = False


@dataclass(slots=True)
class Application:
    """One application (or prospect) with everything that will happen to it.

    Shape: `stages` lists (order, entered at); `hired_at` is known only through offer or opening;
    `hire_seen_at` is when the status turns; a hire without offer keeps no date (`dated` false), or
    the date of an opening that was filled before anybody wrote the application down (`filled_at`).
    `system` holds it, until it is deleted. A `transfer` moves inside the company: an application,
    but no hire to report.
    """

    id: int
    person: Person
    candidate_id: int
    job: int
    applied_at: datetime
    trace: Trace
    stages: list[tuple[int, datetime]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    rejected_at: datetime | None = None
    hire_seen_at: datetime | None = None
    dated: bool = True
    filled_at: datetime | None = None
    transfer: bool = False
    prospect: bool = False
    converted_at: datetime | None = None
    deleted_at: datetime | None = None
    system: str = ""

    def counts(self, end: datetime) -> bool:
        """Tell whether its system shows it just before `end`."""
        gone = self.deleted_at is not None and self.deleted_at < end
        return self.applied_at < end and not gone

    def qualified(self, end: datetime) -> bool:
        """Tell whether it had entered the recruiting process, or was hired, before `end`."""
        went = any(n >= QUALIFIED_FROM and at < end for n, at in self.stages)
        return went or self.offer(end) is not None or self.hired(end)

    def hired(self, end: datetime) -> bool:
        """Tell whether its status was that of a hire before `end`."""
        return self.hire_seen_at is not None and self.hire_seen_at < end

    def hired_at(self, end: datetime) -> datetime | None:
        """Return the moment of the hire where a system holds one."""
        return (self.filled_at or self.hire_seen_at) if self.dated and self.hired(end) else None

    def offer(self, end: datetime) -> Offer | None:
        """Return the newest offer version before `end`."""
        seen = [offer for offer in self.offers if offer.created_at < end]
        return max(seen, key=lambda offer: offer.version) if seen else None


class Recruiting:
    """All applications of the simulated history, in order of time."""

    def __init__(self, seed: int, people: People, tracer: Tracer) -> None:
        self._rng = stream(seed, "recruiting")
        self._people, self._tracer = people, tracer
        self.applications: list[Application] = []
        self._offer_id = 61000

    def fill(self, campaigns: list[Campaign], first: date, last: date, count: int) -> None:
        """Create `count` applications besides those of the story, plus prospects."""
        rng = self._rng
        own = [c for c in campaigns if c.goal == "recruiting"]
        reusable: list[tuple[Person, int]] = []
        for day in pick_days(rng, first, last, count):
            origin = _origin(rng, own, day)
            moment = any_time(rng, day)
            again = bool(reusable) and rng.random() < 0.06
            person = reusable[rng.randrange(len(reusable))][0] if again else self._people.new()
            trace = self._tracer.make(rng, origin, moment, person, "greenhouse", not again)
            application = self._add(person, moment, trace)
            self._live(application, _quality(origin))
            if not person.touched:
                reusable.append((person, application.candidate_id))
            if rng.random() < 0.05:
                self._prospect(day)
        self._story(next(c for c in campaigns if c.story))
        self._transfers(first, last, max(2, count // 150))
        self._number()

    def _add(self, person: Person, moment: datetime, trace: Trace) -> Application:
        application = Application(0, person, 5000 + person.id, 310, moment, trace)
        application.job = 310 + self._rng.randrange(len(JOBS))
        application.stages.append((0, moment))
        self.applications.append(application)
        return application

    def _live(self, application: Application, quality: float) -> None:
        """Let the application move, be rejected, get offers or be hired."""
        rng, now = self._rng, application.applied_at
        for order, chance in ((1, quality), (2, 0.6), (3, 0.6), (4, 0.65)):
            if rng.random() > chance:
                if rng.random() < 0.93:
                    application.rejected_at = office_time(rng, now, rng.randint(2, 20))
                return
            now = office_time(rng, now, rng.randint(1, 9))
            application.stages.append((order, now))
        self._offers(application, now)

    def _offers(self, application: Application, now: datetime) -> None:
        rng = self._rng
        if rng.random() < 0.05:  # hired by hand: no offer, no opening, hence no date
            application.hire_seen_at = office_time(rng, now, 2)
            application.dated = application.person.id % 2 == 0
            if application.dated:  # written down when all was over
                application.filled_at = application.applied_at - timedelta(days=2)
            return
        now = office_time(rng, now, rng.randint(0, 4))
        application.offers.append(self._offer(1, now))
        if rng.random() < 0.2:
            now = office_time(rng, now, rng.randint(1, 4))
            application.offers[-1].replaced_at = now
            application.offers.append(self._offer(2, now))
        newest, chance = application.offers[-1], rng.random()
        if chance > 0.95:
            return
        newest.resolved_at = office_time(rng, now, rng.randint(1, 10))
        if chance < 0.78:
            newest.accepted = True
            application.hire_seen_at = newest.resolved_at
        else:
            application.rejected_at = newest.resolved_at + timedelta(minutes=20)

    def _offer(self, version: int, at: datetime) -> Offer:
        self._offer_id += 1
        return Offer(self._offer_id, version, at)

    def _prospect(self, day: date) -> None:
        """Add somebody who was found, not somebody who applied."""
        rng = self._rng
        person, moment = self._people.new(), any_time(rng, day)
        trace = self._tracer.make(
            rng, rng.choice(("linkedin", None)), moment, person, "greenhouse", False
        )
        prospect = self._add(person, moment, trace)
        prospect.prospect = True
        prospect.stages.clear()
        if rng.random() < 0.25:
            prospect.converted_at = office_time(rng, moment, rng.randint(2, 12))
            origin = self._tracer.make(
                rng, "linkedin", prospect.converted_at, person, "greenhouse", False
            )
            self._live(self._add(person, prospect.converted_at, origin), 0.4)

    def _story(self, campaign: Campaign) -> None:
        """Add the article's story: 15 apply, 4 enter the process, all of it long settled."""
        rng = self._rng
        for number in range(15):
            day = campaign.starts + timedelta(days=2 * number)
            person, moment = self._people.new(), any_time(rng, day)
            trace = self._tracer.make(rng, campaign, moment, person, "greenhouse", False)
            application = self._add(person, moment, trace)
            if number % 4 != 1:
                application.rejected_at = office_time(rng, moment, 3)
                continue
            now = office_time(rng, moment, 4)
            application.stages.append((1, now))
            if number == 5:
                for order in (2, 3, 4):
                    now = office_time(rng, now, 4)
                    application.stages.append((order, now))
                offer = self._offer(1, office_time(rng, now, 2))
                offer.resolved_at, offer.accepted = office_time(rng, offer.created_at, 3), True
                application.offers.append(offer)
                application.hire_seen_at = offer.resolved_at
            else:
                application.rejected_at = office_time(rng, now, 5)

    def _transfers(self, first: date, last: date, count: int) -> None:
        """Add people of the company who apply for another job in it, and get it."""
        rng = self._rng
        trace = Trace(Answer("internal", channel_kind=CONVENTIONAL), "source", source=TRANSFER)
        for day in pick_days(rng, first, last, count):
            application = self._add(self._people.new(), any_time(rng, day), trace)
            application.transfer = True
            now = application.applied_at
            for order in (1, 2, 3, 4):
                now = office_time(rng, now, 2)
                application.stages.append((order, now))
            offer = self._offer(1, office_time(rng, now, 1))
            offer.resolved_at, offer.accepted = office_time(rng, offer.created_at, 2), True
            application.offers.append(offer)
            application.hire_seen_at = offer.resolved_at

    def _number(self) -> None:
        self.applications.sort(key=lambda a: (a.applied_at, a.person.id, a.prospect))
        for number, application in enumerate(self.applications):
            application.id = 7001 + number


def delete_some(seed: int, applications: list[Application], kept: str) -> None:
    """Let some rejected applicants ask for their data to be deleted; campaign `kept` keeps its."""
    rng = stream(seed, "deleted applications")
    for one in applications:
        asks = rng.random() < 0.05
        if asks and one.rejected_at and one.trace.answer.campaign != kept:
            one.deleted_at = office_time(rng, one.rejected_at, rng.randint(1, 30))


def _origin(rng: random.Random, campaigns: list[Campaign], day: date) -> Campaign | str | None:
    """Return where an applicant of that day comes from."""
    running = [c for c in campaigns if c.runs(day) and not c.story]
    names: list[Campaign | str | None] = [*running, "undeclared", None]
    weights = [c.outcomes for c in running] + [1.5, 3]
    plain = {"linkedin": 4, "instagram": 2, "facebook": 2, "indeed": 9, "referral": 4, "google": 2}
    plain |= {"stepstone": 2, "email": 1, "werkspost": 1}
    return rng.choices([*names, *plain], [*weights, *plain.values()])[0]


def _quality(origin: Campaign | str | None) -> float:
    """Return the chance to pass the first screen."""
    if isinstance(origin, Campaign):
        return 0.09 if origin.vanity else 0.36
    return 0.45 if origin == "referral" else 0.24
