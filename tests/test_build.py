"""dbt in a process of its own: how its end is told."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from extractors import build
from extractors.core.errors import RetriableError


def test_a_killed_dbt_may_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong with a model: the machine wanted its memory, or Airflow its task."""
    program = tmp_path / "dbt"
    program.write_text("#!/bin/sh\necho Running with dbt\nkill -9 $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(build, "subprocess", subprocess)
    here = SimpleNamespace(executable=str(tmp_path / "python"), platform="linux")
    monkeypatch.setattr(build, "sys", here)
    words = r"dbt build: a signal ended it \(SIGKILL\)\. Run it again; nothing was published\."
    with pytest.raises(RetriableError, match=words):
        build.dbt("build", project=tmp_path, warehouse=tmp_path / "w", work=tmp_path / "work")
