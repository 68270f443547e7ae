"""From totals to published cells: what is divided by what, and what a gap says."""

import pytest

from sql import models


class TestDenominators:
    @pytest.fixture(autouse=True)
    def population(self, warehouse):
        warehouse.given(
            "catalogue.sources",
            """
            source       | label
            population   | Population estimates
            census_2021  | Census 2021
            """,
        )
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows  | measure | method     | period_rule  | denominator_source | denominator_measure
            crime_rate   | police_crime | events       | all     | rate       | month        | population         | all_ages
            crimes       | police_crime | events       | all     | count      | month        | police_crime       | ''
            renters      | census_2021  | observations | rented  | proportion | as_published | census_2021        | homes
            """,
        )

    def test_the_latest_year_not_after_the_period_else_the_first(self, warehouse):
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | period_start | period_end
            police_crime | month       | 2019-12 | 2019-12-01   | 2019-12-31
            police_crime | month       | 2022-05 | 2022-05-01   | 2022-05-31
            police_crime | month       | 2022-06 | 2022-06-01   | 2022-06-30
            police_crime | month       | 2026-01 | 2026-01-01   | 2026-01-31
            """,
        )
        warehouse.given(
            "core.area_totals",
            """
            source     | measure  | period | period_start | area_kind | area_code | total | small_areas | small_areas_with_a_figure
            population | all_ages | 2020   | 2020-06-30   | forum     | F1        | 1000  | 2           | 2
            population | all_ages | 2022   | 2022-06-30   | forum     | F1        | 1020  | 2           | 2
            population | all_ages | 2023   | 2023-06-30   | forum     | F1        | -     | 2           | 1
            population | aged_65  | 2024   | 2024-06-30   | forum     | F1        | 7     | 2           | 2
            """,
        )
        warehouse.given(
            "geo.area_weights", "area_kind | area_code | rule\nforum | F1 | exact membership"
        )
        warehouse.build("evidence.denominator_periods")
        warehouse.expect(
            "evidence.denominators",
            """
            indicator_id | period  | area_code | denominator | denominator_note
            crime_rate   | 2019-12 | F1        | 1000        | denominator: Population estimates, 2020
            crime_rate   | 2022-05 | F1        | 1000        | denominator: Population estimates, 2020
            crime_rate   | 2022-06 | F1        | 1020        | denominator: Population estimates, 2022
            crime_rate   | 2026-01 | F1        | -           | denominator: Population estimates, 2023 (3 years before)
            """,
        )

    def test_best_fit_is_said(self, warehouse):
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | period_start | period_end
            police_crime | month       | 2026-01 | 2026-01-01   | 2026-01-31
            """,
        )
        warehouse.given(
            "core.area_totals",
            """
            source     | measure  | period | period_start | area_kind | area_code | total
            population | all_ages | 2022   | 2022-06-30   | town      | T1        | 1000
            population | all_ages | 2022   | 2022-06-30   | forum     | F1        | 1000
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | rule
            town      | T1        | L1              | best fit by population-weighted centroid
            town      | T1        | L2              | exact membership
            town      | T1        | L3              | exact membership
            forum     | F1        | L1              | exact membership
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment | rule
            forum     | F1        | L1              | area_share | area share
            """,
        )
        warehouse.build("evidence.denominator_periods")
        warehouse.expect(
            "evidence.denominators",
            """
            area_code | denominator_note
            T1        | denominator: Population estimates, 2022 (4 years before); both of its small areas by best fit by population-weighted centroid and exact membership
            F1        | denominator: Population estimates, 2022 (4 years before)
            """,
        )

    def test_each_rule_and_each_edition_has_its_own_residents(self, warehouse):
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | period_start | period_end
            police_crime | month       | 2022-07 | 2022-07-01   | 2022-07-31
            """,
        )
        warehouse.given(
            "core.area_totals",
            """
            source     | measure  | period | period_start | area_kind | edition | area_code | assignment | total
            population | all_ages | 2022   | 2022-06-30   | town      | 2008    | T1        | declared   | 1000
            population | all_ages | 2022   | 2022-06-30   | town      | 2008    | T1        | area_share | 1100
            population | all_ages | 2022   | 2022-06-30   | town      | 2026    | T1        | declared   | 1200
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code | assignment | rule
            town      | 2008    | T1        | L1              | declared   | best fit
            town      | 2008    | T1        | L1              | area_share | area share
            town      | 2026    | T1        | L1              | declared   | exact membership
            """,
        )
        note = "denominator: Population estimates, 2022"
        both = f"{note}; both of its small areas by"
        warehouse.build("evidence.denominator_periods")
        warehouse.expect(
            "evidence.denominators",
            f"""
            edition | area_code | assignment | denominator | denominator_note
            2008    | T1        | declared   | 1000        | {both} best fit
            2008    | T1        | area_share | 1100        | {note}; residents by area share, events inside its own boundary
            2026    | T1        | declared   | 1200        | {note}
            """,
        )

    def test_a_proportion_within_a_source_is_of_one_period(self, warehouse):
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_start | period_end | area_kind | area_code | total
            census_2021 | rented  | 2021   | 2021-03-21   | 2021-03-21 | forum     | F1        | 30
            census_2021 | rented  | 2024   | 2024-03-21   | 2024-03-21 | forum     | F1        | 40
            census_2021 | homes   | 2021   | 2021-03-21   | 2021-03-21 | forum     | F1        | 100
            census_2021 | homes   | 2011   | 2011-03-27   | 2011-03-27 | forum     | F1        | 90
            """,
        )
        warehouse.build("evidence.denominator_periods")
        warehouse.expect(
            "evidence.denominators",
            """
            indicator_id | period | area_code | denominator | denominator_note
            renters      | 2021   | F1        | 100         | -
            """,
        )


class TestIndicatorValues:
    @pytest.fixture(autouse=True)
    def indicators(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows  | measure | method        | per  | period_rule  | denominator_source | denominator_measure
            crimes       | police_crime | events       | all     | count         | 1    | month        | police_crime       | ''
            crime_rate   | police_crime | events       | all     | rate          | 1000 | month        | population         | all_ages
            price        | price_paid   | events       | sales   | median        | 1    | year         | price_paid         | ''
            residents    | population   | observations | all     | count         | 1    | as_published | population         | ''
            renters      | census_2021  | observations | rented  | proportion    | 100  | as_published | census_2021        | homes
            imd          | iod          | observations | score   | weighted_mean | 1    | as_published | iod                | people
            smoking      | fingertips   | published    | smoking | as_published  | 1    | as_published | fingertips         | ''
            """,
        )
        warehouse.given(
            "catalogue.indicator_area_kinds",
            """
            indicator_id | area_kind
            crimes       | forum
            crime_rate   | forum
            price        | forum
            residents    | forum
            renters      | forum
            imd          | forum
            smoking      | district
            """,
        )
        codes = ("F1", "F2", "FIVE", "FOUR", "NONE", "PART", "NODIV", "ZERO", "NOBODY")
        warehouse.given(
            "geo.areas",
            "area_kind | area_code\nward | W1\n" + "\n".join(f"forum | {code}" for code in codes),
        )

    def test_a_rate_is_events_over_people(self, warehouse):
        warehouse.given(
            "core.area_events",
            """
            source       | measure | period_rule | period  | period_end | area_kind | area_code | events | events_in_small_areas | coverage_note
            police_crime | all     | month       | 2026-01 | 2026-01-31 | forum     | F1        | 7      | 3                     | a neighbour is missing
            police_crime | all     | month       | 2026-01 | 2026-01-31 | forum     | F2        | 0      | 0                     | -
            police_crime | all     | month       | 2026-01 | 2026-01-31 | ward      | W1        | 9      | 9                     | -
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | area_code | denominator | denominator_note
            crime_rate   | 2026-01 | forum     | F1        | 1500        | by the 2022 estimate
            crime_rate   | 2026-01 | forum     | F2        | 1200        | by the 2022 estimate
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | area_code | period  | numerator | denominator | value | note
            crimes       | F1        | 2026-01 | 7         | -           | 7     | a neighbour is missing
            crimes       | F2        | 2026-01 | 0         | -           | 0     | -
            crime_rate   | F1        | 2026-01 | 3         | 1500        | 2     | a neighbour is missing; by the 2022 estimate
            crime_rate   | F2        | 2026-01 | 0         | 1200        | 0     | by the 2022 estimate
            """,
        )

    def test_a_rate_without_people_says_why(self, warehouse):
        warehouse.given(
            "core.area_events",
            """
            source       | measure | period_rule | period  | period_end | area_kind | area_code | events_in_small_areas
            police_crime | all     | month       | 2026-01 | 2026-01-31 | forum     | NONE      | 3
            police_crime | all     | month       | 2026-01 | 2026-01-31 | forum     | PART      | 3
            police_crime | all     | month       | 2026-01 | 2026-01-31 | forum     | ZERO      | 3
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | area_code | denominator
            crime_rate   | 2026-01 | forum     | PART      | -
            crime_rate   | 2026-01 | forum     | ZERO      | 0
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | numerator | denominator | value | note
            NONE      | 3         | -           | -     | no figure to divide by: the file is not in hand, or no small area is assigned to the area
            PART      | 3         | -           | -     | no figure to divide by for some of its small areas
            ZERO      | 3         | 0           | -     | the denominator is zero
            """,
            only="indicator_id = 'crime_rate'",
        )

    def test_a_median_needs_five_sales(self, warehouse):
        warehouse.given(
            "core.area_events",
            """
            source     | measure | period_rule | period | period_end | area_kind | area_code | events
            price_paid | sales   | year        | 2024   | 2024-12-31 | forum     | FIVE      | 5
            price_paid | sales   | year        | 2024   | 2024-12-31 | forum     | FOUR      | 4
            price_paid | sales   | year        | 2024   | 2024-12-31 | forum     | NONE      | 0
            """,
        )
        warehouse.given(
            "core.area_amounts",
            """
            source     | measure | period_rule | period | area_kind | area_code | median_amount
            price_paid | sales   | year        | 2024   | forum     | FIVE      | 182500
            price_paid | sales   | year        | 2024   | forum     | FOUR      | 150000
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | area_code | numerator | denominator | value  | note
            price        | FIVE      | 5         | -           | 182500 | numerator is the number of sales
            price        | FOUR      | 4         | -           | -      | fewer than 5 sales; numerator is the number of sales
            price        | NONE      | 0         | -           | -      | fewer than 5 sales; numerator is the number of sales
            """,
        )

    def test_a_proportion_is_a_sum_of_counts_divided_once(self, warehouse):
        """F1 is of 100 homes with 10 rented and 300 with 90: 25% of all, not the mean of 10% and 30%."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code
            forum     | F1        | L1
            forum     | F1        | L2
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source      | measure | small_area_code | period | period_start | period_end | value
            census_2021 | rented  | L1              | 2021   | 2021-03-21   | 2021-03-21 | 10
            census_2021 | rented  | L2              | 2021   | 2021-03-21   | 2021-03-21 | 90
            census_2021 | homes   | L1              | 2021   | 2021-03-21   | 2021-03-21 | 100
            census_2021 | homes   | L2              | 2021   | 2021-03-21   | 2021-03-21 | 300
            """,
        )
        warehouse.given("catalogue.sources", "source | label\ncensus_2021 | Census 2021")
        warehouse.build("core.area_totals", "evidence.denominator_periods", "evidence.denominators")
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | area_code | period | numerator | denominator | value | note
            renters      | F1        | 2021   | 100       | 400         | 25    | -
            """,
        )

    def test_a_total_without_a_figure_says_how_many_small_areas_lack_one(self, warehouse):
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_end | area_kind | area_code | small_areas | small_areas_with_a_figure | irregular_small_areas | total | shared_out
            census_2021 | rented  | 2021   | 2021-03-21 | forum     | PART      | 3           | 2                         | 0                     | -     | false
            census_2021 | rented  | 2021   | 2021-03-21 | forum     | NODIV     | 3           | 3                         | 0                     | 9     | false
            census_2021 | rented  | 2021   | 2021-03-21 | forum     | ZERO      | 3           | 3                         | 0                     | 9     | false
            population  | all     | 2020   | 2020-06-30 | forum     | F1        | 3           | 3                         | 0                     | 4500  | true
            population  | all     | 2020   | 2020-06-30 | forum     | F2        | 3           | 1                         | 0                     | -     | true
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period | area_kind | area_code | denominator
            renters      | 2021   | forum     | PART      | 100
            renters      | 2021   | forum     | ZERO      | 0
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | area_code | numerator | value | note
            renters      | PART      | -         | -     | 1 of its 3 small areas have no figure
            renters      | NODIV     | 9         | -     | no figure to divide by
            renters      | ZERO      | 9         | -     | the denominator is zero
            residents    | F1        | 4500      | 4500  | partly shared out from 2011 small areas
            residents    | F2        | -         | -     | 2 of its 3 small areas have no figure; partly shared out from 2011 small areas
            """,
        )

    def test_a_weighted_mean_is_divided_once(self, warehouse):
        warehouse.given(
            "core.weighted_totals",
            """
            indicator_id | period | period_end | area_kind | area_code | small_areas | small_areas_with_a_figure | score_times_people | people
            imd          | 2025   | 2025-12-31 | forum     | F1        | 2           | 2                         | 40500              | 2000
            imd          | 2025   | 2025-12-31 | forum     | PART      | 2           | 1                         | -                  | -
            imd          | 2025   | 2025-12-31 | forum     | NOBODY    | 2           | 2                         | 0                  | 0
            """,
        )
        note = "average of small areas, weighted by people; numerator is score times people"
        warehouse.expect(
            "evidence.indicator_values",
            f"""
            area_code | numerator | denominator | value | note
            F1        | 40500     | 2000        | 20.25 | {note}
            PART      | -         | -           | -     | 1 of its 2 small areas have no figure; {note}
            NOBODY    | 0         | 0           | -     | the denominator is zero; {note}
            """,
        )

    def test_a_published_figure_is_taken_as_it_is_with_its_note_once(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code
            district  | D1
            district  | D2
            district  | D3
            """,
        )
        warehouse.given(
            "core.published",
            """
            source     | measure | area_code | period | period_end | numerator | denominator | publisher_value | value_note
            fingertips | smoking | D1        | 2015   | 2015-12-31 | 145       | 1000        | 14.5            | Aggregated from all known lower geography values
            fingertips | smoking | D2        | 2015   | 2015-12-31 | -         | -           | -               | Value suppressed
            fingertips | smoking | D3        | 2015   | 2015-12-31 | -         | -           | -               | -
            fingertips | smoking | F1        | 2015   | 2015-12-31 | -         | -           | 1               | -
            fingertips | smoking | ELSEWHERE | 2015   | 2015-12-31 | -         | -           | 1               | -
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | area_code | numerator | denominator | value | note
            smoking      | D1        | 145       | 1000        | 14.5  | Aggregated from all known lower geography values
            smoking      | D2        | -         | -           | -     | Value suppressed
            smoking      | D3        | -         | -           | -     | the publisher gives no value
            """,
        )

    def test_a_total_that_misses_irregular_small_areas_says_so(self, warehouse):
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_end | area_kind | area_code | small_areas | small_areas_with_a_figure | irregular_small_areas | total
            population  | all     | 2019   | 2019-06-30 | forum     | F1        | 9           | 6                         | 2                     | -
            population  | all     | 2019   | 2019-06-30 | forum     | F2        | 9           | 6                         | 0                     | -
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | value | note
            F1        | -     | 2 of its 9 small areas changed irregularly between 2011 and 2021: not comparable
            F2        | -     | 3 of its 9 small areas have no figure
            """,
        )

    def test_a_figure_is_on_the_edition_in_force_when_its_period_ended(self, warehouse):
        """F9 is an area of the first edition only, and both know F8 but by other members."""
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_from | in_force_to
            forum     | 2008    | F8        | 2008-04-01    | 2013-03-31
            forum     | 2008    | F9        | 2008-04-01    | 2013-03-31
            forum     | 2013    | F8        | 2013-04-01    | 9999-12-31
            """,
        )
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_end | area_kind | edition | area_code | total
            population  | all     | 2007   | 2008-03-31 | forum     | 2008    | F8        | 1
            population  | all     | 2012   | 2013-03-31 | forum     | 2008    | F8        | 2
            population  | all     | 2012   | 2013-03-31 | forum     | 2008    | F9        | 3
            population  | all     | 2012   | 2013-03-31 | forum     | 2013    | F8        | 4
            population  | all     | 2013   | 2013-04-01 | forum     | 2008    | F8        | 5
            population  | all     | 2013   | 2013-04-01 | forum     | 2008    | F9        | 6
            population  | all     | 2013   | 2013-04-01 | forum     | 2013    | F8        | 7
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            edition | area_code | period | value
            2008    | F8        | 2012   | 2
            2008    | F9        | 2012   | 3
            2013    | F8        | 2013   | 7
            """,
        )

    def test_a_published_figure_is_on_the_edition_in_force_too(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_from | in_force_to
            district  | 1974    | D1        | 1974-04-01    | 2023-03-31
            district  | 2023    | D1        | 2023-04-01    | 9999-12-31
            """,
        )
        warehouse.given(
            "core.published",
            """
            source     | measure | area_code | period | period_end | publisher_value
            fingertips | smoking | D1        | 2022   | 2022-12-31 | 14.5
            fingertips | smoking | D1        | 2023   | 2023-12-31 | 13.5
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            edition | area_code | assignment | period | value
            1974    | D1        | declared   | 2022   | 14.5
            2023    | D1        | declared   | 2023   | 13.5
            """,
        )


class TestOtherAssignments:
    """What would come out, were the area drawn 50 m otherwise or its residents shared otherwise."""

    @pytest.fixture(autouse=True)
    def town(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows  | measure | method        | per  | period_rule  | denominator_source | denominator_measure
            crimes       | police_crime | events       | all     | count         | 1    | month        | police_crime       | ''
            crime_rate   | police_crime | events       | all     | rate          | 1000 | month        | population         | all_ages
            price        | price_paid   | events       | sales   | median        | 1    | year         | price_paid         | ''
            renters      | census_2021  | observations | rented  | proportion    | 100  | as_published | census_2021        | homes
            imd          | iod          | observations | score   | weighted_mean | 1    | as_published | iod                | people
            """,
        )
        warehouse.given(
            "catalogue.indicator_area_kinds",
            """
            indicator_id | area_kind
            crimes       | town
            crime_rate   | town
            price        | town
            renters      | town
            imd          | town
            """,
        )
        warehouse.given("geo.areas", "area_kind | area_code\ntown | T1")

    def test_a_rate_divides_the_events_in_its_own_edge_by_the_residents_of_the_rule(
        self, warehouse
    ):
        """However the edge is moved, the residents are those of the declared rule."""
        warehouse.given(
            "core.area_events",
            """
            source       | measure | period_rule | period  | period_end | area_kind | area_code | assignment | residents_by | events | events_in_small_areas
            police_crime | all     | month       | 2026-01 | 2026-01-31 | town      | T1        | declared   | declared     | 40     | 60
            police_crime | all     | month       | 2026-01 | 2026-01-31 | town      | T1        | 50 m in    | declared     | 30     | 50
            police_crime | all     | month       | 2026-01 | 2026-01-31 | town      | T1        | 50 m out   | declared     | 45     | 65
            police_crime | all     | month       | 2026-01 | 2026-01-31 | town      | T1        | area_share | area_share   | 40     | 40
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | area_code | assignment | denominator
            crime_rate   | 2026-01 | town      | T1        | declared   | 1000
            crime_rate   | 2026-01 | town      | T1        | area_share | 1600
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | assignment | numerator | denominator | value
            crimes       | declared   | 40        | -           | 40
            crimes       | 50 m in    | 30        | -           | 30
            crimes       | 50 m out   | 45        | -           | 45
            crime_rate   | declared   | 60        | 1000        | 60
            crime_rate   | 50 m in    | 50        | 1000        | 50
            crime_rate   | 50 m out   | 65        | 1000        | 65
            crime_rate   | area_share | 40        | 1600        | 25
            """,
        )

    def test_a_rate_is_divided_by_the_residents_of_its_own_edition(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_from | in_force_to
            town      | 2008    | T2        | 0001-01-01    | 2026-01-31
            town      | 2026    | T2        | 2026-02-01    | 9999-12-31
            """,
        )
        warehouse.given(
            "core.area_events",
            """
            source       | measure | period_rule | period  | period_end | area_kind | edition | area_code | events | events_in_small_areas
            police_crime | all     | month       | 2026-01 | 2026-01-31 | town      | 2008    | T2        | 2      | 2
            police_crime | all     | month       | 2026-02 | 2026-02-28 | town      | 2026    | T2        | 2      | 2
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | edition | area_code | denominator
            crime_rate   | 2026-01 | town      | 2008    | T2        | 1000
            crime_rate   | 2026-01 | town      | 2026    | T2        | 4000
            crime_rate   | 2026-02 | town      | 2008    | T2        | 1000
            crime_rate   | 2026-02 | town      | 2026    | T2        | 4000
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            period  | edition | value
            2026-01 | 2008    | 2
            2026-02 | 2026    | 0.5
            """,
            only="indicator_id = 'crime_rate'",
        )

    def test_a_median_is_of_the_sales_within_the_moved_edge_if_they_are_five(self, warehouse):
        """Sales within the town as it was in 2008 are of another edition."""
        warehouse.given(
            "core.area_events",
            """
            source     | measure | period_rule | period | period_end | area_kind | area_code | assignment | residents_by | events
            price_paid | sales   | year        | 2024   | 2024-12-31 | town      | T1        | declared   | declared     | 5
            price_paid | sales   | year        | 2024   | 2024-12-31 | town      | T1        | 50 m in    | declared     | 4
            price_paid | sales   | year        | 2024   | 2024-12-31 | town      | T1        | 50 m out   | declared     | 8
            price_paid | sales   | year        | 2024   | 2024-12-31 | town      | T1        | area_share | area_share   | 5
            """,
        )
        warehouse.given(
            "core.area_amounts",
            """
            source     | measure | period_rule | period | area_kind | area_code | assignment | median_amount
            price_paid | sales   | year        | 2024   | town      | T1        | declared   | 180000
            price_paid | sales   | year        | 2024   | town      | T1        | 50 m in    | 150000
            price_paid | sales   | year        | 2024   | town      | T1        | 50 m out   | 190000
            """,
        )
        warehouse.given(
            "core.area_amounts",
            """
            source     | measure | period_rule | period | area_kind | edition | area_code | median_amount
            price_paid | sales   | year        | 2024   | town      | 2008    | T1        | 999999
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            assignment | numerator | value
            declared   | 5         | 180000
            50 m in    | 4         | -
            50 m out   | 8         | 190000
            """,
        )

    def test_a_proportion_and_a_mean_are_made_wholly_by_one_rule(self, warehouse):
        """And on one edition: the homes of the town as it was in 2008 are not divided by."""
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_end | area_kind | area_code | assignment | total
            census_2021 | rented  | 2021   | 2021-03-21 | town      | T1        | declared   | 100
            census_2021 | rented  | 2021   | 2021-03-21 | town      | T1        | area_share | 120
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | area_code | assignment | denominator
            renters      | 2021    | town      | T1        | declared   | 400
            renters      | 2021    | town      | T1        | area_share | 300
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period  | area_kind | edition | area_code | denominator
            renters      | 2021    | town      | 2008    | T1        | 999
            """,
        )
        warehouse.given(
            "core.weighted_totals",
            """
            indicator_id | period | period_end | area_kind | area_code | assignment | score_times_people | people
            imd          | 2025   | 2025-12-31 | town      | T1        | declared   | 40000              | 2000
            imd          | 2025   | 2025-12-31 | town      | T1        | area_share | 45000              | 1500
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | assignment | value
            renters      | declared   | 25
            renters      | area_share | 40
            imd          | declared   | 20
            imd          | area_share | 30
            """,
        )


class TestCells:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code | area_name
            place     | P         | Exampleshire
            forum     | F1        | First
            town      | T1        | Tinytown
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code
            place     | P         | L1
            forum     | F1        | L1
            """,
        )

    def asked(self, warehouse, indicator):
        warehouse.given(
            "catalogue.indicators",
            f"""
            indicator_id | source | source_rows | measure | method | per | polarity | period_rule
            {indicator}
            """,
        )
        name = indicator.split("|")[0].strip()
        warehouse.given(
            "catalogue.indicator_area_kinds",
            f"indicator_id | area_kind\n{name} | place\n{name} | forum\n{name} | town",
        )

    def test_the_place_stands_beside_its_areas_but_not_beside_itself(self, warehouse):
        self.asked(warehouse, "crimes | police | events | all | count | 1 | low | month")
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period  | period_start | numerator | value | note
            crimes       | place     | P         | 2026-01 | 2026-01-01   | 9         | 9     | -
            crimes       | forum     | F1        | 2026-01 | 2026-01-01   | 4         | 4     | as is
            crimes       | forum     | F1        | 2025-12 | 2025-12-01   | 5         | 5     | -
            crimes       | town      | T1        | 2026-01 | 2026-01-01   | 1         | 1     | -
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            area_kind | area_code | period  | value | method | polarity | comparator   | comparator_value | note
            place     | P         | 2026-01 | 9     | count  | low      | -            | -                | -
            forum     | F1        | 2026-01 | 4     | count  | low      | Exampleshire | 9                | as is
            forum     | F1        | 2025-12 | 5     | count  | low      | -            | -                | -
            town      | T1        | 2026-01 | 1     | count  | low      | Exampleshire | 9                | -
            """,
        )

    @pytest.mark.parametrize(
        ("rows", "forum", "town"),
        [
            ("events", *["no period asked for is covered whole by the files in hand"] * 2),
            ("published", *["the publisher gives none for this area"] * 2),
            (
                "observations",
                "the files in hand have no column for it",
                "no small area has its population-weighted centroid in it",
            ),
        ],
    )
    def test_where_nothing_is_in_hand_one_row_says_why(self, warehouse, rows, forum, town):
        self.asked(warehouse, f"some | source | {rows} | all | count | 1 | low | month")
        warehouse.given(
            "evidence.indicator_values",
            "indicator_id | area_kind | area_code | period | value\nsome | place | P | 2026-01 | 9",
        )
        warehouse.expect(
            "evidence.cells",
            f"""
            area_code | period  | value | comparator | comparator_value | note
            P         | 2026-01 | 9     | -          | -                | -
            F1        | -       | -     | -          | -                | no figure: {forum}
            T1        | -       | -     | -          | -                | no figure: {town}
            """,
        )

    def test_the_reason_of_a_source_that_is_not_in_hand_comes_first(self, warehouse):
        self.asked(warehouse, "some | source | events | all | count | 1 | low | month")
        warehouse.given(
            "catalogue.source_gaps", "source | reason\nsource | no file of it is in the inbox"
        )
        warehouse.expect(
            "evidence.cells",
            """
            area_code | period | value | note
            P         | -      | -     | no figure: no file of it is in the inbox
            F1        | -      | -     | no figure: no file of it is in the inbox
            T1        | -      | -     | no figure: no file of it is in the inbox
            """,
        )

    def test_a_published_interval_and_the_prices_behind_a_median_come_along(self, warehouse):
        self.asked(
            warehouse,
            "smoking | fingertips | published | smoking | as_published | 1 | low | as_published",
        )
        self.asked(warehouse, "price | price_paid | events | sales | median | 1 | neither | year")
        warehouse.given(
            "core.published",
            """
            source     | measure | area_code | period | lower_ci | upper_ci
            fingertips | smoking | F1        | 2015   | 12.1     | 16.9
            """,
        )
        warehouse.given(
            "core.area_amounts",
            """
            source     | measure | period_rule | period | area_kind | area_code | amounts
            price_paid | sales   | year        | 2024   | forum     | F1        | [100, 200]
            """,
        )
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period | value
            smoking      | forum     | F1        | 2015   | 14.5
            price        | forum     | F1        | 2024   | 150
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            indicator_id | value | published_lower | published_upper | amounts
            smoking      | 14.5  | 12.1            | 16.9            | -
            price        | 150   | -               | -               | [100, 200]
            """,
            only="value is not null",
        )

    def test_a_range_is_from_the_least_to_the_most_of_all_assignments(self, warehouse):
        """One that gives no value (too few sales, say) widens nothing; without a value, no range."""
        self.asked(warehouse, "rate | police | events | all | rate | 1 | low | month")
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period  | assignment | value
            rate         | place     | P         | 2026-01 | declared   | 9
            rate         | place     | P         | 2026-01 | 50 m out   | 8
            rate         | forum     | F1        | 2026-01 | declared   | 4
            rate         | forum     | F1        | 2026-01 | 50 m in    | 3
            rate         | forum     | F1        | 2026-01 | 50 m out   | 6
            rate         | forum     | F1        | 2026-01 | area_share | 2.5
            rate         | forum     | F1        | 2026-01 | centroid   | -
            rate         | forum     | F1        | 2025-12 | declared   | 5
            rate         | town      | T1        | 2026-01 | declared   | -
            rate         | town      | T1        | 2026-01 | area_share | 1
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            area_code | period  | value | assignment_low | assignment_high | comparator_value
            P         | 2026-01 | 9     | 8              | 9               | -
            F1        | 2026-01 | 4     | 2.5            | 6               | 9
            F1        | 2025-12 | 5     | 5              | 5               | -
            T1        | 2026-01 | -     | -              | -               | 9
            """,
        )

    def test_what_is_published_for_whole_areas_does_not_hang_on_our_assignment(self, warehouse):
        self.asked(
            warehouse, "smoking | phe | published | smokers | as_published | 1 | low | as_published"
        )
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period | value
            smoking      | forum     | F1        | 2015   | 14.5
            """,
        )
        warehouse.expect(
            "evidence.cells",
            "value | assignment_low | assignment_high\n14.5 | - | -",
            only="value is not null",
        )

    def test_the_prices_behind_a_median_are_of_its_own_edition_and_declared_edge(self, warehouse):
        self.asked(warehouse, "price | price_paid | events | sales | median | 1 | neither | year")
        warehouse.given(
            "core.area_amounts",
            """
            source     | measure | period_rule | period | area_kind | edition | area_code | assignment | amounts
            price_paid | sales   | year        | 2024   | forum     | 2008    | F1        | declared   | [1, 2]
            price_paid | sales   | year        | 2024   | forum     | 2013    | F1        | declared   | [3, 4]
            price_paid | sales   | year        | 2024   | forum     | 2013    | F1        | 50 m out   | [3, 4, 5]
            """,
        )
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | edition | area_code | period | value
            price        | forum     | 2013    | F1        | 2024   | 3.5
            """,
        )
        warehouse.expect(
            "evidence.cells",
            "edition | amounts\n2013 | [3, 4]",
            only="value is not null",
        )

    def test_an_area_has_one_gap_over_all_editions_and_none_if_it_has_figures(self, warehouse):
        """F2 is an area of the old edition only, with figures; F3 of both, and T1 without any."""
        self.asked(warehouse, "some | source | events | all | count | 1 | low | month")
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code
            forum     | 2008    | F2
            forum     | 2008    | F3
            forum     | 2013    | F3
            """,
        )
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | edition | area_code | period  | value
            some         | place     | ''      | P         | 2010-01 | 9
            some         | forum     | ''      | F1        | 2010-01 | 4
            some         | forum     | 2008    | F2        | 2010-01 | 5
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            edition | area_code | period  | value | note
            ''      | P         | 2010-01 | 9     | -
            ''      | F1        | 2010-01 | 4     | -
            2008    | F2        | 2010-01 | 5     | -
            2013    | F3        | -       | -     | no figure: no period asked for is covered whole by the files in hand
            ''      | T1        | -       | -     | no figure: no period asked for is covered whole by the files in hand
            """,
        )

    def test_why_an_area_has_no_crimes_its_edition_ended_or_it_is_the_lesser_part(self, warehouse):
        self.asked(warehouse, "some | source | events | all | count | 1 | low | month")
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_to
            forum     | 2008    | F2        | 2012-12-31
            forum     | 2013    | F3        | 9999-12-31
            """,
        )
        warehouse.given("core.area_events", "area_kind | area_code\nforum | F1")
        warehouse.expect(
            "evidence.cells",
            """
            area_code | note
            F1        | no figure: no period asked for is covered whole by the files in hand
            F2        | no figure: its boundaries were in force at the end of no period in hand
            F3        | no figure: it is the lesser part of each of its small areas: what happened in it cannot be told
            """,
            only="area_kind = 'forum'",
        )

    def test_what_another_rule_would_give_a_tiny_town_does_not_hide_its_gap(self, warehouse):
        self.asked(warehouse, "homes | census | observations | homes | count | 1 | low | as_is")
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment
            town      | T1        | L1              | area_share
            """,
        )
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period | assignment | value
            homes        | town      | T1        | 2021   | area_share | 10
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            area_code | period | value | note
            T1        | -      | -     | no figure: no small area has its population-weighted centroid in it
            """,
            only="area_code = 'T1'",
        )


def test_plausibility_counts_odd_values_and_gaps_without_a_reason(warehouse):
    warehouse.given(
        "catalogue.indicators",
        """
        indicator_id | plausible_low | plausible_high
        share        | 0             | 100
        absent       | 0             | 100
        """,
    )
    warehouse.given(
        "evidence.cells",
        """
        indicator_id | area_code | value | note
        share        | F1        | 0     | -
        share        | F2        | 100   | -
        share        | F3        | 101   | -
        share        | F4        | -1    | -
        share        | F5        | -     | fewer than 5 sales
        share        | F6        | -     | -
        """,
    )
    warehouse.expect(
        "evidence.plausibility",
        """
        indicator_id | lowest | highest | cells | implausible_cells | unexplained_gaps
        share        | -1     | 101     | 4     | 2                 | 1
        absent       | -      | -       | 0     | 0                 | 0
        """,
    )


class TestPublishedTables:
    @pytest.fixture(autouse=True)
    def one_cell(self, warehouse):
        warehouse.given("catalogue.themes", "theme_id | position\nsafer | 0\nolder | 1\nempty | 2")
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | label  | themes         | unit   | source       | method | polarity
            crimes       | Crimes | [safer, older] | crimes | police_crime | count  | low
            """,
        )
        warehouse.given("catalogue.area_kinds", "area_kind\nforum")
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code | area_name
            forum     | F1        | =1+1
            forum     | F2        | Stoke-on-Hill
            """,
        )
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | period  | value     | method | assignment_low | assignment_high | comparator   | comparator_value | note
            crimes       | forum     | F1        | 2026-01 | 4.1234567 | count  | 3.1234567      | 6.1234567       | Exampleshire | 9.1234567        | -
            crimes       | forum     | F2        | -       | -         | count  | -              | -               | -            | -                | @reason
            """,
        )
        warehouse.given(
            "evidence.judgements",
            """
            indicator_id | area_kind | area_code | period  | lower_ci | upper_ci | compared | sensitive
            crimes       | forum     | F1        | 2026-01 | 2        | 6        | better   | true
            """,
        )

    def test_the_tidy_table_has_a_row_for_each_cell(self, warehouse):
        warehouse.expect(
            "evidence.evidence_table",
            """
            theme          | indicator | area_name     | period  | value    | unit   | lower_ci | upper_ci | comparator   | comparator_value | compared | source       | note
            [safer, older] | Crimes    | =1+1          | 2026-01 | 4.123457 | crimes | 2        | 6        | Exampleshire | 9.123457         | better   | police_crime | -
            [safer, older] | Crimes    | Stoke-on-Hill | -       | -        | crimes | -        | -        | -            | -                | -        | police_crime | @reason
            """,
        )

    def test_a_theme_gets_its_rows_with_no_formula_in_them(self, warehouse):
        warehouse.build("evidence.evidence_table")
        warehouse.expect(
            "evidence.theme_rows",
            """
            theme_id | theme        | area_name     | value    | note
            safer    | safer; older | '=1+1         | 4.123457 | -
            safer    | safer; older | Stoke-on-Hill | -        | '@reason
            older    | safer; older | '=1+1         | 4.123457 | -
            older    | safer; older | Stoke-on-Hill | -        | '@reason
            """,
        )

    def test_beside_a_value_stands_what_other_assignments_would_make_of_it(self, warehouse):
        shown = """
            value    | assignment_low | assignment_high | sensitive
            4.123457 | 3.123457       | 6.123457        | true
            -        | -              | -               | -
            """
        warehouse.expect("evidence.evidence_table", shown)
        warehouse.build("evidence.evidence_table")
        warehouse.expect("evidence.theme_rows", shown, only="theme_id = 'safer'")

    def test_a_value_and_its_range_are_rounded_alike_so_that_it_stays_within(self, warehouse):
        """Else a value that is its own upper end could be published above it."""
        warehouse.con.execute("update evidence.cells set assignment_low = value")
        warehouse.con.execute("update evidence.cells set assignment_high = value")
        made = warehouse.con.sql(models.models()["evidence.evidence_table"])
        figures = made.filter("value is not null").select("value, assignment_low, assignment_high")
        assert figures.fetchall() == [(4.123457, 4.123457, 4.123457)]

    def test_an_edition_is_named_where_there_are_several_and_areas_have_its_names(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | area_name
            forum     | 2008    | F3        | Hill and Vale
            forum     | 2013    | F3        | Hill
            """,
        )
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | edition | area_code | period
            crimes       | forum     | 2008    | F3        | 2012-01
            crimes       | forum     | 2013    | F3        | 2014-01
            """,
        )
        shown = """
            edition | area_code | area_name     | period
            -       | F1        | {formula}     | 2026-01
            -       | F2        | Stoke-on-Hill | -
            2008    | F3        | Hill and Vale | 2012-01
            2013    | F3        | Hill          | 2014-01
            """
        warehouse.expect("evidence.evidence_table", shown.format(formula="=1+1"))
        warehouse.build("evidence.evidence_table")
        warehouse.expect(
            "evidence.theme_rows", shown.format(formula="'=1+1"), only="theme_id = 'safer'"
        )


class TestLedger:
    @pytest.fixture(autouse=True)
    def forum(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds",
            """
            area_kind | position | is_exact
            forum     | 0        | true
            town      | 1        | false
            """,
        )
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code | area_name
            forum     | F1        | First
            town      | T1        | Market
            """,
        )
        warehouse.given(
            "core.small_areas", "small_area_code | small_area_name\nL1 | Northmarch 001A"
        )

    def test_residents_are_listed_by_rule_and_weight_with_their_share_of_the_area(self, warehouse):
        """A quarter of L2's 1200 people: 300 beside L1's 100. Of other rules nothing is listed."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment | rule             | weight | weight_households | weight_children
            forum     | F1        | L1              | declared   | exact membership | 1      | 1                 | 1
            forum     | F1        | L2              | declared   | population share | 0.25   | 0.375             | 0.125
            forum     | F1        | L2              | area_share | area share       | 0.5    | 0.5               | 0.5
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source     | measure  | small_area_code | period_start | value
            population | all_ages | L1              | 2022-06-30   | 100
            population | all_ages | L2              | 2022-06-30   | 1200
            """,
        )
        warehouse.expect(
            "evidence.assignment_ledger",
            """
            area_kind | edition | area_code | area_name | counted   | small_area_code | small_area_name | vintage | rule             | weight | weight_households | weight_children | amount | share_of_area | is_comparable
            forum     | -       | F1        | First     | residents | L1              | Northmarch 001A | 2021    | exact membership | 1      | 1                 | 1               | 100    | 0.25          | true
            forum     | -       | F1        | First     | residents | L2              | -               | 2021    | population share | 0.25   | 0.375             | 0.125           | 300    | 0.75          | true
            """,
        )

    def test_residents_are_those_of_the_newest_estimate_else_of_the_census(self, warehouse):
        warehouse.given("geo.area_weights", "area_kind | area_code | small_area_code\nforum|F1|L1")
        columns = "source | measure | small_area_code | period_start | value\n"
        warehouse.given(
            "core.small_area_values",
            columns
            + """
            census_2021 | ts038_people    | L1 | 2021-03-21 | 1000
            census_2021 | ts054_households| L1 | 2021-03-21 | 400
            population  | aged_0_to_15    | L1 | 2024-06-30 | 90
            """,
        )
        warehouse.expect("evidence.assignment_ledger", "amount\n1000")
        warehouse.given(
            "core.small_area_values",
            columns
            + """
            population | all_ages | L1 | 2020-06-30 | 990
            population | all_ages | L1 | 2019-06-30 | 980
            """,
        )
        warehouse.expect("evidence.assignment_ledger", "amount\n990")

    def test_without_any_count_of_residents_the_weights_stand_alone(self, warehouse):
        warehouse.given("geo.area_weights", "area_kind | area_code | small_area_code\nforum|F1|L1")
        warehouse.expect(
            "evidence.assignment_ledger",
            "small_area_code | weight | amount | share_of_area\nL1 | 1 | - | -",
        )

    def test_crimes_and_sales_are_listed_by_the_small_area_of_their_points(self, warehouse):
        """The town's edge takes in point 3, which lies in no small area; 4 is only near it."""
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Drugs    | 2026-02-01 | 1        | 1
            police_crime | Burglary | 2026-01-01 | 2        | 3
            police_crime | Burglary | 2026-01-01 | 3        | 6
            police_crime | Burglary | 2026-01-01 | 4        | 50
            police_crime | Burglary | 2026-01-01 | -        | 70
            price_paid   | D        | 2026-01-01 | 2        | 8
            """,
        )
        warehouse.given("geo.point_small_areas", "point_id | small_area_code\n1|L1\n2|L2\n4|L2")
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | area_code | by_edge | near_edge
            1        | forum     | F1        | true    | true
            1        | town      | T1        | true    | true
            2        | town      | T1        | true    | false
            3        | town      | T1        | true    | false
            4        | town      | T1        | false   | true
            """,
        )
        warehouse.expect(
            "evidence.assignment_ledger",
            """
            area_code | counted              | small_area_code | rule                          | weight | amount | share_of_area
            F1        | crimes and incidents | L1              | point in its small area       | -      | 3      | 1
            T1        | crimes and incidents | L1              | point inside its own boundary | -      | 3      | 0.25
            T1        | crimes and incidents | L2              | point inside its own boundary | -      | 3      | 0.25
            T1        | crimes and incidents | -               | point inside its own boundary | -      | 6      | 0.5
            T1        | sales                | L2              | point inside its own boundary | -      | 8      | 1
            """,
        )

    def test_a_small_area_that_changed_irregularly_is_marked_not_comparable(self, warehouse):
        """X1 was made from two of 2011: it is listed once all the same."""
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change
            OLD_X1    | X1        | X
            OLD_X2    | X1        | X
            OLD_S     | L1        | S
            """,
        )
        warehouse.given(
            "geo.area_weights",
            "area_kind | area_code | small_area_code\nforum | F1 | L1\nforum | F1 | X1",
        )
        warehouse.expect(
            "evidence.assignment_ledger",
            "small_area_code | is_comparable\nL1 | true\nX1 | false",
        )

    def test_each_edition_is_listed_with_its_own_members(self, warehouse):
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | area_name
            forum     | 2008    | F2        | Hill and Vale
            forum     | 2013    | F2        | Hill
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code
            forum     | 2008    | F2        | L1
            forum     | 2008    | F2        | L2
            forum     | 2013    | F2        | L1
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source     | measure  | small_area_code | period_start | value
            population | all_ages | L1              | 2022-06-30   | 400
            population | all_ages | L2              | 2022-06-30   | 100
            """,
        )
        warehouse.expect(
            "evidence.assignment_ledger",
            """
            edition | area_code | area_name     | small_area_code | share_of_area
            2008    | F2        | Hill and Vale | L1              | 0.8
            2008    | F2        | Hill and Vale | L2              | 0.2
            2013    | F2        | Hill          | L1              | 1
            """,
        )
