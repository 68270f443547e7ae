"""From totals to published cells: what is divided by what, and what a gap says."""

import pytest


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
            forum     | F1        | L1              | exact membership
            """,
        )
        warehouse.expect(
            "evidence.denominators",
            """
            area_code | denominator_note
            T1        | denominator: Population estimates, 2022 (4 years before); both of its small areas by best fit
            F1        | denominator: Population estimates, 2022 (4 years before)
            """,
        )

    def test_a_proportion_within_a_source_is_of_one_period(self, warehouse):
        warehouse.given(
            "core.area_totals",
            """
            source      | measure | period | period_start | period_end | area_kind | area_code | total
            census_2021 | rented  | 2021   | 2021-03-21   | 2021-03-21 | forum     | F1        | 30
            census_2021 | homes   | 2021   | 2021-03-21   | 2021-03-21 | forum     | F1        | 100
            census_2021 | homes   | 2011   | 2011-03-27   | 2011-03-27 | forum     | F1        | 90
            """,
        )
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

    def test_a_rate_is_events_over_people(self, warehouse):
        warehouse.given(
            "core.area_events",
            """
            source       | measure | period_rule | period  | area_kind | area_code | events | events_in_small_areas | coverage_note
            police_crime | all     | month       | 2026-01 | forum     | F1        | 7      | 3                     | a neighbour is missing
            police_crime | all     | month       | 2026-01 | forum     | F2        | 0      | 0                     | -
            police_crime | all     | month       | 2026-01 | ward      | W1        | 9      | 9                     | -
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
            source       | measure | period_rule | period  | area_kind | area_code | events_in_small_areas
            police_crime | all     | month       | 2026-01 | forum     | NONE      | 3
            police_crime | all     | month       | 2026-01 | forum     | PART      | 3
            police_crime | all     | month       | 2026-01 | forum     | ZERO      | 3
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
            source     | measure | period_rule | period | area_kind | area_code | events
            price_paid | sales   | year        | 2024   | forum     | FIVE      | 5
            price_paid | sales   | year        | 2024   | forum     | FOUR      | 4
            price_paid | sales   | year        | 2024   | forum     | NONE      | 0
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
        warehouse.build("core.area_totals", "evidence.denominators")
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
            source      | measure | period | area_kind | area_code | small_areas | small_areas_with_a_figure | total | shared_out
            census_2021 | rented  | 2021   | forum     | PART      | 3           | 2                         | -     | false
            census_2021 | rented  | 2021   | forum     | NODIV     | 3           | 3                         | 9     | false
            census_2021 | rented  | 2021   | forum     | ZERO      | 3           | 3                         | 9     | false
            population  | all     | 2020   | forum     | F1        | 3           | 3                         | 4500  | true
            population  | all     | 2020   | forum     | F2        | 3           | 1                         | -     | true
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
            indicator_id | period | area_kind | area_code | small_areas | small_areas_with_a_figure | score_times_people | people
            imd          | 2025   | forum     | F1        | 2           | 2                         | 40500              | 2000
            imd          | 2025   | forum     | PART      | 2           | 1                         | -                  | -
            imd          | 2025   | forum     | NOBODY    | 2           | 2                         | 0                  | 0
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
            forum     | F1
            """,
        )
        warehouse.given(
            "core.published",
            """
            source     | measure | area_code | period | numerator | denominator | publisher_value | value_note
            fingertips | smoking | D1        | 2015   | 145       | 1000        | 14.5            | Aggregated from all known lower geography values
            fingertips | smoking | D2        | 2015   | -         | -           | -               | Value suppressed
            fingertips | smoking | D3        | 2015   | -         | -           | -               | -
            fingertips | smoking | F1        | 2015   | -         | -           | 1               | -
            fingertips | smoking | ELSEWHERE | 2015   | -         | -           | 1               | -
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
            indicator_id | area_kind | area_code | period  | value     | method | comparator   | comparator_value | note
            crimes       | forum     | F1        | 2026-01 | 4.1234567 | count  | Exampleshire | 9.1234567        | -
            crimes       | forum     | F2        | -       | -         | count  | -            | -                | @reason
            """,
        )
        warehouse.given(
            "evidence.intervals",
            """
            indicator_id | area_kind | area_code | period  | lower_ci | upper_ci | compared
            crimes       | forum     | F1        | 2026-01 | 2        | 6        | better
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


def test_the_ledger_has_every_assignment_with_its_rule(warehouse):
    warehouse.given("catalogue.area_kinds", "area_kind\nforum")
    warehouse.given("geo.areas", "area_kind | area_code | area_name\nforum | F1 | First")
    warehouse.given("core.small_areas", "small_area_code | small_area_name\nL1 | Northmarch 001A")
    warehouse.given(
        "geo.area_weights",
        """
        area_kind | area_code | small_area_code | rule             | weight
        forum     | F1        | L1              | exact membership | 1
        forum     | F1        | L2              | area share       | 0.25
        """,
    )
    warehouse.expect(
        "evidence.assignment_ledger",
        """
        area_kind | area_code | area_name | small_area_code | small_area_name | vintage | rule             | weight
        forum     | F1        | First     | L1              | Northmarch 001A | 2021    | exact membership | 1
        forum     | F1        | First     | L2              | -               | 2021    | area share       | 0.25
        """,
    )
