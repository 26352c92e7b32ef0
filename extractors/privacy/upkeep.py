"""Keeps landing and raw as they may be: of one key, without the erased, without what is too old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from extractors.core import erasing, landing, ledger, loader
from extractors.core.ages import dated, day_of
from extractors.core.erasing import Names, Screen
from extractors.core.errors import FatalError
from extractors.core.landing import Attempt
from extractors.core.privacy import LINK, key_id, onward, pseudonymiser
from extractors.core.rewriting import Row, rewrite, rows, sweep
from extractors.core.types import Stream
from extractors.privacy.state import State
from extractors.project import Project, streams


@dataclass
class Left:
    """What has left landing for erased persons: keys of records by stream, names of their files."""

    records: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    other_keys: int = 0  # attempts of a key that the present one does not go on from


def keep_up(own: Project, day: date, *, whole: bool = False) -> Left:
    """Bring landing to what the key, the list of the erased and the ages ask for.

    The caller holds the writer's place and calls `catch_up` after it. What nobody asks for costs
    nothing; what is met already, a look at new attempts. `whole` looks at all there is. A damaged
    attempt is left, and named.
    """
    home, state, left = own.config.home, State.read(own.config.home), Left()
    day = max(day, date.fromisoformat(state.day))
    names, key, first_days = own.erased.read(), own.hmac_key(), own.first_days(day)
    wanted = _wanted(key, names, first_days)
    asked = names or first_days or LINK in key_id(key) or state.first_days()
    if not asked and not whole:
        return left
    every = [one for one in landing.attempts(own.landing) if _label(one) in streams()]
    every = [one for one in every if not one.failed]
    due = whole or state.met != wanted
    days = first_days if whole or state.first_days() != wanted["first_days"] else {}
    _Sweep(own, state, names, days, left).run(every if due else _new(own, every), every)
    met = _wanted(key, own.erased.read(), first_days)
    if due or met != wanted:
        State(met, state.replay, str(day)).save(home)
    return left


def catch_up(own: Project) -> None:
    """Let raw follow what has changed in landing. The caller holds the writer's place."""
    state = State.read(own.config.home)
    if state.replay:
        chosen = {label: streams()[label] for label in state.replay if label in streams()}
        loader.replay(own.warehouse, chosen, own.landing, key=key_id(own.hmac_key()))
        State(state.met, [], state.day).save(own.config.home)


def _wanted(key: bytes, names: Names, first_days: Mapping[str, date]) -> dict[str, Any]:
    days = {label: str(day) for label, day in first_days.items()}
    return {"key_id": key_id(key), "erased": erasing.digest(names), "first_days": days}


def _label(attempt: Attempt) -> str:
    return f"{attempt.source}.{attempt.stream}"


def _new(own: Project, every: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts that are not loaded yet."""
    if not own.warehouse.exists():
        return list(every)
    with ledger.connect(own.warehouse) as db:
        db.execute(ledger.TABLES)
        known = {label: ledger.covered(db, streams()[label]) for label in {*map(_label, every)}}
    return [one for one in every if one.attempt not in known[_label(one)]]


class _Sweep:
    """One pass over landing; what it has done stays done when it is stopped."""

    def __init__(
        self, own: Project, state: State, names: Names, first_days: Mapping[str, date], left: Left
    ) -> None:
        self._own, self._state, self._names, self._left = own, state, names, left
        self._key, self._days = own.hmac_key(), first_days
        self._referred: dict[str, set[str | None]] = {}

    def run(self, scope: Sequence[Attempt], every: Sequence[Attempt]) -> None:
        """Find all that leaves, then rewrite: the list is whole before the first row is gone."""
        while self._names and self._own.erased.add(self._found(scope)):
            self._names, scope = self._own.erased.read(), every
        self._referred = self._still_named(every)
        for attempt in scope:
            try:
                self._rewrite(attempt)
            except FatalError as error:
                self._left.errors.append(str(error))

    def _found(self, scope: Iterable[Attempt]) -> dict[str, set[str]]:
        """Return what leaves with the rows of erased persons."""
        found: dict[str, set[str]] = {}
        for attempt in scope:
            stream = streams()[_label(attempt)]
            if stream.about_persons:
                screen = Screen(stream, self._names, self._key)
                for row in self._rows(attempt, stream):
                    screen.leaves(row)
                for scope_name, names in screen.found.items():
                    found.setdefault(scope_name, set()).update(names)
        return found

    def _rows(self, attempt: Attempt, stream: Stream) -> Iterator[Row]:
        """Yield an attempt's rows in the present key; of a damaged one, as far as it is sound."""
        try:
            head, _ = attempt.read()
            follow = self._follow(stream, head)
            for part in head["parts"]:
                yield from map(follow, rows(attempt, part)) if follow else rows(attempt, part)
        except FatalError:
            return  # named when it cannot be rewritten

    def _follow(self, stream: Stream, head: Mapping[str, Any]) -> Callable[[Row], Row] | None:
        code = onward(self._key, head.get("key_id"))
        if code is None:
            return None
        return lambda row: {**row, **{name: code(row.get(name)) for name in stream.personal}}

    def _rewrite(self, attempt: Attempt) -> None:
        stream, (head, _) = streams()[_label(attempt)], attempt.read()
        follow = self._follow(stream, head)
        marks = {"key_id": key_id(self._key)} if follow else {}
        if not follow and head.get("key_id") not in (None, key_id(self._key)):
            self._left.other_keys += 1
        sweep(attempt, head)
        stays = self._stays(stream, head)
        if not follow and not stays:
            return

        def change(row: Row) -> Row | None:
            new = follow(row) if follow else row
            return None if stays and not stays(new) else new

        changed = [change(row) is not row for part in head["parts"] for row in rows(attempt, part)]
        if any(changed) or marks:
            self._state.mark(self._own.config.home, stream.label)
            rewrite(attempt, head, change, **marks)

    def _stays(self, stream: Stream, head: Mapping[str, Any]) -> Callable[[Row], bool] | None:
        """Return what tells whether a row of an attempt stays; None where every one does."""
        screen = None
        if self._names and stream.about_persons:
            screen = Screen(stream, self._names, self._key)
        first, columns = self._days.get(stream.label), dated(stream)
        if not screen and not first:
            return None
        file = head.get("file") or {}
        otherwise = date.fromisoformat((file.get("modified_at") or head["window"]["last"])[:10])

        def stays(row: Row) -> bool:
            if screen and screen.leaves(row):
                key = tuple(str(row.get(name)) for name in stream.key)
                self._left.records.setdefault(stream.label, set()).add(key)
                self._left.files |= {file["name"]} if file else set()
                return False
            if first is None or (day_of(row, columns) or otherwise) >= first:
                return True
            return self._key_of(stream, row) in self._referred.get(stream.label, ())

        return stays

    def _key_of(self, stream: Stream, row: Row) -> str | None:
        """Return a record's key as the list of the erased and references have it."""
        (name, *others), code = stream.key, pseudonymiser(self._key)
        if others:
            return None
        value = row.get(name)
        return value if stream.columns[name].personal else code(value)

    def _still_named(self, every: Iterable[Attempt]) -> dict[str, set[str | None]]:
        """Return the records without a date of their own that kept rows of other streams name."""
        undated = {label for label in self._days if not dated(streams()[label])}
        named: dict[str, set[str | None]] = {label: set() for label in undated}
        code = pseudonymiser(self._key)
        for attempt in every if undated else ():
            stream = streams()[_label(attempt)]
            links = [
                (name, column.personal, f"{stream.source}.{of}")
                for name, column in stream.columns.items()
                for of in column.of
                if f"{stream.source}.{of}" in undated and (name,) != stream.key
            ]
            if not links:
                continue
            first, columns = self._days.get(stream.label, date.min), dated(stream)
            for row in self._rows(attempt, stream):
                if (day_of(row, columns) or date.max) >= first:
                    for name, personal, label in links:
                        named[label].add(row.get(name) if personal else code(row.get(name)))
        return named
