"""Each figure against its own past: the recent trend, and the change from the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flows import statistics
from flows.judging.table import Cells, Floats
from flows.statistics.trends import UNKNOWN

if TYPE_CHECKING:
    import pandas as pd

ENDLESS = 1e300
STEPS = 4  # a trend is of five years
YEAR = 12
KEY = ["indicator_id", "area_kind", "area_code", "period"]
NEEDED = "it takes five years that do not overlap"


class Past:
    """Where each cell's earlier figures stand among the cells, and what lies between.

    ``at`` is cells x steps, the row of the same locality's figure so many periods before, -1 where
    there is none; ``broken`` why the two are not comparable, '' where they are.
    """

    def __init__(self, cells: Cells, earlier: pd.DataFrame) -> None:
        import pandas as pd

        self.cells = cells
        places = pd.MultiIndex.from_frame(cells.rows[KEY].fillna(""))
        edition = cells.text("edition")
        self.at = np.full((len(cells), STEPS), -1, dtype=np.intp)
        self.broken = np.full((len(cells), STEPS), "", dtype=object)
        self.period = np.full(len(cells), None, dtype=object)
        by_step = {step: rows for step, rows in earlier.groupby("step", sort=True)}
        for step in range(1, STEPS + 1):
            if step not in by_step:
                continue
            asked = cells.rows[KEY].merge(
                by_step[step], how="left", on=["indicator_id", "period"], validate="many_to_one"
            )
            before = asked[KEY[:3]].assign(period=asked["earlier_period"]).fillna("")
            at = places.get_indexer(pd.MultiIndex.from_frame(before))
            at = np.where(asked["earlier_period"].notna() & cells.told[at], at, -1)
            broken = asked["break_between"].fillna("").to_numpy(object, copy=True)
            redrawn = (broken == "") & (at >= 0) & (edition[at] != edition)
            broken[redrawn] = "its boundaries are those of another edition"
            self.at[:, step - 1], self.broken[:, step - 1] = at, broken
            if step == 1:
                self.period = asked["earlier_period"].to_numpy(object)

    def trend(self, lower: Floats, upper: Floats) -> tuple[NDArray, NDArray]:
        """The trend of each cell in words, and why it has none; '' for a cell without a figure."""
        cells = self.cells
        word = np.where(cells.told, UNKNOWN, "").astype(object)
        why = np.where(cells.told, self._refused(), "").astype(object)
        ready = np.flatnonzero(cells.known & (why == ""))
        shares = cells.text("method") == "proportion"
        for of, counted in ((ready[~shares[ready]], False), (ready[shares[ready]], True)):
            if not len(of):
                continue
            points = np.c_[self.at[of][:, ::-1], of]  # the oldest first
            columns = (cells.number("value"), *self._widened(lower, upper))
            sides = {}
            if counted:
                n, d = (cells.number(name)[points] for name in ("numerator", "denominator"))
                # a part above its whole is no share: that point is missing
                sides = {"numerator": np.where(n <= d, n, np.nan), "denominator": d}
            polarity = cells.text("polarity")[of]
            found = statistics.recent_trend(*(c[points] for c in columns), polarity, **sides)
            word[of], why[of] = found.word, found.reason
        return word, why

    def _widened(self, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """The limits of recorded crime as far apart as its own variation wants them."""
        value, wider = self.cells.number("value"), np.sqrt(self.cells.number("dispersion"))
        return value - (value - lower) * wider, value + (upper - value) * wider

    def _refused(self) -> NDArray:
        """Why no trend is read, '' where one may be: of a break first, for it does not pass."""
        cells = self.cells
        years = 1 + np.cumprod(self.at >= 0, axis=1).sum(axis=1)
        # the first break on the way back, as far as figures go
        there = (self.broken != "") & (self.at >= 0)
        first = np.where(there.any(axis=1), there.argmax(axis=1), 0)
        crossed = self.broken[np.arange(len(first)), first]
        why = np.where(years < STEPS + 1, [f"{NEEDED}: {n} in hand" for n in years], "")
        unknown = np.isnan(cells.number("dispersion"))
        why = np.where(cells.known, why, "estimated by a model, not counted")
        why = np.where(unknown, "how much its months vary by themselves is not known", why)
        why = np.where(there.any(axis=1), "refused: " + crossed, why)
        start, end = (self.cells.rows[name].dt for name in ("period_start", "period_end"))
        one_month = (start.year == end.year) & (start.month == end.month) & (start.day < end.day)
        return np.where(one_month, "a month has no trend: see the year", why)

    def change(self) -> tuple[statistics.Change, NDArray, NDArray]:
        """The ratio to the period before, with its limits; the period's name and its value where
        the two may be compared."""
        cells, at = self.cells, self.at[:, 0]
        there = cells.known & (at >= 0) & (self.broken[:, 0] == "")
        counted = there & np.isin(cells.text("method"), ("count", "rate", "proportion"))
        n, d = cells.number("numerator"), cells.number("denominator")
        d = np.where(cells.text("method") == "count", 1, d)
        found = np.full((4, len(cells)), np.nan)
        if counted.any():
            before = at[counted]
            sides = (n[counted], d[counted], n[before], d[before])
            dispersion = cells.number("dispersion")[counted]
            found[:, counted] = statistics.change(*sides, dispersion=dispersion)
        value = np.where(there, cells.number("value")[at], np.nan)
        return statistics.Change(*found), np.where(there, self.period, None), value

    def changed(self, ratio: statistics.Change, lower: Floats, upper: Floats) -> NDArray:
        """How each figure stands to the period before, in a word: by the exact test of two counts,
        or of what is not counted by whether the two intervals overlap."""
        cells, at = self.cells, self.at[:, 0]
        polarity = cells.text("polarity")
        # after none at all any ratio is endless, and yet the rise may be more than chance
        from_none = np.isnan(ratio.value) & ~np.isnan(ratio.lower)
        value = np.where(from_none, ENDLESS, ratio.value)
        most = np.where(from_none, ENDLESS, ratio.upper)
        tested = statistics.compare(value, ratio.lower, most, 1, polarity=polarity)
        there = cells.known & (at >= 0) & (self.broken[:, 0] == "") & (tested == "")
        there &= ~np.isin(cells.text("method"), ("count", "rate", "proportion"))
        value = np.where(there, cells.number("value"), np.nan)
        before = (c[at] for c in (cells.number("value"), lower, upper))
        overlap = statistics.compare(value, lower, upper, *before, polarity=polarity)
        return np.where(tested == "", overlap, tested)
