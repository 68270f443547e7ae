"""All periods of a figure in one locality, and where a line through them must stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Cell = dict[str, Any]
Key = tuple[str, str, str]  # indicator, kind of locality, code


@dataclass(frozen=True)
class Series:
    """All periods of an indicator in one locality, oldest first; a value that is missing is NaN."""

    periods: np.ndarray
    days: np.ndarray  # the last of each period
    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    england: np.ndarray
    whole: np.ndarray
    markers: np.ndarray
    starts: np.ndarray  # the first day of each period
    editions: np.ndarray  # of its boundaries
    breaks: tuple[date | None, ...] = ()  # the days of its breaks; None: between any two periods

    @cached_property
    def shown(self) -> float:
        """The share of its periods that have a value."""
        told = self.values == self.values
        return float(told.mean()) if len(told) else 0.0

    @property
    def comparable(self) -> bool:
        """Whether its periods may be looked at as one series at all."""
        return None not in self.breaks

    @cached_property
    def stops(self) -> set[int]:
        """The periods before which a line stops: others between are missing, a break lies there
        (also one within a period of twelve months), or its boundaries are of another edition."""
        import numpy as np

        if len(self.values) < 2:
            return set()
        ends, starts = self.days.astype("datetime64[D]"), self.starts.astype("datetime64[D]")
        steps = np.diff(ends.astype(int))
        cut = steps > 1.5 * np.median(steps)
        cut |= self.editions[1:] != self.editions[:-1]
        for day in self.breaks:
            for days in (ends, starts):
                cut |= (
                    np.ones(len(cut), bool)
                    if day is None
                    else (days[:-1] < np.datetime64(day)) & (days[1:] >= np.datetime64(day))
                )
        return {int(n) + 1 for n in np.flatnonzero(cut)}


def records(frame: pd.DataFrame) -> list[Cell]:
    """The rows of a table, with None for what is missing."""
    told = frame.astype(object)
    return told.where(told.notna(), None).to_dict("records")


def breaks(table: pd.DataFrame) -> dict[str, tuple[date | None, ...]]:
    """The days of each indicator's breaks, None for one between any two periods."""
    found: dict[str, tuple[date | None, ...]] = {}
    for row in records(table):
        day = row["on_date"]
        told = date(day.year, day.month, day.day) if day is not None else None
        found[row["indicator_id"]] = (*found.get(row["indicator_id"], ()), told)
    return found


def every(
    cells: pd.DataFrame, broken: Mapping[str, tuple[date | None, ...]]
) -> Iterator[tuple[Key, Series]]:
    """The cells of each indicator and locality that have a period, in the order of their days."""
    dated = cells[cells["period"].notna()].sort_values(
        ["indicator_id", "area_kind", "area_code", "period_end", "period_start"], kind="stable"
    )
    names = ["indicator_id", "area_kind", "area_code"]
    keys = dated[names].to_numpy(object)
    columns = [dated["period"].to_numpy(object), dated["period_end"].to_numpy()]
    columns += [
        dated[name].to_numpy(float)
        for name in ("value", "lower_ci", "upper_ci", "comparator_england", "comparator_value")
    ]
    columns += [dated["marker"].to_numpy(object), dated["period_start"].to_numpy()]
    columns.append(dated["edition"].astype(object).where(dated["edition"].notna(), "").to_numpy())
    others = (keys[1:] != keys[:-1]).any(axis=1)
    starts = [n for n in range(len(keys)) if not n or others[n - 1]]
    for start, end in zip(starts, [*starts[1:], len(keys)][: len(starts)], strict=True):
        told = broken.get(keys[start][0], ())
        yield tuple(keys[start]), Series(*(column[start:end] for column in columns), breaks=told)
