"""Intercom through its own client; its pager repeats the first page, so we hand it the cursors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from intercom import Intercom
from intercom.types import SingleFilterSearchRequest, StartingAfterPaging

from tests.clients.script import Given, Rows, main

CLIENT = "python-intercom"
STREAMS = ("conversations",)


def read(given: Given) -> Rows:
    client = Intercom(token=given.secret("access_token"), base_url=given.url)
    addresses = {contact.id: contact.email for contact in client.contacts.list(per_page=150)}
    return {
        "conversations": [
            {
                "conversation_id": one.id,
                "source_type": one.source.type,
                "delivered_as": one.source.delivered_as,
                "person": addresses[one.contacts.contacts[0].id],
                "state": one.state,
                "topic": next((tag.name for tag in one.tags.tags), None),
                "rating": one.conversation_rating.rating if one.conversation_rating else None,
                "contact_replied_seconds": one.statistics.first_contact_reply_at,
                "admin_replied_seconds": one.statistics.first_admin_reply_at,
                "closed_seconds": one.statistics.last_close_at,
                "created_seconds": one.created_at,
                "updated_seconds": one.updated_at,
            }
            for one in _conversations(client, given)
        ]
    }


def _conversations(client: Intercom, given: Given) -> Iterator[Any]:
    start = int(given.start.timestamp())
    query = SingleFilterSearchRequest(field="updated_at", operator=">", value=start)
    after = None
    while True:
        paging = StartingAfterPaging(per_page=50, starting_after=after)
        found = client.conversations.search(query=query, pagination=paging).response
        yield from found.conversations
        if found.pages.next is None:
            return
        after = found.pages.next.starting_after


if __name__ == "__main__":
    main(read)
