"""How figures stand to a comparator and to each other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flows.statistics.inputs import Floats, floats, ordered, worded

# What a figure below, level with and above its comparator is called, by polarity.
WORDS = {
    "low": ("better", "similar", "worse"),
    "high": ("worse", "similar", "better"),
    "neither": ("lower", "similar", "higher"),
}


class Rank(NamedTuple):
    """Places among `count` areas, 1 for the lowest value: float64, for a gap has none (NaN)."""

    rank: Floats
    lowest: Floats
    highest: Floats
    count: NDArray[np.intp]


def compare(
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    comparator_value: ArrayLike,
    comparator_lower: ArrayLike | None = None,
    comparator_upper: ArrayLike | None = None,
    polarity: ArrayLike = "neither",
) -> NDArray[np.str_]:
    """How each value stands to its comparator, in a word; all figures in one unit.

    'better', 'similar' or 'worse' where `polarity` is 'low' (low is good) or 'high'; 'higher',
    'similar' or 'lower' where it is 'neither'; '' where any figure given is missing.

    Without comparator limits the comparator is taken as known: it differs if it lies outside the
    interval, and on a limit it is similar. With comparator limits the two differ if their intervals
    do not touch; a row whose comparator limits are missing is '', not compared the other way.

    ValueError for a lower limit above its upper, one comparator limit only, an unknown polarity.

    Source: Fingertips comparator methods 1 (single overlapping interval) and 12 (double).
    """
    if (comparator_lower is None) != (comparator_upper is None):
        raise ValueError("comparator_lower and comparator_upper: give both or neither")
    low, high = ordered(lower, upper)
    floor, ceiling = ordered(
        comparator_value if comparator_lower is None else comparator_lower,
        comparator_value if comparator_upper is None else comparator_upper,
        of="comparator_",
    )
    figures = (floats(value), low, high, floats(comparator_value), floor, ceiling)
    known = sum(np.isnan(figure).astype(int) for figure in figures) == 0
    side = (low > ceiling).astype(int) - (high < floor).astype(int)
    return np.where(known, worded(side, polarity, WORDS), "")[()]


def rank_shift(values: ArrayLike, low: ArrayLike, high: ArrayLike) -> NDArray[np.intp]:
    """How many places each value's rank among all would change at most, if it alone were ``low`` or
    ``high``: one-dimensional arrays of one length, no NaN, low <= value <= high.

    A rank counts the others that lie strictly below, so that equal values share a place.
    """
    value, least, most = (np.asarray(v, dtype=float) for v in (values, low, high))
    in_order = np.sort(value)
    place = np.searchsorted(in_order, value, "left")
    down = place - np.searchsorted(in_order, least, "left")
    # a value that grows has itself below it in the order of all
    up = np.searchsorted(in_order, most, "left") - (most > value) - place
    return np.maximum(down, up)


def rank_interval(value: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> Rank:
    """The place of each value along the last axis, and the places that its interval leaves open.

    `rank` is one more than the values strictly below: equal values share a place. `lowest` is one
    more than the areas whose intervals lie wholly below the area's own, `highest` is `count` less
    those wholly above: intervals that touch leave the order open. So `lowest <= rank <= highest`
    where intervals contain their values.

    An area without a value has no place and is not counted (NaN three times). One without limits
    keeps its rank, has NaN as `lowest` and `highest`, and leaves the others' places open.

    ValueError for a lower limit above its upper.

    Source: the overlap of intervals that Fingertips compares by (method 12), taken area by area;
    Goldstein H and Spiegelhalter DJ (1996), JRSS A 159:385-443, on why a rank needs an interval.
    """
    low, high = ordered(lower, upper)
    figure, low, high = (np.atleast_1d(a) for a in np.broadcast_arrays(floats(value), low, high))
    there = ~np.isnan(figure)
    open_ended = np.isnan(low) | np.isnan(high) | ~there
    low, high = np.where(open_ended, np.nan, low), np.where(open_ended, np.nan, high)
    count = np.count_nonzero(there, axis=-1)
    rank = np.where(there, 1 + _below(figure, figure), np.nan)
    lowest = np.where(open_ended, np.nan, 1 + _below(high, low))
    highest = np.where(open_ended, np.nan, count[..., None] - _below(-low, -high))
    return Rank(rank, lowest, highest, count)


def _below(values: Floats, marks: Floats) -> NDArray[np.intp]:
    """How many of the values along the last axis lie strictly below each mark; NaN lies nowhere."""
    # Stable, with the marks first: a value equal to a mark comes after it, and NaN after all.
    order = np.argsort(np.concatenate([marks, values], axis=-1), axis=-1, kind="stable")
    is_value = order >= marks.shape[-1]
    passed = np.empty_like(order)
    np.put_along_axis(passed, order, np.cumsum(is_value, axis=-1), axis=-1)
    return passed[..., : marks.shape[-1]]
