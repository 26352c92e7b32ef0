"""What every script needs: where the sandbox is, its credentials, and rows printed as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
Rows: TypeAlias = "Mapping[str, Iterable[Mapping[str, Any]]]"


@dataclass(frozen=True)
class Given:
    """One platform of the running sandbox.

    Shape: `url` is its address, `first` and `last` the days that it has, both included.
    """

    url: str
    first: date
    last: date

    @property
    def start(self) -> datetime:
        """Return the first moment of the first day where the business is, in UTC."""
        return datetime.combine(self.first, time(), ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Return the first moment after the last day where the business is, in UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZONE).astimezone(UTC)

    @property
    def host(self) -> str:
        """Return host and port alone."""
        return self.url.split("/")[2]

    @property
    def name(self) -> str:
        """Return the platform's name."""
        return self.url.rstrip("/").rpartition("/")[2]

    def setting(self, name: str) -> str:
        """Return one line of the source in sources.yml, e.g. the account's number."""
        return str(json.loads(os.environ["SANDBOX_SETTINGS"])[name])

    def secret(self, field: str) -> str:
        """Return one credential that the sandbox accepts."""
        return os.environ[f"BEYOND_LIKES_{self.name}_{field}".upper()]


def main(read: Callable[[Given], Rows]) -> None:
    """Print what `read` returns: {stream: [row]}, rows by the names of our raw columns."""
    days = (date.fromisoformat(os.environ[f"SANDBOX_{name}"]) for name in ("FIRST", "LAST"))
    with contextlib.redirect_stdout(sys.stderr):  # what a client says is no row
        found = {name: list(rows) for name, rows in read(Given(sys.argv[1], *days)).items()}
    json.dump(found, sys.stdout, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a row")
