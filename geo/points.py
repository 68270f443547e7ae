"""Which points fall into which areas: crimes, sales, centroids, postcodes.

A point on a shared edge of a partition belongs to the area with the lowest code; one in a sliver
between its areas, to the nearest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo import cores
from geo.areas import Kind, put_together

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]
    Objects = NDArray[np.object_]

MOVED_M = 50.0  # police.uk moves a crime to the nearest of its map points: so far may an edge be
AT_ONCE = 50_000  # points
SLIVER_M = 20.0  # generalised boundaries are off by so much: gaps between areas are no wider


def locate(east: Floats, north: Floats, polygons: Objects) -> tuple[Whole, Whole]:
    """Which points lie in or on which polygons: two arrays of indices, sorted by point then
    polygon."""
    known = np.flatnonzero(np.isfinite(east + north))

    def part(start: int) -> tuple[Whole, Whole]:
        # the tree is of the points: shapely prepares what it asks with, and polygons gain by that
        some = known[start : start + AT_ONCE]
        tree = shapely.STRtree(shapely.points(east[some], north[some]))
        polygon, point = tree.query(polygons, predicate="intersects")
        order = np.lexsort((polygon, point))
        return some[point[order]], polygon[order]

    found = cores.by_all(part, range(0, max(len(known), 1), AT_ONCE))
    point, polygon = (np.concatenate(each) for each in zip(*found, strict=True))
    return point, polygon


def locate_once(east: Floats, north: Floats, polygons: Objects, reach_m: float = 0.0) -> Whole:
    """The one polygon of each point, -1 for none.

    A point on a shared edge belongs to the first polygon in the order given: callers sort by
    code, so the rule is "the lowest code", and nothing in a partition is counted twice. A point
    in none belongs to the nearest within ``reach_m`` metres, the first of those equally near; one
    without coordinates (NaN) to none.
    """
    point, polygon = locate(east, north, polygons)
    home = np.full(len(east), -1, dtype=np.intp)
    first = np.flatnonzero(np.diff(point, prepend=-1))
    home[point[first]] = polygon[first]
    if reach_m:
        stray = np.flatnonzero((home < 0) & np.isfinite(east + north))
        near = shapely.STRtree(polygons).query_nearest(
            shapely.points(east[stray], north[stray]), max_distance=reach_m
        )
        order = np.lexsort((near[1], near[0]))
        which, first = np.unique(near[0][order], return_index=True)
        home[stray[which]] = near[1][order][first]
    return home


def near_edge(east: Floats, north: Floats, polygons: Objects) -> tuple[Whole, Whole]:
    """Which points lie within 50 m of which polygons' edges, on either side: (point, polygon)."""
    pieces, owner = _pieces_of_edges(polygons)
    known = np.flatnonzero(np.isfinite(east + north))
    tree = shapely.STRtree(shapely.points(east[known], north[known]))
    piece, point = tree.query(pieces, predicate="dwithin", distance=MOVED_M)
    return known[point], owner[piece]


def _pieces_of_edges(polygons: Objects, steps: int = 8) -> tuple[Objects, Whole]:
    """The polygons' edges in short pieces, for the boxes of long ones hold many points that are
    not near; whose each is."""
    edges, owner = shapely.get_parts(shapely.boundary(polygons), return_index=True)
    xy, line = shapely.get_coordinates(edges, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])  # a step goes from here to the next
    fresh = np.diff(line[start], prepend=-1) > 0
    first = np.maximum.accumulate(np.where(fresh, start, 0))
    begins = (start - first) % steps == 0
    begin, last = start[begins], start[np.r_[begins[1:], True][: len(begins)]]
    count = last - begin + 2  # corners: those of a piece's steps, and where the last one ends
    piece = np.repeat(np.arange(len(begin)), count)
    corner = np.arange(len(piece)) + np.repeat(begin - (np.cumsum(count) - count), count)
    return shapely.linestrings(xy[corner], indices=piece), owner[line[begin]]


def point_areas(
    kind: Kind, bricks: Kind, east: Floats, north: Floats, homes: Whole, shapes: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Which points fall into which areas of a kind, or lie within 50 m of them.

    ``bricks`` are the same areas as the small areas counted in them. ``homes`` is each point's
    index into ``shapes``, the small areas sorted by code, -1 for none. A kind made of small areas
    takes a point with its small area, so that kinds nest to the row; one with polygons of its own
    takes it by its own edge. Columns: point (index), area_code, by_edge, near_edge,
    by_small_area, near_small_area.
    """
    import pandas as pd

    codes = np.array(sorted(kind.names), dtype=object)
    flags = {}
    for by, found in (("edge", kind), ("small_area", bricks)):
        if by == "small_area" and found is kind:
            flags |= {f"{how}_small_area": flags[f"{how}_edge"] for how in ("by", "near")}
            break
        layer = found.polygons
        if layer is None:
            inside = _with_their_bricks(found, codes, homes, shapes["area_code"].to_numpy(object))
            layer = put_together(found.bricks(), found.names, shapes)
        else:
            inside = in_polygons(found, east, north, homes)
        own = np.searchsorted(codes, layer["area_code"].to_numpy(object))
        if found.polygons is not None:
            inside = inside[0], own[inside[1]]
        close = near_edge(east, north, layer.geometry.to_numpy())
        flags[f"by_{by}"] = _each_once(inside[0] * len(codes) + inside[1])
        flags[f"near_{by}"] = _each_once(close[0] * len(codes) + own[close[1]])
    pairs = _each_once(np.concatenate(list(flags.values())))
    told = {how: np.isin(pairs, keys, assume_unique=True) for how, keys in flags.items()}
    where = {"point": pairs // max(len(codes), 1), "area_code": codes[pairs % max(len(codes), 1)]}
    return pd.DataFrame(where | told)


def _each_once(numbers: Whole) -> Whole:
    """Sorted and none twice: what is nearly sorted already is so sooner than ``np.unique`` has
    it."""
    numbers = np.sort(numbers, kind="stable")
    return numbers[np.diff(numbers, prepend=-1) > 0]


def _with_their_bricks(
    kind: Kind, codes: Objects, homes: Whole, small_areas: Objects
) -> tuple[Whole, Whole]:
    """(point, index into ``codes``) pairs: each point goes where its small area goes."""
    pairs = sorted((m, code) for code, members in kind.bricks().items() for m in members)
    brick = np.searchsorted(small_areas, np.array([m for m, _ in pairs], dtype=object))
    first = np.searchsorted(brick, homes, "left")
    count = np.searchsorted(brick, homes, "right") - first
    point = np.repeat(np.arange(len(homes)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    home = np.searchsorted(codes, np.array([code for _, code in pairs], dtype=object))
    return point, home[np.repeat(first, count) + within]


def in_polygons(kind: Kind, east: Floats, north: Floats, homes: Whole) -> tuple[Whole, Whole]:
    """(point, polygon) pairs; in a partition every point of the place falls in one, and one only.
    ``homes`` are -1 for points outside the place."""
    polygons = kind.polygons.geometry.to_numpy() if kind.polygons is not None else np.array([])
    if not kind.partition:
        return locate(east, north, polygons)
    home = locate_once(east, north, polygons, SLIVER_M)
    inside = np.flatnonzero((home >= 0) & (homes >= 0))
    return inside, home[inside]
