"""Raw text to typed rows: what each publisher writes, and what we take it to mean."""

import pytest


class TestPoliceCrime:
    def test_a_row_keeps_its_words_and_gets_its_types(self, warehouse):
        warehouse.given(
            "raw.police_crime",
            """
            file                        | month   | longitude | latitude  | lsoa_code | crime_type
            2026-01-alpha-street.csv    | 2026-01 | -1.131592 | 52.636878 | X01000001 | Burglary
            2026-01-beta-moor-street.csv| 2026-01 | 0         | 51.5      | X01000002 | Anti-social behaviour
            2026-01-beta-moor-street.csv| 2026-1  | 0         | 51.5      | X01000002 | Drugs
            """,
        )
        warehouse.expect(
            "stage.police_crime",
            """
            row_number | month      | force     | longitude | latitude  | lsoa_code | crime_type            | fault
            1          | 2026-01-01 | alpha     | -1.131592 | 52.636878 | X01000001 | Burglary              | -
            2          | 2026-01-01 | beta-moor | 0         | 51.5      | X01000002 | Anti-social behaviour | -
            3          | 2026-01-01 | beta-moor | 0         | 51.5      | X01000002 | Drugs                 | -
            """,
        )

    def test_identical_rows_are_separate_incidents(self, warehouse):
        warehouse.given(
            "raw.police_crime",
            """
            file                     | month   | longitude | latitude | crime_type
            2026-01-alpha-street.csv | 2026-01 | -1.1      | 52.6     | Anti-social behaviour
            2026-01-alpha-street.csv | 2026-01 | -1.1      | 52.6     | Anti-social behaviour
            """,
        )
        warehouse.expect(
            "stage.police_crime",
            """
            crime_type            | fault
            Anti-social behaviour | -
            Anti-social behaviour | -
            """,
        )

    def test_two_zeros_or_two_blanks_are_no_location_and_no_fault(self, warehouse):
        warehouse.given(
            "raw.police_crime",
            """
            file                     | month   | longitude | latitude | crime_type
            2026-01-alpha-street.csv | 2026-01 | 0         | 0        | Burglary
            2026-01-alpha-street.csv | 2026-01 | 0.0       | 0.000000 | Burglary
            2026-01-alpha-street.csv | 2026-01 | -         | -        | Burglary
            2026-01-alpha-street.csv | 2026-01 | ''        | ''       | Burglary
            """,
        )
        warehouse.expect(
            "stage.police_crime",
            """
            longitude | latitude | fault
            -         | -        | -
            -         | -        | -
            -         | -        | -
            -         | -        | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            (
                "2026-02 | -1.1 | 52.6 | Burglary",
                "month 2026-02 stands in the file of 2026-01",
            ),
            ("January | -1.1 | 52.6 | Burglary", "month is not YYYY-MM: January"),
            ("2026-13 | -1.1 | 52.6 | Burglary", "month is not YYYY-MM: 2026-13"),
            ("- | -1.1 | 52.6 | Burglary", "month is not YYYY-MM: blank"),
            ("2026-01 | -1.1 | 52.6 | -", "crime type is blank"),
            ("2026-01 | -1.1 | 52.6 | ''", "crime type is blank"),
            ("2026-01 | -1.1 | - | Burglary", "only one of longitude and latitude is given"),
            ("2026-01 | - | 52.6 | Burglary", "only one of longitude and latitude is given"),
            ("2026-01 | west | 52.6 | Burglary", "longitude is not a number: west"),
            ("2026-01 | -1.1 | north | Burglary", "latitude is not a number: north"),
            ("2026-01 | 10.5 | 52.6 | Burglary", "longitude is outside the United Kingdom"),
            ("2026-01 | -1.1 | 40.1 | Burglary", "latitude is outside the United Kingdom"),
            ("2026-01 | 52.6 | -1.1 | Burglary", "longitude is outside the United Kingdom"),
            # one zero is not the publisher's mark for no location: that is two
            ("2026-01 | -1.1 | 0 | Burglary", "latitude is outside the United Kingdom"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        warehouse.given(
            "raw.police_crime",
            f"""
            file                     | month | longitude | latitude | crime_type
            2026-01-alpha-street.csv | {row}
            """,
        )
        warehouse.expect("stage.police_crime", f"fault\n{fault}")

    def test_a_file_named_after_no_month_has_no_row_that_can_be_read(self, warehouse):
        warehouse.given(
            "raw.police_crime",
            """
            file                     | month   | longitude | latitude | crime_type
            2026-13-alpha-street.csv | 2026-13 | -1.1      | 52.6     | Burglary
            """,
        )
        warehouse.expect("stage.police_crime", "fault\nmonth is not YYYY-MM: 2026-13")


class TestCensus2021:
    def test_every_column_with_a_value_is_a_row(self, warehouse):
        warehouse.given(
            "raw.census_2021",
            """
            file       | date | small_area_name | small_area_code | Tenure: Total; measures: Value | Tenure: Owned; measures: Value
            ts054.csv  | 2021 | Northmarch 001A | X01000001       | 640                            | 400
            ts054.csv  | 2021 | Northmarch 001B | X01000002       | 700                            | -
            """,
        )
        warehouse.expect(
            "stage.census_2021",
            """
            row_number | small_area_code | period | period_start | period_end | publisher_column               | publisher_value | fault
            1          | X01000001       | 2021   | 2021-03-21   | 2021-03-21 | Tenure: Total; measures: Value | 640             | -
            1          | X01000001       | 2021   | 2021-03-21   | 2021-03-21 | Tenure: Owned; measures: Value | 400             | -
            2          | X01000002       | 2021   | 2021-03-21   | 2021-03-21 | Tenure: Total; measures: Value | 700             | -
            """,
        )

    @pytest.mark.parametrize(
        ("code", "value", "fault"),
        [
            ("X00000001", "640", "not a small-area code: X00000001"),
            ("-", "640", "not a small-area code: blank"),
            ("X01000001", "many", "not a number: many"),
            ("X01000001", "-640", "a count below zero: -640"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, code, value, fault):
        warehouse.given("raw.census_2021", f"small_area_code | Total\n{code} | {value}")
        warehouse.expect("stage.census_2021", f"fault\n{fault}")

    def test_a_file_with_no_other_column_gives_no_row(self, warehouse):
        warehouse.given("raw.census_2021", "small_area_code\nX01000001")
        warehouse.expect("stage.census_2021", "small_area_code | fault")


class TestIndicesOfDeprivation:
    def test_scores_may_lie_below_zero(self, warehouse):
        warehouse.given(
            "raw.indices_of_deprivation",
            """
            small_area_code | small_area_name | authority_code | authority_name | Crime Score | Total population: mid 2022
            X01000001       | Northmarch 001A | X07000001      | Northmarch     | -1.203      | 1510
            """,
        )
        warehouse.expect(
            "stage.indices_of_deprivation",
            """
            small_area_code | period | publisher_column           | publisher_value | fault
            X01000001       | 2025   | Crime Score                | -1.203          | -
            X01000001       | 2025   | Total population: mid 2022 | 1510            | -
            """,
        )

    def test_a_blank_code_is_said(self, warehouse):
        warehouse.given("raw.indices_of_deprivation", "small_area_code | Crime Score\n- | 1")
        warehouse.expect("stage.indices_of_deprivation", "fault\nnot a small-area code: blank")


class TestFuelPoverty:
    ROWS = """
        title   | small_area_code             | small_area_name | Number of households | Number of households in fuel poverty
        {title} | X01000001                   | Northmarch 001A | 640                  | 96
        {title} | 1. Estimates are modelled.  | -               | -                    | -
        {title} | Source: LILEE               | -               | -                    | -
        {title} | -                           | -               | -                    | -
        """

    @pytest.mark.parametrize(
        ("title", "year"),
        [
            ("Table 3: Fuel poverty by Lower Super Output Area (LSOA), 2020 [Notes 3 and 4]", 2020),
            ("Table 4: Fuel poverty by Lower Super Output Area (LSOA) [Notes 4 and 6], 2022", 2022),
            ("Table 4: Fuel poverty [Notes 4 and 6], 2022 See the notes sheet, revised 2024", 2022),
        ],
    )
    def test_the_year_is_in_the_title_and_footnotes_are_no_rows(self, warehouse, title, year):
        warehouse.given("raw.fuel_poverty", self.ROWS.format(title=title))
        warehouse.expect(
            "stage.fuel_poverty",
            f"""
            row_number | small_area_code | period | period_start | period_end   | publisher_column                     | publisher_value | fault
            1          | X01000001       | {year} | {year}-01-01 | {year}-12-31 | Number of households                 | 640             | -
            1          | X01000001       | {year} | {year}-01-01 | {year}-12-31 | Number of households in fuel poverty | 96              | -
            """,
        )

    @pytest.mark.parametrize(
        ("title", "code", "value", "fault"),
        [
            (
                "Table 4: LSOA",
                "X01000001",
                "640",
                "the title above the table names no year: Table 4: LSOA",
            ),
            ("Table 4, 2022", "X01000001", "[c]", "not a number: [c]"),
            ("Table 4, 2022", "X01000001", "-640", "a count below zero: -640"),
            ("Table 4, 2022", "X02000001", "640", "not a small-area code: X02000001"),
            ("Table 4, 2022", "-", "640", "not a small-area code: blank"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, title, code, value, fault):
        warehouse.given(
            "raw.fuel_poverty",
            f"""
            title   | small_area_code | small_area_name | Number of households
            {title} | {code}          | Northmarch 001A | {value}
            """,
        )
        warehouse.expect("stage.fuel_poverty", f"fault\n{fault}")


class TestPopulation:
    def test_nomis_has_the_year_and_the_age_in_its_rows(self, warehouse):
        warehouse.given(
            "raw.population",
            """
            file      | small_area_code | GEOGRAPHY_NAME  | year | C_AGE | publisher_column | publisher_value
            nomis.csv | X01000001       | Northmarch 001A | 2022 | 200   | All Ages         | 1510
            nomis.csv | X01000001       | Northmarch 001A | 2022 | 209   | Aged 65+         | 255
            """,
        )
        warehouse.expect(
            "stage.population",
            """
            row_number | small_area_code | period | period_start | period_end | publisher_column | publisher_value | fault
            1          | X01000001       | 2022   | 2022-06-30   | 2022-06-30 | All Ages         | 1510            | -
            2          | X01000001       | 2022   | 2022-06-30   | 2022-06-30 | Aged 65+         | 255             | -
            """,
        )

    def test_the_table_by_single_year_of_age_has_the_year_in_its_name(self, warehouse):
        warehouse.given(
            "raw.population",
            """
            file                                   | small_area_code | small_area_name | total_population | 0    | 90+
            mid-2020-lsoa11-single-year-of-age.csv | X01000001       | Northmarch 001A | 1497.0           | 20.0 | 7.0
            """,
        )
        warehouse.expect(
            "stage.population",
            """
            row_number | small_area_code | period | period_start | publisher_column | publisher_value | fault
            1          | X01000001       | 2020   | 2020-06-30   | total_population | 1497            | -
            1          | X01000001       | 2020   | 2020-06-30   | 0                | 20              | -
            1          | X01000001       | 2020   | 2020-06-30   | 90+              | 7               | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            (
                "X01000001 | - | All Ages | 10",
                "no year is given in the rows nor in the file's name",
            ),
            (
                "X01000001 | soon | All Ages | 10",
                "no year is given in the rows nor in the file's name",
            ),
            ("X02000001 | 2022 | All Ages | 10", "not a small-area code: X02000001"),
            ("- | 2022 | All Ages | 10", "not a small-area code: blank"),
            ("X01000001 | 2022 | All Ages | -", "not a number: blank"),
            ("X01000001 | 2022 | All Ages | Q", "not a number: Q"),
            ("X01000001 | 2022 | All Ages | -10", "a count below zero: -10"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        warehouse.given(
            "raw.population",
            f"small_area_code | year | publisher_column | publisher_value\n{row}",
        )
        warehouse.expect("stage.population", f"fault\n{fault}")

    def test_a_single_year_table_without_a_year_in_its_name_is_refused(self, warehouse):
        warehouse.given("raw.population", "file | small_area_code | 0\nages.csv | X01000001 | 20")
        warehouse.expect(
            "stage.population", "fault\nno year is given in the rows nor in the file's name"
        )


class TestOnsGeography:
    def test_every_column_of_a_lookup_is_a_row(self, warehouse):
        warehouse.given(
            "raw.ons_geography",
            """
            small_area_code | LSOA21NM        | LAD24CD   | LSOA21NMW
            X01000001       | Northmarch 001A | X07000001 | -
            X99             | Nowhere         | -         | -
            -               | Nameless        | -         | -
            """,
        )
        warehouse.expect(
            "stage.ons_geography",
            """
            small_area_code | publisher_column | publisher_text  | fault
            X01000001       | LSOA21NM         | Northmarch 001A | -
            X01000001       | LAD24CD          | X07000001       | -
            X99             | LSOA21NM         | Nowhere         | not a small-area code: X99
            -               | LSOA21NM         | Nameless        | not a small-area code: blank
            """,
        )


class TestPostcodes:
    def test_spaces_go_and_quality_9_means_no_coordinates(self, warehouse):
        warehouse.given(
            "raw.postcodes",
            """
            postcode | easting | northing | quality | terminated
            ZZ1 1AP  | 564426  | 0465860  | 1       | ''
            ZZ101AP  | 564427  | 465861   | 8       | 201806
            zz1a 1ap | 564428  | 465862   | 2       | -
            ZZ9 9ZZ  | 0       | 0        | 9       | -
            """,
        )
        warehouse.expect(
            "stage.postcodes",
            """
            postcode | easting | northing | terminated | fault
            ZZ11AP   | 564426  | 465860   | -          | -
            ZZ101AP  | 564427  | 465861   | 201806     | -
            ZZ1A1AP  | 564428  | 465862   | -          | -
            ZZ99ZZ   | -       | -        | -          | -
            """,
        )

    def test_code_point_open_writes_no_coordinates_as_quality_90(self, warehouse):
        warehouse.given(
            "raw.postcodes",
            """
            postcode | easting | northing | quality
            ZZ1 1AP  | 564426  | 465860   | 10
            ZZ9 9ZZ  | 0       | 0        | 90
            """,
        )
        warehouse.expect(
            "stage.postcodes",
            """
            postcode | easting | northing | fault
            ZZ11AP   | 564426  | 465860   | -
            ZZ99ZZ   | -       | -        | -
            """,
        )

    @pytest.mark.parametrize(
        ("postcode", "fault"),
        [("NOWHERE", "not a postcode: NOWHERE"), ("-", "not a postcode: blank")],
    )
    def test_what_is_no_postcode_is_said(self, warehouse, postcode, fault):
        warehouse.given("raw.postcodes", f"postcode | easting\n{postcode} | 1")
        warehouse.expect("stage.postcodes", f"fault\n{fault}")


class TestPricePaid:
    def test_records_of_yearly_and_monthly_files(self, warehouse):
        warehouse.given(
            "raw.price_paid",
            """
            file                            | transaction_id | price  | transfer_date    | postcode | property_type | category | status
            pp-2024.csv                     | {A}            | 170000 | 2024-03-13 00:00 | ZZ10 7JS | F             | A        | A
            pp-1999.csv                     | {B}            | 50000  | 1999-03-13 00:00 | -        | D             | B        | -
            pp-monthly-update-new-version.csv | {A}          | 171000 | 2024-03-13 00:00 | ''       | F             | A        | C
            """,
        )
        warehouse.expect(
            "stage.price_paid",
            """
            transaction_id | price  | transfer_date | postcode | property_type | category | status | is_update | fault
            {A}            | 170000 | 2024-03-13    | ZZ107JS  | F             | A        | A      | false     | -
            {B}            | 50000  | 1999-03-13    | -        | D             | B        | A      | false     | -
            {A}            | 171000 | 2024-03-13    | -        | F             | A        | C      | true      | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("dear | 2024-03-13 00:00 | A | A", "not a price: dear"),
            ("- | 2024-03-13 00:00 | A | A", "not a price: blank"),
            ("0 | 2024-03-13 00:00 | A | A", "not a price: 0"),
            ("1 | 13/03/2024 | A | A", "not a date: 13/03/2024"),
            ("1 | - | A | A", "not a date: blank"),
            ("1 | 2024-03-13 00:00 | Z | A", "unknown category: Z"),
            ("1 | 2024-03-13 00:00 | - | A", "unknown category: blank"),
            ("1 | 2024-03-13 00:00 | A | X", "unknown record status: X"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        warehouse.given("raw.price_paid", f"price | transfer_date | category | status\n{row}")
        warehouse.expect("stage.price_paid", f"fault\n{fault}")


class TestFingertips:
    @pytest.mark.parametrize(
        ("period", "first_day", "last_day"),
        [
            ("2013/14", "2013-04-01", "2014-03-31"),
            ("1999/00", "1999-04-01", "2000-03-31"),
            ("2015", "2015-01-01", "2015-12-31"),
            ("2019 - 23", "2019-01-01", "2023-12-31"),
            ("2019 - 2023", "2019-01-01", "2023-12-31"),
        ],
    )
    def test_periods_as_the_publisher_writes_them(self, warehouse, period, first_day, last_day):
        warehouse.given(
            "raw.fingertips",
            f"""
            publisher_column | area_code | period   | publisher_value
            91547            | X07000001 | {period} | 14.5
            """,
        )
        warehouse.expect(
            "stage.fingertips",
            f"""
            period   | period_start | period_end | fault
            {period} | {first_day}  | {last_day} | -
            """,
        )

    def test_rows_of_inequality_categories_are_left_out(self, warehouse):
        warehouse.given(
            "raw.fingertips",
            """
            publisher_column | area_code | category_type                  | period | publisher_value
            91547            | X07000001 | -                              | 2015   | 14.5
            91547            | X07000001 | ''                             | 2016   | 14.6
            91547            | X07000001 | District deprivation deciles   | 2015   | 20.1
            """,
        )
        warehouse.expect(
            "stage.fingertips",
            """
            period | publisher_value
            2015   | 14.5
            2016   | 14.6
            """,
        )

    def test_a_suppressed_value_is_a_gap_with_a_note_not_a_fault(self, warehouse):
        warehouse.given(
            "raw.fingertips",
            """
            publisher_column | area_code | sex     | age | period | publisher_value | lower_ci | upper_ci | numerator | denominator | value_note
            91547            | X07000001 | Persons | 18+ | 2015   | 14.5            | 12.1     | 16.9     | 145       | 1000        | ''
            91547            | X07000002 | Persons | 18+ | 2015   | -               | -        | -        | -         | -           | Value suppressed for disclosure control
            """,
        )
        warehouse.expect(
            "stage.fingertips",
            """
            area_code | publisher_value | lower_ci | upper_ci | numerator | denominator | value_note                              | fault
            X07000001 | 14.5            | 12.1     | 16.9     | 145       | 1000        | -                                       | -
            X07000002 | -               | -        | -        | -         | -           | Value suppressed for disclosure control | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("- | 2015 | 1", "area code is blank"),
            ("X07000001 | - | 1", "not a period: blank"),
            ("X07000001 | lately | 1", "not a period: lately"),
            ("X07000001 | 2015 | some", "not a number: some"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        warehouse.given("raw.fingertips", f"area_code | period | publisher_value\n{row}")
        warehouse.expect("stage.fingertips", f"fault\n{fault}")
