"""`python -m benchmarks.statistics`: measures the methods and writes docs/statistics.md (4 min)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.statistics.coverage import means, newcombe, poisson, shrunk, wilson
from benchmarks.statistics.effects import effects
from benchmarks.statistics.vanity import SIZES, SPREADS, simulate

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
HEAD = Path(__file__).with_name("page.md")
COMPANIES = 2000


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    rows = [names, ["---"] * len(names), *([str(cell) for cell in line] for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def main() -> None:
    """Measure everything and write the page."""
    text = HEAD.read_text(encoding="utf-8") + "## Coverage of intervals\n\n"
    covered = [row for method in (wilson, poisson, means, newcombe, shrunk) for row in method()]
    text += table(
        ("method", "size", "mean", "minimum", "worst at", "noted"),
        (
            (c.method, c.size, f"{c.mean:.3f}", f"{c.minimum:.3f}", c.worst, c.reference)
            for c in covered
        ),
    )
    text += "## Before and after a decision\n\nWindows of equal size; an improvement of 30 %.\n\n"
    text += table(
        ("what", "a side", "called an effect without one", "found at +30 %", "noted"),
        (
            (p.what, p.size, f"{p.false_positives:.3f}", f"{p.power:.3f}", p.reference)
            for p in effects()
        ),
    )
    text += (
        f"## Vanity verdicts\n\nShares of {COMPANIES} simulated companies a row. Spread: how much "
    )
    text += (
        "outcome rates differ between campaigns\nwhere nobody planted anything. False: the flagged "
    )
    text += "campaign's true rate lies within a quarter of its peers.\n\n"
    lines = []
    for size, name in SIZES.items():
        for spread in SPREADS:
            none = simulate(size, spread, False, COMPANIES, seed=7)
            one = simulate(size, spread, True, COMPANIES, seed=7)
            shares = (none.flagged, none.confirmed, none.false_flagged, none.false_confirmed)
            shares += (one.found, one.found_confirmed)
            lines.append((name, spread, *(f"{share:.3f}" for share in shares)))
    head = (
        "impressions",
        "spread",
        "none planted: flagged",
        "confirmed",
        "false",
        "false confirmed",
    )
    text += table((*head, "planted: found", "found confirmed"), lines)
    PAGE.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
