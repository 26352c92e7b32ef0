"""Mastodon through Mastodon.py."""

from __future__ import annotations

from mastodon import Mastodon

from tests.clients.script import Given, Rows, main

CLIENT = "Mastodon.py"
STREAMS = ("statuses", "accounts")


def read(given: Given) -> Rows:
    client = Mastodon(access_token=given.secret("access_token"), api_base_url=given.url)
    me = client.me()
    first = client.account_statuses(me, exclude_replies=True, exclude_reblogs=True, limit=40)
    return {
        "statuses": [
            {
                "status_id": status.id,
                "account_id": status.account.id,
                "published_at": status.created_at,
                "visibility": status.visibility,
                "url": status.url,
                "media_type": status.media_attachments[0].type
                if status.media_attachments
                else None,
                "favourites": status.favourites_count,
                "reblogs": status.reblogs_count,
                "replies": status.replies_count,
            }
            for status in client.fetch_remaining(first)
            if status.visibility != "direct"
        ],
        "accounts": [{"account_id": me.id, "followers": me.followers_count}],
    }


if __name__ == "__main__":
    main(read)
