"""`make docs`: docs/reference/*.md from commands, dbt's YAML and the metrics, and docs/README.md.

tests/test_reference_pages.py fails where a page is not what the code says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from extractors.cli import app
from extractors.project import DBT_PROJECT, kpis

DOCS = Path(__file__).parents[1] / "docs"
MADE = "<!-- Made by `make docs` from {}. -->"
DOC_BLOCK = re.compile(r"{% docs (\w+) %}\s*(.*?)\s*{% enddocs %}", re.DOTALL)
DOC_CALL = re.compile(r"{{ doc\('(\w+)'\) }}")
INTERVALS = {
    "wilson": "Wilson",
    "count": "Poisson",
    "cost_per_count": "cost over Poisson",
    "mean": "t",
    "none": "none",
}
KINDS = (
    ("how-to", "How to", "Steps to a goal."),
    ("reference", "Reference", "Made from the code by `make docs`."),
    ("decisions", "Decisions", "Why it is built so; one page each."),
)
EXPLAINED = (
    "statistics.md",
    "security.md",
    "reliability.md",
    "performance.md",
    "scale.md",
    "first-day.md",
)


def pages() -> dict[str, str]:
    """Return the text of each page by its path below docs/."""
    made = {
        "reference/commands.md": commands(),
        "reference/marts.md": marts(),
        "reference/kpis.md": kpi_page(),
    }
    return {**made, "README.md": index(made)}


def commands() -> str:
    """Return the page of the command line."""
    group: Any = typer.main.get_command(app)
    parts = [
        "# Commands",
        MADE.format("extractors/cli.py"),
        "Exit codes: 0 done, 1 something failed (the message says where, what happened, what to"
        " do), 2 wrong use. `beyond-likes --install-completion` teaches the shell to complete"
        " commands, options and, after `check` and `extract`, the systems' names; open a new"
        " shell then. `beyond-likes --verbose ...` logs each request.",
        *_commands(group, "beyond-likes"),
    ]
    return "\n\n".join(parts) + "\n"


def _commands(group: Any, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix} {name}")
            continue
        given = [one for one in command.params if one.param_type_name == "argument"]
        words = " ".join(_argument(one) for one in given)
        yield f"## {prefix} {name}"
        yield f"`{prefix} {name} {words}`" if words else f"`{prefix} {name}`"
        yield " ".join((command.help or "").split())
        rows = [_parameter(one) for one in command.params if not one.hidden]
        if rows:
            yield "\n".join(["| option | default | |", "|---|---|---|", *rows])


def _argument(one: Any) -> str:
    name = f"{one.name}{'...' if one.nargs < 0 else ''}".upper()
    return name if one.required else f"[{name}]"


def _parameter(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in one.opts)
    if one.param_type_name == "argument":
        names = f"`{one.name.upper()}`"
    bare = one.default is None or one.default is False or one.default == ""
    default = "" if bare else f"`{one.default}`"
    text = f"{one.help or ''} Environment: `{one.envvar}`." if one.envvar else one.help or ""
    more = " Several may be given." if one.multiple else ""
    return f"| {names} | {default} | {text}{more} |"


def marts() -> str:
    """Return the page of the published tables: grain, columns, meaning."""
    blocks = _blocks()
    tables = sorted(_tables(), key=lambda one: str(one["name"]))
    grains = {one["name"]: _said(one, blocks).partition(". ")[0].rstrip(".") for one in tables}
    rows = [f"| [{name}](#{name}) | {grain}. |" for name, grain in grains.items()]
    parts = [
        "# The published marts",
        MADE.format("dbt_project"),
        "What `data/published/marts.duckdb` and `data/published/parquet/` hold; names and columns"
        " are a contract. Facts name their day, platform, campaign, audience, message and"
        " channel_kind in the same way. NULL means not known, 0 means measured zero.",
        "\n".join(["| table | grain |", "|---|---|", *rows]),
        *(part for one in tables for part in _table(one, blocks)),
    ]
    return "\n\n".join(parts) + "\n"


def _tables() -> list[dict[str, Any]]:
    found = []
    for file in sorted((DBT_PROJECT / "models").glob("m*/**/_*__models.yml")):
        found += yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    for file in sorted((DBT_PROJECT / "seeds").glob("*.yml")):
        seeds = yaml.safe_load(file.read_text(encoding="utf-8")).get("seeds", [])
        found += [one for one in seeds if one.get("config", {}).get("schema") == "marts"]
    return [one for one in found if not one["name"].startswith("int_")]


def _table(one: dict[str, Any], blocks: dict[str, str]) -> Iterator[str]:
    yield f"## {one['name']}"
    yield _said(one, blocks)
    rows = [f"| `{column['name']}` | {_said(column, blocks).replace('|', chr(92) + '|')} |"
            for column in one.get("columns", [])]  # fmt: skip
    yield "\n".join(["| column | |", "|---|---|", *rows])


def _blocks() -> dict[str, str]:
    """Return dbt's texts that several columns share."""
    texts = [file.read_text(encoding="utf-8") for file in DBT_PROJECT.glob("models/**/*.md")]
    return {name: text for page in texts for name, text in DOC_BLOCK.findall(page)}


def _said(node: dict[str, Any], blocks: dict[str, str]) -> str:
    text = DOC_CALL.sub(lambda found: blocks[found[1]], str(node.get("description", "")))
    return " ".join(text.split())


def kpi_page() -> str:
    """Return the page of all KPIs, by goal."""
    known = kpis()
    parts = [
        "# KPIs",
        MADE.format("dbt_project/models/metrics"),
        "What `kpi_values` and `kpi_scorecard` hold. *Mature* is the number of days after the end"
        " of a period from which its figure counts as finished; *better* says which way is good;"
        " the interval is 95 %, and [measured](../statistics.md). The department is where the KPI"
        " belongs while `kpi_owners.csv` names nobody.",
    ]
    for goal in dict.fromkeys(one["goal"] for one in known):
        parts.append(f"## {str(goal).capitalize()}")
        rows = ["| key | name | definition | unit | better | interval | mature | department |",
                "|---|---|---|---|---|---|---|---|"]  # fmt: skip
        rows += [
            f"| `{one['kpi']}` | {one['label']} | {one['description']} | {one['unit']}"
            f" | {one['direction']} | {INTERVALS[one['interval']]} | {one['maturity_days']} days"
            f" | {one['department']} |"
            for one in known
            if one["goal"] == goal
        ]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def index(made: dict[str, str]) -> str:
    """Return docs/README.md: every page under what it is for."""
    parts = [
        "# Documentation",
        MADE.format("the pages' titles"),
        "Start with [the README](../README.md); [bring your own export](how-to/own-export.md) leads"
        " to the first own KPI.",
    ]
    for folder, title, text in KINDS:
        written = {f"{folder}/{file.name}" for file in (DOCS / folder).glob("*.md")}
        names = sorted(written | {name for name in made if name.startswith(f"{folder}/")})
        links = [f"- [{_title(made.get(name) or _text(name))}]({name})" for name in names]
        more = ["- [Sources](sources/README.md)"] if folder == "reference" else []
        parts += [f"## {title}", text, "\n".join([*links, *more])]
    said = [f"- [{_title(_text(name))}]({name})" for name in EXPLAINED if (DOCS / name).exists()]
    parts[-3:-3] = ["## Explanation", "\n".join(said)]
    return "\n\n".join(parts) + "\n"


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


def main() -> int:
    """Write every page and say how many."""
    made = pages()
    for name, text in made.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"docs: {len(made)} pages of reference\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
