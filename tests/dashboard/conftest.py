"""One Chromium for all browser tests; without it they are skipped, loudly, unless CI is true."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.browser import CHROMIUM, Tab, browser

ROOT = Path(__file__).parents[2]


def needed(what: str, do: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI needs it: {do}")
    pytest.skip(f"{what} is missing: {do}")


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    if CHROMIUM is None:
        needed("Chromium", "apt-get install chromium")
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> str:
    pattern = ".venv-browser/lib/python3*/site-packages/axe_playwright_python/axe.min.js"
    found = sorted(ROOT.glob(pattern))
    if not found:
        needed(".venv-browser", "`make test` sets it up")
    return found[0].read_text(encoding="utf-8")
