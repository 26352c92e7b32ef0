"""dbt in a process of its own: how its end is told."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from extractors import build
from extractors.core.errors import ExtractError


def says_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> str:
    """Let a program stand in for dbt; return what its end is told as."""
    program = tmp_path / "dbt"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(build, "subprocess", subprocess)
    here = SimpleNamespace(executable=str(tmp_path / "python"), platform="linux")
    monkeypatch.setattr(build, "sys", here)
    with pytest.raises(ExtractError) as caught:
        build.dbt("build", project=tmp_path, warehouse=tmp_path / "w", work=tmp_path / "own")
    return f"{type(caught.value).__name__} {caught.value}"


def test_a_full_disk_is_no_fault_of_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = "IO Error: Could not write file spill/1.tmp: No space left on device"
    told = says_of(tmp_path, monkeypatch, f"echo Encountered an error: {full}; exit 2")
    assert told == (
        f"FatalError dbt build: the disk is full ({full}). Free some space, then run again."
    )


def test_results_that_a_full_disk_cut_short_are_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = f"""printf '{{"results": [{{"uni' > {tmp_path}/own/target/run_results.json"""
    script = f"mkdir -p own/target; {cut}; echo No space left on device; exit 2"
    told = says_of(tmp_path, monkeypatch, script)
    words = "the disk is full (No space left on device). Free some space, then run again."
    assert told == f"FatalError dbt build: {words}"


def test_a_killed_dbt_may_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong with a model: the machine wanted its memory, or Airflow its task."""
    told = says_of(tmp_path, monkeypatch, "echo Running with dbt; kill -9 $$")
    words = "a signal ended it (SIGKILL). Run it again; nothing was published."
    assert told == f"RetriableError dbt build: {words}"
