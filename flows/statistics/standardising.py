"""Rates and ratios made comparable between places of different ages."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flows.statistics.inputs import SUMMATION_NOISE, Floats, counts, sizes, tail_of
from flows.statistics.intervals import EXACT_BELOW, Interval, poisson_limits

# European Standard Population 2013: ages 0-4, 5-9, ... 85-89, 90 and over.
# Source: Eurostat (2013), Revision of the European Standard Population; `esp2013` in R's
# PHEindicatormethods.
# fmt: off
ESP2013 = np.array([
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000,
    7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000,
], dtype=np.float64)
# fmt: on
ESP2013.setflags(write=False)


class Standardised(NamedTuple):
    """A rate with its limits, and why there is none: '' where there is one."""

    value: Floats
    lower: Floats
    upper: Floats
    reason: NDArray[np.str_]


def standardised_rate(
    count: ArrayLike,
    population: ArrayLike,
    standard_population: ArrayLike = ESP2013,
    confidence: float = 0.95,
    multiplier: float = 100_000,
) -> Standardised:
    """Events per `multiplier` that a standard population would have at the area's rates by age.

    Age bands lie along the last axis of `count` and `population`, in the order of
    `standard_population`; the answer has the shape without that axis. The limits are Dobson's, with
    Byar's for the total; a lower limit below 0 is given as 0. A count may exceed its population, as
    events do.

    There is no rate (NaN three times, and the reason) where a count is missing, where a population
    is missing or 0, and below 10 events, as OHID has it. R's `calculate_dsr` takes a missing count
    for 0, and stops at a population of 0: here a gap stays a gap.

    ValueError also where the bands do not match the standard population, or that is not above 0.

    Source: Dobson AJ, Kuulasmaa K, Eberle E and Scherer J (1991), Statistics in Medicine
    10:457-462; OHID technical guidance; `calculate_dsr`.
    """
    tail = tail_of(confidence, multiplier)
    standard = sizes("standard_population", standard_population)
    x, n = counts("count", count), sizes("population", population)
    x, n = np.broadcast_arrays(x, n)
    if standard.ndim != 1 or not x.ndim or x.shape[-1] != len(standard) or np.isnan(standard).any():
        raise ValueError(
            "age bands must lie along the last axis, one for each of the standard population's,"
            f" which are above 0: found shapes {x.shape} and {standard.shape}"
        )
    weight = standard / standard.sum() / n  # of an event in each band
    value, variance = (weight * x).sum(axis=-1), (weight**2 * x).sum(axis=-1)
    total = x.sum(axis=-1)
    few = total * (1 + SUMMATION_NOISE) < EXACT_BELOW
    reason = np.select(
        [np.isnan(x).any(axis=-1), np.isnan(n).any(axis=-1), few],
        ["count missing in a band", "population missing or zero in a band", "fewer than 10 events"],
        "",
    )
    total = np.where(reason == "", np.maximum(total, EXACT_BELOW), np.nan)  # noise may be below 10
    lower, upper = (
        value + np.sqrt(variance / total) * (limit - total) for limit in poisson_limits(total, tail)
    )
    rates = (value, np.maximum(lower, 0), upper)
    rates = (np.where(reason == "", rate, np.nan)[()] for rate in rates)
    return Standardised(*(rate * multiplier for rate in rates), reason[()])


def standardised_ratio(
    observed: ArrayLike, expected: ArrayLike, confidence: float = 0.95, multiplier: float = 1
) -> Interval:
    """Events observed against those expected, with Byar's interval; exact for under 10 events.

    Both are totals: the expected are what the area's people would have at the comparator's rates by
    age. In units of `multiplier`: 1, or 100 where the comparator is to be 100. Nothing expected, or
    anything missing, gives NaN three times.

    Source: OHID technical guidance; `calculate_ISRatio`.
    """
    tail = tail_of(confidence, multiplier)
    x, n = counts("observed", observed), sizes("expected", expected)
    lower, upper = poisson_limits(x, tail)
    return Interval(x / n * multiplier, lower / n * multiplier, upper / n * multiplier)
