"""Control limits about a comparator, and the scores that overdispersion is taken from."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import (
    Dispersion,
    compare,
    funnel,
    funnel_scores,
    overdispersion,
    proportion,
    rate,
)

NAN = float("nan")

# R's PHEindicatormethods, testdata_funnel_prop_outputs.csv, about 80.642448 %: population, then
# lower and upper at 95 % and at 99.8 %.
# fmt: off
OHID = np.array([
    [     1,  3.204264, 100,        0,        100      ],
    [     5, 46.011039, 100,       26.039864, 100      ],
    [    18, 62.390093,  98.894803, 51.864359, 100     ],
    [    41, 68.548635,  92.73626,  61.574398, 99.710497],
    [   211, 75.311383,  85.973512, 72.237075, 89.04782 ],
    [  1008, 78.203374,  83.081521, 76.796814, 84.488082],
    [  9998, 79.867989,  81.416907, 79.421375, 81.863521],
    [110000, 80.408963,  80.875933, 80.274317, 81.010578],
])
# fmt: on

sizes = st.integers(1, 20_000)
dispersions = st.builds(Dispersion, st.just(np.float64(3)), st.floats(0, 0.5), st.just(np.intp(40)))


def test_limits_of_a_proportion_equal_those_of_ohid():
    found = funnel(80.642448, OHID[:, 0], "proportion", 100)
    np.testing.assert_allclose(np.transpose(found), OHID[:, 1:], atol=1e-5)


@given(st.integers(0, 3000), st.integers(1, 3000), st.floats(0.1, 99.9))
def test_a_proportion_is_outside_where_its_interval_misses_the_comparator(count, size, known):
    count = min(count, size)
    value, limits = 100 * count / size, funnel(known, size, "proportion", 100)
    for confidence, lower, upper in ((0.95, *limits[:2]), (0.998, *limits[2:])):
        assume(min(abs(value - lower), abs(value - upper)) > 1e-9)
        word = compare(*proportion(count, size, confidence, multiplier=100), known)
        assert (word == "higher") == (value > upper)
        assert (word == "lower") == (value < lower)


@pytest.mark.parametrize("expected", [0.1, 1, 3.7, 25, 400, 1e5])
def test_limits_of_a_rate_are_the_poisson_limits_of_what_is_expected(expected):
    """Judged by scipy's chi-squared, as Fingertips' SPC method 6 and FunnelPlotR have it."""
    found = funnel(12.5, expected / 12.5 * 1000, "rate", 1000)
    judged = [
        stats.chi2.ppf(0.025, 2 * expected),
        stats.chi2.ppf(0.975, 2 * expected + 2),
        stats.chi2.ppf(0.001, 2 * expected),
        stats.chi2.ppf(0.999, 2 * expected + 2),
    ]
    np.testing.assert_allclose(found, np.array(judged) / 2 / expected * 12.5, rtol=1e-9)


@given(st.floats(0.01, 99), sizes, dispersions, st.sampled_from(["rate", "proportion"]))
def test_limits_lie_about_the_comparator_and_widen(known, size, dispersion, kind):
    plain, wide = funnel(known, size, kind, 100), funnel(known, size, kind, 100, dispersion)
    for lower, upper, lower_998, upper_998 in (plain, wide):
        assert 0 <= lower_998 <= lower <= known * (1 + 1e-12)
        assert known * (1 - 1e-12) <= upper <= upper_998
        assert kind == "rate" or upper_998 <= 100
    assert (np.array(wide[::2]) <= np.array(plain[::2])).all()
    assert (np.array(wide[1::2]) >= np.array(plain[1::2])).all()
    for one, larger in zip(plain, funnel(known, size * 4, kind, 100), strict=True):
        assert abs(larger - known) <= abs(one - known) + 1e-9


@given(st.floats(0.5, 99), sizes, st.floats(0.001, 0.4), st.sampled_from(["rate", "proportion"]))
def test_a_funnel_with_dispersion_does_not_close(known, size, tau2, kind):
    """With enough people only the variance between areas is left, on the scale of the scores."""
    dispersion = Dispersion(np.float64(2), np.float64(tau2), np.intp(40))
    found = funnel(known, size * 1e9, kind, 100, dispersion)
    reach = stats.norm.isf(0.025) * tau2**0.5
    if kind == "rate":
        judged = known * max(1 - reach, 0) ** 2, known * (1 + reach) ** 2
    else:
        angle = np.arcsin((known / 100) ** 0.5)
        judged = [
            100 * np.sin(np.clip(side, 0, np.pi / 2)) ** 2
            for side in (angle - reach, angle + reach)
        ]
    np.testing.assert_allclose(found[:2], judged, rtol=1e-3, atol=1e-3)


def test_without_variance_between_areas_only_the_form_of_the_limits_differs():
    """tau2 = 0 leaves the wider of the exact limits and those of the root: all but the same."""
    none = Dispersion(np.float64(1), np.float64(0), np.intp(40))
    for kind, known in (("rate", 40), ("proportion", 30)):
        plain, found = (funnel(known, [500, 5000], kind, 100, given) for given in (None, none))
        for one, other in zip(plain, found, strict=True):
            np.testing.assert_allclose(other, one, rtol=0.06)


def test_scores_worked_by_hand():
    found = funnel_scores([0, 50, 200], [2000, 1000, 4000], 25, "rate", 1000)
    expected = np.array([50, 25, 100])
    np.testing.assert_allclose(found.z, 2 * (np.sqrt([0, 50, 200]) - np.sqrt(expected)))
    np.testing.assert_allclose(found.standard_error, 0.5 / np.sqrt(expected))
    found = funnel_scores([0, 25, 100], 100, 25, "proportion", 100)
    np.testing.assert_allclose(found.z, np.array([-np.pi / 6, 0, np.pi / 3]) * 20, atol=1e-12)
    np.testing.assert_allclose(found.standard_error, [0.05] * 3)


@pytest.mark.parametrize(("kind", "per"), [("rate", 1000), ("proportion", 100)])
def test_scores_of_chance_are_standard(kind, per):
    random, runs = np.random.default_rng(2005), 40_000
    size = random.integers(800, 9000, runs)
    share = 0.03 if kind == "rate" else 0.4
    count = random.poisson(size * share) if kind == "rate" else random.binomial(size, share)
    z, _ = funnel_scores(count, size, share * per, kind, per)
    assert np.mean(z) == pytest.approx(0, abs=0.05)
    assert np.std(z) == pytest.approx(1, abs=0.02)


def test_a_rate_outside_the_funnel_is_nearly_always_one_whose_interval_misses_the_comparator():
    """The funnel asks of the count what the comparator allows, the interval the other way round."""
    random = np.random.default_rng(2006)
    expected = random.uniform(5, 300, 20_000)
    count = random.poisson(expected * random.choice([0.7, 1, 1.4], 20_000))
    found = funnel(1, expected, "rate", 1)
    outside = np.where(count / expected > found.upper, "higher", "similar")
    outside = np.where(count / expected < found.lower, "lower", outside)
    assert np.mean(outside == compare(*rate(count, expected, multiplier=1), 1)) > 0.96


def test_of_areas_that_truly_differ_most_lie_outside_and_with_dispersion_few():
    random, areas = np.random.default_rng(2008), 60
    plain, adjusted = [], []
    for _ in range(50):
        people = random.uniform(2000, 9000, areas)
        count = random.poisson(people * 0.05 * random.lognormal(0, 0.3, areas))
        known = count.sum() / people.sum() * 1000
        dispersion = overdispersion(*funnel_scores(count, people, known, "rate", 1000))
        for limits, found in (
            (funnel(known, people, "rate", 1000), plain),
            (funnel(known, people, "rate", 1000, dispersion), adjusted),
        ):
            value = count / people * 1000
            found.append(np.mean((value < limits.lower) | (value > limits.upper)))
    assert np.mean(plain) > 0.5
    assert 0.03 < np.mean(adjusted) < 0.12


@pytest.mark.filterwarnings("error")
def test_a_gap_stays_a_gap():
    for kind in ("rate", "proportion"):
        found = funnel([5, 5, NAN, 5], [0, NAN, 100, 100], kind, 100)
        assert np.isnan(np.array(found)).all(axis=0).tolist() == [True, True, True, False]
        unknown = Dispersion(np.float64(NAN), np.float64(NAN), np.intp(4))
        assert np.isnan(funnel(5, 100, kind, 100, unknown)).all()
        scores = funnel_scores([NAN, 3, 3, 3], [9, 0, 9, 9], [5, 5, NAN, 5], kind, 100)
        assert np.isnan(scores.z).tolist() == [True, True, True, False]
    assert np.isnan(funnel_scores(0, 9, 0, "rate", 1).z)


@pytest.mark.filterwarnings("error")
def test_comparators_at_the_ends():
    assert [float(limit) for limit in funnel(0, 50, "proportion", 100)] == [0, 0, 0, 0]
    assert [float(limit) for limit in funnel(100, 50, "proportion", 100)] == [100, 100, 100, 100]
    found = funnel(0, 50, "rate", 1000)
    assert (found.lower, found.upper) == (0, pytest.approx(-np.log(0.025) / 50 * 1000))
    spread = Dispersion(np.float64(2), np.float64(0.1), np.intp(40))
    assert funnel(0, 50, "rate", 1000, spread) == found


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel(5, 50, "ratio", 1), "kind must be one of rate, proportion: found ratio"),
        (lambda: funnel(101, 50, "proportion", 100), "comparator must not be above the whole"),
        (lambda: funnel(-1, 50, "rate", 100), "comparator must not be negative"),
        (lambda: funnel(1, -50, "rate", 100), "denominator must not be negative"),
        (lambda: funnel(1, 50, "rate", 0), "multiplier must be positive"),
        (lambda: funnel_scores(6, 5, 50, "proportion", 100), "numerator above denominator"),
        (lambda: funnel_scores(-6, 5, 50, "rate", 100), "numerator must not be negative"),
    ],
)
def test_a_wrong_figure_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_shapes():
    found = funnel(np.ones((3, 1)), [10, 20], "rate", 1)
    assert all(limit.shape == (3, 2) for limit in found)
    scores = funnel_scores(np.ones((3, 1)), [10, 20], 1, "rate", 1)
    assert scores.z.shape == scores.standard_error.shape == (3, 2)
