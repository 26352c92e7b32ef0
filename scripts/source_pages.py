"""`make docs`: docs/sources/NAME.md, a page for each API source, made from its declaration alone.

A page says what is read, with which rights and credentials, how long days move, and what the
platform's traps are; tests/test_source_pages.py fails where a page is not what the code declares.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from extractors.core.types import Source, Stream, streams_of
from extractors.project import FILE_SOURCES, modules

FOLDER = Path(__file__).parents[1] / "docs" / "sources"
MODES = {
    "window": "by days; each night asks for the new ones and re-reads the last {lookback}",
    "snapshot": "a reading of today's state, each night",
    "cursor": "what changed since the last night, by the platform's own cursor",
    "replace": "whole, each night; what is gone there is gone here",
}


def pages() -> dict[str, str]:
    """Return the text of each source's page by file name."""
    return {
        f"{name}.md": page(name, module)
        for name, module in modules().items()
        if name not in FILE_SOURCES
    }


def page(name: str, module: ModuleType) -> str:
    """Return the page of one source."""
    source: Source = module.SOURCE
    lead, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
    parts = [
        f"# {source.title}",
        f"<!-- Made by `make docs` from extractors/sources/{name}.py. -->",
        lead.replace("\n", " "),
        _proof(source),
        *_access(name, source),
        "## Limits and traps",
        rest,
        "## What it reads",
        *(text for stream in streams_of(module).values() for text in _stream(stream, source)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _proof(source: Source) -> str:
    if source.unproven:
        return f"**Unproven** against a client of others: {source.unproven}"
    return "Proven: a client of others reads the same rows from the sandbox ([table](README.md))."


def _access(name: str, source: Source) -> Iterator[str]:
    yield "## Access"
    yield source.access
    lines = [f"  {name}:"] if source.settings else [f"  {name}: {{}}"]
    lines += [f"    {setting}: …" for setting in source.settings]
    yield "```yaml\n# sources.yml\nsources:\n" + "\n".join(lines) + "\n```"
    wanted = [(field, "") for field in source.credentials]
    wanted += [(field, "optional") for field in source.optional_credentials]
    if wanted:
        rows = [f"| `BEYOND_LIKES_{name}_{field}`".upper() + f" | {note} |"
                for field, note in wanted]  # fmt: skip
        yield "\n".join(["| credential | |", "|---|---|", *rows])
    else:
        yield "It needs no credentials."
    if source.credentials:
        yield f"`beyond-likes check {name}` tries them and names each right that is missing."


def _stream(stream: Stream, source: Source) -> Iterator[str]:
    for part in inspect.cleandoc(stream.extract.__doc__ or "").split("\n\n"):
        said = " ".join(part.split()).removeprefix("Shape: ").removeprefix("Yield ")
        yield said[:1].upper() + said[1:]
    mode = MODES[stream.mode].format(lookback=f"{stream.lookback_days} days")
    facts = [
        ("read", mode),
        ("one row per", ", ".join(f"`{name}`" for name in stream.key)),
        ("permission", source.permissions[stream.name]),
        ("history", f"{stream.history_days} days" if stream.mode == "window" else ""),
        ("raw table", f"`raw.{stream.table}`"),
    ]
    yield "\n".join(["| | |", "|---|---|", *(f"| {a} | {b} |" for a, b in facts if b)])
    rows = [
        f"| `{name}` | {column.type} | `{column.path or name}` |"
        f" {'pseudonym' if column.personal else ''} |"
        for name, column in stream.columns.items()
    ]
    yield "\n".join(["| column | type | at the platform | |", "|---|---|---|---|", *rows])


def main() -> int:
    """Write every page and say how many."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in {*written, "README.md"}:
            file.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"docs/sources: {len(written)} pages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
