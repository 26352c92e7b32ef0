"""A part of `make prove` that ended well is not run again; one that failed is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.once import main

FAILS_AT_FIRST = """import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_text(file.read_text() + "x")
sys.exit(1 if file.read_text() == "x" else None)
"""


def test_what_ended_well_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program.py").write_text(FAILS_AT_FIRST, encoding="utf-8")
    (runs := tmp_path / "runs").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "argv", ["once"])
    command, out = ["program", str(runs)], tmp_path / "prove" / "once.jsonl"
    with pytest.raises(SystemExit, match="1"):
        main(command, out)
    for _ in range(2):
        main(command, out)
    assert runs.read_text(encoding="utf-8") == "xx"
