"""Random tilings of one square, for the tests of points and weights."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo.areas import Kind
from geo.polygons import METRES

QUICK = settings(deadline=None, max_examples=25)
SIDE = 4096  # metres
WEST, SOUTH = 450_000, 300_000  # in Leicestershire
SQUARE = box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
EIGHTH = 1 / 8  # metres; what is drawn is a whole number of them, so that its sums are exact


def layer(shapes):
    """Small areas with codes in their order, as the rest of the house hands them on."""
    codes = [f"E01{i:06d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"area_code": codes}, geometry=list(shapes), crs=METRES)


def kind_of(shapes, partition=False):
    """A kind with a polygon of its own for each area, T00, T01 and so on."""
    codes = [f"T{i:02d}" for i in range(len(shapes))]
    frame = {"area_code": codes, "area_name": codes}
    polygons = gpd.GeoDataFrame(frame, geometry=list(shapes), crs=METRES)
    names = dict(zip(codes, codes, strict=True))
    return Kind("town", names=names, polygons=polygons, partition=partition)


def moved(frame, east, north):
    return frame.assign(geometry=frame.geometry.translate(east, north))


def turned(shape, random):
    """The same polygon with its ring begun at another corner, and perhaps run the other way."""
    ring = list(shape.exterior.coords)[:-1]
    start = random.randrange(len(ring))
    ring = ring[start:] + ring[:start]
    return Polygon(ring[::-1] if random.random() < 0.5 else ring)


@st.composite
def grids(draw, most=4):
    """A grid of quadrilaterals whose inner corners are moved by up to two fifths of a step.

    Neighbours share their corners to the last digit.
    """
    columns, rows = draw(st.integers(1, most)), draw(st.integers(1, most))
    corner = {}
    for x in range(columns + 1):
        for y in range(rows + 1):
            right = draw(st.integers(-SIDE * 3 // columns, SIDE * 3 // columns)) * EIGHTH
            up = draw(st.integers(-SIDE * 3 // rows, SIDE * 3 // rows)) * EIGHTH
            right, up = right * (0 < x < columns), up * (0 < y < rows)
            corner[x, y] = WEST + SIDE * x // columns + right, SOUTH + SIDE * y // rows + up
    return [
        Polygon([corner[x, y], corner[x + 1, y], corner[x + 1, y + 1], corner[x, y + 1]])
        for y in range(rows)
        for x in range(columns)
    ]


@st.composite
def cells(draw, most=9):
    """The cells of the square that are nearest to each of some random points (Voronoi)."""
    spot = st.tuples(st.integers(1, SIDE - 1), st.integers(1, SIDE - 1))
    spots = np.array(sorted(draw(st.sets(spot, min_size=1, max_size=most))), dtype=float)
    if len(spots) == 1:
        return [SQUARE]
    sites = shapely.multipoints(spots + np.array([WEST, SOUTH]))
    found = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=SQUARE))
    return list(shapely.intersection(found, SQUARE))


tilings = st.one_of(grids(), cells())


@st.composite
def points(draw, tiles, most=30):
    """Points anywhere in the square, the tiles' corners, and middles of their edges."""
    step = st.integers(0, SIDE * 8)
    spots = draw(st.lists(st.tuples(step, step), max_size=most))
    anywhere = [(WEST + x * EIGHTH, SOUTH + y * EIGHTH) for x, y in spots]
    corners = [c for tile in tiles for c in tile.exterior.coords]
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for tile in tiles
        for a, b in pairwise(tile.exterior.coords)
    ]
    return np.array([*anywhere, *corners, *middles])
