"""Confidence intervals of proportions, rates and medians, as the profession publishes them."""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special  # never scipy.stats here: it costs seconds at import

from flows.statistics.inputs import Floats, counts, finite, parts, sizes, tail_of

EXACT_BELOW = 10  # OHID: Byar's approximation is not for counts under 10


class Interval(NamedTuple):
    """A value and its confidence limits: float64, one shape, one unit."""

    value: Floats
    lower: Floats
    upper: Floats


def proportion(
    numerator: ArrayLike, denominator: ArrayLike, confidence: float = 0.95, multiplier: float = 1
) -> Interval:
    """The share of the denominator that is in the numerator, with its Wilson score interval.

    In units of `multiplier`: 1 for a share, 100 for a percentage. No numerator gives a lower limit
    of exactly 0; all of the denominator gives an upper limit of exactly `multiplier`. A zero or
    missing denominator, or a missing numerator, gives NaN three times.

    ValueError also for a numerator above its denominator, a denominator of 0 included; an excess
    of mere summation noise counts as equal.

    Source: Wilson EB (1927), JASA 22:209-212; OHID technical guidance; `phe_proportion`.
    """
    tail = tail_of(confidence, multiplier)
    x, n = parts(numerator, denominator)
    z, value = -special.ndtri(tail), x / n
    middle, spread = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * (1 - value))
    # (middle - spread) / (2 * (n + z**2)) is the printed form; this one loses no digits near 0.
    lower = 2 * x * value / (middle + spread)
    upper = np.clip((middle + spread) / (2 * (n + z**2)), value, 1)  # rounding may pass 1
    return Interval(value * multiplier, lower * multiplier, upper * multiplier)


def rate(
    numerator: ArrayLike, denominator: ArrayLike, confidence: float = 0.95, multiplier: float = 1000
) -> Interval:
    """Events per `multiplier` of the denominator, with Byar's interval; exact for counts under 10.

    The denominator is people, households or person-years; the numerator may exceed it. No events
    give a lower limit of exactly 0. A zero or missing denominator, or a missing numerator, gives
    NaN three times, however many events there are. The limits rise with the count, but for a small
    step where Byar takes over: at 95 % the lower limit is 4.795 just under 10 and 4.787 at 10.

    The interval says how far chance moves independent events. Recorded crime comes in clusters:
    the chance variation of a large count of offences is wider than this.

    Source: Byar's approximation, Breslow NE and Day NE (1987), Statistical Methods in Cancer
    Research II; exact Poisson limits from chi-squared, Armitage P and Berry G (2002), Statistical
    Methods in Medical Research, 4th ed.; OHID technical guidance; `phe_rate`.
    """
    tail = tail_of(confidence, multiplier)
    x, n = counts("numerator", numerator), sizes("denominator", denominator)
    lower, upper = poisson_limits(x, tail)
    return Interval(x / n * multiplier, lower / n * multiplier, upper / n * multiplier)


def poisson_limits(x: Floats, tail: float) -> tuple[Floats, Floats]:
    """Limits of counts that leave `tail` out on each side: exact under 10, Byar's from there."""
    few, many = np.minimum(x, EXACT_BELOW), np.maximum(x, EXACT_BELOW)  # each formula its own range
    z, exact = -special.ndtri(tail), exact_limits(few, tail)
    # Multiplied out, because ** 3 may give a row and a column of rows different last digits.
    shrunk = 1 - 1 / (9 * many) - z / (3 * np.sqrt(many))
    grown = 1 - 1 / (9 * (many + 1)) + z / (3 * np.sqrt(many + 1))
    byar = (many * shrunk * shrunk * shrunk, (many + 1) * grown * grown * grown)
    lower, upper = np.where(x < EXACT_BELOW, exact, byar)
    return lower, upper


def exact_limits(x: Floats, tail: float) -> tuple[Floats, Floats]:
    """Exact Poisson limits of counts of any size, whole or not."""
    # gammaincinv(x, p) is chi2.ppf(p, 2x) / 2, and not defined for x = 0, where the limit is 0.
    lower = np.where(x == 0, 0, special.gammaincinv(np.where(x == 0, 1, x), tail))
    return lower, special.gammainccinv(x + 1, tail)


def median_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """The median of one sample, in its own unit, with an interval between two of its own values.

    The interval runs from the (j+1)th smallest to the (j+1)th largest value, with the largest j
    that has P(Binomial(n, 1/2) <= j) <= (1 - confidence) / 2. So it covers the population median
    with at least the confidence asked, whatever the distribution. Where there is no such j (fewer
    than 6 values at 95 %) both limits are NaN and the median stands. A sample that is empty or has
    a missing value gives NaN three times: drop missing values first. Values may be negative.

    ValueError also for an infinite value, or `values` that are not one-dimensional.

    Source: Conover WJ (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2; the
    two-sided `scipy.stats.quantile_test(values, p=0.5).confidence_interval(confidence)`.
    """
    sample, tail = finite("values", values), tail_of(confidence)
    if sample.ndim != 1:
        raise ValueError(f"values must be one sample, a list of numbers: found {sample.ndim} axes")
    n, missing = len(sample), np.float64(np.nan)
    if n == 0 or np.isnan(sample).any():
        return Interval(missing, missing, missing)
    in_order = np.sort(sample)
    j = bisect_right(range(n), tail, key=lambda count: special.bdtr(count, n, 0.5)) - 1
    limits = (in_order[j], in_order[n - 1 - j]) if j >= 0 else (missing, missing)
    return Interval(np.median(in_order), *limits)
