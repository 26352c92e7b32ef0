"""
### Mondays at 07:00: the agenda of the week

**What it does** — mails and posts, by owner, what the published marts say: reviews that are due,
KPIs off target with their interval, what was decided last time and what came of it, sources that
are stale. To `alerts:` in sources.yml and, with `digest_to_owners: true`, to each owner what is
theirs. Without `alerts:` nothing is scheduled. How to set it up: docs/how-to/alerts.md.

**When it fails** — read the last line of the red task's log: `where: what happened. What to do.`
It is not tried again by itself, since some have their mail already; clear the task to send it anew
to all.

**Another day, or a range** — there is none: trigger it to send the agenda of the newest release.

**Needs** — the same secrets as the alerts, no pool: it never opens the warehouse.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, task

from dags.shared import CONFIG, HOME, alert, configured, secrets_of, wants_alerts

TIMEZONE, _ = configured()

with DAG(
    "beyond_likes_digest",
    # A trigger without a start date: switched on, it waits for Monday.
    schedule=CronTriggerTimetable("0 7 * * 1", timezone=TIMEZONE) if wants_alerts() else None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={"retries": 0, "execution_timeout": timedelta(minutes=15)},
    on_failure_callback=alert,
    tags=["impact:low"],
    doc_md=__doc__,
):

    @task(queue=HOME)
    def send() -> dict[str, Any]:
        """The digest of the newest release, to all."""
        from dashboard.german import NAMES
        from extractors import alerts, run

        secrets = secrets_of("beyond_likes")
        outcome = alerts.digest(run.project(CONFIG), secrets=secrets, german=NAMES)
        if outcome["errors"]:
            raise RuntimeError(" ".join(outcome["errors"]))
        return {"day": outcome["day"], "told": outcome["told"]}

    send()
