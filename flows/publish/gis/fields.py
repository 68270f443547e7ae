"""What a column of a layer is called, by programs and by people, and what it means."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flows.entries import Indicator

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

LONGEST = 40  # characters of an indicator's column: "_compared" still fits where 50 is the limit
PARTS = ("", "_marker", "_compared")
# the columns that every layer has, and words that a database keeps for itself
COLUMNS = "fid geom area_code area_name area_kind edition valid_from valid_to area_ha residents"
KEPT = (
    "shape shape_length shape_area objectid oid rowid add all alter and any as asc between by case"
    " check column create date day default delete desc distinct drop else end exists false for"
    " from group having in index insert into is join key level like limit month not null number of"
    " on or order primary row rows select set size table then time to true type union unique"
    " update user value values view when where with year"
)
TAKEN = frozenset((*COLUMNS.split(), *KEPT.split()))


@dataclass(frozen=True)
class Field:
    """A column: ``name`` for programs, ``alias`` for people, and what kind of value it holds."""

    name: str
    alias: str
    description: str
    kind: Literal["text", "number", "integer", "date"] = "text"


@dataclass(frozen=True)
class Table:
    """A layer, or without ``shapes`` a table: an array for each field, as GDAL takes it. What is
    missing is None, NaN or NaT."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    columns: Mapping[str, np.ndarray]
    shapes: gpd.GeoSeries | None = None


def array(column: pd.Series, kind: str) -> np.ndarray:
    """A column as GDAL takes it, by the kind of its field."""
    import numpy as np
    import pandas as pd

    if kind == "number":
        return column.to_numpy("float64", na_value=np.nan)
    if kind == "integer":
        return column.to_numpy("int32")
    if kind == "date":
        return pd.to_datetime(column, errors="coerce").to_numpy("datetime64[D]")
    texts = column.to_numpy(object, copy=True)
    texts[pd.isna(texts)] = None
    return texts


def column(indicator: str) -> str:
    """The name of an indicator's column. It hangs on the indicator alone, so that it is the same
    in every release: its id, unless that is long, kept by databases, or ends as its own marker
    would, and then the id and a piece of its hash."""
    ends_as_ours = indicator.endswith(PARTS[1:])
    if len(indicator) <= LONGEST and indicator not in TAKEN and not ends_as_ours:
        return indicator
    digest = hashlib.sha256(indicator.encode()).hexdigest()[:6]
    return f"{indicator[: LONGEST - 7].rstrip('_')}_{digest}"


def heading(indicator: Indicator, period: str) -> str:
    """What a map of an indicator shows: label, unit and period on one line."""
    told = indicator.label if indicator.unit == "score" else f"{indicator.label}, {indicator.unit}"
    return f"{told}, {period}" if period else f"{told} (no figure in hand)"


def unlike(aliases: list[str], names: list[str]) -> list[str]:
    """The aliases, those that stand twice with the column's name behind: in a GeoPackage no two
    may be alike."""
    often: dict[str, int] = {}
    for alias in aliases:
        often[alias.casefold()] = often.get(alias.casefold(), 0) + 1
    return [
        alias if often[alias.casefold()] == 1 else f"{alias} [{name}]"
        for alias, name in zip(aliases, names, strict=True)
    ]
