"""
### After each publish: tell people what changed

**What it does** — reads the published marts and mails and posts what the rules under `alerts:` in
sources.yml find: KPIs off target two months running, confirmed vanity gaps, stale sources, new
fields, rejected rows, a release that is late. Each is told once and again when it changes; what is
over is told once. What was told stands in `{home}/alerts.json`. Without `alerts:` nothing is
scheduled. Whom to tell, and how to try it out: docs/how-to/alerts.md.

**When it fails** — read the last line of the red task's log: `where: what happened. What to do.`
The release is out all the same. What a dead mail server or chat did not take is not marked as told:
the next night tells it, or clear the task. What one channel took is not sent to it again.

**Another day, or a range** — there is none: alerts are about the newest release.

**Needs** — no pool: it never opens the warehouse. `BEYOND_LIKES_SMTP_PASSWORD` and
`BEYOND_LIKES_ALERT_URL` (the chat's webhook) from the environment, `.env`, or the fields
`smtp_password` and `alert_url` in `extra` of the Airflow connection `beyond_likes`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, task

from dags.shared import CONFIG, DEFAULTS, HOME, MARTS, alert, configured, secrets_of, wants_alerts

TIMEZONE, _ = configured()

with DAG(
    "beyond_likes_alerts",
    schedule=[MARTS] if wants_alerts() else None,
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={**DEFAULTS, "execution_timeout": timedelta(minutes=15)},
    on_failure_callback=alert,
    tags=["impact:low"],
    doc_md=__doc__,
):

    @task(queue=HOME)
    def tell() -> dict[str, Any]:
        """Each channel what it does not know yet; a channel that fails is tried again."""
        from dashboard.german import NAMES
        from extractors import alerts, run

        own, day = run.project(CONFIG), run.business_day(CONFIG)
        secrets = secrets_of("beyond_likes")
        outcome = alerts.alert(own, day, secrets=secrets, german=NAMES)
        if outcome["errors"]:
            raise RuntimeError(" ".join(outcome["errors"]))
        return outcome

    tell()
