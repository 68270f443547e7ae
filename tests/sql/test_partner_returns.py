"""Partners' returns in SQL: rows typed or set apart, codes known or not, counts rounded."""

import pytest

LOOKUP = """
file | row_number | small_area_code | publisher_column | publisher_text
l    | 1          | E01000001       | LSOA11CD         | E01000001
l    | 2          | E01000002       | LSOA11CD         | E01000009
l    | 3          | E01000003       | LSOA11CD         | E01000009
"""


@pytest.fixture
def returned(warehouse):
    """Rows of a return, staged; ``core.returned`` and what it rests on built from them."""

    def give(rows, postcodes="", lookup=LOOKUP):
        warehouse.given_measures("ons_geography")
        warehouse.given("stage.ons_geography", lookup)
        warehouse.given("catalogue.window", "since | until\n1900-01-01 | 2199-12-01")
        if postcodes:
            warehouse.given("stage.postcodes", postcodes)
        warehouse.given("stage.partner_return", rows)
        warehouse.build("core.postcodes", "core.small_area_codes", "core.returned")
        return warehouse

    return give


class TestStage:
    def test_a_row_by_each_way_of_saying_where_it_is(self, warehouse):
        warehouse.given(
            "raw.partner_return",
            """
            file | return_id | placed_by | each_row | given_on   | period             | easting | northing | longitude | latitude | postcode | code      | count
            a    | noise     | point     | one      | 2026-01-01 | 2025               | 450000  | 300000   | ''        | ''       | ''       | ''        | ''
            b    | noise     | point     | one      | 2026-01-01 | 2025-04            | ''      | ''       | -1.2      | 52.6     | ''       | ''        | ''
            c    | noise     | point     | one      | 2026-01-01 | 2025               | ''      | ''       | ''        | ''       | ''       | ''        | ''
            d    | dumped    | postcode  | a number | 2026-01-01 | 2025               | ''      | ''       | ''        | ''       | le1 1aa  | ''        | 7
            e    | dumped    | lsoa21    | a number | 2026-05-01 | 2025-04 to 2026-03 | ''      | ''       | ''        | ''       | ''       | e01000001 | 7.5
            f    | dumped    | area      | a number | 2026-01-01 | 2025               | ''      | ''       | ''        | ''       | ''       | F1        | 0
            """,
        )
        warehouse.expect(
            "stage.partner_return",
            """
            file | period_start | period_end | x      | y      | crs        | postcode | code      | number | fault
            a    | 2025-01-01   | 2025-12-31 | 450000 | 300000 | EPSG:27700 | -        | -         | 1      | -
            b    | 2025-04-01   | 2025-04-30 | -1.2   | 52.6   | EPSG:4326  | -        | -         | 1      | -
            c    | 2025-01-01   | 2025-12-31 | -      | -      | EPSG:27700 | -        | -         | 1      | -
            d    | 2025-01-01   | 2025-12-31 | -      | -      | -          | LE11AA   | -         | 7      | -
            e    | 2025-04-01   | 2026-03-31 | -      | -      | -          | -        | E01000001 | 7.5    | -
            f    | 2025-01-01   | 2025-12-31 | -      | -      | -          | -        | F1        | 0      | -
            """,
        )

    @pytest.mark.parametrize(
        ("period", "fault"),
        [
            ("2025", "-"),
            ("2025-04 to 2025-12", "-"),
            ("2025-13", "not a period (2025, 2025-04 or 2025-04 to 2026-03): 2025-13"),
            ("2025-12 to 2025-01", "not a period (2025, 2025-04 or 2025-04 to 2026-03): 2025-12 to 2025-01"),
            ("2025/26", "not a period (2025, 2025-04 or 2025-04 to 2026-03): 2025/26"),
            ("''", "not a period (2025, 2025-04 or 2025-04 to 2026-03): blank"),
            ("2026", "the period ends after the return was given: 2026"),
            ("2026-01", "-"),
        ],
    )  # fmt: skip
    def test_a_period_is_a_year_a_month_or_months(self, warehouse, period, fault):
        warehouse.given(
            "raw.partner_return",
            f"""
            file | return_id | placed_by | each_row | given_on   | period   | code      | count
            a    | repairs   | lsoa21    | a number | 2026-01-15 | {period} | E01000001 | 7
            """,
        )
        warehouse.expect("stage.partner_return", f"row_number | fault\n1 | {fault}")

    def test_years_and_months_are_not_mixed_in_a_file(self, warehouse):
        warehouse.given(
            "raw.partner_return",
            """
            file | return_id | placed_by | each_row | given_on   | period  | easting | northing
            a    | noise     | point     | one      | 2026-01-01 | 2025-01 | 450000  | 300000
            a    | noise     | point     | one      | 2026-01-01 | 2025-02 | 450000  | 300000
            a    | noise     | point     | one      | 2026-01-01 | 2025    | 450000  | 300000
            """,
        )
        warehouse.expect(
            "stage.partner_return",
            """
            row_number | fault
            1          | -
            2          | -
            3          | the period is written otherwise than in most rows: 2025
            """,
        )

    def test_a_small_area_stands_once_for_a_period_but_a_row_each_may_repeat(self, warehouse):
        warehouse.given(
            "raw.partner_return",
            """
            file | return_id | placed_by | each_row | given_on   | period | code      | count
            a    | repairs   | lsoa21    | a number | 2026-01-01 | 2025   | E01000001 | 7
            a    | repairs   | lsoa21    | a number | 2026-01-01 | 2025   | e01000001 | 8
            a    | repairs   | lsoa21    | a number | 2026-01-01 | 2024   | E01000001 | 8
            b    | repairs   | lsoa21    | one      | 2026-01-01 | 2025   | E01000001 | ''
            b    | repairs   | lsoa21    | one      | 2026-01-01 | 2025   | E01000001 | ''
            """,
        )
        warehouse.expect(
            "stage.partner_return",
            """
            file | period | number | fault
            a    | 2025   | 7      | listed 2 times for one period: E01000001
            a    | 2025   | 8      | listed 2 times for one period: e01000001
            a    | 2024   | 8      | -
            b    | 2025   | 1      | -
            b    | 2025   | 1      | -
            """,
        )


class TestCodes:
    def test_a_code_of_the_other_vintage_or_of_none_is_set_apart(self, returned):
        returned(
            """
            file | row_number | return_id | placed_by | code      | number
            a    | 1          | repairs   | lsoa21    | E01000002 | 7
            a    | 2          | repairs   | lsoa21    | E01000009 | 7
            a    | 3          | repairs   | lsoa21    | E01999999 | 7
            b    | 1          | older     | lsoa11    | E01000009 | 7
            b    | 2          | older     | lsoa11    | E01000001 | 7
            b    | 3          | older     | lsoa11    | E01000002 | 7
            """
        ).expect(
            "core.quarantine",
            """
            source         | file | row_number | fault
            partner_return | a    | 2          | no small area of 2021: E01000009 (it is one of 2011)
            partner_return | a    | 3          | no small area of 2021: E01999999
            partner_return | b    | 3          | no small area of 2011: E01000002 (it is one of 2021)
            """,
        )

    def test_what_is_set_apart_is_in_no_sum(self, returned):
        returned(
            """
            file | row_number | return_id | placed_by | period | code      | number
            a    | 1          | repairs   | lsoa21    | 2025   | E01000002 | 7
            a    | 2          | repairs   | lsoa21    | 2025   | E01999999 | 9
            """
        ).expect(
            "core.staged_values",
            """
            source  | file | small_area_code | period | publisher_column | publisher_value
            repairs | a    | E01000002       | 2025   | repairs          | 7
            """,
        )

    def test_a_row_each_is_added_up_and_what_is_withheld_makes_it_unknown(self, returned):
        returned(
            """
            file | row_number | return_id | placed_by | period | code      | number
            a    | 1          | repairs   | lsoa21    | 2025   | E01000001 | 1
            a    | 2          | repairs   | lsoa21    | 2025   | E01000001 | 1
            a    | 3          | repairs   | lsoa21    | 2025   | E01000002 | -
            """
        ).expect(
            "core.staged_values",
            """
            small_area_code | publisher_value
            E01000001       | 2
            E01000002       | -
            """,
        )

    def test_a_small_area_left_out_has_none_only_if_the_partner_says_so(self, returned):
        rows = """
            file | row_number | return_id | placed_by | period | code      | number | without_rows
            a    | 1          | repairs   | lsoa21    | 2025   | E01000001 | 7      | none
            a    | 2          | repairs   | lsoa21    | 2025   | E01000002 | -      | none
            b    | 1          | older     | lsoa11    | 2024   | E01000001 | 7      | none
            c    | 1          | silent    | lsoa21    | 2025   | E01000001 | 7      | unknown
            """
        returned(rows).expect(
            "core.returned_zeros",
            """
            return_id | period | small_area_code
            repairs   | 2025   | E01000003
            older     | 2024   | E01000009
            """,
        )

    def test_with_a_row_that_cannot_be_read_nobody_is_known_to_have_none(self, returned):
        rows = """
            file | row_number | return_id | placed_by | period | code      | number | without_rows
            a    | 1          | repairs   | lsoa21    | 2025   | E01000001 | 7      | none
            """
        warehouse = returned(rows)
        warehouse.given(
            "stage.quarantine", "source | file | row_number | fault\npartner_return | a | 2 | x"
        )
        warehouse.expect("core.returned_zeros", "return_id | small_area_code")

    def test_an_unknown_locality_is_set_apart(self, returned):
        warehouse = returned(
            """
            file | row_number | return_id | placed_by | area_kind | period | code | number
            a    | 1          | fires     | area      | town      | 2025   | T1   | 7
            a    | 2          | fires     | area      | town      | 2025   | F1   | 9
            """
        )
        warehouse.given("geo.areas", "area_kind | area_code\ntown | T1\nforum | F1")
        warehouse.expect(
            "core.quarantine", "file | row_number | fault\na | 2 | no town has the code F1"
        )
        warehouse.expect(
            "core.published",
            """
            source | measure | area_code | period | publisher_value
            fires  | fires   | T1        | 2025   | 7
            fires  | fires   | F1        | 2025   | 9
            """,
        )


class TestEvents:
    ROWS = """
        file | row_number | return_id | placed_by | period  | period_start | period_end | x      | y      | crs        | postcode | number
        a    | 1          | noise     | point     | 2025    | 2025-01-01   | 2025-12-31 | 450000 | 300000 | EPSG:27700 | -        | 2
        a    | 2          | noise     | point     | 2025    | 2025-01-01   | 2025-12-31 | -      | -      | EPSG:27700 | -        | 1
        b    | 1          | dumped    | postcode  | 2025-02 | 2025-02-01   | 2025-02-28 | -      | -      | -          | LE11AA   | 1
        b    | 2          | dumped    | postcode  | 2025-02 | 2025-02-01   | 2025-02-28 | -      | -      | -          | LE19ZZ   | 3
        b    | 3          | dumped    | postcode  | 2025-03 | 2025-03-01   | 2025-03-31 | -      | -      | -          | LE11AA   | 0
        """
    POSTCODES = "file | postcode | easting | northing\np | LE11AA | 458000 | 304000"

    def test_a_count_at_a_point_is_so_many_events(self, returned):
        returned(self.ROWS, self.POSTCODES).expect(
            "core.located_events",
            """
            source | kind   | month      | x      | y      | lsoa_code
            noise  | noise  | 2025-01-01 | 450000 | 300000 | -
            noise  | noise  | 2025-01-01 | 450000 | 300000 | -
            noise  | noise  | 2025-01-01 | -      | -      | -
            dumped | dumped | 2025-02-01 | 458000 | 304000 | -
            dumped | dumped | 2025-02-01 | -      | -      | -
            dumped | dumped | 2025-02-01 | -      | -      | -
            dumped | dumped | 2025-02-01 | -      | -      | -
            """,
        )

    def test_an_unknown_postcode_is_set_apart(self, returned):
        returned(self.ROWS, self.POSTCODES).expect(
            "core.quarantine",
            """
            file | row_number | fault
            b    | 2          | the postcode is not among those in hand: LE19ZZ
            """,
        )

    def test_a_period_is_shown_as_it_was_given(self, returned):
        warehouse = returned(self.ROWS, self.POSTCODES)
        warehouse.expect(
            "core.windows",
            """
            source | period_rule  | period  | period_start | period_end | month      | coverage_note
            noise  | as_published | 2025    | 2025-01-01   | 2025-12-31 | 2025-01-01 | 50.0% of the source's rows have no location and are counted nowhere
            dumped | as_published | 2025-02 | 2025-02-01   | 2025-02-28 | 2025-02-01 | 50.0% of the source's rows have no location and are counted nowhere
            dumped | as_published | 2025-03 | 2025-03-01   | 2025-03-31 | 2025-03-01 | -
            """,
            only="period_rule = 'as_published'",
        )

    def test_months_of_a_return_are_covered_as_any_source_s_are(self, returned):
        returned(self.ROWS, self.POSTCODES).expect(
            "core.coverage",
            """
            source | month      | rows_read | rows_unplaced
            dumped | 2025-02-01 | 2         | 1
            dumped | 2025-03-01 | 1         | 0
            """,
        )

    def test_months_not_asked_for_are_left_out(self, returned, warehouse):
        warehouse.given_measures("ons_geography")
        warehouse.given("catalogue.window", "since | until\n2025-03-01 | 2025-12-01")
        warehouse.given("stage.postcodes", self.POSTCODES)
        warehouse.given("stage.partner_return", self.ROWS)
        warehouse.build("core.postcodes", "core.returned")
        warehouse.expect("core.located_events", "source | month")


def indicators(warehouse, rows):
    warehouse.given("catalogue.indicators", rows)
    warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
    warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2\nforum | F3")


class TestThreshold:
    @pytest.mark.parametrize(
        ("events", "value", "note"),
        [
            (0, "-", "low: from 0 to 2, rounded to 5"),
            (2, "-", "low: from 0 to 2, rounded to 5"),
            (3, "5", "rounded to 5"),
            (7, "5", "rounded to 5"),
            (8, "10", "rounded to 5"),
        ],
    )
    def test_counts_are_rounded_the_small_ones_too(self, warehouse, events, value, note):
        indicators(
            warehouse,
            """
            indicator_id | source | source_rows | measure | method | period_rule  | threshold | base
            noise        | noise  | events      | noise   | count  | as_published | 5         | 5
            """,
        )
        warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nnoise | forum")
        warehouse.given("core.bricks", "area_kind | area_code | assignment\nforum | F1 | declared")
        warehouse.given(
            "core.area_events",
            f"""
            source | measure | period_rule  | period | period_end | area_kind | area_code | assignment | events | events_in_small_areas
            noise  | noise   | as_published | 2025   | 2025-12-31 | forum     | F1        | declared   | 99     | {events}
            noise  | noise   | as_published | 2025   | 2025-12-31 | forum     | F1        | 50 m out   | 99     | 99
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            f"assignment | numerator | value | note\ndeclared | {value} | {value} | {note}",
        )
        warehouse.build("evidence.indicator_values")
        warehouse.expect(  # no range either: it would tell of what lies between two edges
            "evidence.cells",
            f"area_code | value | assignment_low | assignment_high\nF1 | {value} | - | -",
            only="area_code = 'F1'",
        )

    def test_a_rate_is_made_from_the_rounded_count(self, warehouse):
        """An exact rate would give the exact count back. Of F4's three people nothing is told."""
        indicators(
            warehouse,
            """
            indicator_id | source | source_rows  | measure | method | per  | threshold | base | denominator_source | denominator_measure
            noise        | noise  | observations | noise   | rate   | 1000 | 5         | 5    | population         | all_ages
            """,
        )
        warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nnoise | forum")
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F4\nforum | F5")
        warehouse.given("core.bricks", "area_kind | area_code | assignment\nforum | F1 | declared")
        warehouse.given(
            "core.area_totals",
            """
            source | measure | period | period_end | area_kind | area_code | total
            noise  | noise   | 2025   | 2025-12-31 | forum     | F1        | 2
            noise  | noise   | 2025   | 2025-12-31 | forum     | F2        | 13
            noise  | noise   | 2025   | 2025-12-31 | forum     | F3        | 0
            noise  | noise   | 2025   | 2025-12-31 | forum     | F4        | 3
            noise  | noise   | 2025   | 2025-12-31 | forum     | F5        | 12.5
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period | area_kind | area_code | denominator
            noise        | 2025   | forum     | F1        | 1000
            noise        | 2025   | forum     | F2        | 1500
            noise        | 2025   | forum     | F3        | 1000
            noise        | 2025   | forum     | F4        | 4
            noise        | 2025   | forum     | F5        | 1000
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | numerator | denominator | value | note
            F1        | -         | 1000        | -     | low: from 0 to 2, rounded to 5
            F2        | 15        | 1500        | 10    | rounded to 5
            F3        | -         | 1000        | -     | low: from 0 to 2, rounded to 5
            F4        | -         | 4           | -     | withheld: fewer than 5 to divide by
            F5        | -         | 1000        | -     | withheld: it is no whole number, and cannot be rounded against disclosure
            """,
        )

    def test_a_figure_for_an_area_is_rounded_by_its_value(self, warehouse):
        indicators(
            warehouse,
            """
            indicator_id | source | source_rows | measure | method       | threshold | base
            fires        | fires  | published   | fires   | as_published | 10        | 10
            """,
        )
        warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nfires | forum")
        warehouse.given(
            "core.published",
            """
            source | measure | area_code | period | period_end | publisher_value
            fires  | fires   | F1        | 2025   | 2025-12-31 | 4
            fires  | fires   | F2        | 2025   | 2025-12-31 | 5
            fires  | fires   | F3        | 2025   | 2025-12-31 | 14
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | value | note
            F1        | -     | low: from 0 to 4, rounded to 10
            F2        | 10    | rounded to 10
            F3        | 10    | rounded to 10
            """,
        )

    @pytest.mark.parametrize(("threshold", "told"), [(1, "noise"), (5, "")])
    def test_what_is_withheld_is_not_told_by_small_area_or_month(self, warehouse, threshold, told):
        """The ledger and the reconciliation count by small area and by month."""
        indicators(
            warehouse,
            f"""
            indicator_id | source | source_rows | measure | method | period_rule  | threshold
            noise        | noise  | events      | noise   | count  | as_published | {threshold}
            """,
        )
        warehouse.given("geo.areas", "area_kind | area_code\nplace | P")
        warehouse.given("catalogue.area_kinds", "area_kind | position\nforum | 1\nplace | 2")
        warehouse.given("core.small_areas", "small_area_code | in_place\nE01000001 | true")
        warehouse.given("geo.point_small_areas", "point_id | small_area_code\n1 | E01000001")
        warehouse.given(
            "geo.point_areas", "point_id | area_kind | area_code\n1 | forum | F1\n1 | place | P"
        )
        warehouse.given(
            "core.event_counts",
            "source | kind | month | point_id | events\nnoise | noise | 2025-01-01 | 1 | 2",
        )
        ledger = (
            f"area_code | counted | amount\nF1 | {told} | 2\nP | {told} | 2"
            if told
            else "area_code | counted | amount"
        )
        warehouse.expect("evidence.assignment_ledger", ledger)
        monthly = f"source | events_in_place\n{told} | 2" if told else "source | events_in_place"
        warehouse.given("catalogue.area_kinds", "area_kind | is_partition\nforum | true")
        warehouse.expect("core.reconciliation", monthly, only="area_kind = 'forum'")
