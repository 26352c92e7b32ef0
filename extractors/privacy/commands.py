"""`erase` and `rotate-key`: landing and raw first, then marts and a release, then what held them.

Each step ends whole or not at all and is done again by the same command, wherever that was stopped.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

from extractors import foreign, locks, news
from extractors import run as steps
from extractors.core import landing, ledger, places
from extractors.core.erasing import EVERYWHERE
from extractors.core.errors import FatalError, UsageError
from extractors.core.privacy import holds, key_id, pseudonymiser
from extractors.privacy.upkeep import Left, catch_up, keep_up
from extractors.project import Project
from extractors.run import PageMaker, Say


def erase(file: Path, person: str, *, page: PageMaker, say: Say) -> dict[str, Any]:
    """Remove a person from landing, raw, marts and every release, and keep them out.

    Shape: {records: {stream: records that left}, files (exports that still hold the person),
    foreign (sources that another tool loads), published (folder or None), errors}.
    Raises: UsageError on a blank value; RetriableError while something else runs here; what build
    and publish raise. The same call goes on where one was stopped.
    """
    own = steps.project(file)
    code = pseudonymiser(own.hmac_key())(person)
    if code is None:
        raise UsageError("--person", "the value is empty", "Give an e-mail address or number")
    _check_key(own)
    with locks.writer(own), locks.no_landing(own):
        own.erased.add({EVERYWHERE: {code}})
        left = _forget(own, file, say)
    return {
        "records": {label: len(keys) for label, keys in sorted(left.records.items())},
        "files": sorted(left.files),
        "foreign": sorted(foreign.settings(own.config)),
        "published": _renew(own, file, page, say),
        "errors": _errors(left),
    }


def rotate_key(file: Path, *, page: PageMaker, say: Say) -> dict[str, Any]:
    """Hash every stored pseudonym again under a new key; new values go through both.

    Shape: {key_id, published, errors}.
    Raises: UsageError when the key is given by the environment and names no new one; else as
    `erase`.
    """
    own = steps.project(file)
    _check_key(own)
    with locks.writer(own), locks.no_landing(own):
        draft = own.next_key()
        left = _forget(own, file, say)
    published = _renew(own, file, page, say)
    if draft:
        draft.unlink()
    return {"key_id": key_id(own.hmac_key()), "published": published, "errors": _errors(left)}


def _check_key(own: Project) -> None:
    """Raise FatalError where the newest pseudonyms are not of this key: the nights have another."""
    key = own.hmac_key()
    for attempt in sorted(landing.attempts(own.landing), key=lambda one: one.attempt, reverse=True):
        stored = attempt.read()[0].get("key_id")
        if stored and not holds(key_id(key), stored):
            what = f"the pseudonyms here were made with key {stored}, this key is {key_id(key)}"
            do = "Give this command the key of the nights, as BEYOND_LIKES_HMAC_KEY"
            raise FatalError(str(own.config.home), what, do)
        if stored:
            return


def _forget(own: Project, file: Path, say: Say) -> Left:
    """Bring landing and raw up to date, and remove what killed runs have left beside them."""
    landing.clear_interrupted(own.landing)
    for name in ("warehouse.duckdb.replay", "warehouse.duckdb.replay.wal"):
        (own.config.home / name).unlink(missing_ok=True)
    shutil.rmtree(own.config.home / "spill", ignore_errors=True)
    places.forget(own.config.home)
    say("looking through landing")
    left = keep_up(own, steps.business_day(file), whole=True)
    catch_up(own)
    return left


def _renew(own: Project, file: Path, page: PageMaker, say: Say) -> str | None:
    """Build and publish as of the day that was built last, and remove every other release."""
    day = _built_day(own)
    published = None
    if day:
        say("building the marts with dbt")
        with locks.opened(own) as db:
            news.forget(db)
        steps.build(file, day)
        published = steps.publish(file, page=page, keep=1)
    if own.warehouse.exists():
        with locks.writer(own):
            ledger.compact(own.warehouse)
    return published


def _built_day(own: Project) -> str | None:
    if not own.warehouse.exists():
        return None
    with ledger.connect(own.warehouse) as db:
        try:
            found = db.execute("select business_date from ops.build").fetchone()
        except duckdb.CatalogException:
            return None
    return str(found[0]) if found else None


def _errors(left: Left) -> list[str]:
    if not left.other_keys:
        return left.errors
    what = f"{left.other_keys} attempts were hashed with another key and are not reached"
    do = "Bring that key back; a new one is a second line below it"
    return [*left.errors, f"landing: {what}. {do}."]
