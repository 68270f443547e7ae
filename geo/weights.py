"""How each point and each small area falls into each locality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.areas import Kind

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def locate(
    eastings: NDArray[np.float64], northings: NDArray[np.float64], polygons: NDArray[np.object_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which points lie in or on which polygons: two arrays of indices, sorted by point then
    polygon."""
    points = shapely.points(eastings, northings)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    order = np.lexsort((polygon, point))
    return point[order], polygon[order]


def locate_once(
    eastings: NDArray[np.float64], northings: NDArray[np.float64], polygons: NDArray[np.object_]
) -> NDArray[np.intp]:
    """The one polygon of each point, -1 for none.

    A point on a shared edge belongs to the first polygon in the order given: callers sort by
    code, so the rule is "the lowest code", and nothing in a partition is counted twice.
    """
    point, polygon = locate(eastings, northings, polygons)
    home = np.full(len(eastings), -1, dtype=np.intp)
    first = np.unique(point, return_index=True)[1]
    home[point[first]] = polygon[first]
    return home


def points_of_kind(
    kind: Kind,
    eastings: NDArray[np.float64],
    northings: NDArray[np.float64],
    homes: NDArray[np.intp],
    small_areas: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """(point index, area code) pairs of a kind.

    ``homes`` is each point's index into the sorted codes ``small_areas``, -1 for none. A kind
    made of small areas takes a point with its small area, so that kinds nest to the row; a kind
    with polygons of its own takes it by its own edge.
    """
    if kind.polygons is not None:
        point, polygon = _in_polygons(kind, eastings, northings)
        return point, kind.polygons["area_code"].to_numpy(dtype=object)[polygon]
    pairs = sorted((m, code) for code, members in kind.members.items() for m in members)
    brick = np.searchsorted(small_areas, np.array([m for m, _ in pairs], dtype=object))
    first = np.searchsorted(brick, homes, "left")
    count = np.searchsorted(brick, homes, "right") - first
    point = np.repeat(np.arange(len(homes)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    codes = np.array([code for _, code in pairs], dtype=object)
    return point, codes[np.repeat(first, count) + within]


def _in_polygons(
    kind: Kind, eastings: NDArray[np.float64], northings: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(point, polygon) index pairs; in a partition a point on a shared edge falls in one only."""
    polygons = kind.polygons.geometry.to_numpy() if kind.polygons is not None else np.array([])
    if not kind.partition:
        return locate(eastings, northings, polygons)
    home = locate_once(eastings, northings, polygons)
    inside = np.flatnonzero(home >= 0)
    return inside, home[inside]


def small_area_weights(
    kind: Kind,
    small_areas: gpd.GeoDataFrame,
    centroids: dict[str, tuple[float, float]],
    assign: str,
) -> list[tuple[str, str, str, float]]:
    """(area code, small area code, rule, weight) for a kind, by its declared rule.

    ``exact membership`` for lists and rules; for polygons ``best fit by population-weighted
    centroid`` (the ONS policy) or ``area share`` (the last resort: it takes people to be spread
    evenly).
    """
    if kind.polygons is None:
        return [
            (code, member, kind.rule, 1.0)
            for code in sorted(kind.members)
            for member in sorted(kind.members[code])
        ]
    if assign == "area_share":
        return _area_shares(kind.polygons, small_areas)
    codes = [c for c in small_areas["area_code"] if c in centroids]
    where = np.array([centroids[c] for c in codes]).reshape(-1, 2)
    point, polygon = _in_polygons(kind, where[:, 0], where[:, 1])
    areas = kind.polygons["area_code"].to_numpy(dtype=object)
    rule = "best fit by population-weighted centroid"
    return sorted((areas[a], codes[p], rule, 1.0) for p, a in zip(point, polygon, strict=True))


def _area_shares(
    polygons: gpd.GeoDataFrame, small_areas: gpd.GeoDataFrame
) -> list[tuple[str, str, str, float]]:
    areas, bricks = polygons.geometry.to_numpy(), small_areas.geometry.to_numpy()
    area, brick = shapely.STRtree(bricks).query(areas, predicate="intersects")
    share = shapely.area(shapely.intersection(areas[area], bricks[brick])) / shapely.area(
        bricks[brick]
    )
    names = polygons["area_code"].to_numpy(dtype=object)[area]
    codes = small_areas["area_code"].to_numpy(dtype=object)[brick]
    return sorted(
        (n, c, "area share", float(round(s, 10)))
        for n, c, s in zip(names, codes, share, strict=True)
        if s > 1e-9
    )
