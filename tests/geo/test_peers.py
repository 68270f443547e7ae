"""The same questions put to geopandas and to PySAL's tobler, which share no code with ours.

(tests/real/test_geography.py asks them about real boundaries.)
"""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import area_shares, overlay_shares, tobler_in_double
from tilings import QUICK, grids, kind_of, layer, points, tilings

from geo.points import locate, locate_once
from geo.polygons import METRES


def joined(spots, shapes):
    """Pairs of (point, shape) by a spatial join."""
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*spots.T), crs=METRES)
    found = frame.sjoin(layer(shapes), predicate="intersects")
    return sorted(zip(found.index, found["index_right"], strict=True))


@QUICK
@given(st.data())
def test_homes_are_those_of_a_geopandas_join_with_the_lowest_code(data):
    tiles = data.draw(grids())
    spots = data.draw(points(tiles))
    first = {}
    for point, tile in joined(spots, tiles):
        first.setdefault(point, tile)
    home = locate_once(spots[:, 0], spots[:, 1], np.array(tiles, dtype=object))
    assert dict(enumerate(home.tolist())) == first


@QUICK
@given(st.data())
def test_all_areas_of_points_are_those_of_a_geopandas_join(data):
    shapes = data.draw(tilings) + data.draw(tilings)
    spots = data.draw(points(shapes[:4]))
    point, area = locate(spots[:, 0], spots[:, 1], np.array(shapes, dtype=object))
    assert list(zip(point.tolist(), area.tolist(), strict=True)) == joined(spots, shapes)


@QUICK
@given(tilings, tilings)
def test_area_shares_are_those_of_a_geopandas_overlay(tiles, wards):
    small_areas, kind = layer(tiles), kind_of(wards)
    expected = overlay_shares(kind, small_areas).to_numpy()
    assert area_shares(kind, small_areas).to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def tobler():
    with tobler_in_double() as shares:
        yield shares


@pytest.mark.parametrize("partition", [False, True])
@settings(QUICK, max_examples=10)
@given(tilings, tilings)
def test_area_shares_are_those_of_tobler(tobler, partition, tiles, wards):
    """Where slivers are to be shared out, tobler is told to allocate the total."""
    small_areas, kind = layer(tiles), kind_of(wards[1:] or wards, partition)
    expected = tobler(small_areas, kind.polygons, allocate_total=partition)
    assert area_shares(kind, small_areas).to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9)
