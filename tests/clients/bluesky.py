"""Bluesky through atproto, the community SDK that its documentation names."""

from __future__ import annotations

from atproto import Client

from tests.clients.script import Given, Rows, main

CLIENT = "atproto"
STREAMS = ("posts", "profiles")


def read(given: Given) -> Rows:
    handle = given.setting("handle")
    client = Client(base_url=f"{given.url}/xrpc")
    client.login(handle, given.secret("app_password"))
    posts, cursor = [], None
    while True:
        page = client.get_author_feed(
            handle, cursor=cursor, filter="posts_and_author_threads", limit=100
        )
        posts += [item.post for item in page.feed if item.reason is None]
        cursor = page.cursor
        if not cursor:
            break
    profile = client.get_profile(handle)
    return {
        "posts": [
            {
                "post_id": post.uri,
                "account_id": post.author.did,
                "created_at": post.record.created_at,
                "indexed_at": post.indexed_at,
                "embed_type": post.embed.py_type if post.embed else None,
                "likes": post.like_count,
                "replies": post.reply_count,
                "reposts": post.repost_count,
                "quotes": post.quote_count,
                "bookmarks": post.bookmark_count,
            }
            for post in posts
        ],
        "profiles": [{"account_id": profile.did, "followers": profile.followers_count}],
    }


if __name__ == "__main__":
    main(read)
