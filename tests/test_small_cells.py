"""Small cells: what is published tells nobody a number of persons below `smallest_cell`."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from extractors import config, release
from extractors.cells import frames
from extractors.core.errors import FatalError, UsageError
from tests.disclosure import Cell, Equation, Sum, recovered

SMALLEST = 5
PLATFORMS = {
    "social": ("facebook", "linkedin", "tiktok"),
    "conventional": ("email", "indeed"),
    "unknown": ("unattributed",),
}
ATOMS: list[frames.Atom] = [
    (kind, platform, goal, f"{platform}-{goal}-{i}")
    for kind, platforms in PLATFORMS.items()
    for platform in platforms
    for goal in ("recruiting", "")
    for i in range(2)
]
World = dict[int, dict[frames.Atom, float]]


def world(chance: random.Random) -> tuple[range, World, World]:
    """Make a history: a count that varies by campaign and month, and a part of it."""
    span = range(first := chance.randrange(24_000, 24_012), first + chance.randrange(5, 28))
    busy = {atom: chance.choice((0, 0.3, 2, 12, 40)) for atom in ATOMS}
    whole: World = {}
    part: World = {}
    for month in span:
        for atom in ATOMS:
            usual = busy[atom] * chance.choice((0, 0.5, 1, 1, 1))
            count = sum(chance.random() < usual / 60 for _ in range(60))
            whole.setdefault(month, {})[atom] = count
            part.setdefault(month, {})[atom] = sum(chance.random() < 0.2 for _ in range(count))
    return span, whole, part


def periods(span: range) -> Iterator[tuple[str, frozenset[int]]]:
    yield "all", frozenset(span)
    for grain, length in frames.LENGTHS.items():
        for start in {month - month % length for month in span}:
            yield grain, frozenset(span).intersection(range(start, start + length))


def slices() -> list[list[frames.Atom]]:
    values = {(i, atom[i]) for i in (0, 1, 3) for atom in ATOMS}
    return [ATOMS, *([a for a in ATOMS if a[i] == value] for i, value in sorted(values))]


def cells(name: str, months: frozenset[int], atoms: list[frames.Atom]) -> Sum:
    found: dict[Cell, int] = {(name, month, *atom, ""): 1 for month in months for atom in atoms}
    return found


def told(name: str, frame: frames.Frame, counts: World, span: range) -> Iterator[Equation]:
    """Yield every figure of a count that the frame lets be published."""
    for grain, months in periods(span):
        for atoms in slices():
            if frame.shows(grain, months, atoms):
                yield (
                    cells(name, months, atoms),
                    sum(counts[m][a] for m in months for a in atoms),
                )


def kept(name: str, counts: World, span: range) -> dict[tuple[object, ...], Sum]:
    """Return the breakdowns of a count that are small."""
    return {
        (name, grain, *sorted(months), *atoms): cells(name, months, atoms)
        for grain, months in periods(span)
        for atoms in slices()
        if 0 < sum(counts[m][a] for m in months for a in atoms) < SMALLEST
    }


def audited(seed: int) -> tuple[int, int, int, int]:
    """Return how many breakdowns a world shows and has, and how many small ones are found out."""
    span, whole, part = world(random.Random(seed))
    outer = frames.build([whole], span, ATOMS, SMALLEST, None)
    rest = {m: {a: n - part[m][a] for a, n in at.items()} for m, at in whole.items()}
    inner = frames.build([part, rest], span, ATOMS, SMALLEST, outer)
    said = [*told("whole", outer, whole, span), *told("part", inner, part, span)]
    small = {**kept("whole", whole, span), **kept("part", part, span)}
    fixed, bounded = recovered(said, small, SMALLEST)
    every = 2 * len([*periods(span)]) * len(slices())
    return len(said), every, len(fixed), len(bounded)


def test_no_small_cell_follows_from_what_is_shown() -> None:
    """Neither exactly nor as a range that leaves out what is not small."""
    found = [audited(seed) for seed in range(4)]
    assert sum(fixed + bounded for _, _, fixed, bounded in found) == 0
    shown, every = sum(one[0] for one in found), sum(one[1] for one in found)
    assert shown > every / 5


def test_hiding_the_small_cells_alone_would_tell_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames.Frame, "shows", lambda *_: True)
    span, whole, _ = world(random.Random(1))
    every = told("whole", frames.Frame(SMALLEST), whole, span)
    said = [(sums, value) for sums, value in every if not 0 < value < SMALLEST]
    fixed, bounded = recovered(said, kept("whole", whole, span), SMALLEST)
    assert len(fixed) > 20
    assert len(bounded) > 20


def test_a_quarter_does_not_tell_its_small_month() -> None:
    """By hand: two campaigns, 3 + 9 in January, 6 + 9 and 6 + 9 after."""
    one, two = ATOMS[0], ATOMS[1]
    counts = {24_300: {one: 3, two: 9}, 24_301: {one: 6, two: 9}, 24_302: {one: 6, two: 9}}
    frame = frames.build([counts], range(24_300, 24_303), [one, two], SMALLEST, None)
    months = [frozenset([month]) for month in counts]
    assert frame.shows("quarter", frozenset(counts), [one])
    assert all(frame.shows("month", month, [one, two]) for month in months)
    assert not any(frame.shows("month", month, [each]) for month in months for each in (one, two))


def test_a_month_that_has_just_begun_is_not_the_difference_of_two_sums() -> None:
    begun = {month: {ATOMS[0]: 20} for month in range(24_300, 24_312)} | {24_312: {ATOMS[0]: 2}}
    frame = frames.build([begun], range(24_300, 24_313), ATOMS, SMALLEST, None)

    def shows(grain: str, first: int, last: int) -> bool:
        return frame.shows(grain, frozenset(range(first, last)), ATOMS)

    assert shows("all", 24_300, 24_313)
    assert shows("month", 24_310, 24_311)
    assert not shows("month", 24_312, 24_313)
    assert not shows("month", 24_311, 24_312)
    assert not shows("year", 24_300, 24_312)
    assert shows("quarter", 24_300, 24_303)


@pytest.mark.parametrize("value", ["1", "-3", "2.5", "some", "[5]"])
def test_a_cell_size_that_hides_nothing_is_refused(tmp_path: Path, value: str) -> None:
    file = tmp_path / "sources.yml"
    file.write_text(f"smallest_cell: {value}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="smallest_cell: Input should be"):
        config.read(file)


def built(db: duckdb.DuckDBPyConnection, manifest: Path) -> None:
    """Make the least of a warehouse: a count of persons, its fact, and a mart of the company's."""
    measures = [{"name": "leads", "expr": "1"}]
    semantic = {"leads": {"model": "ref('fct_leads')", "measures": measures}}
    manifest.write_text(json.dumps({"nodes": {}, "semantic_models": semantic}), encoding="utf-8")
    for name in ("ops", "marts", "seeds"):
        db.execute(f"create schema {name}")
    db.execute("create table ops.build as select date '2026-11-22' as business_date, true finished")
    db.execute(
        "create table marts.metric_days as select date '2026-11-02' as day, 'x' as platform,"
        " 'c' as campaign, 'a' as audience, 'm' as message, 'social' as channel_kind,"
        " 'leads' as measure, 3 as value"
    )
    db.execute("create table marts.dim_campaigns as select 'c' as campaign, 'sales' as goal")
    db.execute("create table marts.kpi_definitions as select 'leads' as kpi, 'leads' as measure")
    for table in ("kpi_recruiting_funnel", "kpi_sales_funnel"):
        db.execute(f"create table marts.{table} (stage text, month date, reached bigint,"
                   " channel_kind text, platform text, campaign text)")  # fmt: skip
    db.execute("create table marts.fct_leads as select 'secret-lead' as lead_id")
    db.execute("create table marts.of_the_company as select 'secret-count' as one, 3 as persons")


def test_rows_of_persons_and_unknown_marts_have_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the file either, where rows that are deleted stay readable."""
    from extractors.cells import shown, tables

    monkeypatch.setattr(tables, "REWRITTEN", {"metric_days": tables.REWRITTEN["metric_days"]})
    monkeypatch.setattr(shown, "SIDES", "create table held.sides (kpi text, measure text)")
    manifest = tmp_path / "manifest.json"
    with duckdb.connect() as db:
        built(db, manifest)
        open_ = release.publish(db, tmp_path, manifest)
        held = release.publish(db, tmp_path, manifest, smallest_cell=5)
        assert not open_.exists()  # whoever has both can subtract them
        with pytest.raises(FatalError, match="what each measure counts"):
            release.publish(db, tmp_path, tmp_path / "none.json", smallest_cell=5)
    with duckdb.connect(str(held / "marts.duckdb"), read_only=True) as db:
        for name in ("fct_leads", "of_the_company", "metric_days"):
            assert db.execute(f"select count(*) from {name}").fetchone() == (0,)
        named = db.execute("select table_name, smallest_cell from small_cells").fetchall()
    assert ("of_the_company", 5) in named
    assert b"secret-" not in b"".join(
        file.read_bytes() for file in held.rglob("*") if file.is_file()
    )
    catalog = json.loads((held / "catalog.json").read_text(encoding="utf-8"))
    assert catalog["smallest_cell"] == 5
    texts = {table["name"]: table["description"] for table in catalog["tables"]}
    assert texts["of_the_company"] == "Small cells are withheld: no rows."
