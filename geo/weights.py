"""How each small area falls into each locality, and how it would by other rules.

Small areas fall in by exact membership; whole, by population-weighted centroid (the ONS policy);
by the share of their people, households or children; or, as the last resort, of their ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo import overlaps
from geo.areas import WHOLE, Kind
from geo.points import in_polygons

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]
    Objects = NDArray[np.object_]

DECLARED = "declared"
BEST_FIT = "best_fit"
RULES = {
    "centroid": "best fit by population-weighted centroid",
    "population_share": "population share",
    "area_share": "area share",
}
BY_POSTCODES = "population share by live postcodes"
COLUMNS = (
    "area_code",
    "small_area_code",
    "assignment",
    "rule",
    "weight",
    "weight_households",
    "weight_children",
)


@dataclass(frozen=True)
class Residents:
    """Where people live: points (output areas, else postcodes), the small area of each, and how
    many people, households and children it stands for; NaN where that is not known."""

    east: Floats
    north: Floats
    small_area: Objects
    people: Floats
    households: Floats
    children: Floats
    rule: Objects | None = None  # in words, what a share by this point is called


def small_area_weights(
    kind: Kind,
    small_areas: gpd.GeoDataFrame,
    centroids: dict[str, tuple[float, float]],
    assign: str = "",
    residents: Residents | None = None,
) -> pd.DataFrame:
    """Which share of each small area's people, households and children is counted in each area.

    By the declared rule (``assignment`` is ``declared``), and by every other that can be defended
    (``centroid``, ``population_share``, ``area_share``): lists and rules have no other, for what
    they name is what is meant, but ``best_fit`` where they split small areas. Columns:
    ``COLUMNS``; weights are from 0 to 1, and in a partition add up to 1 for each small area of the
    place (all, or those with ``in_place``).
    """
    import pandas as pd

    if kind.polygons is None:
        rows = [
            (code, p.small_area, DECLARED, kind.rule, p.people, p.households, p.children)
            for code, parts in sorted(kind.parts.items())
            for p in sorted(parts)
        ]
        if kind.splits():  # crimes and sales cannot be split: they go with most of the residents
            rule = "best fit: where most of its residents are"
            rows += [
                (code, member, BEST_FIT, rule, 1.0, 1.0, 1.0)
                for code, members in sorted(kind.bricks().items())
                for member in members
            ]
        return pd.DataFrame(rows, columns=list(COLUMNS))
    ground = _area_shares(kind, small_areas)
    found = {
        "centroid": _by_centroid(kind, small_areas, centroids),
        "population_share": _population_shares(kind, small_areas, ground, residents),
        "area_share": ground,
    }
    if residents is None and assign != "population_share":
        del found["population_share"]  # it would say the same as the ground
    frames = [
        frame.assign(assignment=DECLARED if name == assign else name)
        for name, frame in found.items()
    ]
    together = pd.concat(frames)[list(COLUMNS)]
    return together.sort_values(["area_code", "small_area_code", "assignment"], ignore_index=True)


def _weights(area: Any, small_area: Any, rule: Any, *weights: Any) -> pd.DataFrame:
    """A frame of weights: one for all, or one each for people, households and children."""
    import pandas as pd

    three = weights if len(weights) == 3 else weights * 3
    columns = {"area_code": area, "small_area_code": small_area, "rule": rule}
    return pd.DataFrame(columns | dict(zip(COLUMNS[4:], three, strict=True)))


def _by_centroid(
    kind: Kind, small_areas: gpd.GeoDataFrame, centroids: dict[str, tuple[float, float]]
) -> pd.DataFrame:
    codes = [c for c in small_areas["area_code"] if c in centroids]
    where = np.array([centroids[c] for c in codes]).reshape(-1, 2)
    at_home = np.zeros(len(codes), dtype=np.intp)
    point, polygon = in_polygons(kind, where[:, 0], where[:, 1], at_home)
    areas = kind.polygons["area_code"].to_numpy(dtype=object)[polygon]
    return _weights(areas, np.array(codes, dtype=object)[point], RULES["centroid"], 1.0)


def _area_shares(kind: Kind, small_areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Shares of the ground."""
    areas, bricks = kind.polygons.geometry.to_numpy(), small_areas.geometry.to_numpy()
    area, brick, share = overlaps.shares(areas, bricks)
    share = _settled(share, brick, _counted_once(kind, small_areas))
    kept = share > 0
    names = kind.polygons["area_code"].to_numpy(dtype=object)[area[kept]]
    codes = small_areas["area_code"].to_numpy(dtype=object)[brick[kept]]
    return _weights(names, codes, RULES["area_share"], share[kept])


def _counted_once(kind: Kind, small_areas: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which small areas a kind must share out to the last: for a partition those of the place."""
    if kind.partition and "in_place" in small_areas:
        return small_areas["in_place"].to_numpy(dtype=bool)
    return np.full(len(small_areas), kind.partition)


def _settled(share: Floats, brick: Whole, once: NDArray[np.bool_]) -> Floats:
    """Shares without the crumbs of floating point; the slivers between the areas of a partition
    are shared out, so that every small area that is to be counted once is so exactly."""
    share = np.where(share < 1e-9, 0.0, share)
    total = np.bincount(brick, weights=share, minlength=len(once))[brick]
    share = np.divide(share, total, out=share.copy(), where=once[brick] & (total > 0))
    return np.where(share > WHOLE, 1.0, share)


def _population_shares(
    kind: Kind, small_areas: gpd.GeoDataFrame, ground: pd.DataFrame, residents: Residents | None
) -> pd.DataFrame:
    """Shares of people, households and children, by the points where they live.

    Where households or children are not known, people speak for them. A small area whose people
    are not all known falls back to its ground, and its rule says so.
    """
    import pandas as pd

    for_want = f"{RULES['area_share']}, for nothing tells where its people live"
    if residents is None:
        return ground.assign(rule=for_want)
    numbers = ("people", "households", "children")
    here = pd.DataFrame(
        {"small_area_code": residents.small_area} | {n: getattr(residents, n) for n in numbers}
    )
    here["rule"] = RULES["population_share"] if residents.rule is None else residents.rule
    at_home = np.zeros(len(here), dtype=np.intp)
    point, polygon = in_polygons(kind, residents.east, residents.north, at_home)
    inside = here.iloc[point].assign(
        area_code=kind.polygons["area_code"].to_numpy(dtype=object)[polygon]
    )
    # in a partition nobody lives outside, though generalised edges may say so
    once = small_areas.loc[_counted_once(kind, small_areas), "area_code"]
    counted = [
        inside[inside["small_area_code"].isin(once)],
        here[~here["small_area_code"].isin(once)],
    ]
    groups = pd.concat(counted).groupby("small_area_code")[list(numbers)]
    total = groups.sum().where(groups.count().eq(groups.size(), axis=0))
    part = inside.groupby(["area_code", "small_area_code"])[list(numbers)].sum().reset_index()
    whole = total.reindex(part["small_area_code"]).reset_index(drop=True)
    share = part[list(numbers)] / whole  # missing where nobody is there, or not all are known
    for other in ("households", "children"):
        share[other] = share[other].fillna(share["people"])
    known = share["people"].notna().to_numpy()
    people = _weights(
        part["area_code"][known],
        part["small_area_code"][known],
        part["small_area_code"].map(here.groupby("small_area_code")["rule"].first())[known],
        *(share[n][known] for n in numbers),
    )
    people = people[(people[list(COLUMNS[4:])] > 0).any(axis=1)]
    told_of = total.index[total["people"] > 0]
    rest = ground[~ground["small_area_code"].isin(told_of)]
    return pd.concat([people, rest.assign(rule=for_want)], ignore_index=True)
