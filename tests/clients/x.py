"""X through tweepy."""

from __future__ import annotations

import tweepy

from tests.clients.script import Given, Rows, main

CLIENT = "tweepy"
STREAMS = ("posts", "accounts")
HOSTS = ("api.twitter.com",)
PUBLIC = {
    "impressions": "impression_count",
    "likes": "like_count",
    "replies": "reply_count",
    "reposts": "retweet_count",
    "quotes": "quote_count",
    "bookmarks": "bookmark_count",
}


def read(given: Given) -> Rows:
    client = tweepy.Client(bearer_token=given.secret("access_token"))
    me = client.get_me(user_auth=False, user_fields=["public_metrics"]).data
    pages = tweepy.Paginator(
        client.get_users_tweets,
        me.id,
        exclude=["retweets", "replies"],
        max_results=100,
        tweet_fields=["attachments", "author_id", "created_at", "public_metrics"],
        expansions=["attachments.media_keys"],
        media_fields=["type", "public_metrics"],
    )
    rows: list[tuple[tweepy.Tweet, tweepy.Tweet]] = []
    media: dict[str, tweepy.Media] = {}
    for page in pages:
        media |= {one.media_key: one for one in page.includes.get("media", [])}
        ids = [post.id for post in page.data]
        fields = ["non_public_metrics", "organic_metrics"]
        private = {post.id: post for post in client.get_tweets(ids, tweet_fields=fields).data}
        rows += [(post, private[post.id]) for post in page.data]
    return {
        "posts": [_post(*row, media) for row in rows],
        "accounts": [{"account_id": me.id, "followers": me.public_metrics["followers_count"]}],
    }


def _post(
    post: tweepy.Tweet, private: tweepy.Tweet, media: dict[str, tweepy.Media]
) -> dict[str, object]:
    own = [media[key] for key in (post.attachments or {}).get("media_keys", [])]
    hidden, organic = private.non_public_metrics or {}, private.organic_metrics or {}
    views = [one.public_metrics["view_count"] for one in own if one.public_metrics]
    return {
        "post_id": post.id,
        "account_id": post.author_id,
        "published_at": post.created_at,
        "media_type": own[0].type if own else None,
        **{ours: post.public_metrics[theirs] for ours, theirs in PUBLIC.items()},
        "video_views": sum(views) if views else None,
        "link_clicks": hidden.get("url_link_clicks"),
        "organic_impressions": organic.get("impression_count"),
        "organic_link_clicks": organic.get("url_link_clicks"),
    }


if __name__ == "__main__":
    main(read)
