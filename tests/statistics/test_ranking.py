"""Places among all, and how firm they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.statistics import rank_interval, rank_shift

NAN = float("nan")


def test_a_shift_of_rank_as_a_table():
    rows = [  # value, low, high, places: peers are 10, 20, 20, 30 and 40
        (10, 10, 20, 0),  # level with the two 20s it is above neither
        (20, 10, 20, 1),  # one was below it, and none is below a 10
        (20, 5, 35, 2),  # one place down or two up: the greater of them, not both
        (30, 20, 35, 2),  # below it are three, then one
        (40, 5, 99, 4),
    ]
    value, low, high, places = zip(*rows, strict=True)
    assert rank_shift(value, low, high).tolist() == list(places)
    assert rank_shift([], [], []).tolist() == []
    assert rank_shift([7], [0], [99]).tolist() == [0]


drawn = st.lists(
    st.lists(st.integers(-3, 12) | st.floats(-3, 12), min_size=3, max_size=3).map(sorted),
    min_size=1,
    max_size=12,
)


@given(drawn)
def test_a_shift_of_rank_is_what_ranking_all_anew_would_say(rows):
    def place(number, others):
        return sum(other < number for other in others)

    low, value, high = zip(*rows, strict=True)
    for at, found in enumerate(rank_shift(value, low, high)):
        others = value[:at] + value[at + 1 :]
        own = place(value[at], others)
        assert found == max(own - place(low[at], others), place(high[at], others) - own)


@given(drawn, st.randoms())
def test_a_shift_of_rank_does_not_depend_on_the_order(rows, random):
    shuffled = random.sample(range(len(rows)), len(rows))
    low, value, high = (np.array(column) for column in zip(*rows, strict=True))
    straight = rank_shift(value, low, high)
    mixed = rank_shift(value[shuffled], low[shuffled], high[shuffled])
    assert mixed.tolist() == straight[shuffled].tolist()


def test_a_rank_with_its_interval_as_a_table():
    rows = [  # value, lower, upper, rank, lowest, highest
        (1.0, 0.5, 1.5, 1, 1, 2),  # below all that have an interval
        (2.0, 1.8, 3.0, 2, 2, 5),  # touches the 4: the order is open
        (2.0, 1.6, 2.5, 2, 2, 4),  # level with it; wholly below the 4
        (NAN, 1.0, 9.0, NAN, NAN, NAN),  # nobody, and in nobody's way
        (2.1, NAN, 9.0, 4, NAN, NAN),  # without an interval it leaves all others open
        (4.0, 3.0, 6.0, 5, 3, 5),
    ]
    value, lower, upper, rank, lowest, highest = zip(*rows, strict=True)
    found = rank_interval(value, lower, upper)
    np.testing.assert_equal(found.rank, rank)
    np.testing.assert_equal(found.lowest, lowest)
    np.testing.assert_equal(found.highest, highest)
    assert found.count == 5


spans = st.lists(st.floats(-3, 12) | st.integers(-3, 12), min_size=3, max_size=3).map(sorted)


@given(st.lists(spans, min_size=1, max_size=15))
def test_a_rank_interval_is_what_counting_the_others_says(rows):
    lower, value, upper = (np.array(side, dtype=float) for side in zip(*rows, strict=True))
    found = rank_interval(value, lower, upper)
    for at in range(len(rows)):
        assert found.rank[at] == 1 + sum(other < value[at] for other in value)
        assert found.lowest[at] == 1 + sum(other < lower[at] for other in upper)
        assert found.highest[at] == len(rows) - sum(other > upper[at] for other in lower)
        assert 1 <= found.lowest[at] <= found.rank[at] <= found.highest[at] <= len(rows)
    turned = rank_interval(-value, -upper, -lower)
    assert turned.lowest.tolist() == (len(rows) + 1 - found.highest).tolist()
    assert turned.highest.tolist() == (len(rows) + 1 - found.lowest).tolist()


def test_ranks_lie_along_the_last_axis():
    random = np.random.default_rng(1)
    value = random.normal(size=(4, 3, 20)).round(1)
    value[0, 0, :4] = NAN
    found = rank_interval(value, value - 0.4, value + 0.4)
    for place in np.ndindex(4, 3):
        one = rank_interval(value[place], value[place] - 0.4, value[place] + 0.4)
        np.testing.assert_equal([part[place] for part in found[:3]], list(one[:3]))
        assert found.count[place] == one.count
    assert found.count[0, 0] == 16


def test_a_rank_interval_covers_the_true_rank():
    """95 % intervals that do not touch: the true place of nearly every area is among those open."""
    random, covered = np.random.default_rng(5), []
    for _ in range(200):
        truth = random.normal(size=40)
        seen = truth + random.normal(scale=0.3, size=40)
        found = rank_interval(seen, seen - 1.96 * 0.3, seen + 1.96 * 0.3)
        true = 1 + np.argsort(np.argsort(truth))
        covered.append((found.lowest <= true) & (true <= found.highest))
        assert np.mean(found.highest - found.lowest) > 5  # and says how little a rank tells
    assert np.mean(covered) > 0.99


def test_ranks_of_nothing_and_of_one():
    assert rank_interval([], [], []).rank.shape == (0,)
    assert [part.tolist() for part in rank_interval([7], [0], [9])] == [[1], [1], [1], 1]
    with pytest.raises(ValueError, match="lower must not be above upper"):
        rank_interval([7], [9], [0])
