"""The DAGs: shapes, runbooks, and what the night does when a source or the build is down."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from extractors.core.errors import FatalError
from scripts import local_airflow

ROOT = Path(__file__).parents[1]
FILE = ROOT / "dags" / "nightly.py"
STORIES = ROOT / "dags" / "stories.py"
ALERTS = ROOT / "dags" / "alerts.py"
DIGEST = ROOT / "dags" / "digest.py"
POSTGRES = ROOT / "dags" / "postgres.py"
LABELS = {"shop": ["shop.orders", "shop.refunds"], "file_drop": ["file_drop"]}
BETWEEN = {"first": "2026-11-19", "last": "2026-11-19", "cursor": None}
DEAD = FatalError("shop.orders", "token refused (401)", 'Renew the key in connection "shop"')


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Airflow with a home of its own; the environment is set before its first import."""
    home = tmp_path_factory.mktemp("airflow")
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(FILE.parent),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
    assert not any(name.startswith("airflow.") for name in sys.modules), "imported too early"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        from airflow.utils.db import initdb

        initdb()
        yield home


class Night(ModuleType):
    """Stands in for extractors.run: notes every call and fails where the test says."""

    def __init__(self) -> None:
        super().__init__("extractors.run")
        self.calls: list[tuple[Any, ...]] = []
        self.failing: dict[str, Exception] = {}
        self.load_errors: list[str] = []
        self.short: list[str] = ["shop.orders"]
        self.alerts: str | None = "a section"
        self.env: dict[str, str] = {}

    def project(self, _file: str) -> Any:
        config = SimpleNamespace(timezone="Europe/Berlin", alerts=self.alerts)
        return SimpleNamespace(config=config, env=self.env)

    def source_labels(self, _file: str) -> dict[str, list[str]]:
        return LABELS

    def short_lived(self, _file: str) -> list[str]:
        return self.short

    def business_day(self, _file: str) -> date:
        return date(2026, 11, 19)

    def _step(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        for key in (name, *arguments[:1]):
            if key in self.failing:
                raise self.failing[key]

    def plan(self, _file: str, day: str) -> dict[str, Any]:
        self._step("plan", day)
        return {label: {"for": label} for own in LABELS.values() for label in own}

    def extract(self, _file: str, label: str, item: Any, *, secrets: Any) -> dict[str, Any]:
        self._step("extract", label)
        assert item in ({"for": label}, BETWEEN)
        self.calls.append(("secrets", label, secrets))
        return {"label": label, "rows": 1, "attempts": 1, "errors": []}

    def load(self, _file: str, day: str, *, secrets: Any) -> list[dict[str, Any]]:
        self._step("load", day)
        self.calls.append(("secrets", "load", secrets))
        return [{"label": "file_drop.posts", "rows": 1, "rejected": 0, "errors": self.load_errors}]

    def build(self, _file: str, day: str) -> None:
        self._step("build", day)

    def publish(self, _file: str, *, page: object) -> str:
        self._step("publish")
        return "published"


class Told(ModuleType):
    """Stands in for extractors.alerts: notes what people would be told."""

    def __init__(self) -> None:
        super().__init__("extractors.alerts")
        self.calls: list[tuple[Any, ...]] = []
        self.errors: list[str] = []

    def alert(self, own: Any, expected: date, *, secrets: Any, german: Any) -> dict[str, Any]:
        assert german["hires"] == "Einstellungen"
        self.calls.append(("alert", own.config.alerts, expected, secrets))
        return {"day": "2026-11-19", "holding": [], "told": {"mail": 1}, "errors": self.errors}

    def digest(self, _own: Any, *, secrets: Any, german: Any) -> dict[str, Any]:
        assert german["hires"] == "Einstellungen"
        self.calls.append(("digest", secrets))
        return {"day": "2026-11-19", "text": "", "told": {"mail": 1}, "errors": self.errors}

    def notice(self, _own: Any, text: str, *, secrets: Any) -> list[str]:
        assert secrets == {}
        self.calls.append(("notice", text))
        return self.errors


def stand_in_for(name: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import extractors

    monkeypatch.setitem(sys.modules, f"extractors.{name}", module)
    monkeypatch.setattr(extractors, name, module, raising=False)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    stand_in = Told()
    stand_in_for("alerts", stand_in, monkeypatch)
    return stand_in


@pytest.fixture
def night(told: Told, monkeypatch: pytest.MonkeyPatch) -> Night:
    stand_in = Night()
    stand_in_for("run", stand_in, monkeypatch)
    return stand_in


def parsed(file: Path = FILE) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(file))
    assert bag.import_errors == {}
    assert list(bag.dags) == [f"beyond_likes_{file.stem}"]
    return bag.dags[f"beyond_likes_{file.stem}"]


@pytest.fixture
def tonight(airflow: Path, night: Night) -> Callable[..., tuple[str, dict[str, str]]]:
    """Run the DAG for one day and return the run's state and each task's."""

    def go(**conf: Any) -> tuple[str, dict[str, str]]:
        dag = parsed()
        dag.deadline = None  # as scripts/local_airflow.py does: dag.test cannot have one
        run = dag.test(run_conf={"day": "2026-11-20", **conf})
        tasks = {task.task_id: str(task.state) for task in run.get_task_instances()}
        return str(run.state), tasks

    return go


def test_shape_pool_and_limits(airflow: Path, night: Night) -> None:
    dag = parsed()
    assert set(dag.task_ids) == {
        *("plan", "shop.orders", "shop.refunds", "file_drop"),
        *("load", "want_build", "dbt_build", "publish", "verdict"),
    }
    pooled = {task.task_id for task in dag.tasks if task.pool == "duckdb"}
    assert pooled == {"plan", "load", "dbt_build", "publish"}
    assert dag.get_task("shop.orders").upstream_task_ids == {"plan"}
    assert dag.get_task("load").upstream_task_ids == {"shop.orders", "shop.refunds", "file_drop"}
    assert [task.task_id for task in dag.leaves] == ["verdict"]
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert all(task.execution_timeout for task in dag.tasks)


def test_what_needs_the_home_of_one_host_goes_to_its_queue(airflow: Path, night: Night) -> None:
    """The rest may run anywhere: extraction over HTTP, and what touches no file."""
    queues = {
        f"{file.stem}.{task.task_id}": task.queue
        for file in (FILE, STORIES, ALERTS, DIGEST, POSTGRES)
        for task in parsed(file).tasks
    }
    anywhere = {name for name, queue in queues.items() if queue == "default"}
    assert anywhere == {
        *("nightly.shop.orders", "nightly.shop.refunds", "stories.shop.orders"),
        *("nightly.want_build", "nightly.verdict"),
    }
    assert {queues[name] for name in set(queues) - anywhere} == {"duckdb"}


def test_runbook_tag_and_business_time_zone(airflow: Path, night: Night) -> None:
    dag = parsed()
    assert "When it fails" in dag.doc_md
    assert all(f"`{part}`" in dag.doc_md for part in ("load", "dbt_build", "publish", "verdict"))
    assert "impact:high" in dag.tags
    assert type(dag.timetable).__name__ == "CronDataIntervalTimetable"
    assert str(dag.timezone) == "Europe/Berlin"


def test_broken_settings_become_an_import_error_that_says_what_to_do(
    airflow: Path, night: Night
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    def refuse(_file: str) -> Any:
        raise FatalError("sources.yml", "not readable as YAML", "Mend that line")

    night.project = refuse  # type: ignore[method-assign]
    bag = DagBag(str(FILE))
    assert bag.dags == {}
    assert "sources.yml: not readable as YAML. Mend that line." in str(bag.import_errors)


def test_a_dead_source_still_publishes_and_the_run_is_red(
    tonight: Callable[..., tuple[str, dict[str, str]]], night: Night
) -> None:
    night.failing["shop.orders"] = DEAD
    state, tasks = tonight()
    assert state == "failed"
    assert tasks["shop.orders"] == tasks["verdict"] == "failed"
    assert tasks["shop.refunds"] == tasks["load"] == tasks["publish"] == "success"
    assert night.calls.count(("extract", "shop.orders")) == 1, "a fatal error is not retried"
    steps = [name for name, *_ in night.calls if name not in ("extract", "secrets")]
    assert steps == ["plan", "load", "build", "publish"]
    assert ("plan", "2026-11-20") in night.calls
    assert ("build", "2026-11-20") in night.calls


def test_a_failed_build_is_red_and_publishes_nothing(
    tonight: Callable[..., tuple[str, dict[str, str]]], night: Night
) -> None:
    night.failing["build"] = FatalError("dbt build", "1 failed", "Mend the model")
    state, tasks = tonight()
    assert state == "failed"
    assert tasks["load"] == "success"
    assert tasks["dbt_build"] == tasks["verdict"] == "failed"
    assert ("publish",) not in night.calls


def test_without_build_a_run_loads_and_is_green(
    tonight: Callable[..., tuple[str, dict[str, str]]],
    night: Night,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(
        os.environ, "AIRFLOW_CONN_SHOP", '{"conn_type": "http", "extra": {"token": "t0"}}'
    )
    state, tasks = tonight(build=False)
    assert state == "success"
    assert tasks["publish"] == "skipped"
    assert [name for name, *_ in night.calls if name == "build"] == []
    assert ("secrets", "shop.orders", {"BEYOND_LIKES_SHOP_TOKEN": "t0"}) in night.calls


def test_a_rejected_file_is_published_without_and_red(
    tonight: Callable[..., tuple[str, dict[str, str]]], night: Night
) -> None:
    night.load_errors = ["posts.csv: 9 of 10 rows rejected. Correct the file."]
    state, tasks = tonight()
    assert state == "failed"
    assert tasks["publish"] == "success"
    assert tasks["verdict"] == "failed"


def test_between_the_nights_only_what_would_be_gone_is_fetched(
    airflow: Path, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        os.environ, "AIRFLOW_CONN_SHOP", '{"conn_type": "http", "extra": {"token": "t0"}}'
    )
    dag = parsed(STORIES)
    assert "When it fails" in dag.doc_md
    assert [task.pool for task in dag.tasks] == ["default_pool"], "the warehouse stays closed"
    assert str(dag.timezone) == "Europe/Berlin"
    assert not dag.catchup

    run = dag.test()

    assert str(run.state) == "success"
    assert [call[:2] for call in night.calls] == [
        ("extract", "shop.orders"),
        ("secrets", "shop.orders"),
    ]
    assert night.calls[-1][2] == {"BEYOND_LIKES_SHOP_TOKEN": "t0"}


def test_a_stream_that_fails_between_the_nights_is_red_and_not_retried(
    airflow: Path, night: Night
) -> None:
    night.failing["shop.orders"] = DEAD
    assert str(parsed(STORIES).test().state) == "failed"
    assert night.calls.count(("extract", "shop.orders")) == 1


def test_where_nothing_is_gone_in_hours_nothing_is_scheduled(airflow: Path, night: Night) -> None:
    night.short = []
    dag = parsed(STORIES)
    assert dag.tasks == []
    assert type(dag.timetable).__name__ == "NullTimetable"


def test_the_publish_starts_the_alerts(airflow: Path, night: Night) -> None:
    (made,) = parsed().get_task("publish").outlets
    dag = parsed(ALERTS)
    assert made.name == "beyond_likes_published"
    assert [asset.name for asset in dag.timetable.asset_condition.objects] == [made.name]
    assert "When it fails" in dag.doc_md
    assert [task.pool for task in dag.tasks] == ["default_pool"], "the warehouse stays closed"


def test_the_alerts_get_the_secrets_of_the_connection(
    airflow: Path, night: Night, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = '{"conn_type": "http", "extra": {"smtp_password": "p0", "alert_url": "u0"}}'
    monkeypatch.setitem(os.environ, "AIRFLOW_CONN_BEYOND_LIKES", connection)
    assert str(parsed(ALERTS).test().state) == "success"
    secrets = {"BEYOND_LIKES_SMTP_PASSWORD": "p0", "BEYOND_LIKES_ALERT_URL": "u0"}
    assert told.calls == [("alert", "a section", date(2026, 11, 19), secrets)]
    assert str(parsed(DIGEST).test().state) == "success"
    assert told.calls[-1] == ("digest", secrets)


def test_a_dead_mail_server_makes_the_digest_red_and_it_is_not_tried_again(
    airflow: Path, night: Night, told: Told
) -> None:
    told.errors = ["alerts.mail (mx:25): not reached (refused). Look at host:."]
    dag = parsed(DIGEST)
    assert type(dag.timetable).__name__ == "CronTriggerTimetable"
    assert dag.start_date is None, "else last Monday's runs when it is switched on"
    assert str(dag.test().state) == "failed"
    assert [call[0] for call in told.calls].count("digest") == 1


def test_without_a_section_alerts_nobody_is_told_on_schedule(airflow: Path, night: Night) -> None:
    night.alerts = None
    assert type(parsed(ALERTS).timetable).__name__ == "NullTimetable"
    assert type(parsed(DIGEST).timetable).__name__ == "NullTimetable"


def test_the_publish_starts_the_copy_where_a_database_is_named(
    airflow: Path, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type(parsed(POSTGRES).timetable).__name__ == "NullTimetable"
    night.env = {"BEYOND_LIKES_POSTGRES_URL": "postgresql://u:p@127.0.0.1:1/d"}
    copies = []

    def publish(own: Any) -> dict[str, Any]:
        copies.append(own.env)
        return {"tables": 2}

    stand_in = ModuleType("extractors.postgres")
    stand_in.__dict__["publish"] = publish
    stand_in_for("postgres", stand_in, monkeypatch)
    dag = parsed(POSTGRES)
    names = [asset.name for asset in dag.timetable.asset_condition.objects]
    assert names == ["beyond_likes_published"]
    assert "When it fails" in dag.doc_md
    assert [task.pool for task in dag.tasks] == ["default_pool"], "the warehouse stays closed"
    assert str(dag.test().state) == "success"
    assert copies == [night.env]


def test_a_failed_and_a_late_run_are_told_by_airflows_own_means(
    airflow: Path, night: Night, told: Told
) -> None:
    from dags.shared import alert, late

    dag = parsed()
    assert dag.on_failure_callback is alert or dag.has_on_failure_callback
    (deadline,) = dag.deadline
    assert deadline.interval == timedelta(hours=4)
    assert deadline.callback.path == "dags.shared.late"

    red = SimpleNamespace(dag_id="beyond_likes_nightly", run_id="r1", run_type="scheduled")
    alert({"dag_run": red})
    late({"dag_run": {"dag_id": "beyond_likes_nightly", "run_id": "scheduled__2026"}})
    late({"dag_run": {"dag_id": "beyond_likes_nightly", "run_id": "backfill__2026"}})
    assert [text for _, text in told.calls] == [
        "beyond_likes_nightly r1: failed. Open it; its red tasks say why.",
        "beyond_likes_nightly scheduled__2026: late. Open it; what is still running keeps it.",
    ]


def test_instagram_stories_are_due_between_the_nights(tmp_path: Path) -> None:
    from extractors import run

    file = tmp_path / "sources.yml"
    file.write_text("sources: {instagram: {account: 7}, mastodon: {handle: acme}}\n")
    assert run.short_lived(file) == ["instagram.stories"]
    file.write_text("sources: {mastodon: {handle: acme}}\n")
    assert run.short_lived(file) == []


OPEN = {  # what needs no password: it logs in, or says no more than that it is there
    "/auth/login/{rest:path}", "/auth/token/login", "/auth/token", "/auth/token/cli",
    "/api/v2/monitor/health", "/api/v2/version", "/api/v2/auth/login", "/api/v2/auth/logout",
    "/api/v1/{_:path}", "/api/{_:path}", "/health", "/{rest_of_path:path}", "/docs",
    "/docs/oauth2-redirect", "/redoc", "/openapi.json",
}  # fmt: skip


STOPPED = """
import os, signal, subprocess, time
from scripts import local_airflow as local
local._take_over()
command = ["sh", "-c", "sleep 300 & echo $!; wait"]
killed = subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0)
left = int(killed.stdout.readline())
os.kill(killed.pid, signal.SIGKILL)
killed.wait()
again = subprocess.Popen(["sleep", "300"], process_group=0)
assert local._left_behind({"scheduler": again}) == [left]
local._stop({"scheduler": again})
print([os.path.exists(f"/proc/{pid}") for pid in (left, again.pid)])
"""


def test_make_up_ends_what_a_killed_scheduler_left_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[False, False]\n", done.stderr


def test_the_interface_of_make_up_asks_for_a_password(
    airflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every route of Airflow's own interface and API is asked without one."""
    (tmp_path / "sources.yml").write_text("sources: {}\n")
    given = local_airflow.settings(tmp_path / "sources.yml", 8080)
    assert given["AIRFLOW__API__HOST"] == "127.0.0.1"
    for name, value in given.items():
        if name.startswith(("AIRFLOW__API__", "AIRFLOW__CORE__SIMPLE_AUTH")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "only-for-tests-" * 5)
    from airflow.api_fastapi.app import create_app
    from starlette.testclient import TestClient

    app = create_app(apps="core")
    answers: dict[tuple[str, str], int] = {}
    with TestClient(app, raise_server_exceptions=False) as client:
        for route in app.routes:
            shape = getattr(route, "path", "")
            for method in getattr(route, "methods", None) or ():
                path = re.sub(r"\{[^}]*\}", "1", shape)
                reply = client.request(method, path, follow_redirects=False)
                answers[method, shape] = reply.status_code
        passwords = json.loads((tmp_path / "data/secrets/airflow.json").read_text())
        wrong, right = (
            client.post("/auth/token", json={"username": "admin", "password": password})
            for password in ("admin", passwords["admin"])
        )
        token = {"Authorization": f"Bearer {right.json()['access_token']}"}
        assert client.get("/api/v2/dags", headers=token).status_code == 200
    assert wrong.status_code == 401
    assert len(answers) > 150
    told = {asked: code for asked, code in answers.items() if code not in (401, 403)}
    assert {path for _, path in told} <= OPEN, told
    assert stat.S_IMODE((tmp_path / "data/secrets").stat().st_mode) == 0o700
