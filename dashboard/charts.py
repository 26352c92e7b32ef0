"""Small SVG drawings made at build time; a value that is not known is a gap, never a 0.

Marks carry classes and geometry alone: the page's one style sheet colours them for both themes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup

LEAST, MOST = 0.4, 2.5  # times the target: the edges of the scorecard's distance
Values = Sequence[float | None]
Scale = Callable[[float], float]


def glyph(name: str) -> Markup:
    """Return a status sign; it always stands beside a word."""
    return Markup('<svg class="i {0}" aria-hidden="true"><use href="#s-{0}"/></svg>').format(name)


def distance(row: dict[str, Any], mark: str) -> Markup:
    """Return value and interval on a log scale of target or value, better on the right."""
    target, value = row["target"], row["value"]
    if not target or not value or target < 0 or value < 0:
        return Markup("")

    def place(figure: float | None, unbounded: float) -> float:
        if figure is None:
            return unbounded
        ratio = (
            max(figure, 1e-9) / target if row["direction"] == "up" else target / max(figure, 1e-9)
        )
        return 100.0 * math.log(ratio / LEAST) / math.log(MOST / LEAST)

    low, high = row["lower_95"], row["upper_95"]
    if low is None and high is None:
        return strip(place(value, 0), None, None, mark)
    ends = (place(low, 0), place(high, 100)) if row["direction"] == "up" else (
        place(high, 0), place(low, 100))  # fmt: skip
    return strip(place(value, 0), *ends, mark)


def strip(
    at: float | None, low: float | None, high: float | None, mark: str, tick: float | None = None
) -> Markup:
    """Return one dot with its interval, places in percent of the width; arrows where it is cut."""
    parts = []
    if low is not None and high is not None:
        left, right = min(max(low, 1), 99), min(max(high, 1), 99)
        parts.append(_fmt('<line class="iv" x1="{}%" x2="{}%" y1="12" y2="12"/>', left, right))
        parts += [_arrow(1, "M6 7 1 12l5 5z")] if low < 0 else []
        parts += [_arrow(99, "M-6 7-1 12l-5 5z")] if high > 100 else []
    if tick is not None and 0 <= tick <= 100:
        parts.append(_fmt('<line class="raw" x1="{0}%" x2="{0}%" y1="5" y2="19"/>', tick))
    if at is not None and 0 <= at <= 100:
        parts.append(_fmt('<circle class="pt" cx="{}%" cy="12" r="4.5"/>', at))
    elif at is not None and low is None:  # without interval an arrow is all there is
        parts.append(_arrow(1, "M6 7 1 12l5 5z") if at < 0 else _arrow(99, "M-6 7-1 12l-5 5z"))
    style = mark if low is not None else f"{mark} noiv"
    return Markup('<svg class="strip {}" height="24" aria-hidden="true">{}</svg>').format(
        style, Markup("").join(parts)
    )


def _arrow(at: float, path: str) -> Markup:
    return Markup(
        '<svg x="{}%" class="over" width="1" height="24"><path class="ar" d="{}"/></svg>'
    ).format(at, path)


def bar(share: float | None, mark: str = "") -> Markup:
    """Return a bar of `share` (0 to 1) of the width; nothing known draws nothing."""
    if share is None:
        return Markup("")
    width = 100 * min(max(share, 0), 1)
    return _fmt(
        '<svg class="br" height="5" aria-hidden="true"><rect class="' + mark + '" width="{}%"'
        ' height="4" rx="0"/></svg>',
        width,
    )


def points(values: Values, xs: Sequence[float], y: Scale) -> list[list[tuple[float, float]]]:
    """Return the unbroken runs of known values as places: a gap in the data stays one."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, y(value)))
    return [run for run in runs if run]


def path(run: Iterable[tuple[float, float]]) -> str:
    """Return an SVG path through the places."""
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in run)


def steps(values: Values, xs: Sequence[float], y: Scale, half: float) -> str:
    """Return a target's steps: level through each period, a gap where none is set."""
    drawn = []
    before: float | None = None
    for x, value in zip(xs, values, strict=True):
        if value is None:
            before = None
            continue
        start = "M" if before is None else "L"
        drawn.append(f"{start}{x - half:.1f} {y(value):.1f}H{x + half:.1f}")
        before = value
    return "".join(drawn)


def spark(rows: Sequence[dict[str, Any]], mark: str) -> Markup:
    """Return the history of a scorecard row: line, target steps, young months hollow."""
    values = [row["value"] for row in rows]
    targets = [row["target"] for row in rows]
    known: list[float] = [v for v in [*values, *targets] if v is not None]
    if not [v for v in values if v is not None]:
        return Markup("")
    low, high = min(known), max(known)
    span = (high - low) or abs(high) or 1.0
    width = 138 / max(len(rows) - 1, 1)
    xs = [5 + i * width for i in range(len(rows))]

    def y(value: float) -> float:
        return 34 - 28 * (value - low) / span

    mature = [v if row["mature"] else None for v, row in zip(values, rows, strict=True)]
    ripe = [i for i, v in enumerate(mature) if v is not None]
    parts = [_path("tg", steps(targets, xs, y, width / 2))]
    parts += [_path("ln", path(run)) for run in points(mature, xs, y)]
    for i, value in enumerate(values):
        if value is not None and (not ripe or i > ripe[-1]):
            parts.append(_fmt('<circle class="hol" cx="{}" cy="{}" r="2.2"/>', xs[i], y(value)))
    if ripe:
        end = ripe[-1]
        parts.append(
            Markup('<circle class="end {}" cx="{}" cy="{}" r="3.2"/>').format(
                mark, round(xs[end], 1), round(y(values[end]), 1)
            )
        )
    return Markup(
        '<svg class="spark" width="150" height="40" viewBox="0 0 150 40" aria-hidden="true">'
        "{}</svg>"
    ).format(Markup("").join(parts))


def _path(kind: str, d: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(kind, d) if d else Markup("")


def _fmt(template: str, *numbers: float) -> Markup:
    return Markup(template.format(*(f"{n:.1f}" for n in numbers)))


def log_ratio(value: float, edge: float) -> float:
    """Return where a ratio lies between 1/edge (-1) and edge (1), equal steps for equal factors."""
    return math.log(max(value, 1e-9)) / math.log(edge)
