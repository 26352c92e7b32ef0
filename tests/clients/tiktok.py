"""TikTok accounts through python-tiktok, which knows the API for Business of accounts."""

from __future__ import annotations

from datetime import timedelta

from pytiktok import BusinessAccountApi

from tests.clients.script import Given, Rows, main

CLIENT = "python-tiktok"
STREAMS = ("profile_days", "videos")
FIGURES = ("video_views", "likes", "comments", "shares", "favorites", "reach", "website_clicks")


def read(given: Given) -> Rows:
    account = given.setting("account")
    client = BusinessAccountApi(
        app_id=given.secret("client_id"),
        app_secret=given.secret("client_secret"),
        base_url=f"{given.url}/open_api",
    )
    client.refresh_access_token(given.secret("refresh_token"))
    first = max(given.first, given.last - timedelta(days=59))
    profile = client.get_account_data(
        account, str(first), str(given.last), fields=["daily_total_followers"]
    )
    fields = ["item_id", "create_time", "media_type", "share_url", *FIGURES]
    videos, cursor = [], None
    while True:
        page = client.get_account_videos(account, fields=fields, cursor=cursor, max_count=20).data
        videos += page.videos
        if not page.has_more:
            break
        cursor = page.cursor
    return {
        "profile_days": [
            {
                "account_id": account,
                "metric_date": day.date,
                "followers": day.daily_total_followers,
            }
            for day in profile.data.metrics
        ],
        "videos": [
            {
                "video_id": video.item_id,
                "published_seconds": int(video.create_time),
                "media_type": video.media_type,
                "share_url": video.share_url,
                **{name: getattr(video, name) for name in FIGURES},
            }
            for video in videos
        ],
    }


if __name__ == "__main__":
    main(read)
