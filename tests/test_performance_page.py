"""docs/performance.md: a benchmark replaces its own tables, and every table says what it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.page import PAGE, conditions, marks, write

PLACE = re.compile(r"<!-- (\S.*): written by `make bench` -->\n(.*?)<!-- end of \1 -->", re.DOTALL)
SAID = re.compile(r"\*Measured \d+ \w+ 20\d\d.*`(?:make bench|python -m benchmarks\b).*\d cores")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return Path(shutil.copy(PAGE, tmp_path))


def test_a_run_of_one_benchmark_replaces_its_tables_alone(page: Path) -> None:
    before = page.read_text("utf-8")
    write("*About it.*", {"build": "| s |\n|---|\n| 1.0 |\n"}, page)
    after = page.read_text("utf-8")
    head, tail = marks("build")
    assert after.partition(head)[0] == before.partition(head)[0]
    assert after.partition(tail)[2] == before.partition(tail)[2]
    assert f"{head}\n*About it.*\n\n| s |\n|---|\n| 1.0 |\n{tail}" in after
    write("*About it.*", {"build": "| s |\n|---|\n| 1.0 |\n"}, page)
    assert page.read_text("utf-8") == after


def test_what_has_no_place_is_told_and_the_others_are_kept(page: Path) -> None:
    with pytest.raises(SystemExit, match=r"no place for scale 7\. Add"):
        write("*About it.*", {"scale 7": "| a |", "night": "| figures \\1 |"}, page)
    assert "*About it.*\n\n| figures \\1 |\n" in page.read_text("utf-8")


def test_every_benchmark_has_a_place_that_says_when_where_and_how() -> None:
    places = dict(PLACE.findall(PAGE.read_text("utf-8")))
    assert {place.split()[0] for place in places} == {*NAMES}
    assert [name for name, text in places.items() if "\n|" not in text] == []
    assert [name for name, text in places.items() if not SAID.search(" ".join(text.split()))] == []


def test_conditions_name_the_command_and_the_machine() -> None:
    assert SAID.search(conditions("python -m benchmarks night"))
