"""Where points fall: once in a partition, by the lowest code on an edge, and how near to an edge."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box
from tilings import QUICK, grids, kind_of, layer
from tilings import points as points_among

from geo import points
from geo.areas import Kind, Part
from geo.polygons import METRES


def array(shapes):
    return np.array(shapes, dtype=object)


def homes_of(spots, tiles, reach_m=0.0):
    spots = np.array(spots, dtype=float).reshape(-1, 2)
    return points.locate_once(spots[:, 0], spots[:, 1], array(tiles), reach_m).tolist()


# One home for a point --------------------------------------------------------------------------

FOUR = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)]


def test_a_point_on_a_shared_edge_or_corner_belongs_to_the_first():
    spots = [(10, 5), (5, 10), (10, 10), (15, 10), (10, 15), (20, 20), (0, 0)]
    assert homes_of(spots, FOUR) == [0, 0, 0, 1, 2, 3, 0]
    assert homes_of(spots, FOUR[::-1]) == [2, 1, 0, 0, 0, 0, 3]


def test_a_point_outside_or_without_coordinates_has_no_home():
    nowhere = [(21, 5), (np.nan, np.nan), (np.nan, 5), (5, np.nan), (-1e9, 1e9)]
    assert homes_of([(5, 5), *nowhere], FOUR) == [0, -1, -1, -1, -1, -1]
    assert homes_of([(5, 5), *nowhere], FOUR, reach_m=20) == [0, 1, -1, -1, -1, -1]


def test_a_point_in_a_hole_or_between_the_parts_has_no_home():
    holed = box(0, 0, 10, 10).difference(box(4, 4, 6, 6)).union(box(20, 0, 30, 10))
    assert homes_of([(5, 5), (4, 5), (15, 5), (25, 5)], [holed]) == [-1, 0, -1, 0]


def test_no_points_and_no_polygons_are_no_trouble():
    assert homes_of([], FOUR) == homes_of([], FOUR, reach_m=20) == []
    assert homes_of([(5, 5)], []) == homes_of([(5, 5)], [], reach_m=20) == [-1]


@pytest.mark.parametrize(
    ("east", "home"),
    [
        (10, 0),
        (14.9, 0),  # nearer to the first
        (15, 0),  # as near to both: the first
        (15.1, 1),
        (35, 1),
        (49.9, 1),
        (50.1, -1),  # beyond reach
    ],
)
def test_a_point_in_a_sliver_belongs_to_the_nearest_within_reach(east, home):
    tiles = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    assert homes_of([(east, 5)], tiles, reach_m=20) == [home]
    assert homes_of([(east, 5)], tiles) == [0 if east == 10 else -1]


@QUICK
@given(st.data())
def test_every_point_of_a_tiling_has_a_home_that_it_touches_the_first_of_them(data):
    tiles = data.draw(grids())
    spots = data.draw(points_among(tiles))
    expected = [
        next(i for i, tile in enumerate(tiles) if tile.intersects(Point(spot))) for spot in spots
    ]
    assert homes_of(spots, tiles) == expected
    assert homes_of(spots, tiles, reach_m=20) == expected


@QUICK
@given(st.data())
def test_all_areas_of_a_point_are_found_in_order(data):
    tiles = data.draw(grids())
    spots = data.draw(points_among(tiles))
    tiles += [tile.buffer(200) for tile in tiles[:3]]
    found = points.locate(spots[:, 0], spots[:, 1], array(tiles))
    assert list(zip(*(side.tolist() for side in found), strict=True)) == [
        (p, t)
        for p, spot in enumerate(shapely.points(spots))
        for t, tile in enumerate(tiles)
        if tile.intersects(spot)
    ]


# Near an edge ----------------------------------------------------------------------------------


def near(spots, tiles):
    spots = np.array(spots, dtype=float).reshape(-1, 2)
    found = points.near_edge(spots[:, 0], spots[:, 1], array(tiles))
    return set(zip(*(side.tolist() for side in found), strict=True))


def test_a_point_is_near_an_edge_within_50_m_on_either_side():
    square = box(0, 0, 1000, 1000)
    spots = [(-50.1, 500), (-50, 500), (0, 500), (50, 500), (50.1, 500), (500, 500)]
    assert near(spots, [square]) == {(1, 0), (2, 0), (3, 0)}


def test_a_hole_and_every_part_have_edges():
    holed = box(0, 0, 1000, 1000).difference(box(400, 400, 600, 600))
    shape = MultiPolygon([holed, box(3000, 0, 4000, 1000)])
    spots = [(500, 500), (500, 560), (350, 500), (3950, 500), (2000, 500)]
    assert near(spots, [shape, box(3900, 400, 5000, 600)]) == {(1, 0), (2, 0), (3, 0), (3, 1)}


def test_nothing_is_near_nothing():
    assert near([], FOUR) == near([(5, 5)], []) == set()
    assert near([(np.nan, np.nan), (5, np.nan), (5, 5)], FOUR[:1]) == {(2, 0)}


@st.composite
def shapes(draw):
    """A ring of 3 to 150 corners, perhaps with a hole and a second part, as one polygon."""
    corners = draw(st.integers(3, 150))
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.c_[np.cos(angle), np.sin(angle)] * draw(st.sampled_from([80, 400]))
    centre = np.array([draw(st.integers(0, 1000)), draw(st.integers(0, 1000))])
    holes = [ring[::-1] * 0.4 + centre] if draw(st.booleans()) else []
    whole = Polygon(ring + centre, holes)
    if draw(st.booleans()):
        return MultiPolygon([whole, Polygon(ring * 0.3 + centre + (900, 0))])
    return whole


@QUICK
@given(st.lists(shapes(), min_size=1, max_size=4), st.integers(0, 2**32))
def test_nearness_is_the_distance_from_the_edge(drawn, seed):
    spots = np.random.default_rng(seed).uniform(-500, 2500, size=(60, 2))
    away = shapely.distance(shapely.points(spots)[:, None], shapely.boundary(array(drawn))[None, :])
    expected = {(int(p), int(s)) for p, s in np.argwhere(away <= 50)}
    assert near(spots, drawn) == expected


def steps(lines):
    """Every step from corner to corner of some lines, in order."""
    return sorted(
        pair for line in shapely.get_parts(lines) for pair in pairwise(map(tuple, line.coords))
    )


@QUICK
@given(st.lists(shapes(), min_size=1, max_size=4), st.integers(1, 40))
def test_the_pieces_of_an_edge_are_the_edge_no_more_and_no_less(drawn, most):
    pieces, owner = points._pieces_of_edges(array(drawn), most)
    assert max(shapely.get_num_coordinates(pieces)) <= most + 1
    for i, shape in enumerate(drawn):
        edges = shapely.get_parts(shape.boundary)
        assert steps(shapely.get_parts(pieces[owner == i])) == steps(edges)
        assert (owner == i).sum() == sum(-(-(len(edge.coords) - 1) // most) for edge in edges)


# Points in the areas of a kind -----------------------------------------------------------------

KILOMETRES = layer([box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(4)])
A, B, C, D = KILOMETRES["area_code"]


def told(kind, bricks, *easts):
    """Which of the points along the middle of a row of four small areas are in or near what.

    A line each: east, area, and E e S s for by and near its own edge, by and near that of its
    small areas.
    """
    east = np.array(easts, dtype=float)
    north = np.full(len(east), 500.0)
    homes = points.locate_once(east, north, KILOMETRES.geometry.to_numpy())
    found = points.point_areas(kind, bricks, east, north, homes, KILOMETRES)
    assert list(found.columns) == [
        *("point", "area_code", "by_edge", "near_edge", "by_small_area", "near_small_area")
    ]
    assert not found.duplicated(["point", "area_code"]).any()
    return [
        f"{easts[row.point]} {row.area_code} "
        + "".join(
            letter if flag else "-"
            for letter, flag in zip(
                "EeSs",
                (row.by_edge, row.near_edge, row.by_small_area, row.near_small_area),
                strict=True,
            )
        )
        for row in found.itertuples()
    ]


def listed(**members):
    parts = {code: [Part(m) for m in held] for code, held in members.items()}
    return Kind("forum", names={c: c for c in members}, parts=parts)


def test_a_kind_made_of_small_areas_takes_a_point_with_its_small_area():
    kind = listed(F1=[A, B], F2=[C])
    assert told(kind, kind, -30, 30, 500, 1000, 1990, 2500, 3040, 3500) == [
        "-30 F1 -e-s",
        "30 F1 EeSs",
        "500 F1 E-S-",
        "1000 F1 E-S-",  # an edge between two of its own
        "1990 F1 EeSs",
        "1990 F2 -e-s",
        "2500 F2 E-S-",
        "3040 F2 -e-s",
    ]


def test_a_point_on_a_shared_edge_goes_where_the_small_area_with_the_lowest_code_goes():
    kind = listed(F1=[B], F2=[A])
    assert told(kind, kind, 1000) == ["1000 F1 -e-s", "1000 F2 EeSs"]


def test_a_small_area_in_two_areas_brings_its_points_to_both():
    kind = listed(F1=[A, B], F2=[B, C])
    assert told(kind, kind, 500, 1500, 2500) == [
        "500 F1 E-S-",
        "1500 F1 E-S-",
        "1500 F2 E-S-",
        "2500 F2 E-S-",
    ]


def test_a_small_area_counted_in_part_goes_where_most_of_its_people_are():
    parts = {"F1": [Part(A), Part(B, 0.6)], "F2": [Part(B, 0.4), Part(C)]}
    kind = Kind("forum", names={"F1": "F1", "F2": "F2"}, parts=parts)
    assert told(kind, kind, 1500) == ["1500 F1 E-S-"]


def test_polygons_take_points_by_their_own_edge_and_by_their_small_areas_too():
    towns = kind_of([box(0, 0, 1600, 1000)])
    bricks = listed(T00=[A, B])
    assert told(towns, bricks, 500, 1550, 1640, 1800, 1980, 2030, 2500) == [
        "500 T00 E-S-",
        "1550 T00 EeS-",
        "1640 T00 -eS-",
        "1800 T00 --S-",
        "1980 T00 --Ss",
        "2030 T00 ---s",
    ]


def test_polygons_that_share_small_areas_out_have_their_own_edge_only():
    towns = kind_of([box(0, 0, 1600, 1000)])
    assert told(towns, towns, 1550, 1640, 1800) == ["1550 T00 EeSs", "1640 T00 -e-s"]


def test_overlapping_polygons_each_take_the_point():
    towns = kind_of([box(0, 0, 1600, 1000), box(400, 0, 3000, 1000)])
    assert told(towns, towns, 200, 1000, 1600, 2000) == [
        "200 T00 E-S-",
        "1000 T00 E-S-",
        "1000 T01 E-S-",
        "1600 T00 EeSs",
        "1600 T01 E-S-",
        "2000 T01 E-S-",
    ]


def test_a_partition_takes_a_point_on_an_edge_or_in_a_sliver_once_and_none_outside_the_place():
    wards = [box(0, 0, 1500, 1000), box(1530, 0, 4100, 1000)]
    assert told(
        kind_of(wards, partition=True), kind_of(wards, partition=True), 1500, 1510, 1516, 4050
    ) == [
        "1500 T00 EeSs",
        "1500 T01 -e-s",
        "1510 T00 EeSs",
        "1510 T01 -e-s",
        "1516 T00 -e-s",
        "1516 T01 EeSs",
        "4050 T01 -e-s",
    ]
    assert "1510 T00 -e-s" in told(kind_of(wards), kind_of(wards), 1510)
    assert "4050 T01 EeSs" in told(kind_of(wards), kind_of(wards), 4050)


def test_areas_are_told_apart_though_their_polygons_are_in_another_order_than_their_codes():
    towns = kind_of([box(0, 0, 900, 1000), box(1100, 0, 1900, 1000)])
    towns.polygons = towns.polygons.iloc[::-1].reset_index(drop=True)
    towns.names["A"] = "an area whose polygon was left out"
    assert told(towns, towns, 500, 1500) == ["500 T00 E-S-", "1500 T01 E-S-"]


@pytest.mark.parametrize("kind", [listed(F1=[A]), kind_of(FOUR), kind_of(FOUR, partition=True)])
def test_without_points_there_are_no_rows(kind):
    assert told(kind, kind) == []


@pytest.mark.parametrize(
    "kind", [listed(), listed(F1=[]), kind_of([]), Kind("town", polygons=kind_of([]).polygons)]
)
def test_without_areas_there_are_no_rows(kind):
    assert told(kind, kind, 500, 1500) == []


def test_the_areas_of_a_partition_hold_each_point_of_the_place_once_however_they_are_made():
    """Kinds made of the same ground agree to the row, away from edges."""
    east = np.linspace(1, 3999, 50)
    homes = points.locate_once(east, np.full(50, 500.0), KILOMETRES.geometry.to_numpy())
    drawn = kind_of([box(0, 0, 2000, 1000), box(2000, 0, 4000, 1000)], partition=True)
    made = listed(T00=[A, B], T01=[C, D])
    by_edge = points.point_areas(drawn, made, east, np.full(50, 500.0), homes, KILOMETRES)
    assert by_edge["by_edge"].sum() == 50
    assert (by_edge["by_edge"] == by_edge["by_small_area"]).all()
    assert (by_edge["near_edge"] == by_edge["near_small_area"]).all()


def test_codes_need_not_be_numbered_from_nought():
    """The small areas of a place are some of those in hand."""
    frame = gpd.GeoDataFrame(
        {"area_code": ["E1", "E3", "E7"]},
        geometry=[box(x, 0, x + 1, 1) for x in range(3)],
        crs=METRES,
    )
    kind = listed(F=["E7", "E1"])
    east, north = np.array([0.5, 1.5, 2.5]), np.full(3, 0.5)
    found = points.point_areas(kind, kind, east, north, np.array([0, 1, 2]), frame)
    assert found.loc[found["by_edge"], "point"].to_list() == [0, 2]
