"""Figures against a comparator, in a word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.statistics import WORDS, compare

NAN = float("nan")
figures = st.floats(-1e6, 1e6)

OPPOSITE = {
    "better": "worse",
    "worse": "better",
    "higher": "lower",
    "lower": "higher",
    "similar": "similar",
    "": "",
}
intervals = st.lists(figures, min_size=3, max_size=3).map(sorted).map(lambda s: (s[1], s[0], s[2]))


@given(intervals, intervals)
def test_comparison_turns_round_with_polarity_sign_and_sides(area, comparator):
    def flipped(figures):
        value, lower, upper = figures
        return -value, -upper, -lower

    for other in (comparator, comparator[:1]):
        low, high, neither = (compare(*area, *other, polarity=name) for name in WORDS)
        assert OPPOSITE[str(low)] == high
        assert {"higher": "worse", "lower": "better"}.get(str(neither), "similar") == low
        mirrored = flipped(other) if len(other) == 3 else (-other[0],)
        assert compare(*flipped(area), *mirrored) == OPPOSITE[str(neither)]
    assert compare(*comparator, *area) == OPPOSITE[str(compare(*area, *comparator))]


@given(intervals, intervals)
def test_overlap_of_two_intervals_is_never_stricter_than_of_one(area, comparator):
    if compare(*area, comparator[0]) == "similar":
        assert compare(*area, *comparator) == "similar"


# Comparison ------------------------------------------------------------------------------------


def test_comparison_with_a_value_as_a_table():
    rows = [  # value, lower, upper, comparator, then the words for low, high and neither
        (10, 8, 12, 7, "worse", "better", "higher"),
        (10, 8, 12, 8, "similar", "similar", "similar"),  # on the lower limit
        (10, 8, 12, 10, "similar", "similar", "similar"),
        (10, 8, 12, 12, "similar", "similar", "similar"),  # on the upper limit
        (10, 8, 12, 13, "better", "worse", "lower"),
        (10, 8, 12, np.nextafter(12, 13), "better", "worse", "lower"),
        (0, 0, 0, 0, "similar", "similar", "similar"),
        (NAN, 8, 12, 7, "", "", ""),
        (10, NAN, 12, 7, "", "", ""),
        (10, 8, NAN, 7, "", "", ""),
        (10, 8, 12, NAN, "", "", ""),
    ]
    value, lower, upper, comparator, low, high, neither = zip(*rows, strict=True)
    for polarity, words in (("low", low), ("high", high), ("neither", neither)):
        assert compare(value, lower, upper, comparator, polarity=polarity).tolist() == list(words)
    assert compare(value, lower, upper, comparator).tolist() == list(neither)
    assert compare([10, 10, 10], 8, 12, 7, polarity=["low", "high", "neither"]).tolist() == [
        "worse",
        "better",
        "higher",
    ]


def test_comparison_with_an_interval_as_a_table():
    rows = [  # the area is 10, from 8 to 12; comparator, its lower, its upper, the word
        (6, 5, 7, "higher"),
        (6, 5, 8, "similar"),  # the intervals touch
        (6, 5, 9, "similar"),  # the value alone would be higher
        (10, 9, 11, "similar"),
        (14, 12, 16, "similar"),
        (14, 12.5, 16, "lower"),
        (14, NAN, 16, ""),  # and not 'lower', which the value alone would give
        (14, 12.5, NAN, ""),
        (NAN, 12.5, 16, ""),
    ]
    comparator, lower, upper, words = zip(*rows, strict=True)
    assert compare(10, 8, 12, comparator, lower, upper).tolist() == list(words)


def test_comparison_refuses_what_it_cannot_mean():
    with pytest.raises(ValueError, match=r"lower must not be above upper: .* 12 against 8"):
        compare(10, 12, 8, 7)
    with pytest.raises(ValueError, match=r"comparator_lower must not be above its upper"):
        compare(10, 8, 12, 7, 8, 6)
    with pytest.raises(ValueError, match="give both or neither"):
        compare(10, 8, 12, 7, comparator_lower=6)
    with pytest.raises(ValueError, match="low, high, neither: found good"):
        compare(10, 8, 12, 7, polarity=["low", "good"])


def test_shapes_and_types_of_comparison():
    assert compare([], [], [], []).shape == (0,)
    assert compare(np.ones((3, 1)), 0, 2, [5, 6]).shape == (3, 2)
    assert compare(1, 0, 2, 5) == "lower"
    assert compare(1, 0, 2, 5).dtype.kind == "U"
