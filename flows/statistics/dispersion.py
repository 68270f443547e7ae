"""How much more figures vary than chance alone would have it: overdispersion."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flows.statistics.inputs import Floats, counts, finite, refuse

FEWEST_AREAS = 10  # a tenth of fewer is not one area: there is no end to winsorise
VAGUEST_DISPERSION = 0.5  # standard error that the dispersion of chance itself may have


class Dispersion(NamedTuple):
    """`phi`: how many times the variance of chance the scores have, never below 1. `tau2`: the
    variance between the areas' true values on the scale of the scores, never below 0. `areas`: how
    many had a score."""

    phi: Floats
    tau2: Floats
    areas: NDArray[np.intp]


def overdispersion(z: ArrayLike, standard_error: ArrayLike, trim: float = 0.1) -> Dispersion:
    """How much areas differ beyond chance, from their scores (`funnel_scores`) along the last axis.

    The scores are winsorised: those beyond the `trim` and 1 - `trim` quantiles are drawn in to
    them, so that the areas that a funnel is to find do not widen it. phi is the mean of their
    squares; tau2 is the DerSimonian-Laird moment estimate with the weights 1 / standard_error**2,
    as the CQC uses it. Areas without a score are left out; fewer than 10 with one give NaN.

    ValueError for a `standard_error` that is not above 0, or a `trim` outside [0, 0.5).

    Source: Spiegelhalter DJ (2005), Handling over-dispersion of performance indicators, Quality and
    Safety in Health Care 14:347-351; Spiegelhalter DJ et al (2012), JRSS A 175:1-47, section 5;
    `winsorisation`, `phi_func` and `tau_func` of R's FunnelPlotR.
    """
    if not 0 <= trim < 0.5:
        raise ValueError(f"trim must be from 0 to under 0.5, such as 0.1: found {trim:g}")
    score, error = np.broadcast_arrays(finite("z", z), finite("standard_error", standard_error))
    refuse(error <= 0, "standard_error must be above 0: it is not", error)
    score, error = np.atleast_1d(score, error)
    there = ~np.isnan(score) & ~np.isnan(error)
    areas = np.count_nonzero(there, axis=-1)
    enough, low, high = areas >= FEWEST_AREAS, np.float64(0), np.float64(0)
    if enough.any():  # the quantiles of a row without scores would warn
        quiet = np.where(enough[..., None], np.where(there, score, np.nan), 0)
        low, high = np.nanquantile(quiet, [trim, 1 - trim], axis=-1, keepdims=True)
    phi = np.sum(np.where(there, np.clip(score, low, high), 0) ** 2, axis=-1) / np.maximum(areas, 1)
    weight = np.where(there, 1 / error**2, 0)
    total = weight.sum(axis=-1)
    spread = total - (weight**2).sum(axis=-1) / np.where(enough, total, 1)
    tau2 = (areas * phi - (areas - 1)) / np.where(enough, spread, 1)
    return Dispersion(
        np.where(enough, np.maximum(phi, 1), np.nan)[()],
        np.where(enough, np.maximum(tau2, 0), np.nan)[()],
        areas[()],
    )


def monthly_dispersion(counts_by_month: ArrayLike) -> np.float64:
    """How many times wider than chance the months of one type of event move: 1 or more.

    `counts_by_month` has a row a locality and a column a month. What is expected of a cell is its
    locality's share of all events times its month's total, so that neither a place's usual level
    nor a season or a trend that all share counts as dispersion. The answer is Pearson's: the sum of
    (observed - expected)**2 / expected over (localities - 1) x (months - 1).

    A locality without any count, then every month that lacks one, is left out; so are localities
    and months without events. NaN where fewer than 2 x 2 are left, and where the answer would be
    vague: where chance alone, with as many events so spread, would give it a standard error,
    sqrt(2 df + sum(1 / expected)) / df, above 0.5. It takes 4 x 4 of ten events a cell, or
    more cells of fewer: 6 x 12 of half an event.

    ValueError for a count that is negative or infinite, or a table without two axes.

    Source: McCullagh P and Nelder JA (1989), Generalized Linear Models, 2nd ed., sections 4.5 and
    6.2.3 (the dispersion of a log-linear model); Pearson's statistic has mean df and variance
    2 df + sum(1 / expected) over Poisson cells to first order.
    """
    table = counts("counts", counts_by_month)
    if table.ndim != 2:
        raise ValueError(f"counts must be localities by months: found {table.ndim} axes")
    table = table[~np.isnan(table).all(axis=1)]
    table = table[:, ~np.isnan(table).any(axis=0)]
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    if min(table.shape) < 2:
        return np.float64(np.nan)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    if np.sqrt(2 * freedom + (1 / expected).sum()) / freedom > VAGUEST_DISPERSION:
        return np.float64(np.nan)
    return np.maximum(((table - expected) ** 2 / expected).sum() / freedom, 1.0)
