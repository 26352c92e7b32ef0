"""Erasing, ageing and rotating, killed at each write: run again, the result is the undisturbed one.

A child process ends itself before its n-th call that changes a file name or waits for the disk,
as `kill -9` would; then the same command runs to its end. All points of all three take minutes:
`python -m tests.forgetting [erase|age|rotate]`; tests/test_upkeep.py tries some of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from extractors import project, run
from extractors.core import loader
from extractors.core.erasing import digest
from extractors.locks import writer
from extractors.privacy import commands
from extractors.privacy.upkeep import catch_up, keep_up
from extractors.project import streams
from tests.systems import ADA, RECORDS, Systems

CALLS = ("fsync", "replace", "rename", "link", "unlink", "rmdir")
KILLED = 9
SOME = ("greenhouse.candidates", "greenhouse.applications", "zendesk.users")
KEEP = "keep: {greenhouse: 1 year, zendesk.users: 1 month}\n"
Act = Callable[[Systems], Any]


def never(*_: object) -> str:
    """Stand in for the maker of the page: without a build nothing is published."""
    raise AssertionError


def erase(systems: Systems) -> None:
    commands.erase(systems.settings, ADA, page=never, say=lambda _: None)


def rotate(systems: Systems) -> None:
    commands.rotate_key(systems.settings, page=never, say=lambda _: None)


def age(systems: Systems) -> None:
    own = run.project(systems.settings)
    with writer(own):
        keep_up(own, date(2026, 6, 30))
        catch_up(own)


ACTS: dict[str, Act] = {"erase": erase, "age": age, "rotate": rotate}


def base(folder: Path) -> Systems:
    """Return a home with three loaded streams, an attempt that is not loaded, and a dead one."""
    found = Systems.made(folder, KEEP)
    for label in SOME:
        found.land(label, RECORDS[label])
    old = {"id": 14, "candidate_id": 2, "created_at": "2024-12-01T10:00:00Z"}
    found.land("greenhouse.applications", [old], attempt="A2")
    own, chosen = run.project(found.settings), {label: streams()[label] for label in SOME}
    with loader.connect(own.warehouse) as db:
        loader.prepare(db, chosen.values())
        loader.load(db, chosen, own.landing)
    found.land("zendesk.users", RECORDS["zendesk.users"], attempt="A3")
    return found


@contextmanager
def same_new_key() -> Iterator[None]:
    """Let every rotation draw the same key, so that results can be compared."""
    real = vars(project)["secrets"]
    vars(project)["secrets"] = SimpleNamespace(token_hex=lambda _: "ab" * 32)
    yield
    vars(project)["secrets"] = real


def result(systems: Systems) -> dict[str, Any]:
    """Return all that the next night and a reader would find; a home holds no draft then."""
    files = [str(file.relative_to(systems.home)) for file in systems.home.rglob("*")]
    drafts = [file for file in files if file.endswith((".draft", ".replay", ".compact", ".next"))]
    own = run.project(systems.settings)
    return {
        "landed": systems.landed(),
        "raw": systems.raw(),
        "list": digest(own.erased.read()),
        "key": own.hmac_key(),
        "state": (systems.home / "upkeep.json").read_text(encoding="utf-8"),
        "drafts": drafts,
    }


def killed(act: Act, systems: Systems, at: int) -> bool:
    """Run `act` in a child that ends before its call number `at`; return whether it did."""
    child = os.fork()
    if not child:
        left = [at]

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] == 0:
                    os._exit(KILLED)
                return real(*given, **named)

            return call

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        act(systems)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"the child ended with {code}"
    return code == KILLED


def trial(act: Act, start: Systems, at: int, folder: Path) -> tuple[bool, dict[str, Any]]:
    """Return whether the kill at `at` hit, and what the second call left if it was needed."""
    systems = start.copied(folder)
    hit = killed(act, systems, at)
    if hit:
        act(systems)
    return hit, result(systems)


def main(names: list[str]) -> None:
    """Try every point of the named acts. Raises: AssertionError at the first that differs."""
    with tempfile.TemporaryDirectory() as folder, same_new_key():
        start = base(Path(folder, "base"))
        for name in names or ACTS:
            quiet = start.copied(Path(folder, name))
            ACTS[name](quiet)
            expected, at, hit = result(quiet), 0, True
            while hit:
                at += 1
                hit, found = trial(ACTS[name], start, at, Path(folder, f"{name}{at}"))
                for part, value in expected.items():
                    assert found[part] == value, f"{name}, killed at {at}: {part} differs"
            sys.stdout.write(f"{name}: killed at each of {at - 1} points, always the same end\n")


if __name__ == "__main__":
    main(sys.argv[1:])
