"""Figures of MSOAs in localities, and what a publisher's licence keeps out."""

import pytest

OPEN = "Open Government Licence v3.0"
NAME = "Emergency admissions for all causes, standardised admission ratio"
COUNT = f"93227: {NAME}: Persons: All ages: Count"
EXPECTED = f"93227: {NAME}: Persons: All ages: Denominator"
RAW = (
    "indicator | indicator_name | area_code | area_type | sex | age | category_type | period |"
    " value_text | numerator | denominator | value_note | licence"
)


def raw(**cells):
    row = {
        "indicator": "93227",
        "indicator_name": NAME,
        "area_code": "E02005350",
        "area_type": "MSOA",
        "sex": "Persons",
        "age": "All ages",
        "category_type": "-",
        "period": "2018/19 - 22/23",
        "value_text": "110",
        "numerator": "110",
        "denominator": "100",
        "value_note": "-",
        "licence": "-",
    } | cells
    return " | ".join(row[c.strip()] for c in RAW.split("|"))


class TestStage:
    def given(self, warehouse, *rows):
        warehouse.given("raw.local_health", "\n".join([RAW, *rows]))

    def test_value_count_and_denominator_stand_in_rows_of_their_own(self, warehouse):
        self.given(warehouse, raw())
        warehouse.expect(
            "stage.local_health",
            f"""
            indicator | area_code | period          | period_start | period_end | publisher_column | publisher_value | licence | fault
            93227 | E02005350 | 2018/19 - 22/23 | 2018-04-01 | 2023-03-31 | {COUNT} | 110 | - | -
            93227 | E02005350 | 2018/19 - 22/23 | 2018-04-01 | 2023-03-31 | {EXPECTED} | 100 | - | -
            93227 | E02005350 | 2018/19 - 22/23 | 2018-04-01 | 2023-03-31 | {COUNT.replace("Count", "Value")} | 110 | - | -
            """,
        )

    @pytest.mark.parametrize(
        ("period", "start", "end"),
        [
            ("2019 - 23", "2019-01-01", "2023-12-31"),
            ("2016/17 - 20/21", "2016-04-01", "2021-03-31"),
            ("2013/14", "2013-04-01", "2014-03-31"),
            ("2015", "2015-01-01", "2015-12-31"),
        ],
    )
    def test_a_period_is_read_to_its_end(self, warehouse, period, start, end):
        self.given(warehouse, raw(period=period))
        warehouse.expect(
            "stage.local_health",
            f"period_start | period_end\n{start} | {end}",
            only="publisher_column like '%Count'",
        )

    def test_other_areas_and_inequality_rows_are_left_out(self, warehouse):
        self.given(
            warehouse,
            raw(area_code="E92000001", area_type="England"),
            raw(area_code="E12000004", area_type="Regions (statistical)"),
            raw(category_type="Deprivation deciles"),
            raw(category_type="''", area_code="E02005351"),
        )
        warehouse.expect(
            "stage.local_health", "area_code\nE02005351", only="publisher_column like '%Count'"
        )

    def test_a_suppressed_figure_is_missing(self, warehouse):
        self.given(warehouse, raw(value_text="''", numerator="-", value_note="Suppressed"))
        warehouse.expect(
            "stage.local_health",
            "publisher_value | value_note | fault\n- | Suppressed | -\n- | Suppressed | -\n100 | Suppressed | -",
        )

    def test_a_denominator_that_is_people_is_not_what_was_expected(self, warehouse):
        """Only the expected count may be added up: 110 of 8,000 people is no ratio of 110."""
        self.given(warehouse, raw(denominator="8000"))
        fault = "its denominator is not the expected count: 110 of 8000 is not 110 per 100"
        warehouse.expect("stage.local_health", f"fault\n{fault}\n{fault}\n{fault}")

    def test_a_ratio_that_was_rounded_is_well(self, warehouse):
        self.given(warehouse, raw(value_text="109.9", denominator="99.6"))
        warehouse.expect("stage.local_health", "fault\n-\n-\n-")

    def test_years_of_life_are_no_ratio(self, warehouse):
        life = raw(
            indicator="93283",
            indicator_name="Life expectancy at birth",
            sex="Male",
            value_text="79.5",
            numerator="310",
            denominator="21000",
        )
        self.given(warehouse, life)
        warehouse.expect("stage.local_health", "fault\n-\n-\n-")

    def test_what_is_said_of_an_indicator_is_one_row(self, warehouse):
        blank = dict.fromkeys([c.strip() for c in RAW.split("|")], "-")
        self.given(
            warehouse,
            raw(**(blank | {"indicator": "93227", "licence": OPEN})),
            raw(**(blank | {"indicator": "93283", "licence": "-"})),
        )
        warehouse.expect(
            "stage.local_health",
            f"indicator | area_code | publisher_column | licence | fault\n93227|-|-|{OPEN}|-\n93283|-|-|''|-",
        )

    @pytest.mark.parametrize(
        ("cells", "fault"),
        [
            ({"area_code": "E05000001"}, "not an MSOA code: E05000001"),
            ({"period": "every year"}, "not a period: every year"),
            ({"numerator": "few"}, "not a number: few"),
            ({"numerator": "-3"}, "a count below zero"),
            ({"indicator": "-"}, "indicator is blank"),
        ],
    )
    def test_what_cannot_be_read_says_why(self, warehouse, cells, fault):
        self.given(warehouse, raw(**cells))
        warehouse.expect("stage.local_health", f"fault\n{fault}\n{fault}\n{fault}")


class TestLicences:
    @pytest.fixture(autouse=True)
    def figures(self, warehouse):
        warehouse.given_measures("fingertips")
        warehouse.given_measures("local_health")
        warehouse.given(
            "stage.fingertips",
            """
            file | indicator | publisher_column                     | area_code | period
            f    | 91547     | 91547: Smoking prevalence in adults  | E07000129 | 2022/23
            f    | 20602     | 20602: Year 6 prevalence of obesity  | E07000129 | 2022/23
            """,
        )
        warehouse.given(
            "stage.local_health",
            f"""
            file | indicator | area_code | period    | publisher_column
            l    | 93227     | E02005350 | 2018 - 22 | {COUNT}
            l    | 93283     | E02005350 | 2018 - 22 | 93283: Life expectancy at birth: Male: All ages: Value
            """,
        )

    def said(self, warehouse, source, indicator, licence, file="m"):
        warehouse.given(
            f"stage.{source}", f"file | indicator | licence\n{file} | {indicator} | {licence}"
        )

    def kept_out(self, warehouse):
        warehouse.build("core.licences", "core.measure_columns", "core.kept_out")
        found = warehouse.con.sql("select measure, gap, reason from core.kept_out order by 1")
        return {m: (gap, reason) for m, gap, reason in found.fetchall() if gap == "withheld"}

    def test_what_is_not_open_is_in_no_measure_and_says_why(self, warehouse):
        self.said(warehouse, "local_health", "93227", OPEN)
        self.said(warehouse, "local_health", "93283", "Non commercial use only. Crown Copyright")
        told = self.kept_out(warehouse)
        assert list(told) == ["life_expectancy_male"]
        assert told["life_expectancy_male"][1] == (
            "withheld: the publisher's licence is not open ('Non commercial use only. Crown Copyright')"
        )
        warehouse.expect(
            "core.measure_columns", "measure\nemergency_admissions", only="source = 'local_health'"
        )

    def test_local_health_must_say_that_it_is_open(self, warehouse):
        told = self.kept_out(warehouse)
        assert set(told) == {"emergency_admissions", "life_expectancy_male"}
        assert all("licence of it is not in hand" in reason for _, reason in told.values())

    def test_profiles_for_councils_are_open_unless_they_say_otherwise(self, warehouse):
        self.said(warehouse, "fingertips", "20602", "Licensed for the NHS only")
        told = self.kept_out(warehouse)
        assert "children_overweight_year_6" in told and "smoking_prevalence" not in told
        warehouse.expect(
            "core.measure_columns", "measure\nsmoking_prevalence", only="source = 'fingertips'"
        )

    @pytest.mark.parametrize(
        ("licence", "is_open"),
        [
            (OPEN, True),
            ("open government license", True),
            ("Available under OGL v3", True),
            ("Open Government Licence; non-commercial use only", False),
            ("Crown copyright", False),
            ("''", False),
        ],
    )
    def test_only_plain_words_are_taken_for_open(self, warehouse, licence, is_open):
        self.said(warehouse, "local_health", "93227", licence)
        assert ("emergency_admissions" not in self.kept_out(warehouse)) == is_open

    def test_of_two_files_the_one_accepted_last_speaks(self, warehouse):
        warehouse.given(
            "catalogue.files", "source | file | position\nlocal_health|old|1\nlocal_health|new|2"
        )
        self.said(warehouse, "local_health", "93227", OPEN, "old")
        self.said(warehouse, "local_health", "93227", "Non commercial use only", "new")
        assert "emergency_admissions" in self.kept_out(warehouse)

    def test_a_number_whose_name_says_something_else_is_not_counted(self, warehouse):
        self.said(warehouse, "local_health", "93229", OPEN)
        warehouse.given(
            "stage.local_health",
            "indicator | area_code | publisher_column\n"
            "93229 | E02005350 | 93229: Emergency admissions for stroke: Persons: All ages: Count",
        )
        warehouse.build("core.licences", "core.measure_columns")
        warehouse.expect("core.measure_columns", "measure", only="measure like 'heart%'")


class TestMsoas:
    """M1 has a quarter and three quarters of its people in A1 and A2; M2 is A3 alone."""

    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given_measures("local_health")
        warehouse.given(
            "core.output_areas",
            """
            output_area_code | small_area_code | msoa_code | people
            O1               | A1              | M1        | 100
            O2               | A1              | M1        | 150
            O3               | A2              | M1        | 750
            O4               | A3              | M2        | 600
            O5               | A9              | M9        | 500
            """,
        )
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | in_place | in_reach
            A1              | true     | true
            A2              | true     | true
            A3              | true     | true
            A9              | false    | false
            """,
        )
        warehouse.given("core.licences", f"source | publisher_column\nlocal_health | {COUNT}")
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | weight
            forum     | WHOLE     | A1              | 1
            forum     | WHOLE     | A2              | 1
            forum     | WHOLE     | A3              | 1
            forum     | MOST      | A1              | 1
            forum     | MOST      | A3              | 1
            forum     | HALF      | A2              | 0.4
            forum     | HALF      | A3              | 0.5
            forum     | PART      | A2              | 1
            """,
        )

    def given(self, warehouse, text, file="l"):
        warehouse.given(
            "stage.local_health",
            "file | indicator | period | publisher_column | area_code | publisher_value\n"
            + "\n".join(
                f"{file} | 93227 | 2018 - 22 | {COUNT} | {row}" for row in text.split("\n")
            ),
        )

    def build(self, warehouse):
        warehouse.build("core.measure_columns", "core.msoa_parts", "core.msoa_files")
        warehouse.build("core.msoa_values")

    def test_a_figure_is_shared_over_small_areas_by_their_residents(self, warehouse):
        self.given(warehouse, "M1 | 80\nM2 | 30\nM9 | 7")
        self.build(warehouse)
        warehouse.expect(
            "core.small_area_values",
            """
            measure              | counts     | small_area_code | value
            emergency_admissions | admissions | A1              | 20
            emergency_admissions | admissions | A2              | 60
            emergency_admissions | admissions | A3              | 30
            """,
        )

    def test_a_score_holds_in_each_part(self, warehouse):
        life = "93283: Life expectancy at birth: Male: All ages: Value"
        warehouse.given("core.licences", f"source | publisher_column\nlocal_health | {life}")
        warehouse.given(
            "stage.local_health",
            f"file | area_code | period | publisher_column | publisher_value\nl | M1 | 2019 - 23 | {life} | 79.5",
        )
        self.build(warehouse)
        warehouse.expect(
            "core.small_area_values",
            "counts | small_area_code | value\nscore|A1|79.5\nscore|A2|79.5",
        )

    def test_a_withheld_msoa_leaves_its_small_areas_without_a_figure(self, warehouse):
        self.given(warehouse, "M1 | -\nM2 | 30")
        self.build(warehouse)
        warehouse.expect("core.small_area_values", "small_area_code | value\nA1|-\nA2|-\nA3|30")

    def test_an_msoa_of_which_an_output_area_has_no_people_has_no_shares(self, warehouse):
        warehouse.given(
            "core.output_areas",
            "output_area_code | small_area_code | msoa_code | people\nO6 | A2 | M1 | -",
        )
        self.given(warehouse, "M1 | 80\nM2 | 30")
        self.build(warehouse)
        warehouse.expect("core.small_area_values", "small_area_code | value\nA1|-\nA2|-\nA3|30")

    def test_how_much_comes_from_msoas_partly_inside(self, warehouse):
        """HALF: 24 of M1's 80 and 15 of M2's 30, both partly; MOST: 20 of M1 and all 30 of M2."""
        self.given(warehouse, "M1 | 80\nM2 | 30")
        self.build(warehouse)
        partly = "of it would come from MSOAs that lie only partly in the area"
        warehouse.expect(
            "core.msoa_cover",
            f"""
            area_code | partial_share | reason        | note
            WHOLE     | 0             | -             | -
            MOST      | 0.4           | -             | indicative: 40% of it comes from MSOAs that lie only partly in the area
            HALF      | 1             | 100% {partly} | -
            PART      | 1             | 100% {partly} | -
            """,
        )

    def test_a_fifth_and_a_half_are_not_over_them(self, warehouse):
        self.given(warehouse, "M1 | 80\nM2 | 20")
        self.build(warehouse)
        warehouse.expect(
            "core.msoa_cover",
            "partial_share | reason | note\n"
            "0.5 | - | indicative: 50% of it comes from MSOAs that lie only partly in the area",
            only="area_code = 'MOST'",
        )
        warehouse.con.execute("delete from core.msoa_values")
        self.given(warehouse, "M1 | 80\nM2 | 80", file="newer")
        warehouse.build("core.msoa_files", "core.msoa_values")
        warehouse.expect(
            "core.msoa_cover",
            "partial_share | reason | note\n0.2 | - | -",
            only="area_code = 'MOST'",
        )

    def test_a_file_on_the_msoas_of_2011_is_used_for_nothing_and_says_why(self, warehouse):
        """M1 was made of OLD1 and OLD2: the file names these and not M1."""
        self.given(warehouse, "OLD1 | 40\nOLD2 | 40\nM2 | 30\nM9 | 7", file="old.csv")
        self.build(warehouse)
        warehouse.expect(
            "core.msoa_files",
            "file | codes | unknown | missing | is_earlier\nold.csv | 4 | 2 | 1 | true",
        )
        warehouse.expect("core.msoa_values", "measure")
        warehouse.expect(
            "core.kept_out",
            "measure | gap | reason\nemergency_admissions | cannot be computed | the MSOAs of old.csv are"
            " those of 2011, whose figures cannot be told in localities of 2021. Put the newest"
            " download in its place",
        )

    def test_a_file_of_one_district_is_well(self, warehouse):
        self.given(warehouse, "M2 | 30")
        self.build(warehouse)
        warehouse.expect("core.msoa_files", "unknown | missing | is_earlier\n0 | 1 | false")

    def test_without_the_lookup_it_says_what_to_put_where(self, warehouse):
        warehouse.con.execute("delete from core.output_areas")
        self.given(warehouse, "M1 | 80")
        self.build(warehouse)
        warehouse.build("core.kept_out")
        ((reason,),) = warehouse.con.sql("select reason from core.kept_out").fetchall()
        assert "under output_areas/" in reason

    def test_of_two_downloads_the_one_accepted_last_is_right(self, warehouse):
        warehouse.given(
            "catalogue.files", "source | file | position\nlocal_health|a|2\nlocal_health|b|1"
        )
        self.given(warehouse, "M1 | 80\nM2 | 1", file="a")
        self.given(warehouse, "M1 | 90\nM2 | 2", file="b")
        self.build(warehouse)
        warehouse.expect("core.msoa_values", "msoa_code | value\nM1 | 80\nM2 | 1")


class TestValues:
    """Observed and expected are added up before they are divided; a locality half in is none."""

    @pytest.fixture(autouse=True)
    def totals(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source       | source_rows  | measure  | method | per | denominator_source | denominator_measure
            ratio        | local_health | observations | observed | rate   | 100 | local_health       | expected
            """,
        )
        warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nratio | forum")
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2")
        warehouse.given(
            "core.area_totals",
            """
            source       | measure  | period    | period_end | area_kind | area_code | total | small_areas | small_areas_with_a_figure
            local_health | observed | 2018 - 22 | 2022-12-31 | forum     | F1        | 120   | 2           | 2
            local_health | observed | 2018 - 22 | 2022-12-31 | forum     | F2        | 60    | 2           | 2
            """,
        )
        warehouse.given(
            "evidence.denominators",
            """
            indicator_id | period    | area_kind | area_code | denominator
            ratio        | 2018 - 22 | forum     | F1        | 150
            ratio        | 2018 - 22 | forum     | F2        | 50
            """,
        )
        warehouse.given(
            "core.msoa_cover",
            """
            source       | measure  | period    | area_kind | area_code | partial_share | reason       | note
            local_health | observed | 2018 - 22 | forum     | F1        | 0.4           | -            | indicative: 40%
            local_health | observed | 2018 - 22 | forum     | F2        | 0.6           | 60% of it... | -
            """,
        )

    def test_no_number_stands_beside_a_reason(self, warehouse):
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | numerator | denominator | value | note
            F1        | 120       | 150         | 80    | indicative: 40%
            F2        | -         | -           | -     | 60% of it...
            """,
        )


def test_a_cell_that_the_licence_keeps_out_is_withheld_with_the_reason(warehouse):
    warehouse.given(
        "catalogue.indicators",
        """
        indicator_id | source       | source_rows  | measure | method
        life         | local_health | observations | years   | weighted_mean
        """,
    )
    warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nlife | forum")
    warehouse.given("catalogue.place", "place_code | place_name\nP | Place")
    warehouse.given("geo.areas", "area_kind | area_code\nforum | F1")
    warehouse.given(
        "core.kept_out",
        "source | measure | gap | reason\nlocal_health | years | withheld | withheld: not open",
    )
    warehouse.expect(
        "evidence.cells",
        "area_code | value | gap | note\nF1 | - | withheld | no figure: withheld: not open",
    )


def test_what_is_said_of_the_profiles_for_councils_is_one_row_without_fault(warehouse):
    warehouse.given(
        "raw.fingertips",
        f"""
        indicator | indicator_name | area_code | area_type | sex     | period | publisher_value | licence
        91547     | -              | -         | -         | -       | -      | -               | {OPEN}
        91547     | Smoking        | E92000001 | England   | Persons | 2015   | 17              | -
        91547     | Smoking        | -         | England   | Persons | 2015   | 17              | -
        """,
    )
    warehouse.expect(
        "stage.fingertips",
        f"""
        row_number | indicator | publisher_column | area_code | licence | fault
        1          | 91547     | 91547            | -         | {OPEN}  | -
        2          | 91547     | 91547: Smoking   | E92000001 | -       | -
        3          | 91547     | 91547: Smoking   | -         | -       | area code is blank
        """,
    )
