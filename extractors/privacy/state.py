"""What of key, erased persons and ages all of landing meets, and what raw has not followed yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from extractors.core.keeping import write_private

FILE = "upkeep.json"


@dataclass
class State:
    """The memory of upkeep, in `{home}/upkeep.json`; without it landing was never rewritten.

    Shape: `met` is the key's id, the digest of the erased and the first day kept, by stream;
    `replay` names streams whose landing has changed and whose raw table has not; `day` is the
    newest business day that ages were counted from.
    """

    met: dict[str, Any] = field(default_factory=dict)
    replay: list[str] = field(default_factory=list)
    day: str = str(date.min)

    @classmethod
    def read(cls, home: Path) -> State:
        """Return the state of a home."""
        file = home / FILE
        return cls(**json.loads(file.read_text("utf-8"))) if file.exists() else cls()

    def save(self, home: Path) -> None:
        """Write it, whole or not at all."""
        write_private(home / FILE, json.dumps(asdict(self), indent=1), replace=True)

    def mark(self, home: Path, label: str) -> None:
        """Note on disk that a stream's landing is about to change."""
        if label not in self.replay:
            self.replay.append(label)
            self.save(home)

    def first_days(self) -> Mapping[str, str]:
        """Return the first day that is kept, by stream, as of the last upkeep."""
        found: Mapping[str, str] = self.met.get("first_days", {})
        return found
