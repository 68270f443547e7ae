"""Intervals against the published figures of others and against independent judges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import compare, median_interval, proportion, rate

CONFIDENCES = [0.8, 0.95, 0.998]
confidences = st.sampled_from(CONFIDENCES)
samples = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80)

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
