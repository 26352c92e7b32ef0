"""Personio Recruiting: applications, and the stages that each of them entered.

Source: Recruiting API v2, generally available; reference read November 2026. Lists come newest
change first, so the window has two sides. Each application's stage history is one call of its own,
and there are about 150 calls a minute: the first night of a long history takes its time. There is
no field for UTM: a channel per network, or per campaign, is all that can be credited. Deleted
applications leave no sign; anonymised ones stay, without the person. Times are wall-clock times
with a named zone. The candidate is part of each application and cannot be left out of the answer:
only the address is kept, as a pseudonym.

Stages of Personio's own are told by kind or type (unassigned, offer, accepted, rejected,
withdrawn); a company's own stages belong to the process. What a company uses otherwise is named
under personio: in sources.yml, as comma lists of stage names: entry_stages (not qualified yet),
offer_stages, hired_stages, rejected_stages. It holds for what is read from then on.
calls_per_minute there lowers or raises the budget.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from extractors.core.auth import OAuth
from extractors.core.errors import FatalError
from extractors.core.http import Client, RateSignal, Reply, Seen
from extractors.core.phases import named_phase
from extractors.core.shape import inner, listed, names, naming_rights
from extractors.core.types import Account, Column, Page, Record, Scan, Source, stream

TOKEN_URL = "https://api.personio.de/v2/auth/token"
APPLICATIONS = "/v2/recruiting/applications"
RIGHT = "personio:recruiting:read"
LIMIT = 200
CALLS_PER_MINUTE = 150
# A row that changes every night before we read it must not stay outside every window.
OVERLAP = timedelta(days=1)
PHASES = {
    "unassigned": "entry",
    "offer": "offer",
    "accepted": "hired",
    "hired": "hired",
    "rejected": "rejected",
    "withdrawn": "rejected",
}
NAMED = ("entry", "offer", "hired", "rejected")  # settings: entry_stages, offer_stages ...

RIGHTS = {"applications": RIGHT, "stage_transitions": RIGHT}
explain = naming_rights(RIGHTS, "Give the API credentials the scope {right}")
changing = partial(stream, mode="window", lookback_days=2, history_days=1095, page_size=LIMIT)


@dataclass(frozen=True, slots=True)
class Budget(RateSignal):
    """Waits before a call that is one too many for a minute, and a minute when refused.

    Personio sends no header for either; a larger budget is refilled sooner.
    """

    calls: int = CALLS_PER_MINUTE
    _times: deque[float] = field(default_factory=deque)

    def exhausted(self, headers: Mapping[str, str], at: datetime) -> float:
        """Return the seconds until the oldest call of a full minute is a minute old."""
        now = time.monotonic()
        self._times.append(now)
        while now - self._times[0] >= 60:
            self._times.popleft()
        return 60 - (now - self._times[0]) if len(self._times) >= self.calls else 0.0

    def asked(self, reply: Reply) -> float | None:
        """Return the wait that a refusal names, else the time that fills the budget again."""
        # by its class: a dataclass with slots is another class than the one that super() knows
        named = RateSignal.asked(self, reply)
        whole = 60 * CALLS_PER_MINUTE / self.calls
        return whole if named is None and reply.status == 429 else named


def connect(account: Account) -> Client:
    """Return a client that fetches its own tokens of a day (OAuth client credentials)."""
    secrets, settings = account.secrets, account.settings
    form = {"grant_type": "client_credentials", "scope": RIGHT}
    form |= {name: secrets[name] for name in ("client_id", "client_secret")}
    auth = OAuth(settings.get("token_url", TOKEN_URL), form, where=account.name)
    return Client(
        account.base_url,
        where=account.name,
        auth=auth,
        rate=Budget(calls=int(settings.get("calls_per_minute", CALLS_PER_MINUTE))),
        explain=explain,
    )


STAGE = {
    "stage_id": Column(),
    "stage_kind": Column(),
    "stage_type": Column(),
    "stage_name": Column(),
    "phase": Column(),
}


@changing(
    key=("application_id",),
    columns={
        "application_id": Column(path="id"),
        "person": Column(path="candidate.email", personal=True),
        "job_id": Column(path="job.id"),
        "channel": Column(path="channel.name"),
        **STAGE,
        "application_date": Column("DATE"),
        "is_anonymized": Column("BOOLEAN"),
        "created_at": Column("TIMESTAMPTZ"),
        "updated_at": Column("TIMESTAMPTZ"),
    },
    ignored=names("current_stage hiring_team"),
)
def applications(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield applications that changed in the window, each with the stage that it is in now."""
    for reply, found in _changed(client, scan, "applications"):
        records = [
            {
                **record,
                **_stage(record.get("current_stage"), scan.settings),
                "created_at": _moment(record.get("created_at")),
                "updated_at": _moment(record.get("updated_at")),
            }
            for record in found
        ]
        yield Page(records, reply.fetched_at)


@changing(
    key=("application_id", "entered_at", "stage"),
    columns={
        "application_id": Column(of=("applications",)),
        "entered_at": Column("TIMESTAMPTZ"),
        "stage": Column(),
        **STAGE,
    },
)
def stage_transitions(client: Client, scan: Scan) -> Iterator[Page]:
    """Yield each entry into a stage of the applications that changed in the window.

    Shape: one call for each application; `stage` is the stage's id, or the word that a stage of
    Personio's own goes by.
    """
    done = set[str]()  # what changes while it is read comes again
    for reply, found in _changed(client, scan, "stage_transitions"):
        numbers = dict.fromkeys(str(record.get("id")) for record in found)
        records = [
            transition
            for number in numbers
            if number not in done
            for transition in _history(client, number, scan.settings)
        ]
        done |= numbers.keys()
        yield Page(records, reply.fetched_at)


def _changed(client: Client, scan: Scan, name: str) -> Iterator[tuple[Reply, list[Record]]]:
    """Yield the pages of applications that changed in the window."""
    params = {
        "limit": str(LIMIT),
        # both ends are left out by the platform: a second earlier takes the first moment in
        "updated_at.gt": _iso(scan.window.start - timedelta(seconds=1)),
        "updated_at.lt": _iso(scan.window.end + OVERLAP),
    }
    yield from _pages(client, APPLICATIONS, params, f"personio.{name}")


def _history(client: Client, number: str, settings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    path, where = f"{APPLICATIONS}/{number}/stage-transitions", "personio.stage_transitions"
    for _, found in _pages(client, path, {}, where):
        for record in found:
            stage = _stage(record.get("stage"), settings)
            yield {
                **record,
                **stage,
                "stage": stage["stage_id"] or _word(record.get("stage")) or stage["stage_name"],
                "application_id": number,
                "entered_at": _moment(record.get("entered_at")),
            }


def _pages(
    client: Client, path: str, params: Mapping[str, str], where: str
) -> Iterator[tuple[Reply, list[Record]]]:
    """Yield each reply with its records, along the links exactly as they come."""
    seen = Seen(where)
    reply = client.get(path, params, where=where)
    yield reply, listed(reply, "_data")
    while link := inner(reply.body, "_meta", "links", "next", "href"):
        reply = client.get(seen.check(str(link)), where=where)
        yield reply, listed(reply, "_data")


def _stage(stage: Any, settings: Mapping[str, str]) -> dict[str, Any]:
    """Return a stage's own words, and the phase of the funnel that it stands for.

    Raises: FatalError on a stage of another shape: what it stands for would be made up.
    """
    name = inner(stage, "name")
    if isinstance(stage, dict) and not (stage.get("kind") or stage.get("type")):
        do = "Compare with the platform's change log"
        raise FatalError("personio", "a stage has neither kind nor type", do)
    own = PHASES.get(_word(stage), "process") if isinstance(stage, dict) else None
    return {
        "stage_id": inner(stage, "id"),
        "stage_kind": inner(stage, "kind"),
        "stage_type": inner(stage, "type"),
        "stage_name": name,
        "phase": named_phase(name, NAMED, settings) or own,
    }


def _word(stage: Any) -> str:
    """Return the word of a stage of Personio's own, wherever it stands; else an empty text.

    The reference does not settle whether kind or type holds it, nor its spelling; in v1 it is the
    id. The name that a company gave to a stage of its own is no such word.
    """
    words = [str(inner(stage, name) or "").lower() for name in ("type", "kind")]
    if "system" in words:
        words += [str(inner(stage, name) or "").lower() for name in ("id", "name")]
    return next((word for word in words if word in PHASES), "")


def _moment(value: Any) -> str | None:
    """Return a time as ISO text in UTC, from an object with a named zone or from a plain text.

    Raises: FatalError on a time that cannot be read: a row without it would be lost silently.
    """
    parts = value if isinstance(value, dict) else {"date": value}
    text = parts.get("date-time") or parts.get("date_time") or parts.get("date")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        zone = ZoneInfo(parts.get("timezone") or "UTC")
    except (ValueError, ZoneInfoNotFoundError):
        do = "Compare with the platform's change log"
        raise FatalError("personio", "a time has another form than known", do) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


SOURCE = Source(
    area="recruiting",
    title="Personio",
    base_url="https://api.personio.de",
    connect=connect,
    credentials=("client_id", "client_secret"),
    permissions=RIGHTS,
    access=(
        "An admin makes API credentials in Personio under Settings, Integrations, API credentials,"
        " with the read scope of Recruiting. Client id and secret are shown once."
    ),
    unproven=(
        "no client on PyPI reads Recruiting v2: personio-py, personio-api-client, personio-client"
        " and dlt-source-personio read persons, employments and absences"
    ),
)
