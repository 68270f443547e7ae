"""Polygons are cut to the place, whose residents alone are counted; what is cut is told."""

import geopandas as gpd
from shapely.geometry import box

from flows.localities import clip_to_place
from geo import areas

PLACE = box(0, 0, 1000, 1000)


def town(west, east):
    frame = gpd.GeoDataFrame(
        {"area_code": ["T"], "area_name": ["Town"]},
        geometry=[box(west, 0, east, 1000)],
        crs=areas.METRES,
    )
    return areas.Kind("town", names={"T": "Town"}, polygons=frame)


def test_a_town_within_the_place_stays_as_it_is():
    kind = town(100, 900)
    before = kind.polygons.geometry.iloc[0]
    assert clip_to_place(kind, PLACE) == []
    assert kind.polygons.geometry.iloc[0].equals(before)


def test_a_town_that_reaches_over_the_edge_is_cut_and_told():
    kind = town(600, 1100)
    assert clip_to_place(kind, PLACE) == ["Town: only the 80% of it in the place is counted."]
    assert kind.polygons.total_bounds.tolist() == [600, 0, 1000, 1000]


def test_a_town_mostly_elsewhere_is_left_out_and_told():
    kind = town(800, 1800)
    assert clip_to_place(kind, PLACE) == ["Town: left out, for only 20% of it is in the place."]
    assert len(kind.polygons) == 0 and kind.names == {}


def test_a_neighbour_that_touches_the_edge_is_no_news():
    kind = town(995, 2000)
    assert clip_to_place(kind, PLACE) == [] and len(kind.polygons) == 0
