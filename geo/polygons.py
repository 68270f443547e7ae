"""Polygons as they were drawn: where they lie, whether they are sound, what ground they share.

Arrays of shapes go in and arrays come out; what is said of them stands in ``boundaries`` and
``repairs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Flags = NDArray[np.bool_]
    Indices = NDArray[np.intp]
    Shapes = NDArray[np.object_]
    Words = NDArray[np.object_]

METRES = "EPSG:27700"
BRITAIN = {  # west, south, east, north in the systems that files come in, and what to call them
    "EPSG:4326": ((-9, 49, 3, 61), "degrees"),
    "swapped": ((49, -9, 61, 3), "degrees with the latitude first"),
    "degrees": ((-180, -90, 180, 90), "degrees"),  # of elsewhere: asked after the two above
    METRES: ((1e3, 1e3, 7e5, 13e5), "metres of the British National Grid (EPSG:27700)"),
    "EPSG:3857": (
        (-1_001_900, 6_274_800, 334_000, 8_399_800),
        "metres of Web Mercator (EPSG:3857)",
    ),
}
# Boundaries generalised to 20 m lie up to 40 m from another drawing of the same edge. A piece that
# holds no circle of this radius is a sliver between two drawings: those between real wards and
# small areas hold none of more than 27 m (tests/geo/test_boundaries.py).
WIDE = 40.0
WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
# Overlays snap to a millimetre; without, GEOS goes astray where edges all but lie on each other.
GRID = 1e-3
FARTHEST = 1e9  # no coordinate on Earth is larger, in whatever unit; nor is one that is no number
POLYGONS = (3, 6)  # the type ids of a polygon and of one in several parts


def are_drawn(shapes: Shapes) -> Flags:
    """Which shapes are there, with every corner somewhere on Earth."""
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    drawn[owner[~(abs(corners) <= FARTHEST).all(axis=1)]] = False
    return drawn


def are_polygons(shapes: Shapes) -> Flags:
    return np.isin(shapely.get_type_id(shapes), POLYGONS)


def in_metres(shapes: Shapes, crs: Any) -> Shapes | None:
    """The shapes in EPSG:27700; None if their reference system is none that leads to it."""
    import geopandas as gpd
    from pyproj import CRS
    from pyproj.exceptions import ProjError

    if crs is None:
        return None
    crs = CRS.from_user_input(crs)
    # GeoPackage writes "undefined" where it has none, and a transform from that moves nothing
    if not (crs.is_geographic or crs.is_projected):
        return None
    try:
        return gpd.GeoSeries(shapes, crs=crs).to_crs(METRES).to_numpy()
    except ProjError:
        return None


def looks_like(shapes: Shapes) -> list[str]:
    """For each shape the key of BRITAIN that its coordinates fit, empty for none."""
    fits = {key: lie_within(shapes, key) for key in BRITAIN}
    return [next((key for key in BRITAIN if fits[key][i]), "") for i in range(len(shapes))]


def lie_within(shapes: Shapes, key: str) -> Flags:
    """Which shapes lie in Great Britain, by a key of BRITAIN."""
    (west, south, east, north), _ = BRITAIN[key]
    low, high = np.hsplit(shapely.bounds(shapes), 2)
    return ((low >= (west, south)) & (high <= (east, north))).all(axis=1)


def swapped(shapes: Shapes) -> Shapes:
    """The shapes with their two coordinates in the other order."""
    return shapely.transform(shapes, lambda corners: corners[:, ::-1])


def sound(shapes: Shapes) -> Shapes:
    """The shapes, made valid where they are not, without the lines and points that this leaves."""
    wrong = np.flatnonzero(~shapely.is_valid(shapes))
    made = shapes.copy()
    made[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    return made


def polygons_in(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape, without its lines and points: one polygon, several, or none."""
    parts = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold several-part ones
    parts = parts[are_polygons(parts) & ~shapely.is_empty(parts)]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def union(shapes: Shapes) -> BaseGeometry:
    """All ground in the shapes; at once if they fit together, as small areas do."""
    if shapely.coverage_is_valid(shapes):
        return shapely.coverage_union_all(shapes)
    return shapely.union_all(shapes, grid_size=GRID)


def overlaps(shapes: Shapes) -> tuple[Indices, Indices, Shapes]:
    """The ground in two shapes: two indices, the lower first, and a polygon, for each piece."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    odd = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))  # neighbours do not fit there
    asked = (first < second) & (odd[first] | odd[second])
    order = np.lexsort((second[asked], first[asked]))
    first, second = first[asked][order], second[asked][order]
    both = shapely.intersection(shapes[first], shapes[second], grid_size=GRID)
    pieces, pair = shapely.get_parts(both, return_index=True)
    ground = shapely.area(pieces) > 0
    return first[pair[ground]], second[pair[ground]], pieces[ground]


def wide_parts(pieces: Shapes) -> tuple[Indices, Shapes]:
    """The parts of pieces that are no slivers, the largest first: the index of its piece, and a
    polygon, for each.

    A piece may be wide at one end and run on as a sliver for miles, so that its area and length
    say little: it is worn down by WIDE, and what is left is grown back.
    """
    large = np.flatnonzero(shapely.area(pieces) > np.pi * WIDE**2)
    cores, at = shapely.get_parts(shapely.buffer(pieces[large], -WIDE), return_index=True)
    piece, cores = large[at[shapely.area(cores) > 0]], cores[shapely.area(cores) > 0]
    grown = shapely.buffer(cores, WIDE, join_style="mitre")
    parts = shapely.intersection(grown, pieces[piece], grid_size=GRID)
    order = np.lexsort((piece, -shapely.area(parts)))
    return piece[order], parts[order]


def beside(part: BaseGeometry, tree: shapely.STRtree) -> Indices:
    """The shapes along the edge of a part, or else the nearest; none if there are no shapes."""
    near = tree.query(part, predicate="dwithin", distance=1.0)
    return near if len(near) or not len(tree) else np.atleast_1d(tree.nearest(part))


def share_in(shapes: Shapes, place: BaseGeometry) -> NDArray[np.float64]:
    """How much of each shape lies in the place, or of the place in the shape if that is smaller."""
    shapely.prepare(place)
    share = np.where(shapely.contains_properly(place, shapes), 1.0, 0.0)
    edge = np.flatnonzero((share == 0) & shapely.intersects(place, shapes))
    common = shapely.area(shapely.intersection(shapes[edge], place))
    share[edge] = common / np.minimum(shapely.area(shapes[edge]), place.area)
    return share


def way(place: BaseGeometry, shapes: Shapes) -> str:
    """How far and which way it is from the middle of the place to that of the shapes, in words."""
    here, there = place.centroid, shapely.centroid(shapely.geometrycollections(shapes))
    east, north = there.x - here.x, there.y - here.y
    wind = WINDS[round(np.degrees(np.arctan2(east, north)) / 45) % len(WINDS)]
    return f"{np.hypot(east, north) / 1000:,.0f} km to the {wind}"


def ground(part: BaseGeometry) -> str:
    """How large a polygon is and where, in words."""
    spot = shapely.point_on_surface(part)
    return f"{part.area / 1e4:,.1f} ha around {spot.x:.0f}, {spot.y:.0f}"
