"""Every `beyond-likes` line of the README and the docs is one that the command line knows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer

from extractors.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "sandbox" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PLANNED = {"erase"}  # the docs say what it will not reach; the command is not there yet
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
    if line.split()[0] in PLANNED:
        pytest.skip("planned")
    with suppress(typer.Exit):  # --help prints and ends
        parse(line)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ["runn", "run --conifg x", "sandbox server", "check a b c"])
def test_what_it_does_not_know_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|unexpected") as found:
        parse(line)
    assert "Usage" in type(found.value).__name__ or "NoSuch" in type(found.value).__name__


def test_planned_commands_are_not_there_yet() -> None:
    command: Any = typer.main.get_command(app)
    assert PLANNED.isdisjoint(command.commands)
