"""Rounding to a base, and what a rounded figure tells.

Source: ESSnet SDC, Handbook on Statistical Disclosure Control, 2nd edition, section 4.4 (rounding);
NHS England's rule for sub-national counts, "rounded to the nearest 5".
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BASE = 5  # the base that the national publishers round small-area counts of people to


def rounded(counts: ArrayLike, base: int = BASE) -> NDArray[np.float64]:
    """Each count to the nearest multiple of ``base``, halves up; small counts and 0 alike.

    Any shape; float64 of the same shape. The same count always gives the same figure, so that
    asking twice tells nothing new. Each total is to be rounded on its own, never added up from
    rounded parts: it is off by at most ``base / 2``. Missing (NaN, None, masked) stays missing.

    ValueError for a count that is negative, infinite or not whole (round whole counts, once), or
    for a base that is not a whole number of 1 or more.
    """
    base = _base(base)
    counts = _whole(counts, "count")
    return np.floor((2 * counts + base) / (2 * base)) * base


def bounds(published: ArrayLike, base: int = BASE) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and the highest whole count that `rounded` makes each published figure of.

    Any shape; two int64 arrays of the same shape. At base 5 a published 0 is 0 to 2, 5 is 3 to 7,
    10 is 8 to 12; at base 1 a figure is itself.

    ValueError for a figure that is missing (it tells nothing: make no cell of it), negative, or
    no multiple of the base.
    """
    base = _base(base)
    published = _whole(published, "published figure")
    if np.isnan(published).any():
        raise ValueError("a missing figure has no bounds: leave its cell out")
    if (published % base != 0).any():
        raise ValueError(f"a published figure is no multiple of the base {base}")
    figures = published.astype(np.int64)
    # Half up: the least count is the first whole number at or above figure - base / 2.
    lowest = np.maximum(figures - base // 2, 0)
    return lowest, figures + (base - 1) // 2


def _base(base: int) -> int:
    if base != int(base) or base < 1:
        raise ValueError(f"the base is {base}: it must be a whole number of 1 or more")
    return int(base)


def _whole(figures: ArrayLike, what: str) -> NDArray[np.float64]:
    """The figures as float64, with NaN for the missing ones. ValueError as `rounded` says."""
    array = np.ma.filled(np.ma.asarray(figures, dtype=np.float64), np.nan)
    there = array[~np.isnan(array)]
    for wrong, fault in (
        (there < 0, "negative"),
        (np.isinf(there), "infinite"),
        (there != np.floor(there), "not whole"),
    ):
        if wrong.any():
            raise ValueError(f"a {what} is {fault}: {there[wrong][0]:g}")
    return array
