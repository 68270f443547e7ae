"""What has changed: over the last five years, and from one period to the next."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from flows.statistics.inputs import (
    Floats,
    counts,
    dispersions,
    finite,
    ordered,
    parts,
    sizes,
    tail_of,
    worded,
)
from flows.statistics.significance import z_of

POINTS = 5
SIGNIFICANT = 9.54953570608324  # chi-squared with one degree of freedom, at 99.8 %
WIDTHS = 3.92  # standard errors from limit to limit at 95 %, rounded as Fingertips rounds them
LEVEL = 1e-12  # relative: a slope that is but the noise of arithmetic is none

UNCHANGED, UNKNOWN = "no significant change", "cannot be calculated"
TREND_WORDS = {
    "low": ("decreasing, getting better", UNCHANGED, "increasing, getting worse"),
    "high": ("decreasing, getting worse", UNCHANGED, "increasing, getting better"),
    "neither": ("decreasing", UNCHANGED, "increasing"),
}

TIME = np.arange(1.0, POINTS + 1)
SUBSETS = np.vstack([np.ones(POINTS), 1 - np.eye(POINTS)])  # all five, then all but each


class Trend(NamedTuple):
    """`word` says which way, `chi_squared` how clearly; where it cannot be calculated that is NaN
    and `reason` says why, else ''."""

    word: NDArray[np.str_]
    chi_squared: Floats
    reason: NDArray[np.str_]


class Change(NamedTuple):
    """A rate ratio, its limits and the p of no change: float64, one shape."""

    value: Floats
    lower: Floats
    upper: Floats
    p: Floats


def recent_trend(
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    polarity: ArrayLike = "neither",
    numerator: ArrayLike | None = None,
    denominator: ArrayLike | None = None,
) -> Trend:
    """Which way the latest five years of each series go, as Fingertips marks it.

    Points lie along the last axis in order of time, with their 95 % limits; `polarity` has the
    shape without that axis. Only for whole years that do not overlap, without a break between them:
    the caller sees to that. With `numerator` and `denominator` the series are proportions, and
    limits are not looked at.

    'increasing' or 'decreasing' (with 'getting better' or 'getting worse' where one end is good)
    where chi-squared for a linear trend is above 9.5495 (99.8 %) and the slope keeps its sign
    whichever year is left out; else 'no significant change'. A slope of exactly 0 keeps no sign
    (Fingertips' code takes it for a rise). chi-squared is that of the line weighted by
    ((upper - lower) / 3.92)**-2; for proportions Armitage's, with the signs of unweighted lines
    through the logits, which must be its own sign too.

    'cannot be calculated', with the reason, where there are fewer than 5 points, where one of the
    latest five is missing, where an interval has no width, and where none or all were counted in a
    year.

    ValueError for a lower limit above its upper, a numerator above its denominator, one of the two
    without the other, an infinite value, an unknown polarity.

    Source: OHID technical guidance, Fingertips trend markers; Armitage P (1955), Biometrics
    11:375-386.
    """
    if (numerator is None) != (denominator is None):
        raise ValueError("numerator and denominator: give both or neither")
    if numerator is None or denominator is None:
        pair, method = ordered(finite("lower", lower), finite("upper", upper)), _of_values
    else:
        pair, method = parts(numerator, denominator), _of_shares
    y, first, second = _series(finite("value", value), *pair)
    there = ~np.isnan(y + first + second)
    faults = {
        "fewer than 5 points": np.count_nonzero(there, axis=-1) < POINTS,
        "a point is missing": ~there[..., -POINTS:].all(axis=-1),
    }
    with np.errstate(divide="ignore", invalid="ignore"):  # of series that the faults leave out
        chi_squared, slopes, further = method(*(a[..., -POINTS:] for a in (y, first, second)))
    faults |= further
    reason = np.select(list(faults.values()), list(faults), "")
    signs = np.sign(slopes)
    agreed = np.abs(signs.sum(axis=-1)) == signs.shape[-1]
    side = np.where((chi_squared > SIGNIFICANT) & agreed, signs[..., 0], 0).astype(int)
    word = np.where(reason == "", worded(side, polarity, TREND_WORDS), UNKNOWN)
    return Trend(word[()], np.where(reason == "", chi_squared, np.nan)[()], reason[()])


def _series(*figures: Floats) -> tuple[Floats, ...]:
    """In one shape, with five points at least: what is not there is missing."""
    shaped = [np.atleast_1d(array) for array in np.broadcast_arrays(*figures)]
    short = max(POINTS - shaped[0].shape[-1], 0)
    before = [(0, 0)] * (shaped[0].ndim - 1) + [(short, 0)]
    return tuple(np.pad(array, before, constant_values=np.nan) for array in shaped)


def _of_values(
    y: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Floats, dict[str, NDArray[np.bool_]]]:
    """chi-squared of the weighted line, the slopes of all SUBSETS, and what stands against it."""
    width = upper - lower
    slopes, spread = _lines(y, (WIDTHS / width) ** 2)
    flat = {"a confidence interval has no width": (width == 0).any(axis=-1)}
    return slopes[..., 0] ** 2 * spread, slopes, flat


def _of_shares(
    _: Floats, x: Floats, n: Floats
) -> tuple[Floats, Floats, dict[str, NDArray[np.bool_]]]:
    """chi-squared of Armitage, the slopes of the logits and his own, and what stands against it."""
    slopes, _ = _lines(np.log(x / (n - x)), np.ones_like(x))
    # About the mean year: the printed form multiplies out to figures that lose their last digits.
    everyone, share = n.sum(axis=-1), x.sum(axis=-1) / n.sum(axis=-1)
    off = TIME - ((n * TIME).sum(axis=-1) / everyone)[..., None]
    chance = share * (1 - share) * (n * off**2).sum(axis=-1)
    none, every = "none counted in a year", "every one counted in a year"
    faults = {none: (x == 0).any(axis=-1), every: (x == n).any(axis=-1)}
    tilt = (x * off).sum(axis=-1)
    return tilt**2 / chance, np.concatenate([slopes, tilt[..., None]], axis=-1), faults


def _lines(y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Slopes of the weighted lines through each of SUBSETS, and the spread of all five years."""
    w = weight[..., None, :] * SUBSETS
    off = TIME - (w * TIME).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    spread = (w * off**2).sum(axis=-1)
    slopes = (w * off * y[..., None, :]).sum(axis=-1) / spread
    noise = LEVEL * np.abs(y).max(axis=-1, keepdims=True)
    return np.where(np.abs(slopes) <= noise, 0, slopes), spread[..., 0]


def change(
    numerator: ArrayLike,
    denominator: ArrayLike,
    previous_numerator: ArrayLike,
    previous_denominator: ArrayLike,
    confidence: float = 0.95,
    dispersion: ArrayLike = 1,
) -> Change:
    """The rate over the previous rate, with the exact conditional test of two counts of events.

    Given both counts together, the later is binomial: the limits are Clopper and Pearson's of its
    share, turned into the ratio, and p is twice the smaller tail at no change, so that it is under
    0.05 where the 95 % limits leave 1 out. The periods must not overlap. Counts need not be whole.

    `dispersion` is how many times the variance of independent events the counts have
    (`monthly_dispersion`). It acts on the scale of z: limits are those at z x sqrt(dispersion), and
    p that of z / sqrt(dispersion). One so large that no float holds such a tail (about 380 at 95 %)
    leaves the limits NaN.

    After no event there is no ratio and no upper limit (NaN, never infinity), but a lower limit and
    a p. Where there was none before or since, the lower limit is 0 and p is 1. A zero or missing
    denominator, or anything else missing, gives NaN four times.

    ValueError also for a dispersion below 1.

    Source: Przyborowski J and Wilenski H (1940), Biometrika 31:313-323; Clopper CJ and Pearson ES
    (1934), Biometrika 26:404-413; the two-sided test of R's `rateratio.test`.
    """
    x, n = counts("numerator", numerator), sizes("denominator", denominator)
    x0 = counts("previous_numerator", previous_numerator)
    n0 = sizes("previous_denominator", previous_denominator)
    wider = np.sqrt(dispersions(dispersion))
    x, n, x0, n0, wider = np.broadcast_arrays(x, n, x0, n0, wider)
    known = ~np.isnan(x + n + x0 + n0 + wider)
    tail = special.ndtr(special.ndtri(tail_of(confidence)) * wider)
    tail = np.where(known & (tail > 0), tail, np.nan)
    low, above_low = _least_share(x, x0, tail)
    below_high, high = _least_share(x0, x, tail)
    per, p = n0 / n * np.where(known, 1, np.nan), _no_change(x, x0, n / (n + n0), wider)
    return Change(
        (x * per / np.where(x0 > 0, x0, np.nan))[()],
        (low / above_low * per)[()],
        (high / np.where(x0 > 0, below_high, np.nan) * per)[()],
        np.where(known, p, np.nan)[()],
    )


def _least_share(x: Floats, rest: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Clopper and Pearson's lower limit of the share of x in x + rest, and what it leaves to 1."""
    some = np.where(x > 0, x, 1)
    share = np.where(x > 0, special.betaincinv(some, rest + 1, tail), 0)
    return share, np.where(x > 0, special.betainccinv(rest + 1, some, tail), 1)


def _no_change(x: Floats, x0: Floats, share: Floats, wider: Floats) -> Floats:
    """p of counts of which each event falls into the later period with probability `share`."""
    some, some0, both = np.where(x > 0, x, 1), np.where(x0 > 0, x0, 1), x + x0
    as_many = np.where(x > 0, special.betainc(some, x0 + 1, share), 1)
    as_few = np.where(x0 > 0, special.betaincc(x + 1, some0, share), 1)
    found = special.xlogy(x, x) + special.xlogy(x0, x0) - special.xlogy(both, both)
    half_deviance = found - special.xlogy(x, share) - special.xlogy(x0, 1 - share)
    z = z_of(np.minimum(as_many, as_few), half_deviance)
    return np.minimum(2 * special.ndtr(-z / wider), 1)
