"""`make docs`: docs/sources/README.md, each source with who else has read its rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from extractors.core.types import Source, streams_of
from extractors.project import FILE_SOURCES, modules
from tests.clients import proof
from tests.clients.proof import Script

PAGE = proof.ROOT / "docs" / "sources" / "README.md"
INTRODUCTION = """\
# Sources

<!-- Made by `make docs` from the sources, tests/contract and tests/clients. -->

Nobody here has credentials of these platforms. What a source may trust is a sandbox that speaks
like the platform, so clients that others wrote read the sandbox too: without noticing, and they
must find the rows that our own extraction brings to raw. `make test` compares them for each line
that names a package, stream by stream and value by value; `make clients` does it again with whole
connectors of others. A line that names none says why.

| source | area | streams | contract test | read by a client of others | compared | by a connector |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page: one line a source that is reached over HTTP."""
    return INTRODUCTION + "".join(f"| {' | '.join(line)} |\n" for line in _lines())


def _lines() -> Iterator[list[str]]:
    proofs, connectors = proof.scripts(), proof.scripts(proof.CONNECTORS)
    for name, module in modules().items():
        if name in FILE_SOURCES:
            continue
        source: Source = module.SOURCE
        streams = streams_of(module)
        own = [script for script in proofs if script.source == name]
        whole = [script for script in connectors if script.source == name]
        test = f"tests/contract/test_{name}.py"
        has_test = (proof.ROOT / test).exists()
        compared = {stream for script in own for stream in script.streams}
        yield [
            f"[{source.title}]({name}.md)",
            source.area,
            str(len(streams)),
            f"[test_{name}.py](../../{test})" if has_test else "none",
            _named(own) or f"unproven: {source.unproven}",
            f"{len(compared)} of {len(streams)}" if own else "",
            _named(whole),
        ]


def _named(scripts: list[Script]) -> str:
    return ", ".join(f"{script.client} {version(script)}" for script in scripts)


def version(script: Script) -> str:
    """Return the version of a script's client that the tests lock."""
    name = re.sub(r"[-_.]+", "-", script.client).lower()
    lock = (proof.ROOT / script.lock).read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(name)}==(\S+)", lock, re.MULTILINE)
    assert found, f"{script.client} is not in {script.lock}"
    return found[1]


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write("docs/sources/README.md: who has read which source\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
