"""Each p against its interval, whose dual it is, and against independent judges."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import (
    compare,
    estimate_p,
    median_interval,
    median_p,
    proportion,
    proportion_p,
    rate,
    rate_p,
)

NAN = float("nan")
CONFIDENCES = [0.8, 0.95, 0.998]
confidences = st.sampled_from(CONFIDENCES)
counts = st.integers(0, 400) | st.floats(0.1, 400)
sizes = st.integers(1, 3000)


def agrees(p, word, confidence):
    """p is under what the interval leaves out exactly where the word is not 'similar'."""
    level = 1 - confidence
    assume(abs(p - level) > 1e-9)  # on the limit itself rounding decides
    return (p < level) == (word != "similar")


# Duals -----------------------------------------------------------------------------------------


@given(counts, sizes, st.floats(0, 100), confidences)
def test_the_p_of_a_proportion_is_the_dual_of_its_interval(count, size, known, confidence):
    count = min(count, size)
    p = proportion_p(count, size, known, multiplier=100)
    word = compare(*proportion(count, size, confidence, multiplier=100), known)
    assert 0 <= p <= 1
    assert agrees(p, word, confidence)


@given(counts, sizes, st.floats(0, 3), confidences)
def test_the_p_of_a_rate_is_the_dual_of_its_interval(count, size, times, confidence):
    known = count / size * 1000 * times if count else times
    p = rate_p(count, size, known, multiplier=1000)
    word = compare(*rate(count, size, confidence, multiplier=1000), known)
    assert 0 <= p <= 1
    assert agrees(p, word, confidence)


@given(counts, sizes, st.floats(0, 4), st.floats(1, 9))
def test_a_dispersion_is_the_interval_with_its_z_as_many_times_wider(count, size, times, spread):
    known = (count + 1) / size * 1000 * times
    confidence = 1 - 2 * stats.norm.sf(stats.norm.isf(0.025) * spread**0.5)
    assume(confidence < 1)
    p = rate_p(count, size, known, multiplier=1000, dispersion=spread)
    assert agrees(p, compare(*rate(count, size, confidence, multiplier=1000), known), 0.95)
    assert p >= rate_p(count, size, known, multiplier=1000) * (1 - 1e-9)


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3).map(sorted), st.floats(-60, 60))
def test_the_p_of_an_estimate_is_the_dual_of_its_limits(figures, known):
    lower, value, upper = figures
    p = estimate_p(value, lower, upper, known)
    assert 0 <= p <= 1
    assert agrees(p, compare(value, lower, upper, known), 0.95)


@given(st.lists(st.integers(0, 30), min_size=6, max_size=70), st.integers(-1, 31), confidences)
def test_the_p_of_a_median_is_the_dual_of_its_interval(sample, known, confidence):
    values = np.array(sample)
    p = median_p(
        *(np.count_nonzero(side) for side in (values < known, values == known, values > known))
    )
    interval = median_interval(values, confidence)
    assume(not np.isnan(interval.lower))
    word = compare(*interval, known)
    level = 1 - confidence
    # the interval takes a limit of exactly its tail, and is then left at 'similar' no longer
    assert (p <= level * (1 + 1e-12)) == (word != "similar")


def test_ten_events_are_judged_by_byar_and_fewer_exactly():
    """At 95 % the lower limit of 10 is Byar's 4.787; the exact one is 4.795, just under 10 too."""
    assert rate_p(10, 1, 4.79, 1) > 0.05
    assert rate_p(np.nextafter(10, 9), 1, 4.79, 1) < 0.05


def test_few_values_have_no_interval_and_no_small_p():
    for size in range(1, 6):
        assert median_p(0, 0, size) > 0.05
    assert median_p(0, 0, 6) == pytest.approx(2 / 64)


# Judges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [0.02, 0.5, 0.93])
@pytest.mark.parametrize("size", [1, 9, 400, 90_000])
def test_a_proportion_is_judged_by_the_score_test_without_correction(size, known):
    found = np.unique(np.linspace(0, size, 7).round())
    chi_squared = [
        stats.chisquare([x, size - x], [size * known, size * (1 - known)]).pvalue for x in found
    ]
    np.testing.assert_allclose(
        proportion_p(found, size, known), chi_squared, rtol=1e-9, atol=1e-300
    )


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_a_small_count_is_judged_by_twice_the_poisson_tail(count):
    for expected in (0.01, 0.7, 3, 12, 60):
        tail = min(stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected))
        found = rate_p(count, 500, expected / 500 * 1000)
        assert found == pytest.approx(min(2 * tail, 1), rel=1e-9)


@pytest.mark.parametrize("count", [10, 31, 400, 20_000])
def test_a_large_count_is_near_the_exact_tail(count):
    for z in (-2.5, -1.5, 1.5, 3, 6):
        expected = count + z * count**0.5
        tail = min(stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected))
        found = stats.norm.isf(rate_p(count, 1, expected, 1) / 2)
        assert found == pytest.approx(stats.norm.isf(tail), rel=0.03)


def test_a_median_is_judged_by_the_binomial_test():
    for below, above in ((0, 9), (3, 11), (20, 21), (150, 190), (7, 7)):
        judged = stats.binomtest(below, below + above).pvalue
        assert median_p(below, 0, above) == pytest.approx(judged, rel=1e-12)
        assert median_p(above, 0, below) == pytest.approx(judged, rel=1e-12)
    assert median_p(3, 4, 11) == pytest.approx(2 * stats.binom.cdf(7, 18, 0.5))
    assert median_p(0, 5, 0) == 1


def test_an_estimate_with_limits_equally_far_is_the_normal_of_fingertips():
    for known in (2, 7.5, 10, 11, 14):
        z = abs(10 - known) / ((12 - 8) / (2 * stats.norm.isf(0.025)))
        assert estimate_p(10, 8, 12, known) == pytest.approx(2 * stats.norm.sf(z))
        z = abs(10 - known) / ((12 - 8) / (2 * stats.norm.isf(0.001)))
        assert estimate_p(10, 8, 12, known, confidence=0.998) == pytest.approx(2 * stats.norm.sf(z))


# Edges -----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_nothing_and_all_as_comparators():
    assert proportion_p([0, 1, 5], 5, 0).tolist() == [1, 0, 0]
    assert proportion_p([0, 4, 5], 5, 100, multiplier=100).tolist() == [0, 0, 1]
    assert rate_p([0, 1], 5, 0).tolist() == [1, 0]
    assert rate_p(50, 5, 0) < 1e-10
    assert estimate_p(5, 5, 5, [4.9, 5, 5.1]).tolist() == [0, 1, 0]


@pytest.mark.filterwarnings("error")
def test_a_gap_stays_a_gap():
    masked = np.ma.masked_array([5, 5], mask=[True, False])
    for found in (
        proportion_p([NAN, 0, 3, NAN], [9, 0, 9, 0], [0.5, 0.5, NAN, 0.5]),
        rate_p([NAN, 3, 3, 0, 30], [9, 0, 9, 9, 9], [5, 5, NAN, NAN, NAN]),
        rate_p(3, 9, 5, dispersion=[NAN, None]),
        estimate_p([NAN, 5, 5, 5], [4, NAN, 4, 4], [6, 6, NAN, 6], [5, 5, 5, NAN]),
        median_p([NAN, 0, 3], [0, 0, 0], [3, 0, NAN]),
    ):
        assert np.isnan(found).all()
    assert np.isnan(rate_p(masked, 9, 5)).tolist() == [True, False]
    assert np.isnan(estimate_p([3, 7], 4, 6, 5)).all()  # a value outside its own limits


def test_a_tail_that_no_float_holds_is_not_nothing():
    """With a dispersion of 50, p goes on falling evenly where the Poisson tail itself is lost."""
    expected = np.arange(600, 1000, 10.0)
    found = rate_p(5, 1, expected, 1, dispersion=50)
    assert stats.poisson.cdf(5, expected[-1]) == 0 < found[-1]
    steps = found[1:] / found[:-1]
    assert (steps > 0.7).all() and (steps < 0.95).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: proportion_p(5, 4, 0.5), "numerator above denominator"),
        (lambda: proportion_p(1, 4, 50), "comparator must not be above the whole"),
        (lambda: proportion_p(1, 4, -0.1), "comparator must not be negative"),
        (lambda: rate_p(-1, 4, 1), "numerator must not be negative"),
        (lambda: rate_p(1, 4, np.inf), "comparator must be finite"),
        (lambda: rate_p(1, 4, 1, multiplier=0), "multiplier must be positive"),
        (lambda: rate_p(1, 4, 1, dispersion=[2, 0.9]), "dispersion must be 1 or more.* 0.9"),
        (lambda: estimate_p(5, 6, 4, 5), "lower must not be above upper"),
        (lambda: estimate_p(5, 4, np.inf, 5), "upper must be finite"),
        (lambda: estimate_p(5, 4, 6, 5, confidence=95), "confidence must be between 0 and 1"),
        (lambda: median_p(1.5, 0, 3), "below must be whole numbers.* 1.5"),
        (lambda: median_p(1, -1, 3), "level must not be negative"),
    ],
)
def test_a_wrong_figure_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_shapes_and_types():
    assert rate_p(np.ones((3, 1)), [10, 20], 5).shape == (3, 2)
    assert proportion_p(np.ones((3, 1)), [10, 20], 0.5).shape == (3, 2)
    assert estimate_p(np.ones((3, 1)), 0, 2, [1, 5]).shape == (3, 2)
    assert median_p(np.ones((3, 1)), 0, [2, 5]).shape == (3, 2)
    assert rate_p([], [], []).shape == proportion_p([], [], []).shape == (0,)
    for found in (
        rate_p(1, 9, 5),
        proportion_p(1, 9, 0.5),
        estimate_p(1, 0, 2, 1),
        median_p(1, 2, 3),
    ):
        assert isinstance(found, np.float64)


# Size, simulated -------------------------------------------------------------------------------


def test_p_is_small_as_seldom_as_it_says():
    random, runs = np.random.default_rng(2007), 40_000
    share = random.uniform(0.1, 0.9, runs)
    p = proportion_p(random.binomial(300, share), 300, share)
    assert 0.045 < np.mean(p < 0.05) < 0.055
    expected = random.uniform(15, 300, runs)
    p = rate_p(random.poisson(expected), 1, expected, 1)
    assert 0.035 < np.mean(p < 0.05) < 0.05
    clustered = random.negative_binomial(expected / 3, 1 / 4)  # variance four times the mean
    p = rate_p(clustered, 1, expected, 1, dispersion=4)
    assert 0.03 < np.mean(p < 0.05) < 0.055
    assert np.mean(rate_p(clustered, 1, expected, 1) < 0.05) > 0.25
    prices = random.lognormal(12, 0.5, (runs // 10, 25))
    below = np.count_nonzero(prices < np.exp(12), axis=1)
    assert 0.03 < np.mean(median_p(below, 0, 25 - below) < 0.05) < 0.05
