"""The files of a new company: settings, credentials by name, its own tables; texts, no questions.

Nothing that exists is written over, so that a second call only adds what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extractors.core import tabular
from extractors.core.errors import ExtractError
from extractors.core.table import Reading
from extractors.core.types import Source
from extractors.project import FILE_SOURCES, kpis, modules, variable

GOALS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    # goal: the area of its systems, the department that runs them, the exports that replace them
    "recruiting": ("recruiting", "HR", ("applications",)),
    "sales": ("crm", "sales", ("leads", "deals")),
    "commerce": ("shop", "the shop", ("orders",)),
    "support": ("support", "support", ("support_requests",)),
}
SHARED = {"social": "social media", "ads": "whoever buys the ads", "money": "controlling"}
EXAMPLES = {
    "campaigns": ("one campaign; its utm_campaign is what links carry",
                  "Data engineers 2026,recruiting,hr,linkedin,engineers,remote work,2026-03-01,,"
                  "data-eng-26,linkedin:urn:li:share:7"),
    "kpi_targets": ("what a KPI should reach, per month for counts and sums, from when to when",
                    "{kpi},channel_kind,social,2026-01-01,,{target},plan of 2026"),
    "kpi_owners": ("who answers for a KPI, or for a source",
                   "{kpi},,{department},Kim Example,kim@acme.example,2026-01-01,"),
    "kpi_reviews": ("what a KPI review decided, so that its effect can be measured",
                    "2026-04-08,{kpi},Data engineers 2026,message,say what the work is,"
                    "2026-04-15,2026-07-08"),
    "source_map": ("what a system's own source name means, where we do not know it yet",
                   "*,our alumni club,,conventional"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """What a company said of itself.

    Shape: `sources` are keys of API sources; `settings` maps source and setting to its value;
    `folder` is where exports lie and `company` where its tables do, relative to sources.yml.
    """

    goals: Sequence[str]
    sources: Sequence[str]
    timezone: str
    currency: str
    folder: str
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    company: str = "company"
    language: str = "en"
    name: str = ""


def declared(name: str) -> Source:
    """Return what a source's module declares."""
    source: Source = modules()[name].SOURCE
    return source


def choices(goals: Sequence[str]) -> dict[str, list[str]]:
    """Return the API sources that matter for the goals, by area."""
    areas = [GOALS[goal][0] for goal in goals]
    found: dict[str, list[str]] = {area: [] for area in ("social", "ads", *areas, "money")}
    for name in modules():
        if name not in FILE_SOURCES and declared(name).area in found:
            found[declared(name).area].append(name)
    return found


def department(name: str) -> str:
    """Return who runs such a system in most companies."""
    area = declared(name).area
    own = {system: who for system, who, _ in GOALS.values()}
    return own.get(area) or SHARED.get(area, "the data team")


def without_system(goals: Sequence[str], sources: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the goals that no source of their area serves, each with the exports that would."""
    on = {declared(name).area for name in sources}
    return {goal: GOALS[goal][2] for goal in goals if GOALS[goal][0] not in on}


def write(answers: Answers, file: Path) -> dict[str, str]:
    """Write what does not exist yet and return each file's name with `written` or `kept`."""
    folder = file.parent
    texts = {
        file.name: settings(answers, folder),
        ".env.example": credentials(answers.sources),
        ".gitignore": "# made by a run, and secrets\ndata/\n.env\n",
        **{f"{answers.company}/{name}.csv": ",".join(stream.columns) + "\n"
           for name, stream in modules()["company"].STREAMS.items()},
        f"{answers.company}/README.md": tables(answers.goals),
    }  # fmt: skip
    (folder / answers.folder).mkdir(parents=True, exist_ok=True, mode=0o700)  # exports name people
    return {name: _written(folder / name, text) for name, text in texts.items()}


def _written(file: Path, text: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        return "kept"
    return "written"


def settings(answers: Answers, folder: Path) -> str:
    """Return sources.yml: what was answered, and what is left to fill in as comments."""
    lines = [
        "# Which systems are read, and how exported files map to our columns. Secrets belong into",
        "# .env beside this file; .env.example names each.",
        "home: data  # everything that a run makes",
        f"timezone: {answers.timezone}  # where the business cuts its days",
        f"currency: {answers.currency}",
        f"language: {answers.language}  # that the review page opens in: en or de",
        *([f"name: {json.dumps(answers.name, ensure_ascii=False)}"] if answers.name else []),
        f"company: {answers.company}  # targets, owners, campaigns, reviews: see its README.md",
        f"drop: {json.dumps(answers.folder, ensure_ascii=False)}  # exports, named like what they"
        " hold: applications*.csv, costs*.xlsx",
        "",
        f"sources:  # for: {', '.join(answers.goals)}",
        *_exports(answers, folder),
    ]
    for name in answers.sources:
        lines += source_lines(name, answers.settings)
    return "\n".join(lines) + "\n"


def source_lines(name: str, given: Mapping[tuple[str, str], str] | None = None) -> list[str]:
    """Return a source's lines of sources.yml; a setting without a value is a comment."""
    own = {key: value for (source, key), value in (given or {}).items() if source == name}
    lines = [f"    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in own.items()]
    lines += [f"    # {key}:  # fill in" for key in declared(name).settings if key not in own]
    title = declared(name).title
    return [f"  {name}:{'' if lines else ' {}'}  # {title}", *lines]


def _exports(answers: Answers, folder: Path) -> Iterator[str]:
    """Yield the lines of file_drop; exports with names of their own get a stub to fill in."""
    stubs = list(_stubs(answers, folder))
    yield f"  file_drop:{'' if stubs else ' {}'}  # docs/how-to/own-export.md"
    yield from stubs


def _stubs(answers: Answers, folder: Path) -> Iterator[str]:
    entities = modules()["file_drop"].STREAMS
    wanted = [one for goal in answers.goals for one in GOALS[goal][2]] or ["applications"]
    for name, columns in foreign_exports(folder, answers.folder).items():
        yield f"    # {name} has the columns: {', '.join(columns)}."
        yield f"    # Say what its rows are (perhaps {' or '.join(wanted)}) and which column is"
        yield "    # which, then take the # away:"
        required = ", ".join(f"{one}: ..." for one in entities[wanted[0]].required)
        yield f"    # {wanted[0]}:"
        yield f"    #   - files: {json.dumps(name, ensure_ascii=False)}"
        yield f"    #     columns: {{{required}}}"


def foreign_exports(folder: Path, exports: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each export whose name is none of ours, by its path."""
    entities = tuple(modules()["file_drop"].STREAMS)
    found = {}
    for path in sorted((folder / exports).glob("*")):
        if path.suffix.lower() in tabular.READERS and not path.name.startswith(entities):
            name = (Path(exports) / path.name).as_posix()
            try:
                found[name] = tabular.read(path, name, Reading()).columns
            except (ExtractError, OSError):
                found[name] = ("(not readable)",)
    return found


def credentials(sources: Sequence[str]) -> str:
    """Return .env.example: the name of every credential and how to get it, never a value."""
    lines = ["# Copy this file to .env and fill it in there: git leaves .env out, not this file."]
    for name in sources:
        own = declared(name)
        if own.credentials or own.optional_credentials:
            lines += ["", f"# {own.title} (ask {department(name)}). {own.access}"]
        lines += [f"{variable(name, one)}=" for one in own.credentials]
        lines += [f"# {variable(name, one)}=  (optional)" for one in own.optional_credentials]
    lines += [
        "",
        "# The key of the pseudonyms, 32 characters or more. Without it one is made in",
        "# data/secrets; a team keeps its own, for good: another key, other pseudonyms.",
        "# BEYOND_LIKES_HMAC_KEY=",
    ]
    return "\n".join(lines) + "\n"


def tables(goals: Sequence[str]) -> str:
    """Return company/README.md: what a row of each table says, and the KPIs that rows may name."""
    own = [one for one in kpis() if one["goal"] in goals] or kpis()
    first = own[0]
    said = {"kpi": first["kpi"], "department": first["department"], "target": 10}
    parts = [
        "# The company's own tables",
        "CSV files that business people keep, read each night. Each may stay empty; below its first"
        " line (the names of the columns) every line is a row. Dates are 2026-03-31, an empty end"
        " is open. A mistake is named with file and line, and the table keeps what it had.",
    ]
    for name, stream in modules()["company"].STREAMS.items():
        what, example = EXAMPLES[name]
        rows = f"{','.join(stream.columns)}\n{example.format(**said)}"
        parts.append(f"## {name}.csv\n\nA row says: {what}. For example:\n\n```\n{rows}\n```")
    parts.append("## KPIs that a row may name\n\n| kpi | goal | unit | says |\n|---|---|---|---|")
    listed = [
        f"| `{one['kpi']}` | {one['goal']} | {one['unit']} | {one['description']} |" for one in own
    ]
    return "\n\n".join(parts) + "\n" + "\n".join(listed) + "\n"
