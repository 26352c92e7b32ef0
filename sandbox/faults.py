"""Faults on demand: what platforms do on bad days, seeded and, where it heals, bounded.

SPEC is a comma list of `platform:fault[@path][:rate]`; the platform may be `*`, and `@path` keeps
the fault to calls whose path has this text in it: `greenhouse:forbidden@offers`.
Faults that heal fire at most twice for the same call, all of them together three times, so that a
client that tries again gets its answer: 429, 429_wait, 5xx, reset, cut_body, drip (slowly, in
pieces), encoding (Latin-1 that says it is UTF-8). Faults that healthy clients cope with: repeat,
reorder, unknown_key, missing_key, changed (the last record of a page as it was before it changed;
the next page has it anew), skew (the clock is minutes off). Faults that must end with a clear
error: loop, type, key_gone, other_host, forbidden, revoked. `expired` lets tokens die once, in the
middle of a run. Records that are deleted or merged need no fault: the company's people do that.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.servers.wire import Platform, Reply, Request

HEALING = ("429", "429_wait", "5xx", "reset", "cut_body", "drip", "encoding")
COPED_WITH = ("repeat", "changed", "reorder", "unknown_key", "missing_key")
PAGES = (*COPED_WITH, "loop", "type", "key_gone", "other_host")
SENT = {"cut_body": "X-Sandbox-Cut", "drip": "X-Sandbox-Drip", "encoding": "X-Sandbox-Encoding"}
ACCESS = ("expired", "forbidden", "revoked")
TIMES, TIMES_IN_ALL = 2, 3  # how often one healing fault, and all of them, hit the same call
RATES = {**dict.fromkeys(HEALING, 0.3), **dict.fromkeys((*PAGES, *ACCESS), 1.0)}
RATES["skew"] = 1.0
EXPIRES_AFTER = 3  # calls until tokens die
SKEW_MINUTES = 7


@dataclass(frozen=True, slots=True)
class Rule:
    """One part of the specification."""

    platform: str
    fault: str
    rate: float
    path: str = ""


class Faults:
    """The rules and what they did so far."""

    def __init__(self, rules: Sequence[Rule], seed: int) -> None:
        self._rules, self._seed = rules, seed
        self._fired: dict[tuple[str, str], int] = {}
        self._calls: dict[str, int] = {}
        self._linked: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.counts: dict[str, int] = {}

    @classmethod
    def parse(cls, spec: str, *, seed: int, platforms: Sequence[str]) -> Faults:
        """Return the faults of `spec`; ValueError names what is unknown."""
        rules = []
        for part in filter(None, (text.strip() for text in spec.split(","))):
            platform, _, rest = part.partition(":")
            fault, _, rate = rest.partition(":")
            fault, _, path = fault.partition("@")
            if platform != "*" and platform not in platforms:
                raise ValueError(
                    f"{part!r}: no platform {platform!r}; known: *, {', '.join(platforms)}"
                )
            if fault not in RATES:
                raise ValueError(f"{part!r}: no fault {fault!r}; known: {', '.join(RATES)}")
            rules.append(Rule(platform, fault, float(rate) if rate else RATES[fault], path))
        return cls(rules, seed)

    def apply(self, name: str, platform: Platform, request: Request) -> Reply:
        """Return the platform's reply as the faults leave it."""
        rules = [
            rule
            for rule in self._rules
            if rule.platform in ("*", name) and rule.path in request.path
        ]
        call = f"{name} {request.method} {request.path}?{request.query} {request.body.hex()}"
        self._calls[name] = self._calls.get(name, 0) + 1
        for rule in rules:
            early = self._before(rule, name, platform, request, call)
            if early is not None:
                return early
        reply = platform.handle(request)
        if reply.status == 200 and rules:
            before = self._linked.get((name, _page_key(request.path, request.query)), [])
            if reply.records is not None and reply.next_url:
                following = urlsplit(reply.next_url)
                self._linked[(name, _page_key(request.path, following.query))] = copy.deepcopy(
                    reply.records
                )
            for rule in rules:
                if rule.fault in (*SENT, *PAGES, "skew") and self._fires(rule, call):
                    self._after(rule, name, request, reply, before)
        return reply

    def _fires(self, rule: Rule, call: str) -> bool:
        """Decide by seed, rule, call and attempt; a healing fault stops after TIMES."""
        key = (rule.fault, call)
        done = self._fired.get(key, 0)
        healing = rule.fault in HEALING
        if healing and (done >= TIMES or self._fired.get(("", call), 0) >= TIMES_IN_ALL):
            return False
        chance = random.Random(f"{self._seed}:{rule.fault}:{call}:{done}").random()
        if chance >= rule.rate and rule.fault != "changed":  # the next page must know of it
            return False
        self._fired[key] = done + 1
        if healing:
            self._fired[("", call)] = self._fired.get(("", call), 0) + 1
        self.counts[rule.fault] = self.counts.get(rule.fault, 0) + 1
        return True

    def _before(
        self, rule: Rule, name: str, platform: Platform, request: Request, call: str
    ) -> Reply | None:
        """Return the reply of a fault that hits before the platform has answered."""
        token = "token" in request.path.lower()
        if rule.fault == "expired":
            if self._calls[name] == EXPIRES_AFTER:
                platform.expire()
                self.counts[rule.fault] = self.counts.get(rule.fault, 0) + 1
            return None
        if rule.fault in ("forbidden", "revoked"):
            if token or not self._fires(rule, call):
                return None
            return platform.refusal(403 if rule.fault == "forbidden" else 401)
        if rule.fault not in ("429", "429_wait", "5xx", "reset") or not self._fires(rule, call):
            return None
        if rule.fault == "reset":
            return Reply(None, 0)
        if rule.fault == "5xx":
            return Reply(
                {"message": "Service Unavailable"}, random.Random(call).choice((500, 502, 503))
            )
        reply = platform.refusal(429)
        if rule.fault == "429_wait" or name == "zendesk":  # Zendesk always says how long
            reply.headers["Retry-After"] = str(random.Random(call).choice((0, 1)))
        return reply

    def _after(
        self,
        rule: Rule,
        name: str,
        request: Request,
        reply: Reply,
        before: list[dict[str, Any]],
    ) -> None:
        """Change a good reply; `before` are the rows of the page that led to this one."""
        if rule.fault in SENT:
            reply.headers[SENT[rule.fault]] = "1"
        elif rule.fault == "skew":
            ahead = random.Random(f"{self._seed}:{name}").choice((-1, 1))
            reply.headers["X-Sandbox-Skew"] = str(ahead * SKEW_MINUTES)
        elif rule.fault == "changed":
            _change(reply, before)
        elif rule.fault in ("loop", "other_host"):
            if reply.set_next and reply.next_url:
                here = f"{request.base}{request.path}?{request.query}"
                reply.set_next(here if rule.fault == "loop" else _elsewhere(reply.next_url))
        elif reply.records:
            _rearrange(rule.fault, request, reply.records, reply.key_fields, before)


def _rearrange(
    fault: str,
    request: Request,
    records: list[dict[str, Any]],
    keys: Sequence[str],
    before: list[dict[str, Any]],
) -> None:
    """Change the rows of a page in its list; a platform may serve the same ones again."""
    records[:] = copy.deepcopy(records)
    if fault == "repeat":
        records[:0] = copy.deepcopy(before)
        records.extend(copy.deepcopy(records[-2:]))
    elif fault == "reorder":
        random.Random(request.query).shuffle(records)
    elif fault == "unknown_key":
        for record in records:
            record["sandboxNews"] = {"since": "today"}
    elif fault == "missing_key":
        for record in records[::3]:
            _drop(record, keys)
    elif fault in ("type", "key_gone"):
        for record in records:
            key = next((name for name in keys if name in record), keys[0])
            record.pop(key, None)
            if fault == "type":
                record[key] = {"changed": True}


def _change(reply: Reply, before: list[dict[str, Any]]) -> None:
    """Serve the last record of the page before as it is now; of this page, if one follows, as was.

    Only counts are older then: no key and no reference.
    """
    records = reply.records or []
    if before:
        records.append(copy.deepcopy(before[-1]))
    elif reply.next_url and records:
        for field, value in records[-1].items():
            if (
                isinstance(value, int)
                and not isinstance(value, bool)
                and field[-2:].lower() != "id"
            ):
                records[-1][field] = value // 2


def _page_key(path: str, query: str) -> str:
    """Name a page by its cursor, or by all of its parameters where there is none."""
    params = dict(parse_qsl(query, keep_blank_values=True))
    asked = {"cursor": params["cursor"]} if "cursor" in params else params
    return f"{path}?{sorted(asked.items())}"


def _drop(record: dict[str, Any], keys: Sequence[str]) -> None:
    """Take away the first field that is no part of a key."""
    name = next((field for field in sorted(record) if field not in keys), None)
    if name is not None:
        del record[name]


def _elsewhere(url: str) -> str:
    return "http://other.example" + url.partition("://")[2].partition("/")[2].join(("/", ""))
