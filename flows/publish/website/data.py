"""The figures that pages load by themselves, as scripts (nothing else loads from a file share),
and each locality's own CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flows.figures import number, spoken
from flows.publish.classes import classes
from flows.publish.website.facts import Cell, Facts, Locality

FORMULA = r"^([=+@\t\r-])"
OWN = (
    *("indicator_id", "indicator", "area_code", "area_name", "edition", "period", "value"),
    *(
        "marker",
        "unit",
        "lower_ci",
        "upper_ci",
        "comparator_value",
        "compared",
        "compared_adjusted",
        "note",
    ),
)


def write(facts: Facts, folder: Path) -> None:
    """Write ``data/``: an index, a script an indicator, a script and a CSV a locality."""
    folder.mkdir()
    (folder / "index.js").write_text(_script("window.evidenceIndex=", _index(facts), ""), "utf-8")
    for entry in facts.indicators:
        told = _script(f"evidence({json.dumps(entry)},", _indicator(facts, entry))
        (folder / f"indicator-{entry}.js").write_text(told, "utf-8")
    for one in facts.localities.values():
        told = _script(f"evidence({json.dumps(one.slug)},", _locality(facts, one))
        (folder / f"{one.slug}.js").write_text(told, "utf-8")
    _tables(facts, folder)


def _script(start: str, told: Any, end: str = ")") -> str:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"{start}{text}{end};\n".replace("</", "<\\/").replace("\u2028", "\\u2028")


def _index(facts: Facts) -> dict[str, Any]:
    rated = (i for i in facts.indicators.values() if i.method != "count")
    return {
        "areas": [
            {"kind": one.kind, "code": one.code, "name": one.name, "slug": one.slug}
            for kind in facts.kinds
            for one in facts.of_kind(kind)
        ],
        "whole": facts.whole.slug if facts.whole else "",
        "first": next((i.id for i in rated), ""),
        "indicators": [
            {"id": i.id, "label": i.label, "unit": i.unit, "crimes": facts.counts_crimes(i)}
            for i in facts.indicators.values()
        ],
    }


def _indicator(facts: Facts, indicator: str) -> dict[str, Any]:
    """All periods of an indicator, for each kind of locality: columns by code."""
    entry = facts.indicators[indicator]
    told: dict[str, Any] = {"label": entry.label, "unit": entry.unit, "markers": {}, "kinds": {}}
    told["count"] = entry.method == "count"
    if facts.counts_crimes(entry):
        return told | {"crimes": True}
    for kind in facts.below:
        if columns := _columns(facts, indicator, kind, told["markers"]):
            told["kinds"][kind] = columns
    return told


def _columns(
    facts: Facts, indicator: str, kind: str, markers: dict[str, str]
) -> dict[str, Any] | None:
    series = {one.code: facts.series.get((indicator, *one.key)) for one in facts.of_kind(kind)}
    there = {code: s for code, s in series.items() if s is not None}
    days = {p: d for s in there.values() for p, d in zip(s.periods, s.days.tolist(), strict=True)}
    periods = sorted(days, key=lambda p: (days[p], p))
    if not periods:
        return None
    at = {period: n for n, period in enumerate(periods)}
    told: dict[str, Any] = {name: {} for name in ("value", "lower", "upper", "whole")}
    for code, one in there.items():
        for name, values in zip(told, (one.values, one.lower, one.upper, one.whole), strict=True):
            row: list[float | None] = [None] * len(periods)
            for period, value in zip(one.periods, values.tolist(), strict=True):
                row[at[period]] = value if value == value else None
            told[name][code] = row
        for period, marker in zip(one.periods, one.markers, strict=True):
            if isinstance(marker, str) and marker != "[x]":
                markers[f"{code}|{period}"] = marker
    cells = facts.rows(indicator, kind)
    by_period = zip(*told["value"].values(), strict=True)
    found = [classes(v for v in values if v is not None) for values in by_period]
    return told | {
        "limits": [[float(limit) for limit in one.limits] for one in found],
        "periods": periods,
        "said": [spoken(p) for p in periods],
        "newest": next((c["period"] for c in cells if c["period"]), periods[-1]),
    }


def _locality(facts: Facts, one: Locality) -> dict[str, Any]:
    """The newest figures of a locality as its page shows them."""
    cells = {i: facts.row(i, one) for i in facts.indicators}
    return {
        "name": one.name,
        "kind": one.kind,
        "code": one.code,
        "cells": {i: _shown(cell) for i, cell in cells.items() if cell},
    }


def _shown(cell: Cell) -> dict[str, Any]:
    """Value, limits and period as text: what a script shows is what the pages show."""
    told = {"p": cell["period"] or "", "s": spoken(cell["period"])}
    if cell["value"] is None:
        return told | {"m": cell["marker"] or "[x]"}
    pound = "£" if cell["unit"] == "£" else ""
    told["v"] = pound + number(cell["value"])
    if cell["marker"]:
        told["m"] = cell["marker"]
    if cell["lower_ci"] is not None:
        told |= {"l": pound + number(cell["lower_ci"]), "u": pound + number(cell["upper_ci"])}
    return told


def _tables(facts: Facts, folder: Path) -> None:
    """A CSV for each locality that has a page: all its figures of all periods, as in the tidy
    table. One that older boundaries had has none: its figures are in the tables of themes."""
    told = facts.released.cells[[*OWN, "area_kind"]].copy()
    for name in ("area_name", "note"):  # what a spreadsheet would run as a formula is text
        told[name] = told[name].str.replace(FORMULA, r"'\1", regex=True)
    for key, rows in told.groupby(["area_kind", "area_code"], sort=False):
        if one := facts.localities.get(key):
            path = folder / f"{one.slug}.csv"
            rows[list(OWN)].to_csv(path, index=False, lineterminator="\n")
