"""Rates of small areas drawn towards the rate of their group, for maps and for ranking."""

import numpy as np
from numpy.typing import ArrayLike

from flows.statistics.inputs import Floats, counts, positive, sizes

FEWEST_AREAS = 3  # two rates and their mean say next to nothing of how rates vary


def smoothed(
    numerator: ArrayLike, denominator: ArrayLike, groups: ArrayLike, multiplier: float = 1000
) -> Floats:
    """Each area's rate per `multiplier`, drawn towards that of its group the more it is chance.

    Marshall's global empirical Bayes within each group of `groups` (labels of the shape of the
    figures, or one for all): the rate r of an area of size n becomes b + (r - b) a / (a + b / n),
    with b the group's rate and a the variance between its areas beyond chance. Where there is none
    (a = 0) every area has b. For maps and ranking: never in place of the published rate.

    A missing figure or a denominator of 0 gives NaN and is no part of its group. So does a group
    of fewer than 3 areas.

    Source: Marshall RM (1991), Applied Statistics 40:283-294; `esda.smoothing.Empirical_Bayes`
    (which lets a be negative), spdep's `EBest`.
    """
    positive(multiplier)
    x, n = np.broadcast_arrays(counts("numerator", numerator), sizes("denominator", denominator))
    labels = np.broadcast_to(np.asarray(groups), x.shape)
    labels = labels.astype(str) if labels.dtype == object else labels
    group = np.unique(labels, return_inverse=True)[1].reshape(-1)
    there = ~np.isnan(x + n)
    known = there.reshape(-1)
    group = group[known]

    def total(values: Floats) -> Floats:
        """Of each area's group."""
        return np.bincount(group, values)[group]

    size, count = n[there], x[there]
    areas, everyone = total(np.ones_like(size)), total(size)
    own, usual = count / size, total(count) / everyone
    chance = usual / (everyone / areas)
    between = np.maximum(total(size * (own - usual) ** 2) / everyone - chance, 0)
    # No events in a group: a and b / n are both 0, and every rate is b.
    weight = between / np.where(between > 0, between + usual / size, 1)
    answer = np.full(x.shape, np.nan)
    answer[there] = np.where(areas < FEWEST_AREAS, np.nan, usual + weight * (own - usual))
    return answer[()] * multiplier
