"""Rounding to a base and what a rounded figure tells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.disclosure import bounds, rounded

counts = st.integers(0, 10**6)
bases = st.integers(1, 12)


def test_small_counts_are_rounded_like_all_others():
    assert rounded(range(13)).tolist() == [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10]


def test_halves_go_up():
    assert rounded([5, 15], base=10).tolist() == [10, 20]
    assert rounded([1, 3], base=2).tolist() == [2, 4]


def test_a_gap_stays_a_gap():
    figures = rounded(np.ma.masked_equal([[7, -9], [0, 3]], -9))
    assert np.isnan(figures).tolist() == [[False, True], [False, False]]
    assert np.isnan(rounded([None, float("nan")])).all()


def test_what_a_published_figure_says():
    lowest, highest = bounds([0, 5, 10])
    assert (lowest.tolist(), highest.tolist()) == ([0, 3, 8], [2, 7, 12])


def test_an_exact_figure_says_what_it_is():
    lowest, highest = bounds([0, 3], base=1)
    assert lowest.tolist() == highest.tolist() == [0, 3]


@given(counts, bases)
def test_a_figure_says_just_the_counts_that_are_rounded_to_it(count, base):
    (figure,) = rounded([count], base)
    lowest, highest = (int(limit[0]) for limit in bounds([figure], base))
    assert lowest <= count <= highest
    assert set(rounded(range(lowest, highest + 1), base)) == {figure}
    assert rounded(highest + 1, base) > figure
    assert lowest == 0 or rounded(lowest - 1, base) < figure
    assert abs(figure - count) <= base / 2


@pytest.mark.parametrize(
    ("count", "fault"), [(-1, "negative"), (float("inf"), "infinite"), (2.5, "not whole")]
)
def test_what_is_no_count_is_refused(count, fault):
    with pytest.raises(ValueError, match=fault):
        rounded([3, count])


@pytest.mark.parametrize("base", [0, -5, 2.5])
def test_what_is_no_base_is_refused(base):
    with pytest.raises(ValueError, match="base"):
        rounded([3], base)


@pytest.mark.parametrize(("figure", "fault"), [(float("nan"), "missing"), (7, "multiple")])
def test_what_cannot_have_been_published_is_refused(figure, fault):
    with pytest.raises(ValueError, match=fault):
        bounds([5, figure])
