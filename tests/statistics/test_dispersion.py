"""Overdispersion of areas and of months."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import funnel_scores, monthly_dispersion, overdispersion

NAN = float("nan")


def loop(scores, errors, trim):
    """The same in so many words: quantiles by hand, sums one at a time."""

    def quantile(share):
        in_order, place = sorted(scores), share * (len(scores) - 1)
        below = int(place)
        above = min(below + 1, len(scores) - 1)
        return in_order[below] + (place - below) * (in_order[above] - in_order[below])

    low, high = quantile(trim), quantile(1 - trim)
    squares = weights = squared_weights = 0
    for score, error in zip(scores, errors, strict=True):
        squares += min(max(score, low), high) ** 2
        weights += error**-2
        squared_weights += error**-4
    areas = len(scores)
    phi = squares / areas
    tau2 = (areas * phi - (areas - 1)) / (weights - squared_weights / weights)
    return max(phi, 1), max(tau2, 0), areas


rows = st.lists(st.tuples(st.floats(-9, 9), st.floats(0.01, 2)), min_size=10, max_size=40)


@given(rows, st.sampled_from([0, 0.1, 0.25]))
def test_overdispersion_is_what_a_plain_loop_says(rows, trim):
    scores, errors = zip(*rows, strict=True)
    if len(set(errors)) > 1:  # areas that are all alike are tested below
        found = overdispersion(scores, errors, trim)
        np.testing.assert_allclose(found, loop(scores, errors, trim), rtol=1e-7, atol=1e-12)


def test_winsorising_worked_by_hand():
    """Of 11 scores the tenth and the ninetieth percentile are the second and the tenth."""
    scores = [-9, -2, -1, -1, 0, 0, 1, 1, 2, 3, 30]
    found = overdispersion(scores, 0.5)
    phi = (4 + 4 + 1 + 1 + 0 + 0 + 1 + 1 + 4 + 9 + 9) / 11
    assert found.phi == pytest.approx(phi)
    assert found.tau2 == pytest.approx((11 * phi - 10) / (44 - 4))
    assert found.areas == 11
    assert overdispersion(scores, 0.5, trim=0).phi == pytest.approx(
        (4 * 4 - 1 + 81 + 900 + 9 - 4) / 11, rel=0.02
    )


def test_chance_alone_is_no_overdispersion():
    random, found = np.random.default_rng(8), []
    expected = random.uniform(20, 400, 3000)
    scores = funnel_scores(random.poisson(expected), expected, 1, "rate", 1)
    found = overdispersion(*scores)
    assert found.phi == 1  # winsorised, chance has less than its own variance
    assert found.tau2 == 0
    whole = overdispersion(*scores, trim=0)
    assert 1 <= whole.phi < 1.08


@pytest.mark.parametrize("sd", [0.05, 0.1, 0.2])
def test_the_variance_between_areas_is_found_again(sd):
    """True rates that vary by `sd` on the scale of the square root."""
    random, areas = np.random.default_rng(9), 4000
    expected = random.uniform(50, 400, areas)
    truth = (1 + random.normal(scale=sd, size=areas)) ** 2
    scores = funnel_scores(random.poisson(expected * truth), expected, 1, "rate", 1)
    whole = overdispersion(*scores, trim=0)
    assert whole.tau2 == pytest.approx(sd**2, rel=0.1)
    winsorised = overdispersion(*scores)
    assert 0.4 * sd**2 < winsorised.tau2 < whole.tau2
    assert 1 < winsorised.phi < whole.phi


def test_outliers_do_not_widen_what_is_to_find_them():
    random = np.random.default_rng(10)
    scores = random.normal(size=60)
    with_outliers = np.concatenate([scores[:57], [12, 15, 20]])
    assert overdispersion(with_outliers, 0.1, trim=0).phi > 10
    assert overdispersion(with_outliers, 0.1).phi < 1.6


@pytest.mark.filterwarnings("error")
def test_areas_without_a_score_are_left_out_and_few_have_no_dispersion():
    scores, errors = np.linspace(-4, 4, 12), np.linspace(0.1, 0.5, 12)
    full = overdispersion(scores[:10], errors[:10])
    gaps = overdispersion([*scores[:10], NAN, 3], [*errors[:10], 0.2, NAN])
    np.testing.assert_equal(list(gaps), list(full))
    table = overdispersion([[*scores[:9], NAN], scores[:10], [NAN] * 10], errors[:10])
    assert np.isnan(table.phi).tolist() == np.isnan(table.tau2).tolist() == [True, False, True]
    assert table.areas.tolist() == [9, 10, 0]
    assert table.phi[1] == full.phi
    assert np.isnan(overdispersion([], []).phi)


def test_wrong_scores_are_named():
    with pytest.raises(ValueError, match=r"standard_error must be above 0.* 0"):
        overdispersion([1, 2], [1, 0])
    with pytest.raises(ValueError, match="z must be finite"):
        overdispersion([1, np.inf], 1)
    with pytest.raises(ValueError, match="trim must be from 0"):
        overdispersion([1, 2], 1, trim=0.5)


# Months ----------------------------------------------------------------------------------------


def test_months_worked_by_hand():
    """A 4 x 5 table, each cell expected 16: four cells are 8 off, in balance."""
    table = np.full((4, 5), 16)
    table[0, :2] += [8, -8]
    table[1, :2] += [-8, 8]
    assert monthly_dispersion(table) == pytest.approx(4 * 64 / 16 / 12)
    table[0, :2] += [-7, 7]
    table[1, :2] += [7, -7]
    assert monthly_dispersion(table) == 1  # 4 / 16 / 12: less than chance is given as chance


@given(st.integers(0, 10_000))
def test_months_are_judged_by_scipys_chi_squared(seed):
    random = np.random.default_rng(seed)
    table = random.negative_binomial(3, 0.2, (random.integers(4, 12), random.integers(5, 20)))
    judged = stats.contingency.chi2_contingency(table, correction=False)
    assert monthly_dispersion(table) == pytest.approx(max(judged.statistic / judged.dof, 1))
    assert monthly_dispersion(table.T) == pytest.approx(monthly_dispersion(table))
    assert monthly_dispersion(table[::-1]) == pytest.approx(monthly_dispersion(table))


@pytest.mark.parametrize("alpha", [0, 0.05, 0.3])
def test_what_clustering_makes_is_found_again(alpha):
    """Var = mu + alpha mu**2 at a mean of 8 a month is a dispersion of 1 + 8 alpha; places differ
    fourfold in size and months have a season, which is not dispersion."""
    random, found = np.random.default_rng(11), []
    size, season = np.linspace(0.4, 1.6, 40), 1 + 0.5 * np.sin(np.arange(36) / 6 * np.pi)
    for _ in range(40):
        mean = 8 * size[:, None] * season
        clustered = mean * random.gamma(1 / alpha, alpha, mean.shape) if alpha else mean
        found.append(monthly_dispersion(random.poisson(clustered)))
    # Pearson's weighs all cells alike, so it is the mean of 1 + alpha mu, less what margins take up
    assert np.mean(found) == pytest.approx(1 + 8 * alpha, rel=0.06)


def test_rows_and_columns_without_events_say_nothing():
    table = np.random.default_rng(12).negative_binomial(2, 0.2, (6, 9))
    wide = np.zeros((8, 11))
    wide[1:7, 1:10] = table
    assert monthly_dispersion(wide) == pytest.approx(monthly_dispersion(table))


def test_a_month_that_lacks_a_count_is_left_out():
    table = np.random.default_rng(13).negative_binomial(2, 0.2, (6, 9)).astype(float)
    gaps = table.copy()
    gaps[2, 4] = NAN
    assert monthly_dispersion(gaps) == pytest.approx(
        monthly_dispersion(np.delete(table, 4, axis=1))
    )
    gaps = np.vstack([table, np.full(9, NAN)])  # a locality that nobody counts takes no month along
    assert monthly_dispersion(gaps) == pytest.approx(monthly_dispersion(table))


def test_a_vague_dispersion_is_none():
    random = np.random.default_rng(14)
    for table in (
        np.zeros((5, 5)),
        [[5, 9]],
        [[5], [9]],
        np.full((5, 5), NAN),
        [[500, 900], [700, 300]],  # one degree of freedom, however many events
        random.poisson(50, (3, 5)),  # eight
        np.eye(4),  # four events in sixteen cells
    ):
        assert np.isnan(monthly_dispersion(table))
    assert monthly_dispersion(random.poisson(50, (4, 4))) >= 1  # nine
    rare = random.poisson(0.3, (40, 36))  # few a cell, but many cells
    assert 1 <= monthly_dispersion(rare) < 1.15


def test_a_dispersion_that_is_given_is_as_sure_as_it_says():
    """Tables of chance that just pass the rule: their dispersion has a standard error under 0.5."""
    random, found, events = np.random.default_rng(15), [], []
    for table in random.poisson(0.8, (2000, 5, 8)):
        if np.isnan(monthly_dispersion(table)):
            continue
        left = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        expected = np.outer(left.sum(axis=1), left.sum(axis=0)) / left.sum()
        freedom = (len(left) - 1) * (len(left.T) - 1)
        found.append(((left - expected) ** 2 / expected).sum() / freedom)
        events.append(left.sum())
    assert len(found) > 500
    # given its margins a table of N events of chance has a mean of N / (N - 1)
    assert np.mean(found) == pytest.approx(
        np.mean(np.array(events) / (np.array(events) - 1)), abs=0.02
    )
    assert np.std(found) < 0.5


def test_wrong_tables_are_named():
    with pytest.raises(ValueError, match="counts must be localities by months: found 1 axes"):
        monthly_dispersion([1, 2, 3])
    with pytest.raises(ValueError, match="counts must not be negative"):
        monthly_dispersion([[1, -2], [3, 4]])
