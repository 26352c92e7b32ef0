"""Which sums of one count may be published: decision 0033 says why nobody can subtract them.

A count is known by month and atom (channel kind, platform, goal, campaign). Time is a tree: all,
years, quarters, months. A period that is open has its atoms in groups; either all children of a
period are open, with the same groups, no finer than its own, or none is. Every group of every open
period counts 0 or at least `smallest`, and only unions of groups are published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Atom = tuple[str, str, str, str]  # channel kind, platform, goal, campaign
Months = frozenset[int]  # months since year 0
Group = frozenset[Atom]
Counts = Mapping[int, Mapping[Atom, float]]  # month, atom → persons
GRAINS = ("all", "year", "quarter", "month")
HEADLINE = "social"  # the channel kind that the scorecard shows: kept whole where that can be
LENGTHS = {"year": 12, "quarter": 3, "month": 1}


@dataclass(frozen=True)
class Frame:
    """The open periods of a count and their groups; `edges` are the months joined at the ends."""

    smallest: int
    edges: tuple[int, int] = (1, 1)
    nodes: dict[str, dict[Months, frozenset[Group]]] = field(
        default_factory=lambda: {grain: {} for grain in GRAINS}
    )

    def shows(self, grain: str, months: Months, atoms: Iterable[Atom]) -> bool:
        """Return whether the sum over `atoms` in that period may be published."""
        groups = self.nodes.get(grain, {}).get(months)
        wanted = frozenset(atoms)
        return groups is not None and all(
            group <= wanted for group in groups if not group.isdisjoint(wanted)
        )

    def within(self, grain: str, months: Months) -> frozenset[Group] | None:
        """Return the finest groups that no open period in `months` cuts; None if one is shut."""
        inside = {at: groups for at, groups in self.nodes[grain].items() if at & months}
        if not months <= frozenset().union(*inside):
            return None
        return _joined(group for groups in inside.values() for group in groups)


@dataclass(frozen=True)
class _Part:
    """A group with its persons in each of the periods looked at."""

    atoms: Group
    persons: tuple[float, ...]

    def __add__(self, other: _Part) -> _Part:
        both = zip(self.persons, other.persons, strict=True)
        return _Part(self.atoms | other.atoms, tuple(one + two for one, two in both))


def build(
    counts: Sequence[Counts],
    span: Sequence[int],
    atoms: Iterable[Atom],
    smallest: int,
    outer: Frame | None,
) -> Frame:
    """Return the frame that all `counts` share over the months of `span`, no finer than `outer`."""
    edges = _edges(counts, span, smallest, outer)
    frame = Frame(smallest, edges)
    singles = frozenset(frozenset([atom]) for atom in atoms)
    first = outer.within("all", frozenset(span)) if outer else singles
    groups = first and _coarsened(first, [_summed(one, span) for one in counts], smallest)
    if groups:
        _open(frame, outer, counts, _blocks(span, edges), 0, groups)
    return frame


def _open(
    frame: Frame,
    outer: Frame | None,
    counts: Sequence[Counts],
    blocks: Mapping[int, Months],
    depth: int,
    groups: frozenset[Group],
) -> None:
    """Open a period and, where one set of groups serves them all, each of its children."""
    frame.nodes[GRAINS[depth]][frozenset().union(*blocks.values())] = groups
    if depth + 1 == len(GRAINS):
        return
    grain = GRAINS[depth + 1]
    children: dict[int, dict[int, Months]] = {}
    for label, months in blocks.items():
        children.setdefault(label // LENGTHS[grain], {})[label] = months
    spans = [frozenset().union(*child.values()) for child in children.values()]
    start: frozenset[Group] | None = groups
    if outer:
        limit = outer.within(grain, frozenset().union(*spans))
        start = None if limit is None else _joined([*groups, *limit])
    sums = [_summed(one, months) for one in counts for months in spans]
    coarse = start and _coarsened(start, sums, frame.smallest)
    if coarse:
        for child in children.values():
            _open(frame, outer, counts, child, depth + 1, coarse)


def _edges(
    counts: Sequence[Counts], span: Sequence[int], smallest: int, outer: Frame | None
) -> tuple[int, int]:
    """Return how many first and last months it takes until each has counted `smallest`.

    A history that starts or ends within a month must not keep all of its year shut.
    """
    totals = [[sum(one.get(month, {}).values()) for month in span] for one in counts]
    known = [one for one in totals if any(one)]
    reached = []
    for side, step in enumerate((1, -1)):
        taken = outer.edges[side] if outer else 1
        while taken < len(span) and any(sum(one[::step][:taken]) < smallest for one in known):
            taken += 1
        reached.append(taken)
    return reached[0], reached[1]


def _blocks(span: Sequence[int], edges: tuple[int, int]) -> dict[int, Months]:
    """Return the months by the one that stands for them: alone, but for those of the two ends."""
    head, tail = edges
    if head + tail > len(span):
        return {span[0]: frozenset(span)}
    middle = {month: frozenset({month}) for month in span[head : len(span) - tail]}
    ends = {span[head - 1]: frozenset(span[:head]), span[-tail]: frozenset(span[-tail:])}
    return middle | ends


def _summed(counts: Counts, months: Iterable[int]) -> dict[Atom, float]:
    found: dict[Atom, float] = {}
    for month in months:
        for atom, persons in counts.get(month, {}).items():
            found[atom] = found.get(atom, 0) + persons
    return found


def _joined(groups: Iterable[Group]) -> frozenset[Group]:
    """Return the finest partition of which each of these groups lies in one part."""
    parts: list[set[Atom]] = []
    for group in groups:
        touched = [part for part in parts if not part.isdisjoint(group)]
        parts = [part for part in parts if part.isdisjoint(group)]
        parts.append(set(group).union(*touched))
    return frozenset(frozenset(part) for part in parts)


def _coarsened(
    groups: Iterable[Group], periods: Sequence[Mapping[Atom, float]], smallest: int
) -> frozenset[Group] | None:
    """Return groups merged until none is small in any period; None where even all of them are."""

    def small(part: _Part) -> bool:
        return any(0 < persons < smallest for persons in part.persons)

    parts = [
        _Part(group, tuple(sum(at.get(atom, 0) for atom in group) for at in periods))
        for group in groups
    ]
    for shared in (3, 2, 1, 0):  # within a goal, a platform, a channel kind, then anywhere
        parts = _merged(parts, shared, small)
    return None if any(map(small, parts)) else frozenset(part.atoms for part in parts)


def _merged(parts: Iterable[_Part], shared: int, small: Callable[[_Part], bool]) -> list[_Part]:
    buckets: dict[frozenset[tuple[str, ...]], list[_Part]] = {}
    for part in parts:
        buckets.setdefault(frozenset(atom[:shared] for atom in part.atoms), []).append(part)
    done: list[_Part] = []
    for names, bucket in buckets.items():
        mergeable = len(names) == 1 and not small(_all(bucket))
        done += _absorbed(bucket, small) if mergeable else bucket
    return done


def _absorbed(bucket: list[_Part], small: Callable[[_Part], bool]) -> list[_Part]:
    """Return the bucket with its small parts as one, with as many others as it needs."""
    poor = [part for part in bucket if small(part)]
    if not poor:
        return bucket
    rest = sorted(
        (part for part in bucket if not small(part)),
        key=lambda part: (_is_headline(part), sum(part.persons), sorted(part.atoms)),
    )
    one = _all(poor)
    while small(one):
        one += rest.pop(next(i for i, part in enumerate(rest) if any(part.persons)))
    return [one, *rest]


def _is_headline(part: _Part) -> bool:
    return any(atom[0] == HEADLINE for atom in part.atoms)


def _all(parts: Sequence[_Part]) -> _Part:
    one, *others = parts
    for other in others:
        one += other
    return one
