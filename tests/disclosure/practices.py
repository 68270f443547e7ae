"""What publishers do with small counts, and small geographies to try it on."""

import numpy as np

from flows.disclosure import Public, bounds, rounded

SMALL = 5


def exact(totals):
    return totals, totals


def suppressed(totals):
    """A count of 1 to 4 is left out, which says that it is 1 to 4; all else is shown as it is."""
    small = (totals > 0) & (totals < SMALL)
    return np.where(small, 1, totals), np.where(small, SMALL - 1, totals)


def to_five(totals):
    return bounds(rounded(totals))


def both(totals):
    """Small counts suppressed and the rest, a true 0 included, rounded."""
    small = (totals > 0) & (totals < SMALL)
    lowest, highest = to_five(totals)
    lowest = np.where(small, 1, np.where(totals == 0, 0, np.maximum(lowest, SMALL)))
    return lowest, np.where(small, SMALL - 1, np.where(totals == 0, 0, highest))


def published(practice, areas, counts, periods=None, **more):
    """Every area in every period, as the practice shows it."""
    areas, counts = np.asarray(areas, bool), np.asarray(counts)
    if periods is None:
        periods = np.eye(counts.shape[1], dtype=bool)
    totals = areas.astype(int) @ counts @ np.asarray(periods, int).T
    area, period = (index.ravel() for index in np.indices(totals.shape))
    lowest, highest = (limit.ravel() for limit in practice(totals))
    return Public(areas, periods, area, period, lowest, highest, **more)


def named(practice, areas, bricks, **more):
    """The same from words: areas ``{"forum Thorpe": "a b c"}``, bricks ``{"a": 3}``, one period."""
    members = [[brick in listed.split() for brick in bricks] for listed in areas.values()]
    counts = np.array([np.atleast_1d(count) for count in bricks.values()])
    kinds, names = zip(*(label.split(" ", 1) for label in areas), strict=True)
    more = {"period_names": ("2024",), "period_rules": ("year",)} | more
    public = published(practice, members, counts, area_kinds=kinds, area_names=names, **more)
    return public, counts


def town(seed, bricks=10, forums=4, wards=3, periods=2, mean=1.5):
    """A small town on a street grid: forums that overlap, wards that divide it, small areas."""
    draw = np.random.default_rng(seed)
    where = draw.uniform(0, 4, (bricks, 2))

    def nearest(number):
        centres = where[draw.choice(bricks, number, replace=False)]
        nearest = ((where[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        return [nearest == centre for centre in range(number)]

    rings = [((where - draw.uniform(0, 4, 2)) ** 2).sum(axis=1) < 2.5 for _ in range(forums)]
    rings = [ring for ring in rings if ring.any()]
    divided, small = nearest(wards), nearest(bricks // 3)
    kinds = ["forum"] * len(rings) + ["ward"] * len(divided) + ["small area"] * len(small)
    counts = draw.poisson(draw.gamma(1, mean, (bricks, 1)) * np.ones(periods))
    return np.array(rings + divided + small), kinds, counts
