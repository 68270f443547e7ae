"""The tables of all workbooks, prepared a column at a time and once for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from flows.entries import Indicator
from flows.publish.released import Released
from flows.publish.workbook import counts
from flows.publish.workbook.columns import Column, coded, numbers, text

NO_DIVISOR = ("count", "median")
WITHOUT = "[z]"  # in a column that does not apply to the row


@dataclass(frozen=True)
class Rows:
    """A table with all its rows: for each its indicator's position in the catalogue and its kind,
    its columns, and what its notes are (``Prepared.notes``)."""

    indicators: np.ndarray
    kinds: np.ndarray
    columns: tuple[Column, ...]
    noted: np.ndarray  # position in ``Prepared.references``


class Prepared:
    """What the workbooks of a release are cut from."""

    def __init__(self, released: Released) -> None:
        self.released = released
        self.book = released.book
        self.position = {i.id: n for n, i in enumerate(self.book.indicators)}
        self.notes: dict[tuple[str, str], int] = {}  # (what about, text) to its number
        self.references: dict[tuple[int, ...], int] = {}
        self.bare = released.book.bare_counts
        listed = [*released.kinds, *dict.fromkeys(released.cells["area_kind"])]
        self.kinds = list(dict.fromkeys(listed))
        self.kind_labels = {kind: released.kinds.get(kind, kind) for kind in self.kinds}
        for indicator in released.indicators.values():  # so that caveats come first
            self._caveat(indicator)

    @property
    def whole(self) -> str:
        """What figures are set against."""
        named = self.released.cells["comparator"].dropna().unique()
        return str(named[0]) if len(named) == 1 else self.book.place.name

    @cached_property
    def newest(self) -> Rows:
        """The newest figures of every indicator but the bare counts of crimes."""
        cells = self._ordered(self.released.newest)
        rows = self._rows(cells, trends=True)
        missing = marker(cells)
        known = cells["value"].notna()
        columns = (
            text("Indicator", cells["indicator"], cap=42),
            *self._locality(cells),
            text("Period", cells["period"], cap=19),
            numbers("Value", cells["value"], missing),
            text("Marker", cells["marker"], "none"),
            text("Unit", cells["unit"], cap=22),
            numbers("Lower 95% limit", cells["lower_ci"], missing.where(~known, WITHOUT)),
            numbers("Upper 95% limit", cells["upper_ci"], missing.where(~known, WITHOUT)),
            numbers(f"Value of {self.whole}", cells["comparator_value"], "[x]"),
            text(f"Compared with {self.whole}", cells["compared"], "not compared"),
            text("Compared, all comparisons together", cells["compared_adjusted"], "not compared"),
            numbers("Value of England", cells["comparator_england"], "[x]"),
            text("Compared with England", cells["compared_england"], "not compared"),
            text("Earlier period", cells["earlier_period"], cap=19),
            numbers("Value of the earlier period", cells["earlier_value"], "[x]"),
            text("Change since the earlier period", cells["changed"], "not compared"),
            text("Trend over five years", cells["trend"], cap=21),
            text(
                "Sensitive to the boundary",
                cells["sensitive"].astype(object).map({True: "yes", False: "no"}),
            ),
            numbers("Number counted", cells["numerator"], missing.where(~known, "[x]")),
            numbers(
                "Divided by",
                cells["denominator"],
                missing.where(~known, "[x]").mask(cells["method"].isin(NO_DIVISOR), WITHOUT),
            ),
        )
        return Rows(*rows[:2], columns, rows[2])

    @cached_property
    def over_time(self) -> Rows:
        """Every period of every indicator but the bare counts of crimes."""
        cells = self._ordered(self.released.cells)
        rows = self._rows(cells)
        missing = marker(cells)
        limits = missing.where(cells["value"].isna(), WITHOUT)
        columns = (
            text("Indicator", cells["indicator"], cap=60),
            text("Kind of locality", cells["area_kind"].map(self.kind_labels)),
            *self._locality(cells),
            text("Period", cells["period"], cap=19),
            numbers("Value", cells["value"], missing),
            text("Marker", cells["marker"], "none"),
            text("Unit", cells["unit"], cap=30),
            numbers("Lower 95% limit", cells["lower_ci"], limits),
            numbers("Upper 95% limit", cells["upper_ci"], limits),
        )
        return Rows(*rows[:2], columns, rows[2])

    @cached_property
    def monthly(self) -> Rows:
        """The bare counts of crimes, each with the rate that it is read beside."""
        cells = counts.beside_rates(self.released)
        rows = self._rows(cells)
        columns = (
            text("Indicator", cells["indicator"], cap=42),
            text("Kind of locality", cells["area_kind"].map(self.kind_labels)),
            *self._locality(cells),
            text("Period of the count", cells["period"], cap=19),
            numbers("Count", cells["value"], marker(cells)),
            text("Marker of the count", cells["marker"], "none"),
            text("Unit of the count", cells["unit"], cap=30),
            numbers("Rate", cells["rate"], cells["rate_marker"]),
            text("Unit of the rate", cells["rate_unit"], cap=30),
            text("Period of the rate", cells["rate_period"], cap=19),
            numbers(f"Rate of {self.whole}", cells["rate_of_place"], cells["rate_marker"]),
            text("Rate compared", cells["rate_compared"], "not compared"),
        )
        return Rows(*rows[:2], columns, rows[2])

    def chosen(self, indicators: Iterable[Indicator]) -> np.ndarray:
        """The positions of these indicators in the catalogue."""
        return np.array([self.position[i.id] for i in indicators], dtype=int)

    def _ordered(self, cells: pd.DataFrame) -> pd.DataFrame:
        """In the catalogue's order of indicators, and without bare counts of crimes."""
        kept = cells[~cells["indicator_id"].isin(self.bare)]
        order = kept["indicator_id"].map(self.position).to_numpy().argsort(kind="stable")
        return kept.iloc[order]

    def _locality(self, cells: pd.DataFrame) -> list[Column]:
        columns = [
            text("Locality code", cells["area_code"], cap=18),
            text("Locality", cells["area_name"], cap=36),
        ]
        if cells["edition"].notna().any():
            columns.append(text("Edition of its boundary", cells["edition"], WITHOUT))
        return columns

    def _rows(
        self, cells: pd.DataFrame, trends: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each row the position of its indicator, its kind, and its notes."""
        about, ids = coded(cells["indicator_id"])
        said, notes = coded(cells["note"])
        refused, reasons = coded(cells["trend_note"] if trends else [None] * len(cells))
        told = pd.DataFrame({"about": about, "note": said, "trend": refused})
        which, sets = pd.factorize(pd.MultiIndex.from_frame(told))
        entries = self.released.indicators
        noted = []
        for indicator, note, reason in sets:
            parts = [self._caveat(entries[ids[indicator]])]
            parts += [self._note("Value", notes[note])] if note >= 0 else []
            parts += [self._note("Trend", reasons[reason])] if reason >= 0 else []
            told_of = tuple(part for part in parts if part is not None)
            noted.append(self.references.setdefault(told_of, len(self.references)))
        positions = np.array([self.position[i] for i in ids], dtype=int)
        return (
            positions[about] if len(about) else positions[:0],
            cells["area_kind"].to_numpy(dtype=object),
            np.array(noted, dtype=int)[which] if len(which) else np.zeros(0, dtype=int),
        )

    def _caveat(self, indicator: Indicator) -> int | None:
        return self._note("Caveat", indicator.caveat) if indicator.caveat else None

    def _note(self, about: str, said: str) -> int:
        said = said[0].upper() + said[1:]
        said = said if said.endswith((".", "!", "?")) else said + "."
        return self.notes.setdefault((about, said), len(self.notes))


def marker(cells: pd.DataFrame) -> pd.Series[Any]:
    """What stands where a value is missing."""
    return cells["marker"].astype(object).where(cells["marker"].notna(), "[x]")
