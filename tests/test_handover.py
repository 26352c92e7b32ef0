"""What a night hands on to dbt: sources that hold no row cost it nothing, and lose none."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from extractors import handover
from extractors.core import loader
from extractors.core.ledger import connect
from extractors.project import FILE_SOURCES, Project, modules, streams
from tests.company import Company

STAGING = Path(__file__).parents[1] / "dbt_project" / "models" / "staging"
DAY = date(2026, 3, 1)


def noted(folder: Path, sources: str, *loaded: str) -> list[str]:
    """Return the sources that a build of this company does not look at."""
    settings = Company(folder).settings(f"sources: {sources}\n")
    own = Project.open(settings, {})
    own.config.home.mkdir(parents=True, exist_ok=True)
    with connect(own.warehouse) as db:
        loader.prepare(db, streams().values())
        for source in loaded:
            db.execute(
                "insert into ops.load_ledger (source, stream, attempt, status)"
                " values (?, 's', 'a', 'loaded')",
                [source],
            )
        return handover.note(db, own, DAY)


def test_a_source_that_is_on_or_was_loaded_once_is_read(tmp_path: Path) -> None:
    unread = noted(tmp_path, "{mastodon: {base_url: 'http://127.0.0.1:9'}}", "lever")
    assert {"mastodon", "lever", *FILE_SOURCES} & set(unread) == set()
    assert {"greenhouse", "x", "ecb"} <= set(unread)


def test_only_named_sources_are_read_past_the_unions() -> None:
    systems = "|".join(name for name in modules() if name not in FILE_SOURCES)
    direct = {
        name
        for file in STAGING.parent.rglob("*.sql")
        if STAGING not in file.parents
        for name in re.findall(rf"'(?:stg|int)_({systems})__", file.read_text("utf-8"))
    }
    assert direct == set(handover.BY_NAME)
