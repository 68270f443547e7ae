"""The completeness gate: a month without any crime, where ten were to be expected, is missing."""

import pytest


class TestSilentMonths:
    """Point 1 lies in the forum F1, point 2 in F2, and both in the town T1, by one edge or another."""

    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | area_code | by_edge | near_edge | by_small_area | near_small_area
            1        | forum     | F1        | true    | false     | true          | false
            2        | forum     | F2        | true    | false     | true          | false
            1        | town      | T1        | true    | false     | false         | false
            2        | town      | T1        | false   | false     | true          | false
            3        | forum     | F1        | false   | true      | false         | true
            """,
        )

    def covered(self, warehouse, *months):
        rows = "".join(f"police_crime | 2026-{month:02}-01\n" for month in months)
        warehouse.given("core.coverage", f"source | month\n{rows}")

    def crimes(self, warehouse, *rows):
        """Rows of: month, point, how many of two kinds together."""
        shown = "".join(
            f"police_crime | {kind} | 2026-{month:02}-01 | {point} | {number}\n"
            for month, point, events in rows
            for kind, number in (("Burglary", 1), ("Drugs", events - 1))
        )
        warehouse.given("core.event_counts", f"source | kind | month | point_id | events\n{shown}")

    def test_a_month_of_none_where_ten_are_usual_is_silent(self, warehouse):
        """F2's month of February is missing; T1 has F1's crimes in it, and is not silent."""
        self.covered(warehouse, 1, 2, 3)
        self.crimes(warehouse, (1, 1, 9), (2, 1, 11), (3, 1, 10), (1, 2, 12), (3, 2, 8))
        warehouse.expect(
            "core.silent_months",
            """
            area_kind | edition | area_code | source       | month      | events_expected
            forum     | ''      | F2        | police_crime | 2026-02-01 | 10
            """,
        )

    def test_where_fewer_than_ten_are_usual_none_is_a_true_zero(self, warehouse):
        self.covered(warehouse, 1, 2, 3)
        self.crimes(warehouse, (1, 1, 9), (3, 1, 10))
        warehouse.expect("core.silent_months", "area_code | month")

    def test_what_is_usual_is_the_mean_of_the_months_that_have_any(self, warehouse):
        """An area silent for most of a year is no quieter for that."""
        self.covered(warehouse, 1, 2, 3, 4, 5)
        self.crimes(warehouse, (2, 1, 30), (4, 1, 21))
        warehouse.expect(
            "core.silent_months",
            """
            area_code | month      | events_expected
            F1        | 2026-01-01 | 25.5
            F1        | 2026-03-01 | 25.5
            F1        | 2026-05-01 | 25.5
            T1        | 2026-01-01 | 25.5
            T1        | 2026-03-01 | 25.5
            T1        | 2026-05-01 | 25.5
            """,
        )

    def test_months_that_are_not_covered_are_neither_silent_nor_looked_at(self, warehouse):
        """Of April's file a part is lacking: its 100 crimes say nothing of what is usual."""
        self.covered(warehouse, 1, 2)
        self.crimes(warehouse, (1, 1, 9), (4, 1, 100))
        warehouse.expect("core.silent_months", "area_code | month")

    def test_what_is_only_near_an_area_did_not_happen_in_it(self, warehouse):
        self.covered(warehouse, 1, 2)
        self.crimes(warehouse, (1, 1, 20), (2, 3, 20))
        warehouse.expect(
            "core.silent_months", "area_code | month\nF1 | 2026-02-01", only="area_kind = 'forum'"
        )

    def test_only_recorded_crime_has_so_many_that_silence_tells(self, warehouse):
        warehouse.given(
            "core.coverage", "source | month\nstats19 | 2026-01-01\nstats19 | 2026-02-01"
        )
        warehouse.given(
            "core.event_counts",
            "source | kind | month | point_id | events\nstats19 | Slight | 2026-01-01 | 1 | 50",
        )
        warehouse.expect("core.silent_months", "area_code | month")

    def test_each_edition_is_expected_to_have_what_it_usually_has(self, warehouse):
        """As it was drawn in 2008, F3 took in point 1; since 2013 it takes in point 2."""
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | edition | area_code
            1        | forum     | 2008    | F3
            2        | forum     | 2013    | F3
            """,
        )
        self.covered(warehouse, 1, 2)
        self.crimes(warehouse, (1, 1, 15), (2, 2, 15))
        warehouse.expect(
            "core.silent_months",
            """
            edition | month
            2008    | 2026-02-01
            2013    | 2026-01-01
            """,
            only="area_code = 'F3'",
        )


class TestWhatASilentMonthLeavesOut:
    """F1 was silent in February and April; of F2 every month is known."""

    @pytest.fixture(autouse=True)
    def two_months(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows | measure | method | per  | period_rule | denominator_source | denominator_measure
            monthly      | police_crime | events      | all     | count  | 1    | month       | police_crime       | ''
            quarterly     | police_crime | events      | all     | rate   | 1000 | quarter     | population         | all_ages
            sales        | price_paid   | events      | sales   | count  | 1    | month       | price_paid         | ''
            """,
        )
        kinds = "".join(f"{name} | forum\n" for name in ("monthly", "quarterly", "sales"))
        warehouse.given("catalogue.indicator_area_kinds", f"indicator_id | area_kind\n{kinds}")
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2")
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | month
            police_crime | month       | 2026-02 | 2026-02-01
            police_crime | month       | 2026-03 | 2026-03-01
            police_crime | quarter     | spring  | 2026-02-01
            police_crime | quarter     | spring  | 2026-03-01
            police_crime | quarter     | spring  | 2026-04-01
            police_crime | quarter     | summer  | 2026-05-01
            price_paid   | month       | 2026-02 | 2026-02-01
            """,
        )
        warehouse.given(
            "core.silent_months",
            """
            area_kind | area_code | source       | month      | events_expected
            forum     | F1        | police_crime | 2026-04-01 | 24.6
            forum     | F1        | police_crime | 2026-02-01 | 24.6
            """,
        )

    def given(self, warehouse, rows):
        warehouse.given(
            "core.area_events",
            "source | measure | period_rule | period | period_end | area_kind | area_code"
            f" | assignment | events | events_in_small_areas\n{rows}",
        )

    def test_the_figure_of_the_month_is_missing_and_says_why(self, warehouse):
        self.given(
            warehouse,
            """
            police_crime | all   | month | 2026-02 | 2026-02-28 | forum | F1 | declared | 0 | 0
            police_crime | all   | month | 2026-02 | 2026-02-28 | forum | F1 | 50 m out | 3 | 3
            police_crime | all   | month | 2026-03 | 2026-03-31 | forum | F1 | declared | 0 | 0
            police_crime | all   | month | 2026-02 | 2026-02-28 | forum | F2 | declared | 0 | 0
            price_paid   | sales | month | 2026-02 | 2026-02-28 | forum | F1 | declared | 0 | 0
            """,
        )
        why = (
            "no crime of any type is recorded in 2026-02, where about 25 a month were to be"
            " expected: missing, not zero"
        )
        warehouse.expect(
            "evidence.indicator_values",
            f"""
            indicator_id | area_code | period  | assignment | numerator | value | note
            monthly      | F1        | 2026-02 | declared   | -         | -     | {why}
            monthly      | F1        | 2026-02 | 50 m out   | -         | -     | {why}
            monthly      | F1        | 2026-03 | declared   | 0         | 0     | -
            monthly      | F2        | 2026-02 | declared   | 0         | 0     | -
            sales        | F1        | 2026-02 | declared   | 0         | 0     | -
            """,
        )

    def test_so_is_that_of_every_longer_period_that_has_the_month_in_it(self, warehouse):
        self.given(
            warehouse,
            """
            police_crime | all | quarter | spring | 2026-04-30 | forum | F1 | declared | 25 | 25
            police_crime | all | quarter | summer | 2026-05-31 | forum | F1 | declared | 25 | 25
            police_crime | all | quarter | spring | 2026-04-30 | forum | F2 | declared | 75 | 75
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period | area_kind | area_code | denominator
            quarterly     | spring | forum     | F1        | 1000
            quarterly     | summer | forum     | F1        | 1000
            quarterly     | spring | forum     | F2        | 1000
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | period | numerator | denominator | value | note
            F1        | spring | -         | 1000        | -     | no crime of any type is recorded in 2026-02, 2026-04, where about 25 a month were to be expected: missing, not zero
            F1        | summer | 25        | 1000        | 25    | -
            F2        | spring | 75        | 1000        | 75    | -
            """,
        )

    def test_the_gap_is_one_that_cannot_be_computed(self, warehouse):
        warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
        self.given(
            warehouse,
            "police_crime | all | month | 2026-02 | 2026-02-28 | forum | F1 | declared | 0 | 0",
        )
        warehouse.build("evidence.indicator_values")
        warehouse.expect(
            "evidence.cells",
            "value | assignment_low | gap\n- | - | cannot be computed",
            only="period = '2026-02'",
        )
