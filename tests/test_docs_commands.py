"""Every `beyond-likes` line of the README and the docs is one that the command line knows."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer

from extractors.cli import app
from tests.company import COMMAND, Company, parsed, rows

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "sandbox" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINE = re.compile(r"^\s*(?:\$ )?(?:\S*/)?beyond-likes (.*)$", re.MULTILINE)
INLINE = re.compile(r"`(?:\S*/)?beyond-likes ([^`]+)`")
PLACEHOLDER = re.compile(r"\[.*?\]|\.\.\.|…")


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, part in enumerate(text.split("```")):
            for found in (LINE if number % 2 else INLINE).findall(part):
                yield str(page.relative_to(ROOT)), found.partition(" #")[0].strip()


def parse(line: str) -> None:
    """Parse as the command line would, and run nothing. Raises: a usage error."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(PLACEHOLDER.sub("", line))
    if "--install-completion" in words:  # an option that acts when it is read, on the home folder
        assert any("--install-completion" in one.opts for one in command.params)
        return
    context: Any = command.make_context("beyond-likes", list(words), resilient_parsing=False)
    while hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def test_some_are_found() -> None:
    found = {line.split()[0] for _, line in commands()}
    assert {"init", "run", "sources", "check", "build", "publish", "sandbox"} <= found


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_the_command_line_knows_it(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with suppress(typer.Exit):  # --help prints and ends
        parse(line)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ["runn", "run --conifg x", "sandbox server", "check a b c"])
def test_what_it_does_not_know_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|unexpected") as found:
        parse(line)
    assert "Usage" in type(found.value).__name__ or "NoSuch" in type(found.value).__name__


def test_the_own_export_how_to_leads_to_a_kpi(tmp_path: Path) -> None:
    """Its files are written and its commands run, in order; Enter answers every question."""
    page = (ROOT / "docs" / "how-to" / "own-export.md").read_text(encoding="utf-8")
    company = Company(tmp_path)
    text = page.partition("## Without a mapping")[0]
    said, own = [], company.folder / "own"
    for before, block in itertools.pairwise(text.split("```")):
        language, _, body = block.partition("\n")
        named = re.findall(r"`(own/[\w./-]+)`", before)
        if language == "sh":
            done = bash(company, body)
            said.append(done.stdout)
            assert done.returncode == 0, done.stdout + done.stderr
        elif named and not before.startswith(("sh\n", "yaml\n")):
            company.write(named[-1], body)
    assert len(said) == 3
    assert said[1].count("models and tests") == 5
    assert re.search(r"^file_drop +fresh ", said[2], re.MULTILINE)
    assert rows(
        own / "data" / "published" / "marts.duckdb",
        "select slice_value, numerator from kpi_values where kpi = 'hires' and slice = 'platform'"
        " and period_grain = 'month' and period_start = '2026-03-01'",
    ) == [("linkedin", 1)]


def bash(company: Company, script: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    path = f"{COMMAND.parent}:{env['PATH']}"
    with parsed(company.folder / "own" / "data" / "dbt" / "target"):
        return subprocess.run(
            ["bash", "-ec", script], cwd=company.folder, env={**env, "PATH": path}, input="\n" * 20,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
