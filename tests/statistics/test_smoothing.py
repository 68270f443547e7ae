"""Rates drawn towards their group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.statistics import smoothed

NAN = float("nan")

# Births 1974-78 and sudden infant deaths of the 100 counties of North Carolina (Cressie N and Chan
# NH, 1989), in the order of the example "sids2" of PySAL.
# fmt: off
BIRTHS = np.array([
    1091, 487, 3188, 508, 1421, 1452, 286, 420, 968, 1612, 1035, 4449, 1671, 1556, 2180, 3608, 1638,
    3146, 1323, 484, 751, 781, 1269, 1399, 11858, 16184, 4672, 1324, 3164, 7970, 4021, 671, 3657,
    3609, 770, 1549, 14484, 765, 4139, 1207, 1333, 5509, 3573, 990, 248, 1946, 4456, 1646, 3702,
    4606, 5094, 5754, 7515, 3999, 2110, 521, 2692, 675, 870, 2252, 2992, 6638, 3776, 4866, 2216,
    1143, 2648, 21588, 4099, 1258, 2356, 2574, 415, 3589, 1173, 9014, 533, 797, 3025, 542, 1027,
    20366, 578, 3915, 1570, 1494, 338, 2483, 2756, 284, 5868, 2255, 11158, 7889, 2414, 1782, 1228,
    3350, 5526, 2181,
])
DEATHS = np.array([
    1, 0, 5, 1, 9, 7, 0, 0, 4, 1, 2, 16, 4, 4, 4, 18, 3, 4, 1, 1, 1, 0, 1, 2, 10, 23, 13, 6, 4, 16,
    8, 0, 10, 6, 0, 2, 16, 2, 4, 1, 0, 8, 5, 5, 0, 5, 7, 2, 11, 3, 14, 5, 9, 6, 2, 0, 7, 3, 4, 5,
    12, 18, 6, 10, 8, 2, 5, 44, 3, 3, 5, 5, 0, 10, 3, 11, 1, 0, 4, 1, 2, 38, 1, 4, 15, 7, 0, 4, 4,
    0, 13, 8, 29, 31, 5, 8, 4, 15, 12, 5,
])
# fmt: on

areas = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 9000), st.sampled_from("abc")),
    min_size=1,
    max_size=40,
)


def loop(counts, sizes):
    """Marshall's in so many words, for one group; his a is not let below 0."""
    usual = sum(counts) / sum(sizes)
    spread = 0.0
    for count, size in zip(counts, sizes, strict=True):
        spread += size * (count / size - usual) ** 2
    between = max(spread / sum(sizes) - usual / (sum(sizes) / len(sizes)), 0)
    drawn = []
    for count, size in zip(counts, sizes, strict=True):
        weight = between / (between + usual / size) if between else 0
        drawn.append(usual + weight * (count / size - usual))
    return drawn


def test_equals_the_empirical_bayes_of_pysal():
    """esda's test of Empirical_Bayes on these counties prints the first five."""
    found = smoothed(DEATHS, BIRTHS, "North Carolina", multiplier=1)
    np.testing.assert_allclose(
        found[:5], [0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349], atol=6e-8
    )
    np.testing.assert_allclose(found, loop(DEATHS.tolist(), BIRTHS.tolist()), rtol=1e-12)


@given(areas)
def test_every_group_is_drawn_together_on_its_own(rows):
    count, size, group = (np.array(side) for side in zip(*rows, strict=True))
    found = smoothed(count, size, group)
    for name in set(group):
        mine = group == name
        if mine.sum() < 3:
            assert np.isnan(found[mine]).all()
            continue
        judged = np.array(loop(count[mine].tolist(), size[mine].tolist())) * 1000
        np.testing.assert_allclose(found[mine], judged, rtol=1e-9, atol=1e-9)
        own, usual = count[mine] / size[mine] * 1000, count[mine].sum() / size[mine].sum() * 1000
        assert (np.minimum(own, usual) <= found[mine] * (1 + 1e-9) + 1e-9).all()
        assert (found[mine] <= np.maximum(own, usual) * (1 + 1e-9) + 1e-9).all()


def test_the_smaller_the_area_the_further_it_is_drawn():
    size = np.array([100, 1000, 10_000, 50_000, 50_000])
    found = smoothed(size * [0.4, 0.4, 0.4, 0.1, 0.2], size, "town", multiplier=1)
    assert 0.15 < found[0] < found[1] < found[2] < 0.4


def test_areas_that_differ_by_no_more_than_chance_all_have_the_rate_of_their_group():
    found = smoothed([9, 10, 11, 10], 1000, "town")
    np.testing.assert_allclose(found, 10)
    assert smoothed([0, 0, 0], [5, 6, 7], "quiet").tolist() == [0, 0, 0]


@pytest.mark.filterwarnings("error")
def test_a_gap_is_no_part_of_its_group():
    count, size = [5.0, 90, 30, 55, NAN, 7, 400], [100, 800, 600, 300, 50, 0, NAN]
    found = smoothed(count, size, "town")
    assert np.isnan(found).tolist() == [False] * 4 + [True] * 3
    np.testing.assert_allclose(found[:4], smoothed(count[:4], size[:4], "town"))
    assert np.isnan(smoothed([5, 9, NAN], 100, "town")).all()  # two are left
    assert smoothed([], [], []).shape == (0,)
    masked = np.ma.masked_array([5, 9, 7, 8], mask=[True, False, False, False])
    assert np.isnan(smoothed(masked, 100, "town")).tolist() == [True, False, False, False]


def test_shapes_groups_and_faults():
    count = np.arange(12.0).reshape(3, 4)
    found = smoothed(count, 50, np.array([[1], [2], [3]]), multiplier=100)
    assert found.shape == (3, 4)
    np.testing.assert_allclose(found[1], smoothed(count[1], 50, "one", multiplier=100))
    with pytest.raises(ValueError, match="numerator must not be negative"):
        smoothed([-1, 2, 3], 50, "one")
    with pytest.raises(ValueError, match="multiplier must be positive"):
        smoothed([1, 2, 3], 50, "one", multiplier=0)


def test_it_lies_nearer_the_truth_than_the_crude_rate_does():
    random, crude, drawn = np.random.default_rng(1991), [], []
    for _ in range(200):
        size = random.integers(100, 2000, 40)
        truth = random.gamma(20, 0.02 / 20, 40)
        count = random.poisson(size * truth)
        crude.append(np.mean((count / size - truth) ** 2))
        drawn.append(np.mean((smoothed(count, size, "town", multiplier=1) - truth) ** 2))
    assert np.mean(drawn) < 0.5 * np.mean(crude)
