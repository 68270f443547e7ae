"""The published figures of others, properties that must hold for any figure, and the edges."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import (
    WORDS,
    Interval,
    compare,
    median_interval,
    proportion,
    rank_shift,
    rate,
)

settings.register_profile("statistics", deadline=None)
settings.load_profile("statistics")

NAN = float("nan")
CONFIDENCES = [0.8, 0.95, 0.998]
confidences = st.sampled_from(CONFIDENCES)
events = st.integers(0, 100_000)
apportioned = st.floats(0, 1e6, allow_subnormal=False)
sizes = st.floats(0.01, 1e7)
figures = st.floats(-1e6, 1e6)
samples = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80)


def is_missing(interval):
    return all(np.isnan(part).all() for part in interval)


# Published figures -----------------------------------------------------------------------------

# Printed by R's PHEindicatormethods in its vignette "Introduction to PHEindicatormethods":
# numerator, denominator, then lower and upper of phe_proportion at 95 % and at 99.8 %, per 100,
# and of phe_rate at 95 % per 100,000 and at 99.8 % per 100.
# fmt: off
VIGNETTE = np.array([
    [24, 162, 10.162049, 21.09760,  8.166047, 25.38084,  9489.334, 22044.21,  7.1693910, 26.77154],
    [ 6, 120,  2.311436, 10.48029,  1.533517, 15.10069,  1834.912, 10882.90,  0.9225872, 15.05136],
    [68, 173, 32.336123, 46.74118, 28.680466, 51.05106, 30521.553, 49830.92, 26.1925701, 56.39516],
    [95, 146, 57.038874, 72.32550, 52.294492, 75.99232, 52642.965, 79543.66, 46.3595418, 88.46988],
    [46, 143, 25.064630, 40.20403, 21.543623, 45.02461, 23548.788, 42908.37, 19.4573177, 49.71192],
    [56, 132, 34.324611, 50.95234, 30.088158, 55.78251, 32044.793, 55092.43, 27.0186592, 63.05222],
    [76, 183, 34.636288, 48.77211, 30.968023, 52.93222, 32719.746, 51981.74, 28.3382512, 58.47473],
    [18, 149,  7.779726, 18.28745,  6.046514, 22.68239,  7156.037, 19093.45,  5.1176169, 23.75627],
])
# fmt: on


@pytest.mark.parametrize(
    ("function", "confidence", "multiplier", "column"),
    [
        (proportion, 0.95, 100, 2),
        (proportion, 0.998, 100, 4),
        (rate, 0.95, 100_000, 6),
        (rate, 0.998, 100, 8),
    ],
)
def test_equals_what_r_phe_indicator_methods_prints(function, confidence, multiplier, column):
    numerator, denominator = VIGNETTE[:, 0], VIGNETTE[:, 1]
    found = function(numerator, denominator, confidence, multiplier)
    np.testing.assert_allclose(found.value, numerator / denominator * multiplier, rtol=1e-15)
    np.testing.assert_allclose(found.lower, VIGNETTE[:, column], rtol=5e-7)
    np.testing.assert_allclose(found.upper, VIGNETTE[:, column + 1], rtol=5e-7)


# Fingertips indicator 91547, smoking prevalence 15+ (QOF), %: area, numerator, denominator, value,
# limits, England's value for the year, and the verdict published (low is good). The limits of the
# four after Leicester miss England's value by less than 0.005.
FINGERTIPS = [
    ("Charnwood", 21869, 170649, 12.81519376, 12.65743913, 12.97462247, 14.71089355, "better"),
    ("Leicester", 53809, 347336, 15.49191561, 15.37196705, 15.61262746, 14.71089355, "worse"),
    ("Milton Keynes", 42304, 235980, 17.92694296, 17.77270359, 18.08222653, 18.08227356, "better"),
    ("Newham", 56735, 382792, 14.82136513, 14.70916023, 14.93427608, 14.71089355, "similar"),
    ("Longfield GP", 575, 4215, 13.64175563, 12.63862176, 14.71110139, 14.71089355, "similar"),
    ("Theale GP", 1413, 9151, 15.44093542, 14.71511091, 16.19576255, 14.71089355, "worse"),
    ("Nightingale GP", 1, 103, 0.970873786, 0.171589148, 5.295819183, 14.71089355, "better"),
    ("Old Links GP", 4, 24, 16.66666667, 6.678676329, 35.85307065, 14.71089355, "similar"),
    ("Vernova GP", 3, 5, 60, 23.07242813, 88.23792258, 14.71089355, "worse"),
]


def test_equals_what_fingertips_publishes():
    _, numerator, denominator, value, lower, upper, england, verdict = zip(*FINGERTIPS, strict=True)
    found = proportion(numerator, denominator, multiplier=100)
    for part, published in zip(found, (value, lower, upper), strict=True):
        np.testing.assert_allclose(part, published, rtol=1e-9)
    assert compare(*found, england, polarity="low").tolist() == list(verdict)


# Exact 95 % limits of a Poisson count, as every table of them prints (Pearson and Hartley, 1954).
GARWOOD = {
    0: (0, 3.689),
    1: (0.0253, 5.572),
    2: (0.2422, 7.225),
    3: (0.6187, 8.767),
    4: (1.0899, 10.242),
    5: (1.6235, 11.668),
    9: (4.1154, 17.085),
}


def test_small_counts_have_the_tabled_exact_limits():
    found = rate(list(GARWOOD), 1, multiplier=1)
    lower, upper = zip(*GARWOOD.values(), strict=True)
    np.testing.assert_allclose(found.lower, lower, atol=5e-5)
    np.testing.assert_allclose(found.upper, upper, atol=6e-4)


def test_worked_by_hand_from_the_guidance():
    """Wilson 65 of 100 and Byar for 65 events, z = 1.959963984540054, digit by digit."""
    z = 1.959963984540054
    root = math.sqrt(z * z + 4 * 65 * 0.35)
    found = proportion(65, 100)
    assert found.lower == pytest.approx((130 + z * z - z * root) / (2 * (100 + z * z)), rel=1e-12)
    assert found.upper == pytest.approx((130 + z * z + z * root) / (2 * (100 + z * z)), rel=1e-12)
    assert (found.lower, found.upper) == pytest.approx((0.552544, 0.736358), abs=5e-7)
    found = rate(65, 1, multiplier=1)
    assert found.lower == pytest.approx(65 * (1 - 1 / 585 - z / (3 * 65**0.5)) ** 3, rel=1e-12)
    assert found.upper == pytest.approx(66 * (1 - 1 / 594 + z / (3 * 66**0.5)) ** 3, rel=1e-12)


# Independent judges ----------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", CONFIDENCES)
@pytest.mark.parametrize("size", [1, 7, 250, 400_000])
def test_proportion_equals_scipys_wilson(size, confidence):
    counts = sorted({0, 1, size // 7, size // 2, size - 1, size})
    found = proportion(counts, size, confidence)
    judged = [stats.binomtest(x, size).proportion_ci(confidence, method="wilson") for x in counts]
    np.testing.assert_allclose(found.lower, [one.low for one in judged], rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(found.upper, [one.high for one in judged], rtol=1e-9)


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_rate_below_ten_equals_scipys_chi_squared(confidence):
    counts, tail = np.array([0.001, 0.5, 1, 2.25, 5, 9, 9.999]), (1 - confidence) / 2
    found = rate(counts, 400, confidence, multiplier=1000)
    lower = stats.chi2.ppf(tail, 2 * counts) / 2 / 400 * 1000
    upper = stats.chi2.isf(tail, 2 * counts + 2) / 2 / 400 * 1000
    np.testing.assert_allclose(found.lower, lower, rtol=1e-9)
    np.testing.assert_allclose(found.upper, upper, rtol=1e-9)


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_rate_from_ten_is_byar_and_so_near_the_exact_limits(confidence):
    counts, tail = np.array([10, 10.5, 35, 1000, 2e6]), (1 - confidence) / 2
    z = stats.norm.isf(tail)
    found = rate(counts, 1, confidence, multiplier=1)
    byar = counts * (1 - 1 / (9 * counts) - z / (3 * counts**0.5)) ** 3
    np.testing.assert_allclose(found.lower, byar, rtol=1e-9)
    byar = (counts + 1) * (1 - 1 / (9 * (counts + 1)) + z / (3 * (counts + 1) ** 0.5)) ** 3
    np.testing.assert_allclose(found.upper, byar, rtol=1e-9)
    np.testing.assert_allclose(found.lower, stats.chi2.ppf(tail, 2 * counts) / 2, rtol=0.02)
    np.testing.assert_allclose(found.upper, stats.chi2.isf(tail, 2 * counts + 2) / 2, rtol=0.02)
    assert found.lower[0] != pytest.approx(stats.chi2.ppf(tail, 20) / 2, rel=1e-5)  # not exact


@given(samples, confidences)
def test_median_interval_equals_scipys_quantile_test(sample, confidence):
    found = median_interval(sample, confidence)
    judged = stats.quantile_test(sample, p=0.5).confidence_interval(confidence)
    assert found.value == np.median(sample)
    np.testing.assert_equal((found.lower, found.upper), (judged.low, judged.high))


@pytest.mark.parametrize("size", [*range(1, 60), 999, 20_000])
def test_median_interval_equals_scipys_quantile_test_at_every_size(size):
    sample = np.random.default_rng(size).permutation(size) * 1000.0
    judged = stats.quantile_test(sample, p=0.5).confidence_interval(0.95)
    np.testing.assert_equal(median_interval(sample)[1:], (judged.low, judged.high))


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


# Ranks -----------------------------------------------------------------------------------------


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
    assert compare([], [], [], []).shape == (0,)
    assert compare(np.ones((3, 1)), 0, 2, [5, 6]).shape == (3, 2)
    for found in (proportion(1, 2), rate(1, 2), median_interval([1, 2])):
        assert found._fields == ("value", "lower", "upper")
        assert all(part.dtype == np.float64 for part in found)
    assert compare(1, 0, 2, 5) == "lower"
    assert compare(1, 0, 2, 5).dtype.kind == "U"


def test_what_was_given_is_left_as_it_was():
    numerator, denominator, sample = np.array([0.0, 5.0]), np.array([0.0, 9.0]), np.array([3.0, 1])
    rate(numerator, denominator), proportion(numerator, denominator), median_interval(sample)
    assert (numerator.tolist(), denominator.tolist(), sample.tolist()) == ([0, 5], [0, 9], [3, 1])


def test_importing_it_does_not_import_scipy_stats():
    code = "import flows.statistics, sys; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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
