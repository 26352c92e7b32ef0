"""Every command of the README and the docs is run: here, or by the test that is named for it."""

from __future__ import annotations

import importlib.util
import io
import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer

from extractors.cli import app
from sandbox.serve import running
from sandbox.servers import MODULES
from tests import warm
from tests.company import COMMAND, Company, parsed, rows
from tests.documented import ELSEWHERE, OUTSIDE, ROOT, documented

COMMANDS = sorted({command for _, command in documented()})
OURS = [one.removeprefix("beyond-likes ") for one in COMMANDS if one.startswith("beyond-likes ")]
PLACEHOLDER = re.compile(r"\[.*?\]|\.\.\.|…")
CHECKS = [
    command for command in COMMANDS if re.match(r"beyond-likes check (?!workable)\w", command)
]
OWN_EXPORT = {
    "beyond-likes init --config own/sources.yml",
    "beyond-likes run --config own/sources.yml --date 2026-09-30",
    "beyond-likes sources --config own/sources.yml --date 2026-09-30",
}
AFTERWARDS = {  # in that company's folder; "run" without a date is the how-to's with another day
    "beyond-likes init": "init",
    "beyond-likes --verbose ...": "--verbose sources",
    "beyond-likes sources": "sources",
    "beyond-likes extract [SOURCE] [STREAM...]": "extract file_drop",
    "beyond-likes load": "load",
    "beyond-likes replay [SOURCE]": "replay file_drop",
    "beyond-likes publish": "publish",
    "beyond-likes review": "review",
}
SANDBOX = {
    "beyond-likes sandbox serve",
    "beyond-likes sandbox serve --out demo",
    "beyond-likes run --config demo/sources.yml",
}


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


def test_each_is_run_somewhere() -> None:
    """A new command in the docs has to name the test that runs it, or why none can."""
    here = {*OWN_EXPORT, *AFTERWARDS, *SANDBOX, *CHECKS}
    program = ("python -c", "python -m tests.", "python -m benchmarks")
    assert {one for one in COMMANDS if not one.startswith(program)} == {*here, *ELSEWHERE, *OUTSIDE}
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), place


def test_long_tests_and_benchmarks_are_there() -> None:
    named = {one.split()[2] for one in COMMANDS if one.startswith("python -m ")}
    named -= {"pytest"}
    assert len(named) > 5
    assert [one for one in named if importlib.util.find_spec(one) is None] == []


@pytest.mark.parametrize("line", OURS)
def test_the_command_line_knows_it(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO("ada@example.org\n"))  # erase asks for whom
    with suppress(typer.Exit):  # --help prints and ends
        parse(line)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ["runn", "run --conifg x", "sandbox server", "check a b c"])
def test_what_it_does_not_know_is_found(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|unexpected") as found:
        parse(line)
    assert "Usage" in type(found.value).__name__ or "NoSuch" in type(found.value).__name__


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(tmp_path_factory.mktemp("own-export"))


def test_the_own_export_how_to_leads_to_a_kpi(own: Company) -> None:
    """Its files are written and its commands run, in order; Enter answers every question."""
    page = (ROOT / "docs" / "how-to" / "own-export.md").read_text(encoding="utf-8")
    text = page.partition("## Without a mapping")[0]
    said = []
    for before, block in itertools.pairwise(text.split("```")):
        language, _, body = block.partition("\n")
        named = re.findall(r"`(own/[\w./-]+)`", before)
        if language == "sh":
            done = bash(own.folder, body)
            said.append(done.stdout)
            assert done.returncode == 0, done.stdout + done.stderr
        elif named and not before.startswith(("sh\n", "yaml\n")):
            own.write(named[-1], body)
    assert len(said) == 3
    assert said[1].count("models and tests") == 5
    assert re.search(r"^file_drop +fresh ", said[2], re.MULTILINE)
    assert hires(own) == [("linkedin", 1)]
    (rejects,) = re.findall(r"^python -c .*rejected_rows.*$", page, re.MULTILINE)
    done = bash(own.folder, rejects)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_other_commands_work_there(own: Company) -> None:
    """Each alone, in the folder of the settings; afterwards the figure is what it was."""
    for line in AFTERWARDS.values():
        done = bash(own.folder / "own", f"beyond-likes {line}")
        assert done.returncode == 0, line + done.stdout + done.stderr
    assert hires(own) == [("linkedin", 1)]


def hires(own: Company) -> list[tuple[Any, ...]]:
    return rows(
        own.folder / "own" / "data" / "published" / "marts.duckdb",
        "select slice_value, numerator from kpi_values where kpi = 'hires' and slice = 'platform'"
        " and period_grain = 'month' and period_start = '2026-03-01'",
    )


@pytest.mark.long
def test_the_sandbox_is_served_and_lived_in(tmp_path: Path) -> None:
    """Its page's two commands, the first with a smaller company; Ctrl-C ends it."""
    serve = [str(COMMAND), *["sandbox", "serve", "--out", "demo", "--days", "90", "--scale", "0.1"]]
    served = subprocess.Popen(serve, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout is not None
        assert re.match(r"http://127\.0\.0\.1:\d+ \(", served.stdout.readline())
        done = bash(tmp_path, "beyond-likes run --config demo/sources.yml")
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Application to hire rate" in done.stdout


@pytest.fixture(scope="module")
def every_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    out = tmp_path_factory.mktemp("systems")
    with running(out, sources=list(MODULES), days=30, scale=0.05):
        yield Company(out)


@pytest.mark.parametrize("command", CHECKS)
def test_a_check_tries_each_stream(command: str, every_system: Company) -> None:
    source = command.split()[-1]
    done = bash(every_system.folder, command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{source}." in done.stdout


def test_the_team_servers_secrets_are_what_compose_asks_for(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "team-server.md").read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        assert bash(tmp_path, block).returncode == 0
    lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    written = {
        name for name, _, value in (line.partition("=") for line in lines) if len(value) > 20
    }
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", compose))
    assert needed <= written <= set(re.findall(r"\$\{(\w+):[?-]", compose))


def bash(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a page's block; `beyond-likes` asks the warm process, Enter answers what it asks."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    programs = warm.shared("programs")
    if not programs.exists():
        programs.mkdir()
        client = f"{sys.executable} -S -E {Path(warm.__file__).with_name('warm_client.py')}"
        program = programs / "beyond-likes"
        program.write_text(f'#!/bin/sh\nexec {client} beyond-likes "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    env |= {"PATH": f"{programs}:{COMMAND.parent}:{env['PATH']}", warm.ADDRESS: warm.address()}
    with parsed(folder / "own" / "data" / "dbt" / "target"):
        return subprocess.run(
            ["bash", "-ec", script.replace("export PATH=", "# ")], cwd=folder, env=env,
            input="\n" * 20, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
