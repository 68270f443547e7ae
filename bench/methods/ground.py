"""Localities from a GeoPackage, longitudes and latitudes in the grid's metres, and which points
lie in which localities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pyproj
import shapely

from geo import points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]
    Whole = NDArray[np.intp]


def localities_of(path: Path) -> tuple[Objects, Objects]:
    """Codes and polygons."""
    _, _, shapes, (codes,) = pyogrio.raw.read(path, columns=["code"])
    return codes, shapely.from_wkb(shapes)


def metres(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Easting and northing."""
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    return there.transform(longitude, latitude)


def located(longitude: Floats, latitude: Floats, polygons: Objects) -> tuple[Whole, Whole]:
    """Which points lie in or on which polygons, as the house tells it: two arrays of indices,
    sorted by point, then polygon."""
    return points.locate(*metres(longitude, latitude), polygons)
