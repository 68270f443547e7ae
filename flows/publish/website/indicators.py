"""The page of an indicator."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any

import pandas as pd
from markupsafe import Markup

from flows.entries import Indicator
from flows.figures import many, plain, spoken
from flows.publish.website import charts, maps, said
from flows.publish.website.facts import WHOLE, Cell, Facts
from flows.publish.website.localities import frame, row
from flows.publish.website.maps import TOWN, Atlas
from flows.publish.website.series import Series

DOTS = 60
GOOD = {"low": "low", "high": "high", "neither": "neither end"}
METHODS = {
    "count": "Counted in each locality.",
    "rate": "Counted in each locality, then divided once.",
    "proportion": "Both sides are added up over each locality's small areas, then divided once.",
    "median": "The middle of all single figures in the locality; never an average of medians.",
    "weighted_mean": "The small areas' figures, weighted by their people.",
    "as_published": "The publisher's own figure, taken as it stands.",
}


def indicator(facts: Facts, atlas: Atlas, entry: Indicator) -> dict[str, Any]:
    """What ``indicator.html`` shows."""
    book = facts.released.book
    source = book.source[entry.source]
    whole = facts.row(entry.id, facts.whole) if facts.whole else None
    rate = facts.companion(entry)
    series = facts.series.get((entry.id, *facts.whole.key)) if facts.whole else None
    breaks = _breaks(facts, entry)
    letters: dict[str, str] = {}
    kinds = [_kind(facts, atlas, entry, kind, letters) for kind in facts.kinds]
    crimes = facts.counts_crimes(entry)
    if crimes:  # no rate would stand beside these numbers
        series = None
    drawn = charts.history(series, [(d, a) for a, d, *_ in breaks if d]) if series else Markup("")
    return {
        "title": entry.label,
        "nav": "indicators.html",
        "crumbs": [("index.html", "Home"), ("indicators.html", "Indicators"), ("", entry.label)],
        "entry": entry,
        "source": source,
        "whole": whole,
        "whole_rate": facts.row(rate.id, facts.whole) if rate and facts.whole else None,
        "is_crimes": crimes,
        "counts": entry.method == "count",
        "polarity": GOOD[entry.polarity],
        "history": drawn,
        "past": list(_past(facts, entry, series)) if series and drawn else [],
        "first_period": spoken(series.periods[0]) if series else "",
        "last_period": spoken(series.periods[-1]) if series else "",
        "breaks": [(a, _day(d), reason, where) for a, d, reason, where in breaks],
        "kinds": [part for part in kinds if part["rows"]],
        "notes": [(letter, note) for note, letter in letters.items()],
        "measure": next(m.label for m in source.measures if m.id == entry.measure),
        "divided": _divided(facts, entry),
        "method": METHODS[entry.method],
    }


def _past(facts: Facts, entry: Indicator, series: Series) -> Iterator[list[Markup]]:
    """The whole place's figures as a table, newest first: period, value, limits, England."""
    kind, code = facts.whole.key if facts.whole else ("", "")
    columns = (
        *(("value", series.values), ("lower_ci", series.lower), ("upper_ci", series.upper)),
        ("comparator_england", series.england),
    )
    told = {"indicator_id": entry.id, "area_kind": kind, "area_code": code, "unit": entry.unit}
    for n in reversed(range(len(series.values))):
        cell = told | {"period": series.periods[n], "marker": _marker(series.markers[n])}
        cell |= {name: None if v[n] != v[n] else float(v[n]) for name, v in columns}
        yield [said.when(cell), *(said.fig(cell, name) for name, _ in columns)]


def _marker(marker: object) -> str | None:
    return marker if isinstance(marker, str) else None


def _breaks(facts: Facts, entry: Indicator) -> list[tuple[str, Any, str, str]]:
    """The breaks that concern an indicator, each with a letter: by their day, or None."""
    table = facts.released.breaks
    ours = table[table["indicator_id"] == entry.id] if len(table) else table
    rows = ours.to_dict("records") if len(ours) else []
    return [
        (
            ascii_uppercase[n % 26],
            None if pd.isna(one["on_date"]) else pd.Timestamp(one["on_date"]).date(),
            one["reason"],
            one["reference"],
        )
        for n, one in enumerate(rows)
    ]


def _day(day: Any) -> str:
    return f"From {spoken(day.isoformat()[:7])} on" if day else "Between any two periods"


def _divided(facts: Facts, entry: Indicator) -> str:
    if not entry.denominator_measure:
        return ""
    source = facts.released.book.source[entry.denominator_source]
    label = next((m.label for m in source.measures if m.id == entry.denominator_measure), "")
    return f"{label} ({source.label})" if label else ""


def _kind(
    facts: Facts, atlas: Atlas, entry: Indicator, kind: str, letters: dict[str, str]
) -> dict[str, Any]:
    """A kind's map, dots and table."""
    cells = facts.rows(entry.id, kind)
    told = [c for c in cells if c["value"] is not None]
    counts = entry.method == "count"
    bands = maps.bands(told) if kind != WHOLE and len(told) > 1 and not counts else []
    name = f"map-{kind}"
    return {
        "kind": kind,
        "label": facts.kinds[kind],
        "finding": _finding(told, facts) if kind != WHOLE and not counts else "",
        "bands": bands,
        "missing": len(told) < len(facts.of_kind(kind)),
        "high": told[0] if told else None,
        "low": told[-1] if told else None,
        "map": frame(facts, atlas)
        | {"shapes": maps.outlines(atlas, kind, maps.shades(bands), name), "name": name},
        "towns": _towns(facts, atlas, kind) if bands else [],
        "dots": charts.dots(told[:DOTS]) if kind != WHOLE and len(told) > 1 and not counts else "",
        "dots_of": DOTS if len(told) > DOTS else 0,
        "rows": [
            row(facts, entry, facts.localities[kind, c["area_code"]], c)
            | {"notes": [_letter(note, letters) for note in said.notes(c)]}
            for c in cells
        ],
    }


def _letter(note: str, letters: dict[str, str]) -> str:
    """The letter of a note: a to z, then aa, ab."""
    n = len(letters)
    low = ascii_uppercase.lower()
    return letters.setdefault(note, low[n] if n < 26 else low[n // 26 - 1] + low[n % 26])


def _finding(told: list[Cell], facts: Facts) -> Markup:
    """How many localities differ from the whole place, and stand."""
    if not any(c["compared"] for c in told):
        return Markup("")
    higher = sum(_stands(c) and c["value"] > c["comparator_value"] for c in told)
    lower = sum(_stands(c) and c["value"] < c["comparator_value"] for c in told)
    counted = Markup('<span data-count="stand">{}</span>')
    return Markup(
        "Of {} with a figure {} higher than {} as a whole and {} lower, by more than chance"
        " explains among so many comparisons."
    ).format(
        counted.format(many(len(told), "locality", "localities")),
        counted.format(f"{higher} {'is' if higher == 1 else 'are'}"),
        plain(facts.released.book.place.name),
        counted.format(lower),
    )


def _stands(cell: Cell) -> bool:
    return cell["compared_adjusted"] not in (None, "similar")


def _towns(facts: Facts, atlas: Atlas, kind: str) -> list[dict[str, Any]]:
    """Each town enlarged, in which localities of the kind are too small to be seen otherwise."""
    if kind == TOWN:
        return []
    return [
        {
            "name": town.name,
            "window": atlas.window(TOWN, town.code),
            "outline": Markup('<path class="rim" d="{}"/>').format(atlas.paths[TOWN][town.code]),
        }
        for town in facts.of_kind(TOWN)
        if town.code in atlas.paths.get(TOWN, {}) and atlas.within(kind, town.code)
    ]
