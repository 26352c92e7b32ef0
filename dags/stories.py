"""
### At 09:00, 15:00 and 21:00: fetch what is gone before the next night

**What it does** — fetches every stream whose platform shows things for some hours only (Instagram
stories: 24) to landing, nothing else. The nightly run at 03:00 fetches them as well, the fourth
reading of the day, and loads all of them: of the readings of one day the last one counts. Where no
source in `sources.yml` has such a stream, nothing is scheduled.

**When it fails** — read the last line of the red task's log: `where: what happened. What to do.`
Mend what it says and clear the task, or leave it: what is shown longer than six hours more is in
the next reading. Gone is only what ended in between, and what it counted since the last reading.

**Another day, or a range** — there is none: a platform that shows things for hours has no past.

**Needs** — credentials and settings like the nightly run, no pool: it never opens the warehouse.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, task

from dags.shared import CONFIG, DEFAULTS, alert, configured, secrets_of

TIMEZONE, _ = configured()


def due() -> list[str]:
    """Return the streams that cannot wait for the night."""
    from extractors.run import short_lived

    return short_lived(CONFIG)


LABELS = due()

with DAG(
    "beyond_likes_stories",
    schedule=CronDataIntervalTimetable("0 9,15,21 * * *", timezone=TIMEZONE) if LABELS else None,
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=5),
    default_args=DEFAULTS,
    on_failure_callback=alert,
    tags=["impact:low"],
    doc_md=__doc__,
):

    @task
    def extract(label: str) -> dict[str, Any]:
        """One stream to landing; the night loads it."""
        from extractors import run

        day = str(run.business_day(CONFIG))
        secrets = secrets_of("beyond_likes", label.partition(".")[0])
        item = {"first": day, "last": day, "cursor": None}
        return run.extract(CONFIG, label, item, secrets=secrets)

    for label in LABELS:
        extract.override(task_id=label)(label)
