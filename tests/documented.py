"""Every command that the README and the docs show, and where the tests run it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = [page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "decisions"]
PAGES = [ROOT / "README.md", ROOT / "sandbox" / "README.md", *sorted(DOCS)]
PROGRAM = re.compile(r"(?:beyond-likes|make|docker|dbt|mf|superset|python|pip) \S")
BEFORE = re.compile(r"^(?:\$ |[\d* ]+  cd \S+ && |[A-Z_]+=\S+ |(?:\.\./|\./)?\.venv/bin/)+")
AFTER = re.compile(r"\s+#.*$")
INLINE = re.compile(r"`([^`\n]+)`")
ERROR = re.compile(r"[\w ]+: ")  # of a program, as it says it

HOW_TO = "test_docs_commands.py::test_the_own_export_how_to_leads_to_a_kpi"
DIGEST = "test_alerts_how_to.py::test_the_digest_goes_to_the_team_and_to_each_owner"
POSTGRES = "test_postgres.py::test_readers_see_one_night_or_the_next"
HANDED = "test_spark.py::test_the_command_prints_the_arguments_of_the_build"
METRICFLOW = "test_kpis.py::test_metricflow_gives_the_same_figures"
REPLAY = "test_golden.py::test_raw_of_the_first_version_is_rebuilt_from_its_landing"
ELSEWHERE = {
    "beyond-likes --install-completion": "test_docs_commands.py::test_the_command_line_knows_it",
    "beyond-likes alert": "test_alerts_how_to.py::test_the_alert_comes_once_from_real_marts",
    "beyond-likes alert --dry-run": "test_alerts_how_to.py::test_a_look_first_sends_nothing",
    "beyond-likes build": "test_metric_breaks.py::company",
    "beyond-likes check": "test_bucket.py::test_who_is_refused_is_told_and_no_attempt_is_blamed",
    "beyond-likes replay": REPLAY,
    "beyond-likes check [SOURCE]": "test_docs_commands.py::test_a_check_tries_each_stream",
    "beyond-likes check workable": "test_how_tos.py::followed",
    "beyond-likes digest": DIGEST,
    "beyond-likes digest --dry-run": "test_alerts_how_to.py::test_a_look_first_sends_nothing",
    "beyond-likes hand-over /shared/handed": HANDED,
    "beyond-likes hand-over FOLDER": HANDED,
    "beyond-likes publish --to postgres": POSTGRES,
    "beyond-likes run": HOW_TO,
    "beyond-likes run --config own/sources.yml": HOW_TO,
    "beyond-likes run --config sources.yml --date 2026-04-30": "test_how_tos.py::followed",
    "beyond-likes sources --config own/sources.yml": HOW_TO,
    "dbt build": "test_kpis.py::warehouse",
    "dbt parse": "warm.py::_warm_up",
    "beyond-likes erase": "test_forgetting.py::erased",
    "beyond-likes erase --person ada@example.org": "test_forgetting.py::erased",
    "beyond-likes rotate-key": "test_upkeep.py::test_joins_hold_over_a_new_key",
    "mf query --metrics cost_per_application,rejection_rate"
    " --group-by metric_time__month,platform": METRICFLOW,
    "make help": "test_repo.py::test_make_help_lists_the_promised_targets",
    "make run": "test_real_night.py::test_it_publishes_around_what_is_dead",
    "python -m pytest tests/test_kpis.py": METRICFLOW,
}
OUTSIDE = {
    "docker compose --profile bi up --build --detach": "no container engine; test_compose.py",
    "docker compose --profile demo up --build --detach": "no container engine; test_compose.py",
    "docker compose exec api-server cat /opt/airflow/auth/passwords.json": "no container engine",
    "docker compose exec scheduler airflow celery list-workers": "no container engine",
    "docker compose up --build --detach": "no container engine; test_compose.py",
    "docker compose up --build --detach worker": "no container engine; test_compose.py",
    "dbt build --target spark --exclude-resource-type unit_test test ...": "make spark",
    "dbt run-operation raw_from_landing --target spark --args '{handed: /shared/handed}'": "make spark",  # noqa: E501
    "make audit": "asks the package index; .ci/run",
    "make bench": "hours; test_performance_page.py writes tables of its own",
    "make celery": "ten minutes, PostgreSQL and Redis",
    "make clients": "installs whole connectors",
    "make docs": "writes into the repository; test_reference_pages.py compares",
    "make prove": "hours",
    "make sbom": "test_supply.py reads what it writes",
    "make setup": "make test has done it",
    "make spark": "Java and a cluster of Spark, many minutes",
    "make test": "these are its tests",
    "make up CONFIG=own/sources.yml": "serves until it is stopped",
    'pip install duckdb-engine "duckdb>=1.4"': "make clients",
    "superset set-database-uri --database_name beyond-likes --uri '…'": "make clients",
}


def documented() -> Iterator[tuple[str, str]]:
    """Yield page and command, without the program's folder, a schedule before or a remark after."""
    for page in PAGES:
        for number, part in enumerate(page.read_text(encoding="utf-8").split("```")):
            language, _, block = part.partition("\n")
            example = number % 2 and language in ("", "sh")
            lines = block.splitlines() if example else [] if number % 2 else INLINE.findall(part)
            for line in lines:
                command = AFTER.sub("", BEFORE.sub("", line.strip())).strip()
                if PROGRAM.match(command) and not ERROR.match(command):
                    yield str(page.relative_to(ROOT)), command
