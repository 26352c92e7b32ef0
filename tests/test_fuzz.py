"""Some hostile files and replies, always the same ones; `python -m tests.fuzz` has thousands."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fuzz.cases import KINDS, Bench

SEED = 1
CASES = {"exports": 25, "bodies": 50}
LABELS = [  # one of each way to page, and of JSON, CSV and jobs
    "ecb.rates", "facebook.posts", "greenhouse.jobs", "hubspot.deal_stages", "lever.stages",
    "linkedin.posts", "mastodon.accounts", "pipedrive.deals", "shopify.orders", "tiktok_ads.ads",
    "zendesk.tickets",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_hostile_is_read_counted_or_refused(tmp_path: Path, kind: str) -> None:
    with ExitStack() as stack:
        bench = Bench(kind, tmp_path, stack, LABELS)
        done = [bench.case(SEED, number) for number in range(CASES[kind])]
    assert [finding for _, findings in done for finding in findings] == []
    outcomes = Counter(outcome for outcome, _ in done)
    assert min(outcomes["loaded"], outcomes["not landed"]) > CASES[kind] / 8, outcomes
