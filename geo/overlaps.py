"""How much of one polygon lies in another, for many pairs, without cutting any of them.

A polygon's edges, drawn clockwise, run east above its ground and west below it: what lies below
the former less what lies below the latter is its ground. So the ground that two polygons share is
a sum over pairs of their edges that lie above each other: what is below both, with the signs of
both. Nothing has to be put together, edges may run along each other, and the sums are of plain
arrays. (The idea is W. R. Franklin's and others': Calculating the area of overlaid polygons
without constructing the overlay, Cartography and Geographic Information Systems, 1994.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo import cores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]
    Objects = NDArray[np.object_]

EDGES_AT_ONCE = 200_000  # of areas, so that arrays stay in a core's cache and within its memory
AREAS_AT_ONCE = 200


class Edges(NamedTuple):
    """Polygons' edges, those of one after those of the other."""

    ends: Floats  # edge x (from x, from y, to x, to y)
    west: Floats
    east: Floats
    south: Floats
    start: Whole  # where each polygon's begin, and where the last ends


class Lines(NamedTuple):
    """Edges as seen from the box of a small area, which is one wide and one high; by small area,
    then from west to east."""

    of: Whole  # which polygon or pair
    x: Floats
    y: Floats
    slope: Floats
    west: Floats
    east: Floats
    sign: Floats  # 1 above the polygon's ground, -1 below
    begin: Floats  # west and east within the box, each box east of the last
    end: Floats

    def at(self, which: Whole, x: Floats) -> Floats:
        """How high they are."""
        return self.y[which] + (x - self.x[which]) * self.slope[which]


def shares(areas: Objects, small_areas: Objects) -> tuple[Whole, Whole, Floats]:
    """Pairs of an area and a small area that meet, sorted by area (indices), and the share of the
    small area's ground that lies in the area: about 0 where they only touch.

    Polygons are valid. What comes out does not depend on how many cores there are.
    """
    area, small_area, inside = _that_meet(areas, small_areas)
    share = np.ones(len(area))
    cut = np.flatnonzero(~inside)
    share[cut] = _shared(areas, small_areas, area[cut], small_area[cut])
    return area, small_area, share


def _that_meet(areas: Objects, small_areas: Objects) -> tuple[Whole, Whole, NDArray[np.bool_]]:
    """Pairs that meet, and whether the small area lies well inside."""
    tree = shapely.STRtree(small_areas)

    def part(start: int) -> tuple[Whole, Whole, NDArray[np.bool_]]:
        asked = areas[start : start + AREAS_AT_ONCE]
        shapely.prepare(asked)
        area, small_area = tree.query(asked, predicate="intersects")
        inside = shapely.contains_properly(asked[area], small_areas[small_area])
        shapely.destroy_prepared(asked)  # they are the caller's, who may share them among threads
        return area + start, small_area, inside

    found = cores.by_all(part, range(0, len(areas), AREAS_AT_ONCE)) or [part(0)]
    area, small_area, inside = (np.concatenate(each) for each in zip(*found, strict=True))
    return area, small_area, inside


def _shared(areas: Objects, small_areas: Objects, area: Whole, small_area: Whole) -> Floats:
    """The share of each pair. A small area's edges are read once for all its pairs."""
    outer = edges(areas)
    by_home = np.argsort(small_area, kind="stable")
    fresh = np.flatnonzero(np.diff(small_area[by_home], prepend=-1))  # a small area's first pair
    before = np.cumsum(np.diff(outer.start)[area[by_home]])
    parts = np.split(by_home, fresh[np.flatnonzero(np.diff(before[fresh] // EDGES_AT_ONCE)) + 1])

    def part(pairs: Whole) -> Floats:
        homes, home = np.unique(small_area[pairs], return_inverse=True)
        shapes = small_areas[homes]
        boxes, each = shapely.bounds(shapes), np.arange(len(homes))
        own = _lines(edges(shapes), each, each, boxes)
        shared = _together(_lines(outer, area[pairs], home, boxes), own, len(pairs))
        west, south, east, north = boxes.T
        return shared * ((east - west) * (north - south) / shapely.area(shapes))[home]

    found = np.empty(len(area))
    found[by_home] = np.concatenate(cores.by_all(part, parts))
    return found


def edges(polygons: Objects) -> Edges:
    """All that are not upright, for those have nothing below; outer rings run clockwise, holes
    the other way."""
    parts, of_part = shapely.get_parts(
        shapely.orient_polygons(polygons, exterior_cw=True), return_index=True
    )
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.hstack([xy[:-1], xy[1:]])
    ends = ends[step := np.flatnonzero((ring[1:] == ring[:-1]) & (ends[:, 0] != ends[:, 2]))]
    x, y, to_x, to_y = ends.T
    return Edges(
        ends=ends,
        west=np.minimum(x, to_x),
        east=np.maximum(x, to_x),
        south=np.minimum(y, to_y),
        start=np.searchsorted(of_part[of_ring[ring[step]]], np.arange(len(polygons) + 1)),
    )


def _lines(of: Edges, polygon: Whole, home: Whole, boxes: Floats) -> Lines:
    """The edges of polygons that are over, in or under the boxes of their homes; those wholly above
    matter no more."""
    first = of.start[polygon]
    which, edge = _spelled_out(first, of.start[polygon + 1] - first)
    west, south, east, north = boxes[home].T
    seen = (of.west[edge] < east[which]) & (of.east[edge] > west[which])
    seen = np.flatnonzero(seen & (of.south[edge] <= north[which]))
    which, edge = which[seen], edge[seen]
    begin, end = ((e[edge] - west[which]) / (east - west)[which] for e in (of.west, of.east))
    key = home[which] + np.clip(begin, 0, 1) / 2
    order = np.argsort(key)
    key, which, edge, begin, end = (each[order] for each in (key, which, edge, begin, end))
    x, y, to_x, to_y = of.ends[edge].T
    width, height = (east - west)[which], (north - south)[which]
    return Lines(
        of=which,
        x=(x - west[which]) / width,
        y=(y - south[which]) / height,
        slope=(to_y - y) / (to_x - x) * (width / height),
        west=begin,
        east=end,
        sign=np.sign(to_x - x),
        begin=key,
        end=home[which] + np.clip(end, 0, 1) / 2,
    )


def _together(area: Lines, small_area: Lines, pairs: int) -> Floats:
    """The ground in common of each pair, as a part of the small area's box.

    What is below both of two edges is what is below the small area's, less what is between them
    where the area's is the lower. The former adds up to nothing: above each spot an area has as
    many edges that run east as run west.
    """
    one, other = _above_each_other(area, small_area)
    west = np.maximum(area.west[one], small_area.west[other])
    east = np.minimum(area.east[one], small_area.east[other])
    begins = small_area.at(other, west) - area.at(one, west)
    ends = small_area.at(other, east) - area.at(one, east)
    high, low = np.maximum(begins, ends), np.minimum(begins, ends)
    # a trapezium, of which a triangle is left where they cross
    part = np.divide(high, high - low, out=np.ones_like(high), where=(low < 0) & (high > 0))
    between = (np.maximum(high, 0) + np.maximum(low, 0)) / 2 * part
    signed = (east - west) * between * area.sign[one] * small_area.sign[other]
    return -np.bincount(area.of[one], weights=signed, minlength=pairs)


def _above_each_other(one: Lines, other: Lines) -> tuple[Whole, Whole]:
    """Which of the one overlap which of the other: either begins within the other."""
    first = np.searchsorted(other.begin, one.begin, "left")
    a, b = _spelled_out(first, np.searchsorted(other.begin, one.end, "left") - first)
    first = np.searchsorted(one.begin, other.begin, "right")
    count = np.searchsorted(one.begin, other.end, "left") - first
    d, c = _spelled_out(first, np.maximum(count, 0))
    return np.concatenate([a, c]), np.concatenate([b, d])


def _spelled_out(first: Whole, count: Whole) -> tuple[Whole, Whole]:
    """Ranges, number by number: which range each is of, and the number."""
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) + np.repeat(first - (np.cumsum(count) - count), count)
