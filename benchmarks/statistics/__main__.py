"""`python -m benchmarks.statistics`: measures the methods and writes docs/statistics.md (4 min)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.statistics.coverage import means, newcombe, poisson, shrunk, wilson
from benchmarks.statistics.effects import effects
from benchmarks.statistics.status import MONTHS, false_off, projections
from benchmarks.statistics.vanity import SIZES, SPREADS, simulate

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
HEAD = Path(__file__).with_name("page.md")
COMPANIES = 2000
COVERED = (wilson, poisson, means, newcombe, shrunk, projections)


def main() -> None:
    """Measure everything and write the page."""
    sections = (coverage(), status(), decisions(), vanity())
    text = HEAD.read_text(encoding="utf-8") + "".join(sections)
    PAGE.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(PAGE)


def coverage() -> str:
    """Return mean and minimum coverage of each interval."""
    head = ("method", "size", "mean", "minimum", "worst at", "noted")
    lines = (
        (c.method, c.size, f"{c.mean:.3f}", f"{c.minimum:.3f}", c.worst, c.reference)
        for method in COVERED
        for c in method()
    )
    return "## Coverage of intervals\n\n" + table(head, lines)


def status() -> str:
    """Return how often a share exactly at its target is called off."""
    text = "## Called off though exactly at target\n\nA share, judged each month by its Wilson "
    text += f"interval; noted figures in brackets. Chances over {MONTHS} months.\n\n"
    head = ("target", "rows a month", "better is", "one month", "any month", "two in a row")
    lines = []
    for f in false_off():
        chances = zip((f.one, f.any_month, f.two_in_a_row), f.reference, strict=True)
        lines.append(
            (f.target, f.rows, f.direction, *(f"{chance:.3f} ({note})" for chance, note in chances))
        )
    return text + table(head, lines)


def decisions() -> str:
    """Return how often before and after are told apart."""
    text = "## Before and after a decision\n\nWindows of equal size; an improvement of 30 %.\n\n"
    head = ("what", "a side", "called an effect without one", "found at +30 %", "noted")
    lines = (
        (p.what, p.size, f"{p.false_positives:.3f}", f"{p.power:.3f}", p.reference)
        for p in effects()
    )
    return text + table(head, lines)


def vanity() -> str:
    """Return how often vanity verdicts find what was planted, and what was not."""
    text = f"## Vanity verdicts\n\nShares of {COMPANIES} simulated companies a row. Spread: how "
    text += "much outcome rates differ between campaigns\nwhere nobody planted anything. False: "
    text += "the flagged campaign's true rate lies within a quarter of its peers.\n\n"
    head = ["impressions", "spread", "none planted: flagged", "confirmed", "false"]
    head += ["false confirmed", "planted: found", "found confirmed"]
    lines = []
    for size, name in SIZES.items():
        for spread in SPREADS:
            none = simulate(size, spread, False, COMPANIES, seed=7)
            one = simulate(size, spread, True, COMPANIES, seed=7)
            shares = [none.flagged, none.confirmed, none.false_flagged, none.false_confirmed]
            shares += [one.found, one.found_confirmed]
            lines.append((name, spread, *(f"{share:.3f}" for share in shares)))
    return text + table(head, lines)


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    rows = [names, ["---"] * len(names), *([str(cell) for cell in line] for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


if __name__ == "__main__":
    main()
