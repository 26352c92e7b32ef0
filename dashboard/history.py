"""The history of one KPI as a chart: line, interval band, target steps, decisions and breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from dashboard import charts
from dashboard.numbers import Formats, short_month
from dashboard.texts import Text, html

Row = dict[str, Any]
TOP, BOTTOM = 34.0, 26.0  # room for decision numbers and for months


@dataclass(frozen=True)
class Frame:
    """Where a chart's months and values lie, in pixels."""

    first: date
    count: int
    low: float
    high: float
    width: float
    height: float
    left: float
    right: float

    @property
    def step(self) -> float:
        """Return the width of one month."""
        return (self.width - self.left - self.right) / self.count

    def x(self, at: date) -> float:
        """Return the place of a day."""
        months = (at.year - self.first.year) * 12 + at.month - self.first.month
        return self.left + (months + (at.day - 1) / 31) * self.step

    def y(self, value: float) -> float:
        """Return the place of a value."""
        room = self.height - TOP - BOTTOM
        return self.height - BOTTOM - room * (value - self.low) / (self.high - self.low)


def chart(
    rows: Sequence[Row],
    unit: str,
    formats: Formats,
    *,
    decisions: Sequence[date] = (),
    breaks: Sequence[date] = (),
    narrow: bool = False,
) -> Markup:
    """Return the drawing of consecutive months; months without a value leave a gap."""
    size = (328.0, 210.0, 44.0, 14.0) if narrow else (900.0, 250.0, 64.0, 90.0)
    ticks = _ticks(rows)
    frame = Frame(rows[0]["period_start"], len(rows), ticks[0], ticks[-1], *size)
    parts = [_grid(frame, ticks, unit, formats), _months(frame, rows)]
    parts += [_young(frame, rows), _band(frame, rows), _breaks(frame, breaks)]
    parts += [_decisions(frame, decisions), _target(frame, rows, unit, formats, narrow)]
    parts += [_line(frame, rows)]
    return Markup('<svg class="chart {}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        "nar" if narrow else "wid", int(size[0]), int(size[1]), Markup("").join(parts)
    )


def _ticks(rows: Sequence[Row]) -> list[float]:
    """Return round values from 0 (or below) to above all that is drawn."""
    keys = ("value", "target", "lower_95", "upper_95")
    known = [float(row[key]) for row in rows for key in keys if row[key] is not None]
    points = [float(r[k]) for r in rows for k in ("value", "target") if r[k] is not None]
    # One wild interval must not flatten the line: the band is cut there.
    top = (
        min(max(known), 2.2 * max(points)) if points and max(points) > 0 else max(known, default=1)
    )
    low = min(0.0, *(float(r["value"]) for r in rows if r["value"] is not None))
    rough = ((top or 1.0) - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    start = math.floor(low / step)
    return [step * i for i in range(start, math.ceil(top / step) + (0 if top % step else 1))] + [
        step * math.ceil(top / step) if top % step else step * (math.floor(top / step) + 1)
    ]


def _grid(frame: Frame, ticks: Sequence[float], unit: str, formats: Formats) -> Markup:
    parts = []
    for tick in ticks:
        y = frame.y(tick)
        kind = "ax" if tick == 0 else "gr"
        parts.append(_line_(kind, frame.left, y, frame.width - frame.right, y))
        parts.append(_text("tk", frame.left - 6, y + 4, formats.target(tick, unit), "end"))
    return Markup("").join(parts)


def _months(frame: Frame, rows: Sequence[Row]) -> Markup:
    every = max(1, math.ceil(len(rows) / ((frame.width - frame.left) / 62)))
    return Markup("").join(
        _text(
            "tk",
            frame.x(row["period_start"]) + frame.step / 2,
            frame.height - 7,
            short_month(row["period_start"]),
            "middle",
        )
        for i, row in enumerate(rows)
        if (len(rows) - 1 - i) % every == 0
    )


def _young(frame: Frame, rows: Sequence[Row]) -> Markup:
    young = [row for row in rows if not row["mature"]]
    if not young:
        return Markup("")
    x = frame.x(young[0]["period_start"])
    return Markup('<rect class="hx" x="{}" y="{}" width="{}" height="{}"/>').format(
        round(x, 1), TOP, round(frame.width - frame.right - x, 1), frame.height - TOP - BOTTOM
    )


def _band(frame: Frame, rows: Sequence[Row]) -> Markup:
    runs: list[list[Row]] = [[]]
    for row in rows:
        if row["mature"] and row["lower_95"] is not None and row["upper_95"] is not None:
            runs[-1].append(row)
        else:
            runs.append([])
    return Markup("").join(_polygon(frame, run) for run in runs if run)


def _polygon(frame: Frame, run: Sequence[Row]) -> Markup:
    def place(row: Row, key: str) -> tuple[float, float]:
        value = min(max(row[key], frame.low), frame.high)
        return _mid(frame, row), frame.y(value)

    upper = [place(row, "upper_95") for row in run]
    lower = [place(row, "lower_95") for row in reversed(run)]
    if len(run) == 1:  # one month alone has no width of its own
        (x, top), (_, low) = upper[0], lower[0]
        upper, lower = [(x - 4, top), (x + 4, top)], [(x + 4, low), (x - 4, low)]
    return Markup('<path class="bd" d="{}Z"/>').format(charts.path([*upper, *lower]))


def _mid(frame: Frame, row: Row) -> float:
    return frame.x(row["period_start"]) + frame.step / 2


def _line(frame: Frame, rows: Sequence[Row]) -> Markup:
    xs = [_mid(frame, row) for row in rows]
    ripe = [row["value"] if row["mature"] else None for row in rows]
    parts = [
        Markup('<path class="ln" d="{}"/>').format(charts.path(run))
        for run in charts.points(ripe, xs, frame.y)
    ]
    for x, row in zip(xs, rows, strict=True):
        if row["value"] is not None:
            parts.append(_dot(x, frame.y(row["value"]), row))
    return Markup("").join(parts)


def _dot(x: float, y: float, row: Row) -> Markup:
    if not row["mature"]:
        return Markup('<circle class="hol" cx="{}" cy="{}" r="3.4"/>').format(*_r(x, y))
    if row["status"] == "off_target":
        square = '<rect class="dt off" x="{}" y="{}" width="8" height="8"/>'
        return Markup(square).format(*_r(x - 4, y - 4))
    return Markup('<circle class="dt" cx="{}" cy="{}" r="2.8"/>').format(*_r(x, y))


def _target(frame: Frame, rows: Sequence[Row], unit: str, formats: Formats, narrow: bool) -> Markup:
    xs = [_mid(frame, row) for row in rows]
    targets = [row["target"] for row in rows]
    path = charts.steps(targets, xs, frame.y, frame.step / 2)
    if not path:
        return Markup("")
    drawn = Markup('<path class="tg" d="{}"/>').format(path)
    if narrow or targets[-1] is None:
        return drawn
    value = formats.target(targets[-1], unit)
    label = Text(f"Target {value.en}", f"Ziel {value.de}")
    return drawn + _text(
        "tl", frame.width - frame.right + 6, frame.y(targets[-1]) + 4, label, "start"
    )


def _decisions(frame: Frame, days: Sequence[date]) -> Markup:
    parts = []
    for number, at in enumerate(days, 1):
        x = frame.x(at)
        if frame.left <= x <= frame.width - frame.right:
            parts.append(_line_("dc", x, 24, x, frame.height - BOTTOM))
            circle = '<circle class="dcb" cx="{}" cy="14" r="10"/>'
            parts.append(Markup(circle).format(*_r(x)))
            parts.append(_text("dcn", x, 18.5, Text(str(number), str(number)), "middle"))
    return Markup("").join(parts)


def _breaks(frame: Frame, days: Sequence[date]) -> Markup:
    xs = [frame.x(at) for at in days]
    inside = [x for x in xs if frame.left < x < frame.width - frame.right]
    return Markup("").join(_line_("bk", x, TOP, x, frame.height - BOTTOM) for x in inside)


def _line_(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, *_r(x1, y1, x2, y2)
    )


def _text(kind: str, x: float, y: float, text: Text, anchor: str) -> Markup:
    inner = html(text).replace("<span", Markup("<tspan")).replace("</span", Markup("</tspan"))
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, *_r(x, y), anchor, inner
    )


def _r(*values: float) -> list[float]:
    return [round(value, 1) for value in values]
