"""What the DAGs share: settings, credentials, retries, the asset, what is told of runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, Connection
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowNotFoundException

CONFIG = os.environ.get("BEYOND_LIKES_CONFIG") or str(Path(__file__).parents[1] / "sources.yml")
MARTS = Asset("beyond_likes_published")  # what `publish` makes; alerts and the copy wait for it
# The queue of what needs `home` (warehouse, releases, files), which is one host's. Extraction over
# HTTP goes to any worker of CeleryExecutor; LocalExecutor knows no queues.
HOME = "duckdb"
FATAL = RetryRule("extractors.core.errors.FatalError", RetryAction.FAIL, reason="retry is useless")

DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
    "retry_policy": ExceptionRetryPolicy(rules=[FATAL]),
    "execution_timeout": timedelta(hours=2),
}


def configured() -> tuple[str, dict[str, list[str]]]:
    """Return time zone and streams of sources.yml; its mistakes become the DAG's import error."""
    from extractors.run import project, source_labels

    return project(CONFIG).config.timezone, source_labels(CONFIG)


def secrets_of(*connections: str) -> dict[str, str]:
    """Return the fields that Airflow connections of these names keep, as environment variables."""
    found: dict[str, str] = {}
    for name in connections:
        try:
            extra = Connection.get(name).extra_dejson
        except AirflowNotFoundException:
            continue
        prefix = "BEYOND_LIKES" if name == "beyond_likes" else f"BEYOND_LIKES_{name}"
        found.update({f"{prefix}_{field}".upper(): str(value) for field, value in extra.items()})
    return found


def wants_alerts() -> bool:
    """Return whether sources.yml has a section `alerts:`; without one nothing is scheduled."""
    from extractors.run import project

    return project(CONFIG).config.alerts is not None


def wants_postgres() -> bool:
    """Return whether the environment or .env names a PostgreSQL; else nothing is scheduled."""
    from extractors.run import project

    return bool(project(CONFIG).env.get("BEYOND_LIKES_POSTGRES_URL"))


def alert(context: Any) -> None:
    """Tell the log, mail and chat that a run is red: by on_failure_callback of a DAG."""
    run = context["dag_run"]
    _notice(run.run_type, f"{run.dag_id} {run.run_id}: failed. Open it; its red tasks say why.")


def late(context: Mapping[str, Any] | None = None, **_kwargs: Any) -> None:
    """Tell the same people that a run is not done in time: by the deadline of a DAG.

    The scheduler hands over the run as a dictionary, and runs this in a process of its own.
    """
    run = (context or {}).get("dag_run") or {}
    name = f"{run.get('dag_id', 'a run')} {run.get('run_id') or run.get('dag_run_id', '')}".strip()
    kind = str(run.get("run_type") or name.partition(" ")[2].partition("__")[0])
    _notice(kind, f"{name}: late. Open it; what is still running keeps it.")


def _notice(run_type: str, text: str) -> None:
    logging.getLogger(__name__).error(text)
    if run_type == "backfill":  # one line for each of thirty nights helps nobody
        return
    from extractors import alerts, run

    secrets = secrets_of("beyond_likes")
    for error in alerts.notice(run.project(CONFIG), text, secrets=secrets):
        logging.getLogger(__name__).error(error)
