"""How much of a small area lies in an area, without cutting either; shapely, which cuts, is the judge."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box
from tilings import QUICK, SOUTH, WEST, grids, tilings, turned

from geo import cores, overlaps

SMALL_AREA = box(0, 0, 10, 10)
FRAME = Polygon(box(-5, -5, 15, 15).exterior.coords, [box(2, 2, 8, 8).exterior.coords])


def shares(areas, small_areas):
    """{(area, small area): share}"""
    found = overlaps.shares(np.array(areas, dtype=object), np.array(small_areas, dtype=object))
    area, small_area, share = (each.tolist() for each in found)
    return dict(zip(zip(area, small_area, strict=True), share, strict=True))


@pytest.mark.parametrize(
    ("area", "share"),
    {
        "a half": (box(-5, -5, 5, 15), 0.5),
        "a corner": (box(8, 8, 20, 20), 0.04),
        "all, edge on edge": (box(0, 0, 10, 10), 1.0),
        "all, with an edge in common": (box(0, -5, 20, 20), 1.0),
        "all, and nothing near": (box(-100, -100, 100, 100), 1.0),
        "an area within": (box(4, 4, 6, 6), 0.04),
        "a strip right through": (box(-50, 4, 50, 5), 0.1),
        "a tower right through": (box(4, -50, 5, 50), 0.1),
        "one edge only": (box(10, 0, 20, 10), 0.0),
        "one corner only": (box(10, 10, 20, 20), 0.0),
        "a hole": (FRAME, 0.64),
        "a hole as wide as the small area": (
            Polygon(box(-5, -5, 15, 15).exterior.coords, [SMALL_AREA.exterior.coords]),
            0.0,
        ),
        "islands": (MultiPolygon([box(1, 1, 2, 2), box(3, 3, 5, 5), box(50, 0, 60, 9)]), 0.05),
        "an island in a hole": (MultiPolygon([FRAME, box(4, 4, 6, 6)]), 0.68),
        "a slope": (Polygon([(0, 0), (10, 0), (10, 10)]), 0.5),
        "a slope that begins outside": (Polygon([(-10, -10), (20, 20), (20, -10)]), 0.5),
        "a ring drawn the other way": (Polygon([(0, 0), (0, 5), (5, 5), (5, 0)]), 0.25),
        "far below": (Polygon([(4, -1e5), (5, -1e5), (5, 5), (4, 5)]), 0.05),
    }.values(),
)
def test_a_share_is_known_by_eye(area, share):
    assert shares([area], [SMALL_AREA]) == {(0, 0): pytest.approx(share, abs=1e-12)}


def test_a_small_area_may_have_holes_and_islands_too():
    assert shares([box(0, 0, 4, 10)], [FRAME])[0, 0] == pytest.approx((40 - 12) / (400 - 36))
    apart = MultiPolygon([box(0, 0, 1, 1), box(9, 9, 10, 11)])
    assert shares([box(-5, -5, 10, 10)], [apart])[0, 0] == pytest.approx(2 / 3)


def test_what_does_not_meet_is_no_pair_and_pairs_are_sorted_by_area():
    here, there = box(0, 0, 1, 1), box(5, 0, 6, 1)
    assert list(shares([there, here, box(0, 0, 9, 9)], [here, there])) == [
        *[(0, 1), (1, 0)],
        *[(2, 0), (2, 1)],
    ]


@pytest.mark.parametrize(
    ("areas", "small_areas"), [([], [SMALL_AREA]), ([SMALL_AREA], []), ([], [])]
)
def test_of_nothing_there_are_no_shares(areas, small_areas):
    assert shares(areas, small_areas) == {}


def judged(areas, small_areas):
    """The same by cutting."""
    return {
        (i, j): shapely.area(shapely.intersection(a, s)) / shapely.area(s)
        for i, a in enumerate(areas)
        for j, s in enumerate(small_areas)
        if shapely.intersects(a, s)
    }


@QUICK
@given(tilings, tilings, st.randoms(use_true_random=False))
def test_shares_are_those_of_cutting_whichever_way_rings_are_drawn(areas, small_areas, random):
    drawn = [turned(shape, random) for shape in areas]
    assert shares(drawn, small_areas) == pytest.approx(judged(areas, small_areas), abs=1e-12)


@QUICK
@given(grids())
def test_a_tiling_shares_itself_out_as_it_is(tiles):
    """All edges lie on others: what only touches has nothing, what is the same has all."""
    for (area, small_area), share in shares(tiles, tiles).items():
        assert share == pytest.approx(float(area == small_area), abs=1e-12)


def star(corners, rng):
    """A ragged ring around the tilings' square, as true coasts are."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = rng.uniform(500, 2500, corners)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    return Polygon(ring + np.array([WEST, SOUTH]) + 2048)


def test_ragged_edges_and_any_number_of_cores_and_parts(monkeypatch):
    rng = np.random.default_rng(8)
    areas, small_areas = ([star(n, rng) for n in rng.integers(5, 400, 12)] for _ in "12")
    found = shares(areas, small_areas)
    assert found == pytest.approx(judged(areas, small_areas), abs=1e-12)
    for number in (1, 3):
        monkeypatch.setattr(cores.os, "cpu_count", lambda number=number: number)
        assert shares(areas, small_areas) == found
    monkeypatch.setattr(overlaps, "AREAS_AT_ONCE", 5)
    monkeypatch.setattr(overlaps, "EDGES_AT_ONCE", 40)
    in_parts = shares(areas, small_areas)
    assert in_parts == pytest.approx(found, abs=1e-13)
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 1)
    assert shares(areas, small_areas) == in_parts
