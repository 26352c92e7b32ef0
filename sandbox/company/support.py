"""Support: tickets by channel, answered, solved, reopened, merged, deleted and rated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sandbox.company.base import Answer, any_time, office_time, pick_days, stream
from sandbox.company.campaigns import Campaign, answer_of, kind_of
from sandbox.company.names import CHANNELS
from sandbox.company.people import People, Person

MIX = {
    "email": 30,
    "web": 19,
    "voice": 12,
    "chat": 9,
    "facebook": 11,
    "instagram_dm": 9,
    "whatsapp": 5,
    "twitter": 3,
    "sunshine_conversations_rcs": 2,
}
TOPICS = ("delivery", "invoice", "return", "account", "product")


@dataclass(slots=True)
class Ticket:
    """One ticket. `solved` lists solve moments, `reopened` the moments that undo one.

    Shape: a merged or deleted ticket is no request of its own any more. Units: `reply_minutes`.
    """

    id: int
    person: Person
    created_at: datetime
    channel: str
    topic: str
    campaign_tag: str | None
    answer: Answer
    reply_minutes: int | None = None
    solved: list[datetime] = field(default_factory=list)
    reopened: list[datetime] = field(default_factory=list)
    closed_at: datetime | None = None
    rating: bool | None = None
    rated_at: datetime | None = None
    merged_at: datetime | None = None
    deleted_at: datetime | None = None
    system: str = ""

    def counts(self, end: datetime) -> bool:
        """Tell whether it is a request of its own just before `end`."""
        gone = [at for at in (self.merged_at, self.deleted_at) if at is not None]
        return self.created_at < end and all(at >= end for at in gone)

    @property
    def replied_at(self) -> datetime | None:
        """Return the moment of the first public answer; Zendesk counts whole minutes."""
        if self.reply_minutes is None:
            return None
        return self.created_at + timedelta(minutes=self.reply_minutes)

    def resolved_at(self, end: datetime) -> datetime | None:
        """Return the last solve that no reopening has undone before `end`."""
        solved = [at for at in self.solved if at < end]
        reopened = [at for at in self.reopened if at < end]
        if not solved or (reopened and reopened[-1] > solved[-1]):
            return None
        return solved[-1]


class Support:
    """All tickets of the simulated history."""

    def __init__(self, seed: int, people: People, campaign_field: bool) -> None:
        self._rng = stream(seed, "support")
        self._people, self._campaign_field = people, campaign_field
        self.tickets: list[Ticket] = []

    def fill(self, campaigns: list[Campaign], first: date, last: date, count: int) -> None:
        """Create `count` tickets with all that happens to them."""
        rng = self._rng
        own = [c for c in campaigns if c.goal == "support"]
        regulars: list[Person] = []
        for number, day in enumerate(pick_days(rng, first, last, count)):
            channel = rng.choices(list(MIX), list(MIX.values()))[0]
            person = (
                rng.choice(regulars) if regulars and rng.random() < 0.25 else self._people.new()
            )
            regulars.append(person)
            tag, answer = self._campaign(own, day, channel)
            moment, topic = any_time(rng, day, 6, 22), rng.choice(TOPICS)
            ticket = Ticket(number, person, moment, channel, topic, tag, answer)
            self._live(ticket)
            self.tickets.append(ticket)
        self.tickets.sort(key=lambda t: (t.created_at, t.id))
        for number, ticket in enumerate(self.tickets):
            ticket.id = 35001 + number

    def _campaign(
        self, campaigns: list[Campaign], day: date, channel: str
    ) -> tuple[str | None, Answer]:
        """Return the campaign field of the ticket and the answer: rule 1 with it, else rule 4."""
        rng, platform = self._rng, CHANNELS[channel]
        running = [c for c in campaigns if c.runs(day)]
        likely = 0.3 if channel in ("facebook", "instagram_dm") else 0.03
        if running and rng.random() < likely and self._campaign_field:
            chosen = next((c for c in running if c.platform == platform), rng.choice(running))
            return chosen.utm, answer_of(chosen, None)
        if rng.random() < 0.004 and self._campaign_field:
            return "box flyer", Answer(campaign="box flyer")
        return None, Answer(platform, channel_kind=kind_of(platform)) if platform else Answer()

    def _live(self, ticket: Ticket) -> None:
        rng, start = self._rng, ticket.created_at
        social = ticket.answer.channel_kind == "social"
        if rng.random() < 0.97:
            ticket.reply_minutes = int(rng.lognormvariate(3.6 if social else 4.9, 1)) + 1
        fate = rng.random()
        if fate < 0.02:
            ticket.merged_at = start + timedelta(minutes=rng.randint(10, 3000))
        elif fate < 0.04:
            ticket.deleted_at = start + timedelta(minutes=rng.randint(30, 20000))
        if fate < 0.04 or rng.random() < (0.05 if social else 0.09):
            return
        begin = ticket.replied_at or start
        solved = begin + timedelta(seconds=int(rng.lognormvariate(10.2 if social else 10.9, 0.9)))
        ticket.solved.append(solved)
        if rng.random() < 0.07:
            self._reopen(ticket, solved)
        if ticket.solved[-1] > max(ticket.reopened, default=start):
            ticket.closed_at = ticket.solved[-1] + timedelta(days=4)
            if rng.random() < 0.25:
                ticket.rated_at = ticket.solved[-1] + timedelta(minutes=rng.randint(3, 900))
                ticket.rating = rng.random() < (0.86 if social else 0.78)

    def _reopen(self, ticket: Ticket, solved: datetime) -> None:
        rng = self._rng
        again = solved + timedelta(minutes=rng.randint(20, 4000))
        ticket.reopened.append(again)
        if rng.random() < 0.6:
            ticket.solved.append(office_time(rng, again, rng.randint(0, 3)))
