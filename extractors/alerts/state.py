"""What was told already, by channel: `{home}/alerts.json`, so that nothing is said twice.

Shape: {key: {rule, name, since, told: {channel: [parts]}}}. Names of KPIs, campaigns and sources
only; no owner, no secret.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from extractors.alerts.rules import LASTING, Alert
from extractors.config import Rule
from extractors.core.errors import FatalError
from extractors.core.keeping import write_private

Entries = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class News:
    """What one channel has not heard yet: alerts new or changed, and entries that are over."""

    fresh: tuple[Alert, ...]
    over: tuple[tuple[str, dict[str, Any]], ...]

    def __bool__(self) -> bool:
        """Return whether there is anything to tell."""
        return bool(self.fresh or self.over)


class State:
    """The entries of alerts.json, held for one process between `opened` and its end."""

    def __init__(self, file: Path, entries: Entries) -> None:
        self._file = file
        self._entries = entries

    def seen(self, alerts: Sequence[Alert], day: date) -> list[Alert]:
        """Return the alerts with the day that each is known since: its own, else the first seen."""
        dated = []
        for alert in alerts:
            known = self._entries.get(alert.key, {}).get("since")
            first = date.fromisoformat(known) if known else day
            dated.append(replace(alert, since=alert.since or first))
        return dated

    def news(self, channel: str, alerts: Sequence[Alert], *, ended: Collection[Rule]) -> News:
        """Return what this channel has not been told; over are only alerts of the rules `ended`."""
        now = {alert.key for alert in alerts}
        fresh = []
        for alert in alerts:
            told = self._told(alert.key, channel)
            if new := tuple(part for part in alert.parts if part not in told):
                fresh.append(replace(alert, parts=new))
        over = [
            (key, entry)
            for key, entry in self._entries.items()
            if key not in now and entry["rule"] in ended and entry["told"].get(channel)
        ]
        return News(tuple(fresh), tuple(one for one in over if one[1]["rule"] not in LASTING))

    def keep(self, alerts: Sequence[Alert]) -> None:
        """Keep since when alerts are known, told or not, and forget what nobody has to be told."""
        now = {alert.key for alert in alerts}
        for alert in alerts:
            entry = self._entries.setdefault(alert.key, {"told": {}})
            entry |= {"rule": alert.rule, "name": alert.name, "since": str(alert.since)}
        for key, entry in list(self._entries.items()):
            if key not in now and not entry["told"]:
                del self._entries[key]
        text = json.dumps(self._entries, indent=1, sort_keys=True, ensure_ascii=False)
        write_private(self._file, text + "\n", replace=True)

    def note(self, channel: str, alerts: Sequence[Alert]) -> None:
        """Keep that this channel knows these alerts, and that all others are over for it."""
        now = {alert.key for alert in alerts}
        for key, entry in self._entries.items():
            if key not in now and entry["rule"] not in LASTING:
                entry["told"].pop(channel, None)
        for alert in alerts:
            lasting = self._told(alert.key, channel) if alert.rule in LASTING else []
            self._entries[alert.key]["told"][channel] = sorted({*lasting, *alert.parts})
        self.keep(alerts)

    def _told(self, key: str, channel: str) -> list[str]:
        told: list[str] = self._entries.get(key, {}).get("told", {}).get(channel, [])
        return told


@contextmanager
def opened(file: Path) -> Iterator[State]:
    """Yield the state; a second process waits, so that two at once do not tell twice.

    Raises: FatalError where the file is not what `note` wrote.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            entries: Entries = json.loads(file.read_text("utf-8")) if file.exists() else {}
            broken = not all(isinstance(entry["told"], dict) for entry in entries.values())
        except (ValueError, KeyError, TypeError, AttributeError):
            broken = True
        if broken:
            what, do = "not readable", "Delete it; all that holds is then told once more"
            raise FatalError(str(file), what, do)
        yield State(file, entries)
