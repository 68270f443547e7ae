"""Polygons declared a partition: overlaps and ground left out are refused, slivers are not."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo import areas, weights

PLACE = box(0, 0, 2000, 1000)
WEST, EAST = box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)


def kind(*shapes, partition=True):
    codes = [f"A{i}" for i in range(len(shapes))]
    frame = gpd.GeoDataFrame(
        {"area_code": codes, "area_name": codes}, geometry=list(shapes), crs=areas.METRES
    )
    names = dict(zip(codes, codes, strict=True))
    return areas.Kind("ward", names=names, polygons=frame, partition=partition)


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ((WEST, EAST), None),
        ((WEST, EAST.buffer(0.5)), None),  # slivers of generalised boundaries
        ((WEST, box(900, 0, 2000, 1000)), "overlap by 5.0% of the place"),
        ((WEST, box(1100, 0, 2000, 1000)), "leave out 5.0% of the place"),
    ],
)
def test_overlaps_and_gaps_are_told(shapes, told):
    faults = areas.polygon_partition_faults(kind(*shapes), PLACE, "wards.gpkg")
    assert (told is None and faults == []) or (told in faults[0] and "wards.gpkg" in faults[0])


def test_a_kind_that_is_no_partition_may_overlap():
    overlapping = kind(WEST, PLACE, partition=False)
    assert areas.polygon_partition_faults(overlapping, PLACE, "x") == []


@pytest.mark.parametrize(("partition", "times"), [(True, 1), (False, 2)])
def test_a_point_on_a_shared_edge_counts_once_in_a_partition(partition, times):
    import numpy as np

    east, north = np.array([1000.0]), np.array([500.0])
    found, codes = weights.points_of_kind(
        kind(WEST, EAST, partition=partition), east, north, np.array([-1]), np.array([], object)
    )
    assert len(found) == times
    assert codes[0] == "A0"
