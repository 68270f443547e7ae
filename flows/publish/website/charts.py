"""Charts as SVG: a small line for a row, ranked dots with limits, a series with its breaks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from flows.figures import plain, spoken
from flows.publish.website.said import address
from flows.publish.website.series import Cell, Series

if TYPE_CHECKING:
    import numpy as np

Scale = Callable[[float], float]
Point = tuple[float, float]
ENOUGH = 0.8  # of its periods must be shown before a line is drawn
ROW = 20
LABEL, PLOT = 225, 330
WIDE, HIGH, LEFT, BELOW = 700, 230, 64, 34


def spark(series: Series | None) -> Markup:
    """A small line through all periods, that stops where one is missing or a break lies; a word
    where too many are missing or no two are alike, nothing for fewer than three."""
    if series is None or len(series.values) < 3:
        return Markup("")
    if not series.comparable:
        return Markup('<small class="no">its periods are not alike</small>')
    if series.shown < ENOUGH:
        return Markup('<small class="no">too many periods are not shown</small>')
    low, high = _range(series.values)
    days = _days(series)
    along = ((days - days[0]) / max(days[-1] - days[0], 1) * 94 + 2).round(1).tolist()
    up = (20 - 16 * (series.values - low) / (high - low)).round(1).tolist()
    points = [(x, y) if y == y else None for x, y in zip(along, up, strict=True)]
    told = Markup('<path d="{}"/>').format(_line(points, series.stops))
    for at in _alone(points, series.stops):
        told += Markup('<circle cx="{}" cy="{}" r="1.2"/>').format(*at)
    if points[-1]:
        told += Markup('<circle cx="{}" cy="{}" r="2.5"/>').format(*points[-1])
    return _svg("spark", 100, 24, [told])


def _days(series: Series) -> np.ndarray:
    """The last day of each period, counted from 1970."""
    return series.days.astype("datetime64[D]").astype(int)


def _line(points: Sequence[Point | None], stops: set[int]) -> str:
    """Moves and lines between points that have a neighbour; the others are drawn as dots."""
    told, up = [], True
    for n, at in enumerate(points):
        up = up or n in stops
        if at is None:
            up = True
            continue
        told.append(f"{'M' if up else 'L'}{at[0]},{at[1]}")
        up = False
    return "".join(told)


def _alone(points: Sequence[Point | None], stops: set[int]) -> list[Point]:
    """The points that no line reaches."""
    last = len(points) - 1
    return [
        at
        for n, at in enumerate(points)
        if at is not None
        and (n == 0 or points[n - 1] is None or n in stops)
        and (n == last or points[n + 1] is None or n + 1 in stops)
    ]


def _range(values: np.ndarray) -> tuple[float, float]:
    import numpy as np

    told = values[~np.isnan(values)]
    low, high = float(told.min()), float(told.max())
    return (low, high) if high > low else (low - 1, high + 1)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from at or under ``low`` to at or over ``high``."""
    if not high > low:
        low, high = low - 1, high + 1
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def dots(cells: Sequence[Cell]) -> Markup:
    """Values as dots with their 95% limits, the whole place as a dashed line; in the order
    given."""
    told = [c for c in cells if c["value"] is not None]
    if not told:
        return Markup("")
    reach = [c[k] for c in told for k in ("value", "lower_ci", "upper_ci", "comparator_value")]
    known = [v for v in reach if v is not None]
    floor = 0 if min(known) >= 0 and min(known) < 0.6 * max(known) else min(known)
    marks = ticks(floor, max(known))

    def x(value: float) -> float:
        return round(LABEL + PLOT * (value - marks[0]) / (marks[-1] - marks[0]), 1)

    high = ROW * len(told)
    drawn = [_grid(x(mark), mark, high) for mark in marks]
    whole = told[0]["comparator_value"]
    if whole is not None:
        drawn.append(Markup('<path class="whole" d="M{0},20V{1}"/>').format(x(whole), high + 24))
    drawn += [_dot(cell, 34 + n * ROW, x) for n, cell in enumerate(told)]
    return _svg("dots", LABEL + PLOT + 20, high + 28, drawn)


def _grid(at: float, mark: float, high: int) -> Markup:
    return Markup(
        '<path class="grid" d="M{0},20V{1}"/>'
        '<text class="tick" x="{0}" y="14" text-anchor="middle">{2}</text>'
    ).format(at, high + 24, _tick(mark))


def _tick(mark: float) -> str:
    return f"{mark:,.10g}"


def _dot(cell: Cell, y: int, x: Scale) -> Markup:
    name = plain(cell["area_name"])
    name = name if len(name) <= 33 else f"{name[:15].rstrip()}…{name[-17:]}"
    told = Markup('<text class="who" x="{}" y="{}" text-anchor="end">{}</text>').format(
        LABEL - 10, y + 4, name
    )
    if cell["lower_ci"] is not None:
        told += Markup('<path class="limits" d="M{},{}H{}"/>').format(
            x(cell["lower_ci"]), y, x(cell["upper_ci"])
        )
    return told + Markup('<circle cx="{}" cy="{}" r="4.5" data-cell="{}"/>').format(
        x(cell["value"]), y, address(cell)
    )


def history(series: Series, breaks: Sequence[tuple[date, str]]) -> Markup:
    """The whole place through all periods with its limits, England beside it where it is told,
    and a line at each break (its letter, and its day)."""
    import numpy as np

    if len(series.values) < 2 or series.shown == 0:
        return Markup("")
    known = np.concatenate([series.values, series.lower, series.upper, series.england])
    known = known[~np.isnan(known)]
    marks = ticks(float(known.min()), float(known.max()), 4)
    days = _days(series)
    first, last = int(days[0]), int(days[-1])

    def x(day: float) -> float:
        return round(LEFT + (WIDE - LEFT - 20) * (day - first) / max(last - first, 1), 1)

    def y(value: float) -> float:
        return round(
            20 + (HIGH - 20 - BELOW) * (1 - (value - marks[0]) / (marks[-1] - marks[0])), 1
        )

    def line(values: np.ndarray, css: str) -> Markup:
        at = zip(days.tolist(), values.tolist(), strict=True)
        points = [None if v != v else (x(d), y(v)) for d, v in at]
        told = Markup('<path class="{}" d="{}"/>').format(css, _line(points, series.stops))
        dot = Markup('<circle class="{}" cx="{}" cy="{}" r="3.5"/>')
        return told + Markup("").join(dot.format(css, *p) for p in _alone(points, series.stops))

    drawn = [
        Markup(
            '<path class="grid" d="M{0},{1}H{2}"/><text class="tick" x="{3}" y="{4}"'
            ' text-anchor="end">{5}</text>'
        ).format(LEFT, y(mark), WIDE - 20, LEFT - 8, y(mark) + 4, _tick(mark))
        for mark in marks
    ]
    drawn += [Markup('<path class="band" d="{}"/>').format(p) for p in _bands(series, days, x, y)]
    drawn += [line(series.england, "england"), line(series.values, "line")]
    drawn += [
        Markup(
            '<path class="break" d="M{0},20V{1}"/><text class="letter" x="{0}" y="14">{2}</text>'
        ).format(x(_count(day)), HIGH - BELOW, letter)
        for day, letter in breaks
        if first < _count(day) < last
    ]
    ends = ((LEFT, "start", series.periods[0]), (WIDE - 20, "end", series.periods[-1]))
    drawn += [
        Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
            at, HIGH - BELOW + 20, anchor, spoken(period)
        )
        for at, anchor, period in ends
    ]
    return _svg("history", WIDE, HIGH, drawn)


def _svg(css: str, wide: int, high: int, drawn: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}"'
        ' aria-hidden="true">{3}</svg>'
    ).format(css, wide, high, Markup("").join(drawn))


def _count(day: date) -> int:
    """Days since 1970, as numpy counts them."""
    return (day - date(1970, 1, 1)).days


def _bands(series: Series, days: np.ndarray, x: Scale, y: Scale) -> Iterator[str]:
    """The limits of each run of periods that have them, as a shape."""
    import numpy as np

    told = ~(np.isnan(series.lower) | np.isnan(series.upper))
    skips = series.stops
    starts = [n for n in np.flatnonzero(told) if n in skips or not n or not told[n - 1]]
    for start in starts:
        end = next((n for n in range(start + 1, len(told)) if not told[n] or n in skips), len(told))
        there = range(start, end)
        over = [f"{x(int(days[n]))},{y(float(series.upper[n]))}" for n in there]
        under = [f"{x(int(days[n]))},{y(float(series.lower[n]))}" for n in reversed(there)]
        yield f"M{' '.join(over + under)}z"
