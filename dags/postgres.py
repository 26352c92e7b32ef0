"""
### After each publish: copy the marts to PostgreSQL

**What it does** — copies the tables of the published release into the PostgreSQL of
`BEYOND_LIKES_POSTGRES_URL`, in one transaction: readers see the last night until the new one is
whole. Without that variable nothing is scheduled. How to set it up:
docs/how-to/bi-power-bi-tableau.md.

**When it fails** — read the last line of the red task's log: `where: what happened. What to do.`
Readers keep the last night. The release itself is out. Mend what the line says, clear the task.

**Another day, or a range** — there is none: it copies the newest release.

**Needs** — no pool: it never opens the warehouse. The variable in the environment or in `.env`
beside sources.yml.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, task

from dags.shared import CONFIG, DEFAULTS, HOME, MARTS, alert, configured, wants_postgres

TIMEZONE, _ = configured()

with DAG(
    "beyond_likes_postgres",
    schedule=[MARTS] if wants_postgres() else None,
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=DEFAULTS,
    on_failure_callback=alert,
    tags=["impact:medium"],
    doc_md=__doc__,
):

    @task(queue=HOME)
    def copy() -> dict[str, Any]:
        """All tables of one night, or none."""
        from extractors import postgres, run

        return postgres.publish(run.project(CONFIG))

    copy()
