"""Similar places: for each locality the ten groups of as many small areas that are most like it.

A group is a small area and those nearest to it by population-weighted centroid. Groups are compared
by features added up over their small areas (``core.small_area_features``) and by how densely they
are lived in, each standardised over all groups of that size; the distance is Euclidean. No group
shares a small area with the locality or with another group chosen for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sql import models

if TYPE_CHECKING:
    import duckdb

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]
PEERS = 10
FEWEST = 3  # features: by less nothing is called alike
NEIGHBOURS = 6  # density is that of a small area with so many around it
DENSITY = "residents per hectare (logarithm)"
# of crimes and sales only what lies in the place is in hand
COVERAGES = ("whole", "place")


@dataclass(frozen=True)
class Ground:
    """The small areas of a coverage: codes, where they are, and each feature's two sides."""

    codes: NDArray[np.object_]
    east: Floats
    north: Floats
    features: tuple[str, ...]
    over: Floats  # small areas x features
    under: Floats

    def within(self, kept: NDArray[np.bool_]) -> Ground:
        return Ground(
            self.codes[kept],
            self.east[kept],
            self.north[kept],
            self.features,
            self.over[kept],
            self.under[kept],
        )


@dataclass(frozen=True)
class Groups:
    """The groups of one size: whose indexes they are, centre first; their standardised features;
    and what those were standardised by."""

    who: Whole
    scores: Floats
    middle: Floats
    spread: Floats


def find(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``evidence.peer_members``: a row for each small area of each peer of each locality;
    coverage 'whole' is all that the features cover, 'place' the place alone."""
    models.build(con, ["core.small_area_features", "core.bricks"], already=models.built(con))
    whole, own = _ground(con), _localities(con)
    rows = []
    if whole is not None:
        ours = con.sql("select small_area_code from core.small_areas where in_place").fetchall()
        inside = np.isin(whole.codes, [code for (code,) in ours])
        for coverage, ground in zip(COVERAGES, (whole, whole.within(inside)), strict=True):
            sizes = {len(members) for _, members in own}
            groups = dict(_groups(ground, sizes))
            for area, members in own:
                if found := groups.get(len(members)):
                    alike = _alike(ground, found, members)
                    rows += [
                        (coverage, *area, number, *peer) for number, peer in enumerate(alike, 1)
                    ]
    _load(con, rows)


def _load(con: duckdb.DuckDBPyConnection, rows: list[tuple]) -> None:
    import pandas as pd

    names = ["coverage", "area_kind", "edition", "area_code", "peer", "distance", "small_area_code"]
    found = pd.DataFrame(rows, columns=names).explode("small_area_code")
    found["is_centre"] = ~found.duplicated(names[:5])
    con.sql(
        "select coverage::varchar as coverage, area_kind::varchar as area_kind,"
        " edition::varchar as edition, area_code::varchar as area_code, peer::integer as peer,"
        " distance::double as distance, small_area_code::varchar as small_area_code,"
        " is_centre::boolean as is_centre from found"
    ).create("evidence.peer_members")


def _localities(con: duckdb.DuckDBPyConnection) -> list[tuple[tuple[str, ...], set[str]]]:
    rows = con.sql(
        "select area_kind, edition, area_code, list(small_area_code order by small_area_code)"
        " from core.bricks where area_kind <> 'place' group by all order by all"
    ).fetchall()
    return [(tuple(area), set(members)) for *area, members in rows]


def _ground(con: duckdb.DuckDBPyConnection) -> Ground | None:
    """All small areas of which every feature in hand for the place is known; None if features are
    too few."""
    where = con.sql(
        "select small_area_code, centroid_easting, centroid_northing, in_place"
        " from core.small_areas where centroid_easting is not null order by small_area_code"
    ).df()
    long = con.sql("from core.small_area_features").df()
    where = where.set_index("small_area_code")
    sides = [
        long.pivot(index="small_area_code", columns="position", values=side).reindex(where.index)
        for side in ("numerator", "denominator")
    ]
    ours = where["in_place"].to_numpy(bool)
    names = dict(zip(long["position"], long["feature"], strict=True))
    told = [p for p in sides[0].columns if sides[0][p].notna().to_numpy()[ours].all()]
    if len(told) < FEWEST or not ours.any():
        return None
    known = sides[0][told].notna().all(axis=1).to_numpy()
    over, under = (side[told].to_numpy(float)[known] for side in sides)
    east, north = (where[c].to_numpy(float)[known] for c in where.columns[:2])
    ground = Ground(
        where.index.to_numpy(object)[known],
        east,
        north,
        tuple(names[p] for p in told),
        over,
        under,
    )
    return _with_density(ground)


def _with_density(ground: Ground) -> Ground:
    """How densely the people around each small area live: those of it and its nearest, on the
    circle that reaches them, in hectares; weighed by its residents."""
    from scipy.spatial import cKDTree

    people = ground.under.max(axis=1)  # all residents: households and those of an age are fewer
    near = min(NEIGHBOURS + 1, len(people))
    away, who = cKDTree(np.c_[ground.east, ground.north]).query(
        np.c_[ground.east, ground.north], near
    )
    reach = np.maximum(np.reshape(away, (len(people), -1))[:, -1], 1)
    around = people[np.reshape(who, (len(people), -1))].sum(axis=1)
    logarithm = np.log10(around / (np.pi * reach**2 / 10_000))
    return Ground(
        ground.codes,
        ground.east,
        ground.north,
        (*ground.features, DENSITY),
        np.c_[ground.over, logarithm * people],
        np.c_[ground.under, people],
    )


def _groups(ground: Ground, sizes: set[int]) -> Iterator[tuple[int, Groups]]:
    """For each size that the ground has room for, the groups around each of its small areas."""
    from scipy.spatial import cKDTree

    wanted = {size for size in sizes if size <= len(ground.codes) // 2}
    if not wanted:
        return
    places = np.c_[ground.east, ground.north]
    nearest = cKDTree(places).query(places, max(wanted))[1].reshape(len(places), -1)
    over, under = np.zeros_like(ground.over), np.zeros_like(ground.under)
    for number in range(max(wanted)):  # a group grows by its next nearest
        over += ground.over[nearest[:, number]]
        under += ground.under[nearest[:, number]]
        if number + 1 in wanted:
            shares = over / under
            middle, spread = shares.mean(axis=0), shares.std(axis=0)
            # alike everywhere, but for the noise of adding up: it tells nothing
            spread = np.where(spread > 1e-9 * np.abs(middle), spread, np.inf)
            scores = (shares - middle) / spread
            yield number + 1, Groups(nearest[:, : number + 1], scores, middle, spread)


def _alike(ground: Ground, groups: Groups, members: set[str]) -> Iterator[tuple[float, list[str]]]:
    """(distance, small areas with the centre first) of the groups most like a locality, at most
    ten, the nearest first."""
    own = np.flatnonzero(np.isin(ground.codes, list(members)))
    if len(own) < len(members):
        return  # of a part of it too little is known
    share = ground.over[own].sum(axis=0) / ground.under[own].sum(axis=0)
    apart = np.sqrt((((share - groups.middle) / groups.spread - groups.scores) ** 2).sum(axis=1))
    apart = np.round(apart, 9)  # so that the order does not hang on the last digit
    taken, found = set(own.tolist()), 0
    for group in np.argsort(apart, kind="stable"):  # of equals the first code: they are sorted
        who = groups.who[group].tolist()
        if taken.isdisjoint(who):
            yield float(apart[group]), [str(code) for code in ground.codes[who]]
            taken |= set(who)
            found += 1
        if found == PEERS:
            return
