"""Directly standardised rates and indirectly standardised ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import ESP2013, rate, standardised_rate, standardised_ratio

NAN = float("nan")

# The example in R's PHEindicatormethods vignette "PHEindicatormethods DSR function" (2018), which
# prints 8283.016, 6570.819 and 10289.65 for it: deaths and people in the 19 bands of ESP2013.
DEATHS = [1, 1, 0, 0, 0, 1, 1, 3, 3, 3, 3, 10, 10, 10, 10, 8, 8, 8, 8]
PEOPLE = [30, 35, 35, 35, 40, 40, 45, 50, 50, 50, 60, 60, 70, 75, 70, 60, 20, 20, 15]

bands = st.lists(
    st.tuples(st.integers(0, 60), st.integers(40, 3000)), min_size=19, max_size=19
).filter(lambda rows: sum(count for count, _ in rows) >= 10)


def test_the_european_standard_population():
    """Eurostat's: 100,000 people, of whom 19,500 are 65 and over; nobody changes it by accident."""
    assert len(ESP2013) == 19
    assert ESP2013.sum() == 100_000
    assert ESP2013[13:].sum() == 19_500
    with pytest.raises(ValueError, match="read-only"):
        ESP2013[0] = 1


def test_equals_what_r_phe_indicator_methods_prints():
    found = standardised_rate(DEATHS, PEOPLE)
    np.testing.assert_allclose(found[:3], (8283.016, 6570.819, 10289.65), rtol=6e-7)
    assert found.reason == ""


def test_values_equal_those_in_the_documentation_of_pysal():
    """esda.smoothing's examples: direct_age_standardization and standardized_mortality_ratio."""
    events = np.array([[30, 25, 25, 15], [33, 21, 30, 20]])
    people = np.array([[1000, 1000, 1100, 900], [1000, 900, 1100, 900]])
    standard = [1000, 900, 1000, 900]
    found = standardised_rate(events, people, standard, multiplier=1)
    np.testing.assert_allclose(found.value, [0.02374402, 0.02665072], atol=5e-9)
    people = np.array([[100, 100, 110, 90], [100, 90, 110, 90]])
    usual = np.array([[100, 45, 120, 100], [50, 30, 200, 80]]) / standard
    found = standardised_ratio(events.sum(axis=1), (people * usual).sum(axis=1))
    np.testing.assert_allclose(found.value, [2.4869, 2.7368], atol=5e-5)


def test_limits_worked_by_hand():
    """Dobson's, band by band, in the words of the guidance."""
    total = sum(DEATHS)
    value = variance = 0
    for count, people, standard in zip(DEATHS, PEOPLE, ESP2013, strict=True):
        value += standard * count / people / ESP2013.sum()
        variance += standard**2 * count / people**2 / ESP2013.sum() ** 2
    z = stats.norm.isf(0.001)
    low = total * (1 - 1 / (9 * total) - z / (3 * total**0.5)) ** 3
    high = (total + 1) * (1 - 1 / (9 * (total + 1)) + z / (3 * (total + 1) ** 0.5)) ** 3
    found = standardised_rate(DEATHS, PEOPLE, confidence=0.998, multiplier=1000)
    assert found.value == pytest.approx(value * 1000, rel=1e-12)
    unit = (variance / total) ** 0.5
    assert found.lower == pytest.approx((value + unit * (low - total)) * 1000, rel=1e-12)
    assert found.upper == pytest.approx((value + unit * (high - total)) * 1000, rel=1e-12)


@given(st.integers(10, 400), st.lists(st.integers(50, 4000), min_size=19, max_size=19))
def test_an_area_as_old_as_the_standard_has_its_crude_rate(count, rates_of_band):
    """Where the people are spread as the standard is, standardising changes nothing, limits too."""
    people = ESP2013 / 10
    spread = np.array(rates_of_band) / sum(rates_of_band) * count
    found, crude = standardised_rate(spread, people), rate(count, people.sum(), multiplier=100_000)
    np.testing.assert_allclose(found[:3], crude, rtol=1e-9)


@given(bands)
def test_a_standardised_rate_lies_within_its_limits_and_among_the_rates_of_the_bands(rows):
    count, people = (np.array(side) for side in zip(*rows, strict=True))
    found = standardised_rate(count, people)
    assert found.reason == ""
    assert 0 <= found.lower <= found.value < found.upper
    own = count / people * 100_000
    assert own.min() <= found.value * (1 + 1e-12) and found.value <= own.max() * (1 + 1e-12)
    wider = standardised_rate(count, people, confidence=0.998)
    assert wider.lower <= found.lower and found.upper < wider.upper
    more = standardised_rate(count * 9, people * 9)
    assert more.value == pytest.approx(found.value)
    assert more.upper - more.lower < found.upper - found.lower


def test_there_is_no_rate_without_a_reason():
    few = np.zeros(19)
    few[:9] = 1
    ten = few.copy()
    ten[10] = 1
    gap, nobody = np.array(ten), np.array(PEOPLE, dtype=float)
    gap[3] = NAN
    nobody[18] = 0
    found = standardised_rate(
        [few, ten, gap, ten, ten, DEATHS],
        [PEOPLE, PEOPLE, PEOPLE, nobody, np.where(nobody == 0, NAN, nobody), PEOPLE],
    )
    assert found.reason.tolist() == [
        "fewer than 10 events",
        "",
        "count missing in a band",
        "population missing or zero in a band",
        "population missing or zero in a band",
        "",
    ]
    there = found.reason == ""
    for part in found[:3]:
        assert (np.isnan(part) == ~there).all()
        assert part.dtype == np.float64 and part.shape == (6,)
    masked = np.ma.masked_array(DEATHS, mask=[True] + [False] * 18)
    assert standardised_rate(masked, PEOPLE).reason == "count missing in a band"


def test_ten_events_that_were_added_up_are_ten():
    tenths = np.full(19, 0.0)
    tenths[:10] = [sum([0.1] * 10)] * 10  # 0.9999999999999999 each
    assert tenths.sum() < 10
    assert standardised_rate(tenths, PEOPLE).reason == ""
    tenths[0] -= 0.001
    assert standardised_rate(tenths, PEOPLE).reason == "fewer than 10 events"


def test_a_rate_is_never_below_zero():
    """Nearly all events in a band that nearly nobody of the standard is in, one in a heavy one."""
    count, people = [9, 1], [9_000_000, 10]
    found = standardised_rate(count, people, [1, 99_999])
    assert found.lower == 0 and found.value > 0
    assert standardised_rate([30, 20], [10, 40], [1, 1]).value > 40_000  # events exceed people


def test_wrong_bands_are_named():
    for call in (
        lambda: standardised_rate(DEATHS[:18], PEOPLE[:18]),
        lambda: standardised_rate(5, 100),
        lambda: standardised_rate([20, 5], [100, 100], [1, 0]),
        lambda: standardised_rate([20, 5], [100, 100], [[1, 2]]),
    ):
        with pytest.raises(ValueError, match="age bands must lie along the last axis"):
            call()
    with pytest.raises(ValueError, match=r"count must not be negative.* -1"):
        standardised_rate([-1] * 19, PEOPLE)
    with pytest.raises(ValueError, match="population must be finite"):
        standardised_rate(DEATHS, [np.inf] * 19)


def test_coverage_of_a_standardised_rate():
    random, runs = np.random.default_rng(1991), 20_000
    people = np.array(PEOPLE) * 40
    risk = np.linspace(0.0005, 0.02, 19)
    truth = (risk * ESP2013).sum() / ESP2013.sum() * 100_000
    found = standardised_rate(random.poisson(people * risk, (runs, 19)), people)
    covered = np.mean((found.lower <= truth) & (truth <= found.upper))
    assert 0.945 < covered < 0.965
    fewer = standardised_rate(random.poisson(people * risk / 20, (runs, 19)), people)
    covered = np.mean((fewer.lower <= truth / 20) & (truth / 20 <= fewer.upper))
    assert 0.945 < covered < 0.97


# R's PHEindicatormethods, testdata_funnel_ratio_outputs.csv: with 8 observed, and with 1, these
# expected put the ratio on the exact 95 % and 99.8 % limits of 1.
ON_LIMIT = [(8, 15.76318696, 3.453831154, 0.95), (1, 9.233410143, 0.001000547, 0.998)]


@pytest.mark.parametrize(("observed", "most", "least", "confidence"), ON_LIMIT)
def test_a_ratio_is_exact_for_few_events(observed, most, least, confidence):
    assert standardised_ratio(observed, most, confidence).upper == pytest.approx(1, rel=1e-5)
    assert standardised_ratio(observed, least, confidence).lower == pytest.approx(1, rel=1e-3)


def test_a_ratio_as_a_table():
    found = standardised_ratio([956, 9, 0, 5, NAN, 5], [762.99, 12, 4, 0, 3, NAN], multiplier=100)
    assert found.value[:3] == pytest.approx([956 / 7.6299, 75, 0])
    assert found.lower[2] == 0 and found.upper[2] == pytest.approx(-np.log(0.025) / 4 * 100)
    assert np.isnan(np.array(found)[:, 3:]).all()
    assert [part[0] for part in found] == list(rate(956, 762.99, multiplier=100))
    with pytest.raises(ValueError, match="observed must not be negative"):
        standardised_ratio(-1, 5)
    with pytest.raises(ValueError, match="expected must not be negative"):
        standardised_ratio(1, -5)
