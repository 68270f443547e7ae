"""How surprising a figure would be if it did not differ from its comparator, and among many.

Each p is the dual of the interval that `compare` looks at: two-sided, and under 0.05 where the
comparator lies outside the 95 % interval of the figure, so that a word and its p never disagree.
The comparator is taken as known, and is in the unit of the figure.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from flows.statistics.inputs import (
    SUMMATION_NOISE,
    Floats,
    counts,
    dispersions,
    finite,
    floats,
    ordered,
    parts,
    positive,
    refuse,
    sizes,
    tail_of,
)
from flows.statistics.intervals import EXACT_BELOW

NO_DIGITS_LEFT = 1e-290  # below this a float64 probability has lost its digits, or is 0


def proportion_p(
    numerator: ArrayLike, denominator: ArrayLike, comparator: ArrayLike, multiplier: float = 1
) -> Floats:
    """p of a proportion against a comparator in units of `multiplier`: the dual of `proportion`.

    The score test, without correction. Missing where the proportion or the comparator is.

    ValueError as in `proportion`, and for a comparator above `multiplier`.

    Source: Wilson EB (1927), JASA 22:209-212: the interval is what this test does not reject.
    """
    x, n = parts(numerator, denominator)
    known = counts("comparator", comparator) / positive(multiplier)
    refuse(known > 1 + SUMMATION_NOISE, "comparator must not be above the whole: it is", known)
    known = np.minimum(known, 1)
    gap, spread = np.abs(x - n * known), np.sqrt(n * known * (1 - known))
    # A comparator of nothing or of everything has no spread: any other figure is outside.
    z = np.divide(gap, spread, out=np.where(gap > 0, np.inf, gap), where=spread > 0)
    return 2 * special.ndtr(-z)


def rate_p(
    numerator: ArrayLike,
    denominator: ArrayLike,
    comparator: ArrayLike,
    multiplier: float = 1000,
    dispersion: ArrayLike = 1,
) -> Floats:
    """p of a rate against a comparator in units of `multiplier`: the dual of `rate`.

    Exact Poisson under 10 events, Byar's from there. `dispersion` is how many times the variance of
    independent events the counts have (`monthly_dispersion`): the p is then that of
    z / sqrt(dispersion). Missing where the rate, the comparator or the dispersion is.

    ValueError as in `rate`, and for a dispersion below 1.

    Source: Breslow NE and Day NE (1987), Statistical Methods in Cancer Research II, for Byar's;
    McCullagh P and Nelder JA (1989), Generalized Linear Models, section 6.2, for the dispersion.
    """
    x, n = counts("numerator", numerator), sizes("denominator", denominator)
    expected = counts("comparator", comparator) * n / positive(multiplier)
    z = np.where(x < EXACT_BELOW, _exact_z(x, expected), _byar_z(x, expected))
    return np.minimum(2 * special.ndtr(-z / np.sqrt(dispersions(dispersion))), 1)


def _exact_z(x: Floats, expected: Floats) -> Floats:
    """How far out a small count lies, on the side that is further."""
    few = np.minimum(x, EXACT_BELOW)
    as_many = np.where(few == 0, 1, special.gammainc(np.where(few == 0, 1, few), expected))
    tail = np.minimum(as_many, special.gammaincc(few + 1, expected))
    return z_of(tail, expected - few + special.xlogy(few, few) - special.xlogy(few, expected))


def _byar_z(x: Floats, expected: Floats) -> Floats:
    many = np.maximum(x, EXACT_BELOW)
    high = 3 * np.sqrt(many) * (1 - 1 / (9 * many) - np.cbrt(expected / many))
    more = many + 1
    low = 3 * np.sqrt(more) * (np.cbrt(expected / more) - 1 + 1 / (9 * more))
    return np.maximum(high, low)


def z_of(tail: Floats, half_deviance: Floats) -> Floats:
    """The normal deviate that leaves `tail` out, from the deviance where the tail has no digits.

    Only matters before a division by a dispersion: what is too small for a float is not nothing.
    """
    lost = (tail < NO_DIGITS_LEFT) & np.isfinite(half_deviance)
    return np.where(lost, np.sqrt(2 * np.where(lost, half_deviance, 0)), -special.ndtri(tail))


def estimate_p(
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    comparator: ArrayLike,
    confidence: float = 0.95,
) -> Floats:
    """p of a published figure with its limits, by the normal: for what comes as an estimate.

    The standard error is the distance from the value to the limit on the comparator's side over
    1.96 (at 95 %). With limits equally far that is (upper - lower) / 3.92; with others it keeps the
    p the dual of the interval. An interval without width leaves only 0 and 1. Missing where any
    figure is, and where the value lies outside its own limits.

    ValueError for a lower limit above its upper, or an infinite figure.
    """
    tail = tail_of(confidence)
    low, high = ordered(finite("lower", lower), finite("upper", upper))
    at, known = finite("value", value), finite("comparator", comparator)
    room = np.where(known < at, at - low, high - at)
    gap, room = np.broadcast_arrays(
        np.abs(at - known), np.where((low <= at) & (at <= high), room, np.nan)
    )
    share = np.divide(gap, room, out=np.where(gap > 0, np.inf, gap + room), where=room != 0)
    return 2 * special.ndtr(share * special.ndtri(tail))


def median_p(below: ArrayLike, level: ArrayLike, above: ArrayLike) -> Floats:
    """p of a sample's median against a comparator: how many values lie below, on and above it.

    The sign test, with the values on the comparator against either side: the dual of
    `median_interval`. No values give NaN.

    ValueError also for counts that are not whole.

    Source: Conover WJ (1999), Practical Nonparametric Statistics, 3rd ed., sections 3.2 and 3.4.
    """
    under, on, over = (
        counts(name, values)
        for name, values in (("below", below), ("level", level), ("above", above))
    )
    for name, number in (("below", under), ("level", on), ("above", over)):
        refuse(number % 1 > 0, f"{name} must be whole numbers: not whole", number)
    total = np.where(under + on + over > 0, under + on + over, np.nan)
    fewer = np.minimum(under, over) + on
    # P(Binomial(total, 1/2) <= fewer), for any number of values; 1 where they are all of them.
    rest = np.where(fewer < total, total - fewer, 1)
    tail = np.where(fewer < total, special.betainc(rest, fewer + 1, 0.5), 1)
    return np.minimum(np.where(np.isnan(total), np.nan, 2 * tail), 1)


def false_discoveries(p: ArrayLike, families: ArrayLike, rate: float = 0.05) -> NDArray[np.bool_]:
    """Which p stand when at most `rate` of those that do may be chance, within each family.

    `families` are labels of the shape of `p`, or one for all: what is shown together, such as an
    indicator on its map. True where p is at or under the largest p(k) <= k / m x rate of its
    family's m known p. A missing p is not a comparison: never True, and not counted.

    ValueError for a p or a rate that is not a probability.

    Source: Benjamini Y and Hochberg Y (1995), JRSS B 57:289-300;
    `scipy.stats.false_discovery_control(p) <= rate`.
    """
    chance = floats(p)
    refuse((chance < 0) | (chance > 1), "p must lie between 0 and 1: it does not", chance)
    if not 0 < rate < 1:
        raise ValueError(f"rate must be between 0 and 1, such as 0.05: found {rate:g}")
    labels = np.broadcast_to(np.asarray(families), chance.shape)
    labels = labels.astype(str) if labels.dtype == object else labels
    family = np.unique(labels, return_inverse=True)[1].reshape(-1)
    flat = chance.reshape(-1)
    known = np.flatnonzero(~np.isnan(flat))
    order = known[np.lexsort((flat[known], family[known]))]
    size = np.bincount(family[order], minlength=1)
    place = np.arange(len(order)) - (np.cumsum(size) - size)[family[order]] + 1
    stands = flat[order] * (size[family[order]] / place) <= rate
    last = np.zeros(len(size), dtype=np.intp)  # of each family, the last place that stands
    np.maximum.at(last, family[order], np.where(stands, place, 0))
    answer = np.zeros(flat.shape, dtype=bool)
    answer[order] = place <= last[family[order]]
    return answer.reshape(chance.shape)[()]
