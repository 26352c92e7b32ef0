"""Instagram through Airbyte's connector, which finds the account by itself.

Of albums it asks for no likes and comments, so these are compared by Meta's SDK alone.
"""

from __future__ import annotations

from typing import Any

from tests.clients.script import Given, Rows
from tests.connectors.run import Found

CLIENT = "airbyte-source-instagram"
LOCK = "requirements-airbyte.lock"
SOURCE = "instagram"
STREAMS = ("media", "accounts")
HOSTS = ("graph.facebook.com",)
COMMAND = "source-instagram"
THEIRS = ("users", "media", "media_insights")


def config(given: Given) -> dict[str, Any]:
    token = given.secret("access_token")
    return {"start_date": f"{given.first}T00:00:00Z", "access_token": token}


def rows(found: Found) -> Rows:
    insights = {one["id"]: one for one in found["media_insights"]}
    return {
        "media": [
            {
                "media_id": one["id"],
                "published_at": one["timestamp"],
                "media_type": one["media_type"],
                "product_type": one["media_product_type"],
                "permalink": one["permalink"],
                **{name: insights[one["id"]][name] for name in ("reach", "shares", "saved")},
            }
            for one in found["media"]
        ],
        "accounts": [
            {"account_id": one["id"], "followers": one["followers_count"]} for one in found["users"]
        ],
    }
