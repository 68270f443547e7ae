"""Localities from a GeoPackage, longitudes and latitudes in the grid's metres, and which points
lie in which localities."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pyproj
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]
    Whole = NDArray[np.intp]

WORTH_A_THREAD = 20_000  # points


def localities_of(path: Path) -> tuple[Objects, Objects]:
    """Codes and polygons."""
    _, _, shapes, (codes,) = pyogrio.raw.read(path, columns=["code"])
    return codes, shapely.from_wkb(shapes)


def metres(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Easting and northing."""
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    return there.transform(longitude, latitude)


def located(longitude: Floats, latitude: Floats, polygons: Objects) -> tuple[Whole, Whole]:
    """Which points lie in or on which polygons, as ``geo.points.locate`` tells it: two arrays of
    indices, sorted by point, then polygon.

    A tree of the points is asked by the polygons, for shapely prepares what asks; a tree of the
    polygons asked by points goes through a polygon's edges anew for each point. Each core has a
    part of the points.
    """
    parts = max(1, min(os.cpu_count() or 1, len(longitude) // WORTH_A_THREAD))
    starts = np.linspace(0, len(longitude), parts + 1).astype(int)

    def part(start: int, end: int) -> tuple[Whole, Whole]:
        points = shapely.points(*metres(longitude[start:end], latitude[start:end]))
        polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
        order = np.lexsort((polygon, point))
        return point[order] + start, polygon[order]

    with ThreadPoolExecutor(parts) as pool:
        found = list(pool.map(part, starts[:-1], starts[1:]))
    point, polygon = (np.concatenate(halves) for halves in zip(*found, strict=True))
    return point, polygon
