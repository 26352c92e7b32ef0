"""What leaves with an erased person, what is too old, and pseudonyms under a new key; no dbt."""

from __future__ import annotations

import hmac
import shutil
from datetime import date
from pathlib import Path

import pytest

from extractors import run
from extractors.core.ages import dated, first_day
from extractors.core.errors import FatalError, RetriableError, UsageError
from extractors.core.privacy import key_id, pseudonymiser
from extractors.locks import landing
from extractors.privacy import commands
from extractors.project import streams
from tests.forgetting import ACTS, base, result, same_new_key, trial
from tests.systems import ADA, BOB, MARCH, RECORDS, Systems, unpacked

KEY = b"only-for-tests-0123456789-abcdefghij"
NEXT = b"the-next-key-0123456789-abcdefghijkl"
BOBS = {
    "greenhouse.candidates": 1,
    "greenhouse.applications": ["12"],
    "greenhouse.application_stages": ["22"],
    "greenhouse.application_ids": ["12"],
    "zendesk.users": 1,
    "zendesk.tickets": ["32"],
    "hubspot.contacts": ["102"],
    "hubspot.deals": ["42"],
    "salesforce.leads": ["L2"],
    "salesforce.opportunities": ["O2"],
    "salesforce.opportunity_contacts": ["R2"],
    "salesforce.campaign_members": ["M2"],
}


def page(*_: object) -> str:
    raise AssertionError("nothing was built, so nothing is published")


def quiet(_: str) -> None:
    pass


def erase(systems: Systems, person: str = ADA) -> dict[str, object]:
    return commands.erase(systems.settings, person, page=page, say=quiet)


def holders(systems: Systems, person: str) -> list[str]:
    """Return the files of home in which the person's pseudonym under the first key stands."""
    code = str(pseudonymiser(KEY)(person)).encode()
    files = [file for file in systems.home.rglob("*") if file.is_file()]
    return [str(file.relative_to(systems.home)) for file in files if code in unpacked(file)]


def only_bobs(systems: Systems) -> bool:
    found = systems.keys()
    assert {label: keys for label, keys in found.items() if BOBS.get(label) != 1} == {
        label: keys for label, keys in BOBS.items() if keys != 1
    }
    return all(len(found[label]) == 1 for label in BOBS)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", KEY.decode())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Systems:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEYOND_LIKES_HMAC_KEY", KEY.decode())
        found = Systems.made(tmp_path_factory.mktemp("loaded")).send()
        run.load(found.settings)
        return found


@pytest.fixture
def systems(loaded: Systems, tmp_path: Path) -> Systems:
    return loaded.copied(tmp_path / "one")


def test_what_is_a_persons_leaves_in_every_system_and_stays_gone(systems: Systems) -> None:
    assert "warehouse.duckdb" in holders(systems, ADA)
    done = erase(systems)
    assert only_bobs(systems)
    assert holders(systems, ADA) == ["secrets/erased.json"]
    assert done["records"] == {
        "greenhouse.application_ids": 2,
        "greenhouse.application_stages": 1,
        "greenhouse.applications": 2,
        "greenhouse.candidates": 1,
        "hubspot.contact_merges": 1,
        "hubspot.contacts": 2,
        "hubspot.deals": 1,
        "salesforce.campaign_members": 1,
        "salesforce.leads": 1,
        "salesforce.opportunities": 1,
        "salesforce.opportunity_contacts": 1,
        "zendesk.tickets": 1,
        "zendesk.users": 1,
    }
    systems.send("A2")
    run.load(systems.settings)
    assert only_bobs(systems)


def test_a_number_is_not_another_systems_number(systems: Systems) -> None:
    """1 is a candidate and a help desk user; neither knows themselves by it."""
    assert erase(systems, "1")["records"] == {}


def test_who_applies_again_under_a_new_number_stays_gone(systems: Systems) -> None:
    erase(systems)
    new = {"id": 19, "candidate_id": 9, "created_at": "2026-04-01T10:00:00Z"}
    systems.land("greenhouse.applications", [new], attempt="A2")
    assert len(systems.landed()[f"greenhouse.applications A2 {key_id(KEY)}"]) == 1
    systems.land("greenhouse.candidates", [{"id": 9, "person": ADA}], attempt="A2")
    run.load(systems.settings)
    assert only_bobs(systems)


def test_landing_that_is_brought_back_holds_nobody_after_replay(
    systems: Systems, tmp_path: Path
) -> None:
    backup = systems.copied(tmp_path / "backup")
    erase(systems)
    users = "landing/zendesk/users"
    shutil.rmtree(systems.home / users)
    shutil.copytree(backup.home / users, systems.home / users)
    assert len(holders(systems, ADA)) == 2
    run.load(systems.settings, rebuild=True, only="zendesk")
    assert only_bobs(systems)
    assert not [file for file in holders(systems, ADA) if file.startswith("landing")]


def test_an_attempt_that_a_killed_night_has_left_is_removed(systems: Systems) -> None:
    dead = systems.home / "landing/zendesk/users/window=2026-03-31_2026-03-31/attempt=A0"
    dead.mkdir()
    (dead / "part-00000.ndjson.zst").write_bytes(b"half")
    erase(systems)
    assert not dead.exists()


def test_nobody_is_erased_while_something_is_fetched(systems: Systems) -> None:
    with landing(run.project(systems.settings)), pytest.raises(RetriableError, match="extraction"):
        erase(systems)


def test_an_empty_person_is_wrong_use(systems: Systems) -> None:
    with pytest.raises(UsageError, match="the value is empty"):
        erase(systems, "  ")


def test_another_key_than_the_nights_erases_nobody(
    systems: Systems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", NEXT.decode())
    with pytest.raises(FatalError, match="Give this command the key of the nights"):
        erase(systems)
    assert not (systems.home / "secrets" / "erased.json").exists()


def test_a_list_of_another_key_stops_the_night(
    systems: Systems, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(systems)
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", NEXT.decode())
    with pytest.raises(FatalError, match="the list was made with key"):
        run.load(systems.settings)


def sent_with_next_key(systems: Systems, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Let new records land under the next key, which stays set; return what raw held before."""
    before = systems.keys()
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", NEXT.decode())
    systems.send("A2")
    return dict(before)


def test_what_a_host_with_another_key_has_landed_stays_out(
    systems: Systems, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One host of several was given no key and has made its own."""
    before = sent_with_next_key(systems, monkeypatch)
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", KEY.decode())
    errors = [error for one in run.load(systems.settings) for error in one["errors"]]
    assert len(errors) > 5
    for error in errors:
        assert f"made with key {key_id(NEXT)}, this key is {key_id(KEY)}. Give every host" in error
    run.load(systems.settings, rebuild=True)
    assert systems.keys() == before


def test_a_night_with_a_new_key_stops_before_it_makes_two_of_one_person(
    systems: Systems, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sent_with_next_key(systems, monkeypatch)
    for rebuild in (False, True):
        with pytest.raises(FatalError, match=f"made with key {key_id(KEY)}, this key is"):
            run.load(systems.settings, rebuild=rebuild)
    assert systems.keys() == before


def test_rejects_do_not_fail_a_file_because_others_have_left(systems: Systems) -> None:
    """One row of twenty may be unreadable; when one leaves, it is one of nineteen."""
    lines = [f"o{number},2026-03-01,{ADA if number == 1 else BOB}" for number in range(19)]
    drop = systems.home / "drop"
    drop.mkdir()
    text = "\n".join(["order_id,ordered_at,person", *lines, "o19,no day,x@example.org"])
    (drop / "orders.csv").write_text(text, encoding="utf-8")
    item = run.plan(systems.settings, MARCH)["file_drop"]
    assert run.extract(systems.settings, "file_drop", item)["errors"] == []
    run.load(systems.settings)
    done = erase(systems)
    assert done["files"] == ["data/drop/orders.csv"]
    assert len(systems.raw()["file_drop__orders"]) == 18
    assert len(systems.raw()["rejected_rows"]) == 1


OLDER = {"id": 14, "candidate_id": 2, "created_at": "2025-01-31T10:00:00Z"}
GONE = {"id": 3, "person": "cleo@example.org"}


@pytest.fixture
def aged(tmp_path: Path) -> Systems:
    """What came long ago: Bob, who applied again since, and Cleo, whom no kept row names."""
    found = Systems.made(tmp_path / "aged")
    found.land("greenhouse.applications", [OLDER], date(2025, 2, 1), "A0")
    people = [{"id": 2, "person": BOB}, GONE]
    found.land("greenhouse.candidates", people, date(2025, 2, 1), "A0")
    for label in ("greenhouse.applications", "zendesk.tickets"):
        found.land(label, RECORDS[label])
    run.load(found.settings, MARCH)
    Systems.made(found.folder, "keep: {greenhouse: 1 year}\n")
    return found


def test_what_is_too_old_leaves_and_does_not_come_back(aged: Systems) -> None:
    run.load(aged.settings, MARCH)
    code = pseudonymiser(KEY)
    assert aged.keys() == {
        "greenhouse.applications": ["11", "12", "13"],
        "greenhouse.candidates": [code(2)],
        "zendesk.tickets": ["31", "32"],
    }
    assert aged.landed()[f"greenhouse.applications A0 {key_id(KEY)}"] == []
    aged.land("greenhouse.applications", [OLDER], date(2025, 2, 2), "A2")
    run.load(aged.settings, "2025-02-02")
    assert aged.keys()["greenhouse.applications"] == ["11", "12", "13"]
    assert aged.landed()[f"greenhouse.applications A2 {key_id(KEY)}"] == []


def test_a_day_that_has_not_been_yet_ages_nothing(aged: Systems) -> None:
    run.load(aged.settings, "2999-12-31")
    assert len(aged.keys()["zendesk.tickets"]) == 2


def test_rows_leave_once_a_month(aged: Systems) -> None:
    run.load(aged.settings, "2026-01-31")
    assert "14" in aged.keys()["greenhouse.applications"]
    run.load(aged.settings, "2026-02-01")
    assert "14" not in aged.keys()["greenhouse.applications"]


@pytest.mark.parametrize(("name", "point"), [("erase", 20), ("age", 11), ("rotate", 24)])
def test_whoever_is_killed_is_finished_by_the_second_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, point: int
) -> None:
    """One point each; all of them: python -m tests.forgetting."""
    monkeypatch.delenv("BEYOND_LIKES_HMAC_KEY")
    with same_new_key():
        start = base(tmp_path / "base")
        quiet = start.copied(tmp_path / "quiet")
        ACTS[name](quiet)
        expected = result(quiet)
        assert expected["drafts"] == []
        hit, found = trial(ACTS[name], start, point, tmp_path / "killed")
    assert hit
    assert found == expected


@pytest.mark.parametrize(
    ("age", "today", "first"),
    [
        ("3 years", "2026-03-31", "2023-03-01"),
        ("1 month", "2026-01-15", "2025-12-01"),
        ("12 months", "2026-12-31", "2025-12-01"),
        ("90 days", "2026-03-31", "2025-12-01"),
    ],
)
def test_an_age_is_a_first_day(age: str, today: str, first: str) -> None:
    assert first_day(age, date.fromisoformat(today)) == date.fromisoformat(first)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{greenhouse: three years}", "keep: greenhouse: 'three years' is no age such as 90 days"),
        ("{greenhouse: 0 years}", "'0 years' is no age"),
        ("{greenhause: 3 years}", "unknown source or stream 'greenhause'. Choose from: bluesky"),
        ("{zendesk.user: 3 years}", "Choose from: zendesk.tickets, zendesk.users"),
        ("{company.campaigns: 3 years}", "unknown source or stream 'company.campaigns'"),
    ],
)
def test_a_setting_that_means_nothing_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run.project(Systems.made(tmp_path, f"keep: {line}\n").settings)


def test_every_stream_of_persons_has_a_date_or_is_named_by_others() -> None:
    named = {
        f"{stream.source}.{of}"
        for stream in streams().values()
        for column in stream.columns.values()
        for of in column.of
    }
    undated = {s.label for s in streams().values() if s.identities and not dated(s)}
    assert undated == {"greenhouse.candidates", "zendesk.users"}
    assert undated <= named


def test_links_lead_to_streams_with_one_key() -> None:
    for stream in streams().values():
        for column in stream.columns.values():
            for name in {*column.of, column.takes} - {""}:
                label = f"{stream.source}.{name}"
                assert label == "salesforce.contacts" or len(streams()[label].key) == 1, label


def chained(value: str) -> str:
    """Return what decision 0032 says, by the standard library alone."""
    made = hmac.new(KEY, value.encode(), "sha256").hexdigest()[:32]
    return hmac.new(NEXT, made.encode(), "sha256").hexdigest()[:32]


def test_joins_hold_over_a_new_key(systems: Systems, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(systems)
    with pytest.raises(UsageError, match="the key is given and has one line"):
        commands.rotate_key(systems.settings, page=page, say=quiet)
    monkeypatch.setenv("BEYOND_LIKES_HMAC_KEY", f"{KEY.decode()}\n{NEXT.decode()}")
    done = commands.rotate_key(systems.settings, page=page, say=quiet)
    both = f"{key_id(KEY)}+{key_id(NEXT)}"
    assert (done["key_id"], done["errors"]) == (both, [])
    assert {name.split()[-1] for name in systems.landed() if "greenhouse.a" not in name} == {
        both, "None"
    }  # fmt: skip
    assert {row[-1] for row in systems.raw()["ledger"]} == {both, None}
    systems.send("A2")
    run.load(systems.settings)
    assert only_bobs(systems)
    users = systems.raw()["zendesk__users"]
    assert [row[:2] for row in users] == [(chained("1"), chained(BOB))]
    assert [holders(systems, person) for person in (ADA, BOB, "1", "2")] == [[], [], [], []]


def test_a_key_of_our_own_gets_a_second_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BEYOND_LIKES_HMAC_KEY")
    systems = base(tmp_path / "own")
    file = systems.home / "secrets" / "hmac_key"
    first = file.read_text()
    commands.rotate_key(systems.settings, page=page, say=quiet)
    assert file.read_text().splitlines()[0] == first
    assert len(file.read_text().splitlines()) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert not file.with_suffix(".next").exists()
    commands.rotate_key(systems.settings, page=page, say=quiet)
    assert len(file.read_text().splitlines()) == 3
    code = pseudonymiser(file.read_bytes())
    people = {row[:2] for row in systems.raw()["greenhouse__candidates"]}
    assert people == {(code(1), code(ADA)), (code(2), code(BOB))}
