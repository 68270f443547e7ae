"""Funnels: how far from the comparator areas of each size may lie by chance."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from flows.statistics.dispersion import Dispersion
from flows.statistics.inputs import SUMMATION_NOISE, Floats, counts, positive, refuse, sizes
from flows.statistics.intervals import exact_limits

KINDS = ("rate", "proportion")
TAILS = (0.025, 0.001)  # beyond each limit: 95 % and 99.8 %


class Limits(NamedTuple):
    """Control limits about a comparator at 95 % and at 99.8 %: float64, one shape, its unit."""

    lower: Floats
    upper: Floats
    lower_998: Floats
    upper_998: Floats


class Scores(NamedTuple):
    """How far areas lie from the comparator, and the unit of that on the scale it is taken on."""

    z: Floats
    standard_error: Floats


def funnel(
    comparator: ArrayLike,
    denominator: ArrayLike,
    kind: str,
    multiplier: float,
    dispersion: Dispersion | None = None,
) -> Limits:
    """Control limits for areas of each `denominator`, in units of `multiplier` as the comparator.

    A 'proportion' has p0 -+ z sqrt(p0 (1 - p0) / denominator), kept within 0 and the whole: an area
    is outside exactly where its Wilson interval misses the comparator. A 'rate' has the exact
    Poisson limits of the count E that is expected at the comparator, chi2(p; 2 E) / 2 and
    chi2(1 - p; 2 E + 2) / 2, for any E: the form of Fingertips' SPC method 6 and of FunnelPlotR.
    OHID's funnel tool asks instead which E would have the observed count on a limit, which differs
    where few are expected.

    With a `dispersion` (`overdispersion` of the `funnel_scores` of the same kind) limits are also
    drawn at z sqrt(standard_error**2 + tau2) on the scale of the scores, and the wider of both is
    given: never narrower than without. An unknown dispersion (NaN) gives NaN.

    A zero or missing denominator, or a missing comparator, gives NaN four times.

    ValueError for an unknown kind, and for a 'proportion' comparator above `multiplier`.

    Source: Spiegelhalter DJ (2005), Funnel plots for comparing institutional performance,
    Statistics in Medicine 24:1185-1202; Fingertips comparator method 6; R's FunnelPlotR.
    """
    known, n = _given(comparator, denominator, kind, multiplier)
    limits = []
    for tail in TAILS:
        if kind == "rate":
            lower, upper = (limit / n for limit in exact_limits(known * n, tail))
        else:
            reach = -special.ndtri(tail) * np.sqrt(known * (1 - known) / n)
            lower, upper = np.maximum(known - reach, 0), np.minimum(known + reach, 1)
        if dispersion is not None:
            low, high = _wider(known, n, kind, tail, dispersion.tau2)
            lower, upper = np.minimum(lower, low), np.maximum(upper, high)
        limits += [lower * multiplier, upper * multiplier]
    return Limits(*limits)


def funnel_scores(
    numerator: ArrayLike,
    denominator: ArrayLike,
    comparator: ArrayLike,
    kind: str,
    multiplier: float,
) -> Scores:
    """How far each area lies from the comparator, for `overdispersion`.

    On a scale on which chance is alike for all values: the square root of observed over expected
    for a 'rate' (standard error 1 / (2 sqrt(E))), the arcsine of the square root for a 'proportion'
    (1 / (2 sqrt(denominator))). Both take a count of 0. Missing as in `funnel`, and where the
    comparator is 0.

    Source: Spiegelhalter DJ et al (2012), JRSS A 175:1-47; `transformed_zscore` of FunnelPlotR.
    """
    known, n = _given(comparator, denominator, kind, multiplier)
    x = counts("numerator", numerator)
    if kind == "proportion":
        fault = "not a proportion (use a rate, or mend the data): numerator above denominator"
        refuse(x > n * (1 + SUMMATION_NOISE), fault, x, n)
        error = 1 / (2 * np.sqrt(n))
        gap = np.arcsin(np.sqrt(np.minimum(x / n, 1))) - np.arcsin(np.sqrt(known))
    else:
        expected = np.where(known > 0, known, np.nan) * n
        error = 1 / (2 * np.sqrt(expected))
        gap = np.sqrt(x / expected) - 1
    z, error = np.broadcast_arrays(gap / error, error)
    return Scores(z[()], error[()])


def _wider(known: Floats, n: Floats, kind: str, tail: float, tau2: Floats) -> tuple[Floats, Floats]:
    """Limits with the variance between areas added, taken back from the scale of the scores."""
    size = known * n if kind == "rate" else n
    # Nothing expected has no limits on this scale: the others stand.
    size = np.where(size == 0, np.inf, size)
    reach = -special.ndtri(tail) * np.sqrt(1 / (4 * size) + tau2)
    if kind == "rate":
        return known * np.maximum(1 - reach, 0) ** 2, known * (1 + reach) ** 2
    angle = np.arcsin(np.sqrt(known))
    low, high = np.maximum(angle - reach, 0), np.minimum(angle + reach, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def _given(
    comparator: ArrayLike, denominator: ArrayLike, kind: str, multiplier: float
) -> tuple[Floats, Floats]:
    """The comparator as a share or per head, and the sizes."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}: found {kind}")
    known = counts("comparator", comparator) / positive(multiplier)
    if kind == "proportion":
        refuse(known > 1 + SUMMATION_NOISE, "comparator must not be above the whole: it is", known)
        known = np.minimum(known, 1)
    return known, sizes("denominator", denominator)
