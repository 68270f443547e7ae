"""Trends over five years against Fingertips' own cases and against independent judges."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from flows.statistics import proportion, rate, recent_trend

NAN = float("nan")

# Cases of Fingertips' own tests, oldest year first: value, lower, upper, count, denominator.
# fmt: off
CASES = {
    # fingertips-open, TrendMarkerCalculatorTest: chi-squared 46.77, and 47.90 as a proportion.
    "set 1": [
        (24.67, 23.16, 26.25, 994, 40299), (24.6, 23.15, 26.19, 1023, 41527),
        (28, 26.44, 29.64, 1199, 42811), (30.2, 28.63, 31.9, 1332, 44064),
        (30.6, 28.98, 32.25, 1367, 44701),
    ],
    # The same: not significant.
    "set 2": [
        (20.5506, 18.1803, 23.1427, 209, 1017), (19.5952, 17.3444, 22.0602, 213, 1087),
        (19.0349, 16.8421, 21.4394, 213, 1119), (21.3966, 19.0918, 23.8975, 239, 1117),
        (18.4372, 16.2925, 20.7941, 210, 1139),
    ],
    # FingertipsNext, IndicatorTestData: diabetes in England, indicator 241, increasing.
    "diabetes": [
        (7.0826, 7.0754, 7.094, 3455176, 48783947), (7.1085, 7.1013, 7.1199, 3491868, 49122259),
        (7.2571, 7.2499, 7.2684, 3625401, 49956777), (7.4528, 7.4456, 7.4643, 3774801, 50649129),
        (7.6554, 7.6481, 7.6669, 3938080, 51441896),
    ],
    # The same: vaccination against measles in Yorkshire, 30309, decreasing and (high is good) worse.
    "measles": [
        (92.6254, 92.4168, 92.8288, 57274, 61834), (92.3221, 92.1072, 92.5315, 55865, 60511),
        (90.8708, 90.6358, 91.1004, 53681, 59074), (90.017, 89.7694, 90.2594, 51767, 57508),
        (90.1013, 89.8578, 90.3396, 53185, 59028),
    ],
    # The same: sight loss in England, 41203, a crude rate, increasing and (low is good) worse.
    "sight loss": [
        (2.935, 2.7841, 3.0919, 1416, 48246126), (1.93028, 1.8085, 2.058, 935, 48440507),
        (2.7567, 2.6113, 2.9082, 1344, 48753376), (2.8701, 2.7225, 3.0237, 1415, 49300918),
        (3.0121, 2.8616, 3.1683, 1502, 49866388),
    ],
}
# fmt: on


def case(name):
    """value, lower, upper, count, denominator as rows; counts as integers, as they come."""
    *figures, count, denominator = zip(*CASES[name], strict=True)
    return [np.array(figure) for figure in figures], np.array(count), np.array(denominator)


@pytest.mark.parametrize(
    ("name", "polarity", "word"),
    [
        ("set 1", "neither", "increasing"),
        ("set 1", "low", "increasing, getting worse"),
        ("set 1", "high", "increasing, getting better"),
        ("set 2", "neither", "no significant change"),
        ("diabetes", "neither", "increasing"),
        ("measles", "high", "decreasing, getting worse"),
        ("measles", "low", "decreasing, getting better"),
        ("sight loss", "low", "increasing, getting worse"),
    ],
)
def test_the_words_are_those_of_fingertips(name, polarity, word):
    figures, count, denominator = case(name)
    assert recent_trend(*figures, polarity).word == word
    if name in ("diabetes", "measles"):
        assert recent_trend(*figures, polarity, count, denominator).word == word


def test_chi_squared_is_that_of_fingertips():
    figures, count, denominator = case("set 1")
    assert recent_trend(*figures).chi_squared == pytest.approx(46.77, abs=0.005)
    assert recent_trend(*figures, "low", count, denominator).chi_squared == pytest.approx(
        47.9, abs=0.005
    )


def test_a_series_without_limits_cannot_be_calculated_but_as_a_proportion():
    """FingertipsNext, indicator 93468, aged 65 and over, published without limits: its code finds
    no point to fit and says 'no change', which nobody has tested."""
    count = [10588957, 10547929, 10851467, 11034431, 11246440]
    lists = [60458658, 60744002, 61625745, 62418295, 63227624]
    share = np.array(count) / lists * 100
    assert recent_trend(share, NAN, NAN).reason == "fewer than 5 points"
    assert recent_trend(share, NAN, NAN, "neither", count, lists).word == "increasing"


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(201, 9000)), min_size=5, max_size=5))
def test_a_proportions_chi_squared_is_armitages_as_printed(rows):
    x, n = (np.array(side, dtype=float) for side in zip(*rows, strict=True))
    t, total, counted = np.arange(1, 6), n.sum(), x.sum()
    printed = total * (total * (x * t).sum() - counted * (n * t).sum()) ** 2
    printed /= counted * (total - counted) * (total * (n * t**2).sum() - (n * t).sum() ** 2)
    found = recent_trend(x / n, 0, 1, numerator=x, denominator=n)
    assert found.chi_squared == pytest.approx(printed, rel=1e-7, abs=1e-9)


series = st.lists(st.floats(0, 100), min_size=5, max_size=5)
widths = st.lists(st.floats(0.5, 40), min_size=5, max_size=5)


@given(series, widths)
def test_a_weighted_trend_is_judged_by_a_plain_fit(values, width):
    y, width = np.array(values), np.array(width)
    found = recent_trend(y, y - width / 3, y + width * 2 / 3)
    fit = [np.polyfit(np.arange(5.0), y, 1, w=3.92 / width)[0]]
    for out in range(5):
        kept = np.delete(np.arange(5.0), out)
        fit.append(np.polyfit(kept, np.delete(y, out), 1, w=3.92 / np.delete(width, out))[0])
    w = (3.92 / width) ** 2
    error = (
        w.sum() / (w.sum() * (w * np.arange(5) ** 2).sum() - (w * np.arange(5)).sum() ** 2)
    ) ** 0.5
    judged = (fit[0] / error) ** 2
    assert found.chi_squared == pytest.approx(judged, rel=1e-6, abs=1e-9)
    assume(min(abs(slope) for slope in fit) > 1e-9 and abs(judged - 9.549536) > 1e-6)
    agree = len({slope > 0 for slope in fit}) == 1
    word = ("increasing" if fit[0] > 0 else "decreasing") if agree and judged > 9.549536 else None
    assert found.word == (word or "no significant change")


@given(series, widths)
def test_a_trend_turns_round_with_time_and_sign(values, width):
    y, width = np.array(values), np.array(width)
    straight = recent_trend(y, y - width, y + width)
    opposite = {"increasing": "decreasing", "decreasing": "increasing"}
    for turned in (
        recent_trend(y[::-1], (y - width)[::-1], (y + width)[::-1]),
        recent_trend(-y, -y - width, -y + width),
    ):
        assert turned.word == opposite.get(str(straight.word), straight.word)
        assert turned.chi_squared == pytest.approx(straight.chi_squared, rel=1e-6, abs=1e-9)
    for polarity, word in (("low", "worse"), ("high", "better")):
        told = recent_trend(y, y - width, y + width, polarity)
        assert (told.word == f"increasing, getting {word}") == (straight.word == "increasing")


def test_one_year_does_not_make_a_trend():
    for values in ([10, 10, 10, 10, 30], [30, 10, 10, 10, 10], [0, 0, 0, 0, 9], [2, 0, 0, 0, 0]):
        y = np.array(values, dtype=float)
        found = recent_trend(y, y - 0.5, y + 0.5)
        assert found.chi_squared > 9.55
        assert found.word == "no significant change"
        found = recent_trend(y, 0, 99, numerator=y * 100 + 500, denominator=5000)
        assert found.chi_squared > 9.55
        assert found.word == "no significant change"


def test_a_trend_is_not_read_where_its_two_lines_go_opposite_ways():
    """The logits rise whichever year is left out, Armitage's line through the people falls."""
    count, size = [263, 334, 1285, 37956, 5943], [1390, 1950, 2930, 84990, 21240]
    found = recent_trend([19, 17, 44, 45, 28], NAN, NAN, "low", count, size)
    assert found.chi_squared > 80
    assert found.word == "no significant change"


def test_a_level_that_no_float_holds_exactly_is_level():
    """The slope of four equal years is 0 in truth, and some 1e-17 to either side in floats."""
    for level, width in np.random.default_rng(22).uniform(0.01, 1, (200, 2)):
        y = np.array([level] * 4 + [level + 9])
        for values in (y, y[::-1]):
            found = recent_trend(values, values - width, values + width / 3)
            assert found.chi_squared > 9.55
            assert found.word == "no significant change"


def test_the_latest_five_of_a_longer_series():
    (value, lower, upper), count, denominator = case("set 1")
    noise = [90, 1, 70]
    for more in ([], noise, [NAN] * 3):
        longer = [np.concatenate([more, part]) for part in (value, lower, upper)]
        assert recent_trend(*longer) == recent_trend(value, lower, upper)
        whole = [np.concatenate([more, part]) for part in (count, denominator * 9)]
        found = recent_trend(*longer, "neither", *whole)
        assert found == recent_trend(value, lower, upper, "neither", count, denominator * 9)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_calculated_says_why():
    rows = [  # values; limits are 1 to either side
        ([NAN, NAN, 3, 4, 5, 6], "fewer than 5 points"),
        ([9, 1, 2, NAN, 4, 5], "a point is missing"),
        ([NAN, 1, 2, 3, 4, 5], ""),
        ([NAN] * 6, "fewer than 5 points"),
    ]
    values, reasons = zip(*rows, strict=True)
    values = np.array(values)
    found = recent_trend(values, values - 1, values + 1)
    assert found.reason.tolist() == list(reasons)
    assert (found.word == "cannot be calculated").tolist() == [True, True, False, True]
    assert np.isnan(found.chi_squared).tolist() == [True, True, False, True]
    found = recent_trend([1, 2, 3, 4, 5], [0, 1, 2, 4, 4], [2, 3, 4, 4, 6])
    assert found.reason == "a confidence interval has no width"
    assert recent_trend([1, 2, 3, 4], 0, 9).reason == "fewer than 5 points"
    assert recent_trend(5, 0, 9).reason == "fewer than 5 points"
    assert recent_trend([1, 2, 3, 4, 5], [NAN, 1, 2, 3, 4], 9).reason == "fewer than 5 points"


@pytest.mark.filterwarnings("error")
def test_proportions_that_cannot_be_calculated():
    rows = [  # fingertips-open's second set of proportions is the first
        ([5, 3, 1, 1, 2], [5, 5, 5, 4, 4], "every one counted in a year"),
        ([0, 3, 1, 1, 2], [5, 5, 5, 4, 4], "none counted in a year"),
        ([1, 3, 1, 1, 2], [5, 0, 5, 4, 4], "a point is missing"),
        ([1, 3, NAN, 1, 2], [5, 5, 5, 4, 4], "a point is missing"),
        ([0, 0, 0, 0, 0], [5, 5, 5, 4, 4], "none counted in a year"),
        ([1, 3, 1, 1, 2], [5, 5, 5, 4, 4], ""),
    ]
    rows[2] = ([1, 0, 1, 1, 2], *rows[2][1:])
    x, n, reasons = zip(*rows, strict=True)
    x, n = (np.hstack([np.full((6, 1), 2.0), side]) for side in (x, n))  # and an earlier year
    found = recent_trend(np.zeros_like(x), NAN, NAN, numerator=x, denominator=n)
    assert found.reason.tolist() == list(reasons)


def test_large_counts_do_not_overflow():
    """As int64 the printed form of diabetes' chi-squared wraps round."""
    figures, count, denominator = case("diabetes")
    found = recent_trend(*figures, "neither", count.astype(np.int64), denominator.astype(np.int64))
    share = count / denominator
    t = np.arange(5.0)
    mean = (denominator * t).sum() / denominator.sum()
    judged = ((count * (t - mean)).sum()) ** 2 / (
        (p := count.sum() / denominator.sum()) * (1 - p) * (denominator * (t - mean) ** 2).sum()
    )
    assert found.chi_squared == pytest.approx(judged, rel=1e-9)
    assert judged > 10_000 and share[-1] > share[0]


def test_wrong_series_are_named():
    five = [1, 2, 3, 4, 5]
    for call, message in (
        (lambda: recent_trend(five, 9, 0), "lower must not be above upper"),
        (lambda: recent_trend(five, 0, np.inf), "upper must be finite"),
        (lambda: recent_trend([1, 2, 3, 4, np.inf], 0, 9), "value must be finite"),
        (lambda: recent_trend(five, 0, 9, "good"), "low, high, neither: found good"),
        (lambda: recent_trend(five, 0, 9, numerator=five), "give both or neither"),
        (lambda: recent_trend(five, 0, 9, numerator=five, denominator=4), "above denominator"),
        (lambda: recent_trend(five, 0, 9, numerator=-1, denominator=4), "must not be negative"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_many_series_at_once_are_each_on_its_own():
    random = np.random.default_rng(20)
    y = random.normal(10, 1, (4, 3, 7)) + np.arange(7) * random.normal(0, 0.5, (4, 3, 1))
    polarity = np.array(["low", "high", "neither"])
    found = recent_trend(y, y - 1, y + 1, polarity)
    assert found.word.shape == found.chi_squared.shape == found.reason.shape == (4, 3)
    assert len(set(found.word.flat)) > 2
    for place in itertools.product(range(4), range(3)):
        one = recent_trend(y[place], y[place] - 1, y[place] + 1, polarity[place[1]])
        assert (found.word[place], found.reason[place]) == (one.word, one.reason)
        assert found.chi_squared[place] == pytest.approx(one.chi_squared)


def test_a_trend_is_seen_where_there_is_none_as_seldom_as_said():
    """99.8 %, and less with the years left out: of steady rates and shares 0.05 to 0.25 %."""
    random, runs = np.random.default_rng(21), 40_000
    count = random.poisson(400, (runs, 5))
    seen = recent_trend(*rate(count, 5000)).word != "no significant change"
    assert 0.0005 < np.mean(seen) < 0.0025
    count = random.binomial(2000, 0.3, (runs, 5))
    seen = recent_trend(*proportion(count, 2000), "neither", count, 2000).word
    assert 0.0005 < np.mean(seen != "no significant change") < 0.0025
    assert stats.chi2.sf(9.54953570608324, 1) == pytest.approx(0.002)
