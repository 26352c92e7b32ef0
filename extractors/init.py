"""`beyond-likes init`: asks what a company has, writes its files, says what is still missing."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from extractors import checking, show, starting
from extractors import run as steps
from extractors.core.checks import suggestion
from extractors.core.errors import UsageError
from extractors.project import FILE_SOURCES, Project, modules
from extractors.starting import GOALS, Answers

NONE = "none"
LANGUAGES = ("en", "de")
Words = list[str]


def init(
    config: Annotated[
        Path,
        typer.Option("--config", "-c", envvar="BEYOND_LIKES_CONFIG", help="The settings to write."),
    ] = Path("sources.yml"),
    goal: Annotated[Words | None, typer.Option(help=f"One of {', '.join(GOALS)}.")] = None,
    source: Annotated[Words | None, typer.Option(help="A system's key, or none.")] = None,
    setting: Annotated[
        Words | None, typer.Option("--set", help="A system's setting: linkedin.organization=123.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(help="Such as EUR.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the review page: en or de.")] = None,
    name: Annotated[str | None, typer.Option(help="The company's, over the review page.")] = None,
    folder: Annotated[str | None, typer.Option(help="Folder of exports.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take defaults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Set up a company: ask, write its files beside --config, check, say what is missing."""
    ask = _Asking(defaults=yes or as_json)
    given = _settings(setting or [])
    said = {"timezone": timezone, "currency": currency, "language": language, "name": name,
            "drop": folder}  # fmt: skip
    if config.exists():
        answers, unread = _kept(steps.project(config), goal or [], source or [], given)
        unread += [f"{key}: {value}" for key, value in said.items() if value]
    else:
        answers, unread = _answers(ask, goal, source, given, said), []
    files = starting.write(answers, config)
    own = steps.project(config)
    report = {"config": str(config), "files": files, **_missing(own, answers), "unread": unread}
    new = files[config.name] == "written"
    exports = starting.foreign_exports(config.parent, answers.folder) if new else ()
    report["unmapped"] = list(exports)
    report["checked"] = _checked(own, [one["source"] for one in report["missing"]], config)
    if as_json:
        show.document(report)
    else:
        _tell(report, answers)
    errors = [one["error"] for one in report["checked"] if one["error"]]
    for error in [] if as_json else show.distinct(errors):
        show.problem(error)
    if errors:
        raise typer.Exit(1)


class _Asking:
    """Takes each answer from its flag, else from the person, else its default."""

    def __init__(self, *, defaults: bool) -> None:
        self._defaults = defaults

    def __call__(self, text: str, flag: str, given: str | None, default: str,
                 check: Callable[[str, str], Any]) -> Any:  # fmt: skip
        if given is not None:
            return check(flag, given)
        if self._defaults:
            return check(flag, default)

        def checked(value: str) -> Any:
            try:
                return check(flag, value)
            except UsageError as error:
                raise typer.BadParameter(str(error)) from error

        try:
            return typer.prompt(text, default=default, value_proc=checked)
        except typer.Abort as error:
            if sys.stdin.isatty():
                raise
            do = f"Answer it with {flag}, or take the default ({default}) with --yes"
            raise UsageError("init", f"no answer to: {text}", do) from error


def _answers(
    ask: _Asking, goal: Words | None, source: Words | None, given: dict[tuple[str, str], str],
    said: dict[str, str | None],
) -> Answers:  # fmt: skip
    goals = ask(
        "Goals that social media serve, by comma", "--goal", ",".join(goal) if goal else None,
        ",".join(GOALS), _some(GOALS),
    )  # fmt: skip
    sources = _sources(ask, goals, source)
    for name in dict.fromkeys(name for name, _ in given):
        if name not in sources:
            do = f"Add --source {name}"
            raise UsageError(f"--set {name}", "this system was not chosen", do)
    for name in sources:
        for key in starting.declared(name).settings:
            if (name, key) not in given:
                text = f"{starting.declared(name).title}: {key} (empty: later)"
                value = ask(text, f"--set {name}.{key}=", None, "", _as_said)
                given = {**given, **({(name, key): value.strip()} if value.strip() else {})}
    zone = ask("Time zone of the business", "--timezone", said["timezone"], _machine_zone(), _zone)
    money = ask("Currency of the business", "--currency", said["currency"], "EUR", _currency)
    tongue = ask("Language of the review page", "--language", said["language"], "en", _language)
    name = ask("Name of the company (empty: none)", "--name", said["name"], "", _as_said)
    where = ask("Folder of exports", "--folder", said["drop"], "exports", _as_said)
    return Answers(goals, sources, zone, money, where, given, language=tongue, name=name.strip())


def _as_said(_flag: str, text: str) -> str:
    return text


def _language(flag: str, text: str) -> str:
    if (code := text.strip().lower()) not in LANGUAGES:
        raise UsageError(flag, f"{text!r} is no language of the page", "Write en or de")
    return code


def _sources(ask: _Asking, goals: Sequence[str], source: Words | None) -> Words:
    """Return the chosen systems: all that a flag names, else one question an area."""
    if source is not None or ask._defaults:
        return list(_some(_api_sources())("--source", ",".join(source or [NONE])))
    chosen: Words = []
    for area, names in starting.choices(goals).items():
        text = f"Systems of {area}, by comma ({', '.join(names)})"
        chosen += ask(text, "--source", None, NONE, _some(_api_sources()))
    return list(dict.fromkeys(chosen))


def _kept(
    own: Project, goals: Words, sources: Words, given: dict[tuple[str, str], str]
) -> tuple[Answers, Words]:
    """Return the answers that an existing file gives, and the lines of what it lacks."""
    wanted = _some(_api_sources())("--source", ",".join(sources or [NONE]))
    lacking = [name for name in wanted if name not in own.config.sources]
    lines = [line for name in lacking for line in starting.source_lines(name, given)]
    chosen = _some(GOALS)("--goal", ",".join(goals or GOALS))
    answers = Answers(
        chosen, own.api_sources, own.config.timezone, own.config.currency, _near(own, "drop"),
        company=_near(own, "company"),
    )  # fmt: skip
    return answers, lines


def _near(own: Project, key: str) -> str:
    """Return a folder of the settings as they would write it: relative to their own, if below."""
    path: Path = getattr(own.config, key)
    inside = path.is_relative_to(own.config.folder)
    return str(path.relative_to(own.config.folder) if inside else path)


def _missing(own: Project, answers: Answers) -> dict[str, Any]:
    """Return what each source still needs and whom to ask, and the goals without a system."""
    missing = []
    for name in own.api_sources:
        settings, variables = own.lacking(name)
        if settings or variables:
            source = starting.declared(name)
            missing.append({
                "source": name, "title": source.title, "ask": starting.department(name),
                "settings": settings, "credentials": variables, "access": source.access,
                "permissions": dict(source.permissions),
            })  # fmt: skip
    on = [name for name in own.config.sources if name not in FILE_SOURCES and name in modules()]
    return {"missing": missing, "exports": starting.without_system(answers.goals, on)}


def _checked(own: Project, lacking: Collection[str], config: Path) -> list[dict[str, Any]]:
    """Return what the check says of each stream whose source has its credentials."""
    ready = [
        name
        for name in own.api_sources
        if name not in lacking
        and (starting.declared(name).credentials or starting.declared(name).optional_credentials)
    ]
    tried = checking.tries(own, ready, steps.business_day(config))
    return [{"stream": one.stream.label, "error": one.complaint} for one in tried]


def _tell(report: dict[str, Any], answers: Answers) -> None:
    folder = Path(report["config"]).parent
    for name, state in report["files"].items():
        show.line(f"{folder / name}: {'written' if state == 'written' else 'kept as it was'}")
    for one in report["checked"]:
        show.line(f"{one['stream']}: {'refused' if one['error'] else 'ok'}")
    for one in report["missing"]:
        _tell_missing(one)
    if report["unread"]:
        show.line(f"\n{report['config']} stays as it was. To change it, write into it:")
        show.line("\n".join(report["unread"]))
    _tell_exports(report["exports"], folder / answers.folder)
    show.line("\nNext:")
    for name in report["unmapped"]:
        show.line(f"  say in {report['config']} what the columns of {name} mean")
    if report["missing"]:
        show.line(f"  cp {folder / '.env.example'} {folder / '.env'}, and fill it in")
        show.line(f"  beyond-likes check --config {report['config']}")
    show.line(f"  beyond-likes run --config {report['config']}")


def _tell_exports(exports: dict[str, tuple[str, ...]], folder: Path) -> None:
    for number, (goal, entities) in enumerate(exports.items()):
        names = " and ".join(f"{entity}*.csv" for entity in entities)
        show.line(f"{'' if number else chr(10)}{goal}: no system. Put {names} into {folder},")
    if exports:
        show.line("  or map the exports that you have (docs/how-to/own-export.md).")


def _tell_missing(one: dict[str, Any]) -> None:
    show.line(f"\n{one['title']} is not connected yet. Ask: {one['ask']}.")
    show.line(f"  {one['access']}")
    for right in dict.fromkeys(one["permissions"].values()):
        streams = [name for name, needed in one["permissions"].items() if needed == right]
        show.line(f"  right: {right} (for {', '.join(streams)})")
    for key in one["settings"]:
        show.line(f"  sources.yml: {key}: under {one['source']}:")
    for variable in one["credentials"]:
        show.line(f"  .env: {variable}=")


def _api_sources() -> Words:
    return [name for name in modules() if name not in FILE_SOURCES]


def _some(allowed: Collection[str]) -> Callable[[str, str], Words]:
    """Return a check of names by comma: each an allowed one; `none` alone is no name."""

    def check(flag: str, text: str) -> Words:
        names = [one.strip().lower() for one in text.split(",") if one.strip()]
        names = [] if names == [NONE] else names
        for name in names:
            if name not in allowed:
                raise UsageError(flag, f"{name!r} is unknown", suggestion(name, allowed))
        return list(dict.fromkeys(names))

    return check


def _zone(flag: str, text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        what = f"{text!r} is no IANA time zone"
        raise UsageError(flag, what, "Write one such as Europe/Berlin") from error


def _currency(flag: str, text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise UsageError(flag, f"{text!r} is no currency", "Write its three letters, such as EUR")
    return code


def _settings(given: Words) -> dict[tuple[str, str], str]:
    """Return source.setting=value as pairs. Raises: UsageError on another form."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        source, dot, key = name.partition(".")
        if not (equals and dot and key and value):
            do = "Write it as linkedin.organization=123"
            raise UsageError(f"--set {text}", "not a setting", do)
        found[source, key] = value
    return found


def _machine_zone() -> str:
    """Return this machine's time zone, UTC where it does not say."""
    _, _, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if name and "/" in name else "UTC"
