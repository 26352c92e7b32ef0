"""
### Every night: fetch all sources, load, build, publish

**What it does** — `plan` reads from the ledger which days each stream still needs. Every stream of
every source in `sources.yml` is then fetched to landing, all at once; `load` brings what arrived
into raw, `dbt_build` makes and tests the marts, `publish` swaps the read-only release. `verdict`
is red when any part is missing, so a green run means: all of it, fresh.

**When it fails** — read the last line of the red task's log: `where: what happened. What to do.`

- a stream is red: the marts are out, with this stream as of its last good night. Mend what the
  line says, then clear the task with its downstream tasks.
- `load` is red: readers keep yesterday's release. Clear `load`; what landed is kept, loaded once.
- `dbt_build` is red: readers keep yesterday's release. Mend the named model or data, clear it.
- `publish` is red: readers keep yesterday's release. Clear it (disk full? Free some first).
- only `verdict` is red: its line names what is missing, a rejected file for example.

Clearing is always safe: every try lands anew, and the ledger loads each attempt once.

**Another day, or a range** — trigger with `{"day": "2026-01-31"}` for one business day. A range:
`airflow backfill create --dag-id beyond_likes_nightly --from-date 2026-01-02
--to-date 2026-01-31T23:59` (the run of 03:00 covers the day before; a bare date means midnight
and drops that day's run). Backfills do not build: finish with one run and `{"build": true}`.

**Needs** — pool `duckdb` with one slot: DuckDB takes one writing process at a time. With
CeleryExecutor, one worker that serves the queue `duckdb` (docs/how-to/many-workers.md). Credentials
from the environment, `.env`, or an Airflow connection named like the source (its fields as JSON in
`extra`). `BEYOND_LIKES_CONFIG` names another sources.yml.

**Who is told** — that a run failed, or is not done four hours after its start, goes to the mail and
chat of `alerts:` in sources.yml (docs/how-to/alerts.md). `publish` starts the DAG of the alerts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, TaskGroup, TriggerRule, task
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException

from dags.shared import CONFIG, DEFAULTS, HOME, MARTS, alert, configured, late, secrets_of


def day_of(context: Any) -> str:
    """Return the run's business day: asked for, else its interval's, else yesterday."""
    if context["params"].get("day"):
        return str(context["params"]["day"])
    start = context.get("data_interval_start")  # absent when a run was triggered without a date
    moment = start or pendulum.instance(context["dag_run"].run_after).subtract(days=1)
    return str(pendulum.instance(moment).in_timezone(TIMEZONE).to_date_string())


TIMEZONE, LABELS = configured()

with DAG(
    "beyond_likes_nightly",
    # A plain cron text gives empty intervals in Airflow 3; a business day needs a real one.
    schedule=CronDataIntervalTimetable("0 3 * * *", timezone=TIMEZONE),
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=8),
    default_args=DEFAULTS,
    params={
        "day": Param(None, type=["null", "string"], format="date", description="Business day"),
        "build": Param(None, type=["null", "boolean"], description="Build (default: no backfill)"),
    },
    on_failure_callback=alert,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=4),
        callback=SyncCallback(late),
    ),
    tags=["impact:high"],
    doc_md=__doc__,
):

    @task(pool="duckdb", queue=HOME)
    def plan(**context: Any) -> dict[str, Any]:
        """What each stream needs; the only reader of the ledger before the load."""
        from extractors import run

        return run.plan(CONFIG, day_of(context))

    @task
    def extract(label: str, **context: Any) -> dict[str, Any]:
        """One stream, or all files of a file source, to landing."""
        from extractors import run

        item = context["ti"].xcom_pull(task_ids="plan")[label]
        secrets = secrets_of("beyond_likes", label.partition(".")[0])
        outcome = run.extract(CONFIG, label, item, secrets=secrets)
        if outcome["errors"]:  # the sound files have landed
            raise AirflowFailException(" ".join(outcome["errors"]))
        return outcome

    @task(pool="duckdb", queue=HOME, trigger_rule=TriggerRule.ALL_DONE)
    def load(**context: Any) -> list[dict[str, Any]]:
        """All that landed and no ledger row covers, this run's or older, to raw."""
        from extractors import run

        return run.load(CONFIG, day_of(context), secrets=secrets_of("beyond_likes"))

    @task.short_circuit(ignore_downstream_trigger_rules=False)  # else verdict is skipped as well
    def want_build(**context: Any) -> bool:
        """Thirty nights of a backfill need one build, not thirty."""
        asked = context["params"].get("build")
        return bool(context["dag_run"].run_type != "backfill" if asked is None else asked)

    @task(pool="duckdb", queue=HOME)
    def dbt_build(**context: Any) -> None:
        """Marts from raw, tested; a failure leaves the published release alone."""
        from extractors import run

        run.build(CONFIG, day_of(context))

    @task(pool="duckdb", queue=HOME, outlets=[MARTS])
    def publish() -> str:
        """The new release with its review page; its path is the proof of publishing."""
        from dashboard.page import of_release
        from extractors import run

        return run.publish(CONFIG, page=of_release)

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
    def verdict(labels: list[str], **context: Any) -> None:
        """Fail unless every stream arrived and loaded and the marts are out: the only leaf."""
        pull = context["ti"].xcom_pull
        loaded = pull(task_ids="load")
        if loaded is None:
            raise AirflowFailException("load: failed. Nothing was published; see its log.")
        if pull(task_ids="want_build") and not pull(task_ids="publish"):
            raise AirflowFailException("marts: not published. See the log of dbt_build or publish.")
        missing = [label for label in labels if not pull(task_ids=label)]
        errors = [error for one in loaded for error in one["errors"]]
        if missing or errors:
            what = "; ".join([*missing, *errors])
            raise AirflowFailException(f"published, but not refreshed: {what}")

    planned, loaded, checked = plan(), load(), verdict([x for own in LABELS.values() for x in own])
    for source, labels in LABELS.items():
        if labels == [source]:
            planned >> extract.override(task_id=source, queue=HOME)(source) >> loaded
            continue
        with TaskGroup(source):
            for label in labels:
                planned >> extract.override(task_id=label.partition(".")[2])(label) >> loaded
    loaded >> want_build() >> dbt_build() >> publish() >> checked
