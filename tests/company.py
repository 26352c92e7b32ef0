"""A small company in a folder: its settings, exports and tables, and the command run on them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from tests import warm

COMMAND = Path(sys.executable).with_name("beyond-likes")
KEY = "only-for-tests-0123456789-abcdefghij"


@dataclass(frozen=True)
class Company:
    """Files under `folder`; `run` calls the command as a user would."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip(), encoding="utf-8")
        return file

    def settings(self, text: str = "") -> Path:
        return self.write("sources.yml", "timezone: Europe/Berlin\ncurrency: EUR\n" + dedent(text))

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
        own = {**inherited, "BEYOND_LIKES_HMAC_KEY": KEY, **env}
        return warm.run([str(COMMAND), *arguments], cwd=self.folder, env=own)

    def night(self, day: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one night. dbt's parsed project is the same for all companies: parsed once."""
        with parsed(self.folder / "data" / "dbt" / "target"):
            return self.run("run", "--date", day, **env)

    def published(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return rows(self.folder / "data" / "published" / "marts.duckdb", sql, parameters)

    def warehouse(self, sql: str) -> list[tuple[Any, ...]]:
        return rows(self.folder / "data" / "warehouse.duckdb", sql)


@contextmanager
def parsed(target: Path) -> Iterator[None]:
    """Lend dbt the project as another test has parsed it, and keep what this one parses.

    dbt looks at every file again, so that a test that changes some has just these parsed anew.
    Outside pytest nothing is lent.
    """
    if warm.SHARED not in os.environ:
        yield
        return
    own, kept, lent = target / warm.PARSED, warm.shared(warm.PARSED), 0
    if kept.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # as a night makes it
        target.mkdir(exist_ok=True)
        shutil.copy(kept, own)
        lent = own.stat().st_mtime_ns
    yield
    if lent and [*target.iterdir()] == [own] and own.stat().st_mtime_ns == lent:
        shutil.rmtree(target)  # dbt did not come to run: leave no trace of the loan
        for folder in target.parents[:2]:
            if not any(folder.iterdir()):
                folder.rmdir()
    elif own.exists() and not kept.exists():
        warm.share(kept, own.read_bytes())


def rows(file: Path, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as db:
        return db.execute(sql, list(parameters)).fetchall()
