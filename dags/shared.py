"""What the DAGs share: settings, credentials from Airflow connections, retries, the alert."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowNotFoundException

CONFIG = os.environ.get("BEYOND_LIKES_CONFIG") or str(Path(__file__).parents[1] / "sources.yml")
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


def alert(context: Any) -> None:
    """Tell the log that a run is red, and the webhook in BEYOND_LIKES_ALERT_URL if set."""
    run = context["dag_run"]
    text = f"{run.dag_id} {run.run_id}: failed. Open the run; its red tasks say what to do."
    logging.getLogger(__name__).error(text)
    if (url := os.environ.get("BEYOND_LIKES_ALERT_URL")) and run.run_type != "backfill":
        import requests

        requests.post(url, json={"text": text}, timeout=20).raise_for_status()
