"""A release small enough to read aloud: two towns beside each other, a county around them, and
the cells that a test gives."""

from datetime import date

import geopandas
import pandas
from shapely.geometry import box

from flows import catalogue
from flows.publish.datapackage import columns
from flows.publish.released import Released

NUMBERS = {c["name"] for c in columns() if c["type"] in ("number", "integer")}
TOWNS = {
    "T1": ("Barnwick", box(0, 0, 4_000, 4_000)),
    "T2": ("Cold Ashby", box(4_000, 0, 8_000, 4_000)),
}
COUNTY = {"X10000001": ("Exampleshire", box(0, 0, 8_000, 4_000))}
COUNTED = "crime_rate_12_months"


def layer(named):
    return geopandas.GeoDataFrame(
        {
            "area_code": list(named),
            "area_name": [name for name, _ in named.values()],
            "edition": None,
            "valid_from": None,
            "valid_to": None,
        },
        geometry=[shape for _, shape in named.values()],
        crs="EPSG:27700",
    )


def cell(**told):
    """A row of the tidy table: what is told, and the rest as of an indicator of the catalogue."""
    book = catalogue.read("exampleshire")
    entry = {i.id: i for i in book.indicators}[told.get("indicator_id", COUNTED)]
    names = {**{c: n for c, (n, _) in TOWNS.items()}, **{c: n for c, (n, _) in COUNTY.items()}}
    code = told.get("area_code", "T1")
    period = told.get("period", "2024-07 to 2025-06")
    row = {name: None for name in (c["name"] for c in columns())}
    row |= {
        "theme": list(entry.themes),
        "indicator_id": entry.id,
        "indicator": entry.label,
        "area_kind": "place" if code in COUNTY else "town",
        "area_code": code,
        "area_name": names.get(code, code),
        "period": period,
        "period_start": pandas.Timestamp("2024-07-01"),
        "period_end": pandas.Timestamp("2025-06-30"),
        "value": 10.0,
        "unit": entry.unit,
        "comparator": "Exampleshire",
        "comparator_value": 12.0,
        "polarity": entry.polarity,
        "source": entry.source,
        "method": entry.method,
    }
    return row | told


def release(cells, **other):
    """A ``Released`` of these cells (``cell``), the two towns and the county."""
    frame = pandas.DataFrame(cells, columns=[c["name"] for c in columns()])
    for name in NUMBERS:
        frame[name] = frame[name].astype(float)
    book = catalogue.read("exampleshire")
    empty = pandas.DataFrame()
    told = {
        "name": "2026-01-05-0123abcd",
        "as_of": date(2026, 1, 4),
        "book": book,
        "used": tuple(book.source[s] for s in dict.fromkeys(frame["source"])),
        "cells": frame,
        **dict.fromkeys(("gaps", "breaks", "peers", "funnels", "changes", "ledger"), empty),
        "layers": {"town": layer(TOWNS), "place": layer(COUNTY)},
        "small_areas": layer(TOWNS)[["area_code", "area_name", "geometry"]],
    }
    return Released(**(told | other))
