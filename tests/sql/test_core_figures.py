"""From small-area figures to those of localities: added up, shared out, or missing."""

import pytest


class TestObservations:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        for source in ("census_2021", "population", "indices_of_deprivation", "fuel_poverty"):
            warehouse.given_measures(source)
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | in_place | in_reach
            K1              | true     | true
            S1              | true     | true
            S2              | true     | true
            BEYOND          | false    | true
            FAR             | false    | false
            """,
        )
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change
            K1        | K1        | U
            OLD_S     | S1        | S
            OLD_S     | S2        | S
            """,
        )

    def expect(self, warehouse, text, only="true"):
        warehouse.build("core.measure_columns", "core.file_vintages")
        warehouse.expect("core.observations", text, only=only)

    def test_ages_are_added_up(self, warehouse):
        warehouse.given(
            "stage.population",
            """
            file     | small_area_code | period | publisher_column | publisher_value
            mid-2020 | K1              | 2020   | 84               | 3
            mid-2020 | K1              | 2020   | 85               | 5
            mid-2020 | K1              | 2020   | 90+              | 7
            """,
        )
        self.expect(
            warehouse,
            """
            source     | measure          | counts | file     | vintage | small_area_code | period | value
            population | aged_65_and_over | people | mid-2020 | 2021    | K1              | 2020   | 15
            population | aged_85_and_over | people | mid-2020 | 2021    | K1              | 2020   | 12
            """,
        )

    def test_a_sum_with_a_part_missing_is_missing(self, warehouse):
        """The age 85 of K1 was blank, or stands in quarantine."""
        warehouse.given(
            "stage.population",
            """
            file     | small_area_code | period | publisher_column | publisher_value
            mid-2020 | K1              | 2020   | 84               | 3
            mid-2020 | K1              | 2020   | 90+              | 7
            mid-2020 | S1              | 2020   | 84               | 1
            mid-2020 | S1              | 2020   | 85               | 1
            mid-2020 | S1              | 2020   | 90+              | 1
            """,
        )
        self.expect(
            warehouse,
            """
            measure          | small_area_code | value
            aged_65_and_over | S1              | 3
            aged_85_and_over | S1              | 2
            """,
            only="value is not null",
        )

    def test_a_rate_becomes_people_by_the_publishers_own_denominator(self, warehouse):
        warehouse.given(
            "stage.indices_of_deprivation",
            """
            file | small_area_code | period | publisher_column                                        | publisher_value
            f7   | K1              | 2025   | Income Deprivation Affecting Older People (IDAOPI) Score (rate) | 0.125
            f7   | K1              | 2025   | Older population aged 60 and over: mid 2022             | 400
            f7   | S1              | 2025   | Income Deprivation Affecting Older People (IDAOPI) Score (rate) | 0.25
            """,
        )
        self.expect(
            warehouse,
            """
            measure                      | counts | small_area_code | value
            older_people                 | people | K1              | 400
            income_deprived_older_people | people | K1              | 50
            """,
        )

    def test_the_people_of_a_decile_are_all_or_none_of_the_small_area(self, warehouse):
        warehouse.given(
            "stage.indices_of_deprivation",
            """
            file | small_area_code | period | publisher_column                                    | publisher_value
            f7   | K1              | 2025   | Index of Multiple Deprivation (IMD) Decile (where 1 | 1
            f7   | K1              | 2025   | Total population: mid 2022                          | 1510
            f7   | S1              | 2025   | Index of Multiple Deprivation (IMD) Decile (where 1 | 2
            f7   | S1              | 2025   | Total population: mid 2022                          | 1600
            """,
        )
        self.expect(
            warehouse,
            """
            measure            | small_area_code | value
            people_in_decile_1 | K1              | 1510
            people_in_decile_1 | S1              | 0
            people_in_decile_2 | K1              | 0
            people_in_decile_2 | S1              | 1600
            """,
            only="measure in ('people_in_decile_1', 'people_in_decile_2')",
        )

    def test_2021_small_areas_are_preferred_to_2011_for_one_period(self, warehouse):
        warehouse.given(
            "stage.population",
            """
            file | small_area_code | period | publisher_column | publisher_value
            new  | K1              | 2020   | All ages         | 100
            new  | S1              | 2020   | All ages         | 60
            new  | S2              | 2020   | All ages         | 80
            old  | K1              | 2020   | All ages         | 99
            old  | OLD_S           | 2020   | All ages         | 139
            old  | OLD_S           | 2019   | All ages         | 137
            """,
        )
        self.expect(
            warehouse,
            """
            file | vintage | small_area_code | period | value
            new  | 2021    | K1              | 2020   | 100
            new  | 2021    | S1              | 2020   | 60
            new  | 2021    | S2              | 2020   | 80
            old  | 2011    | OLD_S           | 2019   | 137
            """,
        )

    def test_of_two_files_the_last_by_name_is_used_small_area_by_small_area(self, warehouse):
        warehouse.given(
            "stage.population",
            """
            file  | small_area_code | period | publisher_column | publisher_value
            nomis-1 | K1            | 2022   | All ages         | 100
            nomis-1 | S1            | 2022   | All ages         | 60
            nomis-2 | K1            | 2022   | All ages         | 101
            """,
        )
        self.expect(
            warehouse,
            """
            file    | small_area_code | value
            nomis-2 | K1              | 101
            nomis-1 | S1              | 60
            """,
        )

    def test_small_areas_of_elsewhere_are_observed_as_those_of_the_place_are(self, warehouse):
        """What is set against England, and the places that are alike, lie anywhere in the files."""
        warehouse.given("core.small_area_changes", "code_2011 | code_2021\nOLD_BEYOND | BEYOND")
        warehouse.given(
            "stage.population",
            """
            file | small_area_code | period | publisher_column | publisher_value
            new  | K1              | 2022   | All ages         | 100
            new  | BEYOND          | 2022   | All ages         | 110
            new  | FAR             | 2022   | All ages         | 60
            old  | OLD_BEYOND      | 2019   | All ages         | 90
            """,
        )
        self.expect(
            warehouse,
            """
            vintage | small_area_code | value
            2021    | K1              | 100
            2021    | BEYOND          | 110
            2021    | FAR             | 60
            2011    | OLD_BEYOND      | 90
            """,
        )


class TestSmallAreaValues:
    @pytest.fixture(autouse=True)
    def changes(self, warehouse):
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change | share_people | share_households
            K1        | K1        | U      | 1            | 1
            OLD_S     | S1        | S      | 0.375        | 0.5
            OLD_S     | S2        | S      | 0.625        | 0.5
            OLD_M1    | M1        | M      | 1            | 1
            OLD_M2    | M1        | M      | 1            | 1
            OLD_X     | X1        | X      | -            | -
            """,
        )

    def test_figures_on_2021_small_areas_stay_as_they_are(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts | vintage | small_area_code | period | value
            s      | people  | people | 2021    | K1              | 2022   | 100
            s      | score   | score  | 2021    | K1              | 2022   | 31.5
            """,
        )
        warehouse.expect(
            "core.small_area_values",
            """
            measure | small_area_code | value | shared_out
            people  | K1              | 100   | false
            score   | K1              | 31.5  | false
            """,
        )

    def test_a_split_shares_people_by_people_and_households_by_households(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts     | vintage | small_area_code | period | value
            s      | people  | people     | 2011    | OLD_S           | 2020   | 1600
            s      | homes   | households | 2011    | OLD_S           | 2020   | 700
            s      | people  | people     | 2011    | K1              | 2020   | 1500
            """,
        )
        warehouse.expect(
            "core.small_area_values",
            """
            measure | counts     | small_area_code | period | value | shared_out
            people  | people     | S1              | 2020   | 600   | true
            people  | people     | S2              | 2020   | 1000  | true
            homes   | households | S1              | 2020   | 350   | true
            homes   | households | S2              | 2020   | 350   | true
            people  | people     | K1              | 2020   | 1500  | false
            """,
        )

    def test_children_of_2011_small_areas_are_shared_out_like_people(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts   | vintage | small_area_code | period | value
            s      | pupils  | children | 2011    | OLD_S           | 2020   | 160
            s      | pupils  | children | 2011    | K1              | 2020   | 200
            """,
        )
        warehouse.expect(
            "core.small_area_values",
            "small_area_code | value\nS1 | 60\nS2 | 100\nK1 | 200",
        )

    def test_a_merged_area_is_the_sum_of_its_parts(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts | vintage | small_area_code | period | value
            s      | people  | people | 2011    | OLD_M1          | 2020   | 700
            s      | people  | people | 2011    | OLD_M2          | 2020   | 800
            """,
        )
        warehouse.expect("core.small_area_values", "small_area_code | value\nM1 | 1500")

    @pytest.mark.parametrize("other_part", ["", "s | people | people | 2011 | OLD_M2 | 2020 | -"])
    def test_a_merged_area_with_a_part_missing_is_missing(self, warehouse, other_part):
        warehouse.given(
            "core.observations",
            f"""
            source | measure | counts | vintage | small_area_code | period | value
            s      | people  | people | 2011    | OLD_M1          | 2020   | 700
            {other_part}
            """,
        )
        warehouse.expect(
            "core.small_area_values", "small_area_code | value", only="value is not null"
        )

    def test_an_irregular_change_has_no_figure(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts | vintage | small_area_code | period | value
            s      | people  | people | 2011    | OLD_X           | 2020   | 700
            """,
        )
        warehouse.expect(
            "core.small_area_values", "small_area_code | value | irregular\nX1 | - | true"
        )

    def test_what_was_kept_split_or_merged_is_not_irregular(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts | vintage | small_area_code | period | value
            s      | people  | people | 2011    | K1              | 2020   | 100
            s      | people  | people | 2011    | OLD_S           | 2020   | 800
            s      | people  | people | 2011    | OLD_M1          | 2020   | 700
            s      | people  | people | 2011    | OLD_M2          | 2020   | 800
            s      | people  | people | 2021    | X1              | 2022   | 60
            """,
        )
        warehouse.expect(
            "core.small_area_values",
            """
            small_area_code | period | value | shared_out | irregular
            K1              | 2020   | 100   | false      | false
            S1              | 2020   | 300   | true       | false
            S2              | 2020   | 500   | true       | false
            M1              | 2020   | 1500  | false      | false
            X1              | 2022   | 60    | false      | false
            """,
        )

    def test_scores_are_never_shared_out(self, warehouse):
        warehouse.given(
            "core.observations",
            """
            source | measure | counts | vintage | small_area_code | period | value
            s      | score   | score  | 2011    | OLD_S           | 2020   | 31.5
            s      | score   | score  | 2011    | K1              | 2020   | 12.5
            """,
        )
        warehouse.expect(
            "core.small_area_values", "small_area_code | value", only="value is not null"
        )


class TestAreaTotals:
    @pytest.fixture(autouse=True)
    def areas(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows  | measure | denominator_source | denominator_measure
            poor         | fuel   | observations | poor    | fuel               | homes
            crimes       | police | events       | all     | -                  | ''
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight
            forum     | F1        | L1              | 1
            forum     | F1        | L2              | 0.25
            forum     | F2        | L2              | 0.75
            forum     | F2        | L3              | 1
            """,
        )

    def test_figures_are_weighted_and_added_up(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value | shared_out
            fuel   | poor    | L1              | 2022   | 10    | false
            fuel   | poor    | L2              | 2022   | 8     | true
            fuel   | poor    | L3              | 2022   | 0     | false
            fuel   | homes   | L1              | 2022   | 100   | false
            fuel   | homes   | L2              | 2022   | 200   | false
            fuel   | homes   | L3              | 2022   | 300   | false
            fuel   | unasked | L1              | 2022   | 1     | false
            """,
        )
        warehouse.expect(
            "core.area_totals",
            """
            source | measure | period | area_code | small_areas | small_areas_with_a_figure | total | shared_out
            fuel   | poor    | 2022   | F1        | 2           | 2                         | 12    | true
            fuel   | poor    | 2022   | F2        | 2           | 2                         | 6     | true
            fuel   | homes   | 2022   | F1        | 2           | 2                         | 150   | false
            fuel   | homes   | 2022   | F2        | 2           | 2                         | 450   | false
            """,
        )

    def test_a_member_without_a_figure_makes_the_total_missing(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value
            fuel   | poor    | L1              | 2022   | 10
            fuel   | poor    | L2              | 2022   | 8
            fuel   | homes   | L1              | 2022   | -
            fuel   | homes   | L2              | 2022   | 200
            fuel   | homes   | L3              | 2022   | 300
            """,
        )
        warehouse.expect(
            "core.area_totals",
            """
            measure | area_code | small_areas | small_areas_with_a_figure | total
            poor    | F1        | 2           | 2                         | 12
            poor    | F2        | 2           | 1                         | -
            homes   | F1        | 2           | 1                         | -
            homes   | F2        | 2           | 2                         | 450
            """,
        )


class TestWeightsThatFit:
    """Of the one small area an eighth of the homes, a half of the people, and most children."""

    @pytest.fixture(autouse=True)
    def areas(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            source | source_rows  | measure   | denominator_source | denominator_measure
            s      | observations | residents | s                  | ''
            s      | observations | homes     | s                  | ''
            s      | observations | pupils    | s                  | dwellings
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment | weight | weight_households | weight_children
            forum     | F1        | L1              | declared   | 0.5    | 0.125             | 0.75
            forum     | F1        | L1              | area_share | 0.1    | 0.1               | 0.1
            """,
        )

    def test_homes_go_by_homes_children_by_children_and_the_rest_by_people(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source | measure   | counts     | small_area_code | period | value
            s      | residents | people     | L1              | 2022   | 800
            s      | homes     | households | L1              | 2022   | 400
            s      | dwellings | households | L1              | 2022   | 480
            s      | pupils    | children   | L1              | 2022   | 160
            """,
        )
        warehouse.expect(
            "core.area_totals",
            """
            measure   | assignment | total
            residents | declared   | 400
            homes     | declared   | 50
            dwellings | declared   | 60
            pupils    | declared   | 120
            residents | area_share | 80
            homes     | area_share | 40
            dwellings | area_share | 48
            pupils    | area_share | 16
            """,
        )

    def test_each_edition_adds_up_its_own_members(self, warehouse):
        """The same code has other members in the next edition; one of them has no figure."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code
            ward      | 2008    | W1        | L1
            ward      | 2008    | W1        | L2
            ward      | 2026    | W1        | L2
            ward      | 2026    | W2        | L1
            ward      | 2026    | W2        | L3
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source | measure   | counts | small_area_code | period | value
            s      | residents | people | L1              | 2022   | 800
            s      | residents | people | L2              | 2022   | 30
            """,
        )
        warehouse.expect(
            "core.area_totals",
            """
            edition | area_code | small_areas | small_areas_with_a_figure | total
            2008    | W1        | 2           | 2                         | 830
            2026    | W1        | 1           | 1                         | 30
            2026    | W2        | 2           | 1                         | -
            """,
            only="area_kind = 'ward'",
        )

    def test_small_areas_that_changed_irregularly_are_counted_where_they_stand(self, warehouse):
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code
            town      | T1        | X1
            town      | T1        | X2
            town      | T1        | L1
            town      | T2        | L1
            town      | T2        | L4
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source | measure   | counts | small_area_code | period | value | irregular
            s      | residents | people | X1              | 2019   | -     | true
            s      | residents | people | X2              | 2019   | -     | true
            s      | residents | people | L1              | 2019   | 800   | false
            """,
        )
        warehouse.expect(
            "core.area_totals",
            """
            area_code | small_areas | small_areas_with_a_figure | irregular_small_areas | total
            T1        | 3           | 1                         | 2                     | -
            T2        | 2           | 1                         | 0                     | -
            """,
            only="area_kind = 'town'",
        )


class TestWeightedTotals:
    @pytest.fixture(autouse=True)
    def score(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows  | measure | method        | denominator_source | denominator_measure
            imd          | iod    | observations | score   | weighted_mean | iod                | people
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight
            forum     | F1        | L1              | 1
            forum     | F1        | L2              | 0.5
            forum     | F2        | L3              | 1
            """,
        )

    def test_score_times_people_is_added_up_beside_the_people(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value
            iod    | score   | L1              | 2025   | 30.5
            iod    | score   | L2              | 2025   | 10
            iod    | score   | L3              | 2025   | -1.25
            iod    | people  | L1              | 2025   | 1000
            iod    | people  | L2              | 2025   | 2000
            iod    | people  | L3              | 2025   | 1000
            """,
        )
        warehouse.expect(
            "core.weighted_totals",
            """
            indicator_id | period | area_code | small_areas | small_areas_with_a_figure | score_times_people | people
            imd          | 2025   | F1        | 2           | 2                         | 40500              | 2000
            imd          | 2025   | F2        | 1           | 1                         | -1250              | 1000
            """,
        )

    def test_a_missing_score_or_missing_people_make_both_missing(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value
            iod    | score   | L1              | 2025   | 30.5
            iod    | score   | L3              | 2025   | 20
            iod    | people  | L1              | 2025   | 1000
            iod    | people  | L2              | 2025   | 2000
            """,
        )
        warehouse.expect(
            "core.weighted_totals",
            """
            area_code | small_areas | small_areas_with_a_figure | score_times_people | people
            F1        | 2           | 1                         | -                  | -
            F2        | 1           | 0                         | -                  | -
            """,
        )

    @pytest.mark.parametrize(
        ("counts", "people", "score_times_people"),
        [("people", 500, 15000), ("households", 125, 3750), ("children", 750, 22500)],
    )
    def test_the_weight_fits_those_who_are_divided_by(
        self, warehouse, counts, people, score_times_people
    ):
        """Half of the people, an eighth of the homes, three quarters of the children."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight | weight_households | weight_children
            town      | T1        | L1              | 0.5    | 0.125             | 0.75
            """,
        )
        warehouse.given(
            "core.small_area_values",
            f"""
            source | measure | counts   | small_area_code | period | value
            iod    | score   | score    | L1              | 2025   | 30
            iod    | people  | {counts} | L1              | 2025   | 1000
            """,
        )
        warehouse.expect(
            "core.weighted_totals",
            f"area_code | people | score_times_people\nT1 | {people} | {score_times_people}",
            only="area_kind = 'town'",
        )

    def test_each_rule_and_each_edition_is_averaged_for_itself_by_people(self, warehouse):
        """Half of L1's people, however many of its homes; by ground it is three tenths."""
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code | assignment | weight | weight_households | weight_children
            town      | 2008    | T1        | L1              | declared   | 0.5    | 0.125             | 0.75
            town      | 2008    | T1        | L1              | area_share | 0.3    | 0.3               | 0.3
            town      | 2008    | T1        | L2              | area_share | 1      | 1                 | 1
            town      | 2026    | T1        | L2              | declared   | 1      | 1                 | 1
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value
            iod    | score   | L1              | 2025   | 30
            iod    | score   | L2              | 2025   | 10
            iod    | people  | L1              | 2025   | 1000
            iod    | people  | L2              | 2025   | 2000
            """,
        )
        warehouse.expect(
            "core.weighted_totals",
            """
            edition | area_code | assignment | small_areas | score_times_people | people
            2008    | T1        | declared   | 1           | 15000              | 500
            2008    | T1        | area_share | 2           | 29000              | 2300
            2026    | T1        | declared   | 1           | 20000              | 2000
            """,
            only="area_kind = 'town'",
        )


def test_published_figures_are_of_persons_and_stand_once(warehouse):
    warehouse.given_measures("fingertips")
    warehouse.given(
        "stage.fingertips",
        """
        file  | row_number | indicator | publisher_column           | area_code | sex     | age            | period | publisher_value | lower_ci | upper_ci
        a.csv | 1          | 91547     | 91547: Smoking prevalence | X92       | Persons | 18+            | 2015   | 17              | 16       | 18
        b.csv | 1          | 91547     | 91547: Smoking prevalence | X92       | Persons | 18+            | 2015   | 17.5            | 16.5     | 18.5
        b.csv | 2          | 91547     | 91547: Smoking prevalence | X92       | Male    | 18+            | 2015   | 19              | 18       | 20
        b.csv | 3          | 91547     | 91547: Smoking prevalence | X92       | Persons | Not applicable | 2016   | 1               | 1        | 1
        b.csv | 5          | 91547     | 91547: Of another thing    | X92       | Persons | 18+            | 2015   | 1               | 1        | 1
        b.csv | 4          | 12345     | 12345: Smoking prevalence | X92       | Persons | 18+            | 2015   | 1               | 1        | 1
        """,
    )
    warehouse.build("core.licences", "core.measure_columns")
    warehouse.expect(
        "core.published",
        """
        source     | measure            | area_code | period | publisher_value | lower_ci | upper_ci
        fingertips | smoking_prevalence | X92       | 2015   | 17.5            | 16.5     | 18.5
        """,
    )
