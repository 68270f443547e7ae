"""Polygons are cut to the place, whose residents alone are counted; what is cut is told."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from flows.survey import clip_to_place
from geo.areas import Kind, Part
from geo.polygons import METRES

PLACE = box(0, 0, 1000, 1000)


def towns(**shapes):
    frame = {"area_code": list(shapes), "area_name": list(shapes)}
    polygons = gpd.GeoDataFrame(frame, geometry=list(shapes.values()), crs=METRES)
    return Kind("town", names={c: f"Town {c}" for c in shapes}, polygons=polygons)


def town(west, east):
    return towns(T=box(west, 0, east, 1000))


def test_a_town_within_the_place_stays_as_it_is():
    kind = town(100, 900)
    before = kind.polygons.geometry.iloc[0]
    assert clip_to_place(kind, PLACE) == []
    assert kind.polygons.geometry.iloc[0].equals(before)
    assert kind.names == {"T": "Town T"}


@pytest.mark.parametrize(
    ("west", "east", "told", "kept"),
    [
        (0, 1000, [], [0, 1000]),
        (5, 1005, [], [5, 1000]),  # a generalised edge: no news
        (600, 1100, ["Town T: only the 80% of it in the place is counted."], [600, 1000]),
        (500, 1500, ["Town T: left out, for only 50% of it is in the place."], None),
        (800, 1800, ["Town T: left out, for only 20% of it is in the place."], None),
        (995, 2000, ["areas of town outside the place, left out: 1 (Town T)."], None),
        (1500, 2000, ["areas of town outside the place, left out: 1 (Town T)."], None),
    ],
)
def test_what_lies_in_the_place_is_kept_if_it_is_most_of_the_town(west, east, told, kept):
    kind = town(west, east)
    assert clip_to_place(kind, PLACE) == told
    bounds = [[b[0], b[2]] for b in kind.polygons.bounds.to_numpy().tolist()]
    assert bounds == ([kept] if kept else [])
    assert list(kind.names) == (["T"] if kept else [])


def test_only_the_first_five_of_those_outside_are_named():
    far = {f"T{i}": box(5000 + i, 0, 5001 + i, 1) for i in range(7)}
    (told,) = clip_to_place(towns(**far), PLACE)
    assert told.startswith("areas of town outside the place, left out: 7 (Town T0, ")
    assert "Town T4 and others)." in told and "Town T5" not in told


def test_a_cut_leaves_no_lines_behind():
    """Of a hook whose outer end rests on the place's edge, that end is a line in the place."""
    inside, arm = box(500, 0, 900, 1000), box(900, 800, 1200, 1000)
    hook = inside.union(arm).union(box(1000, 300, 1200, 800))
    assert hook.intersection(PLACE).geom_type == "GeometryCollection"
    kind = towns(T=hook)
    assert clip_to_place(kind, PLACE) == ["Town T: only the 75% of it in the place is counted."]
    assert kind.polygons.geom_type.to_list() == ["Polygon"]
    assert kind.polygons.area.to_list() == [420_000]


def test_areas_made_of_small_areas_are_not_cut():
    kind = Kind("forum", names={"F": "Forum"}, parts={"F": [Part("E01000001")]})
    assert clip_to_place(kind, PLACE) == [] and kind.names == {"F": "Forum"}
