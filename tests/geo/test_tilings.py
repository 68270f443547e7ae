"""What must hold of weights and points on any tiling: sums, conservation, and no accidents.

Small areas and localities tile the same square and know nothing of each other.
"""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tilings import QUICK, SIDE, SOUTH, WEST, grids, kind_of, layer, moved, points, tilings, turned

from geo.areas import Kind, Part
from geo.points import locate_once, point_areas
from geo.weights import Residents, small_area_weights

RULES = ["area_share", "centroid", "population_share"]
NUMBERS = ["weight", "weight_households", "weight_children"]
KEYS = ["assignment", "area_code", "small_area_code"]
SEEDS = st.integers(0, 2**32 - 1)


def lived_in(tiles, seed):
    """Population-weighted centroids, and residents at random: of some small areas nobody is
    known, of others no households."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 40))
    east, north = WEST + random.uniform(0, SIDE, count), SOUTH + random.uniform(0, SIDE, count)
    codes = layer(tiles)["area_code"].to_numpy(object)
    home = locate_once(east, north, np.array(tiles, dtype=object), 1.0)
    people, households, children = random.integers(0, 300, size=(3, count)).astype(float)
    households[random.random(count) < 0.2] = np.nan
    middles = shapely.point_on_surface(tiles)
    where = zip(shapely.get_x(middles), shapely.get_y(middles), strict=True)
    return (
        dict(zip(codes, where, strict=True)),
        Residents(east, north, codes[home], people, households, children),
    )


def weights(kind, small_areas, lived):
    """Weights by rule, area and small area."""
    found = small_area_weights(kind, small_areas, lived[0], "", lived[1])
    return found.set_index(KEYS)[NUMBERS]


def difference(one, other):
    """The largest difference of two sets of weights; what is in one only is nothing in the other."""
    both, same = one.align(other, fill_value=0.0)
    return (both - same).abs().max(axis=None)


# Sums ------------------------------------------------------------------------------------------


@QUICK
@given(tilings, tilings, SEEDS)
def test_weights_of_a_small_area_add_up_to_one_over_a_partition_by_every_rule(tiles, wards, seed):
    lived = lived_in(tiles, seed)
    found = weights(kind_of(wards, partition=True), layer(tiles), lived)
    assert found.gt(0).any(axis=1).all() and found.ge(0).all(axis=None)
    sums = found.groupby(["assignment", "small_area_code"]).sum()
    assert len(sums) == 3 * len(tiles)
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-9)


@QUICK
@given(tilings, tilings)
def test_area_shares_over_a_tiling_add_up_to_one_without_being_made_to(tiles, wards):
    found = small_area_weights(kind_of(wards), layer(tiles), {})
    sums = found[found["assignment"] == "area_share"].groupby("small_area_code")["weight"].sum()
    assert len(sums) == len(tiles)
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-9)


@QUICK
@given(tilings, tilings, SEEDS)
def test_totals_are_conserved_through_apportionment(tiles, wards, seed):
    """However counts are shared out to wards, as many come out as went in."""
    small_areas = layer(tiles)
    found = weights(kind_of(wards, partition=True), small_areas, lived_in(tiles, seed))
    count = np.random.default_rng(seed).integers(0, 5000, len(tiles))
    counts = pd.Series(count, index=small_areas["area_code"])
    shared = found.mul(
        counts.reindex(found.index.get_level_values("small_area_code")).to_numpy(), axis=0
    )
    by_ward = shared.groupby(["assignment", "area_code"]).sum()
    totals = by_ward.groupby("assignment").sum()
    assert totals.index.to_list() == RULES
    assert totals.to_numpy() == pytest.approx(count.sum(), rel=1e-9, abs=1e-9)


@QUICK
@given(tilings, tilings, tilings, SEEDS)
def test_overlapping_localities_each_count_a_small_area_once_at_most(tiles, some, others, seed):
    found = weights(kind_of([*some, *others]), layer(tiles), lived_in(tiles, seed))
    assert found.le(1.0).all(axis=None) and found.ge(0.0).all(axis=None)
    sums = found.loc["area_share"].groupby("small_area_code").sum()
    assert sums.to_numpy() == pytest.approx(2.0, abs=1e-9)


@QUICK
@given(tilings, SEEDS)
def test_localities_made_of_whole_small_areas_have_a_range_of_no_width(tiles, seed):
    small_areas, random = layer(tiles), np.random.default_rng(seed)
    home = random.integers(0, 3, len(tiles))
    groups = [np.flatnonzero(home == g) for g in sorted(set(home))]
    kind = kind_of([small_areas.geometry.iloc[g].union_all() for g in groups], partition=True)
    lived = lived_in(tiles, seed)
    found = weights(kind, small_areas, lived)
    expected = {
        (area, code)
        for area, members in zip(kind.names, groups, strict=True)
        for code in small_areas["area_code"].iloc[members]
    }
    for rule in RULES:
        assert set(found.loc[rule].index) == expected
    assert found.eq(1.0).all(axis=None)


# No accidents ----------------------------------------------------------------------------------


@QUICK
@given(tilings, tilings, SEEDS)
def test_weights_do_not_hang_on_the_order_of_rows(tiles, wards, seed):
    small_areas, kind, lived = layer(tiles), kind_of(wards, partition=True), lived_in(tiles, seed)
    before = weights(kind, small_areas, lived)
    random = np.random.default_rng(seed)
    order = random.permutation(len(lived[1].east))
    columns = vars(lived[1]).values()
    shuffled = (
        dict(reversed(lived[0].items())),
        Residents(*(c[order] for c in columns if c is not None)),
    )
    kind.polygons = kind.polygons.iloc[random.permutation(len(wards))].reset_index(drop=True)
    after = weights(kind, small_areas.iloc[random.permutation(len(tiles))], shuffled)
    assert after.index.equals(before.index)
    assert difference(before, after) <= 1e-12


@QUICK
@given(tilings, tilings, SEEDS, st.randoms(use_true_random=False))
def test_weights_do_not_hang_on_where_a_ring_begins_or_which_way_it_runs(
    tiles, wards, seed, random
):
    lived = lived_in(tiles, seed)
    before = weights(kind_of(wards), layer(tiles), lived)
    tiles, wards = ([turned(shape, random) for shape in shapes] for shapes in (tiles, wards))
    assert difference(before, weights(kind_of(wards), layer(tiles), lived)) <= 1e-9


MOVES = st.tuples(st.integers(-400_000, 200_000), st.integers(-290_000, 900_000))


@QUICK
@given(tilings, tilings, SEEDS, MOVES)
def test_moving_everything_leaves_the_weights_as_they_are(tiles, wards, seed, move):
    (middles, here), (east, north) = lived_in(tiles, seed), move
    before = weights(kind_of(wards), layer(tiles), (middles, here))
    there = Residents(here.east + east, here.north + north, *list(vars(here).values())[2:])
    kind = kind_of(wards)
    kind.polygons = moved(kind.polygons, east, north)
    middles = {code: (x + east, y + north) for code, (x, y) in middles.items()}
    after = weights(kind, moved(layer(tiles), east, north), (middles, there))
    assert difference(before, after) <= 1e-9


def homes_of(spots, tiles):
    return locate_once(spots[:, 0], spots[:, 1], np.array(tiles, dtype=object)).tolist()


@QUICK
@given(st.data(), MOVES, st.randoms(use_true_random=False))
def test_homes_of_points_hang_neither_on_the_rings_nor_on_where_everything_lies(data, move, random):
    """Corners are eighths of a metre, so that the move and points on edges are exact."""
    tiles = data.draw(grids())
    spots = np.round(data.draw(points(tiles)) * 8) / 8
    before = homes_of(spots, tiles)
    assert homes_of(spots, [turned(tile, random) for tile in tiles]) == before
    away = [shapely.transform(tile, lambda xy: xy + move) for tile in tiles]
    assert homes_of(spots + move, away) == before
    order = np.array(random.sample(range(len(spots)), len(spots)))
    assert homes_of(spots[order], tiles) == [before[i] for i in order]


@st.composite
def kinds(draw, small_areas):
    """A kind made of small areas, each in any number of its areas."""
    parts = {}
    for code in small_areas["area_code"]:
        for area in draw(st.sets(st.sampled_from(["F1", "F2", "F3"]))):
            parts.setdefault(area, []).append(Part(code))
    return Kind("forum", names={area: area for area in parts}, parts=parts)


@QUICK
@given(st.data())
def test_a_point_is_in_the_areas_that_its_small_area_is_in_and_in_no_other(data):
    tiles = data.draw(tilings)
    small_areas, spots = layer(tiles), data.draw(points(tiles))
    spots = np.vstack([spots, [[WEST - 5000, SOUTH], [np.nan, np.nan]]])
    kind, homes = data.draw(kinds(small_areas)), np.array(homes_of(spots, tiles))
    found = point_areas(kind, kind, spots[:, 0], spots[:, 1], homes, small_areas)
    inside = found[found["by_edge"]]
    assert list(zip(inside["point"], inside["area_code"], strict=True)) == [
        (point, area)
        for point, home in enumerate(homes)
        for area in sorted(kind.parts)
        if home >= 0 and Part(small_areas["area_code"][home]) in kind.parts[area]
    ]


@QUICK
@given(st.data())
def test_wards_that_are_a_partition_hold_every_point_of_the_place_once(data):
    tiles, wards = data.draw(tilings), data.draw(tilings)
    spots = np.vstack([data.draw(points(wards)), [[WEST - 10, SOUTH + 10], [np.nan, np.nan]]])
    homes, kind = np.array(homes_of(spots, tiles)), kind_of(wards, partition=True)
    found = point_areas(kind, kind, spots[:, 0], spots[:, 1], homes, layer(tiles))
    assert found.loc[found["by_edge"], "point"].to_list() == np.flatnonzero(homes >= 0).tolist()


def test_random_tilings_tile():
    """The strategies themselves: no ground twice, none left out."""

    @QUICK
    @given(tilings)
    def tile(tiles):
        assert shapely.is_valid(tiles).all()
        assert shapely.area(tiles).sum() == pytest.approx(SIDE**2, rel=1e-12)
        assert shapely.union_all(tiles).area == pytest.approx(SIDE**2, rel=1e-12)

    tile()
