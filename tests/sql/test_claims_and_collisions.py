"""Claimants and road collisions: what their rows say, which months count, and what a collision
weighs."""

import pytest

ALWAYS = "since | until\n1900-01-01 | 2199-12-01"


class TestClaimants:
    def test_a_withheld_figure_is_missing_and_never_zero(self, warehouse):
        warehouse.given(
            "raw.claimant_count",
            """
            small_area_code | month       | publisher_value | status | claimed | gender | age
            E01025701       | 2026-08     | 15              | A      | 1       | 0      | 0
            E01025702       | 2026-08     | -               | Q      | 1       | 0      | 0
            E01025703       | 2026-08     | 0               | Q      | 1       | 0      | 0
            E01025704       | August 2026 | 0               | A      | -       | -      | -
            E01025705       | 2026-08     | ''              | -      | -       | -      | -
            """,
        )
        warehouse.expect(
            "stage.claimant_count",
            """
            small_area_code | period  | period_start | period_end | publisher_column | publisher_value | fault
            E01025701       | 2026-08 | 2026-08-01   | 2026-08-31 | claimants        | 15              | -
            E01025702       | 2026-08 | 2026-08-01   | 2026-08-31 | claimants        | -               | -
            E01025703       | 2026-08 | 2026-08-01   | 2026-08-31 | claimants        | -               | -
            E01025704       | 2026-08 | 2026-08-01   | 2026-08-31 | claimants        | 0               | -
            E01025705       | 2026-08 | 2026-08-01   | 2026-08-31 | claimants        | -               | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("E07000129 | 2026-08 | 15 | 1 | 0 | 0", "not a small-area code: E07000129"),
            ("E01025701 | latest | 15 | 1 | 0 | 0", "not a month: latest"),
            ("E01025701 | - | 15 | 1 | 0 | 0", "not a month: blank"),
            ("E01025701 | 2026-08 | 2.1 | 2 | 0 | 0", "not a count of claimants (measure 2)"),
            ("E01025701 | 2026-08 | 15 | 1 | 1 | 0", "of one sex only (gender 1)"),
            ("E01025701 | 2026-08 | 15 | 1 | 0 | 3", "of one age only (age 3)"),
            ("E01025701 | 2026-08 | many | 1 | 0 | 0", "not a number: many"),
            ("E01025701 | 2026-08 | -5 | 1 | 0 | 0", "a count below zero: -5"),
        ],
    )
    def test_what_is_no_figure_of_the_month_says_why(self, warehouse, row, fault):
        columns = "small_area_code | month | publisher_value | claimed | gender | age"
        warehouse.given("raw.claimant_count", f"{columns}\n{row}")
        warehouse.expect("stage.claimant_count", f"fault\n{fault}")

    def test_a_withheld_small_area_leaves_its_locality_without_a_figure(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source         | source_rows  | measure
            claims       | claimant_count | observations | claimants
            """,
        )
        warehouse.given_measures("claimant_count")
        warehouse.given(
            "core.small_areas", "small_area_code | in_place | in_reach\nA1|true|true\nA2|true|true"
        )
        warehouse.given(
            "geo.area_weights", "area_kind | area_code | small_area_code\nforum|F1|A1\nforum|F1|A2"
        )
        warehouse.given(
            "stage.claimant_count",
            """
            file | small_area_code | period  | period_start | publisher_column | publisher_value
            c    | A1              | 2026-07 | 2026-07-01   | claimants        | 15
            c    | A2              | 2026-07 | 2026-07-01   | claimants        | 0
            c    | A1              | 2026-08 | 2026-08-01   | claimants        | 20
            c    | A2              | 2026-08 | 2026-08-01   | claimants        | -
            """,
        )
        warehouse.build("core.measure_columns", "core.file_vintages", "core.observations")
        warehouse.build("core.small_area_values")
        warehouse.expect(
            "core.area_totals",
            """
            measure   | period  | area_code | small_areas | small_areas_with_a_figure | total
            claimants | 2026-07 | F1        | 2           | 2                         | 15
            claimants | 2026-08 | F1        | 2           | 1                         | -
            """,
        )


FILE = "dft-road-casualty-statistics-collision-2024.csv"


class TestCollisionRows:
    def expect(self, warehouse, given, expected):
        columns, _, rows = given.strip().partition("\n")
        text = f"file | {columns}\n" + "\n".join(f"{FILE} | {row}" for row in rows.splitlines())
        warehouse.given("raw.stats19", text)
        warehouse.expect("stage.stats19", expected)

    def test_the_day_comes_first_and_severity_is_a_word(self, warehouse):
        self.expect(
            warehouse,
            """collision_index | collision_date | severity | easting | northing
            2024123X4       | 03/12/2024     | 1        | 458900  | 304500
            2024123X5       | 31/01/2024     | 2        | 458900  | 304500
            2024123X6       | 01/02/2024     | 3        | 458900  | 304500""",
            """
            collision_index | collision_date | month      | severity | crs        | fault
            2024123X4       | 2024-12-03     | 2024-12-01 | Fatal    | EPSG:27700 | -
            2024123X5       | 2024-01-31     | 2024-01-01 | Serious  | EPSG:27700 | -
            2024123X6       | 2024-02-01     | 2024-02-01 | Slight   | EPSG:27700 | -
            """,
        )

    def test_null_blank_and_minus_one_are_no_place_and_no_fault(self, warehouse):
        self.expect(
            warehouse,
            """collision_index | collision_date | severity | easting | northing | longitude | latitude
            1 | 03/12/2024 | 3 | NULL   | NULL   | NULL     | NULL
            2 | 03/12/2024 | 3 | ''     | ''     | ''       | ''
            3 | 03/12/2024 | 3 | -1     | -1     | -1       | -1
            4 | 03/12/2024 | 3 | NULL   | NULL   | -1       | 52.63
            5 | 03/12/2024 | 3 | 458900 | 304500 | -1.13    | 52.63""",
            """
            collision_index | x      | y      | crs        | fault
            1               | -      | -      | -          | -
            2               | -      | -      | -          | -
            3               | -      | -      | -          | -
            4               | -1     | 52.63  | EPSG:4326  | -
            5               | 458900 | 304500 | EPSG:27700 | -
            """,
        )

    def test_a_collision_weighs_what_the_publisher_says_a_fatal_one_is_whole(self, warehouse):
        """Where no adjustment is given, what the police reported counts."""
        self.expect(
            warehouse,
            """collision_index | collision_date | severity | adjusted_serious
            1 | 03/12/2024 | 1 | 0
            2 | 03/12/2024 | 2 | 1
            3 | 03/12/2024 | 2 | 0.845
            4 | 03/12/2024 | 3 | 0.1464789012
            5 | 03/12/2024 | 2 | NULL
            6 | 03/12/2024 | 3 | -1
            7 | 03/12/2024 | 3 | ''""",
            """
            collision_index | adjusted_serious | serious_weight | fault
            1               | 0                | 1              | -
            2               | 1                | 1              | -
            3               | 0.845            | 0.845          | -
            4               | 0.146479         | 0.146479       | -
            5               | -                | 1              | -
            6               | -                | 0              | -
            7               | -                | 0              | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("1 | 2024-12-03 | 3 | - | - | -", "date is not DD/MM/YYYY: 2024-12-03"),
            ("1 | '' | 3 | - | - | -", "date is not DD/MM/YYYY: blank"),
            ("1 | 13/13/2024 | 3 | - | - | -", "date is not DD/MM/YYYY: 13/13/2024"),
            ("1 | 03/12/2023 | 3 | - | - | -", "date 03/12/2023 stands in the file of 2024"),
            ("- | 03/12/2024 | 3 | - | - | -", "collision index is blank"),
            ("1 | 03/12/2024 | 5 | - | - | -", "unknown severity: 5"),
            ("1 | 03/12/2024 | 3 | 1.5 | - | -", "adjusted severity is not between 0 and 1: 1.5"),
            ("1 | 03/12/2024 | 3 | some | - | -", "adjusted severity is not between 0 and 1: some"),
            ("1 | 03/12/2024 | 3 | - | 458900 | -", "only one of easting and northing is given"),
            ("1 | 03/12/2024 | 3 | - | west | 304500", "easting is not a number: west"),
            (
                "1 | 03/12/2024 | 3 | - | 52.63 | 304500",
                "outside the British grid (in metres): 52.63, 304500",
            ),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        columns = (
            "collision_index | collision_date | severity | adjusted_serious | easting | northing"
        )
        self.expect(warehouse, f"{columns}\n{row}", f"fault\n{fault}")

    def test_degrees_alone_must_lie_in_great_britain(self, warehouse):
        self.expect(
            warehouse,
            """collision_index | collision_date | severity | longitude | latitude
            1 | 03/12/2024 | 3 | 52.63 | -1.13
            2 | 03/12/2024 | 3 | -     | 52.63""",
            """
            fault
            not a place in Great Britain: 52.63, -1.13
            not a place in Great Britain: blank, 52.63
            """,
        )


def collisions(file, months, rows=2):
    year = file[-8:-4]
    return [
        f"{file} | {year}-{m:02d}-01 | {i} | Slight | 0.1 | 458900"
        for m in months
        for i in range(rows)
    ]


class TestCollisionCoverage:
    COLUMNS = "file | month | collision_index | severity | adjusted_serious | x"

    def given(self, warehouse, *rows):
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given("stage.stats19", "\n".join([self.COLUMNS, *rows]))

    def test_a_year_s_file_covers_its_months_up_to_its_last(self, warehouse):
        self.given(warehouse, *collisions("c-2024.csv", range(1, 11)))
        warehouse.expect(
            "core.collision_coverage",
            """
            month      | rows_read | state  | reason
            2024-01-01 | 2         | whole  | -
            2024-02-01 | 2         | whole  | -
            2024-03-01 | 2         | whole  | -
            2024-04-01 | 2         | whole  | -
            2024-05-01 | 2         | whole  | -
            2024-06-01 | 2         | whole  | -
            2024-07-01 | 2         | whole  | -
            2024-08-01 | 2         | whole  | -
            2024-09-01 | 2         | whole  | -
            2024-10-01 | 2         | whole  | -
            2024-11-01 | -         | absent | the file of its year ends before it
            2024-12-01 | -         | absent | the file of its year ends before it
            """,
        )

    def test_a_file_with_a_hole_covers_nothing(self, warehouse):
        self.given(warehouse, *collisions("c-2024.csv", [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]))
        warehouse.build("core.collision_coverage")
        told = warehouse.con.sql("select distinct state, reason from core.collision_coverage")
        reason = "the file of its year lacks a month before its last"
        assert told.fetchall() == [("partial", reason)]

    def test_a_file_of_less_than_half_the_usual_rows_covers_nothing(self, warehouse):
        years = [collisions(f"c-{y}.csv", range(1, 13), rows=5) for y in (2021, 2022, 2023)]
        short = collisions("c-2024.csv", range(1, 13), rows=2)
        self.given(warehouse, *(row for rows in [*years, short] for row in rows))
        warehouse.build("core.collision_coverage")
        told = warehouse.con.sql(
            "select year(month), any_value(state), count(*) from core.collision_coverage"
            " group by all order by all"
        ).fetchall()
        assert told == [
            *((y, "whole", 12) for y in (2021, 2022, 2023)),
            (2024, "partial", 12),
        ]

    def test_a_year_without_adjusted_severities_says_so(self, warehouse):
        old = [row.replace("| 0.1 |", "| - |") for row in collisions("c-2021.csv", range(1, 13))]
        self.given(warehouse, *old, *collisions("c-2022.csv", range(1, 13)))
        warehouse.build("core.collision_coverage", "core.coverage")
        noted = warehouse.con.sql(
            "select distinct year(month) from core.coverage where coverage_note like"
            " 'severity as the police reported it%'"
        ).fetchall()
        assert noted == [(2021,)]

    def test_only_the_asked_months_are_covered(self, warehouse):
        warehouse.given("catalogue.window", "since | until\n2024-03-01 | 2024-04-01")
        warehouse.given(
            "stage.stats19", "\n".join([self.COLUMNS, *collisions("c-2024.csv", range(1, 13))])
        )
        warehouse.expect("core.collision_coverage", "month\n2024-03-01\n2024-04-01")


class TestWeights:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source  | source_rows | measure           | method | period_rule
            all          | stats19 | events      | collisions        | count  | month
            serious      | stats19 | events      | killed_or_serious | count  | month
            """,
        )
        warehouse.given_measures("stats19")
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2\nforum | F3")
        warehouse.given(
            "core.windows",
            """
            source  | period_rule | period  | period_start | period_end | month
            stats19 | month       | 2024-01 | 2024-01-01   | 2024-01-31 | 2024-01-01
            """,
        )
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given(
            "stage.stats19",
            """
            file | row_number | collision_index | month      | severity | serious_weight | x      | y      | crs
            c    | 1          | 1               | 2024-01-01 | Fatal    | 1              | 1000   | 1000   | EPSG:27700
            c    | 2          | 2               | 2024-01-01 | Slight   | 0.1            | 1000   | 1000   | EPSG:27700
            c    | 3          | 3               | 2024-01-01 | Slight   | 0.2            | 1000   | 1000   | EPSG:27700
            c    | 4          | 4               | 2024-01-01 | Slight   | 0.300001       | 2000   | 1000   | EPSG:27700
            c    | 5          | 5               | 2024-01-01 | Serious  | 0.9            | -      | -      | -
            """,
        )
        warehouse.build("core.located_events", "core.points", "core.measure_columns")
        warehouse.given(
            "geo.point_areas", "point_id | area_kind | area_code\n1 | forum | F1\n2 | forum | F2"
        )
        warehouse.build("core.event_counts")

    def test_a_weighted_measure_adds_weights_exactly_and_others_count(self, warehouse):
        """0.1 + 0.2 is 0.3: decimals, not floating point. F3 has none, a true zero."""
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            measure           | area_code | events
            collisions        | F1        | 3
            collisions        | F2        | 1
            collisions        | F3        | 0
            killed_or_serious | F1        | 1.3
            killed_or_serious | F2        | 0.300001
            killed_or_serious | F3        | 0
            """,
            only="assignment = 'declared'",
        )

    def test_a_collision_without_coordinates_is_counted_as_unplaced(self, warehouse):
        warehouse.expect(
            "core.placement",
            "file | rows_read | placed_inside | placed_outside | unplaced\nc | 5 | 0 | 4 | 1",
        )

    def test_crimes_and_sales_count_as_one_each(self, warehouse):
        warehouse.given("stage.police_crime", "month | crime_type\n2024-01-01 | Burglary")
        warehouse.expect(
            "core.located_events",
            "source | kind | weight\npolice_crime | Burglary | 1",
            only="source = 'police_crime'",
        )
