"""The smallest group that exact tables single out, against every group that there is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flows.disclosure import smallest_isolated

AREAS = {
    "forum West": "a b c",
    "forum East": "d e f",
    "ward North": "a d",
    "ward South": "b c e f",
}


def rows(areas, bricks="abcdef"):
    return np.array([[brick in listed.split() for brick in bricks] for listed in areas.values()])


def is_sum_of(areas, group):
    """Whether some multiples of the areas add up to just the group: by rank, not by programme."""
    with_it = np.vstack([areas, group]).astype(float)
    return np.linalg.matrix_rank(with_it) == np.linalg.matrix_rank(areas.astype(float))


def fewest_people(areas, people, brick):
    """By trying every group that has the brick."""
    others = [b for b in range(areas.shape[1]) if b != brick]
    fewest = np.inf
    for size in range(len(others) + 1):
        for some in combinations(others, size):
            group = np.isin(np.arange(areas.shape[1]), [brick, *some])
            if people[group].sum() < fewest and is_sum_of(areas, group):
                fewest = people[group].sum()
    return fewest if np.isfinite(fewest) else np.nan


def test_a_forum_without_the_ward_inside_it():
    """The forum's three without the ward's two is one; the two are singled out as they stand."""
    found = smallest_isolated([[1, 1, 1], [0, 1, 1]], [3, 20, 9])
    assert found.people.tolist() == [3, 29, 29]
    assert found.members.astype(int).tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_what_two_forums_and_two_wards_single_out_together():
    """No ward lies in a forum. West has 30 + 2 + 2, North 30 + 1: West less North is b, c less d.

    So nothing smaller than an area is singled out around a: its ward, with 31.
    """
    people = [30, 2, 2, 1, 40, 40]
    found = smallest_isolated(rows(AREAS), people)
    assert found.people.tolist() == [31, 34, 34, 31, 81, 81]
    assert [fewest_people(rows(AREAS), np.array(people), b) for b in range(6)] == [
        *found.people.tolist()
    ]


def test_a_chain_of_differences():
    """Forum West, without ward North, without hamlet Far: three sums, and c is alone."""
    areas = rows(AREAS | {"hamlet Far": "b d"})
    areas = np.vstack([areas, rows({"hamlet Near": "d"})])
    found = smallest_isolated(areas, [30, 10, 2, 5, 40, 40], around=[2])
    assert found.people[2] == 2
    assert np.isnan(found.people[[0, 1]]).all(), "they were not asked for"


def test_a_brick_that_no_area_covers_is_not_singled_out():
    found = smallest_isolated([[1, 0]], [3, 4])
    assert np.isnan(found.people[1])
    assert not found.members[1].any()


def test_of_equally_few_people_the_group_of_fewest_bricks():
    """Around a: a alone, or a and the empty c."""
    found = smallest_isolated([[1, 0, 1], [0, 0, 1], [1, 0, 0]], [4, 4, 0])
    assert found.members[0].tolist() == [True, False, False]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_systems_of_areas_against_every_group(data):
    """Each brick is in at most one area of each system: the minimum cut."""
    bricks = data.draw(st.integers(2, 7))
    label = st.lists(st.integers(0, 3), min_size=bricks, max_size=bricks)  # 3 is: in none
    one, other = np.array(data.draw(label)), np.array(data.draw(label))
    areas = np.vstack([one == i for i in range(3)] + [other == i for i in range(3)])
    areas = areas[areas.any(axis=1)]
    assume(len(areas))
    people = np.array(data.draw(st.lists(st.integers(0, 9), min_size=bricks, max_size=bricks)))
    check(areas, people)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_areas_against_every_group(data):
    """Areas that overlap as they like: it takes whole numbers."""
    bricks = data.draw(st.integers(2, 6))
    row = st.lists(st.booleans(), min_size=bricks, max_size=bricks).filter(any)
    areas = np.array(data.draw(st.lists(row, min_size=1, max_size=6)))
    people = np.array(data.draw(st.lists(st.integers(0, 9), min_size=bricks, max_size=bricks)))
    check(areas, people)


def check(areas, people):
    found = smallest_isolated(areas, people)
    assert not found.unknown.any()
    for brick in range(areas.shape[1]):
        judged = fewest_people(areas, people, brick)
        assert found.people[brick] == pytest.approx(judged, nan_ok=True)
        if not np.isnan(judged):
            assert found.members[brick, brick]
            assert is_sum_of(areas, found.members[brick])


@pytest.mark.parametrize(
    ("areas", "people", "fault"),
    [([[1, 1]], [3], "one number"), ([1, 1], [3, 4], "bricks"), ([[1, 1]], [3, -4], "0 or more")],
)
def test_what_does_not_fit_is_refused(areas, people, fault):
    with pytest.raises(ValueError, match=fault):
        smallest_isolated(areas, people)
