"""What every output is made from: the released tables, the words for them, and the shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flows.entries import Book, Indicator, Source

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

SHORTHAND = {
    "[c]": "withheld: so that nobody can be singled out, or for its publisher's licence",
    "[low]": "rounds to zero, but may not be zero",
    "[x]": "not available",
    "[z]": "not applicable: not delivered by this tier of council",
    "[e]": "an estimate: modelled, or counted from shares of small areas",
}


@dataclass(frozen=True)
class Released:
    """One release before its readers get it.

    ``cells`` has the columns of the tidy table (``columns.toml``) in its order, ``theme`` a list;
    what is missing is NaN, NA, NaT or None: ask ``pandas.isna``. ``gaps``, ``breaks``,
    ``peers`` and ``funnels`` are the tables beside it, ``changes`` what moved since the release
    before. ``layers`` holds the polygons of each kind of locality in EPSG:27700 (area_code,
    area_name, edition, valid_from, valid_to), ``small_areas`` those of the small areas in the
    place (area_code, area_name), ``ledger`` which small area counts in which locality.
    """

    name: str
    as_of: date  # the day on which the newest file behind it was handed over or fetched
    book: Book
    used: tuple[Source, ...]  # the sources of which a file is in hand
    cells: pd.DataFrame
    gaps: pd.DataFrame
    breaks: pd.DataFrame
    peers: pd.DataFrame
    funnels: pd.DataFrame
    changes: pd.DataFrame
    ledger: pd.DataFrame
    layers: Mapping[str, gpd.GeoDataFrame]
    small_areas: gpd.GeoDataFrame
    checks: tuple[Mapping[str, Any], ...] = ()  # each expectation and its result
    remarks: tuple[str, ...] = ()
    before: str = ""  # the release that ``changes`` starts from

    @cached_property
    def newest(self) -> pd.DataFrame:
        """For each indicator and kind of locality the cells of its newest period that has a
        figure for any locality of the kind; if none has, of its newest; without any period, what
        is said instead. In the tidy table's order."""
        cells = self.cells
        groups = [cells["indicator_id"], cells["area_kind"]]
        told = cells["period_end"].where(cells["value"].notna()).groupby(groups).transform("max")
        last = told.fillna(cells["period_end"].groupby(groups).transform("max"))
        return cells[last.isna() | (cells["period_end"] == last)]

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The indicators that have a row in the tidy table, in the catalogue's order."""
        there = set(self.cells["indicator_id"])
        return {i.id: i for i in self.book.indicators if i.id in there}

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds that have localities, in the place's order, and what they are called."""
        labels = {kind.id: kind.label for kind in self.book.place.area_kinds}
        return {kind: labels.get(kind, kind) for kind in labels if kind in self.layers}

    def of_theme(self, theme: str) -> list[Indicator]:
        """A theme partnership's indicators: those of its own file first."""
        ours = [i for i in self.indicators.values() if theme in i.themes]
        return sorted(ours, key=lambda indicator: indicator.themes[0] != theme)

    @property
    def title(self) -> str:
        return f"Neighbourhood evidence for {self.book.place.name}"

    @property
    def attributions(self) -> list[str]:
        """What the licences ask to be printed, each once."""
        return list(dict.fromkeys(source.attribution for source in self.used))
