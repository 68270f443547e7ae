"""Crimes and sales: where and when they count, and which months are covered at all."""

import pytest


def months(first, last):
    """The first days of the months from YYYY-MM to YYYY-MM."""
    (y, m), (last_y, last_m) = (map(int, text.split("-")) for text in (first, last))
    while (y, m) <= (last_y, last_m):
        yield f"{y}-{m:02d}-01"
        y, m = (y + 1, 1) if m == 12 else (y, m + 1)


ALWAYS = "since | until\n1900-01-01 | 2199-12-01"
DECLARED = "assignment = 'declared'"  # what is published; the others only make its range


class TestSales:
    def test_the_monthly_file_adds_changes_and_deletes(self, warehouse):
        warehouse.given(
            "catalogue.files",
            """
            source     | file    | position
            price_paid | pp-2024 | 1
            price_paid | update  | 2
            """,
        )
        warehouse.given(
            "stage.price_paid",
            """
            file    | row_number | transaction_id | price  | transfer_date | property_type | category | status | is_update
            pp-2024 | 1          | {KEPT}         | 100000 | 2024-01-05    | D             | A        | A      | false
            pp-2024 | 2          | {CHANGED}      | 200000 | 2024-01-06    | S             | A        | A      | false
            pp-2024 | 3          | {DELETED}      | 300000 | 2024-01-07    | T             | A        | A      | false
            update  | 1          | {CHANGED}      | 210000 | 2024-01-06    | S             | A        | C      | true
            update  | 2          | {DELETED}      | 300000 | 2024-01-07    | T             | A        | D      | true
            update  | 3          | {ADDED}        | 400000 | 2024-03-01    | F             | A        | A      | true
            """,
        )
        warehouse.expect(
            "core.sales",
            """
            transaction_id | transfer_date | price  | property_type
            {KEPT}         | 2024-01-05    | 100000 | D
            {CHANGED}      | 2024-01-06    | 210000 | S
            {ADDED}        | 2024-03-01    | 400000 | F
            """,
        )

    def test_only_standard_sales_of_homes_count(self, warehouse):
        warehouse.given(
            "stage.price_paid",
            """
            transaction_id | price  | property_type | category | status | is_update
            {STANDARD}     | 100000 | D             | A        | A      | false
            {ADDITIONAL}   | 100000 | D             | B        | A      | false
            {OTHER}        | 100000 | O             | A        | A      | false
            """,
        )
        warehouse.expect("core.sales", "transaction_id\n{STANDARD}")

    def test_a_change_of_category_takes_a_sale_out(self, warehouse):
        warehouse.given(
            "stage.price_paid",
            """
            transaction_id | property_type | category | status | is_update
            {A}            | D             | A        | A      | false
            {A}            | D             | B        | C      | true
            """,
        )
        warehouse.expect("core.sales", "transaction_id")

    def test_a_register_accepted_after_a_change_file_overrules_it(self, warehouse):
        """It has every change in it: a sale that it lacks was deleted since, whatever was said."""
        warehouse.given(
            "catalogue.files",
            """
            source     | file    | position
            price_paid | changes | 1
            price_paid | pp-2024 | 2
            """,
        )
        warehouse.given(
            "stage.price_paid",
            """
            file    | row_number | transaction_id | price  | transfer_date | property_type | category | status | is_update
            changes | 1          | {ADDED}        | 400000 | 2024-03-01    | D             | A        | A      | true
            changes | 2          | {GONE SINCE}   | 500000 | 2024-03-02    | D             | A        | A      | true
            changes | 3          | {CHANGED}      | 210000 | 2024-03-03    | D             | A        | C      | true
            changes | 4          | {BACK AGAIN}   | 300000 | 2024-03-04    | D             | A        | D      | true
            changes | 5          | {OTHER YEAR}   | 600000 | 2019-03-05    | D             | A        | A      | true
            pp-2024 | 1          | {ADDED}        | 401000 | 2024-03-01    | D             | A        | A      | false
            pp-2024 | 2          | {CHANGED}      | 220000 | 2024-03-03    | D             | A        | A      | false
            pp-2024 | 3          | {BACK AGAIN}   | 300000 | 2024-03-04    | D             | A        | A      | false
            """,
        )
        warehouse.expect(
            "core.sales",
            """
            transaction_id | price
            {ADDED}        | 401000
            {BACK AGAIN}   | 300000
            {CHANGED}      | 220000
            {OTHER YEAR}   | 600000
            """,
        )

    def test_a_change_file_accepted_after_the_register_adds_replaces_and_deletes(self, warehouse):
        """Whatever the names of the files: what was accepted last speaks last."""
        warehouse.given(
            "catalogue.files",
            """
            source     | file       | position
            price_paid | z register | 1
            price_paid | b changes  | 2
            price_paid | a changes  | 3
            """,
        )
        warehouse.given(
            "stage.price_paid",
            """
            file       | row_number | transaction_id | price  | transfer_date | property_type | category | status | is_update
            z register | 1          | {KEPT}         | 100000 | 2024-01-05    | D             | A        | A      | false
            z register | 2          | {CHANGED}      | 200000 | 2024-01-06    | D             | A        | A      | false
            z register | 3          | {DELETED}      | 300000 | 2024-01-07    | D             | A        | A      | false
            b changes  | 1          | {CHANGED}      | 210000 | 2024-01-06    | D             | A        | C      | true
            b changes  | 2          | {DELETED}      | 300000 | 2024-01-07    | D             | A        | D      | true
            b changes  | 3          | {ADDED}        | 400000 | 2024-03-01    | D             | A        | A      | true
            b changes  | 4          | {ADDED, GONE}  | 500000 | 2024-03-02    | D             | A        | A      | true
            a changes  | 1          | {CHANGED}      | 220000 | 2024-01-06    | D             | A        | C      | true
            a changes  | 2          | {ADDED, GONE}  | 500000 | 2024-03-02    | D             | A        | D      | true
            """,
        )
        warehouse.expect(
            "core.sales",
            """
            transaction_id | price
            {ADDED}        | 400000
            {CHANGED}      | 220000
            {KEPT}         | 100000
            """,
        )

    def test_a_newer_register_of_one_year_leaves_the_changes_of_another_standing(self, warehouse):
        warehouse.given(
            "catalogue.files",
            """
            source     | file    | position
            price_paid | pp-2023 | 1
            price_paid | changes | 2
            price_paid | pp-2024 | 3
            """,
        )
        warehouse.given(
            "stage.price_paid",
            """
            file    | row_number | transaction_id | price  | transfer_date | property_type | category | status | is_update
            pp-2023 | 1          | {DELETED}      | 100000 | 2023-01-05    | D             | A        | A      | false
            pp-2023 | 2          | {CHANGED}      | 200000 | 2023-01-06    | D             | A        | A      | false
            changes | 1          | {DELETED}      | 100000 | 2023-01-05    | D             | A        | D      | true
            changes | 2          | {CHANGED}      | 210000 | 2023-01-06    | D             | A        | C      | true
            changes | 3          | {ADDED}        | 400000 | 2023-03-01    | D             | A        | A      | true
            pp-2024 | 1          | {OF 2024}      | 500000 | 2024-01-05    | D             | A        | A      | false
            """,
        )
        warehouse.expect(
            "core.sales",
            """
            transaction_id | price
            {ADDED}        | 400000
            {CHANGED}      | 210000
            {OF 2024}      | 500000
            """,
        )

    def test_of_two_lines_for_one_sale_in_a_change_file_the_later_one_holds(self, warehouse):
        """A correction may come as deleted and added again."""
        warehouse.given("catalogue.files", "source | file | position\nprice_paid | changes | 1")
        warehouse.given(
            "stage.price_paid",
            """
            file    | row_number | transaction_id | price  | transfer_date | property_type | category | status | is_update
            changes | 1          | {A}            | 100000 | 2024-01-05    | D             | A        | D      | true
            changes | 2          | {A}            | 110000 | 2024-01-05    | D             | A        | A      | true
            changes | 3          | {B}            | 200000 | 2024-01-06    | D             | A        | A      | true
            changes | 4          | {B}            | 200000 | 2024-01-06    | D             | A        | D      | true
            """,
        )
        warehouse.expect("core.sales", "transaction_id | price\n{A} | 110000")

    def test_a_sale_stands_at_its_postcode_live_or_terminated_or_nowhere(self, warehouse):
        warehouse.given(
            "stage.price_paid",
            """
            transaction_id | postcode | property_type | category | status | is_update
            {LIVE}         | ZZ11AA   | D             | A        | A      | false
            {GONE}         | ZZ11BB   | D             | A        | A      | false
            {UNPLACED}     | ZZ11CC   | D             | A        | A      | false
            {UNKNOWN}      | ZZ99ZZ   | D             | A        | A      | false
            {BLANK}        | -        | D             | A        | A      | false
            """,
        )
        warehouse.given(
            "stage.postcodes",
            """
            postcode | easting | northing | terminated
            ZZ11AA   | 1       | 1        | 199901
            ZZ11AA   | 2       | 2        | -
            ZZ11BB   | 3       | 3        | 201806
            ZZ11CC   | -       | -        | -
            """,
        )
        warehouse.build("core.postcodes")
        warehouse.expect(
            "core.sales",
            """
            transaction_id | easting | northing
            {LIVE}         | 2       | 2
            {GONE}         | 3       | 3
            {UNPLACED}     | -       | -
            {UNKNOWN}      | -       | -
            {BLANK}        | -       | -
            """,
        )


class TestPostcodes:
    def test_a_postcode_that_was_used_again_stands_where_it_is_live(self, warehouse):
        warehouse.given(
            "stage.postcodes",
            """
            postcode | easting | northing | terminated
            ZZ11AA   | 1       | 1        | 199901
            ZZ11AA   | 2       | 2        | -
            ZZ11BB   | 3       | 3        | 201806
            ZZ11CC   | -       | -        | -
            """,
        )
        warehouse.expect(
            "core.postcodes",
            """
            postcode | easting | northing | terminated
            ZZ11AA   | 2       | 2        | -
            ZZ11BB   | 3       | 3        | 201806
            """,
        )

    def test_of_two_files_the_one_accepted_last_is_right_whatever_it_is_called(self, warehouse):
        warehouse.given(
            "catalogue.files",
            """
            source    | file    | position
            postcodes | z-may   | 1
            postcodes | a-aug   | 2
            sales     | z-may   | 9
            """,
        )
        warehouse.given(
            "stage.postcodes",
            """
            file  | postcode | easting | northing
            z-may | ZZ11AA   | 1       | 1
            a-aug | ZZ11AA   | 2       | 2
            z-may | ZZ11BB   | 3       | 3
            """,
        )
        warehouse.expect(
            "core.postcodes",
            """
            postcode | easting | northing
            ZZ11AA   | 2       | 2
            ZZ11BB   | 3       | 3
            """,
        )


class TestForceCoverage:
    @pytest.fixture(autouse=True)
    def forces(self, warehouse):
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given("catalogue.forces", "force | is_home\nalpha | true\nbeta | false")

    def test_each_force_has_each_month_from_the_first_in_hand_to_the_last(self, warehouse):
        warehouse.given(
            "stage.police_crime",
            """
            force | file  | month      | longitude
            alpha | a-jan | 2026-01-01 | -1.1
            alpha | a-jan | 2026-01-01 | -
            alpha | a-mar | 2026-03-01 | -1.1
            beta  | b-feb | 2026-02-01 | -1.1
            btp   | t-mar | 2026-03-01 | -
            """,
        )
        warehouse.given(
            "core.quarantine",
            """
            source       | file
            police_crime | a-jan
            price_paid   | a-mar
            """,
        )
        absent = "absent | no file of the force is in hand"
        warehouse.expect(
            "core.force_coverage",
            f"""
            force | month      | is_home | rows_read | rows_unplaced | state | reason
            alpha | 2026-01-01 | true    | 3         | 2             | whole | -
            alpha | 2026-02-01 | true    | -         | -             | {absent}
            alpha | 2026-03-01 | true    | 1         | 0             | whole | -
            beta  | 2026-01-01 | false   | -         | -             | {absent}
            beta  | 2026-02-01 | false   | 1         | 0             | whole | -
            beta  | 2026-03-01 | false   | -         | -             | {absent}
            btp   | 2026-01-01 | false   | -         | -             | {absent}
            btp   | 2026-02-01 | false   | -         | -             | {absent}
            btp   | 2026-03-01 | false   | 1         | 1             | whole | -
            """,
        )

    def test_a_file_without_a_row_is_a_month_without_a_figure_not_without_crime(self, warehouse):
        warehouse.given(
            "catalogue.files",
            """
            source       | file
            police_crime | 2026-01-alpha-street.csv
            police_crime | 2026-02-alpha-street.csv
            price_paid   | pp-2031.csv
            """,
        )
        warehouse.given(
            "stage.police_crime",
            """
            force | file                     | month
            alpha | 2026-01-alpha-street.csv | 2026-01-01
            """,
        )
        warehouse.expect(
            "core.force_coverage",
            """
            month      | rows_read | state  | reason
            2026-01-01 | 1         | whole  | -
            2026-02-01 | 0         | absent | the file of the force has no row
            """,
            only="is_home",
        )

    def test_a_known_gap_is_absent_even_where_a_malformed_file_is_in_hand(self, warehouse):
        warehouse.given(
            "catalogue.known_gaps",
            """
            source       | part  | since      | until      | reason
            police_crime | alpha | 2026-02-01 | 2026-03-01 | Alpha Police gave nothing
            police_crime | gamma | 2026-01-01 | 2199-12-01 | Gamma Police gave nothing
            price_paid   | alpha | 2026-01-01 | 2199-12-01 | of another source
            """,
        )
        warehouse.given(
            "stage.police_crime",
            """
            force | month
            alpha | 2026-01-01
            alpha | 2026-02-01
            alpha | 2026-04-01
            """,
        )
        warehouse.expect(
            "core.force_coverage",
            """
            month      | rows_read | state     | reason
            2026-01-01 | 1         | whole     | -
            2026-02-01 | 1         | known gap | Alpha Police gave nothing
            2026-03-01 | -         | known gap | Alpha Police gave nothing
            2026-04-01 | 1         | whole     | -
            """,
            only="force = 'alpha'",
        )

    def test_half_a_month_is_judged_by_the_force_s_own_usual_month_outside_its_gaps(
        self, warehouse
    ):
        """Beta has ten a month and once four; alpha's two rows in its gaps are nobody's usual."""
        rows = [f"{m} | beta" for m in months("2026-01", "2026-03") for _ in range(10)]
        rows += ["2026-04-01 | beta"] * 4 + ["2026-01-01 | alpha"] * 10
        rows += [f"{m} | alpha" for m in months("2026-02", "2026-04")]
        warehouse.given("stage.police_crime", "month | force\n" + "\n".join(rows))
        warehouse.given(
            "catalogue.known_gaps",
            """
            source       | part  | since      | until      | reason
            police_crime | alpha | 2026-02-01 | 2026-03-01 | Alpha Police gave nothing
            """,
        )
        half = "its file has less than half of the rows that are usual for the force"
        warehouse.expect(
            "core.force_coverage",
            f"""
            force | month      | state     | reason
            alpha | 2026-01-01 | whole     | -
            alpha | 2026-02-01 | known gap | Alpha Police gave nothing
            alpha | 2026-03-01 | known gap | Alpha Police gave nothing
            alpha | 2026-04-01 | partial   | {half}
            beta  | 2026-01-01 | whole     | -
            beta  | 2026-02-01 | whole     | -
            beta  | 2026-03-01 | whole     | -
            beta  | 2026-04-01 | partial   | {half}
            """,
        )

    def test_months_that_nobody_asked_for_are_not_told(self, warehouse):
        warehouse.con.execute("delete from catalogue.window")
        warehouse.given("catalogue.window", "since | until\n2026-02-01 | 2026-06-01")
        warehouse.given(
            "stage.police_crime",
            "month | force\n" + "\n".join(f"{m} | alpha" for m in months("2026-01", "2026-03")),
        )
        warehouse.expect(
            "core.force_coverage", "month\n2026-02-01\n2026-03-01", only="force = 'alpha'"
        )


class TestCoverage:
    def covered(self, warehouse, made):
        warehouse.build("core.force_coverage", "core.register_coverage")
        warehouse.expect("core.coverage", made)

    def test_a_month_without_a_home_force_is_absent_and_missing_neighbours_are_noted(
        self, warehouse
    ):
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given(
            "catalogue.forces",
            """
            force | is_home
            alpha | true
            beta  | true
            gamma | false
            delta | false
            """,
        )
        warehouse.given(
            "stage.police_crime",
            """
            month      | force
            2026-01-01 | alpha
            2026-01-01 | alpha
            2026-01-01 | beta
            2026-01-01 | gamma
            2026-01-01 | delta
            2026-02-01 | alpha
            2026-02-01 | beta
            2026-02-01 | gamma
            2026-03-01 | alpha
            2026-03-01 | gamma
            2026-03-01 | delta
            2026-04-01 | far
            """,
        )
        self.covered(
            warehouse,
            """
            source       | month      | coverage_note
            police_crime | 2026-01-01 | -
            police_crime | 2026-02-01 | 1 neighbouring forces' files are not in hand for some months: crimes they recorded here are not counted
            """,
        )

    def test_the_newest_two_months_of_sales_are_still_filling(self, warehouse):
        warehouse.given("catalogue.window", ALWAYS)
        self.sales(warehouse, "pp-2025.csv", "2025-02-28", "2025-04-30", "2025-05-01", "2025-06-02")
        self.covered(
            warehouse,
            """
            source     | month      | coverage_note
            price_paid | 2025-02-01 | -
            price_paid | 2025-04-01 | -
            """,
        )

    def test_a_years_file_is_whole_if_it_ends_with_its_year_and_a_newer_one_is_there(
        self, warehouse
    ):
        """2023 was downloaded in July of that year; 2024 when 2025 had begun."""
        warehouse.given("catalogue.window", ALWAYS)
        self.sales(warehouse, "pp-2023.csv", "2023-04-10", "2023-05-10", "2023-06-10", "2023-07-02")
        self.sales(warehouse, "pp-2024.csv", "2024-10-10", "2024-12-20")
        self.sales(warehouse, "pp-2025.csv", "2025-03-10", "2025-05-10")
        self.covered(
            warehouse,
            """
            source     | month
            price_paid | 2023-04-01
            price_paid | 2023-05-01
            price_paid | 2024-10-01
            price_paid | 2024-12-01
            price_paid | 2025-03-01
            """,
        )

    def test_sales_whose_postcodes_are_not_known_cover_nothing(self, warehouse):
        warehouse.given("catalogue.window", ALWAYS)
        self.sales(warehouse, "pp-2025.csv", "2025-01-10", "2025-06-10")
        warehouse.con.execute("update core.sales set easting = null")
        self.covered(warehouse, "source | month\n")

    def test_a_file_of_less_than_half_the_usual_rows_covers_nothing(self, warehouse):
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given("catalogue.forces", "force | is_home\nalpha | true")
        rows = [m for m in months("2026-01", "2026-05") for _ in range(10)]
        rows += ["2026-06-01"] * 4
        warehouse.given(
            "stage.police_crime", "month | force\n" + "\n".join(f"{m} | alpha" for m in rows)
        )
        self.covered(
            warehouse,
            "month\n" + "\n".join(months("2026-01", "2026-05")),
        )

    def sales(self, warehouse, file, *days):
        rows = "\n".join(f"{file} | {day} | false" for day in days)
        warehouse.given("stage.price_paid", f"file | transfer_date | is_update\n{rows}")
        placed = "\n".join(f"{day} | 1 | 1" for day in days)
        warehouse.given("core.sales", f"transfer_date | easting | northing\n{placed}")

    def test_only_the_asked_months_are_covered(self, warehouse):
        warehouse.given("catalogue.window", "since | until\n2026-02-01 | 2026-03-01")
        warehouse.given("catalogue.forces", "force | is_home\nalpha | true")
        warehouse.given(
            "stage.police_crime",
            "month | force\n" + "\n".join(f"{m} | alpha" for m in months("2026-01", "2026-04")),
        )
        self.sales(warehouse, "pp-2026.csv", *months("2026-01", "2026-09"))
        self.covered(
            warehouse,
            """
            source       | month
            police_crime | 2026-02-01
            police_crime | 2026-03-01
            price_paid   | 2026-02-01
            price_paid   | 2026-03-01
            """,
        )

    def test_nobody_misses_a_force_that_is_not_a_neighbour(self, warehouse):
        """The transport police record everywhere; where their file is in hand, it is counted."""
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given("catalogue.forces", "force | is_home\nalpha | true")
        warehouse.given(
            "stage.police_crime",
            """
            month      | force
            2026-01-01 | alpha
            2026-01-01 | btp
            2026-02-01 | alpha
            """,
        )
        self.covered(
            warehouse,
            """
            month      | coverage_note | rows_read
            2026-01-01 | -             | 1
            2026-02-01 | -             | 1
            """,
        )

    def test_a_home_force_s_known_gap_covers_nothing_whatever_file_is_in_hand(self, warehouse):
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given("catalogue.forces", "force | is_home\nalpha | true\nbeta | false")
        warehouse.given(
            "catalogue.known_gaps",
            """
            source       | part  | since      | until      | reason
            police_crime | alpha | 2026-02-01 | 2199-12-01 | Alpha Police gave nothing
            police_crime | beta  | 2026-01-01 | 2026-01-01 | Beta Police gave nothing
            """,
        )
        warehouse.given(
            "stage.police_crime",
            """
            month      | force
            2026-01-01 | alpha
            2026-02-01 | alpha
            2026-02-01 | beta
            """,
        )
        self.covered(
            warehouse,
            """
            month      | coverage_note
            2026-01-01 | 1 neighbouring forces' files are not in hand for some months: crimes they recorded here are not counted
            """,
        )


class TestRegisterCoverage:
    def test_a_month_of_the_register_that_is_not_whole_says_why(self, warehouse):
        """2024 was downloaded in June; nothing is known of July to December; 2025 ends in June."""
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.given(
            "stage.price_paid",
            """
            file    | transfer_date | is_update
            pp-2024 | 2024-04-10    | false
            pp-2024 | 2024-05-10    | false
            pp-2024 | 2024-06-10    | false
            pp-2025 | 2025-01-10    | false
            pp-2025 | 2025-06-10    | false
            update  | 2025-07-10    | true
            """,
        )
        warehouse.given(
            "core.sales",
            """
            transfer_date | easting
            2024-04-10    | 1
            2024-05-10    | 1
            2024-06-10    | 1
            2025-01-10    | -
            2025-06-10    | -
            2025-07-10    | -
            """,
        )
        filling = "sales were still being entered in the register when the file in hand was made"
        warehouse.expect(
            "core.register_coverage",
            f"""
            month      | rows_read | rows_unplaced | state         | reason
            2024-04-01 | 1         | 0             | whole         | -
            2024-05-01 | 1         | 0             | still filling | {filling}
            2024-06-01 | 1         | 0             | still filling | {filling}
            2024-07-01 | -         | -             | absent        | no yearly file in hand has a sale of these months
            2025-01-01 | 1         | 1             | unplaced      | more than one in ten of the year's sales are at a postcode that is not known
            2025-06-01 | 1         | 1             | still filling | {filling}
            2025-07-01 | 1         | 1             | absent        | no yearly file in hand has a sale of these months
            """,
            only="month not between date '2024-08-01' and date '2024-12-01'"
            " and month not between date '2025-02-01' and date '2025-05-01'",
        )


class TestAbsentMonths:
    def given(self, warehouse, *covered, window=ALWAYS):
        warehouse.given("catalogue.window", window)
        rows = "\n".join(f"police_crime | {month}" for month in covered)
        warehouse.given("core.coverage", f"source | month\n{rows}")

    def test_every_month_between_the_first_and_the_last_is_covered_or_says_why(self, warehouse):
        self.given(warehouse, "2026-01-01", "2026-06-01")
        warehouse.given(
            "core.force_coverage",
            """
            force | month      | is_home | state     | reason
            alpha | 2026-01-01 | true    | whole     | -
            alpha | 2026-02-01 | true    | absent    | no file
            beta  | 2026-02-01 | true    | whole     | -
            alpha | 2026-03-01 | true    | known gap | Alpha Police gave nothing
            beta  | 2026-03-01 | true    | partial   | half a file
            gamma | 2026-04-01 | false   | absent    | no file
            """,
        )
        warehouse.given(
            "core.register_coverage",
            """
            month      | state         | reason
            2025-06-01 | still filling | too new
            """,
        )
        warehouse.expect(
            "core.absent_months",
            """
            source       | month      | reason
            police_crime | 2026-02-01 | alpha: no file
            police_crime | 2026-03-01 | alpha: Alpha Police gave nothing; beta: half a file
            police_crime | 2026-04-01 | no file is in hand
            police_crime | 2026-05-01 | no file is in hand
            price_paid   | 2025-06-01 | too new
            """,
        )

    def test_months_asked_for_are_absent_too_if_no_file_reaches_them(self, warehouse):
        self.given(warehouse, "2026-01-01", window="since | until\n2025-12-01 | 2026-03-01")
        warehouse.expect(
            "core.absent_months",
            """
            source       | month      | reason
            police_crime | 2025-12-01 | no file is in hand
            police_crime | 2026-02-01 | no file is in hand
            police_crime | 2026-03-01 | no file is in hand
            """,
        )

    def test_a_window_open_at_one_end_asks_for_nothing_beyond_what_is_there(self, warehouse):
        self.given(warehouse, "2026-01-01", window="since | until\n2025-12-01 | 2199-12-01")
        warehouse.expect("core.absent_months", "month\n2025-12-01")


class TestAbsentPeriods:
    def test_consecutive_periods_without_a_figure_for_one_reason_are_one_row(self, warehouse):
        """2024 lacks April and May for one reason and December for another; 2025 is whole."""
        lacking = {"2024-04-01": "no file", "2024-05-01": "no file", "2024-12-01": "half a file"}
        there = [m for m in months("2024-01", "2025-12") if m not in lacking]
        warehouse.given(
            "core.coverage", "source | month\n" + "\n".join(f"police | {m}" for m in there)
        )
        warehouse.given(
            "core.absent_months",
            "source | month | reason\n"
            + "\n".join(f"police | {m} | {why}" for m, why in lacking.items()),
        )
        warehouse.build("core.periods")
        warehouse.expect(
            "core.absent_periods",
            """
            period_rule       | reason               | first_period       | last_period        | first_start | periods
            month             | no file              | 2024-04            | 2024-05            | 2024-04-01  | 2
            month             | half a file          | 2024-12            | 2024-12            | 2024-12-01  | 1
            year              | half a file; no file | 2024               | 2024               | 2024-01-01  | 1
            rolling_12_months | half a file; no file | 2024-01 to 2024-12 | 2024-05 to 2025-04 | 2024-01-01  | 5
            rolling_12_months | half a file          | 2024-06 to 2025-05 | 2024-12 to 2025-11 | 2024-06-01  | 7
            """,
        )
        warehouse.expect(
            "core.windows",
            "period\n" + "2025\n" * 12,
            only="period_rule = 'year'",
        )

    def test_a_year_that_is_not_all_within_the_range_lacks_nothing(self, warehouse):
        """Half of 2024 and half of 2025 are in hand: neither year is due."""
        warehouse.given(
            "core.absent_months", "source | month | reason\npolice | 2024-12-01 | no file"
        )
        there = [m for m in months("2024-07", "2025-06") if m != "2024-12-01"]
        warehouse.given(
            "core.coverage", "source | month\n" + "\n".join(f"police | {m}" for m in there)
        )
        warehouse.build("core.periods")
        warehouse.expect(
            "core.absent_periods",
            """
            period_rule       | first_period       | periods
            month             | 2024-12            | 1
            rolling_12_months | 2024-07 to 2025-06 | 1
            """,
        )


class TestWindows:
    def given(self, warehouse, covered, note="-"):
        rows = "\n".join(f"police_crime | {month} | {note}" for month in covered)
        warehouse.given("core.coverage", f"source | month | coverage_note\n{rows}")

    def windows(self, warehouse, made, only="true"):
        """Whatever month is not covered is absent, and so are the windows that it is in."""
        warehouse.given("catalogue.window", ALWAYS)
        warehouse.build("core.absent_months", "core.periods")
        warehouse.expect("core.windows", made, only=only)

    def test_twelve_months_roll_only_where_all_twelve_are_covered(self, warehouse):
        self.given(warehouse, months("2024-11", "2025-12"))
        warehouse.con.execute("delete from core.coverage where month = date '2025-12-01'")
        self.given(warehouse, ["2026-01-01"])
        made = """
            period             | period_start | period_end | month
            """
        for first, last, end in (("2024-11", "2025-10", "31"), ("2024-12", "2025-11", "30")):
            for month in months(first, last):
                made += f"{first} to {last} | {first}-01 | {last}-{end} | {month}\n"
        self.windows(warehouse, made, only="period_rule = 'rolling_12_months'")

    def test_a_year_is_there_when_its_twelve_months_are(self, warehouse):
        self.given(warehouse, [*months("2024-01", "2024-12"), *months("2025-01", "2025-11")])
        made = "period_rule | period | period_start | period_end | month\n"
        for month in months("2024-01", "2024-12"):
            made += f"year | 2024 | 2024-01-01 | 2024-12-31 | {month}\n"
        self.windows(warehouse, made, only="period_rule = 'year'")

    def test_a_month_is_its_own_window(self, warehouse):
        self.given(warehouse, ["2024-02-01"])
        self.windows(
            warehouse,
            """
            source       | period_rule | period  | period_start | period_end | month
            police_crime | month       | 2024-02 | 2024-02-01   | 2024-02-29 | 2024-02-01
            """,
        )

    def test_the_note_of_one_month_is_the_note_of_the_twelve(self, warehouse):
        self.given(warehouse, months("2024-01", "2024-11"))
        self.given(warehouse, ["2024-12-01"], note="a neighbour is missing")
        made = "month | coverage_note\n"
        for month in months("2024-01", "2024-12"):
            made += f"{month} | a neighbour is missing\n"
        self.windows(warehouse, made, only="period_rule = 'year'")

    def test_sources_do_not_fill_each_others_gaps(self, warehouse):
        self.given(warehouse, months("2024-01", "2024-11"))
        warehouse.given("core.coverage", "source | month\nprice_paid | 2024-12-01")
        self.windows(warehouse, "period", only="period_rule <> 'month'")


class TestAreaEvents:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows | measure  | method | period_rule
            burglaries   | police_crime | events      | burglary | count  | month
            the_same     | police_crime | events      | burglary | rate   | month
            """,
        )
        warehouse.given_measures("police_crime")
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code | area_name
            forum     | F1        | First
            forum     | F2        | Second
            """,
        )
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | area_code
            1        | forum     | F1
            2        | forum     | F1
            3        | forum     | F2
            """,
        )
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | period_start | period_end | month      | coverage_note
            police_crime | month       | 2026-01 | 2026-01-01   | 2026-01-31 | 2026-01-01 | a neighbour is missing
            police_crime | month       | 2026-02 | 2026-02-01   | 2026-02-28 | 2026-02-01 | -
            """,
        )
        warehouse.given(
            "core.measure_columns",
            """
            source       | file | publisher_column | measure
            police_crime | ''   | Burglary         | burglary
            police_crime | ''   | Burglary         | all_crime
            """,
        )

    def test_a_covered_month_without_events_is_a_true_zero(self, warehouse):
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Burglary | 2026-01-01 | 2        | 3
            police_crime | Burglary | 2026-01-01 | -        | 9
            police_crime | Burglary | 2026-02-01 | -        | 1
            police_crime | Drugs    | 2026-01-01 | 1        | 9
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            measure  | period  | area_code | events | coverage_note
            burglary | 2026-01 | F1        | 5      | a neighbour is missing
            burglary | 2026-01 | F2        | 0      | a neighbour is missing
            burglary | 2026-02 | F1        | 0      | -
            burglary | 2026-02 | F2        | 0      | -
            """,
            only=DECLARED,
        )

    def test_a_kind_that_the_publisher_did_not_name_yet_is_absent_and_not_zero(self, warehouse):
        """No file of January knows burglary, and its name is gone in February: no zero is read."""
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Break-in | 2026-01-01 | 1        | 2
            police_crime | Burglary | 2026-02-01 | 1        | 3
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            measure  | period  | area_code | events
            burglary | 2026-02 | F1        | 3
            burglary | 2026-02 | F2        | 0
            """,
            only=DECLARED,
        )

    def test_a_rate_counts_the_events_of_the_areas_small_areas(self, warehouse):
        """Point 4 lies within F2's edge, but its small area is counted in F1."""
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | area_code | by_edge | by_small_area
            4        | forum     | F2        | true    | false
            4        | forum     | F1        | false   | true
            """,
        )
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Burglary | 2026-01-01 | 4        | 7
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            measure  | period  | area_code | events | events_in_small_areas
            burglary | 2026-01 | F1        | 2      | 9
            burglary | 2026-01 | F2        | 7      | 0
            """,
            only=DECLARED,
        )

    def test_an_uncovered_month_is_absent_although_it_has_events(self, warehouse):
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-03-01 | 1        | 2
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect("core.area_events", "period", only="period = '2026-03'")

    def test_the_months_of_a_period_are_added_up(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows | measure  | period_rule
            in_two       | police_crime | events      | burglary | two_months
            """,
        )
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period | period_start | period_end | month
            police_crime | two_months  | both   | 2026-01-01   | 2026-02-28 | 2026-01-01
            police_crime | two_months  | both   | 2026-01-01   | 2026-02-28 | 2026-02-01
            """,
        )
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Burglary | 2026-02-01 | 2        | 3
            police_crime | Burglary | 2026-02-01 | 3        | 4
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            "area_code | events\nF1 | 5\nF2 | 4",
            only=f"period = 'both' and {DECLARED}",
        )


class TestPoints:
    def test_a_point_stands_once_in_metres_of_the_national_grid(self, warehouse):
        """Caister, the Ordnance Survey's test point; without its grid file within 6 m."""
        warehouse.given(
            "core.located_events",
            """
            x          | y         | crs
            1.716074   | 52.657978 | EPSG:4326
            1.716074   | 52.657978 | EPSG:4326
            651409     | 313177    | EPSG:27700
            -          | -         | EPSG:4326
            """,
        )
        warehouse.build("core.points")
        rows = warehouse.con.sql("select crs, easting, northing from core.points order by crs")
        grid, degrees = rows.fetchall()
        assert grid == ("EPSG:27700", 651409, 313177)
        assert degrees[1] == pytest.approx(651409.804, abs=6)
        assert degrees[2] == pytest.approx(313177.450, abs=6)

    def test_the_numbers_of_points_do_not_depend_on_the_order_of_rows(self, warehouse):
        for rows in (
            "1 | 1 | EPSG:27700\n2 | 2 | EPSG:27700",
            "2 | 2 | EPSG:27700\n1 | 1 | EPSG:27700",
        ):
            warehouse.con.execute("delete from core.located_events")
            warehouse.given("core.located_events", f"x | y | crs\n{rows}")
            warehouse.expect("core.points", "point_id | x | y\n1 | 1 | 1\n2 | 2 | 2")


class TestLocatedEvents:
    def test_crimes_and_sales_of_the_asked_months(self, warehouse):
        warehouse.given("catalogue.window", "since | until\n2026-01-01 | 2026-02-01")
        warehouse.given(
            "stage.police_crime",
            """
            row_number | month      | crime_type | longitude | latitude | lsoa_code
            1          | 2025-12-01 | Burglary   | -1.1      | 52.6     | X01000001
            2          | 2026-02-01 | Burglary   | -1.1      | 52.6     | X01000002
            3          | 2026-03-01 | Burglary   | -1.1      | 52.6     | X01000003
            """,
        )
        warehouse.given(
            "core.sales",
            """
            transaction_id | transfer_date | property_type | price  | easting | northing
            {A}            | 2025-12-31    | D             | 100000 | 1       | 1
            {B}            | 2026-02-28    | F             | 200000 | 2       | 2
            {C}            | 2026-03-01    | D             | 300000 | 3       | 3
            """,
        )
        warehouse.expect(
            "core.located_events",
            """
            source       | file | row_number | kind     | month      | x    | y    | crs        | amount | lsoa_code
            police_crime | -    | 2          | Burglary | 2026-02-01 | -1.1 | 52.6 | EPSG:4326  | -      | X01000002
            price_paid   | {B}  | -          | F        | 2026-02-01 | 2    | 2    | EPSG:27700 | 200000 | -
            """,
        )


def test_events_without_coordinates_have_no_point(warehouse):
    warehouse.given(
        "core.located_events",
        """
        source       | kind     | month      | x | y | crs
        police_crime | Burglary | 2026-01-01 | 1 | 2 | EPSG:27700
        police_crime | Burglary | 2026-01-01 | 1 | 2 | EPSG:27700
        police_crime | Burglary | 2026-01-01 | - | - | EPSG:27700
        """,
    )
    warehouse.given("core.points", "point_id | x | y | crs\n7 | 1 | 2 | EPSG:27700")
    warehouse.expect(
        "core.event_counts",
        """
        source       | kind     | month      | point_id | events
        police_crime | Burglary | 2026-01-01 | 7        | 2
        police_crime | Burglary | 2026-01-01 | -        | 1
        """,
    )


def test_every_row_of_a_file_is_inside_outside_or_unplaced(warehouse):
    warehouse.given(
        "core.located_events",
        """
        source       | file  | month      | x | y | crs
        police_crime | a.csv | 2026-01-01 | 1 | 1 | EPSG:27700
        police_crime | a.csv | 2026-01-01 | 9 | 9 | EPSG:27700
        police_crime | a.csv | 2026-01-01 | 9 | 9 | EPSG:27700
        police_crime | a.csv | 2026-01-01 | - | - | EPSG:27700
        price_paid   | {A}   | 2026-01-01 | 1 | 1 | EPSG:27700
        """,
    )
    warehouse.given(
        "core.points",
        """
        point_id | x | y | crs
        1        | 1 | 1 | EPSG:27700
        2        | 9 | 9 | EPSG:27700
        """,
    )
    warehouse.given(
        "geo.point_areas",
        """
        point_id | area_kind | area_code | by_edge | near_edge
        1        | place     | P         | true    | true
        1        | forum     | F1        | true    | true
        2        | place     | P         | false   | true
        2        | elsewhere | E         | true    | true
        """,
    )
    warehouse.expect(
        "core.placement",
        """
        file  | month      | rows_read | placed_inside | placed_outside | unplaced
        a.csv | 2026-01-01 | 4         | 1             | 2              | 1
        """,
    )


class TestReconciliation:
    def given(self, warehouse, located):
        """Points 1 and 2 lie in the place, 3 in a small area beyond it, 4 in none at all."""
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Drugs    | 2026-01-01 | 2        | 3
            police_crime | Drugs    | 2026-01-01 | 3        | 40
            police_crime | Drugs    | 2026-01-01 | 4        | 500
            police_crime | Drugs    | 2026-01-01 | -        | 9
            """,
        )
        warehouse.given("geo.point_small_areas", "point_id | small_area_code\n1|L1\n2|L2\n3|L9")
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | in_place | in_reach
            L1              | true     | true
            L2              | true     | true
            L9              | false    | true
            """,
        )
        warehouse.given("geo.point_areas", f"point_id | area_kind | area_code | by_edge\n{located}")

    def test_a_partition_is_held_against_the_whole_place(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds",
            """
            area_kind | is_partition | is_built | is_exact
            place     | false        | true     | true
            forum     | true         | true     | true
            district  | true         | true     | true
            priority  | false        | true     | true
            ward      | true         | false    | true
            parish    | true         | true     | false
            """,
        )
        warehouse.given(
            "geo.areas",
            """
            area_kind | area_code
            place     | P
            forum     | F1
            forum     | F2
            district  | D1
            priority  | N1
            ward      | W1
            parish    | P1
            """,
        )
        self.given(
            warehouse,
            """
            1 | place    | P  | true
            2 | place    | P  | true
            1 | forum    | F1 | true
            2 | forum    | F2 | true
            1 | district | D1 | true
            2 | district | D1 | false
            1 | priority | N1 | true
            """,
        )
        warehouse.expect(
            "core.reconciliation",
            """
            source       | month      | area_kind | edition | events | events_in_place | difference
            police_crime | 2026-01-01 | forum     | ''      | 5      | 5               | 0
            police_crime | 2026-01-01 | district  | ''      | 2      | 5               | -3
            """,
        )

    def test_what_an_area_takes_in_beyond_the_place_is_left_out(self, warehouse):
        warehouse.given("catalogue.area_kinds", "area_kind | is_partition\nforum | true")
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2")
        self.given(
            warehouse,
            """
            1 | place | P  | true
            2 | place | P  | true
            1 | forum | F1 | true
            2 | forum | F2 | true
            3 | forum | F2 | true
            4 | forum | F2 | true
            """,
        )
        warehouse.expect(
            "core.reconciliation",
            """
            area_kind | events | events_in_place | difference
            forum     | 5      | 5               | 0
            """,
        )

    def test_each_edition_is_held_against_the_place_for_itself(self, warehouse):
        """The edition of 2008 has lost a point; that of 2013 has none at all."""
        warehouse.given("catalogue.area_kinds", "area_kind | is_partition\nforum | true")
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code
            forum     | 2003    | F1
            forum     | 2003    | F2
            forum     | 2008    | F1
            forum     | 2013    | F1
            """,
        )
        self.given(warehouse, "1 | place | P | true\n2 | place | P | true")
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | edition | area_code
            1        | forum     | 2003    | F1
            2        | forum     | 2003    | F2
            2        | forum     | 2008    | F1
            """,
        )
        warehouse.expect(
            "core.reconciliation",
            """
            area_kind | edition | events | events_in_place | difference
            forum     | 2003    | 5      | 5               | 0
            forum     | 2008    | 3      | 5               | -2
            forum     | 2013    | 0      | 5               | -5
            """,
        )


class TestAreaAmounts:
    @pytest.fixture(autouse=True)
    def sales(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source     | measure | method | period_rule
            price        | price_paid | sales   | median | year
            """,
        )
        warehouse.given(
            "core.windows",
            """
            source     | period_rule | period | month
            price_paid | year        | 2024   | 2024-01-01
            price_paid | year        | 2024   | 2024-02-01
            """,
        )
        warehouse.given(
            "core.measure_columns",
            """
            source     | file | publisher_column | measure
            price_paid | ''   | D                | sales
            price_paid | ''   | F                | sales
            """,
        )
        warehouse.given(
            "core.located_events",
            """
            source     | kind | month      | x | y | crs        | amount
            price_paid | D    | 2024-01-01 | 1 | 1 | EPSG:27700 | 300000
            price_paid | F    | 2024-02-01 | 1 | 1 | EPSG:27700 | 100000
            price_paid | D    | 2024-02-01 | 1 | 1 | EPSG:27700 | 150000
            price_paid | D    | 2024-02-01 | 2 | 2 | EPSG:27700 | 999999
            price_paid | D    | 2024-03-01 | 1 | 1 | EPSG:27700 | 999999
            """,
        )
        warehouse.given(
            "core.points",
            """
            point_id | x | y | crs
            1        | 1 | 1 | EPSG:27700
            2        | 2 | 2 | EPSG:27700
            """,
        )

    def test_the_prices_of_an_area_are_listed_in_order(self, warehouse):
        warehouse.given("geo.point_areas", "point_id | area_kind | area_code\n1 | forum | F1")
        warehouse.expect(
            "core.area_amounts",
            """
            measure | period | area_code | median_amount | amounts
            sales   | 2024   | F1        | 150000        | [100000, 150000, 300000]
            """,
            only=DECLARED,
        )

    def test_an_edge_moved_in_loses_its_nearest_sales_and_moved_out_gains_them(self, warehouse):
        """F1 has point 1 within its edge and 2 beyond it, both near; F2 has 1, far within."""
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | area_code | by_edge | near_edge | by_small_area | near_small_area
            1        | forum     | F1        | true    | true      | false         | false
            2        | forum     | F1        | false   | true      | true          | false
            1        | forum     | F2        | true    | false     | false         | true
            """,
        )
        warehouse.expect(
            "core.area_amounts",
            """
            area_code | assignment | median_amount | amounts
            F1        | declared   | 150000        | [100000, 150000, 300000]
            F1        | 50 m out   | 225000        | [100000, 150000, 300000, 999999]
            F2        | declared   | 150000        | [100000, 150000, 300000]
            F2        | 50 m in    | 150000        | [100000, 150000, 300000]
            F2        | 50 m out   | 150000        | [100000, 150000, 300000]
            """,
        )

    def test_each_edition_has_the_sales_within_its_own_edge(self, warehouse):
        warehouse.given(
            "geo.point_areas",
            """
            point_id | area_kind | edition | area_code
            1        | forum     | 2008    | F1
            2        | forum     | 2013    | F1
            """,
        )
        warehouse.expect(
            "core.area_amounts",
            """
            edition | area_code | amounts
            2008    | F1        | [100000, 150000, 300000]
            2013    | F1        | [999999]
            """,
            only=DECLARED,
        )
