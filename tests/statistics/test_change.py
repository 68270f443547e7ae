"""One period against the one before."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import change, rate

NAN = float("nan")
counts = st.integers(0, 300)
sizes = st.integers(1, 9000)


def test_equals_what_r_rateratio_test_prints():
    """Its vignette (Fay MP, 2022): 2 events in 17,877 against 9 in 16,660."""
    found = change(2, 17_877, 9, 16_660)
    assert found.value == pytest.approx(0.2070941557, rel=1e-9)
    assert found.lower == pytest.approx(0.02177406, rel=5e-7)
    assert found.upper == pytest.approx(1.00054910, rel=5e-9)
    assert found.p == pytest.approx(0.05011, abs=5e-6)


@pytest.mark.parametrize(
    ("x", "n", "x0", "n0"), [(7, 90, 3, 80), (40, 1, 60, 1), (0, 5, 8, 9), (5, 7, 0, 7)]
)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
def test_limits_and_p_are_judged_by_scipys_binomial_test(x, n, x0, n0, confidence):
    found = change(x, n, x0, n0, confidence)
    share = n / (n + n0)
    tails = [
        stats.binomtest(x, x + x0, share, alternative=side).pvalue for side in ("less", "greater")
    ]
    assert found.p == pytest.approx(min(2 * min(tails), 1), rel=1e-9)
    limits = stats.binomtest(x, x + x0).proportion_ci(confidence, method="exact")
    assert found.lower == pytest.approx(limits.low / (1 - limits.low) * n0 / n, rel=1e-9)
    if x0:
        assert found.upper == pytest.approx(limits.high / (1 - limits.high) * n0 / n, rel=1e-8)


@given(counts, sizes, counts, sizes, st.sampled_from([0.8, 0.95, 0.998]), st.floats(1, 12))
def test_p_is_the_dual_of_the_limits(x, n, x0, n0, confidence, dispersion):
    found = change(x, n, x0, n0, confidence, dispersion)
    assume(abs(found.p - (1 - confidence)) > 1e-9)
    lower, upper = found.lower, np.inf if np.isnan(found.upper) else found.upper
    assert (found.p < 1 - confidence) == (not lower <= 1 <= upper)


@given(counts, sizes, st.integers(1, 300), sizes)
def test_a_change_contains_its_ratio_and_widens(x, n, x0, n0):
    found = change(x, n, x0, n0)
    assert 0 <= found.lower <= found.value * (1 + 1e-9) and found.value < found.upper
    assert found.value == pytest.approx(rate(x, n).value / rate(x0, n0).value)
    for wider in (change(x, n, x0, n0, 0.998), change(x, n, x0, n0, dispersion=3)):
        assert wider.lower <= found.lower and found.upper < wider.upper
        assert wider.value == found.value
    assert change(x, n, x0, n0, dispersion=3).p >= found.p
    more = change(x * 5, n, x0 * 5, n0)
    assert more.upper / more.value < found.upper / found.value if x else more.upper < found.upper


@given(st.integers(1, 300), sizes, st.integers(1, 300), sizes, st.floats(1, 5))
def test_a_change_looked_at_backwards_is_its_inverse(x, n, x0, n0, dispersion):
    on, back = change(x, n, x0, n0, 0.95, dispersion), change(x0, n0, x, n, 0.95, dispersion)
    assert back.value == pytest.approx(1 / on.value)
    assert back.lower == pytest.approx(1 / on.upper, rel=1e-7)
    assert back.upper == pytest.approx(1 / on.lower, rel=1e-7)
    assert back.p == pytest.approx(on.p, rel=1e-7)


@given(st.floats(1, 200), st.floats(1, 200), st.floats(0.01, 20))
def test_a_change_rises_with_every_part_of_an_event(x, x0, part):
    one, more = change(x, 50, x0, 50), change(x + part, 50, x0, 50)
    assert one.value < more.value and one.lower < more.lower and one.upper < more.upper


@pytest.mark.filterwarnings("error")
def test_no_events_as_a_table():
    found = change([3, 0, 0, 12], 100, [0, 4, 0, 0], 100)
    np.testing.assert_equal(found.value, [NAN, 0, NAN, NAN])
    np.testing.assert_allclose(found.lower[:3], [1 / (0.025 ** (-1 / 3) - 1), 0, 0])
    assert np.isnan(found.upper).tolist() == [True, False, True, True]
    np.testing.assert_allclose(found.p[:3], [0.25, 0.125, 1])
    assert found.lower[3] > 1 and found.p[3] < 0.001  # many after none are a rise, of unknown size
    assert not np.isinf(np.array(found)).any()


@pytest.mark.filterwarnings("error")
def test_a_gap_stays_a_gap():
    rows = [(NAN, 9, 5, 9), (5, NAN, 5, 9), (5, 9, NAN, 9), (5, 9, 5, NAN), (5, 0, 5, 9)]
    rows += [(5, 9, 5, 0), (0, NAN, 0, 9), (0, 9, NAN, 9), (NAN, 9, 0, 9)]
    assert np.isnan(change(*np.transpose(rows))).all()
    assert np.isnan(change(5, 9, 5, 9, dispersion=NAN)).all()
    assert all(isinstance(part, np.float64) for part in change(5, 9, 7, 9))
    assert all(part.shape == (3, 2) for part in change(np.ones((3, 1)), 9, [4, 5], 9))


def test_a_dispersion_beyond_any_float_leaves_no_limits():
    found = change(20_000, 1, 10_000, 1, dispersion=[300, 500])
    assert found.lower[0] > 1 and found.p[0] < 0.05  # z is 58.3 and more: / sqrt(300) is 3.4
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(58.3 / 300**0.5), rel=0.1)
    assert np.isnan(found.lower[1]) and np.isnan(found.upper[1])
    assert found.p[0] < found.p[1] < 0.02


def test_wrong_figures_are_named():
    for call, message in (
        (lambda: change(-1, 9, 5, 9), "numerator must not be negative"),
        (lambda: change(1, 9, -5, 9), "previous_numerator must not be negative"),
        (lambda: change(1, 9, 5, -9), "previous_denominator must not be negative"),
        (lambda: change(np.inf, 9, 5, 9), "numerator must be finite"),
        (lambda: change(1, 9, 5, 9, confidence=95), "confidence must be between 0 and 1"),
        (lambda: change(1, 9, 5, 9, dispersion=0.5), "dispersion must be 1 or more"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(("dispersion", "least", "most"), [(1, 0.95, 0.97), (4, 0.945, 0.975)])
def test_the_true_ratio_is_covered(dispersion, least, most):
    """Poisson counts, then clustered ones of four times the variance; few events and many."""
    random, runs = np.random.default_rng(1940), 30_000
    mean, truth = random.uniform(20, 400, runs), random.uniform(0.5, 2, runs)
    if dispersion > 1:
        r = 1 / (dispersion - 1)
        before = random.negative_binomial(mean * r, 1 / dispersion)
        now = random.negative_binomial(mean * truth * r, 1 / dispersion)
    else:
        before, now = random.poisson(mean), random.poisson(mean * truth)
    found = change(now, 1, before, 1, dispersion=dispersion)
    assert least < np.mean((found.lower <= truth) & (truth <= found.upper)) < most
    if dispersion > 1:
        naive = change(now, 1, before, 1)
        assert np.mean((naive.lower <= truth) & (truth <= naive.upper)) < 0.75
