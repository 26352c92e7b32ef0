"""What the published measures count: which are persons, and whose frame each may be shown in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extractors.cells.frames import GRAINS, LENGTHS, Atom, Frame, Months, build
from extractors.core.errors import FatalError

Counts = dict[int, dict[Atom, float]]
# Everything else counts persons; a model that is not here is taken for one of persons.
IMPERSONAL = (
    "fct_account_days",
    "fct_ad_days",
    "fct_post_days",
    "int_clicks__unified",
    "int_costs__unified",
)
FAMILIES = {"fct_leads": "sales", "fct_deals": "sales"}  # a won lead is a deal
COUNT = re.compile(r"1|case when .* then 1( else 0)? end|.*cast\(\w+ as integer\).*")
POINTS = "satisfaction_points"  # of a thumb up or down, points are persons
SUMS = {
    "order_revenue": ("orders",),
    "revenue_of_advertised_campaigns": ("won_deals", "orders"),
    "seconds_to_first_response": ("requests_with_response_time",),
    "seconds_to_first_response_squared": ("requests_with_response_time",),
    "seconds_to_hire": ("hires_with_duration",),
    "seconds_to_hire_squared": ("hires_with_duration",),
    "seconds_to_resolution": ("requests_with_resolution_time",),
    "seconds_to_resolution_squared": ("requests_with_resolution_time",),
    "won_revenue": ("won_deals",),
}
FUNNELS = {"kpi_recruiting_funnel": "fct_applications", "kpi_sales_funnel": "fct_leads"}
ALIKE = 0.75  # a part as large as this shares the frame of its whole: the rest would be too few
ATOM = "channel_kind, days.platform, coalesce(goal, ''), campaign"
DAYS = f"""
select measure, year(day) * 12 + month(day) - 1, {ATOM}, sum(value)
from marts.metric_days as days left join marts.dim_campaigns as d using (campaign)
group by all order by all
"""
STAGES = f"""
select '{{table}}.' || stage, year(month) * 12 + month(month) - 1, {ATOM}, sum(reached)
from marts.{{table}} as days left join marts.dim_campaigns as d using (campaign)
where reached is not null group by all order by all
"""


@dataclass(frozen=True)
class Measures:
    """The measures that count or sum persons.

    Shape: `frames` maps a count to its frame; `aliases` maps a measure to the counts that it may be
    shown with and the atoms that it covers (None: all); `personal` names them all, also those that
    no frame is known for; `spans` gives a measure the months of its family.
    """

    frames: dict[str, Frame]
    aliases: dict[str, tuple[tuple[str, ...], frozenset[Atom] | None]]
    personal: frozenset[str]
    spans: dict[str, tuple[int, ...]]

    def shows(self, measure: str, grain: str, start: int, atoms: Iterable[Atom]) -> bool:
        """Return whether that measure may be published for the period that starts with `start`."""
        if measure not in self.personal:
            return True
        if measure in self.frames:
            return self.frames[measure].shows(grain, self.months(measure, grain, start), atoms)
        counts, covered = self.aliases.get(measure, ((), None))
        wanted = frozenset(atoms) if covered is None else covered.intersection(atoms)
        return bool(counts) and all(self.shows(count, grain, start, wanted) for count in counts)

    def frame_of(self, measure: str) -> Frame | None:
        """Return the frame of a count, also of one that is another over some of its atoms."""
        if measure in self.frames:
            return self.frames[measure]
        counts, _covered = self.aliases.get(measure, ((), None))
        return self.frame_of(counts[0]) if counts else None

    def months(self, measure: str, grain: str, start: int) -> Months:
        """Return the months of that period within the history of the measure's family."""
        span = self.spans.get(measure, ())
        if grain == "all" or not span:
            return frozenset(span)
        return frozenset(range(max(start, span[0]), min(start + LENGTHS[grain], span[-1] + 1)))

    def periods(self, measures: Iterable[str]) -> list[tuple[str, int]]:
        """Return grain and first month of every period that one of these measures reaches into."""
        months = {month for measure in measures for month in self.spans.get(measure, ())}
        parts = [(g, m - m % LENGTHS[g]) for g in GRAINS[1:] for m in months]
        return [("all", 0), *sorted(set(parts))]


def read(db: duckdb.DuckDBPyConnection, manifest: Path, smallest: int) -> Measures:
    """Return the frames of every count of persons in schema marts.

    Raises: FatalError when dbt's manifest, which says what a measure counts, is not there.
    """
    models, counts = _described(manifest)
    values = _values(db)
    families: dict[str, list[str]] = {}
    for measure in values:
        model = models.get(measure, "")
        if model not in IMPERSONAL and (measure in counts or "." in measure):
            families.setdefault(FAMILIES.get(model, model), []).append(measure)
    found = Measures(
        {},
        {name: (by, None) for name, by in SUMS.items()},
        frozenset(m for m in values if models.get(m, "") not in IMPERSONAL),
        {},
    )
    for family in families.values():
        _frame(found, {measure: values[measure] for measure in family}, smallest)
    for measure in found.aliases.keys() & SUMS.keys():
        spans = [found.spans.get(count, ()) for count in SUMS[measure]]
        found.spans[measure] = max(spans, key=len)
        if len(spans) > 1:
            found.aliases[measure] = (SUMS[measure], _atoms(values.get(measure, {})))
    return found


def _frame(found: Measures, family: Mapping[str, Counts], smallest: int) -> None:
    """Frame the counts of one family: alike ones together, each lot inside the one before it."""
    months = {month for counts in family.values() for month in counts}
    span = tuple(range(min(months), max(months) + 1))
    atoms = frozenset(atom for counts in family.values() for atom in _atoms(counts))
    lots: list[list[str]] = []
    for measure in sorted(family, key=lambda name: (-_total(family[name]), name)):
        found.spans[measure] = span
        counts = family[measure]
        known = [one for lot in lots for one in lot]
        whole = next((one for one in known if _is_part(counts, family[one])), None)
        if whole:
            found.aliases[measure] = ((whole,), _atoms(counts))
            continue
        alike = (lot for lot in lots if _total(counts) >= smallest and _holds(family, lot, measure))
        lot = next((lot for lot in alike if _total(family[lot[0]]) * ALIKE <= _total(counts)), None)
        if lot is None:
            lots.append([measure])
        else:
            lot.append(measure)
    outer: Frame | None = None
    for place, lot in enumerate(lots):
        framed = [family[measure] for measure in lot]
        for one in (one for before in lots[:place] for one in before):
            framed += [_rest(family[one], family[m]) for m in lot if _holds(family, [one], m)]
        outer = build(framed, span, atoms, smallest, outer)
        found.frames.update(dict.fromkeys(lot, outer))


def _holds(family: Mapping[str, Counts], wholes: Sequence[str], part: str) -> bool:
    """Return whether the first of `wholes` counts at least as many in every cell."""
    whole = family[wholes[0]]
    return all(
        persons <= whole.get(month, {}).get(atom, 0)
        for month, at in family[part].items()
        for atom, persons in at.items()
    )


def _rest(whole: Counts, part: Counts) -> Counts:
    """Return those of `whole` that are not in `part`."""
    return {
        month: {atom: persons - part.get(month, {}).get(atom, 0) for atom, persons in at.items()}
        for month, at in whole.items()
    }


def _is_part(part: Counts, whole: Counts) -> bool:
    """Return whether a count is another one over some of the atoms: then they are one variable."""
    atoms = _atoms(part)
    kept = {m: {a: n for a, n in at.items() if n and a in atoms} for m, at in whole.items()}
    return {m: at for m, at in kept.items() if at} == {
        m: there for m, at in part.items() if (there := {a: n for a, n in at.items() if n})
    }


def _atoms(counts: Mapping[int, Mapping[Atom, float]]) -> frozenset[Atom]:
    return frozenset(atom for at in counts.values() for atom, persons in at.items() if persons)


def _total(counts: Counts) -> float:
    return sum(persons for at in counts.values() for persons in at.values())


def _values(db: duckdb.DuckDBPyConnection) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    queries = [DAYS, *(STAGES.format(table=table) for table in FUNNELS)]
    for measure, month, *atom, value in (row for q in queries for row in db.execute(q).fetchall()):
        kind, platform, goal, campaign = atom
        counts = found.setdefault(measure, {}).setdefault(month, {})
        counts[kind, platform, goal, campaign] = float(value)
    return found


def _described(manifest: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Return each measure's model and the measures that are known to count."""
    try:
        known = json.loads(manifest.read_text(encoding="utf-8"))["semantic_models"].values()
    except (OSError, KeyError) as error:
        what = "the manifest of the last build, which says what each measure counts, is not there"
        raise FatalError(str(manifest), what, "Run `beyond-likes build`, then publish") from error
    models, counts = {}, {POINTS}
    for semantic in known:
        model = semantic["model"].split("'")[1]
        for measure in semantic["measures"]:
            models[measure["name"]] = model
            if COUNT.fullmatch(measure["expr"] or ""):
                counts.add(measure["name"])
    for table, model in FUNNELS.items():
        models |= {f"{table}.{stage}": model for stage in STAGE_NAMES[table]}
    return models, frozenset(counts)


STAGE_NAMES = {
    "kpi_recruiting_funnel": ("applied", "qualified", "interviewed", "offered", "hired"),
    "kpi_sales_funnel": ("lead", "qualified", "deal", "won"),
}
