"""The command `beyond-likes`: each step of the night without Airflow, for scripts and debugging."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from extractors import alerts, checking, init, planning, postgres, show
from extractors import run as steps
from extractors.core.errors import ExtractError, UsageError
from extractors.overview import overview
from extractors.privacy import commands as privacy
from extractors.project import modules

app = typer.Typer(
    help="Did social media reach the goal that the business set? Nightly, from source to KPI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
sandbox_app = typer.Typer(help="The simulated company.", no_args_is_help=True)
app.add_typer(sandbox_app, name="sandbox")
app.command()(init.init)

Config = Annotated[
    Path, typer.Option("--config", "-c", envvar="BEYOND_LIKES_CONFIG", help="The settings file.")
]
Day = Annotated[
    str | None, typer.Option("--date", help="Last complete business day (default: yesterday).")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print it; send and mark nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Person = Annotated[str | None, typer.Option(help="E-mail address or number (default: asks).")]
Target = Annotated[
    Literal["postgres"] | None, typer.Option(help="Copy the release that is out there.")
]
Schema = Annotated[str, typer.Option(help="Where in that database.")]
SETTINGS = Path("sources.yml")


def _completed(incomplete: str) -> list[str]:
    return [name for name in modules() if name.startswith(incomplete)]


Source = Annotated[
    str | None, typer.Argument(help="A source's key; none: all.", autocompletion=_completed)
]


@app.callback()
def _options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each request.")] = False,
) -> None:
    level = logging.DEBUG if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")


@app.command()
def run(config: Config = SETTINGS, date: Day = None, as_json: Json = False) -> None:
    """Extract, load, build and publish one night, in order; then print the scorecard."""
    day = steps.business_day(config, date)
    say = show.nothing if as_json else show.line
    with steps.alone(config):
        say(f"night of {day}: extracting")
        items = steps.plan(config, day)
        with show.progress(len(items), quiet=as_json) as step:
            outcomes = steps.extract_all(
                config, items, done=lambda outcome: step(show.landed(outcome))
            )
        loaded = steps.load(config, day)
        say(f"loaded {sum(one['rows'] for one in loaded)} rows into {len(loaded)} tables")
        if not any(one["rows"] for one in outcomes):
            say(f"nothing new arrived: beyond-likes sources --config {config} shows what is on")
        say("building the marts with dbt")
        with show.building(quiet=as_json) as tell:
            steps.build(config, day, say=tell)
        folder = steps.publish(config, page=_page())
    errors = [error for one in [*outcomes, *loaded] for error in one["errors"]]
    if as_json:
        show.document({"date": str(day), "published": folder, "errors": show.distinct(errors)})
    else:
        show.scorecard(Path(folder))
        show.line(f"published: {folder}")
        show.line(f"review page: {folder}/kpi_review.html")
    _end(errors, quiet=as_json)


@app.command()
def extract(
    source: Source = None,
    stream: Annotated[list[str] | None, typer.Argument(help="Its streams; none: all.")] = None,
    config: Config = SETTINGS,
    since: Annotated[str | None, typer.Option(help="First day, to read older days again.")] = None,
    until: Annotated[str | None, typer.Option("--until", "--date", help="Last day.")] = None,
    as_json: Json = False,
) -> None:
    """Bring a source's new rows to landing; nothing else changes."""
    first = steps.business_day(config, since) if since else None
    items = steps.plan(config, until, since=first)
    only = planning.chosen(items, source, stream or [])
    with show.progress(len(only), quiet=as_json) as step:
        outcomes = steps.extract_all(
            config, items, only=only, done=lambda outcome: step(show.landed(outcome))
        )
    if as_json:
        show.document(outcomes)
    _end([error for outcome in outcomes for error in outcome["errors"]], quiet=as_json)


@app.command()
def load(config: Config = SETTINGS, date: Day = None, as_json: Json = False) -> None:
    """Load landed attempts into raw: only what no ledger row covers yet."""
    outcomes = steps.load(config, date)
    show.document(outcomes) if as_json else show.loaded(outcomes)
    _end([error for outcome in outcomes for error in outcome["errors"]], quiet=as_json)


@app.command()
def replay(
    source: Source = None,
    config: Config = SETTINGS,
) -> None:
    """Rebuild raw from landing alone; the result is identical."""
    steps.load(config, rebuild=True, only=source)
    show.line("raw is rebuilt from landing; run `beyond-likes build` to refresh the marts")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def build(context: typer.Context, config: Config = SETTINGS, date: Day = None) -> None:
    """Run dbt build with the project's profile; further arguments go to dbt."""
    steps.build(config, date, context.args, say=show.line)


@app.command()
def hand_over(
    folder: Annotated[Path, typer.Argument(help="A new folder that Spark reads, too.")],
    config: Config = SETTINGS,
    date: Day = None,
) -> None:
    """Write what dbt on Spark needs to build from landing; print the arguments of its build."""
    show.line(" ".join(steps.hand_over(config, folder.absolute(), date)))


@app.command()
def publish(
    config: Config = SETTINGS,
    to: Target = None,
    schema: Schema = postgres.SCHEMA,
    as_json: Json = False,
) -> None:
    """Write a release of the marts with its review page and swap `published` to it.

    With --to, write none: copy the tables of the one that is out, in one transaction. The database
    is the one of BEYOND_LIKES_POSTGRES_URL.
    """
    if to:
        done = postgres.publish(
            steps.project(config), schema=schema, done=show.nothing if as_json else show.line
        )
        if as_json:
            show.document(done)
        else:
            show.line("{business_date}: {tables} tables, {rows} rows in {schema}".format(**done))
        return
    folder = steps.publish(config, page=_page())
    if as_json:
        show.document({"published": folder})
        return
    show.scorecard(Path(folder))
    show.line(f"published: {folder}")


@app.command()
def alert(
    config: Config = SETTINGS, date: Day = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Mail and post what changed in the published marts; what was told is not told again."""
    day = steps.business_day(config, date)
    outcome = alerts.alert(steps.project(config), day, german=_german(), dry_run=dry_run)
    if as_json:
        show.document(outcome)
    else:
        for channel, told in outcome["told"].items():
            show.line(f"{channel}: {told or 'nothing new'}")
        show.line(f"{len(outcome['holding'])} alerts hold as of {outcome['day']}")
    _end(outcome["errors"], quiet=as_json)


@app.command()
def digest(config: Config = SETTINGS, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Mail and post the weekly agenda: what is due, off target and was decided, by owner."""
    outcome = alerts.digest(steps.project(config), german=_german(), dry_run=dry_run)
    if as_json:
        show.document(outcome)
    elif dry_run:
        show.line(outcome["text"])
    else:
        show.line(f"sent as of {outcome['day']}: {', '.join(outcome['told']) or 'to nobody'}")
    _end(outcome["errors"], quiet=as_json)


@app.command()
def review(
    config: Config = SETTINGS,
    language: Annotated[
        str | None, typer.Option(help="en or de: the one it opens in (default: sources.yml's).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the page here, not into the release.")
    ] = None,
) -> None:
    """Build the review page of the published release anew."""
    from dashboard.page import review as build_page

    show.line(f"review page: {build_page(steps.project(config).config, language, out)}")


@app.command()
def erase(person: Person = None, config: Config = SETTINGS, as_json: Json = False) -> None:
    """Remove a person from landing, raw, marts and all releases, and keep them out from now on."""
    say = show.nothing if as_json else show.line
    done = privacy.erase(config, person or typer.prompt("Person", err=True), page=_page(), say=say)
    show.document(done) if as_json else show.erased(done)
    _end(done["errors"], quiet=as_json)


@app.command()
def rotate_key(config: Config = SETTINGS, as_json: Json = False) -> None:
    """Hash the stored pseudonyms again under a new key; joins hold. It does not undo a leak."""
    say = show.nothing if as_json else show.line
    done = privacy.rotate_key(config, page=_page(), say=say)
    show.document(done) if as_json else show.line(f"the key is now {done['key_id']}")
    _end(done["errors"], quiet=as_json)


@app.command()
def sources(config: Config = SETTINGS, date: Day = None, as_json: Json = False) -> None:
    """Show one row a source: on, fresh or broken, credentials, last load, rows, owner."""
    rows = overview(steps.project(config), steps.business_day(config, date))
    if as_json:
        show.document(rows)
    else:
        show.sources(rows)


@app.command()
def check(
    source: Source = None,
    config: Config = SETTINGS,
    date: Day = None,
    as_json: Json = False,
) -> None:
    """Try credentials and permissions: read one page a stream, write nothing."""
    day = steps.business_day(config, date)
    own = steps.project(config)
    asked = checking.chosen(own, source)
    say = show.nothing if as_json else show.line
    if not own.api_sources:
        say("no system is on: files need no check")
    found: dict[str, str | None] = {}
    if refused := checking.landing_refusal(own):
        say(refused)
        found["landing"] = refused
    for tried in checking.tries(own, asked, day):
        say(f"{tried.stream.label}: {tried.error or 'ok'}")
        found[tried.stream.label] = tried.complaint
    if as_json:
        show.document([{"stream": name, "error": error} for name, error in found.items()])
    _end([error for error in found.values() if error], quiet=as_json)


@sandbox_app.command()
def serve(
    seed: Annotated[int, typer.Option(help="Same seed, same company.")] = 1,
    days: Annotated[int, typer.Option(help="Days of history.")] = 400,
    scale: Annotated[float, typer.Option(help="Size of the company.")] = 1.0,
    faults: Annotated[str, typer.Option(help="Faults to inject, e.g. linkedin:429.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for its settings and exports.")] = Path("demo"),
    port: Annotated[int, typer.Option(help="0: a free one.")] = 0,
    last_day: Annotated[
        str | None, typer.Option(help="Its business day (default: yesterday).")
    ] = None,
    sources: Annotated[
        str, typer.Option(help="The platforms its settings name; the rest it exports as files.")
    ] = "linkedin,greenhouse,hubspot,zendesk",
) -> None:
    """Serve a simulated company's platforms on 127.0.0.1 until stopped."""
    from sandbox.serve import serve as serve_company

    day = date.fromisoformat(last_day) if last_day else None
    serve_company(
        seed=seed, days=days, scale=scale, faults=faults, out=out, port=port, last_day=day,
        sources=sources.split(","),
        on_ready=lambda url: show.line(f"{url} (settings and exports in {out})"),
    )  # fmt: skip


def _page() -> steps.PageMaker:
    """Return the maker of the review page; only the command line knows the dashboard."""
    from dashboard.page import of_release

    return of_release


def _german() -> Mapping[str, str]:
    from dashboard.german import NAMES

    return NAMES


def _end(errors: Sequence[str], *, quiet: bool) -> None:
    if not quiet:
        for error in show.distinct(errors):
            show.problem(error)
    if errors:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; exit 0 done, 1 something failed, 2 wrong use."""
    try:
        app()
    except UsageError as error:
        show.problem(str(error))
        sys.exit(2)
    except ExtractError as error:
        show.problem(str(error))
        sys.exit(1)
    except OSError as error:
        show.problem(f"{error.filename or 'disk'}: {error.strerror}. Mend that and run again.")
        sys.exit(1)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what DuckDB makes of Ctrl-C while it works
            raise
        sys.exit(130)


if __name__ == "__main__":
    main()
