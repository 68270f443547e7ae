"""Intervals and comparisons as the profession publishes them: pure functions on arrays.

The formulas are those of the OHID technical guidance on confidence intervals (first published as
APHO Technical Briefing 3), which R's PHEindicatormethods carries out, and of Fingertips.

Every function takes scalars, sequences or numpy arrays. They broadcast, and the answer has the
broadcast shape (numpy scalars for scalars). Missing (NaN, None, masked) in, NaN out: a gap stays a
gap. A count need not be whole: after apportionment the interval is that of the apportioned count,
and leaves out the uncertainty of the apportionment. ValueError, saying what is wrong and where,
for a count that is negative or infinite, a confidence outside (0, 1), a multiplier of 0 or less.
"""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special  # never scipy.stats here: it costs seconds at import

Floats = NDArray[np.float64]

EXACT_BELOW = 10  # OHID: Byar's approximation is not for counts under 10
SUMMATION_NOISE = 1e-9  # relative: more than the order of adding up can make of the same figures

# What a figure below, level with and above its comparator is called, by polarity.
WORDS = {
    "low": ("better", "similar", "worse"),
    "high": ("worse", "similar", "better"),
    "neither": ("lower", "similar", "higher"),
}


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
    tail = _tail(confidence, multiplier)
    x, n = _counts("numerator", numerator), _counts("denominator", denominator)
    fault = "not a proportion (use a rate, or mend the data): numerator above denominator"
    _refuse(x > n * (1 + SUMMATION_NOISE), fault, x, n)
    x, n = np.minimum(x, n), np.where(n > 0, n, np.nan)
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
    tail = _tail(confidence, multiplier)
    x, n = _counts("numerator", numerator), _counts("denominator", denominator)
    z, n = -special.ndtri(tail), np.where(n > 0, n, np.nan)
    few, many = np.minimum(x, EXACT_BELOW), np.maximum(x, EXACT_BELOW)  # each formula its own range
    # gammaincinv(x, p) is chi2.ppf(p, 2x) / 2, and not defined for x = 0, where the limit is 0.
    exact_lower = np.where(few == 0, 0, special.gammaincinv(np.where(few == 0, 1, few), tail))
    exact_upper = special.gammainccinv(few + 1, tail)
    # Multiplied out, because ** 3 may give a row and a column of rows different last digits.
    shrunk = 1 - 1 / (9 * many) - z / (3 * np.sqrt(many))
    grown = 1 - 1 / (9 * (many + 1)) + z / (3 * np.sqrt(many + 1))
    byar_lower, byar_upper = many * shrunk * shrunk * shrunk, (many + 1) * grown * grown * grown
    lower, upper = np.where(x < EXACT_BELOW, (exact_lower, exact_upper), (byar_lower, byar_upper))
    return Interval(x / n * multiplier, lower / n * multiplier, upper / n * multiplier)


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
    sample, tail = _floats(values), _tail(confidence)
    _refuse(np.isinf(sample), "values must be finite: infinite", sample)
    if sample.ndim != 1:
        raise ValueError(f"values must be one sample, a list of numbers: found {sample.ndim} axes")
    n, missing = len(sample), np.float64(np.nan)
    if n == 0 or np.isnan(sample).any():
        return Interval(missing, missing, missing)
    ordered = np.sort(sample)
    j = bisect_right(range(n), tail, key=lambda count: special.bdtr(count, n, 0.5)) - 1
    limits = (ordered[j], ordered[n - 1 - j]) if j >= 0 else (missing, missing)
    return Interval(np.median(ordered), *limits)


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
    floor = _floats(comparator_value if comparator_lower is None else comparator_lower)
    ceiling = _floats(comparator_value if comparator_upper is None else comparator_upper)
    low, high = _floats(lower), _floats(upper)
    _refuse(low > high, "lower must not be above upper: it is", low, high)
    _refuse(floor > ceiling, "comparator_lower must not be above its upper: it is", floor, ceiling)
    polarities = np.asarray(polarity, dtype=str)
    unknown = sorted(set(polarities.flat) - set(WORDS))
    if unknown:
        raise ValueError(f"polarity must be one of {', '.join(WORDS)}: found {', '.join(unknown)}")
    figures = (_floats(value), low, high, _floats(comparator_value), floor, ceiling)
    known = sum(np.isnan(figure).astype(int) for figure in figures) == 0
    side = 1 + (low > ceiling).astype(int) - (high < floor).astype(int)
    answer = np.array("", dtype="<U7")
    for name, words in WORDS.items():
        answer = np.where(known & (polarities == name), np.array(words)[side], answer)
    return answer[()]


def rank_shift(values: ArrayLike, low: ArrayLike, high: ArrayLike) -> NDArray[np.intp]:
    """How many places each value's rank among all would change at most, if it alone were ``low`` or
    ``high``: one-dimensional arrays of one length, no NaN, low <= value <= high.

    A rank counts the others that lie strictly below, so that equal values share a place.
    """
    value, least, most = (np.asarray(v, dtype=float) for v in (values, low, high))
    ordered = np.sort(value)
    place = np.searchsorted(ordered, value, "left")
    down = place - np.searchsorted(ordered, least, "left")
    # a value that grows has itself below it in the order of all
    up = np.searchsorted(ordered, most, "left") - (most > value) - place
    return np.maximum(down, up)


def _floats(values: ArrayLike) -> Floats:
    """As float64, missing as NaN: what lies under a mask (DuckDB's NULL) must not come to light."""
    if isinstance(values, np.ma.MaskedArray):
        return values.astype(np.float64).filled(np.nan)
    return np.asarray(values, dtype=np.float64)


def _counts(name: str, values: ArrayLike) -> Floats:
    array = _floats(values)
    _refuse(np.isinf(array), f"{name} must be finite: infinite", array)
    _refuse(array < 0, f"{name} must not be negative: negative", array)
    return array


def _tail(confidence: float, multiplier: float = 1) -> float:
    """The probability left out beyond each limit."""
    tail = (1 - confidence) / 2
    if not 0 < tail < 0.5:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95: found {confidence:g}")
    if not 0 < multiplier < np.inf:
        raise ValueError(f"multiplier must be positive, such as 1000: found {multiplier:g}")
    return tail


def _refuse(bad: NDArray[np.bool_], fault: str, *arrays: Floats) -> None:
    if np.any(bad):
        found = [f"{np.broadcast_to(array, np.shape(bad))[bad][0]:g}" for array in arrays]
        places = f"in {np.count_nonzero(bad)} of {np.size(bad)} values"
        raise ValueError(f"{fault} {places}, the first {' against '.join(found)}")
