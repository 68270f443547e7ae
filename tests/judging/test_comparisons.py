"""The limits of each figure, and how it stands to its comparators: one by one, and among many."""

import numpy as np
import pandas as pd
import pytest

from flows.judging import _compared
from flows.judging.table import Cells, limits

ALL_METHODS = """
indicator_id | themes  | source | source_rows  | measure | method        | per  | polarity | modelled
crimes       | [safer] | stats  | events       | all     | count         | 1    | low      | false
crime_rate   | [safer] | stats  | events       | all     | rate          | 1000 | low      | false
renters      | [safer] | census | observations | rented  | proportion    | 100  | neither  | false
price        | [safer] | sales  | events       | sales   | median        | 1    | high     | false
smoking      | [safer] | phe    | published    | smokers | as_published  | 1    | low      | false
hardship     | [safer] | iod    | observations | score   | weighted_mean | 1    | low      | false
fuel         | [safer] | model  | observations | poor    | proportion    | 100  | low      | true
"""


class TestLimits:
    """Of each method, as its own function gives them; those are held to references elsewhere."""

    @pytest.fixture(autouse=True)
    def methods(self, warehouse):
        warehouse.given("catalogue.indicators", ALL_METHODS)

    def test_each_method_has_its_own(self, judged):
        """A count and a rate of 25 events are Byar's, of 4 exact; 30 in 100 is Wilson's; 19 prices
        have their 5th and 15th. What has no counts, or comes out of a model, has none."""
        judged(
            f"""
            indicator_id | area_kind | area_code | period | numerator | denominator | value | published_lower | published_upper | amounts
            crimes       | forum     | F1        | 2025   | 25        | -           | -     | -               | -               | -
            crime_rate   | forum     | F1        | 2025   | 25        | 5000        | -     | -               | -               | -
            crime_rate   | forum     | F2        | 2025   | 4         | 1000        | -     | -               | -               | -
            renters      | forum     | F1        | 2025   | 30        | 100         | -     | -               | -               | -
            price        | forum     | F1        | 2025   | 19        | -           | 10    | -               | -               | {list(range(1, 20))}
            smoking      | forum     | F1        | 2025   | -         | -           | 14.5  | 12              | 17              | -
            hardship     | forum     | F1        | 2025   | 40000     | 2000        | 20    | -               | -               | -
            fuel         | forum     | F1        | 2025   | 30        | 100         | -     | -               | -               | -
            """,
            """
            indicator_id | area_code | lower_ci  | upper_ci  | lower_998 | upper_998
            crimes       | F1        | 16.174266 | 36.906451 | 12.304459 | 44.67478
            crime_rate   | F1        | 3.234853  | 7.38129   | 2.460892  | 8.934956
            crime_rate   | F2        | 1.089865  | 10.241589 | 0.428552  | 14.794149
            renters      | F1        | 21.894885 | 39.584855 | 18.101627 | 45.38521
            price        | F1        | 5         | 15        | 3         | 17
            smoking      | F1        | 12        | 17        | -         | -
            hardship     | F1        | -         | -         | -         | -
            fuel         | F1        | -         | -         | -         | -
            """,
        )

    def test_a_part_above_its_whole_has_none_and_stops_nothing(self, judged):
        """Publishers' small random changes made 101 of 100. Where all are, there is an interval."""
        judged(
            """
            indicator_id | area_kind | area_code | period | numerator | denominator | comparator_value
            renters      | forum     | F1        | 2025   | 101       | 100         | 50
            renters      | forum     | F2        | 2025   | 100       | 100         | 50
            renters      | forum     | F3        | 2025   | 30        | 100         | 101
            """,
            """
            area_code | lower_ci  | compared | compared_adjusted
            F1        | -         | -        | -
            F2        | 96.30065  | higher   | higher
            F3        | 21.894885 | lower    | -
            """,
        )

    def test_a_gap_has_none(self, judged):
        judged(
            """
            indicator_id | area_kind | area_code | period | numerator | denominator | gap            | comparator_value
            crime_rate   | forum     | F1        | 2025   | 4         | -           | -              | 5
            crime_rate   | forum     | F2        | -      | -         | -           | not applicable | 5
            """,
            """
            area_code | lower_ci | compared | compared_adjusted | value_smoothed | peer_count | trend
            F1        | -        | -        | -                 | -              | -          | -
            F2        | -        | -        | -                 | -              | -          | -
            """,
        )


class TestCompared:
    @pytest.fixture(autouse=True)
    def methods(self, warehouse):
        warehouse.given("catalogue.indicators", ALL_METHODS)

    def test_with_the_place_the_parent_and_england(self, warehouse, judged):
        """30 in 100 may be from 21.9 to 39.6."""
        warehouse.given(
            "evidence.comparators",
            """
            indicator_id | area_kind | area_code | period | parent | parent_value | england_value
            renters      | forum     | F1        | 2025   | Town   | 45           | 25
            renters      | forum     | F2        | 2025   | -      | -            | 25
            renters      | forum     | F3        | 2024   | Town   | 45           | 25
            """,
        )
        judged(
            """
            indicator_id | area_kind | area_code | period | numerator | denominator | comparator_value
            renters      | forum     | F1        | 2025   | 30        | 100         | 20
            renters      | forum     | F2        | 2025   | 20        | 100         | -
            renters      | forum     | F3        | 2025   | 20        | 100         | 20
            """,
            """
            area_code | compared | compared_parent | compared_england
            F1        | higher   | lower           | similar
            F2        | -        | -               | similar
            F3        | similar  | -               | -
            """,
        )

    def test_a_count_is_not_for_a_larger_place_is_only_larger(self, warehouse, judged):
        """Nor is what comes out of a model, which chance does not move."""
        warehouse.given(
            "evidence.comparators",
            """
            indicator_id | area_kind | area_code | period | parent_value | england_value
            crimes       | forum     | F1        | 2025   | 500          | 9000
            fuel         | forum     | F1        | 2025   | 60           | 10
            """,
        )
        judged(
            """
            indicator_id | area_kind | area_code | period | numerator | denominator | comparator_value
            crimes       | forum     | F1        | 2025   | 25        | -           | 500
            fuel         | forum     | F1        | 2025   | 30        | 100         | 60
            """,
            """
            indicator_id | compared | compared_adjusted | compared_parent | compared_england | value_smoothed
            crimes       | -        | -                 | -               | -                | -
            fuel         | -        | -                 | -               | -                | -
            """,
        )

    def test_of_each_method_the_word_among_many_is_that_of_its_own_test(self, judged):
        """Each lies far from its comparator, and stands; a mean has no interval, and no test."""
        judged(
            f"""
            indicator_id | area_kind | area_code | period | numerator | denominator | value | published_lower | published_upper | amounts                                | comparator_value
            crime_rate   | forum     | F1        | 2025   | 4         | 1000        | -     | -               | -               | -                                      | 40
            crime_rate   | forum     | F2        | 2025   | 25        | 5000        | -     | -               | -               | -                                      | 1
            renters      | forum     | F1        | 2025   | 30        | 100         | -     | -               | -               | -                                      | 80
            price        | forum     | F1        | 2025   | 19        | -           | 10    | -               | -               | {list(range(1, 20))} | 25
            smoking      | forum     | F1        | 2025   | -         | -           | 14.5  | 12              | 17              | -                                      | 25
            hardship     | forum     | F1        | 2025   | 40000     | 2000        | 20    | -               | -               | -                                      | 90
            """,
            """
            indicator_id | area_code | compared | compared_adjusted
            crime_rate   | F1        | better   | better
            crime_rate   | F2        | worse    | worse
            renters      | F1        | lower    | lower
            price        | F1        | worse    | worse
            smoking      | F1        | better   | better
            hardship     | F1        | -        | -
            """,
        )


class TestAmongMany:
    """Each of a theme's tables is a family of comparisons of which one in twenty may be chance."""

    # against 100 expected: 121 stands by itself (p = 0.043), 160 among any number
    LEVEL, BARE, FAR = 100, 121, 160

    def indicators(self, warehouse, **themes):
        rows = "".join(
            f"{name} | {listed} | rate | 1000 | low\n" for name, listed in themes.items()
        )
        warehouse.given(
            "catalogue.indicators", f"indicator_id | themes | method | per | polarity\n{rows}"
        )

    def rows(self, **counts):
        shown = "".join(
            f"{name} | forum | F{n:03} | 2025 | {count} | 1000 | 100\n"
            for name, listed in counts.items()
            for n, count in enumerate(listed)
        )
        columns = "indicator_id | area_kind | area_code | period | numerator | denominator"
        return f"{columns} | comparator_value\n{shown}"

    def test_one_that_is_alone_needs_no_more_than_its_interval(self, warehouse, judged):
        self.indicators(warehouse, rate="[safer]")
        judged(self.rows(rate=[self.BARE]), "compared | compared_adjusted\nworse | worse")

    def test_one_of_three_is_what_chance_would_do(self, warehouse, judged):
        """0.043 is above a third of 0.05, the far one's p far under it."""
        self.indicators(warehouse, rate="[safer]")
        judged(
            self.rows(rate=[self.BARE, self.LEVEL, self.LEVEL, self.FAR]),
            """
            area_code | compared | compared_adjusted
            F000      | worse    | similar
            F001      | similar  | similar
            F002      | similar  | similar
            F003      | worse    | worse
            """,
        )

    def test_the_others_count_that_the_same_theme_shows_and_no_more(self, warehouse, judged):
        """The two rates of another theme take nothing from the one that stands alone in its own."""
        self.indicators(warehouse, lone="[health]", rate="[safer]", other="[safer]")
        judged(
            self.rows(lone=[self.BARE], rate=[self.BARE], other=[self.LEVEL, self.LEVEL]),
            """
            indicator_id | compared_adjusted
            lone         | worse
            rate         | similar
            other        | similar
            other        | similar
            """,
        )

    def test_what_two_themes_show_must_stand_in_both(self, warehouse, judged):
        self.indicators(warehouse, both="[health, safer]", other="[safer]")
        judged(
            self.rows(both=[self.BARE], other=[self.LEVEL, self.LEVEL]),
            "indicator_id | compared_adjusted\nboth | similar\nother | similar\nother | similar",
        )

    def test_one_that_cannot_be_compared_is_none_of_them(self, warehouse, judged):
        self.indicators(warehouse, rate="[safer]")
        rows = self.rows(rate=[self.BARE])
        rows += (
            "rate | forum | G1 | 2025 | 5 | 1000 | -\nrate | forum | G2 | 2025 | - | 1000 | 100\n"
        )
        judged(
            rows,
            "area_code | compared_adjusted\nF000 | worse\nG1 | -\nG2 | -",
        )


def judged_tables(counts, people, comparator, dispersion=1.0):
    """The word alone and the word among many of rates, tables x areas: each table an indicator of
    a theme of its own, as the judge reads them."""
    tables, areas = np.shape(counts)
    rows = pd.DataFrame({"numerator": np.ravel(counts), "denominator": np.ravel(people)})
    rows["comparator_value"], rows["dispersion"] = comparator, dispersion
    rows["value"] = rows["numerator"] / rows["denominator"] * 1000
    rows["method"], rows["per"], rows["polarity"], rows["modelled"] = "rate", 1000, "low", False
    rows["parent_value"] = rows["england_value"] = np.nan
    rows["indicator_id"] = np.repeat([f"rate {n}" for n in range(tables)], areas)
    rows["themes"] = [[f"theme {n}"] for n in range(tables) for _ in range(areas)]
    cells = Cells(rows)
    found = _compared(cells, *limits(cells, 0.95))
    return [found[w].reshape(tables, areas) for w in ("compared", "compared_adjusted")]


def flagged(words):
    return np.isin(words, ("better", "worse"))


class TestTheShareOfFalseFlagsIsHeld:
    """Simulations with a known seed; chance alone would break a bound in 1 of 1,000."""

    def test_where_no_area_differs_hardly_any_table_has_a_flag(self):
        """Of 250 tables of 60 areas each; by themselves nearly 1 in 20 figures would be flagged."""
        draw = np.random.default_rng(20070326)
        people = draw.integers(1_000, 12_000, (250, 60))
        compared, adjusted = judged_tables(draw.poisson(people * 0.02), people, 20)
        assert 0.03 < flagged(compared).mean() < 0.05
        assert flagged(adjusted).any(axis=1).mean() < 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / 250)

    def test_where_some_do_one_flag_in_twenty_is_false_at_most(self):
        """Twelve of 60 have half as much again: most are found, and of the flags 5% are chance."""
        draw, truly = np.random.default_rng(20070327), np.arange(60) < 12
        people = draw.integers(4_000, 12_000, (250, 60))
        expected = people * 0.02 * np.where(truly, 1.5, 1)
        _, adjusted = judged_tables(draw.poisson(expected), people, 20)
        flags = flagged(adjusted)
        assert np.mean((flags & ~truly).sum(axis=1) / np.maximum(flags.sum(axis=1), 1)) < 0.05
        assert flags[:, truly].mean() > 0.95

    def test_crime_that_varies_three_times_as_much_is_held_by_its_dispersion_only(self):
        """Without it nearly every table has a flag, though no area differs."""
        draw = np.random.default_rng(20070328)
        people = draw.integers(2_000, 12_000, (250, 60))
        counts = draw.negative_binomial(people * 0.02 / 2, 1 / 3)  # variance: 3 x mean
        lying = {}
        for dispersion in (1.0, 3.0):
            _, adjusted = judged_tables(counts, people, 20, dispersion)
            lying[dispersion] = flagged(adjusted).any(axis=1).mean()
        assert lying[1.0] > 0.9
        assert lying[3.0] < 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / 250)

    @pytest.mark.parametrize("dispersion", [1.0, 2.5])
    def test_it_never_flags_what_its_own_interval_does_not(self, dispersion):
        draw = np.random.default_rng(20070329)
        people = draw.integers(50, 20_000, (1, 4_000))
        truly = people * 0.01 * draw.lognormal(0, 0.3, people.shape)
        compared, adjusted = judged_tables(draw.poisson(truly), people, 10, dispersion)
        assert set(adjusted[compared == "similar"]) == {"similar"}
        flags = flagged(adjusted)
        assert 0 < flags.sum() < flagged(compared).sum()
        assert (adjusted[flags] == compared[flags]).all()

    def test_a_crime_whose_dispersion_is_not_known_has_no_word_among_many(self):
        counts, people = [[160.0, 160.0]], [[1000, 1000]]
        compared, adjusted = judged_tables(counts, people, 100, np.array([1.0, np.nan]))
        assert compared.tolist() == [["worse", "worse"]]
        assert adjusted.tolist() == [["worse", ""]]


def test_where_there_is_no_cell_there_is_nothing_to_judge(warehouse):
    warehouse.judge()
    warehouse.holds("evidence.judgements", "indicator_id | trend")
