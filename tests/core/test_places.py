"""Where landing may lie, without a store; with one, see tests/test_bucket.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractors import config, run
from extractors.core.errors import UsageError
from extractors.core.landing import attempts
from tests.systems import RECORDS, Systems


def test_without_s3fs_it_says_what_to_install(tmp_path: Path) -> None:
    child = "from extractors.core.places import Objects; next(Objects('company/x').glob('*'))"
    done = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, text=True, check=False
    )
    assert UsageError.__name__ in done.stderr
    assert "s3:// needs the package s3fs" in done.stderr


@pytest.mark.parametrize(
    "value", ["s3://", "s3://key:secret@company/x", "gs://company", "s3://company/x?key=1"]
)
def test_a_setting_that_is_no_bucket_is_refused(tmp_path: Path, value: str) -> None:
    file = tmp_path / "sources.yml"
    file.write_text(f"landing: {value}\n")
    with pytest.raises(UsageError, match=r"landing: write a folder or s3://bucket/prefix"):
        config.read(file)


def test_landing_may_be_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", "only-for-tests-0123456789-abcdefghij")
    systems = Systems.made(tmp_path / "one", "landing: ../elsewhere\n").send()
    run.load(systems.settings)
    assert len(attempts(tmp_path / "elsewhere")) == len(RECORDS)
    assert len(systems.keys()) == len(RECORDS)
