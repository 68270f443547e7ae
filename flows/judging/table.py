"""The cells of one refresh as columns, and the limits that each method gives its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flows import statistics

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Words = NDArray[np.str_]


@dataclass(frozen=True)
class Cells:
    """``evidence.cells`` by column; numbers are float64 with NaN for what is missing."""

    rows: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def number(self, name: str) -> Floats:
        import pandas as pd

        return pd.to_numeric(self.rows[name], errors="coerce").to_numpy(float)

    def text(self, name: str) -> Words:
        return self.rows[name].fillna("").to_numpy(str)

    @property
    def told(self) -> NDArray[np.bool_]:
        """Which cells have a figure."""
        return ~np.isnan(self.number("value"))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which cells have a figure that chance can move: counted, not estimated by a model."""
        return self.told & ~self.rows["modelled"].to_numpy(bool)

    @property
    def comparable(self) -> NDArray[np.bool_]:
        """Those that are set against others: a count of a larger place is only larger."""
        return self.known & (self.text("method") != "count")


def limits(cells: Cells, confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper limits of each cell by its method, NaN where there are none. A publisher's
    own are its 95% limits."""
    lower, upper = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    method, per = cells.text("method"), cells.number("per")
    n, d, known = cells.number("numerator"), cells.number("denominator"), cells.known

    def take(which: NDArray, found: statistics.Interval) -> None:
        lower[which], upper[which] = found.lower, found.upper

    # publishers' small random changes can leave a part above its whole, which has no interval
    whole = known & (method == "proportion") & (n <= d)
    take(whole, statistics.proportion(n[whole], d[whole], confidence, 100))
    for one in np.unique(per[method == "rate"]):
        rates = known & (method == "rate") & (per == one)
        take(rates, statistics.rate(n[rates], d[rates], confidence, one))
    counts = known & (method == "count")
    take(counts, statistics.rate(n[counts], np.ones(int(counts.sum())), confidence, 1))
    for i in np.flatnonzero(known & (method == "median")):
        amounts = np.asarray(cells.rows["amounts"].iloc[i], dtype=float)
        take(np.array([i]), statistics.median_interval(amounts, confidence))
    published = known & (method == "as_published")
    if confidence == 0.95 and published.any():
        low, high = cells.number("published_lower"), cells.number("published_upper")
        published &= low <= high  # turned round by a slip they are no interval
        lower[published], upper[published] = low[published], high[published]
    return lower, upper


def chances(cells: Cells, comparator: Floats, lower: Floats, upper: Floats) -> Floats:
    """How likely each figure would differ so far from a known comparator by chance, by the test
    that its interval is the counterpart of; recorded crime by its own dispersion."""
    p = np.full(len(cells), np.nan)
    method, per = cells.text("method"), cells.number("per")
    n, d, asked = cells.number("numerator"), cells.number("denominator"), cells.comparable
    asked = asked & ~np.isnan(comparator)
    whole = asked & (method == "proportion") & (n <= d) & (comparator <= 100)
    p[whole] = statistics.proportion_p(n[whole], d[whole], comparator[whole], 100)
    dispersion = cells.number("dispersion")  # not known of a crime: then its chances are not
    for one in np.unique(per[method == "rate"]):
        of = asked & (method == "rate") & (per == one)
        p[of] = statistics.rate_p(n[of], d[of], comparator[of], one, dispersion[of])
    for i in np.flatnonzero(asked & (method == "median")):
        amounts = np.asarray(cells.rows["amounts"].iloc[i], dtype=float)
        sides = [np.sum(amounts < comparator[i]), np.sum(amounts == comparator[i])]
        p[i] = statistics.median_p(*sides, len(amounts) - sum(sides))
    of = asked & (method == "as_published") & ~np.isnan(lower) & ~np.isnan(upper)
    value = cells.number("value")
    p[of] = statistics.estimate_p(value[of], lower[of], upper[of], comparator[of])
    return p
