"""Localities from a GeoPackage, longitudes and latitudes in the grid's metres, and which points
lie in which localities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pyproj
import shapely

from geo import cores, points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]
    Whole = NDArray[np.intp]


def localities_of(path: Path) -> tuple[Objects, Objects]:
    """Codes and polygons."""
    _, _, shapes, (codes,) = pyogrio.raw.read(path, columns=["code"])
    return codes, shapely.from_wkb(shapes)


# EPSG:4326 to EPSG:27700 without the OSTN15 grid, as PROJ chooses it (a test holds the one against
# the other): to look for it takes a twentieth of a second
TO_THE_GRID = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3"
    " +step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06"
    " +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector"
    " +step +inv +proj=cart +ellps=airy +step +proj=pop +v_3 +step +proj=tmerc +lat_0=49"
    " +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)


def metres(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Easting and northing."""

    def part(start: int) -> tuple[Floats, Floats]:
        some = slice(start, start + points.AT_ONCE)
        there = pyproj.Transformer.from_pipeline(TO_THE_GRID)  # one is not for two threads
        return there.transform(longitude[some], latitude[some])

    found = cores.by_all(part, range(0, max(len(longitude), 1), points.AT_ONCE))
    east, north = (np.concatenate(each) for each in zip(*found, strict=True))
    return east, north


def located(longitude: Floats, latitude: Floats, polygons: Objects) -> tuple[Whole, Whole]:
    """Which points lie in or on which polygons, as the house tells it: two arrays of indices,
    sorted by point, then polygon."""
    return points.locate(*metres(longitude, latitude), polygons)
