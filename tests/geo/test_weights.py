"""How points and small areas fall into localities: once each, however it is asked."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo import weights
from geo.areas import METRES, Kind

QUICK = settings(deadline=None, max_examples=40)
STEP = 1024  # metres between the corners of a grid, before they are moved
EAST, NORTH = 450_000, 300_000


def brick_codes(count):
    return np.array([f"E01{i:06d}" for i in range(count)], dtype=object)


@st.composite
def grids(draw, most=4):
    """Quadrilaterals that tile a square: a grid whose inner corners are moved by up to 0.4 steps.

    Corners are on multiples of 1/8 m, so that they and the middles of edges are exact numbers.
    """
    columns, rows = draw(st.integers(1, most)), draw(st.integers(1, most))
    moves = st.integers(-int(STEP * 0.4 * 8), int(STEP * 0.4 * 8))
    corner = {}
    for x in range(columns + 1):
        for y in range(rows + 1):
            right, up = draw(moves) / 8, draw(moves) / 8
            right, up = right * (0 < x < columns), up * (0 < y < rows)
            corner[x, y] = (EAST + STEP * x + right, NORTH + STEP * y + up)
    return [
        Polygon([corner[x, y], corner[x + 1, y], corner[x + 1, y + 1], corner[x, y + 1]])
        for y in range(rows)
        for x in range(columns)
    ]


def points_of(draw, tiles):
    """Corners, middles of edges, and points anywhere inside the tiling's bounds."""
    west, south, east, north = shapely.total_bounds(np.array(tiles))
    anywhere = draw(
        st.lists(
            st.tuples(
                st.floats(west, east, allow_subnormal=False),
                st.floats(south, north, allow_subnormal=False),
            ),
            max_size=30,
        )
    )
    corners = [c for tile in tiles for c in tile.exterior.coords]
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for tile in tiles
        for a, b in pairwise(tile.exterior.coords)
    ]
    return np.array([*anywhere, *corners, *middles])


@st.composite
def tilings(draw):
    """(tiles, points of the square that they tile)"""
    tiles = draw(grids())
    return tiles, points_of(draw, tiles)


def homes_of(points, tiles):
    return weights.locate_once(points[:, 0], points[:, 1], np.array(tiles, dtype=object))


# Points ----------------------------------------------------------------------------------------


@QUICK
@given(tilings())
def test_every_point_of_a_tiling_has_exactly_one_home_on_edges_and_corners_too(tiling):
    tiles, points = tiling
    homes = homes_of(points, tiles)
    assert homes.shape == (len(points),)
    assert (homes >= 0).all()
    for (x, y), home in zip(points, homes, strict=True):
        assert tiles[home].intersects(shapely.Point(x, y))


@QUICK
@given(tilings(), st.randoms(use_true_random=False))
def test_a_home_does_not_hang_on_where_a_ring_begins_or_which_way_it_runs(tiling, random):
    tiles, points = tiling
    turned = []
    for tile in tiles:
        ring = list(tile.exterior.coords)[:-1]
        start = random.randrange(len(ring))
        ring = ring[start:] + ring[:start]
        turned.append(Polygon(ring[::-1] if random.random() < 0.5 else ring))
    np.testing.assert_array_equal(homes_of(points, tiles), homes_of(points, turned))


@QUICK
@given(tilings())
def test_homes_are_those_of_a_geopandas_join_with_the_lowest_code(tiling):
    tiles, points = tiling
    codes = brick_codes(len(tiles))
    polygons = gpd.GeoDataFrame({"code": codes}, geometry=tiles, crs=METRES)
    spots = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs=METRES)
    joined = spots.sjoin(polygons, how="inner", predicate="intersects")
    expected = joined.groupby(level=0)["code"].min().reindex(range(len(points)))
    assert list(codes[homes_of(points, tiles)]) == list(expected)


@QUICK
@given(tilings())
def test_locate_gives_every_area_of_a_point_in_order(tiling):
    tiles, points = tiling
    found = weights.locate(points[:, 0], points[:, 1], np.array(tiles, dtype=object))
    pairs = list(zip(*(a.tolist() for a in found), strict=True))
    expected = [
        (p, t)
        for p, point in enumerate(shapely.points(points))
        for t, tile in enumerate(tiles)
        if tile.intersects(point)
    ]
    assert pairs == expected


@QUICK
@given(tilings(), st.integers(-400_000, 400_000), st.integers(-200_000, 800_000))
def test_moving_everything_moves_nothing(tiling, east, north):
    tiles, points = tiling
    points = np.round(points * 8) / 8  # exact, so that the move is too
    moved = [shapely.affinity.translate(tile, east, north) for tile in tiles]
    np.testing.assert_array_equal(
        homes_of(points, tiles), homes_of(points + np.array([east, north]), moved)
    )


def test_a_shared_edge_and_a_shared_corner_go_to_the_first_area():
    tiles = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)]
    points = np.array([[10, 5], [5, 10], [10, 10], [15, 10], [10, 15], [20, 20], [0, 0]], float)
    assert homes_of(points, tiles).tolist() == [0, 0, 0, 1, 2, 3, 0]
    assert homes_of(points, tiles[::-1]).tolist() == [2, 1, 0, 0, 0, 0, 3]


def test_points_outside_and_points_without_coordinates_have_no_home():
    points = np.array([[5, 5], [11, 5], [np.nan, np.nan], [np.nan, 5], [-1e9, 1e9]])
    assert homes_of(points, [box(0, 0, 10, 10)]).tolist() == [0, -1, -1, -1, -1]


def test_no_points_and_no_polygons_are_no_trouble():
    none = np.empty((0, 2))
    assert homes_of(none, [box(0, 0, 1, 1)]).tolist() == []
    assert homes_of(np.array([[0.5, 0.5]]), []).tolist() == [-1]


def test_a_point_in_a_hole_or_between_the_parts_has_no_home():
    holed = box(0, 0, 10, 10).difference(box(4, 4, 6, 6)).union(box(20, 0, 30, 10))
    points = np.array([[5, 5], [4, 5], [15, 5], [25, 5]], float)
    assert homes_of(points, [holed]).tolist() == [-1, 0, -1, 0]


# Kinds of areas --------------------------------------------------------------------------------


@st.composite
def kinds(draw, count, partition):
    """A kind made of ``count`` small areas: each in one of its areas, or in any number of them."""
    areas = [f"F{i}" for i in range(draw(st.integers(1, 4)))]
    members = {}
    for code in brick_codes(count):
        homes = (
            [draw(st.sampled_from(areas))] if partition else draw(st.sets(st.sampled_from(areas)))
        )
        for area in sorted(homes):
            members.setdefault(area, []).append(code)
    return Kind("forum", {a: a for a in members}, members, rule="exact membership")


def of_kind(kind, points, homes, codes):
    return weights.points_of_kind(kind, points[:, 0], points[:, 1], homes, codes)


@QUICK
@given(st.data())
def test_the_areas_of_a_partition_hold_every_point_with_a_home_once(data):
    tiles, points = data.draw(tilings())
    kind = data.draw(kinds(len(tiles), partition=True))
    gone = np.array([[EAST - 5000, NORTH], [np.nan, np.nan]])
    points = np.vstack([points, gone])
    homes = homes_of(points, tiles)
    index, area = of_kind(kind, points, homes, brick_codes(len(tiles)))
    assert sorted(index.tolist()) == np.flatnonzero(homes >= 0).tolist()
    assert len(area) == (homes >= 0).sum()


@QUICK
@given(st.data())
def test_a_point_is_in_the_areas_that_its_small_area_is_in_and_in_no_other(data):
    tiles, points = data.draw(tilings())
    kind = data.draw(kinds(len(tiles), partition=False))
    codes, homes = brick_codes(len(tiles)), homes_of(points, tiles)
    index, area = of_kind(kind, points, homes, codes)
    expected = {
        (p, code)
        for p, home in enumerate(homes)
        for code, members in kind.members.items()
        if home >= 0 and codes[home] in members
    }
    found = list(zip(index.tolist(), area, strict=True))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_an_area_nested_in_another_never_holds_more_points():
    tiles = [box(i * 10, 0, i * 10 + 10, 10) for i in range(4)]
    codes = brick_codes(4)
    points = np.array([[x, 5.0] for x in range(0, 41)])
    homes = homes_of(points, tiles)
    inner = Kind("ward", {"W": "W"}, {"W": list(codes[1:3])}, rule="exact membership")
    outer = Kind("forum", {"F": "F"}, {"F": list(codes[:3])}, rule="exact membership")
    inside, outside = (set(of_kind(k, points, homes, codes)[0].tolist()) for k in (inner, outer))
    assert inside < outside
    assert len(outside) == 31


def test_a_kind_without_members_takes_no_point():
    index, area = of_kind(Kind("forum"), np.array([[1.0, 1.0]]), np.array([0]), brick_codes(1))
    assert (len(index), len(area)) == (0, 0)


def own_polygons(shapes, codes):
    frame = {"area_code": codes, "area_name": codes}
    return Kind("town", polygons=gpd.GeoDataFrame(frame, geometry=shapes, crs=METRES))


def test_a_kind_with_polygons_takes_points_by_its_own_edge_whatever_their_small_area():
    towns = own_polygons([box(0, 0, 10, 10), box(5, 0, 15, 10)], ["T1", "T2"])
    points = np.array([[2, 2], [7, 2], [12, 2], [10, 5], [16, 2]], float)
    index, area = of_kind(towns, points, np.full(5, -1), brick_codes(1))
    assert list(zip(index.tolist(), area, strict=True)) == [
        (0, "T1"),
        (1, "T1"),
        (1, "T2"),
        (2, "T2"),
        (3, "T1"),
        (3, "T2"),
    ]


# Small areas -----------------------------------------------------------------------------------


def layer(shapes):
    codes = brick_codes(len(shapes))
    return gpd.GeoDataFrame({"area_code": codes, "area_name": codes}, geometry=shapes, crs=METRES)


@st.composite
def strips(draw):
    """A partition of the grid's square into upright strips, each a polygon of its own."""
    tiles = draw(grids())
    west, south, east, north = shapely.total_bounds(np.array(tiles))
    width = int(east - west)
    cuts = sorted(draw(st.sets(st.integers(1, width - 1), max_size=5)))
    edges = [0, *cuts, width]
    shapes = [box(west + a, south, west + b, north) for a, b in pairwise(edges)]
    return tiles, own_polygons(shapes, [f"T{i}" for i in range(len(shapes))])


@QUICK
@given(strips())
def test_area_shares_of_a_small_area_add_up_to_one_over_a_partition(drawn):
    tiles, kind = drawn
    found = weights.small_area_weights(kind, layer(tiles), {}, "area_share")
    total = dict.fromkeys(brick_codes(len(tiles)), 0.0)
    for _, code, rule, weight in found:
        assert rule == "area share"
        assert 0 < weight <= 1
        total[code] += weight
    assert total == pytest.approx(dict.fromkeys(total, 1.0), abs=1e-9)


@QUICK
@given(strips(), st.integers(-400_000, 400_000), st.integers(-200_000, 800_000))
def test_moving_everything_leaves_the_area_shares_as_they_are(drawn, east, north):
    tiles, kind = drawn
    moved = own_polygons(
        list(kind.polygons.geometry.translate(east, north)), list(kind.polygons["area_code"])
    )
    small = [shapely.affinity.translate(tile, east, north) for tile in tiles]
    before = weights.small_area_weights(kind, layer(tiles), {}, "area_share")
    after = weights.small_area_weights(moved, layer(small), {}, "area_share")
    assert {r[:2]: pytest.approx(r[3], abs=1e-8) for r in before} == {r[:2]: r[3] for r in after}


def test_area_shares_are_the_share_of_the_small_area_not_of_the_locality():
    small = layer([box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)])
    kind = own_polygons([box(5, 0, 20, 10), box(-100, -100, 2.5, 100)], ["T1", "T2"])
    a, b, _ = brick_codes(3)
    assert weights.small_area_weights(kind, small, {}, "area_share") == [
        ("T1", a, "area share", 0.5),
        ("T1", b, "area share", 1.0),
        ("T2", a, "area share", 0.25),
    ]


def test_neighbours_that_only_touch_share_nothing():
    kind = own_polygons([box(10, 0, 20, 10)], ["T1"])
    assert weights.small_area_weights(kind, layer([box(0, 0, 10, 10)]), {}, "area_share") == []


def test_best_fit_gives_a_whole_small_area_to_where_its_people_are():
    small = layer([box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)])
    kind = own_polygons([box(0, 0, 12, 10), box(11, 0, 19, 10)], ["T1", "T2"])
    a, b, c = brick_codes(3)
    people = {a: (9.0, 5.0), b: (11.5, 5.0), c: (29.0, 5.0), "E01999999": (1.0, 1.0)}
    rule = "best fit by population-weighted centroid"
    assert weights.small_area_weights(kind, small, people, "centroid") == [
        ("T1", a, rule, 1.0),
        ("T1", b, rule, 1.0),
        ("T2", b, rule, 1.0),
    ]


def test_a_small_area_without_a_centroid_is_best_fitted_nowhere():
    kind = own_polygons([box(0, 0, 10, 10)], ["T1"])
    assert weights.small_area_weights(kind, layer([box(0, 0, 10, 10)]), {}, "centroid") == []


def test_a_list_gives_each_member_whole_in_a_fixed_order():
    kind = Kind("forum", members={"F2": ["b", "a"], "F1": ["c"]}, rule="exact membership")
    assert weights.small_area_weights(kind, layer([]), {}, "centroid") == [
        ("F1", "c", "exact membership", 1.0),
        ("F2", "a", "exact membership", 1.0),
        ("F2", "b", "exact membership", 1.0),
    ]
