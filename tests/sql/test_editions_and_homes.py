"""Two editions of the Indices that never meet, and homes with an energy certificate."""

import pytest

SCORE = "Index of Multiple Deprivation (IMD) Score"
PEOPLE = "Total population: mid 2015 (excluding prisoners)"


class TestEditions:
    def test_the_earlier_edition_has_a_year_before_each_column(self, warehouse):
        warehouse.given(
            "raw.indices_of_deprivation",
            f"""
            small_area_code | earlier_small_area_code | {SCORE}
            E01025701       | -                       | 31.5
            -               | E01025701               | 29.5
            """,
        )
        warehouse.expect(
            "stage.indices_of_deprivation",
            f"""
            row_number | small_area_code | period | period_end | publisher_column | publisher_value | fault
            1          | E01025701       | 2025   | 2025-10-30 | {SCORE}          | 31.5            | -
            2          | E01025701       | 2019   | 2019-09-26 | 2019: {SCORE}    | 29.5            | -
            """,
        )

    @pytest.mark.parametrize("code", ["X99", "-"])
    def test_a_row_without_a_small_area_says_so(self, warehouse, code):
        warehouse.given(
            "raw.indices_of_deprivation", f"earlier_small_area_code | {SCORE}\n{code} | 1"
        )
        told = "blank" if code == "-" else code
        warehouse.expect("stage.indices_of_deprivation", f"fault\nnot a small-area code: {told}")

    def test_no_measure_is_shared_by_two_editions(self, warehouse):
        warehouse.given_measures("indices_of_deprivation")
        columns = [
            *(SCORE, "Total population: mid 2022", "Income Score (rate)"),
            "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
        ]
        warehouse.given(
            "stage.indices_of_deprivation",
            "file | small_area_code | period | publisher_column | publisher_value\n"
            + "\n".join(f"new | E01025701 | 2025 | {c} | 1" for c in columns)
            + "\n"
            + "\n".join(
                f"old | E01025701 | 2019 | 2019: {c.replace('2022', '2015')} | 1" for c in columns
            ),
        )
        warehouse.build("core.measure_columns")
        found = warehouse.con.sql("select file, list(measure) from core.measure_columns group by 1")
        by_file = {file: set(measures) for file, measures in found.fetchall()}
        assert by_file["old"] == {
            *("population_2019", "imd_score_2019", "income_deprived_people_2019"),
            "people_in_decile_1_2019",
        }
        assert not by_file["old"] & by_file["new"]

    def test_a_score_of_2011_goes_with_its_people_never_alone(self, warehouse):
        """OLD was split 3 to 1, OLD1 and OLD2 are M, K stayed; the score of M is of all its people."""
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows  | measure | method        | denominator_source | denominator_measure
            score        | iod    | observations | score   | weighted_mean | iod                | people
            """,
        )
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change | share_people
            K         | K         | U      | 1
            OLD       | S1        | S      | 0.75
            OLD       | S2        | S      | 0.25
            OLD1      | M         | M      | 1
            OLD2      | M         | M      | 1
            OLDX      | X         | X      | -
            """,
        )
        scores = {
            "K": (10, 1000),
            "OLD": (40, 2000),
            "OLD1": (20, 500),
            "OLD2": (30, 1500),
            "OLDX": (9, 9),
        }
        rows = [f"score | score | {code} | {score}" for code, (score, _) in scores.items()]
        rows += [f"people | people | {code} | {people}" for code, (_, people) in scores.items()]
        warehouse.given(
            "core.observations",
            "source | vintage | period | measure | counts | small_area_code | value\n"
            + "\n".join(f"iod | 2011 | 2019 | {row}" for row in rows),
        )
        warehouse.build("core.small_area_values")
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight
            forum     | F1        | K               | 1
            forum     | F1        | S1              | 1
            forum     | F2        | S2              | 0.5
            forum     | F2        | M               | 1
            forum     | F3        | X               | 1
            forum     | F4        | K               | 1
            """,
        )
        warehouse.expect(
            "core.weighted_totals",
            """
            area_code | period | small_areas | small_areas_with_a_figure | score_times_people | people | shared_out
            F1        | 2019   | 2           | 2                         | 70000              | 2500   | true
            F2        | 2019   | 2           | 2                         | 65000              | 2250   | true
            F3        | 2019   | 1           | 0                         | -                  | -      | false
            F4        | 2019   | 1           | 1                         | 10000              | 1000   | false
            """,
        )


class TestCertificates:
    def test_bands_and_numbers_that_are_not_known_are_null(self, warehouse):
        warehouse.given(
            "raw.epc",
            """
            certificate_number | postcode | band     | lodged_at           | uprn     | address_key
            1                  | le1 1aa  | c        | 2024-05-01 10:00:00 | 1001     | a1
            2                  | LE1 1AA  | INVALID! | 2024-05-01 10:00:00 | NO DATA! | a1
            3                  | LE1 1AA  | NO DATA! | 2024-05-01          | N/A      | ''
            4                  | ''       | N/A      | 2024-05-01 10:00:00 | -        | -
            5                  | LE1 1AA  | ''       | 2024-05-01 10:00:00 | ''       | -
            6                  | LE1 1AA  | G        | 2024-05-01 10:00:00 | 007      | -
            """,
        )
        warehouse.expect(
            "stage.epc",
            """
            certificate_number | postcode | band | uprn | address_key | fault
            1                  | LE11AA   | C    | 1001 | a1          | -
            2                  | LE11AA   | -    | -    | a1          | -
            3                  | LE11AA   | -    | -    | -           | -
            4                  | -        | -    | -    | -           | -
            5                  | LE11AA   | -    | -    | -           | -
            6                  | LE11AA   | G    | 007  | -           | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("- | 2024-05-01", "certificate number is blank"),
            ("1 | -", "not a day of lodgement: blank"),
            ("1 | May", "not a day of lodgement: May"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, row, fault):
        warehouse.given("raw.epc", f"certificate_number | lodged_at\n{row}")
        warehouse.expect("stage.epc", f"fault\n{fault}")


class TestHomes:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "core.postcodes", "postcode | small_area_code\nZZ11AA | X01000001\nZZ11BB | X01000002"
        )
        warehouse.given(
            "stage.ons_geography", "small_area_code\nX01000001\nX01000002\nX01000003\nX01000003"
        )

    def given(self, warehouse, text):
        columns = "certificate_number | uprn | address_key | postcode | band | lodged_at"
        warehouse.given("stage.epc", f"{columns}\n{text}")

    def test_the_newest_certificate_of_a_home_counts(self, warehouse):
        self.given(
            warehouse,
            """
            1 | 1001 | a1 | ZZ11AA | D | 2015-01-01
            2 | 1001 | a1 | ZZ11AA | B | 2024-01-01
            3 | 1001 | a1 | ZZ11AA | C | 2020-01-01
            4 | 1002 | a2 | ZZ11AA | C | 2024-01-01 09:00:00
            5 | 1002 | a2 | ZZ11AA | E | 2024-01-01 10:00:00
            """,
        )
        warehouse.expect(
            "core.dwellings",
            "dwelling | band | small_area_code\n1001|B|X01000001\n1002|E|X01000001",
        )

    def test_an_address_stands_in_for_a_number_that_lacks(self, warehouse):
        """An older certificate without number is of the home whose newer one has it."""
        self.given(
            warehouse,
            """
            1 | -    | a1 | ZZ11AA | D | 2015-01-01
            2 | 1001 | a1 | ZZ11AA | B | 2024-01-01
            3 | -    | a2 | ZZ11AA | F | 2015-01-01
            4 | -    | a2 | ZZ11AA | E | 2020-01-01
            5 | -    | -  | ZZ11AA | C | 2020-01-01
            6 | -    | -  | ZZ11AA | G | 2020-01-01
            """,
        )
        warehouse.expect("core.dwellings", "dwelling | band\n1001|B\na2|E\n5|C\n6|G")

    def test_homes_are_counted_by_small_area_and_none_is_a_true_zero(self, warehouse):
        self.given(
            warehouse,
            """
            1 | 1 | - | ZZ11AA | A | 2024-10-03
            2 | 2 | - | ZZ11AA | C | 2024-11-30 12:00:00
            3 | 3 | - | ZZ11AA | D | 2020-01-01
            4 | 4 | - | ZZ11AA | - | 2020-01-01
            5 | 5 | - | ZZ11BB | E | 2020-01-01
            """,
        )
        warehouse.build("core.dwellings")
        warehouse.expect(
            "core.dwelling_counts",
            """
            small_area_code | period  | period_start | period_end | publisher_column | publisher_value
            X01000001       | 2024-11 | 2024-11-01   | 2024-11-30 | certificated     | 3
            X01000001       | 2024-11 | 2024-11-01   | 2024-11-30 | band C or better | 2
            X01000002       | 2024-11 | 2024-11-01   | 2024-11-30 | certificated     | 1
            X01000002       | 2024-11 | 2024-11-01   | 2024-11-30 | band C or better | 0
            X01000003       | 2024-11 | 2024-11-01   | 2024-11-30 | certificated     | 0
            X01000003       | 2024-11 | 2024-11-01   | 2024-11-30 | band C or better | 0
            """,
        )

    def test_where_many_homes_cannot_be_placed_there_is_no_figure_but_a_reason(self, warehouse):
        warehouse.given_measures("epc")
        self.given(
            warehouse,
            "\n".join(
                f"{n} | {n} | - | {'ZZ11AA' if n < 8 else 'ZZ99ZZ'} | C | 2024-01-01"
                for n in range(10)
            ),
        )
        warehouse.build("core.dwellings")
        warehouse.expect("core.dwelling_counts", "small_area_code")
        warehouse.build("core.dwelling_counts")
        warehouse.expect(
            "core.kept_out",
            "measure | gap\ncertificated_dwellings | cannot be computed\nband_c_or_better | cannot be computed",
        )

    def test_without_certificates_there_is_nothing(self, warehouse):
        warehouse.build("core.dwellings")
        warehouse.expect("core.dwelling_counts", "small_area_code")


def test_a_postcode_says_its_small_area_but_not_scotland_s(warehouse):
    warehouse.given(
        "raw.postcodes",
        """
        postcode | easting | northing | quality | small_area_code
        ZZ1 1AA  | 564426  | 465860   | 1       | E01025701
        ZZ1 1AB  | 564426  | 465860   | 1       | S01006506
        ZZ1 1AC  | 0       | 0        | 9       | L99999999
        ZZ1 1AD  | 564426  | 465860   | 1       | -
        """,
    )
    warehouse.expect(
        "stage.postcodes",
        "postcode | small_area_code | fault\nZZ11AA|E01025701|-\nZZ11AB|-|-\nZZ11AC|-|-\nZZ11AD|-|-",
    )
