"""Intervals: properties that must hold for any figure, the edges, and what they cover."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.statistics import Interval, median_interval, proportion, rate

NAN = float("nan")
CONFIDENCES = [0.8, 0.95, 0.998]
confidences = st.sampled_from(CONFIDENCES)
events = st.integers(0, 100_000)
apportioned = st.floats(0, 1e6, allow_subnormal=False)
sizes = st.floats(0.01, 1e7)
samples = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80)


def is_missing(interval):
    return all(np.isnan(part).all() for part in interval)


# Properties ------------------------------------------------------------------------------------


@given(apportioned, sizes, confidences)
def test_an_interval_contains_its_value(count, size, confidence):
    of_events = rate(count, size, confidence)
    assert 0 <= of_events.lower <= of_events.value < of_events.upper
    part = proportion(min(count, size), size, confidence, multiplier=100)
    assert 0 <= part.lower <= part.value <= part.upper <= 100


@given(samples)
def test_a_median_interval_contains_its_median_and_ends_on_values_of_the_sample(sample):
    found = median_interval(sample)
    if len(sample) < 6:
        assert np.isnan(found.lower) and np.isnan(found.upper)
    else:
        assert found.lower <= found.value <= found.upper
        assert {found.lower, found.upper} <= set(sample)


@given(apportioned, sizes)
def test_intervals_widen_with_confidence(count, size):
    for function, x in ((rate, count), (proportion, min(count, size))):
        for surer, sure in itertools.pairwise(reversed(CONFIDENCES)):
            wide, narrow = function(x, size, surer), function(x, size, sure)
            assert wide.lower <= narrow.lower and narrow.upper <= wide.upper
            assert wide.upper - wide.lower > narrow.upper - narrow.lower


@given(samples)
def test_a_median_interval_widens_with_confidence(sample):
    found = [median_interval(sample, confidence) for confidence in CONFIDENCES]
    for one, wider in itertools.pairwise(found):
        assert np.isnan(wider.lower) or wider.lower <= one.lower <= one.upper <= wider.upper


@given(events, st.integers(1, 100_000), st.integers(2, 50), confidences)
def test_intervals_narrow_with_size(count, size, times, confidence):
    for function, x in ((rate, count), (proportion, min(count, size))):
        one, many = function(x, size, confidence), function(x * times, size * times, confidence)
        assert many.value == pytest.approx(one.value)
        assert many.upper - many.lower < one.upper - one.lower


@given(events, st.integers(1, 100_000), confidences)
def test_limits_rise_with_every_further_event(count, size, confidence):
    for function, x, n in ((rate, count, size), (proportion, count, count + size)):
        one, next_ = function(x, n, confidence), function(x + 1, n, confidence)
        assert one.value < next_.value
        assert one.lower < next_.lower
        assert one.upper < next_.upper


@given(events, st.integers(1, 100_000), confidences)
def test_the_rest_of_a_proportion_is_its_mirror_image(count, rest, confidence):
    part, other = (proportion(x, count + rest, confidence) for x in (count, rest))
    assert part.lower == pytest.approx(1 - other.upper, abs=1e-12)
    assert part.upper == pytest.approx(1 - other.lower, abs=1e-12)


@given(st.lists(st.tuples(apportioned, sizes), min_size=1, max_size=5))
def test_a_column_is_its_rows(rows):
    numerator, denominator = (np.array(side) for side in zip(*rows, strict=True))
    numerator_within = np.minimum(numerator, denominator)
    for function, x in ((rate, numerator), (proportion, numerator_within)):
        column = function(x, denominator)
        for at, (one, n) in enumerate(zip(x, denominator, strict=True)):
            assert [part[at] for part in column] == list(function(one, n))


@given(samples, st.randoms())
def test_a_median_interval_does_not_depend_on_the_order(sample, random):
    shuffled = random.sample(sample, len(sample))
    np.testing.assert_equal(median_interval(shuffled), median_interval(sample))


# Edges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 10, 49, 1e3, 12345.678, 6e7])
@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_none_and_all_have_limits_that_are_exact(size, confidence):
    none, everyone = (proportion(x, size, confidence, multiplier=100) for x in (0, size))
    assert (none.value, none.lower, everyone.value, everyone.upper) == (0, 0, 100, 100)
    assert none.upper > 0 and everyone.lower < 100
    without_events = rate(0, size, confidence)
    assert (without_events.value, without_events.lower) == (0, 0)
    tail = (1 - confidence) / 2
    assert without_events.upper == pytest.approx(-math.log(tail) / size * 1000, rel=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("function", [proportion, rate])
def test_a_gap_stays_a_gap_and_nothing_else_does(function):
    masked = np.ma.masked_array([5, 5], mask=[True, False])
    assert is_missing(function([NAN, 0, 0, NAN], [10, 0, NAN, 0]))
    assert is_missing(function(None, 10))
    assert is_missing(function(5, [None]))
    found = function(masked, 10)
    assert np.isnan(found.lower).tolist() == [True, False]
    assert found.value[1] == function(5, 10).value
    assert is_missing(Interval(*(part[:1] for part in found)))
    found = function([1, NAN, 3], [10, 10, 10])
    assert np.isnan(found.upper).tolist() == [False, True, False]


def test_events_where_nobody_lives_have_no_rate():
    assert is_missing(rate([3, 250], 0))


def test_a_rate_may_exceed_its_denominator():
    assert rate(30, 10).value == 3000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: proportion([1, 5, 9], [3, 4, 2]), r"above denominator in 2 of 3 .* 5 against 4"),
        (lambda: proportion(3, 0), "numerator above denominator"),
        (lambda: proportion([1, -2, -3], 10), r"numerator .* negative in 2 of 3 values.* -2"),
        (lambda: proportion(1, -10), r"denominator must not be negative"),
        (lambda: rate([0, -0.5], 10), r"numerator must not be negative.* -0.5"),
        (lambda: rate(5, [1, -10]), r"denominator must not be negative"),
        (lambda: rate(np.inf, 10), "numerator must be finite"),
        (lambda: proportion(1, np.inf), "denominator must be finite"),
        (lambda: rate(1, 10, multiplier=0), "multiplier must be positive.* found 0"),
        (lambda: proportion(1, 10, multiplier=NAN), "multiplier must be positive"),
        (lambda: median_interval([1, np.inf]), "values must be finite"),
        (lambda: median_interval([[1, 2]]), "one sample, .* found 2 axes"),
        (lambda: median_interval(3), "one sample, .* found 0 axes"),
    ],
)
def test_a_wrong_figure_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("confidence", [-0.5, 0, 1, 95, NAN])
def test_confidence_is_a_share(confidence):
    for call in (
        lambda: proportion(1, 2, confidence),
        lambda: rate(1, 2, confidence),
        lambda: median_interval([1, 2, 3], confidence),
    ):
        with pytest.raises(ValueError, match=r"confidence must be between 0 and 1, such as 0.95"):
            call()


def test_the_noise_of_adding_up_is_not_a_fault():
    tenths = [0.1] * 10
    assert sum(tenths) < 1 < sum(tenths) * (1 + 1e-9)
    found = proportion(1, sum(tenths), multiplier=100)
    assert (found.value, found.upper) == (100, 100)
    with pytest.raises(ValueError, match="numerator above denominator"):
        proportion(1.00001, 1)


def test_an_apportioned_count_has_the_interval_between_its_neighbours():
    for function in (proportion, rate):
        found = function([7, 7.4, 8, 20, 20.6, 21], 50)
        for part in found:
            assert (np.diff(part) > 0).all()


def test_the_median_of_few_values_stands_without_limits():
    assert median_interval([3, 1, 2, 5, 4]).value == 3
    assert np.isnan(median_interval([3, 1, 2, 5, 4])[1:]).all()
    assert median_interval([3, 1, 2, 5, 4, 6]) == (3.5, 1, 6)
    assert np.isnan(median_interval([3, 1, 2, 5, 4, 6], 0.99)[1:]).all()
    assert median_interval([250_000] * 6) == (250_000,) * 3
    assert is_missing(median_interval([]))
    assert is_missing(median_interval([1, 2, 3, 4, 5, 6, NAN]))


def test_shapes_and_types():
    assert all(part.shape == (3, 2) for part in rate(np.ones((3, 1), int), [10, 20]))
    assert all(part.shape == (0,) for part in proportion([], []))
    for found in (proportion(1, 2), rate(1, 2), median_interval([1, 2])):
        assert found._fields == ("value", "lower", "upper")
        assert all(part.dtype == np.float64 for part in found)


def test_what_was_given_is_left_as_it_was():
    numerator, denominator, sample = np.array([0.0, 5.0]), np.array([0.0, 9.0]), np.array([3.0, 1])
    rate(numerator, denominator), proportion(numerator, denominator), median_interval(sample)
    assert (numerator.tolist(), denominator.tolist(), sample.tolist()) == ([0, 5], [0, 9], [3, 1])


# Coverage, simulated ---------------------------------------------------------------------------


def covered(interval, truth):
    return np.mean((interval.lower <= truth) & (truth <= interval.upper))


def test_coverage_of_the_truth_is_what_is_claimed():
    random, runs = np.random.default_rng(20070322), 40_000
    share = random.uniform(0.02, 0.98, runs)
    assert 0.945 < covered(proportion(random.binomial(80, share), 80), share) < 0.955
    events_expected = random.uniform(15, 200, runs)
    counts = random.poisson(events_expected)
    assert 0.945 < covered(rate(counts, 1, multiplier=1), events_expected) < 0.965
    assert 0.996 < covered(rate(counts, 1, 0.998, multiplier=1), events_expected) < 0.9995
    events_expected = random.uniform(0.1, 8, runs)  # exact limits keep more than they promise
    counts = random.poisson(events_expected)
    assert 0.95 < covered(rate(counts, 1, multiplier=1), events_expected) < 0.99
    prices = random.lognormal(12, 0.5, (4000, 25))
    hits = [covered(median_interval(sample), np.exp(12)) for sample in prices]
    assert 0.945 < np.mean(hits) < 0.97  # 0.957 exactly: the least the order statistics offer
