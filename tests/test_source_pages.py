"""docs/sources holds what the sources declare: nobody has to keep two texts equal."""

from __future__ import annotations

import pytest

from extractors.project import FILE_SOURCES, modules
from scripts.source_pages import FOLDER, pages

API_SOURCES = [name for name in modules() if name not in FILE_SOURCES]


def test_every_page_is_what_the_code_declares() -> None:
    kept = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md")}
    kept.pop("README.md", None)
    made = pages()
    assert set(kept) == set(made)
    stale = [name for name, text in made.items() if kept[name] != text]
    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("name", API_SOURCES)
def test_a_source_says_how_to_get_in_and_what_to_mind(name: str) -> None:
    module = modules()[name]
    assert len(module.SOURCE.access) > 40 or not module.SOURCE.credentials
    assert len((module.__doc__ or "").partition("\n\n")[2]) > 80
    assert module.SOURCE.permissions
