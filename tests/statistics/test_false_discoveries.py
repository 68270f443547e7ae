"""Benjamini and Hochberg within families, and what it holds on tables of clustered crime."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import change, false_discoveries, monthly_dispersion, rate_p

NAN = float("nan")

# Benjamini Y and Hochberg Y (1995), section 3.2: 15 p of a trial of thrombolysis; at 0.05 four
# stand (Bonferroni's correction leaves three).
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]

chances = st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.02, 0.05, 1.0])


def test_the_example_of_benjamini_and_hochberg():
    assert np.count_nonzero(false_discoveries(THROMBOLYSIS, "trial")) == 4
    shuffled = np.random.default_rng(3).permutation(THROMBOLYSIS)
    assert sorted(shuffled[false_discoveries(shuffled, "trial")]) == THROMBOLYSIS[:4]


def test_a_later_place_lets_the_earlier_stand():
    """0.0375 is just at the limit of the third place of four, and takes the two before with it."""
    assert false_discoveries([0.03, 0.037, 0.0375, 0.9], "map").tolist() == [True] * 3 + [False]
    assert false_discoveries([0.03, 0.039, 0.039, 0.9], "map").tolist() == [False] * 4


@given(st.lists(st.tuples(chances, st.sampled_from("abc")), min_size=1, max_size=60), st.randoms())
def test_every_family_is_judged_by_scipy_on_its_own(rows, random):
    random.shuffle(rows)
    p, families = (np.array(side) for side in zip(*rows, strict=True))
    for rate in (0.05, 0.2):
        found = false_discoveries(p, families, rate)
        for family in set(families):
            mine = families == family
            judged = stats.false_discovery_control(p[mine]) <= rate
            assert found[mine].tolist() == judged.tolist()


@given(st.lists(chances | st.just(NAN), min_size=1, max_size=40))
def test_a_missing_p_is_not_a_comparison(p):
    p = np.array(p)
    found = false_discoveries(p, "map")
    known = ~np.isnan(p)
    assert not found[~known].any()
    assert found[known].tolist() == false_discoveries(p[known], "map").tolist()


def test_families_are_labels_of_any_kind_and_shape():
    p = np.array([[0.001, 0.04], [0.03, 0.9]])
    assert false_discoveries(p, [["a", "b"], ["a", "b"]]).tolist() == [[True, False], [True, False]]
    assert false_discoveries(p, [[1], [2]]).tolist() == [[True, True], [False, False]]
    mixed = np.array([["a", 3], [None, 3]], dtype=object)
    assert false_discoveries(p, mixed).tolist() == [[True, False], [True, False]]
    assert false_discoveries([], []).tolist() == []
    assert false_discoveries([NAN, NAN], ["a", "b"]).tolist() == [False, False]
    assert false_discoveries(0.01, "alone")
    assert not false_discoveries(0.06, "alone")


def test_a_wrong_figure_is_named():
    with pytest.raises(ValueError, match=r"p must lie between 0 and 1.* 1.2"):
        false_discoveries([0.5, 1.2], "map")
    with pytest.raises(ValueError, match="rate must be between 0 and 1"):
        false_discoveries([0.5], "map", rate=5)


# Tables of clustered crime, simulated ----------------------------------------------------------

LOCALITIES, MONTHS = 60, 36
TWELVE = slice(-12, None)


def crime_tables(random, tables):
    """Counts of localities by months: negative binomial, season and size as in a real partnership,
    with Var = mu + 0.3 mu**2. A fifth of the localities have half as much crime again, or two
    thirds of it, in the last twelve months. Yields people, which differ, and the table."""
    for _ in range(tables):
        people = random.lognormal(9, 0.25, LOCALITIES)
        usual = 6 * people / people.mean()  # a month
        season = 1 + 0.2 * np.sin(np.arange(MONTHS) / 12 * 2 * np.pi)
        differs = random.random(LOCALITIES) < 0.2
        times = np.where(differs, random.choice([1.5, 2 / 3], LOCALITIES), 1)
        mean = usual[:, None] * season
        mean[:, TWELVE] *= times[:, None]
        yield people, differs, random.poisson(mean * random.gamma(1 / 0.3, 0.3, mean.shape))


def share_of_false_flags(tables, with_dispersion):
    """Of what stands at 0.05, by the rate against the partnership's usual and by the change."""
    random, false = np.random.default_rng(20260322), {"rate": [], "change": []}
    found = 0
    for people, differs, table in crime_tables(random, tables):
        spread = monthly_dispersion(table) if with_dispersion else 1
        last, before = table[:, TWELVE].sum(axis=1), table[:, -24:-12].sum(axis=1)
        usual = 6 * 12 / people.mean() * 1000
        p = {
            "rate": rate_p(last, people, usual, dispersion=spread),
            "change": change(last, people, before, people, dispersion=spread).p,
        }
        for name, chance in p.items():
            stands = false_discoveries(chance, "map")
            found += np.count_nonzero(stands & differs)
            false[name].append(np.count_nonzero(stands & ~differs) / max(stands.sum(), 1))
    assert found > 2 * tables  # something is found: holding the share by silence is no feat
    return np.mean(false["rate"]), np.mean(false["change"])


def test_with_the_dispersion_of_the_table_the_share_of_false_flags_is_held():
    """0.044 and 0.039 over 1,500 tables; the standard error of 400 is 0.006."""
    by_rate, by_change = share_of_false_flags(400, with_dispersion=True)
    assert by_rate < 0.06
    assert by_change < 0.06


def test_without_it_a_third_and_more_of_the_flags_are_false():
    by_rate, by_change = share_of_false_flags(60, with_dispersion=False)
    assert by_rate > 0.3
    assert by_change > 0.3
