"""The benchmark's records: one file a page, the same bytes for every contender."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import orjson

PAGE_ROWS = 1_000
KINDS = ("image", "video", "text", "document", "poll")
WORDS = ("We", "are", "hiring", "people", "who", "like", "to", "build", "things", "that", "last")


def record(number: int, chance: random.Random) -> dict[str, Any]:
    """Return one post and day as a platform tells it: 22 flat fields, about 525 bytes."""
    day = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return {
        "post_id": f"urn:li:share:{7_000_000_000_000_000_000 + number}",
        "account_id": f"urn:li:organization:{number % 7}",
        "published_at": f"{day}T{number % 24:02d}:05:00Z",
        "day": day,
        "kind": chance.choice(KINDS),
        "text": " ".join(chance.choices(WORDS, k=14)),
        "url": f"https://example.org/jobs/{number}?utm_campaign=c{number % 9}",
        "campaign": f"c{number % 9}",
        "impressions": chance.randrange(100_000),
        "reach": chance.randrange(90_000),
        "likes": chance.randrange(900),
        "comments": chance.randrange(90),
        "shares": chance.randrange(50),
        "saves": None,
        "clicks": chance.randrange(500),
        "video_views": chance.randrange(5_000),
        "spend": round(chance.random() * 100, 2),
        "currency": "EUR",
        "is_paid": number % 3 == 0,
        "click_rate": chance.random(),
        "lifecycle_state": "PUBLISHED",
        "etag": f"{chance.getrandbits(64):016x}",
    }


def write_pages(folder: Path, rows: int) -> None:
    """Write page-00000.json and so on, each a JSON list, unless they are there."""
    done = folder / "complete"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(20260301)
    for page, first in enumerate(range(0, rows, PAGE_ROWS)):
        records = [record(n, chance) for n in range(first, min(first + PAGE_ROWS, rows))]
        (folder / f"page-{page:05d}.json").write_bytes(orjson.dumps(records))
    done.touch()
